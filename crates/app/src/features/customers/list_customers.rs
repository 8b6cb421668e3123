//! The list of customers.

use crate::{
    features::customers::find::{self, Filter, ListedCustomer},
    kernel::{App, ShopPage},
    texts::customers::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::permission::Permission;
use web::{
    AppError, PageContext,
    page::Link,
    pagination::{Count, Order, PageRequest, Pages},
    query::Query,
};

/// Longest search, in characters; more finds nobody.
const SEARCH_CHARS_MAX: usize = 100;

/// `GET /clientes/`.
///
/// # Errors
/// A broken address, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let manages = page.actor.may(Permission::ManageCustomers);
    let request = PageRequest::read(&query, Order { column: "nombre", descending: false })?;
    let typed = query.get("q").unwrap_or_default().chars();
    let filter = Filter {
        typed: typed.filter(|letter| !letter.is_control()).take(SEARCH_CHARS_MAX).collect(),
        active: !(manages && query.get("estado") == Some("inactivos")),
    };
    let mut read = app.db.shop(&page.actor).await?;
    let found = find::find(&mut read, &filter, &request).await?;
    let count = find::count(&mut read, &filter).await?;
    drop(read);
    let (rows, pages) = Pages::of(&request, found, count, &query, ListedCustomer::keys);
    let t = Texts(page.lang);
    page.show(&CustomerList {
        page: &page,
        t,
        manages,
        is_filtered: !filter.is_open(),
        chips: chips(t, &query, &filter, manages),
        state: query.get("estado").unwrap_or_default().to_owned(),
        total: match count {
            Count::Exactly(rows) => t.count(rows),
            Count::AtLeast(rows) => t.count_more(page.format.count(rows)),
            Count::Unknown => String::new(),
        },
        typed: filter.typed,
        rows,
        pages,
    })
}

fn chips(t: Texts, query: &Query, filter: &Filter, manages: bool) -> Vec<Link> {
    if !manages {
        return Vec::new();
    }
    let chip = |state: &str, label: &str, current: bool| Link {
        href: query.with("estado", state).href(),
        label: label.to_owned(),
        current,
        count: String::new(),
    };
    vec![chip("", t.filter_active(), filter.active), chip("inactivos", t.filter_inactive(), !filter.active)]
}

#[derive(Template)]
#[template(path = "customers/list.html")]
struct CustomerList<'a> {
    page: &'a PageContext,
    t: Texts,
    manages: bool,
    is_filtered: bool,
    chips: Vec<Link>,
    state: String,
    total: String,
    typed: String,
    rows: Vec<ListedCustomer>,
    pages: Pages,
}
