//! The list of products: search, filters, orders, pages.

use crate::{
    features::{
        catalog::{
            costs,
            find::{self, Filter, StockFilter},
            photos::PhotoName,
            product_page::quantity_in,
            record::{self, ListedProduct},
        },
        settings::shop,
    },
    kernel::{App, ShopPage},
    texts::catalog::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::{DbError, ShopRead};
use domain::{
    ids::{CategoryId, ProductId},
    permission::Permission,
};
use web::{
    AppError, Choice, Draft, PageContext,
    page::Link,
    pagination::{Order, PageRequest, Pages, Sort},
    query::Query,
};

/// Longest search, in characters; more finds nothing.
const SEARCH_CHARS_MAX: usize = 100;

/// `GET /productos/`.
///
/// # Errors
/// A broken address, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let manages = page.actor.may(Permission::ManageProducts);
    let order = Order::read(&query, &find::ORDERS);
    let request = PageRequest::read(&query, order)?;
    let filter = filter_of(&query, manages);
    let mut read = app.db.shop(&page.actor).await?;
    let found = find::find(&mut read, &filter, order, &request).await?;
    let count = find::count(&mut read, &filter).await?;
    let (found, pages) = Pages::of(&request, found, count, &query, find::Found::keys);
    let ids: Vec<ProductId> = found.iter().map(|found| found.id).collect();
    let products = record::load_rows(&mut read, &ids).await?;
    let t = Texts(page.lang);
    let costs = if manages { load_costs(&mut read, &products).await? } else { Vec::new() };
    let categories = record::load_categories(&mut read).await?;
    drop(read);
    let rows = products.into_iter().enumerate().map(|(at, product)| row(&page, t, product, costs.get(at))).collect();
    page.show(&ProductList {
        page: &page,
        t,
        manages,
        is_filtered: !filter.is_open(),
        chips: chips(t, &query, &filter, manages),
        categories: categories.iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect(),
        draft: Draft::holding([
            ("q", filter.typed.clone()),
            ("categoria", filter.category.map(|id| id.to_string()).unwrap_or_default()),
        ]),
        kept: kept(&query),
        total: count_words(&page, t, &filter, &pages),
        by_name: order.head(&query, "nombre"),
        by_category: order.head(&query, "categoria"),
        by_stock: order.head(&query, "stock"),
        by_price: order.head(&query, "precio"),
        rows,
        pages,
    })
}

fn filter_of(query: &Query, manages: bool) -> Filter {
    let typed = query.get("q").unwrap_or_default().chars();
    let typed: String = typed.filter(|letter| !letter.is_control()).take(SEARCH_CHARS_MAX).collect();
    let state = query.get("estado").unwrap_or_default();
    Filter {
        typed,
        category: query.get("categoria").and_then(|id| id.parse::<CategoryId>().ok()),
        stock: match state {
            "bajo" => StockFilter::Low,
            "agotado" => StockFilter::Out,
            _ => StockFilter::Any,
        },
        active: !(manages && state == "inactivos"),
    }
}

/// Filters that the search form does not show but keeps.
fn kept(query: &Query) -> Vec<(String, String)> {
    let hidden = query.pairs().filter(|(name, _)| ["estado", "orden", "por_pagina"].contains(name));
    hidden.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn chips(t: Texts, query: &Query, filter: &Filter, manages: bool) -> Vec<Link> {
    let chip = |state: &str, label: &str, current: bool| Link {
        href: query.with("estado", state).href(),
        label: label.to_owned(),
        current,
        count: String::new(),
    };
    let mut chips = vec![
        chip("", t.filter_all(), filter.active && filter.stock == StockFilter::Any),
        chip("bajo", t.filter_low(), filter.stock == StockFilter::Low),
        chip("agotado", t.filter_out(), filter.stock == StockFilter::Out),
    ];
    if manages {
        chips.push(chip("inactivos", t.filter_inactive(), !filter.active));
    }
    chips
}

fn count_words(page: &PageContext, t: Texts, filter: &Filter, pages: &Pages) -> String {
    use web::pagination::Count;
    match pages.count {
        Count::Exactly(rows) if filter.is_open() => t.count_active(rows),
        Count::Exactly(rows) => t.count_found(rows),
        Count::AtLeast(rows) => t.count_found_more(page.format.count(rows)),
        Count::Unknown => String::new(),
    }
}

/// What each product costs, and its price without tax.
async fn load_costs(read: &mut ShopRead, products: &[ListedProduct]) -> Result<Vec<Option<(i64, i64)>>, DbError> {
    let included = shop::load_profile(read).await?.prices_include_tax;
    let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
    let costs = costs::unit_costs(read, &ids).await?;
    let with_net = products.iter().zip(costs).map(|(product, cost)| {
        cost.map(|cost| (cost, costs::without_tax(product.price_minor, product.rate_ppm, included)))
    });
    Ok(with_net.collect())
}

/// A row as it is shown.
struct RowView {
    href: String,
    name: String,
    photo: Option<PhotoName>,
    letters: String,
    code: String,
    category: String,
    stock: StockView,
    cost: String,
    margin: String,
    price: String,
}

/// What there is of a product, in words where it asks for attention.
pub struct StockView {
    /// The words or the figure.
    pub words: String,
    /// A badge's tone; empty is a plain figure.
    pub tone: &'static str,
    /// Whether it has stock at all.
    pub counted: bool,
}

/// What there is of a product, as lists show it.
pub fn stock_view(page: &PageContext, t: Texts, product: &ListedProduct) -> StockView {
    let on_hand = quantity_in(page, product.on_hand_milli, product.unit);
    let minimum = || quantity_in(page, product.minimum_milli, product.unit);
    let (words, tone) = match product.on_hand_milli {
        _ if !product.tracks_stock => (t.stock_not_counted().to_owned(), ""),
        ..0 => (t.stock_below_zero(on_hand), "bad"),
        0 => (t.stock_none().to_owned(), "bad"),
        milli if milli <= product.minimum_milli => (t.stock_low(on_hand, minimum()), "warn"),
        _ => (on_hand, ""),
    };
    StockView { words, tone, counted: product.tracks_stock }
}

fn row(page: &PageContext, t: Texts, product: ListedProduct, cost: Option<&Option<(i64, i64)>>) -> RowView {
    let cost = cost.copied().flatten();
    let nothing = || "—".to_owned();
    let margin = cost.and_then(|(cost, net)| costs::margin_ppm(net, Some(cost)));
    RowView {
        href: format!("/productos/{}/", product.id),
        stock: stock_view(page, t, &product),
        code: product.code.unwrap_or_else(|| t.no_code().to_owned()),
        letters: product.name.chars().take(2).collect(),
        name: product.name,
        photo: product.photo,
        category: product.category,
        cost: cost.map_or_else(nothing, |(cost, _)| page.format.amount(cost)),
        margin: margin.map_or_else(nothing, |ppm| page.format.percent(ppm)),
        price: page.format.amount(product.price_minor),
    }
}

#[derive(Template)]
#[template(path = "catalog/list.html")]
struct ProductList<'a> {
    page: &'a PageContext,
    t: Texts,
    manages: bool,
    is_filtered: bool,
    chips: Vec<Link>,
    categories: Vec<Choice>,
    draft: Draft,
    kept: Vec<(String, String)>,
    total: String,
    by_name: Sort,
    by_category: Sort,
    by_stock: Sort,
    by_price: Sort,
    rows: Vec<RowView>,
    pages: Pages,
}
