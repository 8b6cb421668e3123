//! The job that sends a mail, and what every job of the program may use.

use crate::features::{
    accounts::{limit_store::DbLimits, session_store::DbSessions},
    operator::mailbox::{self, StoredMail},
};
use db::Db;
use guard::session::SessionPolicy;
use jobs::{Job, JobError, Run};
use outside::{
    files::Files,
    mail::{MailError, Mailer, Message, MessageError, NewMessage},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What jobs may use.
pub struct JobContext {
    /// The database.
    pub db: Db,
    /// How mail leaves; without one it stays in the local mailbox.
    pub mailer: Option<Mailer>,
    /// The sessions of the installation.
    pub sessions: DbSessions,
    /// When a session is dead.
    pub session_policy: SessionPolicy,
    /// The limits on guessing.
    pub limits: DbLimits,
    /// Where files are kept.
    pub files: Files,
}

/// A mail to send, complete: its links were made when it was caused.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMail {
    /// Its id; a second run of the job sends nothing more.
    pub id: Uuid,
    /// To whom.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// The text part.
    pub body_text: String,
    /// The HTML part.
    pub body_html: String,
    /// When it was caused, in microseconds UTC.
    pub created_at: i64,
}

impl Job for SendMail {
    type Context = JobContext;
    const KIND: &'static str = "operator.send_mail";

    async fn run(&self, context: &JobContext, _: &Run) -> Result<(), JobError> {
        match &context.mailer {
            Some(mailer) => {
                let message = self.message().map_err(|error| JobError::Final(error.to_string()))?;
                mailer.send(&message).await.map_err(failed)
            }
            None => Ok(mailbox::put(&context.db, &self.stored()).await?),
        }
    }
}

impl SendMail {
    fn message(&self) -> Result<Message, MessageError> {
        Message::new(NewMessage {
            id: self.id,
            at_us: self.created_at,
            to: self.recipient.parse()?,
            subject: self.subject.clone(),
            text: self.body_text.clone(),
            html: Some(self.body_html.clone()).filter(|html| !html.is_empty()),
        })
    }

    fn stored(&self) -> StoredMail {
        StoredMail {
            id: self.id,
            recipient: self.recipient.clone(),
            subject: self.subject.clone(),
            body_text: self.body_text.clone(),
            body_html: self.body_html.clone(),
            created_at: self.created_at,
        }
    }
}

fn failed(error: MailError) -> JobError {
    if error.retry { JobError::Retry(error.reason) } else { JobError::Final(error.reason) }
}
