//! Tests that need more than one feature.

mod schema;
mod selling;
mod wall;
mod truth;
