//! The steps of `cargo xtask test`, in order.

use std::path::PathBuf;

use super::Wanted;
use crate::postgres::Postgres;
use crate::process::{Finished, cargo, command, stream};
use crate::{browser, files, npm, paths};

/// When a step belongs to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Not with `--fast`.
    NotFast,
    /// Not with `--fast` and not when only named tests are wanted.
    Whole,
}

/// One step: what it is called, what must have succeeded before, and what it does.
pub struct Step {
    pub name: &'static str,
    pub when: When,
    pub needs: &'static [&'static str],
    pub run: fn(&mut Ground) -> Result<Finished, String>,
}

/// What steps leave for later ones.
pub struct Ground {
    pub wanted: Wanted,
    postgres: Option<Postgres>,
}

impl Ground {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, postgres: None }
    }

    fn postgres_url(&self) -> String {
        self.postgres.as_ref().expect("the step `postgresql` ran before").url()
    }
}

const PACKAGES: &str = "packages of the lock file";
const ASSETS: &str = "assets";
const POSTGRES: &str = "postgresql";
const BUILD: &str = "build";

pub const STEPS: &[Step] = &[
    Step { name: PACKAGES, when: When::Always, needs: &[], run: packages },
    Step { name: "tidy", when: When::Whole, needs: &[], run: tidy },
    Step { name: "format", when: When::Whole, needs: &[], run: format },
    Step { name: ASSETS, when: When::Always, needs: &[PACKAGES], run: assets },
    Step { name: POSTGRES, when: When::Always, needs: &[PACKAGES], run: postgresql },
    Step { name: "types of the browser's code", when: When::Whole, needs: &[PACKAGES, ASSETS], run: types },
    Step { name: "tests of the browser's code", when: When::Always, needs: &[PACKAGES, ASSETS], run: node_tests },
    Step { name: "lints", when: When::Whole, needs: &[ASSETS], run: clippy },
    Step { name: "tests", when: When::Always, needs: &[ASSETS, POSTGRES], run: cargo_test },
    Step { name: BUILD, when: When::NotFast, needs: &[ASSETS], run: build },
    Step { name: "both pricing engines agree", when: When::Whole, needs: &[PACKAGES, BUILD], run: engines },
    Step { name: "stories in a browser", when: When::NotFast, needs: &[PACKAGES, BUILD, POSTGRES], run: stories },
];

/// A step that did its work in this process.
fn done() -> Finished {
    Finished { success: true, counts: crate::process::Counts::default() }
}

fn packages(_ground: &mut Ground) -> Result<Finished, String> {
    npm::node()?;
    npm::ensure(&paths::root())?;
    Ok(done())
}

fn tidy(_ground: &mut Ground) -> Result<Finished, String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find xtask itself: {error}"))?;
    stream(command(this, &["tidy"]))
}

fn format(_ground: &mut Ground) -> Result<Finished, String> {
    component("fmt", "rustfmt")?;
    stream(cargo(&["fmt", "--all", "--check"]))
}

fn assets(_ground: &mut Ground) -> Result<Finished, String> {
    crate::assets::build(&paths::root(), false)?;
    Ok(done())
}

fn postgresql(ground: &mut Ground) -> Result<Finished, String> {
    let postgres = Postgres::start()?;
    println!("{}", postgres.describe());
    ground.postgres = Some(postgres);
    Ok(done())
}

fn types(_ground: &mut Ground) -> Result<Finished, String> {
    let compiler = paths::root().join("node_modules/typescript/bin/tsc");
    let mut check = command(npm::node()?, &[]);
    check.arg(compiler).arg("--noEmit");
    stream(check)
}

fn node_tests(ground: &mut Ground) -> Result<Finished, String> {
    let own = files::own(&paths::root())?;
    let tests = files::ending(&own, ".test.ts");
    run_node_tests(ground, "node-test", &tests, &[])
}

fn clippy(_ground: &mut Ground) -> Result<Finished, String> {
    component("clippy", "clippy")?;
    stream(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn cargo_test(ground: &mut Ground) -> Result<Finished, String> {
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--"]);
    tests.args(&ground.wanted.filters);
    tests.env("INVENTARIO_TEST_PG", ground.postgres_url());
    stream(tests)
}

fn build(_ground: &mut Ground) -> Result<Finished, String> {
    stream(cargo(&["build", "--workspace", "--bins", "--examples"]))
}

fn engines(_ground: &mut Ground) -> Result<Finished, String> {
    let mut compare = command(npm::node()?, &["e2e/engines.mjs"]);
    compare.arg(paths::debug_binary("examples/quote_lines"));
    stream(compare)
}

fn stories(ground: &mut Ground) -> Result<Finished, String> {
    let browser = browser::find()?;
    println!("browser: {}", browser.display());
    let own = files::own(&paths::root())?;
    let stories = files::ending(&own, ".story.ts");
    let environment = [
        ("CHROMIUM", browser),
        ("INVENTARIO_BINARY", paths::debug_binary("inventario")),
        ("INVENTARIO_TEST_PG", PathBuf::from(ground.postgres_url())),
    ];
    run_node_tests(ground, "e2e", &stories, &environment)
}

/// Bundles TypeScript tests, each into one module, and runs them with node's runner.
fn run_node_tests(
    ground: &Ground,
    folder: &str,
    tests: &[PathBuf],
    environment: &[(&str, PathBuf)],
) -> Result<Finished, String> {
    if tests.is_empty() {
        return Err("there is not one such test in the tree; something is wrong with the checkout".to_owned());
    }
    let node = npm::node()?;
    let folder = paths::made(folder);
    // A test that was removed or renamed must not live on in its bundle.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("cannot empty {}: {error}", folder.display()))?;
    }
    let mut bundle = command(&node, &["xtask/src/test/bundle.mjs"]);
    bundle.arg(&folder).args(tests);
    let bundled = crate::process::read(bundle)?;
    let mut run = command(&node, &["--enable-source-maps", "--test", "--test-reporter=spec", "--test-concurrency=2"]);
    for word in &ground.wanted.filters {
        run.arg(format!("--test-name-pattern={}", escape(word)));
    }
    run.args(bundled.lines());
    run.envs(environment.iter().map(|(name, value)| (name, value)));
    stream(run)
}

/// A word as a regular expression that means the word.
fn escape(word: &str) -> String {
    let mut escaped = String::new();
    for character in word.chars() {
        if !character.is_alphanumeric() && !matches!(character, ' ' | '_') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Says how to get a part of the toolchain that is missing.
fn component(command_name: &str, component: &str) -> Result<(), String> {
    let output = cargo(&[command_name, "--version"]).output();
    if output.is_ok_and(|output| output.status.success()) {
        Ok(())
    } else {
        Err(format!("cargo {command_name} is missing: run `rustup component add {component}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_filter_is_taken_literally() {
        assert_eq!(escape("a sale (cash)"), "a sale \\(cash\\)");
    }
}
