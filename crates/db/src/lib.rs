//! The data layer: one SQL text, one Rust function, two engines.
//!
//! SQLite (one file, one writer thread with group commit) and PostgreSQL (a
//! pool, pipelined statements) behave alike behind [`Db`]. This crate is the
//! only one that names a driver. It must not know features, HTTP or time.
//!
//! **How one `async fn` serves both.** A transaction's body is written once and
//! given to [`Db::shop_write`]. On PostgreSQL tokio awaits it. On SQLite every
//! await inside is ready at once, so the writer thread runs it with a single
//! poll; a body that awaits anything else is rolled back and fails with
//! [`DbError::Pending`]: "no network inside a transaction" is enforced there.
//!
//! **Bodies may run more than once** (PostgreSQL's serialization failures and
//! deadlocks), so they are `AsyncFn` over owned captures and clone what they
//! give away.
//!
//! # Migration words
//! `{int}` `{bool}` `{uuid}` `{bytes}` `{text}` are column types, `{strict}`
//! ends a `CREATE TABLE`, `{append_only table}` refuses every change of its
//! rows, and `-- @sqlite` or `-- @postgres` … `-- @end` mark lines for one
//! engine.

pub mod checks;
mod database;
mod dialect;
mod error;
mod migrate;
mod postgres;
mod ranks;
mod row;
pub mod schema;
mod session;
mod sqlite;
mod statement;
mod value;

#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;

pub use database::{Db, DbConfig, ShopScope};
pub use dialect::Engine;
pub use error::DbError;
pub use migrate::{Migration, MigrationState};
pub use ranks::TableRank;
pub use row::{Column, FromColumn, Row};
pub use session::{ShopRead, ShopTx, SystemRead, SystemTx};
pub use statement::{Statement, StatementScope};
pub use value::{Param, Params};
