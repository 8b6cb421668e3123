//! What a shop's prices mean, and what becomes of them when that changes.
//!
//! Owns: the shelf price of a kept price, and the kept price of a shelf price.
//! Must not know: products, packs, who may switch.
//!
//! **Invariant:** from prices before tax to prices with tax inside, every shelf price
//! stays to the unit. The other way a shelf price that no whole number of minor units
//! gives (2,900.00 at 19 % lies between two) moves to the nearest one that is, and the
//! answer says so. Switching back gives the price that was there before.

use crate::{
    quote::{PRICE_MINOR_MAX, RATE_PPM_MAX},
    rounding::divide_half_away,
};

/// What a shop's prices mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceKind {
    /// Taxes are added at the till.
    #[default]
    BeforeTax,
    /// The price on the shelf contains its taxes.
    TaxIncluded,
}

impl PriceKind {
    /// As it is stored: whether prices include tax.
    #[must_use]
    pub const fn includes_tax(self) -> bool {
        matches!(self, Self::TaxIncluded)
    }

    /// The kind of a stored mark.
    #[must_use]
    pub const fn of(includes_tax: bool) -> Self {
        if includes_tax { Self::TaxIncluded } else { Self::BeforeTax }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        Self::of(!self.includes_tax())
    }
}

/// Whose price stays when what prices mean changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What the customer pays; the kept price is computed anew.
    Shelf,
    /// What is kept; the customer pays something else.
    Stored,
}

impl Keep {
    /// The word it is stored and sent by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::Stored => "stored",
        }
    }
}

/// A price before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switched {
    /// What is kept from now on, in minor units.
    pub price_minor: i64,
    /// What the customer paid for one.
    pub shelf_before_minor: i64,
    /// What the customer pays for one from now on.
    pub shelf_after_minor: i64,
}

impl Switched {
    /// Whether the customer pays something else.
    #[must_use]
    pub const fn moves_shelf(&self) -> bool {
        self.shelf_before_minor != self.shelf_after_minor
    }
}

/// What the customer pays for one: rule 1 of the quote. `rate_ppm` is the sum of the
/// rates of the price's taxes.
#[must_use]
pub fn shelf_minor(price_minor: i64, rate_ppm: i64, kind: PriceKind) -> i64 {
    match kind {
        PriceKind::TaxIncluded => price_minor,
        PriceKind::BeforeTax => scaled(price_minor, RATE_PPM_MAX.saturating_add(rate_ppm), RATE_PPM_MAX),
    }
}

/// A price that starts to mean `to`. `was_minor` is what was kept before the switch
/// before this one, where the price has not been touched since: a switch back restores
/// it. `None` where the new price would be larger than any price may be.
#[must_use]
pub fn switch(price_minor: i64, was_minor: Option<i64>, rate_ppm: i64, to: PriceKind, keep: Keep) -> Option<Switched> {
    let after_minor = match keep {
        Keep::Stored => price_minor,
        Keep::Shelf => {
            restored(price_minor, was_minor, rate_ppm, to).unwrap_or_else(|| shelf_kept(price_minor, rate_ppm, to))
        }
    };
    (after_minor <= PRICE_MINOR_MAX).then(|| Switched {
        price_minor: after_minor,
        shelf_before_minor: shelf_minor(price_minor, rate_ppm, to.other()),
        shelf_after_minor: shelf_minor(after_minor, rate_ppm, to),
    })
}

/// The earlier price, where switching it today would give exactly the price of today:
/// with other taxes or another price since, going back to it would be a surprise.
fn restored(price_minor: i64, was_minor: Option<i64>, rate_ppm: i64, to: PriceKind) -> Option<i64> {
    was_minor.filter(|was| shelf_kept(*was, rate_ppm, to.other()) == price_minor)
}

fn shelf_kept(price_minor: i64, rate_ppm: i64, to: PriceKind) -> i64 {
    match to {
        PriceKind::TaxIncluded => shelf_minor(price_minor, rate_ppm, PriceKind::BeforeTax),
        PriceKind::BeforeTax => scaled(price_minor, RATE_PPM_MAX, RATE_PPM_MAX.saturating_add(rate_ppm)),
    }
}

fn scaled(amount_minor: i64, multiplier: i64, divisor: i64) -> i64 {
    let answer = divide_half_away(i128::from(amount_minor) * i128::from(multiplier), i128::from(divisor));
    // Beyond an i64 is beyond every limit on prices; the caller's limit then refuses it.
    i64::try_from(answer).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::{Cart, CartLine, Tax, quote};
    use proptest::prelude::*;

    fn keep_shelf(price_minor: i64, rate_ppm: i64, to: PriceKind) -> Switched {
        switch(price_minor, None, rate_ppm, to, Keep::Shelf).unwrap()
    }

    #[test]
    fn prices_follow_the_switch_as_a_shopkeeper_would_reckon() {
        let cases = [
            // price, rate, to, keep, kept after, shelf before, shelf after
            (243_697, 190_000, PriceKind::TaxIncluded, Keep::Shelf, 289_999, 289_999, 289_999),
            (290_000, 190_000, PriceKind::BeforeTax, Keep::Shelf, 243_697, 290_000, 289_999),
            (119_000, 190_000, PriceKind::BeforeTax, Keep::Shelf, 100_000, 119_000, 119_000),
            (420_000, 0, PriceKind::BeforeTax, Keep::Shelf, 420_000, 420_000, 420_000),
            (100_000, 190_000, PriceKind::TaxIncluded, Keep::Stored, 100_000, 119_000, 100_000),
            (100_000, 190_000, PriceKind::BeforeTax, Keep::Stored, 100_000, 100_000, 119_000),
            (0, 190_000, PriceKind::TaxIncluded, Keep::Shelf, 0, 0, 0),
        ];
        for (price, rate, to, keep, kept, before, after) in cases {
            let expected = Switched { price_minor: kept, shelf_before_minor: before, shelf_after_minor: after };
            assert_eq!(switch(price, None, rate, to, keep), Some(expected), "{price} at {rate} to {to:?}, {keep:?}");
        }
    }

    #[test]
    fn a_price_beyond_the_limit_is_not_made() {
        assert_eq!(switch(PRICE_MINOR_MAX, None, 190_000, PriceKind::TaxIncluded, Keep::Shelf), None);
        assert_eq!(switch(i64::MAX, None, 900_000, PriceKind::TaxIncluded, Keep::Shelf), None);
        assert!(switch(PRICE_MINOR_MAX, None, 190_000, PriceKind::BeforeTax, Keep::Shelf).is_some());
    }

    #[test]
    fn a_price_edited_between_two_switches_is_not_set_back() {
        let there = keep_shelf(290_000, 190_000, PriceKind::BeforeTax);
        let edited = there.price_minor + 1_000;
        let back = switch(edited, Some(290_000), 190_000, PriceKind::TaxIncluded, Keep::Shelf).unwrap();
        assert_eq!(back.price_minor, shelf_minor(edited, 190_000, PriceKind::BeforeTax));
        // The same after the tax was changed from 19 % to 5 %.
        let taxed = switch(there.price_minor, Some(290_000), 50_000, PriceKind::TaxIncluded, Keep::Shelf).unwrap();
        assert_eq!(taxed.price_minor, shelf_minor(there.price_minor, 50_000, PriceKind::BeforeTax));
    }

    proptest! {
        /// "Keep the shelf prices" keeps them, and where it cannot, no other kept price
        /// would come closer and the answer says that the shelf moves.
        #[test]
        fn a_shelf_price_stays_to_the_unit_or_is_named(price in 0_i64..=500_000_000_000, rate in 0_i64..=1_000_000) {
            let inside = keep_shelf(price, rate, PriceKind::TaxIncluded);
            prop_assert!(!inside.moves_shelf());
            let before = keep_shelf(price, rate, PriceKind::BeforeTax);
            let off = (before.shelf_after_minor - price).abs();
            prop_assert!(off <= 1, "{off}");
            prop_assert_eq!(before.moves_shelf(), off != 0);
            for other in [before.price_minor - 1, before.price_minor + 1] {
                let other_off = (shelf_minor(other, rate, PriceKind::BeforeTax) - price).abs();
                prop_assert!(other_off >= off, "{} would have been better than {}", other, before.price_minor);
            }
        }

        /// Switching twice changes nothing, whichever way it began.
        #[test]
        fn switching_back_restores_every_price(
            price in 0_i64..=400_000_000_000,
            rate in 0_i64..=1_000_000,
            included in any::<bool>(),
        ) {
            let to = PriceKind::of(!included);
            let there = keep_shelf(price, rate, to);
            let back = switch(there.price_minor, Some(price), rate, to.other(), Keep::Shelf).unwrap();
            prop_assert_eq!(back.price_minor, price);
        }

        /// The shelf price is the till's: rule 1 of the quote, with however many taxes.
        #[test]
        fn the_shelf_price_is_what_the_till_charges(
            price in 0_i64..=100_000_000,
            rates in prop::collection::vec(0_i64..=300_000, 0..4),
            included in any::<bool>(),
        ) {
            let taxes = rates.iter().enumerate().map(|(n, rate)| Tax { code: format!("T{n}"), rate_ppm: *rate });
            let line = CartLine { quantity_milli: 1_000, unit_price_minor: price, taxes: taxes.collect(), discount: None };
            let cart = Cart {
                exponent: 2,
                prices_include_tax: included,
                cash_step_minor: 0,
                lines: vec![line],
                discount: None,
            };
            let shelf = shelf_minor(price, rates.iter().sum(), PriceKind::of(included));
            prop_assert_eq!(quote(&cart).unwrap().total_minor, shelf);
        }
    }
}
