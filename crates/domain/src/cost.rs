//! Cost of stock: the moving average of one item in one place.
//!
//! Owns: what every movement costs and what it leaves behind. Operations are pure: they
//! take the state and return the change, which the stock ledger records.
//! Must not know: products, documents, tables.
//!
//! **Invariant:** quantity 0 means value 0, above 0 means value ≥ 0, below 0 means
//! value ≤ 0, and the values of all postings sum to the value. Sizes are checked: an
//! amount that does not fit is [`CostError::TooLarge`], never a panic or a wrapped number.

use std::fmt;

use crate::refund::{RefundError, RefundStep, cumulative_share};
use crate::rounding::{divide_half_away, scale_half_away};

/// What an item held after its last inflow or adjustment that left some on hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCost {
    /// Value in minor units.
    pub value_minor: i64,
    /// Quantity in thousandths, above zero.
    pub quantity_milli: i64,
}

impl LastCost {
    /// What `quantity_milli` costs at this cost.
    fn cost_of(self, quantity_milli: i64) -> Result<i64, CostError> {
        scale_half_away(self.value_minor, quantity_milli, self.quantity_milli).ok_or(CostError::TooLarge)
    }
}

/// A stock item's quantity and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StockState {
    /// On hand in thousandths; below zero where more was sold than was recorded.
    pub quantity_milli: i64,
    /// Value in minor units.
    pub value_minor: i64,
    /// The cost used where none is on hand; `None` until something was bought.
    pub last_cost: Option<LastCost>,
}

/// What a posting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostingKind {
    /// The movement the operation is about; the caller knows its name.
    Movement,
    /// The correction of value when goods come in for what was sold below zero.
    CostVariance,
    /// The correction of value when an earlier purchase changes its price.
    CostAdjustment,
}

/// One line of the stock ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// What it is.
    pub kind: PostingKind,
    /// In thousandths, negative when it leaves.
    pub quantity_milli: i64,
    /// In minor units, negative when it leaves.
    pub value_minor: i64,
    /// On hand afterwards, in thousandths.
    pub on_hand_milli_after: i64,
    /// Value afterwards, in minor units.
    pub stock_value_minor_after: i64,
}

/// What an operation does to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockChange {
    /// The item afterwards.
    pub after: StockState,
    /// In posting order; empty when a count finds what was expected.
    pub postings: Vec<Posting>,
    /// What goes to cost of goods, in minor units; negative where it comes back. It
    /// includes variances. A surplus found by a count is no cost of goods.
    pub cost_of_goods_minor: i64,
}

/// Goods coming in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inflow {
    /// In thousandths, above zero.
    pub quantity_milli: i64,
    /// What they cost, in minor units, zero for free goods.
    pub value_minor: i64,
}

/// Goods that had been sold coming back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockRefund {
    /// What the sold line cost when it left, in minor units.
    pub line_cost_minor: i64,
    /// How far its refunds have come.
    pub step: RefundStep,
}

/// A purchase line whose price turns out different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// The quantity of the purchase line, in thousandths, above zero.
    pub line_quantity_milli: i64,
    /// New price less old, in minor units.
    pub difference_minor: i64,
}

/// Why an operation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostError {
    /// A quantity of zero or less, or a counted quantity below zero.
    InvalidQuantity,
    /// An inflow of negative value.
    InvalidValue,
    /// A refund of more than was sold, or of nothing.
    InvalidRefund(RefundError),
    /// A quantity or value would not fit.
    TooLarge,
}

impl fmt::Display for CostError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidQuantity => write!(formatter, "the quantity is not above zero"),
            Self::InvalidValue => write!(formatter, "the value is below zero"),
            Self::InvalidRefund(error) => write!(formatter, "{error}"),
            Self::TooLarge => write!(formatter, "the quantity or value is too large"),
        }
    }
}

impl std::error::Error for CostError {}

impl From<RefundError> for CostError {
    fn from(error: RefundError) -> Self {
        Self::InvalidRefund(error)
    }
}

/// An operation in progress: the state so far and what was posted.
struct Ledger {
    state: StockState,
    postings: Vec<Posting>,
}

impl Ledger {
    fn post(&mut self, kind: PostingKind, quantity_milli: i64, value_minor: i64) -> Result<(), CostError> {
        let state = &mut self.state;
        state.quantity_milli = state.quantity_milli.checked_add(quantity_milli).ok_or(CostError::TooLarge)?;
        state.value_minor = state.value_minor.checked_add(value_minor).ok_or(CostError::TooLarge)?;
        self.postings.push(Posting {
            kind,
            quantity_milli,
            value_minor,
            on_hand_milli_after: state.quantity_milli,
            stock_value_minor_after: state.value_minor,
        });
        Ok(())
    }

    /// Remembers the cost after an inflow or an adjustment that left goods on hand.
    fn remember_cost(&mut self) {
        let StockState { quantity_milli, value_minor, .. } = self.state;
        if quantity_milli > 0 {
            self.state.last_cost = Some(LastCost { value_minor, quantity_milli });
        }
    }

    fn finish(self, cost_of_goods_minor: i64) -> StockChange {
        StockChange { after: self.state, postings: self.postings, cost_of_goods_minor }
    }
}

impl StockState {
    fn ledger(self) -> Ledger {
        Ledger { state: self, postings: Vec::with_capacity(2) }
    }

    /// Goods come in: a purchase, a transfer, an import.
    ///
    /// What had been sold below zero was costed by guess; the difference to the price now
    /// known is posted as a variance and goes to cost of goods.
    ///
    /// # Errors
    /// `InvalidQuantity`, `InvalidValue`, `TooLarge`.
    pub fn inflow(self, inflow: Inflow) -> Result<StockChange, CostError> {
        if inflow.quantity_milli <= 0 {
            return Err(CostError::InvalidQuantity);
        }
        if inflow.value_minor < 0 {
            return Err(CostError::InvalidValue);
        }
        let variance_minor = self.variance_of(inflow)?;
        let mut ledger = self.ledger();
        ledger.post(PostingKind::Movement, inflow.quantity_milli, inflow.value_minor)?;
        if variance_minor != 0 {
            ledger.post(PostingKind::CostVariance, 0, variance_minor)?;
        }
        ledger.remember_cost();
        Ok(ledger.finish(variance_minor.checked_neg().ok_or(CostError::TooLarge)?))
    }

    /// The variance of an inflow of a for value w onto q = −n of value V ≤ 0:
    /// −(round(w × n / a) + V) where it fills the hole, else −(w − round(−V × a / n)).
    fn variance_of(self, inflow: Inflow) -> Result<i64, CostError> {
        if self.quantity_milli >= 0 {
            return Ok(0);
        }
        let missing = -i128::from(self.quantity_milli);
        let quantity = i128::from(inflow.quantity_milli);
        let (value, owed) = (i128::from(inflow.value_minor), -i128::from(self.value_minor));
        let variance = if quantity >= missing {
            owed - divide_half_away(value * missing, quantity)
        } else {
            divide_half_away(owed * quantity, missing) - value
        };
        i64::try_from(variance).map_err(|_| CostError::TooLarge)
    }

    /// Goods leave: a sale, a transfer, a loss. What is on hand leaves at the average, all
    /// of it at exactly the value; what goes below zero leaves at the last cost.
    ///
    /// # Errors
    /// `InvalidQuantity`, `TooLarge`.
    pub fn outflow(self, quantity_milli: i64) -> Result<StockChange, CostError> {
        if quantity_milli <= 0 {
            return Err(CostError::InvalidQuantity);
        }
        let from_stock = quantity_milli.min(self.quantity_milli.max(0));
        let below_zero = quantity_milli - from_stock;
        let stock_cost = self.average_cost(from_stock)?;
        let guessed_cost = self.last_cost.map_or(Ok(0), |last| last.cost_of(below_zero))?;
        let cost_minor = stock_cost.checked_add(guessed_cost).ok_or(CostError::TooLarge)?;
        let mut ledger = self.ledger();
        ledger.post(PostingKind::Movement, -quantity_milli, -cost_minor)?;
        Ok(ledger.finish(cost_minor))
    }

    /// What a quantity, of which that much is on hand, costs at the average; all of it is
    /// exactly the value because value × q / q is whole.
    fn average_cost(self, quantity_milli: i64) -> Result<i64, CostError> {
        if quantity_milli == 0 {
            return Ok(0);
        }
        scale_half_away(self.value_minor, quantity_milli, self.quantity_milli).ok_or(CostError::TooLarge)
    }

    /// Sold goods come back, at the cost at which they left.
    ///
    /// # Errors
    /// `InvalidRefund`, `InvalidValue` for a negative cost, `TooLarge`.
    pub fn refund(self, refund: StockRefund) -> Result<StockChange, CostError> {
        let value_minor = cumulative_share(refund.line_cost_minor, refund.step)?;
        let quantity_milli = refund.step.refunded_after_milli - refund.step.refunded_before_milli;
        let mut change = self.inflow(Inflow { quantity_milli, value_minor })?;
        change.cost_of_goods_minor = change.cost_of_goods_minor.checked_sub(value_minor).ok_or(CostError::TooLarge)?;
        Ok(change)
    }

    /// Goods are counted: a surplus comes in at the average, or at the last cost where none
    /// is on hand; a shortage goes out.
    ///
    /// # Errors
    /// `InvalidQuantity` for a count below zero, `TooLarge`.
    pub fn count(self, counted_milli: i64) -> Result<StockChange, CostError> {
        if counted_milli < 0 {
            return Err(CostError::InvalidQuantity);
        }
        let difference_milli = counted_milli.checked_sub(self.quantity_milli).ok_or(CostError::TooLarge)?;
        match difference_milli {
            0 => Ok(self.ledger().finish(0)),
            shortage if shortage < 0 => self.outflow(-shortage),
            surplus => self.found(surplus, None),
        }
    }

    /// Goods turn up without a price: they come in at the average, or at the last cost
    /// where none is on hand, or, where nothing was ever bought, at what the shop says
    /// that a unit costs.
    ///
    /// # Errors
    /// `InvalidQuantity`, `InvalidValue` for a unit cost below zero, `TooLarge`.
    pub fn found(self, quantity_milli: i64, unit_cost_minor: Option<i64>) -> Result<StockChange, CostError> {
        let value_minor = match (self.quantity_milli > 0, self.last_cost) {
            (true, _) => self.average_cost(quantity_milli)?,
            (false, Some(last)) => last.cost_of(quantity_milli)?,
            (false, None) => {
                scale_half_away(unit_cost_minor.unwrap_or(0), quantity_milli, 1_000).ok_or(CostError::TooLarge)?
            }
        };
        self.inflow(Inflow { quantity_milli, value_minor })
    }

    /// An earlier purchase line changes its price: what is still on hand carries its part,
    /// never below a value of zero, and the rest goes to cost of goods.
    ///
    /// Below zero nothing is on hand to carry a part, but "never below zero" still holds:
    /// the adjustment lifts the negative value to zero, as the fixtures have it.
    ///
    /// # Errors
    /// `InvalidQuantity`, `TooLarge`.
    pub fn correction(self, correction: Correction) -> Result<StockChange, CostError> {
        if correction.line_quantity_milli <= 0 {
            return Err(CostError::InvalidQuantity);
        }
        let on_hand = self.quantity_milli.clamp(0, correction.line_quantity_milli);
        let share = scale_half_away(correction.difference_minor, on_hand, correction.line_quantity_milli)
            .ok_or(CostError::TooLarge)?;
        let down_to_zero = self.value_minor.checked_neg().ok_or(CostError::TooLarge)?;
        let adjustment_minor = share.max(down_to_zero);
        let rest_minor = correction.difference_minor.checked_sub(adjustment_minor).ok_or(CostError::TooLarge)?;
        let mut ledger = self.ledger();
        ledger.post(PostingKind::CostAdjustment, 0, adjustment_minor)?;
        ledger.remember_cost();
        Ok(ledger.finish(rest_minor))
    }
}
