//! Where the data lies: made once, copied for each run.
//!
//! `target/bench/<scale>-<key>/<engine>` holds what the generator wrote; the key
//! changes with the schema, with the generator, and every two weeks, because the
//! dashboard looks at the days before today. A run works on a copy.

use crate::{
    cluster::{Cluster, ClusterOptions},
    fill,
    world::{self, Scale},
};
use app::schema;
use db::{Db, DbConfig};
use guard::{
    password::{Argon2id, Cost, PasswordPool},
    source::Sources,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use tokio_postgres::NoTls;

/// Changes when the generator writes something else than before.
const GENERATOR: u32 = 1;
const FILE: &str = "inventario.sqlite3";
const PRISTINE: &str = "pristine";
const WORK: &str = "work";
const FORTNIGHT_US: i64 = 14 * 86_400 * 1_000_000;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn word(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }
}

/// What the stage is set with.
pub struct Setting<'a> {
    /// `target/bench`.
    pub folder: &'a Path,
    /// The checkout, where a PostgreSQL may lie among the packages.
    pub project: &'a Path,
    /// The built `inventario`.
    pub server: &'a Path,
    pub scale: Scale,
}

/// A database ready to be measured.
pub struct Stage {
    pub engine: Engine,
    /// For `DATABASE_URL`.
    pub url: String,
    /// For `DATA_DIR`, and for what else a run writes.
    pub folder: PathBuf,
    /// PostgreSQL, as long as it is needed.
    pub cluster: Option<Cluster>,
}

impl Stage {
    /// Throws the working copy away: it is as large as the data.
    ///
    /// # Errors
    /// A sentence of what could not be removed.
    pub async fn clear(self) -> Result<(), String> {
        if let Some(cluster) = &self.cluster {
            ask(&cluster.url(), &format!("DROP DATABASE IF EXISTS {WORK} WITH (FORCE)")).await?;
        }
        fs::remove_dir_all(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }
}

/// Makes the data if there is none yet, and a copy to work on.
///
/// # Errors
/// A sentence of what failed.
pub async fn set(engine: Engine, setting: &Setting<'_>) -> Result<Stage, String> {
    let home = setting.folder.join(format!("{}-{}", setting.scale.name, key()));
    forget_old(setting.folder, &home);
    match engine {
        Engine::Sqlite => set_sqlite(setting, &home.join("sqlite")).await,
        Engine::Postgres => set_postgres(setting, &home.join("postgres")).await,
    }
}

fn key() -> String {
    let mut hasher = Sha256::new();
    for migration in schema::MIGRATIONS {
        hasher.update(migration.sql);
    }
    hasher.update(GENERATOR.to_be_bytes());
    hasher.update((world::now_us() / FORTNIGHT_US).to_be_bytes());
    hasher.finalize()[..5].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Data of another key is of no use any more, and it is large.
fn forget_old(folder: &Path, home: &Path) {
    let scales = [Scale::FULL.name, Scale::QUICK.name];
    let key = key();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let of_ours = scales.iter().any(|scale| name.strip_prefix(scale).is_some_and(|rest| rest.starts_with('-')));
        if of_ours && !name.ends_with(&key) && entry.path() != home {
            // What cannot be removed is only in the way of the disk.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

async fn set_sqlite(setting: &Setting<'_>, home: &Path) -> Result<Stage, String> {
    let (pristine, ready) = (home.join(FILE), home.join("ready"));
    if !ready.exists() {
        clear(home)?;
        make(&format!("sqlite:///{}", pristine.display()), home, setting).await?;
        // The log goes into the file, so that the file alone is the copy.
        let conn = rusqlite::Connection::open(&pristine).map_err(|error| error.to_string())?;
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(|error| error.to_string())?;
        drop(conn);
        fs::write(&ready, "").map_err(|error| error.to_string())?;
    }
    let folder = setting.folder.join("work-sqlite");
    clear(&folder)?;
    fs::copy(&pristine, folder.join(FILE)).map_err(|error| format!("the data cannot be copied: {error}"))?;
    let url = format!("sqlite:///{}", folder.join(FILE).display());
    Ok(Stage { engine: Engine::Sqlite, url, folder, cluster: None })
}

async fn set_postgres(setting: &Setting<'_>, home: &Path) -> Result<Stage, String> {
    let options = ClusterOptions { durable: true, max_connections: 200, project: setting.project.to_owned() };
    let ready = home.join("ready");
    if !ready.exists() {
        clear(home)?;
    }
    let cluster = Cluster::keep(&options, &home.join("cluster"))
        .map_err(|error| format!("no PostgreSQL: {error}; name the folder of `initdb` and `postgres` in PG_BIN"))?;
    let folder = setting.folder.join("work-postgres");
    clear(&folder)?;
    let maintenance = cluster.url();
    if !ready.exists() {
        ask(&maintenance, &format!("CREATE DATABASE {PRISTINE}")).await?;
        let url = database(&maintenance, PRISTINE);
        make(&url, &folder, setting).await?;
        ask(&url, "VACUUM ANALYZE").await?;
        fs::write(&ready, "").map_err(|error| error.to_string())?;
    }
    ask(&maintenance, &format!("DROP DATABASE IF EXISTS {WORK} WITH (FORCE)")).await?;
    ask(&maintenance, &format!("CREATE DATABASE {WORK} TEMPLATE {PRISTINE} STRATEGY FILE_COPY")).await?;
    ask(&maintenance, "CHECKPOINT").await?;
    let url = database(&maintenance, WORK);
    Ok(Stage { engine: Engine::Postgres, url, folder, cluster: Some(cluster) })
}

fn database(maintenance: &str, name: &str) -> String {
    let (server, _) = maintenance.rsplit_once('/').expect("the address ends in a database");
    format!("{server}/{name}")
}

async fn ask(url: &str, sql: &str) -> Result<(), String> {
    let failed = |error: tokio_postgres::Error| format!("PostgreSQL refuses `{sql}`: {error}");
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(failed)?;
    let talking = tokio::spawn(connection);
    client.batch_execute(sql).await.map_err(failed)?;
    drop(client);
    // The connection ends with its client; how, does not matter any more.
    let _ = talking.await;
    Ok(())
}

/// How many rows a question has.
///
/// # Errors
/// A sentence of what PostgreSQL refuses.
pub async fn rows(url: &str, sql: &str) -> Result<usize, String> {
    Ok(query(url, sql).await?.len())
}

/// The text that answers a question.
///
/// # Errors
/// A sentence of what PostgreSQL refuses.
pub async fn text(url: &str, sql: &str) -> Result<String, String> {
    let rows = query(url, sql).await?;
    let row = rows.first().ok_or("PostgreSQL answers nothing")?;
    row.try_get(0).map_err(|error| format!("PostgreSQL answers no text: {error}"))
}

async fn query(url: &str, sql: &str) -> Result<Vec<tokio_postgres::Row>, String> {
    let failed = |error: tokio_postgres::Error| format!("PostgreSQL refuses `{sql}`: {error}");
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(failed)?;
    let talking = tokio::spawn(connection);
    let rows = client.query(sql, &[]).await.map_err(failed)?;
    drop(client);
    // The connection ends with its client; how, does not matter any more.
    let _ = talking.await;
    Ok(rows)
}

fn clear(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{} cannot be emptied: {error}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))
}

/// Migrates an empty database, fills it and lets the product verify it.
async fn make(url: &str, folder: &Path, setting: &Setting<'_>) -> Result<(), String> {
    println!("making the data of {} once: some minutes", setting.scale.name);
    let config = DbConfig {
        url: url.to_owned(),
        data_dir: folder.to_owned(),
        app: "bench".to_owned(),
        table_ranks: schema::TABLE_RANKS,
        migrations: schema::MIGRATIONS,
        ..DbConfig::default()
    };
    let failed = |error: db::DbError| format!("the data cannot be made: {error}");
    let db = Db::open(&config).await.map_err(failed)?;
    db.migrate().await.map_err(failed)?;
    let hasher = Argon2id::new(Cost::default()).expect("the default cost is allowed");
    let pool = PasswordPool::new(hasher, Arc::clone(&Sources::system().random));
    let hash = pool.hash(world::PASSWORD).await.map_err(|error| format!("no password: {error:?}"))?;
    fill::fill(&db, setting.scale, &hash, |line| println!("  {line}")).await?;
    db.close();
    drop(db);
    let verified = Command::new(setting.server)
        .arg("verify")
        .env_clear()
        .envs(crate::server::environment(url, folder, "http://127.0.0.1:8000"))
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{} does not run: {error}", setting.server.display()))?;
    let said = String::from_utf8_lossy(&verified.stdout);
    print!("  verify: {said}");
    if verified.status.success() {
        return Ok(());
    }
    Err(format!("the data that was made is not true: {said}{}", String::from_utf8_lossy(&verified.stderr)))
}
