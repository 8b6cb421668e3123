//! Hashing, verifying, and which passwords may be chosen.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use guard::common::{common_password_count, is_common};
use guard::password::{Argon2id, BadCost, Cost, PasswordPool, PoolProblem, UnknownHash, Verified};
use guard::source::Random as _;
use guard::validators::{
    Attribute, PASSWORD_LENGTH_DEFAULT, PasswordPolicy, PasswordProblem, PolicyProblem, Validator,
};

use crate::testkit::TestRandom;

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

fn cheap() -> Argon2id {
    Argon2id::unchecked(CHEAP).unwrap()
}

fn cheap_pool() -> PasswordPool {
    PasswordPool::with_limits(cheap(), Arc::new(TestRandom::seeded(5)), 1, 8)
}

#[test]
fn s042_s044_the_default_hash_is_argon2id_at_46_mib_with_a_salt() {
    let hasher = Argon2id::new(Cost::default()).unwrap();
    let stored = hasher.hash("lluvia sobre tejados", [7; 16]);
    assert!(stored.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{stored}");
    assert!(!stored.contains("lluvia"));
    assert_ne!(stored, hasher.hash("lluvia sobre tejados", [8; 16]));
    assert_eq!(hasher.verify("lluvia sobre tejados", &stored), Ok(true));
    assert_eq!(hasher.verify("lluvia sobre tejado", &stored), Ok(false));
    assert!(!hasher.needs_rehash(&stored));
}

#[test]
fn s044_a_cost_below_the_floor_is_refused() {
    let cost = |memory_kib, passes| Cost { memory_kib, passes, lanes: 1 };
    for good in [cost(47_104, 1), cost(19_456, 2), cost(65_536, 3)] {
        assert!(Argon2id::new(good).is_ok(), "{good:?}");
    }
    for bad in [cost(47_103, 1), cost(19_455, 5), cost(0, 1), cost(47_104, 0)] {
        assert_eq!(Argon2id::new(bad).err(), Some(BadCost), "{bad:?}");
    }
}

#[test]
fn a_password_counts_as_it_was_typed() {
    let stored = cheap().hash(" Contraseña ", [1; 16]);
    let others = ["Contraseña", " contraseña ", " Contrasen\u{303}a ", " Contraseña", " Contraseña  "];
    for other in others {
        assert_eq!(cheap().verify(other, &stored), Ok(false), "{other:?}");
    }
    assert_eq!(cheap().verify(" Contraseña ", &stored), Ok(true));
    let long = "ñ".repeat(1024);
    let stored = cheap().hash(&long, [1; 16]);
    assert_eq!(cheap().verify(&long, &stored), Ok(true));
    assert_eq!(cheap().verify(&long[..long.len() - 2], &stored), Ok(false));
}

#[test]
fn hashes_with_other_parameters_verify_and_s046_are_due_for_a_new_one() {
    let weaker = Argon2id::unchecked(Cost { memory_kib: 32, ..CHEAP }).unwrap();
    let stored = weaker.hash("lluvia", [1; 16]);
    assert_eq!(cheap().verify("lluvia", &stored), Ok(true));
    assert!(cheap().needs_rehash(&stored));
    assert!(!weaker.needs_rehash(&cheap().hash("lluvia", [1; 16])));
    let two_passes = Argon2id::unchecked(Cost { passes: 2, ..CHEAP }).unwrap();
    assert!(two_passes.needs_rehash(&cheap().hash("lluvia", [1; 16])));
}

#[test]
fn a_planted_hash_neither_matches_nor_exhausts_the_machine() {
    let salt_and_hash = "AQEBAQEBAQEBAQEBAQEBAQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        String::new(),
        "!".to_owned(),
        "lluvia".to_owned(),
        "pbkdf2_sha256$1000$salt$hash".to_owned(),
        format!("$argon2id$v=19$m=4194304,t=1,p=1${salt_and_hash}"),
        format!("$argon2id$v=19$m=64,t=1000000,p=1${salt_and_hash}"),
        format!("$argon2id$v=19$m=65536,t=1,p=255${salt_and_hash}"),
    ];
    for stored in cases {
        assert_eq!(cheap().verify("lluvia", &stored), Err(UnknownHash), "{stored}");
        assert!(cheap().needs_rehash("") && cheap().needs_rehash("pbkdf2_sha256$1$a$b"));
    }
}

#[tokio::test]
async fn the_pool_verifies_and_says_when_to_hash_anew() {
    let pool = cheap_pool();
    let stored = pool.hash("lluvia sobre tejados").await.unwrap();
    assert_eq!(pool.verify("lluvia sobre tejados", Some(&stored)).await, Ok(Verified::Right));
    assert_eq!(pool.verify("otra", Some(&stored)).await, Ok(Verified::Wrong));
    let weaker = Argon2id::unchecked(Cost { memory_kib: 32, ..CHEAP }).unwrap().hash("lluvia", [1; 16]);
    assert_eq!(pool.verify("lluvia", Some(&weaker)).await, Ok(Verified::RightButRehash));
    assert_eq!(pool.verify("lluvia", None).await, Ok(Verified::Wrong));
    assert_eq!(pool.verify("lluvia", Some("nonsense")).await, Err(PoolProblem::UnknownHash));
    let long = "x".repeat(1025);
    let of_long = cheap().hash(&long, [1; 16]);
    assert_eq!(pool.verify(&long, Some(&of_long)).await, Ok(Verified::Wrong));
    assert_eq!(pool.verify("", Some(&cheap().hash("", [1; 16]))).await, Ok(Verified::Right));
}

#[tokio::test]
async fn even_the_password_of_the_dummy_signs_nobody_in() {
    let mut first_draw = [0; 16];
    TestRandom::seeded(5).fill(&mut first_draw);
    let password = format!("{:032x}", u128::from_be_bytes(first_draw));
    assert_eq!(cheap_pool().verify(&password, None).await, Ok(Verified::Wrong));
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_queued_up_to_a_bound_and_then_turned_away() {
    let slow = Argon2id::unchecked(Cost { memory_kib: 16 * 1024, passes: 2, lanes: 1 }).unwrap();
    let pool = PasswordPool::with_limits(slow, Arc::new(TestRandom::seeded(5)), 1, 2);
    let flood = (0..20).map(|_| pool.verify("x", None));
    let answers = futures_util::future::join_all(flood).await;
    let busy = answers.iter().filter(|answer| **answer == Err(PoolProblem::Busy)).count();
    assert!((1..20).contains(&busy), "{busy}");
    // Nobody waits any more, so that the next one is served.
    let next = tokio::time::timeout(Duration::from_secs(60), pool.verify("x", None)).await;
    assert_eq!(next.unwrap(), Ok(Verified::Wrong));
}

#[tokio::test]
async fn somebody_who_hangs_up_gives_the_place_in_the_queue_back() {
    let pool = PasswordPool::with_limits(cheap(), Arc::new(TestRandom::seeded(5)), 1, 1);
    for _ in 0..50 {
        let mut waiting = Box::pin(pool.verify("x", None));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(waiting);
    }
    let served = tokio::time::timeout(Duration::from_secs(60), pool.verify("x", None)).await;
    assert_eq!(served.unwrap(), Ok(Verified::Wrong));
}

#[test]
fn s039_the_list_has_a_hundred_thousand_passwords_and_five_thousand_spanish_ones() {
    let read = |name: &str| std::fs::read_to_string(format!("wordlists/{name}")).unwrap();
    let passwords: usize =
        ["seclists-100k.txt", "django.txt", "zxcvbn-ts.txt"].iter().map(|name| read(name).lines().count()).sum();
    let spanish = read("zxcvbn-ts-es.txt");
    assert_eq!((passwords, spanish.lines().count()), (101_878, 23_281));
    let lost = passwords + spanish.lines().count() - common_password_count();
    assert_eq!(lost, 0, "two entries share a fingerprint");
    assert!(spanish.lines().all(is_common));
    assert!(read("seclists-100k.txt").lines().all(is_common));
}

#[test]
fn s039_common_passwords_are_found_in_any_case_and_others_are_not() {
    for common in [
        "123456", "password", "PASSWORD1", "Contraseña", "contrasena", "QWERTY123", "barcelona", "Colombia", "iloveyou",
    ] {
        assert!(is_common(common), "{common}");
    }
    let random = TestRandom::seeded(11);
    let wrong = (0..200_000).filter(|_| is_common(&format!("{:016x}", random.next()))).count();
    assert_eq!(wrong, 0);
    assert!(!is_common(""));
}

#[test]
fn s041_validators_answer_to_the_settings_names_with_and_without_prefix() {
    for validator in Validator::ALL {
        let prefixed = format!("applications.cuentas.validators.{}", validator.name());
        assert_eq!(Validator::from_name(validator.name()), Some(validator));
        assert_eq!(Validator::from_name(&prefixed), Some(validator));
    }
    assert_eq!(Validator::from_name("Contrasen\u{303}aComunValidator"), Some(Validator::Common));
    for unknown in ["", "longitudminimavalidator", "django.contrib.auth.LongitudMinimaValidator"] {
        assert_eq!(Validator::from_name(unknown), None, "{unknown}");
    }
}

#[test]
fn s037_a_setting_with_unknown_or_missing_validators_is_refused_whole() {
    let refused = PasswordPolicy::from_names(&["LongitudMinimaValidator", "Nada"], 7).unwrap_err();
    let expected = [
        PolicyProblem::UnknownValidator("Nada".to_owned()),
        PolicyProblem::MissingValidator(Validator::Common),
        PolicyProblem::MissingValidator(Validator::Numeric),
        PolicyProblem::BadLength(7),
    ];
    assert_eq!(refused, expected);
    let three = ["LongitudMinimaValidator", "ContraseñaComunValidator", "ContraseñaNumericaValidator"];
    assert!(PasswordPolicy::from_names(&three, 8).is_ok());
    assert!(PasswordPolicy::from_names(&three, 1025).is_err());
}

#[test]
fn s038_s040_all_reasons_are_given_at_once() {
    use PasswordProblem::{Common, KeyboardWalk, Numeric, Repetitive, SimilarTo, TooLong, TooShort};
    let short = TooShort { min: PASSWORD_LENGTH_DEFAULT };
    let similar = |attribute| SimilarTo { attribute };
    let cases: [(&str, &[PasswordProblem]); 27] = [
        ("lluvia sobre tejados", &[]),
        ("ñandú-veloz-7", &[]),
        ("密碼密碼很長的密碼嗎", &[]),
        ("", std::slice::from_ref(&short)),
        ("zk4!Tq9#w", std::slice::from_ref(&short)),
        ("zk4!Tq9#wP", &[]),
        ("barcelona", &[short.clone(), Common]),
        ("8302957164", &[Numeric]),
        ("٨٣٠٢٩٥٧١٦٤", &[Numeric]),
        ("qwertyuiop", &[Common, KeyboardWalk]),
        ("asdfghjklñ", &[KeyboardWalk]),
        ("Poiuytrewq", &[Common, KeyboardWalk]),
        ("1qaz2wsx3edc4rfv", &[Common, KeyboardWalk]),
        ("asdfqwerzxcv", &[KeyboardWalk]),
        ("abcdefghijkl", &[Common, KeyboardWalk]),
        ("zzzzzzzzzzzz", &[Repetitive]),
        ("k7k7k7k7k7k7", &[Repetitive]),
        ("tumbatumbatumba", &[Repetitive]),
        ("marcela.rios", &[similar("user_name")]),
        ("M4rc3l4R10s!", &[similar("user_name")]),
        ("alecram2024", &[similar("user_name")]),
        ("Maracaná2026", &[similar("shop")]),
        ("maracana tiene nueve lagartijas", &[]),
        ("inventario", &[Common, similar("product")]),
        ("Inventario123", &[similar("product")]),
        ("la luz de mi ventana", &[]),
        ("marcelaperez", &[similar("user_name")]),
    ];
    let known = [
        Attribute { label: "user_name", text: "marcela.rios" },
        Attribute { label: "shop", text: "Tienda Maracaná" },
        Attribute { label: "product", text: "Inventario" },
        Attribute { label: "first_name", text: "Al" },
    ];
    let policy = PasswordPolicy::default();
    let found = cases.map(|(password, _)| (password, policy.problems(password, &known)));
    assert_eq!(found, cases.map(|(password, expected)| (password, expected.to_vec())));
    assert_eq!(policy.problems(&"ñ".repeat(1025), &known), [TooLong { max: 1024 }]);
    assert_eq!(policy.problems(&"lluvia ".repeat(146), &[]), [Repetitive]);
}
