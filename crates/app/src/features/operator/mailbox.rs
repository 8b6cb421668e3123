//! The local mailbox: what would have been sent.

use db::{Db, DbError, params};
use uuid::Uuid;

db::statements! {
    /// A job that ran twice leaves one message.
    system INSERT = "operator.insert_message",
        "INSERT INTO mailbox_message (id, recipient, subject, body_text, body_html, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING";
    system NEWEST = "operator.newest_messages",
        "SELECT id, recipient, subject, body_text, body_html, created_at
         FROM mailbox_message
         ORDER BY created_at DESC, id DESC
         LIMIT $1";
    system ONE = "operator.message",
        "SELECT id, recipient, subject, body_text, body_html, created_at
         FROM mailbox_message
         WHERE id = $1";
}

/// A mail in the mailbox.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StoredMail {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// The text part.
    pub body_text: String,
    /// The HTML part.
    pub body_html: String,
    /// When, in microseconds UTC.
    pub created_at: i64,
}

/// Puts a mail into the mailbox.
///
/// # Errors
/// Whatever the database says.
pub async fn put(db: &Db, mail: &StoredMail) -> Result<(), DbError> {
    let row = params![
        mail.id,
        mail.recipient.as_str(),
        mail.subject.as_str(),
        mail.body_text.as_str(),
        mail.body_html.as_str(),
        mail.created_at
    ];
    db.system_exec("mailbox", &INSERT, row).await.map(drop)
}

/// The newest mails, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn newest(db: &Db, count_max: i64) -> Result<Vec<StoredMail>, DbError> {
    let mut read = db.system("mailbox").await?;
    let rows = read.rows(&NEWEST, params![count_max]).await?;
    rows.into_iter().map(stored).collect()
}

/// One mail.
///
/// # Errors
/// Whatever the database says.
pub async fn one(db: &Db, id: Uuid) -> Result<Option<StoredMail>, DbError> {
    let mut read = db.system("mailbox").await?;
    read.opt(&ONE, params![id]).await?.map(stored).transpose()
}

fn stored(mut row: db::Row) -> Result<StoredMail, DbError> {
    Ok(StoredMail {
        id: row.take()?,
        recipient: row.take()?,
        subject: row.take()?,
        body_text: row.take()?,
        body_html: row.take()?,
        created_at: row.take()?,
    })
}
