//! The parts: what each plays in a round, and what it cannot do without.

use std::path::Path;
use std::process::Command;

use crate::postgres::Postgres;
use crate::process::{self, cargo, command};
use crate::{assets, browser, npm, paths};

/// One proof.
pub struct Part {
    pub name: &'static str,
    pub what: &'static str,
    /// Fewer rounds prove nothing.
    pub rounds_min: u64,
    /// True where a second round would say the same.
    pub once: bool,
    /// What is missing on this machine or in this checkout.
    pub lacks: fn(&Path) -> Result<(), String>,
    /// Plays a round from a seed and says what was seen.
    pub round: fn(&mut Ground, u64) -> Result<String, String>,
}

const CHAOS: &str = "e2e/chaos.story.ts";
const TILL_SPEED: &str = "e2e/till-speed.bench.ts";
const LIGHTHOUSE: &str = "e2e/lighthouse/run.mjs";

/// Carts of one round; four make the million.
const CARTS: &str = "250000";
const MODEL_OPERATIONS: &str = "10000";
const RACE_ROUNDS: &str = "60";
const KILLS: &str = "10";
const CHAOS_SALES: &str = "500";

pub const PARTS: &[Part] = &[
    Part {
        name: "carts",
        what: "both price engines answer a million generated carts alike",
        rounds_min: 4,
        once: false,
        lacks: needs_node,
        round: carts,
    },
    Part {
        name: "model",
        what: "ten thousand random operations leave what a naive shop says, on both engines",
        rounds_min: 1,
        once: false,
        lacks: nothing,
        round: model,
    },
    Part {
        name: "race",
        what: "64 clients at the same five products, and at the last ten units, on both engines",
        rounds_min: 1,
        once: false,
        lacks: nothing,
        round: race,
    },
    Part {
        name: "crash",
        what: "kill -9 under 64 selling tills loses nothing that was answered, on both engines",
        rounds_min: 1,
        once: false,
        lacks: nothing,
        round: crash,
    },
    Part {
        name: "cut",
        what: "data file and log cut anywhere and opened again",
        rounds_min: 1,
        once: false,
        lacks: nothing,
        round: cut,
    },
    Part {
        name: "chaos",
        what: "a till whose network and page fail at random delivers each sale once",
        rounds_min: 1,
        once: false,
        lacks: |root| has(root, CHAOS),
        round: chaos,
    },
    Part {
        name: "flush",
        what: "the flush happens between the write of a sale and its answer, on both engines",
        rounds_min: 1,
        once: true,
        lacks: needs_strace,
        round: flush,
    },
    Part {
        name: "till-speed",
        what: "the till's budgets with 100,000 products on a slow processor",
        rounds_min: 1,
        once: true,
        lacks: |root| has(root, TILL_SPEED),
        round: till_speed,
    },
    Part {
        name: "lighthouse",
        what: "Lighthouse gives every page at least 95",
        rounds_min: 1,
        once: true,
        lacks: |root| has(root, LIGHTHOUSE),
        round: lighthouse,
    },
];

/// What rounds leave for later ones.
pub struct Ground {
    postgres: Option<Postgres>,
    built: Vec<&'static str>,
}

impl Ground {
    pub fn new() -> Self {
        Self { postgres: None, built: Vec::new() }
    }

    fn postgres_url(&mut self) -> Result<String, String> {
        let postgres = match self.postgres.take() {
            Some(running) => running,
            None => Postgres::start()?,
        };
        Ok(self.postgres.insert(postgres).url())
    }

    /// Does something for the first of all rounds only.
    fn once(&mut self, what: &'static str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        if !self.built.contains(&what) {
            work()?;
            self.built.push(what);
        }
        Ok(())
    }

    /// The release builds of the server and of the measuring program.
    fn releases(&mut self) -> Result<(), String> {
        self.once("releases", || {
            assets::build(&paths::root(), true)?;
            succeed(cargo(&["build", "--release", "--package", "inventario", "--package", "bench"])).map(drop)
        })
    }

    /// The debug build of the server, with its assets.
    fn server(&mut self) -> Result<(), String> {
        self.once("server", || {
            assets::build(&paths::root(), false)?;
            succeed(cargo(&["build", "--package", "inventario"])).map(drop)
        })
    }
}

fn nothing(_root: &Path) -> Result<(), String> {
    Ok(())
}

fn has(root: &Path, file: &str) -> Result<(), String> {
    if root.join(file).is_file() { Ok(()) } else { Err(format!("{file} is not in this checkout")) }
}

fn needs_node(_root: &Path) -> Result<(), String> {
    npm::node().map(drop)
}

fn needs_strace(_root: &Path) -> Result<(), String> {
    process::find_in_path(&["strace"]).map(drop).ok_or_else(|| "strace is missing: install the package `strace`".into())
}

/// Runs a program and passes its output on; the last line that says something is what was seen.
fn succeed(mut command: Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(std::process::Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cannot start {name}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{said}");
    let telling = |line: &&str| !line.trim().is_empty();
    let last = said.lines().rev().find(telling).unwrap_or_default().trim().to_owned();
    if output.status.success() {
        return Ok(last);
    }
    // A failing test says why before its last lines.
    let why = said.lines().find(|line| line.contains("panicked at") || line.contains("differ")).unwrap_or(&last);
    Err(format!("{name} failed ({}): {why}", output.status))
}

/// Tests of the application whose names contain one of the words; none is a mistake.
fn tests(ground: &mut Ground, words: &[&str], settings: &[(&str, &str)]) -> Result<String, String> {
    let url = ground.postgres_url()?;
    ground.once("assets", || assets::build(&paths::root(), false))?;
    let mut tests = cargo(&["test", "--package", "app", "--lib", "--"]);
    tests.args(words).env("INVENTARIO_TEST_PG", url).envs(settings.iter().copied());
    let finished = process::stream(tests)?;
    let (passed, failed) = (finished.counts.passed, finished.counts.failed);
    match (finished.success, passed) {
        (true, 0) => Err(format!("no test is named so: {}", words.join(", "))),
        (true, _) => Ok(format!("{passed} tests passed")),
        (false, _) => Err(format!("{failed} tests failed; their words stand in the output")),
    }
}

fn carts(ground: &mut Ground, seed: u64) -> Result<String, String> {
    ground.once("engines", || {
        npm::ensure(&paths::root())?;
        succeed(cargo(&["build", "--release", "--package", "domain", "--examples"])).map(drop)
    })?;
    let mut compare = command(npm::node()?, &["e2e/engines.mjs"]);
    compare.arg(paths::release_binary("examples/quote_lines")).args([CARTS, &seed.to_string()]);
    succeed(compare)
}

fn model(ground: &mut Ground, seed: u64) -> Result<String, String> {
    let settings = [("INVENTARIO_MODEL_OPERATIONS", MODEL_OPERATIONS), ("INVENTARIO_MODEL_SEED", &seed.to_string())];
    let seen = tests(ground, &["random_operations_leave"], &settings)?;
    Ok(format!("{MODEL_OPERATIONS} operations on each engine, {seen}"))
}

fn race(ground: &mut Ground, _seed: u64) -> Result<String, String> {
    let words = ["a_crowd_at_five_products", "of_sixty_four_clients_racing"];
    let seen = tests(ground, &words, &[("INVENTARIO_RACE_ROUNDS", RACE_ROUNDS)])?;
    Ok(format!("64 clients with {RACE_ROUNDS} rounds each, {seen}"))
}

fn crash(ground: &mut Ground, seed: u64) -> Result<String, String> {
    ground.releases()?;
    let mut seen = Vec::new();
    for engine in ["sqlite", "postgres"] {
        let seed = seed.to_string();
        seen.push(succeed(measuring("crash", &["--engine", engine, "--rounds", KILLS, "--seed", &seed]))?);
    }
    Ok(seen.join(". "))
}

fn flush(ground: &mut Ground, _seed: u64) -> Result<String, String> {
    ground.releases()?;
    let mut seen = Vec::new();
    for engine in ["sqlite", "postgres"] {
        seen.push(succeed(measuring("flush", &["--engine", engine]))?);
    }
    Ok(seen.join(". "))
}

/// The measuring program of `benches/`.
fn measuring(what: &str, arguments: &[&str]) -> Command {
    let mut command = command(paths::release_binary("bench"), &[what]);
    command.arg("--server").arg(paths::release_binary("inventario")).arg("--project").arg(paths::root());
    command.args(arguments);
    command
}

fn cut(ground: &mut Ground, seed: u64) -> Result<String, String> {
    let words = ["a_log_cut_anywhere", "a_data_file_cut_anywhere", "a_killed_process_loses"];
    tests(ground, &words, &[("INVENTARIO_CUT_SEED", &seed.to_string())])
}

fn chaos(ground: &mut Ground, seed: u64) -> Result<String, String> {
    npm::ensure(&paths::root())?;
    ground.server()?;
    let url = ground.postgres_url()?;
    let node = npm::node()?;
    let folder = paths::made("evidence/chaos");
    let mut bundle = command(&node, &["xtask/src/test/bundle.mjs"]);
    bundle.arg(&folder).arg(CHAOS);
    let bundled = process::read(bundle)?;
    let mut story = command(&node, &["--enable-source-maps", "--test", "--test-reporter=spec"]);
    story.args(bundled.lines()).env("CHROMIUM", browser::find()?).env("INVENTARIO_TEST_PG", url);
    story.env("INVENTARIO_BINARY", paths::debug_binary("inventario"));
    story.env("INVENTARIO_CHAOS_SALES", CHAOS_SALES).env("INVENTARIO_CHAOS_SEED", seed.to_string());
    let finished = process::stream(story)?;
    if finished.success && finished.counts.passed > 0 {
        Ok(format!("{CHAOS_SALES} sales a register"))
    } else {
        Err("the story failed; its words stand in the output".to_owned())
    }
}

fn till_speed(_ground: &mut Ground, _seed: u64) -> Result<String, String> {
    npm::ensure(&paths::root())?;
    assets::build(&paths::root(), true)?;
    npm_run(&paths::root(), &["run", "--silent", "till-speed", "--", "--json"])
}

fn lighthouse(ground: &mut Ground, _seed: u64) -> Result<String, String> {
    ground.server()?;
    let folder = paths::root().join("e2e/lighthouse");
    npm_run(&folder, &["ci", "--no-audit", "--no-fund"])?;
    npm_run(&folder, &["start", "--silent"])
}

fn npm_run(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let npm = process::find_in_path(&["npm", "npm.cmd"]).ok_or("npm was not found in PATH")?;
    let mut run = command(npm, arguments);
    run.current_dir(folder);
    if let Ok(browser) = browser::find() {
        run.env("CHROMIUM", browser);
    }
    succeed(run)
}
