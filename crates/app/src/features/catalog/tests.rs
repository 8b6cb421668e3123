//! The catalogue by HTTP, on both engines.

mod photos;

use crate::{
    features::catalog::write::{self, ProductFields},
    testkit::{Browser, TestShop, on_both, shop::NOON_US},
};
use db::{DbError, ShopTx};
use domain::ids::{CategoryId, ProductId};
use http::StatusCode;

/// A form as a program sends it that knows the Django application's fields.
const PLAIN: [(&str, &str); 6] = [
    ("nombre", "Leche Alquería 1 L"),
    ("codigo_de_barras", "7702177008474"),
    ("categoria", "Lácteos"),
    ("precio_compra", "3.350"),
    ("precio", "4.200"),
    ("stock", "24"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = PLAIN.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes.iter().copied()).collect()
}

/// Where the first product of the list leads.
async fn first_product(browser: &Browser) -> String {
    let list = browser.get("/productos/").await;
    let at = list.text.split("<span class=\"name\"><a href=\"").nth(1).expect("the list has a product");
    at.split('"').next().expect("the link ends").to_owned()
}

#[tokio::test]
async fn a_product_is_created_with_its_stock_and_found_by_its_code() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let created = admin.post("/productos/nuevo/", &PLAIN).await;
        assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
        let list = admin.get("/productos/").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.text);
        for shown in ["Leche Alquería 1 L", "7702177008474", "Lácteos", "1 producto activo", "3.350", "4.200"] {
            assert!(list.text.contains(shown), "the list lacks {shown}");
        }
        let found = admin.get("/ventas/api/buscar-producto/?codigo_barras=7702177008474").await;
        assert_eq!(found.status, StatusCode::OK);
        let data = &found.json()["data"];
        assert_eq!(
            (data["nombre"].as_str(), data["precio"].as_str(), data["precio_final"].as_str(), data["stock"].as_str()),
            (Some("Leche Alquería 1 L"), Some("4200.00"), Some("4998.00"), Some("24"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_wrong_form_names_every_mistake_and_keeps_what_was_typed() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let wrong = with(&[("nombre", ""), ("precio", "4.2OO"), ("unidad", "docena"), ("codigos_1", "con espacio")]);
        let answer = admin.post("/productos/nuevo/", &wrong).await;
        assert_eq!(answer.status, StatusCode::OK);
        for name in ["nombre", "precio", "unidad", "codigos_1"] {
            assert!(answer.text.contains(&format!("id=\"{name}-e\"")), "no error beside {name}");
        }
        assert!(answer.text.contains("4.2OO") && answer.text.contains("7702177008474"));
        assert!(admin.get("/productos/").await.text.contains("Aún no tienes productos"));
    })
    .await;
}

#[tokio::test]
async fn an_edit_over_a_newer_version_is_shown_beside_it_and_not_kept() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let path = first_product(&admin).await;
        let first = admin.post(&path, &with(&[("precio", "4.400"), ("version", "1")])).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
        let second = admin.post(&path, &with(&[("precio", "4.500"), ("version", "1")])).await;
        assert_eq!(second.status, StatusCode::OK);
        assert!(second.text.contains("ahora dice «4.400», tú escribiste «4.500»"), "{}", second.text);
        assert!(second.text.contains("name=\"version\" value=\"2\""));
        let third = admin.post(&path, &with(&[("precio", "4.500"), ("version", "2")])).await;
        assert_eq!(third.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_code_of_another_product_is_refused_with_that_products_name() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let twin = with(&[("nombre", "Otra leche"), ("codigo_de_barras", ""), ("codigos_2", "7702177008474")]);
        let answer = admin.post("/productos/nuevo/", &twin).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.text.contains("id=\"codigos_2-e\"") && answer.text.contains("Lo tiene Leche Alquería 1 L"),
            "{}",
            answer.text
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_form_sent_twice_creates_one_product() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let form = with(&[("id", "01900000-0000-7000-8000-000000000001")]);
        for _ in 0..2 {
            assert_eq!(admin.post("/productos/nuevo/", &form).await.status, StatusCode::SEE_OTHER);
        }
        assert!(admin.get("/productos/").await.text.contains("1 producto activo"));
        let other = admin
            .post("/productos/nuevo/", &with(&[("id", "01900000-0000-7000-8000-000000000001"), ("nombre", "Otra")]))
            .await;
        assert_eq!(other.status, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test]
async fn a_seller_sees_products_and_no_cost_and_changes_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let path = first_product(&admin).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let list = seller.get("/productos/").await;
        assert_eq!(list.status, StatusCode::OK);
        assert!(list.text.contains("4.200") && !list.text.contains("3.350") && !list.text.contains("Margen"));
        for path in [path.as_str(), "/productos/nuevo/"] {
            assert_eq!(seller.get(path).await.location.as_deref(), Some("/ventas/"), "{path}");
            assert_eq!(seller.json(http::Method::POST, path, "{}").await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let found = seller.get("/ventas/api/buscar-producto/?codigo_barras=7702177008474").await;
        assert!(found.status == StatusCode::OK && !found.text.contains("3350"));
    })
    .await;
}

#[tokio::test]
async fn another_shops_product_does_not_exist() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let path = first_product(&admin).await;
        let stranger = TestShop::create(db, 2).await;
        let stranger = Browser::sign_in(&shop.db, stranger.admin).await;
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stranger.post(&path, &PLAIN).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stranger.post(&format!("{path}desactivar/"), &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stranger.get("/productos/no-es-un-id/").await.status, StatusCode::NOT_FOUND);
        let found = stranger.get("/ventas/api/buscar-producto/?codigo_barras=7702177008474").await;
        assert_eq!((found.status, found.json()["success"].as_bool()), (StatusCode::NOT_FOUND, Some(false)));
    })
    .await;
}

#[tokio::test]
async fn a_deactivated_product_leaves_the_list_and_comes_back() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let path = first_product(&admin).await;
        for _ in 0..2 {
            assert_eq!(admin.post(&format!("{path}desactivar/"), &[]).await.status, StatusCode::SEE_OTHER);
        }
        assert!(!admin.get("/productos/").await.text.contains(&path));
        assert!(admin.get("/productos/?estado=inactivos").await.text.contains(&path));
        assert_eq!(
            admin.get("/ventas/api/buscar-producto/?codigo_barras=7702177008474").await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(admin.post(&format!("{path}reactivar/"), &[]).await.status, StatusCode::SEE_OTHER);
        assert!(admin.get("/productos/").await.text.contains("1 producto activo"));
    })
    .await;
}

#[tokio::test]
async fn every_order_walks_all_products_forwards_and_back() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        for n in 0..23 {
            let fields = shop.fields(&format!("Producto {n:02}"), 100_000 + (n % 5) * 10_000);
            shop.product(fields, (n % 7) * 1_000, 50_000).await;
        }
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        for order in ["nombre", "-nombre", "precio", "-precio", "stock", "-stock", "categoria", "-categoria"] {
            let mut seen = Vec::new();
            let mut path = format!("/productos/?orden={order}&por_pagina=10");
            let mut pages = vec![path.clone()];
            loop {
                let page = admin.get(&path).await;
                let names = page.text.split("<span class=\"name\"><a href=\"").skip(1);
                seen.extend(names.map(|part| part.split(['>', '<']).nth(1).expect("a name").to_owned()));
                let Some(next) = page.text.split(" rel=\"next\"").next().filter(|_| page.text.contains("rel=\"next\""))
                else {
                    break;
                };
                let href = next.rsplit("href=\"").next().expect("a link").trim_end_matches('"').replace("&#38;", "&");
                path = format!("/productos/{href}");
                pages.push(path.clone());
            }
            let mut all = seen.clone();
            all.sort();
            all.dedup();
            assert_eq!((seen.len(), all.len(), pages.len()), (23, 23, 3), "{order}: {seen:?}");
            let back = admin.get(&pages[2]).await;
            let href = back.text.split(" rel=\"prev\"").next().and_then(|part| part.rsplit("href=\"").next());
            let href = href.expect("the last page leads back").trim_end_matches('"').replace("&#38;", "&");
            let second = admin.get(&format!("/productos/{href}")).await;
            assert!(second.text.contains(&seen[10]) && second.text.contains(&seen[19]), "{order}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_knows_no_accents_and_filters_narrow() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        admin
            .post(
                "/productos/nuevo/",
                &with(&[("nombre", "Café Águila"), ("codigo_de_barras", "1"), ("stock", "2"), ("minimo", "5")]),
            )
            .await;
        for (query, milk, coffee) in [
            ("q=alqueria", true, false),
            ("q=leche+1+l", true, false),
            ("q=cafe+agu", false, true),
            ("q=7702177", true, false),
            ("q=lacteos", true, true),
            ("q=le", true, false),
            ("q=al", false, false),
            ("q=LECHE&orden=-precio", true, false),
            ("q=ca&orden=stock", false, true),
            ("q=100%25", false, false),
            ("q=zzz", false, false),
            ("estado=bajo", false, true),
            ("estado=agotado", false, false),
            ("categoria=nada", true, true),
        ] {
            let list = admin.get(&format!("/productos/?{query}")).await;
            assert_eq!(list.status, StatusCode::OK, "{query}");
            let found = (list.text.contains("Leche Alquería 1 L"), list.text.contains("Café Águila"));
            assert_eq!(found, (milk, coffee), "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_finds_what_stands_behind_more_hits_than_are_sorted() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let (admin, base) = (shop.admin, shop.fields("Leche", 100_000));
        let ids: Vec<ProductId> = (0..1_050).map(|_| ProductId(shop.ids.next())).collect();
        let category = CategoryId(shop.ids.next());
        shop.db
            .shop_write(&admin, "fill", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                let edit = write::begin_edit(tx, admin.user, NOON_US).await?;
                let category = write::find_or_create_category(tx, edit, "Rarezas", category).await?;
                let named = |at: usize| ProductFields { name: format!("Leche {at:04}"), ..base.clone() };
                let mut products: Vec<_> = ids.iter().enumerate().map(|(at, id)| (*id, named(at))).collect();
                if let Some((_, last)) = products.last_mut() {
                    *last = ProductFields { name: "Leche de cabra".into(), category: Some(category), ..base.clone() };
                }
                write::insert_products(tx, edit, &products).await
            })
            .await
            .expect("the products are new");
        let browser = Browser::sign_in(&shop.db, admin).await;
        for order in ["nombre", "-nombre", "stock"] {
            let list = browser.get(&format!("/productos/?q=leche&categoria={category}&orden={order}")).await;
            assert!(list.text.contains("Leche de cabra") && list.text.contains("1 producto"), "{order}");
        }
        assert!(browser.get("/productos/?q=leche").await.text.contains("1.000+ productos"));
    })
    .await;
}

#[tokio::test]
async fn bad_input_is_refused_and_never_a_failure_of_ours() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let long = "x".repeat(5_000);
        for fields in [
            with(&[("nombre", long.as_str())]),
            with(&[("nombre", "a\0b")]),
            with(&[("precio", "999999999999999999999999")]),
            with(&[("precio", "99.999.999.999")]),
            with(&[("precio", "-1")]),
            with(&[("stock", "999999999999")]),
            with(&[("precio_compra", "9.999.999.999"), ("stock", "99.999.999")]),
            with(&[("impuesto", "no")]),
            with(&[("codigos_1", "x"), ("codigos_1_contiene", "0,5")]),
            with(&[("codigos_1", "7702177008474")]),
            with(&[("id", "no")]),
        ] {
            let answer = admin.post("/productos/nuevo/", &fields).await;
            assert_eq!(answer.status, StatusCode::OK, "{fields:?}");
            assert!(answer.text.contains("role=\"alert\""), "{fields:?}");
        }
        for body in ["", "[]", "{\"codigo_barras\":1}", "{\"codigo_barras\":\"\",\"x\":1}", "{\"codigo_barras\":\"\"}"]
        {
            let answer = admin.json(http::Method::POST, "/ventas/api/buscar-producto/", body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        }
        let zero =
            admin.json(http::Method::POST, "/ventas/api/buscar-producto/", "{\"codigo_barras\":\"a\\u0000\"}").await;
        assert_eq!(zero.status, StatusCode::NOT_FOUND);
        assert_eq!(admin.get("/productos/?q=%00&page=1").await.status, StatusCode::OK);
        assert_eq!(admin.get("/productos/?page=9999").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn an_edit_is_found_by_its_new_words_and_no_longer_by_the_old_ones() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let path = first_product(&admin).await;
        let edited =
            with(&[("nombre", "Kumis"), ("codigo_de_barras", "999888"), ("sku", "K-77"), ("categoria", "Neveras")]);
        assert_eq!(admin.post(&path, &edited).await.status, StatusCode::SEE_OTHER);
        for (typed, there) in
            [("kumis", true), ("999888", true), ("k-77", true), ("neveras", true), ("leche", false), ("7702177", false)]
        {
            assert_eq!(admin.get(&format!("/productos/?q={typed}")).await.text.contains("Kumis"), there, "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_product_that_was_never_used_is_deleted_and_its_codes_are_free_again() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        admin.post("/productos/nuevo/", &PLAIN).await;
        let used = first_product(&admin).await;
        let kept = admin.json(http::Method::DELETE, &used, "").await;
        assert_eq!((kept.status, kept.json()["code"].as_str()), (StatusCode::CONFLICT, Some("PROTECTED_ERROR")));
        assert_eq!(admin.post(&format!("{used}borrar/"), &[]).await.location.as_deref(), Some(used.as_str()));
        let unused = with(&[("nombre", "Abarrote"), ("codigo_de_barras", "123456"), ("stock", "")]);
        admin.post("/productos/nuevo/", &unused).await;
        let path = first_product(&admin).await;
        assert_ne!(path, used);
        assert_eq!(admin.json(http::Method::DELETE, &path, "").await.status, StatusCode::OK);
        assert_eq!(admin.json(http::Method::DELETE, &path, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
        for list in ["/productos/", "/productos/?q=abarrote", "/productos/?estado=inactivos", "/productos/?orden=stock"]
        {
            assert!(!admin.get(list).await.text.contains("Abarrote"), "{list}");
        }
        assert!(admin.get("/productos/").await.text.contains("1 producto activo"));
        assert_eq!(admin.post("/productos/nuevo/", &unused).await.status, StatusCode::SEE_OTHER, "its code is free");
    })
    .await;
}
