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
    ids::ProductId,
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
/// The first refusal in the order of [`SaleRefused`]. A sale that happened is
/// refused only where it cannot be written down at all: the caller keeps it whole
/// for a person to settle.
pub fn decide(facts: &SaleFacts, command: &SaleCommand, occasion: Occasion) -> Result<CompletedSale, SaleRefused> {
    let lines = resolve(facts, command, occasion)?;
    let quote = price(facts, command, &lines)?;
    let mut differences = Vec::new();
    check_prices(facts, &lines, occasion, &mut differences)?;
    check_discounts(facts, &quote, occasion, &mut differences)?;
    if command.customer.is_some() && command.customer != facts.customer {
        return Err(SaleRefused::UnknownCustomer);
    }
    if quote.total_minor > MAX_DOCUMENT_MINOR {
        return Err(SaleRefused::TooLarge);
    }
    if let Some(expected) = command.expected
        && expected.total_minor != quote.total_minor
    {
        return Err(SaleRefused::TotalDiffers { total_minor: quote.total_minor });
    }
    check_stock(facts, &lines, occasion, &mut differences)?;
    note_inactive(&lines, &mut differences);
    let paid = settle(facts, command, quote.total_minor)?;
    let taken = take_stock(facts, &lines, &quote)?;
    Ok(CompletedSale {
        cost_minor: taken.lines.iter().filter_map(|line| line.cost_minor).sum(),
        unknown_cost_lines: count(taken.lines.iter().filter(|line| line.cost_minor.is_none()).count()),
        lines: taken.lines,
        movements: taken.movements,
        stock_after: taken.stock_after,
        quote,
        payments: paid.payments,
        cash_rounding_minor: paid.cash_rounding_minor,
        change_minor: paid.change_minor,
        cash_in_minor: paid.cash_in_minor,
        differences,
    })
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

fn price(facts: &SaleFacts, command: &SaleCommand, lines: &[Resolved<'_>]) -> Result<Quote, SaleRefused> {
    let cart = Cart {
        exponent: facts.rules.exponent,
        prices_include_tax: facts.rules.prices_include_tax,
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

fn check_prices(
    facts: &SaleFacts,
    lines: &[Resolved<'_>],
    occasion: Occasion,
    differences: &mut Vec<Difference>,
) -> Result<(), SaleRefused> {
    for (index, resolved) in lines.iter().enumerate() {
        let taxes_differ = resolved.taxes != resolved.product.taxes.as_slice();
        let price_differs = resolved.price_minor != resolved.shop_price_minor
            && !has_open_price(resolved)
            && !facts.rights.change_price;
        if !taxes_differ && !price_differs {
            continue;
        }
        let shop_minor = resolved.shop_price_minor;
        match occasion {
            Occasion::Asking => {
                return Err(SaleRefused::PriceChanged { line: index, shop_minor });
            }
            Occasion::Happened => differences.push(Difference::Price { line: index, shop_minor }),
        }
    }
    Ok(())
}

/// A line's whole discount, its share of the document's included, is held
/// against the limit; one minor unit of rounding is nobody's fault.
fn check_discounts(
    facts: &SaleFacts,
    quote: &Quote,
    occasion: Occasion,
    differences: &mut Vec<Difference>,
) -> Result<(), SaleRefused> {
    for (index, line) in quote.lines.iter().enumerate() {
        let limit = rounding::scale_half_away(line.gross_minor, facts.rights.max_discount_percent_e6, 100_000_000)
            .unwrap_or(line.gross_minor);
        if line.discount_minor <= limit.saturating_add(1).min(line.gross_minor) && limit > 0 || line.discount_minor == 0
        {
            continue;
        }
        match occasion {
            Occasion::Asking => return Err(SaleRefused::DiscountNotAllowed { line: index }),
            Occasion::Happened => differences.push(Difference::Discount { line: index }),
        }
    }
    Ok(())
}

fn check_stock(
    facts: &SaleFacts,
    lines: &[Resolved<'_>],
    occasion: Occasion,
    differences: &mut Vec<Difference>,
) -> Result<(), SaleRefused> {
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
        match occasion {
            Occasion::Asking => {
                short.push(Shortage { line, product_id, name: product.name.clone(), on_hand_milli, needed_milli });
            }
            Occasion::Happened => differences.push(Difference::StockShort { line, on_hand_milli }),
        }
    }
    short.sort_by_key(|shortage| shortage.line);
    if short.is_empty() { Ok(()) } else { Err(SaleRefused::StockShort(short)) }
}

fn note_inactive(lines: &[Resolved<'_>], differences: &mut Vec<Difference>) {
    for (line, resolved) in lines.iter().enumerate() {
        if !resolved.product.active {
            differences.push(Difference::Inactive { line });
        }
    }
}

struct Settled {
    payments: Vec<CompletedPayment>,
    cash_rounding_minor: i64,
    change_minor: i64,
    cash_in_minor: i64,
}

fn settle(facts: &SaleFacts, command: &SaleCommand, total_minor: i64) -> Result<Settled, SaleRefused> {
    let mut payments = Vec::with_capacity(command.payments.len());
    let (mut cash_minor, mut other_minor, mut change_minor, mut with_cash) = (0_i64, 0_i64, 0_i64, false);
    for (index, payment) in command.payments.iter().enumerate() {
        let method = facts.methods.get(&payment.method_id).ok_or(SaleRefused::UnknownMethod { payment: index })?;
        if method.needs_bank && payment.bank.is_empty() {
            return Err(SaleRefused::BankMissing { payment: index });
        }
        if method.needs_reference && payment.reference.is_empty() {
            return Err(SaleRefused::ReferenceMissing { payment: index });
        }
        if payment.amount_minor < 0 || payment.amount_minor > MAX_DOCUMENT_MINOR {
            return Err(SaleRefused::TenderedWrong { payment: index });
        }
        let handed_minor = payment.tendered_minor.unwrap_or(payment.amount_minor);
        let back_minor = handed_minor.saturating_sub(payment.amount_minor);
        let is_cash = method.kind == MethodKind::Cash;
        if back_minor < 0 || (back_minor > 0 && !is_cash) || back_minor > MAX_DOCUMENT_MINOR {
            return Err(SaleRefused::TenderedWrong { payment: index });
        }
        change_minor += back_minor;
        with_cash |= is_cash;
        if is_cash {
            cash_minor += payment.amount_minor
        } else {
            other_minor += payment.amount_minor
        }
        payments.push(CompletedPayment { payment: payment.clone(), kind: method.kind });
    }
    let cash_rounding_minor = if with_cash {
        let rest_minor = (total_minor - other_minor).max(0);
        cash::round_cash(rest_minor, facts.rules.cash.step_minor, facts.rules.cash.mode) - rest_minor
    } else {
        0
    };
    let (due_minor, paid_minor) = (total_minor + cash_rounding_minor, cash_minor + other_minor);
    if due_minor != paid_minor {
        return Err(SaleRefused::PaymentsDiffer { due_minor, paid_minor });
    }
    Ok(Settled { payments, cash_rounding_minor, change_minor, cash_in_minor: cash_minor })
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
