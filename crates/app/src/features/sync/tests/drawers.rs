//! Opening, filling and closing drawers from a till.

use super::world::{one_rice, outcome, reviews, rice, rows, sale, settle};
use crate::{
    actor::Actor,
    features::verify,
    testkit::{TestShop, Till, on_both, shop::NOON_US},
};
use db::{DbError, ShopTx, params};
use domain::ids::RegisterId;
use serde_json::{Value, json};
use uuid::Uuid;

db::statements! {
    SESSION = "test.drawer_session",
        "SELECT state, counted_minor, expected_minor
         FROM cash_session
         WHERE shop_id = $1 AND id = $2";
    SECOND_TILL = "test.second_till",
        "INSERT INTO register (shop_id, id, location_id, kind, name, prefix, created_at, updated_at)
         VALUES ($1, $2, $3, 'till', 'Caja 2', 'C2-', $4, $4)";
}

/// A session: its state, what was counted, and what should have been there.
async fn session(shop: &TestShop, id: Uuid) -> Option<(String, Option<i64>, Option<i64>)> {
    let mut row = rows(shop, &SESSION, params![id]).await.pop()?;
    Some((row.take().expect("a word"), row.take().expect("an amount"), row.take().expect("an amount")))
}

fn opening(id: Uuid) -> Value {
    json!({ "session_id": id, "opening": "20000.00" })
}

fn closing(id: Uuid, counted: &str) -> Value {
    json!({ "session_id": id, "counted": counted, "counts": [{ "value": "1000.00", "pieces": 1 }] })
}

async fn is_clean(shop: &TestShop) {
    let report = verify::verify(&shop.db, |_| ()).await.expect("the database answers");
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn an_asking_till_is_told_that_its_drawer_is_open_already() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let id = shop.ids.next();
        let refused = till.deliver(&till.item(id, "open_session", shop.admin, false, &opening(id))).await;
        assert_eq!(outcome(&refused), ("refused", "CONFLICT"));
        assert_eq!((session(&shop, id).await, reviews(&shop).await.len()), (None, 0));
        let close =
            till.item(shop.ids.next(), "close_session", shop.admin, false, &closing(shop.session.0, "50000.00"));
        assert_eq!(outcome(&till.deliver(&close).await).0, "accepted");
        let opened = till.deliver(&till.item(id, "open_session", shop.admin, false, &opening(id))).await;
        assert_eq!(outcome(&opened).0, "accepted");
        assert_eq!(session(&shop, id).await, Some(("open".to_owned(), None, None)));
    })
    .await;
}

/// Yesterday's closing is still on its way when the till opens on its own.
#[tokio::test]
async fn a_drawer_opened_offline_sells_although_the_one_before_was_never_closed() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let (today, id) = (shop.ids.next(), shop.ids.next());
        let mut content = one_rice(&shop, number, rice);
        content["session_id"] = json!(today);
        let items = [
            till.item(today, "open_session", shop.admin, true, &opening(today)),
            till.item(id, "sale", shop.admin, true, &content),
        ];
        for result in till.deliver_all(&items).await {
            assert_eq!(outcome(&result).0, "accepted", "{result}");
        }
        assert_eq!(sale(&shop, id).await.expect("it is on record").session, Some(today));
        assert_eq!(session(&shop, shop.session.0).await, Some(("closed".to_owned(), None, None)));
        assert_eq!(session(&shop, today).await, Some(("open".to_owned(), None, None)));
        assert!(reviews(&shop).await[0].content.contains("session_left"));

        // A late sale of yesterday, then its closing: its drawer is counted with both.
        let late = till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number + 1, rice));
        assert_eq!(outcome(&till.deliver(&late).await).0, "accepted");
        let close = till.item(shop.ids.next(), "close_session", shop.admin, true, &closing(shop.session.0, "52000.00"));
        for _ in 0..2 {
            let closed = till.deliver(&close).await;
            assert_eq!(closed["data"], json!({ "expected": "52380.00", "difference": "-380.00" }));
        }
        is_clean(&shop).await;
        // What comes after the count is a supplement and does not change it.
        let later = till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number + 2, rice));
        assert_eq!(outcome(&till.deliver(&later).await).0, "accepted");
        let counted = Some(("closed".to_owned(), Some(5_200_000), Some(5_238_000)));
        assert_eq!(session(&shop, shop.session.0).await, counted);
        is_clean(&shop).await;
    })
    .await;
}

/// A lost tablet's morning, posted while another device sells at the same register.
#[tokio::test]
async fn a_withdrawn_devices_session_is_written_down_beside_the_one_that_is_open() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let lost = Till::enrol(&shop).await;
        let number = lost.lease(shop.ids.next()).await;
        Till::take_over(&shop).await;
        let (morning, id) = (shop.ids.next(), shop.ids.next());
        let mut content = one_rice(&shop, number, rice);
        content["session_id"] = json!(morning);
        let items = [
            lost.item(morning, "open_session", shop.admin, true, &opening(morning)),
            lost.item(id, "sale", shop.admin, true, &content),
            lost.item(shop.ids.next(), "close_session", shop.admin, true, &closing(morning, "22380.00")),
        ];
        lost.deliver_all(&items).await;
        for kind in ["open_session", "sale", "close_session"] {
            let waiting = reviews(&shop).await;
            let review = waiting.iter().find(|review| review.kind == kind && !review.posted).expect("it waits");
            settle(&shop, review.id, "anotar", "").await;
        }
        assert_eq!(sale(&shop, id).await.expect("it is on record").session, Some(morning));
        let counted = Some(("closed".to_owned(), Some(2_238_000), Some(2_238_000)));
        assert_eq!(session(&shop, morning).await, counted);
        assert_eq!(session(&shop, shop.session.0).await, Some(("open".to_owned(), None, None)));
        is_clean(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn a_till_moves_no_other_tills_drawer() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let (register, location, admin) = (RegisterId(shop.ids.next()), shop.location, shop.admin);
        let added = shop.db.shop_write(&admin, "second till", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SECOND_TILL, params![register.0, location.0, NOON_US]).await
        });
        added.await.expect("the register is new");
        let thief = Till::enrol_at(&shop, register, false).await;
        let number = thief.lease(shop.ids.next()).await;
        let hers = shop.session;
        let acts = [
            ("close_session", closing(hers.0, "0.00")),
            ("cash_entry", json!({ "session_id": hers, "direction": "out", "amount": "50000.00", "reason": "x" })),
            ("sale", one_rice(&shop, number, rice)),
        ];
        for (kind, content) in &acts {
            for (offline, kept) in [(false, "refused"), (true, "review")] {
                let result = thief.deliver(&thief.item(shop.ids.next(), kind, shop.admin, offline, content)).await;
                assert_eq!(outcome(&result), (kept, "SESSION_CLOSED"), "{kind}");
            }
        }
        assert_eq!(session(&shop, hers.0).await, Some(("open".to_owned(), None, None)));
        assert_eq!(expected(&shop).await, 5_000_000);
    })
    .await;
}

async fn expected(shop: &TestShop) -> i64 {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    crate::features::cash::sessions::expected(&mut read, shop.session).await.expect("the drawer is read")
}

#[tokio::test]
async fn money_by_hand_moves_once_and_every_wrong_word_of_it_is_refused_or_cut() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let who: Actor = shop.admin;
        let entry = |direction: &str, amount: &str, reason: &str| json!({ "session_id": shop.session, "direction": direction, "amount": amount, "reason": reason });
        let id = shop.ids.next();
        for offline in [false, true] {
            let put_in = till.item(id, "cash_entry", who, offline, &entry("in", "1000.00", "sencillo"));
            assert_eq!(outcome(&till.deliver(&put_in).await).0, "accepted");
        }
        assert_eq!(expected(&shop).await, 5_100_000);
        for (wrong, field) in [(entry("out", "-1", "x"), "amount"), (entry("out", "1.00", " "), "reason"), (entry("out", "1.00", &"x".repeat(151)), "reason")] {
            let refused = till.deliver(&till.item(shop.ids.next(), "cash_entry", who, false, &wrong)).await;
            assert_eq!(outcome(&refused), ("refused", "VALIDATION_ERROR"));
            assert_eq!(refused["data"]["fields"], json!({ field: "INVALID" }));
        }
        let wordy = till.item(shop.ids.next(), "cash_entry", who, true, &entry("out", "1000.00", &"x".repeat(151)));
        assert_eq!(outcome(&till.deliver(&wordy).await).0, "accepted");
        assert_eq!(expected(&shop).await, 5_000_000);
    })
    .await;
}
