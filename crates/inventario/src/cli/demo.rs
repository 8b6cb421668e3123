//! `inventario demo`: a shop with three months of history to try the program on.
//!
//! **Invariant:** it takes no setting of whoever starts it: neither environment nor
//! `.env` can lead it to data that somebody needs.

use crate::{
    cli::{
        Failure,
        serve::{listen, run, runtime},
    },
    config::{
        Config, Reading,
        sources::{Places, Sources},
    },
    telemetry,
    wiring::{self, Assembled},
};
use app::features::demo::{self, People};
use clap::Args;
use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Serve a grocery with products, people and three months of sales, to try everything.
///
/// The passwords are random and are shown once. Without --dir the data goes away
/// when the command ends.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario demo --bind 127.0.0.1:8000\n  inventario demo --json --dir /tmp/tienda")]
pub struct Demo {
    /// Address and port on this machine; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDR:PORT")]
    bind: SocketAddr,
    /// An empty folder for the data, which stays there.
    #[arg(long, value_name = "D")]
    dir: Option<PathBuf>,
    /// Print address and people as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Demo {
    /// Serves the demonstration until the process is asked to stop.
    pub fn run(self) -> Result<(), Failure> {
        // Held until the end: dropping it removes the folder.
        let temporary = match &self.dir {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("inventario-demo-").tempdir()?),
        };
        let folder = match (&self.dir, &temporary) {
            (Some(dir), _) => dir.clone(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => return Err(Failure::Refused("there is no folder for the data".to_owned())),
        };
        refuse_data(&folder)?;
        let mut config = configuration(&folder)?;
        config
            .network
            .check_bind(config.mode, self.bind)
            .map_err(|why| Failure::Refused(format!("cannot listen on {}: {why}", self.bind)))?;
        telemetry::start(&config.operation);
        runtime()?.block_on(async {
            let listener = listen(self.bind).await?;
            config.network.listens_at(listener.local_addr()?);
            let assembled = wiring::assemble(&config).await.map_err(Failure::Refused)?;
            let people = fill(&assembled).await?;
            self.announce(&config.network.site_url.origin(), &people)?;
            run(assembled, listener).await;
            Ok(())
        })
    }

    fn announce(&self, origin: &str, people: &People) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let url = format!("{origin}/");
        if self.json {
            let account = |account: &demo::Account| serde_json::json!({ "username": account.username, "password": account.password });
            let line = serde_json::json!({
                "url": url, "admin": account(&people.admin), "seller": account(&people.seller),
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "Inventario: {url}")?;
            for (who, account) in [("admin", &people.admin), ("seller", &people.seller)] {
                writeln!(out, "  {who:<7} {:<8} {}", account.username, account.password)?;
            }
            writeln!(out, "Ctrl-C ends it. {}", self.fate())?;
        }
        out.flush()
    }

    fn fate(&self) -> String {
        match &self.dir {
            Some(dir) => format!("The data stays in {}.", dir.display()),
            None => "The data goes away with it.".to_owned(),
        }
    }
}

/// Data that is there already is somebody's.
fn refuse_data(folder: &Path) -> Result<(), Failure> {
    let file = folder.join("db.sqlite3");
    if file.try_exists()? {
        return Err(Failure::Refused(format!(
            "{} is there already; choose an empty folder with --dir, or look at it with DEBUG=True DATA_DIR={} inventario serve",
            file.display(),
            folder.display()
        )));
    }
    Ok(())
}

fn configuration(folder: &Path) -> Result<Config, Failure> {
    let data_dir = folder
        .to_str()
        .ok_or_else(|| Failure::Refused("the folder's name is not UTF-8; choose another one with --dir".to_owned()))?;
    let given = [("DEBUG", "True"), ("DATA_DIR", data_dir), ("LOG_LEVEL", "warn")];
    let (sources, found) = Sources::gather(Places {
        flags: given.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(),
        environment: Vec::new(),
        folder,
    });
    let reading = Reading::of(&sources, found);
    let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
    reading.config.ok_or_else(|| Failure::Refused(problems.join("; ")))
}

/// Fills the shop, and says how far it is where a person looks on.
async fn fill(assembled: &Assembled) -> Result<People, Failure> {
    let watched = io::stderr().is_terminal();
    let filled = demo::create(&assembled.app, |done, all| {
        if watched && (done % 10 == 0 || done == all) {
            // Nobody needs the progress when it cannot be written.
            let _ = writeln!(io::stderr(), "day {done} of {all}");
        }
    });
    filled.await.map_err(Failure::Refused)
}
