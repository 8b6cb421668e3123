//! Members: what a person is in a shop, and the sellers an admin takes on.
//!
//! Owns `member`. A person who leaves is deactivated, never deleted: their sales
//! keep their name. **Invariant:** an admin changes only people of the own shop who
//! are sellers in it; nobody changes themselves here.

pub mod create_seller;
pub mod list_members;
pub mod one_time_password;
pub mod reset_password;
pub mod set_active;
pub mod write;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["member"];

/// The routes.
pub fn routes() -> Routes<App> {
    let manage = Access::Permission(Permission::ManageMembers);
    Routes::new()
        .get("/usuarios/", manage, list_members::show)
        .get("/usuarios/nuevo/", manage, create_seller::show)
        .post("/usuarios/nuevo/", manage, create_seller::submit)
        .post("/usuarios/{id}/desactivar/", manage, set_active::deactivate)
        .post("/usuarios/{id}/reactivar/", manage, set_active::reactivate)
        .post("/usuarios/{id}/contrasena/", manage, reset_password::submit)
}
