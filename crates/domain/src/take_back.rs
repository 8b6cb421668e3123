//! Taking goods back: a refund of some lines, or a void, which is all of them.
//!
//! **Invariant:** pure, and cumulative: whatever the steps, a sale that has been
//! taken back whole has paid back exactly what it took, line by line, method by
//! method and coin by coin.

use crate::{
    cash::{self, CashRule, RefundedTotal},
    cost::{Posting, StockRefund, StockState},
    ids::{MethodId, ProductId},
    refund::{self, RefundAmounts, RefundStep},
    rounding,
    sale::MethodKind,
};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// A line as it was sold, with what came back of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldLine {
    /// The product.
    pub product_id: ProductId,
    /// Its name on the receipt.
    pub name: String,
    /// Packs sold, in thousandths.
    pub quantity_milli: i64,
    /// Units in a pack, in thousandths.
    pub pack_milli: i64,
    /// Packs taken back before, in thousandths.
    pub refunded_milli: i64,
    /// Charged for the line.
    pub total_minor: i64,
    /// Of it without tax.
    pub base_minor: i64,
    /// What it cost when it left; `None` is unknown.
    pub cost_minor: Option<i64>,
    /// Whether stock was taken.
    pub tracked: bool,
}

/// A payment of the sale, with what went back by it so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBy {
    /// The method.
    pub method_id: MethodId,
    /// What it moves.
    pub kind: MethodKind,
    /// What it covered.
    pub amount_minor: i64,
    /// What went back by it.
    pub returned_minor: i64,
}

/// Everything the decision may look at, read under lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeBackFacts {
    /// The sale's lines by position.
    pub lines: BTreeMap<i64, SoldLine>,
    /// What was charged, before cash rounding.
    pub total_minor: i64,
    /// Of it taken back before, before cash rounding.
    pub refunded_minor: i64,
    /// The payments; a method stands here once.
    pub payments: Vec<PaidBy>,
    /// How cash meets the smallest coin.
    pub cash: CashRule,
    /// Stock of the products that come back.
    pub stock: BTreeMap<ProductId, StockState>,
    /// Whether a drawer is open from which cash can be paid.
    pub drawer_open: bool,
}

/// Which lines come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeBack {
    /// Some packs of some lines.
    Lines(Vec<ReturnedLine>),
    /// The whole sale, as if it had not been; only while nothing came back.
    Void,
}

/// Packs of a line that come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedLine {
    /// The sale's line.
    pub position: i64,
    /// Packs, in thousandths.
    pub quantity_milli: i64,
    /// Whether the goods can be sold again.
    pub restock: bool,
}

/// A line to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedReturn {
    /// The sale's line.
    pub position: i64,
    /// The product.
    pub product_id: ProductId,
    /// Its name on the receipt.
    pub name: String,
    /// Packs, in thousandths.
    pub quantity_milli: i64,
    /// Units in a pack, in thousandths.
    pub pack_milli: i64,
    /// Units that come back, in thousandths.
    pub units_milli: i64,
    /// What is paid back for it.
    pub amounts: RefundAmounts,
    /// Whether the goods can be sold again.
    pub restocked: bool,
    /// The cost that comes back; `None` where it never was known.
    pub cost_minor: Option<i64>,
    /// Stock movements, in order.
    pub postings: Vec<Posting>,
    /// What the movements add to the cost of goods beyond the cost coming back:
    /// goods that return to an item below zero settle its guess.
    pub variance_minor: i64,
}

/// Money that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBack {
    /// By which method.
    pub method_id: MethodId,
    /// What kind of money.
    pub kind: MethodKind,
    /// How much.
    pub amount_minor: i64,
}

/// Everything to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedTakeBack {
    /// The lines.
    pub lines: Vec<CompletedReturn>,
    /// Their sum, before cash rounding.
    pub amounts: RefundAmounts,
    /// What cash rounding adds to what is paid back.
    pub cash_rounding_minor: i64,
    /// The money.
    pub payments: Vec<PaidBack>,
    /// What leaves the drawer.
    pub cash_out_minor: i64,
    /// Known cost coming back.
    pub cost_minor: i64,
    /// Where each touched stock item ends.
    pub stock_after: BTreeMap<ProductId, StockState>,
}

/// Why nothing is taken back, in the order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeBackRefused {
    /// No line was named.
    NothingChosen,
    /// A void after a refund or another void.
    AlreadyReturned,
    /// A line that the sale does not have.
    UnknownLine {
        /// Which one was asked for.
        position: i64,
    },
    /// The same line twice.
    RepeatedLine {
        /// Which one.
        position: i64,
    },
    /// Nothing, or more than is left of the line.
    WrongQuantity {
        /// Which line.
        position: i64,
        /// Packs that could come back, in thousandths.
        left_milli: i64,
    },
    /// Cash would go out and no drawer is open.
    DrawerClosed,
    /// An amount does not fit.
    TooLarge,
}

/// Decides a refund or a void.
///
/// # Errors
/// The first refusal in the order of [`TakeBackRefused`].
pub fn decide(facts: &TakeBackFacts, command: &TakeBack) -> Result<CompletedTakeBack, TakeBackRefused> {
    let returned = chosen(facts, command)?;
    let mut stock = facts.stock.clone();
    let mut lines = Vec::with_capacity(returned.len());
    for line in returned {
        lines.push(take_line(facts, line, &mut stock)?);
    }
    let sum = |part: fn(&CompletedReturn) -> i64| lines.iter().map(part).sum::<i64>();
    let amounts = RefundAmounts {
        total_minor: sum(|line| line.amounts.total_minor),
        base_minor: sum(|line| line.amounts.base_minor),
        tax_minor: sum(|line| line.amounts.tax_minor),
    };
    let money = pay_back(facts, amounts.total_minor);
    if money.cash_out_minor > 0 && !facts.drawer_open {
        return Err(TakeBackRefused::DrawerClosed);
    }
    Ok(CompletedTakeBack {
        cost_minor: lines.iter().filter_map(|line| line.cost_minor).sum(),
        amounts,
        cash_rounding_minor: money.cash_rounding_minor,
        payments: money.payments,
        cash_out_minor: money.cash_out_minor,
        lines,
        stock_after: stock,
    })
}

fn chosen(facts: &TakeBackFacts, command: &TakeBack) -> Result<Vec<ReturnedLine>, TakeBackRefused> {
    let lines = match command {
        TakeBack::Lines(lines) => lines.clone(),
        TakeBack::Void => {
            if facts.lines.values().any(|line| line.refunded_milli > 0) {
                return Err(TakeBackRefused::AlreadyReturned);
            }
            let all = |(position, line): (&i64, &SoldLine)| ReturnedLine {
                position: *position,
                quantity_milli: line.quantity_milli,
                restock: true,
            };
            facts.lines.iter().map(all).collect()
        }
    };
    if lines.is_empty() {
        return Err(TakeBackRefused::NothingChosen);
    }
    for (index, line) in lines.iter().enumerate() {
        let position = line.position;
        let sold = facts.lines.get(&position).ok_or(TakeBackRefused::UnknownLine { position })?;
        if lines[..index].iter().any(|earlier| earlier.position == position) {
            return Err(TakeBackRefused::RepeatedLine { position });
        }
        let left_milli = sold.quantity_milli - sold.refunded_milli;
        if line.quantity_milli <= 0 || line.quantity_milli > left_milli {
            return Err(TakeBackRefused::WrongQuantity { position, left_milli });
        }
    }
    Ok(lines)
}

fn take_line(
    facts: &TakeBackFacts,
    returned: ReturnedLine,
    stock: &mut BTreeMap<ProductId, StockState>,
) -> Result<CompletedReturn, TakeBackRefused> {
    let sold = &facts.lines[&returned.position];
    let step = RefundStep {
        quantity_milli: sold.quantity_milli,
        refunded_before_milli: sold.refunded_milli,
        refunded_after_milli: sold.refunded_milli + returned.quantity_milli,
    };
    let proven = "the quantity was checked against what is left of the line";
    let amounts = refund::refund_amounts(sold.total_minor, sold.base_minor, step).expect(proven);
    let units = |packs_milli: i64| {
        rounding::scale_half_away(packs_milli, sold.pack_milli, 1_000).ok_or(TakeBackRefused::TooLarge)
    };
    let units_step = RefundStep {
        quantity_milli: units(step.quantity_milli)?,
        refunded_before_milli: units(step.refunded_before_milli)?,
        refunded_after_milli: units(step.refunded_after_milli)?,
    };
    let mut line = CompletedReturn {
        position: returned.position,
        product_id: sold.product_id,
        name: sold.name.clone(),
        quantity_milli: returned.quantity_milli,
        pack_milli: sold.pack_milli,
        units_milli: units_step.refunded_after_milli - units_step.refunded_before_milli,
        amounts,
        restocked: returned.restock,
        cost_minor: match (sold.cost_minor, returned.restock) {
            (None, _) => None,
            (Some(_), false) => Some(0),
            (Some(cost_minor), true) => Some(refund::cumulative_share(cost_minor, units_step).expect(proven)),
        },
        postings: Vec::new(),
        variance_minor: 0,
    };
    if let (true, true, Some(line_cost_minor), Some(state)) =
        (returned.restock, sold.tracked, sold.cost_minor, stock.get_mut(&sold.product_id))
    {
        let change =
            state.refund(StockRefund { line_cost_minor, step: units_step }).map_err(|_| TakeBackRefused::TooLarge)?;
        *state = change.after;
        line.variance_minor = change.cost_of_goods_minor + line.cost_minor.unwrap_or(0);
        line.postings = change.postings;
    }
    Ok(line)
}

struct Money {
    payments: Vec<PaidBack>,
    cash_rounding_minor: i64,
    cash_out_minor: i64,
}

/// Debt goes first, then the methods that leave a trace, cash last; each gets
/// back at most what it brought.
fn pay_back(facts: &TakeBackFacts, total_minor: i64) -> Money {
    let mut order: Vec<&PaidBy> = facts.payments.iter().filter(|paid| paid.kind != MethodKind::Cash).collect();
    order.sort_by_key(|paid| paid.kind != MethodKind::HouseAccount);
    let mut left_minor = total_minor;
    let mut payments = Vec::new();
    for paid in order {
        let amount_minor = left_minor.min(paid.amount_minor - paid.returned_minor).max(0);
        if amount_minor > 0 {
            payments.push(PaidBack { method_id: paid.method_id, kind: paid.kind, amount_minor });
            left_minor -= amount_minor;
        }
    }
    let cash_out_minor = cash_out(facts, total_minor, left_minor);
    hand_out(facts, cash_out_minor, &mut payments);
    Money {
        payments,
        // Whatever was paid beside the total, rounded or not, goes back with the last step.
        cash_rounding_minor: cash_out_minor - left_minor,
        cash_out_minor,
    }
}

fn cash_paid(facts: &TakeBackFacts) -> impl Iterator<Item = &PaidBy> {
    facts.payments.iter().filter(|paid| paid.kind == MethodKind::Cash)
}

/// What goes back in cash of a step that leaves `left_minor` to it. The last step
/// pays what cash brought and has not given back, and none pays more: the shop may
/// have changed its rounding since the sale.
fn cash_out(facts: &TakeBackFacts, total_minor: i64, left_minor: i64) -> i64 {
    let in_drawer_minor: i64 = cash_paid(facts).map(|paid| paid.amount_minor - paid.returned_minor).sum();
    if facts.refunded_minor + total_minor == facts.total_minor {
        return in_drawer_minor;
    }
    let others_before: i64 =
        facts.payments.iter().filter(|paid| paid.kind != MethodKind::Cash).map(|paid| paid.returned_minor).sum();
    let before_minor = facts.refunded_minor - others_before;
    let step = RefundedTotal { before_minor, after_minor: before_minor + left_minor };
    cash::refund_cash(step, facts.cash).min(in_drawer_minor).max(0)
}

/// Cash goes back by the methods that brought it, in their order.
fn hand_out(facts: &TakeBackFacts, cash_out_minor: i64, payments: &mut Vec<PaidBack>) {
    let mut left_minor = cash_out_minor;
    for paid in cash_paid(facts) {
        let amount_minor = left_minor.min(paid.amount_minor - paid.returned_minor);
        if amount_minor > 0 {
            payments.push(PaidBack { method_id: paid.method_id, kind: MethodKind::Cash, amount_minor });
            left_minor -= amount_minor;
        }
    }
}
