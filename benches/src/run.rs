//! One engine's run: which figures are taken, in which order.

use crate::{
    bare::{disk, http::BareHttp, pgbench, sqlite},
    engine::{self, Engine, Setting, Stage},
    figures,
    load::{self, Ask, Sample},
    person::Person,
    proc::Cpu,
    server::Server,
    table::{Figure, Goal, Unit},
    till::OpenTill,
    world::{Scale, Shop},
};
use std::{process::Command, time::Duration};

/// What somebody wants to know.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which figures; empty for all.
    pub only: Vec<String>,
    /// How long each is looked at.
    pub time: Duration,
}

impl Wanted {
    /// Whether one of these figures is wanted.
    pub fn any(&self, ids: &[&str]) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| ids.contains(&only.as_str()))
    }
}

/// A server under measurement.
pub struct Run {
    pub engine: Engine,
    pub scale: Scale,
    pub wanted: Wanted,
    pub server: Server,
    pub figures: Vec<Figure>,
    /// The owner of the large shop.
    pub owner: Person,
    /// A seller there.
    pub seller: Person,
    /// The owner of the shop with 10,000 lines.
    pub other_owner: Person,
    pub tills: Vec<OpenTill>,
    asked: u64,
    errors: u64,
}

impl Run {
    /// Asks with so many clients and notes errors and processor time.
    pub async fn closed<'a>(
        &mut self,
        clients: usize,
        time: Duration,
        next: impl Fn(usize, usize) -> Option<Ask<'a>>,
    ) -> Sample {
        let before = self.server.cpu();
        let sample = load::closed(self.server.address, clients, time, next).await;
        self.noted(sample, before)
    }

    /// The same at a pace.
    pub async fn paced<'a>(
        &mut self,
        clients: usize,
        per_second: u32,
        next: impl Fn(usize, usize) -> Option<Ask<'a>>,
    ) -> Sample {
        let before = self.server.cpu();
        // At a pace there is little to count: it takes longer.
        let pace = (per_second, self.wanted.time * 2);
        let sample = load::paced(self.server.address, clients, pace, next).await;
        self.noted(sample, before)
    }

    /// Adds what was asked to the count of errors.
    pub fn noted(&mut self, sample: Sample, before: Cpu) -> Sample {
        let sample = Sample { cpu: self.server.cpu() - before, ..sample };
        self.asked += sample.asked;
        self.errors += sample.errors;
        if let Some(error) = &sample.first_error {
            eprintln!("error: {error}");
        }
        sample
    }

    /// Notes a figure. The goals are stated for SQLite unless they say otherwise.
    pub fn tell(&mut self, figure: Figure) {
        let stated = self.engine == Engine::Sqlite || ["P8", "P10", "P20"].contains(&figure.id);
        let goal = if stated { figure.goal } else { Goal::NONE };
        self.figures.push(Figure { goal, ..figure });
    }

    /// Tills that are open, at least so many.
    pub async fn open_tills(&mut self, many: u32) -> Result<(), String> {
        for number in u32::try_from(self.tills.len()).expect("few")..many {
            self.tills.push(OpenTill::open(number, self.server.address).await?);
        }
        Ok(())
    }
}

/// Takes the figures of one engine.
///
/// # Errors
/// A sentence of what could not be measured at all.
pub async fn run(engine: Engine, setting: &Setting<'_>, wanted: &Wanted) -> Result<Vec<Figure>, String> {
    let stage = engine::set(engine, setting).await?;
    let flush_ns = disk::flush_ns(&stage.folder)?;
    let mut early = Vec::new();
    let server = figures::rest::start(&stage, setting.server, wanted, &mut early).await?;
    let address = server.address;
    let mut run = Run {
        engine,
        scale: setting.scale,
        wanted: wanted.clone(),
        owner: Person::sign_in(address, &Shop(0).username(0)).await?,
        seller: Person::sign_in(address, &Shop(0).username(1)).await?,
        other_owner: Person::sign_in(address, &Shop(1).username(0)).await?,
        server,
        figures: Vec::new(),
        tills: Vec::new(),
        asked: 0,
        errors: 0,
    };
    for figure in early {
        run.tell(figure);
    }
    run.tell(Figure::new("", "a write of 4 KiB and its flush, p50", Unit::Time, flush_ns, Goal::NONE));
    figures::reading::take(&mut run).await?;
    figures::selling::take(&mut run, flush_ns).await?;
    figures::mixed::take(&mut run).await?;
    if wanted.any(&["P20"]) {
        let (asked, errors) = (run.asked, i64::try_from(run.errors).unwrap_or(i64::MAX));
        run.tell(Figure::new("P20", format!("errors in {asked} requests"), Unit::Count, errors, Goal::of(0, 0)));
    }
    let Run { server, mut figures, .. } = run;
    server.stop();
    if wanted.any(&["P20", "P7", "P8", "P10", "P14"]) {
        figures.push(verify(&stage, setting)?);
    }
    bare_sales(&stage, setting, wanted, &mut figures)?;
    stage.clear().await?;
    Ok(figures)
}

/// Whether all that was sold is true.
///
/// # Errors
/// The command does not run.
pub fn verify(stage: &Stage, setting: &Setting<'_>) -> Result<Figure, String> {
    let output = Command::new(setting.server)
        .args(["verify", "--json"])
        .env_clear()
        .envs(crate::server::environment(&stage.url, &stage.folder, "http://127.0.0.1:8000"))
        .current_dir(&stage.folder)
        .output()
        .map_err(|error| format!("verify does not run: {error}"))?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("verify failed: {}", String::from_utf8_lossy(&output.stderr)))?;
    let findings = said["findings"].as_array().map_or(i64::MAX, |found| i64::try_from(found.len()).unwrap_or(i64::MAX));
    let what = format!("rows that do not fit, of {} that verify reads afterwards", said["rows"]);
    Ok(Figure::new("P20", what, Unit::Count, findings, Goal::of(0, 0)))
}

/// The bare programs write last, because what they write is not true.
fn bare_sales(stage: &Stage, setting: &Setting<'_>, wanted: &Wanted, figures: &mut [Figure]) -> Result<(), String> {
    let id = if stage.engine == Engine::Sqlite { "P7" } else { "P8" };
    let Some(figure) = figures.iter_mut().find(|figure| figure.id == id) else { return Ok(()) };
    let products = setting.scale.products;
    let (program, rate) = match stage.engine {
        Engine::Sqlite => ("bare rusqlite", sqlite::sales_per_second(&stage.file(), products, wanted.time)?),
        Engine::Postgres => match pgbench::find(setting.project) {
            Some(found) => {
                let rate = pgbench::sales_per_second(&found, &stage.url, &stage.folder, (products, wanted.time))?;
                ("pgbench", rate)
            }
            None => {
                eprintln!("pgbench was not found beside the server or in PATH: P8 has nothing beside it");
                return Ok(());
            }
        },
    };
    figure.beside = Some((program, rate));
    figure.goal.goal = Some(rate * 8 / 10);
    Ok(())
}

/// The bare HTTP server, asked as the product is.
pub async fn bare_http(clients: usize, time: Duration) -> Result<Sample, String> {
    let bare = BareHttp::start().await?;
    let request =
        format!("GET /ventas/api/buscar-producto/?codigo_barras=1 HTTP/1.1\r\nHost: {}\r\n\r\n", bare.address);
    let before = bare.cpu();
    let ask = |_, _| Some(Ask::ok(request.as_bytes(), "\"success\":true"));
    let sample = load::closed(bare.address, clients, time, ask).await;
    Ok(Sample { cpu: bare.cpu() - before, ..sample })
}
