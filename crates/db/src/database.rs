//! `Db`: the one way to a database.
//!
//! Owns the choice of engine and the running of transactions. **Invariant:**
//! nobody reads or writes a shop's table without saying which shop.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use uuid::Uuid;

use crate::dialect::Engine;
use crate::error::{DbError, panic_message};
use crate::migrate::{self, Migration, MigrationState};
use crate::postgres::{PgPool, PoolLimits};
use crate::ranks::TableRank;
use crate::session::{Session, ShopRead, ShopTx, SystemRead, SystemTx, Transaction};
use crate::sqlite::reader::ReadPool;
use crate::sqlite::writer::{Seed, Writer, WriterLimits};
use crate::{Params, Statement};

/// How often a body runs before its conflict with others is the answer.
const ATTEMPTS: u32 = 6;

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Anything that knows for which shop it asks: the signed-in actor, a job.
pub trait ShopScope {
    /// The shop bound as `$1` of every statement.
    fn shop_id(&self) -> Uuid;
}

/// Where the database is and how much of it to use.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `sqlite:///file` below `data_dir`, `sqlite:////absolute/file`, or
    /// `postgres://…`.
    pub url: String,
    /// Folder of a relative SQLite file; made with mode 0700 when missing.
    pub data_dir: PathBuf,
    /// The name PostgreSQL shows for our connections.
    pub app: String,
    /// The program's lock order; smaller is locked first.
    pub table_ranks: &'static [TableRank],
    /// Every migration of the program, in order.
    pub migrations: &'static [Migration],
    /// Connections of the PostgreSQL pool.
    pub pool_size: usize,
    /// Read-only connections to the SQLite file.
    pub readers: usize,
    /// Jobs that may wait for SQLite's writer.
    pub writer_queue: usize,
    /// How long SQLite's writer goes on adding waiting jobs to one commit.
    pub group_age: Duration,
    /// How long to wait for a connection or a place in the queue.
    pub wait_limit: Duration,
    /// How long one read may take on SQLite (a snapshot: all of it), and any
    /// statement on PostgreSQL.
    pub statement_limit: Duration,
}

impl Default for DbConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:///inventario.sqlite3".into(),
            data_dir: PathBuf::from("."),
            app: "inventario".into(),
            table_ranks: &[],
            migrations: &[],
            pool_size: 16,
            readers: 8,
            writer_queue: 1024,
            group_age: Duration::from_millis(5),
            wait_limit: Duration::from_secs(10),
            statement_limit: Duration::from_secs(30),
        }
    }
}

/// A statement and what it is run with. A body that captured the reference itself
/// would not be `Send` for the compiler, which forgets that it is `'static`.
struct Change {
    statement: &'static Statement,
    params: Params,
}

impl Change {
    async fn run(&self, tx: &mut SystemTx) -> Result<u64, DbError> {
        tx.exec(self.statement, self.params.clone()).await
    }
}

/// A database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    ranks: &'static [TableRank],
    migrations: &'static [Migration],
}

enum Store {
    Sqlite { path: PathBuf, writer: Writer, readers: Arc<ReadPool> },
    Postgres { pool: PgPool },
}

impl Db {
    /// Opens or creates the database. Does not migrate: see [`Db::migrate`].
    ///
    /// # Errors
    /// An address this build cannot use, an old SQLite, a server that does not
    /// answer.
    pub async fn open(config: &DbConfig) -> Result<Db, DbError> {
        let store = if config.url.starts_with("sqlite:") {
            crate::sqlite::refuse_old_library()?;
            let path = crate::sqlite::path_of(&config.url, &config.data_dir)?;
            crate::sqlite::prepare_file(&path)?;
            let limits =
                WriterLimits { queue: config.writer_queue, wait: config.wait_limit, group_age: config.group_age };
            let writer = Writer::start(&path, &limits)?;
            let readers = ReadPool::new(path.clone(), config.readers, config.statement_limit, config.wait_limit);
            Store::Sqlite { path, writer, readers: Arc::new(readers) }
        } else if config.url.starts_with("postgres:") || config.url.starts_with("postgresql:") {
            let limits =
                PoolLimits { size: config.pool_size, wait: config.wait_limit, statement: config.statement_limit };
            let pool = PgPool::new(&config.url, &config.app, &limits)?;
            drop(pool.autocommit().await?);
            Store::Postgres { pool }
        } else {
            return Err(DbError::other("a database address starts with sqlite: or postgres:"));
        };
        let inner = Inner { store, ranks: config.table_ranks, migrations: config.migrations };
        Ok(Db { inner: Arc::new(inner) })
    }

    /// Which engine serves.
    pub fn engine(&self) -> Engine {
        match self.inner.store {
            Store::Sqlite { .. } => Engine::Sqlite,
            Store::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Reads of one shop. Holds a connection until dropped: keep it short, and
    /// never take a second one while holding the first.
    ///
    /// # Errors
    /// [`DbError::Busy`] when no connection comes free, [`DbError::Unavailable`].
    pub async fn shop(&self, scope: &impl ShopScope) -> Result<ShopRead, DbError> {
        let shop = scope.shop_id();
        Ok(ShopRead { session: self.reader(Some(shop)).await? })
    }

    /// Reads of one shop that all see the same state, for reports. Limited in
    /// time: an open snapshot keeps the engines from tidying up.
    ///
    /// # Errors
    /// [`DbError::Busy`] when no connection comes free, [`DbError::Unavailable`].
    pub async fn snapshot(&self, scope: &impl ShopScope) -> Result<ShopRead, DbError> {
        let shop = Some(scope.shop_id());
        let session = match &self.inner.store {
            Store::Sqlite { readers, .. } => {
                let mut reader = readers.get().await?;
                reader.begin_snapshot()?;
                Session::on_reader(reader, shop)
            }
            Store::Postgres { pool } => Session::on_postgres(pool.transaction(SNAPSHOT).await?, shop).into_snapshot(),
        };
        Ok(ShopRead { session })
    }

    /// Reads of global tables; the reason goes to the log.
    ///
    /// # Errors
    /// [`DbError::Busy`] when no connection comes free, [`DbError::Unavailable`].
    pub async fn system(&self, reason: &'static str) -> Result<SystemRead, DbError> {
        tracing::trace!(reason, "system read");
        Ok(SystemRead { session: self.reader(None).await? })
    }

    async fn reader(&self, shop: Option<Uuid>) -> Result<Session, DbError> {
        Ok(match &self.inner.store {
            Store::Sqlite { readers, .. } => Session::on_reader(readers.get().await?, shop),
            Store::Postgres { pool } => Session::on_postgres(pool.autocommit().await?, shop),
        })
    }

    /// Runs a transaction of one shop and commits it if the body says `Ok`.
    ///
    /// The body may run again after a conflict on PostgreSQL, and runs on the
    /// writer thread on SQLite, where it must await nothing but `tx`.
    ///
    /// # Errors
    /// What the body says; and through `E: From<DbError>` what the engine says.
    pub fn shop_write<T, E, F>(
        &self,
        scope: &impl ShopScope,
        name: &'static str,
        body: F,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFn(&mut ShopTx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.write::<ShopTx, T, E, F>(Some(scope.shop_id()), name, body)
    }

    /// Runs a transaction on global tables; like [`Db::shop_write`].
    ///
    /// # Errors
    /// What the body says; and through `E: From<DbError>` what the engine says.
    pub fn system_write<T, E, F>(&self, reason: &'static str, body: F) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFn(&mut SystemTx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.write::<SystemTx, T, E, F>(None, reason, body)
    }

    /// One change of a global table in a transaction of its own; gives the number
    /// of rows it touched.
    ///
    /// # Errors
    /// What the engine refuses.
    pub async fn system_exec(
        &self,
        reason: &'static str,
        statement: &'static Statement,
        params: Params,
    ) -> Result<u64, DbError> {
        let change = Change { statement, params };
        self.system_write(reason, async move |tx: &mut SystemTx| change.run(tx).await).await
    }

    async fn write<X, T, E, F>(&self, shop: Option<Uuid>, name: &'static str, body: F) -> Result<T, E>
    where
        X: Transaction,
        F: AsyncFn(&mut X) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let seed = Seed { name, shop, ranks: self.inner.ranks };
        match &self.inner.store {
            Store::Sqlite { writer, .. } => writer.write::<X, T, E, F>(seed, body).await,
            Store::Postgres { pool } => write_postgres::<X, T, E, F>(pool, seed, &body).await,
        }
    }

    /// Applies what is missing, under a lock; a SQLite file that holds data is
    /// copied first.
    ///
    /// # Errors
    /// A changed or unknown migration, or one the engine refuses; what came
    /// before it stays applied.
    pub async fn migrate(&self) -> Result<(), DbError> {
        let migrations = self.inner.migrations;
        match &self.inner.store {
            Store::Sqlite { path, .. } => {
                let path = path.clone();
                blocking(move || migrate::migrate_sqlite(&path, migrations)).await
            }
            Store::Postgres { pool } => migrate::migrate_postgres(pool, migrations).await,
        }
    }

    /// Where the database stands against the program's migrations.
    ///
    /// # Errors
    /// A changed or unknown migration, a database that does not answer.
    pub async fn migration_state(&self) -> Result<MigrationState, DbError> {
        let migrations = self.inner.migrations;
        match &self.inner.store {
            Store::Sqlite { path, .. } => {
                let path = path.clone();
                blocking(move || migrate::state_sqlite(&path, migrations)).await
            }
            Store::Postgres { pool } => migrate::state_postgres(pool, migrations).await,
        }
    }

    /// Whether the database answers: one read, nothing else.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn health(&self) -> Result<(), DbError> {
        let mut read = self.system("health check").await?;
        read.one(&health::ANSWER, crate::params![]).await.map(drop)
    }

    /// Commits SQLite's writer has made since it was opened, for the metrics:
    /// fewer than the transactions means that they share flushes. `None` on
    /// PostgreSQL, which counts for itself.
    pub fn writer_commits(&self) -> Option<u64> {
        match &self.inner.store {
            Store::Sqlite { writer, .. } => Some(writer.commits()),
            Store::Postgres { .. } => None,
        }
    }

    /// Closes idle PostgreSQL connections. SQLite closes with the last clone.
    pub fn close(&self) {
        if let Store::Postgres { pool } = &self.inner.store {
            pool.close();
        }
    }
}

mod health {
    crate::statements! {
        /// The cheapest question there is.
        pub(crate) system ANSWER = "db.answer", "SELECT 1";
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, DbError> + Send + 'static) -> Result<T, DbError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DbError::of("migrating", &error)),
    }
}

/// Runs a body on PostgreSQL until it neither conflicts nor may run again.
async fn write_postgres<X, T, E, F>(pool: &PgPool, seed: Seed, body: &F) -> Result<T, E>
where
    X: Transaction,
    F: AsyncFn(&mut X) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let transaction = seed.name;
    let mut attempt = 1;
    loop {
        let conn = pool.transaction("BEGIN").await?;
        let mut tx = X::wrap(Session::on_postgres_tx(conn, seed.shop, seed.ranks));
        let outcome = AssertUnwindSafe(body(&mut tx)).catch_unwind().await;
        let (conn, dead, mut again) = X::unwrap(tx).into_postgres();
        let result = match outcome {
            Ok(Ok(_)) if dead => Err(E::from(DbError::Dead)),
            Ok(result) => result,
            Err(panic) => {
                let message = panic_message(panic.as_ref());
                Err(DbError::Panicked { transaction, message }.into())
            }
        };
        let result = match result {
            Ok(value) => match conn.commit().await {
                Ok(()) => return Ok(value),
                Err(failure) => {
                    again = failure.may_retry;
                    Err(failure.error.into())
                }
            },
            Err(error) => {
                // A rollback that fails closes the connection, which rolls back.
                let _ = conn.rollback().await;
                Err(error)
            }
        };
        if !again || attempt == ATTEMPTS {
            return result;
        }
        tracing::warn!(transaction, attempt, "conflict with another transaction; running it again");
        // Both sides of a conflict wait differently long only if their attempts
        // differ; the server picks one victim, so they do.
        tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt))).await;
        attempt += 1;
    }
}
