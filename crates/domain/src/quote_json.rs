//! Carts as JSON lines, answers as JSON lines: `inventario quote`.
//!
//! Owns: what a cart looks like in JSON, and the exact form of the answer; the till's
//! `quote_json.ts` is the same reader in the other language.
//! Must not know: the rules of pricing, which are `quote`'s.
//!
//! What is not a cart, and is answered with `invalid_cart`: anything but one JSON object;
//! a member nobody knows (a misspelt discount must not be a full price) or one written
//! twice; a missing `exponent`, `prices_include_tax`, `cash_step`, `lines`, `quantity`,
//! `unit_price`, `code` or `rate`; a value of another JSON type than the fixtures', such as
//! a number where a decimal's text belongs. `taxes` may be absent, `discount` absent or
//! null. What is a cart but wrong in its decimals is answered with the engine's codes.

use serde::Serialize;

use crate::decimal::{self, DecimalError};
use crate::quote::{
    Discount, EXPONENT_MAX, Place, Quote, QuoteError, QuoteErrorCode, ReadCart, ReadLine, Tax, quote_read,
};
use crate::strict_json::{Json, Object};

const QUANTITY_DECIMALS: u32 = 3;
const RATE_DECIMALS: u32 = 4;
const PERCENT_DECIMALS: u32 = 6;

/// Answers one line of input with one line of output, without line breaks.
#[must_use]
pub fn answer_line(line: &str) -> String {
    let answer = match read_cart(line) {
        Some(cart) => quote_read(cart),
        None => Err(QuoteError { code: QuoteErrorCode::InvalidCart, place: Place::Text }),
    };
    match answer {
        Ok(quote) => write(&QuoteAnswer::from(&quote)),
        Err(error) => write(&ErrorAnswer { error: error.code.code(), r#where: error.place.to_string() }),
    }
}

/// The same for bytes as they come from a file or a pipe: what is not UTF-8 is not a cart.
#[must_use]
pub fn answer_bytes(line: &[u8]) -> String {
    answer_line(std::str::from_utf8(line).unwrap_or(""))
}

fn write(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).expect("structs of texts and integers always serialize")
}

fn read_cart(text: &str) -> Option<ReadCart> {
    let mut cart = Json::read(text)?.object()?;
    if let Some(name) = cart.take("name") {
        name.text()?;
    }
    let exponent = cart.take("exponent")?.integer()?;
    // Prices are read by the exponent, so it is checked before any of them.
    let decimals = u32::try_from(exponent).ok().filter(|_| exponent <= EXPONENT_MAX)?;
    let read = ReadCart {
        exponent,
        prices_include_tax: cart.take("prices_include_tax")?.bool()?,
        cash_step_minor: cart.take("cash_step")?.integer()?,
        lines: cart.take("lines")?.list()?.into_iter().map(|line| read_line(line, decimals)).collect::<Option<_>>()?,
        discount: read_discount(cart.take("discount"), decimals)?,
    };
    cart.end()?;
    Some(read)
}

fn read_line(line: Json, decimals: u32) -> Option<ReadLine> {
    let mut line = line.object()?;
    let quantity = line.take("quantity")?.text()?;
    let unit_price = line.take("unit_price")?.text()?;
    let taxes = match line.take("taxes") {
        None => Vec::new(),
        Some(taxes) => taxes.list()?.into_iter().map(read_tax).collect::<Option<_>>()?,
    };
    let discount = read_discount(line.take("discount"), decimals)?;
    line.end()?;
    Some(ReadLine {
        quantity_milli: decimal::parse(&quantity, QUANTITY_DECIMALS).map_err(|_| QuoteErrorCode::InvalidQuantity),
        unit_price_minor: decimal::parse(&unit_price, decimals).map_err(|_| QuoteErrorCode::InvalidPrice),
        taxes: taxes.into_iter().collect(),
        discount,
    })
}

fn read_tax(tax: Json) -> Option<Result<Tax, QuoteErrorCode>> {
    let mut tax = tax.object()?;
    let code = tax.take("code")?.text()?;
    let rate = tax.take("rate")?.text()?;
    tax.end()?;
    let rate_ppm = decimal::parse(&rate, RATE_DECIMALS).map_err(|_| QuoteErrorCode::InvalidRate);
    Some(rate_ppm.map(|rate_ppm| Tax { code, rate_ppm }))
}

/// The outer `Option` says whether it is a cart at all, the inner result whether the
/// discount is one.
fn read_discount(discount: Option<Json>, decimals: u32) -> Option<Result<Option<Discount>, QuoteErrorCode>> {
    let Object(members) = match discount {
        None | Some(Json::Null) => return Some(Ok(None)),
        Some(json) => json.object()?,
    };
    let mut texts = Vec::with_capacity(members.len());
    for (name, value) in members {
        texts.push((name, value.text()?));
    }
    let [(name, text)] = texts.as_slice() else {
        return Some(Err(QuoteErrorCode::InvalidDiscount));
    };
    Some(match name.as_str() {
        "percent" => decimal::parse(text, PERCENT_DECIMALS)
            .map(|percent_e6| Some(Discount::Percent { percent_e6 }))
            .map_err(|_| QuoteErrorCode::InvalidPercent),
        "amount" => decimal::parse(text, decimals).map(|amount_minor| Some(Discount::Amount { amount_minor })).map_err(
            |error| match error {
                // It is an amount, only more than any cart's.
                DecimalError::TooLarge => QuoteErrorCode::DiscountExceedsAmount,
                _ => QuoteErrorCode::InvalidAmount,
            },
        ),
        _ => Err(QuoteErrorCode::InvalidDiscount),
    })
}

#[derive(Serialize)]
struct ErrorAnswer {
    error: &'static str,
    r#where: String,
}

#[derive(Serialize)]
struct QuoteAnswer<'a> {
    lines: Vec<LineAnswer>,
    taxes: Vec<TaxAnswer<'a>>,
    gross: i64,
    discount: i64,
    base: i64,
    tax: i64,
    total: i64,
    cash_total: i64,
}

#[derive(Serialize)]
struct LineAnswer {
    unit_final: i64,
    gross: i64,
    discount: i64,
    total: i64,
    base: i64,
    tax: i64,
}

#[derive(Serialize)]
struct TaxAnswer<'a> {
    code: &'a str,
    rate: String,
    base: i64,
    amount: i64,
}

impl<'a> From<&'a Quote> for QuoteAnswer<'a> {
    fn from(quote: &'a Quote) -> Self {
        let line = |line: &crate::quote::QuotedLine| LineAnswer {
            unit_final: line.unit_final_minor,
            gross: line.gross_minor,
            discount: line.discount_minor,
            total: line.total_minor,
            base: line.base_minor,
            tax: line.tax_minor,
        };
        let tax = |tax: &'a crate::quote::QuotedTax| TaxAnswer {
            code: &tax.code,
            rate: decimal::format_shortest(tax.rate_ppm, RATE_DECIMALS),
            base: tax.base_minor,
            amount: tax.amount_minor,
        };
        Self {
            lines: quote.lines.iter().map(line).collect(),
            taxes: quote.taxes.iter().map(tax).collect(),
            gross: quote.gross_minor,
            discount: quote.discount_minor,
            base: quote.base_minor,
            tax: quote.tax_minor,
            total: quote.total_minor,
            cash_total: quote.cash_total_minor,
        }
    }
}
