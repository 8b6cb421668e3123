//! Other income over its pages.

use crate::{
    features::{
        totals::money::{self, Money},
        verify::verify,
    },
    testkit::{Browser, TestShop, on_both},
    tests::history::mixed,
};
use db::{DbError, ShopTx, params};
use http::StatusCode;

db::statements! {
    CHANGE = "test.change_income", "UPDATE other_income SET amount_minor = 1 WHERE shop_id = $1";
}

async fn money_of(shop: &TestShop) -> Money {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let [sum] = money::sums(&mut read, [(20_261_101, 20_261_130)]).await.expect("the database answers");
    sum
}

async fn fits(shop: &TestShop) {
    let report = verify(&shop.db, |_| ()).await.expect("the database answers");
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn income_belongs_to_a_day_and_to_its_sale_and_can_be_voided_once() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        mixed(&shop).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(browser.get("/ingresos/").await.text.contains("Aún no hay otros ingresos"));
        let id = shop.ids.next().to_string();
        let fields = [
            ("id", id.as_str()),
            ("tipo", "domicilio"),
            ("descripcion", "Domicilio a El Prado"),
            ("monto", "5.000"),
            ("fecha", "2026-11-23"),
            ("venta", "of-1"),
        ];
        for _ in 0..2 {
            let done = browser.post("/ingresos/nuevo/", &fields).await;
            assert_eq!(done.location.as_deref(), Some(format!("/ingresos/{id}/").as_str()), "{}", done.text);
        }
        assert_eq!(money_of(&shop).await, Money::income(500_000), "the form sent twice is one document");
        let page = browser.get(&format!("/ingresos/{id}/")).await.text;
        for said in ["Domicilio a El Prado", "$\u{a0}5.000", "OF-1", "/anular/"] {
            assert!(page.contains(said), "{said} in {page}");
        }
        let list = browser.get("/ingresos/?tipo=domicilio&desde=2026-11-23&q=prado").await.text;
        assert!(list.contains("1 ingreso, $\u{a0}5.000"), "{list}");
        assert!(browser.get("/ingresos/?tipo=servicio").await.text.contains("No hay nada con estos filtros"));
        let sale = page.split("/ventas/").find_map(|rest| rest.split('/').next().filter(|id| id.len() == 36));
        let sale = sale.expect("the page leads to the sale").to_owned();
        assert!(browser.get(&format!("/ingresos/?venta={sale}")).await.text.contains("1 ingreso, $\u{a0}5.000"));
        assert!(browser.get(&format!("/ingresos/nuevo/?venta={sale}")).await.text.contains("value=\"OF-1\""));
        let file = browser.get("/ingresos/exportar/").await.text;
        assert!(file.contains("Domicilio;Domicilio a El Prado;OF-1;5000,00;Vigente"), "{file}");
        let words = |version| [("descripcion", "Domicilio al centro"), ("version", version)];
        assert_eq!(browser.post(&format!("/ingresos/{id}/"), &words("1")).await.status, StatusCode::SEE_OTHER);
        let second = browser.post(&format!("/ingresos/{id}/"), &words("1")).await;
        assert!(second.text.contains("Otra persona lo cambió"), "{}", second.text);
        let void = shop.ids.next().to_string();
        let path = format!("/ingresos/{id}/anular/");
        for _ in 0..2 {
            let done = browser.post(&path, &[("id", &void), ("motivo", "no se cobró")]).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        }
        let another = shop.ids.next().to_string();
        assert_eq!(browser.post(&path, &[("id", &another), ("motivo", "x")]).await.status, StatusCode::CONFLICT);
        assert_eq!(money_of(&shop).await, Money::default());
        assert!(browser.get("/ingresos/?estado=anulados").await.text.contains("Domicilio al centro"));
        fits(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn wrong_income_is_refused_with_every_mistake_and_its_money_never_changes() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        let fields = [("tipo", "regalo"), ("descripcion", ""), ("monto", "0"), ("fecha", "2026-12-01"), ("venta", "x")];
        let answer = browser.post("/ingresos/nuevo/", &fields).await;
        for said in ["Elige", "Escribe este dato.", "mayor que cero", "Esa fecha aún no llega"] {
            assert!(answer.text.contains(said), "{said} in {}", answer.text);
        }
        let right = [("tipo", "otro"), ("descripcion", "Reciclaje"), ("monto", "900"), ("fecha", "2026-11-01")];
        let unknown: Vec<_> = right.iter().copied().chain([("venta", "OF-99")]).collect();
        let answer = browser.post("/ingresos/nuevo/", &unknown).await;
        assert!(answer.text.contains("Ninguna venta tiene ese número."), "{}", answer.text);
        assert_eq!(money_of(&shop).await, Money::default());
        assert_eq!(browser.post("/ingresos/nuevo/", &right).await.status, StatusCode::SEE_OTHER);
        assert_eq!(money_of(&shop).await, Money::income(90_000));
        for wrong in ["tipo=regalo", "venta=x", "desde=x", "estado=x"] {
            assert_eq!(browser.get(&format!("/ingresos/?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        let nobodys = shop.ids.next();
        for path in [format!("/ingresos/?venta={nobodys}"), format!("/ingresos/nuevo/?venta={nobodys}")] {
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let tampered = shop.db.shop_write(&shop.admin, "tamper", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec(&CHANGE, params![]).await.map(drop)
        });
        let refused = tampered.await;
        assert!(matches!(refused, Err(DbError::AppendOnly)), "{refused:?}");
    })
    .await;
}
