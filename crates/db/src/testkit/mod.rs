//! Throw-away databases, so that a test is written once and runs on both
//! engines.
//!
//! Each test gets its own database, made from a template that is migrated once
//! per set of migrations. PostgreSQL's server comes from `cargo xtask test`,
//! which names it in `INVENTARIO_TEST_PG`.

pub mod cluster;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::{Db, DbConfig, Migration, ShopScope, TableRank};

/// A shop and nothing more, where a test needs somebody who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestShop(pub Uuid);

impl ShopScope for TestShop {
    fn shop_id(&self) -> Uuid {
        self.0
    }
}

/// Runs a test on SQLite, then on PostgreSQL, each with its own migrated
/// database. A failure says on which engine; the databases are removed.
///
/// # Panics
/// When the test does, or when no PostgreSQL is there.
pub async fn on_both<F>(migrations: &'static [Migration], ranks: &'static [TableRank], test: F)
where
    F: AsyncFn(Db),
{
    run("SQLite", TestDb::sqlite(migrations, ranks), &test).await;
    run("PostgreSQL", TestDb::postgres(migrations, ranks), &test).await;
}

async fn run<F: AsyncFn(Db)>(engine: &str, made: impl Future<Output = TestDb>, test: &F) {
    let database = made.await;
    let outcome = AssertUnwindSafe(test(database.db.clone())).catch_unwind().await;
    drop(database);
    if let Err(panic) = outcome {
        eprintln!("… on {engine}");
        resume_unwind(panic);
    }
}

/// One test's database; removed when dropped.
pub struct TestDb {
    /// The database, opened and migrated.
    pub db: Db,
    /// How it was opened, for a test that opens it a second time.
    pub config: DbConfig,
    _place: Place,
}

enum Place {
    Folder { _folder: tempfile::TempDir },
    Database { _name: DroppedDatabase },
}

impl TestDb {
    /// A SQLite file in its own folder.
    ///
    /// # Panics
    /// When it cannot be made: a test has no use for an error.
    pub async fn sqlite(migrations: &'static [Migration], ranks: &'static [TableRank]) -> TestDb {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = DbConfig {
            url: "sqlite:///test.sqlite3".into(),
            data_dir: folder.path().to_owned(),
            table_ranks: ranks,
            migrations,
            ..DbConfig::default()
        };
        let image = sqlite_template(migrations).await;
        std::fs::write(folder.path().join("test.sqlite3"), &*image).expect("a copied template");
        let db = Db::open(&config).await.expect("SQLite opens");
        TestDb { db, config, _place: Place::Folder { _folder: folder } }
    }

    /// A PostgreSQL database cloned from the migrated template.
    ///
    /// # Panics
    /// When no server is there, or the database cannot be made.
    pub async fn postgres(migrations: &'static [Migration], ranks: &'static [TableRank]) -> TestDb {
        let server = server_url();
        let template = postgres_template(&server, migrations).await;
        let name = clone_name();
        let admin = connect(&server).await;
        sql(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        sql(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let dropped = DroppedDatabase { server: server.clone(), name: name.clone() };
        let config =
            DbConfig { url: with_database(&server, &name), table_ranks: ranks, migrations, ..DbConfig::default() };
        let db = Db::open(&config).await.expect("PostgreSQL opens");
        TestDb { db, config, _place: Place::Database { _name: dropped } }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
    }
}

/// The superuser's address of the test server.
///
/// # Panics
/// When `INVENTARIO_TEST_PG` is not set.
pub fn server_url() -> String {
    std::env::var("INVENTARIO_TEST_PG")
        .expect("run `cargo xtask test`, which brings its own PostgreSQL (it sets INVENTARIO_TEST_PG)")
}

/// A name per process and test; processes of one server have different ids.
fn clone_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What a template depends on: the texts of all migrations.
fn fingerprint(migrations: &[Migration]) -> String {
    let mut digest = Sha256::new();
    for migration in migrations {
        digest.update(migration.checksum());
    }
    let mut name = String::new();
    for byte in digest.finalize().iter().take(12) {
        write!(name, "{byte:02x}").expect("writing to a string does not fail");
    }
    name
}

type Images = HashMap<String, Arc<Vec<u8>>>;

/// The bytes of a migrated file, made once in this process.
async fn sqlite_template(migrations: &'static [Migration]) -> Arc<Vec<u8>> {
    static IMAGES: LazyLock<tokio::sync::Mutex<Images>> = LazyLock::new(Default::default);
    let mut images = IMAGES.lock().await;
    let key = fingerprint(migrations);
    if let Some(image) = images.get(&key) {
        return Arc::clone(image);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("template.sqlite3");
    crate::sqlite::prepare_file(&path).expect("a new file");
    crate::migrate::migrate_sqlite(&path, migrations).expect("the migrations apply on SQLite");
    let image = Arc::new(std::fs::read(&path).expect("the migrated file"));
    images.insert(key, Arc::clone(&image));
    image
}

/// Name of the migrated template, made once per server and set of migrations.
async fn postgres_template(server: &str, migrations: &'static [Migration]) -> String {
    static READY: LazyLock<tokio::sync::Mutex<Vec<String>>> = LazyLock::new(Default::default);
    let template = format!("template_{}", fingerprint(migrations));
    let mut ready = READY.lock().await;
    if ready.contains(&template) {
        return template;
    }
    let admin = connect(server).await;
    // Several test processes share a server; the lock ends with the connection.
    sql(&admin, "SELECT pg_advisory_lock(7304001)").await;
    let exists = admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template])
        .await
        .expect("the list of databases");
    if exists.is_none() {
        // Renamed only when complete: a template with half its tables would
        // poison every later run.
        let unfinished = format!("{template}_new");
        sql(&admin, &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        sql(&admin, &format!("CREATE DATABASE {unfinished} TEMPLATE template0")).await;
        let config = DbConfig { url: with_database(server, &unfinished), migrations, ..DbConfig::default() };
        let db = Db::open(&config).await.expect("the template opens");
        db.migrate().await.expect("the migrations apply on PostgreSQL");
        db.close();
        drop(db);
        sql(&admin, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{unfinished}'"))
            .await;
        sql(&admin, &format!("ALTER DATABASE {unfinished} RENAME TO {template}")).await;
    }
    ready.push(template.clone());
    template
}

/// A connection outside of every pool, for administration in tests.
async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

async fn sql(client: &Client, text: &str) {
    client.simple_query(text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = match server.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (server, String::new()),
    };
    let (base, _) = address.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}{query}")
}

/// Removes a database when dropped, on a thread of its own because `drop` can
/// neither await nor block the runtime it is called on.
struct DroppedDatabase {
    server: String,
    name: String,
}

impl Drop for DroppedDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let remove = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok((client, connection)) = tokio_postgres::connect(&server, NoTls).await {
                    tokio::spawn(connection);
                    let _ = client.simple_query(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                }
            });
        };
        let _ = std::thread::spawn(remove).join();
    }
}
