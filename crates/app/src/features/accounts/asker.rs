//! Who asks: the person of a session and what they are in its shop, read anew
//! with each request, so that a right that was taken away is gone at once.

use crate::{actor::Actor, features::settings::country};
use db::{Db, DbError, params};
use domain::{
    decimal::Locale,
    ids::{ShopId, UserId},
    permission::{Permission, Role},
};
use guard::session::SessionRecord;
use web::{Lang, format::Currency};

db::statements! {
    system ASKER = "accounts.asker",
        "SELECT app_user.username, app_user.first_name, app_user.last_name, app_user.language, app_user.superuser,
                app_user.must_change_password, member.role, shop.name, shop.country, shop.currency, shop.exponent,
                shop.display_decimals, shop.time_zone, shop.language
         FROM app_user
         LEFT JOIN member ON member.user_id = app_user.id AND member.shop_id = $2 AND member.active
         LEFT JOIN shop ON shop.id = member.shop_id AND shop.active
         WHERE app_user.id = $1 AND app_user.active";
}

/// The person of a session.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub user: UserId,
    /// The name they sign in with.
    pub username: String,
    /// As they are called: first and last name, or the user name.
    pub name: String,
    /// The language they chose.
    pub lang: Option<Lang>,
    /// Whether they run the installation.
    pub superuser: bool,
    /// Whether they must choose a new password first.
    pub must_change_password: bool,
    /// What they are in the session's shop.
    pub membership: Option<Membership>,
}

/// A person's place in the shop of their session.
#[derive(Clone, Debug)]
pub struct Membership {
    /// For the data layer.
    pub actor: Actor,
    /// The shop's name.
    pub shop_name: String,
    /// Its money.
    pub currency: Currency,
    /// How its country writes numbers.
    pub numbers: Locale,
    /// Its zone.
    pub time_zone: String,
    /// The language of whoever chose none, where the shop has one.
    pub lang: Option<Lang>,
}

impl Asker {
    /// Whether they may take an action in the session's shop.
    pub fn may(&self, permission: Permission) -> bool {
        self.membership.as_ref().is_some_and(|membership| membership.actor.may(permission))
    }
}

/// Loads the person of a session; `None` where they are no longer active.
///
/// # Errors
/// Whatever the database says.
pub async fn load(db: &Db, session: &SessionRecord) -> Result<Option<Asker>, DbError> {
    let mut read = db.system("who asks").await?;
    let Some(mut row) = read.opt(&ASKER, params![session.user_id, session.shop_id]).await? else {
        return Ok(None);
    };
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let language: Option<String> = row.take()?;
    let (superuser, must_change_password) = (row.take()?, row.take()?);
    let role: Option<String> = row.take()?;
    let user = UserId(session.user_id);
    let shop_name: Option<String> = row.take()?;
    let role = role.as_deref().and_then(Role::parse);
    let membership = match (session.shop_id, role, shop_name) {
        (Some(shop), Some(role), Some(shop_name)) => {
            Some(membership(Actor { shop: ShopId(shop), user, role }, shop_name, row)?)
        }
        _ => None,
    };
    let full = format!("{first} {last}");
    let name = if full.trim().is_empty() { username.clone() } else { full.trim().to_owned() };
    let lang = language.as_deref().and_then(Lang::parse);
    Ok(Some(Asker { user, username, name, lang, superuser, must_change_password, membership }))
}

fn membership(actor: Actor, shop_name: String, mut row: db::Row) -> Result<Membership, DbError> {
    let (country, code): (String, String) = (row.take()?, row.take()?);
    let (exponent, shown): (i64, i64) = (row.take()?, row.take()?);
    let decimals = |stored: i64| u32::try_from(stored).expect("the column's CHECK keeps it between 0 and 4");
    Ok(Membership {
        actor,
        shop_name,
        currency: Currency {
            sign: country::currency_sign(&code).to_owned(),
            code,
            decimals: decimals(exponent),
            decimals_shown: decimals(shown),
        },
        numbers: country::numbers(&country),
        time_zone: row.take()?,
        lang: row.take::<Option<String>>()?.as_deref().and_then(Lang::parse),
    })
}
