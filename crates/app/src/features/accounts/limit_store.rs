//! Where the limits on guessing are kept.
//!
//! **Invariant:** compare and swap: a state is written only over the one that it
//! was computed from, so that guesses made at once cannot share a try.

use db::{Db, DbError, params};
use guard::{
    rate_limit::{LimitKey, LimitState, LimitStore},
    session::StoreError,
    source::Clock,
};
use std::sync::Arc;

db::statements! {
    system LOAD = "accounts.load_limit",
        "SELECT tries, failures, wait_until
         FROM guess_limit
         WHERE kind = $1 AND subject = $2";
    system INSERT = "accounts.insert_limit",
        "INSERT INTO guess_limit (kind, subject, tries, failures, wait_until, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (kind, subject) DO NOTHING";
    system SWAP = "accounts.swap_limit",
        "UPDATE guess_limit
         SET tries = $3, failures = $4, wait_until = $5, updated_at = $6
         WHERE kind = $1 AND subject = $2 AND tries = $7 AND failures = $8 AND wait_until = $9";
    system FORGET = "accounts.forget_limits",
        "DELETE FROM guess_limit
         WHERE updated_at < $1";
}

/// How often a state is computed anew because another guess came first; more
/// than that at once is an attack, and refusing it is right.
const ATTEMPTS: usize = 50;

/// The limits of the installation.
#[derive(Clone)]
pub struct DbLimits {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl DbLimits {
    /// Limits in this database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        DbLimits { db, clock }
    }

    /// Forgets what nobody has touched since `before_us`; longer ago than the
    /// longest window, so that no limit is shortened by it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn forget(&self, before_us: i64) -> Result<u64, DbError> {
        self.db.system_exec("forget limits", &FORGET, params![before_us]).await
    }

    async fn load(&self, key: &LimitKey) -> Result<Option<LimitState>, DbError> {
        let mut read = self.db.system("guess limit").await?;
        let Some(mut row) = read.opt(&LOAD, params![key.kind.as_str(), &key.subject[..]]).await? else {
            return Ok(None);
        };
        let tries: Vec<u8> = row.take()?;
        let failures: i64 = row.take()?;
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        Ok(Some(LimitState { tries: instants(&tries), failures, wait_until: row.take()? }))
    }

    async fn swap(&self, key: &LimitKey, before: Option<&LimitState>, after: &LimitState) -> Result<bool, DbError> {
        let (kind, subject) = (key.kind.as_str(), &key.subject[..]);
        let (failures, now_us) = (i64::from(after.failures), self.clock.now_us());
        let tries = bytes(&after.tries);
        let (statement, params) = match before {
            None => (&INSERT, params![kind, subject, tries, failures, after.wait_until, now_us]),
            Some(before) => (
                &SWAP,
                params![
                    kind,
                    subject,
                    tries,
                    failures,
                    after.wait_until,
                    now_us,
                    bytes(&before.tries),
                    i64::from(before.failures),
                    before.wait_until
                ],
            ),
        };
        Ok(self.db.system_exec("guess limit", statement, params).await? == 1)
    }
}

impl LimitStore for DbLimits {
    async fn update<R: Send>(
        &self,
        key: &LimitKey,
        apply: impl Fn(&mut LimitState) -> R + Send + Sync,
    ) -> Result<R, StoreError> {
        for _ in 0..ATTEMPTS {
            let before = self.load(key).await.map_err(failed)?;
            let mut after = before.clone().unwrap_or_default();
            let answer = apply(&mut after);
            let unchanged = before.as_ref() == Some(&after);
            if unchanged || self.swap(key, before.as_ref(), &after).await.map_err(failed)? {
                return Ok(answer);
            }
        }
        Err(failed(DbError::Busy))
    }
}

fn failed(error: DbError) -> StoreError {
    StoreError(Box::new(error))
}

fn bytes(instants: &[i64]) -> Vec<u8> {
    instants.iter().flat_map(|instant| instant.to_be_bytes()).collect()
}

fn instants(bytes: &[u8]) -> Vec<i64> {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().map(|eight| i64::from_be_bytes(*eight)).collect()
}
