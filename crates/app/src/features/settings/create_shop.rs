//! A new shop, complete enough to sell within a minute.
//!
//! It begins as Colombia (COP kept with two decimals and shown with none, IVA
//! 19 %, prices before tax, no cash rounding) until the first-run guide asks.
//! The rates of IVA are those of the Estatuto Tributario, articles 468 (general
//! rate), 468-1 (5 %), 477 (exempt) and 424 (excluded).

use crate::{actor::InShop, features::settings::registers::RegisterKind};
use db::{Db, DbError, ShopTx, params};
use domain::ids::ShopId;
pub use domain::price_mode::PriceKind;
use uuid::Uuid;

db::statements! {
    INSERT_SHOP = "settings.insert_shop",
        "INSERT INTO shop (id, name, country, currency, exponent, display_decimals, time_zone, prices_include_tax,
                           created_at, updated_at)
         VALUES ($1, $2, 'CO', 'COP', 2, 0, 'America/Bogota', $4, $3, $3)";
    INSERT_LOCATION = "settings.insert_location",
        "INSERT INTO location (shop_id, id, name, created_at)
         VALUES ($1, $2, $3, $4)";
    INSERT_REGISTER = "settings.insert_register",
        "INSERT INTO register (shop_id, id, location_id, kind, name, prefix, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    INSERT_TAX_SET = "settings.insert_tax_set",
        "INSERT INTO tax_set (shop_id, id, name, position, is_default, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)";
    INSERT_TAX_RATE = "settings.insert_tax_rate",
        "INSERT INTO tax_rate (shop_id, tax_set_id, position, code, rate_ppm)
         VALUES ($1, $2, 0, $3, $4)";
    INSERT_METHOD = "settings.insert_method",
        "INSERT INTO payment_method (shop_id, id, name, kind, needs_bank, needs_reference, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// How many ids [`NewShop`] needs besides the shop's own.
pub const IDS: usize = 11;

/// A shop to create.
#[derive(Clone, Debug)]
pub struct NewShop {
    /// Its id.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// Ids for its location, registers, tax sets and payment methods.
    pub ids: [Uuid; IDS],
    /// What its prices mean.
    pub prices: PriceKind,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// A tax set of a new shop: name, and the rate of IVA in ppm where it has one.
const TAX_SETS: [(&str, Option<i64>); 4] =
    [("IVA 19 %", Some(190_000)), ("IVA 5 %", Some(50_000)), ("Exento (IVA 0 %)", Some(0)), ("Excluido", None)];

/// A payment method of a new shop: name, kind, whether the bank must be named.
const METHODS: [(&str, &str, bool); 3] =
    [("Efectivo", "cash", false), ("Transferencia", "transfer", true), ("Tarjeta", "card", false)];

/// Creates a shop with all that it needs to sell.
///
/// # Errors
/// Whatever the database says.
pub async fn create_shop(db: &Db, shop: NewShop) -> Result<(), DbError> {
    db.shop_write(&InShop(shop.id), "create shop", async move |tx: &mut ShopTx| insert(tx, &shop).await).await
}

/// The same inside a transaction that also makes the shop's first member.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut ShopTx, shop: &NewShop) -> Result<(), DbError> {
    let now_us = shop.now_us;
    let [location, till, office, import, ids @ ..] = shop.ids;
    tx.exec_one(&INSERT_SHOP, params![shop.name.as_str(), now_us, shop.prices.includes_tax()]).await?;
    tx.exec_one(&INSERT_LOCATION, params![location, "Principal", now_us]).await?;
    let registers = [
        (till, RegisterKind::Till, "Caja 1", "C1-"),
        (office, RegisterKind::Office, "Oficina", "OF-"),
        (import, RegisterKind::Import, "Importación", "IMP-"),
    ];
    for (id, kind, name, prefix) in registers {
        let register = NewRegister { id, location, kind, name: name.to_owned(), prefix: prefix.to_owned() };
        insert_register(tx, &register, now_us).await?;
    }
    let (tax_ids, method_ids) = ids.split_at(TAX_SETS.len());
    for (position, ((name, rate_ppm), id)) in (0_i64..).zip(TAX_SETS.iter().zip(tax_ids)) {
        tx.exec_one(&INSERT_TAX_SET, params![*id, *name, position, position == 0, now_us]).await?;
        if let Some(rate_ppm) = rate_ppm {
            tx.exec_one(&INSERT_TAX_RATE, params![*id, "IVA", *rate_ppm]).await?;
        }
    }
    for (position, ((name, kind, needs_bank), id)) in (0_i64..).zip(METHODS.iter().zip(method_ids)) {
        tx.exec_one(&INSERT_METHOD, params![*id, *name, *kind, *needs_bank, false, position]).await?;
    }
    Ok(())
}

/// A register to add to a shop.
#[derive(Clone, Debug)]
pub struct NewRegister {
    /// Its id.
    pub id: Uuid,
    /// Where its goods are.
    pub location: Uuid,
    /// What it is for.
    pub kind: RegisterKind,
    /// What people call it.
    pub name: String,
    /// Its series; no other register of the shop has it.
    pub prefix: String,
}

/// Adds a register.
///
/// # Errors
/// Whatever the database says; a series that another register has is a unique
/// violation.
pub async fn insert_register(tx: &mut ShopTx, register: &NewRegister, now_us: i64) -> Result<(), DbError> {
    let NewRegister { id, location, kind, name, prefix } = register;
    let row = params![*id, *location, kind.as_str(), name.as_str(), prefix.as_str(), now_us];
    tx.exec_one(&INSERT_REGISTER, row).await
}
