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
use web::{AppError, Format, pagination::At, query::Query};

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
    let head = sheet.head(Texts(page.lang));
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
    let text: String = rows.iter().map(|row| progress.sheet.row(row)).collect();
    Ok(Some((text, progress)))
}

/// How a shop's spreadsheet reads a file: with `;` between cells where `,` is the
/// decimal mark.
struct Sheet {
    format: Format,
    separator: char,
}

impl Sheet {
    fn new(format: Format) -> Sheet {
        let separator = if format.numbers.decimal == ',' { ';' } else { ',' };
        Sheet { format, separator }
    }

    /// The names of the columns, behind the mark by which spreadsheets know UTF-8.
    fn head(&self, t: Texts) -> String {
        let names = [
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
        ];
        format!("\u{feff}{}", self.line(names.map(str::to_owned)))
    }

    fn row(&self, found: &Found) -> String {
        let t = Texts(self.format.lang);
        let state = match found {
            Found { is_void: true, .. } => t.state_void(),
            found if found.is_returned() => t.state_returned(),
            Found { is_refunded: true, .. } => t.state_partly(),
            _ => t.state_whole(),
        };
        self.line([
            found.label.clone(),
            self.format.exact(found.place.sold_at),
            self.format.date_field(found.place.business_date),
            found.seller.clone(),
            found.customer.clone(),
            found.method.clone(),
            self.amount(found.base_minor),
            self.amount(found.tax_minor),
            self.amount(found.total_minor),
            self.amount(found.refunded_minor),
            state.to_owned(),
        ])
    }

    /// An amount with all its decimals and no other mark than the shop's decimal one.
    fn amount(&self, minor: i64) -> String {
        let plain = domain::decimal::format(minor, self.format.currency.decimals);
        plain.replace('.', &self.format.numbers.decimal.to_string())
    }

    fn line<const N: usize>(&self, cells: [String; N]) -> String {
        let cells = cells.map(|cell| quoted(&defused(&cell), self.separator));
        let mut line = cells.join(&self.separator.to_string());
        line.push_str("\r\n");
        line
    }
}

/// A text that a spreadsheet would calculate begins with an apostrophe, which it
/// reads as "this is text" (OWASP, CSV injection).
fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

/// Quoted where it must be (RFC 4180).
fn quoted(cell: &str, separator: char) -> String {
    if cell.contains(['"', separator, '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text_and_a_number_stays_a_number() {
        for (typed, written) in [
            ("=1+1", "'=1+1"),
            ("+57 310", "'+57 310"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("-1650,00", "-1650,00"),
            ("Doña Gloria", "Doña Gloria"),
            ("", ""),
        ] {
            assert_eq!(defused(typed), written);
        }
    }

    #[test]
    fn quotes_and_separators_stay_inside_their_cell() {
        for (cell, written) in
            [("a;b", "\"a;b\""), ("di \"hola\"", "\"di \"\"hola\"\"\""), ("uno\ndos", "\"uno\ndos\"")]
        {
            assert_eq!(quoted(cell, ';'), written);
        }
    }
}
