//! Accounts: people, how they prove who they are, and their sessions.
//!
//! Owns `app_user`, `one_time_token`, `web_session` and `guess_limit`. What a
//! person is in a shop is a membership, which `members` owns.

pub mod asker;
pub mod limit_store;
pub mod people;
pub mod session_store;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["app_user", "one_time_token", "web_session", "guess_limit"];
