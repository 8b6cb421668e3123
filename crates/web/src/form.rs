//! Forms: from an encoded body to a typed command, with every mistake at once.
//!
//! A [`FormReader`] reads field by field and notes what is wrong; [`FormReader::finish`]
//! gives the command, or the [`Draft`] that the page shows again: what was typed, and
//! each field's error. It knows no request and no extractor: bytes in, values out.
//!
//! **Invariants:** amounts and quantities are read by `domain::decimal`, never by float;
//! a secret is never in a draft; unknown fields are ignored (browsers and extensions add
//! their own), which JSON is not forgiven.

mod choice;
mod draft;
mod problem;
mod reader;

pub use choice::Choice;
pub use draft::Draft;
pub use problem::{Problem, Said};
pub use reader::{FormReader, Text};

#[cfg(test)]
mod tests;
