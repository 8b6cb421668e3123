//! What a product used to cost: every price with its time and who set it.

use crate::{
    features::catalog::{
        product_id,
        product_page::{Tab, tabs},
        record,
    },
    kernel::{App, ShopPage},
    texts::catalog::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use db::{DbError, Row, ShopRead, params};
use domain::ids::ProductId;
use web::{AppError, PageContext, page::Link};

/// Nobody reads further back than so many prices of one product.
const PRICES_MAX: i64 = 200;

db::statements! {
    PRICES = "catalog.prices",
        "SELECT price_change.price_before_minor, price_change.price_after_minor, price_change.catalog_version,
                price_change.changed_at, app_user.username, app_user.first_name, app_user.last_name
         FROM price_change
         JOIN app_user ON app_user.id = price_change.changed_by
         WHERE price_change.shop_id = $1 AND price_change.product_id = $2
         ORDER BY price_change.catalog_version DESC
         LIMIT $3";
    SWITCHES = "catalog.price_switches",
        "SELECT price_switch.includes_tax_after, price_switch.catalog_version, price_switch.switched_at,
                app_user.username, app_user.first_name, app_user.last_name
         FROM price_switch
         JOIN app_user ON app_user.id = price_switch.switched_by
         WHERE price_switch.shop_id = $1
           AND price_switch.catalog_version >= (SELECT MIN(catalog_version)
                                                FROM price_change
                                                WHERE shop_id = $1 AND product_id = $2)
         ORDER BY price_switch.catalog_version DESC
         LIMIT $3";
}

/// Something that happened to the price.
struct Happened {
    version: i64,
    at: i64,
    person: String,
    what: What,
}

enum What {
    /// It was set.
    Set { before_minor: Option<i64>, after_minor: i64 },
    /// All prices of the shop began to mean something else.
    Switched { includes_tax: bool },
}

/// `GET /productos/{id}/precios/`.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let product = record::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let prices = load(&mut read, id).await?;
    drop(read);
    let t = Texts(page.lang);
    let tabs = tabs(t, id, Tab::Prices);
    page.show(&PriceHistory { page: &page, t, name: product.fields.name, tabs, prices })
}

async fn load(read: &mut ShopRead, id: ProductId) -> Result<Vec<Happened>, DbError> {
    let mut happened = Vec::new();
    for mut row in read.rows(&PRICES, params![id.0, PRICES_MAX]).await? {
        let what = What::Set { before_minor: row.take()?, after_minor: row.take()? };
        happened.push(entry(row, what)?);
    }
    for mut row in read.rows(&SWITCHES, params![id.0, PRICES_MAX]).await? {
        let what = What::Switched { includes_tax: row.take()? };
        happened.push(entry(row, what)?);
    }
    // A price that a switch set stands above the switch: newest first, cause below.
    happened.sort_by_key(|entry| (-entry.version, matches!(entry.what, What::Switched { .. })));
    Ok(happened)
}

fn entry(mut row: Row, what: What) -> Result<Happened, DbError> {
    Ok(Happened { version: row.take()?, at: row.take()?, person: record::person_name(&mut row)?, what })
}

#[derive(Template)]
#[template(path = "catalog/prices.html")]
struct PriceHistory<'a> {
    page: &'a PageContext,
    t: Texts,
    name: String,
    tabs: Vec<Link>,
    prices: Vec<Happened>,
}
