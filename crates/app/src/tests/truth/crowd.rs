//! Sixty-four clients at the same five products.

use super::{
    books::{self, Books},
    from_environment,
};
use crate::{
    features::{
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, complete_sale},
            take_back_sale::{TakeBackSale, TakeBackSaleError, take_back_sale},
        },
        stock::{
            adjust::{AdjustError, Adjustment, Wanted, adjust},
            ledger::MovementKind,
        },
    },
    schema,
    testkit::{TestShop, shop::NOON_US},
};
use db::{Db, ShopTx, params, testkit::TestDb};
use domain::{
    ids::{ProductId, RefundId, SaleId},
    sale::SaleRefused,
    take_back::{ReturnedLine, TakeBack},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

db::statements! {
    system DEADLOCKS = "test.deadlocks",
        "SELECT deadlocks
         FROM pg_stat_database
         WHERE datname = current_database()";
}

const CLIENTS: usize = 64;
/// How often each client sells; `INVENTARIO_RACE_ROUNDS` sets more.
const ROUNDS: usize = 6;
const PRODUCTS: usize = 5;

/// How often transaction bodies were begun: more often than they were asked for
/// means that a conflict made one run again.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicU64>);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_at_five_products_keeps_every_sum_on_sqlite() {
    let made = TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    crowd(&made.db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_at_five_products_keeps_every_sum_on_postgresql_without_a_deadlock_or_retry() {
    let made = TestDb::postgres(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    let (begun, asked) = crowd(&made.db).await;
    assert_eq!(begun, asked, "a conflict made a transaction run again");
    // A server process reports what it counted at the latest when it ends.
    made.db.close();
    let again = Db::open(&made.config).await.expect("the database opens a second time");
    let mut read = again.system("count deadlocks").await.expect("the database answers");
    let deadlocks: i64 = read.one(&DEADLOCKS, params![]).await.expect("one row").take().expect("a number");
    assert_eq!(deadlocks, 0);
}

/// Lets the crowd loose; how many transactions were begun and how many asked for.
async fn crowd(db: &Db) -> (u64, u64) {
    let shop = Arc::new(TestShop::create(db.clone(), 1).await);
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        let fields = shop.fields(&format!("Producto {number}"), 100_000);
        products.push(shop.product(fields, 40_000, 60_001).await);
    }
    let (begun, products) = (Begun::default(), Arc::new(products));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(client_of(shop.clone(), products.clone(), client, begun.clone())))
        .collect();
    let mut asked = 0;
    for client in clients {
        asked += client.await.expect("no client fails");
    }
    let books = books::audited(db, &shop.admin).await;
    nothing_was_lost(&books, &products);
    sell_out(&shop, &products).await;
    let books = books::audited(db, &shop.admin).await;
    for product in products.iter() {
        assert_eq!((books.items[&product.0].on_hand, books.items[&product.0].value), (0, 0), "empty is worth nothing");
    }
    (begun.0.load(Ordering::Relaxed), asked)
}

/// One client's rounds: sell two products in its own order, take a part back, buy,
/// and count now and then.
async fn client_of(shop: Arc<TestShop>, products: Arc<Vec<ProductId>>, client: usize, begun: Begun) -> u64 {
    let mut asked = 0;
    for round in 0..from_environment("INVENTARIO_RACE_ROUNDS", ROUNDS) {
        let (first, second) =
            (products[(client + round) % PRODUCTS], products[(client * 3 + round * 2 + 1) % PRODUCTS]);
        let id = SaleId(shop.ids.next());
        let cart = shop.cart(&[(first, "2"), (second, "1")], "3570.00");
        asked += 1;
        if sell(&shop, shop.command(id, &cart), &begun).await {
            asked += 1;
            take_back(&shop, id, &begun).await;
        }
        asked += 1;
        let wanted = match (client + round) % 4 {
            0 => Wanted::Counted { quantity_milli: 7_000 },
            1 => Wanted::Change { quantity_milli: -1_000, unit_cost_minor: None },
            _ => Wanted::Change {
                quantity_milli: 3_000,
                unit_cost_minor: Some(59_999 + i64::try_from(client).expect("64 clients")),
            },
        };
        adjusted(&shop, first, wanted, &begun).await;
    }
    asked
}

async fn sell(shop: &TestShop, command: CompleteSale, begun: &Begun) -> bool {
    let (actor, begun) = (command.actor, begun.clone());
    let outcome = shop.db.shop_write(&actor, "complete sale", async move |tx: &mut ShopTx| {
        begun.0.fetch_add(1, Ordering::Relaxed);
        complete_sale(tx, &command).await
    });
    match outcome.await {
        Ok(_) => true,
        Err(CompleteSaleError::Refused(SaleRefused::StockShort(_))) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn take_back(shop: &TestShop, sale: SaleId, begun: &Begun) {
    let command = TakeBackSale {
        id: RefundId(shop.ids.next()),
        actor: shop.admin,
        sale,
        what: TakeBack::Lines(vec![ReturnedLine { position: 0, quantity_milli: 1_000, restock: true }]),
        reason: "no era".into(),
        session: Some(shop.session),
        content_hash: [1; 32],
        now_us: NOON_US,
    };
    let begun = begun.clone();
    let outcome: Result<_, TakeBackSaleError> = shop
        .db
        .shop_write(&shop.admin, "take back", async move |tx: &mut ShopTx| {
            begun.0.fetch_add(1, Ordering::Relaxed);
            take_back_sale(tx, &command).await
        })
        .await;
    assert_eq!(outcome.expect("one of two comes back").total, "1190.00");
}

async fn adjusted(shop: &TestShop, product: ProductId, wanted: Wanted, begun: &Begun) {
    let adjustment = Adjustment {
        id: shop.ids.next(),
        actor: shop.admin,
        location: shop.location,
        register: shop.office,
        product,
        wanted,
        kind: MovementKind::Adjustment,
        reason: "prueba".into(),
        now_us: NOON_US,
    };
    let begun = begun.clone();
    let outcome: Result<(), AdjustError> = shop
        .db
        .shop_write(&shop.admin, "adjust", async move |tx: &mut ShopTx| {
            begun.0.fetch_add(1, Ordering::Relaxed);
            adjust(tx, &adjustment).await.map(drop)
        })
        .await;
    outcome.expect("any adjustment can be posted");
}

/// Beyond what the books say of themselves: who paid and who was paid back.
fn nothing_was_lost(books: &Books, products: &[ProductId]) {
    assert!(books.sales.len() > CLIENTS, "the crowd sold: {}", books.sales.len());
    assert_eq!(books.refunds.len(), books.sales.len(), "each sale had a part taken back");
    let mut numbers: Vec<i64> = books.sales.values().map(|sale| sale.series.1).collect();
    numbers.extend(books.refunds.values().map(|refund| refund.number));
    numbers.sort_unstable();
    let whole: Vec<i64> = (1..).take(numbers.len()).collect();
    assert_eq!(numbers, whole, "the office's numbers have no gap: a refused sale takes none");
    for product in products {
        assert!(books.items[&product.0].number > 1, "each product moved");
    }
}

/// Takes all that is left out of the shop.
async fn sell_out(shop: &TestShop, products: &[ProductId]) {
    for product in products {
        shop.adjust(*product, Wanted::Counted { quantity_milli: 0 }).await.expect("none is left");
    }
}
