//! Where settings come from: flags, the environment, `.env`, `inventario.toml`,
//! in this order, and for secrets the file that `NAME_FILE` names.
//!
//! It knows names and texts, not what a setting means.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::dotenv;
use super::problem::{Problem, Severity};
use super::settings::{self, SETTINGS};

/// A secret in a file is a key or an address; anything longer is the wrong file.
const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command.
    Flag,
    /// The environment.
    Environment,
    /// The `.env` file of the working directory.
    DotEnv {
        /// The line, from 1.
        line: usize,
    },
    /// `inventario.toml` of the working directory.
    File,
    /// The file that `NAME_FILE` names, itself given by the second.
    SecretFile(Box<Origin>),
    /// Nobody gave it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::DotEnv { line } => write!(f, ".env line {line}"),
            Self::File => f.write_str("inventario.toml"),
            Self::SecretFile(named_by) => write!(f, "secret file named by {named_by}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A text and where it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// As it was given.
    pub text: String,
    /// Who gave it.
    pub origin: Origin,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value may be a secret; where it came from never is.
        f.debug_struct("Value").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What the places to look into are.
pub struct Places<'a> {
    /// The flags that were given: setting and text.
    pub flags: Vec<(&'static str, String)>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder of `.env` and `inventario.toml`.
    pub folder: &'a Path,
}

/// Every setting that somebody gave.
#[derive(Debug, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, Value>,
}

impl Sources {
    /// Looks into all places. All problems are returned together with what could be read.
    pub fn gather(places: Places<'_>) -> (Self, Vec<Problem>) {
        let mut gathered = Gathering { folder: places.folder.to_path_buf(), ..Gathering::default() };
        for (name, text) in places.flags {
            gathered.given.push((name.to_owned(), Value { text, origin: Origin::Flag }));
        }
        gathered.add_environment(places.environment);
        gathered.add_dotenv();
        gathered.add_file();
        gathered.finish()
    }

    /// The value of a setting, if somebody gave one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

/// The state of looking: all names as given, the stronger source first.
#[derive(Default)]
struct Gathering {
    folder: PathBuf,
    given: Vec<(String, Value)>,
    problems: Vec<Problem>,
}

impl Gathering {
    fn refuse(&mut self, setting: &str, what: &str, remedy: impl Into<String>) {
        self.problems.push(Problem {
            severity: Severity::Error,
            setting: setting.to_owned(),
            what: what.to_owned(),
            remedy: remedy.into(),
        });
    }

    fn add_environment(&mut self, environment: Vec<(OsString, OsString)>) {
        for (name, text) in environment {
            let Some(name) = name.to_str().filter(|name| is_ours(name)) else {
                continue;
            };
            match text.into_string() {
                Ok(text) => {
                    self.given.push((name.to_owned(), Value { text, origin: Origin::Environment }));
                }
                Err(_) => self.refuse(name, "is not UTF-8 in the environment", "write it as UTF-8 text"),
            }
        }
    }

    fn add_dotenv(&mut self) {
        let Some(text) = self.read_optional(".env") else {
            return;
        };
        let (entries, bad_lines) = dotenv::parse(&text);
        for bad in bad_lines {
            let what = format!("line {} cannot be read", bad.line);
            self.refuse(".env", &what, format!("it {}", bad.kind));
        }
        // Other programs keep their variables in the same file: unknown names are theirs.
        for entry in entries.into_iter().filter(|entry| is_ours(&entry.name)) {
            let origin = Origin::DotEnv { line: entry.line };
            self.given.push((entry.name, Value { text: entry.value, origin }));
        }
    }

    fn add_file(&mut self) {
        const NAME: &str = "inventario.toml";
        let Some(text) = self.read_optional(NAME) else {
            return;
        };
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                // The error's own display quotes the line, which may hold a secret.
                let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
                self.refuse(NAME, &format!("is not TOML near line {line}"), "write key = \"value\"");
                return;
            }
        };
        for (key, value) in table {
            let name = key.to_ascii_uppercase();
            if key != key.to_ascii_lowercase() || !is_ours(&name) {
                self.refuse(NAME, &format!("has the unknown key `{key}`"), nearest(&key));
                continue;
            }
            match as_text(&value) {
                Some(text) => self.given.push((name, Value { text, origin: Origin::File })),
                None => self.refuse(
                    NAME,
                    &format!("gives `{key}` a value of the wrong kind"),
                    "a setting is a text, a whole number, true or false, or a list of texts",
                ),
            }
        }
    }

    /// A file that need not be there.
    fn read_optional(&mut self, name: &str) -> Option<String> {
        match fs::read_to_string(self.folder.join(name)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let remedy = format!("make it readable for this user, as UTF-8 text ({error})");
                self.refuse(name, "cannot be read", remedy);
                None
            }
        }
    }

    /// The first value given for a name wins, because the stronger sources were asked first.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.given.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
    }

    fn finish(mut self) -> (Sources, Vec<Problem>) {
        let mut sources = Sources::default();
        for setting in SETTINGS {
            let plain = self.take(setting.name);
            let file = if setting.is_secret() { self.take(&format!("{}_FILE", setting.name)) } else { None };
            let value = match (plain, file) {
                (Some(plain), Some(file)) => {
                    let what = format!("and {}_FILE are both given ({}; {})", setting.name, plain.origin, file.origin);
                    self.refuse(setting.name, &what, "keep one of the two");
                    continue;
                }
                (Some(plain), None) => Some(plain),
                (None, Some(file)) => self.read_secret(setting.name, file),
                (None, None) => None,
            };
            if let Some(value) = value {
                sources.values.insert(setting.name, value);
            }
        }
        (sources, self.problems)
    }

    fn read_secret(&mut self, name: &str, file: Value) -> Option<Value> {
        let path = self.folder.join(&file.text);
        let variable = format!("{name}_FILE");
        let read = fs::metadata(&path).and_then(|about| {
            if about.len() > SECRET_FILE_BYTES_MAX {
                return Err(std::io::Error::other("it is larger than 64 KiB"));
            }
            fs::read_to_string(&path)
        });
        match read {
            Ok(text) => {
                // An editor ends the last line; a password does not end so.
                let text = text.strip_suffix('\n').unwrap_or(&text);
                let text = text.strip_suffix('\r').unwrap_or(text).to_owned();
                Some(Value { text, origin: Origin::SecretFile(Box::new(file.origin)) })
            }
            Err(error) => {
                let remedy = format!("name a text file that this user may read ({error})");
                self.refuse(&variable, "names a file that cannot be read", remedy);
                None
            }
        }
    }
}

/// True for the name of a setting, or of the file of a secret one.
fn is_ours(name: &str) -> bool {
    let of_file = name.strip_suffix("_FILE").and_then(settings::find).is_some_and(settings::Setting::is_secret);
    settings::find(name).is_some() || of_file
}

/// A TOML value as the text that the environment would hold.
fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(true) => Some("True".to_owned()),
        toml::Value::Boolean(false) => Some("False".to_owned()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// What an unknown key may have been meant to be.
fn nearest(key: &str) -> String {
    let lower = key.to_ascii_lowercase();
    let best = SETTINGS.iter().map(|setting| (distance(&lower, &setting.key()), setting)).min_by_key(|(d, _)| *d);
    match best {
        Some((distance, setting)) if distance <= 3 => format!("did you mean `{}`?", setting.key()),
        _ => "remove it; `inventario config show` lists all settings".to_owned(),
    }
}

/// Levenshtein's distance: how many letters differ.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(
        flags: &[(&'static str, &str)],
        environment: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> (Sources, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let (sources, problems) = Sources::gather(Places {
            flags: flags.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(),
            environment: environment.iter().map(|(n, t)| (n.into(), t.into())).collect(),
            folder: folder.path(),
        });
        (sources, problems.iter().map(ToString::to_string).collect())
    }

    fn given(sources: &Sources, name: &str) -> Option<(String, Origin)> {
        sources.get(name).map(|value| (value.text.clone(), value.origin.clone()))
    }

    #[test]
    fn the_stronger_source_wins() {
        let file = ("inventario.toml", "site_url = \"file\"\ndebug = true\nsession_idle_seconds = 60\n");
        let dotenv = (".env", "\nSITE_URL=dotenv\nOTHER=1\n");
        let cases = [
            (vec![("SITE_URL", "flag")], vec![("SITE_URL", "environment")], vec![dotenv, file], "flag", Origin::Flag),
            (vec![], vec![("SITE_URL", "environment")], vec![dotenv, file], "environment", Origin::Environment),
            (vec![], vec![], vec![dotenv, file], "dotenv", Origin::DotEnv { line: 2 }),
            (vec![], vec![], vec![file], "file", Origin::File),
        ];
        for (flags, environment, files, text, origin) in cases {
            let (sources, problems) = gather(&flags, &environment, &files);
            assert_eq!(problems, Vec::<String>::new());
            assert_eq!(given(&sources, "SITE_URL"), Some((text.to_owned(), origin)));
        }
        let (sources, _) = gather(&[], &[], &[file]);
        assert_eq!(given(&sources, "DEBUG"), Some(("True".to_owned(), Origin::File)));
        assert_eq!(given(&sources, "SESSION_IDLE_SECONDS"), Some(("60".to_owned(), Origin::File)));
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own() {
        let (sources, problems) = gather(&[], &[("METRICS_TOKEN_FILE", "token")], &[("token", "s3cret\r\n")]);
        assert_eq!(problems, Vec::<String>::new());
        let origin = Origin::SecretFile(Box::new(Origin::Environment));
        assert_eq!(given(&sources, "METRICS_TOKEN"), Some(("s3cret".to_owned(), origin)));
    }

    #[test]
    fn a_secret_given_twice_or_in_no_file_is_refused_without_being_told() {
        let (_, problems) = gather(
            &[],
            &[("METRICS_TOKEN_FILE", "token"), ("SENTRY_DSN_FILE", "gone")],
            &[("token", "canary-file"), (".env", "METRICS_TOKEN=canary-dotenv\n")],
        );
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[1].contains("METRICS_TOKEN and METRICS_TOKEN_FILE are both given"));
        assert!(problems[0].contains("SENTRY_DSN_FILE names a file that cannot be read"));
        assert!(!problems.join("").contains("canary"));
    }

    #[test]
    fn only_secrets_have_a_file() {
        let (sources, problems) = gather(&[], &[("SITE_URL_FILE", "x")], &[]);
        assert_eq!((given(&sources, "SITE_URL"), problems), (None, vec![]));
        let (_, problems) = gather(&[], &[], &[("inventario.toml", "site_url_file = \"x\"\n")]);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn an_unknown_key_of_the_file_is_refused_with_the_nearest_name() {
        let (_, problems) = gather(
            &[],
            &[],
            &[("inventario.toml", "site_ulr = \"a\"\nSITE_URL = \"a\"\nquite_different = 1\ntls = { a = 1 }\n")],
        );
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems.iter().any(|p| p.contains("`site_ulr`: did you mean `site_url`?")), "{problems:?}");
        assert!(problems.iter().any(|p| p.contains("`SITE_URL`: did you mean `site_url`?")));
        assert!(problems.iter().any(|p| p.contains("`quite_different`: remove it")));
        assert!(problems.iter().any(|p| p.contains("`tls` a value of the wrong kind")));
    }

    #[test]
    fn a_broken_file_is_told_without_its_content() {
        let (_, problems) =
            gather(&[], &[], &[("inventario.toml", "a = 1\nsecret_key = canary\n"), (".env", "canary\n")]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("error: .env line 1"), "{problems:?}");
        assert!(problems[1].contains("near line 2"), "{problems:?}");
        assert!(!problems.join("").contains("canary"));
    }
}
