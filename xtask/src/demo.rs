//! `cargo xtask demo`: everything from a fresh clone to a running shop.

use crate::{paths, process};

/// Builds the assets and the binary and runs `inventario demo` with `arguments`.
pub fn run(arguments: &[String]) -> Result<(), String> {
    crate::assets::build(&paths::root(), false)?;
    if !process::stream(process::cargo(&["build", "--package", "inventario"]))?.success {
        return Err("the build failed; the compiler's words stand above".to_owned());
    }
    let mut command = process::command(paths::debug_binary("inventario"), &["demo"]);
    command.args(arguments);
    let status = command.status().map_err(|error| format!("cannot start the demonstration: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the demonstration ended badly ({status})")) }
}
