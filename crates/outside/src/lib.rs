//! The services outside: clients that features and jobs call, and nothing else.
//!
//! Each service is one enum with a real, a local and an in-memory variant, so
//! that features and tests call the same code. Heavy client libraries compile
//! here, apart from what people edit. This crate must not know features or the
//! database.
//!
//! **Invariant:** every call has a time limit, and every error says whether
//! another attempt may help, in a sentence without secrets.

pub mod files;
pub mod mail;
