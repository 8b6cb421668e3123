//! Expenses: money that leaves the shop for anything but goods.
//!
//! Owns `expense`, `expense_text`, `expense_void` and `expense_category`. An expense
//! counts on the day that its person names (`fecha`), whenever it is written down.
//! Its money never changes, the database refuses it: a mistake is voided with a
//! reason, and the void counts on the expense's own day, because an expense that was
//! none is no expense of that day. Its words may be bettered.
//!
//! Paid from a drawer, it is one document that also posts the cash entry of that open
//! session: what should be in the drawer and what the shop spent cannot drift apart.
//! The dashboard's net profit is made of `totals::money`, which [`record`] adds to in
//! the same transaction.

pub mod edit_expense;
pub mod export_expenses;
pub mod find;
pub mod form;
pub mod list_expenses;
pub mod new_expense;
pub mod record;
#[cfg(test)]
mod tests;
pub mod void_expense;

use crate::kernel::App;
use domain::{ids::ExpenseId, permission::Permission};
use web::{Access, AppError, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["expense", "expense_text", "expense_void", "expense_category"];

/// The routes.
pub fn routes() -> Routes<App> {
    const MANAGE: Access = Access::Permission(Permission::ManageExpenses);
    Routes::new()
        .get("/gastos/", MANAGE, list_expenses::show)
        .get("/gastos/exportar/", MANAGE, export_expenses::download)
        .get("/gastos/nuevo/", MANAGE, new_expense::show)
        .post("/gastos/nuevo/", MANAGE, new_expense::create)
        .get("/gastos/{id}/", MANAGE, edit_expense::show)
        .post("/gastos/{id}/", MANAGE, edit_expense::save)
        .get("/gastos/{id}/anular/", MANAGE, void_expense::show)
        .post("/gastos/{id}/anular/", MANAGE, void_expense::void)
}

fn expense_id(text: &str) -> Result<ExpenseId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
