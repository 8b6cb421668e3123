//! `inventario quote`: prices carts, one a line.

use clap::Args;

use crate::cli::{Failure, lines};

/// Price carts: JSON lines on standard input, one answer a line on standard output.
#[derive(Debug, Args)]
#[command(after_help = r#"Example:
  echo '{"exponent":2,"prices_include_tax":true,"cash_step":0,"lines":[{"quantity":"2","unit_price":"10.00"}]}' | inventario quote"#)]
pub struct Quote {}

impl Quote {
    /// Answers until the input ends.
    pub fn run(self) -> Result<(), Failure> {
        lines::answer_each(domain::quote_json::answer_bytes)
    }
}
