//! Sync: the till's side door, as `docs/api/till-protocol.md` describes it.
//!
//! Owns `device`, `number_lease` and `review_item`. A device is known by its
//! signature alone: no cookie, no person's session. It pulls the catalogue, leases
//! numbers and delivers what was sold; it may do nothing else.

pub mod device;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["device", "number_lease", "review_item"];
