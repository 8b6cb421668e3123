//! The tax sets, and what tills and products make of them.

use super::{field, href_of};
use crate::testkit::{Browser, TestShop, Till, on_both};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const LIST: &str = "/configuracion/impuestos/";

/// What a till learns that knows a version.
async fn news(device: &Till, since: i64) -> Value {
    let answer = device.ask(Method::GET, &format!("/api/v1/till/catalog?since={since}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["data"].clone()
}

#[tokio::test]
async fn another_rate_makes_one_version_with_which_the_tills_learn_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        shop.product(shop.fields("Leche", 420_000), 0, 0).await;
        shop.product(shop.fields("Pan", 60_000), 0, 0).await;
        let before = device.catalog().await["version"].as_i64().unwrap();
        let href = href_of(&admin, LIST, "IVA 19 %").await;
        let form = [
            ("nombre", "IVA 21 %"),
            ("codigo_1", "IVA"),
            ("tasa_1", "21"),
            ("codigo_2", "ICA"),
            ("tasa_2", "0,4125"),
            ("version", "1"),
        ];
        let saved = admin.post(&href, &form).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        let learned = news(&device, before).await;
        assert_eq!(learned["version"], before + 1);
        let products = learned["products"].as_array().unwrap();
        assert_eq!(products.len(), 2);
        for product in products {
            let taxes = json!([{ "code": "IVA", "rate": "21" }, { "code": "ICA", "rate": "0.4125" }]);
            assert_eq!(product["taxes"], taxes);
        }
        // A name alone is no news to a till.
        let named: Vec<_> = form.map(|(name, value)| (name, if name == "nombre" { "General" } else { value })).into();
        let named: Vec<_> =
            named.into_iter().map(|pair| if pair.0 == "version" { ("version", "2") } else { pair }).collect();
        assert_eq!(admin.post(&href, &named).await.status, StatusCode::SEE_OTHER);
        assert_eq!(news(&device, before).await["version"], before + 1);
        let stale = admin.post(&href, &form).await;
        assert!(stale.text.contains("Ahora dice «General»"), "{}", stale.text);
        assert_eq!(field(&stale.text, "version"), "3");
    })
    .await;
}

#[tokio::test]
async fn a_set_out_of_use_hands_its_products_on() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let made = [("nombre", "Licores"), ("codigo_1", "IVA"), ("tasa_1", "5"), ("codigo_2", "ICO"), ("tasa_2", "25")];
        assert_eq!(admin.post(&format!("{LIST}nuevo/"), &made).await.status, StatusCode::SEE_OTHER);
        let twin = admin.post(&format!("{LIST}nuevo/"), &made).await;
        assert!(twin.text.contains("id=\"nombre-e\""), "{}", twin.text);
        let href = href_of(&admin, LIST, "Licores").await;
        let liquor = href.rsplit('/').nth(1).unwrap().to_owned();
        let mut fields = shop.fields("Ron", 5_000_000);
        fields.tax_set = liquor.parse().unwrap();
        shop.product(fields, 0, 0).await;
        let unsaid = admin.post(&format!("{href}desactivar/"), &[]).await;
        assert!(unsaid.text.contains("id=\"destino-e\""), "{}", unsaid.text);
        let to_itself = admin.post(&format!("{href}desactivar/"), &[("destino", &liquor)]).await;
        assert!(to_itself.text.contains("id=\"destino-e\""), "{}", to_itself.text);
        let general = shop.tax_set.to_string();
        let done = admin.post(&format!("{href}desactivar/"), &[("destino", &general)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        assert_eq!(device.catalog().await["products"][0]["taxes"], json!([{ "code": "IVA", "rate": "19" }]));
        let usual = admin.post(&format!("{LIST}{general}/desactivar/"), &[("destino", &liquor)]).await;
        assert_eq!(usual.status, StatusCode::OK, "a set that is out of use takes no products");
        admin.post(&format!("{href}predeterminado/"), &[]).await;
        let list = admin.get(LIST).await.text;
        let at = list.find("Licores").unwrap();
        assert!(list[at..].contains("Desactivado"), "a set out of use is not made the usual one");
    })
    .await;
}

#[tokio::test]
async fn the_usual_set_is_one_and_new_products_have_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let reduced = href_of(&admin, LIST, "IVA 5 %").await;
        assert_eq!(admin.post(&format!("{reduced}predeterminado/"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(admin.get(LIST).await.text.matches("Habitual").count(), 1);
        let kept = admin.post(&format!("{reduced}desactivar/"), &[]).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER);
        let id = reduced.rsplit('/').nth(1).unwrap();
        let form = admin.get("/productos/nuevo/").await.text;
        assert!(form.contains(&format!("<option value=\"{id}\" selected>")), "{form}");
    })
    .await;
}
