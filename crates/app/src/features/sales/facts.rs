//! Loading what `decide` may look at: the second room.
//!
//! **Invariant:** quantities, values and sessions are read under lock, in the
//! order of the whole program: session, then stock items by key. Prices and names
//! are read without: a sale is priced as the catalogue stood when it was read. What
//! a price means is read in the statement that reads the price, because a shop may
//! change it between two statements.

use crate::features::{
    cash::ledger::{self as cash_ledger, LockedSession},
    settings::shop::{self, ShopProfile},
    stock::ledger::{self as stock_ledger, StockItem},
};
use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::{
    ids::{CustomerId, LocationId, MethodId, ProductId, SessionId, TaxSetId},
    permission::SellerRights,
    quote::Tax,
    sale::{MethodFacts, MethodKind, ProductFacts, SaleCommand, SaleFacts, StockPolicy},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    PRODUCT = "sales.product",
        "SELECT name, price_minor, fractions, active, purchase_price_minor, tracks_stock, stock_policy, tax_set_id,
                (SELECT prices_include_tax FROM shop WHERE id = $1)
         FROM product
         WHERE shop_id = $1 AND id = $2";
    /// What a product cost before the first change that a till had not heard of.
    PRICE_BEFORE = "sales.price_before_change",
        "SELECT price_before_minor
         FROM price_change
         WHERE shop_id = $1 AND product_id = $2 AND catalog_version > $3
         ORDER BY catalog_version
         LIMIT 1";
    PACK_PRICES = "sales.pack_prices",
        "SELECT pack_milli, price_minor
         FROM barcode
         WHERE shop_id = $1 AND product_id = $2 AND price_minor IS NOT NULL
         ORDER BY position DESC";
    TAXES = "sales.taxes",
        "SELECT tax_set_id, code, rate_ppm
         FROM tax_rate
         WHERE shop_id = $1 AND EXISTS (SELECT 1 FROM shop WHERE id = $1 AND recovers_purchase_tax)
         ORDER BY tax_set_id, position";
    METHODS = "sales.methods",
        "SELECT id, kind, needs_bank, needs_reference, active
         FROM payment_method
         WHERE shop_id = $1";
    CUSTOMER = "sales.customer",
        "SELECT id
         FROM customer
         WHERE shop_id = $1 AND id = $2";
}

/// The facts of a sale, with the locked rows they came from.
#[derive(Debug)]
pub struct LoadedSale {
    /// For the domain.
    pub facts: SaleFacts,
    /// The shop.
    pub shop: ShopProfile,
    /// The stock items, locked.
    pub items: BTreeMap<ProductId, StockItem>,
}

/// Locks the session of a till, where there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_session(tx: &mut ShopTx, session: Option<SessionId>) -> Result<Option<LockedSession>, DbError> {
    match session {
        Some(id) => cash_ledger::lock_session(tx, id).await,
        None => Ok(None),
    }
}

/// Where and under which circumstances a sale is made.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Where the goods are.
    pub location: LocationId,
    /// The limits of the person who sells.
    pub rights: SellerRights,
    /// The catalogue that the till knew, which says what its prices mean.
    pub catalog_version: Option<i64>,
    /// The catalogue by whose prices it is judged; `None` is today's.
    pub prices_of: Option<i64>,
    /// Whether there is a drawer for cash.
    pub drawer_open: bool,
}

/// Loads the facts of a sale.
///
/// # Errors
/// Whatever the database says.
pub async fn load_sale(
    tx: &mut ShopTx,
    circumstances: Circumstances,
    command: &SaleCommand,
) -> Result<LoadedSale, DbError> {
    let Circumstances { location, rights, catalog_version, prices_of, drawer_open } = circumstances;
    let shop = shop::load_profile(tx).await?;
    let taxes = load_taxes(tx).await?;
    let methods = load_methods(tx).await?;
    let customer = match command.customer {
        Some(id) => tx.opt(&CUSTOMER, params![id.0]).await?.map(|_| id),
        None => None,
    };
    let ids: BTreeSet<ProductId> = command.lines.iter().map(|line| line.product_id).collect();
    let mut products = load_products(tx, &ids, &taxes).await?;
    if let Some(version) = prices_of {
        set_back_prices(tx, version, &mut products).await?;
    }
    let tracked: BTreeSet<ProductId> =
        products.iter().filter(|(_, loaded)| loaded.tracks_stock).map(|(id, _)| *id).collect();
    let items = stock_ledger::lock_items(tx, location, &tracked).await?;
    for (id, item) in &items {
        if let Some(loaded) = products.get_mut(id) {
            loaded.facts.stock = Some((item.state, loaded.policy));
        }
    }
    load_pack_prices(tx, command, &mut products).await?;
    let mut rules = shop.rules();
    rules.prices_include_tax = meaning_of_prices(tx, &shop, &products, catalog_version).await?;
    let products = products.into_iter().map(|(id, loaded)| (id, loaded.facts)).collect();
    let facts = SaleFacts { rules, rights, products, methods, customer, drawer_open };
    Ok(LoadedSale { facts, shop, items })
}

/// Prices as they stood at a version of the catalogue: a till that sold by it did
/// nothing odd. Packs with a price of their own have no history; they are today's.
async fn set_back_prices(
    read: &mut ShopRead,
    version: i64,
    products: &mut BTreeMap<ProductId, LoadedProduct>,
) -> Result<(), DbError> {
    let asked = products.keys().map(|id| params![id.0, version]).collect();
    let rows = read.opt_many(&PRICE_BEFORE, asked).await?;
    for (loaded, row) in products.values_mut().zip(rows) {
        let before: Option<i64> = row.map(|mut row| row.take::<Option<i64>>()).transpose()?.flatten();
        loaded.facts.price_minor = before.unwrap_or(loaded.facts.price_minor);
    }
    Ok(())
}

struct LoadedProduct {
    facts: ProductFacts,
    tracks_stock: bool,
    policy: StockPolicy,
    price_includes_tax: bool,
}

/// A till's lines mean what prices meant at the catalogue it knew; the others what the
/// prices mean that were just read. Products read on both sides of a switch are read
/// again by whoever asks again: a sale is never mixed.
async fn meaning_of_prices(
    read: &mut ShopRead,
    shop: &ShopProfile,
    products: &BTreeMap<ProductId, LoadedProduct>,
    catalog_version: Option<i64>,
) -> Result<bool, DbError> {
    if let Some(version) = catalog_version {
        return shop::prices_included_tax_at(read, shop, version).await;
    }
    let mut meanings = products.values().map(|loaded| loaded.price_includes_tax);
    let first = meanings.next().unwrap_or(shop.prices_include_tax);
    if meanings.all(|other| other == first) { Ok(first) } else { Err(DbError::Busy) }
}

async fn load_products(
    read: &mut ShopRead,
    ids: &BTreeSet<ProductId>,
    taxes: &BTreeMap<TaxSetId, Vec<Tax>>,
) -> Result<BTreeMap<ProductId, LoadedProduct>, DbError> {
    let rows = read.opt_many(&PRODUCT, ids.iter().map(|id| params![id.0]).collect()).await?;
    let mut products = BTreeMap::new();
    for (id, row) in ids.iter().zip(rows) {
        if let Some(row) = row {
            products.insert(*id, product(row, taxes)?);
        }
    }
    Ok(products)
}

fn product(mut row: Row, taxes: &BTreeMap<TaxSetId, Vec<Tax>>) -> Result<LoadedProduct, DbError> {
    let mut facts = ProductFacts {
        name: row.take()?,
        price_minor: row.take()?,
        pack_prices: BTreeMap::new(),
        taxes: Vec::new(),
        fractions: row.take()?,
        active: row.take()?,
        purchase_price_minor: row.take()?,
        stock: None,
    };
    let tracks_stock: bool = row.take()?;
    let policy: String = row.take()?;
    let tax_set: Uuid = row.take()?;
    facts.taxes = taxes.get(&TaxSetId(tax_set)).cloned().unwrap_or_default();
    let policy = if policy == "allow" { StockPolicy::Allow } else { StockPolicy::Block };
    Ok(LoadedProduct { facts, tracks_stock, policy, price_includes_tax: row.take()? })
}

/// Packs are rare: their prices are asked for only where a line sells one. Of
/// two codes with the same pack, the one that stands first in the list counts.
async fn load_pack_prices(
    read: &mut ShopRead,
    command: &SaleCommand,
    products: &mut BTreeMap<ProductId, LoadedProduct>,
) -> Result<(), DbError> {
    for line in command.lines.iter().filter(|line| line.pack_milli != 1_000) {
        let Some(loaded) = products.get_mut(&line.product_id) else { continue };
        for mut row in read.rows(&PACK_PRICES, params![line.product_id.0]).await? {
            loaded.facts.pack_prices.insert(row.take()?, row.take()?);
        }
    }
    Ok(())
}

/// The taxes of every tax set of the shop; a set that stands for "excluded" has none.
/// The sales of a shop that does not recover the tax of its purchases carry none.
///
/// # Errors
/// Whatever the database says.
pub async fn load_taxes(read: &mut ShopRead) -> Result<BTreeMap<TaxSetId, Vec<Tax>>, DbError> {
    let mut sets: BTreeMap<TaxSetId, Vec<Tax>> = BTreeMap::new();
    for mut row in read.rows(&TAXES, params![]).await? {
        let set = TaxSetId(row.take()?);
        sets.entry(set).or_default().push(Tax { code: row.take()?, rate_ppm: row.take()? });
    }
    Ok(sets)
}

async fn load_methods(read: &mut ShopRead) -> Result<BTreeMap<MethodId, MethodFacts>, DbError> {
    let mut methods = BTreeMap::new();
    for mut row in read.rows(&METHODS, params![]).await? {
        let id = MethodId(row.take()?);
        let kind: String = row.take()?;
        let facts = MethodFacts {
            kind: method_kind(&kind),
            needs_bank: row.take()?,
            needs_reference: row.take()?,
            active: row.take()?,
        };
        methods.insert(id, facts);
    }
    Ok(methods)
}

/// The kind of a stored word.
pub fn method_kind(word: &str) -> MethodKind {
    match word {
        "cash" => MethodKind::Cash,
        "transfer" => MethodKind::Transfer,
        "card" => MethodKind::Card,
        "house_account" => MethodKind::HouseAccount,
        _ => MethodKind::Other,
    }
}

/// A registered customer of the shop, by id.
///
/// # Errors
/// Whatever the database says.
pub async fn customer_exists(read: &mut ShopRead, id: CustomerId) -> Result<bool, DbError> {
    Ok(read.opt(&CUSTOMER, params![id.0]).await?.is_some())
}
