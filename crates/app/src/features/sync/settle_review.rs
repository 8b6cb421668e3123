//! Settling what is to be reviewed: seen, posted after all, or rejected.
//!
//! **Invariant:** nothing is settled twice: the state changes only from open, and a
//! posting is the item's own, with the item's own id.

use crate::{
    features::sync::{batch, device::DeviceActor, item::Item},
    kernel::{App, Body, ShopPage},
    texts::sync::Texts,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx, params};
use domain::ids::{DeviceId, RegisterId};
use uuid::Uuid;
use web::{
    AppError, FormReader, Text,
    flash::{Flash, Tone},
};

db::statements! {
    ITEM = "sync.review_item",
        "SELECT review_item.content, device.id, device.register_id
         FROM review_item
         JOIN device ON device.shop_id = review_item.shop_id AND device.id = review_item.device_id
         WHERE review_item.shop_id = $1 AND review_item.id = $2 AND review_item.state = 'open'
           AND NOT review_item.posted";
    SETTLE = "sync.settle_review",
        "UPDATE review_item
         SET state = $3, settled_by = $4, settled_reason = $5, settled_at = $6
         WHERE shop_id = $1 AND id = $2 AND state = 'open' AND posted = $7";
}

/// What becomes of an open item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settlement {
    /// It is on record, and somebody has looked at it.
    Seen,
    /// It was put on record after all.
    PostedAfterAll,
    /// It stays off the record, with a reason.
    Rejected,
}

/// Marks a posted oddity as seen.
pub async fn seen(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    settle(&app, &page, id, Settlement::Seen, String::new()).await?;
    Ok(back(&page, Tone::Ok, Texts(page.lang).said_seen()))
}

/// Tries to post an item that could not be posted before.
pub async fn post(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let (item, device) = load(&app, &page, id).await?;
    if batch::post_after_all(&app, device, &item).await? {
        settle(&app, &page, id, Settlement::PostedAfterAll, String::new()).await?;
        return Ok(back(&page, Tone::Ok, Texts(page.lang).said_posted()));
    }
    Ok(back(&page, Tone::Bad, Texts(page.lang).said_not_posted()))
}

/// Rejects an item, with a reason.
pub async fn reject(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<Uuid>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let mut form = FormReader::new(&body, &page.format)?;
    let reason = form.text("motivo", Text::required(150));
    let Ok((reason, _)) = form.finish(|| reason) else {
        return Ok(back(&page, Tone::Bad, Texts(page.lang).said_reason_needed()));
    };
    settle(&app, &page, id, Settlement::Rejected, reason).await?;
    Ok(back(&page, Tone::Ok, Texts(page.lang).said_rejected()))
}

fn back(page: &ShopPage, tone: Tone, text: &str) -> Response {
    (Flash::new(tone, text).cookie(page.secure), Redirect::to("/por-revisar/")).into_response()
}

async fn load(app: &App, page: &ShopPage, id: Uuid) -> Result<(Item, DeviceActor), AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let mut row = read.opt(&ITEM, params![id]).await?.ok_or(AppError::NotFound)?;
    let content: String = row.take()?;
    let device = DeviceActor {
        shop: page.actor.shop,
        device: DeviceId(row.take()?),
        register: RegisterId(row.take()?),
        revoked: false,
        // The till's own clock counts; its offset was not kept.
        offset_us: 0,
    };
    Ok((serde_json::from_str(&content)?, device))
}

impl Settlement {
    /// The stored state, and whether the item must have been on record before.
    fn words(self) -> (&'static str, bool) {
        match self {
            Settlement::Seen => ("settled", true),
            Settlement::PostedAfterAll => ("settled", false),
            Settlement::Rejected => ("rejected", false),
        }
    }
}

async fn settle(app: &App, page: &ShopPage, id: Uuid, how: Settlement, reason: String) -> Result<(), AppError> {
    let (person, now_us) = (page.actor.user, app.now_us());
    let changed =
        app.db.shop_write(&page.actor, "settle review", async move |tx: &mut ShopTx| -> Result<u64, DbError> {
            let (state, posted) = how.words();
            tx.exec(&SETTLE, params![id, state, person.0, reason.as_str(), now_us, posted]).await
        });
    if changed.await? == 1 { Ok(()) } else { Err(AppError::NotFound) }
}
