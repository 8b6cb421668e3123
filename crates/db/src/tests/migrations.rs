//! Migrations: once, in order, never changed.

use std::os::unix::fs::PermissionsExt;

use futures_util::future::join_all;

use super::fixture::*;
use crate::testkit::TestDb;
use crate::{Db, DbConfig, DbError, Engine, Migration, MigrationState};

static TWO: &[Migration] =
    &[MIGRATIONS[0], Migration { number: 2, name: "colour", sql: "ALTER TABLE stock ADD COLUMN colour {text};" }];

static CHANGED: &[Migration] =
    &[Migration { number: 1, name: "shop", sql: "CREATE TABLE other (id {int} NOT NULL) {strict};" }];

static BROKEN: &[Migration] = &[
    MIGRATIONS[0],
    Migration {
        number: 2,
        name: "broken",
        sql: "CREATE TABLE half (id {int} NOT NULL) {strict};\nCREATE TABLE half (id {int} NOT NULL) {strict};",
    },
];

async fn reopened(test: &TestDb, migrations: &'static [Migration]) -> Db {
    Db::open(&DbConfig { migrations, ..test.config.clone() }).await.unwrap()
}

async fn both() -> [TestDb; 2] {
    [TestDb::sqlite(MIGRATIONS, RANKS).await, TestDb::postgres(MIGRATIONS, RANKS).await]
}

#[tokio::test]
async fn a_new_migration_is_pending_until_applied_and_then_applied_once() {
    for test in both().await {
        let db = reopened(&test, TWO).await;
        let state =
            |applied: &[u32], pending: &[u32]| MigrationState { applied: applied.to_vec(), pending: pending.to_vec() };
        assert_eq!(db.migration_state().await.unwrap(), state(&[1], &[2]));
        db.migrate().await.unwrap();
        db.migrate().await.unwrap();
        assert_eq!(db.migration_state().await.unwrap(), state(&[1, 2], &[]));
        db.close();
    }
}

#[tokio::test]
async fn programs_starting_at_once_migrate_once_after_one_copy() {
    for test in both().await {
        let programs = [
            reopened(&test, TWO).await,
            reopened(&test, TWO).await,
            reopened(&test, TWO).await,
            reopened(&test, TWO).await,
        ];
        let migrated = join_all(programs.iter().map(Db::migrate)).await;
        migrated.into_iter().collect::<Result<(), _>>().unwrap();
        programs.iter().for_each(Db::close);
        if test.db.engine() == Engine::Sqlite {
            let files = std::fs::read_dir(&test.config.data_dir).unwrap();
            let name = |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name();
            let copies = files.map(name).filter(|n| n.to_string_lossy().contains("before"));
            assert_eq!(copies.count(), 1);
        }
    }
}

#[tokio::test]
async fn a_changed_migration_and_one_from_the_future_refuse_to_start() {
    for test in both().await {
        let db = reopened(&test, CHANGED).await;
        for outcome in [db.migrate().await, db.migration_state().await.map(drop)] {
            assert!(outcome.unwrap_err().to_string().contains("was changed after it had been applied"));
        }
        db.close();
        let newer = reopened(&test, TWO).await;
        newer.migrate().await.unwrap();
        newer.close();
        let old = test.db.migrate().await.unwrap_err().to_string();
        assert!(old.contains("does not know"), "{old}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_itself() {
    for test in both().await {
        let db = reopened(&test, BROKEN).await;
        let error = db.migrate().await.unwrap_err().to_string();
        assert!(error.contains("migration 0002 broken"), "{error}");
        assert_eq!(db.migration_state().await.unwrap().pending, [2]);
        assert!(!crate::schema::describe(&db).await.unwrap().contains_key("half"));
        db.close();
    }
}

#[tokio::test]
async fn a_file_with_data_is_copied_before_it_is_migrated_and_nobody_else_can_read_it() {
    let test = TestDb::sqlite(MIGRATIONS, RANKS).await;
    stocked(&test.db, 3, 5).await;
    let db = reopened(&test, TWO).await;
    db.migrate().await.unwrap();
    let names = || {
        let entries = std::fs::read_dir(&test.config.data_dir).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    for name in names() {
        let mode = std::fs::metadata(test.config.data_dir.join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let copies = |names: Vec<String>| names.into_iter().filter(|name| name.contains("before")).collect::<Vec<_>>();
    assert_eq!(copies(names()), ["test.before-0002.sqlite3"]);
    db.migrate().await.unwrap();
    assert_eq!(copies(names()).len(), 1, "nothing to migrate, nothing to copy");
    let url = "sqlite:///test.before-0002.sqlite3".into();
    let copy = Db::open(&DbConfig { url, ..test.config.clone() }).await.unwrap();
    assert_eq!(copy.migration_state().await.unwrap().applied, [1]);
    assert_eq!(on_hand(&copy, 3).await, 5);
}

#[tokio::test]
async fn a_new_folder_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new/data");
    let config = DbConfig { data_dir: data_dir.clone(), ..DbConfig::default() };
    let db = Db::open(&config).await.unwrap();
    db.health().await.unwrap();
    assert_eq!(std::fs::metadata(data_dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn an_address_of_no_engine_is_refused() {
    for url in ["mysql://a/b", "sqlite:///", "", "postgres://db.example.com/d"] {
        let config = DbConfig { url: url.into(), ..DbConfig::default() };
        let outcome = Db::open(&config).await.map(drop);
        assert!(matches!(outcome, Err(DbError::Other(_))), "{url}: {outcome:?}");
    }
}
