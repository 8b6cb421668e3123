//! The first steps on the dashboard.

use crate::testkit::{Browser, TestShop, on_both};
use domain::ids::SaleId;

#[tokio::test]
async fn the_guide_crosses_out_what_is_done_and_goes_when_all_is() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let steps = async || {
            let page = admin.get("/dashboard/").await.text;
            page.contains("Primeros pasos").then(|| page.matches("<li data-done>").count())
        };
        assert_eq!(steps().await, Some(0));
        admin.post("/configuracion/negocio/pais/", &[("pais", "CO")]).await;
        assert_eq!(steps().await, Some(1));
        admin.post("/configuracion/impuestos/precios/asi/", &[]).await;
        assert_eq!(steps().await, Some(2));
        let milk = shop.product(shop.fields("Leche", 100_000), 5_000, 80_000).await;
        assert_eq!(steps().await, Some(3));
        crate::testkit::Till::enrol(&shop).await;
        assert_eq!(steps().await, Some(4));
        let cart = shop.cart(&[(milk, "1")], "1190.00");
        shop.sell(shop.command(SaleId(shop.ids.next()), &cart)).await.expect("there is milk");
        assert_eq!(steps().await, None);
    })
    .await;
}

#[tokio::test]
async fn the_guide_stays_away_once_it_was_put_away() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert_eq!(admin.post("/configuracion/guia/cerrar/", &[]).await.location.as_deref(), Some("/dashboard/"));
        assert!(!admin.get("/dashboard/").await.text.contains("Primeros pasos"));
    })
    .await;
}
