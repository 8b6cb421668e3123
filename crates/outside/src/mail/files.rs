//! Mail into a folder: one `.eml` a message, for one machine without a server
//! and for other programs that fetch it there.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{MailError, Message, Sender};

/// A folder that gets messages.
#[derive(Clone)]
pub struct FilesMailer {
    folder: PathBuf,
    from: Sender,
}

impl FilesMailer {
    pub(super) fn new(folder: PathBuf, from: Sender) -> Self {
        Self { folder, from }
    }

    pub(super) fn description(&self) -> String {
        format!("folder {}", self.folder.display())
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), MailError> {
        let content = message.to_lettre(&self.from, None)?.formatted();
        // The name is the message's id: sent again, it replaces itself.
        let name = message.id().to_string();
        let folder = self.folder.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &content)).await;
        let failed = |reason: String| MailError { retry: true, reason };
        written
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(format!("the folder for mail cannot be written: {error}")))
    }
}

/// Complete or not there: whoever watches the folder never sees half a message.
fn write(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    make_private_folder(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(format!("{name}.eml")))
}

/// Mail signs people in, so a folder that we make is its owner's alone.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
