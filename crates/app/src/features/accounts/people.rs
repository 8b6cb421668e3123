//! Writing people down.
//!
//! **Invariant:** names and addresses are unique in one normal form, which is
//! computed here and nowhere else.

use db::{DbError, ShopTx, SystemTx, params};
use domain::ids::UserId;
use unicode_normalization::UnicodeNormalization;

db::statements! {
    system INSERT = "accounts.insert_person",
        "INSERT INTO app_user (id, username, username_key, email, email_key, first_name, last_name, phone,
                               password_hash, superuser, email_verified, must_change_password, activated_at,
                               created_by, created_at, updated_at, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16)";
}

/// A person to write down.
#[derive(Clone, Debug, Default)]
pub struct NewPerson {
    /// The name they sign in with; no `@`.
    pub username: String,
    /// Their address.
    pub email: Option<String>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Phone.
    pub phone: String,
    /// The stored form of their password; none cannot sign in.
    pub password_hash: Option<String>,
    /// Whether they run the installation.
    pub superuser: bool,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// Whether somebody else chose the password.
    pub must_change_password: bool,
    /// Whether they may sign in; not before a superuser says so, where the
    /// installation wants that.
    pub active: bool,
    /// Who created them, where somebody else did.
    pub created_by: Option<UserId>,
}

/// The form in which user names are compared: composed, lower case (NFKC, so that
/// look-alike widths are one).
pub fn username_key(username: &str) -> String {
    username.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// Whether what somebody typed names an address: an `@` in any width makes it one,
/// so that no user name can look like another person's address.
pub fn is_address(typed: &str) -> bool {
    username_key(typed).contains('@')
}

/// The form in which addresses are compared.
pub fn email_key(email: &str) -> String {
    email.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// Writes a person down together with the shop that they come with.
///
/// # Errors
/// A name or address that somebody has is a unique violation
/// (`app_user_username_key_key`, `app_user_email_key_key`).
pub async fn insert_with_shop(tx: &mut ShopTx, id: UserId, person: &NewPerson, now_us: i64) -> Result<(), DbError> {
    tx.exec_global(&INSERT, columns(id, person, now_us)).await
}

/// Writes a person down who belongs to no shop.
///
/// # Errors
/// As [`insert_with_shop`].
pub async fn insert(tx: &mut SystemTx, id: UserId, person: &NewPerson, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&INSERT, columns(id, person, now_us)).await
}

fn columns(id: UserId, person: &NewPerson, now_us: i64) -> db::Params {
    params![
        id.0,
        person.username.trim(),
        username_key(&person.username),
        person.email.as_deref().map(str::trim),
        person.email.as_deref().map(email_key),
        person.first_name.as_str(),
        person.last_name.as_str(),
        person.phone.as_str(),
        person.password_hash.as_deref(),
        person.superuser,
        person.email_verified,
        person.must_change_password,
        person.active.then_some(now_us),
        person.created_by.map(|by| by.0),
        now_us,
        person.active
    ]
}
