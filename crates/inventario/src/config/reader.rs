//! Turning texts into typed values, one setting at a time.
//!
//! Every method leaves a line for `config show` and a problem where the text is
//! wrong; it returns the default then, so that reading goes on and all problems
//! are found together. **Invariant:** a problem never repeats what was given for
//! a secret or for a boolean.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::problem::{Problem, Severity};
use super::secret::{MASK, Secret};
use super::settings;
use super::sources::{Origin, Sources};

/// A line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The setting.
    pub name: &'static str,
    /// What is in effect; masked for a secret, `None` when there is nothing.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// Whether this is development or production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `DEBUG` is exactly `True`: this machine only, defaults that need nothing.
    Development,
    /// Everything else: secure, or no start.
    Production,
}

impl Mode {
    /// The value for this mode.
    pub fn pick<T>(self, development: T, production: T) -> T {
        match self {
            Self::Development => development,
            Self::Production => production,
        }
    }
}

/// Reads settings from the sources.
pub struct Reader<'a> {
    sources: &'a Sources,
    /// The mode, once `DEBUG` has been read.
    pub mode: Mode,
    /// One line for each setting read so far.
    pub shown: Vec<Shown>,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Begins with `DEBUG`, on which all defaults depend.
    pub fn new(sources: &'a Sources) -> Self {
        let mut reader = Self { sources, mode: Mode::Production, shown: Vec::new(), problems: Vec::new() };
        reader.read_debug();
        reader
    }

    /// `DEBUG` alone is off for any text but `True`; where the text looks like a yes, it is said.
    fn read_debug(&mut self) {
        let given = self.given("DEBUG");
        if given.as_deref() == Some("True") {
            self.mode = Mode::Development;
        } else if given.is_some_and(|text| looks_like_yes(&text)) {
            self.warn(
                "DEBUG",
                "looks like a yes and is taken as off",
                "write True for development, False for production",
            );
        }
        let value = self.mode.pick("True", "False").to_owned();
        self.show("DEBUG", Some(value));
    }

    /// The text as given, an empty one included.
    pub fn given(&self, name: &str) -> Option<String> {
        self.sources.get(name).map(|value| value.text.clone())
    }

    /// The text as given, if there is any.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let text = self.given(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        self.show(name, text.clone());
        text
    }

    /// The text as given, or the default.
    pub fn text_or(&mut self, name: &'static str, default: &str) -> String {
        match self.text(name) {
            Some(text) => text,
            None => {
                self.show(name, Some(default.to_owned()));
                default.to_owned()
            }
        }
    }

    /// A secret, if there is any. Blanks around it are kept: they may belong to it.
    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let text = self.given(name).filter(|text| !text.trim().is_empty());
        self.show(name, text.as_ref().map(|_| MASK.to_owned()));
        text.map(Secret::new)
    }

    /// The entries between the commas, without the blanks around them.
    pub fn list(&mut self, name: &'static str, default: &[&str]) -> Vec<String> {
        let entries: Vec<String> = match self.given(name) {
            Some(text) if text.trim().is_empty() => Vec::new(),
            Some(text) => text.split(',').map(|entry| entry.trim().to_owned()).collect(),
            None => default.iter().map(|&entry| entry.to_owned()).collect(),
        };
        self.show(name, Some(entries.join(",")));
        entries
    }

    /// Exactly `True` or `False`.
    pub fn boolean(&mut self, name: &'static str, default: bool) -> bool {
        let value = match self.given(name).as_deref() {
            Some("True") => true,
            Some("False") => false,
            Some(_) => {
                self.refuse(name, "is neither True nor False", "write exactly True or False");
                default
            }
            None => default,
        };
        self.show(name, Some(if value { "True" } else { "False" }.to_owned()));
        value
    }

    /// A boolean that is fixed; the other value is refused with the reason.
    pub fn fixed(&mut self, name: &'static str, fixed: bool, reason: &str) -> bool {
        if self.boolean(name, fixed) != fixed {
            let what = format!("cannot be {}, because {reason}", if fixed { "False" } else { "True" });
            self.refuse(name, &what, "remove it");
        }
        self.show(name, Some(if fixed { "True" } else { "False" }.to_owned()));
        fixed
    }

    /// A whole number within a range.
    pub fn number(&mut self, name: &'static str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let value = match self.given(name) {
            None => default,
            Some(text) => match text.trim().parse::<u32>() {
                Ok(number) if range.contains(&number) => number,
                _ => {
                    let remedy = format!("write a whole number from {} to {}", range.start(), range.end());
                    self.refuse(name, "is not a number in its range", &remedy);
                    default
                }
            },
        };
        self.show(name, Some(value.to_string()));
        value
    }

    /// One of a few words, compared exactly.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)], default: &str) -> T {
        let word = self.text_or(name, default);
        let chosen = choices.iter().find(|(choice, _)| *choice == word);
        match chosen {
            Some((_, value)) => *value,
            None => {
                let words: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
                self.refuse(name, "is none of its choices", &format!("write one of {}", words.join(", ")));
                self.show(name, Some(default.to_owned()));
                let fallback = choices.iter().find(|(choice, _)| *choice == default);
                fallback.map_or(choices[0].1, |(_, value)| *value)
            }
        }
    }

    /// Notes what is in effect, in the place of what was noted before.
    pub fn show(&mut self, name: &'static str, value: Option<impl Display>) {
        debug_assert!(settings::find(name).is_some(), "{name} is not in the list of settings");
        let origin = self.sources.get(name).map_or(Origin::Default, |value| value.origin.clone());
        let value = value.map(|value| value.to_string());
        match self.shown.iter_mut().find(|shown| shown.name == name) {
            Some(shown) => shown.value = value,
            None => self.shown.push(Shown { name, value, origin }),
        }
    }

    /// The start is refused for this.
    pub fn refuse(&mut self, setting: &str, what: &str, remedy: &str) {
        self.note(Severity::Error, setting, what, remedy);
    }

    /// This is said at every start.
    pub fn warn(&mut self, setting: &str, what: &str, remedy: &str) {
        self.note(Severity::Warning, setting, what, remedy);
    }

    fn note(&mut self, severity: Severity, setting: &str, what: &str, remedy: &str) {
        self.problems.push(Problem {
            severity,
            setting: setting.to_owned(),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}

fn looks_like_yes(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "y" | "t" | "si" | "sí")
}
