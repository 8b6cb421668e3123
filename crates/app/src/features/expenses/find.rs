//! Which expenses a list shows, and one of them as it is kept.
//!
//! A list walks the index of days, the newest first; a search reads along it and stops
//! at the page.

use crate::{
    features::{expenses::record::ExpenseWords, sales::load_sale::person_name, totals::money},
    text_key,
};
use db::{DbError, Row, ShopRead, Statement, params};
use domain::ids::ExpenseId;
use uuid::Uuid;
use web::pagination::{At, Count, Key};

/// Where a filtered count stops.
const COUNT_MAX: i64 = 1_000;

db::statements! {
    NEWER_FIRST = "expenses.list",
        "SELECT expense.id, expense.business_date, expense.amount_minor, words.concept, expense_category.name,
                payment_method.name, register.name
         FROM expense
         JOIN expense_text AS words ON words.shop_id = expense.shop_id AND words.expense_id = expense.id
         JOIN payment_method ON payment_method.shop_id = expense.shop_id AND payment_method.id = expense.method_id
         LEFT JOIN expense_category ON expense_category.shop_id = words.shop_id
                                   AND expense_category.id = words.category_id
         LEFT JOIN cash_session ON cash_session.shop_id = expense.shop_id AND cash_session.id = expense.session_id
         LEFT JOIN register ON register.shop_id = cash_session.shop_id AND register.id = cash_session.register_id
         WHERE expense.shop_id = $1 AND expense.business_date BETWEEN $2 AND $3
           AND (expense.business_date, expense.id) < ($4, $5)
           AND words.search_key LIKE $6
           AND ($7 OR words.category_id = $8)
           AND ($9 OR expense.method_id = $10)
           AND $11 = EXISTS (SELECT 1 FROM expense_void
                             WHERE expense_void.shop_id = $1 AND expense_void.expense_id = expense.id)
         ORDER BY expense.business_date DESC, expense.id DESC
         LIMIT $12 OFFSET $13";
    OLDER_FIRST = "expenses.list_back",
        "SELECT expense.id, expense.business_date, expense.amount_minor, words.concept, expense_category.name,
                payment_method.name, register.name
         FROM expense
         JOIN expense_text AS words ON words.shop_id = expense.shop_id AND words.expense_id = expense.id
         JOIN payment_method ON payment_method.shop_id = expense.shop_id AND payment_method.id = expense.method_id
         LEFT JOIN expense_category ON expense_category.shop_id = words.shop_id
                                   AND expense_category.id = words.category_id
         LEFT JOIN cash_session ON cash_session.shop_id = expense.shop_id AND cash_session.id = expense.session_id
         LEFT JOIN register ON register.shop_id = cash_session.shop_id AND register.id = cash_session.register_id
         WHERE expense.shop_id = $1 AND expense.business_date BETWEEN $2 AND $3
           AND (expense.business_date, expense.id) > ($4, $5)
           AND words.search_key LIKE $6
           AND ($7 OR words.category_id = $8)
           AND ($9 OR expense.method_id = $10)
           AND $11 = EXISTS (SELECT 1 FROM expense_void
                             WHERE expense_void.shop_id = $1 AND expense_void.expense_id = expense.id)
         ORDER BY expense.business_date, expense.id
         LIMIT $12 OFFSET $13";
    FOUND = "expenses.count_found",
        "SELECT COUNT(*), CAST(COALESCE(SUM(found.amount_minor), 0) AS BIGINT)
         FROM (SELECT expense.amount_minor
               FROM expense
               JOIN expense_text AS words ON words.shop_id = expense.shop_id AND words.expense_id = expense.id
               WHERE expense.shop_id = $1 AND expense.business_date BETWEEN $2 AND $3
                 AND words.search_key LIKE $4
                 AND ($5 OR words.category_id = $6)
                 AND ($7 OR expense.method_id = $8)
                 AND $9 = EXISTS (SELECT 1 FROM expense_void
                                  WHERE expense_void.shop_id = $1 AND expense_void.expense_id = expense.id)
               LIMIT $10) AS found";
    EXPENSE = "expenses.expense",
        "SELECT expense.business_date, expense.amount_minor, payment_method.name, register.name, cash_session.state,
                maker.username, maker.first_name, maker.last_name, expense.recorded_at, words.concept,
                words.description, expense_category.name, words.version, expense_void.reason, expense_void.voided_at,
                undoer.username, undoer.first_name, undoer.last_name
         FROM expense
         JOIN expense_text AS words ON words.shop_id = expense.shop_id AND words.expense_id = expense.id
         JOIN payment_method ON payment_method.shop_id = expense.shop_id AND payment_method.id = expense.method_id
         JOIN app_user AS maker ON maker.id = expense.person_id
         LEFT JOIN expense_category ON expense_category.shop_id = words.shop_id
                                   AND expense_category.id = words.category_id
         LEFT JOIN cash_session ON cash_session.shop_id = expense.shop_id AND cash_session.id = expense.session_id
         LEFT JOIN register ON register.shop_id = cash_session.shop_id AND register.id = cash_session.register_id
         LEFT JOIN expense_void ON expense_void.shop_id = expense.shop_id AND expense_void.expense_id = expense.id
         LEFT JOIN app_user AS undoer ON undoer.id = expense_void.person_id
         WHERE expense.shop_id = $1 AND expense.id = $2";
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was typed.
    pub typed: String,
    /// First business day, YYYYMMDD.
    pub from: Option<i64>,
    /// Last business day, YYYYMMDD.
    pub to: Option<i64>,
    /// Of which category.
    pub category: Option<Uuid>,
    /// How it was paid.
    pub method: Option<Uuid>,
    /// Those that were voided, instead of those that count.
    pub voided: bool,
}

impl Filter {
    /// Whether its rows are all the expenses of its days that count.
    pub fn is_of_days(&self) -> bool {
        let Filter { typed, from: _, to: _, category, method, voided } = self;
        typed.trim().is_empty() && category.is_none() && method.is_none() && !voided
    }

    fn days(&self) -> (i64, i64) {
        (self.from.unwrap_or(0), self.to.unwrap_or(i64::MAX))
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub id: ExpenseId,
    /// For which day it counts, YYYYMMDD.
    pub business_date: i64,
    /// How much.
    pub amount_minor: i64,
    /// What it was for.
    pub concept: String,
    /// The name of its category.
    pub category: Option<String>,
    /// How it was paid.
    pub method: String,
    /// The register whose drawer paid it.
    pub drawer: Option<String>,
}

impl Found {
    /// Its place, as a cursor carries it.
    pub fn keys(&self) -> Vec<Key> {
        vec![Key::Int(self.business_date), Key::Id(self.id.0.into_bytes())]
    }

    fn read(mut row: Row) -> Result<Self, DbError> {
        let id: Uuid = row.take()?;
        Ok(Found {
            id: ExpenseId(id),
            business_date: row.take()?,
            amount_minor: row.take()?,
            concept: row.take()?,
            category: row.take()?,
            method: row.take()?,
            drawer: row.take()?,
        })
    }
}

/// Whether it does not matter, and the id it must be otherwise.
fn optional(id: Option<Uuid>) -> (bool, Uuid) {
    (id.is_none(), id.unwrap_or_default())
}

/// At most `limit` expenses from where the reader stands; before a place in the reverse
/// order.
///
/// # Errors
/// Whatever the database says.
pub async fn find(read: &mut ShopRead, filter: &Filter, at: &At, limit: i64) -> Result<Vec<Found>, DbError> {
    let (keys, back, offset) = match at {
        At::Offset(offset) => (None, false, *offset),
        At::After(keys) => (Some(keys), false, 0),
        At::Before(keys) => (Some(keys), true, 0),
    };
    let (date, id) = match keys.map(Vec::as_slice) {
        Some([Key::Int(date), Key::Id(id)]) => (*date, Uuid::from_bytes(*id)),
        // The first page, or a forged cursor of another shape: the edge.
        _ if back => (0, Uuid::nil()),
        _ => (i64::MAX, Uuid::max()),
    };
    let statement: &'static Statement = if back { &OLDER_FIRST } else { &NEWER_FIRST };
    let ((from, to), (any_category, category), (any_method, method)) =
        (filter.days(), optional(filter.category), optional(filter.method));
    let asked = params![
        from,
        to,
        date,
        id,
        text_key::pattern(&filter.typed),
        any_category,
        category,
        any_method,
        method,
        filter.voided,
        limit,
        offset
    ];
    read.rows(statement, asked).await?.into_iter().map(Found::read).collect()
}

/// How many expenses a filter lets through, and what they come to: from the kept totals
/// where it asks for days alone, else counted up to a thousand, above which nobody knows
/// the sum.
///
/// # Errors
/// Whatever the database says.
pub async fn count(read: &mut ShopRead, filter: &Filter) -> Result<(Count, Option<i64>), DbError> {
    let (from, to) = filter.days();
    if filter.is_of_days() {
        let [sum] = money::sums(read, [(from, to)]).await?;
        return Ok((Count::Exactly(sum.expense_count), Some(sum.expense_minor)));
    }
    let ((any_category, category), (any_method, method)) = (optional(filter.category), optional(filter.method));
    let asked = params![
        from,
        to,
        text_key::pattern(&filter.typed),
        any_category,
        category,
        any_method,
        method,
        filter.voided,
        COUNT_MAX + 1
    ];
    let mut row = read.one(&FOUND, asked).await?;
    let (many, sum_minor): (i64, i64) = (row.take()?, row.take()?);
    let is_all = many <= COUNT_MAX;
    Ok((if is_all { Count::Exactly(many) } else { Count::AtLeast(COUNT_MAX) }, is_all.then_some(sum_minor)))
}

/// Why, when and by whom an expense was voided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// Why.
    pub reason: String,
    /// When, µs UTC.
    pub at: i64,
    /// By whom.
    pub person: String,
}

/// An expense as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExpense {
    /// Which.
    pub id: ExpenseId,
    /// For which day it counts, YYYYMMDD.
    pub business_date: i64,
    /// How much.
    pub amount_minor: i64,
    /// How it was paid.
    pub method: String,
    /// The register whose drawer paid it.
    pub drawer: Option<String>,
    /// Whether that drawer is still open.
    pub drawer_open: bool,
    /// Who wrote it down.
    pub person: String,
    /// When, µs UTC.
    pub recorded_at: i64,
    /// What people may better.
    pub words: ExpenseWords,
    /// Changes with every edit of the words.
    pub version: i64,
    /// Whether it was none.
    pub voided: Option<Voided>,
}

impl StoredExpense {
    /// Its page, or one below it.
    pub fn address(&self, below: &str) -> String {
        format!("/gastos/{}/{below}", self.id)
    }
}

/// Loads an expense; `None` where there is none, or it is another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, id: ExpenseId) -> Result<Option<StoredExpense>, DbError> {
    let Some(mut row) = read.opt(&EXPENSE, params![id.0]).await? else { return Ok(None) };
    let (business_date, amount_minor, method, drawer) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let state: Option<String> = row.take()?;
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let recorded_at = row.take()?;
    let (concept, description): (String, String) = (row.take()?, row.take()?);
    let category: Option<String> = row.take()?;
    let version = row.take()?;
    let (reason, at): (Option<String>, Option<i64>) = (row.take()?, row.take()?);
    let undoer: [Option<String>; 3] = [row.take()?, row.take()?, row.take()?];
    let [by, by_first, by_last] = undoer.map(Option::unwrap_or_default);
    Ok(Some(StoredExpense {
        id,
        business_date,
        amount_minor,
        method,
        drawer,
        drawer_open: state.as_deref() == Some("open"),
        person: person_name(username, &first, &last),
        recorded_at,
        words: ExpenseWords { concept, description, category: category.unwrap_or_default() },
        version,
        voided: reason.zip(at).map(|(reason, at)| Voided { reason, at, person: person_name(by, &by_first, &by_last) }),
    }))
}
