//! Clocks that are wrong, and the day a sale belongs to all the same.
//!
//! The shop's clock stands at 15:00 in Bogotá on 2026-11-24 when a test begins.

use super::world::{one_rice, outcome, reviews, rice, sale};
use crate::testkit::{TestShop, Till, on_both, shop::NOON_US};
use domain::ids::SessionId;
use guard::source::{HOUR_US, MINUTE_US};
use serde_json::json;

#[tokio::test]
async fn a_sale_belongs_to_the_hour_it_was_made_in_however_wrong_the_tills_clock_is() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let mut till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let cases = [
            // skew, sold so long after 15:00, delivered, date, hour
            (-2 * HOUR_US, 10 * HOUR_US, 10 * HOUR_US, 20_261_125, 1),
            (2 * HOUR_US, 7 * HOUR_US + 30 * MINUTE_US, 18 * HOUR_US, 20_261_124, 22),
            (-30 * 24 * HOUR_US, 20 * HOUR_US, 21 * HOUR_US, 20_261_125, 11),
        ];
        for (at, (skew_us, sold_us, delivered_us, date, hour)) in (0_i64..).zip(cases) {
            till = till.with_skew(skew_us);
            // A contact in the morning, by which the till measures the server's clock.
            till.server.set(NOON_US + HOUR_US);
            till.ask(http::Method::GET, "/api/v1/till/stock", "").await;
            till.server.set(NOON_US + sold_us);
            let id = shop.ids.next();
            let item = till.item(id, "sale", shop.admin, true, &one_rice(&shop, number + at, rice));
            till.server.set(NOON_US + delivered_us);
            assert_eq!(outcome(&till.deliver(&item).await).0, "accepted");
            let stored = sale(&shop, id).await.expect("it is on record");
            assert_eq!((stored.business_date, stored.hour, stored.sold_at), (date, hour, NOON_US + sold_us));
        }
    })
    .await;
}

#[tokio::test]
async fn the_stamp_of_an_item_counts_and_not_the_time_its_delivery_was_signed_with() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        till.server.set(NOON_US + 5 * HOUR_US);
        let id = shop.ids.next();
        let mut item = till.item(id, "sale", shop.admin, true, &one_rice(&shop, number, rice));
        item["at"] = json!(NOON_US + 3 * HOUR_US);
        let body = json!({ "items": [item] }).to_string();
        let signed = till.signed(http::Method::POST, crate::testkit::till::BATCH, &body, &NOON_US.to_string());
        assert_eq!(till.send(signed).await.status, http::StatusCode::OK);
        assert_eq!(sale(&shop, id).await.expect("it is on record").sold_at, NOON_US + 3 * HOUR_US);
    })
    .await;
}

#[tokio::test]
async fn nothing_happens_before_there_were_tills_nor_after_it_was_received() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let stamped = |id, kind, content: &serde_json::Value, at: i64| {
            let mut item = till.item(id, kind, shop.admin, true, content);
            item["at"] = json!(at);
            item
        };
        let (late, id) = (shop.ids.next(), shop.ids.next());
        till.deliver(&stamped(late, "sale", &one_rice(&shop, number, rice), i64::MAX)).await;
        let stored = sale(&shop, late).await.expect("it is on record");
        assert_eq!((stored.business_date, stored.hour, stored.sold_at), (20_261_124, 15, NOON_US));

        // A drawer opened in the year −290,000, and a sale in it: 2020-01-01 in UTC.
        let close = json!({ "session_id": shop.session, "counted": "0.00", "counts": [] });
        till.deliver(&till.item(shop.ids.next(), "close_session", shop.admin, true, &close)).await;
        let session = SessionId(shop.ids.next());
        let open = json!({ "session_id": session, "opening": "0.00" });
        let mut content = one_rice(&shop, number + 1, rice);
        content["session_id"] = json!(session);
        let items = [
            stamped(session.0, "open_session", &open, i64::MIN),
            stamped(id, "sale", &content, i64::MIN),
            stamped(shop.ids.next(), "sale", &one_rice(&shop, number + 2, rice), 0),
        ];
        for result in till.deliver_all(&items).await {
            assert_eq!(outcome(&result).0, "accepted", "{result}");
        }
        assert_eq!(sale(&shop, id).await.expect("it is on record").business_date, 20_191_231);
    })
    .await;
}

/// The till, three hours fast, never heard of the server's clock; the admin posts its
/// sale of 22:00 on the next day.
#[tokio::test]
async fn what_is_posted_after_all_belongs_to_the_day_it_was_received_on_at_the_latest() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let lost = Till::enrol(&shop).await;
        let number = lost.lease(shop.ids.next()).await;
        Till::take_over(&shop).await;
        let lost = lost.with_skew(3 * HOUR_US);
        lost.server.set(NOON_US + 7 * HOUR_US);
        let id = shop.ids.next();
        let item = lost.item(id, "sale", shop.admin, true, &one_rice(&shop, number, rice));
        lost.server.set(NOON_US + 7 * HOUR_US + 5 * MINUTE_US);
        assert_eq!(outcome(&lost.deliver(&item).await), ("review", "DEVICE_REVOKED"));
        settle_at(&shop, NOON_US + 20 * HOUR_US).await;
        let stored = sale(&shop, id).await.expect("it is on record");
        assert_eq!((stored.business_date, stored.hour), (20_261_124, 22));
        assert_eq!(stored.sold_at, NOON_US + 7 * HOUR_US + 5 * MINUTE_US);
    })
    .await;
}

async fn settle_at(shop: &TestShop, now_us: i64) {
    let review = reviews(shop).await[0].id;
    let admin = crate::testkit::Browser::sign_in_at(&shop.db, shop.admin, now_us).await;
    admin.post(&format!("/por-revisar/{review}/anotar/"), &[]).await;
}
