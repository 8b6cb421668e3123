//! The product as its owner runs it: `inventario serve`, a process of its own.

use crate::{
    client::Wire,
    engine::Stage,
    proc::{self, Cpu},
};
use std::{
    ffi::OsString,
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long it may take until it answers.
const START_MAX: Duration = Duration::from_secs(60);

/// The settings of a shop's own PC in production: no switch that helps developers.
pub fn environment(url: &str, folder: &Path, site: &str) -> Vec<(OsString, OsString)> {
    let mut settings: Vec<(OsString, OsString)> = vec![
        ("SECRET_KEY".into(), "measure-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ".into()),
        ("ALLOWED_HOSTS".into(), "127.0.0.1".into()),
        ("SITE_URL".into(), site.into()),
        ("DATABASE_URL".into(), url.into()),
        ("DATA_DIR".into(), folder.into()),
    ];
    for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
        settings.extend(std::env::var_os(name).map(|value| (name.into(), value)));
    }
    settings
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From its start until it first answered.
    pub started_in: Duration,
    postgres: Option<u32>,
}

impl Server {
    /// Starts it and waits for its first answer.
    ///
    /// # Errors
    /// A sentence, with what the server said.
    pub async fn start(program: &Path, stage: &Stage) -> Result<Server, String> {
        let address = free_address()?;
        let log = stage.folder.join("server.log");
        let out = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let begun = Instant::now();
        let child = Command::new(program)
            .args(["serve", "--bind", &address.to_string()])
            .env_clear()
            .envs(environment(&stage.url, &stage.folder, &format!("http://{address}")))
            .current_dir(&stage.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(out)
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let postgres = stage.cluster.as_ref().map(crate::cluster::Cluster::process);
        let mut server = Server { child, address, started_in: Duration::ZERO, postgres };
        while begun.elapsed() < START_MAX {
            if answers(address).await {
                server.started_in = begun.elapsed();
                return Ok(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("the server ended ({status}): {said}"));
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Err(format!("the server does not answer after {} s", START_MAX.as_secs()))
    }

    /// Time at the processor so far, the database's included.
    pub fn cpu(&self) -> Cpu {
        let own = proc::of_process(self.child.id());
        own + self.postgres.map(proc::of_family).unwrap_or_default()
    }

    /// The server's own, to the nanosecond, for spans in which little happens.
    pub fn cpu_exact(&self) -> Cpu {
        proc::of_threads(self.child.id())
    }

    /// Proportional set size, in KiB.
    pub fn memory_kib(&self) -> u64 {
        proc::memory_kib(self.child.id())
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would end the process (SIGKILL).
    pub fn kill(self) {
        drop(self);
    }

    /// Ends it as an operator would.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        // A server that cannot be asked is killed below.
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let deadline = Instant::now() + Duration::from_secs(30);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answers(address: SocketAddr) -> bool {
    let Ok(mut wire) = Wire::connect(address).await else { return false };
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    matches!(wire.ask(request.as_bytes()).await, Ok(answer) if answer.status == 200)
}

/// A port that is free now.
///
/// # Errors
/// A sentence when the system gives none.
pub fn free_address() -> Result<SocketAddr, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .map_err(|error| format!("no free port: {error}"))
}
