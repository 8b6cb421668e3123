//! Adjusting and the kardex by HTTP, on both engines.

use crate::testkit::{Browser, TestShop, on_both};
use http::StatusCode;

#[tokio::test]
async fn stock_is_set_right_with_a_reason_and_the_kardex_tells_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let path = format!("/productos/{rice}/ajuste/");
        for (way, quantity, reason) in
            [("sale", "2", "Se dañaron"), ("entra", "5", "Regalo"), ("conteo", "12", "Conteo de noviembre")]
        {
            let done = admin.post(&path, &[("modo", way), ("cantidad", quantity), ("motivo", reason)]).await;
            assert_eq!(done.location, Some(format!("/productos/{rice}/kardex/")), "{}", done.text);
        }
        let kardex = admin.get(&format!("/productos/{rice}/kardex/")).await;
        assert_eq!(kardex.status, StatusCode::OK);
        for shown in [
            "Se dañaron", "Regalo", "Conteo de noviembre", "1–4 de 4", "\u{2212}\u{a0}2", "+\u{a0}5", "\u{2212}\u{a0}1",
        ] {
            assert!(kardex.text.contains(shown), "the kardex lacks {shown}");
        }
        let first = admin.get(&format!("/productos/{rice}/kardex/?por_pagina=10&page=1")).await;
        assert!(first.text.contains("1–4 de 4"), "the first page is the one without a number");
    })
    .await;
}

#[tokio::test]
async fn an_adjustment_that_makes_no_sense_is_refused_beside_its_field() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let top_up = shop.fields("Recarga", 100_000);
        let top_up =
            shop.product(crate::features::catalog::write::ProductFields { tracks_stock: false, ..top_up }, 0, 0).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        for (product, fields, wrong) in [
            (rice, [("modo", "sale"), ("cantidad", "11"), ("motivo", "Robo")], "cantidad"),
            (rice, [("modo", "entra"), ("cantidad", "0"), ("motivo", "Nada")], "cantidad"),
            (rice, [("modo", "entra"), ("cantidad", "999999999999999"), ("motivo", "Mucho")], "cantidad"),
            (rice, [("modo", "entra"), ("cantidad", "1"), ("motivo", " ")], "motivo"),
            (rice, [("modo", "vuela"), ("cantidad", "1"), ("motivo", "x")], "modo"),
            (top_up, [("modo", "entra"), ("cantidad", "1"), ("motivo", "x")], ""),
        ] {
            let answer = admin.post(&format!("/productos/{product}/ajuste/"), &fields).await;
            assert_eq!(answer.status, StatusCode::OK, "{fields:?}");
            let beside = answer.text.contains(&format!("id=\"{wrong}-e\""));
            assert!(
                answer.text.contains("role=\"alert\"") && (wrong.is_empty() || beside),
                "{fields:?}: {}",
                answer.text
            );
        }
        assert!(admin.get("/productos/").await.text.contains(">10<"), "nothing was posted");
    })
    .await;
}

#[tokio::test]
async fn the_same_adjustment_sent_twice_is_posted_once() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let fields =
            [("id", "01900000-0000-7000-8000-000000000002"), ("modo", "sale"), ("cantidad", "3"), ("motivo", "Daño")];
        for _ in 0..2 {
            assert_eq!(admin.post(&format!("/productos/{rice}/ajuste/"), &fields).await.status, StatusCode::SEE_OTHER);
        }
        assert!(admin.get("/productos/").await.text.contains(">7<"));
    })
    .await;
}

#[tokio::test]
async fn a_seller_neither_adjusts_nor_reads_the_kardex_and_strangers_find_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let stranger = Browser::sign_in(&shop.db, TestShop::create(db, 2).await.admin).await;
        for part in ["kardex", "ajuste", "precios"] {
            let path = format!("/productos/{rice}/{part}/");
            assert_eq!(seller.get(&path).await.location.as_deref(), Some("/ventas/"), "{part}");
            assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{part}");
        }
        let fields = [("modo", "sale"), ("cantidad", "3"), ("motivo", "Daño")];
        assert_eq!(stranger.post(&format!("/productos/{rice}/ajuste/"), &fields).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
