//! The dashboard: what a shop owner looks at on the phone at closing time.
//!
//! Owns no table. It reads the totals that `totals` keeps, in one snapshot, so that
//! no figure of a page contradicts another, and with a number of statements that is
//! the same after ten sales and after ten million.
//!
//! **Every figure opens its rows.** What was sold opens the sales and refunds of the
//! period ([`documents`]); profit opens its account ([`profit`]), whose rows open
//! documents, products, other income and expenses; the top and the categories open
//! products ([`products`]); a product, or the lines whose cost is unknown, open lines
//! ([`lines`]). Their sums equal the figure, and `tests/figures.rs` holds them to it.

pub mod attention;
pub mod cursor;
pub mod documents;
pub mod figures;
pub mod lines;
pub mod period;
pub mod products;
pub mod profit;
pub mod recent;
pub mod show;
pub mod view;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// It only reads.
pub const TABLES: &[&str] = &[];

/// The routes.
pub fn routes() -> Routes<App> {
    let figures = Access::Permission(Permission::SeeFigures);
    Routes::new()
        .get("/dashboard/", figures, show::show)
        .get("/dashboard/filas/ventas/", figures, documents::show)
        .get("/dashboard/filas/ganancia/", figures, profit::show)
        .get("/dashboard/filas/productos/", figures, products::show)
        .get("/dashboard/filas/lineas/", figures, lines::show)
}
