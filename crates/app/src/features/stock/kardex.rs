//! The kardex of a product: what came, what went, and what was left each time.

use crate::{
    features::{
        catalog::{
            product_id,
            product_page::{Tab, tabs},
            record,
        },
        settings::registers::{self, RegisterKind},
    },
    kernel::{App, ShopPage},
    texts::{catalog, stock::Texts},
};
use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use db::{DbError, Row, ShopRead, Statement, params};
use domain::ids::{LocationId, ProductId};
use uuid::Uuid;
use web::{
    AppError, Format, PageContext,
    page::Link,
    pagination::{At, Count, Key, Order, PageRequest, Pages},
    query::Query,
};

db::statements! {
    NEWEST_FIRST = "stock.kardex",
        "SELECT stock_movement.number, stock_movement.kind, stock_movement.quantity_milli, stock_movement.value_minor,
                stock_movement.on_hand_after_milli, stock_movement.document_kind, stock_movement.document_id,
                stock_movement.reason, stock_movement.recorded_at, app_user.username, app_user.first_name,
                app_user.last_name
         FROM stock_movement
         JOIN app_user ON app_user.id = stock_movement.person_id
         WHERE stock_movement.shop_id = $1 AND stock_movement.location_id = $2 AND stock_movement.product_id = $3
           AND stock_movement.number < $4
         ORDER BY stock_movement.number DESC
         LIMIT $5 OFFSET $6";
    OLDEST_FIRST = "stock.kardex_reversed",
        "SELECT stock_movement.number, stock_movement.kind, stock_movement.quantity_milli, stock_movement.value_minor,
                stock_movement.on_hand_after_milli, stock_movement.document_kind, stock_movement.document_id,
                stock_movement.reason, stock_movement.recorded_at, app_user.username, app_user.first_name,
                app_user.last_name
         FROM stock_movement
         JOIN app_user ON app_user.id = stock_movement.person_id
         WHERE stock_movement.shop_id = $1 AND stock_movement.location_id = $2 AND stock_movement.product_id = $3
           AND stock_movement.number > $4
         ORDER BY stock_movement.number
         LIMIT $5 OFFSET $6";
    LAST_NUMBER = "stock.last_number",
        "SELECT last_number
         FROM stock_item
         WHERE shop_id = $1 AND location_id = $2 AND product_id = $3";
}

/// A line of the kardex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its number within the stock item.
    pub number: i64,
    kind: String,
    quantity_milli: i64,
    value_minor: i64,
    on_hand_after_milli: i64,
    document_kind: String,
    document_id: Uuid,
    reason: String,
    /// When it was written down, in microseconds UTC.
    pub recorded_at: i64,
    person: String,
}

impl Movement {
    fn read(mut row: Row) -> Result<Movement, DbError> {
        Ok(Movement {
            number: row.take()?,
            kind: row.take()?,
            quantity_milli: row.take()?,
            value_minor: row.take()?,
            on_hand_after_milli: row.take()?,
            document_kind: row.take()?,
            document_id: row.take()?,
            reason: row.take()?,
            recorded_at: row.take()?,
            person: record::person_name(&mut row)?,
        })
    }

    /// What happened, in a word.
    pub fn words(&self, t: Texts) -> &'static str {
        match self.kind.as_str() {
            "sale" => t.kind_sale(),
            "refund" => t.kind_refund(),
            "purchase" => t.kind_purchase(),
            "count" => t.kind_count(),
            "import" => t.kind_import(),
            "transfer" => t.kind_transfer(),
            "cost_variance" => t.kind_cost_variance(),
            "cost_adjustment" => t.kind_cost_adjustment(),
            _ => t.kind_adjustment(),
        }
    }

    /// What came or went, with its sign.
    pub fn change(&self, format: &Format) -> String {
        with_sign(self.quantity_milli, format.quantity(self.quantity_milli))
    }

    fn href(&self) -> Option<String> {
        (self.document_kind == "sale").then(|| format!("/ventas/{}/", self.document_id))
    }
}

/// What comes in says so, as what goes out does.
fn with_sign(value: i64, shown: String) -> String {
    if value > 0 { format!("+\u{a0}{shown}") } else { shown }
}

/// The location whose stock the office sees; shops begin with one.
///
/// # Errors
/// Whatever the database says.
pub async fn office_location(read: &mut ShopRead) -> Result<Option<LocationId>, DbError> {
    let Some(register) = registers::first_of_kind(read, RegisterKind::Office).await? else { return Ok(None) };
    Ok(registers::load_place(read, register).await?.map(|place| place.location))
}

/// The newest movements of a product.
///
/// # Errors
/// Whatever the database says.
pub async fn newest(read: &mut ShopRead, product: ProductId, limit: i64) -> Result<Vec<Movement>, DbError> {
    let Some(location) = office_location(read).await? else { return Ok(Vec::new()) };
    let rows = read.rows(&NEWEST_FIRST, params![location.0, product.0, i64::MAX, limit, 0_i64]).await?;
    rows.into_iter().map(Movement::read).collect()
}

/// `GET /productos/{id}/kardex/`.
///
/// # Errors
/// No such product in this shop, a broken address, or a database that fails.
pub async fn show(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let query = Query::parse(query.as_deref())?;
    let request = PageRequest::read(&query, Order { column: "numero", descending: true })?;
    let mut read = app.db.shop(&page.actor).await?;
    let product = record::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let (movements, count) = match office_location(&mut read).await? {
        Some(location) => (load(&mut read, location, id, &request).await?, last_number(&mut read, location, id).await?),
        None => (Vec::new(), 0),
    };
    drop(read);
    let (movements, pages) =
        Pages::of(&request, movements, Count::Exactly(count), &query, |movement| vec![Key::Int(movement.number)]);
    let t = Texts(page.lang);
    page.show(&Kardex {
        page: &page,
        t,
        products: catalog::Texts(page.lang).products(),
        parts: catalog::Texts(page.lang).parts(),
        tracks_stock: product.fields.tracks_stock,
        tabs: tabs(catalog::Texts(page.lang), id, Tab::Kardex),
        adjust_href: format!("/productos/{id}/ajuste/"),
        name: product.fields.name,
        rows: movements.iter().map(|movement| row(&page, t, movement)).collect(),
        pages,
    })
}

async fn load(
    read: &mut ShopRead,
    location: LocationId,
    product: ProductId,
    request: &PageRequest,
) -> Result<Vec<Movement>, DbError> {
    let (statement, number, offset): (&'static Statement, i64, i64) = match &request.at {
        At::Offset(offset) => (&NEWEST_FIRST, i64::MAX, *offset),
        At::After(keys) => (&NEWEST_FIRST, number_of(keys, i64::MAX), 0),
        At::Before(keys) => (&OLDEST_FIRST, number_of(keys, 0), 0),
    };
    let rows = read.rows(statement, params![location.0, product.0, number, request.limit(), offset]).await?;
    rows.into_iter().map(Movement::read).collect()
}

/// A forged cursor of another shape starts at the edge.
fn number_of(keys: &[Key], edge: i64) -> i64 {
    match keys {
        [Key::Int(number)] => *number,
        _ => edge,
    }
}

/// Numbers have no gaps, so the last one is also how many there are.
async fn last_number(read: &mut ShopRead, location: LocationId, product: ProductId) -> Result<i64, DbError> {
    let row = read.opt(&LAST_NUMBER, params![location.0, product.0]).await?;
    row.map_or(Ok(0), |mut row| row.take())
}

struct RowView {
    at: i64,
    words: &'static str,
    href: Option<String>,
    reason: String,
    person: String,
    change: String,
    left: String,
    value: String,
}

fn row(page: &PageContext, t: Texts, movement: &Movement) -> RowView {
    RowView {
        at: movement.recorded_at,
        words: movement.words(t),
        href: movement.href(),
        reason: movement.reason.clone(),
        person: movement.person.clone(),
        change: movement.change(&page.format),
        left: page.format.quantity(movement.on_hand_after_milli),
        value: with_sign(movement.value_minor, page.format.amount(movement.value_minor)),
    }
}

#[derive(Template)]
#[template(path = "stock/kardex.html")]
struct Kardex<'a> {
    page: &'a PageContext,
    t: Texts,
    products: &'static str,
    parts: &'static str,
    tracks_stock: bool,
    tabs: Vec<Link>,
    adjust_href: String,
    name: String,
    rows: Vec<RowView>,
    pages: Pages,
}
