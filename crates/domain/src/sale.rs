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

use crate::{
    cash::{self, CashRule},
    cost::{Posting, StockState},
    ids::{CustomerId, MethodId, ProductId},
    permission::SellerRights,
    quote::{self, Cart, CartLine, Discount, Quote, QuoteError, QuotedLine, Tax},
    rounding,
};
use std::collections::BTreeMap;

/// The largest total of one document, in minor units.
pub const MAX_DOCUMENT_MINOR: i64 = 10_000_000_000_000;

/// Whether a sale may still be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It is being asked for.
    Asking,
    /// It happened while the till was on its own.
    Happened,
}

/// What the shop sets for all its sales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopRules {
    /// Decimals of the currency.
    pub exponent: i64,
    /// Whether prices are written with their taxes inside.
    pub prices_include_tax: bool,
    /// How a cash total meets the smallest coin.
    pub cash: CashRule,
}

/// What happens when more is asked for than is on hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockPolicy {
    /// The sale is refused.
    Block,
    /// The sale goes through and somebody is told.
    Allow,
}

/// A product as it stood when its stock was locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFacts {
    /// Its name, copied to the line.
    pub name: String,
    /// The shop's price for one unit.
    pub price_minor: i64,
    /// Prices of packages that have one of their own, by pack quantity.
    pub pack_prices: BTreeMap<i64, i64>,
    /// Its taxes.
    pub taxes: Vec<Tax>,
    /// Whether a part of a unit may be sold.
    pub fractions: bool,
    /// Whether it may be sold at all.
    pub active: bool,
    /// What one unit costs where stock is not tracked; `None` if nobody said.
    pub purchase_price_minor: Option<i64>,
    /// Stock and policy; `None` where stock is not tracked.
    pub stock: Option<(StockState, StockPolicy)>,
}

/// What kind of money a payment method moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodKind {
    /// Notes and coins: rounds, gives change, fills the drawer.
    Cash,
    /// From account to account.
    Transfer,
    /// By card.
    Card,
    /// On the customer's account.
    HouseAccount,
    /// Anything else.
    Other,
}

/// A payment method of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodFacts {
    /// What it moves.
    pub kind: MethodKind,
    /// Whether the bank must be named.
    pub needs_bank: bool,
    /// Whether a reference must be given.
    pub needs_reference: bool,
}

/// Everything `decide` may look at, read under lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleFacts {
    /// The shop's rules.
    pub rules: ShopRules,
    /// The limits of the person who sells.
    pub rights: SellerRights,
    /// The products of the command, apart from those the shop does not have.
    pub products: BTreeMap<ProductId, ProductFacts>,
    /// The shop's active payment methods.
    pub methods: BTreeMap<MethodId, MethodFacts>,
    /// The customer of the command, where the shop has it.
    pub customer: Option<CustomerId>,
}

/// One line as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleLine {
    /// What is sold.
    pub product_id: ProductId,
    /// How many packs, in thousandths.
    pub quantity_milli: i64,
    /// Units in a pack, in thousandths; 1,000 for a single unit.
    pub pack_milli: i64,
    /// The price of one pack; `None` leaves it to the shop.
    pub unit_price_minor: Option<i64>,
    /// The taxes the till charged; `None` leaves them to the shop.
    pub taxes: Option<Vec<Tax>>,
    /// Off the line.
    pub discount: Option<Discount>,
    /// Free text.
    pub note: String,
}

/// One payment as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalePayment {
    /// By which method.
    pub method_id: MethodId,
    /// What it covers of the amount due.
    pub amount_minor: i64,
    /// What was handed over; only cash may be more than the amount.
    pub tendered_minor: Option<i64>,
    /// The bank of a transfer.
    pub bank: String,
    /// The transfer's or card's reference.
    pub reference: String,
}

/// What the till showed the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The total before cash rounding.
    pub total_minor: i64,
    /// What cash rounding added or took.
    pub cash_rounding_minor: i64,
    /// What was handed back.
    pub change_minor: i64,
}

/// A sale as it was asked for or as it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleCommand {
    /// The lines in their order.
    pub lines: Vec<SaleLine>,
    /// Off the whole.
    pub discount: Option<Discount>,
    /// How it is paid.
    pub payments: Vec<SalePayment>,
    /// The customer asked for, where one was chosen.
    pub customer: Option<CustomerId>,
    /// What the till showed; `None` from a form that shows nothing.
    pub expected: Option<Expected>,
}

/// A line to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedLine {
    /// The product.
    pub product_id: ProductId,
    /// Its name at the time.
    pub name: String,
    /// Packs sold, in thousandths.
    pub quantity_milli: i64,
    /// Units in a pack, in thousandths.
    pub pack_milli: i64,
    /// Units that left, in thousandths.
    pub units_milli: i64,
    /// The price of a pack as charged, before or with tax by the shop's rule.
    pub unit_price_minor: i64,
    /// The taxes charged.
    pub taxes: Vec<Tax>,
    /// The amounts.
    pub quoted: QuotedLine,
    /// Whether stock was taken.
    pub tracked: bool,
    /// What the goods cost; `None` is unknown, which is not zero.
    pub cost_minor: Option<i64>,
    /// Free text.
    pub note: String,
}

/// Movements of one line, to be posted in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMovements {
    /// Which line, counted from 0.
    pub line: usize,
    /// Of which product.
    pub product_id: ProductId,
    /// What moves.
    pub postings: Vec<Posting>,
}

/// A payment to record, with what it moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPayment {
    /// The payment as made.
    pub payment: SalePayment,
    /// What kind of money it was.
    pub kind: MethodKind,
}

/// What was odd about a sale that already happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Stock went below zero though the product's policy forbids it.
    StockShort {
        /// Which line.
        line: usize,
        /// What was on hand before the sale.
        on_hand_milli: i64,
    },
    /// A price that is not the shop's and that the seller may not set.
    Price {
        /// Which line.
        line: usize,
        /// The shop's price.
        shop_minor: i64,
    },
    /// A discount above the seller's limit.
    Discount {
        /// Which line.
        line: usize,
    },
    /// A product that had been deactivated.
    Inactive {
        /// Which line.
        line: usize,
    },
}

/// Everything to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedSale {
    /// The priced lines.
    pub lines: Vec<CompletedLine>,
    /// The priced document.
    pub quote: Quote,
    /// Stock, line by line.
    pub movements: Vec<LineMovements>,
    /// Where each touched stock item ends.
    pub stock_after: BTreeMap<ProductId, StockState>,
    /// The payments.
    pub payments: Vec<CompletedPayment>,
    /// What cash rounding added (or took, negative).
    pub cash_rounding_minor: i64,
    /// What goes back to the customer.
    pub change_minor: i64,
    /// What stays in the drawer.
    pub cash_in_minor: i64,
    /// The cost of the lines whose cost is known.
    pub cost_minor: i64,
    /// How many lines have no known cost.
    pub unknown_cost_lines: i64,
    /// For the owner to see; empty when the sale was asked for.
    pub differences: Vec<Difference>,
}

/// Why a sale is not made, in the order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaleRefused {
    /// A product that the shop does not have.
    UnknownProduct {
        /// Which line.
        line: usize,
    },
    /// A product that is not sold any more.
    Inactive {
        /// Which line.
        line: usize,
    },
    /// A part of something that is sold whole.
    NotDivisible {
        /// Which line.
        line: usize,
    },
    /// The engine cannot price it.
    Quote(QuoteError),
    /// The price or the tax is not the shop's and the seller may not set it.
    PriceChanged {
        /// Which line.
        line: usize,
        /// The shop's price.
        shop_minor: i64,
    },
    /// A discount above the seller's limit.
    DiscountNotAllowed {
        /// Which line.
        line: usize,
    },
    /// A customer that the shop does not have.
    UnknownCustomer,
    /// The document is above [`MAX_DOCUMENT_MINOR`].
    TooLarge,
    /// The till showed another amount.
    TotalDiffers {
        /// What the server's engine finds.
        total_minor: i64,
    },
    /// There is not enough of these.
    StockShort(Vec<Shortage>),
    /// A method that the shop does not have.
    UnknownMethod {
        /// Which payment.
        payment: usize,
    },
    /// A method that needs the bank's name.
    BankMissing {
        /// Which payment.
        payment: usize,
    },
    /// A method that needs a reference.
    ReferenceMissing {
        /// Which payment.
        payment: usize,
    },
    /// Less cash was handed over than it should cover, or a method that gives no
    /// change was given more.
    TenderedWrong {
        /// Which payment.
        payment: usize,
    },
    /// The payments are not what is due.
    PaymentsDiffer {
        /// What is due, cash rounding included.
        due_minor: i64,
        /// What the payments cover.
        paid_minor: i64,
    },
}

/// One product of which too little is on hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The first line that asks for it.
    pub line: usize,
    /// Which product.
    pub product_id: ProductId,
    /// Its name.
    pub name: String,
    /// What is on hand, in thousandths.
    pub on_hand_milli: i64,
    /// What the sale needs, in thousandths.
    pub needed_milli: i64,
}

/// Decides a sale.
///
/// # Errors
/// The first refusal in the order of [`SaleRefused`]. A sale that happened is
/// refused only where it cannot be written down at all: the caller keeps it whole
/// for a person to settle.
pub fn decide(
    facts: &SaleFacts,
    command: &SaleCommand,
    occasion: Occasion,
) -> Result<CompletedSale, SaleRefused> {
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
        return Err(SaleRefused::TotalDiffers {
            total_minor: quote.total_minor,
        });
    }
    check_stock(facts, &lines, occasion, &mut differences)?;
    note_inactive(&lines, &mut differences);
    let paid = settle(facts, command, quote.total_minor)?;
    let taken = take_stock(facts, &lines, &quote)?;
    Ok(CompletedSale {
        cost_minor: taken.lines.iter().filter_map(|line| line.cost_minor).sum(),
        unknown_cost_lines: count(
            taken
                .lines
                .iter()
                .filter(|line| line.cost_minor.is_none())
                .count(),
        ),
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
        let product = facts
            .products
            .get(&line.product_id)
            .ok_or(SaleRefused::UnknownProduct { line: index })?;
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
pub fn shop_price(product: &ProductFacts, pack_milli: i64) -> Option<i64> {
    match product.pack_prices.get(&pack_milli) {
        Some(price_minor) => Some(*price_minor),
        None => rounding::scale_half_away(product.price_minor, pack_milli, 1_000),
    }
}

fn price(
    facts: &SaleFacts,
    command: &SaleCommand,
    lines: &[Resolved<'_>],
) -> Result<Quote, SaleRefused> {
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

fn check_prices(
    facts: &SaleFacts,
    lines: &[Resolved<'_>],
    occasion: Occasion,
    differences: &mut Vec<Difference>,
) -> Result<(), SaleRefused> {
    for (index, resolved) in lines.iter().enumerate() {
        let taxes_differ = resolved.taxes != resolved.product.taxes.as_slice();
        let price_differs =
            resolved.price_minor != resolved.shop_price_minor && !facts.rights.change_price;
        if !taxes_differ && !price_differs {
            continue;
        }
        let shop_minor = resolved.shop_price_minor;
        match occasion {
            Occasion::Asking => {
                return Err(SaleRefused::PriceChanged {
                    line: index,
                    shop_minor,
                });
            }
            Occasion::Happened => differences.push(Difference::Price {
                line: index,
                shop_minor,
            }),
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
        let limit = rounding::scale_half_away(
            line.gross_minor,
            facts.rights.max_discount_percent_e6,
            100_000_000,
        )
        .unwrap_or(line.gross_minor);
        if line.discount_minor <= limit.saturating_add(1).min(line.gross_minor) && limit > 0
            || line.discount_minor == 0
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
        entry.1 = entry
            .1
            .checked_add(resolved.units_milli)
            .ok_or(SaleRefused::TooLarge)?;
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
                short.push(Shortage {
                    line,
                    product_id,
                    name: product.name.clone(),
                    on_hand_milli,
                    needed_milli,
                });
            }
            Occasion::Happened => differences.push(Difference::StockShort {
                line,
                on_hand_milli,
            }),
        }
    }
    short.sort_by_key(|shortage| shortage.line);
    if short.is_empty() {
        Ok(())
    } else {
        Err(SaleRefused::StockShort(short))
    }
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

fn settle(
    facts: &SaleFacts,
    command: &SaleCommand,
    total_minor: i64,
) -> Result<Settled, SaleRefused> {
    let mut payments = Vec::with_capacity(command.payments.len());
    let (mut cash_minor, mut other_minor, mut change_minor, mut with_cash) =
        (0_i64, 0_i64, 0_i64, false);
    for (index, payment) in command.payments.iter().enumerate() {
        let method = facts
            .methods
            .get(&payment.method_id)
            .ok_or(SaleRefused::UnknownMethod { payment: index })?;
        if method.needs_bank && payment.bank.is_empty() {
            return Err(SaleRefused::BankMissing { payment: index });
        }
        if method.needs_reference && payment.reference.is_empty() {
            return Err(SaleRefused::ReferenceMissing { payment: index });
        }
        if payment.amount_minor < 0 || payment.amount_minor > MAX_DOCUMENT_MINOR {
            return Err(SaleRefused::TenderedWrong { payment: index });
        }
        let back_minor =
            payment.tendered_minor.unwrap_or(payment.amount_minor) - payment.amount_minor;
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
        payments.push(CompletedPayment {
            payment: payment.clone(),
            kind: method.kind,
        });
    }
    let cash_rounding_minor = if with_cash {
        let rest_minor = (total_minor - other_minor).max(0);
        cash::round_cash(
            rest_minor,
            facts.rules.cash.step_minor,
            facts.rules.cash.mode,
        ) - rest_minor
    } else {
        0
    };
    let (due_minor, paid_minor) = (total_minor + cash_rounding_minor, cash_minor + other_minor);
    if due_minor != paid_minor {
        return Err(SaleRefused::PaymentsDiffer {
            due_minor,
            paid_minor,
        });
    }
    Ok(Settled {
        payments,
        cash_rounding_minor,
        change_minor,
        cash_in_minor: cash_minor,
    })
}

struct Taken {
    lines: Vec<CompletedLine>,
    movements: Vec<LineMovements>,
    stock_after: BTreeMap<ProductId, StockState>,
}

/// Takes the goods, line after line, so that a product on two lines leaves at
/// the average that the first of them left behind.
fn take_stock(
    facts: &SaleFacts,
    resolved: &[Resolved<'_>],
    quote: &Quote,
) -> Result<Taken, SaleRefused> {
    let mut stock_after: BTreeMap<ProductId, StockState> = facts
        .products
        .iter()
        .filter_map(|(id, product)| product.stock.map(|(state, _)| (*id, state)))
        .collect();
    let (mut lines, mut movements) = (Vec::with_capacity(resolved.len()), Vec::new());
    for (index, (resolved, quoted)) in resolved.iter().zip(&quote.lines).enumerate() {
        let product_id = resolved.line.product_id;
        let cost_minor = match stock_after.get_mut(&product_id) {
            Some(state) => {
                let change = state
                    .outflow(resolved.units_milli)
                    .map_err(|_| SaleRefused::TooLarge)?;
                *state = change.after;
                movements.push(LineMovements {
                    line: index,
                    product_id,
                    postings: change.postings,
                });
                Some(change.cost_of_goods_minor)
            }
            None => match resolved.product.purchase_price_minor {
                Some(price) => Some(
                    rounding::scale_half_away(price, resolved.units_milli, 1_000)
                        .ok_or(SaleRefused::TooLarge)?,
                ),
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
    Ok(Taken {
        lines,
        movements,
        stock_after,
    })
}

fn count(many: usize) -> i64 {
    i64::try_from(many).expect("a sale has fewer lines than an i64 counts")
}
