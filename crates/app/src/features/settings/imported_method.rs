//! The payment method of imported history: the file does not say how it was paid.
//!
//! **Invariant:** a sale's payments sum up to its total, for imported sales too; the
//! method is inactive, so that no till offers it.

use db::{DbError, ShopTx, params};
use domain::ids::MethodId;
use uuid::Uuid;

db::statements! {
    INSERT_IMPORTED = "settings.insert_imported_method",
        "INSERT INTO payment_method (shop_id, id, name, kind, needs_bank, needs_reference, position, active)
         VALUES ($1, $2, $3, 'other', FALSE, FALSE, 1000, FALSE)
         ON CONFLICT (shop_id, id) DO NOTHING";
}

/// The method that imported sales are paid by, made where the shop has none. Its id
/// follows from the shop's, so that two imports make one.
///
/// # Errors
/// Whatever the database says.
pub async fn find_or_create(tx: &mut ShopTx) -> Result<MethodId, DbError> {
    let id = id_in(tx.shop_id());
    let name = "Historial importado";
    tx.exec(&INSERT_IMPORTED, params![id.0, name]).await?;
    Ok(id)
}

/// The id that the method has in a shop, whether or not it is there yet.
pub fn id_in(shop: Uuid) -> MethodId {
    /// "Unknown means of an imported sale", drawn once.
    const MARK: u128 = 0x5d1c_3a70_9be4_4c1f_8e02_6f4b_17a9_d3c5;
    MethodId(uuid::Builder::from_custom_bytes((shop.as_u128() ^ MARK).to_be_bytes()).into_uuid())
}
