//! Which kinds of job this program can run, and which it runs periodically.
//!
//! Owns the way from a stored kind and its text to the typed job. Must not know
//! the table.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::job::{Job, JobError, Run};
use crate::schedule::{Every, Periodic};

/// Added to a job's time limit to get how long its claim lasts: room for a slow
/// database and for the clocks of two machines to differ; µs.
const CLAIM_MARGIN_US: i64 = 60_000_000;

type Start<C> = Box<dyn Fn(Arc<C>, Run, String) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// One kind of job with its type forgotten.
pub(crate) struct Kind<C> {
    pub(crate) attempts: u32,
    pub(crate) time_limit: Duration,
    pub(crate) start: Start<C>,
}

/// The jobs of a program that share a context.
pub struct Registry<C> {
    kinds: HashMap<&'static str, Kind<C>>,
    periodic: Vec<Periodic>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Self { kinds: HashMap::new(), periodic: Vec::new() }
    }
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// Adds a kind of job.
    ///
    /// # Panics
    /// When the kind is there: two jobs of one name would read each other's data.
    #[must_use]
    pub fn with<J: Job<Context = C>>(mut self) -> Self {
        let kind = Kind {
            attempts: J::ATTEMPTS,
            time_limit: J::TIME_LIMIT,
            start: Box::new(|context, run, payload| {
                Box::pin(async move { read::<J>(&payload)?.run(&context, &run).await })
            }),
        };
        let before = self.kinds.insert(J::KIND, kind);
        assert!(before.is_none(), "the kind of job {} is registered twice", J::KIND);
        self
    }

    /// Runs this job in every slot, and adds its kind if it is not there yet.
    ///
    /// # Panics
    /// When the job cannot be written as JSON.
    #[must_use]
    pub fn with_periodic<J: Job<Context = C>>(mut self, every: Every, job: &J) -> Self {
        if !self.kinds.contains_key(J::KIND) {
            self = self.with::<J>();
        }
        let payload = serde_json::to_string(job).expect("a periodic job can be written as JSON");
        self.periodic.push(Periodic { kind: J::KIND, payload, every });
        self
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind<C>> {
        self.kinds.get(name)
    }

    pub(crate) fn periodic(&self) -> &[Periodic] {
        &self.periodic
    }

    /// How long a claim on a job of this kind lasts; µs.
    pub(crate) fn hold_us(&self, name: &str) -> i64 {
        let limit = self.kind(name).map_or(Duration::ZERO, |kind| kind.time_limit);
        i64::try_from(limit.as_micros()).unwrap_or(i64::MAX).saturating_add(CLAIM_MARGIN_US)
    }
}

/// A text that cannot be read may come from a newer version that runs beside
/// this one, so another attempt may succeed. The reason names the place only:
/// the text may hold what nobody else should see.
fn read<J: Job>(payload: &str) -> Result<J, JobError> {
    serde_json::from_str(payload).map_err(|error| {
        let (what, column) = (error.classify(), error.column());
        JobError::Retry(format!("the stored job cannot be read ({what:?} error at column {column})"))
    })
}
