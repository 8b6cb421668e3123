//! Leases of numbers: never twice the same, and every one accounted for.

use super::world::{outcome, reviews, rice, sale, sell_rice, settle};
use crate::testkit::{TestShop, Till, on_both};
use http::{Method, StatusCode};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

#[tokio::test(flavor = "multi_thread")]
async fn blocks_leased_at_once_never_overlap_and_leave_no_number_out() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Arc::new(Till::enrol(&shop).await);
        let ids: Vec<_> = (0..8).map(|_| shop.ids.next()).collect();
        // Each is asked for twice, as by a till whose answer was lost.
        let asking = ids.iter().chain(&ids).map(|id| {
            let (till, id) = (Arc::clone(&till), *id);
            tokio::spawn(async move { till.lease_block(id).await })
        });
        let asking: Vec<_> = asking.collect();
        let mut blocks = BTreeSet::new();
        for asked in asking {
            let block = asked.await.expect("no till panics");
            assert_eq!(block["prefix"], "C1-");
            blocks.insert((block["from"].as_i64().expect("a number"), block["to"].as_i64().expect("a number")));
        }
        let wanted: BTreeSet<_> = (0..8).map(|block| (block * 200 + 1, block * 200 + 200)).collect();
        assert_eq!(blocks, wanted);
    })
    .await;
}

#[tokio::test]
async fn who_takes_a_register_over_begins_after_the_lease_and_late_sales_fill_it_afterwards() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let first = Till::enrol(&shop).await;
        let lease = shop.ids.next();
        assert_eq!(first.lease(lease).await, 1);
        let (_, sold) = sell_rice(&shop, &first, 1, rice, false).await;
        assert_eq!(sold["data"]["number"], "C1-1");

        let second = Till::take_over(&shop).await;
        assert_eq!(second.lease(shop.ids.next()).await, 201);
        let (_, sold) = sell_rice(&shop, &second, 201, rice, false).await;
        assert_eq!(sold["data"]["number"], "C1-201");
        // A lease is a device's own: neither its id nor its numbers serve another.
        let borrowed = second.ask(Method::POST, "/api/v1/till/lease", &json!({ "id": lease }).to_string()).await;
        assert_eq!(borrowed.status, StatusCode::CONFLICT, "{}", borrowed.text);
        let (_, refused) = sell_rice(&shop, &second, 2, rice, false).await;
        assert_eq!(outcome(&refused), ("refused", "NUMBER_NOT_LEASED"));

        let (late, kept) = sell_rice(&shop, &first, 2, rice, true).await;
        assert_eq!(outcome(&kept), ("review", "DEVICE_REVOKED"));
        settle(&shop, reviews(&shop).await[0].id, "anotar", "").await;
        assert_eq!(sale(&shop, late).await.expect("it is on record").number, "C1-2");
    })
    .await;
}

#[tokio::test]
async fn a_number_serves_one_sale_and_the_other_is_kept_for_a_person() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        for offline in [false, true] {
            let (_, first) = sell_rice(&shop, &till, number + i64::from(offline), rice, offline).await;
            assert_eq!(outcome(&first).0, "accepted");
            let (second, kept) = sell_rice(&shop, &till, number + i64::from(offline), rice, offline).await;
            assert_eq!(outcome(&kept).0, "review");
            assert_eq!(sale(&shop, second).await, None);
        }
        assert_eq!(reviews(&shop).await.len(), 2);
    })
    .await;
}
