//! The summary of a run: every step, its seconds and its result, and one last
//! line `N passed, N failed` over all runners.

use crate::process::{Counts, Finished};

/// How a step ended.
#[derive(Debug)]
pub enum Outcome {
    /// The program ran; its tests, if it reports any.
    Ran { success: bool, counts: Counts },
    /// It could not run; the sentence says what to do.
    Problem(String),
    /// A step it needs failed.
    Blocked(&'static str),
}

impl From<Finished> for Outcome {
    fn from(finished: Finished) -> Self {
        Self::Ran { success: finished.success, counts: finished.counts }
    }
}

impl Outcome {
    fn is_green(&self) -> bool {
        matches!(self, Self::Ran { success: true, counts } if counts.failed == 0)
    }

    /// What the step adds to the last line. A step without tests of its own
    /// counts as one, and so does one that failed without naming a test.
    fn counted(&self) -> (u64, u64) {
        match self {
            Self::Ran { success, counts } => {
                let silent = counts.passed + counts.failed == 0;
                let passed = counts.passed + u64::from(*success && silent);
                let failed = counts.failed + u64::from(!success && counts.failed == 0);
                (passed, failed)
            }
            Self::Problem(_) | Self::Blocked(_) => (0, 1),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Ran { success, counts } => {
                let state = if self.is_green() { "ok" } else { "FAILED" };
                let mut words = state.to_owned();
                if counts.passed + counts.failed > 0 {
                    words += &format!("  {} passed, {} failed", counts.passed, counts.failed);
                }
                if counts.ignored > 0 {
                    words += &format!(", {} left out by their own mark", counts.ignored);
                }
                if !success && counts.failed == 0 && counts.passed > 0 {
                    words += ", and the program itself failed";
                }
                words
            }
            Self::Problem(problem) => format!("FAILED  {problem}"),
            Self::Blocked(needed) => format!("FAILED  could not run, because `{needed}` failed"),
        }
    }
}

/// The steps of a run.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<(&'static str, u64, Outcome)>,
    left_out: Vec<(&'static str, &'static str)>,
}

impl Report {
    pub fn ran(&mut self, name: &'static str, seconds: u64, outcome: Outcome) {
        self.rows.push((name, seconds, outcome));
    }

    pub fn left_out(&mut self, name: &'static str, reason: &'static str) {
        self.left_out.push((name, reason));
    }

    pub fn failed(&self, name: &str) -> bool {
        self.rows.iter().any(|(row, _, outcome)| *row == name && !outcome.is_green())
    }

    pub fn is_green(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|(_, _, outcome)| outcome.is_green())
    }

    /// The lines of the summary.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut passed, mut failed) = (0, 0);
        for (name, seconds, outcome) in &self.rows {
            lines.push(format!("{name:<28} {seconds:>5} s  {}", outcome.words()));
            let (more_passed, more_failed) = outcome.counted();
            passed += more_passed;
            failed += more_failed;
        }
        for (name, reason) in &self.left_out {
            lines.push(format!("{name:<28}     –    not run ({reason})"));
        }
        lines.push(format!("{passed} passed, {failed} failed"));
        lines
    }

    pub fn print(&self) {
        println!("\n── summary ──");
        for line in self.lines() {
            println!("{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(success: bool, passed: u64, failed: u64) -> Outcome {
        Outcome::Ran { success, counts: Counts { passed, failed, ignored: 0 } }
    }

    #[test]
    fn the_last_line_counts_over_all_steps() {
        let cases: &[(Vec<Outcome>, &str, bool)] = &[
            (vec![ran(true, 5, 0), ran(true, 0, 0)], "6 passed, 0 failed", true),
            (vec![ran(false, 5, 2)], "5 passed, 2 failed", false),
            (vec![ran(false, 5, 0)], "5 passed, 1 failed", false),
            (vec![ran(true, 5, 1)], "5 passed, 1 failed", false),
            (vec![ran(true, 1, 0), Outcome::Blocked("assets")], "1 passed, 1 failed", false),
            (vec![Outcome::Problem("no node".into())], "0 passed, 1 failed", false),
            (vec![], "0 passed, 0 failed", false),
        ];
        for (outcomes, last, green) in cases {
            let mut report = Report::default();
            for outcome in outcomes {
                let copy = match outcome {
                    Outcome::Ran { success, counts } => Outcome::Ran { success: *success, counts: *counts },
                    Outcome::Problem(problem) => Outcome::Problem(problem.clone()),
                    Outcome::Blocked(needed) => Outcome::Blocked(needed),
                };
                report.ran("step", 1, copy);
            }
            assert_eq!(report.lines().last().unwrap(), last);
            assert_eq!(report.is_green(), *green, "{last}");
        }
    }

    #[test]
    fn a_step_that_was_left_out_is_named() {
        let mut report = Report::default();
        report.left_out("stories", "--fast");
        assert!(report.lines()[0].contains("stories") && report.lines()[0].contains("--fast"));
    }
}
