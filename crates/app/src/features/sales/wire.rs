//! A sale as it travels: the JSON of `docs/api/till-protocol.md`.
//!
//! The same content comes from the till's batches, from `POST /api/v1/sales` and
//! from `POST /ventas/nueva/`. Here decimals become integers and every field that
//! is wrong is named at once; whether the sale makes sense is for the domain.

use domain::{
    decimal,
    ids::{CustomerId, MethodId, ProductId, SaleId, SessionId},
    quote::{Discount, Tax},
    sale::{Expected, SaleCommand, SaleLine, SalePayment},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most lines that one sale may have.
pub const MAX_LINES: usize = 500;
/// Most payments that one sale may have.
pub const MAX_PAYMENTS: usize = 20;
const NAME_CHARS_MAX: usize = 100;
const NOTE_CHARS_MAX: usize = 255;

/// The content of a sale. Fields that a till sets and a form does not are
/// optional; unknown ones are refused.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SaleContent {
    /// The register's prefix, from a till.
    #[serde(default)]
    pub prefix: Option<String>,
    /// The number the till gave it.
    #[serde(default)]
    pub number: Option<i64>,
    /// The till's session.
    #[serde(default)]
    pub session_id: Option<SessionId>,
    /// The catalogue the till knew.
    #[serde(default)]
    pub catalog_version: Option<i64>,
    /// Who buys.
    #[serde(default)]
    pub customer: Option<CustomerContent>,
    /// What is sold.
    pub lines: Vec<LineContent>,
    /// Off the whole.
    #[serde(default)]
    pub discount: Option<DiscountContent>,
    /// How it is paid.
    #[serde(default)]
    pub payments: Vec<PaymentContent>,
    /// What the till showed.
    #[serde(default)]
    pub expected: Option<ExpectedContent>,
    /// Free text.
    #[serde(default)]
    pub note: Option<String>,
}

/// A registered customer, or a name that somebody typed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerContent {
    /// The registered one, which wins.
    #[serde(default)]
    pub id: Option<CustomerId>,
    /// The typed name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A line.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LineContent {
    /// Which product.
    pub product_id: ProductId,
    /// The name the till showed; the server keeps its own.
    #[serde(default)]
    pub name: Option<String>,
    /// Packs.
    pub quantity: String,
    /// Units in a pack, one if absent.
    #[serde(default)]
    pub pack: Option<String>,
    /// The price of a pack, the shop's if absent.
    #[serde(default)]
    pub unit_price: Option<String>,
    /// The taxes, the shop's if absent.
    #[serde(default)]
    pub taxes: Option<Vec<TaxContent>>,
    /// Off the line.
    #[serde(default)]
    pub discount: Option<DiscountContent>,
    /// Free text.
    #[serde(default)]
    pub note: Option<String>,
}

/// A tax.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TaxContent {
    /// Its code.
    pub code: String,
    /// A percentage.
    pub rate: String,
}

/// A discount: exactly one of the two.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountContent {
    /// A percentage.
    #[serde(default)]
    pub percent: Option<String>,
    /// An amount.
    #[serde(default)]
    pub amount: Option<String>,
}

/// A payment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentContent {
    /// By which method.
    pub method_id: MethodId,
    /// What it covers.
    pub amount: String,
    /// What was handed over.
    #[serde(default)]
    pub tendered: Option<String>,
    /// A transfer's bank.
    #[serde(default)]
    pub bank: Option<String>,
    /// A transfer's or card's reference.
    #[serde(default)]
    pub reference: Option<String>,
}

/// What the till showed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedContent {
    /// Before cash rounding.
    pub total: String,
    /// What cash rounding added or took; may be negative.
    #[serde(default)]
    pub cash_rounding: Option<String>,
    /// Handed back.
    #[serde(default)]
    pub change: Option<String>,
}

/// A sale that comes without a till, by `POST /api/v1/sales`: its id, and a content
/// that a register of the office will number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSaleContent {
    /// The client's id of the sale.
    pub id: SaleId,
    /// The session of the drawer into which its cash goes; the only open one if absent.
    #[serde(default)]
    pub session_id: Option<SessionId>,
    /// Who buys.
    #[serde(default)]
    pub customer: Option<CustomerContent>,
    /// What is sold.
    pub lines: Vec<LineContent>,
    /// Off the whole.
    #[serde(default)]
    pub discount: Option<DiscountContent>,
    /// How it is paid.
    #[serde(default)]
    pub payments: Vec<PaymentContent>,
    /// What the client showed.
    #[serde(default)]
    pub expected: Option<ExpectedContent>,
    /// Free text.
    #[serde(default)]
    pub note: Option<String>,
}

impl NewSaleContent {
    /// The id, and the content as a till would send it.
    pub fn into_parts(self) -> (SaleId, SaleContent) {
        let NewSaleContent { id, session_id, customer, lines, discount, payments, expected, note } = self;
        (id, SaleContent { session_id, customer, lines, discount, payments, expected, note, ..SaleContent::default() })
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// Not a decimal of the plain form, or with too many decimals.
    NotADecimal,
    /// Not above zero, or far too large.
    OutOfRange,
    /// Longer than it may be.
    TooLong {
        /// How many characters fit.
        chars_max: usize,
    },
    /// Characters that no person types.
    ControlCharacters,
    /// Both or neither of two exclusive fields.
    NotExactlyOne,
    /// Nothing is sold.
    Empty,
    /// More than one sale may have.
    TooMany,
}

/// A sale whose fields have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSale {
    /// For the domain.
    pub command: SaleCommand,
    /// The typed name, where no registered customer was chosen.
    pub customer_name: String,
    /// Free text.
    pub note: String,
    /// SHA-256 over the meaning; the same sale has the same, however it came.
    pub content_hash: [u8; 32],
}

/// Reads the content of a sale in a currency of `exponent` decimals.
///
/// # Errors
/// Every field that is wrong, by its path (`lines.0.quantity`).
pub fn read(content: &SaleContent, exponent: u32) -> Result<ReadSale, BTreeMap<String, FieldProblem>> {
    let mut reader = Reader { exponent, problems: BTreeMap::new() };
    if content.lines.is_empty() {
        reader.problem("lines", FieldProblem::Empty);
    }
    if content.lines.len() > MAX_LINES {
        reader.problem("lines", FieldProblem::TooMany);
    }
    if content.payments.len() > MAX_PAYMENTS {
        reader.problem("payments", FieldProblem::TooMany);
    }
    let lines = content.lines.iter().take(MAX_LINES).enumerate().map(|(at, line)| reader.line(at, line)).collect();
    let discount = reader.discount("discount", content.discount.as_ref());
    let payments = content
        .payments
        .iter()
        .take(MAX_PAYMENTS)
        .enumerate()
        .map(|(at, payment)| reader.payment(at, payment))
        .collect();
    let expected = content.expected.as_ref().map(|expected| reader.expected(expected));
    let customer = content.customer.as_ref().and_then(|customer| customer.id);
    let typed = content.customer.as_ref().and_then(|customer| customer.name.as_deref());
    let customer_name =
        if customer.is_some() { String::new() } else { reader.words("customer.name", typed, NAME_CHARS_MAX) };
    let note = reader.words("note", content.note.as_deref(), NOTE_CHARS_MAX);
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    Ok(ReadSale {
        command: SaleCommand { lines, discount, payments, customer, expected },
        customer_name,
        note,
        content_hash: hash(content),
    })
}

/// The hash of what was meant. The struct's own field order makes it canonical;
/// `offline` and the till's clock are not part of the content.
fn hash(content: &SaleContent) -> [u8; 32] {
    let canonical = serde_json::to_vec(content).expect("strings, numbers and lists always become JSON");
    let mut hasher = Sha256::new();
    hasher.update(b"sale/1\n");
    hasher.update(&canonical);
    hasher.finalize().into()
}

struct Reader {
    exponent: u32,
    problems: BTreeMap<String, FieldProblem>,
}

impl Reader {
    fn problem(&mut self, path: impl Into<String>, problem: FieldProblem) {
        self.problems.entry(path.into()).or_insert(problem);
    }

    /// A decimal of at most `decimals` places, or 0 with the problem noted.
    fn number(&mut self, path: String, text: &str, decimals: u32) -> i64 {
        decimal::parse(text, decimals).unwrap_or_else(|_| {
            self.problem(path, FieldProblem::NotADecimal);
            0
        })
    }

    fn money(&mut self, path: String, text: &str) -> i64 {
        self.number(path, text, self.exponent)
    }

    fn words(&mut self, path: &str, text: Option<&str>, chars_max: usize) -> String {
        let text = text.unwrap_or_default().trim();
        if text.chars().count() > chars_max {
            self.problem(path, FieldProblem::TooLong { chars_max });
        } else if text.chars().any(char::is_control) {
            self.problem(path, FieldProblem::ControlCharacters);
        }
        text.to_owned()
    }

    fn line(&mut self, at: usize, line: &LineContent) -> SaleLine {
        let path = |field: &str| format!("lines.{at}.{field}");
        let quantity_milli = self.number(path("quantity"), &line.quantity, 3);
        let pack_milli = line.pack.as_deref().map_or(1_000, |pack| self.number(path("pack"), pack, 3));
        // A pack holds at least one unit: parts of a unit are told by the quantity.
        for (field, milli, least) in [("quantity", quantity_milli, 1), ("pack", pack_milli, 1_000)] {
            if !(least..=domain::quote::QUANTITY_MILLI_MAX).contains(&milli) {
                self.problem(path(field), FieldProblem::OutOfRange);
            }
        }
        let unit_price_minor = line.unit_price.as_deref().map(|price| self.money(path("unit_price"), price));
        let taxes = line.taxes.as_ref().map(|taxes| self.taxes(at, taxes));
        let discount = self.discount(&path("discount"), line.discount.as_ref());
        let note = self.words(&path("note"), line.note.as_deref(), NOTE_CHARS_MAX);
        SaleLine { product_id: line.product_id, quantity_milli, pack_milli, unit_price_minor, taxes, discount, note }
    }

    fn taxes(&mut self, at: usize, taxes: &[TaxContent]) -> Vec<Tax> {
        let mut read = Vec::with_capacity(taxes.len());
        for tax in taxes {
            let rate_ppm = self.number(format!("lines.{at}.taxes"), &tax.rate, 4);
            let code = self.words(&format!("lines.{at}.taxes"), Some(&tax.code), 20);
            read.push(Tax { code, rate_ppm });
        }
        read
    }

    fn discount(&mut self, path: &str, discount: Option<&DiscountContent>) -> Option<Discount> {
        let discount = discount?;
        match (&discount.percent, &discount.amount) {
            (Some(percent), None) => {
                let percent_e6 = self.number(path.to_owned(), percent, 6);
                Some(Discount::Percent { percent_e6 })
            }
            (None, Some(amount)) => Some(Discount::Amount { amount_minor: self.money(path.to_owned(), amount) }),
            _ => {
                self.problem(path, FieldProblem::NotExactlyOne);
                None
            }
        }
    }

    fn payment(&mut self, at: usize, payment: &PaymentContent) -> SalePayment {
        let path = |field: &str| format!("payments.{at}.{field}");
        SalePayment {
            method_id: payment.method_id,
            amount_minor: self.money(path("amount"), &payment.amount),
            tendered_minor: payment.tendered.as_deref().map(|tendered| self.money(path("tendered"), tendered)),
            bank: self.words(&path("bank"), payment.bank.as_deref(), NAME_CHARS_MAX),
            reference: self.words(&path("reference"), payment.reference.as_deref(), NAME_CHARS_MAX),
        }
    }

    fn expected(&mut self, expected: &ExpectedContent) -> Expected {
        let rounding = expected.cash_rounding.as_deref().map(|rounding| {
            let (sign, digits) = rounding.strip_prefix('-').map_or((1, rounding), |digits| (-1, digits));
            sign * self.money("expected.cash_rounding".to_owned(), digits)
        });
        Expected {
            total_minor: self.money("expected.total".to_owned(), &expected.total),
            cash_rounding_minor: rounding,
            change_minor: expected.change.as_deref().map(|change| self.money("expected.change".to_owned(), change)),
        }
    }
}
