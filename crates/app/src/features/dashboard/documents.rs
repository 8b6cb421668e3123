//! `GET /dashboard/filas/ventas/`: the sales and refunds that make up what was sold.
//!
//! **Invariant:** over all pages, the totals add up to [`Sums::sold_minor`] of the
//! period, base and tax as well.

use super::{
    cursor::{self, Cursor, ROWS},
    figures::{self, Sums},
    period::Period,
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
use uuid::Uuid;
use web::{AppError, PageContext, query::Query};

db::statements! {
    DOCUMENTS = "dashboard.documents",
        "SELECT is_refund, id, prefix, number, business_date, hour, at, base_minor, tax_minor, total_minor, sale_id
         FROM (SELECT FALSE AS is_refund, id, prefix, number, business_date, hour, sold_at AS at, base_minor,
                      tax_minor, total_minor, id AS sale_id
               FROM sale
               WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
                 AND (business_date < $3 OR hour < $4 OR (hour = $4 AND id < $5))
               ORDER BY business_date DESC, hour DESC, id DESC
               LIMIT $6) AS sold
         UNION ALL
         SELECT is_refund, id, prefix, number, business_date, hour, at, base_minor, tax_minor, total_minor, sale_id
         FROM (SELECT TRUE AS is_refund, id, prefix, number, business_date, hour, refunded_at AS at,
                      -base_minor AS base_minor, -tax_minor AS tax_minor, -total_minor AS total_minor, sale_id
               FROM refund
               WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
                 AND (business_date < $3 OR hour < $4 OR (hour = $4 AND id < $5))
               ORDER BY business_date DESC, hour DESC, id DESC
               LIMIT $6) AS returned
         ORDER BY 5 DESC, 6 DESC, 2 DESC
         LIMIT $6";
}

/// A sale, or a refund with its amounts below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whether money went back.
    pub is_refund: bool,
    /// Which.
    pub id: Uuid,
    /// Series and number.
    pub number: String,
    /// The day and hour it counts for.
    pub place: Cursor,
    /// When, µs UTC.
    pub at: i64,
    /// Without tax.
    pub base_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// Charged, or paid back below zero.
    pub total_minor: i64,
    /// The sale; a refund from another program has none.
    pub sale: Option<Uuid>,
}

/// A page of documents behind a place, one more than is shown.
///
/// # Errors
/// Whatever the database says.
pub async fn page_of(read: &mut ShopRead, first: i64, after: Cursor) -> Result<Vec<Document>, DbError> {
    let asked = params![first, after.date, after.hour, after.id, ROWS + 1];
    let document = |mut row: Row| {
        let (is_refund, id) = (row.take()?, row.take()?);
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        Ok(Document {
            is_refund,
            id,
            number: format!("{prefix}{number}"),
            place: Cursor { date: row.take()?, hour: row.take()?, id, position: 0 },
            at: row.take()?,
            base_minor: row.take()?,
            tax_minor: row.take()?,
            total_minor: row.take()?,
            sale: row.take()?,
        })
    };
    read.rows(&DOCUMENTS, asked).await?.into_iter().map(document).collect()
}

#[derive(Template)]
#[template(path = "dashboard/documents.html")]
struct DocumentsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    back: String,
    heading: String,
    sums: Sums,
    rows: Vec<Document>,
    start: Option<String>,
    next: Option<String>,
}

/// Shows the page.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let period = Period::read(&query, profile.moment(app.now_us()).date)?;
    let after = Cursor::read(&query, period.last.as_i64())?;
    let sums = figures::sums(&mut read, period.first, period.last).await?;
    let rows = page_of(&mut read, period.first.as_i64(), after).await?;
    drop(read);
    let (rows, next) = cursor::cut(rows, &query, |row: &Document| row.place.text());
    let t = Texts(page.lang);
    page.show(&DocumentsPage {
        page: &page,
        t,
        back: format!("/dashboard/?{}", period.query()),
        heading: t.rows_sum_of(view::heading(&period, t, &page.format)),
        sums,
        rows,
        start: query.get("despues").map(|_| query.with("despues", "").href()),
        next,
    })
}
