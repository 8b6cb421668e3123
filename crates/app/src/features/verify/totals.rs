//! Totals: hours, products and counters are the sums of the documents.
//!
//! A month is looked at at a time. Cost variances, which come with stock and not with
//! a document of their own, are known by day and product only: the cost of a day is
//! held to them over all its hours, everything else hour by hour and register by
//! register.

use super::{Check, chains::Variances, sums_by};
use db::{DbError, Row, ShopRead, params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    scan BOUNDS = "verify.bounds",
        "SELECT MIN(month), MAX(month)
         FROM (SELECT business_date / 100 AS month FROM sale WHERE shop_id = $1
               UNION ALL SELECT business_date / 100 FROM refund WHERE shop_id = $1
               UNION ALL SELECT business_date / 100 FROM sales_hour WHERE shop_id = $1
               UNION ALL SELECT business_date / 100 FROM product_day WHERE shop_id = $1
               UNION ALL SELECT month FROM product_month WHERE shop_id = $1
               UNION ALL SELECT year * 100 + 1 FROM product_year WHERE shop_id = $1) AS known";
    SALE_HOURS = "verify.sale_hours",
        "SELECT business_date, hour, register_id, COUNT(*), CAST(SUM(line_count) AS BIGINT),
                CAST(SUM(base_minor) AS BIGINT), CAST(SUM(tax_minor) AS BIGINT), CAST(SUM(total_minor) AS BIGINT),
                CAST(SUM(cost_minor) AS BIGINT), CAST(SUM(discount_minor) AS BIGINT),
                CAST(SUM(cash_rounding_minor) AS BIGINT), CAST(SUM(unknown_cost_lines) AS BIGINT)
         FROM sale
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
         GROUP BY business_date, hour, register_id";
    SALE_KNOWN = "verify.sale_known_base",
        "SELECT sale.business_date, sale.hour, sale.register_id, CAST(SUM(line.base_minor) AS BIGINT)
         FROM sale
         JOIN sale_line AS line ON line.shop_id = sale.shop_id AND line.sale_id = sale.id
         WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $2 AND $3 AND line.cost_minor IS NOT NULL
         GROUP BY sale.business_date, sale.hour, sale.register_id";
    REFUND_HOURS = "verify.refund_hours",
        "SELECT business_date, hour, register_id, COUNT(*), CAST(SUM(base_minor) AS BIGINT),
                CAST(SUM(tax_minor) AS BIGINT), CAST(SUM(total_minor) AS BIGINT), CAST(SUM(cost_minor) AS BIGINT),
                CAST(SUM(cash_rounding_minor) AS BIGINT)
         FROM refund
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3
         GROUP BY business_date, hour, register_id";
    REFUND_KNOWN = "verify.refund_known_base",
        "SELECT refund.business_date, refund.hour, refund.register_id, CAST(SUM(line.base_minor) AS BIGINT)
         FROM refund
         JOIN refund_line AS line ON line.shop_id = refund.shop_id AND line.refund_id = refund.id
         WHERE refund.shop_id = $1 AND refund.business_date BETWEEN $2 AND $3 AND line.cost_minor IS NOT NULL
         GROUP BY refund.business_date, refund.hour, refund.register_id";
    HOURS = "verify.hours",
        "SELECT business_date, hour, register_id, sale_count, line_count, sale_base_minor, sale_tax_minor,
                sale_total_minor, discount_minor, cash_rounding_minor, unknown_cost_lines, refund_count,
                refund_base_minor, refund_tax_minor, refund_total_minor, refund_cost_minor, known_cost_base_minor,
                sale_cost_minor
         FROM sales_hour
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3";
    /// Units are packs times what is in a pack, rounded half up to a thousandth, as they were taken from stock.
    SALE_PRODUCTS = "verify.sale_products",
        "SELECT sale.business_date, line.product_id,
                CAST(SUM((line.quantity_milli * line.pack_milli + 500) / 1000) AS BIGINT),
                CAST(SUM(line.total_minor) AS BIGINT), CAST(SUM(line.base_minor) AS BIGINT),
                CAST(COALESCE(SUM(line.cost_minor), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN line.cost_minor IS NOT NULL THEN line.base_minor END), 0) AS BIGINT)
         FROM sale
         JOIN sale_line AS line ON line.shop_id = sale.shop_id AND line.sale_id = sale.id
         WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $2 AND $3
         GROUP BY sale.business_date, line.product_id";
    REFUND_PRODUCTS = "verify.refund_products",
        "SELECT refund.business_date, line.product_id, CAST(SUM(line.total_minor) AS BIGINT),
                CAST(SUM(line.base_minor) AS BIGINT), CAST(COALESCE(SUM(line.cost_minor), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN line.cost_minor IS NOT NULL THEN line.base_minor END), 0) AS BIGINT)
         FROM refund
         JOIN refund_line AS line ON line.shop_id = refund.shop_id AND line.refund_id = refund.id
         WHERE refund.shop_id = $1 AND refund.business_date BETWEEN $2 AND $3
         GROUP BY refund.business_date, line.product_id";
    /// By line of a sale: what had come back before the day, and what came back on it.
    REFUND_UNITS = "verify.refund_units",
        "SELECT refund.business_date, line.product_id, COALESCE(line.sale_id, line.refund_id),
                COALESCE(line.sale_position, line.position), MIN(line.pack_milli),
                CAST(SUM(line.quantity_milli) AS BIGINT),
                CAST(COALESCE((SELECT SUM(earlier.quantity_milli)
                               FROM refund_line AS earlier
                               JOIN refund AS one ON one.shop_id = earlier.shop_id AND one.id = earlier.refund_id
                               WHERE earlier.shop_id = $1 AND earlier.sale_id = line.sale_id
                                 AND earlier.sale_position = line.sale_position
                                 AND one.business_date < refund.business_date), 0) AS BIGINT)
         FROM refund
         JOIN refund_line AS line ON line.shop_id = refund.shop_id AND line.refund_id = refund.id
         WHERE refund.shop_id = $1 AND refund.business_date BETWEEN $2 AND $3
         GROUP BY refund.business_date, line.product_id, line.sale_id, line.sale_position,
                  COALESCE(line.sale_id, line.refund_id), COALESCE(line.sale_position, line.position)";
    PRODUCT_DAYS = "verify.product_days",
        "SELECT business_date, product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_day
         WHERE shop_id = $1 AND business_date BETWEEN $2 AND $3";
    PRODUCT_MONTHS = "verify.product_months",
        "SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_month
         WHERE shop_id = $1 AND month = $2";
    PRODUCTS_OF_MONTHS = "verify.products_of_months",
        "SELECT product_id, CAST(SUM(quantity_milli) AS BIGINT), CAST(SUM(total_minor) AS BIGINT),
                CAST(SUM(base_minor) AS BIGINT), CAST(SUM(cost_minor) AS BIGINT),
                CAST(SUM(known_cost_base_minor) AS BIGINT)
         FROM product_month
         WHERE shop_id = $1 AND month BETWEEN $2 AND $3
         GROUP BY product_id";
    PRODUCT_YEARS = "verify.product_years",
        "SELECT product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_year
         WHERE shop_id = $1 AND year = $2";
    scan COUNTED_SALES = "verify.counted_sales",
        "SELECT register_id, COUNT(*)
         FROM sale
         WHERE shop_id = $1
         GROUP BY register_id";
    scan COUNTED_OTHERS = "verify.counted_others",
        "SELECT (SELECT COUNT(*) FROM product WHERE shop_id = $1 AND active),
                (SELECT COUNT(*) FROM customer WHERE shop_id = $1 AND active)";
    COUNTERS = "verify.counters",
        "SELECT name, part, value
         FROM row_counter
         WHERE shop_id = $1";
}

type HourKey = (i64, i64, Uuid);
/// Quantity, total, base, cost, base of known cost.
type ProductAmounts = [i64; 5];
type ByProductDay = BTreeMap<(i64, Uuid), ProductAmounts>;

const HOUR_COLUMNS: [&str; 14] = [
    "sale_count", "line_count", "sale_base_minor", "sale_tax_minor", "sale_total_minor", "discount_minor",
    "cash_rounding_minor", "unknown_cost_lines", "refund_count", "refund_base_minor", "refund_tax_minor",
    "refund_total_minor", "refund_cost_minor", "known_cost_base_minor",
];
const PRODUCT_COLUMNS: [&str; 5] =
    ["quantity_milli", "total_minor", "base_minor", "cost_minor", "known_cost_base_minor"];

/// Checks every total of the shop.
pub(super) async fn check(read: &mut ShopRead, shop: Uuid, variances: &Variances) -> Result<Vec<Check>, DbError> {
    let mut hours = Check::new(shop, "totals by hour");
    let mut products = Check::new(shop, "totals by product");
    for month in months(read, variances).await? {
        check_hours(read, &mut hours, month, variances).await?;
        check_products(read, &mut products, month, variances).await?;
        if month % 100 == 12 {
            check_year(read, &mut products, month / 100).await?;
        }
    }
    Ok(vec![hours, products, check_counters(read, shop).await?])
}

/// From the January of the first month known to the December of the last.
async fn months(read: &mut ShopRead, variances: &Variances) -> Result<Vec<i64>, DbError> {
    let mut row = read.one(&BOUNDS, params![]).await?;
    let bounds: [Option<i64>; 2] = [row.take()?, row.take()?];
    let of_variances = variances.keys().map(|(date, _)| date / 100);
    let known: Vec<i64> = bounds.into_iter().flatten().chain(of_variances).collect();
    let (Some(first), Some(last)) = (known.iter().min(), known.iter().max()) else { return Ok(Vec::new()) };
    Ok((first / 100..=last / 100).flat_map(|year| (1..=12).map(move |month| year * 100 + month)).collect())
}

fn hour_key(row: &mut Row) -> Result<HourKey, DbError> {
    Ok((row.take()?, row.take()?, row.take()?))
}

async fn check_hours(read: &mut ShopRead, check: &mut Check, month: i64, variances: &Variances) -> Result<(), DbError> {
    let days = params![month * 100, month * 100 + 99];
    let mut expected: BTreeMap<HourKey, [i64; 14]> = BTreeMap::new();
    let mut costs: BTreeMap<i64, i64> = BTreeMap::new();
    for (key, sums) in sums_by::<_, 9>(read, &SALE_HOURS, days.clone(), hour_key).await? {
        let [count, lines, base, tax, total, cost, discount, rounding, unknown] = sums;
        expected.entry(key).or_default()[..8]
            .copy_from_slice(&[count, lines, base, tax, total, discount, rounding, unknown]);
        *costs.entry(key.0).or_default() += cost;
    }
    for (key, [known]) in sums_by::<_, 1>(read, &SALE_KNOWN, days.clone(), hour_key).await? {
        expected.entry(key).or_default()[13] += known;
    }
    for (key, sums) in sums_by::<_, 6>(read, &REFUND_HOURS, days.clone(), hour_key).await? {
        let [count, base, tax, total, cost, rounding] = sums;
        let row = expected.entry(key).or_default();
        row[8..13].copy_from_slice(&[count, base, tax, total, cost]);
        row[6] -= rounding;
    }
    for (key, [known]) in sums_by::<_, 1>(read, &REFUND_KNOWN, days.clone(), hour_key).await? {
        expected.entry(key).or_default()[13] -= known;
    }
    for ((date, _), variance) in variances.range((month * 100, Uuid::nil())..=(month * 100 + 99, Uuid::max())) {
        *costs.entry(*date).or_default() += variance;
    }
    let found = sums_by::<_, 15>(read, &HOURS, days, hour_key).await?;
    let mut found_costs: BTreeMap<i64, i64> = BTreeMap::new();
    for (key, row) in &found {
        *found_costs.entry(key.0).or_default() += row[14];
    }
    let keys: BTreeSet<&HourKey> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let expected = expected.get(key).copied().unwrap_or_default();
        let found = found.get(key).copied().unwrap_or_default();
        let amounts: Vec<_> =
            HOUR_COLUMNS.iter().zip(expected).zip(found).map(|((name, e), f)| (*name, e, f)).collect();
        check.hold_all(|| format!("sales_hour {} hour {} register {}", key.0, key.1, key.2), &amounts);
    }
    let dates: BTreeSet<&i64> = costs.keys().chain(found_costs.keys()).collect();
    for date in dates {
        let of = |costs: &BTreeMap<i64, i64>| costs.get(date).copied().unwrap_or(0);
        check.hold(|| format!("sales_hour {date}"), "the day's sale_cost_minor", of(&costs), of(&found_costs));
    }
    Ok(())
}

fn day_key(row: &mut Row) -> Result<(i64, Uuid), DbError> {
    Ok((row.take()?, row.take()?))
}

async fn check_products(
    read: &mut ShopRead,
    check: &mut Check,
    month: i64,
    variances: &Variances,
) -> Result<(), DbError> {
    let days = params![month * 100, month * 100 + 99];
    let mut expected: ByProductDay = sums_by::<_, 5>(read, &SALE_PRODUCTS, days.clone(), day_key).await?;
    for (key, [total, base, cost, known]) in sums_by::<_, 4>(read, &REFUND_PRODUCTS, days.clone(), day_key).await? {
        let row = expected.entry(key).or_default();
        for (amount, less) in row[1..].iter_mut().zip([total, base, cost, known]) {
            *amount -= less;
        }
    }
    take_back_units(read, &mut expected, days.clone()).await?;
    for (key, variance) in variances.range((month * 100, Uuid::nil())..=(month * 100 + 99, Uuid::max())) {
        expected.entry(*key).or_default()[3] += variance;
    }
    let found: ByProductDay = sums_by::<_, 5>(read, &PRODUCT_DAYS, days, day_key).await?;
    compare(check, &expected, &found, |(date, product)| format!("product_day {date} product {product}"));
    let mut of_month: BTreeMap<Uuid, ProductAmounts> = BTreeMap::new();
    for ((_, product), amounts) in &found {
        for (sum, amount) in of_month.entry(*product).or_default().iter_mut().zip(amounts) {
            *sum += amount;
        }
    }
    let found = sums_by::<_, 5>(read, &PRODUCT_MONTHS, params![month], |row| row.take::<Uuid>()).await?;
    compare(check, &of_month, &found, |product| format!("product_month {month} product {product}"));
    Ok(())
}

/// Units that came back: of one line of a sale they are rounded over all that has come
/// back, so that the parts add up to the whole.
async fn take_back_units(read: &mut ShopRead, expected: &mut ByProductDay, days: db::Params) -> Result<(), DbError> {
    for mut row in read.rows(&REFUND_UNITS, days).await? {
        let key = day_key(&mut row)?;
        let (_document, _position): (Uuid, i64) = (row.take()?, row.take()?);
        let (pack, on_day, before): (i64, i64, i64) = (row.take()?, row.take()?, row.take()?);
        let units = |packs: i64| (i128::from(packs) * i128::from(pack) + 500) / 1_000;
        let units = i64::try_from(units(before + on_day) - units(before)).unwrap_or(i64::MAX);
        expected.entry(key).or_default()[0] -= units;
    }
    Ok(())
}

async fn check_year(read: &mut ShopRead, check: &mut Check, year: i64) -> Result<(), DbError> {
    let product = |row: &mut Row| row.take::<Uuid>();
    let months = params![year * 100, year * 100 + 99];
    let expected = sums_by::<_, 5>(read, &PRODUCTS_OF_MONTHS, months, product).await?;
    let found = sums_by::<_, 5>(read, &PRODUCT_YEARS, params![year], product).await?;
    compare(check, &expected, &found, |product| format!("product_year {year} product {product}"));
    Ok(())
}

fn compare<K: Ord>(
    check: &mut Check,
    expected: &BTreeMap<K, ProductAmounts>,
    found: &BTreeMap<K, ProductAmounts>,
    name: impl Fn(&K) -> String,
) {
    let keys: BTreeSet<&K> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let expected = expected.get(key).copied().unwrap_or_default();
        let found = found.get(key).copied().unwrap_or_default();
        let amounts: Vec<_> =
            PRODUCT_COLUMNS.iter().zip(expected).zip(found).map(|((name, e), f)| (*name, e, f)).collect();
        check.hold_all(|| name(key), &amounts);
    }
}

async fn check_counters(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "counters");
    let mut expected: BTreeMap<(String, Uuid), [i64; 1]> = BTreeMap::new();
    for (register, count) in sums_by::<_, 1>(read, &COUNTED_SALES, params![], |row| row.take::<Uuid>()).await? {
        expected.insert(("sales".to_owned(), register), count);
    }
    let mut others = read.one(&COUNTED_OTHERS, params![]).await?;
    for name in ["products", "customers"] {
        expected.insert((name.to_owned(), Uuid::nil()), [others.take()?]);
    }
    let key = |row: &mut Row| Ok((row.take::<String>()?, row.take::<Uuid>()?));
    let found = sums_by::<_, 1>(read, &COUNTERS, params![], key).await?;
    let keys: BTreeSet<&(String, Uuid)> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let of = |rows: &BTreeMap<(String, Uuid), [i64; 1]>| rows.get(key).map_or(0, |value| value[0]);
        check.hold_all(|| format!("row_counter {} {}", key.0, key.1), &[("value", of(&expected), of(&found))]);
    }
    Ok(check)
}
