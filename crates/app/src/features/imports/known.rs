//! What the shop has, as the rows of a file are compared with it.
//!
//! Reads other features' tables by join and in pages, and writes none.

use super::{
    items::{CustomerItem, ProductItem},
    product_rows::{Catalogue, KnownTaxSet},
};
use db::{DbError, Row, ShopRead, params};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one page; a page of products is read in a few milliseconds.
const PAGE: i64 = 5_000;

db::statements! {
    PRODUCTS = "imports.products",
        "SELECT id, name, sku, category_id, unit, fractions, tracks_stock, stock_policy, price_minor,
                purchase_price_minor, tax_set_id, minimum_milli, favorite, version
         FROM product
         WHERE shop_id = $1 AND id > $2 AND NOT removed
         ORDER BY id
         LIMIT $3";
    BARCODES = "imports.barcodes",
        "SELECT code, product_id, pack_milli, price_minor, position
         FROM barcode
         WHERE shop_id = $1 AND code > $2
         ORDER BY code
         LIMIT $3";
    CATEGORIES = "imports.categories",
        "SELECT id, name
         FROM category
         WHERE shop_id = $1";
    TAX_SETS = "imports.tax_sets",
        "SELECT tax_set.id, tax_set.name, tax_set.is_default, tax_rate.rate_ppm
         FROM tax_set
         LEFT JOIN tax_rate ON tax_rate.shop_id = tax_set.shop_id AND tax_rate.tax_set_id = tax_set.id
         WHERE tax_set.shop_id = $1 AND tax_set.active
         ORDER BY tax_set.position, tax_set.id, tax_rate.position";
    CUSTOMERS = "imports.customers",
        "SELECT id, name, phone, document, email, address, external_code, version
         FROM customer
         WHERE shop_id = $1 AND id > $2
         ORDER BY id
         LIMIT $3";
}

/// Loads the catalogue; the default tax set is the shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load_catalogue(read: &mut ShopRead, decimals: u32) -> Result<Catalogue, DbError> {
    let mut catalogue = Catalogue { decimals, ..Catalogue::default() };
    for mut row in read.rows(&CATEGORIES, params![]).await? {
        catalogue.categories.insert(row.take()?, row.take()?);
    }
    let (tax_sets, default) = load_tax_sets(read).await?;
    catalogue.tax_sets = tax_sets;
    catalogue.tax_set = default;
    let mut at: HashMap<Uuid, usize> = HashMap::new();
    let mut after = Uuid::nil();
    loop {
        let rows = read.rows(&PRODUCTS, params![after, PAGE]).await?;
        let last_page = rows.len() < PAGE as usize;
        for row in rows {
            let item = product(row)?;
            after = item.id;
            at.insert(item.id, catalogue.products.len());
            catalogue.products.push(item);
        }
        if last_page {
            break;
        }
    }
    load_barcodes(read, &at, &mut catalogue).await?;
    Ok(catalogue)
}

fn product(mut row: Row) -> Result<ProductItem, DbError> {
    let (id, name, sku, category) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let (unit, fractions, tracks_stock) = (row.take()?, row.take()?, row.take()?);
    let policy: String = row.take()?;
    let (price_minor, purchase_price_minor, tax_set) = (row.take()?, row.take()?, row.take()?);
    let (minimum_milli, favorite): (i64, bool) = (row.take()?, row.take()?);
    let version: i64 = row.take()?;
    Ok(ProductItem {
        id,
        before: Some((version, price_minor)),
        changes: Vec::new(),
        name,
        sku,
        category,
        named_category: None,
        unit,
        fractions,
        tracks_stock,
        sells_below_zero: policy == "allow",
        price_minor,
        purchase_price_minor,
        tax_set,
        minimum_milli,
        favorite,
        barcodes: Vec::new(),
        barcodes_change: false,
        stock_milli: None,
    })
}

async fn load_barcodes(
    read: &mut ShopRead,
    at: &HashMap<Uuid, usize>,
    catalogue: &mut Catalogue,
) -> Result<(), DbError> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let rows = read.rows(&BARCODES, params![after.as_str(), PAGE]).await?;
        let last_page = rows.len() < PAGE as usize;
        for mut row in rows {
            let code: String = row.take()?;
            let product: Uuid = row.take()?;
            let (pack_milli, price_minor, position): (i64, Option<i64>, i64) = (row.take()?, row.take()?, row.take()?);
            after.clone_from(&code);
            // A product that was made between two pages is not known yet.
            if let Some(at) = at.get(&product) {
                found.push((*at, position, (code, pack_milli, price_minor)));
            }
        }
        if last_page {
            break;
        }
    }
    found.sort_by_key(|(at, position, _)| (*at, *position));
    for (at, _, barcode) in found {
        catalogue.products[at].barcodes.push(barcode);
    }
    Ok(())
}

/// The shop's tax sets and which of them is the default.
///
/// # Errors
/// Whatever the database says.
pub async fn load_tax_sets(read: &mut ShopRead) -> Result<(Vec<KnownTaxSet>, Uuid), DbError> {
    let mut sets: Vec<KnownTaxSet> = Vec::new();
    let mut default = None;
    for mut row in read.rows(&TAX_SETS, params![]).await? {
        let (id, name): (Uuid, String) = (row.take()?, row.take()?);
        let (is_default, rate_ppm): (bool, Option<i64>) = (row.take()?, row.take()?);
        if is_default {
            default = Some(id);
        }
        match sets.last_mut().filter(|set| set.id == id) {
            Some(set) => set.rate_ppm = set.rate_ppm.zip(rate_ppm).map(|(sum, rate)| sum + rate),
            None => sets.push(KnownTaxSet { id, name, rate_ppm }),
        }
    }
    let first = sets.first().map(|set| set.id).unwrap_or_default();
    Ok((sets, default.unwrap_or(first)))
}

/// Loads the customers, as items that change nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn load_customers(read: &mut ShopRead) -> Result<Vec<CustomerItem>, DbError> {
    let mut customers = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let rows = read.rows(&CUSTOMERS, params![after, PAGE]).await?;
        let last_page = rows.len() < PAGE as usize;
        for mut row in rows {
            let id = row.take()?;
            let (name, phone, document) = (row.take()?, row.take()?, row.take()?);
            let (email, address, external_code) = (row.take()?, row.take()?, row.take()?);
            let version: i64 = row.take()?;
            let item = CustomerItem {
                id,
                version: Some(version),
                changes: Vec::new(),
                name,
                phone,
                document,
                email,
                address,
                external_code,
            };
            after = item.id;
            customers.push(item);
        }
        if last_page {
            return Ok(customers);
        }
    }
}
