//! What happened is never refused: everything that may have changed while a till was
//! away, and the few things that nobody could write down.

use super::world::{one_rice, outcome, reviews, rice, rows, sale, settle};
use crate::{
    features::{
        catalog::write::{self as catalog, Barcodes, ProductBefore},
        verify,
    },
    testkit::{TestShop, Till, on_both, shop::NOON_US},
};
use db::{DbError, Params, ShopTx, Statement, params};
use serde_json::{Value, json};
use uuid::Uuid;

db::statements! {
    CUSTOMER = "test.delivered_customer",
        "SELECT name, phone, document
         FROM customer
         WHERE shop_id = $1 AND id = $2";
    DROP_METHOD = "test.drop_method",
        "UPDATE payment_method
         SET active = FALSE
         WHERE shop_id = $1 AND id = $2";
    NEEDS_REFERENCE = "test.needs_reference",
        "UPDATE payment_method
         SET needs_reference = TRUE
         WHERE shop_id = $1 AND id = $2";
    TAXES_INSIDE = "test.taxes_inside",
        "UPDATE shop
         SET prices_include_tax = TRUE
         WHERE id = $1";
    COINS_OF_FIFTY = "test.coins_of_fifty",
        "UPDATE shop
         SET cash_step_minor = 5000
         WHERE id = $1";
    CLOSE_REGISTER = "test.close_register",
        "UPDATE register
         SET active = FALSE
         WHERE shop_id = $1 AND id = $2";
}

/// A change of the shop's settings, by a statement whose `$2` may follow.
struct Change(&'static Statement, Params);

async fn change(shop: &TestShop, statement: &'static Statement, values: Params) {
    let change = Change(statement, values);
    let changed = shop.db.shop_write(&shop.admin, "change", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        tx.exec_one(change.0, change.1.clone()).await
    });
    changed.await.expect("one row is there");
}

async fn is_clean(shop: &TestShop) {
    let report = verify::verify(&shop.db, |_| ()).await.expect("the database answers");
    assert_eq!(report.findings, []);
}

/// The words of what was found odd about an item.
async fn oddities(shop: &TestShop, id: Uuid) -> Vec<String> {
    let filed = reviews(shop).await.into_iter().find(|review| review.item == id && review.posted);
    let Some(filed) = filed else { return Vec::new() };
    let content: Value = serde_json::from_str(&filed.content).expect("what is filed is JSON");
    let odd = content["odd"].as_array().expect("what is odd is a list");
    odd.iter().map(|odd| odd["odd"].as_str().expect("each has a word").to_owned()).collect()
}

/// "310 555 1234 / 320 555 9876": longer than a phone may be.
#[tokio::test]
async fn a_customer_made_offline_is_written_down_whatever_was_typed_and_so_are_their_sales() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let gloria = shop.ids.next();
        let typed = json!({ "name": "Doña Gloria", "phone": "310 555 1234 / 320 555 9876", "document": "CC\u{7}1" });
        let refused = till.deliver(&till.item(gloria, "customer", shop.admin, false, &typed)).await;
        assert_eq!(outcome(&refused), ("refused", "VALIDATION_ERROR"));
        let made = till.deliver(&till.item(gloria, "customer", shop.admin, true, &typed)).await;
        assert_eq!(outcome(&made).0, "accepted");
        let mut row = rows(&shop, &CUSTOMER, params![gloria]).await.pop().expect("she is a customer");
        let stored: [String; 3] = std::array::from_fn(|_| row.take().expect("a text"));
        assert_eq!(stored, ["Doña Gloria", "310 555 1234 / 320 5", "CC1"]);
        assert_eq!(oddities(&shop, gloria).await, ["shortened", "shortened"]);

        let mut content = one_rice(&shop, number, rice);
        content["customer"] = json!({ "id": gloria });
        let id = shop.ids.next();
        till.deliver(&till.item(id, "sale", shop.admin, true, &content)).await;
        assert_eq!(sale(&shop, id).await.expect("it is on record").customer, Some(gloria));
    })
    .await;
}

#[tokio::test]
async fn a_sale_to_a_customer_who_never_arrived_is_on_record_without_one() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let mut content = one_rice(&shop, number, rice);
        content["customer"] = json!({ "id": shop.ids.next(), "name": "Doña Gloria" });
        let asked = till.deliver(&till.item(shop.ids.next(), "sale", shop.admin, false, &content)).await;
        assert_eq!(outcome(&asked), ("refused", "VALIDATION_ERROR"));
        let id = shop.ids.next();
        let done = till.deliver(&till.item(id, "sale", shop.admin, true, &content)).await;
        assert_eq!(outcome(&done).0, "accepted");
        assert_eq!(sale(&shop, id).await.expect("it is on record").customer, None);
        assert_eq!(oddities(&shop, id).await, ["unknown_customer"]);
    })
    .await;
}

#[tokio::test]
async fn settings_that_changed_while_a_till_was_away_keep_no_sale_of_it_off_the_books() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let deliver = async |at: i64, content: Value| {
            let id = shop.ids.next();
            let item = till.item(id, "sale", shop.admin, true, &content);
            assert_eq!(outcome(&till.deliver(&item).await).0, "accepted", "sale {at}");
            let stored = sale(&shop, id).await.expect("it is on record");
            is_clean(&shop).await;
            (stored, oddities(&shop, id).await)
        };
        let by_transfer = |at: i64| {
            let mut content = one_rice(&shop, number + at, rice);
            content["payments"][0]["method_id"] = json!(shop.transfer);
            content["payments"][0]["tendered"] = Value::Null;
            content["payments"][0]["bank"] = json!("Bancolombia");
            content
        };
        change(&shop, &NEEDS_REFERENCE, params![shop.transfer.0]).await;
        assert_eq!(deliver(0, by_transfer(0)).await.1, ["payment_incomplete"]);
        change(&shop, &DROP_METHOD, params![shop.transfer.0]).await;
        assert_eq!(deliver(1, by_transfer(1)).await.1, ["method", "payment_incomplete"]);

        change(&shop, &COINS_OF_FIFTY, params![]).await;
        let (stored, odd) = deliver(2, one_rice(&shop, number + 2, rice)).await;
        assert_eq!((stored.total_minor, stored.cash_rounding_minor), (238_000, 0));
        assert_eq!(odd, ["paid"]);
        change(&shop, &TAXES_INSIDE, params![]).await;
        let (stored, odd) = deliver(3, one_rice(&shop, number + 3, rice)).await;
        assert_eq!((stored.total_minor, stored.cash_rounding_minor), (238_000, 0));
        assert_eq!(odd, ["taxes_in_prices", "paid"]);

        change(&shop, &CLOSE_REGISTER, params![shop.till.0]).await;
        let (stored, _) = deliver(4, one_rice(&shop, number + 4, rice)).await;
        assert_eq!(stored.number, format!("C1-{}", number + 4));
    })
    .await;
}

#[tokio::test]
async fn a_till_that_computes_otherwise_has_what_was_paid_on_record_and_the_difference_told() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let mut dearer = one_rice(&shop, number, rice);
        dearer["payments"][0]["amount"] = json!("2400.00");
        dearer["payments"][0]["tendered"] = json!("2400.00");
        dearer["expected"]["total"] = json!("2400.00");
        let mut wrong_change = one_rice(&shop, number + 1, rice);
        wrong_change["payments"][0]["tendered"] = json!("5000.00");
        wrong_change["expected"]["change"] = json!("2600.00");
        let mut wrong_rounding = one_rice(&shop, number + 2, rice);
        wrong_rounding["expected"]["cash_rounding"] = json!("20.00");
        let cases = [
            (dearer, "PRICE_CHANGED", vec!["total", "paid", "cash_rounding"], 2_000),
            (wrong_change, "VALIDATION_ERROR", vec!["change"], 0),
            (wrong_rounding, "VALIDATION_ERROR", vec!["cash_rounding"], 0),
        ];
        for (content, code, odd, rounding_minor) in cases {
            let refused = till.deliver(&till.item(shop.ids.next(), "sale", shop.admin, false, &content)).await;
            assert_eq!(outcome(&refused), ("refused", code));
            let id = shop.ids.next();
            let done = till.deliver(&till.item(id, "sale", shop.admin, true, &content)).await;
            assert_eq!(outcome(&done).0, "accepted", "{done}");
            let stored = sale(&shop, id).await.expect("it is on record");
            assert_eq!((stored.total_minor, stored.cash_rounding_minor), (238_000, rounding_minor));
            assert_eq!(oddities(&shop, id).await, odd);
        }
        is_clean(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn prices_are_judged_by_the_catalogue_that_the_till_knew() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let seller = shop.seller().await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let known = till.catalog().await["version"].clone();
        // At noon rice goes up to 2,100, and an hour later to 2,500.
        for (version, price, price_before) in [(1, 210_000, 200_000), (2, 250_000, 210_000)] {
            let (admin, fields) = (shop.admin, shop.fields("Arroz Diana 500 g", price));
            let before = ProductBefore { version, price_minor: price_before };
            let edited = shop.db.shop_write(&admin, "edit", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
                let edit = catalog::begin_edit(tx, admin.user, NOON_US).await?;
                catalog::update_product(tx, edit, rice, before, &fields, Barcodes::Same).await
            });
            assert!(edited.await.expect("the database answers"));
        }
        let mut content = one_rice(&shop, number, rice);
        content["catalog_version"] = known.clone();
        let asked = till.deliver(&till.item(shop.ids.next(), "sale", seller, false, &content)).await;
        assert_eq!(outcome(&asked), ("refused", "PRICE_CHANGED"));
        let id = shop.ids.next();
        let done = till.deliver(&till.item(id, "sale", seller, true, &content)).await;
        assert_eq!(outcome(&done).0, "accepted");
        assert_eq!(oddities(&shop, id).await, [""; 0], "the price of the morning is nothing odd");

        // The same price by today's catalogue is, and so is another one by the morning's.
        let today = till.catalog().await["version"].clone();
        for (at, version, price, total) in [(1, today, "2000.00", "2380.00"), (2, known, "1900.00", "2261.00")] {
            let mut content = one_rice(&shop, number + at, rice);
            content["catalog_version"] = version;
            content["lines"][0]["unit_price"] = json!(price);
            content["payments"][0]["amount"] = json!(total);
            content["payments"][0]["tendered"] = json!(total);
            content["expected"]["total"] = json!(total);
            let id = shop.ids.next();
            till.deliver(&till.item(id, "sale", seller, true, &content)).await;
            assert_eq!(oddities(&shop, id).await, ["price"]);
        }
    })
    .await;
}

/// Each of these is kept whole; an admin who first posts what it needs posts it too.
#[tokio::test]
async fn what_waits_for_something_else_can_be_posted_once_that_is() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let seller = shop.seller().await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let (product, id) = (shop.ids.next(), shop.ids.next());
        let made = json!({ "name": "Bon Bon Bum", "code": null, "price": "2000.00", "unit": "unidad" });
        let sold = one_rice(&shop, number, domain::ids::ProductId(product));
        let items = [till.item(product, "product", seller, true, &made), till.item(id, "sale", seller, true, &sold)];
        let results = till.deliver_all(&items).await;
        assert_eq!(outcome(&results[0]), ("review", "PERMISSION_DENIED"));
        assert_eq!(outcome(&results[1]), ("review", "UNKNOWN_PRODUCT"));
        let review_of = async |item| {
            let all = reviews(&shop).await;
            all.into_iter().find(|review| review.item == item && review.state == "open").expect("it waits").id
        };
        settle(&shop, review_of(id).await, "anotar", "").await;
        assert_eq!(sale(&shop, id).await, None, "the product is not there yet");
        settle(&shop, review_of(product).await, "anotar", "").await;
        settle(&shop, review_of(id).await, "anotar", "").await;
        assert!(sale(&shop, id).await.is_some());
        assert!(reviews(&shop).await.iter().all(|review| review.state == "settled" || review.posted));
    })
    .await;
}

#[tokio::test]
async fn a_sale_whose_number_or_id_another_has_is_posted_under_new_ones_and_its_paper_told() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let first = shop.ids.next();
        till.deliver(&till.item(first, "sale", shop.admin, true, &one_rice(&shop, number, rice))).await;
        let same_number = shop.ids.next();
        let kept =
            till.deliver(&till.item(same_number, "sale", shop.admin, true, &one_rice(&shop, number, rice))).await;
        assert_eq!(outcome(&kept), ("review", "NUMBER_TAKEN"));
        let kept = till.deliver(&till.item(first, "sale", shop.admin, true, &one_rice(&shop, number + 1, rice))).await;
        assert_eq!(outcome(&kept), ("review", "ID_USED"));
        let beyond = shop.ids.next();
        let kept = till.deliver(&till.item(beyond, "sale", shop.admin, true, &one_rice(&shop, 9_000, rice))).await;
        assert_eq!(outcome(&kept), ("review", "NUMBER_NOT_LEASED"));

        let waiting = reviews(&shop).await;
        assert_eq!(waiting.len(), 3);
        for review in &waiting {
            settle(&shop, review.id, "anotar", "").await;
        }
        let numbers = [
            sale(&shop, same_number).await.expect("it is on record").number,
            sale(&shop, beyond).await.expect("it is on record").number,
        ];
        let mut next: Vec<String> = numbers.into();
        next.sort();
        assert_eq!(next, ["C1-201", "C1-202"], "the register's next, leased to nobody");
        let other_id = waiting.iter().find(|review| review.code == "ID_USED").expect("it waited").id;
        assert_eq!(sale(&shop, other_id).await.expect("it is on record").number, format!("C1-{}", number + 1));
        assert_eq!(oddities(&shop, same_number).await, ["number"]);
        assert_eq!(oddities(&shop, other_id).await, ["other_id"]);
        is_clean(&shop).await;
    })
    .await;
}
