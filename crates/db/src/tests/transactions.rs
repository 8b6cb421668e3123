//! One transaction at a time: what commits, what does not, and what is said.

use super::fixture::*;
use crate::testkit::on_both;
use crate::{Db, DbError, ShopTx, SystemTx, params};

#[tokio::test]
async fn a_body_that_swallows_an_error_cannot_go_on_or_commit() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let outcome = db
            .shop_write(&SHOP, "swallow", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec(&SET_STOCK, params![1_i64, 1_i64]).await?;
                let duplicate = tx.exec(&ADD_STOCK, params![1_i64, 9_i64]).await;
                assert!(matches!(duplicate, Err(DbError::Unique { .. })), "{duplicate:?}");
                let after = tx.exec(&SET_STOCK, params![1_i64, 2_i64]).await;
                assert!(matches!(after, Err(DbError::Dead)), "{after:?}");
                Ok(())
            })
            .await;
        assert!(matches!(outcome, Err(DbError::Dead)), "{outcome:?}");
        assert_eq!(on_hand(&db, 1).await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_guard_that_missed_is_never_committed_even_if_ignored() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 2, 5).await;
        let outcome = db
            .shop_write(&SHOP, "ignore the guard", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec_one(&TAKE_STOCK, params![1_i64, 1_i64]).await?;
                let missed = tx.exec_one(&TAKE_STOCK, params![2_i64, 6_i64]).await;
                assert!(matches!(missed, Err(DbError::Missed { .. })), "{missed:?}");
                Ok(())
            })
            .await;
        assert!(matches!(outcome, Err(DbError::Dead)), "{outcome:?}");
        assert_eq!((on_hand(&db, 1).await, on_hand(&db, 2).await), (5, 5));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_leaves_nothing_behind() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let outcome = db
            .shop_write(&SHOP, "refuse", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec_one(&TAKE_STOCK, params![1_i64, 1_i64]).await?;
                Err(DbError::Busy)
            })
            .await;
        assert!(matches!(outcome, Err(DbError::Busy)), "{outcome:?}");
        assert_eq!(on_hand(&db, 1).await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_error_and_leaves_nothing_behind() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let outcome = db
            .shop_write(&SHOP, "panic", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec_one(&TAKE_STOCK, params![1_i64, 1_i64]).await?;
                panic!("a mistake in the body");
            })
            .await;
        match outcome {
            Err(DbError::Panicked { transaction, message }) => {
                assert_eq!((transaction, message.as_str()), ("panic", "a mistake in the body"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(on_hand(&db, 1).await, 5);
    })
    .await;
}

#[tokio::test]
async fn locking_against_the_order_of_the_program_is_caught() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let claim_late = db
            .shop_write(&SHOP, "claim late", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.one(&LOAD_STOCK, params![1_i64]).await?;
                tx.opt(&CLAIM, params![uuid::Uuid::from_u128(7)]).await.map(drop)
            })
            .await;
        match claim_late {
            Err(DbError::Panicked { message, .. }) => {
                assert!(message.contains("test.claim locks command (rank 0) after stock"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn a_shop_sees_and_changes_only_its_own_rows() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 5).await;
        let outcome = db
            .shop_write(&OTHER_SHOP, "take from the neighbour", async |tx: &mut ShopTx| {
                tx.exec_one(&TAKE_STOCK, params![1_i64, 1_i64]).await
            })
            .await;
        assert!(matches!(outcome, Err(DbError::Missed { .. })), "{outcome:?}");
        let mut read = db.shop(&OTHER_SHOP).await.unwrap();
        assert!(read.rows(&LIST_STOCK, params![]).await.unwrap().is_empty());
        let misplaced = read.one(&COUNT_SHOPS, params![]).await;
        assert!(matches!(misplaced, Err(DbError::Other(_))), "{misplaced:?}");
    })
    .await;
}

#[tokio::test]
async fn violations_have_the_same_names_on_both_engines() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 2, 5).await;
        let name = async |statement: &'static crate::Statement, params: crate::Params| {
            let outcome: Result<(), DbError> = db
                .shop_write(&SHOP, "violate", async move |tx: &mut ShopTx| {
                    tx.exec(&ADD_TICKET, params![7_i64, "A", 0_i64]).await?;
                    tx.exec(&ADD_ROLL, params![1_i64, "2026-01-01", 1_i64]).await?;
                    tx.exec(statement, params.clone()).await.map(drop)
                })
                .await;
            match outcome.unwrap_err() {
                DbError::Unique { constraint } => format!("unique {constraint}"),
                DbError::Check { constraint } => format!("check {constraint}"),
                DbError::NotNull { column } => format!("null {column}"),
                DbError::ForeignKey => "foreign".into(),
                other => panic!("{other}"),
            }
        };
        assert_eq!(name(&ADD_STOCK, params![1_i64, 1_i64]).await, "unique stock_pkey");
        assert_eq!(name(&ADD_ROLL, params![1_i64, "2026-01-01", 2_i64]).await, "unique roll_one_a_day");
        assert_eq!(name(&ADD_TICKET, params![1_i64, "A", 1_i64]).await, "unique ticket_shop_id_code_key");
        assert_eq!(name(&ADD_TICKET, params![1_i64, "B", 0_i64]).await, "unique ticket_by_place");
        assert_eq!(name(&SET_STOCK, params![1_i64, -1_i64]).await, "check stock_on_hand_range");
        assert_eq!(name(&ADD_STOCK, params![9_i64, None::<i64>]).await, "null on_hand");
        assert_eq!(name(&ADD_ROLL, params![99_i64, "2026-01-01", 1_i64]).await, "foreign");
    })
    .await;
}

#[tokio::test]
async fn an_append_only_table_refuses_to_change() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        let write = async |statement: &'static crate::Statement, params: crate::Params| -> Result<(), DbError> {
            db.shop_write(&SHOP, "journal", async move |tx: &mut ShopTx| {
                tx.exec(statement, params.clone()).await.map(drop)
            })
            .await
        };
        write(&ADD_JOURNAL, params![1_i64, "sold"]).await.unwrap();
        let changed = write(&CHANGE_JOURNAL, params![1_i64, "not sold"]).await;
        assert!(matches!(changed, Err(DbError::AppendOnly)), "{changed:?}");
        let removed = write(&REMOVE_JOURNAL, params![1_i64]).await;
        assert!(matches!(removed, Err(DbError::AppendOnly)), "{removed:?}");
    })
    .await;
}

#[tokio::test]
async fn every_row_of_a_returning_change_is_recorded() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 40, 3).await;
        let touched: Result<usize, DbError> = db
            .shop_write(&SHOP, "take all", async |tx: &mut ShopTx| Ok(tx.rows(&TAKE_ALL, params![]).await?.len()))
            .await;
        assert_eq!(touched.unwrap(), 40);
        let mut read = db.shop(&SHOP).await.unwrap();
        let sum: i64 = read.one(&SUM_STOCK, params![]).await.unwrap().take().unwrap();
        assert_eq!(sum, 0);
    })
    .await;
}

#[tokio::test]
async fn a_long_list_is_run_in_order_and_completely() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 100, 7).await;
        let counts: Result<Vec<u64>, DbError> = db
            .shop_write(&SHOP, "take many", async |tx: &mut ShopTx| {
                let list = (91..=110_i64).map(|id| params![id, 2_i64]).collect();
                tx.exec_many(&TAKE_STOCK, list).await
            })
            .await;
        assert_eq!(counts.unwrap(), [[1; 10], [0; 10]].concat());
        let mut read = db.shop(&SHOP).await.unwrap();
        let found = read.opt_many(&READ_STOCK, (1..=101_i64).map(|id| params![id]).collect()).await.unwrap();
        assert_eq!(found.iter().filter(|row| row.is_some()).count(), 100);
        assert!(found[100].is_none());
    })
    .await;
}

#[tokio::test]
async fn a_system_transaction_counts_its_parameters_from_one() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 3, 1).await;
        let count = async |from: i64| -> Result<i64, DbError> {
            db.system_write("count shops", async move |tx: &mut SystemTx| {
                tx.one(&COUNT_SHOPS, params![from]).await?.take()
            })
            .await
        };
        assert_eq!((count(3).await.unwrap(), count(4).await.unwrap()), (1, 0));
        db.health().await.unwrap();
    })
    .await;
}
