//! Bare programs: the least that anything could do in the product's place.

pub mod disk;
pub mod http;
pub mod pgbench;
pub mod sale;
pub mod sqlite;
