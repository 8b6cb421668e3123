//! `GET /api/v1/till/stock`: levels for display, best effort.

use crate::{
    features::{settings::registers, sync::device::DeviceActor},
    kernel::App,
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::params;
use domain::decimal;
use serde::Serialize;
use uuid::Uuid;
use web::{AppError, json, query::Query};

db::statements! {
    LEVELS = "sync.levels",
        "SELECT product_id, on_hand_milli
         FROM stock_item
         WHERE shop_id = $1 AND location_id = $2 AND product_id > $3
         ORDER BY product_id
         LIMIT $4";
}

/// How many levels a page has.
const PAGE: i64 = 5_000;

#[derive(Serialize)]
struct Levels {
    levels: Vec<(Uuid, String)>,
    next: Option<Uuid>,
}

/// Answers.
pub async fn show(
    State(app): State<App>,
    device: DeviceActor,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    if device.revoked {
        return Err(AppError::DeviceRevoked);
    }
    let query = Query::parse(query.as_deref())?;
    let after: Uuid = query.get("after").and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut read = app.db.shop(&device).await?;
    let place = registers::load_place(&mut read, device.register).await?.ok_or(AppError::NotFound)?;
    let mut levels = Vec::new();
    for mut row in read.rows(&LEVELS, params![place.location.0, after, PAGE]).await? {
        let (product, on_hand_milli): (Uuid, i64) = (row.take()?, row.take()?);
        let minus = if on_hand_milli < 0 { "-" } else { "" };
        let digits = decimal::format_shortest(on_hand_milli.saturating_abs(), 3);
        levels.push((product, format!("{minus}{digits}")));
    }
    let full = i64::try_from(levels.len()).is_ok_and(|many| many == PAGE);
    let next = levels.last().filter(|_| full).map(|(id, _)| *id);
    json::data(&Levels { levels, next })
}
