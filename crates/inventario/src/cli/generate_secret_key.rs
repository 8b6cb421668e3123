//! `inventario generate-secret-key`: a key for `SECRET_KEY`.

use std::io::{self, Write};

use clap::Args;
use guard::keys::generate_secret_key;
use guard::source::SystemRandom;

use crate::cli::Failure;

/// Print a new secret key: 64 characters from the operating system's random source.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario generate-secret-key > secret_key && export SECRET_KEY_FILE=secret_key")]
pub struct GenerateSecretKey {}

impl GenerateSecretKey {
    /// Prints the key.
    pub fn run(self) -> Result<(), Failure> {
        writeln!(io::stdout(), "{}", generate_secret_key(&SystemRandom))?;
        Ok(())
    }
}
