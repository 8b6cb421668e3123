//! `cargo xtask evidence`: long proofs, each ending as a dated row in `docs/evidence.md`.
//!
//! A part is made of rounds, one a seed. What was done is written down after each
//! round in `target/evidence/`, so that a run that is stopped goes on where it was, as
//! long as the checkout is at the same commit.
//! **Invariant:** a part that cannot run is named with what it lacks and counts as not
//! proven; a part that fails leaves a failing row.

mod parts;
mod record;

use std::time::{Duration, Instant};

use parts::{Ground, PARTS, Part};
use record::{Progress, Row};

use crate::paths;

const MINUTES: u64 = 10;
const SEED: u64 = 1;

/// What the caller asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    parts: Vec<&'static str>,
    minutes: u64,
    seed: u64,
}

impl Wanted {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let names = || PARTS.iter().map(|part| part.name);
        let mut wanted = Self { parts: names().collect(), minutes: MINUTES, seed: SEED };
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{flag} needs a value"));
            let number = |text: &String| text.parse::<u64>().map_err(|_| format!("{flag} takes a whole number"));
            match flag.as_str() {
                "--parts" => {
                    let asked = value()?;
                    let known = |asked: &str| {
                        let known = names().find(|name| *name == asked);
                        known.ok_or_else(|| format!("there is no part `{asked}`; there are {}", list(names())))
                    };
                    wanted.parts = asked.split(',').map(known).collect::<Result<_, _>>()?;
                }
                "--minutes" => wanted.minutes = number(value()?)?,
                "--seed" => wanted.seed = number(value()?)?,
                other => return Err(format!("`evidence` knows no `{other}`; it takes --parts, --minutes and --seed")),
            }
        }
        Ok(wanted)
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Runs the parts and writes their rows.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let wanted = Wanted::read(arguments)?;
    let root = paths::root();
    let commit = record::commit()?;
    let mut ground = Ground::new();
    let mut unproven = Vec::new();
    for part in PARTS.iter().filter(|part| wanted.parts.contains(&part.name)) {
        println!("\n── {}: {} ──", part.name, part.what);
        if let Err(missing) = (part.lacks)(&root) {
            println!("not run: {missing}");
            unproven.push(format!("{} (not run: {missing})", part.name));
            continue;
        }
        let row = prove(part, &wanted, &commit, &mut ground)?;
        record::append(&root, &row)?;
        println!("{}", row.line());
        if !row.holds {
            unproven.push(part.name.to_owned());
        }
    }
    // The cluster stops before the last words.
    drop(ground);
    if unproven.is_empty() { Ok(()) } else { Err(format!("not proven: {}", unproven.join("; "))) }
}

/// Plays rounds until both the time and the least number of rounds are reached, or one fails.
fn prove(part: &Part, wanted: &Wanted, commit: &str, ground: &mut Ground) -> Result<Row, String> {
    let mut progress = Progress::load(part.name, commit, wanted.seed);
    if progress.rounds > 0 {
        println!("going on after {} rounds and {} s", progress.rounds, progress.seconds);
    }
    let enough = Duration::from_secs(wanted.minutes * 60);
    let mut failure = None;
    while progress.rounds < part.rounds_min || (progress.seconds < enough.as_secs() && !part.once) {
        let begun = Instant::now();
        match (part.round)(ground, wanted.seed + progress.rounds) {
            Ok(seen) => progress.seen = seen,
            Err(problem) => {
                failure = Some(format!("seed {}: {problem}", wanted.seed + progress.rounds));
                break;
            }
        }
        progress.rounds += 1;
        progress.seconds += begun.elapsed().as_secs();
        progress.save(part.name)?;
    }
    progress.forget(part.name);
    let result = failure.clone().unwrap_or_else(|| {
        let times = if progress.rounds == 1 { String::new() } else { format!("{} rounds; last: ", progress.rounds) };
        format!("{times}{}", progress.seen)
    });
    Ok(Row {
        date: record::today()?,
        part: part.name,
        commit: commit.to_owned(),
        seed: wanted.seed,
        seconds: progress.seconds,
        holds: failure.is_none(),
        result,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(arguments: &[&str]) -> Result<Wanted, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        Wanted::read(&arguments)
    }

    #[test]
    fn parts_time_and_seed_can_be_chosen() {
        let chosen = wanted(&["--parts", "carts,cut", "--minutes", "1", "--seed", "7"]);
        assert_eq!(chosen, Ok(Wanted { parts: vec!["carts", "cut"], minutes: 1, seed: 7 }));
        assert_eq!(wanted(&[]).map(|all| all.parts.len()), Ok(PARTS.len()));
    }

    #[test]
    fn a_part_that_does_not_exist_is_refused_with_those_that_do() {
        let refused = wanted(&["--parts", "cart"]).unwrap_err();
        assert!(refused.contains("`cart`") && refused.contains("carts, model"), "{refused}");
        assert!(wanted(&["--minutes"]).is_err() && wanted(&["--minutes", "x"]).is_err());
    }
}
