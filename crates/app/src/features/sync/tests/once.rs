//! Exactly once: repetitions, used ids, and one bad item among good ones.

use super::world::{one_rice, outcome, reviews, rice, sale, sale_count, sell_rice};
use crate::testkit::{TestShop, Till, on_both, till::BATCH};
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn the_same_sale_again_gets_the_same_answer_and_changes_nothing_offline_or_not() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let content = one_rice(&shop, number, rice);
        let id = shop.ids.next();
        let mut answers = Vec::new();
        // Also twice in one batch, as a till does that was killed between two answers.
        for offline in [false, true, true, false] {
            answers.push(till.deliver(&till.item(id, "sale", shop.admin, offline, &content)).await);
        }
        let twice =
            [till.item(id, "sale", shop.admin, true, &content), till.item(id, "sale", shop.admin, true, &content)];
        answers.extend(till.deliver_all(&twice).await);
        let wanted =
            json!({ "number": format!("C1-{number}"), "total": "2380.00", "cash_rounding": "0.00", "change": "0.00" });
        for answer in &answers {
            assert_eq!((outcome(answer).0, &answer["data"]), ("accepted", &wanted));
        }
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (1, 0));
        assert_eq!(till.stock().await[0][1], "9");
    })
    .await;
}

#[tokio::test]
async fn other_content_under_a_used_id_is_kept_once_for_a_person_and_changes_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let (id, _) = sell_rice(&shop, &till, number, rice, false).await;
        let before = sale(&shop, id).await;
        let mut other = one_rice(&shop, number + 1, rice);
        other["note"] = json!("otra");
        for offline in [false, true, true] {
            let result = till.deliver(&till.item(id, "sale", shop.admin, offline, &other)).await;
            assert_eq!(outcome(&result).0, "review", "{result}");
        }
        assert_eq!((sale(&shop, id).await, sale_count(&shop).await), (before, 1));
        let kept = reviews(&shop).await;
        assert_eq!(kept.iter().map(|review| (review.item, review.posted)).collect::<Vec<_>>(), [(id, false)]);
    })
    .await;
}

#[tokio::test]
async fn one_bad_item_never_blocks_the_next() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let unknown_product = {
            let mut content = one_rice(&shop, number, rice);
            content["lines"][0]["product_id"] = json!(shop.ids.next());
            content
        };
        let malformed = {
            let mut content = one_rice(&shop, number, rice);
            content["lines"][0]["quantity"] = json!("-1");
            content
        };
        let mut no_such_field = one_rice(&shop, number, rice);
        no_such_field["from_the_future"] = json!(true);
        let bad = [
            ("sale", unknown_product, "UNKNOWN_PRODUCT"),
            ("sale", malformed, "VALIDATION_ERROR"),
            ("sale", no_such_field, "UNKNOWN_ITEM"),
            ("a_kind_of_the_future", json!({ "anything": 1 }), "UNKNOWN_ITEM"),
            ("sale", json!(null), "UNKNOWN_ITEM"),
            (
                "cash_entry",
                json!({ "session_id": shop.ids.next(), "direction": "in", "amount": "1", "reason": "x" }),
                "SESSION_CLOSED",
            ),
        ];
        for offline in [true, false] {
            let mut items: Vec<Value> = bad
                .iter()
                .map(|(kind, content, _)| till.item(shop.ids.next(), kind, shop.admin, offline, content))
                .collect();
            let good = shop.ids.next();
            items.push(till.item(
                good,
                "sale",
                shop.admin,
                offline,
                &one_rice(&shop, number + i64::from(offline), rice),
            ));
            let results = till.deliver_all(&items).await;
            let kept = if offline { "review" } else { "refused" };
            for (result, (kind, _, code)) in results.iter().zip(&bad) {
                assert_eq!(outcome(result), (kept, *code), "{kind}");
            }
            assert_eq!(results.len(), items.len());
            assert_eq!(outcome(&results[bad.len()]).0, "accepted");
            assert!(sale(&shop, good).await.is_some());
        }
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (2, bad.len()));
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole_and_nothing_of_it_is_stored() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let many: Vec<Value> = (0..101)
            .map(|at| till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number + at, rice)))
            .collect();
        for body in [
            json!({ "items": many }).to_string(),
            json!({ "items": [{ "id": "not an id" }] }).to_string(),
            "{\"items\":".to_owned(),
            String::new(),
        ] {
            let answer = till.ask(Method::POST, BATCH, &body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        }
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (0, 0));
    })
    .await;
}
