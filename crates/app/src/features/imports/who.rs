//! For whom a command line imports: a shop named by a person at the machine, and the
//! admin in whose name it is recorded.
//!
//! Whoever runs the command has the data folder; rights within the shop are not asked.

use crate::actor::Actor;
use db::{Db, DbError, params};
use domain::{
    ids::{ShopId, TaxSetId, UserId},
    permission::Role,
};
use uuid::Uuid;

db::statements! {
    system scan FIND_SHOPS = "imports.find_shops",
        "SELECT shop.id
         FROM shop
         WHERE shop.active AND (shop.name = $1 OR shop.id = $2)
         ORDER BY shop.id
         LIMIT 2";
    FIRST_ADMIN = "imports.first_admin",
        "SELECT user_id
         FROM member
         WHERE shop_id = $1 AND role = 'admin' AND active
         ORDER BY created_at, user_id
         LIMIT 1";
}

/// Why nobody was found.
#[derive(Debug)]
pub enum WhoError {
    /// No active shop has that name or id.
    NoShop,
    /// Several shops have that name: the id is needed.
    SeveralShops,
    /// The shop has no active admin.
    NoAdmin,
    /// The shop has no tax set of that name; these are its own.
    NoTaxSet(Vec<String>),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for WhoError {
    fn from(error: DbError) -> Self {
        WhoError::Db(error)
    }
}

/// The shop's first admin, by the shop's name or id.
///
/// # Errors
/// The reasons of [`WhoError`].
pub async fn admin_of(db: &Db, shop: &str) -> Result<Actor, WhoError> {
    let id = shop.parse::<Uuid>().unwrap_or(Uuid::nil());
    let mut read = db.system("the shop that a command names").await?;
    let mut rows = read.rows(&FIND_SHOPS, params![shop, id]).await?;
    drop(read);
    if rows.len() > 1 {
        return Err(WhoError::SeveralShops);
    }
    let shop = ShopId(rows.pop().ok_or(WhoError::NoShop)?.take::<Uuid>()?);
    let mut read = db.shop(&crate::actor::InShop(shop)).await?;
    let mut row = read.opt(&FIRST_ADMIN, params![]).await?.ok_or(WhoError::NoAdmin)?;
    Ok(Actor { shop, user: UserId(row.take()?), role: Role::Admin })
}

/// The tax set of a name, ignoring case and accents.
///
/// # Errors
/// The reasons of [`WhoError`].
pub async fn tax_set_of(db: &Db, actor: Actor, name: &str) -> Result<TaxSetId, WhoError> {
    let mut read = db.shop(&actor).await?;
    let (sets, _) = super::known::load_tax_sets(&mut read).await?;
    let key = crate::text_key::search_key(name);
    let found = sets.iter().find(|set| crate::text_key::search_key(&set.name) == key);
    match found {
        Some(set) => Ok(TaxSetId(set.id)),
        None => Err(WhoError::NoTaxSet(sets.into_iter().map(|set| set.name).collect())),
    }
}
