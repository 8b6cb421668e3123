//! How attempts end: again later, never again, or by nobody's hand.

use std::sync::atomic::Ordering;

use db::{Db, DbError, SystemTx, params};

use super::world::*;
use crate::queue::{self, Settlement};
use crate::{Backlog, JobState, Run, backlog, list_failed, retry_failed};

db::statements! {
    system GARBLE = "test.garble", "UPDATE job SET payload = $2, kind = $3 WHERE id = $1";
    system COUNT = "test.count_jobs", "SELECT COUNT(*), MAX(payload) FROM job";
}

/// Waits are half of 10, 20, 40 … seconds because the tests draw zero.
#[tokio::test]
async fn a_failing_job_comes_back_later_and_later_and_then_waits_for_a_person() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put(&db, 1, note("mail", 4)).await;
        for (attempt, wait_s) in [(1, 5), (2, 10), (3, 20)] {
            assert_eq!(runner.run_due_once().await.unwrap().retried, 1, "attempt {attempt}");
            let record = left(&db).await.remove(0);
            let now_us = world.now_us.load(Ordering::SeqCst);
            assert_eq!((record.attempts, record.state), (attempt, JobState::Waiting));
            assert_eq!(record.run_at_us, now_us + wait_s * SECOND_US);
            assert_eq!(record.last_error, Some(format!("attempt {attempt} is  not  yet it")));
            world.now_us.store(record.run_at_us - 1, Ordering::SeqCst);
            assert_eq!(runner.run_due_once().await.unwrap(), crate::Summary::default());
            world.now_us.store(record.run_at_us, Ordering::SeqCst);
        }
        assert_eq!(runner.run_due_once().await.unwrap().failed, 1);
        let now_us = world.now_us.load(Ordering::SeqCst);
        let record = left(&db).await.remove(0);
        assert_eq!(record.state, JobState::Failed { at_us: now_us });
        world.now_us.fetch_add(365 * 86_400 * SECOND_US, Ordering::SeqCst);
        assert_eq!(runner.run_due_once().await.unwrap(), crate::Summary::default());
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_is_listed_and_runs_again_when_a_person_says_so() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put(&db, 1, Trouble::Final).await;
        put(&db, 2, Trouble::NeedsShop).await;
        assert_eq!(runner.run_due_once().await.unwrap().failed, 2);
        let mut read = db.system("test").await.unwrap();
        let newest = list_failed(&mut read, None, 1).await.unwrap();
        assert_eq!(newest[0].last_error.as_deref(), Some("this kind of job needs a shop and has none"));
        let older = list_failed(&mut read, Some((NOON_US, newest[0].id)), 9).await.unwrap();
        assert_eq!(older.len(), 1);
        assert_eq!(older[0].last_error.as_deref(), Some("the address does not exist"));
        let wanted = Backlog { waiting: 0, failed: 2, first_due_us: None };
        assert_eq!(backlog(&mut read).await.unwrap(), wanted);
        drop(read);

        let again = db
            .system_write("test", async |tx: &mut SystemTx| -> Result<_, DbError> {
                let first = retry_failed(tx, stamp(1).id, NOON_US).await?;
                Ok((first, retry_failed(tx, stamp(1).id, NOON_US).await?))
            })
            .await
            .unwrap();
        assert_eq!(again, (true, false));
        assert_eq!(runner.run_due_once().await.unwrap().failed, 1);
        assert_eq!(world.seen(), []);
    })
    .await;
}

#[tokio::test]
async fn a_panic_or_a_job_without_end_is_a_failed_attempt() {
    both(async |db: Db| {
        let (runner, _) = runner(&db);
        put(&db, 1, Trouble::Panic).await;
        put(&db, 2, Trouble::Hang).await;
        assert_eq!(runner.run_due_once().await.unwrap().retried, 2);
        let reasons: Vec<_> = left(&db).await.into_iter().filter_map(|job| job.last_error).collect();
        assert_eq!(reasons, ["the job panicked; the log says where", "the job took longer than 0 s"]);
    })
    .await;
}

#[tokio::test]
async fn a_job_of_another_version_waits_and_its_data_is_not_shown() {
    both(async |db: Db| {
        let (runner, _) = runner(&db);
        for (number, payload, kind) in
            [(1, "{\"text\":7,\"failures\":\"secret\"}", "test.note"), (2, "{}", "test.gone")]
        {
            put(&db, number, note("x", 0)).await;
            db.system_write("test", async move |tx: &mut SystemTx| -> Result<(), DbError> {
                tx.exec_one(&GARBLE, params![stamp(number).id, payload, kind]).await
            })
            .await
            .unwrap();
        }
        assert_eq!(runner.run_due_once().await.unwrap().retried, 2);
        let reasons: Vec<_> = left(&db).await.into_iter().filter_map(|job| job.last_error).collect();
        assert_eq!(reasons[0], "the stored job cannot be read (Data error at column 9)");
        assert_eq!(reasons[1], "this version of the program does not know this kind of job");
    })
    .await;
}

#[tokio::test]
async fn a_claim_ends_with_its_time_and_its_holder_can_then_settle_nothing() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put(&db, 1, Effect).await;
        let hold_us = 120 * SECOND_US;
        let mut dead = queue::claim(db.clone(), NOON_US, 5, move |_| hold_us).await.unwrap().claimed;
        let dead = dead.pop().unwrap();
        assert_eq!(left(&db).await[0].state, JobState::Claimed { until_us: NOON_US + hold_us });
        world.now_us.store(NOON_US + hold_us - 1, Ordering::SeqCst);
        assert_eq!(runner.run_due_once().await.unwrap(), crate::Summary::default());
        world.now_us.store(NOON_US + hold_us, Ordering::SeqCst);
        let mut heir = queue::claim(db.clone(), NOON_US + hold_us, 5, move |_| hold_us).await.unwrap().claimed;
        let heir = heir.pop().unwrap();
        assert_eq!((dead.attempt, heir.attempt), (1, 2));

        for settlement in [
            Settlement::Done,
            Settlement::Released,
            Settlement::Failed { reason: String::new() },
            Settlement::Postponed { run_at_us: 0, reason: String::new() },
        ] {
            let settled = queue::settle(db.clone(), dead.claim, NOON_US, settlement.clone()).await.unwrap();
            assert!(!settled, "{settlement:?}");
        }
        let zombie = Run { claim: dead.claim, shop: None, attempt: 1, started_at_us: NOON_US };
        let noted = db.system_write("test", async move |tx: &mut SystemTx| zombie.complete_in(tx, NOON_US).await).await;
        assert!(matches!(noted, Err(DbError::Missed { .. })), "{noted:?}");

        assert!(queue::settle(db.clone(), heir.claim, NOON_US, Settlement::Released).await.unwrap());
        assert_eq!(left(&db).await[0].attempts, 1);
        assert_eq!(runner.run_due_once().await.unwrap().done, 1);
        assert_eq!((effects(&db).await, left(&db).await), (vec![1], vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_ends_its_process_each_time_is_given_up() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put(&db, 1, note("poison", 0)).await;
        for attempt in 0..4 {
            let at_us = NOON_US + attempt * SECOND_US;
            let claimed = queue::claim(db.clone(), at_us, 1, |_| SECOND_US).await.unwrap().claimed;
            assert_eq!(claimed.len(), 1, "attempt {attempt}");
        }
        world.now_us.store(NOON_US + 4 * SECOND_US, Ordering::SeqCst);
        assert_eq!(runner.run_due_once().await.unwrap().failed, 1);
        assert_eq!(left(&db).await[0].last_error.as_deref(), Some("every attempt ended with its process"));
        assert_eq!(world.seen(), []);
    })
    .await;
}

#[tokio::test]
async fn ended_jobs_lose_their_data_at_once_and_their_rows_later() {
    both(async |db: Db| {
        let (runner, world) = runner(&db);
        put(&db, 1, note("private", 0)).await;
        put(&db, 2, Trouble::Final).await;
        runner.run_due_once().await.unwrap();
        let count = async || {
            let mut row = db.system("test").await.unwrap().one(&COUNT, params![]).await.unwrap();
            (row.take::<i64>().unwrap(), row.take::<Option<String>>().unwrap())
        };
        // Only the failed one keeps its data, to be tried again.
        let kept = Some("\"Final\"".to_owned());
        let day_us = 86_400 * SECOND_US;
        for (days, rows) in [(14, 2), (15, 1), (90, 1), (91, 0)] {
            world.now_us.store(NOON_US + days * day_us, Ordering::SeqCst);
            runner.purge().await.unwrap();
            assert_eq!(count().await, (rows, kept.clone().filter(|_| rows > 0)), "after {days} days");
        }
    })
    .await;
}
