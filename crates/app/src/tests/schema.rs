//! Every statement, and every table, on both engines.

use crate::{schema, testkit::on_both};
use db::{Statement, checks, schema::compare, testkit::TestDb};

/// Statements that no shop binds though they name a shop's table: each is a door
/// between shops and stands here with its reason.
const REACHING_ACROSS: &[(&str, &str)] = &[
    ("accounts.asker", "a session's shop and role are what the answer says"),
    ("accounts.first_shop", "who signs in has not said yet in which of their shops they stand"),
    ("imports.unfinished", "runs that were cut short are rolled forward at start, whosever they are"),
    ("members.reach", "whether a password would open more than the admin's own shop"),
    ("operator.counts", "how many jobs of the installation wait or failed; it names no shop"),
    ("sync.device", "a device is known by its id alone; its shop is what the answer says"),
];

/// Tables with a `shop_id` whose rows belong to a person, who may be in many shops.
const OF_A_PERSON: &[&str] = &["web_session"];

/// Tables that stand on one engine only.
const ONE_SIDED: &[&str] = &[];

#[tokio::test]
async fn every_statement_holds_to_the_rules_on_both_engines() {
    let (sqlite, postgres) = both().await;
    let statements = schema::statements();
    let problems = checks::check(&statements, &sqlite.db, &postgres.db).await.expect("both databases answer");
    let of_the_shop = |problem: &String| {
        let named = |statement: &&&Statement| *problem == format!("{}: {UNBOUND}", statement.name());
        statements.iter().find(named).is_some_and(|statement| is_of_the_shop_itself(statement))
    };
    let problems: Vec<_> = problems.into_iter().filter(|problem| !of_the_shop(problem)).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[tokio::test]
async fn only_the_listed_statements_reach_across_shops() {
    let sqlite = TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    let mut tables = checks::shop_tables(&sqlite.db).await.expect("the database answers");
    tables.retain(|table| !OF_A_PERSON.contains(&table.as_str()));
    let mut found = checks::reaching_across(&schema::statements(), &tables);
    // The queue belongs to the installation: a job's shop says for whom it runs.
    found.retain(|name| !name.starts_with("jobs."));
    found.sort_unstable();
    let listed: Vec<&str> = REACHING_ACROSS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, listed);
}

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_keys() {
    let (sqlite, postgres) = both().await;
    let differences = compare(&sqlite.db, &postgres.db, ONE_SIDED).await.expect("both databases answer");
    assert!(differences.is_empty(), "{differences:#?}");
}

#[tokio::test]
async fn the_schema_is_there_on_both_engines() {
    on_both(async |db| {
        let state = db.migration_state().await.expect("the database answers");
        assert!(state.pending.is_empty(), "{state:?}");
    })
    .await;
}

/// What the check says of a statement that no `shop_id` binds.
const UNBOUND: &str = "neither `shop_id = $1` nor an insert of $1 as shop_id";

/// The shop's own row is bound by its `id` and by nothing else.
fn is_of_the_shop_itself(statement: &Statement) -> bool {
    let text = statement.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let reads = text.starts_with("SELECT ") && text.contains(" FROM shop WHERE id = $1") && !text.contains(" JOIN ");
    let writes = text.starts_with("UPDATE shop SET ") && text.contains(" WHERE id = $1");
    reads || writes || text.starts_with("INSERT INTO shop (id, ") && text.contains(" VALUES ($1, ")
}

async fn both() -> (TestDb, TestDb) {
    (
        TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await,
        TestDb::postgres(schema::MIGRATIONS, schema::TABLE_RANKS).await,
    )
}
