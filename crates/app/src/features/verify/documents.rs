//! Sales and refunds: the head is the sum of its lines, its taxes, its payments, and
//! of the stock and the cash that it moved.

use super::{Check, PAGE_ROWS, sums_by};
use db::{DbError, Params, Row, ShopRead, params};
use uuid::Uuid;

db::statements! {
    SALES = "verify.sales",
        "SELECT id, gross_minor, discount_minor, base_minor, tax_minor, total_minor, cash_rounding_minor, cost_minor,
                unknown_cost_lines, line_count, origin <> 'import', session_id IS NOT NULL
         FROM sale
         WHERE shop_id = $1 AND id > $2
         ORDER BY id
         LIMIT $3";
    SALE_LINES = "verify.sale_lines",
        "SELECT sale_id, COUNT(*), CAST(SUM(gross_minor) AS BIGINT), CAST(SUM(discount_minor) AS BIGINT),
                CAST(SUM(base_minor) AS BIGINT), CAST(SUM(tax_minor) AS BIGINT), CAST(SUM(total_minor) AS BIGINT),
                CAST(COALESCE(SUM(cost_minor), 0) AS BIGINT), COUNT(*) - COUNT(cost_minor),
                CAST(COALESCE(SUM(CASE WHEN tracked THEN cost_minor END), 0) AS BIGINT),
                COUNT(CASE WHEN tracked THEN 1 END)
         FROM sale_line
         WHERE shop_id = $1 AND sale_id > $2 AND sale_id <= $3
         GROUP BY sale_id";
    SALE_TAXES = "verify.sale_taxes",
        "SELECT sale_id, CAST(SUM(amount_minor) AS BIGINT)
         FROM sale_tax
         WHERE shop_id = $1 AND sale_id > $2 AND sale_id <= $3
         GROUP BY sale_id";
    PAYMENTS = "verify.payments",
        "SELECT payment.sale_id, CAST(SUM(payment.amount_minor) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN payment_method.kind = 'cash' THEN payment.amount_minor END), 0) AS BIGINT)
         FROM payment
         JOIN payment_method ON payment_method.shop_id = payment.shop_id AND payment_method.id = payment.method_id
         WHERE payment.shop_id = $1 AND payment.sale_id > $2 AND payment.sale_id <= $3
         GROUP BY payment.sale_id";
    MOVED = "verify.moved_by_sales",
        "SELECT document_id, COUNT(*), CAST(SUM(value_minor) AS BIGINT)
         FROM stock_movement
         WHERE shop_id = $1 AND document_id > $2 AND document_id <= $3 AND kind = 'sale'
         GROUP BY document_id";
    CASH = "verify.cash_of_sales",
        "SELECT document_id, CAST(SUM(amount_minor) AS BIGINT)
         FROM cash_entry
         WHERE shop_id = $1 AND document_id > $2 AND document_id <= $3 AND kind = 'sale'
         GROUP BY document_id";
    TAKEN_BACK = "verify.taken_back",
        "SELECT back.sale_id, back.sale_position, CAST(SUM(back.quantity_milli) AS BIGINT), line.quantity_milli
         FROM refund_line AS back
         JOIN sale_line AS line ON line.shop_id = back.shop_id AND line.sale_id = back.sale_id
                               AND line.position = back.sale_position
         WHERE back.shop_id = $1 AND back.sale_id > $2 AND back.sale_id <= $3
         GROUP BY back.sale_id, back.sale_position, line.quantity_milli";
    REFUNDS = "verify.refunds",
        "SELECT id, base_minor, tax_minor, total_minor, cash_rounding_minor, cost_minor
         FROM refund
         WHERE shop_id = $1 AND id > $2
         ORDER BY id
         LIMIT $3";
    REFUND_LINES = "verify.refund_lines",
        "SELECT refund_id, CAST(SUM(base_minor) AS BIGINT), CAST(SUM(tax_minor) AS BIGINT),
                CAST(SUM(total_minor) AS BIGINT), CAST(COALESCE(SUM(cost_minor), 0) AS BIGINT)
         FROM refund_line
         WHERE shop_id = $1 AND refund_id > $2 AND refund_id <= $3
         GROUP BY refund_id";
    REFUND_PAYMENTS = "verify.refund_payments",
        "SELECT refund_id, CAST(SUM(amount_minor) AS BIGINT)
         FROM refund_payment
         WHERE shop_id = $1 AND refund_id > $2 AND refund_id <= $3
         GROUP BY refund_id";
}

fn id(row: &mut Row) -> Result<Uuid, DbError> {
    row.take()
}

struct Sale {
    id: Uuid,
    amounts: [i64; 9],
    is_made_here: bool,
    has_session: bool,
}

fn sale(mut row: Row) -> Result<Sale, DbError> {
    let id = row.take()?;
    let mut amounts = [0; 9];
    for amount in &mut amounts {
        *amount = row.take()?;
    }
    Ok(Sale { id, amounts, is_made_here: row.take()?, has_session: row.take()? })
}

/// Checks every sale of the shop.
pub(super) async fn check_sales(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "sales");
    let mut after = Uuid::nil();
    loop {
        let rows = read.rows(&SALES, params![after, PAGE_ROWS]).await?;
        let sales: Vec<Sale> = rows.into_iter().map(sale).collect::<Result<_, _>>()?;
        let Some(last) = sales.last() else { return Ok(check) };
        let range: Params = params![after, last.id];
        let lines = sums_by::<_, 10>(read, &SALE_LINES, range.clone(), id).await?;
        let taxes = sums_by::<_, 1>(read, &SALE_TAXES, range.clone(), id).await?;
        let payments = sums_by::<_, 2>(read, &PAYMENTS, range.clone(), id).await?;
        let moved = sums_by::<_, 2>(read, &MOVED, range.clone(), id).await?;
        let cash = sums_by::<_, 1>(read, &CASH, range.clone(), id).await?;
        let back =
            sums_by::<_, 2>(read, &TAKEN_BACK, range, |row| Ok((row.take::<Uuid>()?, row.take::<i64>()?))).await?;
        for sale in &sales {
            let [count, gross, discount, base, tax, total, cost, unknown, tracked_cost, tracked] =
                lines.get(&sale.id).copied().unwrap_or_default();
            let [
                head_gross,
                head_discount,
                head_base,
                head_tax,
                head_total,
                rounding,
                head_cost,
                head_unknown,
                head_count,
            ] = sale.amounts;
            let [paid, paid_cash] = payments.get(&sale.id).copied().unwrap_or_default();
            let [of_taxes] = taxes.get(&sale.id).copied().unwrap_or_default();
            let name = || format!("sale {}", sale.id);
            check.hold_all(
                name,
                &[
                    ("the number of lines", count, head_count),
                    ("the sum before discount", gross, head_gross),
                    ("the discount", discount, head_discount),
                    ("the sum without tax", base, head_base),
                    ("the tax of the lines", tax, head_tax),
                    ("the tax by rate", of_taxes, head_tax),
                    ("the total", total, head_total),
                    ("what was paid", head_total + rounding, paid),
                    ("the cost", cost, head_cost),
                    ("the lines of unknown cost", unknown, head_unknown),
                ],
            );
            // History that was brought in moves neither stock nor cash.
            let moved = moved.get(&sale.id);
            if moved.is_some() || (sale.is_made_here && tracked > 0) {
                check.hold(name, "the value of the stock that left", -tracked_cost, moved.map_or(0, |moved| moved[1]));
            }
            if sale.has_session {
                check.hold(name, "the cash that it brought", paid_cash, cash.get(&sale.id).map_or(0, |cash| cash[0]));
            }
        }
        for ((sale, position), [returned, sold]) in back {
            let name = || format!("sale_line {sale} {position}");
            check.hold(name, "whether no more came back than was sold", true, returned <= sold);
        }
        after = last.id;
    }
}

/// Checks every refund of the shop.
pub(super) async fn check_refunds(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "refunds");
    let mut after = Uuid::nil();
    loop {
        let heads = sums_by::<_, 5>(read, &REFUNDS, params![after, PAGE_ROWS], id).await?;
        let Some((last, _)) = heads.last_key_value() else { return Ok(check) };
        let range: Params = params![after, *last];
        let lines = sums_by::<_, 4>(read, &REFUND_LINES, range.clone(), id).await?;
        let payments = sums_by::<_, 1>(read, &REFUND_PAYMENTS, range, id).await?;
        for (refund, [head_base, head_tax, head_total, rounding, head_cost]) in &heads {
            let [base, tax, total, cost] = lines.get(refund).copied().unwrap_or_default();
            let [paid] = payments.get(refund).copied().unwrap_or_default();
            check.hold_all(
                || format!("refund {refund}"),
                &[
                    ("the sum without tax", base, *head_base),
                    ("the tax", tax, *head_tax),
                    ("the total", total, *head_total),
                    ("what was paid back", head_total + rounding, paid),
                    ("the cost", cost, *head_cost),
                ],
            );
        }
        after = *last;
    }
}
