//! Prices a cart: shelf prices, discounts, taxes, cash rounding.
//!
//! Owns: the rules of `money.md` and their order; the till's `quote.ts` is the same engine
//! in the other language, held against this one by `e2e/engines.mjs`.
//! Must not know: where carts come from (`quote_json` reads them) or what a sale is.
//!
//! **Invariant:** `gross − discount = base + tax = total`, on every line and on the whole.

use std::collections::BTreeMap;
use std::fmt;

use crate::rounding::{divide_half_away, scale_half_away, share_largest_remainder};

/// The largest gross of a line or a cart, in minor units; also what a JavaScript number
/// holds exactly with room to spare.
pub const GROSS_MINOR_MAX: i64 = 9_000_000_000_000_000;
/// The largest unit price, in minor units.
pub const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;
/// The largest quantity, in thousandths: a million units.
pub const QUANTITY_MILLI_MAX: i64 = 1_000_000_000;
/// A rate of 100 %, in parts per million.
pub const RATE_PPM_MAX: i64 = 1_000_000;
/// A discount of 100 %, in millionths of a percent.
pub const PERCENT_E6_MAX: i64 = 100_000_000;
/// The most decimals a currency has (ISO 4217).
pub const EXPONENT_MAX: i64 = 4;
/// The largest cash step, in minor units: with it no cash total leaves the exact range.
pub const CASH_STEP_MINOR_MAX: i64 = PRICE_MINOR_MAX;

const MILLI: i64 = 1_000;

/// A percentage tax of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tax {
    /// The tax's code, such as `IVA`; a line lists a code once.
    pub code: String,
    /// Its rate in parts per million: 19 % is 190 000.
    pub rate_ppm: i64,
}

/// A discount on a line or on the whole cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// A share of the amount.
    Percent {
        /// In millionths of a percent: 12.5 % is 12 500 000.
        percent_e6: i64,
    },
    /// A sum of money, at most the amount.
    Amount {
        /// In minor units.
        amount_minor: i64,
    },
}

/// One line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// Quantity in thousandths.
    pub quantity_milli: i64,
    /// Price of one unit in minor units, with or without tax as the cart says.
    pub unit_price_minor: i64,
    /// The line's taxes; empty is excluded, a rate of zero is exempt.
    pub taxes: Vec<Tax>,
    /// The line's own discount.
    pub discount: Option<Discount>,
}

/// What is to be priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Decimals of the currency (ISO 4217), 0 to [`EXPONENT_MAX`].
    pub exponent: i64,
    /// Whether unit prices contain the taxes.
    pub prices_include_tax: bool,
    /// What cash is rounded to, in minor units; zero rounds nothing.
    pub cash_step_minor: i64,
    /// The lines, in the customer's order.
    pub lines: Vec<CartLine>,
    /// The discount on the whole.
    pub discount: Option<Discount>,
}

/// A priced line; all amounts in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedLine {
    /// The shelf price of one unit, tax included.
    pub unit_final_minor: i64,
    /// Quantity times shelf price.
    pub gross_minor: i64,
    /// The line's discount and its share of the cart's.
    pub discount_minor: i64,
    /// What the customer pays for the line.
    pub total_minor: i64,
    /// The part of the total that is not tax.
    pub base_minor: i64,
    /// The part of the total that is tax.
    pub tax_minor: i64,
}

/// One tax of the cart; amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedTax {
    /// The tax's code.
    pub code: String,
    /// Its rate in parts per million.
    pub rate_ppm: i64,
    /// The base it was levied on.
    pub base_minor: i64,
    /// The tax itself.
    pub amount_minor: i64,
}

/// A priced cart; all amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// As many as the cart has, in its order.
    pub lines: Vec<QuotedLine>,
    /// Sorted by code, then rate.
    pub taxes: Vec<QuotedTax>,
    /// Sum of the lines' grosses.
    pub gross_minor: i64,
    /// Sum of all discounts.
    pub discount_minor: i64,
    /// Sum of the bases.
    pub base_minor: i64,
    /// Sum of the taxes.
    pub tax_minor: i64,
    /// What the customer pays.
    pub total_minor: i64,
    /// What the customer pays in cash.
    pub cash_total_minor: i64,
}

/// Why a cart has no price; `code()` is the word that travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteErrorCode {
    /// Not a cart at all, or one whose exponent or cash step no currency has.
    InvalidCart,
    /// No lines.
    EmptyCart,
    /// Not a quantity, zero, or above a million units.
    InvalidQuantity,
    /// Not a price, or above [`PRICE_MINOR_MAX`].
    InvalidPrice,
    /// Not a rate, or above 100 %.
    InvalidRate,
    /// A line lists a tax code twice.
    RepeatedTax,
    /// A discount that is neither one percentage nor one amount.
    InvalidDiscount,
    /// Not a percentage, or above 100 %.
    InvalidPercent,
    /// Not an amount of money.
    InvalidAmount,
    /// An amount above what it is taken from.
    DiscountExceedsAmount,
    /// A gross, or their sum, above [`GROSS_MINOR_MAX`].
    TotalTooLarge,
}

impl QuoteErrorCode {
    /// The code as it travels.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidCart => "invalid_cart",
            Self::EmptyCart => "empty_cart",
            Self::InvalidQuantity => "invalid_quantity",
            Self::InvalidPrice => "invalid_price",
            Self::InvalidRate => "invalid_rate",
            Self::RepeatedTax => "repeated_tax",
            Self::InvalidDiscount => "invalid_discount",
            Self::InvalidPercent => "invalid_percent",
            Self::InvalidAmount => "invalid_amount",
            Self::DiscountExceedsAmount => "discount_exceeds_amount",
            Self::TotalTooLarge => "total_too_large",
        }
    }
}

/// Where in the cart an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The line of text that should have been a cart.
    Text,
    /// The list of lines.
    Lines,
    /// One line, counted from zero.
    Line(usize),
    /// The discount on the whole.
    Discount,
    /// The sum of the grosses.
    Total,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(formatter, "line"),
            Self::Lines => write!(formatter, "lines"),
            Self::Line(index) => write!(formatter, "lines[{index}]"),
            Self::Discount => write!(formatter, "discount"),
            Self::Total => write!(formatter, "total"),
        }
    }
}

/// The first error of a cart, in the order the rules are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuoteError {
    /// What is wrong.
    pub code: QuoteErrorCode,
    /// Where it is.
    pub place: Place,
}

impl fmt::Display for QuoteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.code.code(), self.place)
    }
}

impl std::error::Error for QuoteError {}

/// Prices a cart.
///
/// # Errors
/// The first [`QuoteError`]: line by line (quantity, price, rates, repeated tax, gross,
/// discount), then the sum of grosses, then the discount on the whole.
pub fn quote(cart: &Cart) -> Result<Quote, QuoteError> {
    quote_read(ReadCart {
        exponent: cart.exponent,
        prices_include_tax: cart.prices_include_tax,
        cash_step_minor: cart.cash_step_minor,
        lines: cart.lines.iter().map(ReadLine::from).collect(),
        discount: Ok(cart.discount),
    })
}

/// A cart as its reader understood it. What could not be read is carried as the error it
/// will be, so that the first error is the first in the order of the rules and not in the
/// order of reading: a gross too large on line 0 comes before a bad quantity on line 1.
pub(crate) struct ReadCart {
    pub(crate) exponent: i64,
    pub(crate) prices_include_tax: bool,
    pub(crate) cash_step_minor: i64,
    pub(crate) lines: Vec<ReadLine>,
    pub(crate) discount: Result<Option<Discount>, QuoteErrorCode>,
}

/// A line as its reader understood it.
pub(crate) struct ReadLine {
    pub(crate) quantity_milli: Result<i64, QuoteErrorCode>,
    pub(crate) unit_price_minor: Result<i64, QuoteErrorCode>,
    pub(crate) taxes: Result<Vec<Tax>, QuoteErrorCode>,
    pub(crate) discount: Result<Option<Discount>, QuoteErrorCode>,
}

impl From<&CartLine> for ReadLine {
    fn from(line: &CartLine) -> Self {
        Self {
            quantity_milli: Ok(line.quantity_milli),
            unit_price_minor: Ok(line.unit_price_minor),
            taxes: Ok(line.taxes.clone()),
            discount: Ok(line.discount),
        }
    }
}

/// A line before its taxes are known.
struct PricedLine {
    taxes: Vec<Tax>,
    unit_final_minor: i64,
    gross_minor: i64,
    discount_minor: i64,
}

impl PricedLine {
    fn total_minor(&self) -> i64 {
        self.gross_minor - self.discount_minor
    }
}

/// Prices a cart as it was read.
pub(crate) fn quote_read(cart: ReadCart) -> Result<Quote, QuoteError> {
    check_frame(&cart)?;
    let mut lines = Vec::with_capacity(cart.lines.len());
    for (index, line) in cart.lines.into_iter().enumerate() {
        let priced = price_line(line, cart.prices_include_tax).map_err(at(Place::Line(index)))?;
        lines.push(priced);
    }
    let gross_sum: i128 = lines.iter().map(|line| i128::from(line.gross_minor)).sum();
    if gross_sum > i128::from(GROSS_MINOR_MAX) {
        return Err(at(Place::Total)(QuoteErrorCode::TotalTooLarge));
    }
    cart.discount.and_then(|discount| discount_whole(&mut lines, discount)).map_err(at(Place::Discount))?;
    Ok(tax_lines(&lines, cart.cash_step_minor))
}

fn at(place: Place) -> impl Fn(QuoteErrorCode) -> QuoteError {
    move |code| QuoteError { code, place }
}

fn check_frame(cart: &ReadCart) -> Result<(), QuoteError> {
    let known_currency = (0..=EXPONENT_MAX).contains(&cart.exponent);
    let payable_step = (0..=CASH_STEP_MINOR_MAX).contains(&cart.cash_step_minor);
    if !known_currency || !payable_step {
        return Err(at(Place::Text)(QuoteErrorCode::InvalidCart));
    }
    if cart.lines.is_empty() {
        return Err(at(Place::Lines)(QuoteErrorCode::EmptyCart));
    }
    Ok(())
}

/// Rules 1 to 3: shelf price, gross, the line's own discount.
fn price_line(line: ReadLine, prices_include_tax: bool) -> Result<PricedLine, QuoteErrorCode> {
    let quantity_milli = within(line.quantity_milli, 1..=QUANTITY_MILLI_MAX, QuoteErrorCode::InvalidQuantity)?;
    let unit_price_minor = within(line.unit_price_minor, 0..=PRICE_MINOR_MAX, QuoteErrorCode::InvalidPrice)?;
    let taxes = line.taxes?;
    check_taxes(&taxes)?;
    let unit_final_minor = if prices_include_tax {
        unit_price_minor
    } else {
        // A list of taxes has no limit of its own; the gross has, and a shelf price
        // beyond it could not be written exactly by both engines.
        divided(i128::from(unit_price_minor) * (i128::from(RATE_PPM_MAX) + rate_sum_ppm(&taxes)), RATE_PPM_MAX)?
    };
    let gross_minor = divided(i128::from(quantity_milli) * i128::from(unit_final_minor), MILLI)?;
    let discount_minor = discount_of(gross_minor, line.discount?)?;
    Ok(PricedLine { taxes, unit_final_minor, gross_minor, discount_minor })
}

fn within(
    read: Result<i64, QuoteErrorCode>,
    range: std::ops::RangeInclusive<i64>,
    code: QuoteErrorCode,
) -> Result<i64, QuoteErrorCode> {
    let value = read?;
    if range.contains(&value) { Ok(value) } else { Err(code) }
}

fn check_taxes(taxes: &[Tax]) -> Result<(), QuoteErrorCode> {
    if taxes.iter().any(|tax| !(0..=RATE_PPM_MAX).contains(&tax.rate_ppm)) {
        return Err(QuoteErrorCode::InvalidRate);
    }
    let mut codes: Vec<&str> = taxes.iter().map(|tax| tax.code.as_str()).collect();
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(QuoteErrorCode::RepeatedTax);
    }
    Ok(())
}

fn rate_sum_ppm(taxes: &[Tax]) -> i128 {
    taxes.iter().map(|tax| i128::from(tax.rate_ppm)).sum()
}

fn divided(numerator: i128, denominator: i64) -> Result<i64, QuoteErrorCode> {
    let amount = divide_half_away(numerator, i128::from(denominator));
    i64::try_from(amount).ok().filter(|amount| *amount <= GROSS_MINOR_MAX).ok_or(QuoteErrorCode::TotalTooLarge)
}

fn discount_of(amount_minor: i64, discount: Option<Discount>) -> Result<i64, QuoteErrorCode> {
    match discount {
        None => Ok(0),
        Some(Discount::Percent { percent_e6 }) => {
            let percent_e6 = within(Ok(percent_e6), 0..=PERCENT_E6_MAX, QuoteErrorCode::InvalidPercent)?;
            Ok(scale_half_away(amount_minor, percent_e6, PERCENT_E6_MAX)
                .expect("a share of at most the whole fits where the whole does"))
        }
        Some(Discount::Amount { amount_minor: taken }) if taken < 0 => Err(QuoteErrorCode::InvalidAmount),
        Some(Discount::Amount { amount_minor: taken }) if taken > amount_minor => {
            Err(QuoteErrorCode::DiscountExceedsAmount)
        }
        Some(Discount::Amount { amount_minor: taken }) => Ok(taken),
    }
}

/// Rule 4: the discount on the whole, shared over the lines and added to theirs.
fn discount_whole(lines: &mut [PricedLine], discount: Option<Discount>) -> Result<(), QuoteErrorCode> {
    let totals: Vec<i64> = lines.iter().map(PricedLine::total_minor).collect();
    let discount_minor = discount_of(totals.iter().sum(), discount)?;
    let shares = share_largest_remainder(discount_minor, &totals);
    for (line, share) in lines.iter_mut().zip(shares) {
        line.discount_minor += share;
    }
    Ok(())
}

/// Rules 5 to 7: tax out of the totals, group by group, then the sums.
fn tax_lines(lines: &[PricedLine], cash_step_minor: i64) -> Quote {
    let mut groups: BTreeMap<&[Tax], Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        groups.entry(&line.taxes).or_default().push(index);
    }
    let mut bases = vec![0; lines.len()];
    let mut taxes: BTreeMap<&Tax, (i64, i64)> = BTreeMap::new();
    for (group_taxes, members) in groups {
        let totals: Vec<i64> = members.iter().map(|index| lines[*index].total_minor()).collect();
        let total_minor: i64 = totals.iter().sum();
        let one_and_rates = i128::from(RATE_PPM_MAX) + rate_sum_ppm(group_taxes);
        let base_minor =
            i64::try_from(divide_half_away(i128::from(total_minor) * i128::from(RATE_PPM_MAX), one_and_rates))
                .expect("a base is no larger than its total, an i64");
        for (index, base) in members.iter().zip(share_largest_remainder(base_minor, &totals)) {
            bases[*index] = base;
        }
        let rates: Vec<i64> = group_taxes.iter().map(|tax| tax.rate_ppm).collect();
        for (tax, amount) in group_taxes.iter().zip(share_largest_remainder(total_minor - base_minor, &rates)) {
            let entry = taxes.entry(tax).or_default();
            entry.0 += base_minor;
            entry.1 += amount;
        }
    }
    let lines: Vec<QuotedLine> =
        lines.iter().zip(bases).map(|(line, base_minor)| quoted_line(line, base_minor)).collect();
    let taxes = taxes.into_iter().map(quoted_tax).collect();
    sum_up(lines, taxes, cash_step_minor)
}

fn quoted_line(line: &PricedLine, base_minor: i64) -> QuotedLine {
    QuotedLine {
        unit_final_minor: line.unit_final_minor,
        gross_minor: line.gross_minor,
        discount_minor: line.discount_minor,
        total_minor: line.total_minor(),
        base_minor,
        tax_minor: line.total_minor() - base_minor,
    }
}

fn quoted_tax((tax, (base_minor, amount_minor)): (&Tax, (i64, i64))) -> QuotedTax {
    QuotedTax { code: tax.code.clone(), rate_ppm: tax.rate_ppm, base_minor, amount_minor }
}

fn sum_up(lines: Vec<QuotedLine>, taxes: Vec<QuotedTax>, cash_step_minor: i64) -> Quote {
    let sum = |of: fn(&QuotedLine) -> i64| lines.iter().map(of).sum::<i64>();
    let total_minor = sum(|line| line.total_minor);
    Quote {
        gross_minor: sum(|line| line.gross_minor),
        discount_minor: sum(|line| line.discount_minor),
        base_minor: sum(|line| line.base_minor),
        tax_minor: sum(|line| line.tax_minor),
        total_minor,
        cash_total_minor: crate::cash::round_cash(total_minor, cash_step_minor, crate::cash::CashRounding::HalfUp),
        lines,
        taxes,
    }
}
