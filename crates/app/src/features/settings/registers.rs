//! Registers: where a sale gets its number.
//!
//! **Invariant:** a number is given once. The office's register is locked while
//! it gives one; a till's numbers come from blocks that its device leased.

use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::ids::{LocationId, RegisterId};
use uuid::Uuid;

db::statements! {
    PLACE = "settings.register_place",
        "SELECT location_id, prefix
         FROM register
         WHERE shop_id = $1 AND id = $2 AND active";
    KNOWN_PLACE = "settings.known_register_place",
        "SELECT location_id, prefix
         FROM register
         WHERE shop_id = $1 AND id = $2";
    TAKE_NUMBERS = "settings.take_numbers",
        "UPDATE register
         SET next_number = next_number + $3
         WHERE shop_id = $1 AND id = $2 AND active
         RETURNING location_id, prefix, next_number - $3";
    OF_KIND = "settings.register_of_kind",
        "SELECT id
         FROM register
         WHERE shop_id = $1 AND kind = $2 AND active
         ORDER BY created_at, id
         LIMIT 1";
}

/// A register's series and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterPlace {
    /// Where its goods are.
    pub location: LocationId,
    /// Its series.
    pub prefix: String,
}

/// A number that a register gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenNumber {
    /// Where its goods are.
    pub location: LocationId,
    /// Its series.
    pub prefix: String,
    /// The number, or the first of the block.
    pub number: i64,
}

/// What a register is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterKind {
    /// A till's.
    Till,
    /// Numbers what comes without a till.
    Office,
    /// Numbers what a file brings.
    Import,
}

impl RegisterKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            RegisterKind::Till => "till",
            RegisterKind::Office => "office",
            RegisterKind::Import => "import",
        }
    }
}

/// A register's series and place; `None` where there is none in use.
///
/// # Errors
/// Whatever the database says.
pub async fn load_place(read: &mut ShopRead, register: RegisterId) -> Result<Option<RegisterPlace>, DbError> {
    read.opt(&PLACE, params![register.0]).await?.map(place).transpose()
}

/// The same of a register that may be in use no more: what was sold there before its
/// till heard of it was sold there.
///
/// # Errors
/// Whatever the database says.
pub async fn load_known_place(read: &mut ShopRead, register: RegisterId) -> Result<Option<RegisterPlace>, DbError> {
    read.opt(&KNOWN_PLACE, params![register.0]).await?.map(place).transpose()
}

fn place(mut row: Row) -> Result<RegisterPlace, DbError> {
    let location: Uuid = row.take()?;
    Ok(RegisterPlace { location: LocationId(location), prefix: row.take()? })
}

/// Takes a register's next number, and keeps the register locked until the
/// transaction ends; `None` where there is none in use.
///
/// # Errors
/// Whatever the database says.
pub async fn take_number(tx: &mut ShopTx, register: RegisterId) -> Result<Option<TakenNumber>, DbError> {
    take_numbers(tx, register, 1).await
}

/// Takes a block of numbers; see [`take_number`].
///
/// # Errors
/// Whatever the database says.
pub async fn take_numbers(tx: &mut ShopTx, register: RegisterId, many: i64) -> Result<Option<TakenNumber>, DbError> {
    let Some(mut row) = tx.opt(&TAKE_NUMBERS, params![register.0, many]).await? else { return Ok(None) };
    let location: Uuid = row.take()?;
    Ok(Some(TakenNumber { location: LocationId(location), prefix: row.take()?, number: row.take()? }))
}

/// The shop's first register of a kind that is in use.
///
/// # Errors
/// Whatever the database says.
pub async fn first_of_kind(read: &mut ShopRead, kind: RegisterKind) -> Result<Option<RegisterId>, DbError> {
    let Some(mut row) = read.opt(&OF_KIND, params![kind.as_str()]).await? else { return Ok(None) };
    let id: Uuid = row.take()?;
    Ok(Some(RegisterId(id)))
}
