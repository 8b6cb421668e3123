//! Limits on guessing: pure decisions over small states that a store keeps.
//!
//! Owns: the rules (how many, in which time, with which waits) and the arithmetic. Must
//! not know: where states are kept (see [`LimitStore`]), who the account belongs to.
//!
//! A try is counted **before** the guess is looked at, and given back when it was right:
//! parallel guesses cannot slip through between looking and counting. Windows slide: no
//! span of an hour, wherever it begins, holds more than the hour's limit.

use std::future::Future;
use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::session::StoreError;
use crate::source::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LimitKind {
    /// Passwords tried for one account, from everywhere.
    SignInAccount,
    /// Passwords tried from one address, for all accounts.
    SignInAddress,
    /// Passwords tried for one account from one known device.
    SignInDevice,
    /// Codes tried (second factor, reset) by one account.
    Code,
    /// Registrations from one address.
    Registration,
    /// Mails asked for from one address.
    Mail,
}

impl LimitKind {
    /// The stable name for stores and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignInAccount => "sign_in_account",
            Self::SignInAddress => "sign_in_address",
            Self::SignInDevice => "sign_in_device",
            Self::Code => "code",
            Self::Registration => "registration",
            Self::Mail => "mail",
        }
    }

    /// The rule that holds for it.
    #[must_use]
    pub fn rule(self) -> Rule {
        let hourly = |tries_max| Rule { window_us: HOUR_US, tries_max, waits: None };
        match self {
            Self::SignInAccount => {
                let waits = Waits { free: 5, first_us: SECOND_US, longest_us: 15 * MINUTE_US };
                Rule { window_us: DAY_US, tries_max: 100, waits: Some(waits) }
            }
            Self::SignInAddress => hourly(30),
            Self::SignInDevice => hourly(10),
            Self::Code | Self::Mail => hourly(5),
            Self::Registration => hourly(3),
        }
    }
}

/// At most `tries_max` within any span of `window_us`, and growing waits in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The span, µs.
    pub window_us: i64,
    /// The most tries in it.
    pub tries_max: usize,
    /// Waits after failures in a row.
    pub waits: Option<Waits>,
}

/// After `free` failures a wait of `first_us`, doubled each time up to `longest_us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// Tries without a wait.
    pub free: u32,
    /// The first wait, µs.
    pub first_us: i64,
    /// The longest wait, µs.
    pub longest_us: i64,
}

impl Waits {
    /// The wait after this many failures in a row.
    #[must_use]
    pub fn after(&self, failures: u32) -> i64 {
        let Some(doublings) = failures.checked_sub(self.free) else {
            return 0;
        };
        // 2³¹ seconds are above any wait that is meant; the shift cannot overflow.
        let factor = 1_i64 << doublings.min(31);
        self.first_us.saturating_mul(factor).min(self.longest_us)
    }
}

/// What is remembered of one key. Instants are µs UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitState {
    /// When the tries of the window were made, oldest first; never more than the rule's
    /// `tries_max`.
    pub tries: Vec<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// Until when nothing is admitted.
    pub wait_until: i64,
}

/// Whether a try may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is counted as failed until [`LimitState::give_back`].
    Admitted,
    /// Not before this instant; nothing was counted.
    WaitUntil(i64),
}

impl LimitState {
    /// Decides on a try at `now_us` and counts it.
    pub fn admit(&mut self, rule: &Rule, now_us: i64) -> Decision {
        if now_us < self.wait_until {
            return Decision::WaitUntil(self.wait_until);
        }
        self.forget_before(now_us.saturating_sub(rule.window_us));
        if let Some(blocking) = self.tries.len().checked_sub(rule.tries_max) {
            return Decision::WaitUntil(self.tries[blocking].saturating_add(rule.window_us));
        }
        if self.tries.is_empty() {
            self.failures = 0;
        }
        self.tries.push(now_us);
        self.failures = self.failures.saturating_add(1);
        if let Some(waits) = &rule.waits {
            self.wait_until = now_us.saturating_add(waits.after(self.failures));
        }
        Decision::Admitted
    }

    /// The try made at `tried_at` was right: it no longer counts, and the row of failures
    /// ends. Other tries of the window stay, so that an owner who signs in now and then
    /// does not hand fresh tries to whoever guesses in between.
    pub fn give_back(&mut self, tried_at: i64) {
        if let Some(at) = self.tries.iter().rposition(|instant| *instant == tried_at) {
            self.tries.remove(at);
        }
        self.failures = 0;
        self.wait_until = 0;
    }

    /// Whether the state says nothing any more and may be deleted.
    #[must_use]
    pub fn is_spent(&self, rule: &Rule, now_us: i64) -> bool {
        let oldest = now_us.saturating_sub(rule.window_us);
        self.wait_until <= now_us && self.tries.iter().all(|instant| *instant <= oldest)
    }

    fn forget_before(&mut self, oldest: i64) {
        self.tries.retain(|instant| *instant > oldest);
    }
}

/// Under what a state is kept. The subject is hashed: a list of keys names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LimitKey {
    /// What is counted.
    pub kind: LimitKind,
    /// 128 bits of SHA-256 over the subject.
    pub subject: [u8; 16],
}

impl LimitKey {
    /// For an account, by the name that was typed, in its one normal form; unknown names
    /// are counted like known ones, so that the limit does not tell which exist.
    #[must_use]
    pub fn of_account(kind: LimitKind, account: &str) -> Self {
        Self::of(kind, &[account.as_bytes()])
    }

    /// For an address; IPv6 by its /64, which is what one customer gets.
    #[must_use]
    pub fn of_address(kind: LimitKind, address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::of(kind, &[b"4", &v4.octets()]),
            IpAddr::V6(v6) => Self::of(kind, &[b"6", &v6.octets()[..8]]),
        }
    }

    /// For an account on a known device.
    #[must_use]
    pub fn of_device(kind: LimitKind, device: Uuid, account: &str) -> Self {
        Self::of(kind, &[device.as_bytes(), account.as_bytes()])
    }

    fn of(kind: LimitKind, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut subject = [0; 16];
        subject.copy_from_slice(&hash.finalize()[..16]);
        Self { kind, subject }
    }
}

/// Where states are kept, shared by all instances and surviving a restart.
pub trait LimitStore: Send + Sync + 'static {
    /// Reads the state (or a fresh one), applies the change and writes it back, with no
    /// other change of the same key in between. `apply` may run more than once when the
    /// store has to try again; it depends on nothing but the state.
    fn update<R: Send>(
        &self,
        key: &LimitKey,
        apply: impl Fn(&mut LimitState) -> R + Send + Sync,
    ) -> impl Future<Output = Result<R, StoreError>> + Send;
}

/// The answer to "may this guess be looked at?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Look at it; then call [`Ticket::give_back`] if it was right.
    Admitted(Ticket),
    /// Answer 429.
    Refused {
        /// Which limit refused.
        kind: LimitKind,
        /// From when the next try is looked at, µs UTC.
        until: i64,
    },
}

/// The tries that one guess was counted under.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a right guess must be given back, a wrong one may be dropped"]
pub struct Ticket {
    keys: Vec<LimitKey>,
    tried_at: i64,
}

impl Ticket {
    /// The guess was right.
    ///
    /// # Errors
    /// When the store fails; the try then stays counted, which errs on the safe side.
    pub async fn give_back(self, store: &impl LimitStore) -> Result<(), StoreError> {
        let tried_at = self.tried_at;
        for key in &self.keys {
            store.update(key, move |state| state.give_back(tried_at)).await?;
        }
        Ok(())
    }
}

/// A password about to be tried.
#[derive(Debug, Clone, Copy)]
pub struct SignInGuess<'a> {
    /// The typed name in its normal form.
    pub account: &'a str,
    /// Where from.
    pub address: IpAddr,
    /// The device, when the browser proved that **this account** remembered it.
    pub known_device: Option<Uuid>,
}

/// Admits or refuses a password. A known device has its own limit and none other, so that
/// nobody else can lock its owner out.
///
/// # Errors
/// When the store fails: refuse the sign-in, for no limit would hold.
pub async fn admit_sign_in(
    store: &impl LimitStore,
    guess: SignInGuess<'_>,
    now_us: i64,
) -> Result<Admission, StoreError> {
    let keys = match guess.known_device {
        Some(device) => {
            vec![LimitKey::of_device(LimitKind::SignInDevice, device, guess.account)]
        }
        // The address comes first: an address that is stopped uses up no account's tries.
        None => vec![
            LimitKey::of_address(LimitKind::SignInAddress, guess.address),
            LimitKey::of_account(LimitKind::SignInAccount, guess.account),
        ],
    };
    admit(store, keys, now_us).await
}

/// Admits or refuses under each of the keys, in their order; the first that refuses ends
/// it.
///
/// # Errors
/// When the store fails.
pub async fn admit(store: &impl LimitStore, keys: Vec<LimitKey>, now_us: i64) -> Result<Admission, StoreError> {
    for key in &keys {
        let rule = key.kind.rule();
        let decision = store.update(key, move |state| state.admit(&rule, now_us)).await?;
        if let Decision::WaitUntil(until) = decision {
            return Ok(Admission::Refused { kind: key.kind, until });
        }
    }
    Ok(Admission::Admitted(Ticket { keys, tried_at: now_us }))
}

/// Whole seconds for `Retry-After`, rounded up and at least one.
#[must_use]
pub fn retry_after_s(until_us: i64, now_us: i64) -> i64 {
    let left = until_us.saturating_sub(now_us).max(1);
    left.saturating_add(SECOND_US - 1) / SECOND_US
}
