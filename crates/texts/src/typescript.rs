//! A catalogue written as TypeScript: one interface, one constant per language.
//!
//! Every text is a member of the interface, so a till that names a text which is not
//! there does not compile. Arguments are strings, already formatted by who calls; a
//! plural's `n` is a number.

use std::fmt::Write;

use crate::catalogue::{Catalogue, LANGUAGES, Piece, Said, Text};

const HEAD: &str = "// Made from the text catalogues; changes here are lost.\n";

pub(crate) fn interface(catalogue: &Catalogue) -> String {
    let mut out = format!("{HEAD}export interface Texts {{\n");
    for text in &catalogue.texts {
        let _ = writeln!(out, "  readonly {}: {};", text.key, signature(text));
    }
    out.push_str("}\n");
    out
}

pub(crate) fn language(catalogue: &Catalogue, index: usize) -> String {
    let mut out =
        format!("{HEAD}import type {{ Texts }} from \"./texts\";\n\nexport const {}: Texts = {{\n", LANGUAGES[index]);
    for text in &catalogue.texts {
        let body = match &text.said[index] {
            Said::Plain(pieces) if text.arguments.is_empty() => literal(pieces),
            Said::Plain(pieces) => format!("({}) => {}", parameters(text), literal(pieces)),
            Said::Plural { one, other } => {
                format!("({}) => n === 1 ? {} : {}", parameters(text), literal(one), literal(other))
            }
        };
        let _ = writeln!(out, "  {}: {body},", text.key);
    }
    out.push_str("};\n");
    out
}

fn signature(text: &Text) -> String {
    if !text.is_plural() && text.arguments.is_empty() {
        "string".to_owned()
    } else {
        format!("({}) => string", parameters(text))
    }
}

fn parameters(text: &Text) -> String {
    let count = text.is_plural().then(|| "n: number".to_owned());
    let named = text.arguments.iter().map(|argument| format!("{argument}: string"));
    count.into_iter().chain(named).collect::<Vec<_>>().join(", ")
}

fn literal(pieces: &[Piece]) -> String {
    let mut out = String::from("`");
    for piece in pieces {
        match piece {
            Piece::Words(words) => out.push_str(&words.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${")),
            Piece::Argument(name) => {
                let _ = write!(out, "${{{name}}}");
            }
        }
    }
    out.push('`');
    out
}
