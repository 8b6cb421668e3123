//! `GET /por-revisar/`: what the tills delivered and somebody should look at, oldest
//! first, each with what it says, so that whoever decides sees on what.

use crate::{
    features::{
        sales::load_sale::person_name,
        sync::{
            item::{Direction, Item, Known, known},
            oddity::OddItem,
            review_words::{Names, SaleView, facts_of, sale_view, sentence},
        },
    },
    kernel::{App, ShopPage},
    texts::sync::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::{DbError, ShopRead, params};
use uuid::Uuid;
use web::{AppError, PageContext};

db::statements! {
    OPEN = "sync.open_reviews",
        "SELECT review_item.id, review_item.kind, review_item.code, review_item.posted, review_item.received_at,
                review_item.item_id, review_item.content, register.name
         FROM review_item
         JOIN device ON device.shop_id = review_item.shop_id AND device.id = review_item.device_id
         JOIN register ON register.shop_id = device.shop_id AND register.id = device.register_id
         WHERE review_item.shop_id = $1 AND review_item.state = 'open'
         ORDER BY review_item.received_at, review_item.id
         LIMIT 50";
    PEOPLE = "sync.review_people",
        "SELECT member.user_id, app_user.username, app_user.first_name, app_user.last_name
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.shop_id = $1";
    METHODS = "sync.review_methods",
        "SELECT id, name
         FROM payment_method
         WHERE shop_id = $1";
    CUSTOMER = "sync.review_customer",
        "SELECT name
         FROM customer
         WHERE shop_id = $1 AND id = $2";
}

#[derive(Template)]
#[template(path = "sync/list_reviews.html")]
struct ReviewsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    reviews: Vec<Review>,
}

/// One to look at.
struct Review {
    id: Uuid,
    kind: &'static str,
    /// Where what is on record can be seen.
    place: Option<String>,
    why: Vec<String>,
    posted: bool,
    register: String,
    person: String,
    received_at: i64,
    happened_at: Option<i64>,
    sale: Option<SaleView>,
    facts: Vec<(&'static str, String)>,
}

/// A row as it is stored.
struct Stored {
    id: Uuid,
    kind: String,
    code: String,
    posted: bool,
    received_at: i64,
    item_id: Uuid,
    content: String,
    register: String,
}

/// Shows the list.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let mut read = app.db.shop(&page.actor).await?;
    let stored = load(&mut read).await?;
    let mut names = Names::new(&page, t);
    names.people = load_people(&mut read).await?;
    for mut row in read.rows(&METHODS, params![]).await? {
        names.methods.insert(row.take()?, row.take()?);
    }
    let mut reviews = Vec::with_capacity(stored.len());
    for stored in stored {
        reviews.push(review(&mut read, &mut names, stored).await?);
    }
    page.show(&ReviewsPage { page: &page, t, reviews })
}

async fn load(read: &mut ShopRead) -> Result<Vec<Stored>, DbError> {
    let mut stored = Vec::new();
    for mut row in read.rows(&OPEN, params![]).await? {
        stored.push(Stored {
            id: row.take()?,
            kind: row.take()?,
            code: row.take()?,
            posted: row.take()?,
            received_at: row.take()?,
            item_id: row.take()?,
            content: row.take()?,
            register: row.take()?,
        });
    }
    Ok(stored)
}

async fn load_people(read: &mut ShopRead) -> Result<std::collections::BTreeMap<Uuid, String>, DbError> {
    let mut people = std::collections::BTreeMap::new();
    for mut row in read.rows(&PEOPLE, params![]).await? {
        let id: Uuid = row.take()?;
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        people.insert(id, person_name(username, &first, &last));
    }
    Ok(people)
}

async fn review(read: &mut ShopRead, names: &mut Names<'_>, stored: Stored) -> Result<Review, DbError> {
    let t = names.t;
    let (item, odd) = if stored.posted {
        match serde_json::from_str::<OddItem>(&stored.content) {
            Ok(odd) => (Some(odd.item), odd.odd),
            Err(_) => (None, Vec::new()),
        }
    } else {
        (serde_json::from_str::<Item>(&stored.content).ok(), Vec::new())
    };
    let content = item.as_ref().and_then(known);
    if let Some(Known::Sale(sale)) = &content
        && let Some(id) = sale.customer.as_ref().and_then(|customer| customer.id)
        && let Some(mut row) = read.opt(&CUSTOMER, params![id.0]).await?
    {
        names.customers.insert(id.0, row.take()?);
    }
    let sale = match &content {
        Some(Known::Sale(sale)) => Some(sale_view(names, sale)),
        _ => None,
    };
    let mut why: Vec<String> = odd.iter().map(|oddity| sentence(names, oddity, sale.as_ref())).collect();
    if why.is_empty() {
        why.push(self::why(t, &stored.code));
    }
    let person = item.as_ref().map(|item| names.people.get(&item.person.0).cloned());
    Ok(Review {
        id: stored.id,
        kind: kind_words(t, &stored.kind, content.as_ref()),
        place: place(&stored),
        why,
        posted: stored.posted,
        register: stored.register,
        person: person.map(|known| known.unwrap_or_else(|| t.list_stranger().to_owned())).unwrap_or_default(),
        received_at: stored.received_at,
        happened_at: item.map(|item| item.at),
        facts: content.as_ref().map(|content| facts_of(names, content)).unwrap_or_default(),
        sale,
    })
}

fn kind_words(t: Texts, kind: &str, content: Option<&Known>) -> &'static str {
    match (kind, content) {
        ("cash_entry", Some(Known::Cash(cash))) if cash.direction == Direction::In => t.kind_cash_in(),
        ("cash_entry", Some(Known::Cash(_))) => t.kind_cash_out(),
        ("sale", _) => t.kind_sale(),
        ("open_session", _) => t.kind_open_session(),
        ("close_session", _) => t.kind_close_session(),
        ("cash_entry", _) => t.kind_cash_entry(),
        ("customer", _) => t.kind_customer(),
        ("product", _) => t.kind_product(),
        _ => t.kind_unknown(),
    }
}

/// Where what is on record is looked at.
fn place(stored: &Stored) -> Option<String> {
    let place = match stored.kind.as_str() {
        "sale" => "/ventas/",
        "product" => "/productos/",
        "customer" => "/clientes/",
        _ => return None,
    };
    stored.posted.then(|| format!("{place}{}/", stored.item_id))
}

/// Why an item is not on record, in the reader's words.
pub(super) fn why(t: Texts, code: &str) -> String {
    let known = match code {
        "DIFFERENCE" => t.code_difference(),
        "ID_USED" => t.code_id_used(),
        "NUMBER_TAKEN" => t.code_number_taken(),
        "NUMBER_NOT_LEASED" => t.code_number_not_leased(),
        "DEVICE_REVOKED" => t.code_device_revoked(),
        "PERMISSION_DENIED" => t.code_permission_denied(),
        "SESSION_CLOSED" => t.code_session_closed(),
        "UNKNOWN_PRODUCT" => t.code_unknown_product(),
        "UNKNOWN_ITEM" => t.code_unknown_item(),
        "VALIDATION_ERROR" => t.code_validation_error(),
        _ => return t.code_unknown(code),
    };
    known.to_owned()
}
