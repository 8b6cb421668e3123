//! `cargo xtask assets`: scripts, styles, font and texts made ready to be embedded.
//!
//! It owns `target/assets` (made by `assets.mjs`, which esbuild lives in) and the
//! till's texts in `target/assets/gen/till`. The web crate embeds what the manifest
//! names. **Invariant:** a second run without changes writes nothing, so that nothing
//! is compiled again.

use std::path::Path;

use crate::{npm, process};

/// Builds every asset below `root`; `release` takes its time to compress harder.
///
/// # Errors
/// A sentence with what to do: node is missing, a text is, or a source does not build.
pub fn build(root: &Path, release: bool) -> Result<(), String> {
    npm::ensure(root)?;
    let till = root.join("crates/app/src/features/till");
    if till.join("es.toml").is_file() {
        texts::generate_ts(&till, &root.join("target/assets/gen/till"))?;
    }
    let script = root.join("xtask/src/assets.mjs");
    let mode = if release { "release" } else { "debug" };
    let mut command = process::command(npm::node()?, &[]);
    command.arg(script).arg(root).arg(mode).current_dir(root);
    let finished = process::stream(command)?;
    if finished.success { Ok(()) } else { Err("the assets were not built; the reason stands above".to_owned()) }
}
