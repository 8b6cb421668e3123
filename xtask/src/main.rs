//! The project's own commands: `cargo xtask <command>`.
//!
//! Everything a contributor or the build machine runs goes through here, in
//! Rust instead of shell, so that it works the same for both. Nothing in this
//! crate is linked into the product.
//! **Invariant:** a command either does what it says or fails and says what to
//! do; nothing is skipped without being named.

mod assets;
mod bench;
mod browser;
mod demo;
mod environment;
mod evidence;
mod files;
mod npm;
mod paths;
mod postgres;
mod process;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  demo [ARGS]                build everything and start a shop to try (ARGS go to `inventario demo`)
  assets [--release]         build what the browser gets, which the server embeds
  test [--fast] [FILTER…]    all the tests, exactly as the build machine runs them
                             --fast leaves out the browser and the lints, and says so
                             FILTER runs only the tests whose name contains it
  bench [ARGS]               what it costs, beside bare programs that do the same (see docs/bench.md)
                             --quick looks shorter at a tenth of the data; --engine sqlite|postgres;
                             --only P7,P8; --json
  evidence [ARGS]            long proofs, each a dated row in docs/evidence.md
                             --parts carts,model,race,crash,cut,chaos,flush,till-speed,lighthouse;
                             --minutes N for each; --seed S
  tidy                       the style checks that a machine can do

Examples:
  cargo xtask demo --bind 127.0.0.1:8080
  cargo xtask test
  cargo xtask test selling_the_last_unit
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "assets" => npm::ensure(&paths::root())
            .and_then(|()| assets::build(&paths::root(), rest.iter().any(|flag| flag == "--release"))),
        "bench" => bench::run(rest),
        "evidence" => evidence::run(rest),
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "tidy" => tidy::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => {
            eprintln!("xtask: there is no command `{other}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
