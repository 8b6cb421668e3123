//! Other income: what a shop earns besides its goods, such as bringing them home.
//!
//! Owns `other_income`, `other_income_text` and `other_income_void`. It counts on the
//! day that its person names, may belong to a sale, and enters gross profit. Like an
//! expense's, its money never changes: a mistake is voided with a reason, on the
//! document's own day. It posts no cash: what it brought lies in no drawer until
//! somebody puts it there.

pub mod edit_income;
pub mod export_income;
pub mod find;
pub mod form;
pub mod list_income;
pub mod new_income;
pub mod record;
#[cfg(test)]
mod tests;
pub mod void_income;

use crate::kernel::App;
use domain::{ids::OtherIncomeId, permission::Permission};
use web::{Access, AppError, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["other_income", "other_income_text", "other_income_void"];

/// The routes.
pub fn routes() -> Routes<App> {
    const MANAGE: Access = Access::Permission(Permission::ManageExpenses);
    Routes::new()
        .get("/ingresos/", MANAGE, list_income::show)
        .get("/ingresos/exportar/", MANAGE, export_income::download)
        .get("/ingresos/nuevo/", MANAGE, new_income::show)
        .post("/ingresos/nuevo/", MANAGE, new_income::create)
        .get("/ingresos/{id}/", MANAGE, edit_income::show)
        .post("/ingresos/{id}/", MANAGE, edit_income::save)
        .get("/ingresos/{id}/anular/", MANAGE, void_income::show)
        .post("/ingresos/{id}/anular/", MANAGE, void_income::void)
}

fn income_id(text: &str) -> Result<OtherIncomeId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// What the income is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bringing goods to somebody's door.
    Delivery,
    /// A service.
    Service,
    /// Somebody's work.
    Labor,
    /// Anything else.
    Other,
}

impl Kind {
    /// Every kind with the word that the form sends, as in the Django application.
    pub const ALL: [(&str, Kind); 4] =
        [("domicilio", Kind::Delivery), ("servicio", Kind::Service), ("mano_obra", Kind::Labor), ("otro", Kind::Other)];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Delivery => "delivery",
            Kind::Service => "service",
            Kind::Labor => "labor",
            Kind::Other => "other",
        }
    }

    /// The kind of a stored word; the column holds no others.
    pub fn parse(word: &str) -> Kind {
        match word {
            "delivery" => Kind::Delivery,
            "service" => Kind::Service,
            "labor" => Kind::Labor,
            _ => Kind::Other,
        }
    }

    /// What people read.
    pub fn label(self, t: crate::texts::other_income::Texts) -> &'static str {
        match self {
            Kind::Delivery => t.kind_delivery(),
            Kind::Service => t.kind_service(),
            Kind::Labor => t.kind_labor(),
            Kind::Other => t.kind_other(),
        }
    }
}
