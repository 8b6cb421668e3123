//! A catalogue written as a Rust module with one method per text.
//!
//! The module leans on `::web::lang` alone (`Lang`, and `count` for a plural's number).

use std::fmt::Write;

use crate::catalogue::{Catalogue, LANGUAGES, Piece, Said, Text};

pub(crate) fn write_module(catalogue: &Catalogue, out: &mut String) {
    let module = &catalogue.module;
    let _ = write!(
        out,
        "\n#[doc = \"The texts of `{module}`.\"]\n#[allow(clippy::all, dead_code)]\npub mod {module} {{\n    use ::web::lang::Lang;\n\n    \
         #[doc = \"The texts of `{module}` in one language.\"]\n    #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n    pub struct Texts(pub Lang);\n\n    impl Texts {{\n"
    );
    for text in &catalogue.texts {
        write_method(text, out);
    }
    out.push_str("    }\n}\n");
}

fn write_method(text: &Text, out: &mut String) {
    let spanish = match &text.said[0] {
        Said::Plain(pieces) | Said::Plural { other: pieces, .. } => shown(pieces),
    };
    let constant = !text.is_plural() && text.arguments.is_empty();
    let mut parameters = String::from("self");
    if text.is_plural() {
        parameters.push_str(", n: i64");
    }
    for argument in &text.arguments {
        let _ = write!(parameters, ", {argument}: impl ::std::fmt::Display");
    }
    let (kind, answer) = if constant { ("const fn", "&'static str") } else { ("fn", "String") };
    let _ = write!(
        out,
        "        #[doc = {spanish:?}]\n        #[must_use]\n        pub {kind} {}({parameters}) -> {answer} {{\n            match self.0 {{\n",
        text.key
    );
    for (language, said) in LANGUAGES.iter().zip(&text.said) {
        let body = match said {
            Said::Plain(pieces) if constant => format!("{:?}", words(pieces)),
            Said::Plain(pieces) => formatted(pieces, false),
            Said::Plural { one, other } => {
                format!("if n == 1 {{ {} }} else {{ {} }}", formatted(one, true), formatted(other, true))
            }
        };
        let _ = writeln!(out, "                Lang::{} => {body},", variant(language));
    }
    out.push_str("            }\n        }\n");
}

fn variant(language: &str) -> String {
    let mut name = language.to_owned();
    name[..1].make_ascii_uppercase();
    name
}

/// The text of a piece list that has words only.
fn words(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.as_str(),
            Piece::Argument(_) => "",
        })
        .collect()
}

/// The text as the catalogue has it, for the documentation.
fn shown(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Argument(name) => format!("{{{name}}}"),
        })
        .collect()
}

fn formatted(pieces: &[Piece], plural: bool) -> String {
    let mut template = String::new();
    let mut counts = false;
    for piece in pieces {
        match piece {
            Piece::Words(words) => template.push_str(&words.replace('{', "{{").replace('}', "}}")),
            Piece::Argument(name) => {
                counts |= plural && name == "n";
                let _ = write!(template, "{{{name}}}");
            }
        }
    }
    let argument = if counts { ", n = ::web::lang::count(self.0, n)" } else { "" };
    format!("format!({template:?}{argument})")
}
