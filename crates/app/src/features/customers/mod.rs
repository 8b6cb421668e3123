//! Customers: the people a shop knows by name.
//!
//! Owns `customer`. No customer on a sale is the final consumer, who has no row.

pub mod write;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["customer"];
