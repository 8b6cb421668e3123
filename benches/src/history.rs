//! Three years of sales, decided by the domain and written table by table.

use crate::{
    fill::{CUSTOMERS, SELLERS, owner},
    world::{self, Chance, Kind, Shop},
};
use app::features::{
    sales::{
        history,
        store::{Origin, SaleHead},
    },
    settings::{registers, shop as profiles, shop::ShopProfile},
    stock::ledger::StockItem,
};
use db::{Db, DbError, ShopTx};
use domain::{
    cost::StockState,
    ids::{CustomerId, ProductId, SaleId},
    permission::{self, Role},
    quote::Tax,
    sale::{
        self, CompletedSale, MethodFacts, MethodKind, Occasion, ProductFacts, SaleCommand, SaleFacts, SaleLine,
        SalePayment, SaleRefused, StockPolicy,
    },
};
use std::collections::BTreeMap;

/// Sales written in one transaction.
const AT_ONCE: usize = 2_000;
const HOUR_US: i64 = 3_600_000_000;

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub shop: Shop,
    pub products: u32,
    pub lines: u32,
    pub begins_us: i64,
    pub ends_us: i64,
}

/// A sale that is known apart from what the rules make of it.
struct Planned {
    lines: Vec<(u32, i64)>,
    sold_at: i64,
    seller: u32,
    customer: Option<CustomerId>,
}

/// Writes the history of a shop and answers how many sales it has.
///
/// # Errors
/// A sentence of what failed.
pub async fn write(
    db: &Db,
    plan: &Plan,
    mut items: BTreeMap<ProductId, StockItem>,
    chance: &mut Chance,
) -> Result<usize, String> {
    let failed = |error: DbError| format!("the history of shop {} cannot be written: {error}", plan.shop.0);
    let planned = planned(plan, chance);
    let many = i64::try_from(planned.len()).expect("few enough");
    let (shop, register) = (plan.shop, plan.shop.office());
    let actor = owner(shop);
    let begun = db.shop_write(&actor, "number history", async move |tx: &mut ShopTx| -> Result<_, DbError> {
        Ok((profiles::load_profile(tx).await?, registers::take_numbers(tx, register, many).await?))
    });
    let (profile, taken) = begun.await.map_err(failed)?;
    let taken = taken.ok_or("the shop has no office")?;
    let mut number = taken.number;
    for some in planned.chunks(AT_ONCE) {
        let mut states: BTreeMap<ProductId, StockState> = BTreeMap::new();
        let mut sales = Vec::with_capacity(some.len());
        for one in some {
            sales.push(decide(plan, &profile, &taken.prefix, number, one, &items, &mut states)?);
            number += 1;
        }
        let touched: BTreeMap<ProductId, StockItem> = states.keys().map(|id| (*id, items[id].clone())).collect();
        let moved = db.shop_write(&actor, "write history", async move |tx: &mut ShopTx| -> Result<_, DbError> {
            let mut touched = touched.clone();
            history::record_moving_sales(tx, (register, shop.location()), &sales, &mut touched).await?;
            Ok(touched)
        });
        items.extend(moved.await.map_err(failed)?);
    }
    Ok(planned.len())
}

/// Sales of one to five lines, spread evenly over the days, from eight to eight.
fn planned(plan: &Plan, chance: &mut Chance) -> Vec<Planned> {
    let mut carts: Vec<Vec<(u32, i64)>> = Vec::new();
    let mut left = plan.lines;
    while left > 0 {
        let many = (1 + chance.below(5)).min(left);
        left -= many;
        let line = |_| (chance.popular(plan.products), i64::from(1 + chance.below(3)) * 1_000);
        carts.push((0..many).map(line).collect());
    }
    let days = (plan.ends_us - plan.begins_us) / (24 * HOUR_US);
    let many = i64::try_from(carts.len()).expect("few enough");
    let sold = |(at, lines): (i64, Vec<(u32, i64)>)| {
        let day = at * days / many;
        let within = (at * days % many) * 12 * HOUR_US / many;
        // Midnight in Bogotá is five in the morning of UTC, without summer time.
        let midnight_us = (plan.begins_us / (24 * HOUR_US) + day) * 24 * HOUR_US + 5 * HOUR_US;
        Planned {
            lines,
            sold_at: midnight_us + 8 * HOUR_US + within,
            seller: u32::try_from(at).expect("few enough") % (SELLERS + 1),
            customer: (at % 10 == 0)
                .then(|| CustomerId(world::id(Kind::Customer, plan.shop.0, u64::from(chance.below(CUSTOMERS))))),
        }
    };
    (0_i64..).zip(carts).map(sold).collect()
}

fn decide(
    plan: &Plan,
    profile: &ShopProfile,
    prefix: &str,
    number: i64,
    planned: &Planned,
    items: &BTreeMap<ProductId, StockItem>,
    states: &mut BTreeMap<ProductId, StockState>,
) -> Result<(SaleHead, CompletedSale), String> {
    let shop = plan.shop;
    let mut products = BTreeMap::new();
    for (product, _) in &planned.lines {
        let id = shop.product(*product);
        let state = states.get(&id).copied().unwrap_or_else(|| items[&id].state);
        products.insert(id, facts(*product, state));
    }
    let facts = SaleFacts {
        rules: profile.rules(),
        rights: permission::rights(Role::Seller),
        products,
        methods: BTreeMap::from([(
            shop.card(),
            MethodFacts { kind: MethodKind::Card, needs_bank: false, needs_reference: false, active: true },
        )]),
        customer: planned.customer,
        // The history is paid by card, which needs no drawer.
        drawer_open: false,
    };
    let sale = paid_whole(&facts, &command(shop, planned))?;
    states.extend(&sale.stock_after);
    let head = SaleHead {
        shop: shop.id(),
        id: SaleId(world::id(Kind::Document, shop.0, u64::try_from(number).expect("numbers begin at 1"))),
        origin: Origin::Form,
        register: shop.office(),
        location: shop.location(),
        device: None,
        prefix: prefix.to_owned(),
        number,
        seller: shop.person(planned.seller),
        customer: planned.customer,
        customer_name: String::new(),
        prices_include_tax: profile.prices_include_tax,
        note: String::new(),
        offline: false,
        catalog_version: None,
        sold_at: planned.sold_at,
        recorded_at: planned.sold_at,
        business: profile.moment(planned.sold_at),
    };
    Ok((head, sale))
}

fn facts(product: u32, state: StockState) -> ProductFacts {
    ProductFacts {
        name: world::name(product),
        price_minor: world::price_minor(product),
        pack_prices: BTreeMap::new(),
        taxes: world::rate_ppm(product).map(|rate_ppm| Tax { code: "IVA".to_owned(), rate_ppm }).into_iter().collect(),
        fractions: false,
        active: true,
        purchase_price_minor: None,
        stock: Some((state, StockPolicy::Block)),
    }
}

fn command(shop: Shop, planned: &Planned) -> SaleCommand {
    let line = |(product, quantity_milli): &(u32, i64)| SaleLine {
        product_id: shop.product(*product),
        quantity_milli: *quantity_milli,
        pack_milli: 1_000,
        unit_price_minor: None,
        taxes: None,
        discount: None,
        note: String::new(),
    };
    let payment = SalePayment {
        method_id: shop.card(),
        amount_minor: 0,
        tendered_minor: None,
        bank: String::new(),
        reference: String::new(),
    };
    SaleCommand {
        lines: planned.lines.iter().map(line).collect(),
        discount: None,
        payments: vec![payment],
        customer: planned.customer,
        expected: None,
    }
}

/// The rules say what is due, and the card pays it.
fn paid_whole(facts: &SaleFacts, command: &SaleCommand) -> Result<CompletedSale, String> {
    let mut command = command.clone();
    if let Err(SaleRefused::PaymentsDiffer { due_minor, .. }) = sale::decide(facts, &command, Occasion::Asking) {
        command.payments[0].amount_minor = due_minor;
    }
    sale::decide(facts, &command, Occasion::Asking).map_err(|refused| format!("the history is refused: {refused:?}"))
}
