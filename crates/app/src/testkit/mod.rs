//! Builders for tests: a shop with its people and products, made by the same
//! functions that the screens call.
//!
//! A test says what matters to it and takes the rest from here; clock and ids are
//! fixed, so that two runs write the same rows.

pub mod browser;
pub mod shop;
pub mod till;

pub use browser::Browser;
pub use shop::{TestShop, on_both};
pub use till::Till;
