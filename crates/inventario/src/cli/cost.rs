//! `inventario cost`: costs histories of stock items, one a line.

use clap::Args;

use crate::cli::{Failure, lines};

/// Cost histories of stock: JSON lines on standard input, one answer a line on standard output.
#[derive(Debug, Args)]
#[command(after_help = r#"Example:
  echo '{"moves":[{"kind":"purchase","quantity":3000,"value":1000}]}' | inventario cost"#)]
pub struct Cost {}

impl Cost {
    /// Answers until the input ends.
    pub fn run(self) -> Result<(), Failure> {
        lines::answer_each(domain::cost_json::answer_bytes)
    }
}
