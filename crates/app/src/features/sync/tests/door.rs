//! Who gets in by a signature, and who does not.

use super::world::{one_rice, outcome, reviews, rice, sale, sale_count, sell_rice, settle};
use crate::testkit::{
    TestShop, Till, on_both,
    shop::NOON_US,
    till::{BATCH, ask_to_enrol, enrolment, server_time},
};
use axum::body::Body;
use db::{DbError, ShopTx, params};
use domain::ids::DeviceId;
use guard::source::HOUR_US;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

db::statements! {
    SHOP_ACTIVE = "test.shop_active",
        "UPDATE shop
         SET active = $2
         WHERE id = $1";
}

async fn set_active(shop: &TestShop, active: bool) {
    let set = shop.db.shop_write(&shop.admin, "set active", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        tx.exec_one(&SHOP_ACTIVE, params![active]).await
    });
    set.await.expect("the shop is there");
}

#[tokio::test]
async fn a_closed_shops_till_is_turned_away_and_keeps_all_it_has_until_the_shop_opens_again() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let item = till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number, rice));
        let body = json!({ "items": [item] }).to_string();
        set_active(&shop, false).await;
        for (method, target, body) in [
            (Method::POST, BATCH, body.as_str()),
            (Method::GET, "/api/v1/till/catalog?since=0", ""),
            (Method::GET, "/api/v1/till/stock", ""),
        ] {
            let answer = till.ask(method, target, body).await;
            // Not "revoked", at which a till erases what it holds.
            assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::FORBIDDEN, &json!("PERMISSION_DENIED")));
        }
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (0, 0));
        set_active(&shop, true).await;
        assert_eq!(outcome(&till.deliver(&item).await).0, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_signature_over_anything_else_than_what_was_sent_proves_nobody() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let rice = rice(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let item = till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number, rice));
        let body = json!({ "items": [item] }).to_string();
        let now = NOON_US.to_string();
        let as_signed = || till.signed(Method::POST, BATCH, &body, &now);

        let mut cheaper = as_signed();
        *cheaper.body_mut() = Body::from(body.replace("2380.00", "1.00"));
        let mut elsewhere = till.signed(Method::GET, "/api/v1/till/catalog?since=7", "", &now);
        *elsewhere.uri_mut() = "/api/v1/till/catalog?since=0".parse().expect("an address");
        let mut later = as_signed();
        later.headers_mut().insert("x-device-time", HeaderValue::from(NOON_US + 1));
        for request in [cheaper, elsewhere, later] {
            let answer = till.send(request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
            assert_eq!(answer.json()["code"], "INVALID_CREDENTIALS");
        }
        // Without any proof it is a browser's request, and brings no token.
        let mut unsigned = as_signed();
        unsigned.headers_mut().remove(header::AUTHORIZATION);
        assert_eq!(till.send(unsigned).await.status, StatusCode::FORBIDDEN);
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (0, 0));
        assert_eq!(till.send(as_signed()).await.status, StatusCode::OK);
        assert_eq!(sale_count(&shop).await, 1);
    })
    .await;
}

#[tokio::test]
async fn one_device_does_not_speak_for_another_nor_for_one_that_nobody_enrolled() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let other_shop = TestShop::create(shop.db.clone(), 2).await;
        let other = Till::enrol(&other_shop).await;
        for claimed in [other.id().to_string(), shop.ids.next().to_string()] {
            let mut request = till.signed(Method::GET, "/api/v1/till/catalog?since=0", "", &NOON_US.to_string());
            let proof = request.headers()[header::AUTHORIZATION].to_str().expect("letters").to_owned();
            let borrowed = proof.replace(&till.id().to_string(), &claimed);
            request.headers_mut().insert(header::AUTHORIZATION, borrowed.parse().expect("letters"));
            assert_eq!(till.send(request).await.status, StatusCode::UNAUTHORIZED);
        }
    })
    .await;
}

#[tokio::test]
async fn a_time_more_than_a_day_off_is_told_the_servers_and_a_smaller_mistake_is_let_in() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        for (off_us, status) in [
            (25 * HOUR_US, StatusCode::UNAUTHORIZED),
            (-25 * HOUR_US, StatusCode::UNAUTHORIZED),
            (23 * HOUR_US, StatusCode::OK),
            (-23 * HOUR_US, StatusCode::OK),
        ] {
            let time = (NOON_US + off_us).to_string();
            let answer = till.send(till.signed(Method::GET, "/api/v1/till/stock", "", &time)).await;
            assert_eq!((answer.status, server_time(&answer)), (status, Some(NOON_US)), "{}", answer.text);
            if status == StatusCode::UNAUTHORIZED {
                assert_eq!(answer.json()["code"], "DEVICE_CLOCK");
            }
        }
        // A till whose clock is days behind measures the server's by that answer, and gets in.
        let lost = till.with_skew(-90 * 24 * HOUR_US);
        assert_eq!(lost.ask(Method::GET, "/api/v1/till/stock", "").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(lost.ask(Method::GET, "/api/v1/till/stock", "").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_register_has_one_device_until_somebody_takes_it_over_and_the_same_device_may_ask_twice() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (first, second) = (DeviceId(shop.ids.next()), DeviceId(shop.ids.next()));
        let ask = async |device, take_over| ask_to_enrol(&shop, &enrolment(device, shop.till, take_over)).await.status;
        assert_eq!(ask(first, false).await, StatusCode::OK);
        assert_eq!(ask(first, false).await, StatusCode::OK);
        assert_eq!(ask(second, false).await, StatusCode::CONFLICT);
        assert_eq!(ask(second, true).await, StatusCode::OK);
        assert_eq!(ask(second, true).await, StatusCode::OK);
        // The office's register is no till's, and another shop's is nobody's here.
        let office = enrolment(DeviceId(shop.ids.next()), shop.office, false);
        assert_eq!(ask_to_enrol(&shop, &office).await.status, StatusCode::NOT_FOUND);
        let other = TestShop::create(shop.db.clone(), 2).await;
        let theirs = enrolment(DeviceId(shop.ids.next()), other.till, true);
        assert_eq!(ask_to_enrol(&shop, &theirs).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_device_pulls_nothing_and_what_it_delivers_waits_until_an_admin_posts_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let lost = Till::enrol(&shop).await;
        let number = lost.lease(shop.ids.next()).await;
        Till::take_over(&shop).await;
        for (method, target, body) in [
            (Method::GET, "/api/v1/till/catalog?since=0", String::new()),
            (Method::GET, "/api/v1/till/stock", String::new()),
            (Method::POST, "/api/v1/till/lease", json!({ "id": shop.ids.next() }).to_string()),
        ] {
            let answer = lost.ask(method, target, &body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{target}");
            assert_eq!(answer.json()["code"], "DEVICE_REVOKED");
        }
        // Asked online or not: what a lost device says is for a person to judge.
        let (online, result) = sell_rice(&shop, &lost, number, rice, false).await;
        assert_eq!(outcome(&result), ("review", "DEVICE_REVOKED"));
        let (offline, result) = sell_rice(&shop, &lost, number + 1, rice, true).await;
        assert_eq!(outcome(&result), ("review", "DEVICE_REVOKED"));
        assert_eq!(sale_count(&shop).await, 0);

        let kept = reviews(&shop).await;
        assert_eq!(
            kept.iter().map(|review| (review.item, review.posted)).collect::<Vec<_>>(),
            [(online, false), (offline, false)]
        );
        settle(&shop, kept[0].id, "anotar", "").await;
        settle(&shop, kept[1].id, "rechazar", "robada").await;
        let posted = sale(&shop, online).await.expect("it is on record");
        assert_eq!((posted.number, posted.offline), (format!("C1-{number}"), true));
        assert_eq!(sale(&shop, offline).await, None);
        let states: Vec<String> = reviews(&shop).await.into_iter().map(|review| review.state).collect();
        assert_eq!(states, ["settled", "rejected"]);
    })
    .await;
}
