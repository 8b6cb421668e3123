//! Which products have stock at all.

use db::{DbError, ShopRead, params};
use domain::ids::ProductId;
use std::collections::BTreeSet;

db::statements! {
    TRACKED = "stock.tracked",
        "SELECT id
         FROM product
         WHERE shop_id = $1 AND id = $2 AND tracks_stock";
}

/// Of some products those whose stock is tracked.
///
/// # Errors
/// Whatever the database says.
pub async fn of(read: &mut ShopRead, products: &BTreeSet<ProductId>) -> Result<BTreeSet<ProductId>, DbError> {
    let rows = read.opt_many(&TRACKED, products.iter().map(|id| params![id.0]).collect()).await?;
    Ok(products.iter().zip(rows).filter_map(|(id, row)| row.map(|_| *id)).collect())
}
