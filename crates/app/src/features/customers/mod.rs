//! Customers: the people a shop knows by name.
//!
//! Owns `customer`. No customer on a sale is the final consumer, who has no row.
//! Whoever sells may look a customer up and write down a new one; changing and
//! deactivating them is for who manages the shop.

pub mod customer_form;
pub mod edit_customer;
pub mod find;
pub mod list_customers;
pub mod new_customer;
#[cfg(test)]
mod tests;
pub mod write;

use crate::kernel::App;
use domain::permission::Permission;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["customer"];

/// The routes of customers.
pub fn routes() -> Routes<App> {
    const SEE: Access = Access::Permission(Permission::SeeCustomers);
    const MANAGE: Access = Access::Permission(Permission::ManageCustomers);
    Routes::new()
        .get("/clientes/", SEE, list_customers::show)
        .get("/clientes/nuevo/", MANAGE, new_customer::show)
        .post("/clientes/nuevo/", MANAGE, new_customer::create)
        .post("/clientes/crear/ajax/", SEE, new_customer::create_quickly)
        .get("/clientes/{id}/", MANAGE, edit_customer::show)
        .post("/clientes/{id}/", MANAGE, edit_customer::save)
        .post("/clientes/{id}/desactivar/", MANAGE, edit_customer::deactivate)
        .post("/clientes/{id}/reactivar/", MANAGE, edit_customer::reactivate)
}
