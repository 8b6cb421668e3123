//! Exactly once: the claim on a client's id.
//!
//! Owns `command`. Every write that carries an id made by a client claims it in
//! its first statement. Whoever inserts the row does the work; whoever finds it
//! gets the stored answer, or a conflict where the content is another.
//!
//! **Invariant:** the claim and the work are one transaction, so that a refusal
//! or a crash leaves the id free.

use db::{DbError, ShopTx, params};
use domain::chain::{CHAIN_START, ChainHasher};
use uuid::Uuid;

/// Tables that only this module writes.
pub const TABLES: &[&str] = &["command"];

db::statements! {
    /// First statement of the transaction: it makes a second sender wait for the first one's end.
    CLAIM = "commands.claim",
        "INSERT INTO command (shop_id, id, kind, content_hash, result, at)
         VALUES ($1, $2, $3, $4, '', $5)
         ON CONFLICT (shop_id, id) DO NOTHING";
    STORED = "commands.stored",
        "SELECT kind, content_hash, result
         FROM command
         WHERE shop_id = $1 AND id = $2";
    ANSWER = "commands.answer",
        "UPDATE command
         SET result = $3
         WHERE shop_id = $1 AND id = $2";
}

/// What a claim finds.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody had it: do the work, then [`answer`].
    Fresh,
    /// The same was done before; this was the answer.
    Repeated(String),
    /// The id was used for something else.
    Conflict,
}

/// What is claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    /// The client's id.
    pub id: Uuid,
    /// What kind of command it is.
    pub kind: &'a str,
    /// SHA-256 over the command's meaning, without how it travelled.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Claims a client's id for this transaction.
///
/// # Errors
/// Whatever the database says.
pub async fn claim(tx: &mut ShopTx, claimed: Claimed<'_>) -> Result<Claim, DbError> {
    let inserted = tx.exec(&CLAIM, params![claimed.id, claimed.kind, claimed.content_hash, claimed.now_us]).await?;
    if inserted == 1 {
        return Ok(Claim::Fresh);
    }
    let mut row = tx.one(&STORED, params![claimed.id]).await?;
    let (kind, content_hash, result): (String, Vec<u8>, String) = (row.take()?, row.take()?, row.take()?);
    if kind == claimed.kind && content_hash == claimed.content_hash {
        Ok(Claim::Repeated(result))
    } else {
        Ok(Claim::Conflict)
    }
}

/// The hash of a form: what kind it is and its fields in their order, without the
/// token that is masked anew on every page.
pub fn form_hash(kind: &str, pairs: &[(String, String)]) -> [u8; 32] {
    let meant = pairs.iter().filter(|(name, _)| name != guard::csrf::TOKEN_FIELD);
    let hasher =
        meant.fold(ChainHasher::new(1, "form").text(kind), |hasher, (name, value)| hasher.text(name).text(value));
    hasher.finish(&CHAIN_START)
}

/// Stores the answer that a repetition will get.
///
/// # Errors
/// Whatever the database says; a claim that is not there is a missed guard.
pub async fn answer(tx: &mut ShopTx, id: Uuid, result: &str) -> Result<(), DbError> {
    tx.exec_one(&ANSWER, params![id, result]).await
}
