//! What only a server can do: break off, deadlock, leave a statement behind.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use tokio::sync::Barrier;

use super::fixture::*;
use crate::testkit::TestDb;
use crate::{Db, DbConfig, DbError, ShopTx, params};

mod server {
    crate::statements! {
        pub(crate) system OUR_PID = "test.our_pid", "SELECT pg_backend_pid()";
        pub(crate) system END_CONNECTION = "test.end_connection",
            "SELECT pg_terminate_backend(CAST($1 AS INTEGER))";
        pub(crate) PID_UNDER_SHOP = "test.pid_under_shop",
            "SELECT pg_backend_pid() WHERE $1 = CAST($1 AS UUID)";
        pub(crate) SLEEP = "test.sleep",
            "SELECT CAST(1 AS BIGINT) FROM pg_sleep(25) WHERE $1 = CAST($1 AS UUID)";
        pub(crate) system SLEEPERS = "test.sleepers",
            "SELECT COUNT(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event = 'PgSleep'";
    }
}

#[tokio::test]
async fn a_connection_ended_inside_a_transaction_is_an_error_and_not_used_again() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    stocked(&test.db, 1, 5).await;
    let db = Db::open(&DbConfig { pool_size: 1, ..test.config.clone() }).await.unwrap();
    let killer = test.db.clone();
    let outcome = db
        .shop_write(&SHOP, "die", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SET_STOCK, params![1_i64, 1_i64]).await?;
            let pid: i64 = tx.one(&server::PID_UNDER_SHOP, params![]).await?.take()?;
            let mut other = killer.system("end a connection").await?;
            other.one(&server::END_CONNECTION, params![pid]).await?;
            tx.exec_one(&SET_STOCK, params![1_i64, 2_i64]).await
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Unavailable { .. })), "{outcome:?}");
    assert_eq!(on_hand(&db, 1).await, 5);
    db.close();
}

#[tokio::test]
async fn two_transactions_in_opposite_order_both_succeed() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    stocked(&test.db, 2, 5).await;
    let both_hold_one = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let transfer = |first: i64, second: i64| {
        let (both_hold_one, runs, db) = (Arc::clone(&both_hold_one), Arc::clone(&runs), test.db.clone());
        async move {
            db.shop_write(&SHOP, "cross", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec_one(&TAKE_STOCK, params![first, 1_i64]).await?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    both_hold_one.wait().await;
                }
                tx.exec_one(&TAKE_STOCK, params![second, 1_i64]).await
            })
            .await
        }
    };
    let (left, right) = tokio::join!(transfer(1, 2), transfer(2, 1));
    left.unwrap();
    right.unwrap();
    // The victim may be quicker than the winner wakes, and meet it once more.
    assert!(runs.load(Ordering::SeqCst) >= 3);
    assert_eq!((on_hand(&test.db, 1).await, on_hand(&test.db, 2).await), (3, 3));
}

#[tokio::test]
async fn a_statement_given_up_half_way_kills_its_transaction() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    stocked(&test.db, 1, 5).await;
    let outcome = test
        .db
        .shop_write(&SHOP, "give up", async |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SET_STOCK, params![1_i64, 1_i64]).await?;
            {
                let left_behind = std::pin::pin!(tx.exec_one(&SET_STOCK, params![1_i64, 2_i64]));
                assert!(left_behind.poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Dead)), "{outcome:?}");
    assert_eq!(on_hand(&test.db, 1).await, 5);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_lock_and_no_waiting_statement() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    stocked(&test.db, 1, 5).await;
    let sleeper = test.db.clone();
    let task = tokio::spawn(async move {
        sleeper
            .shop_write(&SHOP, "sleep", async |tx: &mut ShopTx| -> Result<(), DbError> {
                tx.exec_one(&SET_STOCK, params![1_i64, 1_i64]).await?;
                tx.one(&server::SLEEP, params![]).await.map(drop)
            })
            .await
    });
    let mut watch = test.db.system("watch the server").await.unwrap();
    let mut sleepers = async || -> i64 { watch.one(&server::SLEEPERS, params![]).await.unwrap().take().unwrap() };
    while sleepers().await == 0 {}
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    // Far less patient than the sleep is long: fails if the row is still locked.
    let statement_limit = std::time::Duration::from_secs(5);
    let config = DbConfig { statement_limit, ..test.config.clone() };
    let db = Db::open(&config).await.unwrap();
    db.shop_write(&SHOP, "set", async |tx: &mut ShopTx| tx.exec_one(&SET_STOCK, params![1_i64, 9_i64]).await)
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
    assert_eq!(on_hand(&db, 1).await, 9);
    db.close();
}

#[tokio::test]
async fn a_transaction_left_between_two_statements_is_never_committed_by_the_next_one() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    stocked(&test.db, 2, 5).await;
    let db = Db::open(&DbConfig { pool_size: 1, ..test.config.clone() }).await.unwrap();
    let (paused, now_paused) = tokio::sync::mpsc::unbounded_channel();
    let left = db.clone();
    let task = tokio::spawn(async move {
        left.shop_write(&SHOP, "leave", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SET_STOCK, params![1_i64, 1_i64]).await?;
            paused.send(()).unwrap();
            std::future::pending().await
        })
        .await
    });
    let mut now_paused = now_paused;
    now_paused.recv().await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    db.shop_write(&SHOP, "set", async |tx: &mut ShopTx| tx.exec_one(&SET_STOCK, params![2_i64, 9_i64]).await)
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
    assert_eq!((on_hand(&db, 1).await, on_hand(&db, 2).await), (5, 9));
    db.close();
}

#[tokio::test]
async fn a_null_goes_only_where_its_kind_belongs() {
    let test = TestDb::postgres(MIGRATIONS, RANKS).await;
    let outcome: Result<u64, DbError> = test
        .db
        .shop_write(&SHOP, "add", async |tx: &mut ShopTx| {
            tx.exec(&ADD_STOCK_BACKWARDS, params![2_i64, None::<i64>, 4_i64, false]).await
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Other(_))), "{outcome:?}");
    let mut read = test.db.system("ask").await.unwrap();
    assert!(read.one(&server::OUR_PID, params![]).await.unwrap().take::<i64>().unwrap() > 0);
}
