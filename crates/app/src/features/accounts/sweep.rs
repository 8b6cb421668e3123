//! The periodic job that clears away what sign-ins leave behind.

use crate::features::operator::send_mail::JobContext;
use guard::{session::SessionStore, source::DAY_US};
use jobs::{Every, Job, JobError, Run};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Sessions that one run removes at most, so that a sweep holds nobody up; the next
/// run goes on.
const SESSIONS_MAX: u32 = 10_000;
/// How long a limit is kept after its last use. The longest window is a day.
const LIMITS_KEPT_US: i64 = 2 * DAY_US;

/// Removes dead sessions and forgets limits that nobody touches.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sweep {}

impl Sweep {
    /// Hourly, a little after the hour, when nothing else begins.
    pub fn every() -> Every {
        Every::new(Duration::from_secs(3_600), Duration::from_secs(7 * 60))
    }
}

impl Job for Sweep {
    type Context = JobContext;
    const KIND: &'static str = "accounts.sweep";

    async fn run(&self, context: &JobContext, run: &Run) -> Result<(), JobError> {
        let now_us = run.started_at_us();
        let removed = context.sessions.remove_dead(now_us, context.session_policy, SESSIONS_MAX).await;
        let sessions = removed.map_err(|error| JobError::Retry(error.to_string()))?;
        let limits = context.limits.forget(now_us.saturating_sub(LIMITS_KEPT_US)).await?;
        tracing::debug!(sessions, limits, "swept");
        Ok(())
    }
}
