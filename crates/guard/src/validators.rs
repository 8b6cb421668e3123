//! Rules for choosing a password, under the names that `AUTH_PASSWORD_VALIDATORS` uses.
//!
//! All reasons are given at once, typed, so that the application can say them in any
//! language beside the field. The password is looked at as it was typed; folding serves
//! only to compare it with names.

use unicode_normalization::UnicodeNormalization as _;

use crate::common::is_common;
use crate::password::PASSWORD_LENGTH_MAX;

/// The fewest characters that a setting may ask for.
pub const PASSWORD_LENGTH_FLOOR: usize = 8;
/// The fewest characters, unless a setting says more.
pub const PASSWORD_LENGTH_DEFAULT: usize = 10;

/// The package in which the Django application keeps its validators.
const NAME_PREFIX: &str = "applications.cuentas.validators.";

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validator {
    /// Length between the limits.
    Length,
    /// Not on the list of common passwords.
    Common,
    /// Not of digits only.
    Numeric,
    /// Not a name that belongs to the person or the house, a walk over the keyboard or a
    /// repetition.
    Similarity,
}

impl Validator {
    /// All, in the order in which reasons are given.
    pub const ALL: [Self; 4] = [Self::Length, Self::Common, Self::Numeric, Self::Similarity];

    /// The name in the setting.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Length => "LongitudMinimaValidator",
            Self::Common => "ContraseñaComunValidator",
            Self::Numeric => "ContraseñaNumericaValidator",
            Self::Similarity => "SimilitudValidator",
        }
    }

    /// Reads the name, with or without the Django application's prefix. The `ñ` may be
    /// written as one character or as two.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name: String = name.trim().nfc().collect();
        let name = name.strip_prefix(NAME_PREFIX).unwrap_or(&name);
        Self::ALL.into_iter().find(|validator| validator.name() == name)
    }
}

/// What is wrong with the setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyProblem {
    /// No validator has this name.
    UnknownValidator(String),
    /// One of the three that may not be left out.
    MissingValidator(Validator),
    /// The shortest length is below [`PASSWORD_LENGTH_FLOOR`] or above the longest.
    BadLength(usize),
}

/// Why a password is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than `min`.
    TooShort {
        /// What is asked for.
        min: usize,
    },
    /// More characters than `max`.
    TooLong {
        /// What is allowed.
        max: usize,
    },
    /// On the list of common passwords.
    Common,
    /// Digits only.
    Numeric,
    /// Little more than something that others know about the person or the house.
    SimilarTo {
        /// The label that the caller gave, such as `"email"`.
        attribute: &'static str,
    },
    /// Neighbours on a keyboard or in the alphabet.
    KeyboardWalk,
    /// The same again and again.
    Repetitive,
}

/// Something that others know: a label for the message, and the text.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    /// For [`PasswordProblem::SimilarTo`].
    pub label: &'static str,
    /// The text, as it is kept.
    pub text: &'a str,
}

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    validators: Vec<Validator>,
    length_min: usize,
}

impl Default for PasswordPolicy {
    /// All four, at least ten characters.
    fn default() -> Self {
        Self { validators: Validator::ALL.to_vec(), length_min: PASSWORD_LENGTH_DEFAULT }
    }
}

impl PasswordPolicy {
    /// Reads the setting.
    ///
    /// # Errors
    /// Every unknown name, every one of the first three that is missing, a bad length.
    pub fn from_names<T: AsRef<str>>(names: &[T], length_min: usize) -> Result<Self, Vec<PolicyProblem>> {
        let mut problems = Vec::new();
        let mut validators = Vec::new();
        for name in names.iter().map(AsRef::as_ref) {
            match Validator::from_name(name) {
                Some(validator) if validators.contains(&validator) => {}
                Some(validator) => validators.push(validator),
                None => problems.push(PolicyProblem::UnknownValidator(name.to_owned())),
            }
        }
        let required = [Validator::Length, Validator::Common, Validator::Numeric];
        let missing = required.into_iter().filter(|needed| !validators.contains(needed));
        problems.extend(missing.map(PolicyProblem::MissingValidator));
        if !(PASSWORD_LENGTH_FLOOR..=PASSWORD_LENGTH_MAX).contains(&length_min) {
            problems.push(PolicyProblem::BadLength(length_min));
        }
        if problems.is_empty() { Ok(Self { validators, length_min }) } else { Err(problems) }
    }

    /// The fewest characters.
    #[must_use]
    pub fn length_min(&self) -> usize {
        self.length_min
    }

    /// Every reason against the password, in a fixed order; empty for a good one.
    ///
    /// ```
    /// use guard::validators::{Attribute, PasswordPolicy, PasswordProblem};
    /// let policy = PasswordPolicy::default();
    /// let known = [Attribute { label: "user_name", text: "marcela" }];
    /// assert!(policy.problems("lluvia sobre tejados", &known).is_empty());
    /// assert_eq!(
    ///     policy.problems("123", &known),
    ///     [PasswordProblem::TooShort { min: 10 }, PasswordProblem::Common, PasswordProblem::Numeric],
    /// );
    /// ```
    #[must_use]
    pub fn problems(&self, password: &str, known: &[Attribute<'_>]) -> Vec<PasswordProblem> {
        let mut problems = Vec::new();
        let length = password.chars().take(PASSWORD_LENGTH_MAX + 1).count();
        if length > PASSWORD_LENGTH_MAX {
            // The other rules are not worth the time on a text of any size.
            return vec![PasswordProblem::TooLong { max: PASSWORD_LENGTH_MAX }];
        }
        for validator in Validator::ALL.iter().filter(|one| self.validators.contains(one)) {
            match validator {
                Validator::Length if length < self.length_min => {
                    problems.push(PasswordProblem::TooShort { min: self.length_min });
                }
                Validator::Common if is_common(password) => problems.push(PasswordProblem::Common),
                Validator::Numeric if length > 0 && password.chars().all(char::is_numeric) => {
                    problems.push(PasswordProblem::Numeric);
                }
                Validator::Similarity => similarity_problems(password, known, &mut problems),
                Validator::Length | Validator::Common | Validator::Numeric => {}
            }
        }
        problems
    }
}

fn similarity_problems(password: &str, known: &[Attribute<'_>], problems: &mut Vec<PasswordProblem>) {
    let folded = fold(password);
    for attribute in known {
        let problem = PasswordProblem::SimilarTo { attribute: attribute.label };
        if is_similar(&folded, attribute.text) && !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let lower: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    if is_keyboard_walk(&lower) {
        problems.push(PasswordProblem::KeyboardWalk);
    }
    if is_repetition(&lower) {
        problems.push(PasswordProblem::Repetitive);
    }
}

/// What a guesser tries for the same word: no accents, one case, digits and signs that
/// stand for letters read as letters, nothing else kept.
fn fold(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).filter_map(plain_letter).collect()
}

fn plain_letter(character: char) -> Option<char> {
    Some(match character {
        '0' => 'o',
        '1' | '!' | 'l' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other if other.is_alphanumeric() => other,
        _ => return None,
    })
}

/// Fewest characters of a piece of an attribute that count as the attribute.
const PIECE_LENGTH_MIN: usize = 4;
/// Fewest characters of a whole attribute that count.
const WHOLE_LENGTH_MIN: usize = 3;
/// A password may hold a known word if this much else is in it.
const REST_LENGTH_MIN: usize = 8;

fn is_similar(folded: &str, attribute: &str) -> bool {
    let whole = fold(attribute);
    let pieces = attribute.split(|character: char| !character.is_alphanumeric()).map(fold);
    let long_pieces = pieces.filter(|piece| piece.chars().count() >= PIECE_LENGTH_MIN);
    let whole_counts = whole.chars().count() >= WHOLE_LENGTH_MIN;
    std::iter::once(whole.clone())
        .filter(|_| whole_counts)
        .chain(long_pieces)
        .any(|word| is_little_more_than(folded, &word))
        || (folded.chars().count() >= PIECE_LENGTH_MIN && whole.contains(folded))
}

fn is_little_more_than(folded: &str, word: &str) -> bool {
    let reversed: String = word.chars().rev().collect();
    [word, &reversed]
        .into_iter()
        .any(|word| folded.contains(word) && folded.replace(word, "").chars().count() < REST_LENGTH_MIN)
}

/// Neighbours: rows and slanted columns of the keyboards sold in Latin America and Spain,
/// and the alphabet.
const WALKS: [&str; 9] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjklñ",
    "asdfghjkl;",
    "zxcvbnm,.-",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!\"#$%&/()=",
];
/// A shorter run is chance.
const RUN_LENGTH_MIN: usize = 4;

/// Whether at least four fifths of the password are runs along a walk, in either
/// direction.
fn is_keyboard_walk(password: &[char]) -> bool {
    let mut covered = 0;
    let mut at = 0;
    while at < password.len() {
        let run = longest_run(&password[at..]);
        if run >= RUN_LENGTH_MIN {
            covered += run;
            at += run;
        } else {
            at += 1;
        }
    }
    covered * 5 >= password.len() * 4 && covered > 0
}

fn longest_run(rest: &[char]) -> usize {
    let along = |walk: &str| {
        let forward = common_run(rest, walk.chars());
        let backward = common_run(rest, walk.chars().rev());
        forward.max(backward)
    };
    WALKS.iter().map(|walk| along(walk)).max().unwrap_or(0)
}

/// How many characters of `rest` follow the walk, from wherever it meets the first.
fn common_run(rest: &[char], walk: impl Iterator<Item = char> + Clone) -> usize {
    let Some(first) = rest.first() else { return 0 };
    let from_first = walk.skip_while(|character| character != first);
    from_first.zip(rest).take_while(|(walked, typed)| walked == *typed).count()
}

/// Whether a short piece is repeated through the whole, or each character occurs three
/// times on average.
fn is_repetition(password: &[char]) -> bool {
    let length = password.len();
    if length < 2 {
        return false;
    }
    let mut distinct = password.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let repeats = |period: usize| password.iter().zip(&password[period..]).all(|(a, b)| a == b);
    distinct.len() * 3 <= length || (1..=length / 2).any(repeats)
}
