//! The cash ledger: lock a session, post entries into it.
//!
//! **Invariant:** an entry is never changed; the database refuses it.

use db::{DbError, ShopTx, params};
use domain::ids::{RegisterId, SessionId, UserId};
use uuid::Uuid;

db::statements! {
    LOCK_SESSION = "cash.lock_session",
        "SELECT register_id, state, opened_at, opened_by, counted_minor IS NOT NULL
         FROM cash_session
         WHERE shop_id = $1 AND id = $2
         {lock}";
    INSERT_ENTRY = "cash.insert_entry",
        "INSERT INTO cash_entry (shop_id, session_id, id, kind, amount_minor, document_id, reason, person_id,
                                 after_close, at, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
}

/// A session, locked until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockedSession {
    /// Which one.
    pub id: SessionId,
    /// Of which register.
    pub register: RegisterId,
    /// Whether it still sells.
    pub open: bool,
    /// When it was opened, in microseconds UTC.
    pub opened_at: i64,
    /// By whom.
    pub opened_by: UserId,
    /// Whether its drawer was counted; one that was closed without is still to be.
    pub counted: bool,
}

/// Locks a session; `None` where the shop has no such session.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_session(tx: &mut ShopTx, id: SessionId) -> Result<Option<LockedSession>, DbError> {
    let Some(mut row) = tx.opt(&LOCK_SESSION, params![id.0]).await? else { return Ok(None) };
    let (register, state, opened_at, opened_by): (Uuid, String, i64, Uuid) =
        (row.take()?, row.take()?, row.take()?, row.take()?);
    Ok(Some(LockedSession {
        id,
        register: RegisterId(register),
        open: state == "open",
        opened_at,
        opened_by: UserId(opened_by),
        counted: row.take()?,
    }))
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A sale paid in cash.
    Sale,
    /// A refund paid in cash.
    Refund,
    /// Money put in.
    PayIn,
    /// Money taken out.
    PayOut,
    /// An expense that was paid, or one that was voided and came back.
    Expense,
}

impl EntryKind {
    fn as_str(self) -> &'static str {
        match self {
            EntryKind::Sale => "sale",
            EntryKind::Refund => "refund",
            EntryKind::PayIn => "pay_in",
            EntryKind::PayOut => "pay_out",
            EntryKind::Expense => "expense",
        }
    }
}

/// Money that entered (positive) or left (negative) a drawer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry's own id; a document's only entry may carry the document's.
    pub id: Uuid,
    /// Why.
    pub kind: EntryKind,
    /// How much, negative for what leaves.
    pub amount_minor: i64,
    /// The sale, refund, expense, an expense's void, or the entry itself.
    pub document_id: Uuid,
    /// A person's words.
    pub reason: String,
    /// Who.
    pub person: UserId,
    /// When it happened, in microseconds UTC.
    pub at: i64,
    /// When it is written down.
    pub recorded_at: i64,
}

/// Posts an entry into a locked session.
///
/// # Errors
/// Whatever the database says.
pub async fn post(tx: &mut ShopTx, session: &LockedSession, entry: &Entry) -> Result<(), DbError> {
    tx.exec_one(
        &INSERT_ENTRY,
        params![
            session.id.0,
            entry.id,
            entry.kind.as_str(),
            entry.amount_minor,
            entry.document_id,
            entry.reason.as_str(),
            entry.person.0,
            session.counted,
            entry.at,
            entry.recorded_at
        ],
    )
    .await
}
