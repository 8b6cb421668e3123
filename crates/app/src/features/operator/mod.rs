//! The operator's side of the installation: the local mailbox.
//!
//! Owns `mailbox_message`. Where no mail service is set up, every mail ends here,
//! so that verification works on one machine and nothing fails silently.

pub mod mailbox;
pub mod send_mail;

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["mailbox_message"];
