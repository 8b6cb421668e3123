//! The drawers that are open now, as a form offers them.

use crate::features::sales::load_sale::person_name;
use db::{DbError, ShopRead, params};
use domain::ids::SessionId;
use uuid::Uuid;
use web::Choice;

db::statements! {
    OPEN_DRAWERS = "cash.open_drawers",
        "SELECT cash_session.id, register.name, app_user.username, app_user.first_name, app_user.last_name
         FROM cash_session
         JOIN register ON register.shop_id = cash_session.shop_id AND register.id = cash_session.register_id
         JOIN app_user ON app_user.id = cash_session.opened_by
         WHERE cash_session.shop_id = $1 AND cash_session.state = 'open'
         ORDER BY register.name, cash_session.id";
}

/// Every open session by its register and who opened it.
///
/// # Errors
/// Whatever the database says.
pub async fn open_drawers(read: &mut ShopRead) -> Result<Vec<Choice>, DbError> {
    let mut drawers = Vec::new();
    for mut row in read.rows(&OPEN_DRAWERS, params![]).await? {
        let (session, register): (Uuid, String) = (row.take()?, row.take()?);
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        drawers.push(Choice::new(session.to_string(), format!("{register}, {}", person_name(username, &first, &last))));
    }
    Ok(drawers)
}

/// The drawer that was named; where none was, the only one that is open.
///
/// # Errors
/// Whatever the database says.
pub async fn named_or_only(read: &mut ShopRead, named: Option<SessionId>) -> Result<Option<SessionId>, DbError> {
    if named.is_some() {
        return Ok(named);
    }
    match open_drawers(read).await?.as_slice() {
        [only] => Ok(only.value.parse().ok()),
        _ => Ok(None),
    }
}
