//! Stock: what is on hand, what it is worth, and the chain of movements that
//! explains both.
//!
//! Owns `stock_item` and `stock_movement`. Everybody who moves goods calls
//! [`ledger`]; nobody else writes these tables. A movement is never changed: the
//! database refuses it, and each carries a hash over itself and the one before.

pub mod adjust;
pub mod ledger;
pub mod tracked;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["stock_item", "stock_movement"];
