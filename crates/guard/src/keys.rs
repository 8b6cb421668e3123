//! The secret key, and one derived key per use.
//!
//! Owns: how strong a key must be, how keys are derived (HKDF-SHA256, RFC 5869, one label
//! a use) and how a value made with an older key is still recognised (soft rotation).
//! Must not know: what the values mean.
//!
//! **Invariant:** no key leaves this module; callers get a [`KeyRing`] that makes and
//! checks codes, and `Debug` prints none of it.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::source::Random;

/// Fewest characters that a secret key may have.
pub const KEY_LENGTH_MIN: usize = 50;
/// Fewest different characters that a secret key may have.
pub const KEY_DISTINCT_MIN: usize = 5;
/// The start of the keys that `django-admin startproject` writes into the source.
pub const INSECURE_PREFIX: &str = "django-insecure-";
/// Characters of a generated key.
pub const GENERATED_KEY_LENGTH: usize = 64;

const KEY_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
// A label of the whole house in front of each use keeps these keys apart from those of
// another program that was given the same secret by mistake.
const DERIVATION_SALT: &[u8] = b"guard/v1";

/// What is wrong with a secret key. The key itself is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProblem {
    /// No key, or only blanks.
    Missing,
    /// Fewer than [`KEY_LENGTH_MIN`] characters.
    TooShort {
        /// How many it has.
        length: usize,
    },
    /// Fewer than [`KEY_DISTINCT_MIN`] different characters.
    TooFewDistinct {
        /// How many it has.
        distinct: usize,
    },
    /// It begins with [`INSECURE_PREFIX`]: it was published in a source file.
    PublishedPrefix,
    /// A short piece written again and again.
    Repetitive,
}

/// A key among those given, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakKey {
    /// `None` for the current key, else the position among the fallbacks.
    pub fallback: Option<usize>,
    /// What is wrong.
    pub problem: KeyProblem,
}

/// Every reason why a key may not be used, in a fixed order; empty for a good key.
///
/// ```
/// use guard::keys::{KeyProblem, key_problems};
/// assert_eq!(key_problems(""), [KeyProblem::Missing]);
/// assert!(key_problems("tR8_wq0ZsK3xVb7nMp2LcYf5GhJd9Aa1Ee4Ii6Oo-UuXyTzQrWvBn").is_empty());
/// ```
#[must_use]
pub fn key_problems(key: &str) -> Vec<KeyProblem> {
    if key.trim().is_empty() {
        return vec![KeyProblem::Missing];
    }
    let characters: Vec<char> = key.chars().collect();
    let mut distinct = characters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let mut problems = Vec::new();
    if characters.len() < KEY_LENGTH_MIN {
        problems.push(KeyProblem::TooShort { length: characters.len() });
    }
    if distinct.len() < KEY_DISTINCT_MIN {
        problems.push(KeyProblem::TooFewDistinct { distinct: distinct.len() });
    }
    if key.starts_with(INSECURE_PREFIX) {
        problems.push(KeyProblem::PublishedPrefix);
    }
    if is_repetitive(&characters) {
        problems.push(KeyProblem::Repetitive);
    }
    problems
}

/// Whether the text is one piece repeated (the last repetition may be cut short), or
/// mostly neighbours that are equal.
fn is_repetitive(characters: &[char]) -> bool {
    let length = characters.len();
    let has_period = (1..=length / 2).any(|period| characters.iter().zip(&characters[period..]).all(|(a, b)| a == b));
    let equal_neighbours = characters.windows(2).filter(|pair| pair[0] == pair[1]).count();
    has_period || equal_neighbours * 2 > length
}

/// A new key of 64 characters of `A-Za-z0-9_-`: 384 bits, and safe in shells, `.env`
/// files and service units without quoting.
#[must_use]
pub fn generate_secret_key(random: &(impl Random + ?Sized)) -> String {
    let mut bytes = [0; GENERATED_KEY_LENGTH];
    random.fill(&mut bytes);
    // 256 is a multiple of 64, so that the low six bits favour no character.
    bytes.iter().map(|byte| char::from(KEY_ALPHABET[usize::from(byte & 63)])).collect()
}

/// A short public name of a key: it tells which key signed something and cannot be
/// turned back into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

/// The current secret key and the older ones that still verify.
#[derive(Clone)]
pub struct SecretKeys {
    current: Master,
    fallbacks: Vec<Master>,
}

impl SecretKeys {
    /// Takes the current key and its predecessors, newest first.
    ///
    /// A weak fallback is refused as well: it would verify what anybody can forge.
    ///
    /// # Errors
    /// Every problem of every key at once.
    pub fn new<T: AsRef<str>>(current: &str, fallbacks: &[T]) -> Result<Self, Vec<WeakKey>> {
        let named = std::iter::once((None, current))
            .chain(fallbacks.iter().enumerate().map(|(at, key)| (Some(at), key.as_ref())));
        let problems: Vec<WeakKey> = named
            .flat_map(|(fallback, key)| key_problems(key).into_iter().map(move |problem| WeakKey { fallback, problem }))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            current: Master::new(current),
            fallbacks: fallbacks.iter().map(|key| Master::new(key.as_ref())).collect(),
        })
    }

    /// The keys derived for one use. Two labels never share a key.
    #[must_use]
    pub fn ring(&self, label: &str) -> KeyRing {
        KeyRing {
            current: self.current.derive(label),
            fallbacks: self.fallbacks.iter().map(|master| master.derive(label)).collect(),
        }
    }

    /// 32 bytes derived from the **current** key for a use outside of this module, such as
    /// wrapping a data key. The caller answers for what becomes of them.
    #[must_use]
    pub fn derive_bytes(&self, label: &str) -> [u8; 32] {
        self.current.expand(label)
    }

    /// The same from each fallback, newest first: for unwrapping what an older key wrapped.
    #[must_use]
    pub fn derive_fallback_bytes(&self, label: &str) -> Vec<[u8; 32]> {
        self.fallbacks.iter().map(|master| master.expand(label)).collect()
    }

    /// Public names: the current key's first, then the fallbacks'.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        let ring = self.ring("key name");
        ring.ids().collect()
    }
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKeys(1 current, {} fallbacks)", self.fallbacks.len())
    }
}

#[derive(Clone)]
struct Master(Hkdf<Sha256>);

impl Master {
    fn new(key: &str) -> Self {
        Self(Hkdf::new(Some(DERIVATION_SALT), key.as_bytes()))
    }

    fn expand(&self, label: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.expand(label.as_bytes(), &mut bytes).expect("HKDF-SHA256 gives up to 8,160 bytes and 32 are asked for");
        bytes
    }

    fn derive(&self, label: &str) -> UseKey {
        let mac = Hmac::<Sha256>::new_from_slice(&self.expand(label)).expect("HMAC takes keys of any length");
        let name = self.expand("key name");
        let mut id = [0; 8];
        id.copy_from_slice(&name[..8]);
        UseKey { mac, id: KeyId(id) }
    }
}

/// A key for one use, with its HMAC state prepared: each code costs two compressions less.
#[derive(Clone)]
struct UseKey {
    mac: Hmac<Sha256>,
    id: KeyId,
}

impl UseKey {
    /// Codes the parts with their lengths, so that moving a byte from one part to the
    /// next gives another code.
    fn code(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Which key a value was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeWith {
    /// The key that new values get.
    Current,
    /// An older one: make the value anew when it is convenient.
    Fallback,
}

/// The keys of one use: the current one makes codes, all of them verify.
#[derive(Clone)]
pub struct KeyRing {
    current: UseKey,
    fallbacks: Vec<UseKey>,
}

impl KeyRing {
    /// HMAC-SHA256 over the length-prefixed parts, with the current key.
    #[must_use]
    pub fn code(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.current.code(parts)
    }

    /// The codes that would be accepted: the current key's first.
    pub fn codes(&self, parts: &[&[u8]]) -> impl Iterator<Item = [u8; 32]> {
        std::iter::once(&self.current).chain(&self.fallbacks).map(|key| key.code(parts))
    }

    /// Compares in constant time with what each key would make of the parts.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], code: &[u8]) -> Option<(MadeWith, KeyId)> {
        if bool::from(self.current.code(parts).ct_eq(code)) {
            return Some((MadeWith::Current, self.current.id));
        }
        self.fallbacks
            .iter()
            .find(|key| bool::from(key.code(parts).ct_eq(code)))
            .map(|key| (MadeWith::Fallback, key.id))
    }

    /// The public name of the key that makes new codes.
    #[must_use]
    pub fn current_id(&self) -> KeyId {
        self.current.id
    }

    fn ids(&self) -> impl Iterator<Item = KeyId> {
        std::iter::once(&self.current).chain(&self.fallbacks).map(|key| key.id)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({:?}, {} fallbacks)", self.current.id, self.fallbacks.len())
    }
}
