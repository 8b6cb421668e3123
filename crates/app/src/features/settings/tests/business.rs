//! The shop itself, and moving it to another country.

use super::field;
use crate::testkit::{Browser, TestShop, on_both};
use http::StatusCode;

const HERE: &str = "/configuracion/negocio/";

const FORM: [(&str, &str); 15] = [
    ("nombre", "Tienda La Esquina"),
    ("moneda", "COP"),
    ("decimales", "0"),
    ("zona", "America/Bogota"),
    ("dia_empieza", "04:30"),
    ("idioma", "en"),
    ("redondeo", "50"),
    ("redondeo_modo", "down"),
    ("razon_social", "Marta Ríos SAS"),
    ("identificacion", "900.123.456-7"),
    ("direccion", "Calle 1 # 2-3"),
    ("telefono", "310 555 0100"),
    ("recibo_arriba", "Abierto de 7 a 9"),
    ("recibo_abajo", "Gracias\r\nVuelve pronto"),
    ("version", "1"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = FORM.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes.iter().copied()).collect()
}

#[tokio::test]
async fn the_shop_is_changed_and_the_till_is_told() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(admin.get("/configuracion/").await.text.contains("Colombia · COP"));
        let saved = admin.post(HERE, &FORM).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        let told = admin.get("/api/v1/till/session").await.json()["data"]["shop"].clone();
        assert_eq!((&told["cash_step"], &told["cash_mode"]), (&"50.00".into(), &"down".into()));
        let receipt = &told["receipt"];
        for (key, value) in [
            ("legal_name", "Marta Ríos SAS"),
            ("tax_id", "900.123.456-7"),
            ("header", "Abierto de 7 a 9"),
            ("footer", "Gracias\nVuelve pronto"),
        ] {
            assert_eq!(receipt[key], value, "{key}");
        }
        // The shop speaks English to whoever chose nothing.
        let page = admin.get(HERE).await;
        assert!(page.text.contains("Time zone") && page.text.contains("<html lang=\"en\""), "{}", page.text);
        assert_eq!((field(&page.text, "dia_empieza"), field(&page.text, "version")), ("04:30", "2"));
    })
    .await;
}

#[tokio::test]
async fn every_mistake_is_named_and_nothing_is_kept() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let wrong = with(&[
            ("nombre", ""),
            ("moneda", "XXX"),
            ("decimales", "7"),
            ("zona", "America/Macondo"),
            ("dia_empieza", "25:00"),
            ("idioma", "fr"),
            ("redondeo", "mucho"),
            ("redondeo_modo", "hacia arriba"),
        ]);
        let answer = admin.post(HERE, &wrong).await;
        assert_eq!(answer.status, StatusCode::OK);
        for name in ["nombre", "moneda", "decimales", "zona", "dia_empieza", "idioma", "redondeo", "redondeo_modo"] {
            assert!(answer.text.contains(&format!("<a href=\"#{name}\"")), "no mistake at {name}");
        }
        assert!(answer.text.contains("Gracias"), "what was typed is kept");
        let page = admin.get(HERE).await;
        assert_eq!((field(&page.text, "nombre"), field(&page.text, "version")), ("Tienda La Esquina", "1"));
    })
    .await;
}

#[tokio::test]
async fn an_edit_over_a_newer_version_is_shown_beside_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post(HERE, &with(&[("nombre", "La Esquina"), ("idioma", "")])).await;
        let second = admin.post(HERE, &with(&[("nombre", "El Rincón"), ("idioma", "")])).await;
        assert_eq!(second.status, StatusCode::OK);
        assert!(second.text.contains("ahora dice «La Esquina», tú escribiste «El Rincón»"), "{}", second.text);
        assert_eq!(field(&second.text, "version"), "2");
        let third = admin.post(HERE, &with(&[("nombre", "El Rincón"), ("idioma", ""), ("version", "2")])).await;
        assert_eq!(third.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_fresh_shop_moves_to_chile_with_money_taxes_and_rounding() {
    on_both(async |db| {
        let shop = TestShop::create_without_drawer(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        for _ in 0..2 {
            let moved = admin.post("/configuracion/negocio/pais/", &[("pais", "CL")]).await;
            assert_eq!(moved.location.as_deref(), Some(HERE), "{}", moved.text);
        }
        let told = admin.get("/api/v1/till/session").await.json()["data"]["shop"].clone();
        for (key, value) in [
            ("country", "CL"),
            ("currency", "CLP"),
            ("time_zone", "America/Santiago"),
            ("cash_step", "10"),
            ("cash_mode", "half_down"),
        ] {
            assert_eq!(told[key], value, "{key}");
        }
        assert_eq!((&told["exponent"], &told["prices_include_tax"]), (&0.into(), &true.into()));
        let taxes = admin.get("/configuracion/impuestos/").await.text;
        assert_eq!(taxes.matches("Exento de IVA").count(), 1, "doing it twice brings nothing twice");
        assert!(taxes.contains("Habitual") && taxes.contains("Los precios incluyen impuestos"));
        // The sets of Colombia are out of use, apart from the one that Chile has as well.
        assert_eq!(taxes.matches("Desactivado").count(), 3, "{taxes}");
    })
    .await;
}

#[tokio::test]
async fn a_shop_with_prices_keeps_its_money_when_it_moves() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        shop.product(shop.fields("Leche", 420_000), 0, 0).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/configuracion/negocio/pais/", &[("pais", "PE")]).await;
        let told = admin.get("/api/v1/till/session").await.json()["data"]["shop"].clone();
        assert_eq!(
            (&told["country"], &told["currency"], &told["prices_include_tax"]),
            (&"PE".into(), &"COP".into(), &false.into())
        );
        let taxes = admin.get("/configuracion/impuestos/").await.text;
        assert!(taxes.contains("IGV 18 %") && !taxes.contains("Desactivado"), "products keep their taxes in use");
        let held = admin.post(HERE, &with(&[("moneda", "PEN"), ("version", "2")])).await;
        assert_eq!(held.status, StatusCode::OK);
        assert!(held.text.contains("ya hay precios o ventas en esta moneda"), "{}", held.text);
        let unknown = admin.post("/configuracion/negocio/pais/", &[("pais", "FR")]).await;
        assert_eq!(unknown.status, StatusCode::OK);
        assert!(unknown.text.contains("Elige una de las opciones"));
    })
    .await;
}
