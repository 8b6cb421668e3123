//! Many workers, one queue. Written for PostgreSQL, where workers really run
//! side by side on connections of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::testkit::TestDb;
use db::{Db, DbConfig, Engine};

use super::world::*;
use crate::Summary;

const WORKERS: usize = 8;

/// Runs eight runners at once, each told the time by `tick`.
async fn compete(database: &TestDb, jobs: u128, tick_us: i64) -> (Vec<Summary>, Vec<Arc<World>>) {
    for number in 1..=jobs {
        put(&database.db, number, Effect).await;
    }
    let now_us = Arc::new(AtomicI64::new(NOON_US));
    let mut tasks = Vec::new();
    let mut worlds = Vec::new();
    for _ in 0..WORKERS {
        let db = match database.db.engine() {
            // A second writer on the file would be a second program.
            Engine::Sqlite => database.db.clone(),
            Engine::Postgres => Db::open(&DbConfig { pool_size: 3, ..database.config.clone() }).await.unwrap(),
        };
        let read = Arc::clone(&now_us);
        let clock = Arc::new(move || read.fetch_add(tick_us, Ordering::SeqCst));
        let (runner, world) = runner_with(&db, Arc::clone(&now_us), clock, registry());
        worlds.push(world);
        tasks.push(tokio::spawn(async move { runner.run_due_once().await.unwrap() }));
    }
    let mut summaries = Vec::new();
    for task in tasks {
        summaries.push(task.await.unwrap());
    }
    (summaries, worlds)
}

async fn databases() -> [TestDb; 2] {
    [TestDb::postgres(MIGRATIONS, &[]).await, TestDb::sqlite(MIGRATIONS, &[]).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_workers_complete_each_job_exactly_once() {
    for database in databases().await {
        let (summaries, _worlds) = compete(&database, 120, 0).await;
        let done: usize = summaries.iter().map(|summary| summary.done).sum();
        let retried: usize = summaries.iter().map(|summary| summary.retried).sum();
        assert_eq!((done, retried), (120, 0), "{summaries:?}");
        assert_eq!(effects(&database.db).await, vec![1; 120]);
        assert_eq!(left(&database.db).await, []);
    }
}

/// Each look at the clock costs a minute and a half, so that claims run out
/// while their holders still work: attempts overlap, effects must not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_effect_takes_place_once_even_if_every_claim_runs_out() {
    for database in databases().await {
        let (_, _worlds) = compete(&database, 30, 90 * SECOND_US).await;
        // Whoever lost its claim last may have left a job for later.
        let now_us = Arc::new(AtomicI64::new(i64::MAX / 2));
        let read = Arc::clone(&now_us);
        let clock = Arc::new(move || read.load(Ordering::SeqCst));
        let (runner, _world) = runner_with(&database.db, now_us, clock, registry());
        runner.run_due_once().await.unwrap();
        assert_eq!(effects(&database.db).await, vec![1; 30]);
        assert_eq!(left(&database.db).await, []);
    }
}
