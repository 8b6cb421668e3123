//! Stock: what is on hand, what it is worth, and the chain of movements that
//! explains both.
//!
//! Owns `stock_item` and `stock_movement`. Everybody who moves goods calls
//! [`ledger`]; nobody else writes these tables. A movement is never changed: the
//! database refuses it, and each carries a hash over itself and the one before.

pub mod adjust;
pub mod adjust_stock;
pub mod kardex;
pub mod ledger;
#[cfg(test)]
mod tests;
pub mod tracked;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["stock_item", "stock_movement"];

/// The routes of stock.
pub fn routes() -> Routes<App> {
    const MANAGE: Access = Access::Permission(Permission::ManageProducts);
    Routes::new()
        .get("/productos/{id}/kardex/", MANAGE, kardex::show)
        .get("/productos/{id}/ajuste/", MANAGE, adjust_stock::show)
        .post("/productos/{id}/ajuste/", MANAGE, adjust_stock::save)
}
