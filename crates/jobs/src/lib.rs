//! The outbox: work that is caused by a transaction and done after it.
//!
//! A feature calls [`enqueue`] inside its transaction; the job is there exactly
//! if the transaction committed. A [`Runner`] in any process that shares the
//! database claims what is due, runs it, and writes how it ended. This crate
//! owns the table `job`, the claims, the delays and the schedule. It must not
//! know features or HTTP, and asks neither the clock nor chance by itself.
//!
//! **Invariant:** a job is held by at most one worker, the one whose
//! `claimed_until` stands in the row. Every change of a held job is guarded by
//! that value, so that a worker that was thought dead cannot overwrite the work
//! of its successor.
//!
//! **How often a job runs.** At least once: a process may die between the effect
//! and the note that it took place. A job whose effect is in the database makes
//! it exactly once by calling [`Run::complete_in`] in the same transaction. A
//! job whose effect is elsewhere gives [`Run::id`] to the service as its
//! idempotency key; the id is the same at every attempt.
//!
//! ```
//! use jobs::{Job, JobError, Run};
//! # struct Context;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct SendReceipt {
//!     sale: uuid::Uuid,
//! }
//!
//! impl Job for SendReceipt {
//!     type Context = Context;
//!     const KIND: &'static str = "sales.send_receipt";
//!
//!     async fn run(&self, context: &Context, run: &Run) -> Result<(), JobError> {
//!         // load, send, done
//! #       let _ = (context, run);
//!         Ok(())
//!     }
//! }
//! ```

mod backoff;
mod job;
mod queue;
mod record;
mod registry;
mod runner;
mod schedule;
#[cfg(test)]
mod tests;

pub use job::{Job, JobError, JobShop, Run};
pub use queue::{Outbox, Stamp, enqueue, enqueue_at, enqueue_once};
pub use record::{Backlog, JobRecord, JobState, backlog, left_over, list_failed, retry_failed};
pub use registry::Registry;
pub use runner::{Bell, Runner, RunnerParts, RunnerSettings, Summary};
pub use schedule::Every;

/// Tables that only this crate writes.
pub const TABLES: &[&str] = &["job"];

/// Every statement of this crate, for the program's statement test.
pub fn statements() -> impl Iterator<Item = &'static db::Statement> {
    queue::STATEMENTS.iter().chain(record::STATEMENTS).copied()
}
