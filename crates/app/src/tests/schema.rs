//! Every statement, on both engines.

use crate::{schema, testkit::on_both};
use std::collections::BTreeSet;

#[test]
fn every_statement_has_its_own_name() {
    let mut names = BTreeSet::new();
    for statement in schema::statements() {
        assert!(names.insert(statement.name()), "{} stands twice", statement.name());
    }
}

#[tokio::test]
async fn the_schema_is_there_on_both_engines() {
    on_both(async |db| {
        let state = db.migration_state().await.expect("the database answers");
        assert!(state.pending.is_empty(), "{state:?}");
    })
    .await;
}
