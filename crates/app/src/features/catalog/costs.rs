//! What goods cost: read here and nowhere else, for those who may know.

use db::{DbError, ShopRead, params};
use domain::{ids::ProductId, rounding::divide_half_away};

db::statements! {
    COST = "catalog.cost",
        "SELECT product.purchase_price_minor, item.on_hand_milli, item.value_minor, item.last_cost_value_minor,
                item.last_cost_quantity_milli
         FROM product
         LEFT JOIN stock_item AS item ON item.shop_id = $1 AND item.product_id = product.id
         WHERE product.shop_id = $1 AND product.id = $2
         ORDER BY item.location_id
         LIMIT 1";
}

/// What one unit of each product costs, in minor units: the average of what is on
/// hand, else the last cost, else what the shop says it buys for; `None` where
/// nobody knows.
///
/// # Errors
/// Whatever the database says.
pub async fn unit_costs(read: &mut ShopRead, products: &[ProductId]) -> Result<Vec<Option<i64>>, DbError> {
    let keys = products.iter().map(|id| params![id.0]).collect();
    let rows = read.opt_many(&COST, keys).await?;
    rows.into_iter().map(|row| row.map_or(Ok(None), unit_cost)).collect()
}

fn unit_cost(mut row: db::Row) -> Result<Option<i64>, DbError> {
    let purchase_price: Option<i64> = row.take()?;
    let (on_hand, value): (Option<i64>, Option<i64>) = (row.take()?, row.take()?);
    let (last_value, last_quantity): (Option<i64>, Option<i64>) = (row.take()?, row.take()?);
    let average = on_hand.zip(value).filter(|(quantity, _)| *quantity > 0);
    let last = last_quantity.zip(last_value).filter(|(quantity, _)| *quantity > 0);
    Ok(average.or(last).and_then(|(quantity, value)| per_unit(value, quantity)).or(purchase_price))
}

fn per_unit(value_minor: i64, quantity_milli: i64) -> Option<i64> {
    i64::try_from(divide_half_away(i128::from(value_minor) * 1_000, i128::from(quantity_milli))).ok()
}

/// What part of the price without tax is profit, in parts per million; `None`
/// where the cost is unknown or the product is given away.
pub fn margin_ppm(price_without_tax_minor: i64, cost_minor: Option<i64>) -> Option<i64> {
    let cost = cost_minor?;
    if price_without_tax_minor <= 0 {
        return None;
    }
    let gained = i128::from(price_without_tax_minor) - i128::from(cost);
    // Shown to the whole percent: nobody decides on a thousandth of a guess.
    i64::try_from(divide_half_away(gained * 100, i128::from(price_without_tax_minor)) * 10_000).ok()
}

/// A price without the taxes that may stand in it.
pub fn without_tax(price_minor: i64, rate_ppm: i64, prices_include_tax: bool) -> i64 {
    if !prices_include_tax {
        return price_minor;
    }
    let net = divide_half_away(i128::from(price_minor) * 1_000_000, 1_000_000 + i128::from(rate_ppm));
    i64::try_from(net).expect("taxes only make a price smaller")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_of_the_price_without_tax() {
        for (price, rate, included, cost, margin) in [
            (119_000, 190_000, true, Some(50_000), Some(500_000)),
            (100_000, 190_000, false, Some(75_000), Some(250_000)),
            (100_000, 0, true, Some(120_000), Some(-200_000)),
            (100_000, 0, true, None, None),
            (0, 0, true, Some(1), None),
        ] {
            assert_eq!(margin_ppm(without_tax(price, rate, included), cost), margin, "{price} {cost:?}");
        }
    }
}
