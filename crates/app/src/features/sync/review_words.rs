//! A delivered item in words: what was sold, and what is odd about it.
//!
//! Owns no statement: names that the item does not carry are handed in. What cannot be
//! read as a figure is shown as it was written; it is somebody's to judge.

use crate::{
    features::{
        sales::wire::{DiscountContent, SaleContent},
        sync::{
            item::Known,
            oddity::{DeliveryOddity, Oddity},
        },
    },
    texts::sync::Texts,
};
use domain::{decimal, sale::Difference};
use std::collections::BTreeMap;
use uuid::Uuid;
use web::PageContext;

/// What the words are made of.
pub struct Names<'a> {
    /// The page, for figures.
    pub page: &'a PageContext,
    /// The texts.
    pub t: Texts,
    /// The shop's people, also those who left.
    pub people: BTreeMap<Uuid, String>,
    /// Its payment methods.
    pub methods: BTreeMap<Uuid, String>,
    /// The customers that items name.
    pub customers: BTreeMap<Uuid, String>,
}

impl<'a> Names<'a> {
    /// Without any name yet.
    pub fn new(page: &'a PageContext, t: Texts) -> Self {
        Names { page, t, people: BTreeMap::new(), methods: BTreeMap::new(), customers: BTreeMap::new() }
    }

    fn money(&self, text: &str) -> String {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let sign = if digits.len() == text.len() { 1 } else { -1 };
        match decimal::parse(digits, self.page.format.currency.decimals) {
            Ok(minor) => self.page.format.money(sign * minor),
            Err(_) => text.to_owned(),
        }
    }

    fn minor(&self, minor: i64) -> String {
        self.page.format.money(minor)
    }

    fn quantity(&self, text: &str) -> String {
        decimal::parse(text, 3).map_or_else(|_| text.to_owned(), |milli| self.page.format.quantity(milli))
    }
}

/// A delivered sale, as its paper says.
pub struct SaleView {
    /// Its lines.
    pub lines: Vec<LineView>,
    /// Its total.
    pub total: String,
}

/// A line of a delivered sale.
pub struct LineView {
    /// What was sold.
    pub name: String,
    /// How much, and in packs of how many.
    pub quantity: String,
    /// The price of one.
    pub price: String,
    /// What was taken off, if something was.
    pub discount: String,
}

/// A sale's lines and total.
pub fn sale_view(names: &Names<'_>, sale: &SaleContent) -> SaleView {
    let t = names.t;
    let lines = sale.lines.iter().enumerate().map(|(at, line)| {
        let quantity = names.quantity(&line.quantity);
        let pack = line.pack.as_deref().map(|pack| names.quantity(pack)).filter(|pack| pack != "1");
        LineView {
            name: line.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| t.list_line(at + 1)),
            quantity: pack.map_or(quantity.clone(), |pack| t.list_packs(&quantity, &pack)),
            price: line.unit_price.as_deref().map(|price| names.money(price)).unwrap_or_default(),
            discount: line.discount.as_ref().map(|off| discount(names, off)).unwrap_or_default(),
        }
    });
    let total = sale.expected.as_ref().map(|shown| names.money(&shown.total)).unwrap_or_default();
    SaleView { lines: lines.collect(), total }
}

fn discount(names: &Names<'_>, off: &DiscountContent) -> String {
    match (&off.percent, &off.amount) {
        (Some(percent), _) => format!("−{percent} %"),
        (None, Some(amount)) => format!("−{}", names.money(amount)),
        (None, None) => String::new(),
    }
}

/// What else an item says, by name.
pub fn facts_of(names: &Names<'_>, content: &Known) -> Vec<(&'static str, String)> {
    let t = names.t;
    let filled = |facts: Vec<(&'static str, String)>| facts.into_iter().filter(|(_, fact)| !fact.is_empty()).collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match content {
        Known::Sale(sale) => sale_facts(names, sale),
        Known::Open(open) => vec![(t.fact_opening(), names.money(&open.opening))],
        Known::Close(close) => vec![(t.fact_counted(), names.money(&close.counted))],
        Known::Cash(cash) => {
            filled(vec![(t.fact_amount(), names.money(&cash.amount)), (t.fact_reason(), cash.reason.clone())])
        }
        Known::Customer(customer) => filled(vec![
            (t.fact_name(), customer.name.clone()),
            (t.fact_phone(), text(&customer.phone)),
            (t.fact_document(), text(&customer.document)),
        ]),
        Known::Product(product) => filled(vec![
            (t.fact_name(), product.name.clone()),
            (t.fact_code(), text(&product.code)),
            (t.fact_price(), names.money(&product.price)),
        ]),
    }
}

fn sale_facts(names: &Names<'_>, sale: &SaleContent) -> Vec<(&'static str, String)> {
    let t = names.t;
    let mut facts = Vec::new();
    if let (Some(prefix), Some(number)) = (&sale.prefix, sale.number) {
        facts.push((t.fact_number(), format!("{prefix}{number}")));
    }
    let customer = sale.customer.as_ref().and_then(|customer| {
        let known = customer.id.and_then(|id| names.customers.get(&id.0).cloned());
        known.or_else(|| customer.name.clone()).or_else(|| customer.id.map(|_| t.fact_customer_unknown().to_owned()))
    });
    facts.push((t.fact_customer(), customer.unwrap_or_else(|| t.fact_customer_none().to_owned())));
    if let Some(off) = &sale.discount {
        facts.push((t.fact_discount(), discount(names, off)));
    }
    for paid in &sale.payments {
        let method =
            names.methods.get(&paid.method_id.0).cloned().unwrap_or_else(|| t.fact_method_unknown().to_owned());
        let said = [paid.bank.as_deref(), paid.reference.as_deref()];
        let said: Vec<&str> = said.into_iter().flatten().filter(|said| !said.is_empty()).collect();
        let beside = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
        facts.push((t.fact_paid(), format!("{} · {method}{beside}", names.money(&paid.amount))));
    }
    if let Some(note) = sale.note.as_ref().filter(|note| !note.is_empty()) {
        facts.push((t.fact_note(), note.clone()));
    }
    facts
}

/// One oddity as a sentence.
pub fn sentence(names: &Names<'_>, oddity: &Oddity, sale: Option<&SaleView>) -> String {
    let line = |at: usize| match sale.and_then(|sale| sale.lines.get(at)) {
        Some(line) => line.name.clone(),
        None => names.t.list_line(at + 1),
    };
    match oddity {
        Oddity::Sale(difference) => of_sale(names, difference, line),
        Oddity::Delivery(delivery) => of_delivery(names.t, delivery),
    }
}

fn of_sale(names: &Names<'_>, difference: &Difference, line: impl Fn(usize) -> String) -> String {
    let t = names.t;
    match difference {
        Difference::StockShort { line: at, on_hand_milli } => {
            t.odd_stock_short(line(*at), names.page.format.quantity(*on_hand_milli))
        }
        Difference::Price { line: at, shop_minor } => t.odd_price(line(*at), names.minor(*shop_minor)),
        Difference::Discount { line: at } => t.odd_discount(line(*at)),
        Difference::Inactive { line: at } => t.odd_inactive(line(*at)),
        Difference::NotDivisible { line: at } => t.odd_not_divisible(line(*at)),
        Difference::UnknownCustomer => t.odd_unknown_customer().to_owned(),
        Difference::TaxesInPrices => t.odd_taxes_in_prices().to_owned(),
        Difference::Total { shown_minor } => t.odd_total(names.minor(*shown_minor)),
        Difference::Paid { due_minor, paid_minor } => t.odd_paid(names.minor(*due_minor), names.minor(*paid_minor)),
        Difference::Method { .. } => t.odd_method().to_owned(),
        Difference::PaymentIncomplete { .. } => t.odd_payment_incomplete().to_owned(),
        Difference::Tendered { .. } => t.odd_tendered().to_owned(),
        Difference::Change { shown_minor } => t.odd_change(names.minor(*shown_minor)),
        Difference::CashRounding { shown_minor } => t.odd_cash_rounding(names.minor(*shown_minor)),
    }
}

fn of_delivery(t: Texts, oddity: &DeliveryOddity) -> String {
    match oddity {
        DeliveryOddity::PersonLeft => t.odd_person_left().to_owned(),
        DeliveryOddity::PersonUnknown => t.odd_person_unknown().to_owned(),
        DeliveryOddity::OtherId => t.odd_other_id().to_owned(),
        DeliveryOddity::Number { printed } => t.odd_number(printed),
        DeliveryOddity::SessionLeft => t.odd_session_left().to_owned(),
        DeliveryOddity::SessionLate => t.odd_session_late().to_owned(),
        DeliveryOddity::Shortened { .. } => t.odd_shortened().to_owned(),
        DeliveryOddity::CodeTaken { code, owner } => t.odd_code_taken(code, owner),
    }
}
