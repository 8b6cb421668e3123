//! The one thread that writes to SQLite, and its group commit.
//!
//! **Invariant:** a job is answered only after the COMMIT that holds its changes
//! has returned; a job that fails leaves nothing behind and takes no other job
//! with it, unless the engine itself rolled everything back, in which case the
//! whole batch fails by name.
//!
//! Must not know what a job does: it is polled once and says keep or undo.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::checkpoint::Checkpoints;
use super::open_writer;
use crate::error::{DbError, panic_message};
use crate::session::{Session, Transaction};

/// A batch ends at this many jobs or at its age, whichever comes first. The
/// first job never waits for more than what is already there.
const BATCH_JOBS: usize = 64;
/// Without work for this long the writer is idle and tidies the log.
const IDLE_AFTER: Duration = Duration::from_millis(200);

/// What a job wants done with its savepoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    Undo,
}

/// Work for the writer thread.
pub(crate) trait Job: Send {
    fn name(&self) -> &'static str;
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;
    /// Runs inside a savepoint and gives the connection back whatever happens.
    fn run(&mut self, conn: Connection) -> (Connection, Verdict);
    /// Called once the batch is on disk, or with the reason why it is not.
    fn answer(self: Box<Self>, batch: Result<(), DbError>);
}

struct Queued {
    job: Box<dyn Job>,
    /// Held until the answer, so that the bound counts jobs and not messages.
    _place: OwnedSemaphorePermit,
}

/// Limits of the writer.
pub(crate) struct WriterLimits {
    pub(crate) queue: usize,
    pub(crate) wait: Duration,
    pub(crate) group_age: Duration,
}

/// The handle by which transactions reach the writer thread.
pub(crate) struct Writer {
    queue: Sender<Queued>,
    places: Arc<Semaphore>,
    wait: Duration,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Opens the file and starts the thread. It ends when the handle is dropped.
    pub(crate) fn start(path: &Path, limits: &WriterLimits) -> Result<Self, DbError> {
        let conn = open_writer(path, true)?;
        let failed = |error: std::io::Error| DbError::other(format!("starting the writer: {error}"));
        let checkpoints = Checkpoints::start(path.to_owned()).map_err(failed)?;
        let (queue, jobs) = channel();
        let commits = Arc::new(AtomicU64::new(0));
        let thread = Thread { jobs, group_age: limits.group_age, commits: Arc::clone(&commits) };
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || thread.work(conn, checkpoints))
            .map_err(failed)?;
        let places = Arc::new(Semaphore::new(limits.queue));
        Ok(Self { queue, places, wait: limits.wait, commits })
    }

    /// Commits so far.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs a transaction's body on the writer thread.
    ///
    /// # Errors
    /// `Busy` when the queue stays full, `Unavailable` when the thread is gone,
    /// otherwise what the body or the commit says.
    pub(crate) async fn write<X, T, E, F>(&self, seed: Seed, body: F) -> Result<T, E>
    where
        X: Transaction,
        F: AsyncFn(&mut X) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                let turn = Arc::clone(&self.places).acquire_owned();
                match tokio::time::timeout(self.wait, turn).await {
                    Ok(Ok(place)) => place,
                    Ok(Err(_)) | Err(_) => return Err(DbError::Busy.into()),
                }
            }
        };
        let (reply, answer) = oneshot::channel();
        let job = WriteJob::<X, T, E, F> { seed, body, result: None, reply, kind: std::marker::PhantomData };
        let gone = || E::from(DbError::Unavailable { reason: "the writer has ended".into() });
        self.queue.send(Queued { job: Box::new(job), _place: place }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// What a session on the writer thread starts from.
pub(crate) struct Seed {
    pub(crate) name: &'static str,
    pub(crate) shop: Option<uuid::Uuid>,
    pub(crate) ranks: &'static [crate::TableRank],
}

struct WriteJob<X, T, E, F> {
    seed: Seed,
    body: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    kind: std::marker::PhantomData<fn() -> X>,
}

impl<X, T, E, F> Job for WriteJob<X, T, E, F>
where
    X: Transaction,
    F: AsyncFn(&mut X) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn name(&self) -> &'static str {
        self.seed.name
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, conn: Connection) -> (Connection, Verdict) {
        let transaction = self.seed.name;
        let mut tx = X::wrap(Session::on_writer(conn, self.seed.shop, self.seed.ranks));
        let body = &self.body;
        let outcome = catch_unwind(AssertUnwindSafe(|| poll_once(body(&mut tx))));
        let (conn, dead) = X::unwrap(tx).into_writer();
        let result = match outcome {
            Ok(Poll::Ready(Ok(_))) if dead => Err(DbError::Dead.into()),
            Ok(Poll::Ready(result)) => result,
            Ok(Poll::Pending) => Err(DbError::Pending { transaction }.into()),
            Err(panic) => Err(panicked(transaction, panic).into()),
        };
        let verdict = if result.is_ok() { Verdict::Keep } else { Verdict::Undo };
        self.result = Some(result);
        (conn, verdict)
    }

    fn answer(self: Box<Self>, batch: Result<(), DbError>) {
        let result = match (batch, self.result) {
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Dead.into()),
        };
        // Whoever asked may have gone away; the work is done all the same.
        let _ = self.reply.send(result);
    }
}

/// Every await on the database is ready at once here. A body that is not ready
/// after one poll waits for something else, which a transaction must not.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn panicked(transaction: &'static str, panic: Box<dyn Any + Send>) -> DbError {
    DbError::Panicked { transaction, message: panic_message(panic.as_ref()) }
}

/// Why a batch as a whole was not recorded.
struct Lost {
    by: &'static str,
    reason: String,
}

/// The writer's side of the queue.
struct Thread {
    jobs: Receiver<Queued>,
    group_age: Duration,
    commits: Arc<AtomicU64>,
}

impl Thread {
    fn work(self, mut conn: Connection, mut checkpoints: Checkpoints) {
        loop {
            match self.jobs.recv_timeout(IDLE_AFTER) {
                Ok(first) => {
                    conn = self.run_batch(conn, first);
                    checkpoints.committed(&conn);
                }
                Err(RecvTimeoutError::Timeout) => checkpoints.idle(&conn),
                Err(RecvTimeoutError::Disconnected) => {
                    checkpoints.idle(&conn);
                    return;
                }
            }
        }
    }

    fn run_batch(&self, mut conn: Connection, first: Queued) -> Connection {
        if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
            // `Busy` when another process holds the lock: nothing has run yet.
            first.job.answer(Err(super::constraint::translate(&conn, "begin", error)));
            return conn;
        }
        let started = Instant::now();
        let mut done = Vec::new();
        let mut lost = None;
        let mut next = Some(first);
        while let Some(mut queued) = next.take() {
            if queued.job.is_wanted() {
                let outcome;
                (conn, outcome) = run_job(conn, queued.job.as_mut());
                lost = outcome.err();
            }
            done.push(queued);
            if lost.is_none() && done.len() < BATCH_JOBS && started.elapsed() < self.group_age {
                next = self.jobs.try_recv().ok();
            }
        }
        if lost.is_none()
            && let Err(error) = conn.execute_batch("COMMIT")
        {
            lost = Some(Lost { by: "commit", reason: error.to_string() });
        }
        self.answer(&conn, done, lost);
        conn
    }

    fn answer(&self, conn: &Connection, done: Vec<Queued>, lost: Option<Lost>) {
        match &lost {
            None => {
                self.commits.fetch_add(1, Ordering::Relaxed);
            }
            Some(lost) => {
                tracing::error!(by = lost.by, reason = %lost.reason, jobs = done.len(), "group commit lost");
                end_broken(conn);
            }
        }
        for queued in done {
            queued.job.answer(match &lost {
                None => Ok(()),
                Some(lost) => Err(DbError::BatchLost { by: lost.by, reason: lost.reason.clone() }),
            });
        }
    }
}

/// One job in its savepoint. An error here is the engine's, not the job's.
fn run_job(conn: Connection, job: &mut dyn Job) -> (Connection, Result<(), Lost>) {
    let name = job.name();
    let lost = |reason: String| Lost { by: name, reason };
    if let Err(error) = conn.execute_batch("SAVEPOINT job") {
        return (conn, Err(lost(error.to_string())));
    }
    let (conn, verdict) = job.run(conn);
    // A full disk, a failing device or lack of memory end the transaction
    // behind our back; every earlier job of the batch is then gone as well.
    if conn.is_autocommit() {
        return (conn, Err(lost("the engine rolled the whole batch back".into())));
    }
    let end = match verdict {
        Verdict::Keep => "RELEASE job",
        Verdict::Undo => "ROLLBACK TO job; RELEASE job",
    };
    let ended = conn.execute_batch(end).map_err(|error| lost(error.to_string()));
    (conn, ended)
}

/// Leaves no transaction open after a batch was lost.
fn end_broken(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "rollback of a lost batch failed");
    }
}
