//! The job that sends a mail.

use crate::features::operator::mailbox::{self, StoredMail};
use db::Db;
use jobs::{Job, JobError, Run};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What jobs may use.
pub struct JobContext {
    /// The database.
    pub db: Db,
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
        let mail = StoredMail {
            id: self.id,
            recipient: self.recipient.clone(),
            subject: self.subject.clone(),
            body_text: self.body_text.clone(),
            body_html: self.body_html.clone(),
            created_at: self.created_at,
        };
        Ok(mailbox::put(&context.db, &mail).await?)
    }
}
