//! The list of common passwords: some 125,000, of which 23,000 are Spanish words and
//! names. Sources and licences: `wordlists/README.md`.

use crate::fingerprint::fingerprint;

/// Sorted, five bytes each, big endian; made by the build script.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common.bin"));
const WIDTH: usize = 5;

/// How many passwords the list holds.
#[must_use]
pub fn common_password_count() -> usize {
    TABLE.len() / WIDTH
}

/// Whether the password, whatever its case, is on the list. Allocates nothing; some 17
/// comparisons.
///
/// ```
/// use guard::common::is_common;
/// assert!(is_common("Contraseña") && is_common("qwerty123"));
/// assert!(!is_common("tres tristes tigres tragan trigo"));
/// ```
#[must_use]
pub fn is_common(password: &str) -> bool {
    let wanted = fingerprint(password.chars().flat_map(char::to_lowercase));
    let entry = |at: usize| {
        let bytes = &TABLE[at * WIDTH..(at + 1) * WIDTH];
        bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (mut low, mut high) = (0, common_password_count());
    while low < high {
        let middle = low + (high - low) / 2;
        match entry(middle).cmp(&wanted) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}
