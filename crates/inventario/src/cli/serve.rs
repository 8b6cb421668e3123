//! `serve`: the server.

use crate::{
    cli::{Failure, settings::SettingFlags},
    server, telemetry,
    wiring::{self, Assembled},
};
use app::features::imports::apply_job;
use clap::Args;
use std::{io::Write, net::SocketAddr};
use tokio::{net::TcpListener, sync::oneshot};

/// Serve the shop.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario serve --bind 127.0.0.1:8000")]
pub struct Serve {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDR:PORT")]
    bind: SocketAddr,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Serve {
    /// Serves until the process is asked to stop.
    pub fn run(self) -> Result<(), Failure> {
        let mut config = self.settings.configuration()?;
        config
            .network
            .check_bind(config.mode, self.bind)
            .map_err(|why| Failure::Refused(format!("cannot listen on {}: {why}", self.bind)))?;
        telemetry::start(&config.operation);
        runtime()?.block_on(async {
            let listener = listen(self.bind).await?;
            let address = listener.local_addr()?;
            config.network.listens_at(address);
            let assembled = wiring::assemble(&config).await.map_err(Failure::Refused)?;
            writeln!(std::io::stdout(), "Inventario: http://{address}/")?;
            run(assembled, listener).await;
            Ok(())
        })
    }
}

/// The runtime of a command that serves or asks the database.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::Refused(format!("the system gives no threads: {error}")))
}

/// Listens, or says what to do about it.
pub async fn listen(bind: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(bind)
        .await
        .map_err(|error| Failure::Refused(format!("cannot listen on {bind}: {error}; choose another port with --bind")))
}

/// Serves and runs jobs until the process is asked to stop.
pub async fn run(assembled: Assembled, listener: TcpListener) {
    if let Err(error) = apply_job::enqueue_unfinished(&assembled.app).await {
        tracing::error!(%error, "imports that were cut short wait for the next start");
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = async {
        server::serve(listener, assembled.router, server::asked_to_stop()).await;
        drop(stop);
    };
    let working = assembled.runner.run_until(async {
        // A dropped sender means the same: the server has ended.
        let _ = stopped.await;
    });
    tokio::join!(serving, working);
}
