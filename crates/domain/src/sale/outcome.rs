//! What deciding a sale answers: everything to record, or why not.

use crate::{
    cost::{Posting, StockState},
    ids::{CustomerId, ProductId},
    quote::{Quote, QuoteError, QuotedLine, Tax},
    sale::facts::{MethodKind, SalePayment},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// What was odd about a sale that already happened. It is stored as JSON beside the
/// sale's item: a word that was once written must stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "odd", rename_all = "snake_case")]
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
    /// A part of something that is sold whole.
    NotDivisible {
        /// Which line.
        line: usize,
    },
    /// A customer that the shop does not have; the sale is recorded without one.
    UnknownCustomer,
    /// The till's prices contained their taxes and the shop's do not, or the other way
    /// round; it is recorded as the till charged.
    TaxesInPrices,
    /// The till charged another total than the server's engine finds. What was paid
    /// stands; what lies between is booked with the cash rounding.
    Total {
        /// What the till charged.
        shown_minor: i64,
    },
    /// The payments are not what is due; what lies between is booked with the cash rounding.
    Paid {
        /// What is due.
        due_minor: i64,
        /// What was paid.
        paid_minor: i64,
    },
    /// A payment method that is not used any more.
    Method {
        /// Which payment.
        payment: usize,
    },
    /// A payment without the bank or the reference that its method needs.
    PaymentIncomplete {
        /// Which payment.
        payment: usize,
    },
    /// Less cash was handed over than it should cover, or a method that gives no
    /// change was given more.
    Tendered {
        /// Which payment.
        payment: usize,
    },
    /// The till showed another change than what was handed over comes to.
    Change {
        /// What the till showed.
        shown_minor: i64,
    },
    /// The till rounded cash otherwise.
    CashRounding {
        /// What the till showed.
        shown_minor: i64,
    },
}

/// Everything to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedSale {
    /// The priced lines.
    pub lines: Vec<CompletedLine>,
    /// The priced document.
    pub quote: Quote,
    /// Whether its prices contain their taxes.
    pub prices_include_tax: bool,
    /// The registered customer, where the shop has one of that id.
    pub customer: Option<CustomerId>,
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
    /// The document is above [`MAX_DOCUMENT_MINOR`](crate::sale::MAX_DOCUMENT_MINOR).
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
    /// The till showed another change or cash rounding.
    ShownDiffers {
        /// What is handed back.
        change_minor: i64,
    },
    /// Cash would come in and there is no drawer for it.
    NoDrawer,
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
