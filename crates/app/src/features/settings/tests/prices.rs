//! What prices mean: the preview, the switch, the way back, and the sales around it.

use super::field;
use crate::{
    features::{catalog::write::NewBarcode, sales::wire::ExpectedContent},
    testkit::{
        Browser, TestShop, on_both,
        till::{Till, item},
    },
};
use domain::ids::{ProductId, SaleId};
use http::StatusCode;
use serde_json::Value;

const HERE: &str = "/configuracion/impuestos/precios/";

/// Rice at 2,436.97 before tax, 2,899.99 with it; its box of 24 costs 50,000.00; a pack
/// of six costs six. Bread without tax.
async fn goods(shop: &TestShop) -> (ProductId, ProductId) {
    let mut rice = shop.fields("Arroz", 243_697);
    let code = |code: &str, pack_milli, price_minor| NewBarcode { code: code.into(), pack_milli, price_minor };
    rice.barcodes = vec![code("1", 1_000, None), code("24", 24_000, Some(5_000_000)), code("6", 6_000, None)];
    let mut bread = shop.fields("Pan", 60_000);
    bread.tax_set = shop.excluded;
    (shop.product(rice, 100_000, 1_000).await, shop.product(bread, 100_000, 1_000).await)
}

async fn switch(admin: &Browser, keep: &str) {
    let preview = admin.get(&format!("{HERE}?mantener={keep}")).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    let version = field(&preview.text, "version").to_owned();
    let done = admin.post(HERE, &[("mantener", keep), ("version", &version)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
}

/// Name, price, price of the first priced package: as the till is told.
fn told(catalog: &Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let products = catalog["products"].as_array().unwrap().iter();
    let mut told: Vec<_> = products
        .map(|product| {
            let pack = product["barcodes"].as_array().unwrap().iter().find_map(|code| text(&code["price"]));
            (text(&product["name"]).unwrap(), text(&product["price"]).unwrap(), pack)
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn the_shelf_price_stays_when_prices_begin_to_include_tax() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (rice, _) = goods(&shop).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let before = device.catalog().await;
        let preview = admin.get(HERE).await.text;
        // Six at 2,899.99 are 17,399.94; six times 2,436.97 with tax were 17,399.97.
        for shown in ["2.436,97", "2.899,99", "59.500", "No quedan exactos", "17.399,97", "17.399,94"] {
            assert!(preview.contains(shown), "the preview lacks {shown}");
        }
        assert_eq!(told(&device.catalog().await), told(&before), "a preview changes nothing");
        switch(&admin, "estante").await;
        let after = device.catalog().await;
        let is =
            |name: &str, price: &str, pack: Option<&str>| (name.to_owned(), price.to_owned(), pack.map(str::to_owned));
        assert_eq!(told(&after), [is("Arroz", "2899.99", Some("59500.00")), is("Pan", "600.00", None)]);
        let versions = |catalog: &Value| catalog["version"].as_i64().unwrap();
        assert_eq!(versions(&after), versions(&before) + 1);
        assert_eq!((&before["prices_include_tax"], &after["prices_include_tax"]), (&false.into(), &true.into()));
        let history = admin.get(&format!("/productos/{rice}/precios/")).await.text;
        assert!(history.contains("2.436,97") && history.contains("2.899,99"), "{history}");
        assert!(history.contains("Los precios pasaron a incluir impuestos"), "{history}");
        // And back: nothing was touched, so everything is as it was.
        switch(&admin, "estante").await;
        let back = device.catalog().await;
        assert_eq!((told(&back), &back["prices_include_tax"]), (told(&before), &false.into()));
    })
    .await;
}

#[tokio::test]
async fn prices_that_no_price_before_tax_gives_are_named_and_come_back_whole() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let mut rice = shop.fields("Arroz", 290_000);
        rice.barcodes = vec![NewBarcode { code: "24".into(), pack_milli: 24_000, price_minor: Some(6_500_000) }];
        shop.product(rice, 0, 0).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        switch(&admin, "guardado").await;
        let included = device.catalog().await;
        assert_eq!((told(&included)[0].1.as_str(), &included["prices_include_tax"]), ("2900.00", &true.into()));
        let preview = admin.get(HERE).await.text;
        let named = preview.split("id=\"excepciones\"").nth(1).expect("there are exceptions");
        assert!(named.contains("Arroz") && named.contains("2.899,99"), "{named}");
        switch(&admin, "estante").await;
        assert_eq!(told(&device.catalog().await)[0].1, "2436.97");
        switch(&admin, "estante").await;
        assert_eq!(told(&device.catalog().await), told(&included));
    })
    .await;
}

#[tokio::test]
async fn a_catalogue_that_moved_on_is_shown_again_and_nothing_happens() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        goods(&shop).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let version = field(&admin.get(HERE).await.text, "version").to_owned();
        shop.product(shop.fields("Leche", 420_000), 0, 0).await;
        let before = device.catalog().await;
        let stale = admin.post(HERE, &[("mantener", "estante"), ("version", &version)]).await;
        assert_eq!(stale.status, StatusCode::OK);
        assert!(stale.text.contains("El catálogo cambió mientras leías") && stale.text.contains("Leche"));
        assert_eq!(device.catalog().await, before);
        for form in
            [vec![], vec![("mantener", "nada"), ("version", "1")], vec![("mantener", "estante"), ("version", "x")]]
        {
            assert_eq!(admin.post(HERE, &form).await.location.as_deref(), Some(HERE));
        }
        assert_eq!(device.catalog().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_price_that_would_become_too_large_holds_the_switch_up() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        shop.product(shop.fields("Yate", 1_000_000_000_000), 0, 0).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let preview = admin.get(HERE).await.text;
        assert!(
            preview.contains("demasiado grandes") && preview.contains("Yate") && !preview.contains("name=\"version\"")
        );
        let version = device.catalog().await["version"].to_string();
        let refused = admin.post(HERE, &[("mantener", "estante"), ("version", &version)]).await;
        assert_eq!(refused.status, StatusCode::OK);
        assert_eq!(device.catalog().await["prices_include_tax"], false);
    })
    .await;
}

#[tokio::test]
async fn a_sale_made_before_the_switch_and_sent_after_it_is_kept_as_charged() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (rice, _) = goods(&shop).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let known = device.catalog().await["version"].as_i64().unwrap();
        let number = device.lease(shop.ids.next()).await;
        switch(&admin, "estante").await;
        let mut cart = shop.cart(&[(rice, "1")], "2900.00");
        cart.prefix = Some("C1-".into());
        (cart.number, cart.session_id, cart.catalog_version) = (Some(number), Some(shop.session), Some(known));
        cart.lines[0].unit_price = Some("2436.97".into());
        cart.expected =
            Some(ExpectedContent { total: "2899.99".into(), cash_rounding: Some("0.01".into()), change: None });
        let sale = item(shop.ids.next(), "sale", shop.admin, true, &serde_json::to_value(&cart).unwrap());
        let posted = device.deliver(&sale).await;
        assert_eq!((&posted["outcome"], &posted["data"]["total"]), (&"accepted".into(), &"2899.99".into()), "{posted}");
        // A sale of the office is priced as prices are now, and comes to the same.
        let cart = shop.cart(&[(rice, "1")], "2900.00");
        let sold = shop.sell(shop.command(SaleId(shop.ids.next()), &cart)).await.expect("there is rice");
        assert_eq!(sold.answer.total, "2899.99");
    })
    .await;
}
