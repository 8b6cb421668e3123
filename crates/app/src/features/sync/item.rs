//! What a batch may carry, and how each kind is posted.

use crate::features::sales::{complete_sale::SaleAnswer, wire::SaleContent};
use domain::ids::{SessionId, TaxSetId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One item of a batch. Its content is read by its kind, so that a kind of the
/// future is kept whole rather than refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Made by the till; the idempotency key.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// The till's clock, µs UTC.
    pub at: i64,
    /// Whether it already happened.
    pub offline: bool,
    /// Who did it.
    pub person: UserId,
    /// By its kind.
    pub content: Value,
}

/// Content of `open_session`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenContent {
    /// The session's id.
    pub session_id: SessionId,
    /// What lies in the drawer.
    pub opening: String,
}

/// Content of `close_session`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseContent {
    /// Which session.
    pub session_id: SessionId,
    /// What was counted.
    pub counted: String,
    /// By coin and note, for the record of the till; the sum is what counts.
    #[serde(default)]
    pub counts: Vec<Pieces>,
}

/// Pieces of one coin or note.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// Its value.
    pub value: String,
    /// How many.
    pub pieces: i64,
}

/// Content of `cash_entry`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashContent {
    /// Which session.
    pub session_id: SessionId,
    /// In or out.
    pub direction: Direction,
    /// How much.
    pub amount: String,
    /// Why.
    pub reason: String,
}

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the drawer.
    In,
    /// Out of it.
    Out,
}

/// Content of `customer`; the item's id is the customer's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerContent {
    /// Their name.
    pub name: String,
    /// Their phone.
    #[serde(default)]
    pub phone: Option<String>,
    /// Their identity document.
    #[serde(default)]
    pub document: Option<String>,
}

/// Content of `product`; the item's id is the product's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductContent {
    /// Its name.
    pub name: String,
    /// The code by which it was scanned.
    #[serde(default)]
    pub code: Option<String>,
    /// The price of one unit, in the shop's mode.
    pub price: String,
    /// How it is counted.
    pub unit: String,
    /// Its taxes; the shop's usual ones if absent.
    #[serde(default)]
    pub tax_set_id: Option<TaxSetId>,
}

/// An item whose content was read.
#[derive(Clone, Debug)]
pub enum Known {
    /// A drawer opens.
    Open(OpenContent),
    /// A drawer closes.
    Close(CloseContent),
    /// Money by hand.
    Cash(CashContent),
    /// A customer.
    Customer(CustomerContent),
    /// A product.
    Product(ProductContent),
    /// A sale.
    Sale(Box<SaleContent>),
}

/// Reads an item's content; `None` for a kind or a content that this version does
/// not know.
pub fn known(item: &Item) -> Option<Known> {
    fn read<T: for<'de> Deserialize<'de>>(content: &Value) -> Option<T> {
        T::deserialize(content).ok()
    }
    match item.kind.as_str() {
        "open_session" => read(&item.content).map(Known::Open),
        "close_session" => read(&item.content).map(Known::Close),
        "cash_entry" => read(&item.content).map(Known::Cash),
        "customer" => read(&item.content).map(Known::Customer),
        "product" => read(&item.content).map(Known::Product),
        "sale" => read(&item.content).map(|sale| Known::Sale(Box::new(sale))),
        _ => None,
    }
}

/// What the till is told about an item.
#[derive(Debug, Serialize)]
pub struct ItemResult {
    /// The item's id.
    pub id: Uuid,
    /// What became of it.
    pub outcome: Outcome,
    /// By outcome and kind.
    pub data: Value,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Posted, now or before.
    Accepted,
    /// Kept whole for a person.
    Review,
    /// Nothing was stored.
    Refused,
}

/// Why an item was not posted.
#[derive(Debug)]
pub struct NotPosted {
    /// For the program.
    pub code: &'static str,
    /// What more there is to say, by field.
    pub fields: serde_json::Map<String, Value>,
}

impl NotPosted {
    /// Without anything more.
    pub fn because(code: &'static str) -> Self {
        NotPosted { code, fields: serde_json::Map::new() }
    }
}

/// An item that was posted.
#[derive(Debug)]
pub enum PostedItem {
    /// A drawer was opened, or money moved by hand.
    Done,
    /// A drawer was closed; amounts as decimal strings.
    Closed {
        /// What should have been there.
        expected: String,
        /// Counted less expected.
        difference: String,
    },
    /// A sale.
    Sold(SaleAnswer),
}
