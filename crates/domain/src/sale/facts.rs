//! What a sale is decided on: the shop's facts, read under lock, and the command.

use crate::{
    cash::CashRule,
    cost::StockState,
    ids::{CustomerId, MethodId, ProductId},
    permission::SellerRights,
    quote::{Discount, Tax},
};
use std::collections::BTreeMap;

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
    /// The shop's price for one unit: today's, or for what happened the one in force
    /// at the catalogue that the till knew.
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
    /// Whether it may be chosen; what happened may have been paid by one that was dropped since.
    pub active: bool,
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
    /// The shop's payment methods, also those that are not used any more.
    pub methods: BTreeMap<MethodId, MethodFacts>,
    /// The customer of the command, where the shop has it.
    pub customer: Option<CustomerId>,
    /// Whether there is a drawer for cash to go into.
    pub drawer_open: bool,
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
    /// What cash rounding added or took; `None` where it was not shown.
    pub cash_rounding_minor: Option<i64>,
    /// What was handed back; `None` where it was not shown.
    pub change_minor: Option<i64>,
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
