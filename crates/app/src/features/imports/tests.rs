//! Whole imports, on both engines.

mod history;
mod naive;
mod records;
mod screens;

use super::{
    check::{ImportRequest, Pacing, Tools},
    columns::Kind,
    reading::Choices,
    run::{ImportReport, run_import},
};
use crate::testkit::{TestShop, shop::NOON_US};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Ids of their own range; no two of them are the same in a run of the tests.
fn tools() -> Tools {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let new_id =
        || Uuid::from_u128((0x0199_0000_0000_7000_8000_u128 << 48) | u128::from(NEXT.fetch_add(1, Ordering::Relaxed)));
    let pacing = Pacing { chunk_time: Duration::from_millis(50), rest_max: Duration::ZERO };
    Tools { pacing, now_us: Arc::new(|| NOON_US), new_id: Arc::new(new_id) }
}

fn request(shop: &TestShop, kind: Kind, bytes: &[u8]) -> ImportRequest {
    ImportRequest {
        actor: shop.admin,
        kind,
        file_name: "archivo.csv".into(),
        bytes: bytes.into(),
        mapping: None,
        choices: Choices::default(),
        tax_set: None,
        affects_stock: false,
    }
}

async fn import(shop: &TestShop, kind: Kind, text: &str) -> ImportReport {
    run_import(&shop.db, &request(shop, kind, text.as_bytes()), &tools(), &|_| {}).await.expect("the file goes in")
}

db::statements! {
    PRODUCTS = "imports_test.products",
        "SELECT name, sku, price_minor, stock_policy, version
         FROM product
         WHERE shop_id = $1
         ORDER BY sku_key";
    STOCK = "imports_test.stock",
        "SELECT product.sku, stock_item.on_hand_milli, stock_item.value_minor, stock_item.last_number
         FROM stock_item
         JOIN product ON product.shop_id = stock_item.shop_id AND product.id = stock_item.product_id
         WHERE stock_item.shop_id = $1
         ORDER BY product.sku_key";
    COUNTER = "imports_test.counter",
        "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT)
         FROM row_counter
         WHERE shop_id = $1 AND name = $2";
}

async fn products(shop: &TestShop) -> Vec<(String, String, i64, String, i64)> {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let rows = read.rows(&PRODUCTS, db::params![]).await.expect("products");
    let read = |mut row: db::Row| -> Result<_, db::DbError> {
        let (name, sku): (String, Option<String>) = (row.take()?, row.take()?);
        Ok((name, sku.unwrap_or_default(), row.take()?, row.take()?, row.take()?))
    };
    rows.into_iter().map(|row| read(row).expect("a product")).collect()
}

async fn stock(shop: &TestShop) -> Vec<(String, i64, i64, i64)> {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let rows = read.rows(&STOCK, db::params![]).await.expect("stock");
    let read =
        |mut row: db::Row| -> Result<_, db::DbError> { Ok((row.take()?, row.take()?, row.take()?, row.take()?)) };
    rows.into_iter().map(|row| read(row).expect("a stock item")).collect()
}

async fn counter(shop: &TestShop, name: &str) -> i64 {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let mut row = read.one(&COUNTER, db::params![name]).await.expect("a counter");
    row.take().expect("a number")
}

fn refusals(report: &ImportReport) -> Vec<(&str, &str)> {
    report.refusals.iter().map(|refusal| (refusal.cell.as_str(), refusal.code.as_str())).collect()
}
