//! The catalogue: products, their codes, categories and prices.
//!
//! Owns `category`, `product`, `barcode`, `price_change`, `price_switch`,
//! `catalog_version` and `product_search`.
//! Every change takes the shop's next catalogue version, under lock, so that a
//! till that asks for what is newer than its own never misses one.
//!
//! Reading and writing are apart: [`find`] says which products a list shows,
//! [`record`] loads one of them, [`write`] changes it. What a person types is read
//! by [`product_form`], which new products and edits share.
//!
//! A product may have a photo: [`photos`] takes it in, [`media`] shows it,
//! [`sweep_photos`] clears away what no product has.
//!
//! **Invariant:** what goods cost is loaded by [`costs`] alone, and only for a
//! reader who may manage products: it is in no byte of a seller's page.

pub mod barcode_image;
pub mod costs;
pub mod edit_product;
pub mod find;
pub mod list_products;
pub mod look_up;
pub mod media;
pub mod new_product;
pub mod photos;
pub mod price_history;
pub mod product_form;
pub mod product_page;
pub mod record;
pub mod reprice;
pub mod retire_product;
pub mod sent_form;
pub mod sweep_photos;
#[cfg(test)]
mod tests;
pub mod write;

use crate::kernel::App;
use domain::{ids::ProductId, permission::Permission};
use web::{Access, AppError, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] =
    &["category", "product", "barcode", "price_change", "price_switch", "catalog_version", "product_search"];

const SEE: Access = Access::Permission(Permission::SeeProducts);
const MANAGE: Access = Access::Permission(Permission::ManageProducts);

/// The routes of the catalogue.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/productos/", SEE, list_products::show)
        .get("/productos/nuevo/", MANAGE, new_product::show)
        .post("/productos/nuevo/", MANAGE, new_product::create)
        .get("/productos/{id}/", MANAGE, edit_product::show)
        .post("/productos/{id}/", MANAGE, edit_product::save)
        .get("/productos/{id}/precios/", MANAGE, price_history::show)
        .get("/productos/{id}/barras.svg", SEE, barcode_image::show)
        .delete("/productos/{id}/", MANAGE, retire_product::delete)
        .post("/productos/{id}/borrar/", MANAGE, retire_product::delete_on_screen)
        .post("/productos/{id}/desactivar/", MANAGE, retire_product::deactivate)
        .post("/productos/{id}/reactivar/", MANAGE, retire_product::reactivate)
        .get("/media/{file}", SEE, media::show)
        .get("/ventas/api/buscar-producto/", SEE, look_up::by_query)
        .post("/ventas/api/buscar-producto/", SEE, look_up::by_body)
}

/// The id in an address; what is none is a product that does not exist.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn product_id(text: &str) -> Result<ProductId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
