//! One product as it is kept, and the few things that lists show of many.

use crate::features::catalog::{
    photos::PhotoName,
    write::{NewBarcode, ProductFields, Unit},
};
use db::{DbError, Row, ShopRead, params};
use domain::ids::{CategoryId, ProductId, TaxSetId};
use uuid::Uuid;

db::statements! {
    PRODUCT = "catalog.product",
        "SELECT product.name, product.sku, product.category_id, category.name, product.unit, product.fractions,
                product.tracks_stock, product.stock_policy, product.price_minor, product.purchase_price_minor,
                product.tax_set_id, product.minimum_milli, product.favorite, product.active, product.version,
                product.updated_at, product.photo
         FROM product
         LEFT JOIN category ON category.shop_id = $1 AND category.id = product.category_id
         WHERE product.shop_id = $1 AND product.id = $2 AND NOT product.removed";
    /// A sale, a refund or a movement; the totals of a product know of both.
    USED = "catalog.used",
        "SELECT EXISTS (SELECT 1 FROM sale_line WHERE shop_id = $1 AND product_id = $2)
             OR EXISTS (SELECT 1 FROM product_day WHERE shop_id = $1 AND product_id = $2)
             OR EXISTS (SELECT 1 FROM stock_item WHERE shop_id = $1 AND product_id = $2 AND last_number > 0)";
    BARCODES = "catalog.barcodes",
        "SELECT code, pack_milli, price_minor
         FROM barcode
         WHERE shop_id = $1 AND product_id = $2
         ORDER BY position";
    ON_HAND = "catalog.on_hand",
        "SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
         FROM stock_item
         WHERE shop_id = $1 AND product_id = $2";
    /// A row of a list, without anything that a seller may not know.
    ROW = "catalog.row",
        "SELECT product.name, COALESCE(category.name, ''), product.unit, product.tracks_stock, product.price_minor,
                product.minimum_milli, product.photo,
                (SELECT CAST(COALESCE(SUM(rate_ppm), 0) AS BIGINT)
                 FROM tax_rate
                 WHERE shop_id = $1 AND tax_set_id = product.tax_set_id
                   AND EXISTS (SELECT 1 FROM shop WHERE id = $1 AND recovers_purchase_tax)),
                (SELECT code
                 FROM barcode
                 WHERE shop_id = $1 AND product_id = product.id
                 ORDER BY position
                 LIMIT 1),
                (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                 FROM stock_item
                 WHERE shop_id = $1 AND product_id = product.id)
         FROM product
         LEFT JOIN category ON category.shop_id = $1 AND category.id = product.category_id
         WHERE product.shop_id = $1 AND product.id = $2";
    CATEGORIES = "catalog.categories",
        "SELECT id, name
         FROM category
         WHERE shop_id = $1
         ORDER BY sort_key, id
         LIMIT $2";
    TAX_SETS = "catalog.tax_sets",
        "SELECT id, name, is_default
         FROM tax_set
         WHERE shop_id = $1 AND active
         ORDER BY position, id";
    OWNER_OF_CODE = "catalog.owner_of_code",
        "SELECT product.id, product.name
         FROM barcode
         JOIN product ON product.shop_id = $1 AND product.id = barcode.product_id
         WHERE barcode.shop_id = $1 AND barcode.code = $2";
}

/// More categories than a shop can have and still find anything.
const CATEGORIES_MAX: i64 = 500;

/// A product as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProduct {
    /// Its id.
    pub id: ProductId,
    /// What people may change.
    pub fields: ProductFields,
    /// The name of its category, or nothing.
    pub category_name: String,
    /// Whether it is sold.
    pub active: bool,
    /// Changes with every edit.
    pub version: i64,
    /// When it was last edited, in microseconds UTC.
    pub updated_at: i64,
    /// Its photo.
    pub photo: Option<PhotoName>,
}

/// Loads a product; `None` where there is none, or it is another shop's.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, id: ProductId) -> Result<Option<StoredProduct>, DbError> {
    let Some(row) = read.opt(&PRODUCT, params![id.0]).await? else { return Ok(None) };
    let mut product = stored(id, row)?;
    for mut row in read.rows(&BARCODES, params![id.0]).await? {
        let barcode = NewBarcode { code: row.take()?, pack_milli: row.take()?, price_minor: row.take()? };
        product.fields.barcodes.push(barcode);
    }
    Ok(Some(product))
}

fn stored(id: ProductId, mut row: Row) -> Result<StoredProduct, DbError> {
    let (name, sku): (String, Option<String>) = (row.take()?, row.take()?);
    let category: Option<Uuid> = row.take()?;
    let category_name: Option<String> = row.take()?;
    let unit: String = row.take()?;
    let (fractions, tracks_stock) = (row.take()?, row.take()?);
    let policy: String = row.take()?;
    let (price_minor, purchase_price_minor) = (row.take()?, row.take()?);
    let tax_set: Uuid = row.take()?;
    let fields = ProductFields {
        name,
        sku,
        category: category.map(CategoryId),
        unit: Unit::parse(&unit).unwrap_or(Unit::Piece),
        fractions,
        tracks_stock,
        sells_below_zero: policy == "allow",
        price_minor,
        purchase_price_minor,
        tax_set: TaxSetId(tax_set),
        minimum_milli: row.take()?,
        favorite: row.take()?,
        barcodes: Vec::new(),
    };
    Ok(StoredProduct {
        id,
        fields,
        category_name: category_name.unwrap_or_default(),
        active: row.take()?,
        version: row.take()?,
        updated_at: row.take()?,
        photo: photo(&mut row)?,
    })
}

/// The photo of the next column. The column holds what [`PhotoName`] wrote.
///
/// # Errors
/// Whatever the database says.
pub fn photo(row: &mut Row) -> Result<Option<PhotoName>, DbError> {
    let name: Option<String> = row.take()?;
    Ok(name.as_deref().and_then(PhotoName::parse))
}

/// How a person is called, from the next three columns: user name, first and last name.
///
/// # Errors
/// Whatever the database says.
pub fn person_name(row: &mut Row) -> Result<String, DbError> {
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let full = format!("{first} {last}").trim().to_owned();
    Ok(if full.is_empty() { username } else { full })
}

/// What is on hand at all locations, in thousandths.
///
/// # Errors
/// Whatever the database says.
pub async fn on_hand_milli(read: &mut ShopRead, id: ProductId) -> Result<i64, DbError> {
    read.one(&ON_HAND, params![id.0]).await?.take()
}

/// Whether anything happened to a product that must stay readable.
///
/// # Errors
/// Whatever the database says.
pub async fn is_used(read: &mut ShopRead, id: ProductId) -> Result<bool, DbError> {
    read.one(&USED, params![id.0]).await?.take()
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedProduct {
    /// Which product.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its category's name, or nothing.
    pub category: String,
    /// How it is counted.
    pub unit: Unit,
    /// Whether it has stock.
    pub tracks_stock: bool,
    /// The price of one unit.
    pub price_minor: i64,
    /// Below this it is running out, in thousandths.
    pub minimum_milli: i64,
    /// Its photo.
    pub photo: Option<PhotoName>,
    /// Its taxes together.
    pub rate_ppm: i64,
    /// Its first code.
    pub code: Option<String>,
    /// On hand at all locations, in thousandths.
    pub on_hand_milli: i64,
}

/// Loads the rows of a list, in the order given; one that was removed meanwhile
/// is left out.
///
/// # Errors
/// Whatever the database says.
pub async fn load_rows(read: &mut ShopRead, products: &[ProductId]) -> Result<Vec<ListedProduct>, DbError> {
    let keys = products.iter().map(|id| params![id.0]).collect();
    let rows = read.opt_many(&ROW, keys).await?;
    let present = products.iter().zip(rows).filter_map(|(id, row)| row.map(|row| (*id, row)));
    present.map(|(id, row)| listed(id, row)).collect()
}

fn listed(id: ProductId, mut row: Row) -> Result<ListedProduct, DbError> {
    let (name, category) = (row.take()?, row.take()?);
    let unit: String = row.take()?;
    Ok(ListedProduct {
        id,
        name,
        category,
        unit: Unit::parse(&unit).unwrap_or(Unit::Piece),
        tracks_stock: row.take()?,
        price_minor: row.take()?,
        minimum_milli: row.take()?,
        photo: photo(&mut row)?,
        rate_ppm: row.take()?,
        code: row.take()?,
        on_hand_milli: row.take()?,
    })
}

/// The shop's categories by name.
///
/// # Errors
/// Whatever the database says.
pub async fn load_categories(read: &mut ShopRead) -> Result<Vec<(CategoryId, String)>, DbError> {
    let rows = read.rows(&CATEGORIES, params![CATEGORIES_MAX]).await?;
    let read = |mut row: Row| {
        let id: Uuid = row.take()?;
        Ok((CategoryId(id), row.take()?))
    };
    rows.into_iter().map(read).collect()
}

/// A tax set to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxChoice {
    /// Which.
    pub id: TaxSetId,
    /// Its name.
    pub name: String,
    /// Whether products have it unless told otherwise.
    pub is_default: bool,
}

/// The tax sets in use, in their order.
///
/// # Errors
/// Whatever the database says.
pub async fn load_tax_sets(read: &mut ShopRead) -> Result<Vec<TaxChoice>, DbError> {
    let rows = read.rows(&TAX_SETS, params![]).await?;
    let read = |mut row: Row| {
        let id: Uuid = row.take()?;
        Ok(TaxChoice { id: TaxSetId(id), name: row.take()?, is_default: row.take()? })
    };
    rows.into_iter().map(read).collect()
}

/// The product that has a code.
///
/// # Errors
/// Whatever the database says.
pub async fn owner_of_code(read: &mut ShopRead, code: &str) -> Result<Option<(ProductId, String)>, DbError> {
    let Some(mut row) = read.opt(&OWNER_OF_CODE, params![code]).await? else { return Ok(None) };
    let id: Uuid = row.take()?;
    Ok(Some((ProductId(id), row.take()?)))
}
