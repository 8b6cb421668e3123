//! Writing the planned days with the functions that the screens call.
//!
//! A day is a few transactions: goods and drawer, sales, each return, the count.
//! Numbers are taken beforehand, because a transaction that writes several sales
//! may not come back to the register.

use super::{
    besides,
    chance::Chance,
    goods::{GOODS, Good, Iva},
    plan::{Day, Pay, PlannedLine, PlannedReturn, PlannedSale},
    shop::{self, DemoShop},
};
use crate::features::{
    cash::sessions::{self, CashError, CloseSession, OpenSession},
    expenses::record as expenses,
    other_income::record as other_income,
    sales::{
        complete_sale::{CompleteSale, CompleteSaleError, Place, complete_sale},
        take_back_sale::{TakeBackSale, TakeBackSaleError, take_back_sale},
        wire::{self, CustomerContent, DiscountContent, LineContent, PaymentContent, SaleContent},
    },
    settings::registers,
    stock::{
        adjust::{Adjustment, Wanted},
        ledger::MovementKind,
    },
};
use db::{Db, DbError, ShopTx};
use domain::{
    cash::{CashRounding, round_cash},
    decimal,
    ids::{RefundId, SaleId, SessionId},
    quote::{self, Cart, CartLine, Discount, Tax},
    sale::Occasion,
    take_back::{ReturnedLine, TakeBack},
};
use sha2::{Digest, Sha256};
use std::fmt;

/// Pesos with which the drawer is opened.
const OPENING: i64 = 100_000;
/// Decimals of the peso.
const EXPONENT: u32 = 2;

/// Why the history could not be written.
#[derive(Debug)]
pub enum HistoryError {
    /// A rule of the shop refused what was planned.
    Refused(String),
    /// The database failed.
    Db(DbError),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryError::Refused(why) => write!(out, "the demonstration's own sale was refused: {why}"),
            HistoryError::Db(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for HistoryError {}

impl From<DbError> for HistoryError {
    fn from(error: DbError) -> Self {
        HistoryError::Db(error)
    }
}

impl From<CompleteSaleError> for HistoryError {
    fn from(error: CompleteSaleError) -> Self {
        match error {
            CompleteSaleError::Db(error) => HistoryError::Db(error),
            other => HistoryError::Refused(format!("{other:?}")),
        }
    }
}

impl From<TakeBackSaleError> for HistoryError {
    fn from(error: TakeBackSaleError) -> Self {
        match error {
            TakeBackSaleError::Db(error) => HistoryError::Db(error),
            other => HistoryError::Refused(format!("{other:?}")),
        }
    }
}

impl From<expenses::RecordError> for HistoryError {
    fn from(error: expenses::RecordError) -> Self {
        match error {
            expenses::RecordError::Db(error) => HistoryError::Db(error),
            other => HistoryError::Refused(format!("{other:?}")),
        }
    }
}

impl From<other_income::RecordError> for HistoryError {
    fn from(error: other_income::RecordError) -> Self {
        match error {
            other_income::RecordError::Db(error) => HistoryError::Db(error),
            other => HistoryError::Refused(format!("{other:?}")),
        }
    }
}

impl From<CashError> for HistoryError {
    fn from(error: CashError) -> Self {
        match error {
            CashError::Db(error) => HistoryError::Db(error),
            other => HistoryError::Refused(format!("{other:?}")),
        }
    }
}

/// Takes the numbers of so many sales from the till's register.
///
/// # Errors
/// Whatever the database says.
pub async fn take_numbers(db: &Db, shop: &DemoShop, many: i64) -> Result<i64, HistoryError> {
    let (admin, till) = (shop.admin, shop.till);
    let taken = db
        .shop_write(&admin, "number demonstration", async move |tx: &mut ShopTx| -> Result<_, DbError> {
            registers::take_numbers(tx, till, many).await
        })
        .await?;
    let taken = taken.ok_or_else(|| HistoryError::Refused("the shop has no till".to_owned()))?;
    Ok(taken.number)
}

/// Writes a day, whose first sale has this number.
///
/// # Errors
/// Whatever the database says; a plan that the shop's rules refuse.
pub async fn write_day(
    db: &Db,
    shop: &DemoShop,
    chance: &mut Chance,
    day: &Day,
    first_number: i64,
) -> Result<(), HistoryError> {
    receive(db, shop, chance, day).await?;
    let session = SessionId(chance.id(day.opens_us));
    open(db, shop, session, day.opens_us).await?;
    let commands: Vec<CompleteSale> = (first_number..)
        .zip(&day.sales)
        .map(|(number, sale)| command(shop, session, SaleId(chance.id(sale.at_us)), number, sale))
        .collect();
    let sold: Vec<SaleId> = commands.iter().map(|command| command.id).collect();
    sell(db, shop, commands).await?;
    for back in &day.returns {
        take_back(db, shop, session, chance, sold[back.sale], &day.sales[back.sale], back).await?;
    }
    besides::write_day(db, shop, chance, day, session, &sold).await?;
    match day.closes_us {
        Some(closes_us) => close(db, shop, session, closes_us, day.surplus).await,
        None => Ok(()),
    }
}

async fn receive(db: &Db, shop: &DemoShop, chance: &mut Chance, day: &Day) -> Result<(), HistoryError> {
    let adjustments: Vec<Adjustment> = day
        .deliveries
        .iter()
        .map(|delivery| Adjustment {
            id: chance.id(day.delivers_us),
            actor: shop.admin,
            location: shop.location,
            register: shop.office,
            product: shop.products[delivery.good],
            wanted: Wanted::Change {
                quantity_milli: delivery.quantity_milli,
                unit_cost_minor: Some(delivery.unit_cost * 100),
            },
            kind: MovementKind::Purchase,
            reason: "Llegó el pedido".to_owned(),
            now_us: day.delivers_us,
        })
        .collect();
    Ok(shop::receive(db, shop.admin, adjustments).await?)
}

async fn open(db: &Db, shop: &DemoShop, id: SessionId, at: i64) -> Result<(), HistoryError> {
    let drawer = OpenSession { id, register: shop.till, person: shop.seller.user, opening_minor: OPENING * 100, at };
    db.shop_write(&shop.seller, "open drawer", async move |tx: &mut ShopTx| sessions::open(tx, drawer).await).await?;
    Ok(())
}

async fn sell(db: &Db, shop: &DemoShop, commands: Vec<CompleteSale>) -> Result<(), HistoryError> {
    db.shop_write(&shop.seller, "sell", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
        for command in &commands {
            complete_sale(tx, command).await?;
        }
        Ok(())
    })
    .await
}

fn command(shop: &DemoShop, session: SessionId, id: SaleId, number: i64, planned: &PlannedSale) -> CompleteSale {
    CompleteSale {
        id,
        actor: if planned.by_admin { shop.admin } else { shop.seller },
        sale: wire::read(&content(shop, planned), EXPONENT).expect("a planned sale is well formed"),
        place: Place::Till { register: shop.till, device: shop.device, session, number },
        occasion: Occasion::Asking,
        catalog_version: None,
        sold_at: planned.at_us,
        now_us: planned.at_us,
    }
}

fn content(shop: &DemoShop, planned: &PlannedSale) -> SaleContent {
    let total_minor = total_minor(planned);
    let amount = decimal::format(total_minor, EXPONENT);
    let [cash, transfer, card] = shop.methods;
    let payment = PaymentContent { method_id: cash, amount, tendered: None, bank: None, reference: None };
    let payment = match planned.pay {
        // Cash has no coin below the peso that the shop shows.
        Pay::Cash => {
            let due_minor = round_cash(total_minor, 100, CashRounding::HalfUp);
            let money = |minor: i64| decimal::format(minor, EXPONENT);
            PaymentContent { amount: money(due_minor), tendered: Some(money(handed_minor(due_minor))), ..payment }
        }
        Pay::Transfer(bank) => PaymentContent { method_id: transfer, bank: Some(bank.to_owned()), ..payment },
        Pay::Card => PaymentContent { method_id: card, ..payment },
    };
    let customer = planned
        .customer
        .map(|drawn| CustomerContent { id: Some(shop.customers[drawn % shop.customers.len()]), name: None });
    SaleContent {
        lines: planned.lines.iter().map(|line| line_content(shop, line)).collect(),
        payments: vec![payment],
        customer,
        ..SaleContent::default()
    }
}

fn line_content(shop: &DemoShop, line: &PlannedLine) -> LineContent {
    LineContent {
        product_id: shop.products[line.good],
        name: None,
        quantity: decimal::format_shortest(line.packs_milli, 3),
        pack: (line.pack_units != 1).then(|| line.pack_units.to_string()),
        unit_price: None,
        taxes: None,
        discount: (line.percent_off != 0)
            .then(|| DiscountContent { percent: Some(line.percent_off.to_string()), amount: None }),
        note: None,
    }
}

/// What the sale comes to, by the engine that the till uses.
fn total_minor(planned: &PlannedSale) -> i64 {
    let lines = planned.lines.iter().map(|line| {
        let good = &GOODS[line.good];
        let price = if line.pack_units == 1 { good.price } else { good.case_price(line.pack_units) };
        CartLine {
            quantity_milli: line.packs_milli,
            unit_price_minor: price * 100,
            taxes: taxes(good),
            discount: (line.percent_off != 0).then_some(Discount::Percent { percent_e6: line.percent_off * 1_000_000 }),
        }
    });
    let cart = Cart {
        exponent: i64::from(EXPONENT),
        prices_include_tax: true,
        cash_step_minor: 0,
        lines: lines.collect(),
        discount: None,
    };
    quote::quote(&cart).expect("a planned sale has a price").total_minor
}

fn taxes(good: &Good) -> Vec<Tax> {
    let rate_ppm = match good.iva {
        Iva::General => 190_000,
        Iva::Reduced => 50_000,
        Iva::Exempt => 0,
        Iva::Excluded => return Vec::new(),
    };
    vec![Tax { code: "IVA".to_owned(), rate_ppm }]
}

/// The note that somebody hands over: the smallest one that is enough, or whole
/// notes of fifty thousand.
fn handed_minor(total_minor: i64) -> i64 {
    const NOTES_MINOR: [i64; 5] = [200_000, 500_000, 1_000_000, 2_000_000, 5_000_000];
    let note = NOTES_MINOR.into_iter().find(|note| *note >= total_minor);
    note.unwrap_or_else(|| (total_minor + 4_999_999) / 5_000_000 * 5_000_000)
}

async fn take_back(
    db: &Db,
    shop: &DemoShop,
    session: SessionId,
    chance: &mut Chance,
    sale: SaleId,
    sold: &PlannedSale,
    back: &PlannedReturn,
) -> Result<(), HistoryError> {
    let first = ReturnedLine { position: 0, quantity_milli: sold.lines[0].packs_milli, restock: true };
    let id = RefundId(chance.id(back.at_us));
    let command = TakeBackSale {
        id,
        actor: shop.admin,
        sale,
        what: if back.void { TakeBack::Void } else { TakeBack::Lines(vec![first]) },
        reason: back.reason.to_owned(),
        session: Some(session),
        content_hash: Sha256::digest(id.0.as_bytes()).into(),
        now_us: back.at_us,
    };
    db.shop_write(&shop.admin, "take back", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
        take_back_sale(tx, &command).await?;
        Ok(())
    })
    .await
}

async fn close(db: &Db, shop: &DemoShop, id: SessionId, at: i64, surplus: i64) -> Result<(), HistoryError> {
    let person = shop.seller.user;
    db.shop_write(&shop.seller, "close drawer", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
        let counted_minor = (sessions::expected(tx, id).await? + surplus * 100).max(0);
        sessions::close(tx, CloseSession { id, person, counted_minor, at }).await?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        features::demo::{plan, shop::Secrets},
        testkit::{on_both, shop::NOON_US},
    };

    #[test]
    fn people_hand_over_the_smallest_note_that_is_enough() {
        for (total_minor, handed) in [(1, 200_000), (200_000, 200_000), (200_001, 500_000), (5_000_001, 10_000_000)] {
            assert_eq!(handed_minor(total_minor), handed, "{total_minor}");
        }
    }

    #[tokio::test]
    async fn the_shop_accepts_every_day_of_the_plan_until_the_first_goods_came_back() {
        on_both(async |db| {
            let plan = plan::plan(NOON_US);
            let secrets = Secrets { admin_hash: "x".to_owned(), seller_hash: "x".to_owned(), device_key: vec![2; 33] };
            let mut chance = Chance::new(1);
            let shop = shop::create(&db, secrets, &mut chance, plan.begins_us).await.expect("the database is empty");
            let until = plan.days.iter().position(|day| !day.returns.is_empty()).expect("something comes back");
            let many: usize = plan.days[..=until].iter().map(|day| day.sales.len()).sum();
            let many = i64::try_from(many).expect("few");
            let mut number = take_numbers(&db, &shop, many).await.expect("the shop has a till");
            for day in &plan.days[..=until] {
                write_day(&db, &shop, &mut chance, day, number).await.expect("the plan keeps the rules");
                number += i64::try_from(day.sales.len()).expect("few");
            }
            assert_eq!(take_numbers(&db, &shop, 1).await.expect("the shop has a till"), many + 1);
        })
        .await;
    }
}
