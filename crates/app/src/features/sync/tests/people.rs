//! People who left, who never were of the shop, and what they sold.

use super::world::{one_rice, outcome, reviews, rice, sale, sale_count, settle};
use crate::{
    actor::Actor,
    features::members::write as members,
    testkit::{TestShop, Till, on_both, shop::NOON_US},
};
use db::ShopTx;
use domain::{ids::UserId, permission::Role};
use serde_json::json;

async fn let_go(shop: &TestShop, seller: Actor) {
    let left = shop.db.shop_write(&shop.admin, "let go", async move |tx: &mut ShopTx| {
        members::set_active(tx, seller.user, false, NOON_US).await
    });
    assert!(left.await.expect("the database answers"));
}

#[tokio::test]
async fn what_somebody_sold_before_they_were_let_go_is_on_record_and_the_owner_is_told() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let yuliana = shop.seller().await;
        let (id, customer) = (shop.ids.next(), shop.ids.next());
        let close = json!({ "session_id": shop.session, "counted": "52380.00", "counts": [] });
        let paid_out =
            json!({ "session_id": shop.session, "direction": "out", "amount": "1000.00", "reason": "hielo" });
        let items = [
            till.item(customer, "customer", yuliana, true, &json!({ "name": "Doña Gloria" })),
            till.item(id, "sale", yuliana, true, &one_rice(&shop, number, rice)),
            till.item(shop.ids.next(), "cash_entry", yuliana, true, &paid_out),
            till.item(shop.ids.next(), "close_session", yuliana, true, &close),
        ];
        let_go(&shop, yuliana).await;
        let results = till.deliver_all(&items).await;
        for result in &results {
            assert_eq!(outcome(result).0, "accepted", "{result}");
        }
        assert_eq!(results[3]["data"], json!({ "expected": "51380.00", "difference": "1000.00" }));
        assert_eq!(sale(&shop, id).await.expect("it is on record").seller, yuliana.user.0);
        let told = reviews(&shop).await;
        assert_eq!(told.len(), items.len());
        for review in told {
            assert!(review.posted && review.content.contains("person_left"), "{review:?}");
        }
        // The same again changes nothing and files nothing more.
        assert_eq!(till.deliver_all(&items).await, results);
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (1, 4));
    })
    .await;
}

#[tokio::test]
async fn who_was_let_go_sells_no_more_while_the_till_asks() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let yuliana = shop.seller().await;
        let content = one_rice(&shop, number, rice);
        let (id, other) = (shop.ids.next(), shop.ids.next());
        let sold = till.deliver(&till.item(id, "sale", yuliana, false, &content)).await;
        let_go(&shop, yuliana).await;
        let refused = till.deliver(&till.item(other, "sale", yuliana, false, &one_rice(&shop, number + 1, rice))).await;
        assert_eq!(outcome(&refused), ("refused", "PERMISSION_DENIED"));
        // The answer to the first was lost on the way: it is on record, and says so.
        for offline in [false, true] {
            assert_eq!(till.deliver(&till.item(id, "sale", yuliana, offline, &content)).await, sold);
        }
        assert_eq!((sale_count(&shop).await, reviews(&shop).await.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn what_a_device_delivered_before_it_was_withdrawn_is_answered_as_before() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let item = till.item(shop.ids.next(), "sale", shop.admin, true, &one_rice(&shop, number, rice));
        let sold = till.deliver(&item).await;
        Till::take_over(&shop).await;
        assert_eq!(till.deliver(&item).await, sold);
        assert_eq!(reviews(&shop).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_sale_of_somebody_the_shop_never_had_waits_and_then_stands_under_who_posts_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let nobody = Actor { shop: shop.admin.shop, user: UserId(shop.ids.next()), role: Role::Seller };
        let other_shop = TestShop::create(shop.db.clone(), 2).await;
        for (at, stranger) in [(0, nobody), (1, Actor { shop: shop.admin.shop, ..other_shop.admin })] {
            let id = shop.ids.next();
            let content = one_rice(&shop, number + at, rice);
            let refused = till.deliver(&till.item(shop.ids.next(), "sale", stranger, false, &content)).await;
            assert_eq!(outcome(&refused), ("refused", "PERMISSION_DENIED"));
            let kept = till.deliver(&till.item(id, "sale", stranger, true, &content)).await;
            assert_eq!(outcome(&kept), ("review", "PERMISSION_DENIED"));
            let open: Vec<_> = reviews(&shop).await.into_iter().filter(|review| review.item == id).collect();
            settle(&shop, open[0].id, "anotar", "").await;
            assert_eq!(sale(&shop, id).await.expect("it is on record").seller, shop.admin.user.0);
        }
    })
    .await;
}
