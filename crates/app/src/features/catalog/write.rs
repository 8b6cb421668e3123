//! Writing the catalogue.
//!
//! **Invariant:** whoever writes took the next version first; it orders all
//! writers of a shop's catalogue, so that versions become visible in order.

use crate::{
    features::{
        catalog::photos::PhotoName,
        totals::{self, Counted},
    },
    text_key,
};
use db::{DbError, ShopTx, params};
use domain::ids::{CategoryId, ProductId, TaxSetId, UserId};
use uuid::Uuid;

db::statements! {
    NEXT_VERSION = "catalog.next_version",
        "INSERT INTO catalog_version (shop_id, version)
         VALUES ($1, 1)
         ON CONFLICT (shop_id) DO UPDATE
         SET version = catalog_version.version + 1
         RETURNING version";
    INSERT_CATEGORY = "catalog.insert_category",
        "INSERT INTO category (shop_id, id, name, name_key, sort_key, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (shop_id, name_key) DO NOTHING";
    CATEGORY_BY_NAME = "catalog.category_by_name",
        "SELECT id
         FROM category
         WHERE shop_id = $1 AND name_key = $2";
    INSERT_PRODUCT = "catalog.insert_product",
        "INSERT INTO product (shop_id, id, name, search_key, sort_key, sku, sku_key, category_id, unit, fractions,
                              tracks_stock, stock_policy, price_minor, purchase_price_minor, tax_set_id,
                              minimum_milli, favorite, catalog_version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)";
    /// Guarded by the version that the change was decided on.
    UPDATE_PRODUCT = "catalog.update_product",
        "UPDATE product
         SET name = $4, search_key = $5, sort_key = $6, sku = $7, sku_key = $8, category_id = $9, unit = $10,
             fractions = $11, tracks_stock = $12, stock_policy = $13, price_minor = $14, purchase_price_minor = $15,
             tax_set_id = $16, minimum_milli = $17, favorite = $18, catalog_version = $19, updated_at = $20,
             version = version + 1
         WHERE shop_id = $1 AND id = $2 AND version = $3";
    DELETE_BARCODES = "catalog.delete_barcodes",
        "DELETE FROM barcode
         WHERE shop_id = $1 AND product_id = $2";
    INSERT_BARCODE = "catalog.insert_barcode",
        "INSERT INTO barcode (shop_id, code, product_id, position, pack_milli, price_minor)
         VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_PRICE_CHANGE = "catalog.insert_price_change",
        "INSERT INTO price_change (shop_id, product_id, catalog_version, price_before_minor, price_after_minor,
                                   changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LOCK_PRODUCT = "catalog.lock_product",
        "SELECT version
         FROM product
         WHERE shop_id = $1 AND id = $2
         {lock}";
    /// What a product is found by: the typed texts and its category's name.
    WRITE_SEARCH = "catalog.write_search",
        "INSERT INTO product_search (shop_id, product_id, search_text)
         VALUES ($1, $2, $3 || COALESCE((SELECT ' ' || name_key FROM category WHERE shop_id = $1 AND id = $4), ''))
         ON CONFLICT (shop_id, product_id) DO UPDATE
         SET search_text = excluded.search_text";
    DELETE_SEARCH = "catalog.delete_search",
        "DELETE FROM product_search
         WHERE shop_id = $1 AND product_id = $2";
    SET_PHOTO = "catalog.set_photo",
        "UPDATE product
         SET photo = $3
         WHERE shop_id = $1 AND id = $2";
    REMOVE_PRODUCT = "catalog.remove_product",
        "UPDATE product
         SET removed = TRUE, active = FALSE, sku = NULL, sku_key = NULL, photo = NULL, catalog_version = $3, updated_at = $4,
             version = version + 1
         WHERE shop_id = $1 AND id = $2 AND NOT removed";
    SET_ACTIVE = "catalog.set_active",
        "UPDATE product
         SET active = $3, catalog_version = $4, updated_at = $5, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND active <> $3 AND NOT removed";
}

/// Who writes, when, and under which catalogue version.
#[derive(Clone, Copy, Debug)]
pub struct CatalogEdit {
    /// The version that this transaction took.
    pub version: i64,
    /// Who.
    pub person: UserId,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Takes the shop's next catalogue version and keeps it locked until the
/// transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn begin_edit(tx: &mut ShopTx, person: UserId, now_us: i64) -> Result<CatalogEdit, DbError> {
    let version = tx.one(&NEXT_VERSION, params![]).await?.take()?;
    Ok(CatalogEdit { version, person, now_us })
}

/// How a product is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// By the piece.
    Piece,
    /// Kilograms.
    Kilogram,
    /// Grams.
    Gram,
    /// Pounds, which in the region's markets are 500 g.
    Pound,
    /// Litres.
    Litre,
    /// Millilitres.
    Millilitre,
    /// Metres.
    Metre,
}

impl Unit {
    /// All of them, in the order of a list.
    pub const ALL: [Unit; 7] =
        [Unit::Piece, Unit::Kilogram, Unit::Gram, Unit::Pound, Unit::Litre, Unit::Millilitre, Unit::Metre];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Piece => "unidad",
            Unit::Kilogram => "kg",
            Unit::Gram => "g",
            Unit::Pound => "lb",
            Unit::Litre => "l",
            Unit::Millilitre => "ml",
            Unit::Metre => "m",
        }
    }

    /// The word beside a figure: pieces need none, the others are written alike everywhere.
    pub fn mark(self) -> &'static str {
        if self == Unit::Piece { "" } else { self.as_str() }
    }

    /// The unit of a stored word.
    pub fn parse(word: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.as_str() == word)
    }
}

/// A code on a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBarcode {
    /// The code as scanned.
    pub code: String,
    /// Units in the package, in thousandths, at least one unit.
    pub pack_milli: i64,
    /// The package's own price.
    pub price_minor: Option<i64>,
}

/// A product's own fields, as they are to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFields {
    /// Its name.
    pub name: String,
    /// The shop's own code, unique ignoring case.
    pub sku: Option<String>,
    /// Where it stands in the shop.
    pub category: Option<CategoryId>,
    /// How it is counted.
    pub unit: Unit,
    /// Whether a part of a unit may be sold.
    pub fractions: bool,
    /// Whether it has stock.
    pub tracks_stock: bool,
    /// Whether it is sold below zero.
    pub sells_below_zero: bool,
    /// The price of one unit.
    pub price_minor: i64,
    /// What one unit costs, as the shop says.
    pub purchase_price_minor: Option<i64>,
    /// Its taxes.
    pub tax_set: TaxSetId,
    /// Below this it is running out, in thousandths.
    pub minimum_milli: i64,
    /// Whether it stands among the till's favourites.
    pub favorite: bool,
    /// Its codes, the first being the one shown.
    pub barcodes: Vec<NewBarcode>,
}

/// Inserts a product with its codes and its first price.
///
/// # Errors
/// A code or SKU that another product has is a unique violation
/// (`barcode_pkey`, `product_shop_id_sku_key_key`).
pub async fn insert_product(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    id: ProductId,
    product: &ProductFields,
) -> Result<(), DbError> {
    insert_products(tx, edit, &[(id, product.clone())]).await
}

/// Inserts many products at once, as an import brings them.
///
/// # Errors
/// As [`insert_product`], for the first product that is refused.
pub async fn insert_products(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    products: &[(ProductId, ProductFields)],
) -> Result<(), DbError> {
    insert_uncounted(tx, edit, products).await?;
    count_new(tx, products.len()).await
}

/// The same without counting them, for a transaction that also gives them stock: the
/// counter is locked after the stock item. Such a transaction ends with
/// [`count_new`].
///
/// # Errors
/// As [`insert_product`], for the first product that is refused.
pub async fn insert_uncounted(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    products: &[(ProductId, ProductFields)],
) -> Result<(), DbError> {
    let rows = products.iter().map(|(id, product)| {
        params![
            id.0,
            product.name.as_str(),
            text_key::search_key(&product.name),
            text_key::sort_key(&product.name),
            product.sku.as_deref(),
            product.sku.as_deref().map(text_key::search_key),
            product.category.map(|category| category.0),
            product.unit.as_str(),
            product.fractions,
            product.tracks_stock,
            stock_policy(product),
            product.price_minor,
            product.purchase_price_minor,
            product.tax_set.0,
            product.minimum_milli,
            product.favorite,
            edit.version,
            edit.now_us
        ]
    });
    tx.exec_many(&INSERT_PRODUCT, rows.collect()).await?;
    let codes = products.iter().flat_map(|(id, product)| barcode_rows(*id, &product.barcodes));
    tx.exec_many(&INSERT_BARCODE, codes.collect()).await?;
    let nothing: Option<i64> = None;
    let prices = products
        .iter()
        .map(|(id, product)| params![id.0, edit.version, nothing, product.price_minor, edit.person.0, edit.now_us]);
    tx.exec_many(&INSERT_PRICE_CHANGE, prices.collect()).await?;
    let searches = products.iter().map(|(id, product)| search_row(*id, product));
    tx.exec_many(&WRITE_SEARCH, searches.collect()).await?;
    Ok(())
}

/// The text that a product is found by, folded as searches are.
fn search_row(id: ProductId, product: &ProductFields) -> db::Params {
    let codes = product.barcodes.iter().map(|barcode| barcode.code.as_str());
    let parts = std::iter::once(product.name.as_str()).chain(product.sku.as_deref()).chain(codes);
    let text = text_key::search_key(&parts.collect::<Vec<_>>().join(" "));
    params![id.0, text, product.category.map(|category| category.0)]
}

/// Counts products that were inserted without.
///
/// # Errors
/// Whatever the database says.
pub async fn count_new(tx: &mut ShopTx, many: usize) -> Result<(), DbError> {
    let many = i64::try_from(many).expect("a shop has fewer products than an i64 counts");
    totals::count(tx, Counted::Products, many).await
}

fn stock_policy(product: &ProductFields) -> &'static str {
    if product.sells_below_zero { "allow" } else { "block" }
}

/// Locks a product until the transaction ends and answers its version; `None`
/// where there is none, or it is another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_product(tx: &mut ShopTx, id: ProductId) -> Result<Option<i64>, DbError> {
    tx.opt(&LOCK_PRODUCT, params![id.0]).await?.map(|mut row| row.take()).transpose()
}

/// Takes a product out of what is sold, or puts it back. Answers whether that
/// changed anything.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, edit: CatalogEdit, id: ProductId, active: bool) -> Result<bool, DbError> {
    let changed = tx.exec(&SET_ACTIVE, params![id.0, active, edit.version, edit.now_us]).await?;
    if changed == 1 {
        totals::count(tx, Counted::Products, if active { 1 } else { -1 }).await?;
    }
    Ok(changed == 1)
}

/// Deletes a product to which nothing happened: it is in no list any more, and its
/// codes are free. Its row stays for its prices, which are append-only.
///
/// # Errors
/// Whatever the database says; a product that is not there is a missed guard.
pub async fn remove_product(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    id: ProductId,
    was_active: bool,
) -> Result<(), DbError> {
    tx.exec_one(&REMOVE_PRODUCT, params![id.0, edit.version, edit.now_us]).await?;
    tx.exec(&DELETE_BARCODES, params![id.0]).await?;
    tx.exec(&DELETE_SEARCH, params![id.0]).await?;
    if was_active {
        totals::count(tx, Counted::Products, -1).await?;
    }
    Ok(())
}

/// What a change of a product was decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductBefore {
    /// Its row's version.
    pub version: i64,
    /// Its price.
    pub price_minor: i64,
}

/// Writes a product's fields anew; its codes as well, where `barcodes` says that they
/// changed. `false` where somebody else changed the product in the meantime.
///
/// # Errors
/// As [`insert_product`].
pub async fn update_product(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    id: ProductId,
    before: ProductBefore,
    product: &ProductFields,
    barcodes: Barcodes,
) -> Result<bool, DbError> {
    let row = params![
        id.0,
        before.version,
        product.name.as_str(),
        text_key::search_key(&product.name),
        text_key::sort_key(&product.name),
        product.sku.as_deref(),
        product.sku.as_deref().map(text_key::search_key),
        product.category.map(|category| category.0),
        product.unit.as_str(),
        product.fractions,
        product.tracks_stock,
        stock_policy(product),
        product.price_minor,
        product.purchase_price_minor,
        product.tax_set.0,
        product.minimum_milli,
        product.favorite,
        edit.version,
        edit.now_us
    ];
    if tx.exec(&UPDATE_PRODUCT, row).await? == 0 {
        return Ok(false);
    }
    if barcodes == Barcodes::Changed {
        tx.exec(&DELETE_BARCODES, params![id.0]).await?;
        insert_barcodes(tx, id, &product.barcodes).await?;
    }
    tx.exec(&WRITE_SEARCH, search_row(id, product)).await?;
    if before.price_minor != product.price_minor {
        record_price(tx, edit, id, Some(before.price_minor), product.price_minor).await?;
    }
    Ok(true)
}

/// Gives a product a photo, or takes it away. Part of an insert or an update, which
/// moves the versions.
///
/// # Errors
/// Whatever the database says; a product that is not there is a missed guard.
pub async fn set_photo(tx: &mut ShopTx, id: ProductId, photo: Option<&PhotoName>) -> Result<(), DbError> {
    tx.exec_one(&SET_PHOTO, params![id.0, photo.map(PhotoName::as_str)]).await
}

/// Whether a change of a product touches its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barcodes {
    /// They stay.
    Same,
    /// They are written anew.
    Changed,
}

/// Inserts a product's codes in their order.
///
/// # Errors
/// A code that another product has is a unique violation (`barcode_pkey`).
pub async fn insert_barcodes(tx: &mut ShopTx, id: ProductId, barcodes: &[NewBarcode]) -> Result<(), DbError> {
    tx.exec_many(&INSERT_BARCODE, barcode_rows(id, barcodes).collect()).await?;
    Ok(())
}

fn barcode_rows(id: ProductId, barcodes: &[NewBarcode]) -> impl Iterator<Item = db::Params> + '_ {
    (0_i64..).zip(barcodes).map(move |(position, barcode)| {
        params![barcode.code.as_str(), id.0, position, barcode.pack_milli, barcode.price_minor]
    })
}

/// Writes down that a price changed.
///
/// # Errors
/// Whatever the database says.
pub async fn record_price(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    id: ProductId,
    before_minor: Option<i64>,
    after_minor: i64,
) -> Result<(), DbError> {
    tx.exec_one(
        &INSERT_PRICE_CHANGE,
        params![id.0, edit.version, before_minor, after_minor, edit.person.0, edit.now_us],
    )
    .await
}

/// Writes down that many prices changed at once.
///
/// # Errors
/// Whatever the database says.
pub async fn record_prices(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    changed: &[(ProductId, i64, i64)],
) -> Result<(), DbError> {
    let rows = changed.iter().map(|(id, before_minor, after_minor)| {
        params![id.0, edit.version, Some(*before_minor), *after_minor, edit.person.0, edit.now_us]
    });
    tx.exec_many(&INSERT_PRICE_CHANGE, rows.collect()).await.map(drop)
}

/// The category of a name, created with `new_id` where there is none: people
/// create categories by typing them.
///
/// # Errors
/// Whatever the database says.
pub async fn find_or_create_category(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    name: &str,
    new_id: CategoryId,
) -> Result<CategoryId, DbError> {
    let key = text_key::search_key(name);
    tx.exec(&INSERT_CATEGORY, params![new_id.0, name, key.as_str(), text_key::sort_key(name), edit.now_us]).await?;
    let id: Uuid = tx.one(&CATEGORY_BY_NAME, params![key]).await?.take()?;
    Ok(CategoryId(id))
}
