//! The PostgreSQL of a test run.

/// A server that the tests may make databases in.
pub struct Postgres {
    url: String,
}

impl Postgres {
    /// The server that the caller names in `INVENTARIO_TEST_PG`.
    pub fn start() -> Result<Self, String> {
        match std::env::var("INVENTARIO_TEST_PG") {
            Ok(url) => Ok(Self { url }),
            Err(_) => Err(
                "name a PostgreSQL server in INVENTARIO_TEST_PG, as postgres://user@host:port/postgres"
                    .to_owned(),
            ),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// One line for the log.
    pub fn describe(&self) -> String {
        "the server named in INVENTARIO_TEST_PG".to_owned()
    }
}
