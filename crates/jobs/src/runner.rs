//! The runner: takes what is due, runs some of it at a time, and notes how it
//! ended.
//!
//! Owns concurrency, time limits, the stop and the wake-up. Time and chance are
//! given to it. Any number of runners may share a database.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::{Db, DbError};
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::backoff;
use crate::job::{JobError, Run};
use crate::queue::{self, Claimed, NewRow, Settlement};
use crate::registry::Registry;
use crate::schedule;

const HOUR_US: i64 = 3_600_000_000;
/// How long done jobs stay, for whoever asks what happened; µs.
const KEEP_DONE_US: i64 = 14 * 24 * HOUR_US;
/// How long failed jobs wait for a person; µs.
const KEEP_FAILED_US: i64 = 90 * 24 * HOUR_US;
// A slot whose job has been removed would be filled a second time.
const _: () = assert!(KEEP_DONE_US > schedule::LONGEST_US);

/// Attempts of a kind that this program does not know (any more, or yet).
const UNKNOWN_KIND_ATTEMPTS: u32 = 12;

/// Tells the time in µs UTC.
type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
/// Draws 64 bits for jitter; need not be unpredictable.
type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How a runner behaves.
#[derive(Clone, Copy, Debug)]
pub struct RunnerSettings {
    /// Jobs at a time.
    pub concurrency: usize,
    /// How often to look when nobody rings.
    pub poll: Duration,
    /// How long a stop waits for running jobs before it cuts them off.
    pub grace: Duration,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self { concurrency: 4, poll: Duration::from_secs(2), grace: Duration::from_secs(20) }
    }
}

/// What a runner is made of.
pub struct RunnerParts<C> {
    /// Where the queue is.
    pub db: Db,
    /// What it can run.
    pub registry: Registry<C>,
    /// What jobs are given.
    pub context: Arc<C>,
    /// Tells the time in µs UTC.
    pub clock: Clock,
    /// Draws the jitter.
    pub random: Random,
    /// How it behaves.
    pub settings: RunnerSettings,
}

/// Wakes the runner of this process. Ring it after a commit that enqueued
/// something; a runner elsewhere finds the job at its next look.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes the runner now, or lets its next wait end at once.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// How many attempts ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Done.
    pub done: usize,
    /// Failed for now.
    pub retried: usize,
    /// Failed for good.
    pub failed: usize,
}

/// Runs jobs. Cheap to clone.
pub struct Runner<C> {
    inner: Arc<Inner<C>>,
}

impl<C> Clone for Runner<C> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<C> {
    parts: RunnerParts<C>,
    bell: Bell,
    /// Up to when this process has filled the slots of periodic jobs, per job.
    filled_us: Vec<AtomicI64>,
}

impl<C: Send + Sync + 'static> Runner<C> {
    /// Makes a runner; nothing runs before it is told to.
    pub fn new(parts: RunnerParts<C>) -> Self {
        let filled_us = parts.registry.periodic().iter().map(|_| AtomicI64::new(i64::MIN));
        let filled_us = filled_us.collect();
        Self { inner: Arc::new(Inner { parts, bell: Bell::default(), filled_us }) }
    }

    /// What wakes this runner.
    pub fn bell(&self) -> Bell {
        self.inner.bell.clone()
    }

    /// Runs jobs until `stop` is ready, then lets running ones end; those that
    /// do not within the grace are cut off and given back untouched.
    pub async fn run_until(&self, stop: impl Future<Output = ()>) {
        let inner = &self.inner;
        let settings = inner.parts.settings;
        let (cut_off, cut) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut stop = pin!(stop);
        let mut next_purge_us = i64::MIN;
        loop {
            let wait = inner.step(&mut running, &cut, &mut next_purge_us).await;
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(ended) = running.join_next() => log_lost(ended),
                () = inner.bell.0.notified(), if running.len() < settings.concurrency => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        tracing::info!(running = running.len(), "job runner stops");
        if tokio::time::timeout(settings.grace, join_all(&mut running)).await.is_err() {
            tracing::warn!(running = running.len(), "jobs are cut off by the stop");
            let _ = cut_off.send(true);
            join_all(&mut running).await;
        }
    }

    /// Runs, one after the other, everything that is due by the runner's clock,
    /// jobs that those enqueue included. For tests and for the command line.
    ///
    /// # Errors
    /// What the database refuses; the failures of jobs are counted instead.
    pub async fn run_due_once(&self) -> Result<Summary, DbError> {
        let (_cut_off, cut) = watch::channel(false);
        let mut summary = Summary::default();
        loop {
            let look = self.inner.claim(1).await?;
            if look.claimed.is_empty() && !look.outrun {
                return Ok(summary);
            }
            for claimed in look.claimed {
                match self.inner.work(claimed, cut.clone()).await? {
                    Settlement::Done => summary.done += 1,
                    Settlement::Postponed { .. } | Settlement::Released => summary.retried += 1,
                    Settlement::Failed { .. } => summary.failed += 1,
                }
            }
        }
    }

    /// Puts in the periodic jobs whose slot has begun. [`Runner::run_until`]
    /// does this by itself.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn enqueue_periodic(&self) -> Result<(), DbError> {
        self.inner.enqueue_periodic().await
    }

    /// Removes jobs that ended long ago. [`Runner::run_until`] does this by
    /// itself, hourly.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn purge(&self) -> Result<(), DbError> {
        self.inner.purge().await
    }
}

impl<C: Send + Sync + 'static> Inner<C> {
    fn now_us(&self) -> i64 {
        (self.parts.clock)()
    }

    /// One round of housekeeping and claiming; says how long to wait for the
    /// next. A database that is away is waited for: the runner outlives it.
    async fn step(
        self: &Arc<Self>,
        running: &mut JoinSet<()>,
        cut: &watch::Receiver<bool>,
        next_purge_us: &mut i64,
    ) -> Duration {
        let poll = self.parts.settings.poll;
        if let Err(error) = self.enqueue_periodic().await {
            tracing::error!(%error, "periodic jobs could not be enqueued");
        }
        let now_us = self.now_us();
        if now_us >= *next_purge_us {
            *next_purge_us = now_us.saturating_add(HOUR_US);
            if let Err(error) = self.purge().await {
                tracing::error!(%error, "ended jobs could not be purged");
            }
        }
        let free = self.parts.settings.concurrency.saturating_sub(running.len());
        if free == 0 {
            return poll;
        }
        match self.claim(free).await {
            Ok(look) => {
                for claimed in look.claimed {
                    let (inner, cut) = (Arc::clone(self), cut.clone());
                    running.spawn(async move {
                        if let Err(error) = inner.work(claimed, cut).await {
                            tracing::error!(%error, "how a job ended could not be noted; it will run again");
                        }
                    });
                }
                if look.outrun { Duration::ZERO } else { poll }
            }
            Err(error) => {
                tracing::error!(%error, "jobs could not be claimed");
                poll
            }
        }
    }

    async fn claim(self: &Arc<Self>, limit: usize) -> Result<queue::Look, DbError> {
        let inner = Arc::clone(self);
        let hold_us = move |kind: &str| inner.parts.registry.hold_us(kind);
        queue::claim(self.parts.db.clone(), self.now_us(), limit, hold_us).await
    }

    async fn enqueue_periodic(&self) -> Result<(), DbError> {
        let now_us = self.now_us();
        let mut rows = Vec::new();
        let mut filled = Vec::new();
        for (periodic, filled_us) in self.parts.registry.periodic().iter().zip(&self.filled_us) {
            let (stamp, slot_us) = periodic.at(now_us);
            if filled_us.load(Ordering::Relaxed) < slot_us {
                rows.push(NewRow::of_text(stamp, slot_us, periodic.kind.to_owned(), periodic.payload.clone()));
                filled.push((filled_us, slot_us));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        queue::put_scheduled(self.parts.db.clone(), rows).await?;
        for (filled_us, slot_us) in filled {
            filled_us.store(slot_us, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn purge(&self) -> Result<(), DbError> {
        let now_us = self.now_us();
        queue::purge(self.parts.db.clone(), now_us - KEEP_DONE_US, now_us - KEEP_FAILED_US).await
    }

    /// Runs a held job and notes how it ended.
    async fn work(&self, claimed: Claimed, mut cut: watch::Receiver<bool>) -> Result<Settlement, DbError> {
        let (claim, attempt) = (claimed.claim, claimed.attempt);
        let kind = claimed.kind.clone();
        let settlement = tokio::select! {
            settlement = self.attempt(claimed) => settlement,
            _ = cut.wait_for(|cut| *cut) => Settlement::Released,
        };
        let job = claim.id;
        match &settlement {
            Settlement::Done => tracing::info!(%job, kind, attempt, "job done"),
            Settlement::Postponed { reason, .. } => {
                tracing::warn!(%job, kind, attempt, reason, "job failed for now");
            }
            Settlement::Failed { reason } => {
                tracing::error!(%job, kind, attempt, reason, "job failed")
            }
            Settlement::Released => tracing::info!(%job, kind, attempt, "job given back"),
        }
        if !queue::settle(self.parts.db.clone(), claim, self.now_us(), settlement.clone()).await? {
            tracing::warn!(%job, kind, attempt, "job had gone to another worker meanwhile");
        }
        Ok(settlement)
    }

    async fn attempt(&self, claimed: Claimed) -> Settlement {
        let attempt = claimed.attempt;
        let known = self.parts.registry.kind(&claimed.kind);
        let attempts = known.map_or(UNKNOWN_KIND_ATTEMPTS, |kind| kind.attempts);
        // Claims that nobody settled: the job ended its process each time, and
        // would end this one too.
        if attempt > attempts {
            return Settlement::Failed { reason: "every attempt ended with its process".into() };
        }
        let outcome = match known {
            Some(kind) => {
                let run = Run { claim: claimed.claim, shop: claimed.shop, attempt, started_at_us: self.now_us() };
                let started = (kind.start)(Arc::clone(&self.parts.context), run, claimed.payload);
                bounded(kind.time_limit, started).await
            }
            None => Err(JobError::Retry("this version of the program does not know this kind of job".into())),
        };
        match outcome {
            Ok(()) => Settlement::Done,
            Err(JobError::Final(reason)) => Settlement::Failed { reason },
            Err(JobError::Retry(reason)) if attempt >= attempts => Settlement::Failed { reason },
            Err(JobError::Retry(reason)) => {
                let delay_us = backoff::delay_us(attempt, (self.parts.random)());
                Settlement::Postponed { run_at_us: self.now_us().saturating_add(delay_us), reason }
            }
        }
    }
}

/// Ends a job that takes too long or panics, and says so.
async fn bounded(limit: Duration, job: impl Future<Output = Result<(), JobError>>) -> Result<(), JobError> {
    match tokio::time::timeout(limit, AssertUnwindSafe(job).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(JobError::Retry("the job panicked; the log says where".into())),
        Err(_) => Err(JobError::Retry(format!("the job took longer than {} s", limit.as_secs()))),
    }
}

async fn join_all(running: &mut JoinSet<()>) {
    while let Some(ended) = running.join_next().await {
        log_lost(ended);
    }
}

/// A task of ours that panicked outside of its job; its claim will expire.
fn log_lost(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job's task was lost");
    }
}
