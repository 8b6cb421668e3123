//! Sync: the till's side door, as `docs/api/till-protocol.md` describes it.
//!
//! Owns `device`, `number_lease` and `review_item`. A device is known by its
//! signature alone: no cookie, no person's session. It pulls the catalogue, leases
//! numbers and delivers what was sold; it may do nothing else.

pub mod batch;
pub mod catalog;
pub mod customers;
pub mod device;
pub mod devices;
pub mod enrol;
pub mod item;
pub mod lease;
pub mod list_reviews;
pub mod oddity;
pub mod photo;
pub mod post_item;
pub mod post_product;
pub mod post_sale;
pub mod review;
pub mod review_words;
pub mod session;
pub mod settle_review;
pub mod stock;
#[cfg(test)]
mod tests;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["device", "number_lease", "review_item"];

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/api/v1/till/session", Access::Permission(Permission::Sell), session::show)
        .post("/api/v1/till/devices", Access::Permission(Permission::ManageSettings), enrol::submit)
        .get("/api/v1/till/customers", Access::Permission(Permission::SeeCustomers), customers::show)
        .get("/api/v1/till/catalog", Access::Device, catalog::show)
        .get("/api/v1/till/photos/{file}", Access::Device, photo::show)
        .get("/api/v1/till/stock", Access::Device, stock::show)
        .post("/api/v1/till/lease", Access::Device, lease::submit)
        .post("/api/v1/till/batch", Access::Device, batch::submit)
        .get("/por-revisar/", Access::Permission(Permission::SettleReviews), list_reviews::show)
        .post("/por-revisar/{id}/visto/", Access::Permission(Permission::SettleReviews), settle_review::seen)
        .post("/por-revisar/{id}/anotar/", Access::Permission(Permission::SettleReviews), settle_review::post)
        .post("/por-revisar/{id}/rechazar/", Access::Permission(Permission::SettleReviews), settle_review::reject)
}
