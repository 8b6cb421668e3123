//! `cargo xtask bench`: what the program costs, beside bare programs that do the same.
//!
//! It makes its own data, starts the real server as a process, and asks it over real
//! connections as signed-in people and as tills. It prints; what is exact it asserts.

mod bare;
mod client;
#[path = "../../crates/db/src/testkit/cluster.rs"]
#[expect(dead_code, reason = "the data layer's tests use other parts of it")]
mod cluster;
mod crash;
mod engine;
mod figures;
mod fill;
mod flush;
mod history;
mod load;
mod person;
mod proc;
mod run;
mod server;
mod table;
mod till;
mod world;

use clap::{Parser, Subcommand};
use engine::{Engine, Setting};
use run::Wanted;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use table::Figure;
use world::Scale;

/// What the program costs, beside bare programs that do the same.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure.
    Run(Run),
    /// Kill the server while it sells, again and again.
    Crash(Crash),
    /// Show that a sale is on disk before it is answered.
    Flush(Flush),
    /// Answer every request with the same bytes.
    #[command(hide = true)]
    BareHttp { address: SocketAddr },
}

#[derive(Debug, clap::Args)]
struct Run {
    /// A tenth of the data and shorter looks.
    #[arg(long)]
    quick: bool,
    /// One engine only.
    #[arg(long)]
    engine: Option<Engine>,
    /// Some figures only, such as P7,P8.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Make the data and measure nothing.
    #[arg(long)]
    data_only: bool,
    #[command(flatten)]
    built: Built,
}

/// Where things are; `cargo xtask` says it.
#[derive(Debug, clap::Args)]
struct Built {
    /// The built `inventario`.
    #[arg(long, hide = true)]
    server: PathBuf,
    /// The checkout.
    #[arg(long, hide = true)]
    project: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Crash {
    #[arg(long)]
    engine: Engine,
    /// How often.
    #[arg(long, default_value_t = 10)]
    rounds: u32,
    /// From where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    built: Built,
}

#[derive(Debug, clap::Args)]
struct Flush {
    #[arg(long)]
    engine: Engine,
    #[command(flatten)]
    built: Built,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::BareHttp { address } => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(bare::http::serve(address)))
        }
        // One thread: the driver must not take both cores from what it drives.
        Command::Run(run) => alone(measure(&run)),
        Command::Crash(asked) => alone(async {
            let folder = asked.built.project.join("target/bench");
            let setting = asked.built.setting(&folder, Scale::QUICK);
            crash::kill_repeatedly(asked.engine, &setting, asked.rounds, asked.seed)
                .await
                .map(|said| println!("{said}"))
        }),
        Command::Flush(asked) => alone(async {
            let folder = asked.built.project.join("target/bench");
            let setting = asked.built.setting(&folder, Scale::QUICK);
            flush::show(asked.engine, &setting).await.map(|said| println!("{said}"))
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs something on one thread.
fn alone(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(work))
}

impl Built {
    fn setting<'a>(&'a self, folder: &'a Path, scale: Scale) -> Setting<'a> {
        Setting { folder, project: &self.project, server: &self.server, scale }
    }
}

async fn measure(asked: &Run) -> Result<(), String> {
    let scale = if asked.quick { Scale::QUICK } else { Scale::FULL };
    let folder = asked.built.project.join("target/bench");
    let setting = asked.built.setting(&folder, scale);
    let wanted =
        Wanted { only: asked.only.clone(), time: Duration::from_millis(if asked.quick { 1_500 } else { 4_000 }) };
    let engines = asked.engine.map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine]);
    let mut all: Vec<(Engine, Vec<Figure>)> = Vec::new();
    for engine in engines {
        if asked.data_only {
            engine::set(engine, &setting).await?;
            continue;
        }
        let figures = run::run(engine, &setting, &wanted).await?;
        if !asked.json {
            let (products, lines) = (scale.products, scale.lines);
            println!("\n── {}: {products} products, {lines} sale lines ──", engine.word());
            print!("{}", table::table(&figures));
        }
        all.push((engine, figures));
    }
    if asked.json {
        let figures = all.iter().map(|(engine, figures)| {
            let figures: Vec<_> = figures.iter().map(Figure::json).collect();
            (engine.word().to_owned(), serde_json::Value::from(figures))
        });
        println!("{}", serde_json::Value::Object(figures.collect()));
    }
    let missed = all.iter().flat_map(|(_, figures)| figures).filter(|figure| !figure.is_good_enough()).count();
    if !asked.json && !asked.data_only {
        println!("\n{missed} figures miss their floor");
    }
    // What is exact must be exact, on every machine and however busy it is.
    let exact = ["P10", "P20"];
    let mut figures = all.iter().flat_map(|(_, figures)| figures);
    match figures.find(|figure| exact.contains(&figure.id) && !figure.is_good_enough()) {
        Some(figure) => Err(format!("{} {}: {}", figure.id, figure.what, figure.value)),
        None => Ok(()),
    }
}
