//! Recording sales and refunds that happened elsewhere: many at once.
//!
//! Same rows, same totals as a sale of today, written table by table for a whole
//! chunk, so that a hundred documents cost PostgreSQL a dozen round trips. Stock is
//! not touched by [`record_sales`]: history makes no claim on it. An import that does
//! affect stock posts through [`store::record_sale`], document by document, because it
//! knows its items only one by one; [`record_moving_sales`] is for who holds them all.

use crate::features::{
    sales::{
        store::{self, SaleHead},
        take_back_sale::{INSERT_REFUND, INSERT_REFUND_LINE, INSERT_REFUND_PAYMENT},
    },
    stock::ledger::{self as stock_ledger, LinePostings, Moving, Stamp, StockItem},
    totals::{self, Counted, HourDelta, ManyDocuments, ProductDelta, Slot},
};
use db::{DbError, ShopTx, params};
use domain::{
    business_date::BusinessMoment,
    cost::StockState,
    ids::{CustomerId, LocationId, MethodId, ProductId, RefundId, RegisterId, SaleId, UserId},
    sale::CompletedSale,
};
use std::collections::BTreeMap;

db::statements! {
    SALE_EXISTS = "sales.history_sale_exists",
        "SELECT id
         FROM sale
         WHERE shop_id = $1 AND id = $2";
    REFUND_EXISTS = "sales.history_refund_exists",
        "SELECT id
         FROM refund
         WHERE shop_id = $1 AND id = $2";
}

/// A refund that has no sale here.
#[derive(Clone, Debug)]
pub struct PastRefund {
    /// Its id.
    pub id: RefundId,
    /// The register that numbers it.
    pub register: RegisterId,
    /// Its series.
    pub prefix: String,
    /// Its number there.
    pub number: i64,
    /// Who brought it in.
    pub person: UserId,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// What is known of why: its number in the other program.
    pub reason: String,
    /// When it happened, µs UTC.
    pub refunded_at: i64,
    /// Now, µs UTC.
    pub recorded_at: i64,
    /// Day and hour in the shop.
    pub business: BusinessMoment,
    /// How it was paid back.
    pub method: MethodId,
    /// What came back, priced as a sale of the same lines is.
    pub content: CompletedSale,
    /// Whether the goods went back into stock.
    pub restocked: bool,
}

/// Records sales of one register without touching stock or drawers.
///
/// # Errors
/// Whatever the database says; a sale that is on record is a unique violation.
pub async fn record_sales(
    tx: &mut ShopTx,
    register: RegisterId,
    sales: &[(SaleHead, CompletedSale)],
) -> Result<(), DbError> {
    let mut sums = ManyDocuments::default();
    for (head, sale) in sales {
        sums.add(slot(register, head.business), store::hour_delta(sale), &store::product_deltas(sale));
    }
    sums.write(tx, register).await?;
    totals::count(tx, Counted::Sales(register), count(sales.len())).await?;
    let rows = sales.iter().map(|(head, sale)| store::sale_row(head, sale, None));
    tx.exec_many(&store::INSERT_SALE, rows.collect()).await?;
    let rows = sales.iter().flat_map(|(head, sale)| store::line_rows(head.id, sale));
    tx.exec_many(&store::INSERT_LINE, rows.collect()).await?;
    let rows = sales.iter().flat_map(|(head, sale)| store::tax_rows(head.id, sale));
    tx.exec_many(&store::INSERT_TAX, rows.collect()).await?;
    let rows = sales.iter().flat_map(|(head, sale)| store::payment_rows(head.id, sale));
    tx.exec_many(&store::INSERT_PAYMENT, rows.collect()).await?;
    Ok(())
}

/// Records sales of one register whose goods leave a location's stock, in their
/// order: what [`store::record_sale`] writes for each, but table by table. `items` are
/// locked, and become what they are afterwards.
///
/// # Errors
/// As [`record_sales`]; an item that is not as it was locked is a missed guard.
pub async fn record_moving_sales(
    tx: &mut ShopTx,
    place: (RegisterId, LocationId),
    sales: &[(SaleHead, CompletedSale)],
    items: &mut BTreeMap<ProductId, StockItem>,
) -> Result<(), DbError> {
    let (register, location) = place;
    let stamps: Vec<(Stamp, Vec<LinePostings>)> =
        sales.iter().map(|(head, sale)| (store::stamp(head), store::postings(sale))).collect();
    let documents: Vec<Moving<'_>> = stamps.iter().map(|(stamp, lines)| Moving { stamp, lines }).collect();
    let mut after: BTreeMap<ProductId, StockState> = BTreeMap::new();
    for (_, sale) in sales {
        after.extend(&sale.stock_after);
    }
    items.extend(stock_ledger::post_all(tx, location, items, &documents, &after).await?);
    record_sales(tx, register, sales).await
}

/// Records refunds of one register that have no sale here; their stock, if it is
/// affected, is the caller's.
///
/// # Errors
/// Whatever the database says; a refund that is on record is a unique violation.
pub async fn record_refunds(tx: &mut ShopTx, register: RegisterId, refunds: &[PastRefund]) -> Result<(), DbError> {
    let mut sums = ManyDocuments::default();
    for refund in refunds {
        sums.add(slot(register, refund.business), hour_delta(&refund.content), &product_deltas(&refund.content));
    }
    sums.write(tx, register).await?;
    tx.exec_many(&INSERT_REFUND, refunds.iter().map(refund_row).collect()).await?;
    tx.exec_many(&INSERT_REFUND_LINE, refunds.iter().flat_map(refund_line_rows).collect()).await?;
    let payments =
        refunds.iter().map(|refund| params![refund.id.0, 0_i64, refund.method.0, refund.content.quote.total_minor]);
    tx.exec_many(&INSERT_REFUND_PAYMENT, payments.collect()).await?;
    Ok(())
}

fn slot(register: RegisterId, business: BusinessMoment) -> Slot {
    Slot { business_date: business.date.as_i64(), hour: business.hour, register }
}

/// Cost of what came back is unknown, so that no cost and no base of known cost is taken off.
fn hour_delta(content: &CompletedSale) -> HourDelta {
    HourDelta {
        refund_count: 1,
        refund_base_minor: content.quote.base_minor,
        refund_tax_minor: content.quote.tax_minor,
        refund_total_minor: content.quote.total_minor,
        ..HourDelta::default()
    }
}

fn product_deltas(content: &CompletedSale) -> BTreeMap<ProductId, ProductDelta> {
    let mut deltas: BTreeMap<ProductId, ProductDelta> = BTreeMap::new();
    for line in &content.lines {
        deltas.entry(line.product_id).or_default().add(ProductDelta {
            quantity_milli: -line.units_milli,
            total_minor: -line.quoted.total_minor,
            base_minor: -line.quoted.base_minor,
            ..ProductDelta::default()
        });
    }
    deltas
}

fn refund_row(refund: &PastRefund) -> db::Params {
    let nothing: Option<uuid::Uuid> = None;
    let quote = &refund.content.quote;
    params![
        refund.id.0,
        nothing,
        "imported",
        refund.register.0,
        nothing,
        refund.prefix.as_str(),
        refund.number,
        refund.person.0,
        refund.customer.map(|customer| customer.0),
        refund.reason.as_str(),
        quote.base_minor,
        quote.tax_minor,
        quote.total_minor,
        0_i64,
        0_i64,
        refund.refunded_at,
        refund.recorded_at,
        refund.business.date.as_i64(),
        refund.business.hour
    ]
}

fn refund_line_rows(refund: &PastRefund) -> impl Iterator<Item = db::Params> + '_ {
    let nothing: Option<uuid::Uuid> = None;
    let unknown: Option<i64> = None;
    refund.content.lines.iter().enumerate().map(move |(index, line)| {
        params![
            refund.id.0,
            count(index),
            nothing,
            unknown,
            line.product_id.0,
            line.name.as_str(),
            line.quantity_milli,
            line.pack_milli,
            line.quoted.base_minor,
            line.quoted.tax_minor,
            line.quoted.total_minor,
            refund.restocked,
            unknown
        ]
    })
}

/// Which of these sales are on record.
///
/// # Errors
/// Whatever the database says.
pub async fn known_sales(read: &mut db::ShopRead, ids: &[SaleId]) -> Result<Vec<bool>, DbError> {
    let rows = read.opt_many(&SALE_EXISTS, ids.iter().map(|id| params![id.0]).collect()).await?;
    Ok(rows.into_iter().map(|row| row.is_some()).collect())
}

/// Which of these refunds are on record.
///
/// # Errors
/// Whatever the database says.
pub async fn known_refunds(read: &mut db::ShopRead, ids: &[RefundId]) -> Result<Vec<bool>, DbError> {
    let rows = read.opt_many(&REFUND_EXISTS, ids.iter().map(|id| params![id.0]).collect()).await?;
    Ok(rows.into_iter().map(|row| row.is_some()).collect())
}

fn count(many: usize) -> i64 {
    i64::try_from(many).expect("an import has fewer documents than an i64 counts")
}
