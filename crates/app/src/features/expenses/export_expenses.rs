//! `GET /gastos/exportar/`: the filtered expenses as a file for spreadsheets, written
//! while it is read.

use crate::{
    actor::Actor,
    features::expenses::{
        find::{self, Filter, Found},
        list_expenses::read_filter,
    },
    kernel::{App, ShopPage},
    texts::expenses::Texts,
};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use db::DbError;
use futures_util::{StreamExt, stream};
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
///
/// # Errors
/// A filter that says nothing.
pub async fn download(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let filter = read_filter(&Query::parse(query.as_deref())?)?;
    let (t, sheet) = (Texts(page.lang), Sheet::new(page.format.clone()));
    let names = [
        t.field_date(),
        t.field_concept(),
        t.field_category(),
        t.field_method(),
        t.field_drawer(),
        t.field_amount(),
        t.list_state(),
    ];
    let head = sheet.head(names);
    let begun = Progress { app, actor: page.actor, filter, at: Some(At::Offset(0)), sheet };
    let whole = stream::iter([Ok::<_, DbError>(head)]).chain(stream::try_unfold(begun, next_chunk));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"gastos.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}

async fn next_chunk(mut progress: Progress) -> Result<Option<(String, Progress)>, DbError> {
    let Some(at) = progress.at.take() else { return Ok(None) };
    let mut read = progress.app.db.shop(&progress.actor).await?;
    let rows = find::find(&mut read, &progress.filter, &at, CHUNK).await?;
    drop(read);
    let is_last = rows.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
    progress.at = rows.last().filter(|_| !is_last).map(|row| At::After(row.keys()));
    let text: String = rows.iter().map(|found| line(&progress, found)).collect();
    Ok(Some((text, progress)))
}

fn line(progress: &Progress, found: &Found) -> String {
    let (sheet, t) = (&progress.sheet, Texts(progress.sheet.format.lang));
    sheet.line([
        sheet.format.date_field(found.business_date),
        found.concept.clone(),
        found.category.clone().unwrap_or_default(),
        found.method.clone(),
        found.drawer.clone().unwrap_or_default(),
        sheet.amount(found.amount_minor),
        if progress.filter.voided { t.state_void() } else { t.state_valid() }.to_owned(),
    ])
}
