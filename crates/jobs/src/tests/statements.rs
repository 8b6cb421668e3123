//! The statements of this crate, alike on both engines and never a scan of the
//! whole table.

use db::testkit::TestDb;

use super::world::MIGRATIONS;

#[tokio::test]
async fn every_statement_is_alike_on_both_engines_and_uses_an_index() {
    let sqlite = TestDb::sqlite(MIGRATIONS, &[]).await;
    let postgres = TestDb::postgres(MIGRATIONS, &[]).await;
    let statements: Vec<_> = crate::statements().collect();
    let problems = db::checks::check(&statements, &sqlite.db, &postgres.db).await.unwrap();
    assert_eq!(problems, Vec::<String>::new());
}
