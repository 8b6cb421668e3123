//! Tests that need more than one feature.

mod accounts;
mod dashboard_page;
mod figures;
pub(crate) mod history;
pub(crate) mod jobs;
mod operator_people;
mod schema;
mod selling;
mod truth;
mod verify;
mod wall;
