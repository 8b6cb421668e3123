//! Jobs as people read them: what waits, what failed, and trying again.
//!
//! Owns the operator's view. The payload is not part of it: it may hold a link
//! that signs somebody in.

use db::{DbError, Row, SystemRead, SystemTx, params};
use uuid::Uuid;

db::statements! {
    /// The scan is of `job_due`, which holds what waits and nothing else.
    pub(crate) system scan LIST_WAITING = "jobs.list_waiting",
        "SELECT id, shop_id, kind, state, attempts, run_at, claimed_until, last_error, created_at, done_at
         FROM job
         WHERE state = 'waiting'
         ORDER BY run_at, id
         LIMIT $1";
    pub(crate) system LIST_FAILED = "jobs.list_failed",
        "SELECT id, shop_id, kind, state, attempts, run_at, claimed_until, last_error, created_at, done_at
         FROM job
         WHERE state = 'failed'
           AND (done_at, id) < ($1, $2)
         ORDER BY done_at DESC, id DESC
         LIMIT $3";
    /// The same.
    pub(crate) system scan COUNT_WAITING = "jobs.count_waiting",
        "SELECT COUNT(*), MIN(run_at)
         FROM job
         WHERE state = 'waiting'";
    /// The scan is of `job_failed`, which people keep short.
    pub(crate) system scan COUNT_FAILED = "jobs.count_failed",
        "SELECT COUNT(*)
         FROM job
         WHERE state = 'failed'";
    /// The count starts again: a person decided that it is worth it.
    pub(crate) system RETRY_FAILED = "jobs.retry_failed",
        "UPDATE job
         SET state = 'waiting', done_at = NULL, attempts = 0, run_at = $2
         WHERE id = $1
           AND state = 'failed'";
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// To be run, now or later.
    Waiting,
    /// Held by a worker until then (µs UTC), or by one that died meanwhile.
    Claimed {
        /// When the claim ends.
        until_us: i64,
    },
    /// Done; µs UTC.
    Done {
        /// When.
        at_us: i64,
    },
    /// Given up: a person has to look; µs UTC.
    Failed {
        /// When.
        at_us: i64,
    },
}

/// A job without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id.
    pub id: Uuid,
    /// The shop that caused it.
    pub shop: Option<Uuid>,
    /// `feature.what_it_does`.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was or will be due; µs UTC.
    pub run_at_us: i64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was caused; µs UTC.
    pub created_at_us: i64,
}

/// The queue in three figures, for the health page and the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Not ended yet, those of the future included.
    pub waiting: i64,
    /// Waiting for a person.
    pub failed: i64,
    /// When the first of the waiting is or was due; µs UTC.
    pub first_due_us: Option<i64>,
}

/// Everything that has not ended well, up to a hundred of each: what a test
/// must find empty at its end.
///
/// # Errors
/// What the engine refuses.
pub async fn left_over(read: &mut SystemRead) -> Result<Vec<JobRecord>, DbError> {
    const MOST: i64 = 100;
    let mut rows = read.rows(&LIST_WAITING, params![MOST]).await?;
    rows.extend(read.rows(&LIST_FAILED, params![i64::MAX, Uuid::max(), MOST]).await?);
    rows.into_iter().map(read_record).collect()
}

/// Failed jobs, newest first, after the given one (µs UTC and id) if any.
///
/// # Errors
/// What the engine refuses.
pub async fn list_failed(
    read: &mut SystemRead,
    after: Option<(i64, Uuid)>,
    limit: u32,
) -> Result<Vec<JobRecord>, DbError> {
    let (at_us, id) = after.unwrap_or((i64::MAX, Uuid::max()));
    let rows = read.rows(&LIST_FAILED, params![at_us, id, limit]).await?;
    rows.into_iter().map(read_record).collect()
}

/// How much is waiting and how much needs a person.
///
/// # Errors
/// What the engine refuses.
pub async fn backlog(read: &mut SystemRead) -> Result<Backlog, DbError> {
    let mut waiting = read.one(&COUNT_WAITING, params![]).await?;
    let mut failed = read.one(&COUNT_FAILED, params![]).await?;
    Ok(Backlog { waiting: waiting.take()?, first_due_us: waiting.take()?, failed: failed.take()? })
}

/// Lets a failed job try again at once; `false` when it is not failed (any more).
///
/// # Errors
/// What the engine refuses.
pub async fn retry_failed(tx: &mut SystemTx, id: Uuid, now_us: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&RETRY_FAILED, params![id, now_us]).await? == 1)
}

fn read_record(mut row: Row) -> Result<JobRecord, DbError> {
    let (id, shop, kind) = (row.take()?, row.take()?, row.take()?);
    let (state, attempts, run_at_us): (String, i64, i64) = (row.take()?, row.take()?, row.take()?);
    let claimed_until: Option<i64> = row.take()?;
    let (last_error, created_at_us) = (row.take()?, row.take()?);
    let done_at: Option<i64> = row.take()?;
    let state = match (state.as_str(), claimed_until, done_at) {
        ("waiting", None, None) => JobState::Waiting,
        ("waiting", Some(until_us), None) => JobState::Claimed { until_us },
        ("done", None, Some(at_us)) => JobState::Done { at_us },
        ("failed", None, Some(at_us)) => JobState::Failed { at_us },
        _ => {
            return Err(DbError::Other(format!("job {id} is in no known state").into()));
        }
    };
    Ok(JobRecord { id, shop, kind, state, attempts, run_at_us, last_error, created_at_us })
}
