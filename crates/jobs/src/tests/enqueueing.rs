//! Putting jobs in: with their transaction, once, for a shop or for nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::{Db, DbError, ShopTx, SystemTx};

use super::world::*;
use crate::{Every, JobState, Registry, enqueue, enqueue_at, enqueue_once};

#[tokio::test]
async fn a_job_is_there_exactly_if_its_transaction_committed() {
    both(async |db: Db| {
        let refused = db
            .shop_write(&SHOP, "test", async |tx: &mut ShopTx| -> Result<(), DbError> {
                enqueue(tx, stamp(1), &note("never", 0)).await?;
                Err(DbError::Busy)
            })
            .await;
        assert!(matches!(refused, Err(DbError::Busy)), "{refused:?}");
        let refused = db
            .system_write("test", async |tx: &mut SystemTx| -> Result<(), DbError> {
                enqueue(tx, stamp(2), &note("never", 0)).await?;
                Err(DbError::Busy)
            })
            .await;
        assert!(matches!(refused, Err(DbError::Busy)), "{refused:?}");
        assert_eq!(left(&db).await, []);

        put_in_shop(&db, 3, "receipt").await.unwrap();
        let left = left(&db).await;
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].id, left[0].shop), (stamp(3).id, Some(SHOP.0)));
        assert_eq!((left[0].kind.as_str(), left[0].state), ("test.note", JobState::Waiting));
    })
    .await;
}

#[tokio::test]
async fn a_job_runs_with_its_data_and_its_shop_and_leaves_nothing() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put_in_shop(&db, 1, "señal").await.unwrap();
        put(&db, 2, note("nobody's", 0)).await;
        let summary = runner.run_due_once().await.unwrap();
        assert_eq!((summary.done, summary.retried, summary.failed), (2, 0, 0));
        let wanted = [("señal".to_owned(), 1, Some(SHOP.0)), ("nobody's".to_owned(), 1, None)];
        assert_eq!(world.seen(), wanted);
        assert_eq!(left(&db).await, []);
        assert_eq!(runner.run_due_once().await.unwrap().done, 0);
    })
    .await;
}

#[tokio::test]
async fn an_id_is_used_once_even_after_its_job_ended() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put_in_shop(&db, 1, "first").await.unwrap();
        runner.run_due_once().await.unwrap();
        let again = put_in_shop(&db, 1, "again").await;
        assert!(matches!(again, Err(DbError::Missed { .. })), "{again:?}");
        let news = db
            .system_write("test", async |tx: &mut SystemTx| -> Result<_, DbError> {
                let known = enqueue_once(tx, stamp(1), &note("again", 0)).await?;
                Ok((known, enqueue_once(tx, stamp(2), &note("second", 0)).await?))
            })
            .await
            .unwrap();
        assert_eq!(news, (false, true));
        runner.run_due_once().await.unwrap();
        let texts: Vec<_> = world.seen().into_iter().map(|(text, ..)| text).collect();
        assert_eq!(texts, ["first", "second"]);
    })
    .await;
}

#[tokio::test]
async fn a_job_for_later_waits_until_then() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        db.system_write("test", async |tx: &mut SystemTx| -> Result<(), DbError> {
            enqueue_at(tx, stamp(1), NOON_US + SECOND_US, &note("later", 0)).await
        })
        .await
        .unwrap();
        assert_eq!(runner.run_due_once().await.unwrap().done, 0);
        world.now_us.fetch_add(SECOND_US, Ordering::SeqCst);
        assert_eq!(runner.run_due_once().await.unwrap().done, 1);
    })
    .await;
}

#[tokio::test]
async fn a_periodic_job_runs_once_a_slot_whoever_puts_it_in() {
    both(async |db: Db| {
        let now_us = Arc::new(AtomicI64::new(NOON_US));
        let runners = [(); 2].map(|()| {
            let every = Every::new(Duration::from_secs(3600), Duration::ZERO);
            let registry = Registry::default().with_periodic(every, &note("tidy", 0));
            let read = Arc::clone(&now_us);
            let clock = Arc::new(move || read.load(Ordering::SeqCst));
            runner_with(&db, Arc::clone(&now_us), clock, registry).0
        });
        // One hour passes, then seven at once: missed slots are not made up for.
        for passed_hours in [0, 1, 7] {
            now_us.fetch_add(passed_hours * 3600 * SECOND_US, Ordering::SeqCst);
            for runner in &runners {
                runner.enqueue_periodic().await.unwrap();
                runner.enqueue_periodic().await.unwrap();
            }
            assert_eq!(left(&db).await.len(), 1, "after {passed_hours} hours");
            assert_eq!(runners[1].run_due_once().await.unwrap().done, 1);
        }
    })
    .await;
}
