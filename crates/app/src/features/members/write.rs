//! Writing memberships.

use db::{DbError, ShopTx, params};
use domain::{ids::UserId, permission::Role};

db::statements! {
    INSERT = "members.insert",
        "INSERT INTO member (shop_id, user_id, role, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)";
}

/// Makes a person a member of the shop.
///
/// # Errors
/// Whatever the database says; somebody who is one already is a unique violation.
pub async fn insert(
    tx: &mut ShopTx,
    user: UserId,
    role: Role,
    created_by: Option<UserId>,
    now_us: i64,
) -> Result<(), DbError> {
    tx.exec_one(&INSERT, params![user.0, role.as_str(), created_by.map(|by| by.0), now_us]).await
}
