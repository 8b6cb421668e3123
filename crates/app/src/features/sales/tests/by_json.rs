//! `POST /api/v1/sales` and `POST /ventas/nueva/` with JSON.

use super::{rice, sale_json};
use crate::testkit::{Browser, TestShop, on_both};
use domain::ids::SaleId;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_sale_by_json_is_numbered_by_the_office_and_answered_alike_when_repeated() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let body = sale_json(&shop, SaleId(shop.ids.next()), rice, "3", "7140.00").to_string();
        let first = seller.json(Method::POST, "/api/v1/sales", &body).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        let data = &first.json()["data"];
        assert_eq!((data["number"].as_str(), data["total"].as_str()), (Some("OF-1"), Some("7140.00")));
        for path in ["/api/v1/sales", "/ventas/nueva/"] {
            let again = seller.json(Method::POST, path, &body).await;
            assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        }
        let list = seller.get("/ventas/").await;
        assert_eq!(list.text.matches("<tr><th scope=\"row\">").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn another_sale_under_a_used_id_is_a_conflict_and_sells_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let id = SaleId(shop.ids.next());
        let first = sale_json(&shop, id, rice, "1", "2380.00").to_string();
        assert_eq!(admin.json(Method::POST, "/api/v1/sales", &first).await.status, StatusCode::CREATED);
        let other = sale_json(&shop, id, rice, "2", "4760.00").to_string();
        let refused = admin.json(Method::POST, "/api/v1/sales", &other).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert_eq!(refused.json()["code"], "CONFLICT");
        let found = admin.get(&format!("/ventas/{id}/")).await;
        assert!(found.text.contains("2.380") && !found.text.contains("4.760"));
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once_in_the_readers_language() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let body = json!({
            "id": SaleId(shop.ids.next()),
            "lines": [
                {"product_id": rice, "quantity": "1,5", "discount": {"percent": "1", "amount": "2"}},
                {"product_id": rice, "quantity": "0", "note": "a\u{0}b"},
            ],
            "payments": [{"method_id": shop.cash, "amount": "1.234", "bank": "b".repeat(101)}],
            "note": "n".repeat(256),
        });
        let refused = admin.json(Method::POST, "/api/v1/sales", &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        let envelope = refused.json();
        assert_eq!(envelope["code"], "VALIDATION_ERROR");
        let fields: Vec<&str> =
            envelope["fields"].as_object().expect("fields are an object").keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            [
                "lines.0.discount", "lines.0.quantity", "lines.1.note", "lines.1.quantity", "note",
                "payments.0.amount", "payments.0.bank"
            ]
        );
        assert_eq!(envelope["fields"]["note"][0], "Es muy largo: caben 255 caracteres.");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_sale_is_refused_with_an_envelope_and_never_a_500() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let good = sale_json(&shop, SaleId(shop.ids.next()), rice, "1", "2380.00");
        let changed = |path: &str, value: Value| {
            let mut body = good.clone();
            *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
            body.to_string()
        };
        let with_field = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body.to_string()
        };
        let unknown = "018f0000-0000-7000-8000-00000000abcd";
        let cases = [
            ("{".to_owned(), "VALIDATION_ERROR"),
            ("[]".to_owned(), "VALIDATION_ERROR"),
            ("null".to_owned(), "VALIDATION_ERROR"),
            ("{}".to_owned(), "VALIDATION_ERROR"),
            (with_field("number", json!(7)), "VALIDATION_ERROR"),
            (with_field("prefix", json!("C1-")), "VALIDATION_ERROR"),
            (with_field("session_id", json!(unknown)), "CONFLICT"),
            (with_field("sorpresa", json!(true)), "VALIDATION_ERROR"),
            (with_field("customer", json!({"id": unknown})), "VALIDATION_ERROR"),
            (with_field("expected", json!({"total": "1.00"})), "VALIDATION_ERROR"),
            (with_field("lines", json!([])), "VALIDATION_ERROR"),
            (changed("/id", json!("7")), "VALIDATION_ERROR"),
            (changed("/lines/0/product_id", json!(unknown)), "VALIDATION_ERROR"),
            (changed("/lines/0/quantity", json!(1)), "VALIDATION_ERROR"),
            (changed("/lines/0/quantity", json!("0.5")), "VALIDATION_ERROR"),
            (changed("/lines/0/quantity", json!("99999999999999999999")), "VALIDATION_ERROR"),
            (changed("/lines/0/quantity", json!("101")), "STOCK_INSUFFICIENT"),
            (changed("/payments/0/method_id", json!(unknown)), "VALIDATION_ERROR"),
            (changed("/payments/0/method_id", json!(shop.transfer)), "VALIDATION_ERROR"),
            (changed("/payments/0/amount", json!("2380.01")), "VALIDATION_ERROR"),
            (changed("/payments/0/amount", json!("-2380.00")), "VALIDATION_ERROR"),
        ];
        for (body, code) in cases {
            let refused = admin.json(Method::POST, "/api/v1/sales", &body).await;
            assert!(refused.status.is_client_error(), "{} for {body}", refused.status);
            assert_eq!(refused.json()["code"], code, "{body}: {}", refused.text);
            assert_eq!(refused.json()["success"], false);
        }
        assert!(admin.get("/ventas/").await.text.contains("Todavía no hay ventas"));
        assert_eq!(admin.json(Method::POST, "/api/v1/sales", &good.to_string()).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn each_line_that_asks_for_too_much_is_told_what_there_is() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = shop.product(shop.fields("Arroz", 200_000), 2_000, 100_000).await;
        let soap = shop.product(shop.fields("Jabón", 100_000), 1_000, 100_000).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let body = json!({
            "id": SaleId(shop.ids.next()),
            "lines": [{"product_id": rice, "quantity": "3"}, {"product_id": soap, "quantity": "2"}],
            "payments": [{"method_id": shop.cash, "amount": "9520.00"}],
        });
        let refused = seller.json(Method::POST, "/api/v1/sales", &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        let envelope = refused.json();
        assert_eq!(envelope["error"], "No alcanza Arroz: hay 2.");
        assert_eq!(envelope["fields"]["lines.0.quantity"][0], "De Arroz solo hay 2.");
        assert_eq!(envelope["fields"]["lines.1.quantity"][0], "De Jabón solo hay 1.");
    })
    .await;
}

#[tokio::test]
async fn a_seller_sells_at_the_shops_price_and_within_their_discount() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        for (name, value, field, said) in [
            (
                "unit_price",
                json!("1000.00"),
                "lines.0.unit_price",
                "El precio del negocio es $\u{a0}2.000 y tu usuario no puede cambiarlo.",
            ),
            (
                "discount",
                json!({"percent": "10.01"}),
                "lines.0.discount",
                "Tu usuario puede descontar hasta 10\u{a0}%.",
            ),
        ] {
            let mut body = sale_json(&shop, SaleId(shop.ids.next()), rice, "1", "2380.00");
            body["lines"][0][name] = value;
            let refused = seller.json(Method::POST, "/api/v1/sales", &body.to_string()).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
            assert_eq!(refused.json()["fields"][field][0], said);
        }
    })
    .await;
}
