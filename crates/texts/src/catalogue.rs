//! A catalogue read and checked: three languages that say the same things.
//!
//! **Invariant:** a [`Catalogue`] that exists is complete: every text has all languages,
//! the same kind and the same placeholders in each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The languages of every catalogue, in the order of all arrays here.
pub const LANGUAGES: [&str; 3] = ["es", "en", "pt"];

/// One feature's texts in all languages.
#[derive(Debug)]
pub struct Catalogue {
    /// The name of the directory, which becomes the module's.
    pub(crate) module: String,
    pub(crate) texts: Vec<Text>,
}

/// One text in all languages.
#[derive(Debug)]
pub(crate) struct Text {
    /// The function's name.
    pub key: String,
    /// Argument names in the order of the Spanish text, without a plural's `n`.
    pub arguments: Vec<String>,
    /// In the order of [`LANGUAGES`].
    pub said: [Said; 3],
}

impl Text {
    pub fn is_plural(&self) -> bool {
        matches!(self.said[0], Said::Plural { .. })
    }
}

/// A text in one language.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    Plain(Vec<Piece>),
    Plural { one: Vec<Piece>, other: Vec<Piece> },
}

impl Said {
    /// The form that is sure to name every placeholder.
    fn fullest(&self) -> &[Piece] {
        match self {
            Self::Plain(pieces) => pieces,
            Self::Plural { other, .. } => other,
        }
    }
}

/// Words, or the place of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Words(String),
    Argument(String),
}

impl Catalogue {
    /// Reads `es.toml`, `en.toml` and `pt.toml` of a directory.
    ///
    /// # Errors
    /// Every problem found, each with its file and key.
    pub fn read(directory: &Path) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let module = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !is_name(&module) {
            problems.push(format!("{}: a catalogue's directory is named in lower_snake_case", directory.display()));
        }
        let tables = LANGUAGES.map(|language| {
            let path = directory.join(format!("{language}.toml"));
            read_language(&path).unwrap_or_else(|mut found| {
                problems.append(&mut found);
                BTreeMap::new()
            })
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        let keys: BTreeSet<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
        let mut texts = Vec::new();
        for key in keys {
            let place =
                |index: usize| format!("{}: {key}", directory.join(format!("{}.toml", LANGUAGES[index])).display());
            match join_languages(key, &tables) {
                Ok(text) => texts.push(text),
                Err((index, problem)) => problems.push(format!("{} {problem}", place(index))),
            }
        }
        if problems.is_empty() { Ok(Self { module, texts }) } else { Err(problems) }
    }
}

/// Brings the three languages of one key together, or says which of them differs.
fn join_languages(key: &str, tables: &[BTreeMap<String, Said>; 3]) -> Result<Text, (usize, String)> {
    let mut said = Vec::with_capacity(3);
    for (index, table) in tables.iter().enumerate() {
        said.push(table.get(key).cloned().ok_or_else(|| (index, "is missing".to_owned()))?);
    }
    let said: [Said; 3] = said.try_into().expect("there are three tables");
    let is_plural = matches!(said[0], Said::Plural { .. });
    let arguments = placeholders(said[0].fullest());
    let expected: BTreeSet<&String> = arguments.iter().collect();
    for (index, text) in said.iter().enumerate() {
        if matches!(text, Said::Plural { .. }) != is_plural {
            return Err((index, "is a plural in one language and not in another".to_owned()));
        }
        let named = placeholders(text.fullest());
        if named.iter().collect::<BTreeSet<_>>() != expected {
            return Err((
                index,
                format!("names {{{}}} where Spanish names {{{}}}", named.join("}, {"), arguments.join("}, {")),
            ));
        }
        if let Said::Plural { one, .. } = text {
            let named = placeholders(one);
            let lacks = expected.iter().find(|name| name.as_str() != "n" && !named.contains(name));
            let extra = named.iter().find(|name| !expected.contains(name));
            if let Some(name) = lacks.copied().or(extra) {
                return Err((index, format!("does not agree with itself about {{{name}}} between one and other")));
            }
        }
    }
    let arguments = arguments.into_iter().filter(|name| !(is_plural && name == "n")).collect();
    Ok(Text { key: key.to_owned(), arguments, said })
}

/// The names of a text's placeholders, each once, in order of first appearance.
fn placeholders(pieces: &[Piece]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces {
        if let Piece::Argument(name) = piece
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}

fn read_language(path: &Path) -> Result<BTreeMap<String, Said>, Vec<String>> {
    let text = fs::read_to_string(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    let table: toml::Table = text.parse().map_err(|error| vec![format!("{}: {error}", path.display())])?;
    let mut out = BTreeMap::new();
    let mut problems = Vec::new();
    flatten("", &table, &mut out, &mut problems);
    if problems.is_empty() {
        Ok(out)
    } else {
        Err(problems.into_iter().map(|problem| format!("{}: {problem}", path.display())).collect())
    }
}

fn flatten(prefix: &str, table: &toml::Table, out: &mut BTreeMap<String, Said>, problems: &mut Vec<String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}_{name}") };
        if !is_name(&key) {
            problems.push(format!("{key} is not a lower_snake_case name, or is a word of Rust"));
            continue;
        }
        let said = match value {
            toml::Value::String(text) => parse(text).map(Said::Plain),
            toml::Value::Table(inner) if inner.contains_key("other") => plural(inner),
            toml::Value::Table(inner) => {
                flatten(&key, inner, out, problems);
                continue;
            }
            _ => Err("is neither a text nor a table".to_owned()),
        };
        match said {
            Ok(said) => {
                if out.insert(key.clone(), said).is_some() {
                    problems.push(format!("{key} appears twice"));
                }
            }
            Err(problem) => problems.push(format!("{key} {problem}")),
        }
    }
}

fn plural(table: &toml::Table) -> Result<Said, String> {
    let form = |name: &str| match table.get(name) {
        Some(toml::Value::String(text)) => parse(text),
        _ => Err(format!("is a plural without the text `{name}`")),
    };
    if table.len() != 2 {
        return Err("is a plural, which has `one` and `other` and nothing else".to_owned());
    }
    Ok(Said::Plural { one: form("one")?, other: form("other")? })
}

/// Splits a text at its placeholders.
fn parse(text: &str) -> Result<Vec<Piece>, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '{' if rest.next_if_eq(&'{').is_some() => words.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => words.push('}'),
            '{' => {
                let name: String = std::iter::from_fn(|| rest.next_if(|&next| next != '}')).collect();
                if rest.next().is_none() || !is_argument_name(&name) {
                    return Err(format!("has a broken placeholder `{{{name}`"));
                }
                if !words.is_empty() {
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                }
                pieces.push(Piece::Argument(name));
            }
            '}' => return Err("has a lonely `}`; write `}}`".to_owned()),
            other => words.push(other),
        }
    }
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    Ok(pieces)
}

/// Words that cannot name a Rust function.
#[rustfmt::skip]
const RUST_WORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot name a TypeScript parameter either. As names of members, which
/// texts become there, they are fine.
#[rustfmt::skip]
const TYPESCRIPT_WORDS: &[&str] = &[
    "case", "catch", "class", "debugger", "default", "delete", "export", "extends", "finally", "function", "import",
    "instanceof", "new", "null", "switch", "this", "throw", "var", "void", "with",
];

/// Whether a text or a module can have this name.
fn is_name(text: &str) -> bool {
    let first_is_letter = text.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    let all_fit =
        text.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_');
    first_is_letter && all_fit && !RUST_WORDS.contains(&text)
}

/// Whether a placeholder can.
fn is_argument_name(text: &str) -> bool {
    is_name(text) && !TYPESCRIPT_WORDS.contains(&text)
}
