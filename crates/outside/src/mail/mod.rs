//! Mail: one message to one person.
//!
//! Owns the choice of way and the verdict on failures. The mailbox in the
//! database, for installations without settings, is a table and so belongs to
//! the program above.

mod files;
mod memory;
mod message;
mod settings;
mod smtp;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use memory::MemoryMailbox;
pub use message::{MailAddress, Message, MessageError, NewMessage, Sender};
pub use settings::MailSettingsError;

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailError {
    /// Whether another attempt may succeed.
    pub retry: bool,
    /// A sentence for the operator, without credentials. It may name the
    /// recipient: servers do.
    pub reason: String,
}

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for MailError {}

/// A way for mail to leave; cheap to clone.
#[derive(Clone)]
pub enum Mailer {
    /// A mail server.
    Smtp(Box<SmtpMailer>),
    /// A folder that gets one `.eml` a message.
    Files(FilesMailer),
    /// Memory, for tests.
    Memory(MemoryMailbox),
}

pub use files::FilesMailer;
pub use smtp::SmtpMailer;

impl Mailer {
    /// Reads `EMAIL_URL`: `smtps://user:password@host` (encrypted from the
    /// start, port 465), `smtp://user:password@host` (upgraded by STARTTLS or
    /// not used at all, port 587; plain on a loop-back host), or
    /// `file:///folder`. User and password are percent-encoded. `?tls=off`
    /// allows a server without encryption, but never with a password.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it holds a password.
    pub fn from_url(url: &str, from: Sender) -> Result<Self, MailSettingsError> {
        settings::mailer(url, from)
    }

    /// Sends through Resend's mail server, which takes an idempotency key and so
    /// sends once however often it is asked
    /// (resend.com/docs/send-with-smtp).
    ///
    /// # Errors
    /// When the key cannot be one.
    pub fn resend(key: &str, from: Sender) -> Result<Self, MailSettingsError> {
        settings::resend(key, from).map(|server| Mailer::Smtp(Box::new(server)))
    }

    /// Writes messages into a folder.
    pub fn files(folder: impl Into<PathBuf>, from: Sender) -> Self {
        Mailer::Files(FilesMailer::new(folder.into(), from))
    }

    /// Keeps messages in memory, to be read from the mailbox it also gives.
    pub fn memory() -> (Self, MemoryMailbox) {
        let mailbox = MemoryMailbox::default();
        (Mailer::Memory(mailbox.clone()), mailbox)
    }

    /// Sends the message, or says why not. Takes at most half a minute. The same
    /// message sent again carries the same `Message-ID`.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        match self {
            Mailer::Smtp(smtp) => smtp.send(message).await,
            Mailer::Files(files) => files.send(message).await,
            Mailer::Memory(mailbox) => mailbox.receive(message),
        }
    }

    /// What `config show` and the operator's page say of it; never a secret.
    pub fn description(&self) -> String {
        match self {
            Mailer::Smtp(smtp) => smtp.description(),
            Mailer::Files(files) => files.description(),
            Mailer::Memory(_) => "memory".to_owned(),
        }
    }
}

/// Shows the way only: the transport knows a password.
impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer({})", self.description())
    }
}
