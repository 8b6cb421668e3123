//! Limits on guessing, against a virtual clock.

use std::net::IpAddr;

use futures_util::FutureExt as _;
use guard::memory::MemoryLimits;
use guard::rate_limit::{
    Admission, Decision, LimitKey, LimitKind, LimitState, SignInGuess, Waits, admit, admit_sign_in, retry_after_s,
};
use guard::source::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use uuid::Uuid;

use crate::testkit::{START_US, TestRandom};

/// In memory nothing waits, so that a test needs no runtime.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a store in memory answers at once")
}

fn address(number: u32) -> IpAddr {
    IpAddr::V4(number.into())
}

fn guess(account: &str, number: u32) -> SignInGuess<'_> {
    SignInGuess { account, address: address(number), known_device: None }
}

fn is_admitted(limits: &MemoryLimits, guess: SignInGuess<'_>, at: i64) -> bool {
    matches!(now(admit_sign_in(limits, guess, at)).unwrap(), Admission::Admitted(_))
}

#[test]
fn an_account_has_five_free_tries_then_waits_that_double_to_a_quarter_of_an_hour() {
    let mut state = LimitState::default();
    let rule = LimitKind::SignInAccount.rule();
    let mut at = START_US;
    for _ in 0..5 {
        assert_eq!(state.admit(&rule, at), Decision::Admitted);
    }
    let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
    for wait in seconds {
        let until = at + wait * SECOND_US;
        assert_eq!(state.admit(&rule, at), Decision::WaitUntil(until));
        assert_eq!(state.admit(&rule, until - 1), Decision::WaitUntil(until));
        assert_eq!(state.admit(&rule, until), Decision::Admitted);
        at = until;
    }
}

#[test]
fn waits_never_overflow() {
    let waits = Waits { free: 5, first_us: SECOND_US, longest_us: 15 * MINUTE_US };
    assert_eq!((waits.after(0), waits.after(4), waits.after(5)), (0, 0, SECOND_US));
    assert_eq!(waits.after(u32::MAX), 15 * MINUTE_US);
}

#[test]
fn ten_thousand_addresses_get_at_most_a_hundred_tries_an_account_and_day() {
    let limits = MemoryLimits::default();
    let mut admitted = Vec::new();
    for round in 0..200_000_u32 {
        let at = START_US + i64::from(round) * SECOND_US;
        if is_admitted(&limits, guess("marcela", round % 10_000), at) {
            admitted.push(at);
        }
    }
    assert!(admitted.len() >= 100);
    for (first, at) in admitted.iter().enumerate() {
        let in_a_day = admitted[first..].iter().take_while(|other| **other < at + DAY_US).count();
        assert!(in_a_day <= 100, "{in_a_day}");
    }
}

#[test]
fn spraying_accounts_from_one_address_gets_thirty_tries_in_any_hour() {
    let limits = MemoryLimits::default();
    let random = TestRandom::seeded(21);
    let (mut at, mut admitted) = (START_US, Vec::new());
    for number in 0..100_000_u64 {
        at += i64::try_from(random.next() % 20_000_000).unwrap();
        if is_admitted(&limits, guess(&format!("user{number}"), 1), at) {
            admitted.push(at);
        }
    }
    let crowded = admitted.windows(31).filter(|tries| tries[30] - tries[0] < HOUR_US).count();
    assert_eq!(crowded, 0);
    assert!(admitted.len() > 5_000, "the limit admits what it may: {}", admitted.len());
}

#[test]
fn an_ipv6_customer_is_one_address_and_neighbours_are_others() {
    let key = |text: &str| LimitKey::of_address(LimitKind::SignInAddress, text.parse().unwrap());
    assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    assert_ne!(key("192.0.2.1").subject, LimitKey::of_account(LimitKind::Code, "192.0.2.1").subject);
}

#[test]
fn a_known_device_is_never_locked_out_by_others_and_has_ten_tries_an_hour() {
    let limits = MemoryLimits::default();
    for number in 0..1_000 {
        is_admitted(&limits, guess("marcela", number), START_US);
    }
    let device = Uuid::from_u128(5);
    let owner = SignInGuess { known_device: Some(device), ..guess("marcela", 1) };
    for _ in 0..10 {
        assert!(is_admitted(&limits, owner, START_US));
    }
    assert!(!is_admitted(&limits, owner, START_US + HOUR_US - 1));
    assert!(is_admitted(&limits, owner, START_US + HOUR_US));
    // The device is remembered for one account: for another it opens no further tries.
    assert_ne!(
        LimitKey::of_device(LimitKind::SignInDevice, device, "marcela"),
        LimitKey::of_device(LimitKind::SignInDevice, device, "pedro"),
    );
}

#[test]
fn while_waiting_nothing_is_counted_and_the_answer_says_how_long() {
    let limits = MemoryLimits::default();
    for _ in 0..5 {
        assert!(is_admitted(&limits, guess("marcela", 1), START_US));
    }
    for number in 2..20 {
        let refused = now(admit_sign_in(&limits, guess("marcela", number), START_US)).unwrap();
        let until = START_US + SECOND_US;
        assert_eq!(refused, Admission::Refused { kind: LimitKind::SignInAccount, until });
    }
    assert!(is_admitted(&limits, guess("marcela", 30), START_US + SECOND_US));
    let cases = [(1, 1), (SECOND_US, 1), (SECOND_US + 1, 2), (15 * MINUTE_US, 900), (-5, 1)];
    for (left, expected) in cases {
        assert_eq!(retry_after_s(START_US + left, START_US), expected);
    }
}

#[test]
fn an_address_that_is_stopped_uses_up_no_accounts_tries() {
    let limits = MemoryLimits::default();
    for number in 0..30 {
        assert!(is_admitted(&limits, guess(&format!("user{number}"), 1), START_US));
    }
    for _ in 0..10 {
        assert!(!is_admitted(&limits, guess("marcela", 1), START_US));
    }
    for _ in 0..5 {
        assert!(is_admitted(&limits, guess("marcela", 2), START_US));
    }
}

#[test]
fn a_right_password_ends_the_row_and_gives_only_its_own_try_back() {
    let limits = MemoryLimits::default();
    let mut at = START_US;
    let mut wrong = 0;
    // The owner signs in every ten minutes; a guesser uses each reset to the full.
    while at < START_US + DAY_US {
        for number in 0..5 {
            wrong += u32::from(is_admitted(&limits, guess("marcela", number + 100), at));
        }
        at += 10 * MINUTE_US;
        match now(admit_sign_in(&limits, guess("marcela", 1), at)).unwrap() {
            Admission::Admitted(ticket) => now(ticket.give_back(&limits)).unwrap(),
            Admission::Refused { .. } => {}
        }
    }
    assert_eq!(wrong, 100);
}

#[test]
fn codes_registrations_and_mails_have_their_own_hours() {
    let cases = [(LimitKind::Code, 5), (LimitKind::Registration, 3), (LimitKind::Mail, 5)];
    for (kind, expected) in cases {
        let limits = MemoryLimits::default();
        let keys = || vec![LimitKey::of_address(kind, address(1))];
        let tries =
            (0..20).filter(|_| matches!(now(admit(&limits, keys(), START_US)).unwrap(), Admission::Admitted(_)));
        assert_eq!(tries.count(), expected, "{kind:?}");
        let later = now(admit(&limits, keys(), START_US + HOUR_US)).unwrap();
        assert!(matches!(later, Admission::Admitted(_)));
    }
}

#[test]
fn a_state_is_spent_when_it_no_longer_matters() {
    let mut state = LimitState::default();
    let rule = LimitKind::SignInAccount.rule();
    assert!(state.is_spent(&rule, START_US));
    state.admit(&rule, START_US);
    assert!(!state.is_spent(&rule, START_US + DAY_US - 1));
    assert!(state.is_spent(&rule, START_US + DAY_US));
}

/// `cargo xtask evidence` runs this; the same arithmetic is in the tests above.
#[test]
fn a_million_attempts_from_ten_thousand_addresses_stay_within_every_limit() {
    let random = TestRandom::seeded(77);
    let rules = [LimitKind::SignInAccount.rule(), LimitKind::SignInAddress.rule()];
    let mut accounts = vec![LimitState::default(); 50];
    let mut addresses = vec![LimitState::default(); 10_000];
    let mut at = START_US;
    for _ in 0..1_000_000 {
        at += i64::try_from(random.next() % 200_000).unwrap();
        let from = usize::try_from(random.next() % 10_000).unwrap();
        let account = usize::try_from(random.next() % 50).unwrap();
        if addresses[from].admit(&rules[1], at) == Decision::Admitted {
            accounts[account].admit(&rules[0], at);
        }
    }
    assert!(accounts.iter().all(|state| state.tries.len() <= 100));
    assert!(addresses.iter().all(|state| state.tries.len() <= 30));
    assert!(accounts.iter().any(|state| state.tries.len() > 20));
}
