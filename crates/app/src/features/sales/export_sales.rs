//! `GET /ventas/exportar/`: the filtered sales as a file for spreadsheets.
//!
//! Written while it is read, a few hundred sales at a time, so that neither a
//! connection nor memory is held by a long history. **Invariant:** no cell that a
//! person typed can be taken for a formula.

use crate::{
    actor::Actor,
    features::sales::{
        find_sales::{self, Filter, Found, Place},
        list_sales::read_filter,
    },
    kernel::{App, ShopPage},
    texts::sales::Texts,
};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use db::DbError;
use futures_util::stream;
use http::header;
use web::{AppError, Sheet, pagination::At, query::Query};

const CHUNK: i64 = 500;

/// Where a file being written has come.
struct Progress {
    app: App,
    actor: Actor,
    filter: Filter,
    at: Option<At>,
    sheet: Sheet,
}

/// Sends the file.
pub async fn download(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let filter = read_filter(&Query::parse(query.as_deref())?)?.within(&page.actor);
    let sheet = Sheet::new(page.format.clone());
    let head = head(&sheet, Texts(page.lang));
    let begun = Progress { app, actor: page.actor, filter, at: Some(At::Offset(0)), sheet };
    let rows = stream::try_unfold(begun, next_chunk);
    let whole = futures_util::StreamExt::chain(stream::iter([Ok::<_, DbError>(head)]), rows);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"ventas.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}

async fn next_chunk(mut progress: Progress) -> Result<Option<(String, Progress)>, DbError> {
    let Some(at) = progress.at.take() else { return Ok(None) };
    let mut read = progress.app.db.shop(&progress.actor).await?;
    let places = find_sales::find(&mut read, &progress.filter, &at, CHUNK).await?;
    let rows = find_sales::load_rows(&mut read, &places).await?;
    drop(read);
    let is_last = progress.filter.number.is_some() || places.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
    progress.at = places.last().filter(|_| !is_last).map(|place: &Place| At::After(place.keys()));
    let text: String = rows.iter().map(|found| row(&progress.sheet, found)).collect();
    Ok(Some((text, progress)))
}

/// The names of the columns.
fn head(sheet: &Sheet, t: Texts) -> String {
    sheet.head([
        t.list_sale(),
        t.list_when(),
        t.show_day(),
        t.list_seller(),
        t.list_customer(),
        t.list_method(),
        t.show_base(),
        t.show_tax(),
        t.list_total(),
        t.export_refunded(),
        t.list_state(),
    ])
}

fn row(sheet: &Sheet, found: &Found) -> String {
    let t = Texts(sheet.format.lang);
    let state = match found {
        Found { is_void: true, .. } => t.state_void(),
        found if found.is_returned() => t.state_returned(),
        Found { is_refunded: true, .. } => t.state_partly(),
        _ => t.state_whole(),
    };
    sheet.line([
        found.label.clone(),
        sheet.format.exact(found.place.sold_at),
        sheet.format.date_field(found.place.business_date),
        found.seller.clone(),
        found.customer.clone(),
        found.method.clone(),
        sheet.amount(found.base_minor),
        sheet.amount(found.tax_minor),
        sheet.amount(found.total_minor),
        sheet.amount(found.refunded_minor),
        state.to_owned(),
    ])
}
