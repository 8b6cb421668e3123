//! Members: what a person is in a shop.
//!
//! Owns `member`. A person who leaves is deactivated, never deleted: their sales
//! keep their name.

pub mod write;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["member"];
