//! What a till delivers, signed, on both engines.

mod clock;
mod door;
mod drawers;
mod happened;
mod numbers;
mod once;
mod people;
mod pulling;
mod reviewing;
mod world;

use crate::{
    actor::Actor,
    testkit::{Browser, TestShop, Till, on_both, till::item},
};
use serde_json::{Value, json};
use uuid::Uuid;

const CODE: &str = "7702177008474";

/// A lollipop nobody knew, at 600 before tax.
fn lollipop() -> Value {
    json!({ "name": "Bon Bon Bum", "code": CODE, "price": "600.00", "unit": "unidad" })
}

/// A sale of one unit at a price before tax of 19 %, paid in cash with the exact total.
fn sale_of(shop: &TestShop, number: i64, product: Uuid, price: &str, total: &str) -> Value {
    json!({
        "prefix": "C1-", "number": number, "session_id": shop.session, "catalog_version": 1, "customer": null,
        "lines": [{
            "product_id": product, "name": "Bon Bon Bum", "quantity": "1", "pack": "1", "unit_price": price,
            "taxes": [{ "code": "IVA", "rate": "19" }], "discount": null, "note": null,
        }],
        "discount": null,
        "payments": [{ "method_id": shop.cash, "amount": total, "tendered": total, "bank": null, "reference": null }],
        "expected": { "total": total, "cash_rounding": "0.00", "change": "0.00" },
        "note": null,
    })
}

fn named<'a>(catalog: &'a Value, name: &str) -> Vec<&'a Value> {
    let products = catalog["products"].as_array().expect("a catalogue lists products");
    products.iter().filter(|product| product["name"] == name).collect()
}

#[tokio::test]
async fn a_product_made_at_the_till_is_in_the_catalogue_once_and_can_be_sold_below_zero() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let id = shop.ids.next();
        for offline in [false, true, false] {
            let result = till.deliver(&item(id, "product", shop.admin, offline, &lollipop())).await;
            assert_eq!(result["outcome"], "accepted", "{result}");
        }
        let catalog = till.catalog().await;
        let [product] = named(&catalog, "Bon Bon Bum")[..] else { panic!("not one: {catalog}") };
        assert_eq!(product["id"], id.to_string());
        assert_eq!(product["price"], "600.00");
        assert_eq!(product["barcodes"], json!([{ "code": CODE, "pack": "1", "price": null }]));
        assert_eq!(product["taxes"], json!([{ "code": "IVA", "rate": "19" }]));

        let number = till.lease(shop.ids.next()).await;
        let sale = sale_of(&shop, number, id, "600.00", "714.00");
        let sold = till.deliver(&item(shop.ids.next(), "sale", shop.admin, false, &sale)).await;
        assert_eq!(sold["outcome"], "accepted", "{sold}");
        let catalog = till.catalog().await;
        assert_eq!(named(&catalog, "Bon Bon Bum")[0]["on_hand"], "-1");
    })
    .await;
}

#[tokio::test]
async fn other_content_under_a_products_id_is_kept_for_review_and_changes_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let id = shop.ids.next();
        till.deliver(&item(id, "product", shop.admin, false, &lollipop())).await;
        let other = json!({ "name": "Otra cosa", "code": null, "price": "1.00", "unit": "kg" });
        let result = till.deliver(&item(id, "product", shop.admin, false, &other)).await;
        assert_eq!(result["outcome"], "review", "{result}");
        let catalog = till.catalog().await;
        assert_eq!((named(&catalog, "Bon Bon Bum").len(), named(&catalog, "Otra cosa").len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_code_that_another_product_has_sends_an_asking_till_there() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let (owner, second) = (shop.ids.next(), shop.ids.next());
        till.deliver(&item(owner, "product", shop.admin, false, &lollipop())).await;
        let result = till.deliver(&item(second, "product", shop.admin, false, &lollipop())).await;
        assert_eq!(result["outcome"], "refused", "{result}");
        assert_eq!(result["data"]["code"], "CODE_TAKEN");
        assert_eq!(result["data"]["fields"]["code"], owner.to_string());
        assert_eq!(named(&till.catalog().await, "Bon Bon Bum").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_product_that_was_sold_already_loses_only_the_code_that_another_has_and_somebody_is_told() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let (owner, second) = (shop.ids.next(), shop.ids.next());
        till.deliver(&item(owner, "product", shop.admin, false, &lollipop())).await;
        let result = till.deliver(&item(second, "product", shop.admin, true, &lollipop())).await;
        assert_eq!(result["outcome"], "accepted", "{result}");
        let sale = sale_of(&shop, number, second, "600.00", "714.00");
        let sold = till.deliver(&item(shop.ids.next(), "sale", shop.admin, true, &sale)).await;
        assert_eq!(sold["outcome"], "accepted", "{sold}");
        let catalog = till.catalog().await;
        let codes: Vec<_> = named(&catalog, "Bon Bon Bum").iter().map(|product| product["barcodes"].clone()).collect();
        assert_eq!(codes.iter().filter(|codes| **codes == json!([])).count(), 1, "{catalog}");
        let reviews = Browser::sign_in(&shop.db, shop.admin).await.get("/por-revisar/").await;
        assert!(reviews.text.contains("quedó creado sin código"), "{}", reviews.text);
        assert!(reviews.text.contains(&format!("/productos/{second}/")));
    })
    .await;
}

#[tokio::test]
async fn who_may_not_create_products_is_refused_and_what_was_done_offline_waits_for_an_admin() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let seller = shop.seller().await;
        let refused = till.deliver(&item(shop.ids.next(), "product", seller, false, &lollipop())).await;
        assert_eq!((&refused["outcome"], &refused["data"]["code"]), (&json!("refused"), &json!("PERMISSION_DENIED")));
        let id = shop.ids.next();
        let kept = till.deliver(&item(id, "product", seller, true, &lollipop())).await;
        assert_eq!(kept["outcome"], "review", "{kept}");
        assert!(named(&till.catalog().await, "Bon Bon Bum").is_empty());

        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let list = admin.get("/por-revisar/").await.text;
        let at = list.find("/anotar/").expect("the item can be posted");
        let review = &list[at - 36..at];
        admin.post(&format!("/por-revisar/{review}/anotar/"), &[]).await;
        let catalog = till.catalog().await;
        assert_eq!(named(&catalog, "Bon Bon Bum")[0]["id"], id.to_string());
        assert!(!admin.get("/por-revisar/").await.text.contains("/anotar/"));
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_of_a_product_is_named_at_once() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let wrong = json!({ "name": "  ", "code": "7".repeat(51), "price": "1,5", "unit": "docena" });
        let refused = till.deliver(&item(shop.ids.next(), "product", shop.admin, false, &wrong)).await;
        assert_eq!(refused["data"]["code"], "VALIDATION_ERROR");
        let fields: Vec<&str> =
            refused["data"]["fields"].as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(fields, ["code", "name", "price", "unit"]);
        let nobodys = json!({ "name": "Bon Bon Bum", "price": "1", "unit": "kg", "tax_set_id": shop.ids.next() });
        let refused = till.deliver(&item(shop.ids.next(), "product", shop.admin, false, &nobodys)).await;
        assert_eq!(refused["data"]["fields"], json!({ "tax_set_id": "INVALID" }));
    })
    .await;
}

#[tokio::test]
async fn the_catalogue_offers_the_taxes_that_a_new_product_may_have() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let catalog = till.catalog().await;
        let sets = catalog["tax_sets"].as_array().expect("there are sets");
        let usual: Vec<_> = sets.iter().filter(|set| set["usual"] == true).collect();
        assert_eq!((sets.len(), usual.len()), (4, 1));
        assert_eq!(usual[0]["taxes"], json!([{ "code": "IVA", "rate": "19" }]));
        let kilo = json!({ "name": "Papa criolla", "price": "4400.00", "unit": "kg", "tax_set_id": sets[3]["id"] });
        till.deliver(&item(shop.ids.next(), "product", shop.admin, false, &kilo)).await;
        let catalog = till.catalog().await;
        let potato = named(&catalog, "Papa criolla")[0];
        assert_eq!(
            (&potato["taxes"], &potato["fractions"], &potato["unit"]),
            (&sets[3]["taxes"], &json!(true), &json!("kg"))
        );
    })
    .await;
}

/// A top-up has no price of its own; and where coins are scarce, cash may round to
/// nothing. Both are ordinary sales of a seller without rights.
#[tokio::test]
async fn an_open_price_and_a_cash_payment_of_nothing_are_ordinary_sales() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let seller = shop.seller().await;
        let top_up = shop.product(shop.fields("Recarga", 0), 1_000_000, 0).await;
        let first = till.lease(shop.ids.next()).await;
        let sale = sale_of(&shop, first, top_up.0, "4201.68", "5000.00");
        let sold = till.deliver(&item(shop.ids.next(), "sale", seller, false, &sale)).await;
        assert_eq!((&sold["outcome"], &sold["data"]["total"]), (&json!("accepted"), &json!("5000.00")), "{sold}");

        let mut free = sale_of(&shop, first + 1, top_up.0, "0.00", "0.00");
        let given = till.deliver(&item(shop.ids.next(), "sale", seller, false, &free)).await;
        assert_eq!(given["outcome"], "accepted", "{given}");
        free["number"] = json!(first + 2);
        free["payments"] = json!([]);
        let given = till.deliver(&item(shop.ids.next(), "sale", seller, false, &free)).await;
        assert_eq!(given["outcome"], "accepted", "{given}");
    })
    .await;
}

#[tokio::test]
async fn the_shops_customers_are_found_by_part_of_their_name_by_who_sells_and_by_nobody_else() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let other = TestShop::create(db, 2).await;
        let till = Till::enrol(&shop).await;
        let gloria = shop.ids.next();
        let content = json!({ "name": "Gloria Estupiñán", "phone": "310 555 0142", "document": null });
        till.deliver(&item(gloria, "customer", shop.admin, false, &content)).await;
        let found = async |who: Actor, typed: &str| {
            let answer = Browser::sign_in(&shop.db, who).await.get(&format!("/api/v1/till/customers?q={typed}")).await;
            answer.json()["data"]["customers"].clone()
        };
        let wanted = json!([{ "id": gloria, "name": "Gloria Estupiñán", "phone": "310 555 0142", "document": null }]);
        assert_eq!(found(shop.seller().await, "estupinan").await, wanted);
        for (who, typed) in [(shop.admin, "g"), (shop.admin, ""), (shop.admin, "%25%25"), (other.admin, "gloria")] {
            assert_eq!(found(who, typed).await, json!([]), "{typed}");
        }
    })
    .await;
}
