//! Sales: the pattern that every other feature follows.
//!
//! Owns `sale`, `sale_line`, `sale_tax`, `payment`, `refund`, `refund_line` and
//! `refund_payment`. A posted sale is never edited, the database refuses it; a
//! refund or a void is a document of its own, and what a sale is worth now is the
//! sale less its refunds.
//!
//! A sale passes five rooms, forward only:
//!
//! 1. the route ([`new_sale`], [`simple_sale`], `sync`) turns what came into a [`complete_sale::CompleteSale`],
//! 2. [`complete_sale::complete_sale`] claims the client's id and loads the facts under lock,
//! 3. `domain::sale::decide` decides, pure,
//! 4. [`store`] records it, with the ledgers of `stock` and `cash` and with `totals`,
//! 5. the transaction commits, and the answer is made of the returned value.

pub mod by_number;
pub mod complete_sale;
pub mod export_sales;
pub mod facts;
pub mod find_product;
pub mod find_sales;
pub mod history;
pub mod list_sales;
pub mod load_sale;
pub mod new_sale;
pub mod receipt;
pub mod refund_sale;
pub mod refusal;
pub mod show_sale;
pub mod simple_sale;
pub mod store;
pub mod take_back_sale;
#[cfg(test)]
mod tests;
pub mod wire;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["sale", "sale_line", "sale_tax", "payment", "refund", "refund_line", "refund_payment"];

const SELL: Access = Access::Permission(Permission::Sell);
const SEE: Access = Access::Permission(Permission::SeeSales);
const REFUND: Access = Access::Permission(Permission::Refund);
const VOID: Access = Access::Permission(Permission::Void);

/// The routes. The till's own page stands at `GET /ventas/nueva/` and is `till`'s.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/ventas/", SEE, list_sales::show)
        .get("/ventas/exportar/", SEE, export_sales::download)
        .post("/ventas/nueva/", SELL, new_sale::create)
        .get("/ventas/nueva/simple/", SELL, simple_sale::show)
        .post("/ventas/nueva/simple/", SELL, simple_sale::submit)
        .post("/api/v1/sales", SELL, new_sale::create_json)
        .get("/ventas/numero/{label}/", SEE, by_number::show)
        .get("/ventas/numero/{label}/devolver/", REFUND, by_number::refund)
        .get("/ventas/{id}/", SEE, show_sale::show)
        .get("/ventas/{id}/recibo/", SEE, receipt::show)
        .get("/ventas/{id}/devolver/", REFUND, refund_sale::show_refund)
        .post("/ventas/{id}/devolver/", REFUND, refund_sale::refund)
        .get("/ventas/{id}/anular/", VOID, refund_sale::show_void)
        .post("/ventas/{id}/anular/", VOID, refund_sale::void)
}
