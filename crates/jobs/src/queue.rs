//! The table as a queue: put in, claim, settle.
//!
//! Owns every change of a job's state. Must not know what jobs do.
//!
//! Claiming is a plain read of what is due and then, per job, a guarded update
//! that only one worker can win. That is one SQL text for both engines, where
//! `SKIP LOCKED` would be two; and a poll that finds nothing writes nothing,
//! which on SQLite is what keeps the writer free for the tills.

use std::future::Future;

use db::{Db, DbError, Row, ShopTx, SystemTx, params};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::job::Job;

db::statements! {
    /// `DO NOTHING` makes a repetition visible as zero rows instead of killing the transaction.
    ENQUEUE_IN_SHOP = "jobs.enqueue_in_shop",
        "INSERT INTO job (shop_id, id, kind, payload, run_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING";
    /// The same without a shop.
    system ENQUEUE = "jobs.enqueue",
        "INSERT INTO job (id, kind, payload, run_at, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING";
    /// What nobody holds, or somebody held for too long.
    system DUE = "jobs.due",
        "SELECT id, kind
         FROM job
         WHERE state = 'waiting'
           AND run_at <= $1
           AND (claimed_until IS NULL OR claimed_until <= $1)
         ORDER BY run_at, id
         LIMIT $2";
    /// Repeats the conditions of `DUE`: whoever comes second finds them false.
    system CLAIM = "jobs.claim",
        "UPDATE job
         SET claimed_until = $3, attempts = attempts + 1
         WHERE id = $1
           AND state = 'waiting'
           AND run_at <= $2
           AND (claimed_until IS NULL OR claimed_until <= $2)
         RETURNING shop_id, kind, payload, attempts";
    /// The payload has served; what it held of people does not stay.
    system COMPLETE = "jobs.complete",
        "UPDATE job
         SET state = 'done', done_at = $3, claimed_until = NULL, payload = '', last_error = NULL
         WHERE id = $1
           AND claimed_until = $2
           AND state = 'waiting'";
    /// The same within a shop's own transaction.
    COMPLETE_IN_SHOP = "jobs.complete_in_shop",
        "UPDATE job
         SET state = 'done', done_at = $4, claimed_until = NULL, payload = '', last_error = NULL
         WHERE shop_id = $1
           AND id = $2
           AND claimed_until = $3
           AND state = 'waiting'";
    system POSTPONE = "jobs.postpone",
        "UPDATE job
         SET run_at = $3, claimed_until = NULL, last_error = $4
         WHERE id = $1
           AND claimed_until = $2
           AND state = 'waiting'";
    system FAIL = "jobs.fail",
        "UPDATE job
         SET state = 'failed', done_at = $3, claimed_until = NULL, last_error = $4
         WHERE id = $1
           AND claimed_until = $2
           AND state = 'waiting'";
    /// An attempt that a stop cut short is not the job's fault.
    system RELEASE = "jobs.release",
        "UPDATE job
         SET claimed_until = NULL, attempts = attempts - 1
         WHERE id = $1
           AND claimed_until = $2
           AND state = 'waiting'";
    system STATE = "jobs.state",
        "SELECT state
         FROM job
         WHERE id = $1";
    /// In portions, so that the writer is never held for long.
    system PURGE_DONE = "jobs.purge_done",
        "DELETE FROM job
         WHERE id IN (
           SELECT id
           FROM job
           WHERE state = 'done' AND done_at < $1
           ORDER BY done_at, id
           LIMIT $2)";
    system PURGE_FAILED = "jobs.purge_failed",
        "DELETE FROM job
         WHERE id IN (
           SELECT id
           FROM job
           WHERE state = 'failed' AND done_at < $1
           ORDER BY done_at, id
           LIMIT $2)";
}

/// Longest reason kept; a page of HTML from a service helps nobody.
const REASON_CHARS: usize = 500;

/// What the caller gives a new job, since this crate draws neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The job's id; derived from what causes it, it also prevents doubles.
    pub id: Uuid,
    /// Now; µs UTC.
    pub now_us: i64,
}

/// A row to put in.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct NewRow {
    stamp: Stamp,
    kind: String,
    payload: String,
    run_at_us: i64,
}

/// Proof that a worker holds a job.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub(crate) id: Uuid,
    pub(crate) until_us: i64,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for db::ShopTx {}
    impl Sealed for db::SystemTx {}
}

/// A transaction that can take jobs along: a shop's, whose jobs then belong to
/// that shop, or a global one.
pub trait Outbox: sealed::Sealed + Send {
    /// Inserts the row unless its id exists; gives the number of rows.
    #[doc(hidden)]
    fn put(&mut self, row: NewRow) -> impl Future<Output = Result<u64, DbError>> + Send;

    /// Inserts the row, whose id must be new.
    #[doc(hidden)]
    fn put_new(&mut self, row: NewRow) -> impl Future<Output = Result<(), DbError>> + Send;

    /// Marks a held job done.
    #[doc(hidden)]
    fn complete(&mut self, claim: Claim, now_us: i64) -> impl Future<Output = Result<(), DbError>> + Send;
}

/// Both transactions differ in their statements only: under a shop the layer
/// binds it as `$1`.
macro_rules! outbox {
    ($tx:ty, $enqueue:ident, $complete:ident) => {
        impl Outbox for $tx {
            async fn put(&mut self, row: NewRow) -> Result<u64, DbError> {
                self.exec(&$enqueue, row.into_params()).await
            }

            async fn put_new(&mut self, row: NewRow) -> Result<(), DbError> {
                self.exec_one(&$enqueue, row.into_params()).await
            }

            async fn complete(&mut self, claim: Claim, now_us: i64) -> Result<(), DbError> {
                self.exec_one(&$complete, params![claim.id, claim.until_us, now_us]).await
            }
        }
    };
}

outbox!(ShopTx, ENQUEUE_IN_SHOP, COMPLETE_IN_SHOP);
outbox!(SystemTx, ENQUEUE, COMPLETE);

impl NewRow {
    fn of<J: Job>(stamp: Stamp, run_at_us: i64, job: &J) -> Result<Self, DbError> {
        let payload = serde_json::to_string(job).map_err(|error| DbError::Other(error.into()))?;
        Ok(Self { stamp, kind: J::KIND.to_owned(), payload, run_at_us })
    }

    /// For the schedule, which keeps its jobs as text.
    pub(crate) fn of_text(stamp: Stamp, run_at_us: i64, kind: String, payload: String) -> Self {
        Self { stamp, kind, payload, run_at_us }
    }

    fn into_params(self) -> db::Params {
        params![self.stamp.id, self.kind, self.payload, self.run_at_us, self.stamp.now_us]
    }
}

/// Puts a job into the transaction, to be run as soon as it has committed. Ring
/// the runner's [`Bell`](crate::Bell) after the commit to spare it the wait.
///
/// # Errors
/// [`DbError::Missed`] when the id was used before, and what the engine refuses.
pub async fn enqueue<J: Job>(tx: &mut impl Outbox, stamp: Stamp, job: &J) -> Result<(), DbError> {
    enqueue_at(tx, stamp, stamp.now_us, job).await
}

/// The same, not to be run before `run_at_us` (µs UTC).
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_at<J: Job>(tx: &mut impl Outbox, stamp: Stamp, run_at_us: i64, job: &J) -> Result<(), DbError> {
    tx.put_new(NewRow::of(stamp, run_at_us, job)?).await
}

/// Puts a job in unless its id was used before, also by a job that has ended
/// since; says whether it was new.
///
/// # Errors
/// What the engine refuses.
pub async fn enqueue_once<J: Job>(tx: &mut impl Outbox, stamp: Stamp, job: &J) -> Result<bool, DbError> {
    Ok(tx.put(NewRow::of(stamp, stamp.now_us, job)?).await? == 1)
}

/// A job that this worker now holds.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) claim: Claim,
    pub(crate) shop: Option<Uuid>,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) attempt: u32,
}

/// What a look at the queue gave.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) claimed: Vec<Claimed>,
    /// Some that were due went to others: looking again is worth it.
    pub(crate) outrun: bool,
}

/// Claims up to `limit` due jobs, each for as long as `hold_us` says for its kind.
///
/// Like the functions below it gives a boxed future over owned values: of a
/// borrowed one the compiler cannot prove, inside the runner's generic tasks,
/// that it may move between threads.
pub(crate) fn claim(
    db: Db,
    now_us: i64,
    limit: usize,
    hold_us: impl Fn(&str) -> i64 + Send + 'static,
) -> BoxFuture<'static, Result<Look, DbError>> {
    Box::pin(async move {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = db.system("look for due jobs").await?.rows(&DUE, params![now_us, limit]).await?;
        let mut due = Vec::with_capacity(rows.len());
        for mut row in rows {
            let (id, kind): (Uuid, String) = (row.take()?, row.take()?);
            due.push(Claim { id, until_us: now_us.saturating_add(hold_us(&kind)) });
        }
        if due.is_empty() {
            return Ok(Look::default());
        }
        let seen = due.len();
        let claimed = take(&db, now_us, due).await?;
        Ok(Look { outrun: claimed.len() < seen, claimed })
    })
}

/// Claims of these whatever nobody else has claimed meanwhile.
async fn take(db: &Db, now_us: i64, mut due: Vec<Claim>) -> Result<Vec<Claimed>, DbError> {
    // All workers lock in this order, so that none waits for another in a circle.
    due.sort_by_key(|claim| claim.id);
    db.system_write("claim jobs", async move |tx: &mut SystemTx| {
        let mut list = Vec::with_capacity(due.len());
        for claim in &due {
            list.push(params![claim.id, now_us, claim.until_us]);
        }
        let rows = tx.opt_many(&CLAIM, list).await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for (claim, row) in due.iter().zip(rows) {
            if let Some(row) = row {
                claimed.push(read_claimed(*claim, row)?);
            }
        }
        Ok(claimed)
    })
    .await
}

fn read_claimed(claim: Claim, mut row: Row) -> Result<Claimed, DbError> {
    Ok(Claimed {
        claim,
        shop: row.take()?,
        kind: row.take()?,
        payload: row.take()?,
        attempt: u32::try_from(row.take::<i64>()?).unwrap_or(u32::MAX),
    })
}

/// How a held job ends this attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    Done,
    Postponed { run_at_us: i64, reason: String },
    Failed { reason: String },
    Released,
}

/// Writes how the attempt ended; `false` when the job was no longer ours to
/// settle.
pub(crate) fn settle(
    db: Db,
    claim: Claim,
    now_us: i64,
    settlement: Settlement,
) -> BoxFuture<'static, Result<bool, DbError>> {
    Box::pin(async move {
        db.system_write("settle a job", async move |tx: &mut SystemTx| {
            let (id, until) = (claim.id, claim.until_us);
            let changed = match &settlement {
                Settlement::Done => tx.exec(&COMPLETE, params![id, until, now_us]).await?,
                Settlement::Postponed { run_at_us, reason } => {
                    tx.exec(&POSTPONE, params![id, until, *run_at_us, readable(reason)]).await?
                }
                Settlement::Failed { reason } => tx.exec(&FAIL, params![id, until, now_us, readable(reason)]).await?,
                Settlement::Released => tx.exec(&RELEASE, params![id, until]).await?,
            };
            if changed == 1 {
                return Ok(true);
            }
            // A job that marked itself done in its own transaction is settled.
            match tx.opt(&STATE, params![id]).await? {
                Some(mut row) => Ok(row.take::<String>()? == "done"),
                None => Ok(false),
            }
        })
        .await
    })
}

/// Puts in what the schedule made, unless another process was quicker.
pub(crate) fn put_scheduled(db: Db, rows: Vec<NewRow>) -> BoxFuture<'static, Result<(), DbError>> {
    Box::pin(async move {
        db.system_write("enqueue periodic jobs", async move |tx: &mut SystemTx| {
            for row in &rows {
                tx.put(row.clone()).await?;
            }
            Ok(())
        })
        .await
    })
}

/// Removes ended jobs that ended before the given instants (µs UTC).
pub(crate) fn purge(db: Db, done_before_us: i64, failed_before_us: i64) -> BoxFuture<'static, Result<(), DbError>> {
    Box::pin(async move {
        purge_ended(&db, Ended::Done, done_before_us).await?;
        purge_ended(&db, Ended::Failed, failed_before_us).await
    })
}

/// How a job ended that is to be removed.
#[derive(Clone, Copy)]
enum Ended {
    Done,
    Failed,
}

async fn purge_ended(db: &Db, ended: Ended, before_us: i64) -> Result<(), DbError> {
    const PORTION: u32 = 500;
    loop {
        let removed: Result<u64, DbError> = db
            .system_write("purge ended jobs", async move |tx: &mut SystemTx| {
                let statement = match ended {
                    Ended::Done => &PURGE_DONE,
                    Ended::Failed => &PURGE_FAILED,
                };
                tx.exec(statement, params![before_us, PORTION]).await
            })
            .await;
        if removed? < u64::from(PORTION) {
            return Ok(());
        }
    }
}

/// A reason as one line of bounded length. PostgreSQL takes no NUL in a text,
/// and a service may answer anything.
fn readable(reason: &str) -> String {
    let one_line = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(REASON_CHARS).collect()
}
