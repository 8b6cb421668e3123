//! The ways to pay.

use super::{field, href_of};
use crate::testkit::{Browser, TestShop, Till, on_both};
use http::StatusCode;
use serde_json::Value;

const LIST: &str = "/configuracion/pagos/";
const NEQUI: [(&str, &str); 4] =
    [("id", "01900000-0000-7000-8000-000000000041"), ("nombre", "Nequi"), ("tipo", "transfer"), ("referencia", "1")];

fn names(catalog: &Value) -> Vec<&str> {
    let methods = catalog["payment_methods"].as_array().expect("a till is told its ways to pay");
    methods.iter().filter_map(|method| method["name"].as_str()).collect()
}

#[tokio::test]
async fn a_way_to_pay_reaches_the_till_and_leaves_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        for _ in 0..2 {
            let made = admin.post(&format!("{LIST}nueva/"), &NEQUI).await;
            assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
        }
        assert_eq!(names(&device.catalog().await), ["Efectivo", "Transferencia", "Tarjeta", "Nequi"]);
        let href = href_of(&admin, LIST, "Nequi").await;
        let form = [("nombre", "Nequi y Daviplata"), ("banco", "1"), ("version", "1")];
        assert_eq!(admin.post(&href, &form).await.status, StatusCode::SEE_OTHER);
        let told = device.catalog().await["payment_methods"][3].clone();
        assert_eq!(
            (&told["name"], &told["needs_bank"], &told["needs_reference"]),
            (&"Nequi y Daviplata".into(), &true.into(), &false.into())
        );
        let stale = admin.post(&href, &form).await;
        assert!(stale.text.contains("Ahora se llama «Nequi y Daviplata»"), "{}", stale.text);
        assert_eq!(field(&stale.text, "version"), "2");
        admin.post(&format!("{href}desactivar/"), &[]).await;
        assert_eq!(names(&device.catalog().await), ["Efectivo", "Transferencia", "Tarjeta"]);
        admin.post(&format!("{href}reactivar/"), &[]).await;
        assert_eq!(names(&device.catalog().await).len(), 4);
    })
    .await;
}

#[tokio::test]
async fn cash_stays_and_no_two_ways_have_one_name() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let cash = href_of(&admin, LIST, "Efectivo").await;
        admin.post(&format!("{cash}desactivar/"), &[]).await;
        admin.post(&cash, &[("nombre", "Plata"), ("banco", "1"), ("version", "1")]).await;
        let told = device.catalog().await["payment_methods"][0].clone();
        assert_eq!((&told["name"], &told["needs_bank"]), (&"Plata".into(), &false.into()));
        let twin = admin.post(&format!("{LIST}nueva/"), &[("nombre", "TARJETA"), ("tipo", "card")]).await;
        assert!(twin.text.contains("id=\"nombre-e\""), "{}", twin.text);
        for kind in ["cash", "house_account", "imported", ""] {
            let refused = admin.post(&format!("{LIST}nueva/"), &[("nombre", "Otra"), ("tipo", kind)]).await;
            assert!(refused.text.contains("id=\"tipo-e\""), "{kind}: {}", refused.text);
        }
        assert_eq!(names(&device.catalog().await).len(), 3);
    })
    .await;
}
