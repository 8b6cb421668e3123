//! The three languages of a catalogue have the same keys and the same places
//! to fill in. The build refuses it too; here the whole list stands at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Tree};

const LANGUAGES: &[&str] = &["es", "en", "pt"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut catalogues: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (name, text) in &tree.texts {
        if let Some((folder, file)) = name.rsplit_once('/')
            && let Some(language) = file.strip_suffix(".toml")
            && LANGUAGES.contains(&language)
        {
            catalogues.entry(folder).or_default().insert(language, text);
        }
    }
    let mut found = Vec::new();
    for (folder, files) in catalogues {
        let Some(spanish) = files.get("es") else {
            found.push(finding(folder, "es", "is missing".to_owned()));
            continue;
        };
        let wanted = match keys(spanish) {
            Ok(keys) => keys,
            Err(problem) => {
                found.push(finding(folder, "es", problem));
                continue;
            }
        };
        for language in &LANGUAGES[1..] {
            match files.get(language) {
                None => found.push(finding(folder, language, "is missing".to_owned())),
                Some(text) => {
                    found.extend(compare(&wanted, text).into_iter().map(|problem| finding(folder, language, problem)))
                }
            }
        }
    }
    found
}

fn finding(folder: &str, language: &str, problem: String) -> Finding {
    Finding { path: format!("{folder}/{language}.toml"), line: 0, problem }
}

/// What a translation lacks or has too much.
fn compare(wanted: &BTreeMap<String, BTreeSet<String>>, text: &str) -> Vec<String> {
    let there = match keys(text) {
        Ok(keys) => keys,
        Err(problem) => return vec![problem],
    };
    let missing = wanted.keys().filter(|key| !there.contains_key(*key)).map(|key| format!("lacks the text `{key}`"));
    let extra =
        there.keys().filter(|key| !wanted.contains_key(*key)).map(|key| format!("has `{key}`, which Spanish has not"));
    let other = wanted
        .iter()
        .filter(|(key, places)| there.get(*key).is_some_and(|found| found != *places))
        .map(|(key, _)| format!("fills in other places than Spanish in `{key}`"));
    missing.chain(extra).chain(other).collect()
}

/// Every key with the places (`{name}`) of its text.
fn keys(text: &str) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let table: toml::Table = text.parse().map_err(|error| format!("is not TOML: {error}"))?;
    let mut keys = BTreeMap::new();
    collect("", &table, &mut keys);
    Ok(keys)
}

fn collect(prefix: &str, table: &toml::Table, keys: &mut BTreeMap<String, BTreeSet<String>>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => collect(&key, inner, keys),
            value => {
                keys.insert(key, places(value.as_str().unwrap_or_default()));
            }
        }
    }
}

fn places(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_an_extra_and_a_different_text_are_found() {
        let tree = Tree::of(&[
            ("a/es.toml", "title = \"Ventas\"\ncount = \"{n} ventas\"\n[more]\nlast = \"Última\"\n"),
            ("a/en.toml", "title = \"Sales\"\ncount = \"{n} sales\"\nmore.last = \"Last\"\n"),
            ("a/pt.toml", "count = \"{m} vendas\"\nextra = \"\"\nmore.last = \"Última\"\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.to_string()).collect();
        assert_eq!(
            found,
            [
                "a/pt.toml: lacks the text `title`",
                "a/pt.toml: has `extra`, which Spanish has not",
                "a/pt.toml: fills in other places than Spanish in `count`",
            ]
        );
    }

    #[test]
    fn a_missing_language_is_found() {
        let found = check(&Tree::of(&[("a/es.toml", "a = \"a\""), ("a/en.toml", "a = \"a\"")]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "a/pt.toml");
    }
}
