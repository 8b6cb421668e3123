//! Compiles the features' text catalogues to typed functions.

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let features = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/features");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("texts.rs");
    println!("cargo::rerun-if-changed={}", features.display());
    let done = texts::find_catalogues(&features).and_then(|catalogues| texts::generate(&catalogues, &out));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error={}", problem.replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}
