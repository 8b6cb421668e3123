//! Compiles the common texts, turns the icons into a type, and embeds the assets.
//!
//! Assets are made by `cargo xtask assets`; without them this crate does not compile,
//! and says so in one line that names the command.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let crate_dir = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let done = texts::generate(&[crate_dir.join("src/common")], &out_dir.join("texts.rs"))
        .and_then(|()| icons(&crate_dir.join("src/ui/icons.svg"), &out_dir.join("icons.rs")))
        .and_then(|()| assets(&crate_dir.join("../../target/assets"), &out_dir.join("assets.rs")));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error={}", problem.replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}

fn write(path: &Path, content: &str) -> Result<(), String> {
    std::fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

/// Each `<symbol id="i-name" viewBox="…">…</symbol>` becomes a variant of `Icon`.
fn icons(sprite: &Path, out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-changed={}", sprite.display());
    let svg = std::fs::read_to_string(sprite).map_err(|error| format!("{}: {error}", sprite.display()))?;
    let mut variants = String::new();
    let mut names = String::new();
    let mut symbols = String::new();
    let mut all = String::new();
    for part in svg.split("<symbol id=\"i-").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        let (body, _) = part.split_once("</symbol>").ok_or_else(|| format!("icon {name} has no end"))?;
        let variant: String = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let _ = writeln!(variants, "    #[doc = \"The icon `{name}`.\"]\n    {variant},");
        let _ = writeln!(names, "            Self::{variant} => {name:?},");
        let _ = writeln!(symbols, "            Self::{variant} => {:?},", format!("<symbol id=\"i-{body}</symbol>"));
        let _ = write!(all, "Self::{variant}, ");
    }
    write(
        out,
        &format!(
            "/// One of the icons of `ui/icons.svg`. Written in a page it is an `<svg>` that uses\n/// the page's sprite; screen readers pass it by, so a text or label goes with it.\n\
             #[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Icon {{\n{variants}}}\n\nimpl Icon {{\n    /// Every icon, in the sprite's order.\n    pub const ALL: &'static [Self] = &[{all}];\n\n    \
             /// The icon's name in the sprite.\n    #[must_use]\n    pub const fn name(self) -> &'static str {{\n        match self {{\n{names}        }}\n    }}\n\n    \
             pub(crate) const fn symbol(self) -> &'static str {{\n        match self {{\n{symbols}        }}\n    }}\n}}\n"
        ),
    )
}

fn assets(built: &Path, out: &Path) -> Result<(), String> {
    let manifest_path = built.join("manifest.json");
    println!("cargo::rerun-if-changed={}", manifest_path.display());
    let missing = "the assets are not built: run `cargo xtask assets` once";
    let text = std::fs::read_to_string(&manifest_path).map_err(|_| missing.to_owned())?;
    let manifest: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|_| missing.to_owned())?;
    let built = built.canonicalize().map_err(|_| missing.to_owned())?;
    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for (name, entry) in &manifest {
        let word = |key: &str| entry[key].as_str().ok_or_else(|| missing.to_owned());
        let file = word("file")?;
        let bytes =
            |end: &str| format!("include_bytes!({:?})", built.join(format!("{file}{end}")).display().to_string());
        let packed = |key: &str, end: &str| {
            if entry[key].is_number() { format!("Some({})", bytes(end)) } else { "None".to_owned() }
        };
        let _ = writeln!(
            code,
            "    Asset {{ name: {name:?}, file: {file:?}, url: \"/static/{file}\", content_type: {:?}, etag: \"\\\"{}\\\"\", identity: {}, gzip: {}, brotli: {} }},",
            word("type")?,
            word("etag")?,
            bytes(""),
            packed("gzip", ".gz"),
            packed("brotli", ".br"),
        );
    }
    code.push_str("];\n");
    write(out, &code)
}
