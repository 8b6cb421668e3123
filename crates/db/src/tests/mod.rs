//! The data layer as its users see it, on both engines.

mod callers;
mod checks;
mod cluster;
mod fixture;
mod group_commit;
mod migrations;
mod postgres_only;
mod races;
mod reading;
mod transactions;
