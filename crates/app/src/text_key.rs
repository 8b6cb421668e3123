//! Keys for finding and sorting words: what a person types, without accents.
//!
//! Databases sort and fold differently, so both keys are computed here and
//! stored; the engines compare them byte by byte.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How a text is found: lower case, no accents, ñ as n, one blank between words.
pub fn search_key(text: &str) -> String {
    folded(text, false)
}

/// How a text is sorted: as it is found, but ñ after n, as the alphabet has it.
pub fn sort_key(text: &str) -> String {
    folded(text, true)
}

/// How words are looked for in a stored search key: in their order, whatever stands
/// between them.
pub fn pattern(typed: &str) -> String {
    let key = search_key(typed);
    // These mean something in a pattern; as parts of a name they separate.
    let words = key.split(['%', '_', '\\', ' ']).filter(|word| !word.is_empty());
    words.fold("%".to_owned(), |pattern, word| pattern + word + "%")
}

fn folded(text: &str, keep_enye: bool) -> String {
    let mut key = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        for letter in word.nfc().flat_map(char::to_lowercase) {
            match letter {
                // The tilde stands after every letter of ASCII.
                'ñ' if keep_enye => key.push_str("n~"),
                _ => key.extend(std::iter::once(letter).nfd().filter(|c| !is_combining_mark(*c))),
            }
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_blanks_do_not_hide_a_word() {
        for (typed, key) in [
            ("  Café   Águila ", "cafe aguila"),
            ("PIÑA", "pina"),
            ("Pin\u{303}a", "pina"),
            ("Açaí à granel", "acai a granel"),
        ] {
            assert_eq!(search_key(typed), key);
        }
    }

    #[test]
    fn enye_sorts_between_n_and_o() {
        let mut words = ["Ozono", "Ñame", "Nuez", "Nabo"];
        words.sort_by_key(|word| sort_key(word));
        assert_eq!(words, ["Nabo", "Nuez", "Ñame", "Ozono"]);
    }
}
