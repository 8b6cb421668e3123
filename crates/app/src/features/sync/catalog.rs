//! `GET /api/v1/till/catalog`: what changed since a version, without any cost.
//!
//! **Invariant:** versions become visible in their order, because whoever writes
//! the catalogue holds the version's row; a page reads up to the version that it
//! announces, so no change is skipped.

use crate::{
    features::{
        catalog::{
            photos::PhotoName,
            record::{self, TaxChoice},
        },
        sales::facts,
        settings::{registers, shop},
        sync::{device::DeviceActor, session::Rights},
    },
    kernel::App,
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::{DbError, ShopRead, params};
use domain::{
    decimal,
    ids::TaxSetId,
    permission::{self, Role},
    quote::Tax,
};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;
use web::{AppError, json, query::Query};

db::statements! {
    VERSION = "sync.catalog_version",
        "SELECT version
         FROM catalog_version
         WHERE shop_id = $1";
    CHANGES = "sync.catalog_changes",
        "SELECT product.id, product.catalog_version, product.active, product.name, product.sku, product.category_id,
                product.unit, product.fractions, product.tracks_stock, product.price_minor, product.tax_set_id,
                product.favorite, product.photo, stock_item.on_hand_milli
         FROM product
         LEFT JOIN stock_item ON stock_item.shop_id = product.shop_id AND stock_item.location_id = $5
                             AND stock_item.product_id = product.id
         WHERE product.shop_id = $1 AND (product.catalog_version, product.id) > ($2, $3)
           AND product.catalog_version <= $4
         ORDER BY product.catalog_version, product.id
         LIMIT $6";
    CODES = "sync.catalog_codes",
        "SELECT barcode.product_id, barcode.code, barcode.pack_milli, barcode.price_minor
         FROM product
         JOIN barcode ON barcode.shop_id = product.shop_id AND barcode.product_id = product.id
         WHERE product.shop_id = $1 AND (product.catalog_version, product.id) > ($2, $3)
           AND (product.catalog_version, product.id) <= ($4, $5)
         ORDER BY product.catalog_version, product.id, barcode.position";
    CATEGORIES = "sync.catalog_categories",
        "SELECT id, name
         FROM category
         WHERE shop_id = $1
         ORDER BY sort_key, id";
    METHODS = "sync.catalog_methods",
        "SELECT id, name, kind, needs_bank, needs_reference
         FROM payment_method
         WHERE shop_id = $1 AND active
         ORDER BY position, id";
    PEOPLE = "sync.catalog_people",
        "SELECT member.user_id, app_user.username, app_user.first_name, app_user.last_name, member.role
         FROM member
         JOIN app_user ON app_user.id = member.user_id AND app_user.active
         WHERE member.shop_id = $1 AND member.active
         ORDER BY member.created_at, member.user_id";
}

/// How many changes a page has; few in tests, where pages and not numbers matter.
pub(super) const PAGE: i64 = if cfg!(test) { 20 } else { 2_000 };

#[derive(Serialize)]
struct CatalogPage {
    version: i64,
    /// What the prices of this version mean.
    prices_include_tax: bool,
    complete: bool,
    next: Option<Cursor>,
    products: Vec<Product>,
    removed: Vec<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<Category>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_methods: Option<Vec<Method>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<Vec<Person>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_sets: Option<Vec<TaxSet>>,
}

/// A place in the order of changes.
#[derive(Clone, Copy, Serialize)]
struct Cursor {
    since: i64,
    after: Uuid,
}

#[derive(Serialize)]
struct Product {
    id: Uuid,
    version: i64,
    name: String,
    sku: Option<String>,
    category_id: Option<Uuid>,
    unit: String,
    fractions: bool,
    tracks_stock: bool,
    price: String,
    taxes: Vec<WireTax>,
    barcodes: Vec<Code>,
    favorite: bool,
    /// The address of its small picture, below `/media/`.
    photo: Option<String>,
    on_hand: Option<String>,
}

#[derive(Clone, Serialize)]
struct WireTax {
    code: String,
    rate: String,
}

#[derive(Serialize)]
struct Code {
    code: String,
    pack: String,
    price: Option<String>,
}

#[derive(Serialize)]
struct Category {
    id: Uuid,
    name: String,
}

/// Taxes to choose from for a product that is made at the till.
#[derive(Serialize)]
struct TaxSet {
    id: Uuid,
    name: String,
    usual: bool,
    taxes: Vec<WireTax>,
}

#[derive(Serialize)]
struct Method {
    id: Uuid,
    name: String,
    kind: String,
    needs_bank: bool,
    needs_reference: bool,
}

#[derive(Serialize)]
struct Person {
    id: Uuid,
    name: String,
    role: &'static str,
    rights: Rights,
}

/// Answers one page.
pub async fn show(
    State(app): State<App>,
    device: DeviceActor,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    if device.revoked {
        return Err(AppError::DeviceRevoked);
    }
    let query = Query::parse(query.as_deref())?;
    let since = query.get("since").and_then(|text| text.parse().ok()).unwrap_or(0);
    let after: Option<Uuid> = query.get("after").and_then(|text| text.parse().ok());
    // Without a place, everything of that version is known already.
    let from = Cursor { since, after: after.unwrap_or(Uuid::max()) };
    let mut read = app.db.snapshot(&device).await?;
    json::data(&page(&mut read, device, from, after.is_none()).await?)
}

async fn page(read: &mut ShopRead, device: DeviceActor, from: Cursor, is_first: bool) -> Result<CatalogPage, AppError> {
    let shop::ShopProfile { exponent, prices_include_tax, .. } = shop::load_profile(read).await?;
    let place = registers::load_place(read, device.register).await?.ok_or(AppError::NotFound)?;
    let version = match read.opt(&VERSION, params![]).await? {
        Some(mut row) => row.take()?,
        None => 0,
    };
    let taxes = wire_taxes(facts::load_taxes(read).await?);
    let asked = params![from.since, from.after, version, place.location.0, PAGE];
    let rows = read.rows(&CHANGES, asked).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|many| many == PAGE);
    let (mut products, mut removed, mut last) = (Vec::new(), Vec::new(), from);
    for mut row in rows {
        let (id, version, active): (Uuid, i64, bool) = (row.take()?, row.take()?, row.take()?);
        last = Cursor { since: version, after: id };
        if active {
            products.push(product(row, id, version, exponent, &taxes)?);
        } else {
            removed.push(id);
        }
    }
    add_codes(read, from, last, exponent, &mut products).await?;
    Ok(CatalogPage {
        version,
        prices_include_tax,
        complete: !is_full,
        next: is_full.then_some(last),
        products,
        removed,
        categories: if is_first { Some(categories(read).await?) } else { None },
        payment_methods: if is_first { Some(methods(read).await?) } else { None },
        people: if is_first { Some(people(read).await?) } else { None },
        tax_sets: if is_first { Some(tax_sets(read, &taxes).await?) } else { None },
    })
}

fn wire_taxes(sets: BTreeMap<TaxSetId, Vec<Tax>>) -> BTreeMap<Uuid, Vec<WireTax>> {
    let wire = |tax: Tax| WireTax { code: tax.code, rate: decimal::format_shortest(tax.rate_ppm, 4) };
    sets.into_iter().map(|(set, taxes)| (set.0, taxes.into_iter().map(wire).collect())).collect()
}

fn product(
    mut row: db::Row,
    id: Uuid,
    version: i64,
    exponent: u32,
    taxes: &BTreeMap<Uuid, Vec<WireTax>>,
) -> Result<Product, DbError> {
    let (name, sku, category_id) = (row.take()?, row.take()?, row.take()?);
    let (unit, fractions, tracks_stock) = (row.take()?, row.take()?, row.take()?);
    let price_minor: i64 = row.take()?;
    let tax_set: Uuid = row.take()?;
    let favorite = row.take()?;
    let photo = record::photo(&mut row)?;
    let on_hand: Option<i64> = row.take()?;
    Ok(Product {
        id,
        version,
        name,
        sku,
        category_id,
        unit,
        fractions,
        tracks_stock,
        price: decimal::format(price_minor, exponent),
        taxes: taxes.get(&tax_set).cloned().unwrap_or_default(),
        barcodes: Vec::new(),
        favorite,
        photo: photo.as_ref().map(PhotoName::small_url),
        on_hand: on_hand.map(|milli| {
            let minus = if milli < 0 { "-" } else { "" };
            format!("{minus}{}", decimal::format_shortest(milli.saturating_abs(), 3))
        }),
    })
}

async fn add_codes(
    read: &mut ShopRead,
    from: Cursor,
    last: Cursor,
    exponent: u32,
    products: &mut [Product],
) -> Result<(), DbError> {
    let mut by_id: BTreeMap<Uuid, &mut Product> = products.iter_mut().map(|product| (product.id, product)).collect();
    for mut row in read.rows(&CODES, params![from.since, from.after, last.since, last.after]).await? {
        let id: Uuid = row.take()?;
        let code = row.take()?;
        let (pack_milli, price): (i64, Option<i64>) = (row.take()?, row.take()?);
        if let Some(product) = by_id.get_mut(&id) {
            product.barcodes.push(Code {
                code,
                pack: decimal::format_shortest(pack_milli, 3),
                price: price.map(|minor| decimal::format(minor, exponent)),
            });
        }
    }
    Ok(())
}

async fn categories(read: &mut ShopRead) -> Result<Vec<Category>, DbError> {
    let rows = read.rows(&CATEGORIES, params![]).await?;
    rows.into_iter().map(|mut row| Ok(Category { id: row.take()?, name: row.take()? })).collect()
}

async fn methods(read: &mut ShopRead) -> Result<Vec<Method>, DbError> {
    let rows = read.rows(&METHODS, params![]).await?;
    let method = |mut row: db::Row| {
        Ok(Method {
            id: row.take()?,
            name: row.take()?,
            kind: row.take()?,
            needs_bank: row.take()?,
            needs_reference: row.take()?,
        })
    };
    rows.into_iter().map(method).collect()
}

async fn tax_sets(read: &mut ShopRead, taxes: &BTreeMap<Uuid, Vec<WireTax>>) -> Result<Vec<TaxSet>, DbError> {
    let choices = record::load_tax_sets(read).await?;
    let set = |choice: TaxChoice| TaxSet {
        id: choice.id.0,
        name: choice.name,
        usual: choice.is_default,
        taxes: taxes.get(&choice.id.0).cloned().unwrap_or_default(),
    };
    Ok(choices.into_iter().map(set).collect())
}

async fn people(read: &mut ShopRead) -> Result<Vec<Person>, DbError> {
    let mut people = Vec::new();
    for mut row in read.rows(&PEOPLE, params![]).await? {
        let id = row.take()?;
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        let role: String = row.take()?;
        let Some(role) = Role::parse(&role) else { continue };
        let full = format!("{first} {last}");
        let name = if full.trim().is_empty() { username } else { full.trim().to_owned() };
        people.push(Person { id, name, role: role.as_str(), rights: permission::rights(role).into() });
    }
    Ok(people)
}
