//! Applying past documents: priced by the same engine as a sale of today.
//!
//! **Invariant:** amounts are as the file says, tax included; the shop's own prices and
//! today's stock do not enter, the latter unless the person asked for it.

use super::{
    apply::ApplyError,
    items::{AdjustmentItem, DocumentItem, Item, Sort},
};
use crate::{
    actor::Actor,
    features::{
        sales::{
            facts,
            history::{self, PastRefund},
            store::{self as sales, Origin, SaleHead},
        },
        settings::{imported_method, registers, shop::ShopProfile},
        stock::{
            adjust,
            ledger::{self, LinePostings, MovementKind, Stamp, StockItem},
        },
        totals::Slot,
    },
};
use db::{DbError, ShopTx};
use domain::{
    cost::StockState,
    ids::{CustomerId, LocationId, MethodId, ProductId, RefundId, RegisterId, SaleId, TaxSetId},
    quote::Tax,
    sale::{
        self, CompletedSale, MethodFacts, MethodKind, Occasion, ProductFacts, SaleCommand, SaleFacts, SaleLine,
        SalePayment, StockPolicy,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Where and by whom history is written down.
pub(super) struct HistoryPlace {
    pub(super) actor: Actor,
    pub(super) register: RegisterId,
    pub(super) shop: ShopProfile,
    pub(super) tax_set: Uuid,
    pub(super) affects_stock: bool,
    pub(super) now_us: i64,
}

/// A chunk's own facts.
struct Writing<'a> {
    place: &'a HistoryPlace,
    location: LocationId,
    prefix: String,
    first_number: i64,
    method: MethodId,
    taxes: Vec<Tax>,
    tracked: BTreeSet<ProductId>,
}

/// Applies documents or adjustments of one sort.
pub(super) async fn apply(
    tx: &mut ShopTx,
    place: &HistoryPlace,
    sort: Sort,
    items: Vec<(i64, u32, Item)>,
) -> Result<(), ApplyError> {
    let many = i64::try_from(items.len()).expect("a chunk is small");
    let taken = registers::take_numbers(tx, place.register, many).await?.ok_or(ApplyError::NoRegister)?;
    let taxes = facts::load_taxes(tx).await?;
    let mut writing = Writing {
        place,
        location: taken.location,
        prefix: taken.prefix,
        first_number: taken.number,
        method: imported_method::find_or_create(tx).await?,
        taxes: taxes.get(&TaxSetId(place.tax_set)).cloned().unwrap_or_default(),
        tracked: BTreeSet::new(),
    };
    if place.affects_stock {
        writing.tracked = lock_all(tx, taken.location, &items).await?;
    }
    match sort {
        Sort::Sale => sales(tx, &writing, documents(items)).await,
        Sort::Refund => refunds(tx, &writing, documents(items)).await,
        Sort::Adjustment => adjustments(tx, &writing, items).await,
        Sort::Product | Sort::Customer => Ok(()),
    }
}

/// Locks every stock item of the chunk in the order of their keys, before the first
/// document takes any: the program's one lock order.
async fn lock_all(
    tx: &mut ShopTx,
    location: LocationId,
    items: &[(i64, u32, Item)],
) -> Result<BTreeSet<ProductId>, DbError> {
    let mut products = BTreeSet::new();
    for (_, _, item) in items {
        match item {
            Item::Sale(document) | Item::Refund(document) => {
                products.extend(document.lines.iter().map(|line| ProductId(line.product)));
            }
            Item::Adjustment(adjustment) => {
                products.insert(ProductId(adjustment.product));
            }
            Item::Product(_) | Item::Customer(_) => {}
        }
    }
    let tracked = crate::features::stock::tracked::of(tx, &products).await?;
    ledger::lock_items(tx, location, &tracked).await?;
    Ok(tracked)
}

fn documents(items: Vec<(i64, u32, Item)>) -> Vec<DocumentItem> {
    let document = |(_, _, item)| match item {
        Item::Sale(document) | Item::Refund(document) => Some(document),
        _ => None,
    };
    items.into_iter().filter_map(document).collect()
}

/// Prices a document; `stock` is what its tracked products have, where it matters.
fn price(
    writing: &Writing<'_>,
    document: &DocumentItem,
    stock: &BTreeMap<ProductId, StockItem>,
) -> Result<CompletedSale, ApplyError> {
    let mut products: BTreeMap<ProductId, ProductFacts> = BTreeMap::new();
    let mut total_minor = 0_i64;
    for line in &document.lines {
        let id = ProductId(line.product);
        products.entry(id).or_insert_with(|| ProductFacts {
            name: line.name.clone(),
            price_minor: line.price_minor,
            pack_prices: BTreeMap::new(),
            taxes: writing.taxes.clone(),
            fractions: true,
            active: true,
            // Cost that is unknown is unknown, not zero.
            purchase_price_minor: None,
            stock: stock.get(&id).map(|item| (item.state, StockPolicy::Allow)),
        });
        let gross = domain::rounding::scale_half_away(line.quantity_milli, line.price_minor, 1_000);
        total_minor = gross.and_then(|gross| total_minor.checked_add(gross)).ok_or(ApplyError::TooLarge)?;
    }
    let mut rules = writing.place.shop.rules();
    rules.prices_include_tax = true;
    let method = MethodFacts { kind: MethodKind::Other, needs_bank: false, needs_reference: false, active: true };
    let facts = SaleFacts {
        rules,
        rights: writing.place.actor.rights(),
        products,
        methods: BTreeMap::from([(writing.method, method)]),
        customer: document.customer.map(CustomerId),
        drawer_open: false,
    };
    let mut decided = sale::decide(&facts, &command(writing, document, total_minor), Occasion::Happened)
        .map_err(|refused| DbError::Other(format!("a checked document was refused: {refused:?}").into()))?;
    // What was paid is the sum that was computed here: a difference is a defect.
    if decided.cash_rounding_minor != 0 {
        return Err(DbError::Other("the lines of a checked document do not add up to its sum".into()).into());
    }
    for (line, named) in decided.lines.iter_mut().zip(&document.lines) {
        line.name.clone_from(&named.name);
    }
    Ok(decided)
}

fn command(writing: &Writing<'_>, document: &DocumentItem, total_minor: i64) -> SaleCommand {
    let line = |line: &super::items::LineItem| SaleLine {
        product_id: ProductId(line.product),
        quantity_milli: line.quantity_milli,
        pack_milli: 1_000,
        unit_price_minor: Some(line.price_minor),
        taxes: None,
        discount: None,
        note: String::new(),
    };
    let payment = SalePayment {
        method_id: writing.method,
        amount_minor: total_minor,
        tendered_minor: None,
        bank: String::new(),
        reference: String::new(),
    };
    SaleCommand {
        lines: document.lines.iter().map(line).collect(),
        discount: None,
        payments: vec![payment],
        customer: document.customer.map(CustomerId),
        expected: None,
    }
}

async fn sales(tx: &mut ShopTx, writing: &Writing<'_>, documents: Vec<DocumentItem>) -> Result<(), ApplyError> {
    let numbered = (writing.first_number..).zip(&documents);
    if !writing.place.affects_stock {
        let priced = numbered.map(|(number, document)| {
            Ok((head(writing, document, number), price(writing, document, &BTreeMap::new())?))
        });
        let priced = priced.collect::<Result<Vec<_>, ApplyError>>()?;
        return Ok(history::record_sales(tx, writing.place.register, &priced).await?);
    }
    for (number, document) in numbered {
        let items = locked(tx, writing, document).await?;
        let decided = price(writing, document, &items)?;
        sales::record_sale(tx, &head(writing, document, number), &decided, &items, None).await?;
    }
    Ok(())
}

/// The stock items of a document as they are now; the chunk holds their locks.
async fn locked(
    tx: &mut ShopTx,
    writing: &Writing<'_>,
    document: &DocumentItem,
) -> Result<BTreeMap<ProductId, StockItem>, DbError> {
    let ids = document.lines.iter().map(|line| ProductId(line.product));
    let tracked = ids.filter(|id| writing.tracked.contains(id)).collect();
    ledger::lock_items(tx, writing.location, &tracked).await
}

fn head(writing: &Writing<'_>, document: &DocumentItem, number: i64) -> SaleHead {
    let place = writing.place;
    SaleHead {
        shop: place.actor.shop,
        id: SaleId(document.id),
        origin: Origin::Import,
        register: place.register,
        location: writing.location,
        device: None,
        prefix: writing.prefix.clone(),
        number,
        seller: place.actor.user,
        customer: document.customer.map(CustomerId),
        customer_name: String::new(),
        prices_include_tax: true,
        note: document.invoice.clone(),
        offline: false,
        catalog_version: None,
        sold_at: document.at_us,
        recorded_at: place.now_us,
        business: place.shop.moment(document.at_us),
    }
}

async fn refunds(tx: &mut ShopTx, writing: &Writing<'_>, documents: Vec<DocumentItem>) -> Result<(), ApplyError> {
    let mut past = Vec::with_capacity(documents.len());
    for (number, document) in (writing.first_number..).zip(&documents) {
        past.push(PastRefund {
            id: RefundId(document.id),
            register: writing.place.register,
            prefix: writing.prefix.clone(),
            number,
            person: writing.place.actor.user,
            customer: document.customer.map(CustomerId),
            reason: document.invoice.clone(),
            refunded_at: document.at_us,
            recorded_at: writing.place.now_us,
            business: writing.place.shop.moment(document.at_us),
            method: writing.method,
            content: price(writing, document, &BTreeMap::new())?,
            restocked: writing.place.affects_stock,
        });
    }
    if writing.place.affects_stock {
        for document in &documents {
            let moved = document.lines.iter().map(|line| (ProductId(line.product), line.quantity_milli)).collect();
            let source = Moved {
                id: document.id,
                kind: MovementKind::Refund,
                document_kind: "refund",
                reason: document.invoice.clone(),
                at_us: document.at_us,
                lines: moved,
            };
            move_stock(tx, writing, source).await?;
        }
    }
    Ok(history::record_refunds(tx, writing.place.register, &past).await?)
}

async fn adjustments(tx: &mut ShopTx, writing: &Writing<'_>, items: Vec<(i64, u32, Item)>) -> Result<(), ApplyError> {
    for (_, _, item) in items {
        let Item::Adjustment(AdjustmentItem { id, product, quantity_milli, reason, at_us }) = item else { continue };
        let lines = vec![(ProductId(product), quantity_milli)];
        let kind = MovementKind::Adjustment;
        let source = Moved { id, kind, document_kind: "adjustment", reason, at_us, lines };
        move_stock(tx, writing, source).await?;
    }
    Ok(())
}

/// Goods that come or go without a sale's cost.
struct Moved {
    id: Uuid,
    kind: MovementKind,
    document_kind: &'static str,
    reason: String,
    at_us: i64,
    lines: Vec<(ProductId, i64)>,
}

/// What comes in comes in at the average; a variance of goods that had been sold below
/// zero goes to cost of goods, as with every adjustment.
async fn move_stock(tx: &mut ShopTx, writing: &Writing<'_>, source: Moved) -> Result<(), ApplyError> {
    let place = writing.place;
    let ids = source.lines.iter().map(|(id, _)| *id).filter(|id| writing.tracked.contains(id)).collect();
    let items = ledger::lock_items(tx, writing.location, &ids).await?;
    let mut states: BTreeMap<ProductId, StockState> = items.iter().map(|(id, item)| (*id, item.state)).collect();
    let business = place.shop.moment(source.at_us);
    let (mut lines, mut changes) = (Vec::new(), Vec::new());
    for (line, (product_id, quantity_milli)) in (0_i64..).zip(&source.lines) {
        let Some(state) = states.get_mut(product_id) else { continue };
        let change = match *quantity_milli {
            0 => continue,
            // Onto whatever is there, also below zero: history may lack what came in before.
            more if more > 0 => state.found(more, None),
            less => state.outflow(less.checked_neg().ok_or(ApplyError::TooLarge)?),
        };
        let change = change.map_err(|_| ApplyError::TooLarge)?;
        *state = change.after;
        lines.push(LinePostings { document_line: line, product_id: *product_id, postings: change.postings.clone() });
        changes.push((*product_id, change));
    }
    let stamp = Stamp {
        shop: place.actor.shop,
        location: writing.location,
        kind: source.kind,
        document_kind: source.document_kind,
        document_id: source.id,
        reason: source.reason,
        person: place.actor.user,
        effective_date: business.date.as_i64(),
        recorded_at: place.now_us,
    };
    ledger::post(tx, &stamp, &items, &lines, &states).await?;
    let slot = Slot { business_date: business.date.as_i64(), hour: business.hour, register: place.register };
    for (product, change) in &changes {
        adjust::add_variance(tx, slot, *product, change).await?;
    }
    Ok(())
}
