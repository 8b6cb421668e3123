//! `GET /gastos/`: what was spent, the newest day first; every filter in the address.

use crate::{
    features::expenses::{
        find::{self, Filter, Found},
        form,
    },
    kernel::{App, ShopPage},
    texts::expenses::Texts,
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
/// A filter that says nothing, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let filter = read_filter(&query)?;
    let request = PageRequest::read(&query, Order { column: "fecha", descending: true })?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let found = find::find(&mut read, &filter, &request.at, request.limit()).await?;
    let (count, sum_minor) = find::count(&mut read, &filter).await?;
    let methods = form::methods(&mut read).await?;
    let categories = form::categories(&mut read).await?;
    drop(read);
    let (rows, pages) = Pages::of(&request, found, count, &query, Found::keys);
    let t = Texts(page.lang);
    page.show(&ExpenseList {
        page: &page,
        t,
        total: total(count, sum_minor, t, &page),
        draft: Draft::holding(
            ["q", "desde", "hasta", "categoria", "forma_pago"].map(|name| (name, query.get(name).unwrap_or_default())),
        ),
        rows,
        pages,
        states: states(&query, filter.voided, t),
        methods: methods.into_iter().map(|method| Choice::new(method.id.to_string(), method.name)).collect(),
        categories,
        is_filtered: filter != Filter::default(),
        export_href: format!("/gastos/exportar/{}", query.with("page", "").href()),
        query: &query,
    })
}

/// `12 gastos, $ 1.230.000`; without the sum where there are too many to add up.
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
/// [`AppError::BadRequest`] for a date or id that is none: a filter that is ignored
/// would show a sum of something else.
pub fn read_filter(query: &Query) -> Result<Filter, AppError> {
    let bad = |name: &str, text: &str| AppError::BadRequest { why: format!("{name}: {text}") };
    let date = |name: &str| {
        let read = |text: &str| BusinessDate::parse(text).map(BusinessDate::as_i64).map_err(|_| bad(name, text));
        query.get(name).map(read).transpose()
    };
    let id = |name: &str| query.get(name).map(|text| text.parse().map_err(|_| bad(name, text))).transpose();
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
        category: id("categoria")?,
        method: id("forma_pago")?,
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
#[template(path = "expenses/list.html")]
struct ExpenseList<'a> {
    page: &'a PageContext,
    t: Texts,
    query: &'a Query,
    export_href: String,
    total: String,
    draft: Draft,
    rows: Vec<Found>,
    pages: Pages,
    states: Vec<Link>,
    methods: Vec<Choice>,
    categories: Vec<Choice>,
    is_filtered: bool,
}
