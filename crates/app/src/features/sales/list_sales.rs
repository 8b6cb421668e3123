//! `GET /ventas/`: the sales that a reader may see, newest first; every filter in
//! the address.

use crate::{
    actor::Actor,
    features::{
        sales::{
            find_sales::{self, Filter, Found, StateFilter},
            load_sale::person_name,
        },
        totals::{self, Counted},
    },
    kernel::{App, ShopPage},
    texts::sales::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::{DbError, ShopRead, params};
use domain::{ids::RegisterId, permission::Permission};
use uuid::Uuid;
use web::{
    AppError, Choice, Draft, PageContext,
    page::Link,
    pagination::{At, Count, Order, PageRequest, Pages},
    query::Query,
};

db::statements! {
    SELLERS = "sales.sellers",
        "SELECT app_user.id, app_user.username, app_user.first_name, app_user.last_name
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.shop_id = $1
         ORDER BY app_user.username_key";
    METHODS = "sales.filter_methods",
        "SELECT id, name
         FROM payment_method
         WHERE shop_id = $1
         ORDER BY position, id";
    CUSTOMER_NAME = "sales.customer_name",
        "SELECT name
         FROM customer
         WHERE shop_id = $1 AND id = $2";
}

/// Longest name that is looked for, in characters; more finds nobody.
const NAME_CHARS_MAX: usize = 100;

/// Where counting a filtered list stops.
const COUNT_MAX: i64 = 1_000;

#[derive(Template)]
#[template(path = "sales/list_sales.html")]
struct ListPage<'a> {
    page: &'a PageContext,
    t: Texts,
    query: &'a Query,
    /// The same filters as a file.
    export_href: String,
    draft: Draft,
    rows: Vec<Found>,
    pages: Pages,
    states: Vec<Link>,
    sellers: Vec<Choice>,
    methods: Vec<Choice>,
    /// The name of the customer whose sales these are.
    customer: Option<String>,
    sees_all: bool,
    is_filtered: bool,
}

impl ListPage<'_> {
    fn text(&self) -> &'static str {
        if self.sees_all { self.t.list_text_all() } else { self.t.list_text_own() }
    }
}

/// Shows a page of the list.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let asked = read_filter(&query)?;
    let filter = asked.clone().within(&page.actor);
    let request = PageRequest::read(&query, order(&filter))?;
    let mut read = app.db.shop(&page.actor).await?;
    let places = find_sales::find(&mut read, &filter, &request.at, request.limit()).await?;
    let count = count(&mut read, &filter, &request.at, places.len()).await?;
    let (places, pages) = Pages::of(&request, places, count, &query, |place| place.keys());
    let rows = find_sales::load_rows(&mut read, &places).await?;
    let sees_all = page.actor.may(Permission::SeeAllSales);
    let sellers = if sees_all { sellers(&mut read).await? } else { Vec::new() };
    let methods = methods(&mut read).await?;
    let customer = customer_name(&mut read, &asked, &page.actor).await?;
    drop(read);
    let t = Texts(page.lang);
    let fields = ["q", "desde", "hasta", "vendedor", "forma_pago"];
    page.show(&ListPage {
        page: &page,
        t,
        draft: Draft::holding(fields.map(|name| (name, query.get(name).unwrap_or_default()))),
        rows,
        pages,
        states: states(&query, asked.state, t),
        sellers,
        methods,
        customer,
        sees_all,
        is_filtered: asked != Filter::default(),
        export_href: format!("/ventas/exportar/{}", query.with("page", "").href()),
        query: &query,
    })
}

/// The order by which cursors are told apart; the reader does not choose it.
fn order(filter: &Filter) -> Order {
    Order { column: if filter.is_by_day() { "dia" } else { "momento" }, descending: true }
}

/// Reads the filters of an address.
///
/// # Errors
/// [`AppError::BadRequest`] for a date or id that is none: a filter that is ignored
/// would show sums of something else.
pub fn read_filter(query: &Query) -> Result<Filter, AppError> {
    let date = |name: &str| query.get(name).map(|text| read_date(name, text)).transpose();
    let id = |name: &str| query.get(name).map(|text| read_id(name, text)).transpose();
    let state = match query.get("estado") {
        None => None,
        Some("completas") => Some(StateFilter::Whole),
        Some("devueltas") => Some(StateFilter::Refunded),
        Some("anuladas") => Some(StateFilter::Void),
        Some(other) => return Err(AppError::BadRequest { why: format!("estado: {other}") }),
    };
    let (number, named) = query.get("q").map(read_typed).unwrap_or_default();
    Ok(Filter {
        from: date("desde")?,
        to: date("hasta")?,
        seller: id("vendedor")?,
        customer: id("cliente")?,
        method: id("forma_pago")?,
        state,
        number,
        named,
    })
}

fn read_date(name: &str, text: &str) -> Result<i64, AppError> {
    let date = jiff::civil::Date::strptime("%Y-%m-%d", text)
        .map_err(|_| AppError::BadRequest { why: format!("{name}: {text} is no date") })?;
    Ok(i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()))
}

fn read_id(name: &str, text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| AppError::BadRequest { why: format!("{name}: {text} is no id") })
}

/// A number, or part of a customer's name.
fn read_typed(text: &str) -> (Option<(String, i64)>, Option<String>) {
    let number = read_number(text);
    // No series has a blank; "Gloria 0142" is a name and the end of a telephone.
    let is_no_number = number.1 == 0 || number.0.contains(char::is_whitespace);
    let is_name = is_no_number && text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_control);
    if is_name { (None, Some(text.chars().take(NAME_CHARS_MAX).collect())) } else { (Some(number), None) }
}

/// `C1-1249` is a series and a number, `1249` a number of any series. What has no
/// number is no sale's: number 0 does not exist.
pub fn read_number(text: &str) -> (String, i64) {
    let text = text.trim().trim_start_matches('#');
    let prefix = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = text[prefix.len()..].parse().unwrap_or(0);
    // A series has at most a few printed characters, and PostgreSQL takes no zero byte.
    if prefix.chars().any(char::is_control) {
        return (String::new(), 0);
    }
    (prefix.to_uppercase(), number)
}

/// How many there are: kept for the whole list, counted to [`COUNT_MAX`] otherwise.
async fn count(read: &mut ShopRead, filter: &Filter, at: &At, found: usize) -> Result<Count, DbError> {
    if *filter == Filter::default() {
        // The counter is kept by register and summed over all of them.
        let all = Counted::Sales(RegisterId(Uuid::nil()));
        return Ok(Count::Exactly(totals::counted(read, all).await?));
    }
    let many = if filter.number.is_some() && *at == At::Offset(0) {
        found
    } else {
        find_sales::find(read, filter, &At::Offset(0), COUNT_MAX + 1).await?.len()
    };
    let many = i64::try_from(many).unwrap_or(i64::MAX);
    Ok(if many > COUNT_MAX { Count::AtLeast(COUNT_MAX) } else { Count::Exactly(many) })
}

async fn sellers(read: &mut ShopRead) -> Result<Vec<Choice>, DbError> {
    let mut choices = Vec::new();
    for mut row in read.rows(&SELLERS, params![]).await? {
        let id: Uuid = row.take()?;
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        choices.push(Choice::new(id.to_string(), person_name(username, &first, &last)));
    }
    Ok(choices)
}

async fn methods(read: &mut ShopRead) -> Result<Vec<Choice>, DbError> {
    let mut choices = Vec::new();
    for mut row in read.rows(&METHODS, params![]).await? {
        let id: Uuid = row.take()?;
        choices.push(Choice::new(id.to_string(), row.take::<String>()?));
    }
    Ok(choices)
}

async fn customer_name(read: &mut ShopRead, asked: &Filter, actor: &Actor) -> Result<Option<String>, AppError> {
    let Some(id) = asked.customer.filter(|_| actor.may(Permission::SeeCustomers)) else { return Ok(None) };
    let mut row = read.opt(&CUSTOMER_NAME, params![id]).await?.ok_or(AppError::NotFound)?;
    Ok(Some(row.take()?))
}

fn states(query: &Query, current: Option<StateFilter>, t: Texts) -> Vec<Link> {
    [
        (None, "", t.list_all()),
        (Some(StateFilter::Whole), "completas", t.list_whole()),
        (Some(StateFilter::Refunded), "devueltas", t.list_refunded()),
        (Some(StateFilter::Void), "anuladas", t.list_void()),
    ]
    .into_iter()
    .map(|(state, value, label)| Link {
        href: query.with("estado", value).href(),
        label: label.to_owned(),
        current: state == current,
        count: String::new(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_and_without_its_series() {
        for (typed, prefix, number) in [
            ("C1-1249", "C1-", 1_249),
            (" c1-7 ", "C1-", 7),
            ("1249", "", 1_249),
            ("#12", "", 12),
            ("arroz", "ARROZ", 0),
            ("99999999999999999999", "", 0),
            ("\0-1", "", 0),
        ] {
            assert_eq!(read_number(typed), (prefix.to_owned(), number), "{typed}");
        }
    }

    #[test]
    fn a_filter_that_says_nothing_is_refused_rather_than_ignored() {
        for query in ["desde=ayer", "hasta=2026-02-30", "vendedor=7", "forma_pago=x", "cliente=-", "estado=todas"] {
            let query = Query::parse(Some(query)).expect("the query is UTF-8");
            assert!(matches!(read_filter(&query), Err(AppError::BadRequest { .. })), "{query:?}");
        }
    }
}
