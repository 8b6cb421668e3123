//! The application: the features, and what they share.
//!
//! It knows the layers below (`domain`, `db`, `guard`, `web`, `jobs`, `outside`)
//! and is known only by the binary. A request passes few rooms, forward only; the
//! essay of `features::sales` shows them on a sale.

pub mod actor;
pub mod features;
pub mod kernel;
pub mod router;
pub mod schema;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
pub mod text_key;

/// The features' texts, made from their `es.toml`, `en.toml` and `pt.toml`.
pub mod texts {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}
