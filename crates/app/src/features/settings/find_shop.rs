//! The shop that an operator names on the command line.

use db::{Db, DbError, params};
use domain::ids::ShopId;
use uuid::Uuid;

db::statements! {
    system BY_ID = "settings.shop_by_id",
        "SELECT id
         FROM shop
         WHERE id = $1 AND active";
    /// An installation's shops are looked through rarely, by its operator.
    system scan BY_NAME = "settings.shop_by_name",
        "SELECT id
         FROM shop
         WHERE name = $1 AND active
         ORDER BY created_at, id
         LIMIT 20";
}

/// The shops that a text names: one by its id, or all of that name.
///
/// # Errors
/// Whatever the database says.
pub async fn named(db: &Db, text: &str) -> Result<Vec<ShopId>, DbError> {
    let mut read = db.system("find shop").await?;
    let rows = match text.parse::<Uuid>() {
        Ok(id) => read.rows(&BY_ID, params![id]).await?,
        Err(_) => read.rows(&BY_NAME, params![text]).await?,
    };
    rows.into_iter().map(|mut row| row.take().map(ShopId)).collect()
}
