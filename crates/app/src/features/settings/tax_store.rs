//! Tax sets in the database: named lists of taxes that products have.
//!
//! **Invariant:** a set that products have is in use, and so is the usual one; a set is
//! never deleted, because sales of long ago may be looked at with its name.

use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::ids::TaxSetId;
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    SETS = "settings.tax_sets",
        "SELECT tax_set.id, tax_set.name, tax_set.is_default, tax_set.active, tax_set.version,
                (SELECT COUNT(*)
                 FROM product
                 WHERE product.shop_id = $1 AND product.tax_set_id = tax_set.id AND NOT product.removed)
         FROM tax_set
         WHERE tax_set.shop_id = $1
         ORDER BY tax_set.active DESC, tax_set.position, tax_set.id";
    RATES = "settings.tax_rates",
        "SELECT tax_set_id, code, rate_ppm
         FROM tax_rate
         WHERE shop_id = $1
         ORDER BY tax_set_id, position";
    INSERT = "settings.add_tax_set",
        "INSERT INTO tax_set (shop_id, id, name, position, created_at, updated_at)
         SELECT $1, $2, $3, COALESCE(MAX(position), -1) + 1, $4, $4
         FROM tax_set
         WHERE shop_id = $1";
    RENAME = "settings.rename_tax_set",
        "UPDATE tax_set
         SET name = $4, updated_at = $5, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND version = $3";
    DELETE_RATES = "settings.delete_tax_rates",
        "DELETE FROM tax_rate
         WHERE shop_id = $1 AND tax_set_id = $2";
    INSERT_RATE = "settings.add_tax_rate",
        "INSERT INTO tax_rate (shop_id, tax_set_id, position, code, rate_ppm)
         VALUES ($1, $2, $3, $4, $5)";
    NO_DEFAULT = "settings.no_default_tax_set",
        "UPDATE tax_set
         SET is_default = FALSE, updated_at = $2, version = version + 1
         WHERE shop_id = $1 AND is_default";
    MAKE_DEFAULT = "settings.make_default_tax_set",
        "UPDATE tax_set
         SET is_default = TRUE, updated_at = $3, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND active";
    SET_ACTIVE = "settings.set_tax_set_active",
        "UPDATE tax_set
         SET active = $3, updated_at = $4, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND active <> $3 AND NOT is_default";
}

/// A tax of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Its code, such as `IVA`.
    pub code: String,
    /// Its rate in parts per million.
    pub rate_ppm: i64,
}

/// What people write about a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxSetFields {
    /// Its name.
    pub name: String,
    /// Its taxes in order; none is "excluded".
    pub rates: Vec<Rate>,
}

/// A set as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxSet {
    /// Which.
    pub id: TaxSetId,
    /// What people wrote.
    pub fields: TaxSetFields,
    /// Whether products have it unless told otherwise.
    pub is_default: bool,
    /// Whether products may be given it.
    pub active: bool,
    /// Changes with every edit.
    pub version: i64,
    /// How many products have it.
    pub products: i64,
}

/// Every set of the shop, those in use first. A shop has a handful.
///
/// # Errors
/// Whatever the database says.
pub async fn load_all(read: &mut ShopRead) -> Result<Vec<TaxSet>, DbError> {
    let mut rates: BTreeMap<Uuid, Vec<Rate>> = BTreeMap::new();
    for mut row in read.rows(&RATES, params![]).await? {
        let set = row.take()?;
        rates.entry(set).or_default().push(Rate { code: row.take()?, rate_ppm: row.take()? });
    }
    let rows = read.rows(&SETS, params![]).await?;
    let set = |mut row: Row| {
        let id: Uuid = row.take()?;
        let fields = TaxSetFields { name: row.take()?, rates: rates.remove(&id).unwrap_or_default() };
        Ok(TaxSet {
            id: TaxSetId(id),
            fields,
            is_default: row.take()?,
            active: row.take()?,
            version: row.take()?,
            products: row.take()?,
        })
    };
    rows.into_iter().map(set).collect()
}

/// One set; `None` where there is none, or it is another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, id: TaxSetId) -> Result<Option<TaxSet>, DbError> {
    Ok(load_all(read).await?.into_iter().find(|set| set.id == id))
}

/// Inserts a set at the end of the list.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut ShopTx, id: TaxSetId, set: &TaxSetFields, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&INSERT, params![id.0, set.name.as_str(), now_us]).await?;
    insert_rates(tx, id, &set.rates).await
}

async fn insert_rates(tx: &mut ShopTx, id: TaxSetId, rates: &[Rate]) -> Result<(), DbError> {
    let rows = (0_i64..).zip(rates).map(|(position, rate)| params![id.0, position, rate.code.as_str(), rate.rate_ppm]);
    tx.exec_many(&INSERT_RATE, rows.collect()).await.map(drop)
}

/// Gives a set another name; `false` where somebody else edited it in the meantime.
///
/// # Errors
/// Whatever the database says.
pub async fn rename(
    tx: &mut ShopTx,
    id: TaxSetId,
    seen_version: i64,
    name: &str,
    now_us: i64,
) -> Result<bool, DbError> {
    Ok(tx.exec(&RENAME, params![id.0, seen_version, name, now_us]).await? == 1)
}

/// Writes a set's taxes anew.
///
/// # Errors
/// Whatever the database says.
pub async fn replace_rates(tx: &mut ShopTx, id: TaxSetId, rates: &[Rate]) -> Result<(), DbError> {
    tx.exec(&DELETE_RATES, params![id.0]).await?;
    insert_rates(tx, id, rates).await
}

/// Makes a set the usual one; `false` where it is not in use.
///
/// # Errors
/// Whatever the database says.
pub async fn make_default(tx: &mut ShopTx, id: TaxSetId, now_us: i64) -> Result<bool, DbError> {
    tx.exec(&NO_DEFAULT, params![now_us]).await?;
    Ok(tx.exec(&MAKE_DEFAULT, params![id.0, now_us]).await? == 1)
}

/// Takes a set out of the lists or puts it back; the usual one stays. Answers whether
/// that changed anything.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, id: TaxSetId, active: bool, now_us: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&SET_ACTIVE, params![id.0, active, now_us]).await? == 1)
}
