//! Files that belong to a shop, such as its photos.
//!
//! Owns the choice of place and what a file may be called. What a file holds, and
//! which row speaks of it, is the program's above.
//!
//! **Invariant:** a name is made of an owner and a plain word, so that none leads
//! anywhere but into its owner's folder; a file is whole or not there.

mod folder;
mod key;
mod memory;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use uuid::Uuid;

pub use folder::FolderFiles;
pub use key::FileKey;
pub use memory::MemoryFiles;

/// Why a file was not kept, read or removed: a full disk, a folder without rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesError {
    /// A sentence for the operator.
    pub reason: String,
}

impl std::fmt::Display for FilesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for FilesError {}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// Its name.
    pub key: FileKey,
    /// When it was last put, in microseconds UTC.
    pub put_at_us: i64,
}

/// A place for files; cheap to clone, and clones are the same place.
#[derive(Clone, Debug)]
pub enum Files {
    /// A folder on this machine.
    Folder(FolderFiles),
    /// Memory, for tests.
    Memory(MemoryFiles),
}

impl Files {
    /// Keeps files in a folder, which is made when the first one comes.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Files::Folder(FolderFiles::new(path.into()))
    }

    /// Keeps files in memory.
    pub fn memory() -> Self {
        Files::Memory(MemoryFiles::default())
    }

    /// Puts a file, whole and on disk before this returns. One of that name is
    /// replaced, and counts as put at this moment.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn put(&self, key: &FileKey, content: Vec<u8>, now_us: i64) -> Result<(), FilesError> {
        match self {
            Files::Folder(folder) => folder.put(key.clone(), content, now_us).await,
            Files::Memory(memory) => memory.put(key, content, now_us),
        }
    }

    /// A file's content; `None` where there is none of that name.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn get(&self, key: &FileKey) -> Result<Option<Vec<u8>>, FilesError> {
        match self {
            Files::Folder(folder) => folder.get(key.clone()).await,
            Files::Memory(memory) => Ok(memory.get(key)),
        }
    }

    /// Whose files there are.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn owners(&self) -> Result<Vec<Uuid>, FilesError> {
        match self {
            Files::Folder(folder) => folder.owners().await,
            Files::Memory(memory) => Ok(memory.owners()),
        }
    }

    /// An owner's files, in the order of their names.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn list(&self, owner: Uuid) -> Result<Vec<KeptFile>, FilesError> {
        match self {
            Files::Folder(folder) => folder.list(owner).await,
            Files::Memory(memory) => Ok(memory.list(owner)),
        }
    }

    /// Removes a file, unless it was put at `before_us` or later: whoever puts one
    /// anew while somebody else clears away keeps it. Answers whether it was removed.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn remove_older(&self, key: &FileKey, before_us: i64) -> Result<bool, FilesError> {
        match self {
            Files::Folder(folder) => folder.remove_older(key.clone(), before_us).await,
            Files::Memory(memory) => Ok(memory.remove_older(key, before_us)),
        }
    }

    /// What `config show` and the operator's page say of it.
    pub fn description(&self) -> String {
        match self {
            Files::Folder(folder) => folder.description(),
            Files::Memory(_) => "memory".to_owned(),
        }
    }
}
