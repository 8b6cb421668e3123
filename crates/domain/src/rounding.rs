//! The one place where anything is rounded or shared out.
//!
//! Owns: division at the half away from zero, and sharing by largest remainder.
//! Must not know: what the numbers mean (money, quantities, rates).
//!
//! **Invariant:** everything is whole numbers; `i128` carries the products, so the
//! product of any two `i64` is exact.

/// `numerator / denominator`, rounded to the nearest whole number, a half away from zero.
///
/// # Panics
/// When `denominator` is not positive: every caller divides by a quantity, a rate or a
/// step it has already checked.
#[must_use]
pub fn divide_half_away(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "a rounding division needs a positive denominator");
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).abs();
    // Compared as a subtraction: doubling the remainder could leave the range.
    if remainder >= denominator - remainder { quotient + numerator.signum() } else { quotient }
}

/// `numerator / denominator`, rounded to the nearest whole number, a half towards zero.
///
/// # Panics
/// When `denominator` is not positive.
#[must_use]
pub fn divide_half_towards_zero(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "a rounding division needs a positive denominator");
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).abs();
    if remainder > denominator - remainder { quotient + numerator.signum() } else { quotient }
}

/// `value × multiplier / denominator`, rounded half away from zero; `None` if the answer
/// does not fit an `i64`.
///
/// # Panics
/// When `denominator` is not positive.
#[must_use]
pub fn scale_half_away(value: i64, multiplier: i64, denominator: i64) -> Option<i64> {
    let product = i128::from(value) * i128::from(multiplier);
    i64::try_from(divide_half_away(product, i128::from(denominator))).ok()
}

/// Shares `amount` over `weights` in proportion to them, by largest remainder (Hamilton's
/// method): each gets the whole part of its share, and what is left goes, one by one, to
/// the largest remainders, ties to the earlier weight.
///
/// The shares sum to `amount`. Where all weights are zero there is nobody to give to and
/// every share is zero; the engines only meet that with an amount of zero.
///
/// # Panics
/// When `amount` or a weight is negative.
#[must_use]
pub fn share_largest_remainder(amount: i64, weights: &[i64]) -> Vec<i64> {
    assert!(
        amount >= 0 && weights.iter().all(|weight| *weight >= 0),
        "shares are of amounts and weights of at least zero"
    );
    let weight_sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if weight_sum == 0 {
        return vec![0; weights.len()];
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut by_remainder = Vec::with_capacity(weights.len());
    let mut left = amount;
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(amount) * i128::from(*weight);
        let share = i64::try_from(product / weight_sum).expect("a share is no larger than the amount, an i64");
        shares.push(share);
        left -= share;
        by_remainder.push((product % weight_sum, index));
    }
    // The sort is stable, so equal remainders keep the order of the weights.
    by_remainder.sort_by_key(|(remainder, _)| std::cmp::Reverse(*remainder));
    for (_, index) in by_remainder {
        if left == 0 {
            break;
        }
        shares[index] += 1;
        left -= 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_away_from_zero_or_towards_it() {
        let cases = [
            (5, 10, 1, 0),
            (4, 10, 0, 0),
            (6, 10, 1, 1),
            (-5, 10, -1, 0),
            (-4, 10, 0, 0),
            (-6, 10, -1, -1),
            (15, 10, 2, 1),
            (1, 3, 0, 0),
            (2, 3, 1, 1),
            (0, 7, 0, 0),
            (1, 1, 1, 1),
            (i128::MAX, 1, i128::MAX, i128::MAX),
        ];
        for (numerator, denominator, away, towards) in cases {
            assert_eq!(divide_half_away(numerator, denominator), away, "{numerator}/{denominator}");
            assert_eq!(divide_half_towards_zero(numerator, denominator), towards, "{numerator}/{denominator}");
        }
    }

    #[test]
    fn the_remainder_goes_to_the_largest_fractions_and_ties_to_the_first() {
        let cases: [(i64, &[i64], &[i64]); 7] = [
            (10, &[1, 1, 1], &[4, 3, 3]),
            (11, &[1, 1, 1], &[4, 4, 3]),
            (100, &[1, 2, 3], &[17, 33, 50]),
            (1, &[1, 2], &[0, 1]),
            (0, &[3, 4], &[0, 0]),
            (5, &[0, 1], &[0, 5]),
            (0, &[0, 0], &[0, 0]),
        ];
        for (amount, weights, shares) in cases {
            assert_eq!(share_largest_remainder(amount, weights), shares, "{amount} over {weights:?}");
        }
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_amount_and_stay_within_one_unit(amount in 0..=i64::MAX, weights in prop::collection::vec(0..=i64::MAX, 1..12)) {
            let weight_sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            prop_assume!(weight_sum > 0);
            let shares = share_largest_remainder(amount, &weights);
            prop_assert_eq!(shares.iter().map(|share| i128::from(*share)).sum::<i128>(), i128::from(amount));
            for (share, weight) in shares.iter().zip(&weights) {
                let exact_floor = i128::from(amount) * i128::from(*weight) / weight_sum;
                prop_assert!((exact_floor..=exact_floor + 1).contains(&i128::from(*share)));
            }
        }
    }
}
