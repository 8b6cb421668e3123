//! `GET /por-revisar/`: what the tills delivered and somebody should look at,
//! oldest first.

use crate::{
    kernel::{App, ShopPage},
    texts::sync::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::params;
use uuid::Uuid;
use web::{AppError, PageContext};

db::statements! {
    OPEN = "sync.open_reviews",
        "SELECT review_item.id, review_item.kind, review_item.code, review_item.posted, review_item.received_at,
                review_item.item_id, register.name
         FROM review_item
         JOIN device ON device.shop_id = review_item.shop_id AND device.id = review_item.device_id
         JOIN register ON register.shop_id = device.shop_id AND register.id = device.register_id
         WHERE review_item.shop_id = $1 AND review_item.state = 'open'
         ORDER BY review_item.received_at, review_item.id
         LIMIT 100";
}

#[derive(Template)]
#[template(path = "sync/list_reviews.html")]
struct ReviewsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    reviews: Vec<Review>,
}

struct Review {
    id: Uuid,
    kind: &'static str,
    why: String,
    posted: bool,
    received_at: i64,
    item: Uuid,
    register: String,
    place: Option<&'static str>,
}

/// Shows the list.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let mut read = app.db.shop(&page.actor).await?;
    let mut reviews = Vec::new();
    for mut row in read.rows(&OPEN, params![]).await? {
        let id = row.take()?;
        let (kind, code): (String, String) = (row.take()?, row.take()?);
        reviews.push(Review {
            id,
            kind: kind_words(t, &kind),
            why: why(t, &code),
            posted: row.take()?,
            received_at: row.take()?,
            item: row.take()?,
            register: row.take()?,
            place: place(&kind),
        });
    }
    page.show(&ReviewsPage { page: &page, t, reviews })
}

fn kind_words(t: Texts, kind: &str) -> &'static str {
    match kind {
        "sale" => t.kind_sale(),
        "open_session" => t.kind_open_session(),
        "close_session" => t.kind_close_session(),
        "cash_entry" => t.kind_cash_entry(),
        "customer" => t.kind_customer(),
        "product" => t.kind_product(),
        _ => t.kind_unknown(),
    }
}

/// Where what is on record is looked at.
fn place(kind: &str) -> Option<&'static str> {
    match kind {
        "sale" => Some("/ventas/"),
        "product" => Some("/productos/"),
        _ => None,
    }
}

fn why(t: Texts, code: &str) -> String {
    let known = match code {
        "DIFFERENCE" => t.code_difference(),
        "CONFLICT" => t.code_conflict(),
        "DEVICE_REVOKED" => t.code_device_revoked(),
        "PERMISSION_DENIED" => t.code_permission_denied(),
        "SESSION_CLOSED" => t.code_session_closed(),
        "UNKNOWN_PRODUCT" => t.code_unknown_product(),
        "CODE_TAKEN" => t.code_code_taken(),
        "PRICE_CHANGED" => t.code_price_changed(),
        _ => return t.code_unknown(code),
    };
    known.to_owned()
}
