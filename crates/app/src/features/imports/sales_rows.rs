//! Sales history: rows of lines into sales, refunds and stock adjustments.
//!
//! Owns: the rules of the specification's "Real input", exactly:
//!
//! - lines equal in all columns: the first counts, the rest are refused as repeated;
//! - an invoice that starts with `C` is a refund without its original sale;
//! - a quantity above zero is a sale's line, at price 0 as well;
//! - a quantity of zero or less at price 0 is a stock adjustment, its description the
//!   reason;
//! - stock codes are SKUs, compared ignoring case; the first spelling stays;
//! - no customer is the final consumer;
//! - amounts are as charged, tax included, in the currency of the shop.
//!
//! Must not know: the database, the shop's taxes, zones. **Invariant:** every row ends
//! in exactly one place: a document, an adjustment, or the refusals.

use super::{
    columns::{Field, Mapping},
    read::{Cell, Row, Table},
    reading::{Choices, RowReader},
    refusal::{Reason, Refusal},
};
use jiff::civil::DateTime;
use std::collections::HashMap;

/// Fields of this kind that are numbers.
pub const NUMBERS: [Field; 2] = [Field::Quantity, Field::Price];

/// The longest invoice number, SKU or customer code.
pub const CODE_CHARS_MAX: usize = 50;
/// The longest description.
pub const NAME_CHARS_MAX: usize = 100;
/// One million units, the limit of the engine that prices carts.
pub const QUANTITY_MILLI_MAX: i64 = 1_000_000_000;
/// The same engine's limit of a price.
pub const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;
/// The largest document on record.
pub const DOCUMENT_MINOR_MAX: i128 = 10_000_000_000_000;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// Goods out, money in.
    Sale,
    /// Goods back, money out, without the sale they were from.
    Refund,
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// The row it is from.
    pub row: u32,
    /// Its product, a position in [`SalesFile::products`].
    pub product: usize,
    /// The description as it was, where there was one.
    pub name: Option<String>,
    /// How many, in thousandths, above zero.
    pub quantity_milli: i64,
    /// The price of one as charged, tax included.
    pub price_minor: i64,
}

/// A sale or a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its number in the other program.
    pub invoice: String,
    /// The customer's code there; none is the final consumer.
    pub customer: Option<String>,
    /// The earliest moment of its lines, in the shop's clock.
    pub moment: DateTime,
    /// Its lines, in the file's order.
    pub lines: Vec<HistoryLine>,
}

/// Goods that came or went without money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The row it is from.
    pub row: u32,
    /// Its number in the other program.
    pub invoice: String,
    /// Its product, a position in [`SalesFile::products`].
    pub product: usize,
    /// Zero or less, in thousandths.
    pub quantity_milli: i64,
    /// Why, as the file says; may be empty.
    pub reason: String,
    /// When, in the shop's clock.
    pub moment: DateTime,
}

/// A product that the history names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryProduct {
    /// The code in its first spelling.
    pub sku: String,
    /// The first description of a line that was charged, else of any, else the code.
    pub name: String,
    /// The last price above zero that was charged, tax included; zero where none was.
    pub price_minor: i64,
    /// Whether it was ever sold in parts of one.
    pub fractions: bool,
}

/// All that a file of sales says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesFile {
    /// Sales and refunds in the order of their first rows.
    pub documents: Vec<Document>,
    /// Adjustments, in the order of their rows.
    pub adjustments: Vec<Adjustment>,
    /// The products they name, in the order of their first rows.
    pub products: Vec<HistoryProduct>,
    /// What is wrong, in the order of the rows; a row may have several entries.
    pub refusals: Vec<Refusal>,
    /// Rows of data looked at.
    pub rows: usize,
}

/// Reads a table of sales. `decimals` is the currency's number of decimals.
pub fn read_sales(table: &Table, mapping: &Mapping, choices: &Choices, decimals: u32) -> SalesFile {
    let rows = table.rows.get(mapping.header_at + 1..).unwrap_or(&[]);
    let mut gathering = Gathering::default();
    let mut seen: HashMap<&[Cell], u32> = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(first_row) = seen.get(row.cells.as_slice()) {
            gathering.refuse_row(row, Reason::Repeated { first_row: *first_row });
            continue;
        }
        seen.insert(&row.cells, row.number);
        let mut reader = RowReader::new(row, mapping, choices);
        let line = read_line(&mut reader, decimals);
        match line {
            Some(line) if reader.refusals.is_empty() => gathering.take(line, mapping),
            _ => gathering.file.refusals.append(&mut reader.refusals),
        }
    }
    gathering.file.rows = rows.len();
    gathering.finish(mapping)
}

/// A row that makes sense by itself.
struct Line {
    row: u32,
    kind: LineKind,
    invoice: String,
    sku: String,
    name: Option<String>,
    quantity_milli: i64,
    price_minor: i64,
    moment: DateTime,
    customer: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Document(DocumentKind),
    Adjustment,
}

fn read_line(reader: &mut RowReader<'_>, decimals: u32) -> Option<Line> {
    let invoice = reader.required_text(Field::Invoice, CODE_CHARS_MAX);
    let sku = reader.required_text(Field::Sku, CODE_CHARS_MAX);
    let name = reader.text(Field::Name, NAME_CHARS_MAX);
    let customer = reader.text(Field::CustomerCode, CODE_CHARS_MAX);
    let moment = reader.required_moment(Field::Date);
    let quantity = reader.required_number(Field::Quantity, 3);
    let price = reader.required_number(Field::Price, decimals);
    let price = price.and_then(|price| reader.within(Field::Price, price, PRICE_MINOR_MAX));
    let (invoice, sku, moment) = (invoice?, sku?, moment?);
    let (quantity_milli, price_minor) = (quantity?, price?);
    let kind = match line_kind(&invoice, quantity_milli, price_minor) {
        Ok(kind) => kind,
        Err(reason) => {
            reader.refuse(Field::Quantity, reason);
            return None;
        }
    };
    let quantity_milli = match kind {
        LineKind::Document(_) => quantity_milli.checked_abs()?,
        LineKind::Adjustment => quantity_milli,
    };
    let size = i64::try_from(quantity_milli.unsigned_abs()).unwrap_or(i64::MAX);
    reader.within(Field::Quantity, size, QUANTITY_MILLI_MAX)?;
    Some(Line { row: reader.number(), kind, invoice, sku, name, quantity_milli, price_minor, moment, customer })
}

fn line_kind(invoice: &str, quantity_milli: i64, price_minor: i64) -> Result<LineKind, Reason> {
    let refund = invoice.starts_with(['C', 'c']);
    match (refund, quantity_milli) {
        (true, ..=-1) => Ok(LineKind::Document(DocumentKind::Refund)),
        (true, _) => Err(Reason::RefundOfNothing),
        (false, 1..) => Ok(LineKind::Document(DocumentKind::Sale)),
        (false, _) if price_minor == 0 => Ok(LineKind::Adjustment),
        (false, _) => Err(Reason::ChargedWithoutQuantity),
    }
}

/// How good a product's name is; a better one replaces it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameFrom {
    Code,
    Adjustment,
    Charged,
}

/// What is known of a product while the rows go by.
struct ProductSoFar {
    name_from: NameFrom,
    priced_at: Option<DateTime>,
}

#[derive(Default)]
struct Gathering {
    file: SalesFile,
    by_sku: HashMap<String, usize>,
    so_far: Vec<ProductSoFar>,
    by_invoice: HashMap<String, usize>,
    /// For each document the row that named its customer.
    customer_rows: Vec<Option<u32>>,
    totals: Vec<i128>,
}

impl Gathering {
    fn refuse_row(&mut self, row: &Row, reason: Reason) {
        self.file.refusals.push(Refusal { row: row.number, column: None, field: None, reason });
    }

    fn take(&mut self, line: Line, mapping: &Mapping) {
        match line.kind {
            LineKind::Adjustment => self.take_adjustment(line),
            LineKind::Document(kind) => self.take_document_line(line, kind, mapping),
        }
    }

    fn take_adjustment(&mut self, line: Line) {
        let product = self.product(&line);
        self.file.adjustments.push(Adjustment {
            row: line.row,
            invoice: line.invoice,
            product,
            quantity_milli: line.quantity_milli,
            reason: line.name.unwrap_or_default(),
            moment: line.moment,
        });
    }

    fn take_document_line(&mut self, line: Line, kind: DocumentKind, mapping: &Mapping) {
        let key = line.invoice.to_uppercase();
        let at = match self.by_invoice.get(&key) {
            Some(at) => *at,
            None => self.open_document(key, &line, kind),
        };
        if let Some(code) = &line.customer {
            match (&self.file.documents[at].customer, self.customer_rows[at]) {
                (Some(first), Some(first_row)) if first != code => {
                    let reason = Reason::OtherCustomer { first_row };
                    let field = Field::CustomerCode;
                    let column = mapping.column(field);
                    self.file.refusals.push(Refusal { row: line.row, column, field: Some(field), reason });
                    return;
                }
                (None, _) => {
                    self.file.documents[at].customer = Some(code.clone());
                    self.customer_rows[at] = Some(line.row);
                }
                _ => {}
            }
        }
        let product = self.product(&line);
        // Rounded up: only the limit is asked here, the engine prices later.
        let gross = i128::from(line.quantity_milli) * i128::from(line.price_minor);
        self.totals[at] += gross / 1_000 + 1;
        let document = &mut self.file.documents[at];
        document.moment = document.moment.min(line.moment);
        document.lines.push(HistoryLine {
            row: line.row,
            product,
            name: line.name,
            quantity_milli: line.quantity_milli,
            price_minor: line.price_minor,
        });
    }

    fn open_document(&mut self, key: String, line: &Line, kind: DocumentKind) -> usize {
        let at = self.file.documents.len();
        self.file.documents.push(Document {
            kind,
            invoice: line.invoice.clone(),
            customer: None,
            moment: line.moment,
            lines: Vec::new(),
        });
        self.customer_rows.push(None);
        self.totals.push(0);
        self.by_invoice.insert(key, at);
        at
    }

    fn product(&mut self, line: &Line) -> usize {
        let key = line.sku.to_uppercase();
        let at = *self.by_sku.entry(key).or_insert_with(|| {
            self.file.products.push(HistoryProduct {
                sku: line.sku.clone(),
                name: line.sku.clone(),
                price_minor: 0,
                fractions: false,
            });
            self.so_far.push(ProductSoFar { name_from: NameFrom::Code, priced_at: None });
            self.so_far.len() - 1
        });
        let (product, so_far) = (&mut self.file.products[at], &mut self.so_far[at]);
        let from = if line.price_minor > 0 { NameFrom::Charged } else { NameFrom::Adjustment };
        if let Some(name) = &line.name
            && from > so_far.name_from
        {
            product.name.clone_from(name);
            so_far.name_from = from;
        }
        let sold = line.kind == LineKind::Document(DocumentKind::Sale) && line.price_minor > 0;
        if sold && so_far.priced_at.is_none_or(|before| line.moment >= before) {
            product.price_minor = line.price_minor;
            so_far.priced_at = Some(line.moment);
        }
        product.fractions |= line.quantity_milli % 1_000 != 0;
        at
    }

    /// Documents beyond the limit are refused whole; a product that only they named
    /// stays, which does no harm.
    fn finish(mut self, mapping: &Mapping) -> SalesFile {
        let too_large: Vec<bool> = self.totals.iter().map(|total| *total > DOCUMENT_MINOR_MAX).collect();
        let mut kept = Vec::with_capacity(self.file.documents.len());
        for (document, too_large) in self.file.documents.into_iter().zip(too_large) {
            if too_large {
                let column = mapping.column(Field::Invoice);
                let reason = Reason::DocumentTooLarge;
                let field = Some(Field::Invoice);
                let refusals = document.lines.iter().map(|line| Refusal { row: line.row, column, field, reason });
                self.file.refusals.extend(refusals);
            } else if !document.lines.is_empty() {
                kept.push(document);
            }
        }
        self.file.documents = kept;
        self.file.refusals.sort_by_key(|refusal| refusal.row);
        self.file
    }
}

#[cfg(test)]
mod tests;
