//! The sample's figures straight from its rows, by code that shares nothing with the
//! import but the cells: floats, string keys, no engine.

use crate::features::imports::read::{self, Limits};
use std::collections::{BTreeMap, HashSet};

pub const SAMPLE: &[u8] = include_bytes!("../../../../../../fixtures/third_party/online-retail-sample.xlsx");

#[derive(Debug, Default)]
pub struct Figures {
    pub sales: HashSet<String>,
    pub sale_lines: i64,
    pub sold_minor: i64,
    pub refunds: HashSet<String>,
    pub refund_lines: i64,
    pub refunded_minor: i64,
    pub adjustments: usize,
    pub skus: HashSet<String>,
    pub customers: HashSet<String>,
    /// Net of refunds, by YYYYMM.
    pub months: BTreeMap<i64, i64>,
    /// Sold and refunded, by SKU, all time.
    pub products: BTreeMap<String, (i64, i64)>,
}

#[expect(clippy::float_arithmetic, reason = "an independent computation, by the means of a spreadsheet")]
pub fn figures() -> Figures {
    let table = read::read_table(SAMPLE, &Limits::default()).expect("the sample is a spreadsheet");
    let (mut seen, mut figures) = (HashSet::new(), Figures::default());
    for row in &table.rows[1..] {
        let cells: Vec<String> = (0..8).map(|column| row.cell(column).as_text()).collect();
        let price: f64 = cells[5].parse().expect("a price");
        if !seen.insert(format!("{:?}", row.cells)) || ((price * 100.0).round() / 100.0 - price).abs() > 1e-6 {
            continue;
        }
        let quantity: i64 = cells[3].parse().expect("a whole quantity");
        let amount = quantity * ((price * 100.0).round() as i64);
        let sku = cells[1].to_lowercase();
        figures.skus.insert(sku.clone());
        if quantity <= 0 && !cells[0].starts_with('C') {
            figures.adjustments += 1;
            continue;
        }
        if !cells[6].is_empty() {
            figures.customers.insert(cells[6].clone());
        }
        let month: i64 = cells[4][..7].replace('-', "").parse().expect("a month");
        *figures.months.entry(month).or_default() += amount;
        let product = figures.products.entry(sku).or_default();
        product.0 += quantity * 1_000;
        product.1 += amount;
        if quantity > 0 {
            figures.sales.insert(cells[0].clone());
            figures.sale_lines += 1;
            figures.sold_minor += amount;
        } else {
            figures.refunds.insert(cells[0].clone());
            figures.refund_lines += 1;
            figures.refunded_minor -= amount;
        }
    }
    figures
}
