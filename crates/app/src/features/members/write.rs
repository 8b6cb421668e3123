//! Writing memberships, and finding the sellers that an admin may change.

use db::{DbError, ShopRead, ShopTx, params};
use domain::{ids::UserId, permission::Role};

db::statements! {
    INSERT = "members.insert",
        "INSERT INTO member (shop_id, user_id, role, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)";
    SET_ACTIVE = "members.set_active",
        "UPDATE member
         SET active = $3, updated_at = $4, version = version + 1
         WHERE shop_id = $1 AND user_id = $2 AND role = 'vendedor'";
    STANDING = "members.standing",
        "SELECT member.role, member.active AND app_user.active
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.shop_id = $1 AND member.user_id = $2";
    SELLER = "members.seller",
        "SELECT app_user.username, app_user.first_name, app_user.last_name
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.shop_id = $1 AND member.user_id = $2 AND member.role = 'vendedor'";
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

/// Lets a seller in or keeps them out; `false` where the shop has no such seller.
///
/// # Errors
/// Whatever the database says.
pub async fn set_active(tx: &mut ShopTx, user: UserId, active: bool, now_us: i64) -> Result<bool, DbError> {
    Ok(tx.exec(&SET_ACTIVE, params![user.0, active, now_us]).await? == 1)
}

/// What somebody is, or was, in the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Their role.
    pub role: Role,
    /// Whether they still work there.
    pub active: bool,
}

/// What somebody is or was in the shop; `None` for who never was a member.
///
/// # Errors
/// Whatever the database says.
pub async fn standing(read: &mut ShopRead, user: UserId) -> Result<Option<Standing>, DbError> {
    let Some(mut row) = read.opt(&STANDING, params![user.0]).await? else { return Ok(None) };
    let role: String = row.take()?;
    let active = row.take()?;
    Ok(Role::parse(&role).map(|role| Standing { role, active }))
}

/// A seller of the shop, as they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// The name they sign in with.
    pub username: String,
    /// First and last name, or the user name.
    pub name: String,
}

/// A seller of the shop; `None` for admins and strangers.
///
/// # Errors
/// Whatever the database says.
pub async fn seller(read: &mut ShopRead, user: UserId) -> Result<Option<Seller>, DbError> {
    let Some(mut row) = read.opt(&SELLER, params![user.0]).await? else { return Ok(None) };
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let full = format!("{first} {last}");
    let name = if full.trim().is_empty() { username.clone() } else { full.trim().to_owned() };
    Ok(Some(Seller { username, name }))
}
