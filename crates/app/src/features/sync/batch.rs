//! `POST /api/v1/till/batch`: what a till delivers, item by item.
//!
//! **Invariants:** each item is a transaction of its own, so that one bad item
//! never blocks the next. What already happened is never refused: it is posted, or
//! kept whole for a person. A repetition gets the stored answer.

use crate::{
    features::sync::{
        device::DeviceActor,
        item::{Item, ItemResult, NotPosted, Outcome, PostedItem},
        post_item::{self, Post, Stopped},
        review::{self, Posted, ReviewItem},
    },
    kernel::{App, Body},
};
use axum::{extract::State, response::Response};
use db::{DbError, ShopTx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::{AppError, Problem, json as envelope};

/// Most items of one batch.
const ITEMS_MAX: usize = 100;
/// Longest kind that is shown to whoever reviews an item.
const KIND_CHARS_MAX: usize = 40;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct BatchAnswer {
    results: Vec<ItemResult>,
    server_time: i64,
}

/// Posts a batch.
pub async fn submit(State(app): State<App>, device: DeviceActor, Body(body): Body) -> Result<Response, AppError> {
    let batch: Batch = envelope::parse(&body)?;
    if batch.items.len() > ITEMS_MAX {
        return Err(AppError::Validation(vec![("items".to_owned(), Problem::TooBig { max: ITEMS_MAX.to_string() })]));
    }
    let mut results = Vec::with_capacity(batch.items.len());
    for item in batch.items {
        results.push(deliver(&app, device, item).await?);
    }
    app.bell.ring();
    envelope::data(&BatchAnswer { results, server_time: app.now_us() })
}

/// Posts one item. Only a failing database is an error: the till keeps the item
/// then and sends it again.
async fn deliver(app: &App, device: DeviceActor, item: Item) -> Result<ItemResult, AppError> {
    let id = item.id;
    let not_posted = match post(app, device, &item).await {
        Ok(posted) => return Ok(accepted(id, posted)),
        // A key that is taken, or one that points nowhere, is the item's own doing and stays so
        // however often it is sent: it must not hold up the rest.
        Err(Stopped::Db(DbError::Unique { .. } | DbError::ForeignKey | DbError::Check { .. })) => {
            NotPosted::because("CONFLICT")
        }
        Err(Stopped::Db(error)) => return Err(error.into()),
        Err(Stopped::NotPosted(not_posted)) => not_posted,
    };
    if !must_keep(device, &item, &not_posted) {
        let data = json!({ "code": not_posted.code, "message": "", "fields": not_posted.fields });
        return Ok(ItemResult { id, outcome: Outcome::Refused, data });
    }
    // How it travelled is not what it is: the same item again, now offline, is kept once.
    let item = Item { offline: true, ..item };
    let review = ReviewItem {
        id: app.new_id(),
        item: id,
        kind: shown_kind(&item.kind),
        code: not_posted.code.to_owned(),
        content: serde_json::to_string(&item)?,
        posted: Posted::No,
        now_us: app.now_us(),
    };
    tracing::warn!(device = %device.device, item = %id, code = not_posted.code, "an item is kept for review");
    keep(app, device, review).await?;
    Ok(ItemResult { id, outcome: Outcome::Review, data: json!({ "code": not_posted.code }) })
}

/// What happened is kept; so is another item under a used number or id, asked for or
/// not, because one of the two tells something that is not so.
fn must_keep(device: DeviceActor, item: &Item, not_posted: &NotPosted) -> bool {
    item.offline || device.revoked || matches!(not_posted.code, "ID_USED" | "NUMBER_TAKEN")
}

async fn post(app: &App, device: DeviceActor, item: &Item) -> Result<PostedItem, Stopped> {
    let now_us = app.now_us();
    let post =
        Post { device, item: item.clone(), received_us: now_us, now_us, review_id: app.new_id(), settling: None };
    app.db
        .shop_write(&device, "post item", async move |tx: &mut ShopTx| -> Result<PostedItem, Stopped> {
            post_item::post(tx, &post).await
        })
        .await
}

/// The kind as a column takes it: one of the future may be any text, and stands whole in
/// the content.
fn shown_kind(kind: &str) -> String {
    kind.chars().filter(|letter| !letter.is_control()).take(KIND_CHARS_MAX).collect()
}

async fn keep(app: &App, device: DeviceActor, review: ReviewItem) -> Result<(), DbError> {
    app.db
        .shop_write(&device, "keep for review", async move |tx: &mut ShopTx| review::keep(tx, device, &review).await)
        .await
}

fn accepted(id: uuid::Uuid, posted: PostedItem) -> ItemResult {
    let data = match posted {
        PostedItem::Done => Value::Object(Map::new()),
        PostedItem::Closed { expected, difference } => json!({ "expected": expected, "difference": difference }),
        PostedItem::Sold(answer) => json!(answer),
    };
    ItemResult { id, outcome: Outcome::Accepted, data }
}
