//! Drawers: what a closed one should have held is its opening and what went through.

use super::{Check, PAGE_ROWS, sums_by};
use db::{DbError, ShopRead, params};
use uuid::Uuid;

db::statements! {
    CLOSED_SESSIONS = "verify.closed_sessions",
        "SELECT session.id, session.expected_minor,
                CAST(session.opening_minor
                     + COALESCE((SELECT SUM(entry.amount_minor)
                                 FROM cash_entry AS entry
                                 WHERE entry.shop_id = $1 AND entry.session_id = session.id
                                   AND NOT entry.after_close), 0) AS BIGINT)
         FROM cash_session AS session
         WHERE session.shop_id = $1 AND session.counted_minor IS NOT NULL AND session.id > $2
         ORDER BY session.id
         LIMIT $3";
}

/// Checks every counted drawer of the shop: one that was left without a count has no
/// figure of its own yet.
pub(super) async fn check(read: &mut ShopRead, shop: Uuid) -> Result<Check, DbError> {
    let mut check = Check::new(shop, "cash");
    let mut after = Uuid::nil();
    loop {
        let sessions =
            sums_by::<_, 2>(read, &CLOSED_SESSIONS, params![after, PAGE_ROWS], |row| row.take::<Uuid>()).await?;
        let Some((last, _)) = sessions.last_key_value() else { return Ok(check) };
        for (session, [expected, entries]) in &sessions {
            check.hold_all(|| format!("cash_session {session}"), &[("what it should hold", *entries, *expected)]);
        }
        after = *last;
    }
}
