//! Cash: sessions of a register's drawer and every coin that enters or leaves.
//!
//! Owns `cash_session` and `cash_entry`. What should be in the drawer is the
//! opening amount and the sum of the session's entries; closing freezes it
//! beside what was counted. A sale that arrives after closing joins its own
//! session, marked as late. A session that another one followed before its closing
//! arrived is closed without a count; it has no frozen figure until it is counted.

pub mod drawers;
pub mod ledger;
pub mod sessions;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["cash_session", "cash_entry"];
