//! A product that a till made because nobody knew what was scanned.
//!
//! **Invariants:** it is sold below zero until somebody counts it, for it lay on the
//! shelf before it was written down. A code stays with the product that has it: a till
//! that still can is sent to that product, and what was sold already is recorded
//! without the code.

use crate::features::{
    catalog::{
        product_form::{CODE_CHARS_MAX, NAME_CHARS_MAX, PRICE_MINOR_MAX},
        record,
        write::{self, CatalogEdit, NewBarcode, ProductFields, Unit},
    },
    sync::item::{NotPosted, ProductContent},
};
use db::{DbError, ShopTx, params};
use domain::{
    decimal,
    ids::{ProductId, TaxSetId},
    sale::Occasion,
};
use serde_json::{Map, json};
use uuid::Uuid;

db::statements! {
    /// The one that was asked for, even if it is no longer chosen for new products: the
    /// till charged by it.
    TAX_SET = "sync.tax_set",
        "SELECT id
         FROM tax_set
         WHERE shop_id = $1 AND id = $2";
    USUAL_TAX_SET = "sync.usual_tax_set",
        "SELECT id
         FROM tax_set
         WHERE shop_id = $1 AND active
         ORDER BY is_default DESC, position, id
         LIMIT 1";
}

/// A product whose fields have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadProduct {
    /// Its name.
    pub name: String,
    /// The code by which it was scanned.
    pub code: Option<String>,
    price_minor: i64,
    unit: Unit,
    tax_set: Option<TaxSetId>,
}

/// The fields that are wrong.
#[derive(Debug)]
pub struct WrongFields(Vec<&'static str>);

impl From<WrongFields> for NotPosted {
    fn from(wrong: WrongFields) -> Self {
        let fields = wrong.0.into_iter().map(|field| (field.to_owned(), json!("INVALID")));
        NotPosted { code: "VALIDATION_ERROR", fields: Map::from_iter(fields) }
    }
}

/// Reads a product in a currency of `exponent` decimals.
///
/// # Errors
/// Every field that is wrong, at once.
pub fn read(content: &ProductContent, exponent: u32) -> Result<ReadProduct, WrongFields> {
    let name = words(&content.name, NAME_CHARS_MAX).filter(|name| !name.is_empty());
    let code = words(content.code.as_deref().unwrap_or_default(), CODE_CHARS_MAX);
    let price = decimal::parse(&content.price, exponent).ok().filter(|minor| *minor <= PRICE_MINOR_MAX);
    let unit = Unit::parse(&content.unit);
    let (Some(name), Some(code), Some(price_minor), Some(unit)) = (name.clone(), code.clone(), price, unit) else {
        let missing =
            [("name", name.is_none()), ("code", code.is_none()), ("price", price.is_none()), ("unit", unit.is_none())];
        return Err(WrongFields(missing.into_iter().filter(|(_, wrong)| *wrong).map(|(field, _)| field).collect()));
    };
    let code = Some(code).filter(|code| !code.is_empty());
    Ok(ReadProduct { name, code, price_minor, unit, tax_set: content.tax_set_id })
}

/// A text without what no person types; `None` where it is too long or holds such.
fn words(text: &str, chars_max: usize) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= chars_max && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// What became of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductPosted {
    /// It is in the catalogue.
    Whole,
    /// It is in the catalogue without its code, which another product has.
    WithoutCode {
        /// The other's name.
        owner_name: String,
    },
    /// Nothing was written: another product has the code.
    Refused {
        /// The other product.
        owner: ProductId,
    },
    /// Nothing was written: the shop has no such taxes.
    NoTaxes,
}

/// Writes the product. `edit` holds the catalogue's version, behind which every other
/// writer waits: that is why looking the code up first decides who has it.
///
/// # Errors
/// Whatever the database says.
pub async fn post(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    id: ProductId,
    product: &ReadProduct,
    occasion: Occasion,
) -> Result<ProductPosted, DbError> {
    let Some(tax_set) = tax_set(tx, product.tax_set).await? else { return Ok(ProductPosted::NoTaxes) };
    let owner = match &product.code {
        Some(code) => record::owner_of_code(tx, code).await?,
        None => None,
    };
    if let (Some((owner, _)), Occasion::Asking) = (&owner, occasion) {
        return Ok(ProductPosted::Refused { owner: *owner });
    }
    let code = product.code.as_ref().filter(|_| owner.is_none());
    let barcode = code.map(|code| NewBarcode { code: code.clone(), pack_milli: 1_000, price_minor: None });
    let fields = ProductFields {
        name: product.name.clone(),
        sku: None,
        category: None,
        unit: product.unit,
        fractions: product.unit != Unit::Piece,
        tracks_stock: true,
        sells_below_zero: true,
        price_minor: product.price_minor,
        purchase_price_minor: None,
        tax_set,
        minimum_milli: 0,
        favorite: false,
        barcodes: barcode.into_iter().collect(),
    };
    write::insert_product(tx, edit, id, &fields).await?;
    Ok(owner.map_or(ProductPosted::Whole, |(_, owner_name)| ProductPosted::WithoutCode { owner_name }))
}

async fn tax_set(tx: &mut ShopTx, asked: Option<TaxSetId>) -> Result<Option<TaxSetId>, DbError> {
    let row = match asked {
        Some(id) => tx.opt(&TAX_SET, params![id.0]).await?,
        None => tx.opt(&USUAL_TAX_SET, params![]).await?,
    };
    let id: Option<Uuid> = row.map(|mut row| row.take()).transpose()?;
    Ok(id.map(TaxSetId))
}
