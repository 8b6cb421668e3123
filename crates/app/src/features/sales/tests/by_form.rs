//! `/ventas/nueva/simple/`: the plain form.

use super::rice;
use crate::{
    features::catalog::write::{NewBarcode, ProductFields},
    testkit::{Browser, TestShop, on_both},
};
use http::StatusCode;

fn form<'a>(id: &'a str, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("id", id), ("cliente", "Doña Gloria"), ("forma_pago", "efectivo")];
    fields.extend_from_slice(extra);
    fields
}

#[tokio::test]
async fn the_form_shows_what_is_due_and_then_sells_it_once() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        rice(&shop).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let page = seller.get("/ventas/nueva/simple/").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let id = page.text.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let id = id.expect("the form carries an id");
        let lines = [("producto", "arroz diana 500 G"), ("cantidad", "2"), ("producto", ""), ("cantidad", "")];
        let mut fields = form(id, &lines);
        fields.push(("accion", "ver"));
        let priced = seller.post("/ventas/nueva/simple/", &fields).await;
        assert_eq!(priced.status, StatusCode::OK);
        assert!(
            priced.text.contains("Cobrar $\u{a0}4.760") && priced.text.contains("name=\"total\" value=\"4760.00\"")
        );
        assert!(seller.get("/ventas/").await.text.contains("Todavía no hay ventas"));
        fields.retain(|(name, _)| *name != "accion");
        fields.extend([("accion", "cobrar"), ("total", "4760.00")]);
        let sold = seller.post("/ventas/nueva/simple/", &fields).await;
        assert!(sold.text.contains("OF-1") && sold.text.contains("Doña Gloria"), "{}", sold.text);
        assert!(!sold.text.contains("COPIA"), "the first paper is the original");
        let again = seller.post("/ventas/nueva/simple/", &fields).await;
        assert!(again.text.contains("OF-1") && !again.text.contains("OF-2"));
        assert_eq!(seller.get("/ventas/").await.text.matches("<tr><th scope=\"row\">").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_code_of_a_box_sells_the_box_and_the_django_form_is_taken_at_the_tills_address() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let boxed = NewBarcode { code: "7700000000024".into(), pack_milli: 24_000, price_minor: Some(4_500_000) };
        let fields = ProductFields { barcodes: vec![boxed], ..shop.fields("Gaseosa", 200_000) };
        shop.product(fields, 48_000, 100_000).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let id = shop.ids.next().to_string();
        let lines = [("producto", "7700000000024"), ("cantidad", "1")];
        let sold = admin.post("/ventas/nueva/", &form(&id, &lines)).await;
        assert!(sold.text.contains("53.550"), "45.000 and 19 %: {}", sold.text);
        let short = admin
            .post(
                "/ventas/nueva/",
                &form(&shop.ids.next().to_string(), &[("producto", "7700000000024"), ("cantidad", "2")]),
            )
            .await;
        assert!(short.text.contains("De Gaseosa solo hay 24."));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_form_says_everything_that_is_wrong_and_keeps_what_was_typed() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        rice(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let lines = [
            ("producto", "Arroz"),
            ("cantidad", "dos"),
            ("producto", "Panela"),
            ("cantidad", "1"),
            ("forma_pago", "trueque"),
        ];
        let fields: Vec<_> = [("id", "7"), ("cliente_fk", "x")].into_iter().chain(lines).collect();
        let again = admin.post("/ventas/nueva/simple/", &fields).await;
        assert_eq!(again.status, StatusCode::OK);
        for shown in [
            "¿Es uno de estos? Arroz Diana 500 g",
            "Escribe una cantidad",
            "Ningún producto se llama así",
            "id=\"forma_pago-e\"",
            "value=\"dos\"",
            "value=\"Panela\"",
        ] {
            assert!(again.text.contains(shown), "the form lacks {shown}");
        }
        for odd in [("producto", "a\u{0}b"), ("cliente", "\u{0}"), ("banco", "\u{7}")] {
            let id = shop.ids.next().to_string();
            let mut fields = form(&id, &[("producto", "Arroz Diana 500 g"), ("cantidad", "1")]);
            fields.insert(0, odd);
            let again = admin.post("/ventas/nueva/simple/", &fields).await;
            assert_eq!(again.status, StatusCode::OK, "{odd:?}");
            assert!(again.text.contains("No se guardó"), "{odd:?}");
        }
        let transfer =
            form("018f0000-0000-7000-8000-00000000abcd", &[("producto", "Arroz Diana 500 g"), ("cantidad", "1")]);
        let transfer: Vec<_> = transfer
            .into_iter()
            .map(|(name, value)| if name == "forma_pago" { (name, "Transferencia") } else { (name, value) })
            .collect();
        let again = admin.post("/ventas/nueva/simple/", &transfer).await;
        assert!(again.text.contains("Escribe el banco."), "{}", again.text);
        assert!(admin.get("/ventas/").await.text.contains("Todavía no hay ventas"));
    })
    .await;
}
