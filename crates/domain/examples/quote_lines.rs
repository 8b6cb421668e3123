//! Answers carts on standard input as `inventario quote` does, without the rest of the
//! program: the Rust side of `e2e/engines.mjs`.

use std::io::{self, BufRead, BufReader, Write};

fn main() -> io::Result<()> {
    let mut input = BufReader::new(io::stdin());
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        writeln!(output, "{}", domain::quote_json::answer_bytes(text))?;
        line.clear();
        // Whoever waits for an answer before writing on must not wait for a full buffer.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()
}
