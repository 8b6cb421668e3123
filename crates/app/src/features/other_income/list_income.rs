//! `GET /ingresos/`: what was earned besides goods, the newest day first; every filter
//! in the address.

use crate::{
    features::other_income::{
        Kind,
        find::{self, Filter, Found},
    },
    kernel::{App, ShopPage},
    texts::other_income::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::business_date::BusinessDate;
use web::{
    AppError, Choice, Draft, PageContext,
    page::Link,
    pagination::{Count, Order, PageRequest, Pages},
    query::Query,
};

/// Longest search, in characters; more finds nothing.
const SEARCH_CHARS_MAX: usize = 100;

/// Shows a page of the list.
///
/// # Errors
/// A filter that says nothing, a sale that this shop does not have, or a database that
/// fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let filter = read_filter(&query)?;
    let request = PageRequest::read(&query, Order { column: "fecha", descending: true })?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let found = find::find(&mut read, &filter, &request.at, request.limit()).await?;
    let (count, sum_minor) = find::count(&mut read, &filter).await?;
    let sale = match filter.sale {
        Some(id) => Some(find::sale_label(&mut read, id).await?.ok_or(AppError::NotFound)?),
        None => None,
    };
    drop(read);
    let (rows, pages) = Pages::of(&request, found, count, &query, Found::keys);
    let t = Texts(page.lang);
    page.show(&IncomeList {
        page: &page,
        t,
        total: total(count, sum_minor, t, &page),
        draft: Draft::holding(["q", "desde", "hasta", "tipo"].map(|name| (name, query.get(name).unwrap_or_default()))),
        rows,
        pages,
        states: states(&query, filter.voided, t),
        kinds: Kind::ALL.iter().map(|(word, kind)| Choice::new(*word, kind.label(t))).collect(),
        sale,
        is_filtered: filter != Filter::default(),
        export_href: format!("/ingresos/exportar/{}", query.with("page", "").href()),
        query: &query,
    })
}

/// `3 ingresos, $ 15.000`; without the sum where there are too many to add up.
fn total(count: Count, sum_minor: Option<i64>, t: Texts, page: &PageContext) -> String {
    let many = match count {
        Count::Exactly(many) => t.count(many, page.format.count(many)),
        Count::AtLeast(many) => t.count_more(page.format.count(many)),
        Count::Unknown => String::new(),
    };
    match sum_minor {
        Some(sum_minor) if count != Count::Exactly(0) => t.count_and_sum(many, page.format.money(sum_minor)),
        _ => many,
    }
}

/// Reads the filters of an address.
///
/// # Errors
/// [`AppError::BadRequest`] for a date, kind or id that is none: a filter that is
/// ignored would show a sum of something else.
pub fn read_filter(query: &Query) -> Result<Filter, AppError> {
    let bad = |name: &str, text: &str| AppError::BadRequest { why: format!("{name}: {text}") };
    let date = |name: &str| {
        let read = |text: &str| BusinessDate::parse(text).map(BusinessDate::as_i64).map_err(|_| bad(name, text));
        query.get(name).map(read).transpose()
    };
    let kind = |text: &str| {
        let found = Kind::ALL.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
        found.ok_or_else(|| bad("tipo", text))
    };
    let voided = match query.get("estado") {
        None => false,
        Some("anulados") => true,
        Some(other) => return Err(bad("estado", other)),
    };
    let typed = query.get("q").unwrap_or_default().chars();
    Ok(Filter {
        typed: typed.filter(|letter| !letter.is_control()).take(SEARCH_CHARS_MAX).collect(),
        from: date("desde")?,
        to: date("hasta")?,
        kind: query.get("tipo").map(kind).transpose()?,
        sale: query.get("venta").map(|text| text.parse().map_err(|_| bad("venta", text))).transpose()?,
        voided,
    })
}

fn states(query: &Query, voided: bool, t: Texts) -> Vec<Link> {
    let state = |value: &str, label: &str, current: bool| Link {
        href: query.with("estado", value).href(),
        label: label.to_owned(),
        current,
        count: String::new(),
    };
    vec![state("", t.list_valid(), !voided), state("anulados", t.list_voided(), voided)]
}

#[derive(Template)]
#[template(path = "other_income/list.html")]
struct IncomeList<'a> {
    page: &'a PageContext,
    t: Texts,
    query: &'a Query,
    export_href: String,
    total: String,
    draft: Draft,
    rows: Vec<Found>,
    pages: Pages,
    states: Vec<Link>,
    kinds: Vec<Choice>,
    /// The number of the sale whose income this is.
    sale: Option<String>,
    is_filtered: bool,
}
