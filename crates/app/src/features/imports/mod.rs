//! Bringing products, customers and sales history in from CSV and XLSX.
//!
//! A file passes these rooms, forward only:
//!
//! 1. [`read`] turns bytes into rows of cells, under limits;
//! 2. [`columns`] guesses what each column is, and the person corrects it;
//! 3. [`reading`] with [`number`], [`moment`] and [`barcode`] turns cells into values,
//!    refusing row by row with the cell named ([`refusal`]);
//! 4. [`product_rows`], [`customer_rows`], [`sales_rows`] apply the rules of one kind, pure;
//! 5. [`check`] compares them with the shop and makes [`items`];
//! 6. [`run`] writes them down ([`store`]), and [`apply`] applies them in chunks.
//!
//! Owns `import_run`, `import_item`, `import_refusal` and the uploads before them; products, customers, sales and
//! stock are written by their own features' functions.
//!
//! **Invariant:** a row is taken or refused, never changed silently; what was put
//! right (zeros in front of a code, the noise of a binary number) has a rule.

pub mod apply;
mod apply_history;
pub mod apply_job;
pub mod barcode;
pub mod check;
pub mod columns;
pub mod customer_rows;
mod history_items;
pub mod items;
pub mod known;
mod map_columns;
pub mod moment;
pub mod number;
pub mod product_rows;
pub mod read;
pub mod reading;
pub mod refusal;
pub mod run;
pub mod sales_rows;
mod show_run;
pub mod store;
#[cfg(test)]
mod tests;
mod upload;
pub mod upload_store;
pub mod who;
pub mod words;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["import_run", "import_item", "import_refusal", "import_upload", "import_upload_part"];

const IMPORT: Access = Access::Permission(Permission::ImportData);

/// The routes of the import.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/configuracion/datos/importar/", IMPORT, upload::show)
        .post("/configuracion/datos/importar/", IMPORT, upload::upload)
        .get("/configuracion/datos/importar/archivo/{id}/", IMPORT, map_columns::show)
        .post("/configuracion/datos/importar/archivo/{id}/", IMPORT, map_columns::choose)
        .get("/configuracion/datos/importar/{id}/", IMPORT, show_run::show)
        .post("/configuracion/datos/importar/{id}/aplicar/", IMPORT, show_run::apply)
        .post("/configuracion/datos/importar/{id}/descartar/", IMPORT, show_run::discard)
        .get("/configuracion/datos/importar/{id}/rechazadas.csv", IMPORT, show_run::refusals)
}
