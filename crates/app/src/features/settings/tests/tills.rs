//! The tills, and the end of a device.

use super::{field, href_of};
use crate::testkit::{
    Browser, TestShop, on_both,
    till::{Till, item},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const LIST: &str = "/configuracion/cajas/";

#[tokio::test]
async fn a_till_is_created_renamed_and_taken_out_of_use() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let empty = admin.get(&format!("{LIST}nueva/")).await.text;
        assert_eq!((field(&empty, "prefijo"), field(&empty, "nombre")), ("C2-", "Caja 2"));
        let form = [("id", "01900000-0000-7000-8000-000000000051"), ("nombre", "Patio"), ("prefijo", "p-")];
        for _ in 0..2 {
            assert_eq!(admin.post(&format!("{LIST}nueva/"), &form).await.status, StatusCode::SEE_OTHER);
        }
        for (prefix, why) in [("P-", "Hay otro igual"), ("Ñ/", "Usa letras sin acento"), ("123456789", "caben 8")] {
            let refused = admin.post(&format!("{LIST}nueva/"), &[("nombre", "Otra"), ("prefijo", prefix)]).await;
            assert!(refused.text.contains("id=\"prefijo-e\""), "{prefix}, {why}: {}", refused.text);
        }
        let href = href_of(&admin, LIST, "Patio").await;
        assert_eq!(admin.post(&href, &[("nombre", "Terraza"), ("version", "1")]).await.status, StatusCode::SEE_OTHER);
        let stale = admin.post(&href, &[("nombre", "Jardín"), ("version", "1")]).await;
        assert!(stale.text.contains("Ahora se llama «Terraza»"), "{}", stale.text);
        let tills = async || {
            let told = admin.get("/api/v1/till/session").await.json()["data"]["registers"].clone();
            told.as_array().unwrap().iter().map(|till| till["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(tills().await, ["Caja 1", "Terraza"]);
        admin.post(&format!("{href}desactivar/"), &[]).await;
        assert_eq!(tills().await, ["Caja 1"]);
        admin.post(&format!("{href}reactivar/"), &[]).await;
        assert_eq!(tills().await, ["Caja 1", "Terraza"]);
        // Its drawer is open: somebody has to count it first.
        let first = href_of(&admin, LIST, "Caja 1").await;
        admin.post(&format!("{first}desactivar/"), &[]).await;
        assert_eq!(tills().await, ["Caja 1", "Terraza"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_lost_device_delivers_waits_for_a_person() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        let href = format!("{LIST}{}/", shop.till);
        let paid_in = |amount: &str| {
            let content =
                json!({ "session_id": shop.session, "direction": "in", "amount": amount, "reason": "cambio" });
            item(shop.ids.next(), "cash_entry", shop.admin, true, &content)
        };
        assert_eq!(device.deliver(&paid_in("1000.00")).await["outcome"], "accepted");
        let page = admin.get(&href).await.text;
        assert!(page.contains("Caja de prueba") && page.contains("hoy "), "{page}");
        let id = field(&page, "equipo").to_owned();
        let other = admin.post(&format!("{href}perdido/"), &[("equipo", &shop.ids.next().to_string())]).await;
        assert_eq!(other.status, StatusCode::SEE_OTHER);
        assert_eq!(device.deliver(&paid_in("2000.00")).await["outcome"], "accepted", "another device was meant");

        admin.post(&format!("{href}perdido/"), &[("equipo", &id)]).await;
        let kept = device.deliver(&paid_in("3000.00")).await;
        assert_eq!((&kept["outcome"], &kept["data"]["code"]), (&"review".into(), &"DEVICE_REVOKED".into()));
        assert!(admin.get("/por-revisar/").await.text.contains("Caja 1"));
        let pull = device.ask(Method::GET, "/api/v1/till/catalog?since=0", "").await;
        assert_eq!((pull.status, &pull.json()["code"]), (StatusCode::FORBIDDEN, &"DEVICE_REVOKED".into()));
        let page = admin.get(&href).await.text;
        assert!(page.contains("Perdido") && !page.contains("name=\"equipo\""), "{page}");
        let told = admin.get("/api/v1/till/session").await.json();
        assert_eq!(told["data"]["registers"][0]["device_id"], Value::Null, "the till is free for another");
    })
    .await;
}

#[tokio::test]
async fn a_closed_till_takes_its_device_along() {
    on_both(async |db| {
        let shop = TestShop::create_without_drawer(db, 1).await;
        let (admin, device) = (Browser::sign_in(&shop.db, shop.admin).await, Till::enrol(&shop).await);
        admin.post(&format!("{LIST}{}/desactivar/", shop.till), &[]).await;
        let pull = device.ask(Method::GET, "/api/v1/till/catalog?since=0", "").await;
        assert_eq!(pull.status, StatusCode::FORBIDDEN, "{}", pull.text);
        assert!(admin.get(&format!("{LIST}{}/", shop.till)).await.text.contains("Caja desactivada"));
    })
    .await;
}
