//! `GET /api/v1/till/customers?q=`: the shop's customers for a sale, as somebody types.
//!
//! A person asks, not the device: who buys here is nobody's business but the shop's.

use crate::{actor::Actor, features::customers::find, kernel::App};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use uuid::Uuid;
use web::{AppError, json, query::Query};

/// As many as a list beside a ticket shows.
const FOUND_MAX: i64 = 20;
/// Fewer letters and digits would list the shop's customers, which is not searching.
const CHARS_MIN: usize = 2;

#[derive(Serialize)]
struct Found {
    customers: Vec<Customer>,
}

#[derive(Serialize)]
struct Customer {
    id: Uuid,
    name: String,
    phone: Option<String>,
    document: Option<String>,
}

/// Answers.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, actor: Actor, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let typed = query.get("q").unwrap_or_default().trim();
    if typed.chars().filter(|character| character.is_alphanumeric()).count() < CHARS_MIN {
        return json::data(&Found { customers: Vec::new() });
    }
    let mut read = app.db.shop(&actor).await?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let customers = find::in_use(&mut read, typed, FOUND_MAX).await?.into_iter().map(|customer| Customer {
        id: customer.id.0,
        name: customer.name,
        phone: filled(customer.phone),
        document: filled(customer.document),
    });
    json::data(&Found { customers: customers.collect() })
}
