//! `GET /dashboard/filas/lineas/`: the lines of one product, or those whose cost is
//! unknown.
//!
//! **Invariant:** over all pages, a product's lines add up to what its totals say of
//! the period; the lines without a cost add up to the sales that profit leaves out, and
//! those that were sold are as many as the page says.

use super::{
    cursor::{self, Cursor, ROWS},
    figures::{self, Sums},
    period::Period,
    products::{self, ProductSum},
    view,
};
use crate::{
    features::settings::shop,
    kernel::{App, ShopPage},
    texts::dashboard::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::{DbError, Row, ShopRead, params};
use domain::rounding;
use uuid::Uuid;
use web::{AppError, PageContext, query::Query};

db::statements! {
    OF_PRODUCT = "dashboard.lines_of_product",
        "SELECT is_refund, document_id, prefix, number, business_date, hour, position, at, name, quantity_milli,
                pack_milli, base_minor, total_minor, cost_minor, sale_id
         FROM (SELECT FALSE AS is_refund, sale.id AS document_id, sale.prefix, sale.number, sale.business_date,
                      sale.hour, line.position, sale.sold_at AS at, line.name, line.quantity_milli, line.pack_milli,
                      line.base_minor, line.total_minor, line.cost_minor, sale.id AS sale_id
               FROM sale
               JOIN sale_line AS line ON line.shop_id = sale.shop_id AND line.sale_id = sale.id
               WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $2 AND $3 AND line.product_id = $8
                 AND (sale.business_date < $3 OR sale.hour < $4
                      OR (sale.hour = $4 AND (sale.id < $5 OR (sale.id = $5 AND line.position < $6))))
               ORDER BY sale.business_date DESC, sale.hour DESC, sale.id DESC, line.position DESC
               LIMIT $7) AS sold
         UNION ALL
         SELECT is_refund, document_id, prefix, number, business_date, hour, position, at, name, quantity_milli,
                pack_milli, base_minor, total_minor, cost_minor, sale_id
         FROM (SELECT TRUE AS is_refund, refund.id AS document_id, refund.prefix, refund.number,
                      refund.business_date, refund.hour, line.position, refund.refunded_at AS at, line.name,
                      -line.quantity_milli AS quantity_milli, line.pack_milli, -line.base_minor AS base_minor,
                      -line.total_minor AS total_minor, -line.cost_minor AS cost_minor, refund.sale_id
               FROM refund
               JOIN refund_line AS line ON line.shop_id = refund.shop_id AND line.refund_id = refund.id
               WHERE refund.shop_id = $1 AND refund.business_date BETWEEN $2 AND $3 AND line.product_id = $8
                 AND (refund.business_date < $3 OR refund.hour < $4
                      OR (refund.hour = $4 AND (refund.id < $5 OR (refund.id = $5 AND line.position < $6))))
               ORDER BY refund.business_date DESC, refund.hour DESC, refund.id DESC, line.position DESC
               LIMIT $7) AS returned
         ORDER BY 5 DESC, 6 DESC, 2 DESC, 7 DESC
         LIMIT $7";
    OF_UNKNOWN_COST = "dashboard.lines_of_unknown_cost",
        "SELECT is_refund, document_id, prefix, number, business_date, hour, position, at, name, quantity_milli,
                pack_milli, base_minor, total_minor, cost_minor, sale_id
         FROM (SELECT FALSE AS is_refund, sale.id AS document_id, sale.prefix, sale.number, sale.business_date,
                      sale.hour, line.position, sale.sold_at AS at, line.name, line.quantity_milli, line.pack_milli,
                      line.base_minor, line.total_minor, line.cost_minor, sale.id AS sale_id
               FROM sale
               JOIN sale_line AS line ON line.shop_id = sale.shop_id AND line.sale_id = sale.id
               WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $2 AND $3 AND sale.unknown_cost_lines > 0
                 AND line.cost_minor IS NULL
                 AND (sale.business_date < $3 OR sale.hour < $4
                      OR (sale.hour = $4 AND (sale.id < $5 OR (sale.id = $5 AND line.position < $6))))
               ORDER BY sale.business_date DESC, sale.hour DESC, sale.id DESC, line.position DESC
               LIMIT $7) AS sold
         UNION ALL
         SELECT is_refund, document_id, prefix, number, business_date, hour, position, at, name, quantity_milli,
                pack_milli, base_minor, total_minor, cost_minor, sale_id
         FROM (SELECT TRUE AS is_refund, refund.id AS document_id, refund.prefix, refund.number,
                      refund.business_date, refund.hour, line.position, refund.refunded_at AS at, line.name,
                      -line.quantity_milli AS quantity_milli, line.pack_milli, -line.base_minor AS base_minor,
                      -line.total_minor AS total_minor, line.cost_minor, refund.sale_id
               FROM refund
               JOIN refund_line AS line ON line.shop_id = refund.shop_id AND line.refund_id = refund.id
               WHERE refund.shop_id = $1 AND refund.business_date BETWEEN $2 AND $3 AND line.cost_minor IS NULL
                 AND (refund.business_date < $3 OR refund.hour < $4
                      OR (refund.hour = $4 AND (refund.id < $5 OR (refund.id = $5 AND line.position < $6))))
               ORDER BY refund.business_date DESC, refund.hour DESC, refund.id DESC, line.position DESC
               LIMIT $7) AS returned
         ORDER BY 5 DESC, 6 DESC, 2 DESC, 7 DESC
         LIMIT $7";
}

/// Which lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Of one product, what came back below zero.
    Product(Uuid),
    /// Sold without a known cost, and what of it came back.
    UnknownCost,
}

/// A line of a sale, or of a refund with its amounts below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRow {
    /// Whether it came back.
    pub is_refund: bool,
    /// Its document's series and number.
    pub number: String,
    /// Where it stands.
    pub place: Cursor,
    /// When, µs UTC.
    pub at: i64,
    /// The product's name at the time.
    pub name: String,
    /// Units, in thousandths.
    pub units_milli: i64,
    /// Without tax.
    pub base_minor: i64,
    /// Charged.
    pub total_minor: i64,
    /// What the goods cost, where that is known.
    pub cost_minor: Option<i64>,
    /// The sale; a refund from another program has none.
    pub sale: Option<Uuid>,
}

/// A page of lines behind a place, one more than is shown.
///
/// # Errors
/// Whatever the database says.
pub async fn page_of(read: &mut ShopRead, which: Which, first: i64, after: Cursor) -> Result<Vec<LineRow>, DbError> {
    let Cursor { date, hour, id, position } = after;
    let rows = match which {
        Which::Product(product) => {
            read.rows(&OF_PRODUCT, params![first, date, hour, id, position, ROWS + 1, product]).await?
        }
        Which::UnknownCost => read.rows(&OF_UNKNOWN_COST, params![first, date, hour, id, position, ROWS + 1]).await?,
    };
    let line = |mut row: Row| {
        let (is_refund, id) = (row.take()?, row.take()?);
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        let place = Cursor { date: row.take()?, hour: row.take()?, id, position: row.take()? };
        let (at, name) = (row.take()?, row.take()?);
        let (packs_milli, pack_milli): (i64, i64) = (row.take()?, row.take()?);
        let units = rounding::scale_half_away(packs_milli, pack_milli, 1_000);
        Ok(LineRow {
            is_refund,
            number: format!("{prefix}{number}"),
            place,
            at,
            name,
            units_milli: units.expect("a line was checked against this limit when it was sold"),
            base_minor: row.take()?,
            total_minor: row.take()?,
            cost_minor: row.take()?,
            sale: row.take()?,
        })
    };
    rows.into_iter().map(line).collect()
}

#[derive(Template)]
#[template(path = "dashboard/lines.html")]
struct LinesPage<'a> {
    page: &'a PageContext,
    t: Texts,
    title: String,
    back: String,
    heading: String,
    product: Option<ProductSum>,
    unknown: Sums,
    rows: Vec<LineRow>,
    start: Option<String>,
    next: Option<String>,
}

/// Shows the page; a product that the shop does not have, or did not sell in the
/// period, is not found.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let which = match query.get("producto") {
        Some(text) => Which::Product(text.parse().map_err(|_| AppError::NotFound)?),
        None if query.get("sin_costo").is_some() => Which::UnknownCost,
        None => return Err(AppError::BadRequest { why: "lines of what?".to_owned() }),
    };
    let mut read = app.db.snapshot(&page.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let period = Period::read(&query, profile.moment(app.now_us()).date)?;
    let after = Cursor::read(&query, period.last.as_i64())?;
    let product = match which {
        Which::Product(id) => Some(products::one(&mut read, &period.spans(), id).await?.ok_or(AppError::NotFound)?),
        Which::UnknownCost => None,
    };
    let sums = figures::sums(&mut read, period.first, period.last).await?;
    let rows = page_of(&mut read, which, period.first.as_i64(), after).await?;
    drop(read);
    let (rows, next) = cursor::cut(rows, &query, |row: &LineRow| row.place.text());
    let t = Texts(page.lang);
    page.show(&LinesPage {
        page: &page,
        t,
        title: product.as_ref().map_or_else(|| t.rows_unknown_title().to_owned(), |product| product.name.clone()),
        back: format!("/dashboard/?{}", period.query()),
        heading: t.rows_sum_of(view::heading(&period, t, &page.format)),
        product,
        unknown: sums,
        rows,
        start: query.get("despues").map(|_| query.with("despues", "").href()),
        next,
    })
}
