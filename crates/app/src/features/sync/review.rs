//! What could not be posted as it was, or was posted and is odd: kept whole.

use crate::features::sync::device::DeviceActor;
use db::{DbError, ShopTx, params};
use uuid::Uuid;

db::statements! {
    INSERT = "sync.insert_review",
        "INSERT INTO review_item (shop_id, id, device_id, item_id, kind, code, content, posted, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (shop_id, id) DO NOTHING";
    KNOWN = "sync.known_review",
        "SELECT id
         FROM review_item
         WHERE shop_id = $1 AND item_id = $2 AND content = $3 AND NOT posted
         LIMIT 1";
}

/// Whether what is reviewed is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It is; something about it is odd.
    Yes,
    /// It is not; a person posts or rejects it.
    No,
}

/// Something for a person to look at.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    /// Its own id.
    pub id: Uuid,
    /// The till's id of the item.
    pub item: Uuid,
    /// What kind of item.
    pub kind: String,
    /// Why it is here.
    pub code: String,
    /// The item as it came.
    pub content: String,
    /// Whether it is on record.
    pub posted: Posted,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Keeps an item for review. The same item again is kept once.
///
/// # Errors
/// Whatever the database says.
pub async fn keep(tx: &mut ShopTx, device: DeviceActor, review: &ReviewItem) -> Result<(), DbError> {
    let is_new =
        review.posted == Posted::Yes || tx.opt(&KNOWN, params![review.item, review.content.as_str()]).await?.is_none();
    if is_new {
        let row = params![
            review.id,
            device.device.0,
            review.item,
            review.kind.as_str(),
            review.code.as_str(),
            review.content.as_str(),
            review.posted == Posted::Yes,
            review.now_us
        ];
        tx.exec(&INSERT, row).await?;
    }
    Ok(())
}
