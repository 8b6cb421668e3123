//! The figures of the sample, computed straight from the spreadsheet: an owner with a
//! pocket calculator, not the program.
//!
//! Shares nothing with the import, the engine or the dashboard: cells by `calamine`,
//! integers only, documents summed up by invoice, tax taken out of each document once.

use calamine::{Data, Reader, Xlsx};
use jiff::civil::{Date, DateTime};
use std::{
    collections::{BTreeMap, HashSet},
    io::Cursor,
};

const SAMPLE: &[u8] = include_bytes!("../../../../../fixtures/third_party/online-retail-sample.xlsx");

/// The file itself, for those who upload it.
pub const FILE: &[u8] = SAMPLE;

/// A line that was sold or brought back.
#[derive(Clone, Debug)]
pub struct Line {
    pub sku: String,
    /// Negative for what came back.
    pub units: i64,
    /// Charged in cents; negative for what came back.
    pub charged: i64,
}

/// An invoice.
#[derive(Clone, Debug)]
pub struct Document {
    pub at: DateTime,
    pub is_refund: bool,
    pub lines: Vec<Line>,
}

impl Document {
    /// Charged in cents, refunds below zero.
    pub fn charged(&self) -> i64 {
        self.lines.iter().map(|line| line.charged).sum()
    }

    /// The part that is not tax, of 19 %, rounded half away from zero.
    pub fn base(&self) -> i64 {
        let charged = self.charged();
        let base = (charged.abs() * 200 + 119) / 238;
        if charged < 0 { -base } else { base }
    }
}

/// What a period came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub sales: i64,
    pub sold: i64,
    pub base: i64,
    pub refunded: i64,
    pub lines: i64,
}

/// The whole file.
pub struct Book {
    pub documents: Vec<Document>,
    /// Every code that a taken row names, adjustments included.
    pub skus: Vec<String>,
}

/// The text of a cell; numbers without the noise of their binary form.
fn text(cell: &Data) -> String {
    match cell {
        Data::Float(number) => format!("{number}"),
        other => other.to_string(),
    }
}

/// Cents of a price, none where it has more decimals than money has. Six decimals of
/// the cell are exact enough to tell noise from a real third decimal.
fn cents(cell: &Data) -> Option<i64> {
    let Data::Float(price) = cell else { return text(cell).parse::<i64>().ok().map(|whole| whole * 100) };
    let micros: i64 = format!("{price:.6}").replace('.', "").parse().ok()?;
    (micros % 10_000 == 0).then_some(micros / 10_000)
}

/// A spreadsheet's moment: days since the last day of 1899 but one, to the minute.
fn moment(cell: &Data) -> DateTime {
    let serial = match cell {
        Data::DateTime(moment) => format!("{:.8}", moment.as_f64()),
        other => panic!("{other:?} is no moment"),
    };
    let (days, fraction) = serial.split_once('.').expect("eight decimals were asked for");
    let fraction: i64 = fraction.parse().expect("digits");
    let minutes = (fraction * 1_440 + 50_000_000) / 100_000_000;
    let start: Date = "1899-12-30".parse().expect("a date");
    let day = start + jiff::Span::new().days(days.parse::<i64>().expect("digits"));
    day.at(0, 0, 0, 0) + jiff::Span::new().minutes(minutes)
}

/// Reads the file.
pub fn read() -> Book {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(SAMPLE)).expect("the sample is a workbook");
    let range = workbook.worksheet_range_at(0).expect("it has a sheet").expect("the sheet can be read");
    let (mut seen, mut skus) = (HashSet::new(), BTreeMap::new());
    let mut documents: BTreeMap<String, Document> = BTreeMap::new();
    for row in range.rows().skip(1) {
        let [invoice, sku, _, quantity, _, _, _, _] = std::array::from_fn(|column| text(&row[column]));
        if !seen.insert(row.iter().map(|cell| format!("{cell:?}")).collect::<Vec<_>>()) {
            continue;
        }
        let Some(price) = cents(&row[5]) else { continue };
        let units: i64 = quantity.parse().expect("a whole quantity");
        let sku = skus.entry(sku.to_lowercase()).or_insert(sku).to_lowercase();
        let is_refund = invoice.starts_with('C');
        if units <= 0 && !is_refund {
            assert_eq!(price, 0, "an adjustment carries no money");
            continue;
        }
        let at = moment(&row[4]);
        let document = documents.entry(invoice).or_insert(Document { at, is_refund, lines: Vec::new() });
        document.at = document.at.min(at);
        document.lines.push(Line { sku, units, charged: units * price });
    }
    Book { documents: documents.into_values().collect(), skus: skus.into_values().collect() }
}

impl Book {
    /// Documents of the days from `first` to `last`.
    pub fn between(&self, first: Date, last: Date) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(move |document| (first..=last).contains(&document.at.date()))
    }

    /// What those days came to.
    pub fn sums(&self, first: Date, last: Date) -> Sums {
        sums(self.between(first, last))
    }

    /// Cents by code and units by code, the most sold first.
    pub fn products(&self, first: Date, last: Date) -> Vec<(String, i64, i64)> {
        let mut products: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for line in self.between(first, last).flat_map(|document| &document.lines) {
            let product = products.entry(&line.sku).or_default();
            *product = (product.0 + line.charged, product.1 + line.units);
        }
        let mut sorted: Vec<_> =
            products.into_iter().map(|(sku, (cents, units))| (sku.to_owned(), cents, units)).collect();
        sorted.sort_by_key(|(_, cents, _)| -cents);
        sorted
    }
}

/// The sums of some documents.
pub fn sums<'a>(documents: impl Iterator<Item = &'a Document>) -> Sums {
    documents.fold(Sums::default(), |sums, document| Sums {
        sales: sums.sales + i64::from(!document.is_refund),
        sold: sums.sold + document.charged(),
        base: sums.base + document.base(),
        refunded: sums.refunded - if document.is_refund { document.charged() } else { 0 },
        lines: sums.lines + if document.is_refund { 0 } else { document.lines.len() as i64 },
    })
}
