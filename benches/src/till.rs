//! A till of the large shop: opens its drawer, leases numbers, signs its sales.
//!
//! Sales are signed before the clock runs: a signature costs the till's processor,
//! which in a shop is another machine than the server's.

use crate::{
    client::Wire,
    world::{self, Chance, Kind, Shop},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    cash::{CashRounding, round_cash},
    decimal,
    quote::{self, Cart, CartLine, Tax},
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use std::net::SocketAddr;
use uuid::Uuid;

const SHOP: Shop = Shop(0);
const BATCH: &str = "/api/v1/till/batch";
/// The peso's coins as far as a shop shows them, in minor units.
const CASH_STEP_MINOR: i64 = 100;

/// A till that is open.
pub struct OpenTill {
    till: world::Till,
    key: SigningKey,
    address: SocketAddr,
    session: Uuid,
    /// Numbers that were leased and not given yet.
    numbers: std::collections::VecDeque<i64>,
    next_document: u64,
}

/// Products and how many of each.
pub type Basket = Vec<(u32, i64)>;

impl OpenTill {
    /// Opens the drawer of the nth till.
    ///
    /// # Errors
    /// A sentence of what was answered instead.
    pub async fn open(number: u32, address: SocketAddr) -> Result<OpenTill, String> {
        let till = world::Till(number);
        let base = (u64::from(number) + 1) << 32;
        let mut open = OpenTill {
            till,
            key: till.key(),
            address,
            session: world::id(Kind::Document, 900, base),
            numbers: std::collections::VecDeque::new(),
            next_document: base + 1,
        };
        let content = json!({ "session_id": open.session, "opening": "100000.00" });
        let item = open.item("open_session", content);
        let request = open.batch(&[item]);
        let answer = open.ask(&request).await?;
        if answer["data"]["results"][0]["outcome"] != "accepted" {
            return Err(format!("the drawer of till {number} does not open: {answer}"));
        }
        Ok(open)
    }

    /// The session of its drawer.
    pub fn session(&self) -> Uuid {
        self.session
    }

    async fn ask(&self, request: &[u8]) -> Result<Value, String> {
        let broken = |error: std::io::Error| format!("the connection of a till broke: {error}");
        let mut wire = Wire::connect(self.address).await.map_err(broken)?;
        let answer = wire.ask(request).await.map_err(broken)?;
        serde_json::from_slice(answer.body).map_err(|error| format!("a till hears no JSON: {error}"))
    }

    fn signed(&self, path: &str, body: &str) -> Vec<u8> {
        let (now_us, host, length) = (world::now_us(), self.address, body.len());
        let text = app::features::sync::device::signed_text("POST", path, body.as_bytes(), &now_us.to_string());
        let signature: Signature = self.key.sign(text.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Device {}.{signature}\r\nX-Device-Time: {now_us}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
            self.till.device()
        )
        .into_bytes()
    }

    fn item(&mut self, kind: &str, content: Value) -> Value {
        let id = world::id(Kind::Document, 900, self.next_document);
        self.next_document += 1;
        let person = SHOP.person(1);
        json!({ "id": id, "kind": kind, "at": world::now_us(), "offline": false, "person": person, "content": content })
    }

    fn batch(&self, items: &[Value]) -> Vec<u8> {
        self.signed(BATCH, &json!({ "items": items }).to_string())
    }

    async fn lease(&mut self) -> Result<(), String> {
        let id = world::id(Kind::Document, 901, self.next_document);
        self.next_document += 1;
        let request = self.signed("/api/v1/till/lease", &json!({ "id": id, "above": 0 }).to_string());
        let answer = self.ask(&request).await?;
        let bound = |name: &str| answer["data"][name].as_i64().ok_or_else(|| format!("no numbers: {answer}"));
        let (from, to) = (bound("from")?, bound("to")?);
        self.numbers.extend(from..=to);
        Ok(())
    }

    /// A sale ready to be sent.
    ///
    /// # Errors
    /// A sentence when no numbers are leased.
    pub async fn sale(&mut self, basket: &Basket) -> Result<Vec<u8>, String> {
        self.identified_sale(basket).await.map(|(_, request)| request)
    }

    /// The server is somewhere else now.
    pub fn moved_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// A sale ready to be sent, and its id.
    ///
    /// # Errors
    /// A sentence when no numbers are leased.
    pub async fn identified_sale(&mut self, basket: &Basket) -> Result<(Uuid, Vec<u8>), String> {
        if self.numbers.is_empty() {
            self.lease().await?;
        }
        let number = self.numbers.pop_front().ok_or("a lease without numbers")?;
        let mut content = content(basket);
        content["prefix"] = json!(self.till.prefix());
        content["number"] = json!(number);
        content["session_id"] = json!(self.session);
        let id = world::id(Kind::Document, 900, self.next_document);
        let item = self.item("sale", content);
        Ok((id, self.batch(&[item])))
    }
}

/// A basket paid in cash, as it travels.
pub fn content(basket: &Basket) -> Value {
    let lines = basket.iter().map(|(product, units)| CartLine {
        quantity_milli: units * 1_000,
        unit_price_minor: world::price_minor(*product),
        taxes: taxes(*product),
        discount: None,
    });
    let cart =
        Cart { exponent: 2, prices_include_tax: false, cash_step_minor: 0, lines: lines.collect(), discount: None };
    let total_minor = quote::quote(&cart).expect("a basket has a price").total_minor;
    let due_minor = round_cash(total_minor, CASH_STEP_MINOR, CashRounding::HalfUp);
    let tendered_minor = (due_minor / 5_000_000 + 1) * 5_000_000;
    let rounding_minor = due_minor - total_minor;
    let money = |minor: i64| {
        let minus = if minor < 0 { "-" } else { "" };
        format!("{minus}{}", decimal::format(minor.abs(), 2))
    };
    let lines = basket.iter().map(|(product, units)| {
        let taxes = taxes(*product);
        let taxes =
            taxes.iter().map(|tax| json!({ "code": tax.code, "rate": decimal::format_shortest(tax.rate_ppm, 4) }));
        json!({
            "product_id": SHOP.product(*product),
            "name": world::name(*product),
            "quantity": units.to_string(),
            "pack": "1",
            "unit_price": money(world::price_minor(*product)),
            "taxes": taxes.collect::<Vec<_>>(),
            "discount": null,
            "note": null,
        })
    });
    json!({
        "customer": null,
        "lines": lines.collect::<Vec<_>>(),
        "discount": null,
        "payments": [{
            "method_id": SHOP.cash(),
            "amount": money(due_minor),
            "tendered": money(tendered_minor),
            "bank": null,
            "reference": null,
        }],
        "expected": {
            "total": money(total_minor),
            "cash_rounding": money(rounding_minor),
            "change": money(tendered_minor - due_minor),
        },
        "note": null,
    })
}

fn taxes(product: u32) -> Vec<Tax> {
    let rate_ppm = world::rate_ppm(product);
    rate_ppm.map(|rate_ppm| Tax { code: "IVA".to_owned(), rate_ppm }).into_iter().collect()
}

/// Three products, one or two of each.
pub fn basket(chance: &mut Chance, products: u32) -> Basket {
    let mut basket: Basket = Vec::with_capacity(3);
    while basket.len() < 3 {
        let product = chance.popular(products);
        if basket.iter().all(|(other, _)| *other != product) {
            basket.push((product, i64::from(1 + chance.below(2))));
        }
    }
    basket
}
