//! SQLite's writer: many transactions, one flush, and failures kept apart.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::join_all;

use super::fixture::*;
use crate::testkit::TestDb;
use crate::{Db, DbConfig, DbError, Params, ShopTx, Statement, params};

type Outcome = Result<(), DbError>;
type Queued = Pin<Box<dyn Future<Output = Outcome>>>;

mod engine {
    crate::statements! {
        /// What a full disk does: the engine ends the transaction by itself.
        pub(crate) ROLL_BACK_EVERYTHING = "test.roll_back_everything", "ROLLBACK";
        pub(crate) DEFER_KEYS = "test.defer_keys", "PRAGMA defer_foreign_keys = ON";
    }
}

/// A writer whose batch stays open until everything that waits has run.
struct Batch {
    test: TestDb,
    db: Db,
    queued: Vec<Queued>,
    release: Sender<()>,
    commits_before: u64,
}

impl Batch {
    /// The first job holds the writer inside its transaction until released.
    async fn held() -> Batch {
        let test = TestDb::sqlite(MIGRATIONS, RANKS).await;
        let config = DbConfig { group_age: Duration::from_secs(60), ..test.config.clone() };
        let db = Db::open(&config).await.unwrap();
        stocked(&db, 20, 5).await;
        let commits_before = db.writer_commits().unwrap();
        let (release, released) = channel();
        let mut batch = Batch { test, db, queued: Vec::new(), release, commits_before };
        batch.hold(released);
        batch
    }

    fn hold(&mut self, released: Receiver<()>) {
        let released = Mutex::new(released);
        let db = self.db.clone();
        let (started, running) = channel();
        self.push(Box::pin(async move {
            db.shop_write(&SHOP, "hold", async move |tx: &mut ShopTx| {
                tx.exec_one(&SET_STOCK, params![1_i64, 100_i64]).await?;
                started.send(()).unwrap();
                released.lock().unwrap().recv().unwrap();
                Ok(())
            })
            .await
        }));
        running.recv().unwrap();
    }

    /// One poll puts a transaction into the queue.
    fn push(&mut self, mut job: Queued) {
        let polled = job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending), "answered before it was on disk");
        self.queued.push(job);
    }

    fn exec(&mut self, name: &'static str, statements: Vec<(&'static Statement, Params)>) {
        let db = self.db.clone();
        self.push(Box::pin(async move {
            db.shop_write(&SHOP, name, async move |tx: &mut ShopTx| {
                for (statement, params) in &statements {
                    tx.exec(statement, params.clone()).await?;
                }
                Ok(())
            })
            .await
        }));
    }

    /// Lets the writer go; gives all answers in order and the commits they took.
    async fn finish(self) -> (Vec<Outcome>, u64, Db, TestDb) {
        self.release.send(()).unwrap();
        let outcomes = join_all(self.queued).await;
        let commits = self.db.writer_commits().unwrap() - self.commits_before;
        (outcomes, commits, self.db, self.test)
    }
}

#[tokio::test]
async fn waiting_transactions_share_one_flush_and_fail_apart() {
    let mut batch = Batch::held().await;
    for id in 2..=10_i64 {
        // Every third takes more than there is, after a change that must vanish.
        let quantity = if id % 3 == 0 { -9 } else { 4 };
        batch.exec("set", vec![(&SET_STOCK, params![id, 1_i64]), (&SET_STOCK, params![id, quantity])]);
    }
    let (outcomes, commits, db, _test) = batch.finish().await;
    assert_eq!(commits, 1);
    for (outcome, id) in outcomes.iter().zip(1..) {
        match (id % 3, outcome) {
            (0, Err(DbError::Check { .. })) => assert_eq!(on_hand(&db, id).await, 5),
            (1 | 2, Ok(())) => assert_eq!(on_hand(&db, id).await, if id == 1 { 100 } else { 4 }),
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_reader_is_not_kept_waiting_by_an_open_batch() {
    let batch = Batch::held().await;
    assert_eq!(on_hand(&batch.db, 1).await, 5);
    let (_, _, db, _test) = batch.finish().await;
    assert_eq!(on_hand(&db, 1).await, 100);
}

#[tokio::test]
async fn a_batch_the_engine_rolled_back_fails_as_a_whole_and_by_name() {
    let mut batch = Batch::held().await;
    batch.exec("set", vec![(&SET_STOCK, params![2_i64, 1_i64])]);
    let db = batch.db.clone();
    batch.push(Box::pin(async move {
        db.system_write("disk is full", async |tx: &mut crate::SystemTx| {
            tx.exec(&engine::ROLL_BACK_EVERYTHING, params![]).await.map(drop)
        })
        .await
    }));
    let (outcomes, commits, db, _test) = batch.finish().await;
    assert_eq!(commits, 0);
    for outcome in outcomes {
        match outcome {
            Err(DbError::BatchLost { by, reason }) => {
                assert_eq!((by, reason.as_str()), ("disk is full", "the engine rolled the whole batch back"))
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((on_hand(&db, 1).await, on_hand(&db, 2).await), (5, 5));
    stocked_again(&db).await;
}

#[tokio::test]
async fn a_commit_that_fails_fails_everybody_in_it() {
    let mut batch = Batch::held().await;
    batch.exec("set", vec![(&SET_STOCK, params![2_i64, 1_i64])]);
    let db = batch.db.clone();
    batch.push(Box::pin(async move {
        db.system_write("break a key late", async |tx: &mut crate::SystemTx| {
            tx.exec(&engine::DEFER_KEYS, params![]).await?;
            // Without a bound shop the first parameter is given.
            tx.exec(&ADD_ROLL, params![uuid::Uuid::from_u128(1), 99_i64, "2026-01-01", 1_i64]).await.map(drop)
        })
        .await
    }));
    let (outcomes, commits, db, _test) = batch.finish().await;
    assert_eq!(commits, 0);
    for outcome in outcomes {
        assert!(matches!(outcome, Err(DbError::BatchLost { by: "commit", .. })), "{outcome:?}");
    }
    assert_eq!((on_hand(&db, 1).await, on_hand(&db, 2).await), (5, 5));
    stocked_again(&db).await;
}

/// The writer works on after a lost batch.
async fn stocked_again(db: &Db) {
    db.shop_write(&SHOP, "set", async |tx: &mut ShopTx| tx.exec_one(&SET_STOCK, params![1_i64, 3_i64]).await)
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
    assert_eq!(on_hand(db, 1).await, 3);
}

#[tokio::test]
async fn awaiting_anything_but_the_database_is_rolled_back_and_named() {
    let test = TestDb::sqlite(MIGRATIONS, RANKS).await;
    stocked(&test.db, 1, 5).await;
    let outcome = test
        .db
        .shop_write(&SHOP, "call the bank", async |tx: &mut ShopTx| -> Outcome {
            tx.exec_one(&SET_STOCK, params![1_i64, 1_i64]).await?;
            tokio::task::yield_now().await;
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Pending { transaction: "call the bank" })), "{outcome:?}");
    assert_eq!(on_hand(&test.db, 1).await, 5);
}

#[tokio::test]
async fn a_transaction_nobody_waits_for_any_more_is_not_run() {
    let mut batch = Batch::held().await;
    batch.exec("set", vec![(&SET_STOCK, params![2_i64, 1_i64])]);
    batch.queued.pop();
    batch.exec("set", vec![(&SET_STOCK, params![3_i64, 1_i64])]);
    let (_, _, db, _test) = batch.finish().await;
    assert_eq!((on_hand(&db, 2).await, on_hand(&db, 3).await), (5, 1));
}

#[tokio::test]
async fn a_full_queue_says_busy() {
    let test = TestDb::sqlite(MIGRATIONS, RANKS).await;
    let config = DbConfig { writer_queue: 1, wait_limit: Duration::from_millis(20), ..test.config.clone() };
    let db = Db::open(&config).await.unwrap();
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let holder = db.shop_write(&SHOP, "hold", async move |_: &mut ShopTx| -> Outcome {
        released.lock().unwrap().recv().unwrap();
        Ok(())
    });
    let mut holder = Box::pin(holder);
    assert!(holder.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let outcome = db.shop_write(&SHOP, "one too many", async |_: &mut ShopTx| -> Outcome { Ok(()) }).await;
    assert!(matches!(outcome, Err(DbError::Busy)), "{outcome:?}");
    release.send(()).unwrap();
    holder.await.unwrap();
}
