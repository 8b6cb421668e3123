//! A line in, a line out: the frame of `quote` and `cost`.
//!
//! Each answer is flushed before the next line is waited for, so that a program
//! may hold a conversation; while more input is at hand, answers are gathered.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use crate::cli::Failure;

/// Answers every line of standard input on standard output.
pub fn answer_each(answer: impl Fn(&[u8]) -> String) -> Result<(), Failure> {
    answer_between(io::stdin().lock(), io::stdout().lock(), answer)?;
    Ok(())
}

fn answer_between(input: impl Read, output: impl Write, answer: impl Fn(&[u8]) -> String) -> io::Result<()> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        let ended = line.strip_suffix(b"\n").unwrap_or(&line);
        let content = ended.strip_suffix(b"\r").unwrap_or(ended);
        output.write_all(answer(content).as_bytes())?;
        output.write_all(b"\n")?;
        // Without a whole line at hand the next read may wait for whoever waits for us.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> String {
        let mut output = Vec::new();
        answer_between(input, &mut output, |line| format!("{}", line.len())).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_line_has_an_answer_even_a_broken_or_empty_one() {
        assert_eq!(answers(b"ab\r\n\n\xff\xfe\xfd\nlast"), "2\n0\n3\n4\n");
        assert_eq!(answers(b""), "");
    }

    /// Gives one line a read, and notes how much had been answered before each.
    struct Conversation<'a> {
        lines: std::vec::IntoIter<&'static str>,
        answered: &'a std::cell::RefCell<Vec<u8>>,
        seen: &'a std::cell::RefCell<Vec<usize>>,
    }

    impl Read for Conversation<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.seen.borrow_mut().push(self.answered.borrow().len());
            let line = self.lines.next().unwrap_or("").as_bytes();
            buffer[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }

    struct Answers<'a>(&'a std::cell::RefCell<Vec<u8>>);

    impl Write for Answers<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_leaves_before_the_next_line_is_waited_for() {
        let (answered, seen) = Default::default();
        let lines = vec!["a\n", "b\nc\n", "d\n"].into_iter();
        answer_between(Conversation { lines, answered: &answered, seen: &seen }, Answers(&answered), |_| {
            "x".to_owned()
        })
        .unwrap();
        assert_eq!(*seen.borrow(), [0, 2, 6, 8]);
    }

    #[test]
    fn the_fixtures_of_both_engines_are_answered_as_they_expect() {
        type Answer = fn(&[u8]) -> String;
        let cases: [(&str, &str, Answer); 2] = [
            (include_str!("../../../../fixtures/quotes.ndjson"), "cart", domain::quote_json::answer_bytes),
            (include_str!("../../../../fixtures/costs.ndjson"), "case", domain::cost_json::answer_bytes),
        ];
        for (fixtures, question, answer) in cases {
            for line in fixtures.lines() {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                let answered: serde_json::Value =
                    serde_json::from_str(&answer(case[question].to_string().as_bytes())).unwrap();
                assert_eq!(answered, case["expect"], "{line}");
            }
        }
    }
}
