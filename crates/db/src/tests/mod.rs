//! The data layer as its users see it, on both engines.

mod callers;
mod fixture;
mod transactions;
