//! The pool of read-only SQLite connections.
//!
//! Owns how many there are and how long one statement may take. Statements run
//! on the thread that asks: a read of a local file is shorter than the way to
//! another thread and back.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{open_reader, run};
use crate::error::DbError;
use crate::session::{Output, Want};
use crate::statement::Statement;
use crate::value::{Param, Params};

/// Virtual-machine steps between two looks at the clock; some tens of µs.
const STEPS_PER_LOOK: i32 = 2_000;

/// Read-only connections, opened when first needed.
pub(crate) struct ReadPool {
    path: PathBuf,
    limit: Duration,
    wait: Duration,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<TimedConnection>>,
}

/// A connection and the instant at which its current work is interrupted.
struct TimedConnection {
    conn: Connection,
    opened: Instant,
    /// Milliseconds after `opened`; an atomic because the handler owns its share.
    deadline_ms: Arc<AtomicU64>,
}

impl TimedConnection {
    fn open(pool: &ReadPool) -> Result<Self, DbError> {
        let mut conn = open_reader(&pool.path)?;
        let opened = Instant::now();
        let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
        let seen = Arc::clone(&deadline_ms);
        let over = move || millis(opened.elapsed()) > seen.load(Ordering::Relaxed);
        conn.progress_handler(STEPS_PER_LOOK, Some(over)).map_err(|error| DbError::of("opening SQLite", &error))?;
        Ok(Self { conn, opened, deadline_ms })
    }

    fn allow(&self, limit: Duration) {
        self.deadline_ms.store(millis(self.opened.elapsed() + limit), Ordering::Relaxed);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl ReadPool {
    pub(crate) fn new(path: PathBuf, size: usize, limit: Duration, wait: Duration) -> Self {
        let permits = Arc::new(Semaphore::new(size));
        Self { path, limit, wait, permits, idle: Mutex::new(Vec::new()) }
    }

    /// A connection, waited for in turn; `Busy` when none comes free in time.
    ///
    /// A free one is handed out without a timer, because a transaction's body
    /// on the writer thread may ask and has no runtime below it.
    pub(crate) async fn get(self: &Arc<Self>) -> Result<Reader, DbError> {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned())
                .await
                .map_err(|_| DbError::Busy)?
                .map_err(|_| DbError::Busy)?,
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => TimedConnection::open(self)?,
        };
        Ok(Reader { conn: Some(conn), pool: Arc::clone(self), snapshot: false, _permit: permit })
    }
}

/// A borrowed read connection; returns itself when dropped.
pub(crate) struct Reader {
    conn: Option<TimedConnection>,
    pool: Arc<ReadPool>,
    snapshot: bool,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    fn timed(&self) -> &TimedConnection {
        self.conn.as_ref().expect("the connection is there until the reader is dropped")
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.timed().conn
    }

    /// From here on every statement sees the same state. The time limit now
    /// counts from the start: an open snapshot keeps the log from shrinking.
    pub(crate) fn begin_snapshot(&mut self) -> Result<(), DbError> {
        self.timed().allow(self.pool.limit);
        // BEGIN alone takes no snapshot; the first read does.
        self.connection()
            .execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1;")
            .map_err(|error| DbError::of("begin snapshot", &error))?;
        self.snapshot = true;
        Ok(())
    }

    pub(crate) fn run(
        &self,
        statement: &Statement,
        shop: Option<&Param>,
        list: &[Params],
        want: Want,
    ) -> Result<Vec<Output>, DbError> {
        if !self.snapshot {
            self.timed().allow(self.pool.limit);
        }
        run(self.connection(), statement, shop, list, want)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(timed) = self.conn.take() else {
            return;
        };
        timed.deadline_ms.store(u64::MAX, Ordering::Relaxed);
        // A connection whose read transaction cannot be ended is closed, which
        // ends it for certain.
        if self.snapshot && timed.conn.execute_batch("ROLLBACK").is_err() {
            return;
        }
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(timed);
    }
}
