//! The demonstration as a whole.

use crate::{
    features::{accounts::credentials, demo},
    testkit::browser,
};

#[tokio::test]
async fn the_demonstration_fills_an_empty_database_and_no_other() {
    // One engine is enough for the whole length: the history's own test has both.
    let folder = tempfile::tempdir().expect("the system gives a folder");
    let settings = db::DbConfig {
        url: "sqlite:///db.sqlite3".to_owned(),
        data_dir: folder.path().to_owned(),
        table_ranks: crate::schema::TABLE_RANKS,
        migrations: crate::schema::MIGRATIONS,
        ..db::DbConfig::default()
    };
    let db = db::Db::open(&settings).await.expect("the folder is empty");
    db.migrate().await.expect("the schema fits");
    let (app, _) = browser::app(&db);
    let mut days = 0;
    let people = demo::create(&app, |done, _| days = done).await.expect("the database is empty");
    assert_eq!(days, 90);
    for account in [&people.admin, &people.seller] {
        let found =
            credentials::find(&db, account.username).await.expect("the database answers").expect("they are there");
        let right = app.passwords.verify(&account.password, found.password_hash.as_deref()).await;
        assert!(matches!(right, Ok(guard::password::Verified::Right)), "{right:?}");
    }
    demo::create(&app, |_, _| {}).await.expect_err("the people are there already");
}
