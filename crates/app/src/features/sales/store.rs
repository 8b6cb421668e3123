//! Recording a sale: the fourth room. Rows in, nothing decided.

use crate::features::{
    cash::ledger::{self as cash_ledger, Entry, EntryKind, LockedSession},
    stock::ledger::{self as stock_ledger, LinePostings, MovementKind, Stamp, StockItem},
    totals::{self, Counted, HourDelta, ProductDelta, Slot},
};
use db::{DbError, Params, ShopTx, params};
use domain::{
    business_date::BusinessMoment,
    ids::{CustomerId, DeviceId, LocationId, ProductId, RegisterId, SaleId, ShopId, UserId},
    quote::{QuotedTax, Tax},
    sale::{CompletedLine, CompletedSale, LineMovements},
};
use std::{collections::BTreeMap, fmt::Write};

db::statements! {
    pub(super) INSERT_SALE = "sales.insert_sale",
        "INSERT INTO sale (shop_id, id, origin, register_id, session_id, device_id, prefix, number, seller_id,
                           customer_id, customer_name, prices_include_tax, gross_minor, discount_minor, base_minor,
                           tax_minor, total_minor, cash_rounding_minor, change_minor, cost_minor, unknown_cost_lines,
                           line_count, note, offline, catalog_version, sold_at, recorded_at, business_date, hour)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                 $23, $24, $25, $26, $27, $28, $29)";
    pub(super) INSERT_LINE = "sales.insert_line",
        "INSERT INTO sale_line (shop_id, sale_id, position, product_id, name, quantity_milli, pack_milli,
                                unit_price_minor, unit_final_minor, taxes, gross_minor, discount_minor, base_minor,
                                tax_minor, total_minor, tracked, cost_minor, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    pub(super) INSERT_TAX = "sales.insert_tax",
        "INSERT INTO sale_tax (shop_id, sale_id, code, rate_ppm, base_minor, amount_minor)
         VALUES ($1, $2, $3, $4, $5, $6)";
    pub(super) INSERT_PAYMENT = "sales.insert_payment",
        "INSERT INTO payment (shop_id, sale_id, position, method_id, amount_minor, tendered_minor, bank, reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

/// Where a sale came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A till delivered it.
    Till,
    /// A plain form, or the same JSON with a session.
    Form,
    /// A file.
    Import,
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Origin::Till => "till",
            Origin::Form => "form",
            Origin::Import => "import",
        }
    }
}

/// Everything about a sale that the domain did not decide.
#[derive(Clone, Debug)]
pub struct SaleHead {
    /// The shop.
    pub shop: ShopId,
    /// The client's id.
    pub id: SaleId,
    /// Where it came from.
    pub origin: Origin,
    /// The register that numbers it.
    pub register: RegisterId,
    /// The register's location.
    pub location: LocationId,
    /// The device that signed it.
    pub device: Option<DeviceId>,
    /// The series.
    pub prefix: String,
    /// The number in it.
    pub number: i64,
    /// Who sold.
    pub seller: UserId,
    /// The registered customer.
    pub customer: Option<CustomerId>,
    /// The typed name, where there is no registered one.
    pub customer_name: String,
    /// Whether the prices contain their taxes.
    pub prices_include_tax: bool,
    /// Free text.
    pub note: String,
    /// Whether the till was on its own.
    pub offline: bool,
    /// The catalogue the till knew.
    pub catalog_version: Option<i64>,
    /// The till's time, corrected by its offset.
    pub sold_at: i64,
    /// The server's time.
    pub recorded_at: i64,
    /// Day and hour in the shop.
    pub business: BusinessMoment,
}

/// Records a decided sale: stock, totals, the sale's own rows and its cash.
///
/// # Errors
/// Whatever the database says; a number that is taken is a unique violation.
pub async fn record_sale(
    tx: &mut ShopTx,
    head: &SaleHead,
    sale: &CompletedSale,
    items: &BTreeMap<ProductId, StockItem>,
    session: Option<&LockedSession>,
) -> Result<(), DbError> {
    post_stock(tx, head, sale, items).await?;
    let slot = Slot { business_date: head.business.date.as_i64(), hour: head.business.hour, register: head.register };
    totals::add(tx, slot, hour_delta(sale), &product_deltas(sale)).await?;
    totals::count(tx, Counted::Sales(head.register), 1).await?;
    tx.exec_one(&INSERT_SALE, sale_row(head, sale, session)).await?;
    tx.exec_many(&INSERT_LINE, line_rows(head.id, sale).collect()).await?;
    tx.exec_many(&INSERT_TAX, tax_rows(head.id, sale).collect()).await?;
    tx.exec_many(&INSERT_PAYMENT, payment_rows(head.id, sale).collect()).await?;
    if let Some(session) = session
        && sale.cash_in_minor != 0
    {
        let entry = Entry {
            id: head.id.0,
            kind: EntryKind::Sale,
            amount_minor: sale.cash_in_minor,
            document_id: head.id.0,
            reason: String::new(),
            person: head.seller,
            at: head.sold_at,
            recorded_at: head.recorded_at,
        };
        cash_ledger::post(tx, session, &entry).await?;
    }
    Ok(())
}

async fn post_stock(
    tx: &mut ShopTx,
    head: &SaleHead,
    sale: &CompletedSale,
    items: &BTreeMap<ProductId, StockItem>,
) -> Result<(), DbError> {
    stock_ledger::post(tx, &stamp(head), items, &postings(sale), &sale.stock_after).await
}

/// What the movements of a sale have in common.
pub(super) fn stamp(head: &SaleHead) -> Stamp {
    Stamp {
        shop: head.shop,
        location: head.location,
        kind: MovementKind::Sale,
        document_kind: "sale",
        document_id: head.id.0,
        reason: String::new(),
        person: head.seller,
        effective_date: head.business.date.as_i64(),
        recorded_at: head.recorded_at,
    }
}

/// The movements of a sale, line by line.
pub(super) fn postings(sale: &CompletedSale) -> Vec<LinePostings> {
    let of_line = |moved: &LineMovements| LinePostings {
        document_line: position(moved.line),
        product_id: moved.product_id,
        postings: moved.postings.clone(),
    };
    sale.movements.iter().map(of_line).collect()
}

pub(super) fn hour_delta(sale: &CompletedSale) -> HourDelta {
    HourDelta {
        sale_count: 1,
        line_count: position(sale.lines.len()),
        sale_base_minor: sale.quote.base_minor,
        sale_tax_minor: sale.quote.tax_minor,
        sale_total_minor: sale.quote.total_minor,
        sale_cost_minor: sale.cost_minor,
        discount_minor: sale.quote.discount_minor,
        cash_rounding_minor: sale.cash_rounding_minor,
        known_cost_base_minor: sale.lines.iter().map(known_cost_base).sum(),
        unknown_cost_lines: sale.unknown_cost_lines,
        ..HourDelta::default()
    }
}

fn known_cost_base(line: &CompletedLine) -> i64 {
    if line.cost_minor.is_some() { line.quoted.base_minor } else { 0 }
}

pub(super) fn product_deltas(sale: &CompletedSale) -> BTreeMap<ProductId, ProductDelta> {
    let mut deltas: BTreeMap<ProductId, ProductDelta> = BTreeMap::new();
    for line in &sale.lines {
        deltas.entry(line.product_id).or_default().add(ProductDelta {
            quantity_milli: line.units_milli,
            total_minor: line.quoted.total_minor,
            base_minor: line.quoted.base_minor,
            cost_minor: line.cost_minor.unwrap_or(0),
            known_cost_base_minor: known_cost_base(line),
        });
    }
    deltas
}

/// The sale's own row.
pub(super) fn sale_row(head: &SaleHead, sale: &CompletedSale, session: Option<&LockedSession>) -> Params {
    params![
        head.id.0,
        head.origin.as_str(),
        head.register.0,
        session.map(|session| session.id.0),
        head.device.map(|device| device.0),
        head.prefix.as_str(),
        head.number,
        head.seller.0,
        head.customer.map(|customer| customer.0),
        head.customer_name.as_str(),
        head.prices_include_tax,
        sale.quote.gross_minor,
        sale.quote.discount_minor,
        sale.quote.base_minor,
        sale.quote.tax_minor,
        sale.quote.total_minor,
        sale.cash_rounding_minor,
        sale.change_minor,
        sale.cost_minor,
        sale.unknown_cost_lines,
        position(sale.lines.len()),
        head.note.as_str(),
        head.offline,
        head.catalog_version,
        head.sold_at,
        head.recorded_at,
        head.business.date.as_i64(),
        head.business.hour
    ]
}

/// The rows of its lines.
pub(super) fn line_rows<'a>(id: SaleId, sale: &'a CompletedSale) -> impl Iterator<Item = Params> + 'a {
    sale.lines.iter().enumerate().map(move |(index, line)| {
        params![
            id.0,
            position(index),
            line.product_id.0,
            line.name.as_str(),
            line.quantity_milli,
            line.pack_milli,
            line.unit_price_minor,
            line.quoted.unit_final_minor,
            taxes_text(&line.taxes),
            line.quoted.gross_minor,
            line.quoted.discount_minor,
            line.quoted.base_minor,
            line.quoted.tax_minor,
            line.quoted.total_minor,
            line.tracked,
            line.cost_minor,
            line.note.as_str()
        ]
    })
}

/// The rows of its taxes.
pub(super) fn tax_rows<'a>(id: SaleId, sale: &'a CompletedSale) -> impl Iterator<Item = Params> + 'a {
    let row =
        move |tax: &'a QuotedTax| params![id.0, tax.code.as_str(), tax.rate_ppm, tax.base_minor, tax.amount_minor];
    sale.quote.taxes.iter().map(row)
}

/// The rows of its payments.
pub(super) fn payment_rows<'a>(id: SaleId, sale: &'a CompletedSale) -> impl Iterator<Item = Params> + 'a {
    sale.payments.iter().enumerate().map(move |(index, paid)| {
        params![
            id.0,
            position(index),
            paid.payment.method_id.0,
            paid.payment.amount_minor,
            paid.payment.tendered_minor,
            paid.payment.bank.as_str(),
            paid.payment.reference.as_str()
        ]
    })
}

/// The taxes of a line in one column: `IVA:190000,INC:80000`, in their order.
fn taxes_text(taxes: &[Tax]) -> String {
    let mut text = String::new();
    for tax in taxes {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, "{comma}{}:{}", tax.code, tax.rate_ppm).expect("a String takes all that is written to it");
    }
    text
}

fn position(index: usize) -> i64 {
    i64::try_from(index).expect("a document has fewer lines than an i64 counts")
}
