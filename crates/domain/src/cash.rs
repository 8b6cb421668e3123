//! Cash rounding: what is paid where the smallest coins are gone.
//!
//! Owns: the three modes and their cumulative form for refunds.
//! Must not know: taxes; rounding is booked on its own and changes none.

use crate::rounding::{divide_half_away, divide_half_towards_zero};

/// How an amount paid in cash is rounded to the shop's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CashRounding {
    /// To the nearest step, the half upwards.
    #[default]
    HalfUp,
    /// To the nearest step, the half downwards: Chile, where a bill ending in 5 goes down
    /// (Ley 20.956, artículo 13).
    HalfDown,
    /// Always down, in the customer's favour.
    Down,
}

impl CashRounding {
    /// The word the mode is stored and configured by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::HalfDown => "half_down",
            Self::Down => "down",
        }
    }

    /// The mode of a stored word; `None` for any other.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "half_up" => Some(Self::HalfUp),
            "half_down" => Some(Self::HalfDown),
            "down" => Some(Self::Down),
            _ => None,
        }
    }
}

/// `amount_minor` as paid in cash: the multiple of `step_minor` the mode chooses. A step
/// of zero or less rounds nothing, and neither does a step so large that the multiple
/// would not fit an `i64`.
#[must_use]
pub fn round_cash(amount_minor: i64, step_minor: i64, mode: CashRounding) -> i64 {
    if step_minor <= 0 {
        return amount_minor;
    }
    let (amount, step) = (i128::from(amount_minor), i128::from(step_minor));
    let steps = match mode {
        CashRounding::HalfUp => divide_half_away(amount, step),
        CashRounding::HalfDown => divide_half_towards_zero(amount, step),
        CashRounding::Down => amount / step,
    };
    i64::try_from(steps * step).unwrap_or(amount_minor)
}

/// How cash is rounded in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashRule {
    /// What cash is rounded to, in minor units; zero rounds nothing.
    pub step_minor: i64,
    /// Which way.
    pub mode: CashRounding,
}

/// The refunded total of a sale before and after a step, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundedTotal {
    /// What earlier refunds add up to.
    pub before_minor: i64,
    /// The same with this refund.
    pub after_minor: i64,
}

/// What a refund pays in cash: C(b) − C(a), so that refunds in any number of steps pay back
/// together what one refund of the whole would.
#[must_use]
pub fn refund_cash(refunded: RefundedTotal, rule: CashRule) -> i64 {
    round_cash(refunded.after_minor, rule.step_minor, rule.mode)
        - round_cash(refunded.before_minor, rule.step_minor, rule.mode)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_mode_has_its_own_half() {
        let cases = [
            // amount, step, half up, half down, down
            (1_025, 50, 1_050, 1_000, 1_000),
            (1_024, 50, 1_000, 1_000, 1_000),
            (1_026, 50, 1_050, 1_050, 1_000),
            (1_995, 10, 2_000, 1_990, 1_990),
            (1_996, 10, 2_000, 2_000, 1_990),
            (1_049, 50, 1_050, 1_050, 1_000),
            (1_000, 50, 1_000, 1_000, 1_000),
            (0, 50, 0, 0, 0),
            (1_234, 0, 1_234, 1_234, 1_234),
            (7, 5, 5, 5, 5),
            (8, 5, 10, 10, 5),
        ];
        for (amount, step, half_up, half_down, down) in cases {
            assert_eq!(round_cash(amount, step, CashRounding::HalfUp), half_up, "{amount} by {step}, half up");
            assert_eq!(round_cash(amount, step, CashRounding::HalfDown), half_down, "{amount} by {step}, half down");
            assert_eq!(round_cash(amount, step, CashRounding::Down), down, "{amount} by {step}, down");
        }
    }

    #[test]
    fn a_mode_is_stored_by_a_word_that_reads_back() {
        for mode in [CashRounding::HalfUp, CashRounding::HalfDown, CashRounding::Down] {
            assert_eq!(CashRounding::from_code(mode.code()), Some(mode));
        }
        assert_eq!(CashRounding::from_code("up"), None);
    }

    proptest! {
        #[test]
        fn refunds_in_any_steps_pay_back_what_one_would(steps in prop::collection::vec(0..1_000_000_i64, 1..20), step_minor in 0..10_000_i64, mode in prop::sample::select(vec![CashRounding::HalfUp, CashRounding::HalfDown, CashRounding::Down])) {
            let rule = CashRule { step_minor, mode };
            let mut before_minor = 0;
            let mut paid = 0;
            for step in steps {
                let after_minor = before_minor + step;
                let cash = refund_cash(RefundedTotal { before_minor, after_minor }, rule);
                prop_assert!(cash >= 0);
                paid += cash;
                before_minor = after_minor;
            }
            prop_assert_eq!(paid, round_cash(before_minor, step_minor, mode));
        }
    }
}
