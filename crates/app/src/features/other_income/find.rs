//! Which income a list shows, and one document as it is kept.
//!
//! A list walks the index of days, the newest first; a search reads along it and stops
//! at the page. The income of a sale is found by the sale.

use super::Kind;
use crate::{
    features::{expenses::find::Voided, sales::load_sale::person_name, totals::money},
    text_key,
};
use db::{DbError, Row, ShopRead, Statement, params};
use domain::ids::{OtherIncomeId, SaleId};
use uuid::Uuid;
use web::pagination::{At, Count, Key};

/// Where a filtered count stops.
const COUNT_MAX: i64 = 1_000;

db::statements! {
    NEWER_FIRST = "other_income.list",
        "SELECT income.id, income.kind, income.business_date, income.amount_minor, words.description, sale.id,
                sale.prefix, sale.number
         FROM other_income AS income
         JOIN other_income_text AS words ON words.shop_id = income.shop_id AND words.income_id = income.id
         LEFT JOIN sale ON sale.shop_id = income.shop_id AND sale.id = income.sale_id
         WHERE income.shop_id = $1 AND income.business_date BETWEEN $2 AND $3
           AND (income.business_date, income.id) < ($4, $5)
           AND words.search_key LIKE $6
           AND ($7 = '' OR income.kind = $7)
           AND ($8 OR income.sale_id = $9)
           AND $10 = EXISTS (SELECT 1 FROM other_income_void AS void
                             WHERE void.shop_id = $1 AND void.income_id = income.id)
         ORDER BY income.business_date DESC, income.id DESC
         LIMIT $11 OFFSET $12";
    OLDER_FIRST = "other_income.list_back",
        "SELECT income.id, income.kind, income.business_date, income.amount_minor, words.description, sale.id,
                sale.prefix, sale.number
         FROM other_income AS income
         JOIN other_income_text AS words ON words.shop_id = income.shop_id AND words.income_id = income.id
         LEFT JOIN sale ON sale.shop_id = income.shop_id AND sale.id = income.sale_id
         WHERE income.shop_id = $1 AND income.business_date BETWEEN $2 AND $3
           AND (income.business_date, income.id) > ($4, $5)
           AND words.search_key LIKE $6
           AND ($7 = '' OR income.kind = $7)
           AND ($8 OR income.sale_id = $9)
           AND $10 = EXISTS (SELECT 1 FROM other_income_void AS void
                             WHERE void.shop_id = $1 AND void.income_id = income.id)
         ORDER BY income.business_date, income.id
         LIMIT $11 OFFSET $12";
    FOUND = "other_income.count_found",
        "SELECT COUNT(*), CAST(COALESCE(SUM(found.amount_minor), 0) AS BIGINT)
         FROM (SELECT income.amount_minor
               FROM other_income AS income
               JOIN other_income_text AS words ON words.shop_id = income.shop_id AND words.income_id = income.id
               WHERE income.shop_id = $1 AND income.business_date BETWEEN $2 AND $3
                 AND words.search_key LIKE $4
                 AND ($5 = '' OR income.kind = $5)
                 AND ($6 OR income.sale_id = $7)
                 AND $8 = EXISTS (SELECT 1 FROM other_income_void AS void
                                  WHERE void.shop_id = $1 AND void.income_id = income.id)
               LIMIT $9) AS found";
    INCOME = "other_income.income",
        "SELECT income.kind, income.business_date, income.amount_minor, sale.id, sale.prefix, sale.number,
                maker.username, maker.first_name, maker.last_name, income.recorded_at, words.description,
                words.version, void.reason, void.voided_at, undoer.username, undoer.first_name, undoer.last_name
         FROM other_income AS income
         JOIN other_income_text AS words ON words.shop_id = income.shop_id AND words.income_id = income.id
         JOIN app_user AS maker ON maker.id = income.person_id
         LEFT JOIN sale ON sale.shop_id = income.shop_id AND sale.id = income.sale_id
         LEFT JOIN other_income_void AS void ON void.shop_id = income.shop_id AND void.income_id = income.id
         LEFT JOIN app_user AS undoer ON undoer.id = void.person_id
         WHERE income.shop_id = $1 AND income.id = $2";
    SALE_LABEL = "other_income.sale_label",
        "SELECT prefix, number
         FROM sale
         WHERE shop_id = $1 AND id = $2";
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
    /// What for.
    pub kind: Option<Kind>,
    /// Of which sale.
    pub sale: Option<SaleId>,
    /// Those that were voided, instead of those that count.
    pub voided: bool,
}

impl Filter {
    /// Whether its rows are all the income of its days that counts.
    pub fn is_of_days(&self) -> bool {
        let Filter { typed, from: _, to: _, kind, sale, voided } = self;
        typed.trim().is_empty() && kind.is_none() && sale.is_none() && !voided
    }

    fn days(&self) -> (i64, i64) {
        (self.from.unwrap_or(0), self.to.unwrap_or(i64::MAX))
    }

    fn sale(&self) -> (bool, Uuid) {
        (self.sale.is_none(), self.sale.map(|sale| sale.0).unwrap_or_default())
    }
}

/// The sale that income belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfSale {
    /// Which.
    pub id: Uuid,
    /// Series and number.
    pub label: String,
}

fn of_sale(row: &mut Row) -> Result<Option<OfSale>, DbError> {
    let id: Option<Uuid> = row.take()?;
    let (prefix, number): (Option<String>, Option<i64>) = (row.take()?, row.take()?);
    let label = prefix.zip(number).map(|(prefix, number)| format!("{prefix}{number}"));
    Ok(id.zip(label).map(|(id, label)| OfSale { id, label }))
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub id: OtherIncomeId,
    /// What for.
    pub kind: Kind,
    /// For which day it counts, YYYYMMDD.
    pub business_date: i64,
    /// How much.
    pub amount_minor: i64,
    /// More about it.
    pub description: String,
    /// The sale that it belongs to.
    pub sale: Option<OfSale>,
}

impl Found {
    /// Its place, as a cursor carries it.
    pub fn keys(&self) -> Vec<Key> {
        vec![Key::Int(self.business_date), Key::Id(self.id.0.into_bytes())]
    }

    fn read(mut row: Row) -> Result<Self, DbError> {
        let (id, kind): (Uuid, String) = (row.take()?, row.take()?);
        Ok(Found {
            id: OtherIncomeId(id),
            kind: Kind::parse(&kind),
            business_date: row.take()?,
            amount_minor: row.take()?,
            description: row.take()?,
            sale: of_sale(&mut row)?,
        })
    }
}

/// At most `limit` documents from where the reader stands; before a place in the
/// reverse order.
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
    let ((from, to), (any_sale, sale)) = (filter.days(), filter.sale());
    let asked = params![
        from,
        to,
        date,
        id,
        text_key::pattern(&filter.typed),
        filter.kind.map_or("", Kind::as_str),
        any_sale,
        sale,
        filter.voided,
        limit,
        offset
    ];
    read.rows(statement, asked).await?.into_iter().map(Found::read).collect()
}

/// How many a filter lets through, and what they come to: from the kept totals where it
/// asks for days alone, else counted up to a thousand, above which nobody knows the sum.
///
/// # Errors
/// Whatever the database says.
pub async fn count(read: &mut ShopRead, filter: &Filter) -> Result<(Count, Option<i64>), DbError> {
    let (from, to) = filter.days();
    if filter.is_of_days() {
        let [sum] = money::sums(read, [(from, to)]).await?;
        return Ok((Count::Exactly(sum.income_count), Some(sum.income_minor)));
    }
    let (any_sale, sale) = filter.sale();
    let asked = params![
        from,
        to,
        text_key::pattern(&filter.typed),
        filter.kind.map_or("", Kind::as_str),
        any_sale,
        sale,
        filter.voided,
        COUNT_MAX + 1
    ];
    let mut row = read.one(&FOUND, asked).await?;
    let (many, sum_minor): (i64, i64) = (row.take()?, row.take()?);
    let is_all = many <= COUNT_MAX;
    Ok((if is_all { Count::Exactly(many) } else { Count::AtLeast(COUNT_MAX) }, is_all.then_some(sum_minor)))
}

/// Income as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredIncome {
    /// Which.
    pub id: OtherIncomeId,
    /// What for.
    pub kind: Kind,
    /// For which day it counts, YYYYMMDD.
    pub business_date: i64,
    /// How much.
    pub amount_minor: i64,
    /// The sale that it belongs to.
    pub sale: Option<OfSale>,
    /// Who wrote it down.
    pub person: String,
    /// When, µs UTC.
    pub recorded_at: i64,
    /// What people may better.
    pub description: String,
    /// Changes with every edit of the words.
    pub version: i64,
    /// Whether it was none.
    pub voided: Option<Voided>,
}

impl StoredIncome {
    /// Its page, or one below it.
    pub fn address(&self, below: &str) -> String {
        format!("/ingresos/{}/{below}", self.id)
    }
}

/// Loads income; `None` where there is none, or it is another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, id: OtherIncomeId) -> Result<Option<StoredIncome>, DbError> {
    let Some(mut row) = read.opt(&INCOME, params![id.0]).await? else { return Ok(None) };
    let kind: String = row.take()?;
    let (business_date, amount_minor) = (row.take()?, row.take()?);
    let sale = of_sale(&mut row)?;
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let (recorded_at, description, version) = (row.take()?, row.take()?, row.take()?);
    let (reason, at): (Option<String>, Option<i64>) = (row.take()?, row.take()?);
    let undoer: [Option<String>; 3] = [row.take()?, row.take()?, row.take()?];
    let [by, by_first, by_last] = undoer.map(Option::unwrap_or_default);
    Ok(Some(StoredIncome {
        id,
        kind: Kind::parse(&kind),
        business_date,
        amount_minor,
        sale,
        person: person_name(username, &first, &last),
        recorded_at,
        description,
        version,
        voided: reason.zip(at).map(|(reason, at)| Voided { reason, at, person: person_name(by, &by_first, &by_last) }),
    }))
}

/// Series and number of a sale; `None` where the shop has none of this id.
///
/// # Errors
/// Whatever the database says.
pub async fn sale_label(read: &mut ShopRead, id: SaleId) -> Result<Option<String>, DbError> {
    let Some(mut row) = read.opt(&SALE_LABEL, params![id.0]).await? else { return Ok(None) };
    let (prefix, number): (String, i64) = (row.take()?, row.take()?);
    Ok(Some(format!("{prefix}{number}")))
}
