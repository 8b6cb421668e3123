//! Opening a drawer, putting in and taking out, closing with a count.
//!
//! **Invariant:** a register has at most one open session (a partial unique index
//! says so). Closing is immediate and repeatable, and nothing blocks it.

use crate::features::cash::ledger::{self, Entry, EntryKind, LockedSession};
use db::{DbError, ShopRead, ShopTx, params};
use domain::ids::{RegisterId, SessionId, UserId};
use uuid::Uuid;

db::statements! {
    /// The session's number within its register; the register's row is locked by the caller's lease or by the index.
    INSERT_SESSION = "cash.insert_session",
        "INSERT INTO cash_session (shop_id, id, register_id, number, state, opened_by, opened_at, opening_minor)
         SELECT $1, $2, $3, COALESCE(MAX(number), 0) + 1, 'open', $4, $5, $6
         FROM cash_session
         WHERE shop_id = $1 AND register_id = $3";
    /// A session that ended before it arrived: closed, and still to be counted.
    INSERT_LEFT = "cash.insert_left_session",
        "INSERT INTO cash_session (shop_id, id, register_id, number, state, opened_by, opened_at, opening_minor,
                                   closed_by, closed_at)
         SELECT $1, $2, $3, COALESCE(MAX(number), 0) + 1, 'closed', $4, $5, $6, $4, $5
         FROM cash_session
         WHERE shop_id = $1 AND register_id = $3";
    EXPECTED = "cash.expected",
        "SELECT CAST(cash_session.opening_minor + COALESCE((SELECT SUM(cash_entry.amount_minor)
                                                            FROM cash_entry
                                                            WHERE cash_entry.shop_id = $1
                                                              AND cash_entry.session_id = cash_session.id), 0) AS BIGINT)
         FROM cash_session
         WHERE cash_session.shop_id = $1 AND cash_session.id = $2";
    /// A session that another one was opened after: it sells no more, and its count is still to come.
    LEAVE = "cash.leave_session",
        "UPDATE cash_session
         SET state = 'closed', closed_by = $3, closed_at = $4
         WHERE shop_id = $1 AND id = $2 AND state = 'open'";
    COUNT = "cash.count_left_session",
        "UPDATE cash_session
         SET counted_minor = $3, expected_minor = $4
         WHERE shop_id = $1 AND id = $2 AND state = 'closed' AND counted_minor IS NULL";
    CLOSE = "cash.close",
        "UPDATE cash_session
         SET state = 'closed', closed_by = $3, closed_at = $4, counted_minor = $5, expected_minor = $6
         WHERE shop_id = $1 AND id = $2 AND state = 'open'";
    CLOSED = "cash.closed",
        "SELECT counted_minor, expected_minor
         FROM cash_session
         WHERE shop_id = $1 AND id = $2 AND state = 'closed'";
    OPEN_SESSION = "cash.open_session",
        "SELECT id
         FROM cash_session
         WHERE shop_id = $1 AND register_id = $2 AND state = 'open'";
}

/// A drawer to open.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession {
    /// The client's id of the session.
    pub id: SessionId,
    /// Whose drawer.
    pub register: RegisterId,
    /// Who opens it.
    pub person: UserId,
    /// What lies in it.
    pub opening_minor: i64,
    /// When, by the till's corrected clock; µs UTC.
    pub at: i64,
}

/// A count that closes a drawer.
#[derive(Clone, Copy, Debug)]
pub struct CloseSession {
    /// Which session.
    pub id: SessionId,
    /// Who counted.
    pub person: UserId,
    /// What was counted.
    pub counted_minor: i64,
    /// When, by the till's corrected clock; µs UTC.
    pub at: i64,
}

/// What a closing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What should have been there.
    pub expected_minor: i64,
    /// What was counted.
    pub counted_minor: i64,
}

/// Money put in or taken out by hand.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// The client's id of the entry.
    pub id: Uuid,
    /// Which session.
    pub session: SessionId,
    /// Positive in, negative out.
    pub amount_minor: i64,
    /// Why.
    pub reason: String,
    /// Who.
    pub person: UserId,
    /// When, by the till's corrected clock; µs UTC.
    pub at: i64,
    /// Now; µs UTC.
    pub now_us: i64,
}

/// Why a drawer was not opened, filled or closed.
#[derive(Debug)]
pub enum CashError {
    /// The register has an open session already.
    AlreadyOpen,
    /// There is no such session.
    NoSession,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for CashError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unique { ref constraint } if constraint.starts_with("cash_session") => CashError::AlreadyOpen,
            other => CashError::Db(other),
        }
    }
}

/// Opens a register's drawer.
///
/// # Errors
/// [`CashError::AlreadyOpen`] and what the database says.
pub async fn open(tx: &mut ShopTx, session: OpenSession) -> Result<(), CashError> {
    let OpenSession { id, register, person, opening_minor, at } = session;
    Ok(tx.exec_one(&INSERT_SESSION, params![id.0, register.0, person.0, at, opening_minor]).await?)
}

/// Writes down a session that came too late to be the register's open one; it is
/// counted when its closing arrives.
///
/// # Errors
/// What the database says.
pub async fn open_left(tx: &mut ShopTx, session: OpenSession) -> Result<(), CashError> {
    let OpenSession { id, register, person, opening_minor, at } = session;
    Ok(tx.exec_one(&INSERT_LEFT, params![id.0, register.0, person.0, at, opening_minor]).await?)
}

/// Ends a session without a count, because another one of its register begins: its
/// drawer is counted when its own closing arrives.
///
/// # Errors
/// Whatever the database says; a session that is not open is a missed guard.
pub async fn leave(tx: &mut ShopTx, id: SessionId, person: UserId, at: i64) -> Result<(), DbError> {
    tx.exec_one(&LEAVE, params![id.0, person.0, at]).await
}

/// Closes a drawer with a count; a session that was counted keeps its first count.
///
/// # Errors
/// [`CashError::NoSession`] and what the database says.
pub async fn close(tx: &mut ShopTx, closing: CloseSession) -> Result<Closing, CashError> {
    let locked = ledger::lock_session(tx, closing.id).await?.ok_or(CashError::NoSession)?;
    let CloseSession { id, person, counted_minor, at } = closing;
    if locked.counted {
        let mut row = tx.one(&CLOSED, params![id.0]).await?;
        return Ok(Closing { counted_minor: row.take().map_err(CashError::Db)?, expected_minor: row.take()? });
    }
    let expected_minor: i64 = expected(tx, id).await?;
    if locked.open {
        tx.exec_one(&CLOSE, params![id.0, person.0, at, counted_minor, expected_minor]).await?;
    } else {
        tx.exec_one(&COUNT, params![id.0, counted_minor, expected_minor]).await?;
    }
    Ok(Closing { expected_minor, counted_minor })
}

/// What should be in a session's drawer now.
///
/// # Errors
/// Whatever the database says.
pub async fn expected(read: &mut ShopRead, session: SessionId) -> Result<i64, DbError> {
    read.one(&EXPECTED, params![session.0]).await?.take()
}

/// Puts money in or takes it out by hand.
///
/// # Errors
/// [`CashError::NoSession`] and what the database says.
pub async fn by_hand(tx: &mut ShopTx, moved: &ByHand) -> Result<(), CashError> {
    let locked: LockedSession = ledger::lock_session(tx, moved.session).await?.ok_or(CashError::NoSession)?;
    let entry = Entry {
        id: moved.id,
        kind: if moved.amount_minor < 0 { EntryKind::PayOut } else { EntryKind::PayIn },
        amount_minor: moved.amount_minor,
        document_id: moved.id,
        reason: moved.reason.clone(),
        person: moved.person,
        at: moved.at,
        recorded_at: moved.now_us,
    };
    Ok(ledger::post(tx, &locked, &entry).await?)
}

/// The open session of a register, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn open_session(read: &mut ShopRead, register: RegisterId) -> Result<Option<SessionId>, DbError> {
    let Some(mut row) = read.opt(&OPEN_SESSION, params![register.0]).await? else { return Ok(None) };
    let id: Uuid = row.take()?;
    Ok(Some(SessionId(id)))
}
