//! Cumulative shares: how a part of a line is paid back or taken back into stock.
//!
//! Owns: R(q) = round(whole × q / quantity) and its differences.
//! Must not know: sales, stock or who asks.
//!
//! **Invariant:** any sequence of refunds that ends at the full quantity returns exactly
//! the whole, because R(b) − R(a) telescopes.

use std::fmt;

use crate::rounding::scale_half_away;

/// How far the refunds of a line have come, in thousandths of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundStep {
    /// The quantity the line was sold with.
    pub quantity_milli: i64,
    /// What earlier refunds took back.
    pub refunded_before_milli: i64,
    /// The same with this refund.
    pub refunded_after_milli: i64,
}

/// Why a step is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundError {
    /// The line's quantity is not above zero.
    NothingSold,
    /// The refund takes back nothing, or less than nothing.
    NothingRefunded,
    /// More would be taken back than was sold.
    MoreThanSold,
}

impl fmt::Display for RefundError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSold => write!(formatter, "the line sold nothing"),
            Self::NothingRefunded => write!(formatter, "the refund takes nothing back"),
            Self::MoreThanSold => write!(formatter, "the refund takes back more than was sold"),
        }
    }
}

impl std::error::Error for RefundError {}

impl RefundStep {
    /// Refuses a step that does not go forward within what was sold.
    ///
    /// # Errors
    /// [`RefundError`].
    pub fn check(self) -> Result<(), RefundError> {
        if self.quantity_milli <= 0 {
            return Err(RefundError::NothingSold);
        }
        if self.refunded_before_milli < 0 || self.refunded_after_milli <= self.refunded_before_milli {
            return Err(RefundError::NothingRefunded);
        }
        if self.refunded_after_milli > self.quantity_milli {
            return Err(RefundError::MoreThanSold);
        }
        Ok(())
    }
}

/// The part of `whole` that the step returns, R(b) − R(a).
///
/// # Errors
/// [`RefundError`].
pub fn cumulative_share(whole: i64, step: RefundStep) -> Result<i64, RefundError> {
    step.check()?;
    let returned = |quantity_milli| {
        scale_half_away(whole, quantity_milli, step.quantity_milli)
            .expect("a share of at most the whole fits where the whole does")
    };
    Ok(returned(step.refunded_after_milli) - returned(step.refunded_before_milli))
}

/// A sold line's amounts, or a refund's part of them, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundAmounts {
    /// What was paid.
    pub total_minor: i64,
    /// The part of it that was not tax.
    pub base_minor: i64,
    /// The part of it that was tax.
    pub tax_minor: i64,
}

/// What a step of refunding a line pays back.
///
/// Total and base follow R; the tax is their difference, which is cumulative as well. Each
/// of the three therefore returns exactly the line's, and `base + tax = total` holds on
/// every refund document, which rounding the three apart would break by a unit now and then.
///
/// # Errors
/// [`RefundError`].
pub fn refund_amounts(
    line_total_minor: i64,
    line_base_minor: i64,
    step: RefundStep,
) -> Result<RefundAmounts, RefundError> {
    let total_minor = cumulative_share(line_total_minor, step)?;
    let base_minor = cumulative_share(line_base_minor, step)?;
    Ok(RefundAmounts { total_minor, base_minor, tax_minor: total_minor - base_minor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(quantity_milli: i64, refunded_before_milli: i64, refunded_after_milli: i64) -> RefundStep {
        RefundStep { quantity_milli, refunded_before_milli, refunded_after_milli }
    }

    #[test]
    fn thirds_of_a_thousand_come_back_whole() {
        let shares: Vec<i64> = (0..3)
            .map(|unit| cumulative_share(1_000, step(3_000, unit * 1_000, (unit + 1) * 1_000)).unwrap())
            .collect();
        assert_eq!(shares, [333, 334, 333]);
    }

    #[test]
    fn steps_outside_what_was_sold_are_refused() {
        let cases = [
            (step(0, 0, 1), RefundError::NothingSold),
            (step(-1, 0, 1), RefundError::NothingSold),
            (step(10, 5, 5), RefundError::NothingRefunded),
            (step(10, 5, 4), RefundError::NothingRefunded),
            (step(10, -1, 4), RefundError::NothingRefunded),
            (step(10, 5, 11), RefundError::MoreThanSold),
        ];
        for (step, error) in cases {
            assert_eq!(cumulative_share(100, step), Err(error), "{step:?}");
        }
    }

    proptest! {
        #[test]
        fn any_sequence_of_refunds_returns_exactly_the_line(
            total in 0..=9_000_000_000_000_000_i64,
            tax_share in 0..=1_000_i64,
            parts in prop::collection::vec(1..1_000_000_i64, 1..20),
        ) {
            let base = total - scale_half_away(total, tax_share, 1_000).unwrap();
            let quantity_milli = parts.iter().sum();
            let mut before = 0;
            let mut sums = RefundAmounts { total_minor: 0, base_minor: 0, tax_minor: 0 };
            for part in parts {
                let amounts = refund_amounts(total, base, step(quantity_milli, before, before + part)).unwrap();
                prop_assert_eq!(amounts.base_minor + amounts.tax_minor, amounts.total_minor);
                prop_assert!(amounts.total_minor >= 0 && amounts.base_minor >= 0);
                sums.total_minor += amounts.total_minor;
                sums.base_minor += amounts.base_minor;
                sums.tax_minor += amounts.tax_minor;
                before += part;
            }
            prop_assert_eq!(sums, RefundAmounts { total_minor: total, base_minor: base, tax_minor: total - base });
        }
    }
}
