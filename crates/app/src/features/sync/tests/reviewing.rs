//! The page of what is to be reviewed, and settling it: once, by one of two admins.

use super::world::{one_rice, reviews, rice, sale, sale_count, sell_rice};
use crate::testkit::{Browser, TestShop, Till, on_both};
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn the_page_shows_what_was_sold_to_whom_for_how_much_and_why_it_waits() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let mut content = one_rice(&shop, number, rice);
        content["customer"] = json!({ "name": "Doña <b>Gloria</b>" });
        content["lines"][0]["product_id"] = json!(shop.ids.next());
        content["lines"][0]["name"] = json!("Bon Bon Bum");
        content["note"] = json!("para la escuela");
        till.deliver(&till.item(shop.ids.next(), "sale", shop.admin, true, &content)).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let page = admin.get("/por-revisar/").await;
        assert_eq!(page.status, StatusCode::OK);
        for shown in [
            "Bon Bon Bum", "2.380", "2.000", "Doña", "C1-1", "Efectivo", "para la escuela", "No está en los libros",
            "Un producto no existe",
        ] {
            assert!(page.text.contains(shown), "{shown} in {}", page.text);
        }
        assert!(!page.text.contains("<b>Gloria"), "what was typed is text");
    })
    .await;
}

#[tokio::test]
async fn what_is_odd_about_a_sale_on_record_is_told_in_sentences_with_a_way_to_the_sale() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let seller = shop.seller().await;
        let rice = rice(&shop).await;
        let till = Till::enrol(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let mut content = one_rice(&shop, number, rice);
        content["lines"][0]["quantity"] = json!("12");
        content["lines"][0]["unit_price"] = json!("1000.00");
        for field in ["/payments/0/amount", "/payments/0/tendered", "/expected/total"] {
            *content.pointer_mut(field).expect("a field") = json!("14280.00");
        }
        let id = shop.ids.next();
        till.deliver(&till.item(id, "sale", seller, true, &content)).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let page = admin.get("/por-revisar/").await.text;
        for shown in [
            "Arroz Diana 500 g: solo había 10.",
            "Arroz Diana 500 g: el precio del negocio era $\u{a0}2.000.",
            "Ya está en los libros",
        ] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(page.contains(&format!("/ventas/{id}/")) && !page.contains("/anotar/"));
        let review = reviews(&shop).await[0].id;
        admin.post(&format!("/por-revisar/{review}/visto/"), &[]).await;
        assert!(admin.get("/por-revisar/").await.text.contains("Nada por revisar"));
    })
    .await;
}

#[tokio::test]
async fn what_no_version_can_read_is_on_the_page_too_and_can_be_rejected_with_a_reason_only() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        till.deliver(&till.item(shop.ids.next(), "a_kind_of_the_future", shop.admin, true, &json!([1]))).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(admin.get("/por-revisar/").await.text.contains("Algo que esta versión no conoce"));
        let review = reviews(&shop).await[0].id;
        for button in ["anotar", "rechazar", "visto"] {
            admin.post(&format!("/por-revisar/{review}/{button}/"), &[]).await;
            assert_eq!(reviews(&shop).await[0].state, "open", "{button}");
        }
        admin.post(&format!("/por-revisar/{review}/rechazar/"), &[("motivo", "ensayo")]).await;
        assert_eq!(reviews(&shop).await[0].state, "rejected");
    })
    .await;
}

#[tokio::test]
async fn nobody_settles_what_is_another_shops() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let lost = Till::enrol(&shop).await;
        let number = lost.lease(shop.ids.next()).await;
        Till::take_over(&shop).await;
        sell_rice(&shop, &lost, number, rice, true).await;
        let review = reviews(&shop).await[0].id;
        let other = TestShop::create(shop.db.clone(), 2).await;
        let stranger = Browser::sign_in(&shop.db, other.admin).await;
        assert!(!stranger.get("/por-revisar/").await.text.contains("Arroz"));
        for button in ["anotar", "rechazar", "visto"] {
            let answer = stranger.post(&format!("/por-revisar/{review}/{button}/"), &[("motivo", "x")]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{button}");
        }
        assert_eq!((reviews(&shop).await[0].state.as_str(), sale_count(&shop).await), ("open", 0));
    })
    .await;
}

/// One posts while the other rejects: whoever wins, state and books say the same.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_settle_the_same_item_one_wins_and_the_books_agree() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let lost = Till::enrol(&shop).await;
        let number = lost.lease(shop.ids.next()).await;
        Till::take_over(&shop).await;
        let ids: Vec<_> = {
            let mut ids = Vec::new();
            for at in 0..6 {
                ids.push(sell_rice(&shop, &lost, number + at, rice, true).await.0);
            }
            ids
        };
        let admins = [
            Arc::new(Browser::sign_in(&shop.db, shop.admin).await),
            Arc::new(Browser::sign_in(&shop.db, shop.admin).await),
        ];
        for id in ids {
            let all = reviews(&shop).await;
            let review = all.iter().find(|review| review.item == id).expect("it waits").id;
            let press = |admin: &Arc<Browser>, button: &'static str| {
                let admin = Arc::clone(admin);
                tokio::spawn(async move {
                    admin.post(&format!("/por-revisar/{review}/{button}/"), &[("motivo", "no")]).await.status
                })
            };
            let (posting, rejecting) = (press(&admins[0], "anotar"), press(&admins[1], "rechazar"));
            let statuses = [posting.await.expect("no panic"), rejecting.await.expect("no panic")];
            let all = reviews(&shop).await;
            let state = all.iter().find(|review| review.item == id && !review.posted).expect("it stays").state.clone();
            let is_posted = sale(&shop, id).await.is_some();
            let won = if is_posted { ("settled", StatusCode::NOT_FOUND) } else { ("rejected", StatusCode::SEE_OTHER) };
            assert_eq!((state.as_str(), statuses[1]), won);
            assert_eq!(statuses.iter().filter(|status| **status == StatusCode::NOT_FOUND).count(), 1);
        }
    })
    .await;
}
