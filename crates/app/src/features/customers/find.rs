//! Which customers a list shows, and one of them as they are kept.
//!
//! A list walks the index of names; a search reads along it and stops at the page.

use crate::{
    features::{
        customers::write::CustomerFields,
        totals::{self, Counted},
    },
    text_key,
};
use db::{DbError, Row, ShopRead, Statement, params};
use domain::ids::CustomerId;
use uuid::Uuid;
use web::pagination::{At, Count, Key, PageRequest};

/// Where a filtered count stops.
const COUNT_MAX: i64 = 1_000;

db::statements! {
    NAME_UP = "customers.list",
        "SELECT id, name, phone, document, sort_key
         FROM customer
         WHERE shop_id = $1 AND active = $2 AND search_key LIKE $3 AND (sort_key, id) > ($4, $5)
         ORDER BY sort_key, id
         LIMIT $6 OFFSET $7";
    NAME_DOWN = "customers.list_reversed",
        "SELECT id, name, phone, document, sort_key
         FROM customer
         WHERE shop_id = $1 AND active = $2 AND search_key LIKE $3 AND (sort_key, id) < ($4, $5)
         ORDER BY sort_key DESC, id DESC
         LIMIT $6 OFFSET $7";
    COUNT_FOUND = "customers.count_found",
        "SELECT COUNT(*)
         FROM (SELECT id
               FROM customer
               WHERE shop_id = $1 AND active = $2 AND search_key LIKE $3
               LIMIT $4) AS found";
    CUSTOMER = "customers.customer",
        "SELECT name, phone, document, email, address, external_code, active, version
         FROM customer
         WHERE shop_id = $1 AND id = $2";
    LATEST_SALES = "customers.latest_sales",
        "SELECT id, prefix, number, total_minor, sold_at
         FROM sale
         WHERE shop_id = $1 AND customer_id = $2
         ORDER BY sold_at DESC, id DESC
         LIMIT $3";
}

/// What a list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What was typed.
    pub typed: String,
    /// Those in use, or those that no longer are.
    pub active: bool,
}

impl Filter {
    /// Whether it leaves nothing out but the inactive.
    pub fn is_open(&self) -> bool {
        self.active && self.typed.trim().is_empty()
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCustomer {
    /// Who.
    pub id: CustomerId,
    /// Their name.
    pub name: String,
    /// Their telephone.
    pub phone: String,
    /// Their document.
    pub document: String,
    sort_key: String,
}

impl ListedCustomer {
    /// Their place, as a cursor carries it.
    pub fn keys(&self) -> Vec<Key> {
        vec![Key::Text(self.sort_key.clone()), Key::Id(self.id.0.into_bytes())]
    }

    fn read(mut row: Row) -> Result<Self, DbError> {
        let id: Uuid = row.take()?;
        Ok(ListedCustomer {
            id: CustomerId(id),
            name: row.take()?,
            phone: row.take()?,
            document: row.take()?,
            sort_key: row.take()?,
        })
    }
}

/// Finds the customers of a page, in the order in which the statement walks.
///
/// # Errors
/// Whatever the database says.
pub async fn find(read: &mut ShopRead, filter: &Filter, request: &PageRequest) -> Result<Vec<ListedCustomer>, DbError> {
    let (keys, down, offset) = match &request.at {
        At::Offset(offset) => (None, false, *offset),
        At::After(keys) => (Some(keys), false, 0),
        At::Before(keys) => (Some(keys), true, 0),
    };
    let (text, id) = match keys.map(Vec::as_slice) {
        // PostgreSQL keeps no zero byte, and would fail on one.
        Some([Key::Text(text), Key::Id(id)]) if !text.contains('\0') => (text.clone(), Uuid::from_bytes(*id)),
        // The first page, or a forged cursor of another shape: the edge.
        _ if down => (char::MAX.to_string(), Uuid::max()),
        _ => (String::new(), Uuid::nil()),
    };
    let statement: &'static Statement = if down { &NAME_DOWN } else { &NAME_UP };
    let params = params![filter.active, text_key::pattern(&filter.typed), text, id, request.limit(), offset];
    read.rows(statement, params).await?.into_iter().map(ListedCustomer::read).collect()
}

/// The customers in use whom what was typed names, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn in_use(read: &mut ShopRead, typed: &str, limit: i64) -> Result<Vec<ListedCustomer>, DbError> {
    let filter = Filter { typed: typed.to_owned(), active: true };
    let params = params![filter.active, text_key::pattern(&filter.typed), "", Uuid::nil(), limit, 0_i64];
    read.rows(&NAME_UP, params).await?.into_iter().map(ListedCustomer::read).collect()
}

/// How many customers a filter lets through: the kept counter where it leaves
/// nothing out, else a count that stops at a thousand.
///
/// # Errors
/// Whatever the database says.
pub async fn count(read: &mut ShopRead, filter: &Filter) -> Result<Count, DbError> {
    if filter.is_open() {
        return Ok(Count::Exactly(totals::counted(read, Counted::Customers).await?));
    }
    let found: i64 = read
        .one(&COUNT_FOUND, params![filter.active, text_key::pattern(&filter.typed), COUNT_MAX + 1])
        .await?
        .take()?;
    Ok(if found > COUNT_MAX { Count::AtLeast(COUNT_MAX) } else { Count::Exactly(found) })
}

/// A customer as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCustomer {
    /// Who.
    pub id: CustomerId,
    /// What people may change.
    pub fields: CustomerFields,
    /// Whether they are in use.
    pub active: bool,
    /// Changes with every edit.
    pub version: i64,
}

/// Loads a customer; `None` where there is none, or they are another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, id: CustomerId) -> Result<Option<StoredCustomer>, DbError> {
    let Some(mut row) = read.opt(&CUSTOMER, params![id.0]).await? else { return Ok(None) };
    let fields = CustomerFields {
        name: row.take()?,
        phone: row.take()?,
        document: row.take()?,
        email: row.take()?,
        address: row.take()?,
        external_code: row.take()?,
    };
    Ok(Some(StoredCustomer { id, fields, active: row.take()?, version: row.take()? }))
}

/// A sale to a customer, as their page lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleToThem {
    /// Where it is shown.
    pub href: String,
    /// Series and number.
    pub number: String,
    /// What was charged.
    pub total_minor: i64,
    /// When, in microseconds UTC.
    pub sold_at: i64,
}

/// The newest sales to a customer.
///
/// # Errors
/// Whatever the database says.
pub async fn latest_sales(read: &mut ShopRead, id: CustomerId, limit: i64) -> Result<Vec<SaleToThem>, DbError> {
    let rows = read.rows(&LATEST_SALES, params![id.0, limit]).await?;
    let sale = |mut row: Row| {
        let id: Uuid = row.take()?;
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        Ok(SaleToThem {
            href: format!("/ventas/{id}/"),
            number: format!("{prefix}{number}"),
            total_minor: row.take()?,
            sold_at: row.take()?,
        })
    };
    rows.into_iter().map(sale).collect()
}
