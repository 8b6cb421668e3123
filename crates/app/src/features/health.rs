//! Whether the server lives, and whether it can serve: for the operator's probes.

use crate::kernel::App;
use axum::extract::State;
use db::params;
use web::{Access, AppError, Routes};

db::statements! {
    system PING = "health.ping",
        "SELECT 1";
}

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new().get("/healthz", Access::Public, alive).get("/readyz", Access::Public, ready)
}

async fn alive() -> &'static str {
    "ok\n"
}

/// Ready means: the database answers.
async fn ready(State(app): State<App>) -> Result<&'static str, AppError> {
    let mut read = app.db.system("readiness").await.map_err(|_| AppError::Unavailable)?;
    read.one(&PING, params![]).await.map_err(|_| AppError::Unavailable)?;
    Ok("ok\n")
}
