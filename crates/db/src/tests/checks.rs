//! The checks find what they are for. A check that finds nothing is no check.

use std::collections::BTreeSet;

use super::fixture::*;
use crate::testkit::TestDb;
use crate::{Migration, Statement, checks, schema};

mod bad {
    crate::statements! {
        pub(crate) STAR = "test.star", "SELECT * FROM stock WHERE shop_id = $1";
        pub(crate) TABLE_STAR = "test.table_star", "SELECT s.* FROM stock s WHERE s.shop_id = $1";
        pub(crate) REPLACE = "test.replace",
            "INSERT OR REPLACE INTO command (shop_id, id) VALUES ($1, $2)";
        pub(crate) NOW = "test.now", "UPDATE stock SET on_hand = now() WHERE shop_id = $1";
        pub(crate) NAMELESS = "nameless", "SELECT id FROM stock WHERE shop_id = $1";
        pub(crate) WORD = "test.word", "SELECT id FROM stock WHERE shop_id = $1 {wait}";
        pub(crate) UNBOUND = "test.unbound", "SELECT on_hand FROM stock WHERE id = $2 OR $1 IS NULL";
        pub(crate) HALF_BOUND = "test.half_bound",
            "SELECT r.day FROM stock s JOIN roll r ON r.stock_id = s.id WHERE s.shop_id = $1";
        pub(crate) WRONG_PLACE = "test.wrong_place",
            "INSERT INTO stock (id, shop_id, on_hand, active) VALUES ($1, $2, 0, TRUE)";
        pub(crate) SCANS = "test.scans",
            "SELECT r.sold FROM roll r WHERE r.sold = $2 AND +r.shop_id = $1";
        pub(crate) SUM = "test.sum", "SELECT SUM(on_hand) FROM stock WHERE shop_id = $1";
        pub(crate) NO_TABLE = "test.no_table", "SELECT a FROM nowhere WHERE shop_id = $1";
        pub(crate) system ACROSS = "test.across", "SELECT id FROM stock WHERE id = $1";
    }
}

mod good {
    crate::statements! {
        pub(crate) COPY = "test.copy",
            "INSERT INTO roll (shop_id, stock_id, day, sold)
             SELECT $1, s.id, $2, s.on_hand FROM stock s WHERE s.shop_id = $1 AND s.id = $3";
        pub(crate) JOINED = "test.joined",
            "SELECT r.day, COUNT(*) FROM stock AS s JOIN roll r ON r.shop_id = s.shop_id AND r.stock_id = s.id
             WHERE s.shop_id = $1 GROUP BY r.day";
        pub(crate) scan INTENDED = "test.intended",
            "SELECT r.sold FROM roll r WHERE r.sold = $2 AND +r.shop_id = $1";
    }
}

#[tokio::test]
async fn good_statements_pass_every_check() {
    let (sqlite, postgres) = (TestDb::sqlite(MIGRATIONS, RANKS).await, TestDb::postgres(MIGRATIONS, RANKS).await);
    let statements: Vec<&'static Statement> =
        super::fixture::STATEMENTS.iter().chain(good::STATEMENTS).copied().collect();
    // `+column` keeps SQLite from its index and is an ordinary sign otherwise,
    // but PostgreSQL has no plus for a UUID.
    let problems = checks::check(&statements, &sqlite.db, &postgres.db).await.unwrap();
    let rest: Vec<_> = problems.iter().filter(|problem| !problem.contains("test.intended")).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    assert!(!problems.iter().any(|problem| problem.contains("SCAN")), "{problems:#?}");
}

#[tokio::test]
async fn each_bad_statement_is_found() {
    let (sqlite, postgres) = (TestDb::sqlite(MIGRATIONS, RANKS).await, TestDb::postgres(MIGRATIONS, RANKS).await);
    let problems = checks::check(bad::STATEMENTS, &sqlite.db, &postgres.db).await.unwrap();
    for (name, hint) in [
        ("test.star", "name the columns"),
        ("test.table_star", "name the columns"),
        ("test.replace", "ON CONFLICT"),
        ("test.replace", "PostgreSQL refuses"),
        ("test.now", "time arrives"),
        ("nameless", "feature.what_it_does"),
        ("test.word", "only word"),
        ("test.unbound", "neither"),
        ("test.half_bound", "2 shop tables"),
        ("test.wrong_place", "neither"),
        ("test.scans", "SCAN r"),
        ("test.sum", "numeric"),
        ("test.no_table", "SQLite refuses"),
        ("test.no_table", "PostgreSQL refuses"),
    ] {
        let found = problems.iter().any(|problem| problem.contains(name) && problem.contains(hint));
        assert!(found, "{name}: {hint}\n{problems:#?}");
    }
    let tables = BTreeSet::from(["stock".to_owned()]);
    assert_eq!(checks::reaching_across(bad::STATEMENTS, &tables), ["test.across"]);
    assert_eq!(checks::style(&[&ADD_ROLL, &ADD_ROLL]).len(), 1, "a name used twice");
}

static DRIFTED: &[Migration] = &[
    MIGRATIONS[0],
    Migration {
        number: 2,
        name: "drift",
        sql: "
CREATE TABLE drift (
    id {int} NOT NULL PRIMARY KEY,
    shop_id {uuid} NOT NULL,
-- @sqlite
    stock_id INTEGER,
    place TEXT NOT NULL
-- @end
-- @postgres
    stock_id BIGINT NOT NULL,
    place TEXT NOT NULL,
    UNIQUE (stock_id),
    FOREIGN KEY (shop_id, stock_id) REFERENCES stock (shop_id, id) ON DELETE CASCADE
-- @end
) {strict};
",
    },
];

#[tokio::test]
async fn the_same_migrations_make_the_same_schema_and_drift_is_found() {
    let (left, right) = (TestDb::sqlite(MIGRATIONS, RANKS).await, TestDb::postgres(MIGRATIONS, RANKS).await);
    let found = schema::compare(&left.db, &right.db, &[]).await.unwrap();
    assert!(found.is_empty(), "{found:#?}");
    let keys = &schema::describe(&left.db).await.unwrap()["roll"].keys;
    assert!(keys.contains("foreign (shop_id, stock_id) -> stock (shop_id, id) on delete no action"), "{keys:?}");

    let (left, right) = (TestDb::sqlite(DRIFTED, RANKS).await, TestDb::postgres(DRIFTED, RANKS).await);
    let found = schema::compare(&left.db, &right.db, &[]).await.unwrap();
    for hint in ["drift.stock_id: integer null and integer not null", "code point", "unique (stock_id)", "cascade"] {
        assert!(found.iter().any(|line| line.contains(hint)), "{hint}\n{found:#?}");
    }
    assert!(schema::compare(&left.db, &right.db, &["drift"]).await.unwrap().is_empty());
}
