//! What becomes of the catalogue when the shop's taxes or the meaning of its prices
//! change: the plan that a person reads first, and carrying it out.
//!
//! **Invariants:** the plan that was read is the plan that is carried out: it belongs
//! to one catalogue version, and a catalogue that moved on is planned anew. A switch is
//! one transaction and one catalogue version, with a line of price history for each
//! price that it changed. It is rare and holds the writer longer than anything else
//! does (some 10 µs a product): half a switch would be a cart with two kinds of prices.

use crate::features::{
    catalog::write::{self, CatalogEdit},
    sales::facts,
};
use db::{DbError, Row, ShopRead, ShopTx, params};
use domain::{
    ids::{ProductId, TaxSetId, UserId},
    price_mode::{self, Keep, PriceKind, Switched},
    rounding::scale_half_away,
};
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    STANDING = "catalog.price_standing",
        "SELECT shop.prices_include_tax, COALESCE(catalog_version.version, 0),
                COALESCE((SELECT MAX(catalog_version) FROM price_switch WHERE shop_id = $1), 0)
         FROM shop
         LEFT JOIN catalog_version ON catalog_version.shop_id = $1
         WHERE shop.id = $1";
    /// Every product with its price before the last switch, where it had one then.
    PRICES = "catalog.every_price",
        "SELECT product.id, product.name, product.active, product.price_minor, product.tax_set_id,
                price_change.price_before_minor
         FROM product
         LEFT JOIN price_change ON price_change.shop_id = $1 AND price_change.product_id = product.id
                               AND price_change.catalog_version = $2
         WHERE product.shop_id = $1 AND NOT product.removed
         ORDER BY product.sort_key, product.id";
    PACKS = "catalog.every_pack",
        "SELECT product_id, code, pack_milli, price_minor, price_before_switch_minor
         FROM barcode
         WHERE shop_id = $1 AND (pack_milli > 1000 OR price_minor IS NOT NULL)
         ORDER BY product_id, position";
    SET_PRICE = "catalog.set_price",
        "UPDATE product
         SET price_minor = $3, catalog_version = $4, updated_at = $5, version = version + 1
         WHERE shop_id = $1 AND id = $2";
    SET_PACK_PRICE = "catalog.set_pack_price",
        "UPDATE barcode
         SET price_minor = $3, price_before_switch_minor = $4
         WHERE shop_id = $1 AND code = $2";
    /// A product whose package changed is news to the tills as well.
    TOUCH = "catalog.touch_product",
        "UPDATE product
         SET catalog_version = $3, updated_at = $4
         WHERE shop_id = $1 AND id = $2 AND catalog_version < $3";
    INSERT_SWITCH = "catalog.insert_price_switch",
        "INSERT INTO price_switch (shop_id, catalog_version, includes_tax_after, kept, switched_by, switched_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    /// The tills learn a tax with the products that have it.
    TOUCH_TAXED = "catalog.touch_taxed",
        "UPDATE product
         SET catalog_version = $3
         WHERE shop_id = $1 AND tax_set_id = $2 AND NOT removed";
    MOVE_TAXED = "catalog.move_taxed",
        "UPDATE product
         SET tax_set_id = $3, catalog_version = $4, updated_at = $5, version = version + 1
         WHERE shop_id = $1 AND tax_set_id = $2";
    COUNT_TAXED = "catalog.count_taxed",
        "SELECT COUNT(*)
         FROM product
         WHERE shop_id = $1 AND tax_set_id = $2 AND NOT removed";
}

/// What a line of a plan is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// One unit.
    Unit,
    /// A package with a price of its own, by its code.
    PricedPack {
        /// The code.
        code: String,
        /// Units in it, in thousandths.
        pack_milli: i64,
    },
    /// A package that costs as much as its units: rounding may move it although no
    /// price was written for it.
    Pack {
        /// Units in it, in thousandths.
        pack_milli: i64,
    },
}

/// One price of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Of which product.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// Of what in it.
    pub of: Of,
    /// What is kept now.
    pub price_minor: i64,
    /// What it becomes.
    pub switched: Switched,
}

/// What a switch would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What prices will mean.
    pub to: PriceKind,
    /// Whose price stays.
    pub keep: Keep,
    /// The catalogue's version that this is about.
    pub version: i64,
    /// Every unit and every package.
    pub lines: Vec<Planned>,
    /// Products that would cost more than any price may be; the switch then waits.
    pub too_large: Vec<String>,
}

impl Plan {
    /// Whose shelf price moves: with "keep the shelf prices", the exceptions.
    pub fn moved(&self) -> impl Iterator<Item = &Planned> {
        self.lines.iter().filter(|line| line.switched.moves_shelf())
    }

    /// Prices that are written anew.
    pub fn rewritten(&self) -> impl Iterator<Item = &Planned> {
        self.lines.iter().filter(|line| line.switched.price_minor != line.price_minor)
    }
}

/// What the shop's prices mean now, and the catalogue's version.
///
/// # Errors
/// Whatever the database says.
pub async fn standing(read: &mut ShopRead) -> Result<(PriceKind, i64), DbError> {
    let mut row = read.one(&STANDING, params![]).await?;
    Ok((PriceKind::of(row.take()?), row.take()?))
}

/// Plans the switch to what the shop's prices do not mean now.
///
/// # Errors
/// Whatever the database says.
pub async fn plan(read: &mut ShopRead, keep: Keep) -> Result<Plan, DbError> {
    let mut row = read.one(&STANDING, params![]).await?;
    let (included, version, last_switch): (bool, i64, i64) = (row.take()?, row.take()?, row.take()?);
    let to = PriceKind::of(included).other();
    let taxes = facts::load_taxes(read).await?;
    let rates: BTreeMap<TaxSetId, i64> =
        taxes.into_iter().map(|(set, taxes)| (set, taxes.iter().map(|tax| tax.rate_ppm).sum())).collect();
    let mut packs = load_packs(read).await?;
    let mut plan = Plan { to, keep, version, lines: Vec::new(), too_large: Vec::new() };
    for row in read.rows(&PRICES, params![last_switch]).await? {
        let product = priced(row, &rates, &mut packs)?;
        plan.add(&product);
    }
    Ok(plan)
}

/// A product with all of its prices.
struct Priced {
    id: ProductId,
    name: String,
    price_minor: i64,
    was_minor: Option<i64>,
    rate_ppm: i64,
    packs: Vec<Pack>,
}

struct Pack {
    code: String,
    pack_milli: i64,
    price_minor: Option<i64>,
    was_minor: Option<i64>,
}

async fn load_packs(read: &mut ShopRead) -> Result<BTreeMap<Uuid, Vec<Pack>>, DbError> {
    let mut packs: BTreeMap<Uuid, Vec<Pack>> = BTreeMap::new();
    for mut row in read.rows(&PACKS, params![]).await? {
        let product = row.take()?;
        let pack =
            Pack { code: row.take()?, pack_milli: row.take()?, price_minor: row.take()?, was_minor: row.take()? };
        packs.entry(product).or_default().push(pack);
    }
    Ok(packs)
}

fn priced(
    mut row: Row,
    rates: &BTreeMap<TaxSetId, i64>,
    packs: &mut BTreeMap<Uuid, Vec<Pack>>,
) -> Result<Priced, DbError> {
    let (id, name): (Uuid, String) = (row.take()?, row.take()?);
    let _active: bool = row.take()?;
    let price_minor = row.take()?;
    let tax_set: Uuid = row.take()?;
    Ok(Priced {
        id: ProductId(id),
        name,
        price_minor,
        was_minor: row.take()?,
        rate_ppm: rates.get(&TaxSetId(tax_set)).copied().unwrap_or(0),
        packs: packs.remove(&id).unwrap_or_default(),
    })
}

impl Plan {
    fn add(&mut self, product: &Priced) {
        let Some(unit) = self.switched(product, product.price_minor, product.was_minor) else {
            self.too_large.push(product.name.clone());
            return;
        };
        self.line(product, Of::Unit, product.price_minor, unit);
        for pack in &product.packs {
            let switched = match pack.price_minor {
                Some(price_minor) => self.switched(product, price_minor, pack.was_minor),
                None => self.pack_of(product, unit, pack.pack_milli),
            };
            match (switched, pack.price_minor) {
                (None, _) => self.too_large.push(product.name.clone()),
                (Some(switched), Some(price_minor)) => {
                    let of = Of::PricedPack { code: pack.code.clone(), pack_milli: pack.pack_milli };
                    self.line(product, of, price_minor, switched);
                }
                // Several codes of the same package are one price; it is said only
                // where rounding moves it, since nothing is written for it.
                (Some(switched), None) if switched.moves_shelf() && self.keep == Keep::Shelf => {
                    let of = Of::Pack { pack_milli: pack.pack_milli };
                    if self.lines.last().is_none_or(|last| last.product != product.id || last.of != of) {
                        self.line(product, of, switched.price_minor, switched);
                    }
                }
                (Some(_), None) => {}
            }
        }
    }

    fn line(&mut self, product: &Priced, of: Of, price_minor: i64, switched: Switched) {
        self.lines.push(Planned { product: product.id, name: product.name.clone(), of, price_minor, switched });
    }

    fn switched(&self, product: &Priced, price_minor: i64, was_minor: Option<i64>) -> Option<Switched> {
        price_mode::switch(price_minor, was_minor, product.rate_ppm, self.to, self.keep)
    }

    /// A package without a price of its own costs its units' price times the pack,
    /// before and after.
    fn pack_of(&self, product: &Priced, unit: Switched, pack_milli: i64) -> Option<Switched> {
        let before_minor = scale_half_away(product.price_minor, pack_milli, 1_000)?;
        let after_minor = scale_half_away(unit.price_minor, pack_milli, 1_000)?;
        Some(Switched {
            price_minor: after_minor,
            shelf_before_minor: price_mode::shelf_minor(before_minor, product.rate_ppm, self.to.other()),
            shelf_after_minor: price_mode::shelf_minor(after_minor, product.rate_ppm, self.to),
        })
    }
}

/// Carries a plan out under the version that `edit` took.
///
/// # Errors
/// Whatever the database says.
pub async fn apply(tx: &mut ShopTx, edit: CatalogEdit, plan: &Plan) -> Result<(), DbError> {
    let (mut units, mut history, mut packs, mut touched) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in plan.rewritten() {
        let after_minor = line.switched.price_minor;
        match &line.of {
            Of::Unit => {
                units.push(params![line.product.0, after_minor, edit.version, edit.now_us]);
                history.push((line.product, line.price_minor, after_minor));
            }
            Of::PricedPack { code, .. } => {
                packs.push(params![code.as_str(), after_minor, line.price_minor]);
                touched.push(params![line.product.0, edit.version, edit.now_us]);
            }
            Of::Pack { .. } => {}
        }
    }
    tx.exec_many(&SET_PRICE, units).await?;
    tx.exec_many(&TOUCH, touched).await?;
    tx.exec_many(&SET_PACK_PRICE, packs).await?;
    write::record_prices(tx, edit, &history).await?;
    let UserId(person) = edit.person;
    let row = params![edit.version, plan.to.includes_tax(), plan.keep.code(), person, edit.now_us];
    tx.exec_one(&INSERT_SWITCH, row).await
}

/// Tells the tills that the taxes of a set changed: its products are news to them.
///
/// # Errors
/// Whatever the database says.
pub async fn announce_taxes(tx: &mut ShopTx, edit: CatalogEdit, set: TaxSetId) -> Result<(), DbError> {
    tx.exec(&TOUCH_TAXED, params![set.0, edit.version]).await.map(drop)
}

/// Gives the products of one tax set to another.
///
/// # Errors
/// Whatever the database says.
pub async fn move_taxed(tx: &mut ShopTx, edit: CatalogEdit, from: TaxSetId, to: TaxSetId) -> Result<u64, DbError> {
    tx.exec(&MOVE_TAXED, params![from.0, to.0, edit.version, edit.now_us]).await
}

/// How many products have a tax set.
///
/// # Errors
/// Whatever the database says.
pub async fn count_taxed(read: &mut ShopRead, set: TaxSetId) -> Result<i64, DbError> {
    read.one(&COUNT_TAXED, params![set.0]).await?.take()
}
