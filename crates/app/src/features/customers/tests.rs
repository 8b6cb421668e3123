//! Customers by HTTP, on both engines.

use crate::testkit::{Browser, TestShop, on_both};
use http::{Method, StatusCode};

const MARTA: [(&str, &str); 3] =
    [("nombre", "Doña Marta Ñáñez"), ("telefono", "310 555 0142"), ("documento", "52.123.456")];

async fn first_customer(browser: &Browser) -> String {
    let list = browser.get("/clientes/").await;
    let at = list.text.split("<span class=\"name\"><a href=\"").nth(1).expect("the list has a customer");
    at.split('"').next().expect("the link ends").to_owned()
}

#[tokio::test]
async fn a_customer_is_created_found_edited_and_deactivated() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert_eq!(admin.post("/clientes/nuevo/", &MARTA).await.status, StatusCode::SEE_OTHER);
        for (query, there) in [
            ("", true),
            ("?q=nanez", true),
            ("?q=3105550142", false),
            ("?q=310+0142", true),
            ("?q=pedro", false),
            ("?q=%25", true),
        ] {
            let list = admin.get(&format!("/clientes/{query}")).await;
            assert_eq!((list.status, list.text.contains("Doña Marta Ñáñez")), (StatusCode::OK, there), "{query}");
        }
        let path = first_customer(&admin).await;
        let edited = [("nombre", "Marta Ñáñez"), ("correo", "marta@ejemplo.co"), ("version", "1")];
        assert_eq!(admin.post(&path, &edited).await.status, StatusCode::SEE_OTHER);
        let stale = admin.post(&path, &[("nombre", "Marta"), ("version", "1")]).await;
        assert!(
            stale.status == StatusCode::OK && stale.text.contains("ahora dice «Marta Ñáñez», tú escribiste «Marta»")
        );
        assert_eq!(admin.post(&format!("{path}desactivar/"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(!admin.get("/clientes/").await.text.contains("Marta Ñáñez"));
        assert!(admin.get("/clientes/?estado=inactivos").await.text.contains("Marta Ñáñez"));
        assert_eq!(admin.post(&format!("{path}reactivar/"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(admin.get("/clientes/").await.text.contains("1 cliente<"));
    })
    .await;
}

#[tokio::test]
async fn a_seller_writes_a_customer_down_in_passing_and_changes_none() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let json =
            seller.json(Method::POST, "/clientes/crear/ajax/", "{\"nombre\":\"Pedro\",\"telefono\":\"300\"}").await;
        assert_eq!((json.status, json.json()["data"]["nombre"].as_str()), (StatusCode::CREATED, Some("Pedro")));
        let form = seller.post("/clientes/crear/ajax/", &MARTA).await;
        assert_eq!(form.status, StatusCode::CREATED, "{}", form.text);
        let id = form.json()["data"]["id"].as_str().expect("an id").to_owned();
        assert!(seller.get("/clientes/").await.text.contains("2 clientes"));
        let path = format!("/clientes/{id}/");
        assert_eq!(seller.get(&path).await.location.as_deref(), Some("/ventas/"));
        let stranger = Browser::sign_in(&shop.db, TestShop::create(db, 2).await.admin).await;
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stranger.post(&path, &MARTA).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn bad_input_names_its_fields_and_creates_nobody() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let long = format!("{{\"nombre\":\"{}\"}}", "x".repeat(151));
        for body in [
            "",
            "{}",
            "{\"nombre\":\"\"}",
            "{\"nombre\":\"a\",\"x\":1}",
            "{\"nombre\":\"a\",\"correo\":\"b\"}",
            "{\"nombre\":\"a\\u0000\"}",
            &long,
        ] {
            let answer = admin.json(Method::POST, "/clientes/crear/ajax/", body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
            assert_eq!(answer.json()["code"].as_str(), Some("VALIDATION_ERROR"), "{body}");
        }
        let page = admin.post("/clientes/nuevo/", &[("nombre", ""), ("correo", "x")]).await;
        assert!(
            page.status == StatusCode::OK
                && page.text.contains("id=\"nombre-e\"")
                && page.text.contains("id=\"correo-e\"")
        );
        assert!(admin.get("/clientes/").await.text.contains("Aún no tienes clientes"));
    })
    .await;
}
