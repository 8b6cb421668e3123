//! `cargo xtask test`: everything the build machine runs, in one command.
//!
//! It owns the order of the steps and the summary. A step that cannot run
//! because another failed counts as failed; a step left out by a flag is named
//! at the end. **Invariant:** the command succeeds only if every step it was
//! asked for ran and succeeded.

mod report;
mod steps;

use std::time::Instant;

use report::{Outcome, Report};
use steps::{Ground, STEPS, Step, When};

/// What the caller asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Leave out the steps that take minutes.
    pub fast: bool,
    /// Only the tests whose name contains one of these words.
    pub filters: Vec<String>,
}

impl Wanted {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut wanted = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--fast" => wanted.fast = true,
                flag if flag.starts_with('-') => {
                    return Err(format!("`test` knows no `{flag}`; it takes --fast and words of test names"));
                }
                word => wanted.filters.push(word.to_owned()),
            }
        }
        Ok(wanted)
    }

    /// Why a step is not part of this run, if it is not.
    fn leaves_out(&self, step: &Step) -> Option<&'static str> {
        match step.when {
            When::Always => None,
            When::Whole if !self.filters.is_empty() => Some("a filter runs only named tests"),
            When::Whole | When::NotFast if self.fast => Some("--fast"),
            When::Whole | When::NotFast => None,
        }
    }
}

/// Runs the tests and prints the summary.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let wanted = Wanted::read(arguments)?;
    let mut ground = Ground::new(wanted);
    let mut report = Report::default();
    for step in STEPS {
        if let Some(reason) = ground.wanted.leaves_out(step) {
            report.left_out(step.name, reason);
            continue;
        }
        if let Some(needed) = step.needs.iter().find(|needed| report.failed(needed)) {
            report.ran(step.name, 0, Outcome::Blocked(needed));
            continue;
        }
        println!("\n── {} ──", step.name);
        let started = Instant::now();
        let outcome = match (step.run)(&mut ground) {
            Ok(finished) => Outcome::from(finished),
            Err(problem) => {
                println!("{problem}");
                Outcome::Problem(problem)
            }
        };
        report.ran(step.name, started.elapsed().as_secs(), outcome);
    }
    // The cluster stops before the last words, so that nothing is printed after them.
    drop(ground);
    report.print();
    if report.is_green() { Ok(()) } else { Err("the tests did not pass".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(arguments: &[&str]) -> Result<Wanted, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        Wanted::read(&arguments)
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        assert!(wanted(&["--quick"]).unwrap_err().contains("--quick"));
    }

    #[test]
    fn the_whole_run_leaves_nothing_out() {
        let all = wanted(&[]).unwrap();
        assert!(STEPS.iter().all(|step| all.leaves_out(step).is_none()));
    }

    #[test]
    fn a_step_needs_only_steps_before_it() {
        for (index, step) in STEPS.iter().enumerate() {
            for needed in step.needs {
                assert!(STEPS[..index].iter().any(|before| before.name == *needed), "{} needs {needed}", step.name);
            }
        }
    }
}
