//! Settings: what a shop is, where it sells, and how it is paid.
//!
//! Owns `shop`, `location`, `register`, `payment_method`, `tax_set` and
//! `tax_rate`. A new shop begins complete: one location, one till, the register
//! of the office, the country's taxes and the usual ways to pay.
//!
//! A page a subject: the shop itself ([`business`], [`move_country`]), its taxes
//! ([`taxes`]) and what its prices mean ([`price_mode`]), its tills with their devices
//! ([`tills`]), its ways to pay ([`methods`]). Beside each stands the file that writes
//! its table. [`guide`] leads a new shop through them.
//!
//! **Invariant:** nothing with a history is deleted, only taken out of use; two admins
//! at once see each other's change instead of losing one.

pub mod business;
pub mod business_form;
pub mod country;
pub mod create_shop;
pub mod find_shop;
pub mod guide;
pub mod imported_method;
pub mod index;
pub mod method_store;
pub mod methods;
pub mod move_country;
pub mod preset;
pub mod price_mode;
pub mod register_store;
pub mod registers;
pub mod shop;
pub mod stored;
pub mod tax_form;
pub mod tax_store;
pub mod taxes;
#[cfg(test)]
mod tests;
pub mod tills;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, AppError, Routes, urlencoded};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["shop", "location", "register", "payment_method", "tax_set", "tax_rate"];

const MANAGE: Access = Access::Permission(Permission::ManageSettings);

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/configuracion/", MANAGE, index::show)
        .get("/configuracion/negocio/", MANAGE, business::show)
        .post("/configuracion/negocio/", MANAGE, business::save)
        .post("/configuracion/negocio/pais/", MANAGE, business::choose_country)
        .get("/configuracion/impuestos/", MANAGE, taxes::show)
        .get("/configuracion/impuestos/nuevo/", MANAGE, taxes::show_new)
        .post("/configuracion/impuestos/nuevo/", MANAGE, taxes::create)
        .get("/configuracion/impuestos/precios/", MANAGE, price_mode::show)
        .post("/configuracion/impuestos/precios/", MANAGE, price_mode::submit)
        .post("/configuracion/impuestos/precios/asi/", MANAGE, price_mode::confirm)
        .get("/configuracion/impuestos/{id}/", MANAGE, taxes::show_one)
        .post("/configuracion/impuestos/{id}/", MANAGE, taxes::save)
        .post("/configuracion/impuestos/{id}/predeterminado/", MANAGE, taxes::make_default)
        .post("/configuracion/impuestos/{id}/desactivar/", MANAGE, taxes::deactivate)
        .post("/configuracion/impuestos/{id}/reactivar/", MANAGE, taxes::reactivate)
        .get("/configuracion/cajas/", MANAGE, tills::show)
        .get("/configuracion/cajas/nueva/", MANAGE, tills::show_new)
        .post("/configuracion/cajas/nueva/", MANAGE, tills::create)
        .get("/configuracion/cajas/{id}/", MANAGE, tills::show_one)
        .post("/configuracion/cajas/{id}/", MANAGE, tills::rename)
        .post("/configuracion/cajas/{id}/perdido/", MANAGE, tills::lose)
        .post("/configuracion/cajas/{id}/liberar/", MANAGE, tills::release)
        .post("/configuracion/cajas/{id}/desactivar/", MANAGE, tills::deactivate)
        .post("/configuracion/cajas/{id}/reactivar/", MANAGE, tills::reactivate)
        .get("/configuracion/pagos/", MANAGE, methods::show)
        .get("/configuracion/pagos/nueva/", MANAGE, methods::show_new)
        .post("/configuracion/pagos/nueva/", MANAGE, methods::create)
        .get("/configuracion/pagos/{id}/", MANAGE, methods::show_one)
        .post("/configuracion/pagos/{id}/", MANAGE, methods::save)
        .post("/configuracion/pagos/{id}/desactivar/", MANAGE, methods::deactivate)
        .post("/configuracion/pagos/{id}/reactivar/", MANAGE, methods::reactivate)
        .post("/configuracion/guia/cerrar/", MANAGE, guide::put_away)
}

/// The fields of a form's body.
fn pairs_of(body: &[u8]) -> Result<Vec<(String, String)>, AppError> {
    urlencoded::parse(body).map_err(|why| AppError::BadRequest { why: why.to_string() })
}
