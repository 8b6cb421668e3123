//! What a job is: its data, its name, and what it does.
//!
//! Owns the trait features implement and what a job learns about its own run.
//! Must not know how jobs are stored beyond the one note it may write itself.

use std::future::Future;
use std::time::Duration;

use db::{DbError, ShopScope};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::queue::{Claim, Outbox};

/// Work to be done later. The value itself, as JSON, is what is stored: it holds
/// ids rather than copies, and fields added later need a serde default because
/// jobs of the version before are still waiting after an update.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What every job of the program may use: the database, mail, files.
    type Context: Send + Sync + 'static;

    /// The name in the table: `feature.what_it_does`. Never changes.
    const KIND: &'static str;

    /// How often it is tried before a person has to look. Twelve attempts take
    /// three to six hours: a service's bad afternoon.
    const ATTEMPTS: u32 = 12;

    /// How long one attempt may take. Then it is cut off at its next await and
    /// counts as failed.
    const TIME_LIMIT: Duration = Duration::from_secs(60);

    /// Does it. No transaction is open, so network calls are allowed.
    ///
    /// # Errors
    /// [`JobError::Retry`] for what may pass, [`JobError::Final`] for what will
    /// not.
    fn run(&self, context: &Self::Context, run: &Run) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Why an attempt failed. The reason is kept and shown to the operator, so it is
/// a sentence without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// Another attempt may succeed.
    Retry(String),
    /// No attempt will: the job ends as failed at once.
    Final(String),
}

impl std::fmt::Display for JobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JobError::Retry(reason) | JobError::Final(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for JobError {}

impl From<DbError> for JobError {
    /// The database's troubles pass more often than not.
    fn from(error: DbError) -> Self {
        JobError::Retry(error.to_string())
    }
}

/// One attempt, as the job sees it.
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) claim: Claim,
    pub(crate) shop: Option<Uuid>,
    pub(crate) attempt: u32,
    pub(crate) started_at_us: i64,
}

impl Run {
    /// The job's id: the same at every attempt, so it is the idempotency key for
    /// whatever service is asked.
    pub fn id(&self) -> Uuid {
        self.claim.id
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the attempt began; µs UTC.
    pub fn started_at_us(&self) -> i64 {
        self.started_at_us
    }

    /// The shop that caused the job, ready to be given to [`db::Db::shop`].
    ///
    /// # Errors
    /// Final, when it was enqueued without a shop.
    pub fn shop(&self) -> Result<JobShop, JobError> {
        self.shop.map(JobShop).ok_or_else(|| JobError::Final("this kind of job needs a shop and has none".into()))
    }

    /// Marks the job done within the caller's transaction, so that its effect
    /// and the note commit together: exactly once. Last statement of the
    /// transaction; [`Job::run`] then returns `Ok`.
    ///
    /// # Errors
    /// [`DbError::Missed`] when the claim has gone to another worker; the
    /// transaction then cannot commit, as it must not.
    pub async fn complete_in(&self, tx: &mut impl Outbox, now_us: i64) -> Result<(), DbError> {
        tx.complete(self.claim, now_us).await
    }
}

/// The shop a job works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobShop(Uuid);

impl ShopScope for JobShop {
    fn shop_id(&self) -> Uuid {
        self.0
    }
}
