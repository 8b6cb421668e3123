//! Seeing with the kernel's eyes that a sale is on disk before it is answered.
//!
//! strace watches the processes while one till sells once. Between the write of the
//! sale (to SQLite's log, or to PostgreSQL's) and the answer there must be a flush.

use crate::{
    client::Wire,
    engine::{self, Engine, Setting, Stage},
    server::Server,
    till::{self, OpenTill},
    world::Chance,
};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const CALLS: &str = "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg";

/// Sells once under strace and answers a sentence of what was seen.
///
/// # Errors
/// strace is missing, or the answer came before the flush.
pub async fn show(engine: Engine, setting: &Setting<'_>) -> Result<String, String> {
    let stage = engine::set(engine, setting).await?;
    let server = Server::start(setting.server, &stage).await?;
    let mut till = OpenTill::open(0, server.address).await?;
    let mut chance = Chance(1);
    let (first, second) = (
        till.sale(&till::basket(&mut chance, setting.scale.products)).await?,
        till.sale(&till::basket(&mut chance, setting.scale.products)).await?,
    );
    let broken = |error: std::io::Error| format!("the till was cut off: {error}");
    let mut wire = Wire::connect(server.address).await.map_err(broken)?;
    // The first sale opens connections and prepares statements.
    wire.ask(&first).await.map_err(broken)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let log = stage.folder.join("calls");
    let watching = watch(&watched(&stage, &server), &log)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answer = wire.ask(&second).await.map_err(broken)?;
    if !answer.says("\"accepted\"") {
        return Err(format!("the sale was not taken: {}", answer.text()));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop(watching);
    let calls = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    server.stop();
    let settings = match engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => {
            let asked = "SELECT current_setting('fsync') || current_setting('synchronous_commit')";
            format!(", fsync and synchronous_commit {}", engine::text(&stage.url, asked).await?)
        }
    };
    stage.clear().await?;
    Ok(format!("{}: {}{settings}", engine.word(), order(&calls)?))
}

/// The server, and PostgreSQL's processes.
fn watched(stage: &Stage, server: &Server) -> Vec<u32> {
    let postgres = stage.cluster.as_ref().map(crate::cluster::Cluster::process);
    let family = postgres.map(crate::proc::children).unwrap_or_default();
    [server.process()].into_iter().chain(postgres).chain(family).collect()
}

fn watch(processes: &[u32], log: &Path) -> Result<Child, String> {
    let mut command = Command::new("strace");
    // With the paths of files, and enough of what is written to know an answer.
    command.args(["-f", "-q", "-y", "-s", "160", "-ttt", "-e", CALLS, "-o"]).arg(log);
    for process in processes {
        command.args(["-p", &process.to_string()]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("strace does not run ({error}): install the package `strace`"))
}

fn stop(mut watching: Child) {
    let pid = watching.id().to_string();
    // It lets go of what it watches when it is asked to end; how it ends is its matter.
    let _ = Command::new("kill").args(["-INT", &pid]).status();
    let _ = watching.wait();
}

/// The last flush of a log before the answer, with a write before it.
fn order(calls: &str) -> Result<String, String> {
    let is_log = |line: &str| line.contains("-wal>") || line.contains("/pg_wal/");
    let lines: Vec<&str> = calls.lines().collect();
    let answered = lines.iter().position(|line| line.contains("accepted"));
    let answered = answered.ok_or("the answer was not seen: may this user trace its processes?")?;
    let begun = |line: &str, calls: &[&str]| calls.iter().any(|call| line.contains(&format!(" {call}(")));
    let written = lines[..answered].iter().position(|line| is_log(line) && begun(line, &["pwrite64", "write"]));
    let written = written.ok_or("no write of a log was seen before the answer")?;
    let flushed = lines[written..answered]
        .iter()
        .rposition(|line| is_log(line) && begun(line, &["fdatasync", "fsync"]))
        .ok_or("the answer left before the flush")?;
    let call = if lines[written + flushed].contains("fdatasync") { "fdatasync" } else { "fsync" };
    Ok(format!("write of the log, {call} of the log, answer, in this order"))
}

#[cfg(test)]
mod tests {
    use super::order;

    const WRITE: &str = "7 1.1 pwrite64(12</data/inventario.sqlite3-wal>, \"7\"..., 24, 32) = 24\n";
    const FLUSH: &str = "7 1.2 fdatasync(12</data/inventario.sqlite3-wal>) = 0\n";
    const ANSWER: &str =
        "9 1.3 writev(20<socket:[1]>, [{iov_base=\"HTTP/1.1 200 OK\"}, {\"outcome\\\":\\\"accepted\"}], 2) = 9\n";

    #[test]
    fn an_answer_before_the_flush_is_seen() {
        assert!(order(&[WRITE, FLUSH, ANSWER].concat()).is_ok());
        assert!(order(&[WRITE, ANSWER, FLUSH].concat()).is_err());
        assert!(order(&[FLUSH, WRITE, ANSWER].concat()).is_err());
        assert!(order(&[WRITE, FLUSH].concat()).is_err());
    }
}
