//! Money besides sales: what a drawer paid is what its expense says, and each day's
//! total is the sum of the documents that were not voided.

use super::{Check, PAGE_ROWS, sums_by};
use db::{DbError, Row, ShopRead, Statement, params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    EXPENSES = "verify.expenses",
        "SELECT expense.id,
                CAST(CASE WHEN expense.session_id IS NULL THEN 0 ELSE -expense.amount_minor END AS BIGINT),
                CAST(COALESCE((SELECT SUM(entry.amount_minor)
                               FROM cash_entry AS entry
                               WHERE entry.shop_id = $1 AND entry.document_id = expense.id
                                 AND entry.session_id = expense.session_id AND entry.kind = 'expense'), 0) AS BIGINT),
                CAST(CASE WHEN expense.session_id IS NULL THEN 0 ELSE 1 END AS BIGINT),
                (SELECT COUNT(*)
                 FROM cash_entry AS entry
                 WHERE entry.shop_id = $1 AND entry.document_id = expense.id),
                (SELECT COUNT(*)
                 FROM expense_text AS words
                 WHERE words.shop_id = $1 AND words.expense_id = expense.id)
         FROM expense
         WHERE expense.shop_id = $1 AND expense.id > $2
         ORDER BY expense.id
         LIMIT $3";
    VOIDS = "verify.expense_voids",
        "SELECT void.id,
                CAST(CASE WHEN void.session_id IS NULL THEN 0 ELSE expense.amount_minor END AS BIGINT),
                CAST(COALESCE((SELECT SUM(entry.amount_minor)
                               FROM cash_entry AS entry
                               WHERE entry.shop_id = $1 AND entry.document_id = void.id
                                 AND entry.session_id = void.session_id AND entry.kind = 'expense'), 0) AS BIGINT),
                CAST(CASE WHEN void.session_id IS NULL THEN 0 ELSE 1 END AS BIGINT),
                (SELECT COUNT(*)
                 FROM cash_entry AS entry
                 WHERE entry.shop_id = $1 AND entry.document_id = void.id)
         FROM expense_void AS void
         JOIN expense ON expense.shop_id = void.shop_id AND expense.id = void.expense_id
         WHERE void.shop_id = $1 AND void.id > $2
         ORDER BY void.id
         LIMIT $3";
    scan STRAY = "verify.stray_expense_entries",
        "SELECT entry.id
         FROM cash_entry AS entry
         WHERE entry.shop_id = $1 AND entry.kind = 'expense'
           AND NOT EXISTS (SELECT 1 FROM expense WHERE expense.shop_id = $1 AND expense.id = entry.document_id)
           AND NOT EXISTS (SELECT 1 FROM expense_void AS void
                           WHERE void.shop_id = $1 AND void.id = entry.document_id)
         LIMIT 1";
    SPENT = "verify.spent_by_day",
        "SELECT business_date, COUNT(*), CAST(SUM(amount_minor) AS BIGINT)
         FROM expense
         WHERE shop_id = $1
           AND NOT EXISTS (SELECT 1 FROM expense_void AS void
                           WHERE void.shop_id = $1 AND void.expense_id = expense.id)
         GROUP BY business_date";
    EARNED = "verify.earned_by_day",
        "SELECT business_date, COUNT(*), CAST(SUM(amount_minor) AS BIGINT)
         FROM other_income
         WHERE shop_id = $1
           AND NOT EXISTS (SELECT 1 FROM other_income_void AS void
                           WHERE void.shop_id = $1 AND void.income_id = other_income.id)
         GROUP BY business_date";
    KEPT = "verify.money_days",
        "SELECT business_date, income_count, income_minor, expense_count, expense_minor
         FROM money_day
         WHERE shop_id = $1";
}

const COLUMNS: [&str; 4] = ["income_count", "income_minor", "expense_count", "expense_minor"];

/// Checks every expense, every void, and the days.
pub(super) async fn check(read: &mut ShopRead, shop: Uuid) -> Result<Vec<Check>, DbError> {
    Ok(vec![check_drawers(read, shop).await?, check_days(read, shop).await?])
}

async fn check_drawers(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "expenses");
    let mut after = Uuid::nil();
    while let Some(last) = check_page::<5>(read, &mut check, &EXPENSES, "expense", after).await? {
        after = last;
    }
    after = Uuid::nil();
    while let Some(last) = check_page::<4>(read, &mut check, &VOIDS, "expense_void", after).await? {
        after = last;
    }
    for mut row in read.rows(&STRAY, params![]).await? {
        let id: Uuid = row.take()?;
        check.hold(|| format!("cash_entry {id}"), "whether it has its expense", true, false);
    }
    Ok(check)
}

/// Looks at a page of documents; the last one's id, where there was one.
async fn check_page<const N: usize>(
    read: &mut ShopRead,
    check: &mut Check,
    statement: &'static Statement,
    table: &str,
    after: Uuid,
) -> Result<Option<Uuid>, DbError> {
    let page = sums_by::<_, N>(read, statement, params![after, PAGE_ROWS], |row: &mut Row| row.take::<Uuid>()).await?;
    for (id, amounts) in &page {
        let mut held = vec![
            ("what passed its drawer", amounts[0], amounts[1]),
            ("the number of its cash entries", amounts[2], amounts[3]),
        ];
        if let Some(texts) = amounts.get(4) {
            held.push(("the number of its texts", 1, *texts));
        }
        check.hold_all(|| format!("{table} {id}"), &held);
    }
    Ok(page.last_key_value().map(|(id, _)| *id))
}

async fn check_days(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "totals of money");
    let date = |row: &mut Row| row.take::<i64>();
    let mut expected: BTreeMap<i64, [i64; 4]> = BTreeMap::new();
    for (day, [count, sum]) in sums_by::<_, 2>(read, &EARNED, params![], date).await? {
        expected.entry(day).or_default()[..2].copy_from_slice(&[count, sum]);
    }
    for (day, [count, sum]) in sums_by::<_, 2>(read, &SPENT, params![], date).await? {
        expected.entry(day).or_default()[2..].copy_from_slice(&[count, sum]);
    }
    let found = sums_by::<_, 4>(read, &KEPT, params![], date).await?;
    let days: BTreeSet<&i64> = expected.keys().chain(found.keys()).collect();
    for day in days {
        let of = |rows: &BTreeMap<i64, [i64; 4]>| rows.get(day).copied().unwrap_or_default();
        let amounts: Vec<_> =
            COLUMNS.iter().zip(of(&expected)).zip(of(&found)).map(|((name, e), f)| (*name, e, f)).collect();
        check.hold_all(|| format!("money_day {day}"), &amounts);
    }
    Ok(check)
}
