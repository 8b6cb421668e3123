//! When SQLite's log is copied back into the file.
//!
//! The writer does it while idle, so that nobody waits. Only when there is no
//! idle moment for so long that the log grows past 64 MiB does another
//! connection do it beside the writer. Always PASSIVE: nobody is blocked.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};

use rusqlite::Connection;

use super::open_writer;

/// Above this the log is copied beside the working writer.
const LARGE_LOG_BYTES: i64 = 64 * 1024 * 1024;

/// Commits between two looks at the log's size.
const COMMITS_PER_LOOK: u32 = 256;

/// The writer's side of the policy.
pub(crate) struct Checkpoints {
    helper: SyncSender<()>,
    commits_since_look: u32,
    dirty: bool,
}

impl Checkpoints {
    /// Starts the helper thread, which opens its connection at first use and
    /// ends with the writer.
    pub(crate) fn start(path: PathBuf) -> std::io::Result<Self> {
        let (helper, wanted) = sync_channel::<()>(1);
        std::thread::Builder::new().name("sqlite-checkpoint".into()).spawn(move || {
            let mut conn = None;
            while wanted.recv().is_ok() {
                if conn.is_none() {
                    conn = open_writer(&path, true).ok();
                }
                if let Some(conn) = &conn {
                    passive(conn);
                }
            }
        })?;
        Ok(Self { helper, commits_since_look: 0, dirty: true })
    }

    /// After a commit: now and then looks whether the log is large.
    pub(crate) fn committed(&mut self, conn: &Connection) {
        self.dirty = true;
        self.commits_since_look += 1;
        if self.commits_since_look < COMMITS_PER_LOOK {
            return;
        }
        self.commits_since_look = 0;
        if outstanding_bytes(conn).is_some_and(|bytes| bytes > LARGE_LOG_BYTES) {
            // A full channel means that the helper is already at it.
            let _ = self.helper.try_send(());
        }
    }

    /// No work is waiting: the writer itself copies the log back.
    pub(crate) fn idle(&mut self, conn: &Connection) {
        if self.dirty {
            self.dirty = false;
            passive(conn);
        }
    }
}

fn passive(conn: &Connection) {
    let done = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = done {
        tracing::warn!(%error, "checkpoint failed; the log keeps growing until one succeeds");
    }
}

/// Bytes of the log not yet copied back.
fn outstanding_bytes(conn: &Connection) -> Option<i64> {
    let page: i64 = conn.query_row("PRAGMA page_size", [], |row| row.get(0)).ok()?;
    conn.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
        let (log, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok((log - copied).max(0) * page)
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outstanding_is_seen_without_copying_and_gone_after_copying() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite3");
        super::super::prepare_file(&path).unwrap();
        let conn = open_writer(&path, true).unwrap();
        conn.execute_batch("CREATE TABLE a (b INTEGER) STRICT").unwrap();
        for _ in 0..2 {
            assert!(outstanding_bytes(&conn).is_some_and(|bytes| bytes > 0));
        }
        passive(&conn);
        assert_eq!(outstanding_bytes(&conn), Some(0));
    }
}
