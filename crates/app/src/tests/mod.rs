//! Tests that need more than one feature.

mod accounts;
mod dashboard_page;
mod figures;
mod history;
pub mod jobs;
pub(crate) mod history;
mod jobs;
mod operator_people;
mod schema;
mod selling;
mod truth;
mod verify;
mod wall;
