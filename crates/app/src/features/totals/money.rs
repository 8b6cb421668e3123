//! A day's money besides sales: expenses, and income that is no sale.
//!
//! **Invariant:** a row is the sum of the day's documents that were not voided; no
//! sale writes it.

use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::business_date::BusinessDate;

db::statements! {
    ADD = "totals.add_money_day",
        "INSERT INTO money_day (shop_id, business_date, income_count, income_minor, expense_count, expense_minor)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (shop_id, business_date) DO UPDATE
         SET income_count = money_day.income_count + excluded.income_count,
             income_minor = money_day.income_minor + excluded.income_minor,
             expense_count = money_day.expense_count + excluded.expense_count,
             expense_minor = money_day.expense_minor + excluded.expense_minor";
    SUM = "totals.money",
        "SELECT CAST(COALESCE(SUM(income_count), 0) AS BIGINT), CAST(COALESCE(SUM(income_minor), 0) AS BIGINT),
                CAST(COALESCE(SUM(expense_count), 0) AS BIGINT), CAST(COALESCE(SUM(expense_minor), 0) AS BIGINT)
         FROM money_day
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3";
}

/// Documents and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Income that is no sale: documents.
    pub income_count: i64,
    /// What they come to.
    pub income_minor: i64,
    /// Expenses.
    pub expense_count: i64,
    /// What they come to.
    pub expense_minor: i64,
}

impl Money {
    /// An expense.
    pub fn expense(amount_minor: i64) -> Self {
        Self { expense_count: 1, expense_minor: amount_minor, ..Self::default() }
    }

    /// Income that is no sale.
    pub fn income(amount_minor: i64) -> Self {
        Self { income_count: 1, income_minor: amount_minor, ..Self::default() }
    }

    /// What undoes it.
    #[must_use]
    pub fn undone(self) -> Self {
        Self {
            income_count: -self.income_count,
            income_minor: -self.income_minor,
            expense_count: -self.expense_count,
            expense_minor: -self.expense_minor,
        }
    }
}

/// Adds a document to its day.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut ShopTx, date: BusinessDate, money: Money) -> Result<(), DbError> {
    let Money { income_count, income_minor, expense_count, expense_minor } = money;
    tx.exec_one(&ADD, params![date.as_i64(), income_count, income_minor, expense_count, expense_minor]).await
}

/// The sums of several spans of days, first and last included, as YYYYMMDD.
///
/// # Errors
/// Whatever the database says.
pub async fn sums<const N: usize>(read: &mut ShopRead, spans: [(i64, i64); N]) -> Result<[Money; N], DbError> {
    let asked = spans.iter().map(|(first, last)| params![*first, *last]).collect();
    let mut sums = [Money::default(); N];
    for (sum, rows) in sums.iter_mut().zip(read.rows_many(&SUM, asked).await?) {
        for row in rows {
            *sum = money(row)?;
        }
    }
    Ok(sums)
}

fn money(mut row: Row) -> Result<Money, DbError> {
    Ok(Money {
        income_count: row.take()?,
        income_minor: row.take()?,
        expense_count: row.take()?,
        expense_minor: row.take()?,
    })
}
