//! Tests that need more than one feature.

mod jobs;
mod operator_people;
mod figures;
mod history;
mod schema;
mod selling;
mod wall;
mod truth;
