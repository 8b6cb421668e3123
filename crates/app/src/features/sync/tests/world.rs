//! What the tests of a till's deliveries say and look at.

use crate::testkit::{Browser, TestShop, Till};
use db::{Params, Row, Statement, params};
use domain::ids::ProductId;
use serde_json::{Value, json};
use uuid::Uuid;

db::statements! {
    SALE = "test.delivered_sale",
        "SELECT prefix, number, total_minor, cash_rounding_minor, business_date, hour, sold_at, seller_id, customer_id,
                session_id, offline
         FROM sale
         WHERE shop_id = $1 AND id = $2";
    SALES = "test.delivered_sales",
        "SELECT COUNT(*)
         FROM sale
         WHERE shop_id = $1";
    REVIEWS = "test.reviews",
        "SELECT id, item_id, kind, code, content, posted, state
         FROM review_item
         WHERE shop_id = $1
         ORDER BY received_at, item_id, posted";
}

/// A sale as it stands in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSale {
    pub number: String,
    pub total_minor: i64,
    pub cash_rounding_minor: i64,
    pub business_date: i64,
    pub hour: i64,
    pub sold_at: i64,
    pub seller: Uuid,
    pub customer: Option<Uuid>,
    pub session: Option<Uuid>,
    pub offline: bool,
}

/// What waits, or waited, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReview {
    pub id: Uuid,
    pub item: Uuid,
    pub kind: String,
    pub code: String,
    pub content: String,
    pub posted: bool,
    pub state: String,
}

pub async fn rows(shop: &TestShop, statement: &'static Statement, values: Params) -> Vec<Row> {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    read.rows(statement, values).await.expect("the rows are read")
}

pub async fn sale(shop: &TestShop, id: Uuid) -> Option<StoredSale> {
    let mut row = rows(shop, &SALE, params![id]).await.pop()?;
    let mut take = || -> Result<StoredSale, db::DbError> {
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        Ok(StoredSale {
            number: format!("{prefix}{number}"),
            total_minor: row.take()?,
            cash_rounding_minor: row.take()?,
            business_date: row.take()?,
            hour: row.take()?,
            sold_at: row.take()?,
            seller: row.take()?,
            customer: row.take()?,
            session: row.take()?,
            offline: row.take()?,
        })
    };
    Some(take().expect("the columns are those of the statement"))
}

pub async fn sale_count(shop: &TestShop) -> i64 {
    rows(shop, &SALES, params![]).await[0].take().expect("a count is a number")
}

pub async fn reviews(shop: &TestShop) -> Vec<StoredReview> {
    let read = |mut row: Row| -> Result<StoredReview, db::DbError> {
        Ok(StoredReview {
            id: row.take()?,
            item: row.take()?,
            kind: row.take()?,
            code: row.take()?,
            content: row.take()?,
            posted: row.take()?,
            state: row.take()?,
        })
    };
    let rows = rows(shop, &REVIEWS, params![]).await;
    rows.into_iter().map(|row| read(row).expect("the columns are those of the statement")).collect()
}

/// Rice at 2,000 before tax, 2,380 with it; ten on hand.
pub async fn rice(shop: &TestShop) -> ProductId {
    shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await
}

/// A sale of one rice, paid with the exact cash.
pub fn one_rice(shop: &TestShop, number: i64, rice: ProductId) -> Value {
    json!({
        "prefix": "C1-", "number": number, "session_id": shop.session, "catalog_version": null, "customer": null,
        "lines": [{
            "product_id": rice, "name": "Arroz Diana 500 g", "quantity": "1", "pack": "1", "unit_price": "2000.00",
            "taxes": [{ "code": "IVA", "rate": "19" }], "discount": null, "note": null,
        }],
        "discount": null,
        "payments": [{
            "method_id": shop.cash, "amount": "2380.00", "tendered": "2380.00", "bank": null, "reference": null,
        }],
        "expected": { "total": "2380.00", "cash_rounding": "0.00", "change": "0.00" },
        "note": null,
    })
}

/// Delivers one rice sold by the admin; the sale's id and the result.
pub async fn sell_rice(shop: &TestShop, till: &Till, number: i64, rice: ProductId, offline: bool) -> (Uuid, Value) {
    let id = shop.ids.next();
    let item = till.item(id, "sale", shop.admin, offline, &one_rice(shop, number, rice));
    (id, till.deliver(&item).await)
}

/// Presses a button of a review, as the admin.
pub async fn settle(shop: &TestShop, review: Uuid, button: &str, reason: &str) -> Option<String> {
    let admin = Browser::sign_in(&shop.db, shop.admin).await;
    admin.post(&format!("/por-revisar/{review}/{button}/"), &[("motivo", reason)]).await.location
}

/// The outcome and, where there is one, the code of a result.
pub fn outcome(result: &Value) -> (&str, &str) {
    (result["outcome"].as_str().unwrap_or_default(), result["data"]["code"].as_str().unwrap_or_default())
}
