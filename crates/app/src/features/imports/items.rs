//! What waits to be applied: one item a product, customer, document or adjustment.
//!
//! Owns: the stored form. **Invariant:** an item says all that its application needs
//! besides the shop's settings, so that a run goes on after a crash without its file.

use super::columns::Field;
use crate::features::{
    catalog::write::{NewBarcode, ProductFields, Unit},
    customers::write::CustomerFields,
};
use domain::ids::{CategoryId, TaxSetId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something to apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// A product to create or change.
    Product(Box<ProductItem>),
    /// A customer to create or change.
    Customer(CustomerItem),
    /// A sale that happened.
    Sale(DocumentItem),
    /// A refund that happened.
    Refund(DocumentItem),
    /// Stock that came or went.
    Adjustment(AdjustmentItem),
}

/// Items of the same sort are applied together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Products.
    Product,
    /// Customers.
    Customer,
    /// Sales.
    Sale,
    /// Refunds.
    Refund,
    /// Adjustments.
    Adjustment,
}

impl Item {
    /// Its sort.
    pub fn sort(&self) -> Sort {
        match self {
            Item::Product(_) => Sort::Product,
            Item::Customer(_) => Sort::Customer,
            Item::Sale(_) => Sort::Sale,
            Item::Refund(_) => Sort::Refund,
            Item::Adjustment(_) => Sort::Adjustment,
        }
    }

    /// The id of the document that it becomes, the same from every file; records have none.
    pub fn document_id(&self) -> Option<Uuid> {
        match self {
            Item::Sale(document) | Item::Refund(document) => Some(document.id),
            Item::Adjustment(adjustment) => Some(adjustment.id),
            Item::Product(_) | Item::Customer(_) => None,
        }
    }
}

/// One field of a record that exists, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's stored word.
    pub field: String,
    /// As it is.
    pub before: String,
    /// As it will be.
    pub after: String,
}

impl Change {
    /// A change of a field, where there is one.
    pub fn of(field: Field, before: impl ToString, after: impl ToString) -> Option<Change> {
        let (before, after) = (before.to_string(), after.to_string());
        (before != after).then(|| Change { field: field.as_str().to_owned(), before, after })
    }
}

/// A category by its name; the id is used where the shop has none of that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCategory {
    /// Its name.
    pub name: String,
    /// The id of a new one.
    pub new_id: Uuid,
}

/// A product to create or change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductItem {
    /// Its id.
    pub id: Uuid,
    /// For a change, the version and price it was compared with.
    pub before: Option<(i64, i64)>,
    /// What changes.
    pub changes: Vec<Change>,
    /// Its name.
    pub name: String,
    /// The shop's own code.
    pub sku: Option<String>,
    /// Its category as it stays.
    pub category: Option<Uuid>,
    /// A category named in the file.
    pub named_category: Option<NamedCategory>,
    /// The stored word of its unit.
    pub unit: String,
    /// Whether parts are sold.
    pub fractions: bool,
    /// Whether it has stock.
    pub tracks_stock: bool,
    /// Whether it is sold below zero.
    pub sells_below_zero: bool,
    /// Its price.
    pub price_minor: i64,
    /// What it costs.
    pub purchase_price_minor: Option<i64>,
    /// Its taxes.
    pub tax_set: Uuid,
    /// Below it, buy.
    pub minimum_milli: i64,
    /// Whether it stands among the till's favourites.
    pub favorite: bool,
    /// Its codes: code, pack and price.
    pub barcodes: Vec<(String, i64, Option<i64>)>,
    /// Whether the codes change.
    pub barcodes_change: bool,
    /// What a new product has on hand.
    pub stock_milli: Option<i64>,
}

impl ProductItem {
    /// For the catalogue; `named` is the id that its named category turned out to have.
    pub fn fields(&self, named: Option<CategoryId>) -> ProductFields {
        let codes = self.barcodes.iter().map(|(code, pack_milli, price_minor)| NewBarcode {
            code: code.clone(),
            pack_milli: *pack_milli,
            price_minor: *price_minor,
        });
        ProductFields {
            name: self.name.clone(),
            sku: self.sku.clone(),
            category: named.or(self.category.map(CategoryId)),
            unit: Unit::parse(&self.unit).unwrap_or(Unit::Piece),
            fractions: self.fractions,
            tracks_stock: self.tracks_stock,
            sells_below_zero: self.sells_below_zero,
            price_minor: self.price_minor,
            purchase_price_minor: self.purchase_price_minor,
            tax_set: TaxSetId(self.tax_set),
            minimum_milli: self.minimum_milli,
            favorite: self.favorite,
            barcodes: codes.collect(),
        }
    }
}

/// A customer to create or change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerItem {
    /// Their id.
    pub id: Uuid,
    /// For a change, the version they were compared with.
    pub version: Option<i64>,
    /// What changes.
    pub changes: Vec<Change>,
    /// Their name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Identity or tax number.
    pub document: String,
    /// E-mail.
    pub email: String,
    /// Address.
    pub address: String,
    /// The number another program gave them.
    pub external_code: Option<String>,
}

impl CustomerItem {
    /// For the customers.
    pub fn fields(&self) -> CustomerFields {
        CustomerFields {
            name: self.name.clone(),
            phone: self.phone.clone(),
            document: self.document.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
            external_code: self.external_code.clone(),
        }
    }
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// Its product.
    pub product: Uuid,
    /// The description as it was.
    pub name: String,
    /// How many, in thousandths.
    pub quantity_milli: i64,
    /// The price of one, tax included.
    pub price_minor: i64,
}

/// A sale or a refund that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentItem {
    /// Its id, which follows from its moment and number, so that no file brings it twice.
    pub id: Uuid,
    /// Its number in the other program.
    pub invoice: String,
    /// The customer.
    pub customer: Option<Uuid>,
    /// When, µs UTC.
    pub at_us: i64,
    /// Its lines.
    pub lines: Vec<LineItem>,
}

/// Stock that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentItem {
    /// Its id, made as a document's.
    pub id: Uuid,
    /// Its product.
    pub product: Uuid,
    /// In thousandths.
    pub quantity_milli: i64,
    /// Why.
    pub reason: String,
    /// When, µs UTC.
    pub at_us: i64,
}
