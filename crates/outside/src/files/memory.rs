//! Files that stay in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{FileKey, FilesError, KeptFile};

/// Files that tests read. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<FileKey, (Vec<u8>, i64)>,
    full: bool,
}

impl MemoryFiles {
    /// From now on nothing more can be put, as on a full disk.
    pub fn fill_up(&self) {
        self.state().full = true;
    }

    pub(super) fn put(&self, key: &FileKey, content: Vec<u8>, now_us: i64) -> Result<(), FilesError> {
        let mut state = self.state();
        if state.full {
            return Err(FilesError { reason: "the disk is full".to_owned() });
        }
        state.files.insert(key.clone(), (content, now_us));
        Ok(())
    }

    pub(super) fn get(&self, key: &FileKey) -> Option<Vec<u8>> {
        self.state().files.get(key).map(|(content, _)| content.clone())
    }

    pub(super) fn owners(&self) -> Vec<Uuid> {
        let mut owners: Vec<Uuid> = self.state().files.keys().map(FileKey::owner).collect();
        owners.dedup();
        owners
    }

    pub(super) fn list(&self, owner: Uuid) -> Vec<KeptFile> {
        let state = self.state();
        let own = state.files.iter().filter(|(key, _)| key.owner() == owner);
        own.map(|(key, (_, put_at_us))| KeptFile { key: key.clone(), put_at_us: *put_at_us }).collect()
    }

    pub(super) fn remove_older(&self, key: &FileKey, before_us: i64) -> bool {
        let mut state = self.state();
        let is_older = state.files.get(key).is_some_and(|(_, put_at_us)| *put_at_us < before_us);
        is_older && state.files.remove(key).is_some()
    }

    /// A map is whole after every step, so another test's panic spoils nothing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
