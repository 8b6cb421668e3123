//! Settings: what a shop is, where it sells, and how it is paid.
//!
//! Owns `shop`, `location`, `register`, `payment_method`, `tax_set` and
//! `tax_rate`. A new shop begins complete: one location, one till, the register
//! of the office, the country's taxes and the usual ways to pay.

pub mod country;
pub mod create_shop;
pub mod find_shop;
pub mod imported_method;
pub mod registers;
pub mod shop;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["shop", "location", "register", "payment_method", "tax_set", "tax_rate"];
