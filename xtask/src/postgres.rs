//! The PostgreSQL of a test run: a cluster of its own that ends with the run, or
//! the server that the caller names in `INVENTARIO_TEST_PG`.

use crate::paths;

/// Shared as text with the data layer's test kit: linking that crate would
/// compile two database drivers before the first word of a test run.
#[path = "../../crates/db/src/testkit/cluster.rs"]
#[expect(dead_code, reason = "the data layer's tests use more of it than a run does")]
mod cluster;

use cluster::{Cluster, ClusterOptions};

/// A server that the tests may make databases in.
pub enum Postgres {
    /// Ours; stopped and removed when this is dropped.
    Own(Cluster),
    /// Somebody else's.
    Named(String),
}

impl Postgres {
    /// Starts a cluster, unless the caller names a server.
    pub fn start() -> Result<Self, String> {
        if let Ok(url) = std::env::var("INVENTARIO_TEST_PG") {
            return Ok(Self::Named(url));
        }
        let options = ClusterOptions { project: paths::root(), ..ClusterOptions::default() };
        let cluster = Cluster::start(&options).map_err(|error| {
            format!(
                "cannot start a PostgreSQL for the tests: {error}; name the folder of `initdb` and `postgres` in PG_BIN"
            )
        })?;
        Ok(Self::Own(cluster))
    }

    /// The maintenance database, as a superuser.
    pub fn url(&self) -> String {
        match self {
            Self::Own(cluster) => cluster.url(),
            Self::Named(url) => url.clone(),
        }
    }

    /// One line for the log.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Own(_) => "a cluster of its own, removed at the end",
            Self::Named(_) => "the server named in INVENTARIO_TEST_PG",
        }
    }
}
