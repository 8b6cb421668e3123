//! Bytes to text: UTF-8, UTF-16 and what Windows calls Latin-1.
//!
//! Owns: the guess. **Invariant:** text that is valid UTF-8 is read as UTF-8; only
//! what is not can be the older encoding, whose every byte means something.

use super::FileRefused;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Enough to see the pattern of zero bytes that UTF-16 has in our languages.
const SAMPLE_BYTES: usize = 4_096;

/// Reads a text file's bytes; a mark at its start decides, otherwise its content.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileRefused> {
    let (encoding, mark_bytes) = Encoding::for_bom(bytes).unwrap_or_else(|| (guess(bytes), 0));
    let (text, had_errors) = encoding.decode_without_bom_handling(&bytes[mark_bytes..]);
    let control = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}');
    // Windows-1252 reads anything, a picture included: control characters give it away.
    if had_errors || text.chars().any(control) {
        return Err(FileRefused::NotATable);
    }
    Ok(text)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let most = sample.len() / 2 - sample.len() / 8;
    if sample.len() >= 4 && second > most && first == 0 {
        UTF_16LE
    } else if sample.len() >= 4 && first > most && second == 0 {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}
