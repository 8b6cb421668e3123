//! PostgreSQL: the pool and what every connection is set up with.
//!
//! Owns addresses, encryption and time limits of connections. `connection`
//! owns transactions, `value` the types, `failure` the errors.

pub(crate) mod connection;
pub(crate) mod failure;
pub(crate) mod value;

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};

use crate::error::DbError;
use connection::PgConnection;

/// How connections are encrypted. One variant today: the seam for rustls is
/// here and in the two places that hand out `NoTls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    None,
}

/// Says how to encrypt, or refuses an address this build cannot honour: never
/// sends a password in the clear to another machine unless told to.
fn encryption_for(config: &Config) -> Result<Encryption, DbError> {
    match config.get_ssl_mode() {
        SslMode::Disable => Ok(Encryption::None),
        SslMode::Prefer if config.get_hosts().iter().all(is_this_machine) => Ok(Encryption::None),
        SslMode::Prefer => Err(DbError::other(
            "PostgreSQL on another machine: this build has no TLS; say sslmode=disable if the network is private",
        )),
        _ => Err(DbError::other("sslmode=require: this build has no TLS")),
    }
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

/// Limits of the pool.
pub(crate) struct PoolLimits {
    pub(crate) size: usize,
    pub(crate) wait: Duration,
    pub(crate) statement: Duration,
}

/// Connections to one database.
#[derive(Clone)]
pub(crate) struct PgPool {
    pool: Pool,
}

impl PgPool {
    pub(crate) fn new(url: &str, app: &str, limits: &PoolLimits) -> Result<Self, DbError> {
        let mut config = Config::from_str(url).map_err(|error| DbError::of("PostgreSQL address", &error))?;
        let Encryption::None = encryption_for(&config)?;
        config.ssl_mode(SslMode::Disable);
        if config.get_application_name().is_none() {
            config.application_name(app);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(limits.wait);
        }
        // A forgotten transaction holds locks that stop a whole shop; the server
        // ends it even if our process hangs.
        let limit = limits.statement.as_millis();
        let mut options = format!(
            "-c statement_timeout={limit} -c lock_timeout={limit} \
             -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
        );
        if let Some(given) = config.get_options() {
            options = format!("{options} {given}");
        }
        config.options(options);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(limits.size)
            .wait_timeout(Some(limits.wait))
            .create_timeout(Some(limits.wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| DbError::of("PostgreSQL pool", &error))?;
        Ok(Self { pool })
    }

    /// A connection on which each statement stands alone.
    pub(crate) async fn autocommit(&self) -> Result<PgConnection, DbError> {
        Ok(PgConnection::autocommit(self.get().await?))
    }

    /// A connection on which `begin` travels with the first statement.
    pub(crate) async fn transaction(&self, begin: &'static str) -> Result<PgConnection, DbError> {
        Ok(PgConnection::armed(self.get().await?, begin))
    }

    async fn get(&self) -> Result<deadpool_postgres::Object, DbError> {
        use deadpool_postgres::{PoolError, TimeoutType};
        self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => DbError::Busy,
            PoolError::Backend(error) => failure::unavailable(&error),
            other => DbError::Unavailable { reason: other.to_string() },
        })
    }

    /// Closes every idle connection and gives out no more.
    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_this_build_cannot_encrypt_is_refused() {
        let cases = [
            ("postgres://u@127.0.0.1/d", true),
            ("postgres://u@localhost/d", true),
            ("postgres://u@%2Fvar%2Frun/d", true),
            ("postgres://u@[::1]/d", true),
            ("postgres://u@db.example.com/d?sslmode=disable", true),
            ("postgres://u@db.example.com/d", false),
            ("postgres://u@127.0.0.1,db.example.com/d", false),
            ("postgres://u@127.0.0.1/d?sslmode=require", false),
        ];
        for (url, accepted) in cases {
            let config = Config::from_str(url).unwrap();
            assert_eq!(encryption_for(&config).is_ok(), accepted, "{url}");
        }
    }
}
