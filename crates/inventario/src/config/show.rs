//! `config show`: every setting, what is in effect and where it came from.

use serde::Serialize;

use super::Reading;

/// What stands in the place of a setting without a value.
const UNSET: &str = "–";

#[derive(Serialize)]
struct JsonLine<'a> {
    name: &'a str,
    value: Option<&'a str>,
    origin: String,
}

impl Reading {
    /// A table for people.
    pub fn to_text(&self) -> String {
        let width = self.shown.iter().map(|line| line.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for line in &self.shown {
            let value = line.value.as_deref().filter(|value| !value.is_empty()).unwrap_or(UNSET);
            // What is shown may come from a file that somebody else wrote: no control character reaches the terminal.
            let value: String = value.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            text += &format!("{:width$}  {value}  ({})\n", line.name, line.origin);
        }
        text
    }

    /// A list of objects for programs.
    pub fn to_json(&self) -> String {
        let lines: Vec<JsonLine<'_>> = self
            .shown
            .iter()
            .map(|line| JsonLine { name: line.name, value: line.value.as_deref(), origin: line.origin.to_string() })
            .collect();
        serde_json::to_string_pretty(&lines).expect("texts have a JSON form")
    }
}
