//! Cash without a till: it goes into a drawer, and comes back out of one.

use super::{rice, sale_json};
use crate::{
    features::{
        cash::sessions::{self, CashError, CloseSession, OpenSession},
        verify,
    },
    testkit::{Browser, TestShop, on_both, shop::NOON_US},
};
use db::{ShopTx, params};
use domain::ids::{RegisterId, SaleId, SessionId};
use http::{Method, StatusCode};
use serde_json::{Value, json};

db::statements! {
    SECOND_TILL = "test.second_drawer",
        "INSERT INTO register (shop_id, id, location_id, kind, name, prefix, created_at, updated_at)
         VALUES ($1, $2, $3, 'till', 'Caja 2', 'C2-', $4, $4)";
}

async fn expected(shop: &TestShop, session: SessionId) -> i64 {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    sessions::expected(&mut read, session).await.expect("the drawer is read")
}

async fn close(shop: &TestShop, id: SessionId) {
    let closing = CloseSession { id, person: shop.admin.user, counted_minor: 0, at: NOON_US };
    let closed =
        shop.db.shop_write(&shop.admin, "close", async move |tx: &mut ShopTx| sessions::close(tx, closing).await);
    closed.await.expect("the drawer is there");
}

/// A second till with an open drawer.
async fn second_drawer(shop: &TestShop) -> SessionId {
    let (register, location, session) = (RegisterId(shop.ids.next()), shop.location, SessionId(shop.ids.next()));
    let person = shop.admin.user;
    let opened =
        shop.db.shop_write(&shop.admin, "second drawer", async move |tx: &mut ShopTx| -> Result<(), CashError> {
            tx.exec_one(&SECOND_TILL, params![register.0, location.0, NOON_US]).await?;
            sessions::open(tx, OpenSession { id: session, register, person, opening_minor: 0, at: NOON_US }).await
        });
    opened.await.expect("the register is new");
    session
}

fn form<'a>(id: &'a str, drawer: &'a str, method: &'a str) -> Vec<(&'a str, &'a str)> {
    let line = [("producto", "Arroz Diana 500 g"), ("cantidad", "1")];
    let mut fields = vec![("id", id), ("forma_pago", method), ("banco", "Bancolombia"), ("caja", drawer)];
    fields.extend(line);
    fields
}

async fn is_clean(shop: &TestShop) {
    let report = verify::verify(&shop.db, |_| ()).await.expect("the database answers");
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn cash_of_the_form_goes_into_the_drawer_and_its_refund_comes_out_of_it() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        rice(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let id = shop.ids.next().to_string();
        // One drawer is open: it need not be named.
        let sold = admin.post("/ventas/nueva/simple/", &form(&id, "", "efectivo")).await;
        assert!(sold.text.contains("OF-1"), "{}", sold.text);
        assert_eq!(expected(&shop, shop.session).await, 5_000_000 + 238_000);
        is_clean(&shop).await;
        let (refund, drawer) = (shop.ids.next().to_string(), shop.session.to_string());
        let fields = [("id", refund.as_str()), ("motivo", "roto"), ("caja", &drawer)];
        admin.post(&format!("/ventas/{id}/anular/"), &fields).await;
        assert_eq!(expected(&shop, shop.session).await, 5_000_000);
        is_clean(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn without_an_open_drawer_the_form_sells_for_everything_but_cash() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        rice(&shop).await;
        close(&shop, shop.session).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(admin.get("/ventas/nueva/simple/").await.text.contains("No hay ningún turno abierto"));
        let id = shop.ids.next().to_string();
        // Also where the form still names the drawer that was closed meanwhile.
        for drawer in [String::new(), shop.session.to_string()] {
            let refused = admin.post("/ventas/nueva/simple/", &form(&id, &drawer, "efectivo")).await;
            assert_eq!(refused.status, StatusCode::OK);
            assert!(refused.text.contains("id=\"caja-e\"") && refused.text.contains("value=\"Arroz Diana 500 g\""));
            assert!(admin.get("/ventas/").await.text.contains("Todavía no hay ventas"));
        }
        let sold = admin.post("/ventas/nueva/simple/", &form(&id, "", "transferencia")).await;
        assert!(sold.text.contains("OF-1"), "{}", sold.text);
        is_clean(&shop).await;
    })
    .await;
}

#[tokio::test]
async fn of_several_drawers_the_named_one_takes_the_cash_and_none_is_guessed() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let second = second_drawer(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let body = |id, session: Value| {
            let mut body = sale_json(&shop, id, rice, "1", "2380.00");
            body["session_id"] = session;
            body.to_string()
        };
        let id = SaleId(shop.ids.next());
        let refused = admin.json(Method::POST, "/api/v1/sales", &body(id, Value::Null)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        assert!(refused.json()["fields"]["session_id"].is_array(), "{}", refused.text);
        for wrong in [json!(shop.ids.next()), json!(id)] {
            let refused = admin.json(Method::POST, "/api/v1/sales", &body(id, wrong)).await;
            assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
        }
        let sold = admin.json(Method::POST, "/api/v1/sales", &body(id, json!(second))).await;
        assert_eq!(sold.status, StatusCode::CREATED, "{}", sold.text);
        assert_eq!((expected(&shop, shop.session).await, expected(&shop, second).await), (5_000_000, 238_000));
        // The drawer was closed since: the same request still has its answer.
        close(&shop, second).await;
        let again = admin.json(Method::POST, "/api/v1/sales", &body(id, json!(second))).await;
        assert_eq!((again.status, again.text), (sold.status, sold.text));
        is_clean(&shop).await;
    })
    .await;
}

/// The rule is the domain's: no address and no caller gets around it.
#[tokio::test]
async fn another_shops_drawer_is_no_drawer() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let other = TestShop::create(shop.db.clone(), 2).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let mut body = sale_json(&shop, SaleId(shop.ids.next()), rice, "1", "2380.00");
        body["session_id"] = json!(other.session);
        let refused = admin.json(Method::POST, "/api/v1/sales", &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
        assert_eq!(expected(&other, other.session).await, 5_000_000);
    })
    .await;
}
