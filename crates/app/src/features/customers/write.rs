//! Writing customers.

use crate::{
    features::totals::{self, Counted},
    text_key,
};
use db::{DbError, ShopTx, params};
use domain::ids::CustomerId;

db::statements! {
    INSERT = "customers.insert",
        "INSERT INTO customer (shop_id, id, name, search_key, sort_key, phone, document, email, address,
                               external_code, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    /// Guarded by the version that the change was decided on.
    UPDATE = "customers.update",
        "UPDATE customer
         SET name = $4, search_key = $5, sort_key = $6, phone = $7, document = $8, email = $9, address = $10,
             external_code = $11, updated_at = $12, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND version = $3";
    SET_ACTIVE = "customers.set_active",
        "UPDATE customer
         SET active = $3, updated_at = $4, version = version + 1
         WHERE shop_id = $1 AND id = $2 AND active <> $3";
}

/// A customer's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFields {
    /// Their name.
    pub name: String,
    /// Telephone, as written.
    pub phone: String,
    /// Identity or tax number.
    pub document: String,
    /// E-mail.
    pub email: String,
    /// Address.
    pub address: String,
    /// The number another program gave them, unique in the shop.
    pub external_code: Option<String>,
}

/// Inserts customers.
///
/// # Errors
/// An external code that another customer has is a unique violation
/// (`customer_shop_id_external_code_key`).
pub async fn insert_customers(
    tx: &mut ShopTx,
    customers: &[(CustomerId, CustomerFields)],
    now_us: i64,
) -> Result<(), DbError> {
    let rows = customers.iter().map(|(id, customer)| {
        params![
            id.0,
            customer.name.as_str(),
            search_key(customer),
            text_key::sort_key(&customer.name),
            customer.phone.as_str(),
            customer.document.as_str(),
            customer.email.as_str(),
            customer.address.as_str(),
            customer.external_code.as_deref(),
            now_us
        ]
    });
    tx.exec_many(&INSERT, rows.collect()).await?;
    let many = i64::try_from(customers.len()).expect("a shop has fewer customers than an i64 counts");
    totals::count(tx, Counted::Customers, many).await
}

/// Writes a customer's fields anew; `false` where somebody else changed them in the
/// meantime.
///
/// # Errors
/// As [`insert_customers`].
pub async fn update_customer(
    tx: &mut ShopTx,
    id: CustomerId,
    version: i64,
    customer: &CustomerFields,
    now_us: i64,
) -> Result<bool, DbError> {
    let row = params![
        id.0,
        version,
        customer.name.as_str(),
        search_key(customer),
        text_key::sort_key(&customer.name),
        customer.phone.as_str(),
        customer.document.as_str(),
        customer.email.as_str(),
        customer.address.as_str(),
        customer.external_code.as_deref(),
        now_us
    ];
    Ok(tx.exec(&UPDATE, row).await? == 1)
}

/// Takes a customer out of use, or puts them back. Answers whether that changed
/// anything.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, id: CustomerId, active: bool, now_us: i64) -> Result<bool, DbError> {
    let changed = tx.exec(&SET_ACTIVE, params![id.0, active, now_us]).await?;
    if changed == 1 {
        totals::count(tx, Counted::Customers, if active { 1 } else { -1 }).await?;
    }
    Ok(changed == 1)
}

/// Customers are found by name, document and telephone.
fn search_key(customer: &CustomerFields) -> String {
    text_key::search_key(&format!("{} {} {}", customer.name, customer.document, customer.phone))
}
