//! What the tests share: jobs that do as they are told, and somebody who watches.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::testkit::{TestShop, on_both};
use db::{Db, DbError, Migration, ShopTx, SystemTx, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Job, JobError, JobRecord, Registry, Run, Runner, RunnerParts, RunnerSettings, Stamp, left_over};

pub(super) static MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "foundation", sql: include_str!("../../../../migrations/0001_foundation.sql") },
    Migration {
        number: 2,
        name: "effect",
        sql: "CREATE TABLE effect (id {uuid} PRIMARY KEY, times {int} NOT NULL) {strict};",
    },
];

db::statements! {
    system ADD_EFFECT = "test.add_effect",
        "INSERT INTO effect (id, times) VALUES ($1, 1)
         ON CONFLICT (id) DO UPDATE SET times = effect.times + 1";
    system LIST_EFFECTS = "test.list_effects", "SELECT times FROM effect ORDER BY id";
}

pub(super) const SHOP: TestShop = TestShop(Uuid::from_u128(0x5407));
pub(super) const NOON_US: i64 = 1_790_000_000_000_000;
pub(super) const SECOND_US: i64 = 1_000_000;

/// The context of all test jobs.
pub(super) struct World {
    pub(super) db: Db,
    pub(super) now_us: Arc<AtomicI64>,
    /// What ran: text, attempt, shop.
    pub(super) seen: Mutex<Vec<(String, u32, Option<Uuid>)>>,
}

impl World {
    pub(super) fn seen(&self) -> Vec<(String, u32, Option<Uuid>)> {
        self.seen.lock().unwrap().clone()
    }
}

/// Fails until its attempt is greater than `failures`.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) text: String,
    pub(super) failures: u32,
}

impl Job for Note {
    type Context = World;
    const KIND: &'static str = "test.note";
    const ATTEMPTS: u32 = 4;

    async fn run(&self, world: &World, run: &Run) -> Result<(), JobError> {
        let shop = run.shop().ok().map(|shop| db::ShopScope::shop_id(&shop));
        world.seen.lock().unwrap().push((self.text.clone(), run.attempt(), shop));
        if run.attempt() <= self.failures {
            return Err(JobError::Retry(format!("attempt {} is\r\nnot\0 yet it", run.attempt())));
        }
        Ok(())
    }
}

/// Goes wrong in the way it is named after.
#[derive(Serialize, Deserialize)]
pub(super) enum Trouble {
    Final,
    Panic,
    Hang,
    NeedsShop,
}

impl Job for Trouble {
    type Context = World;
    const KIND: &'static str = "test.trouble";
    const TIME_LIMIT: Duration = Duration::from_millis(20);

    async fn run(&self, _: &World, run: &Run) -> Result<(), JobError> {
        match self {
            Trouble::Final => Err(JobError::Final("the address does not exist".into())),
            Trouble::Panic => panic!("a job's mistake"),
            Trouble::Hang => std::future::pending().await,
            Trouble::NeedsShop => run.shop().map(drop),
        }
    }
}

/// An effect in the database, noted in the same transaction.
#[derive(Serialize, Deserialize)]
pub(super) struct Effect;

impl Job for Effect {
    type Context = World;
    const KIND: &'static str = "test.effect";
    const ATTEMPTS: u32 = u32::MAX;

    async fn run(&self, world: &World, run: &Run) -> Result<(), JobError> {
        let now_us = world.now_us.load(Ordering::SeqCst);
        let run = run.clone();
        world
            .db
            .system_write("effect", async move |tx: &mut SystemTx| -> Result<(), DbError> {
                tx.exec(&ADD_EFFECT, params![run.id()]).await?;
                run.complete_in(tx, now_us).await
            })
            .await?;
        Ok(())
    }
}

/// A runner with its own clock, and the world its jobs see.
pub(super) fn runner(db: &Db) -> (Runner<World>, Arc<World>) {
    let now_us = Arc::new(AtomicI64::new(NOON_US));
    let read = Arc::clone(&now_us);
    runner_with(db, now_us, Arc::new(move || read.load(Ordering::SeqCst)), registry())
}

pub(super) fn registry() -> Registry<World> {
    Registry::default().with::<Note>().with::<Trouble>().with::<Effect>()
}

pub(super) fn runner_with(
    db: &Db,
    now_us: Arc<AtomicI64>,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    registry: Registry<World>,
) -> (Runner<World>, Arc<World>) {
    let world = Arc::new(World { db: db.clone(), now_us, seen: Mutex::default() });
    let runner = Runner::new(RunnerParts {
        db: db.clone(),
        registry,
        context: Arc::clone(&world),
        clock,
        random: Arc::new(|| 0),
        settings: RunnerSettings::default(),
    });
    (runner, world)
}

pub(super) fn stamp(number: u128) -> Stamp {
    Stamp { id: Uuid::from_u128(number), now_us: NOON_US }
}

/// Enqueues on behalf of nobody.
pub(super) async fn put<J: Job>(db: &Db, number: u128, job: J) {
    let job = Arc::new(job);
    db.system_write("test", async move |tx: &mut SystemTx| crate::enqueue(tx, stamp(number), &*job).await)
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
}

/// Enqueues on behalf of the shop.
pub(super) async fn put_in_shop(db: &Db, number: u128, text: &str) -> Result<(), DbError> {
    let job = Note { text: text.into(), failures: 0 };
    db.shop_write(&SHOP, "test", async move |tx: &mut ShopTx| crate::enqueue(tx, stamp(number), &job).await).await
}

pub(super) fn note(text: &str, failures: u32) -> Note {
    Note { text: text.into(), failures }
}

pub(super) async fn left(db: &Db) -> Vec<JobRecord> {
    left_over(&mut db.system("test").await.unwrap()).await.unwrap()
}

pub(super) async fn effects(db: &Db) -> Vec<i64> {
    let rows = db.system("test").await.unwrap().rows(&LIST_EFFECTS, params![]).await.unwrap();
    rows.into_iter().map(|mut row| row.take().unwrap()).collect()
}

pub(super) async fn both(test: impl AsyncFn(Db)) {
    on_both(MIGRATIONS, &[], test).await;
}
