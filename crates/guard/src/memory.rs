//! Sessions and limits kept in memory: for tests, examples and single-process tools.
//! Everything is lost when the process ends.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::keys::KeyId;
use crate::rate_limit::{LimitKey, LimitState, LimitStore};
use crate::session::{Ending, IdHash, SessionPolicy, SessionRecord, SessionState, SessionStore, StoreError, decide};

/// A [`SessionStore`] in memory.
#[derive(Debug, Default)]
pub struct MemorySessions(Mutex<HashMap<IdHash, SessionRecord>>);

impl MemorySessions {
    fn rows(&self) -> MutexGuard<'_, HashMap<IdHash, SessionRecord>> {
        // No code below panics while it holds the lock, so a poisoned map is a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemorySessions {
    async fn load(&self, id_hash: IdHash) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.rows().get(&id_hash).cloned())
    }

    async fn insert(&self, record: SessionRecord) -> Result<(), StoreError> {
        self.rows().insert(record.id_hash, record);
        Ok(())
    }

    async fn touch(&self, id_hash: IdHash, last_used_at: i64, key_id: KeyId) -> Result<(), StoreError> {
        if let Some(record) = self.rows().get_mut(&id_hash) {
            record.last_used_at = record.last_used_at.max(last_used_at);
            record.key_id = key_id;
        }
        Ok(())
    }

    async fn replace(&self, old: IdHash, at: i64, new: SessionRecord) -> Result<bool, StoreError> {
        let mut rows = self.rows();
        match rows.get_mut(&old) {
            Some(record) if record.replaced_at.is_none() => record.replaced_at = Some(at),
            _ => return Ok(false),
        }
        rows.insert(new.id_hash, new);
        Ok(true)
    }

    async fn end(&self, ending: Ending) -> Result<u64, StoreError> {
        Ok(remove_where(&mut self.rows(), |record| ending.covers(record)))
    }

    async fn require_rotation(&self, user_id: Uuid) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let due = rows.values_mut().filter(|record| record.user_id == user_id);
        Ok(due.map(|record| record.rotation_due = true).count() as u64)
    }

    async fn list(&self, user_id: Uuid) -> Result<Vec<SessionRecord>, StoreError> {
        let rows = self.rows();
        let mut found: Vec<_> =
            rows.values().filter(|record| record.user_id == user_id && record.replaced_at.is_none()).cloned().collect();
        found.sort_by_key(|record| (std::cmp::Reverse(record.last_used_at), record.lineage));
        Ok(found)
    }

    async fn remove_dead(&self, now_us: i64, policy: SessionPolicy, count_max: u32) -> Result<u64, StoreError> {
        let mut left = count_max;
        Ok(remove_where(&mut self.rows(), |record| {
            let dead = matches!(decide(record, now_us, &policy), SessionState::Dead(_));
            let removes = dead && left > 0;
            left -= u32::from(removes);
            removes
        }))
    }
}

fn remove_where(rows: &mut HashMap<IdHash, SessionRecord>, mut goes: impl FnMut(&SessionRecord) -> bool) -> u64 {
    let before = rows.len();
    rows.retain(|_, record| !goes(record));
    (before - rows.len()) as u64
}

/// A [`LimitStore`] in memory.
#[derive(Debug, Default)]
pub struct MemoryLimits(Mutex<HashMap<LimitKey, LimitState>>);

impl LimitStore for MemoryLimits {
    fn update<R: Send>(
        &self,
        key: &LimitKey,
        apply: impl Fn(&mut LimitState) -> R + Send + Sync,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = apply(states.entry(key.clone()).or_default());
        std::future::ready(Ok(answer))
    }
}
