//! Reading: decoding, numbering of parameters, snapshots, time limits.

use std::time::Duration;

use uuid::Uuid;

use super::fixture::*;
use crate::testkit::{TestDb, on_both};
use crate::{Db, DbConfig, DbError, ShopTx, params};

#[tokio::test]
async fn parameters_keep_their_numbers_whatever_their_order_in_the_text() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        db.shop_write(&SHOP, "add", async |tx: &mut ShopTx| {
            tx.exec(&ADD_STOCK_BACKWARDS, params![2_i64, "three", 4_i64, false]).await
        })
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
        let mut read = db.shop(&SHOP).await.unwrap();
        let mut row = read.one(&READ_STOCK, params![2_i64]).await.unwrap();
        assert_eq!(row.take::<i64>().unwrap(), 4);
        assert_eq!(row.take::<Option<String>>().unwrap().as_deref(), Some("three"));
        assert!(!row.take::<bool>().unwrap());
        assert_eq!(row.take::<Option<Vec<u8>>>().unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_column_of_another_type_is_refused_and_not_converted() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let mut read = db.shop(&SHOP).await.unwrap();
        let mut row = async || read.one(&READ_STOCK, params![1_i64]).await.unwrap();
        assert!(matches!(row().await.take::<String>(), Err(DbError::Decode { column: 1, found: "integer", .. })));
        assert!(matches!(row().await.take::<bool>(), Err(DbError::Decode { .. })));
        assert!(matches!(row().await.take::<Uuid>(), Err(DbError::Decode { .. })));
        let mut first = row().await;
        first.take::<i64>().unwrap();
        assert!(matches!(first.take::<String>(), Err(DbError::Decode { column: 2, found: "null", .. })));
        for _ in 0..2 {
            first.take::<Option<bool>>().unwrap();
        }
        assert!(matches!(first.take::<i64>(), Err(DbError::Decode { column: 5, found: "none", .. })));
    })
    .await;
}

#[tokio::test]
async fn one_and_opt_refuse_a_surplus() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 2, 5).await;
        let mut read = db.shop(&SHOP).await.unwrap();
        assert!(matches!(read.opt(&LIST_STOCK, params![]).await, Err(DbError::NotOne { rows: 2, .. })));
        assert!(matches!(read.one(&READ_STOCK, params![9_i64]).await, Err(DbError::NotOne { rows: 0, .. })));
        assert!(read.opt(&READ_STOCK, params![9_i64]).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_wrong_number_or_kind_of_parameters_is_an_error() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        let mut read = db.shop(&SHOP).await.unwrap();
        for wrong in [params![], params![1_i64, 2_i64]] {
            let outcome = read.rows(&READ_STOCK, wrong).await;
            assert!(matches!(outcome, Err(DbError::Other(_))), "{outcome:?}");
        }
        assert!(read.rows(&READ_STOCK, params![1_i64]).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_does_not_see_what_is_recorded_after_its_first_look() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let mut report = db.snapshot(&SHOP).await.unwrap();
        let mut seen = async || -> i64 { report.one(&SUM_STOCK, params![]).await.unwrap().take().unwrap() };
        assert_eq!(seen().await, 5);
        db.shop_write(&SHOP, "take", async |tx: &mut ShopTx| tx.exec_one(&TAKE_STOCK, params![1_i64, 2_i64]).await)
            .await
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        assert_eq!(seen().await, 5);
        drop(report);
        assert_eq!(on_hand(&db, 1).await, 3);
    })
    .await;
}

mod endless {
    crate::statements! {
        pub(crate) system COUNT_FOREVER = "test.count_forever",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT COUNT(i) FROM n";
    }
}

async fn count_forever(test: TestDb) {
    let config = DbConfig { statement_limit: Duration::from_millis(50), ..test.config.clone() };
    let db = Db::open(&config).await.unwrap();
    let mut read = db.system("count forever").await.unwrap();
    let outcome = read.one(&endless::COUNT_FOREVER, params![]).await;
    assert!(matches!(outcome, Err(DbError::TooSlow { .. })), "{outcome:?}");
    // The connection is as good as before.
    drop(read);
    db.health().await.unwrap();
    db.close();
}

#[tokio::test]
async fn a_read_without_end_is_stopped() {
    count_forever(TestDb::sqlite(MIGRATIONS, RANKS).await).await;
    count_forever(TestDb::postgres(MIGRATIONS, RANKS).await).await;
}
