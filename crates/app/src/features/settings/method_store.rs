//! Ways to pay in the database.
//!
//! **Invariant:** cash stays: there is one method of its kind, always in use. What
//! imported history was paid by is none that people choose, and is in no list.

use crate::features::settings::imported_method;
use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::ids::MethodId;
use uuid::Uuid;

db::statements! {
    METHODS = "settings.methods",
        "SELECT id, name, kind, needs_bank, needs_reference, active, version
         FROM payment_method
         WHERE shop_id = $1 AND id <> $2
         ORDER BY active DESC, position, id";
    INSERT = "settings.add_method",
        "INSERT INTO payment_method (shop_id, id, name, kind, needs_bank, needs_reference, position)
         SELECT $1, $2, $3, $4, $5, $6, COALESCE(MAX(position), -1) + 1
         FROM payment_method
         WHERE shop_id = $1 AND id <> $7";
    SAVE = "settings.save_method",
        "UPDATE payment_method
         SET name = $4, needs_bank = $5, needs_reference = $6, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND version = $3";
    SET_ACTIVE = "settings.set_method_active",
        "UPDATE payment_method
         SET active = $3, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND active <> $3 AND kind <> 'cash'";
}

/// What people may create. Cash is there already, and house accounts are not paid by a
/// method that people make.
pub const KINDS: [&str; 3] = ["transfer", "card", "other"];

/// What people write about a way to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMethod {
    /// Its name.
    pub name: String,
    /// The stored word of its kind.
    pub kind: &'static str,
    /// Whether the bank must be named.
    pub needs_bank: bool,
    /// Whether a reference must be written down.
    pub needs_reference: bool,
}

/// A way to pay as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Which.
    pub id: MethodId,
    /// Its name.
    pub name: String,
    /// The stored word of its kind.
    pub kind: String,
    /// Whether the bank must be named.
    pub needs_bank: bool,
    /// Whether a reference must be written down.
    pub needs_reference: bool,
    /// Whether tills offer it.
    pub active: bool,
    /// Changes with every edit.
    pub version: i64,
}

impl Method {
    /// Whether it is the one that stays.
    pub fn is_cash(&self) -> bool {
        self.kind == "cash"
    }
}

/// Every way to pay, those in use first. A shop has a handful.
///
/// # Errors
/// Whatever the database says.
pub async fn load_all(read: &mut ShopRead) -> Result<Vec<Method>, DbError> {
    let imported = imported_method::id_in(read.shop_id());
    let rows = read.rows(&METHODS, params![imported.0]).await?;
    let method = |mut row: Row| {
        let id: Uuid = row.take()?;
        Ok(Method {
            id: MethodId(id),
            name: row.take()?,
            kind: row.take()?,
            needs_bank: row.take()?,
            needs_reference: row.take()?,
            active: row.take()?,
            version: row.take()?,
        })
    };
    rows.into_iter().map(method).collect()
}

/// Inserts a way to pay at the end of the list.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut ShopTx, id: MethodId, method: &NewMethod) -> Result<(), DbError> {
    let imported = imported_method::id_in(tx.shop_id());
    let NewMethod { name, kind, needs_bank, needs_reference } = method;
    tx.exec_one(&INSERT, params![id.0, name.as_str(), *kind, *needs_bank, *needs_reference, imported.0]).await
}

/// Writes a way to pay anew; `false` where somebody else edited it in the meantime.
///
/// # Errors
/// Whatever the database says.
pub async fn save(tx: &mut ShopTx, seen: &Method, method: &NewMethod) -> Result<bool, DbError> {
    let row = params![seen.id.0, seen.version, method.name.as_str(), method.needs_bank, method.needs_reference];
    Ok(tx.exec(&SAVE, row).await? == 1)
}

/// Takes a way to pay out of the tills or puts it back; cash stays. Answers whether
/// that changed anything.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, id: MethodId, active: bool) -> Result<bool, DbError> {
    Ok(tx.exec(&SET_ACTIVE, params![id.0, active]).await? == 1)
}
