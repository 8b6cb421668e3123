//! A security layer for axum applications: it knows keys, sessions, forged requests,
//! passwords, hosts, headers and limits, and nothing of what the application is for.
//!
//! Read it in this order: [`keys`] (one secret, one derived key a use), [`session`] (the
//! pure decision and what a store must do), [`csrf`] (the three checks), [`layers`] (the
//! way of a request), [`guard`] (what handlers ask for). What must be kept, an application
//! gives as two traits: [`session::SessionStore`] and [`rate_limit::LimitStore`]; how a
//! refusal looks, as a third: [`refusal::Refusals`].
//!
//! Time and chance come from [`source`], so that every test is fixed.

pub mod check;
pub mod common;
pub mod cookie;
pub mod csp;
pub mod csrf;
pub mod current;
mod fingerprint;
mod form_token;
pub mod guard;
pub mod headers;
pub mod hosts;
pub mod https;
pub mod keys;
pub mod layers;
pub mod memory;
pub mod origin;
pub mod password;
pub mod proxy;
pub mod rate_limit;
pub mod refusal;
pub mod session;
#[cfg(test)]
mod session_machine_test;
pub mod signing;
pub mod source;
pub mod validators;

pub use current::Current;
pub use guard::{Guard, GuardConfig};
