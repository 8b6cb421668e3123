//! Reads the page as a person does: by its sections, words and tables.

/// The text between two marks, after which `html` stands behind it.
pub fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, after) = html.split_once(start).unwrap_or_else(|| panic!("{start} is missing in {html}"));
    after.split_once(end).unwrap_or_else(|| panic!("{end} is missing in {after}")).0
}

/// All pieces between two marks.
pub fn all_between<'a>(html: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    html.split(start).skip(1).map(|rest| rest.split_once(end).map_or(rest, |(piece, _)| piece)).collect()
}

/// The section of the page that a heading's id names.
pub fn section<'a>(html: &'a str, id: &str) -> &'a str {
    let mark = format!("aria-labelledby=\"{id}\"");
    between(html, &mark, "</section>")
}

/// What is read: no tags, one blank between words.
pub fn words(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            letter if !in_tag => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&#38;", "&").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of the first table, cell by cell, heads left out.
pub fn table(html: &str) -> Vec<Vec<String>> {
    let body = between(html, "<tbody>", "</tbody>");
    all_between(body, "<tr>", "</tr>")
        .into_iter()
        .map(|row| {
            let row = row.replace("<td", "\u{1}<td");
            row.split('\u{1}').map(words).collect()
        })
        .collect()
}

/// Cents of an amount as a Colombian reads it: `$ 1.234,50`, `− $ 7`, `12.000`.
pub fn cents(shown: &str) -> i64 {
    let is_below = shown.starts_with('−');
    let digits: String =
        shown.chars().filter(|letter| !matches!(letter, '−' | '$' | '.') && !letter.is_whitespace()).collect();
    let (whole, decimals) = digits.split_once(',').unwrap_or((&digits, "00"));
    assert_eq!(decimals.len(), 2, "{shown:?} is no amount");
    let parse = |digits: &str| digits.parse::<i64>().unwrap_or_else(|_| panic!("{shown:?} is no amount"));
    let cents = parse(whole) * 100 + parse(decimals);
    if is_below { -cents } else { cents }
}

/// The amounts in a text, in order: whatever follows a `$`, with the sign before it.
pub fn amounts(text: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('$') {
        let sign = if text[..at].trim_end().ends_with('−') { "−" } else { "" };
        let after = text[at + 1..].trim_start();
        let end =
            after.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',')).unwrap_or(after.len());
        found.push(cents(&format!("{sign}{}", after[..end].trim_end_matches(['.', ',']))));
    }
    found
}
