//! One product by its code, as fast as a scanner asks.
//!
//! The address and the answer are the Django application's. What goods cost is not
//! part of it.

use crate::kernel::{App, Body, ShopPage};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::{DbError, ShopRead, params};
use domain::{decimal, rounding::divide_half_away};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{AppError, Problem, json, query::Query};

db::statements! {
    LOOK_UP = "catalog.look_up",
        "SELECT product.id, product.name, barcode.pack_milli, product.price_minor, barcode.price_minor,
                shop.prices_include_tax, shop.exponent,
                (SELECT CAST(COALESCE(SUM(rate_ppm), 0) AS BIGINT)
                 FROM tax_rate
                 WHERE shop_id = $1 AND tax_set_id = product.tax_set_id AND shop.recovers_purchase_tax),
                (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                 FROM stock_item
                 WHERE shop_id = $1 AND product_id = product.id)
         FROM barcode
         JOIN product ON product.shop_id = $1 AND product.id = barcode.product_id
         JOIN shop ON shop.id = $1
         WHERE barcode.shop_id = $1 AND barcode.code = $2 AND product.active";
}

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    codigo_barras: String,
}

/// What is answered: amounts and quantities are decimal strings.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Answer {
    id: String,
    nombre: String,
    /// The price of the package that has the code, as the shop writes prices.
    precio: String,
    /// The same with its taxes.
    precio_final: String,
    /// Units on hand.
    stock: String,
    /// Units in the package.
    contenido: String,
}

/// `GET /ventas/api/buscar-producto/?codigo_barras=…`.
///
/// # Errors
/// No such code, a broken address, a database that fails.
pub async fn by_query(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    answer(&app, &page, query.get("codigo_barras").unwrap_or_default()).await
}

/// `POST /ventas/api/buscar-producto/` with `{"codigo_barras":…}`.
///
/// # Errors
/// No such code, a body that is not such JSON, a database that fails.
pub async fn by_body(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let asked: Asked = json::parse(&body)?;
    answer(&app, &page, &asked.codigo_barras).await
}

async fn answer(app: &App, page: &ShopPage, code: &str) -> Result<Response, AppError> {
    let code = code.trim();
    if code.is_empty() {
        return Err(AppError::Validation(vec![("codigo_barras".to_owned(), Problem::Required)]));
    }
    // No code has more characters, and none has a zero byte, which PostgreSQL refuses.
    if code.chars().count() > super::product_form::CODE_CHARS_MAX || code.contains('\0') {
        return Err(AppError::NotFound);
    }
    let mut read = app.db.shop(&page.actor).await?;
    let found = look_up(&mut read, code).await?.ok_or(AppError::NotFound)?;
    json::data(&found)
}

async fn look_up(read: &mut ShopRead, code: &str) -> Result<Option<Answer>, DbError> {
    let Some(mut row) = read.opt(&LOOK_UP, params![code]).await? else { return Ok(None) };
    let (id, name): (Uuid, String) = (row.take()?, row.take()?);
    let (pack_milli, unit_price): (i64, i64) = (row.take()?, row.take()?);
    let pack_price: Option<i64> = row.take()?;
    let (included, exponent): (bool, i64) = (row.take()?, row.take()?);
    let (rate_ppm, on_hand_milli): (i64, i64) = (row.take()?, row.take()?);
    let price = pack_price.map_or_else(|| of_pack(unit_price, pack_milli), i128::from);
    let last = if included { price } else { divide_half_away(price * i128::from(1_000_000 + rate_ppm), 1_000_000) };
    let exponent = u32::try_from(exponent).expect("the column's CHECK keeps it between 0 and 4");
    let amount = |minor: i128| decimal::format(i64::try_from(minor).unwrap_or(i64::MAX), exponent);
    Ok(Some(Answer {
        id: id.to_string(),
        nombre: name,
        precio: amount(price),
        precio_final: amount(last),
        stock: decimal::format_shortest(on_hand_milli, 3),
        contenido: decimal::format_shortest(pack_milli, 3),
    }))
}

/// A package without its own price costs what its units cost.
fn of_pack(unit_price_minor: i64, pack_milli: i64) -> i128 {
    divide_half_away(i128::from(unit_price_minor) * i128::from(pack_milli), 1_000)
}
