//! Refunds and voids: stock, cost, cash and totals come back to the unit.

use super::rice;
use crate::{
    features::{
        cash::sessions,
        catalog::write::{ProductFields, Unit},
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Place},
            wire::{DiscountContent, SaleContent},
        },
    },
    testkit::{Browser, TestShop, on_both},
};
use db::{DbError, Row, ShopTx, params};
use domain::{
    decimal,
    ids::{DeviceId, SaleId},
    sale::SaleRefused,
};
use http::StatusCode;
use uuid::Uuid;

db::statements! {
    INSERT_DEVICE = "test.insert_device",
        "INSERT INTO device (shop_id, id, register_id, name, public_key, enrolled_by, created_at)
         VALUES ($1, $2, $3, 'Caja', $4, $5, 0)";
    SET_CASH_STEP = "test.set_cash_step",
        "UPDATE shop SET cash_step_minor = $2 WHERE id = $1";
    STOCK = "test.stock",
        "SELECT product_id, on_hand_milli, value_minor
         FROM stock_item
         WHERE shop_id = $1
         ORDER BY product_id";
    /// What every hour is worth, all registers together: a refund is the office's, a sale its till's.
    HOURS = "test.hours",
        "SELECT CAST(SUM(sale_base_minor - refund_base_minor) AS BIGINT),
                CAST(SUM(sale_tax_minor - refund_tax_minor) AS BIGINT),
                CAST(SUM(sale_total_minor - refund_total_minor) AS BIGINT),
                CAST(SUM(sale_cost_minor - refund_cost_minor) AS BIGINT),
                CAST(SUM(cash_rounding_minor) AS BIGINT),
                CAST(SUM(known_cost_base_minor) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1
         GROUP BY business_date, hour
         ORDER BY business_date, hour";
    DAYS = "test.product_days",
        "SELECT quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_day
         WHERE shop_id = $1
         ORDER BY business_date, product_id";
    MONTHS = "test.product_months",
        "SELECT quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_month
         WHERE shop_id = $1
         ORDER BY month, product_id";
    YEARS = "test.product_years",
        "SELECT quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_year
         WHERE shop_id = $1
         ORDER BY year, product_id";
    REFUND_COUNT = "test.refund_count",
        "SELECT COUNT(*) FROM refund WHERE shop_id = $1";
}

/// All that a sale and its refunds move, without rows that are worth nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Books {
    stock: Vec<(Uuid, i64, i64)>,
    hours: Vec<Vec<i64>>,
    days: Vec<Vec<i64>>,
    months: Vec<Vec<i64>>,
    years: Vec<Vec<i64>>,
    drawer: i64,
}

fn figures(rows: Vec<Row>, columns: usize) -> Vec<Vec<i64>> {
    let read = |mut row: Row| (0..columns).map(|_| row.take().expect("a figure")).collect::<Vec<i64>>();
    rows.into_iter().map(read).filter(|row| row.iter().any(|figure| *figure != 0)).collect()
}

pub(super) async fn books(shop: &TestShop) -> Books {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let stock = read.rows(&STOCK, params![]).await.expect("stock is read");
    let take = |mut row: Row| -> Result<(Uuid, i64, i64), DbError> { Ok((row.take()?, row.take()?, row.take()?)) };
    Books {
        stock: stock.into_iter().map(|row| take(row).expect("a stock item")).collect(),
        hours: figures(read.rows(&HOURS, params![]).await.expect("hours are read"), 6),
        days: figures(read.rows(&DAYS, params![]).await.expect("days are read"), 5),
        months: figures(read.rows(&MONTHS, params![]).await.expect("months are read"), 5),
        years: figures(read.rows(&YEARS, params![]).await.expect("years are read"), 5),
        drawer: sessions::expected(&mut read, shop.session).await.expect("the drawer is read"),
    }
}

async fn refunds(shop: &TestShop) -> i64 {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    read.one(&REFUND_COUNT, params![]).await.and_then(|mut row| row.take()).expect("refunds are counted")
}

pub(super) async fn enrol(shop: &TestShop, cash_step_minor: i64) -> DeviceId {
    let (id, register, admin) = (DeviceId(shop.ids.next()), shop.till, shop.admin);
    shop.db
        .shop_write(&admin, "enrol", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SET_CASH_STEP, params![cash_step_minor]).await?;
            tx.exec_one(&INSERT_DEVICE, params![id.0, register.0, vec![4_u8; 65], admin.user.0]).await
        })
        .await
        .expect("the device is new");
    id
}

/// Sells at the till for whatever is due in cash.
async fn sell_at_till(shop: &TestShop, device: DeviceId, number: i64, mut content: SaleContent) -> SaleId {
    let id = SaleId(shop.ids.next());
    let place = Place::Till { register: shop.till, device, session: shop.session, number };
    let command = |content: &SaleContent| CompleteSale { place: place.clone(), ..shop.command(id, content) };
    content.payments[0].amount = "0".into();
    if let Err(CompleteSaleError::Refused(SaleRefused::PaymentsDiffer { due_minor, .. })) =
        shop.sell(command(&content)).await
    {
        content.payments[0].amount = decimal::format(due_minor, 2);
        shop.sell(command(&content)).await.expect("it is sold");
    }
    id
}

/// A cart whose shares do not divide evenly: seven with a discount, a weight, and a
/// product whose cost nobody knows.
async fn uneven_cart(shop: &TestShop) -> SaleContent {
    let rice = rice(shop).await;
    let cheese = ProductFields { unit: Unit::Kilogram, fractions: true, ..shop.fields("Queso campesino", 1_083_333) };
    let cheese = shop.product(cheese, 7_245, 970_007).await;
    let phone = ProductFields { tracks_stock: false, ..shop.fields("Recarga", 100_000) };
    let phone = shop.product(phone, 0, 0).await;
    let mut cart = shop.cart(&[(rice, "7"), (cheese, "0.755"), (phone, "1")], "0");
    cart.lines[0].discount = Some(DiscountContent { percent: Some("3.33".into()), amount: None });
    cart.discount = Some(DiscountContent { percent: None, amount: Some("100.01".into()) });
    cart
}

#[tokio::test]
async fn a_void_brings_everything_back_to_the_unit() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let device = enrol(&shop, 5_000).await;
        let cart = uneven_cart(&shop).await;
        let before = books(&shop).await;
        let sale = sell_at_till(&shop, device, 1, cart).await;
        assert_ne!(books(&shop).await, before);
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let form = admin.get(&format!("/ventas/{sale}/anular/")).await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.text);
        let (id, session) = (shop.ids.next().to_string(), shop.session.to_string());
        let fields = [("id", id.as_str()), ("motivo", "se cobró dos veces"), ("caja", session.as_str())];
        for _ in 0..2 {
            let done = admin.post(&format!("/ventas/{sale}/anular/"), &fields).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        }
        assert_eq!(books(&shop).await, before);
        assert_eq!(refunds(&shop).await, 1, "the form sent twice is one void");
        let page = admin.get(&format!("/ventas/{sale}/")).await.text;
        assert!(page.contains("Anulada") && page.contains("se cobró dos veces"));
        assert!(!page.contains("/devolver/") && !page.contains("/anular/"), "nothing is left to take back");
        assert!(admin.get(&format!("/ventas/{sale}/recibo/")).await.text.contains("ANULADA"));
    })
    .await;
}

#[tokio::test]
async fn refunds_in_any_split_bring_everything_back_to_the_unit() {
    // Of each line, what comes back at each step; all of them end at 7, 0,755 and 1.
    let splits: [&[[&str; 3]]; 4] = [
        &[["7", "0,755", "1"]],
        &[["1", "", ""], ["2", "0,1", ""], ["4", "0,655", "1"]],
        &[["", "0,001", "1"], ["3", "", ""], ["3", "0,333", ""], ["1", "0,421", ""]],
        &[
            ["1", "", ""],
            ["1", "", ""],
            ["1", "", ""],
            ["1", "", ""],
            ["1", "", ""],
            ["1", "", ""],
            ["1", "0,755", "1"],
        ],
    ];
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let device = enrol(&shop, 5_000).await;
        let cart = uneven_cart(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let session = shop.session.to_string();
        let before = books(&shop).await;
        for (number, split) in (1_i64..).zip(splits) {
            let sale = sell_at_till(&shop, device, number, cart.clone()).await;
            for step in split {
                let id = shop.ids.next().to_string();
                let fields = [
                    ("id", id.as_str()),
                    ("cantidad_0", step[0]),
                    ("reponer_0", "1"),
                    ("cantidad_1", step[1]),
                    ("reponer_1", "1"),
                    ("cantidad_2", step[2]),
                    ("reponer_2", "1"),
                    ("motivo", "cambio de opinión"),
                    ("caja", session.as_str()),
                ];
                let done = admin.post(&format!("/ventas/{sale}/devolver/"), &fields).await;
                assert_eq!(done.status, StatusCode::SEE_OTHER, "{step:?}: {}", done.text);
            }
            assert_eq!(books(&shop).await, before, "{split:?}");
            assert!(admin.get(&format!("/ventas/{sale}/")).await.text.contains("Se devolvieron todos los productos."));
        }
    })
    .await;
}

#[tokio::test]
async fn damaged_goods_give_the_money_back_and_stay_out_of_stock() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let device = enrol(&shop, 0).await;
        let rice = rice(&shop).await;
        let before = books(&shop).await;
        let sale = sell_at_till(&shop, device, 1, shop.cart(&[(rice, "2")], "0")).await;
        let sold = books(&shop).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let (id, session) = (shop.ids.next().to_string(), shop.session.to_string());
        let fields = [("id", id.as_str()), ("cantidad_0", "2"), ("motivo", "roto"), ("caja", session.as_str())];
        let done = admin.post(&format!("/ventas/{sale}/devolver/"), &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let after = books(&shop).await;
        assert_eq!((after.drawer, &after.stock), (before.drawer, &sold.stock));
        assert!(admin.get(&format!("/ventas/{sale}/")).await.text.contains("no volvió a la venta"));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_said_and_nothing_moves() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let device = enrol(&shop, 0).await;
        let rice = rice(&shop).await;
        let sale = sell_at_till(&shop, device, 1, shop.cart(&[(rice, "3")], "0")).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let before = books(&shop).await;
        let (id, session) = (shop.ids.next().to_string(), shop.session.to_string());
        let cases: [(&[(&str, &str)], &str); 8] = [
            (&[("cantidad_0", "4"), ("motivo", "x"), ("caja", &session)], "pueden volver a lo sumo 3"),
            (&[("cantidad_0", "tres"), ("motivo", "x"), ("caja", &session)], "Escribe una cantidad"),
            (&[("cantidad_0", ""), ("motivo", "x"), ("caja", &session)], "al menos un producto"),
            (&[("cantidad_0", "1"), ("motivo", ""), ("caja", &session)], "Escribe este dato."),
            (&[("cantidad_0", "1"), ("motivo", "x"), ("caja", "")], "Elige un cajón con turno abierto"),
            (&[("cantidad_0", "1"), ("motivo", "x"), ("caja", "7")], "Elige uno de la lista."),
            (&[("cantidad_0", "1"), ("motivo", "a\u{0}"), ("caja", &session)], "no se puede guardar"),
            (&[("cantidad_0", "99999999999999999"), ("motivo", "x"), ("caja", &session)], "No se guardó"),
        ];
        for (fields, said) in cases {
            let fields: Vec<_> =
                [("id", id.as_str()), ("reponer_0", "1")].into_iter().chain(fields.iter().copied()).collect();
            let again = admin.post(&format!("/ventas/{sale}/devolver/"), &fields).await;
            assert_eq!(again.status, StatusCode::OK, "{fields:?}");
            assert!(again.text.contains(said), "{fields:?} lacks {said}");
        }
        assert_eq!(books(&shop).await, before);
        let one = [("id", id.as_str()), ("cantidad_0", "1"), ("motivo", "x"), ("caja", session.as_str())];
        assert_eq!(admin.post(&format!("/ventas/{sale}/devolver/"), &one).await.status, StatusCode::SEE_OTHER);
        let other = [("id", id.as_str()), ("cantidad_0", "2"), ("motivo", "x"), ("caja", session.as_str())];
        assert_eq!(admin.post(&format!("/ventas/{sale}/devolver/"), &other).await.status, StatusCode::CONFLICT);
        let void = shop.ids.next().to_string();
        let fields = [("id", void.as_str()), ("motivo", "x"), ("caja", session.as_str())];
        let again = admin.post(&format!("/ventas/{sale}/anular/"), &fields).await;
        assert!(again.text.contains("De esta venta ya se devolvió algo."), "{}", again.text);
        assert_eq!(refunds(&shop).await, 1);
    })
    .await;
}
