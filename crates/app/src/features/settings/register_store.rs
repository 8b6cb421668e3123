//! Registers as the settings change them: the tills, which people name.
//!
//! **Invariant:** a register's series is its own for ever, because the numbers of its
//! sales begin with it; a register is never deleted.

use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::ids::RegisterId;
use uuid::Uuid;

db::statements! {
    TILLS = "settings.tills",
        "SELECT register.id, register.name, register.prefix, register.active, register.version,
                cash_session.opened_at
         FROM register
         LEFT JOIN cash_session ON cash_session.shop_id = $1 AND cash_session.register_id = register.id
                               AND cash_session.state = 'open'
         WHERE register.shop_id = $1 AND register.kind = 'till'
         ORDER BY register.active DESC, register.created_at, register.id";
    INSERT = "settings.add_till",
        "INSERT INTO register (shop_id, id, location_id, kind, name, prefix, created_at, updated_at)
         SELECT $1, $2, location.id, 'till', $3, $4, $5, $5
         FROM location
         WHERE location.shop_id = $1 AND location.active
         ORDER BY location.created_at, location.id
         LIMIT 1";
    RENAME = "settings.rename_till",
        "UPDATE register
         SET name = $4, updated_at = $5, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND version = $3 AND kind = 'till'";
    LOCK = "settings.lock_till",
        "SELECT name
         FROM register
         WHERE shop_id = $1 AND id = $2 AND kind = 'till'
         {lock}";
    HAS_OPEN = "settings.till_has_open_session",
        "SELECT id
         FROM cash_session
         WHERE shop_id = $1 AND register_id = $2 AND state = 'open'
         LIMIT 1";
    SET_ACTIVE = "settings.set_till_active",
        "UPDATE register
         SET active = $3, updated_at = $4, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND kind = 'till' AND active <> $3";
    PREFIXES = "settings.register_prefixes",
        "SELECT prefix
         FROM register
         WHERE shop_id = $1";
}

/// A till's register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Till {
    /// Which.
    pub id: RegisterId,
    /// Its name.
    pub name: String,
    /// Its series.
    pub prefix: String,
    /// Whether it sells.
    pub active: bool,
    /// Changes with every edit.
    pub version: i64,
    /// Since when its drawer is open, µs UTC.
    pub open_since: Option<i64>,
}

/// The tills, those in use first. A shop has a handful.
///
/// # Errors
/// Whatever the database says.
pub async fn load_all(read: &mut ShopRead) -> Result<Vec<Till>, DbError> {
    let rows = read.rows(&TILLS, params![]).await?;
    let till = |mut row: Row| {
        let id: Uuid = row.take()?;
        Ok(Till {
            id: RegisterId(id),
            name: row.take()?,
            prefix: row.take()?,
            active: row.take()?,
            version: row.take()?,
            open_since: row.take()?,
        })
    };
    rows.into_iter().map(till).collect()
}

/// A series that no register has: `C2-` after `C1-`.
///
/// # Errors
/// Whatever the database says.
pub async fn free_prefix(read: &mut ShopRead) -> Result<String, DbError> {
    let rows = read.rows(&PREFIXES, params![]).await?;
    let taken = rows.into_iter().map(|mut row| row.take()).collect::<Result<Vec<String>, DbError>>()?;
    let free = (1..).map(|number| format!("C{number}-")).find(|prefix| !taken.contains(prefix));
    Ok(free.expect("a shop has fewer registers than there are numbers"))
}

/// Inserts a till at the shop's first location.
///
/// # Errors
/// A series that another register has is a unique violation
/// (`register_shop_id_prefix_key`).
pub async fn insert(tx: &mut ShopTx, id: RegisterId, name: &str, prefix: &str, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&INSERT, params![id.0, name, prefix, now_us]).await
}

/// Gives a till another name; `false` where somebody else edited it in the meantime.
///
/// # Errors
/// Whatever the database says.
pub async fn rename(
    tx: &mut ShopTx,
    id: RegisterId,
    seen_version: i64,
    name: &str,
    now_us: i64,
) -> Result<bool, DbError> {
    Ok(tx.exec(&RENAME, params![id.0, seen_version, name, now_us]).await? == 1)
}

/// Locks a till's register until the transaction ends, against a drawer that opens and a
/// device that is bound meanwhile; `false` where there is no such till.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut ShopTx, id: RegisterId) -> Result<bool, DbError> {
    Ok(tx.opt(&LOCK, params![id.0]).await?.is_some())
}

/// Whether a till's drawer is open.
///
/// # Errors
/// Whatever the database says.
pub async fn has_open_drawer(read: &mut ShopRead, id: RegisterId) -> Result<bool, DbError> {
    Ok(read.opt(&HAS_OPEN, params![id.0]).await?.is_some())
}

/// Takes a till out of use or puts it back. Answers whether that changed anything.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, id: RegisterId, active: bool, now_us: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&SET_ACTIVE, params![id.0, active, now_us]).await? == 1)
}
