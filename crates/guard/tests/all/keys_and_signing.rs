//! Keys, what is derived from them, and what they sign.

use guard::csrf::{Binding, CsrfTokens};
use guard::keys::{GENERATED_KEY_LENGTH, KeyProblem, MadeWith, SecretKeys, WeakKey, generate_secret_key, key_problems};
use guard::session::{Presented, SessionCodec, SessionId};
use guard::signing::{SignatureProblem, Signer};
use guard::source::{DAY_US, HOUR_US, SECOND_US, SystemRandom};
use uuid::Uuid;

use crate::testkit::{KEY, OTHER_KEY, START_US, TestRandom, keys};

#[test]
fn s003_weak_keys_are_refused_with_every_reason() {
    use KeyProblem::{Missing, PublishedPrefix, Repetitive, TooFewDistinct, TooShort};
    let published = "django-insecure-641xw29uuar#$5&nj!kxjozc+#2#=f6s+4lmziq&_8hnh$#@6$";
    let cases: [(String, &[KeyProblem]); 9] = [
        (KEY.to_owned(), &[]),
        (String::new(), &[Missing]),
        ("   ".to_owned(), &[Missing]),
        (KEY[..49].to_owned(), &[TooShort { length: 49 }]),
        (KEY[..50].to_owned(), &[]),
        ("abcd".repeat(13), &[TooFewDistinct { distinct: 4 }, Repetitive]),
        ("correcthorse".repeat(5), &[Repetitive]),
        (published.to_owned(), &[PublishedPrefix]),
        ("x".repeat(60), &[TooFewDistinct { distinct: 1 }, Repetitive]),
    ];
    for (key, expected) in cases {
        assert_eq!(key_problems(&key), expected, "{key}");
    }
}

#[test]
fn s010_a_weak_fallback_is_refused_like_a_weak_key() {
    let refused = SecretKeys::new(KEY, &[OTHER_KEY, "short"]).unwrap_err();
    assert_eq!(refused[0], WeakKey { fallback: Some(1), problem: KeyProblem::TooShort { length: 5 } });
}

#[test]
fn s008_a_generated_key_has_64_characters_that_need_no_quoting_and_is_strong() {
    let first = generate_secret_key(&SystemRandom);
    let second = generate_secret_key(&SystemRandom);
    assert_ne!(first, second);
    for key in [&first, &second] {
        assert_eq!(key.len(), GENERATED_KEY_LENGTH);
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
        assert_eq!(key_problems(key), []);
    }
}

#[test]
fn s013_no_debug_output_shows_a_key() {
    let keys = keys(KEY, &[OTHER_KEY]);
    let shown = format!("{keys:?} {:?} {:?}", keys.ring("any"), Signer::new(&keys, "any"));
    for at in 0..KEY.len() - 6 {
        assert!(!shown.contains(&KEY[at..at + 6]) && !shown.contains(&OTHER_KEY[at..at + 6]));
    }
}

#[test]
fn each_use_has_a_key_of_its_own() {
    let keys = keys(KEY, &[]);
    let signed = Signer::new(&keys, "reset").sign(b"7", START_US);
    let opened = Signer::new(&keys, "verify-email").open(&signed, START_US, DAY_US);
    assert_eq!(opened, Err(SignatureProblem::Altered));
    assert_ne!(keys.derive_bytes("wrap"), keys.derive_bytes("other"));
}

#[test]
fn a_code_depends_on_where_one_part_ends_and_the_next_begins() {
    let ring = keys(KEY, &[]).ring("any");
    assert_ne!(ring.code(&[b"ab", b"c"]), ring.code(&[b"a", b"bc"]));
}

#[test]
fn s007_a_signed_value_opens_unchanged_and_every_change_is_refused() {
    let signer = Signer::new(&keys(KEY, &[]), "verify-email");
    let text = signer.sign("ñandú@example.com".as_bytes(), START_US);
    let opened = signer.open(&text, START_US + HOUR_US, DAY_US).unwrap();
    assert_eq!(opened.payload, "ñandú@example.com".as_bytes());
    assert_eq!((opened.signed_at, opened.made_with), (START_US, MadeWith::Current));
    for at in 0..text.len() {
        for replacement in ['A', 'B', '.'] {
            let mut altered: Vec<char> = text.chars().collect();
            if altered[at] == replacement {
                continue;
            }
            altered[at] = replacement;
            let altered: String = altered.into_iter().collect();
            assert!(signer.open(&altered, START_US, DAY_US).is_err(), "{at} {replacement}");
        }
    }
    for cut in 0..text.len() {
        assert!(signer.open(&text[..cut], START_US, DAY_US).is_err());
    }
    assert_eq!(signer.open(&format!("{text}.AA"), START_US, DAY_US), Err(SignatureProblem::Malformed));
}

#[test]
fn a_signed_value_lives_as_long_as_its_reader_allows() {
    let signer = Signer::new(&keys(KEY, &[]), "reset");
    let text = signer.sign(b"7", START_US);
    let cases = [
        (START_US, None),
        (START_US + HOUR_US, None),
        (START_US + HOUR_US + 1, Some(SignatureProblem::Expired)),
        (START_US - 60 * SECOND_US, None),
        (START_US - 60 * SECOND_US - 1, Some(SignatureProblem::FromTheFuture)),
    ];
    for (now, expected) in cases {
        assert_eq!(signer.open(&text, now, HOUR_US).err(), expected, "{now}");
    }
}

/// What each of the four uses makes under one key, and whether other keys take it.
fn accepted_by(reader: &SecretKeys) -> [Option<MadeWith>; 3] {
    let random = TestRandom::seeded(1);
    let writer = keys(KEY, &[]);
    let id = SessionId::draw(&random);
    let signed = Signer::new(&writer, "reset").sign(b"7", START_US);
    let opened = Signer::new(reader, "reset").open(&signed, START_US, DAY_US).ok();
    let cookie = SessionCodec::new(&writer).write_session(id);
    let session = match SessionCodec::new(reader).read(&cookie) {
        Some(Presented::Session { made_with, .. }) => Some(made_with),
        _ => None,
    };
    let binding = Binding::Session(Uuid::from_u128(9));
    let token = CsrfTokens::new(&writer).mask(binding, &random);
    let token = CsrfTokens::new(reader).verify(binding, &token);
    [opened.map(|it| it.made_with), session, token.then_some(MadeWith::Current)]
}

#[test]
fn s017_s018_a_new_key_without_fallback_kills_sessions_tokens_and_signed_values() {
    assert_eq!(accepted_by(&keys(KEY, &[])), [Some(MadeWith::Current); 3]);
    assert_eq!(accepted_by(&keys(OTHER_KEY, &[])), [None; 3]);
}

#[test]
fn s010_with_a_fallback_old_values_verify_and_new_ones_use_the_new_key() {
    let rotated = keys(OTHER_KEY, &[KEY]);
    let fallback = Some(MadeWith::Fallback);
    assert_eq!(accepted_by(&rotated), [fallback, fallback, Some(MadeWith::Current)]);
    let signed = Signer::new(&rotated, "reset").sign(b"7", START_US);
    let only_new = keys(OTHER_KEY, &[]);
    assert!(Signer::new(&only_new, "reset").open(&signed, START_US, DAY_US).is_ok());
    assert_eq!(rotated.ids(), [only_new.ids(), keys(KEY, &[]).ids()].concat());
}
