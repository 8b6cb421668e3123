//! Reading a `.env` file: `NAME=value`, one a line.
//!
//! Nothing is substituted, so that a key may hold `$` and `#`: a comment begins
//! with `#` at the start of a line or after a blank. A value between equal
//! quotes is taken as it stands between them. **Invariant:** a problem names a
//! line and never its content, which may be half a secret.

use std::fmt;

/// One setting of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name before the `=`.
    pub name: String,
    /// The value, without quotes and comment.
    pub value: String,
    /// From 1.
    pub line: usize,
}

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: BadLineKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLineKind {
    /// There is no `=`.
    NoEqualsSign,
    /// What stands before the `=` is no name.
    BadName,
    /// A quote opens and does not close, or something follows the closing one.
    BadQuotes,
    /// The name stands on an earlier line already.
    Repeated,
}

impl fmt::Display for BadLineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEqualsSign => "has no `=`: write NAME=value",
            Self::BadName => "has something else than a name before its `=`: a name is letters, digits and `_`",
            Self::BadQuotes => "opens a quote that does not close at the end of the value: close it, or leave both out",
            Self::Repeated => "gives a name for the second time: keep one of the two",
        })
    }
}

/// Reads the whole file; all problems are returned together.
pub fn parse(text: &str) -> (Vec<Entry>, Vec<BadLine>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, content) in text.lines().enumerate() {
        let line = index + 1;
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match parse_line(content) {
            Ok((name, _)) if entries.iter().any(|entry| entry.name == name) => {
                problems.push(BadLine { line, kind: BadLineKind::Repeated });
            }
            Ok((name, value)) => entries.push(Entry { name, value, line }),
            Err(kind) => problems.push(BadLine { line, kind }),
        }
    }
    (entries, problems)
}

fn parse_line(content: &str) -> Result<(String, String), BadLineKind> {
    let content = content.strip_prefix("export ").unwrap_or(content);
    let (name, value) = content.split_once('=').ok_or(BadLineKind::NoEqualsSign)?;
    let name = name.trim();
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(BadLineKind::BadName);
    }
    Ok((name.to_owned(), parse_value(value)?))
}

fn parse_value(raw: &str) -> Result<String, BadLineKind> {
    let trimmed = raw.trim_start();
    // `NAME= # words` is an empty value with a comment, because a blank stands before the `#`.
    if trimmed.len() < raw.len() && trimmed.starts_with('#') {
        return Ok(String::new());
    }
    let value = trimmed;
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inside = &value[1..];
            let end = inside.find(quote).ok_or(BadLineKind::BadQuotes)?;
            let rest = &inside[end + 1..];
            let comment = rest.trim_start();
            if comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len()) {
                Ok(inside[..end].to_owned())
            } else {
                Err(BadLineKind::BadQuotes)
            }
        }
        _ => Ok(without_comment(value).trim_end().to_owned()),
    }
}

/// Cuts at the first `#` that follows a blank.
fn without_comment(value: &str) -> &str {
    let cut = value.match_indices('#').map(|(at, _)| at).find(|&at| value[..at].ends_with([' ', '\t']));
    cut.map_or(value, |at| &value[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_stand() {
        let cases = [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("export A=b", "b"),
            ("A=", ""),
            ("A=#not a comment", "#not a comment"),
            ("A= # a comment", ""),
            ("A=b # a comment", "b"),
            ("A=b#c", "b#c"),
            ("A=$HOME/${B}", "$HOME/${B}"),
            ("A=b=c==", "b=c=="),
            ("A=\"b # c\" # comment", "b # c"),
            ("A='$b\"c'", "$b\"c"),
            ("A=it's", "it's"),
            ("A=b\r", "b"),
            ("\u{feff}A=ñandú", "ñandú"),
        ];
        for (text, value) in cases {
            let (entries, problems) = parse(text);
            assert_eq!(problems, [], "{text}");
            assert_eq!(entries, [Entry { name: "A".into(), value: value.into(), line: 1 }], "{text}");
        }
    }

    #[test]
    fn broken_lines_are_named_by_their_number_all_at_once() {
        let (entries, problems) = parse("# words\n\nA=1\nno equals\n9A=1\nB=\"open\nA=2\nC=\"a\"b\nexport D=4\n");
        let kinds: Vec<_> = problems.iter().map(|problem| (problem.line, problem.kind)).collect();
        assert_eq!(
            kinds,
            [
                (4, BadLineKind::NoEqualsSign),
                (5, BadLineKind::BadName),
                (6, BadLineKind::BadQuotes),
                (7, BadLineKind::Repeated),
                (8, BadLineKind::BadQuotes),
            ]
        );
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1].line, 9);
    }
}
