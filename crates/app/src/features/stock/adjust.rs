//! Setting stock right by hand: opening stock, a loss, a find, each with a reason.
//!
//! What comes in without a price comes in at the average, or at the last cost, or
//! at the purchase price that the product names. Losses are no cost of goods:
//! they show as adjustments. Only the variance of goods that had been sold below
//! zero goes to cost of goods.

use crate::{
    actor::Actor,
    features::{
        settings::shop,
        stock::ledger::{self, LinePostings, MovementKind, Stamp},
        totals::{self, HourDelta, ProductDelta, Slot},
    },
};
use db::{DbError, ShopRead, ShopTx, params};
use domain::{
    cost::{CostError, Inflow, PostingKind, StockChange, StockState},
    ids::{LocationId, ProductId, RegisterId},
    rounding,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    PURCHASE_PRICE = "stock.purchase_price",
        "SELECT purchase_price_minor
         FROM product
         WHERE shop_id = $1 AND id = $2";
}

/// What a person wants the stock to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// So much more (or less, negative), in thousandths.
    Change {
        /// In thousandths; not zero.
        quantity_milli: i64,
        /// What one unit costs, where it comes in and somebody said so.
        unit_cost_minor: Option<i64>,
    },
    /// Exactly so much, because it was counted.
    Counted {
        /// In thousandths.
        quantity_milli: i64,
    },
}

/// An adjustment to post.
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// Its own id, the document of its movements.
    pub id: Uuid,
    /// Who.
    pub actor: Actor,
    /// Where.
    pub location: LocationId,
    /// The register whose hour takes a cost variance.
    pub register: RegisterId,
    /// Of what.
    pub product: ProductId,
    /// How much.
    pub wanted: Wanted,
    /// What kind of movement it is.
    pub kind: MovementKind,
    /// Why, in a person's words.
    pub reason: String,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why stock was not adjusted.
#[derive(Debug)]
pub enum AdjustError {
    /// The quantity makes no sense or does not fit.
    Quantity(CostError),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for AdjustError {
    fn from(error: DbError) -> Self {
        AdjustError::Db(error)
    }
}

impl From<CostError> for AdjustError {
    fn from(error: CostError) -> Self {
        AdjustError::Quantity(error)
    }
}

/// Posts an adjustment and answers the stock item after it.
///
/// # Errors
/// The reasons of [`AdjustError`].
pub async fn adjust(tx: &mut ShopTx, adjustment: &Adjustment) -> Result<StockState, AdjustError> {
    let shop = shop::load_profile(tx).await?;
    let items = ledger::lock_items(tx, adjustment.location, &BTreeSet::from([adjustment.product])).await?;
    let purchase_price_minor = purchase_price(tx, adjustment.product).await?;
    let change = change(items[&adjustment.product].state, adjustment.wanted, purchase_price_minor)?;
    let business = shop.moment(adjustment.now_us);
    let stamp = Stamp {
        shop: adjustment.actor.shop,
        location: adjustment.location,
        kind: adjustment.kind,
        document_kind: "adjustment",
        document_id: adjustment.id,
        reason: adjustment.reason.clone(),
        person: adjustment.actor.user,
        effective_date: business.date.as_i64(),
        recorded_at: adjustment.now_us,
    };
    let line = LinePostings { document_line: 0, product_id: adjustment.product, postings: change.postings.clone() };
    let after = BTreeMap::from([(adjustment.product, change.after)]);
    ledger::post(tx, &stamp, &items, &[line], &after).await?;
    let slot = Slot { business_date: business.date.as_i64(), hour: business.hour, register: adjustment.register };
    add_variance(tx, slot, adjustment.product, &change).await?;
    Ok(change.after)
}

async fn purchase_price(read: &mut ShopRead, product: ProductId) -> Result<Option<i64>, DbError> {
    match read.opt(&PURCHASE_PRICE, params![product.0]).await? {
        Some(mut row) => row.take(),
        None => Ok(None),
    }
}

fn change(state: StockState, wanted: Wanted, purchase_price_minor: Option<i64>) -> Result<StockChange, CostError> {
    match wanted {
        Wanted::Counted { quantity_milli } if quantity_milli >= 0 && quantity_milli > state.quantity_milli => {
            let surplus_milli = quantity_milli.checked_sub(state.quantity_milli).ok_or(CostError::TooLarge)?;
            state.found(surplus_milli, purchase_price_minor)
        }
        Wanted::Counted { quantity_milli } => state.count(quantity_milli),
        Wanted::Change { quantity_milli, .. } if quantity_milli <= 0 => {
            state.outflow(quantity_milli.checked_neg().ok_or(CostError::TooLarge)?)
        }
        Wanted::Change { quantity_milli, unit_cost_minor: Some(unit_cost_minor) } => {
            let value_minor =
                rounding::scale_half_away(unit_cost_minor, quantity_milli, 1_000).ok_or(CostError::TooLarge)?;
            state.inflow(Inflow { quantity_milli, value_minor })
        }
        Wanted::Change { quantity_milli, unit_cost_minor: None } => state.found(quantity_milli, purchase_price_minor),
    }
}

/// Books the cost variance of a change, if it has one, into a register's hour.
///
/// # Errors
/// Whatever the database says.
pub async fn add_variance(
    tx: &mut ShopTx,
    slot: Slot,
    product: ProductId,
    change: &StockChange,
) -> Result<(), DbError> {
    let variance_minor: i64 = change
        .postings
        .iter()
        .filter(|posting| posting.kind == PostingKind::CostVariance)
        .map(|posting| -posting.value_minor)
        .sum();
    if variance_minor == 0 {
        return Ok(());
    }
    let hour = HourDelta { sale_cost_minor: variance_minor, ..HourDelta::default() };
    let delta = ProductDelta { cost_minor: variance_minor, ..ProductDelta::default() };
    totals::add(tx, slot, hour, &BTreeMap::from([(product, delta)])).await
}
