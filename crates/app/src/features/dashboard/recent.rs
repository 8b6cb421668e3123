//! The last sales made.

use db::{DbError, Row, ShopRead, params};
use uuid::Uuid;

db::statements! {
    LAST_SALES = "dashboard.last_sales",
        "SELECT sale.id, sale.prefix, sale.number, sale.sold_at, COALESCE(customer.name, sale.customer_name),
                sale.total_minor,
                (SELECT payment_method.name
                 FROM payment
                 JOIN payment_method ON payment_method.shop_id = payment.shop_id
                                    AND payment_method.id = payment.method_id
                 WHERE payment.shop_id = $1 AND payment.sale_id = sale.id
                 ORDER BY payment.position
                 LIMIT 1),
                CAST(COALESCE((SELECT SUM(refund.total_minor)
                               FROM refund
                               WHERE refund.shop_id = $1 AND refund.sale_id = sale.id), 0) AS BIGINT)
         FROM sale
         LEFT JOIN customer ON customer.shop_id = sale.shop_id AND customer.id = sale.customer_id
         WHERE sale.shop_id = $1
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $2";
}

/// How many are shown.
const ROWS: i64 = 10;

/// A sale of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentSale {
    /// Which.
    pub id: Uuid,
    /// Series and number.
    pub number: String,
    /// When, µs UTC.
    pub sold_at: i64,
    /// The customer's name; empty is the final consumer.
    pub customer: String,
    /// Charged.
    pub total_minor: i64,
    /// The first payment's method; a sale of nothing has none.
    pub method: Option<String>,
    /// Of it paid back.
    pub refunded_minor: i64,
}

/// The last sales, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead) -> Result<Vec<RecentSale>, DbError> {
    let sale = |mut row: Row| {
        let id = row.take()?;
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        Ok(RecentSale {
            id,
            number: format!("{prefix}{number}"),
            sold_at: row.take()?,
            customer: row.take()?,
            total_minor: row.take()?,
            method: row.take()?,
            refunded_minor: row.take()?,
        })
    };
    read.rows(&LAST_SALES, params![ROWS]).await?.into_iter().map(sale).collect()
}
