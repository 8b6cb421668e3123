//! Cash and its drawers, from the documents' side: what each refund paid in cash left a
//! drawer, no sale took cash without one, and no drawer holds money of a document that
//! says nothing of it. (What a sale brought is looked at with the sale.)

use super::{Check, PAGE_ROWS, sums_by};
use db::{DbError, Row, ShopRead, params};
use uuid::Uuid;

db::statements! {
    REFUNDED_CASH = "verify.refunded_cash",
        "SELECT refund.id,
                CAST(COALESCE(SUM(CASE WHEN payment_method.kind = 'cash' THEN paid.amount_minor END), 0) AS BIGINT)
         FROM refund
         LEFT JOIN refund_payment AS paid ON paid.shop_id = refund.shop_id AND paid.refund_id = refund.id
         LEFT JOIN payment_method ON payment_method.shop_id = paid.shop_id AND payment_method.id = paid.method_id
         WHERE refund.shop_id = $1 AND refund.id > $2 AND refund.kind <> 'imported'
         GROUP BY refund.id
         ORDER BY refund.id
         LIMIT $3";
    PAID_OUT = "verify.cash_of_refunds",
        "SELECT document_id, CAST(SUM(amount_minor) AS BIGINT)
         FROM cash_entry
         WHERE shop_id = $1 AND document_id > $2 AND document_id <= $3 AND kind = 'refund'
         GROUP BY document_id";
    LOOSE_CASH = "verify.loose_cash",
        "SELECT sale.id, CAST(SUM(payment.amount_minor) AS BIGINT)
         FROM sale
         JOIN payment ON payment.shop_id = sale.shop_id AND payment.sale_id = sale.id
         JOIN payment_method ON payment_method.shop_id = payment.shop_id AND payment_method.id = payment.method_id
                            AND payment_method.kind = 'cash'
         WHERE sale.shop_id = $1 AND sale.session_id IS NULL AND sale.origin <> 'import'
         GROUP BY sale.id
         HAVING SUM(payment.amount_minor) <> 0
         ORDER BY sale.id
         LIMIT 1";
    OF_NOTHING = "verify.cash_of_nothing",
        "SELECT entry.id
         FROM cash_entry AS entry
         LEFT JOIN sale ON sale.shop_id = entry.shop_id AND sale.id = entry.document_id
                       AND sale.session_id = entry.session_id
         LEFT JOIN refund ON refund.shop_id = entry.shop_id AND refund.id = entry.document_id
                         AND refund.session_id = entry.session_id
         WHERE entry.shop_id = $1
           AND ((entry.kind = 'sale' AND sale.id IS NULL) OR (entry.kind = 'refund' AND refund.id IS NULL))
         ORDER BY entry.session_id, entry.id
         LIMIT 1";
}

fn id(row: &mut Row) -> Result<Uuid, DbError> {
    row.take()
}

/// Checks the shop's cash against its documents.
pub(super) async fn check(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "drawers");
    let mut after = Uuid::nil();
    loop {
        let refunds = sums_by::<_, 1>(read, &REFUNDED_CASH, params![after, PAGE_ROWS], id).await?;
        let Some((last, _)) = refunds.last_key_value() else { break };
        let entries = sums_by::<_, 1>(read, &PAID_OUT, params![after, *last], id).await?;
        for (refund, [paid]) in &refunds {
            let [left] = entries.get(refund).copied().unwrap_or_default();
            check.hold_all(|| format!("refund {refund}"), &[("the cash that left a drawer", -paid, left)]);
        }
        after = *last;
    }
    for (sale, [cash]) in sums_by::<_, 1>(read, &LOOSE_CASH, params![], id).await? {
        check.hold(|| format!("sale {sale}"), "the cash that is in no drawer", 0, cash);
    }
    for mut row in read.rows(&OF_NOTHING, params![]).await? {
        let entry: Uuid = row.take()?;
        check.hold(|| format!("cash_entry {entry}"), "whether its document says so", true, false);
    }
    Ok(check)
}
