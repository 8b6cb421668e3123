//! The figures, read from the totals and from nothing else.
//!
//! **Invariant:** what these statements read grows with days and hours (or with
//! products), never with sales. Profit is made of the lines whose cost is known; the
//! others are counted.

use super::period::{Period, Single, Spans};
use crate::features::totals::money::Money;
use db::{DbError, Row, ShopRead, params};
use domain::business_date::BusinessDate;
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    SUMS_BY_STEP = "dashboard.sums_by_step",
        "SELECT business_date / $4, CAST(SUM(sale_count) AS BIGINT), CAST(SUM(sale_base_minor) AS BIGINT),
                CAST(SUM(sale_tax_minor) AS BIGINT), CAST(SUM(sale_total_minor) AS BIGINT),
                CAST(SUM(sale_cost_minor) AS BIGINT), CAST(SUM(refund_count) AS BIGINT),
                CAST(SUM(refund_base_minor) AS BIGINT), CAST(SUM(refund_tax_minor) AS BIGINT),
                CAST(SUM(refund_total_minor) AS BIGINT), CAST(SUM(refund_cost_minor) AS BIGINT),
                CAST(SUM(known_cost_base_minor) AS BIGINT), CAST(SUM(unknown_cost_lines) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
         GROUP BY 1
         ORDER BY 1";
    SUMS_BY_HOUR = "dashboard.sums_by_hour",
        "SELECT hour, CAST(SUM(sale_count) AS BIGINT), CAST(SUM(sale_base_minor) AS BIGINT),
                CAST(SUM(sale_tax_minor) AS BIGINT), CAST(SUM(sale_total_minor) AS BIGINT),
                CAST(SUM(sale_cost_minor) AS BIGINT), CAST(SUM(refund_count) AS BIGINT),
                CAST(SUM(refund_base_minor) AS BIGINT), CAST(SUM(refund_tax_minor) AS BIGINT),
                CAST(SUM(refund_total_minor) AS BIGINT), CAST(SUM(refund_cost_minor) AS BIGINT),
                CAST(SUM(known_cost_base_minor) AS BIGINT), CAST(SUM(unknown_cost_lines) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1 AND business_date = $2
         GROUP BY hour
         ORDER BY hour";
    HEAT = "dashboard.heat",
        "SELECT business_date, hour, CAST(SUM(sale_total_minor - refund_total_minor) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
         GROUP BY business_date, hour";
    TOP_OF_MONTH = "dashboard.top_of_month",
        "SELECT top.product_id, product.name, product.unit, top.quantity_milli, top.total_minor
         FROM (SELECT product_id, quantity_milli, total_minor
               FROM product_month
               WHERE shop_id = $1 AND month = $2
               ORDER BY total_minor DESC, product_id DESC
               LIMIT $3) AS top
         JOIN product ON product.shop_id = $1 AND product.id = top.product_id
         ORDER BY top.total_minor DESC, top.product_id DESC";
    TOP_OF_YEAR = "dashboard.top_of_year",
        "SELECT top.product_id, product.name, product.unit, top.quantity_milli, top.total_minor
         FROM (SELECT product_id, quantity_milli, total_minor
               FROM product_year
               WHERE shop_id = $1 AND year = $2
               ORDER BY total_minor DESC, product_id DESC
               LIMIT $3) AS top
         JOIN product ON product.shop_id = $1 AND product.id = top.product_id
         ORDER BY top.total_minor DESC, top.product_id DESC";
    TOP_OF_SPANS = "dashboard.top_of_spans",
        "SELECT top.product_id, product.name, product.unit, top.quantity_milli, top.total_minor
         FROM (SELECT part.product_id AS product_id, CAST(SUM(part.quantity_milli) AS BIGINT) AS quantity_milli,
                      CAST(SUM(part.total_minor) AS BIGINT) AS total_minor
               FROM (SELECT product_id, quantity_milli, total_minor FROM product_day
                     WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor FROM product_day
                     WHERE shop_id = $1 AND business_date BETWEEN $4 AND $5
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor FROM product_month
                     WHERE shop_id = $1 AND month BETWEEN $6 AND $7
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor FROM product_month
                     WHERE shop_id = $1 AND month BETWEEN $8 AND $9
                     UNION ALL
                     SELECT product_id, quantity_milli, total_minor FROM product_year
                     WHERE shop_id = $1 AND year BETWEEN $10 AND $11) AS part
               GROUP BY part.product_id
               ORDER BY 3 DESC, part.product_id DESC
               LIMIT $12) AS top
         JOIN product ON product.shop_id = $1 AND product.id = top.product_id
         ORDER BY top.total_minor DESC, top.product_id DESC";
    CATEGORIES = "dashboard.categories",
        "SELECT product.category_id, category.name, CAST(SUM(part.total_minor) AS BIGINT)
         FROM (SELECT product_id, total_minor FROM product_day
               WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
               UNION ALL
               SELECT product_id, total_minor FROM product_day
               WHERE shop_id = $1 AND business_date BETWEEN $4 AND $5
               UNION ALL
               SELECT product_id, total_minor FROM product_month
               WHERE shop_id = $1 AND month BETWEEN $6 AND $7
               UNION ALL
               SELECT product_id, total_minor FROM product_month
               WHERE shop_id = $1 AND month BETWEEN $8 AND $9
               UNION ALL
               SELECT product_id, total_minor FROM product_year
               WHERE shop_id = $1 AND year BETWEEN $10 AND $11) AS part
         JOIN product ON product.shop_id = $1 AND product.id = part.product_id
         LEFT JOIN category ON category.shop_id = $1 AND category.id = product.category_id
         GROUP BY product.category_id, category.name
         ORDER BY 3 DESC, category.name
         LIMIT $12";
}

/// How many products are shown as the ones that sell best.
const TOP_ROWS: i64 = 5;
/// More categories than a shop has; what a page could show of them.
const CATEGORY_ROWS_MAX: i64 = 500;

/// Sums over hours of sales and refunds, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Sales made.
    pub sale_count: i64,
    /// Sold without tax.
    pub sale_base_minor: i64,
    /// Tax on it.
    pub sale_tax_minor: i64,
    /// Charged.
    pub sale_total_minor: i64,
    /// Known cost of what left, and cost variances.
    pub sale_cost_minor: i64,
    /// Refunds made.
    pub refund_count: i64,
    /// Refunded without tax.
    pub refund_base_minor: i64,
    /// Tax on it.
    pub refund_tax_minor: i64,
    /// Paid back.
    pub refund_total_minor: i64,
    /// Known cost of what came back.
    pub refund_cost_minor: i64,
    /// Net sales without tax of lines whose cost is known.
    pub known_cost_base_minor: i64,
    /// Lines sold whose cost is unknown.
    pub unknown_cost_lines: i64,
}

impl Sums {
    fn of(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            sale_count: row.take()?,
            sale_base_minor: row.take()?,
            sale_tax_minor: row.take()?,
            sale_total_minor: row.take()?,
            sale_cost_minor: row.take()?,
            refund_count: row.take()?,
            refund_base_minor: row.take()?,
            refund_tax_minor: row.take()?,
            refund_total_minor: row.take()?,
            refund_cost_minor: row.take()?,
            known_cost_base_minor: row.take()?,
            unknown_cost_lines: row.take()?,
        })
    }

    /// Charged, less what was paid back.
    pub fn sold_minor(&self) -> i64 {
        self.sale_total_minor - self.refund_total_minor
    }

    /// Of it, without tax.
    pub fn base_minor(&self) -> i64 {
        self.sale_base_minor - self.refund_base_minor
    }

    /// Of it, tax.
    pub fn tax_minor(&self) -> i64 {
        self.sale_tax_minor - self.refund_tax_minor
    }

    /// Known cost of goods, less what came back.
    pub fn cost_minor(&self) -> i64 {
        self.sale_cost_minor - self.refund_cost_minor
    }

    /// What the goods brought: net sales without tax less their cost, of the lines whose
    /// cost is known.
    pub fn profit_minor(&self) -> i64 {
        self.known_cost_base_minor - self.cost_minor()
    }

    /// Net sales without tax of the lines whose cost nobody knows.
    pub fn unknown_cost_base_minor(&self) -> i64 {
        self.base_minor() - self.known_cost_base_minor
    }

    /// Whether there is neither a sale nor a refund nor a variance.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |one, other| Self {
            sale_count: one.sale_count + other.sale_count,
            sale_base_minor: one.sale_base_minor + other.sale_base_minor,
            sale_tax_minor: one.sale_tax_minor + other.sale_tax_minor,
            sale_total_minor: one.sale_total_minor + other.sale_total_minor,
            sale_cost_minor: one.sale_cost_minor + other.sale_cost_minor,
            refund_count: one.refund_count + other.refund_count,
            refund_base_minor: one.refund_base_minor + other.refund_base_minor,
            refund_tax_minor: one.refund_tax_minor + other.refund_tax_minor,
            refund_total_minor: one.refund_total_minor + other.refund_total_minor,
            refund_cost_minor: one.refund_cost_minor + other.refund_cost_minor,
            known_cost_base_minor: one.known_cost_base_minor + other.known_cost_base_minor,
            unknown_cost_lines: one.unknown_cost_lines + other.unknown_cost_lines,
        })
    }
}

/// What a span of days earned: sales and the money besides them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earned {
    /// Sales and refunds.
    pub sums: Sums,
    /// Expenses, and income that is no sale.
    pub money: Money,
}

impl Earned {
    /// Gross profit: net sales without tax, and other income, less the cost of goods.
    pub fn gross_minor(&self) -> i64 {
        self.sums.profit_minor() + self.money.income_minor
    }

    /// Net profit: gross profit less expenses.
    pub fn net_minor(&self) -> i64 {
        self.gross_minor() - self.money.expense_minor
    }
}

/// Sums by day or month, keyed by YYYYMMDD or YYYYMM.
pub type ByStep = BTreeMap<i64, Sums>;

/// The period's sums and those of the one before, by the steps of its chart.
///
/// # Errors
/// Whatever the database says.
pub async fn by_step(read: &mut ShopRead, period: &Period) -> Result<(ByStep, ByStep), DbError> {
    let divisor = period.step().divisor();
    let asked = |first: BusinessDate, last: BusinessDate| params![first.as_i64(), last.as_i64(), divisor];
    let list = vec![asked(period.first, period.last), asked(period.before_first, period.before_last)];
    let mut answers = Vec::with_capacity(2);
    for rows in read.rows_many(&SUMS_BY_STEP, list).await? {
        let keyed = |mut row: Row| Ok((row.take()?, Sums::of(&mut row)?));
        answers.push(rows.into_iter().map(keyed).collect::<Result<ByStep, DbError>>()?);
    }
    let before = answers.pop().unwrap_or_default();
    Ok((answers.pop().unwrap_or_default(), before))
}

/// The sums of a period.
///
/// # Errors
/// Whatever the database says.
pub async fn sums(read: &mut ShopRead, first: BusinessDate, last: BusinessDate) -> Result<Sums, DbError> {
    // One step that holds every date.
    const ALL: i64 = 100_000_000;
    let rows = read.rows(&SUMS_BY_STEP, params![first.as_i64(), last.as_i64(), ALL]).await?;
    rows.into_iter().map(|mut row| row.take::<i64>().and_then(|_| Sums::of(&mut row))).sum()
}

/// The sums of single days by hour, in the order of the days.
///
/// # Errors
/// Whatever the database says.
pub async fn by_hour<const N: usize>(
    read: &mut ShopRead,
    days: [BusinessDate; N],
) -> Result<Vec<BTreeMap<i64, Sums>>, DbError> {
    let list = days.iter().map(|day| params![day.as_i64()]).collect();
    let mut answers = Vec::with_capacity(N);
    for rows in read.rows_many(&SUMS_BY_HOUR, list).await? {
        let keyed = |mut row: Row| Ok((row.take()?, Sums::of(&mut row)?));
        answers.push(rows.into_iter().map(keyed).collect::<Result<_, DbError>>()?);
    }
    Ok(answers)
}

/// What was sold less what came back, by weekday (Monday 0) and hour.
///
/// # Errors
/// Whatever the database says.
pub async fn heat(read: &mut ShopRead, first: BusinessDate, last: BusinessDate) -> Result<[[i64; 24]; 7], DbError> {
    let mut cells = [[0; 24]; 7];
    for mut row in read.rows(&HEAT, params![first.as_i64(), last.as_i64()]).await? {
        let (date, hour, sold): (i64, i64, i64) = (row.take()?, row.take()?, row.take()?);
        let Ok(date) = BusinessDate::from_i64(date) else { continue };
        let day = usize::try_from(date.weekday() - 1).unwrap_or(0);
        if let Some(cell) = usize::try_from(hour).ok().and_then(|hour| cells[day].get_mut(hour)) {
            *cell += sold;
        }
    }
    Ok(cells)
}

/// A product that sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopProduct {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The stored word of its unit.
    pub unit: String,
    /// Units sold less those that came back, in thousandths.
    pub quantity_milli: i64,
    /// Charged for it, less what was paid back.
    pub total_minor: i64,
}

/// The five products that brought most.
///
/// # Errors
/// Whatever the database says.
pub async fn top(read: &mut ShopRead, spans: &Spans) -> Result<Vec<TopProduct>, DbError> {
    let rows = match spans.single() {
        Some(Single::Month(month)) => read.rows(&TOP_OF_MONTH, params![month, TOP_ROWS]).await?,
        Some(Single::Year(year)) => read.rows(&TOP_OF_YEAR, params![year, TOP_ROWS]).await?,
        None => read.rows(&TOP_OF_SPANS, with_limit(spans, TOP_ROWS)).await?,
    };
    let product = |mut row: Row| {
        Ok(TopProduct {
            id: row.take()?,
            name: row.take()?,
            unit: row.take()?,
            quantity_milli: row.take()?,
            total_minor: row.take()?,
        })
    };
    rows.into_iter().map(product).collect()
}

/// A category, or the products that have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategorySum {
    /// Which; none holds the products without.
    pub id: Option<Uuid>,
    /// Its name.
    pub name: Option<String>,
    /// Charged for its products, less what was paid back.
    pub total_minor: i64,
}

/// What each category brought, the most first.
///
/// # Errors
/// Whatever the database says.
pub async fn categories(read: &mut ShopRead, spans: &Spans) -> Result<Vec<CategorySum>, DbError> {
    let rows = read.rows(&CATEGORIES, with_limit(spans, CATEGORY_ROWS_MAX)).await?;
    let category = |mut row: Row| Ok(CategorySum { id: row.take()?, name: row.take()?, total_minor: row.take()? });
    rows.into_iter().map(category).collect()
}

fn with_limit(spans: &Spans, limit: i64) -> db::Params {
    let ([one, two], [three, four], five) = (spans.days, spans.months, spans.years);
    params![one.0, one.1, two.0, two.1, three.0, three.1, four.0, four.1, five.0, five.1, limit]
}
