//! Writing the world: shops, people, goods, tills, then three years of sales.
//!
//! Through the functions that own the tables, many rows at a time, so that stock
//! chains and totals are true and `inventario verify` says so.

use crate::history;
use crate::world::{self, Chance, Kind, Scale, Shop, TILLS, Till};
use app::{
    actor::Actor,
    features::{
        accounts::people::{self, NewPerson},
        catalog::write::{self as catalog, NewBarcode, ProductFields, Unit},
        customers::write::{self as customers, CustomerFields},
        members,
        settings::{
            create_shop::{self, NewRegister, NewShop, PriceKind},
            registers::RegisterKind,
        },
        stock::ledger::{self, LinePostings, MovementKind, Moving, Stamp, StockItem},
        sync::enrol::{self, NewDevice},
    },
};
use db::{Db, DbError, ShopTx};
use domain::{
    cost::{Inflow, StockState},
    ids::{CategoryId, CustomerId, ProductId},
    permission::Role,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Sellers beside the owner.
pub const SELLERS: u32 = 4;
/// Customers that are known by name.
pub const CUSTOMERS: u32 = 200;
/// Products written at once.
const AT_ONCE: u32 = 2_000;
/// Thousandths on hand at the beginning: enough for every measurement.
const ON_HAND_MILLI: i64 = 1_000_000_000;
/// Three years before the data is made, in µs.
pub const PAST_US: i64 = 3 * 365 * 86_400 * 1_000_000;

/// Fills an empty database; `tell` hears what is done.
///
/// # Errors
/// A sentence of what failed.
pub async fn fill(db: &Db, scale: Scale, password_hash: &str, tell: impl Fn(&str)) -> Result<(), String> {
    let now_us = world::now_us();
    let begins_us = now_us - PAST_US;
    for number in 0..world::SHOPS {
        let (products, lines) = scale.of_shop(number);
        let shop = Shop(number);
        let failed = |error: DbError| format!("shop {number} cannot be written: {error}");
        create(db, shop, password_hash, begins_us).await.map_err(failed)?;
        let mut items = BTreeMap::new();
        for first in (0..products).step_by(AT_ONCE as usize) {
            let some = first..products.min(first + AT_ONCE);
            insert_products(db, shop, some.clone(), begins_us).await.map_err(failed)?;
            items.extend(receive(db, shop, some, begins_us).await.map_err(failed)?);
        }
        tell(&format!("shop {number}: {products} products"));
        let plan = history::Plan { shop, products, lines, begins_us, ends_us: now_us };
        let sales = history::write(db, &plan, items, &mut Chance(u64::from(number) + 1)).await?;
        tell(&format!("shop {number}: {sales} sales with {lines} lines"));
    }
    Ok(())
}

/// Who acts in a shop.
pub fn owner(shop: Shop) -> Actor {
    Actor { shop: shop.id(), user: shop.person(0), role: Role::Admin }
}

async fn create(db: &Db, shop: Shop, password_hash: &str, now_us: i64) -> Result<(), DbError> {
    let new = NewShop {
        id: shop.id(),
        name: format!("Tienda {}", shop.0 + 1),
        ids: shop.parts(),
        prices: PriceKind::BeforeTax,
        now_us,
    };
    let hash = password_hash.to_owned();
    let owner = owner(shop);
    db.shop_write(&owner, "create shop", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        create_shop::insert(tx, &new).await?;
        for number in 0..=SELLERS {
            let person = NewPerson {
                username: shop.username(number),
                first_name: "Persona".to_owned(),
                last_name: number.to_string(),
                password_hash: Some(hash.clone()),
                email_verified: true,
                active: true,
                ..NewPerson::default()
            };
            let role = if number == 0 { Role::Admin } else { Role::Seller };
            people::insert_with_shop(tx, shop.person(number), &person, now_us).await?;
            members::write::insert(tx, shop.person(number), role, None, now_us).await?;
        }
        if shop.0 == 0 {
            add_tills(tx, shop, now_us).await?;
        }
        Ok(())
    })
    .await?;
    db.shop_write(&owner, "write customers", async move |tx: &mut ShopTx| {
        let known = (0..CUSTOMERS).map(|number| {
            let fields = CustomerFields { name: format!("Cliente {number}"), ..CustomerFields::default() };
            (CustomerId(world::id(Kind::Customer, shop.0, u64::from(number))), fields)
        });
        customers::insert_customers(tx, &known.collect::<Vec<_>>(), now_us).await
    })
    .await
}

async fn add_tills(tx: &mut ShopTx, shop: Shop, now_us: i64) -> Result<(), DbError> {
    let tills: Vec<Till> = (0..TILLS).map(Till).collect();
    for till in &tills {
        let register = NewRegister {
            id: till.register().0,
            location: shop.location().0,
            kind: RegisterKind::Till,
            name: format!("Caja de medida {}", till.0),
            prefix: till.prefix(),
        };
        create_shop::insert_register(tx, &register, now_us).await?;
    }
    for till in &tills {
        let device = NewDevice {
            id: till.device(),
            register: till.register(),
            name: format!("Equipo {}", till.0),
            public_key: till.key().verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            person: shop.person(0),
            now_us,
        };
        enrol::insert(tx, &device).await?;
    }
    Ok(())
}

async fn insert_products(db: &Db, shop: Shop, some: std::ops::Range<u32>, now_us: i64) -> Result<(), DbError> {
    let owner = owner(shop);
    db.shop_write(&owner, "write products", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        let edit = catalog::begin_edit(tx, owner.user, now_us).await?;
        let mut categories = Vec::new();
        for number in 0..20_u64 {
            let id = CategoryId(world::id(Kind::Category, shop.0, number));
            let name = format!("Categoría {number}");
            categories.push(catalog::find_or_create_category(tx, edit, &name, id).await?);
        }
        let products: Vec<_> = some
            .clone()
            .map(|number| (shop.product(number), fields(shop, number, categories[number as usize % 20])))
            .collect();
        catalog::insert_products(tx, edit, &products).await
    })
    .await
}

fn fields(shop: Shop, number: u32, category: CategoryId) -> ProductFields {
    ProductFields {
        name: world::name(number),
        sku: Some(format!("SKU-{number:06}")),
        category: Some(category),
        unit: Unit::Piece,
        fractions: false,
        tracks_stock: true,
        sells_below_zero: false,
        price_minor: world::price_minor(number),
        purchase_price_minor: Some(cost_minor(number)),
        tax_set: shop.tax_set(number),
        // One in five hundred is running out: a shop always has some to look at.
        minimum_milli: if number % 500 == 7 { 2 * ON_HAND_MILLI } else { 5_000 },
        favorite: number < 20,
        barcodes: vec![NewBarcode { code: world::barcode(number), pack_milli: 1_000, price_minor: None }],
    }
}

fn cost_minor(number: u32) -> i64 {
    world::price_minor(number) * 3 / 5
}

/// One delivery brings some products.
async fn receive(
    db: &Db,
    shop: Shop,
    some: std::ops::Range<u32>,
    now_us: i64,
) -> Result<BTreeMap<ProductId, StockItem>, DbError> {
    let owner = owner(shop);
    let document_id: Uuid = world::id(Kind::Document, shop.0, (1 << 40) + u64::from(some.start));
    db.shop_write(&owner, "receive goods", async move |tx: &mut ShopTx| -> Result<_, DbError> {
        let profile = app::features::settings::shop::load_profile(tx).await?;
        let ids: BTreeSet<ProductId> = some.clone().map(|number| shop.product(number)).collect();
        let items = ledger::lock_items(tx, shop.location(), &ids).await?;
        let stamp = Stamp {
            shop: shop.id(),
            location: shop.location(),
            kind: MovementKind::Adjustment,
            document_kind: "adjustment",
            document_id,
            reason: "Inventario inicial".to_owned(),
            person: owner.user,
            effective_date: profile.moment(now_us).date.as_i64(),
            recorded_at: now_us,
        };
        let mut lines = Vec::new();
        let mut after: BTreeMap<ProductId, StockState> = BTreeMap::new();
        for (line, number) in (0_i64..).zip(some.clone()) {
            let value_minor = ON_HAND_MILLI / 1_000 * cost_minor(number);
            let change = StockState::default()
                .inflow(Inflow { quantity_milli: ON_HAND_MILLI, value_minor })
                .expect("a million units fit");
            after.insert(shop.product(number), change.after);
            lines.push(LinePostings {
                document_line: line,
                product_id: shop.product(number),
                postings: change.postings,
            });
        }
        let moving = Moving { stamp: &stamp, lines: &lines };
        ledger::post_all(tx, shop.location(), &items, &[moving], &after).await
    })
    .await
}
