//! What tills pull: the catalogue by a cursor, and levels of stock.

use super::world::{one_rice, outcome, rice};
use crate::{
    features::{
        catalog::write::{self as catalog, ProductFields},
        sync::catalog::PAGE,
    },
    testkit::{TestShop, Till, on_both, shop::NOON_US},
};
use db::{DbError, ShopTx};
use domain::ids::ProductId;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Creates a product, as something that can be spawned.
async fn create(shop: Arc<TestShop>, id: ProductId, fields: ProductFields) {
    let admin = shop.admin;
    let written = shop.db.shop_write(&admin, "create product", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        let edit = catalog::begin_edit(tx, admin.user, NOON_US).await?;
        catalog::insert_product(tx, edit, id, &fields).await
    });
    written.await.expect("the product is new");
}

/// Pulls to the end from a version: what changed, and the version to go on from.
async fn pull(till: &Till, since: i64) -> (Vec<Value>, i64) {
    let (mut changes, mut query) = (Vec::new(), format!("since={since}"));
    loop {
        let page = till.catalog_after(&query).await;
        changes.extend(page["products"].as_array().expect("a page lists products").clone());
        if page["complete"] == true {
            return (changes, page["version"].as_i64().expect("a version is a number"));
        }
        let next = &page["next"];
        query = format!("since={}&after={}", next["since"], next["after"].as_str().expect("an id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_pulls_while_others_write_sees_every_change_exactly_once() {
    on_both(async |db| {
        let shop = Arc::new(TestShop::create(db, 1).await);
        let till = Till::enrol(&shop).await;
        let ids: Vec<ProductId> = (0..64).map(|_| ProductId(shop.ids.next())).collect();
        let mut writing: Vec<_> = ids
            .iter()
            .map(|id| {
                let fields = shop.fields(&format!("Producto {id}"), 100_000);
                tokio::spawn(create(Arc::clone(&shop), *id, fields))
            })
            .collect();
        let (mut seen, mut since) = (BTreeMap::<String, usize>::new(), 0);
        loop {
            let finished = writing.iter().all(tokio::task::JoinHandle::is_finished);
            let (changes, version) = pull(&till, since).await;
            assert!(version >= since);
            since = version;
            for change in changes {
                *seen.entry(change["id"].as_str().expect("an id").to_owned()).or_default() += 1;
            }
            if finished {
                break;
            }
        }
        for task in writing.drain(..) {
            task.await.expect("no writer panics");
        }
        let wanted: BTreeMap<String, usize> = ids.iter().map(|id| (id.to_string(), 1)).collect();
        assert_eq!(seen, wanted);
    })
    .await;
}

#[tokio::test]
async fn a_long_catalogue_comes_in_pages_that_miss_and_repeat_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let many = PAGE * 2;
        let (admin, fields) = (shop.admin, shop.fields("Puntilla", 100_000));
        let ids: Vec<ProductId> = (0..many).map(|_| ProductId(shop.ids.next())).collect();
        let wanted: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
        // One edit, so that all of them have one version and only the id tells pages apart.
        let written = shop.db.shop_write(&admin, "create products", async move |tx: &mut ShopTx| {
            let edit = catalog::begin_edit(tx, admin.user, NOON_US).await?;
            for id in &ids {
                catalog::insert_product(tx, edit, *id, &fields).await?;
            }
            Ok::<(), DbError>(())
        });
        written.await.expect("the products are new");
        let (changes, version) = pull(&till, 0).await;
        assert_eq!(changes.len(), wanted.len());
        let seen: BTreeSet<String> =
            changes.iter().map(|change| change["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(seen, wanted);
        assert_eq!(pull(&till, version).await, (Vec::new(), version));
    })
    .await;
}

#[tokio::test]
async fn levels_follow_what_is_sold_and_no_cost_is_in_any_answer() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let till = Till::enrol(&shop).await;
        let rice = rice(&shop).await;
        let number = till.lease(shop.ids.next()).await;
        let mut content = one_rice(&shop, number, rice);
        content["lines"][0]["quantity"] = "12".into();
        content["payments"][0]["amount"] = "28560.00".into();
        content["payments"][0]["tendered"] = "28560.00".into();
        content["expected"]["total"] = "28560.00".into();
        let sold = till.deliver(&till.item(shop.ids.next(), "sale", shop.admin, true, &content)).await;
        assert_eq!(outcome(&sold).0, "accepted");
        assert_eq!(till.stock().await, serde_json::json!([[rice, "-2"]]));
        let catalog = till.catalog().await;
        assert_eq!(catalog["products"][0]["on_hand"], "-2");
        // Bought at 1,500: neither as it is stored nor as it is written.
        for cost in ["150000", "1500.00", "cost", "purchase"] {
            assert!(!catalog.to_string().contains(cost), "{cost}");
        }
    })
    .await;
}
