//! Text catalogues compiled to typed functions, for Rust and for TypeScript.
//!
//! A feature keeps `es.toml`, `en.toml` and `pt.toml` side by side; this crate turns
//! them, at build time, into one function per text. A language that lacks a key, has
//! one too many, or disagrees about a placeholder fails the build and names file and
//! key, so that no screen can be half translated.
//!
//! What it owns: the shape of a catalogue (`catalogue`), the Rust it becomes
//! (`rust`) and the TypeScript it becomes (`typescript`).
//! What it must not know: which texts exist, who shows them, HTTP.
//!
//! **The rules of a catalogue**
//! - Keys are `lower_snake_case`; tables nest and are joined by `_`
//!   (`[list] title = …` is `list_title`).
//! - `{name}` is a placeholder; `{{` and `}}` are braces. Arguments come in the order
//!   in which the Spanish text first names them.
//! - A table with exactly `one` and `other` is a plural: the function takes `n: i64`
//!   first, and `one` is said for exactly 1 (the rule of es, en and pt-BR for whole
//!   numbers). `{n}` is `n` with the language's thousands mark; a text that wants the
//!   shop's own marks uses another placeholder. `one` may leave `{n}` out.
//! - Texts are plain: markup belongs to templates.

mod catalogue;
mod rust;
mod typescript;

use std::fs;
use std::path::{Path, PathBuf};

pub use catalogue::{Catalogue, LANGUAGES};

/// Compiles the catalogues of `directories` into one Rust file of modules, one per
/// directory, named after it. To be called from a `build.rs`, which also gets its
/// `rerun-if-changed` lines printed.
///
/// # Errors
/// One line per problem, each naming file and key; or why a file cannot be read or
/// `out_file` cannot be written.
pub fn generate(directories: &[PathBuf], out_file: &Path) -> Result<(), String> {
    let mut out = String::from("// Made from the text catalogues; changes here are lost.\n");
    let mut problems = Vec::new();
    for directory in directories {
        for language in LANGUAGES {
            println!("cargo::rerun-if-changed={}", directory.join(format!("{language}.toml")).display());
        }
        match Catalogue::read(directory) {
            Ok(catalogue) => rust::write_module(&catalogue, &mut out),
            Err(mut found) => problems.append(&mut found),
        }
    }
    if problems.is_empty() { write_if_changed(out_file, &out) } else { Err(problems.join("\n")) }
}

/// Compiles one catalogue into TypeScript: `texts.ts` (the type) and one module per
/// language, in `out_directory`.
///
/// # Errors
/// As [`generate`].
pub fn generate_ts(directory: &Path, out_directory: &Path) -> Result<(), String> {
    let catalogue = Catalogue::read(directory).map_err(|problems| problems.join("\n"))?;
    fs::create_dir_all(out_directory).map_err(|error| format!("{}: {error}", out_directory.display()))?;
    write_if_changed(&out_directory.join("texts.ts"), &typescript::interface(&catalogue))?;
    for (index, language) in LANGUAGES.iter().enumerate() {
        write_if_changed(&out_directory.join(format!("{language}.ts")), &typescript::language(&catalogue, index))?;
    }
    Ok(())
}

/// The directories directly below `root` that hold a catalogue, in a fixed order.
///
/// # Errors
/// Why `root` cannot be listed.
pub fn find_catalogues(root: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", root.display()))?.path();
        let has_one = LANGUAGES.iter().any(|language| path.join(format!("{language}.toml")).is_file());
        if has_one {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// An unchanged file keeps its time, so that nothing that includes it is built again.
fn write_if_changed(path: &Path, content: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
