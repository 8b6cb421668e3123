//! The loop: bounded, woken by the bell, stopped with grace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use db::{Db, DbError, SystemTx};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::world::{NOON_US, both, left, stamp};
use crate::{Bell, Job, JobError, JobState, Registry, Run, Runner, RunnerParts, RunnerSettings};

/// Counts what is inside and lets through as many as it is told.
#[derive(Clone)]
struct Gate {
    entered: Arc<Semaphore>,
    through: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[derive(Serialize, Deserialize)]
struct Pass;

impl Job for Pass {
    type Context = Gate;
    const KIND: &'static str = "test.pass";

    async fn run(&self, gate: &Gate, _: &Run) -> Result<(), JobError> {
        let inside = gate.inside.fetch_add(1, Ordering::SeqCst) + 1;
        gate.most.fetch_max(inside, Ordering::SeqCst);
        gate.entered.add_permits(1);
        gate.through.acquire().await.unwrap().forget();
        gate.inside.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

struct Started {
    gate: Gate,
    bell: Bell,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

/// A runner that nothing but the bell wakes.
fn start(db: &Db, grace: Duration) -> Started {
    let gate = Gate {
        entered: Arc::new(Semaphore::new(0)),
        through: Arc::new(Semaphore::new(0)),
        inside: Arc::default(),
        most: Arc::default(),
    };
    let runner = Runner::new(RunnerParts {
        db: db.clone(),
        registry: Registry::default().with::<Pass>(),
        context: Arc::new(gate.clone()),
        clock: Arc::new(|| NOON_US),
        random: Arc::new(|| 0),
        settings: RunnerSettings { concurrency: 3, poll: Duration::from_secs(3600), grace },
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let bell = runner.bell();
    let ended = tokio::spawn(async move {
        runner.run_until(async move { drop(stopped.await) }).await;
    });
    Started { gate, bell, stop, ended }
}

async fn put_passes(db: &Db, numbers: std::ops::RangeInclusive<u128>) {
    db.system_write("test", async move |tx: &mut SystemTx| -> Result<(), DbError> {
        for number in numbers.clone() {
            crate::enqueue(tx, stamp(number), &Pass).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_bell_wakes_the_runner_and_no_more_run_than_may() {
    both(async |db: Db| {
        let Started { gate, bell, stop, ended } = start(&db, Duration::from_secs(60));
        put_passes(&db, 1..=7).await;
        bell.ring();
        gate.entered.acquire_many(3).await.unwrap().forget();
        assert_eq!(gate.inside.load(Ordering::SeqCst), 3);
        gate.through.add_permits(7);
        gate.entered.acquire_many(4).await.unwrap().forget();
        stop.send(()).unwrap();
        ended.await.unwrap();
        assert_eq!(gate.most.load(Ordering::SeqCst), 3);
        assert_eq!(left(&db).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_stop_lets_running_jobs_end_and_starts_no_others() {
    both(async |db: Db| {
        let Started { gate, bell, stop, ended } = start(&db, Duration::from_secs(60));
        put_passes(&db, 1..=4).await;
        bell.ring();
        gate.entered.acquire_many(3).await.unwrap().forget();
        stop.send(()).unwrap();
        // The stop must be seen before a place comes free.
        tokio::task::yield_now().await;
        gate.through.add_permits(9);
        ended.await.unwrap();
        let left = left(&db).await;
        assert_eq!((left.len(), left[0].state, left[0].attempts), (1, JobState::Waiting, 0));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_outlasts_the_grace_is_given_back_as_if_not_begun() {
    both(async |db: Db| {
        let Started { gate, bell, stop, ended } = start(&db, Duration::ZERO);
        put_passes(&db, 1..=1).await;
        bell.ring();
        gate.entered.acquire().await.unwrap().forget();
        stop.send(()).unwrap();
        ended.await.unwrap();
        let left = left(&db).await;
        assert_eq!((left[0].state, left[0].attempts), (JobState::Waiting, 0));
        assert_eq!(left[0].last_error, None);
    })
    .await;
}
