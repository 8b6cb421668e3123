//! Files in a folder of this machine: `FOLDER/OWNER/NAME`, for the server's eyes only.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

use super::{FileKey, FilesError, KeptFile};

/// A folder that keeps files.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    folder: PathBuf,
    /// Held while a file is put or removed, so that "older than" is still true when
    /// the file goes.
    changing: Arc<Mutex<()>>,
}

impl FolderFiles {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, changing: Arc::default() }
    }

    pub(super) fn description(&self) -> String {
        format!("folder {}", self.folder.display())
    }

    pub(super) async fn put(&self, key: FileKey, content: Vec<u8>, now_us: i64) -> Result<(), FilesError> {
        self.aside("written", move |files| {
            let folder = files.folder_of(key.owner());
            make_private_folder(&folder)?;
            let _changing = files.changing.lock().unwrap_or_else(PoisonError::into_inner);
            write(&folder, key.name(), &content, instant(now_us))
        })
        .await
    }

    pub(super) async fn get(&self, key: FileKey) -> Result<Option<Vec<u8>>, FilesError> {
        self.aside("read", move |files| if_there(fs::read(files.path(&key)))).await
    }

    pub(super) async fn owners(&self) -> Result<Vec<Uuid>, FilesError> {
        self.aside("listed", |files| {
            let Some(entries) = if_there(fs::read_dir(&files.folder))? else { return Ok(Vec::new()) };
            let mut owners = Vec::new();
            for entry in entries {
                let name = entry?.file_name();
                owners.extend(name.to_str().and_then(|name| name.parse::<Uuid>().ok()));
            }
            owners.sort_unstable();
            Ok(owners)
        })
        .await
    }

    pub(super) async fn list(&self, owner: Uuid) -> Result<Vec<KeptFile>, FilesError> {
        self.aside("listed", move |files| {
            let Some(entries) = if_there(fs::read_dir(files.folder_of(owner)))? else { return Ok(Vec::new()) };
            let mut kept = Vec::new();
            for entry in entries {
                let entry = entry?;
                let Some(key) = entry.file_name().to_str().and_then(|name| FileKey::new(owner, name)) else { continue };
                // One that went meanwhile is one that is not there.
                let Some(about) = if_there(entry.metadata())? else { continue };
                kept.push(KeptFile { key, put_at_us: micros(about.modified()?) });
            }
            kept.sort_unstable_by(|left, right| left.key.cmp(&right.key));
            Ok(kept)
        })
        .await
    }

    pub(super) async fn remove_older(&self, key: FileKey, before_us: i64) -> Result<bool, FilesError> {
        self.aside("removed", move |files| {
            let _changing = files.changing.lock().unwrap_or_else(PoisonError::into_inner);
            let path = files.path(&key);
            let Some(about) = if_there(fs::metadata(&path))? else { return Ok(false) };
            if micros(about.modified()?) >= before_us {
                return Ok(false);
            }
            Ok(if_there(fs::remove_file(&path))?.is_some())
        })
        .await
    }

    fn folder_of(&self, owner: Uuid) -> PathBuf {
        self.folder.join(owner.to_string())
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        self.folder_of(key.owner()).join(key.name())
    }

    /// A disk may be slow, so that nothing of it happens on the async threads.
    async fn aside<T: Send + 'static>(
        &self,
        done: &'static str,
        work: impl FnOnce(&Self) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, FilesError> {
        let files = self.clone();
        let worked = tokio::task::spawn_blocking(move || work(&files)).await;
        let failed = |error: &dyn std::fmt::Display| FilesError {
            reason: format!("a file in {} could not be {done}: {error}", self.folder.display()),
        };
        worked.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }
}

/// `None` where the file or folder is not there.
fn if_there<T>(result: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Complete and on disk, or not there. A name that begins with a dot is no file's.
fn write(folder: &Path, name: &str, content: &[u8], put_at: SystemTime) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(content)?;
    file.set_modified(put_at)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    // The name is part of the folder, which has to reach the disk as well.
    File::open(folder)?.sync_all()
}

/// Photos show a shop's goods and places, so a folder that we make is its owner's alone.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn instant(now_us: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(now_us).unwrap_or(0))
}

/// An instant before 1970, which no program sets, counts as the oldest there is.
fn micros(instant: SystemTime) -> i64 {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
