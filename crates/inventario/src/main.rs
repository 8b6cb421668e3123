//! `inventario`: the one binary of the product.
//!
//! It owns the command line, the configuration and the wiring; what the commands
//! do stands in the crates below.

mod cli;
pub mod config;
mod pace;
pub mod server;
pub mod telemetry;
pub mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
