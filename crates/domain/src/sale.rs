//! The sale: from the facts that were locked and the command that came, to
//! everything that is to be recorded, or the first reason why not.
//!
//! **Invariant:** pure. What `decide` answers is recorded as it stands; nobody
//! adds a rule on the way to the database.
//!
//! A sale is judged in one of two moods ([`Occasion`]). *Asking*: the customer
//! still stands at the counter, so the sale may be refused. *Happened*: goods and
//! money have changed hands while the till had no server; such a sale is recorded
//! as it was charged, and what is odd about it becomes a [`Difference`] for the
//! owner to see.

mod facts;
mod outcome;
#[cfg(test)]
mod tests;

pub use facts::{
    Expected, MethodFacts, MethodKind, Occasion, ProductFacts, SaleCommand, SaleFacts, SaleLine, SalePayment,
    ShopRules, StockPolicy,
};
pub use outcome::{CompletedLine, CompletedPayment, CompletedSale, Difference, LineMovements, SaleRefused, Shortage};

use crate::{
    cash,
    cost::StockState,
    ids::{CustomerId, ProductId},
    quote::{self, Cart, CartLine, Quote, Tax},
    rounding,
};
use std::collections::BTreeMap;

/// The largest total of one document, in minor units.
pub const MAX_DOCUMENT_MINOR: i64 = 10_000_000_000_000;

/// One unit, in thousandths.
const SINGLE_MILLI: i64 = 1_000;

/// Decides a sale.
///
/// # Errors
/// The first refusal in the order of [`SaleRefused`]. A sale that happened is refused
/// only where it cannot be written down at all, and the caller keeps it whole for a
/// person to settle: a product or a payment method that the shop never had, amounts
/// that nothing can be computed from, a document above the largest.
pub fn decide(facts: &SaleFacts, command: &SaleCommand, occasion: Occasion) -> Result<CompletedSale, SaleRefused> {
    let lines = resolve(facts, command, occasion)?;
    let mut judge = Judge { occasion, differences: Vec::new() };
    let Priced { quote, prices_include_tax } = price_as_shown(facts, command, &lines, occasion)?;
    check_prices(facts, &lines, &mut judge)?;
    check_discounts(facts, &quote, &mut judge)?;
    let customer = check_customer(facts, command, &mut judge)?;
    if quote.total_minor > MAX_DOCUMENT_MINOR {
        return Err(SaleRefused::TooLarge);
    }
    check_total(facts, command, &quote, prices_include_tax, &mut judge)?;
    check_stock(facts, &lines, &mut judge)?;
    note_goods(&lines, &mut judge);
    let paid = settle(facts, command, quote.total_minor, &mut judge)?;
    let taken = take_stock(facts, &lines, &quote)?;
    Ok(CompletedSale {
        cost_minor: taken.lines.iter().filter_map(|line| line.cost_minor).sum(),
        unknown_cost_lines: count(taken.lines.iter().filter(|line| line.cost_minor.is_none()).count()),
        lines: taken.lines,
        movements: taken.movements,
        stock_after: taken.stock_after,
        quote,
        prices_include_tax,
        customer,
        payments: paid.payments,
        cash_rounding_minor: paid.cash_rounding_minor,
        change_minor: paid.change_minor,
        cash_in_minor: paid.cash_in_minor,
        differences: judge.differences,
    })
}

/// What is against a sale: asked for, it refuses; what happened has it noted.
struct Judge {
    occasion: Occasion,
    differences: Vec<Difference>,
}

impl Judge {
    fn object(&mut self, refused: SaleRefused, difference: Difference) -> Result<(), SaleRefused> {
        match self.occasion {
            Occasion::Asking => Err(refused),
            Occasion::Happened => {
                self.differences.push(difference);
                Ok(())
            }
        }
    }
}

/// A line with what the shop knows of it.
struct Resolved<'a> {
    line: &'a SaleLine,
    product: &'a ProductFacts,
    shop_price_minor: i64,
    price_minor: i64,
    taxes: &'a [Tax],
    units_milli: i64,
}

fn resolve<'a>(
    facts: &'a SaleFacts,
    command: &'a SaleCommand,
    occasion: Occasion,
) -> Result<Vec<Resolved<'a>>, SaleRefused> {
    let mut lines = Vec::with_capacity(command.lines.len());
    for (index, line) in command.lines.iter().enumerate() {
        let product = facts.products.get(&line.product_id).ok_or(SaleRefused::UnknownProduct { line: index })?;
        if !product.active && occasion == Occasion::Asking {
            return Err(SaleRefused::Inactive { line: index });
        }
        let units_milli = units(line).ok_or(SaleRefused::TooLarge)?;
        if !product.fractions && units_milli % 1_000 != 0 && occasion == Occasion::Asking {
            return Err(SaleRefused::NotDivisible { line: index });
        }
        let shop_price_minor = shop_price(product, line.pack_milli).ok_or(SaleRefused::TooLarge)?;
        lines.push(Resolved {
            line,
            product,
            shop_price_minor,
            price_minor: line.unit_price_minor.unwrap_or(shop_price_minor),
            taxes: line.taxes.as_deref().unwrap_or(&product.taxes),
            units_milli,
        });
    }
    Ok(lines)
}

/// Units that leave with a line: packs times what is in a pack.
fn units(line: &SaleLine) -> Option<i64> {
    rounding::scale_half_away(line.quantity_milli, line.pack_milli, 1_000)
}

/// The shop's price of a pack: its own where it has one, otherwise that of its units.
/// A single unit has the product's price, whatever codes it goes by: what a line costs
/// must not depend on whether another line of the sale made packs be looked up.
pub fn shop_price(product: &ProductFacts, pack_milli: i64) -> Option<i64> {
    if pack_milli == SINGLE_MILLI {
        return Some(product.price_minor);
    }
    match product.pack_prices.get(&pack_milli) {
        Some(price_minor) => Some(*price_minor),
        None => rounding::scale_half_away(product.price_minor, pack_milli, 1_000),
    }
}

struct Priced {
    quote: Quote,
    prices_include_tax: bool,
}

/// A shop may have changed what its prices mean while a till was away: where the other
/// meaning gives the total that was charged, that is what the till sold by.
fn price_as_shown(
    facts: &SaleFacts,
    command: &SaleCommand,
    lines: &[Resolved<'_>],
    occasion: Occasion,
) -> Result<Priced, SaleRefused> {
    let usual = facts.rules.prices_include_tax;
    let priced = price(facts, command, lines, usual);
    if let (Occasion::Happened, Some(shown)) = (occasion, command.expected)
        && !priced.as_ref().is_ok_and(|quote| quote.total_minor == shown.total_minor)
        && let Ok(quote) = price(facts, command, lines, !usual)
        && quote.total_minor == shown.total_minor
    {
        return Ok(Priced { quote, prices_include_tax: !usual });
    }
    Ok(Priced { quote: priced?, prices_include_tax: usual })
}

fn price(
    facts: &SaleFacts,
    command: &SaleCommand,
    lines: &[Resolved<'_>],
    prices_include_tax: bool,
) -> Result<Quote, SaleRefused> {
    let cart = Cart {
        exponent: facts.rules.exponent,
        prices_include_tax,
        cash_step_minor: facts.rules.cash.step_minor,
        lines: lines
            .iter()
            .map(|resolved| CartLine {
                quantity_milli: resolved.line.quantity_milli,
                unit_price_minor: resolved.price_minor,
                taxes: resolved.taxes.to_vec(),
                discount: resolved.line.discount,
            })
            .collect(),
        discount: command.discount,
    };
    quote::quote(&cart).map_err(SaleRefused::Quote)
}

/// A product whose price is zero has none: what it costs is said as it is sold (a
/// top-up, a label of the scale), by whoever sells.
fn has_open_price(resolved: &Resolved<'_>) -> bool {
    resolved.shop_price_minor == 0
}

fn check_prices(facts: &SaleFacts, lines: &[Resolved<'_>], judge: &mut Judge) -> Result<(), SaleRefused> {
    for (line, resolved) in lines.iter().enumerate() {
        let taxes_differ = resolved.taxes != resolved.product.taxes.as_slice();
        let price_differs = resolved.price_minor != resolved.shop_price_minor
            && !has_open_price(resolved)
            && !facts.rights.change_price;
        if taxes_differ || price_differs {
            let shop_minor = resolved.shop_price_minor;
            judge.object(SaleRefused::PriceChanged { line, shop_minor }, Difference::Price { line, shop_minor })?;
        }
    }
    Ok(())
}

/// A line's whole discount, its share of the document's included, is held
/// against the limit; one minor unit of rounding is nobody's fault.
fn check_discounts(facts: &SaleFacts, quote: &Quote, judge: &mut Judge) -> Result<(), SaleRefused> {
    for (index, line) in quote.lines.iter().enumerate() {
        let limit = rounding::scale_half_away(line.gross_minor, facts.rights.max_discount_percent_e6, 100_000_000)
            .unwrap_or(line.gross_minor);
        if line.discount_minor <= limit.saturating_add(1).min(line.gross_minor) && limit > 0 || line.discount_minor == 0
        {
            continue;
        }
        judge.object(SaleRefused::DiscountNotAllowed { line: index }, Difference::Discount { line: index })?;
    }
    Ok(())
}

/// A customer made at a till may never have arrived; the sale to them did happen.
fn check_customer(
    facts: &SaleFacts,
    command: &SaleCommand,
    judge: &mut Judge,
) -> Result<Option<CustomerId>, SaleRefused> {
    let known = command.customer.filter(|id| facts.customer == Some(*id));
    if known != command.customer {
        judge.object(SaleRefused::UnknownCustomer, Difference::UnknownCustomer)?;
    }
    Ok(known)
}

fn check_total(
    facts: &SaleFacts,
    command: &SaleCommand,
    quote: &Quote,
    prices_include_tax: bool,
    judge: &mut Judge,
) -> Result<(), SaleRefused> {
    if prices_include_tax != facts.rules.prices_include_tax {
        judge.differences.push(Difference::TaxesInPrices);
    }
    let total_minor = quote.total_minor;
    match command.expected {
        Some(Expected { total_minor: shown_minor, .. }) if shown_minor != total_minor => {
            judge.object(SaleRefused::TotalDiffers { total_minor }, Difference::Total { shown_minor })
        }
        _ => Ok(()),
    }
}

fn check_stock(facts: &SaleFacts, lines: &[Resolved<'_>], judge: &mut Judge) -> Result<(), SaleRefused> {
    let mut needed: BTreeMap<ProductId, (usize, i64)> = BTreeMap::new();
    for (index, resolved) in lines.iter().enumerate() {
        let entry = needed.entry(resolved.line.product_id).or_insert((index, 0));
        entry.1 = entry.1.checked_add(resolved.units_milli).ok_or(SaleRefused::TooLarge)?;
    }
    let mut short = Vec::new();
    for (product_id, (line, needed_milli)) in needed {
        let Some(product) = facts.products.get(&product_id) else {
            continue;
        };
        let Some((state, StockPolicy::Block)) = product.stock else {
            continue;
        };
        if state.quantity_milli >= needed_milli {
            continue;
        }
        let on_hand_milli = state.quantity_milli;
        match judge.occasion {
            Occasion::Asking => {
                short.push(Shortage { line, product_id, name: product.name.clone(), on_hand_milli, needed_milli });
            }
            Occasion::Happened => judge.differences.push(Difference::StockShort { line, on_hand_milli }),
        }
    }
    short.sort_by_key(|shortage| shortage.line);
    if short.is_empty() { Ok(()) } else { Err(SaleRefused::StockShort(short)) }
}

/// What asking would have refused before anything was priced.
fn note_goods(lines: &[Resolved<'_>], judge: &mut Judge) {
    for (line, resolved) in lines.iter().enumerate() {
        if !resolved.product.active {
            judge.differences.push(Difference::Inactive { line });
        }
        if !resolved.product.fractions && resolved.units_milli % 1_000 != 0 {
            judge.differences.push(Difference::NotDivisible { line });
        }
    }
}

struct Settled {
    payments: Vec<CompletedPayment>,
    cash_rounding_minor: i64,
    change_minor: i64,
    cash_in_minor: i64,
}

/// What was paid, added up as it is read.
#[derive(Default)]
struct Sums {
    cash_minor: i64,
    other_minor: i64,
    change_minor: i64,
    with_cash: bool,
}

fn settle(
    facts: &SaleFacts,
    command: &SaleCommand,
    total_minor: i64,
    judge: &mut Judge,
) -> Result<Settled, SaleRefused> {
    let mut payments = Vec::with_capacity(command.payments.len());
    let mut sums = Sums::default();
    for (index, payment) in command.payments.iter().enumerate() {
        payments.push(read_payment(facts, index, payment, &mut sums, judge)?);
    }
    let due_rounding_minor = if sums.with_cash {
        let rest_minor = (total_minor - sums.other_minor).max(0);
        cash::round_cash(rest_minor, facts.rules.cash.step_minor, facts.rules.cash.mode) - rest_minor
    } else {
        0
    };
    let (due_minor, paid_minor) = (total_minor + due_rounding_minor, sums.cash_minor + sums.other_minor);
    if due_minor != paid_minor {
        let (refused, paid) =
            (SaleRefused::PaymentsDiffer { due_minor, paid_minor }, Difference::Paid { due_minor, paid_minor });
        judge.object(refused, paid)?;
    }
    if paid_minor > MAX_DOCUMENT_MINOR.saturating_mul(2) {
        return Err(SaleRefused::TooLarge);
    }
    // What was paid is a fact; whatever lies between it and the total is rounding.
    let cash_rounding_minor = paid_minor - total_minor;
    check_shown(command, &sums, cash_rounding_minor, judge)?;
    if sums.cash_minor != 0 && !facts.drawer_open {
        return Err(SaleRefused::NoDrawer);
    }
    Ok(Settled { payments, cash_rounding_minor, change_minor: sums.change_minor, cash_in_minor: sums.cash_minor })
}

fn read_payment(
    facts: &SaleFacts,
    index: usize,
    payment: &SalePayment,
    sums: &mut Sums,
    judge: &mut Judge,
) -> Result<CompletedPayment, SaleRefused> {
    let unknown = SaleRefused::UnknownMethod { payment: index };
    let Some(method) = facts.methods.get(&payment.method_id) else { return Err(unknown) };
    if !method.active {
        judge.object(unknown, Difference::Method { payment: index })?;
    }
    let incomplete = Difference::PaymentIncomplete { payment: index };
    if method.needs_bank && payment.bank.is_empty() {
        judge.object(SaleRefused::BankMissing { payment: index }, incomplete)?;
    } else if method.needs_reference && payment.reference.is_empty() {
        judge.object(SaleRefused::ReferenceMissing { payment: index }, incomplete)?;
    }
    if payment.amount_minor < 0 || payment.amount_minor > MAX_DOCUMENT_MINOR {
        return Err(SaleRefused::TenderedWrong { payment: index });
    }
    let is_cash = method.kind == MethodKind::Cash;
    let handed_minor = payment.tendered_minor.unwrap_or(payment.amount_minor);
    let mut back_minor = handed_minor.saturating_sub(payment.amount_minor);
    if back_minor < 0 || (back_minor > 0 && !is_cash) || back_minor > MAX_DOCUMENT_MINOR {
        judge.object(SaleRefused::TenderedWrong { payment: index }, Difference::Tendered { payment: index })?;
        back_minor = 0;
    }
    sums.change_minor += back_minor;
    sums.with_cash |= is_cash;
    if is_cash {
        sums.cash_minor += payment.amount_minor
    } else {
        sums.other_minor += payment.amount_minor
    }
    Ok(CompletedPayment { payment: payment.clone(), kind: method.kind })
}

fn check_shown(
    command: &SaleCommand,
    sums: &Sums,
    cash_rounding_minor: i64,
    judge: &mut Judge,
) -> Result<(), SaleRefused> {
    let Some(shown) = command.expected else { return Ok(()) };
    let change_minor = sums.change_minor;
    if let Some(shown_minor) = shown.change_minor.filter(|shown| *shown != change_minor) {
        judge.object(SaleRefused::ShownDiffers { change_minor }, Difference::Change { shown_minor })?;
    }
    if let Some(shown_minor) = shown.cash_rounding_minor.filter(|shown| *shown != cash_rounding_minor) {
        judge.object(SaleRefused::ShownDiffers { change_minor }, Difference::CashRounding { shown_minor })?;
    }
    Ok(())
}

struct Taken {
    lines: Vec<CompletedLine>,
    movements: Vec<LineMovements>,
    stock_after: BTreeMap<ProductId, StockState>,
}

/// Takes the goods, line after line, so that a product on two lines leaves at
/// the average that the first of them left behind.
fn take_stock(facts: &SaleFacts, resolved: &[Resolved<'_>], quote: &Quote) -> Result<Taken, SaleRefused> {
    let mut stock_after: BTreeMap<ProductId, StockState> =
        facts.products.iter().filter_map(|(id, product)| product.stock.map(|(state, _)| (*id, state))).collect();
    let (mut lines, mut movements) = (Vec::with_capacity(resolved.len()), Vec::new());
    for (index, (resolved, quoted)) in resolved.iter().zip(&quote.lines).enumerate() {
        let product_id = resolved.line.product_id;
        let cost_minor = match stock_after.get_mut(&product_id) {
            Some(state) => {
                let change = state.outflow(resolved.units_milli).map_err(|_| SaleRefused::TooLarge)?;
                *state = change.after;
                movements.push(LineMovements { line: index, product_id, postings: change.postings });
                Some(change.cost_of_goods_minor)
            }
            None => match resolved.product.purchase_price_minor {
                Some(price) => {
                    Some(rounding::scale_half_away(price, resolved.units_milli, 1_000).ok_or(SaleRefused::TooLarge)?)
                }
                None => None,
            },
        };
        lines.push(CompletedLine {
            product_id,
            name: resolved.product.name.clone(),
            quantity_milli: resolved.line.quantity_milli,
            pack_milli: resolved.line.pack_milli,
            units_milli: resolved.units_milli,
            unit_price_minor: resolved.price_minor,
            taxes: resolved.taxes.to_vec(),
            quoted: *quoted,
            tracked: resolved.product.stock.is_some(),
            cost_minor,
            note: resolved.line.note.clone(),
        });
    }
    Ok(Taken { lines, movements, stock_after })
}

fn count(many: usize) -> i64 {
    i64::try_from(many).expect("a sale has fewer lines than an i64 counts")
}
