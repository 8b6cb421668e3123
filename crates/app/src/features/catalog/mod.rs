//! The catalogue: products, their codes, categories and prices.
//!
//! Owns `category`, `product`, `barcode`, `price_change` and `catalog_version`.
//! Every change takes the shop's next catalogue version, under lock, so that a
//! till that asks for what is newer than its own never misses one.

pub mod write;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["category", "product", "barcode", "price_change", "catalog_version"];
