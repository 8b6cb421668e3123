//! A password that is read aloud once and changed at the first sign-in.

use guard::source::{Random, random_bytes};

/// Letters and digits that nobody confuses: no 0 and o, no 1, i and l.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Fifteen letters of 31 are 74 bits.
const GROUPS: usize = 3;
const GROUP_LETTERS: usize = 5;

/// Draws one: three groups of five, each letter as likely as the other.
pub fn draw(random: &dyn Random) -> String {
    let mut password = String::with_capacity(GROUPS * (GROUP_LETTERS + 1));
    while password.len() < GROUPS * (GROUP_LETTERS + 1) - 1 {
        let [byte] = random_bytes::<1>(random);
        // 248 is the largest multiple of 31 in a byte: what lies above would favour some.
        if byte >= 248 {
            continue;
        }
        password.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        if matches!(password.len(), 5 | 11) {
            password.push('-');
        }
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;
    use guard::source::SystemRandom;
    use std::collections::BTreeSet;

    #[test]
    fn it_has_three_groups_of_five_and_never_repeats() {
        let drawn: BTreeSet<String> = (0..200).map(|_| draw(&SystemRandom)).collect();
        assert_eq!(drawn.len(), 200);
        for password in drawn {
            let groups: Vec<&str> = password.split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5, 5, 5], "{password}");
            assert!(password.bytes().all(|letter| letter == b'-' || LETTERS.contains(&letter)));
        }
    }
}
