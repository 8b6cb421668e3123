//! `cargo xtask bench`: release builds of the server and of the measuring program,
//! then that program, which knows the rest (`benches/`).

use crate::{assets, npm, paths, process};

/// Builds and measures; `arguments` go to the measuring program.
pub fn run(arguments: &[String]) -> Result<(), String> {
    npm::ensure(&paths::root())?;
    assets::build(&paths::root(), true)?;
    // Together, so that both share one build of everything below them.
    let build = ["build", "--release", "--package", "inventario", "--package", "bench"];
    // A build that passes is no news, and with `--json` it would stand in the answer.
    let status = process::cargo(&build).status().map_err(|error| format!("cannot start cargo: {error}"))?;
    if !status.success() {
        return Err("the build failed; the compiler's words stand above".to_owned());
    }
    let mut command = process::command(paths::release_binary("bench"), &["run"]);
    command.arg("--server").arg(paths::release_binary("inventario")).arg("--project").arg(paths::root());
    let status = command.args(arguments).status().map_err(|error| format!("cannot start the measuring: {error}"))?;
    if status.success() { Ok(()) } else { Err("the measuring failed; its words stand above".to_owned()) }
}
