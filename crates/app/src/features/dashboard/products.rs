//! `GET /dashboard/filas/productos/`: the products (or categories) that make up what
//! was sold and what was earned.
//!
//! **Invariant:** over all pages, the products add up to the period's figures: sold,
//! base, cost, profit. Reads the products' totals; grows with products, not with sales.

use super::{
    cursor::{self, ROWS},
    figures::{self, CategorySum, Sums},
    period::{Period, Spans},
    view::{self, Ranked},
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
use web::{AppError, PageContext, page::Link, query::Query};

db::statements! {
    /// $12 by profit, $13 which category (0 all, 1 none, 2 that of $14) or 3 the product $14, $15 and $16 the place.
    PRODUCTS = "dashboard.products",
        "SELECT product_id, name, unit, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor,
                ranked_minor
         FROM (SELECT product.id AS product_id, product.name AS name, product.unit AS unit,
                      CAST(SUM(part.quantity_milli) AS BIGINT) AS quantity_milli,
                      CAST(SUM(part.total_minor) AS BIGINT) AS total_minor,
                      CAST(SUM(part.base_minor) AS BIGINT) AS base_minor,
                      CAST(SUM(part.cost_minor) AS BIGINT) AS cost_minor,
                      CAST(SUM(part.known_cost_base_minor) AS BIGINT) AS known_cost_base_minor,
                      CAST(CASE WHEN $12 THEN SUM(part.known_cost_base_minor) - SUM(part.cost_minor)
                                ELSE SUM(part.total_minor) END AS BIGINT) AS ranked_minor
               FROM (SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
                     FROM product_day WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
                     FROM product_day WHERE shop_id = $1 AND business_date BETWEEN $4 AND $5
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
                     FROM product_month WHERE shop_id = $1 AND month BETWEEN $6 AND $7
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
                     FROM product_month WHERE shop_id = $1 AND month BETWEEN $8 AND $9
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
                     FROM product_year WHERE shop_id = $1 AND year BETWEEN $10 AND $11) AS part
               JOIN product ON product.shop_id = $1 AND product.id = part.product_id
               WHERE CASE CAST($13 AS BIGINT) WHEN 0 THEN TRUE
                                              WHEN 1 THEN product.category_id IS NULL
                                              WHEN 2 THEN product.category_id = $14
                                              ELSE product.id = $14 END
               GROUP BY product.id, product.name, product.unit) AS sold
         WHERE ranked_minor < $15 OR (ranked_minor = $15 AND product_id < $16)
         ORDER BY ranked_minor DESC, product_id DESC
         LIMIT $17";
}

/// What a product brought in a period, net of refunds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductSum {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The stored word of its unit.
    pub unit: String,
    /// Units, in thousandths.
    pub quantity_milli: i64,
    /// Charged.
    pub total_minor: i64,
    /// Without tax.
    pub base_minor: i64,
    /// Known cost.
    pub cost_minor: i64,
    /// Without tax, of the lines whose cost is known.
    pub known_cost_base_minor: i64,
    /// What the list is sorted by.
    pub ranked_minor: i64,
}

impl ProductSum {
    /// Gross profit of what has a known cost.
    pub fn profit_minor(&self) -> i64 {
        self.known_cost_base_minor - self.cost_minor
    }

    /// Whether nothing that was sold has a known cost.
    pub fn is_cost_unknown(&self) -> bool {
        self.base_minor != 0 && self.known_cost_base_minor == 0 && self.cost_minor == 0
    }
}

/// Which products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// All.
    All,
    /// Those without a category.
    WithoutCategory,
    /// Those of a category.
    Category(Uuid),
    /// This one.
    Product(Uuid),
}

/// A page of a list of products.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The period.
    pub spans: &'a Spans,
    /// Which products.
    pub among: Among,
    /// By profit instead of by sales.
    pub by_profit: bool,
    /// The last row of the page before: what it is sorted by, and its product.
    pub after: Option<(i64, Uuid)>,
}

/// A page of products, the most first, one more than is shown.
///
/// # Errors
/// Whatever the database says.
pub async fn page_of(read: &mut ShopRead, asked: Asked<'_>) -> Result<Vec<ProductSum>, DbError> {
    let ([one, two], [three, four], five) = (asked.spans.days, asked.spans.months, asked.spans.years);
    let (mode, id) = match asked.among {
        Among::All => (0_i64, Uuid::nil()),
        Among::WithoutCategory => (1, Uuid::nil()),
        Among::Category(id) => (2, id),
        Among::Product(id) => (3, id),
    };
    let (ranked, after) = asked.after.unwrap_or((i64::MAX, Uuid::nil()));
    let params = params![
        one.0,
        one.1,
        two.0,
        two.1,
        three.0,
        three.1,
        four.0,
        four.1,
        five.0,
        five.1,
        asked.by_profit,
        mode,
        id,
        ranked,
        after,
        ROWS + 1
    ];
    let product = |mut row: Row| {
        Ok(ProductSum {
            id: row.take()?,
            name: row.take()?,
            unit: row.take()?,
            quantity_milli: row.take()?,
            total_minor: row.take()?,
            base_minor: row.take()?,
            cost_minor: row.take()?,
            known_cost_base_minor: row.take()?,
            ranked_minor: row.take()?,
        })
    };
    read.rows(&PRODUCTS, params).await?.into_iter().map(product).collect()
}

/// What one product brought; `None` where it was not sold.
///
/// # Errors
/// Whatever the database says.
pub async fn one(read: &mut ShopRead, spans: &Spans, id: Uuid) -> Result<Option<ProductSum>, DbError> {
    let asked = Asked { spans, among: Among::Product(id), by_profit: false, after: None };
    Ok(page_of(read, asked).await?.pop())
}

#[derive(Template)]
#[template(path = "dashboard/products.html")]
struct ProductsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    title: String,
    back: String,
    heading: String,
    orders: Vec<Link>,
    sums: Option<Sums>,
    sold_minor: i64,
    rows: Vec<ProductSum>,
    categories: Vec<Ranked>,
    period_query: String,
    start: Option<String>,
    next: Option<String>,
}

/// Shows the page.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let among = among(&query)?;
    let (by_category, by_profit) = order(&query)?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let period = Period::read(&query, profile.moment(app.now_us()).date)?;
    let spans = period.spans();
    let sums = figures::sums(&mut read, period.first, period.last).await?;
    let needs_categories = by_category || among != Among::All;
    let categories = if needs_categories { figures::categories(&mut read, &spans).await? } else { Vec::new() };
    let asked = Asked { spans: &spans, among, by_profit, after: after(&query)? };
    let rows = if by_category { Vec::new() } else { page_of(&mut read, asked).await? };
    drop(read);
    let t = Texts(page.lang);
    let chosen = chosen(among, &categories)?;
    let (rows, next) = cursor::cut(rows, &query, |row: &ProductSum| format!("{}.{}", row.ranked_minor, row.id));
    let format = &page.format;
    page.show(&ProductsPage {
        page: &page,
        t,
        title: match &chosen {
            _ if by_category => t.rows_categories_title().to_owned(),
            Some(category) => category.name.clone().unwrap_or_else(|| t.without_category().to_owned()),
            None => t.rows_products_title().to_owned(),
        },
        back: format!("/dashboard/?{}", period.query()),
        heading: t.rows_sum_of(view::heading(&period, t, format)),
        orders: orders(&query, by_category, by_profit, t),
        sums: chosen.is_none().then_some(sums),
        sold_minor: chosen.map_or(sums.sold_minor(), |category| category.total_minor),
        rows,
        categories: if by_category { view::all_categories(&categories, &period, t, format) } else { Vec::new() },
        period_query: period.query(),
        start: query.get("despues").map(|_| query.with("despues", "").href()),
        next,
    })
}

fn among(query: &Query) -> Result<Among, AppError> {
    match query.get("categoria") {
        None => Ok(Among::All),
        Some("ninguna") => Ok(Among::WithoutCategory),
        Some(text) => text.parse().map(Among::Category).map_err(|_| AppError::NotFound),
    }
}

/// Whether by category, and whether by profit.
fn order(query: &Query) -> Result<(bool, bool), AppError> {
    match (query.get("por"), query.get("orden")) {
        (Some("categoria"), _) => Ok((true, false)),
        (None, None | Some("vendido")) => Ok((false, false)),
        (None, Some("ganancia")) => Ok((false, true)),
        _ => Err(AppError::BadRequest { why: "orden is vendido or ganancia".to_owned() }),
    }
}

fn after(query: &Query) -> Result<Option<(i64, Uuid)>, AppError> {
    let Some(text) = query.get("despues") else { return Ok(None) };
    let place = text.split_once('.').and_then(|(ranked, id)| Some((ranked.parse().ok()?, id.parse().ok()?)));
    place.map(Some).ok_or(AppError::BadRequest { why: "despues is no place of this list".to_owned() })
}

/// The category that was asked for; one that sold nothing is not found.
fn chosen(among: Among, categories: &[CategorySum]) -> Result<Option<CategorySum>, AppError> {
    let id = match among {
        Among::WithoutCategory => None,
        Among::Category(id) => Some(id),
        Among::All | Among::Product(_) => return Ok(None),
    };
    categories.iter().find(|category| category.id == id).cloned().map(Some).ok_or(AppError::NotFound)
}

fn orders(query: &Query, by_category: bool, by_profit: bool, t: Texts) -> Vec<Link> {
    let list = query.with("despues", "").with("por", "").with("orden", "");
    let link = |href: String, label: &str, current: bool| Link {
        href,
        label: label.to_owned(),
        current,
        count: String::new(),
    };
    vec![
        link(list.href(), t.rows_by_sold(), !by_category && !by_profit),
        link(list.with("orden", "ganancia").href(), t.rows_by_profit(), by_profit),
        link(list.with("categoria", "").with("por", "categoria").href(), t.rows_by_category(), by_category),
    ]
}
