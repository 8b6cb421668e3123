//! Refunding some lines of a sale, or voiding it whole: claim, load, decide, record.
//!
//! **Invariant:** refunds of one sale happen one after another: the sale's row is
//! locked before anything about it is read.

use crate::{
    actor::Actor,
    features::{
        cash::ledger::{self as cash_ledger, Entry, EntryKind, LockedSession},
        commands::{self, Claim, Claimed},
        sales::facts,
        settings::{
            registers::{self, RegisterKind, TakenNumber},
            shop::{self, ShopProfile},
        },
        stock::ledger::{self as stock_ledger, LinePostings, MovementKind, Stamp, StockItem},
        totals::{self, HourDelta, ProductDelta, Slot},
    },
};
use db::{DbError, ShopRead, ShopTx, params};
use domain::{
    business_date::BusinessMoment,
    decimal,
    ids::{CustomerId, LocationId, MethodId, ProductId, RefundId, RegisterId, SaleId, SessionId},
    take_back::{self, CompletedTakeBack, PaidBy, SoldLine, TakeBack, TakeBackFacts, TakeBackRefused},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    LOCK_SALE = "sales.lock_sale",
        "SELECT register_id, customer_id, total_minor
         FROM sale
         WHERE shop_id = $1 AND id = $2
         {lock}";
    SOLD_LINES = "sales.sold_lines",
        "SELECT line.position, line.product_id, line.name, line.quantity_milli, line.pack_milli, line.total_minor,
                line.base_minor, line.cost_minor, line.tracked,
                CAST(COALESCE((SELECT SUM(refund_line.quantity_milli)
                               FROM refund_line
                               WHERE refund_line.shop_id = $1 AND refund_line.sale_id = line.sale_id
                                 AND refund_line.sale_position = line.position), 0) AS BIGINT)
         FROM sale_line AS line
         WHERE line.shop_id = $1 AND line.sale_id = $2
         ORDER BY line.position";
    PAID = "sales.paid",
        "SELECT payment.method_id, payment_method.kind, CAST(SUM(payment.amount_minor) AS BIGINT)
         FROM payment
         JOIN payment_method ON payment_method.shop_id = payment.shop_id AND payment_method.id = payment.method_id
         WHERE payment.shop_id = $1 AND payment.sale_id = $2
         GROUP BY payment.method_id, payment_method.kind
         ORDER BY MIN(payment.position)";
    PAID_BACK = "sales.paid_back",
        "SELECT refund_payment.method_id, CAST(SUM(refund_payment.amount_minor) AS BIGINT)
         FROM refund
         JOIN refund_payment ON refund_payment.shop_id = refund.shop_id AND refund_payment.refund_id = refund.id
         WHERE refund.shop_id = $1 AND refund.sale_id = $2
         GROUP BY refund_payment.method_id";
    REFUNDED = "sales.refunded",
        "SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT)
         FROM refund
         WHERE shop_id = $1 AND sale_id = $2";
    pub(super) INSERT_REFUND = "sales.insert_refund",
        "INSERT INTO refund (shop_id, id, sale_id, kind, register_id, session_id, prefix, number, person_id,
                             customer_id, reason, base_minor, tax_minor, total_minor, cash_rounding_minor, cost_minor,
                             refunded_at, recorded_at, business_date, hour)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    pub(super) INSERT_REFUND_LINE = "sales.insert_refund_line",
        "INSERT INTO refund_line (shop_id, refund_id, position, sale_id, sale_position, product_id, name,
                                  quantity_milli, pack_milli, base_minor, tax_minor, total_minor, restocked, cost_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    pub(super) INSERT_REFUND_PAYMENT = "sales.insert_refund_payment",
        "INSERT INTO refund_payment (shop_id, refund_id, position, method_id, amount_minor)
         VALUES ($1, $2, $3, $4, $5)";
}

/// A refund or a void to make.
#[derive(Clone, Debug)]
pub struct TakeBackSale {
    /// The client's id of the refund.
    pub id: RefundId,
    /// Who takes back.
    pub actor: Actor,
    /// Of which sale.
    pub sale: SaleId,
    /// What comes back.
    pub what: TakeBack,
    /// Why, in a person's words.
    pub reason: String,
    /// The drawer from which cash is paid; `None` pays none.
    pub session: Option<SessionId>,
    /// SHA-256 over what was meant.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// What the one who took back is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBackAnswer {
    /// Series and number of the refund.
    pub number: String,
    /// Paid back before cash rounding; a decimal string.
    pub total: String,
    /// Of it in cash, after rounding; a decimal string.
    pub cash: String,
}

/// Why nothing was taken back.
#[derive(Debug)]
pub enum TakeBackSaleError {
    /// The shop has no such sale.
    UnknownSale,
    /// The rules say no.
    Refused(TakeBackRefused),
    /// The id was used for something else.
    Conflict,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for TakeBackSaleError {
    fn from(error: DbError) -> Self {
        TakeBackSaleError::Db(error)
    }
}

/// Makes a refund or a void, or answers what was answered before.
///
/// # Errors
/// The reasons of [`TakeBackSaleError`].
pub async fn take_back_sale(tx: &mut ShopTx, command: &TakeBackSale) -> Result<TakeBackAnswer, TakeBackSaleError> {
    let claimed =
        Claimed { id: command.id.0, kind: "refund", content_hash: command.content_hash, now_us: command.now_us };
    match commands::claim(tx, claimed).await? {
        Claim::Fresh => {}
        Claim::Conflict => return Err(TakeBackSaleError::Conflict),
        Claim::Repeated(stored) => {
            let answer = serde_json::from_str(&stored);
            return Ok(answer.map_err(|error| DbError::Other(Box::new(error)))?);
        }
    }
    let loaded = load(tx, command).await?;
    let decided = take_back::decide(&loaded.facts, &command.what).map_err(TakeBackSaleError::Refused)?;
    record(tx, command, &loaded, &decided).await?;
    let money = |minor: i64| decimal::format(minor, loaded.shop.exponent);
    let answer = TakeBackAnswer {
        number: format!("{}{}", loaded.taken.prefix, loaded.taken.number),
        total: money(decided.amounts.total_minor),
        cash: money(decided.cash_out_minor),
    };
    let stored = serde_json::to_string(&answer).expect("three strings always become JSON");
    commands::answer(tx, command.id.0, &stored).await?;
    Ok(answer)
}

struct Loaded {
    facts: TakeBackFacts,
    shop: ShopProfile,
    register: RegisterId,
    location: LocationId,
    taken: TakenNumber,
    customer: Option<CustomerId>,
    session: Option<LockedSession>,
    items: BTreeMap<ProductId, StockItem>,
}

/// Refunds are numbered by the office's register, whose goods' place they come
/// back to is the sale's own register's.
async fn load(tx: &mut ShopTx, command: &TakeBackSale) -> Result<Loaded, TakeBackSaleError> {
    let office = registers::first_of_kind(tx, RegisterKind::Office).await?.ok_or(TakeBackSaleError::UnknownSale)?;
    let taken = registers::take_number(tx, office).await?.ok_or(TakeBackSaleError::UnknownSale)?;
    let session = facts::lock_session(tx, command.session).await?.filter(|session| session.open);
    let mut sale = tx.opt(&LOCK_SALE, params![command.sale.0]).await?.ok_or(TakeBackSaleError::UnknownSale)?;
    let (sold_at_register, customer): (Uuid, Option<Uuid>) = (sale.take()?, sale.take()?);
    let total_minor = sale.take()?;
    let shop = shop::load_profile(tx).await?;
    let place = registers::load_known_place(tx, RegisterId(sold_at_register)).await?;
    let location = place.map_or(taken.location, |place| place.location);
    let lines = load_lines(tx, command.sale).await?;
    let payments = load_payments(tx, command.sale).await?;
    let refunded_minor = tx.one(&REFUNDED, params![command.sale.0]).await?.take()?;
    let tracked: BTreeSet<ProductId> = lines.values().filter(|line| line.tracked).map(|line| line.product_id).collect();
    let items = stock_ledger::lock_items(tx, location, &tracked).await?;
    let stock = items.iter().map(|(id, item)| (*id, item.state)).collect();
    let drawer_open = session.is_some();
    let facts = TakeBackFacts { lines, total_minor, refunded_minor, payments, cash: shop.cash, stock, drawer_open };
    Ok(Loaded { facts, shop, register: office, location, taken, customer: customer.map(CustomerId), session, items })
}

async fn load_lines(read: &mut ShopRead, sale: SaleId) -> Result<BTreeMap<i64, SoldLine>, DbError> {
    let mut lines = BTreeMap::new();
    for mut row in read.rows(&SOLD_LINES, params![sale.0]).await? {
        let position = row.take()?;
        let line = SoldLine {
            product_id: ProductId(row.take()?),
            name: row.take()?,
            quantity_milli: row.take()?,
            pack_milli: row.take()?,
            total_minor: row.take()?,
            base_minor: row.take()?,
            cost_minor: row.take()?,
            tracked: row.take()?,
            refunded_milli: row.take()?,
        };
        lines.insert(position, line);
    }
    Ok(lines)
}

async fn load_payments(read: &mut ShopRead, sale: SaleId) -> Result<Vec<PaidBy>, DbError> {
    let mut returned: BTreeMap<Uuid, i64> = BTreeMap::new();
    for mut row in read.rows(&PAID_BACK, params![sale.0]).await? {
        returned.insert(row.take()?, row.take()?);
    }
    let mut payments = Vec::new();
    for mut row in read.rows(&PAID, params![sale.0]).await? {
        let method: Uuid = row.take()?;
        let kind: String = row.take()?;
        payments.push(PaidBy {
            method_id: MethodId(method),
            kind: facts::method_kind(&kind),
            amount_minor: row.take()?,
            returned_minor: returned.get(&method).copied().unwrap_or(0),
        });
    }
    Ok(payments)
}

async fn record(
    tx: &mut ShopTx,
    command: &TakeBackSale,
    loaded: &Loaded,
    decided: &CompletedTakeBack,
) -> Result<(), DbError> {
    let business = loaded.shop.moment(command.now_us);
    post_stock(tx, command, loaded, decided, business).await?;
    let slot = Slot { business_date: business.date.as_i64(), hour: business.hour, register: loaded.register };
    totals::add(tx, slot, hour_delta(decided), &product_deltas(decided)).await?;
    insert_refund(tx, command, loaded, decided, business).await?;
    if let Some(session) = &loaded.session
        && decided.cash_out_minor != 0
    {
        let entry = Entry {
            id: command.id.0,
            kind: EntryKind::Refund,
            amount_minor: -decided.cash_out_minor,
            document_id: command.id.0,
            reason: command.reason.clone(),
            person: command.actor.user,
            at: command.now_us,
            recorded_at: command.now_us,
        };
        cash_ledger::post(tx, session, &entry).await?;
    }
    Ok(())
}

async fn post_stock(
    tx: &mut ShopTx,
    command: &TakeBackSale,
    loaded: &Loaded,
    decided: &CompletedTakeBack,
    business: BusinessMoment,
) -> Result<(), DbError> {
    let stamp = Stamp {
        shop: command.actor.shop,
        location: loaded.location,
        kind: MovementKind::Refund,
        document_kind: "refund",
        document_id: command.id.0,
        reason: command.reason.clone(),
        person: command.actor.user,
        effective_date: business.date.as_i64(),
        recorded_at: command.now_us,
    };
    let lines: Vec<LinePostings> = decided
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.postings.is_empty())
        .map(|(index, line)| LinePostings {
            document_line: position(index),
            product_id: line.product_id,
            postings: line.postings.clone(),
        })
        .collect();
    stock_ledger::post(tx, &stamp, &loaded.items, &lines, &decided.stock_after).await
}

fn variance(decided: &CompletedTakeBack) -> i64 {
    decided.lines.iter().map(|line| line.variance_minor).sum()
}

fn known_cost_base(line: &take_back::CompletedReturn) -> i64 {
    if line.cost_minor.is_some() { line.amounts.base_minor } else { 0 }
}

fn hour_delta(decided: &CompletedTakeBack) -> HourDelta {
    HourDelta {
        sale_cost_minor: variance(decided),
        cash_rounding_minor: -decided.cash_rounding_minor,
        refund_count: 1,
        refund_base_minor: decided.amounts.base_minor,
        refund_tax_minor: decided.amounts.tax_minor,
        refund_total_minor: decided.amounts.total_minor,
        refund_cost_minor: decided.cost_minor,
        known_cost_base_minor: -decided.lines.iter().map(known_cost_base).sum::<i64>(),
        ..HourDelta::default()
    }
}

fn product_deltas(decided: &CompletedTakeBack) -> BTreeMap<ProductId, ProductDelta> {
    let mut deltas: BTreeMap<ProductId, ProductDelta> = BTreeMap::new();
    for line in &decided.lines {
        deltas.entry(line.product_id).or_default().add(ProductDelta {
            quantity_milli: -line.units_milli,
            total_minor: -line.amounts.total_minor,
            base_minor: -line.amounts.base_minor,
            cost_minor: line.variance_minor - line.cost_minor.unwrap_or(0),
            known_cost_base_minor: -known_cost_base(line),
        });
    }
    deltas
}

async fn insert_refund(
    tx: &mut ShopTx,
    command: &TakeBackSale,
    loaded: &Loaded,
    decided: &CompletedTakeBack,
    business: BusinessMoment,
) -> Result<(), DbError> {
    let kind = if command.what == TakeBack::Void { "void" } else { "refund" };
    tx.exec_one(
        &INSERT_REFUND,
        params![
            command.id.0,
            command.sale.0,
            kind,
            loaded.register.0,
            loaded.session.map(|session| session.id.0),
            loaded.taken.prefix.as_str(),
            loaded.taken.number,
            command.actor.user.0,
            loaded.customer.map(|customer| customer.0),
            command.reason.as_str(),
            decided.amounts.base_minor,
            decided.amounts.tax_minor,
            decided.amounts.total_minor,
            decided.cash_rounding_minor,
            decided.cost_minor,
            command.now_us,
            command.now_us,
            business.date.as_i64(),
            business.hour
        ],
    )
    .await?;
    let lines = decided.lines.iter().enumerate().map(|(index, line)| {
        params![
            command.id.0,
            position(index),
            command.sale.0,
            line.position,
            line.product_id.0,
            line.name.as_str(),
            line.quantity_milli,
            line.pack_milli,
            line.amounts.base_minor,
            line.amounts.tax_minor,
            line.amounts.total_minor,
            line.restocked,
            line.cost_minor
        ]
    });
    tx.exec_many(&INSERT_REFUND_LINE, lines.collect()).await?;
    let payments = decided
        .payments
        .iter()
        .enumerate()
        .map(|(index, paid)| params![command.id.0, position(index), paid.method_id.0, paid.amount_minor]);
    tx.exec_many(&INSERT_REFUND_PAYMENT, payments.collect()).await?;
    Ok(())
}

fn position(index: usize) -> i64 {
    i64::try_from(index).expect("a document has fewer lines than an i64 counts")
}
