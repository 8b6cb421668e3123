//! Signed values with a time: what leaves the server, comes back, and must be unchanged.
//!
//! A value reads `payload.time.code`, each in base64url without padding: the payload's
//! bytes, the signing instant in seconds (big endian, 8 bytes) and HMAC-SHA256 over both.
//! Signed is not secret: whoever holds the value can read the payload.
//!
//! **Invariant:** the label is part of the key, so that a value made for one purpose is
//! no value for another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::keys::{KeyRing, MadeWith, SecretKeys};
use crate::source::SECOND_US;

/// How far ahead of ours the clock of another instance may be before its values are
/// refused, in seconds.
pub const CLOCK_SKEW_S: i64 = 60;

/// Makes and opens signed values of one purpose.
#[derive(Debug, Clone)]
pub struct Signer {
    ring: KeyRing,
}

/// An opened value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub payload: Vec<u8>,
    /// When it was signed, µs UTC (whole seconds).
    pub signed_at: i64,
    /// Whether an older key signed it.
    pub made_with: MadeWith,
}

/// Why a value is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureProblem {
    /// It has not the shape of a signed value.
    Malformed,
    /// Payload, time, label or key is not the one that was signed.
    Altered,
    /// It is older than the caller allows.
    Expired,
    /// It claims to have been signed in the future.
    FromTheFuture,
}

impl Signer {
    /// A signer for one purpose, such as `"verify-email"`.
    #[must_use]
    pub fn new(keys: &SecretKeys, label: &str) -> Self {
        Self { ring: keys.ring(&format!("signed value/{label}")) }
    }

    /// Signs with the current key.
    #[must_use]
    pub fn sign(&self, payload: &[u8], now_us: i64) -> String {
        let time = now_us.div_euclid(SECOND_US).to_be_bytes();
        let code = self.ring.code(&[payload, &time]);
        let mut text = String::with_capacity(payload.len() * 4 / 3 + 60);
        URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(time, &mut text);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(code, &mut text);
        text
    }

    /// Opens a value that is at most `age_us_max` old.
    ///
    /// # Errors
    /// The first thing that is wrong; time is looked at only after the signature.
    pub fn open(&self, text: &str, now_us: i64, age_us_max: i64) -> Result<Signed, SignatureProblem> {
        let mut parts = text.split('.');
        let (Some(payload), Some(time), Some(code), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SignatureProblem::Malformed);
        };
        let payload = decode(payload)?;
        let time: [u8; 8] = decode(time)?.try_into().map_err(|_| SignatureProblem::Malformed)?;
        let code = decode(code)?;
        let Some((made_with, _)) = self.ring.verify(&[&payload, &time], &code) else {
            return Err(SignatureProblem::Altered);
        };
        let signed_at = i64::from_be_bytes(time).saturating_mul(SECOND_US);
        if signed_at > now_us.saturating_add(CLOCK_SKEW_S * SECOND_US) {
            return Err(SignatureProblem::FromTheFuture);
        }
        if now_us.saturating_sub(signed_at) > age_us_max {
            return Err(SignatureProblem::Expired);
        }
        Ok(Signed { payload, signed_at, made_with })
    }
}

fn decode(text: &str) -> Result<Vec<u8>, SignatureProblem> {
    // The engine refuses non-zero trailing bits, so that a value has exactly one spelling.
    URL_SAFE_NO_PAD.decode(text).map_err(|_| SignatureProblem::Malformed)
}
