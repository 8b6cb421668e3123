//! Settling what is to be reviewed: seen, posted after all, or rejected.
//!
//! **Invariant:** nothing is settled twice: the state changes only from open, in the
//! first statement of the transaction that posts; who comes second finds it settled.
//! A posting is the item's own, as it was received then.

use crate::{
    features::sync::{
        device::DeviceActor,
        item::NotPosted,
        list_reviews,
        post_item::{self, Post, Settling, Stopped},
    },
    kernel::{App, Body, ShopPage},
    texts::sync::Texts,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx, params};
use domain::ids::{DeviceId, RegisterId, ShopId, UserId};
use uuid::Uuid;
use web::{
    AppError, FormReader, Text,
    flash::{Flash, Tone},
};

db::statements! {
    ITEM = "sync.review_item",
        "SELECT review_item.content, review_item.received_at, device.id, device.register_id, device.state
         FROM review_item
         JOIN device ON device.shop_id = review_item.shop_id AND device.id = review_item.device_id
         WHERE review_item.shop_id = $1 AND review_item.id = $2 AND NOT review_item.posted";
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

/// Why nothing was settled.
#[derive(Debug)]
enum NotSettled {
    /// There is no such item, or somebody was quicker.
    Gone,
    /// It still cannot be posted.
    Stopped(NotPosted),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for NotSettled {
    fn from(error: DbError) -> Self {
        NotSettled::Db(error)
    }
}

impl From<Stopped> for NotSettled {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::NotPosted(not_posted) => NotSettled::Stopped(not_posted),
            Stopped::Db(error) => NotSettled::Db(error),
        }
    }
}

/// Marks a posted oddity as seen.
pub async fn seen(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let settled = settle_only(&app, &page, id, Settlement::Seen, String::new()).await;
    answer(&page, settled, Texts(page.lang).said_seen())
}

/// Tries to post an item that could not be posted before.
pub async fn post(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let (actor, now_us, review_id) = (page.actor, app.now_us(), app.new_id());
    let posted = app
        .db
        .shop_write(&actor, "post review", async move |tx: &mut ShopTx| -> Result<(), NotSettled> {
            let by = Settler { person: actor.user, now_us };
            settle(tx, id, Settlement::PostedAfterAll, by, "").await?;
            let kept = load(tx, actor.shop, id).await?;
            let settling = Some(Settling { by: actor, review: id });
            let Kept { item, device, received_us } = kept;
            let post = Post { device, item, received_us, now_us, review_id, settling };
            post_item::post(tx, &post).await?;
            Ok(())
        })
        .await;
    app.bell.ring();
    answer(&page, posted, Texts(page.lang).said_posted())
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
    let settled = settle_only(&app, &page, id, Settlement::Rejected, reason).await;
    answer(&page, settled, Texts(page.lang).said_rejected())
}

fn answer(page: &ShopPage, settled: Result<(), NotSettled>, done: &str) -> Result<Response, AppError> {
    match settled {
        Ok(()) => Ok(back(page, Tone::Ok, done)),
        Err(NotSettled::Gone) => Err(AppError::NotFound),
        Err(NotSettled::Stopped(not_posted)) => {
            let t = Texts(page.lang);
            let why = list_reviews::why(t, not_posted.code);
            Ok(back(page, Tone::Bad, &t.said_not_posted(why)))
        }
        Err(NotSettled::Db(error)) => Err(error.into()),
    }
}

fn back(page: &ShopPage, tone: Tone, text: &str) -> Response {
    (Flash::new(tone, text).cookie(page.secure), Redirect::to("/por-revisar/")).into_response()
}

/// An item as it was kept.
struct Kept {
    item: super::item::Item,
    device: DeviceActor,
    received_us: i64,
}

async fn load(tx: &mut ShopTx, shop: ShopId, id: Uuid) -> Result<Kept, DbError> {
    let mut row = tx.one(&ITEM, params![id]).await?;
    let (content, received_us): (String, i64) = (row.take()?, row.take()?);
    let (device, register): (Uuid, Uuid) = (row.take()?, row.take()?);
    let state: String = row.take()?;
    let device =
        DeviceActor { shop, device: DeviceId(device), register: RegisterId(register), revoked: state == "revoked" };
    let item = serde_json::from_str(&content).map_err(|error| DbError::Other(Box::new(error)))?;
    Ok(Kept { item, device, received_us })
}

/// Who settles, and when.
#[derive(Clone, Copy)]
struct Settler {
    person: UserId,
    now_us: i64,
}

async fn settle(tx: &mut ShopTx, id: Uuid, how: Settlement, by: Settler, reason: &str) -> Result<(), NotSettled> {
    let (state, posted) = how.words();
    let changed = tx.exec(&SETTLE, params![id, state, by.person.0, reason, by.now_us, posted]).await?;
    if changed == 1 { Ok(()) } else { Err(NotSettled::Gone) }
}

async fn settle_only(app: &App, page: &ShopPage, id: Uuid, how: Settlement, reason: String) -> Result<(), NotSettled> {
    let by = Settler { person: page.actor.user, now_us: app.now_us() };
    app.db
        .shop_write(&page.actor, "settle review", async move |tx: &mut ShopTx| -> Result<(), NotSettled> {
            settle(tx, id, how, by, &reason).await
        })
        .await
}
