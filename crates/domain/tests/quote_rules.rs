//! The price engine against an independent pricing, and its invariants.

use domain::quote::{
    Cart, CartLine, Discount, GROSS_MINOR_MAX, PERCENT_E6_MAX, PRICE_MINOR_MAX, Place, QUANTITY_MILLI_MAX, QuoteError,
    QuoteErrorCode, RATE_PPM_MAX, Tax, quote,
};
use proptest::prelude::*;

fn line(quantity_milli: i64, unit_price_minor: i64) -> CartLine {
    CartLine { quantity_milli, unit_price_minor, taxes: Vec::new(), discount: None }
}

fn cart(lines: Vec<CartLine>) -> Cart {
    Cart { exponent: 2, prices_include_tax: true, cash_step_minor: 0, lines, discount: None }
}

fn tax(code: &str, rate_ppm: i64) -> Tax {
    Tax { code: code.to_owned(), rate_ppm }
}

#[test]
fn the_limits_themselves_are_allowed_and_one_more_is_not() {
    let large = || line(9_000_000, PRICE_MINOR_MAX);
    assert_eq!(quote(&cart(vec![large()])).unwrap().total_minor, GROSS_MINOR_MAX);
    let error = |lines| quote(&cart(lines)).unwrap_err();
    let cases = [
        (vec![], QuoteErrorCode::EmptyCart, Place::Lines),
        (vec![line(QUANTITY_MILLI_MAX + 1, 1)], QuoteErrorCode::InvalidQuantity, Place::Line(0)),
        (vec![line(i64::MIN, 1)], QuoteErrorCode::InvalidQuantity, Place::Line(0)),
        (vec![line(1, PRICE_MINOR_MAX + 1)], QuoteErrorCode::InvalidPrice, Place::Line(0)),
        (vec![line(1, -1)], QuoteErrorCode::InvalidPrice, Place::Line(0)),
        (vec![line(1, 1), line(9_000_001, PRICE_MINOR_MAX)], QuoteErrorCode::TotalTooLarge, Place::Line(1)),
        (vec![large(), line(1_000, 1)], QuoteErrorCode::TotalTooLarge, Place::Total),
    ];
    for (lines, code, place) in cases {
        assert_eq!(error(lines), QuoteError { code, place });
    }
}

#[test]
fn a_tax_list_in_another_order_is_another_group_but_the_same_taxes() {
    let taxed = |taxes| CartLine { taxes, ..line(1_000, 1_000) };
    let priced = quote(&cart(vec![
        taxed(vec![tax("B", 80_000), tax("A", 180_000)]),
        taxed(vec![tax("A", 180_000), tax("B", 80_000)]),
    ]))
    .unwrap();
    let listed: Vec<(&str, i64)> = priced.taxes.iter().map(|tax| (tax.code.as_str(), tax.rate_ppm)).collect();
    assert_eq!(listed, [("A", 180_000), ("B", 80_000)]);
    assert_eq!(priced.taxes[0].base_minor, priced.base_minor);
}

fn taxes() -> impl Strategy<Value = Vec<Tax>> {
    let rate = || prop_oneof![Just(0), Just(190_000), Just(50_000), Just(RATE_PPM_MAX), 0..=RATE_PPM_MAX];
    prop_oneof![
        Just(Vec::new()),
        rate().prop_map(|rate| vec![tax("IVA", rate)]),
        (rate(), rate()).prop_map(|(first, second)| vec![tax("IVA", first), tax("INC", second)]),
    ]
}

fn discounts() -> impl Strategy<Value = Option<Discount>> {
    prop_oneof![
        3 => Just(None),
        2 => (0..=PERCENT_E6_MAX).prop_map(|percent_e6| Some(Discount::Percent { percent_e6 })),
        1 => (0..2_000_i64).prop_map(|amount_minor| Some(Discount::Amount { amount_minor })),
    ]
}

fn carts() -> impl Strategy<Value = Cart> {
    let quantities = prop_oneof![Just(1_000), 1..50_000_i64, 1..=QUANTITY_MILLI_MAX];
    let prices = prop_oneof![0..200_i64, 0..100_000_000_i64, 0..=PRICE_MINOR_MAX];
    let lines =
        (quantities, prices, taxes(), discounts()).prop_map(|(quantity_milli, unit_price_minor, taxes, discount)| {
            CartLine { quantity_milli, unit_price_minor, taxes, discount }
        });
    let steps = prop_oneof![Just(0), Just(50), 0..10_000_i64];
    (prop::collection::vec(lines, 1..8), any::<bool>(), steps, discounts()).prop_map(
        |(lines, prices_include_tax, cash_step_minor, discount)| Cart {
            exponent: 2,
            prices_include_tax,
            cash_step_minor,
            lines,
            discount,
        },
    )
}

/// Half up by trial: the whole number whose double is nearest to the double fraction. It
/// shares no code and no formula with the engine's rounding.
fn nearest(numerator: i128, denominator: i128) -> i128 {
    let floor = numerator.div_euclid(denominator);
    let below = numerator - floor * denominator;
    let above = (floor + 1) * denominator - numerator;
    if below < above { floor } else { floor + 1 }
}

/// Largest remainder by handing out one unit at a time to whoever is furthest behind.
fn share_slowly(amount: i128, weights: &[i128]) -> Vec<i128> {
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut shares: Vec<i128> = weights.iter().map(|weight| (amount * weight).div_euclid(sum)).collect();
    while shares.iter().sum::<i128>() < amount {
        let behind = |index: usize| amount * weights[index] - shares[index] * sum;
        let furthest =
            (0..weights.len()).rev().max_by_key(|index| behind(*index)).expect("weights that sum above zero are some");
        shares[furthest] += 1;
    }
    shares
}

fn take_off(amount: i128, discount: Option<Discount>) -> Option<i128> {
    match discount {
        None => Some(0),
        Some(Discount::Percent { percent_e6 }) => Some(nearest(amount * i128::from(percent_e6), 100_000_000)),
        Some(Discount::Amount { amount_minor }) => Some(i128::from(amount_minor)).filter(|taken| *taken <= amount),
    }
}

/// Totals and bases of the lines as the rules' words have them, or `None` for any error.
fn price_slowly(cart: &Cart) -> Option<Vec<(i128, i128)>> {
    let mut grosses = 0;
    let mut totals = Vec::new();
    for line in &cart.lines {
        let rates: i128 = line.taxes.iter().map(|tax| i128::from(tax.rate_ppm)).sum();
        let price = i128::from(line.unit_price_minor);
        let unit = if cart.prices_include_tax { price } else { nearest(price * (1_000_000 + rates), 1_000_000) };
        let gross = nearest(unit * i128::from(line.quantity_milli), 1_000);
        if gross > 9_000_000_000_000_000 {
            return None;
        }
        grosses += gross;
        totals.push(gross - take_off(gross, line.discount)?);
    }
    if grosses > 9_000_000_000_000_000 {
        return None;
    }
    let whole = take_off(totals.iter().sum(), cart.discount)?;
    let shares = share_slowly(whole, &totals);
    for (total, share) in totals.iter_mut().zip(shares) {
        *total -= share;
    }
    let mut bases = vec![0; totals.len()];
    for leader in 0..totals.len() {
        let same: Vec<usize> =
            (0..totals.len()).filter(|index| cart.lines[*index].taxes == cart.lines[leader].taxes).collect();
        let rates: i128 = cart.lines[leader].taxes.iter().map(|tax| i128::from(tax.rate_ppm)).sum();
        let members: Vec<i128> = same.iter().map(|index| totals[*index]).collect();
        let base = nearest(members.iter().sum::<i128>() * 1_000_000, 1_000_000 + rates);
        for (index, share) in same.iter().zip(share_slowly(base, &members)) {
            bases[*index] = share;
        }
    }
    Some(totals.into_iter().zip(bases).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_independent_pricing_gives_the_same_lines(cart in carts()) {
        let slowly = price_slowly(&cart);
        let engine = quote(&cart).ok().map(|quote| {
            let amounts = quote.lines.iter().map(|line| (i128::from(line.total_minor), i128::from(line.base_minor)));
            amounts.collect::<Vec<_>>()
        });
        prop_assert_eq!(engine, slowly);
    }

    #[test]
    fn gross_less_discount_is_base_and_tax_is_total_everywhere(cart in carts()) {
        let Ok(quote) = quote(&cart) else { return Ok(()) };
        for line in &quote.lines {
            prop_assert_eq!(line.gross_minor - line.discount_minor, line.total_minor);
            prop_assert_eq!(line.base_minor + line.tax_minor, line.total_minor);
            prop_assert!(line.discount_minor >= 0 && line.total_minor >= 0);
            prop_assert!(line.base_minor >= 0 && line.tax_minor >= 0);
        }
        prop_assert_eq!(quote.gross_minor - quote.discount_minor, quote.total_minor);
        prop_assert_eq!(quote.base_minor + quote.tax_minor, quote.total_minor);
        let taxes: i64 = quote.taxes.iter().map(|tax| tax.amount_minor).sum();
        prop_assert_eq!(taxes, quote.tax_minor);
        prop_assert!(quote.taxes.is_sorted_by_key(|tax| (tax.code.clone(), tax.rate_ppm)));
        let step = cart.cash_step_minor;
        if step > 0 {
            prop_assert_eq!(quote.cash_total_minor % step, 0);
            prop_assert!((quote.cash_total_minor - quote.total_minor).abs() * 2 <= step);
        } else {
            prop_assert_eq!(quote.cash_total_minor, quote.total_minor);
        }
    }
}
