//! Totals: what reports read instead of the history.
//!
//! Owns `sales_hour`, `product_day`, `product_month`, `product_year`, `money_day`
//! and `row_counter`. They are written in the transaction of the document that they
//! sum up, never later, and `verify` recomputes them.
//!
//! **Invariant:** two tills never write the same row of `sales_hour` or
//! `row_counter`: both are kept by register. A product's rows change while its
//! stock item is locked; rows of products without stock are taken in the order
//! of their keys.

pub mod money;

use db::{DbError, ShopTx, params};
use domain::ids::{ProductId, RegisterId};
use std::collections::BTreeMap;

/// Tables that only this module writes.
pub const TABLES: &[&str] = &["sales_hour", "product_day", "product_month", "product_year", "money_day", "row_counter"];

db::statements! {
    ADD_HOUR = "totals.add_hour",
        "INSERT INTO sales_hour (shop_id, business_date, hour, register_id, sale_count, line_count, sale_base_minor,
                                 sale_tax_minor, sale_total_minor, sale_cost_minor, discount_minor,
                                 cash_rounding_minor, refund_count, refund_base_minor, refund_tax_minor,
                                 refund_total_minor, refund_cost_minor, known_cost_base_minor, unknown_cost_lines)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (shop_id, business_date, hour, register_id) DO UPDATE
         SET sale_count = sales_hour.sale_count + excluded.sale_count,
             line_count = sales_hour.line_count + excluded.line_count,
             sale_base_minor = sales_hour.sale_base_minor + excluded.sale_base_minor,
             sale_tax_minor = sales_hour.sale_tax_minor + excluded.sale_tax_minor,
             sale_total_minor = sales_hour.sale_total_minor + excluded.sale_total_minor,
             sale_cost_minor = sales_hour.sale_cost_minor + excluded.sale_cost_minor,
             discount_minor = sales_hour.discount_minor + excluded.discount_minor,
             cash_rounding_minor = sales_hour.cash_rounding_minor + excluded.cash_rounding_minor,
             refund_count = sales_hour.refund_count + excluded.refund_count,
             refund_base_minor = sales_hour.refund_base_minor + excluded.refund_base_minor,
             refund_tax_minor = sales_hour.refund_tax_minor + excluded.refund_tax_minor,
             refund_total_minor = sales_hour.refund_total_minor + excluded.refund_total_minor,
             refund_cost_minor = sales_hour.refund_cost_minor + excluded.refund_cost_minor,
             known_cost_base_minor = sales_hour.known_cost_base_minor + excluded.known_cost_base_minor,
             unknown_cost_lines = sales_hour.unknown_cost_lines + excluded.unknown_cost_lines";
    ADD_PRODUCT_DAY = "totals.add_product_day",
        "INSERT INTO product_day (shop_id, business_date, product_id, quantity_milli, total_minor, base_minor,
                                  cost_minor, known_cost_base_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (shop_id, business_date, product_id) DO UPDATE
         SET quantity_milli = product_day.quantity_milli + excluded.quantity_milli,
             total_minor = product_day.total_minor + excluded.total_minor,
             base_minor = product_day.base_minor + excluded.base_minor,
             cost_minor = product_day.cost_minor + excluded.cost_minor,
             known_cost_base_minor = product_day.known_cost_base_minor + excluded.known_cost_base_minor";
    ADD_PRODUCT_MONTH = "totals.add_product_month",
        "INSERT INTO product_month (shop_id, month, product_id, quantity_milli, total_minor, base_minor,
                                    cost_minor, known_cost_base_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (shop_id, month, product_id) DO UPDATE
         SET quantity_milli = product_month.quantity_milli + excluded.quantity_milli,
             total_minor = product_month.total_minor + excluded.total_minor,
             base_minor = product_month.base_minor + excluded.base_minor,
             cost_minor = product_month.cost_minor + excluded.cost_minor,
             known_cost_base_minor = product_month.known_cost_base_minor + excluded.known_cost_base_minor";
    ADD_PRODUCT_YEAR = "totals.add_product_year",
        "INSERT INTO product_year (shop_id, year, product_id, quantity_milli, total_minor, base_minor,
                                   cost_minor, known_cost_base_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (shop_id, year, product_id) DO UPDATE
         SET quantity_milli = product_year.quantity_milli + excluded.quantity_milli,
             total_minor = product_year.total_minor + excluded.total_minor,
             base_minor = product_year.base_minor + excluded.base_minor,
             cost_minor = product_year.cost_minor + excluded.cost_minor,
             known_cost_base_minor = product_year.known_cost_base_minor + excluded.known_cost_base_minor";
    ADD_COUNT = "totals.add_count",
        "INSERT INTO row_counter (shop_id, name, part, value)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (shop_id, name, part) DO UPDATE
         SET value = row_counter.value + excluded.value";
    COUNT = "totals.count",
        "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT)
         FROM row_counter
         WHERE shop_id = $1 AND name = $2";
}

/// Which register's hour a document falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The business date, as YYYYMMDD.
    pub business_date: i64,
    /// The hour of the business day's clock, 0 to 23.
    pub hour: i64,
    /// The register.
    pub register: RegisterId,
}

/// What a document adds to its hour. Refunds are kept beside sales, not taken
/// off them, so that both can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourDelta {
    /// Sales made.
    pub sale_count: i64,
    /// Their lines.
    pub line_count: i64,
    /// Sold without tax.
    pub sale_base_minor: i64,
    /// Tax on it.
    pub sale_tax_minor: i64,
    /// Charged.
    pub sale_total_minor: i64,
    /// Known cost of what left, and cost variances.
    pub sale_cost_minor: i64,
    /// Given off.
    pub discount_minor: i64,
    /// Cash rounding of sales less that of refunds.
    pub cash_rounding_minor: i64,
    /// Refunds and voids made.
    pub refund_count: i64,
    /// Refunded without tax.
    pub refund_base_minor: i64,
    /// Tax on it.
    pub refund_tax_minor: i64,
    /// Paid back.
    pub refund_total_minor: i64,
    /// Known cost of what came back.
    pub refund_cost_minor: i64,
    /// Net sales without tax of the lines whose cost is known.
    pub known_cost_base_minor: i64,
    /// Lines sold whose cost is unknown; taking one back does not make it known.
    pub unknown_cost_lines: i64,
}

/// What a document adds to a product: net of refunds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductDelta {
    /// Units, in thousandths.
    pub quantity_milli: i64,
    /// Charged.
    pub total_minor: i64,
    /// Without tax.
    pub base_minor: i64,
    /// Known cost.
    pub cost_minor: i64,
    /// Without tax, of the lines whose cost is known.
    pub known_cost_base_minor: i64,
}

impl HourDelta {
    /// Adds another document of the same hour.
    pub fn add(&mut self, other: HourDelta) {
        self.sale_count += other.sale_count;
        self.line_count += other.line_count;
        self.sale_base_minor += other.sale_base_minor;
        self.sale_tax_minor += other.sale_tax_minor;
        self.sale_total_minor += other.sale_total_minor;
        self.sale_cost_minor += other.sale_cost_minor;
        self.discount_minor += other.discount_minor;
        self.cash_rounding_minor += other.cash_rounding_minor;
        self.refund_count += other.refund_count;
        self.refund_base_minor += other.refund_base_minor;
        self.refund_tax_minor += other.refund_tax_minor;
        self.refund_total_minor += other.refund_total_minor;
        self.refund_cost_minor += other.refund_cost_minor;
        self.known_cost_base_minor += other.known_cost_base_minor;
        self.unknown_cost_lines += other.unknown_cost_lines;
    }
}

impl ProductDelta {
    /// Adds another delta of the same product.
    pub fn add(&mut self, other: ProductDelta) {
        self.quantity_milli += other.quantity_milli;
        self.total_minor += other.total_minor;
        self.base_minor += other.base_minor;
        self.cost_minor += other.cost_minor;
        self.known_cost_base_minor += other.known_cost_base_minor;
    }
}

/// Adds a document to its hour and its products' day, month and year.
///
/// # Errors
/// Whatever the database says.
pub async fn add(
    tx: &mut ShopTx,
    slot: Slot,
    hour: HourDelta,
    products: &BTreeMap<ProductId, ProductDelta>,
) -> Result<(), DbError> {
    let mut many = ManyDocuments::default();
    many.add(slot, hour, products);
    many.write(tx, slot.register).await
}

/// What many documents of one register add, summed up before it is written: an
/// import brings thousands, many of them into the same rows.
#[derive(Clone, Debug, Default)]
pub struct ManyDocuments {
    hours: BTreeMap<(i64, i64), HourDelta>,
    days: BTreeMap<(i64, ProductId), ProductDelta>,
}

impl ManyDocuments {
    /// Adds a document; the slot's register is the one that [`ManyDocuments::write`] is given.
    pub fn add(&mut self, slot: Slot, hour: HourDelta, products: &BTreeMap<ProductId, ProductDelta>) {
        self.hours.entry((slot.business_date, slot.hour)).or_default().add(hour);
        for (product, delta) in products {
            self.days.entry((slot.business_date, *product)).or_default().add(*delta);
        }
    }

    /// Writes the sums, table by table and each in the order of its keys, as every
    /// writer of these tables does.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn write(&self, tx: &mut ShopTx, register: RegisterId) -> Result<(), DbError> {
        let hours = self.hours.iter().map(|((date, hour), delta)| hour_row(*date, *hour, register, delta));
        tx.exec_many(&ADD_HOUR, hours.collect()).await?;
        tx.exec_many(&ADD_PRODUCT_DAY, self.product_rows(1)).await?;
        tx.exec_many(&ADD_PRODUCT_MONTH, self.product_rows(100)).await?;
        tx.exec_many(&ADD_PRODUCT_YEAR, self.product_rows(10_000)).await?;
        Ok(())
    }

    /// One row a period and product; a period is the date without its last digits.
    fn product_rows(&self, divisor: i64) -> Vec<db::Params> {
        let mut periods: BTreeMap<(i64, ProductId), ProductDelta> = BTreeMap::new();
        for ((date, product), delta) in &self.days {
            periods.entry((date / divisor, *product)).or_default().add(*delta);
        }
        let row = |((period, product), delta): (&(i64, ProductId), &ProductDelta)| {
            params![
                *period, product.0, delta.quantity_milli, delta.total_minor, delta.base_minor, delta.cost_minor,
                delta.known_cost_base_minor
            ]
        };
        periods.iter().map(row).collect()
    }
}

fn hour_row(date: i64, hour_of_day: i64, register: RegisterId, hour: &HourDelta) -> db::Params {
    params![
        date, hour_of_day, register.0, hour.sale_count, hour.line_count, hour.sale_base_minor, hour.sale_tax_minor,
        hour.sale_total_minor, hour.sale_cost_minor, hour.discount_minor, hour.cash_rounding_minor, hour.refund_count,
        hour.refund_base_minor, hour.refund_tax_minor, hour.refund_total_minor, hour.refund_cost_minor,
        hour.known_cost_base_minor, hour.unknown_cost_lines
    ]
}

/// Counts rows that a list will show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Sales, by register.
    Sales(RegisterId),
    /// Active products.
    Products,
    /// Active customers.
    Customers,
}

impl Counted {
    fn name(self) -> &'static str {
        match self {
            Counted::Sales(_) => "sales",
            Counted::Products => "products",
            Counted::Customers => "customers",
        }
    }

    fn part(self) -> uuid::Uuid {
        match self {
            Counted::Sales(register) => register.0,
            Counted::Products | Counted::Customers => uuid::Uuid::nil(),
        }
    }
}

/// Adds to a list's counter.
///
/// # Errors
/// Whatever the database says.
pub async fn count(tx: &mut ShopTx, counted: Counted, change: i64) -> Result<(), DbError> {
    tx.exec_one(&ADD_COUNT, params![counted.name(), counted.part(), change]).await
}

/// How many rows an unfiltered list has, over all parts of its counter.
///
/// # Errors
/// Whatever the database says.
pub async fn counted(read: &mut db::ShopRead, counted: Counted) -> Result<i64, DbError> {
    read.one(&COUNT, params![counted.name()]).await?.take()
}
