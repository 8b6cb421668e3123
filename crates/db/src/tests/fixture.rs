//! A small shop for the tests of this crate: one ranked table of stock, one
//! append-only journal.

use uuid::Uuid;

use crate::testkit::TestShop;
use crate::{Db, DbError, Migration, ShopTx, TableRank, params};

pub(crate) const RANKS: &[TableRank] = &[("command", 0), ("stock", 4), ("roll", 5)];

pub(crate) static MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "shop",
    sql: r#"
CREATE TABLE stock (
    shop_id {uuid} NOT NULL,
    id {int} NOT NULL,
    on_hand {int} NOT NULL CONSTRAINT stock_on_hand_range CHECK (on_hand >= 0),
    note {text},
    active {bool} NOT NULL,
    digest {bytes},
    PRIMARY KEY (shop_id, id)
) {strict};

CREATE TABLE command (
    shop_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    PRIMARY KEY (shop_id, id)
) {strict};

CREATE TABLE roll (
    shop_id {uuid} NOT NULL,
    stock_id {int} NOT NULL,
    day {text} NOT NULL,
    sold {int} NOT NULL,
    CONSTRAINT roll_one_a_day UNIQUE (shop_id, stock_id, day),
    FOREIGN KEY (shop_id, stock_id) REFERENCES stock (shop_id, id)
) {strict};

CREATE TABLE ticket (
    shop_id {uuid} NOT NULL,
    id {int} NOT NULL PRIMARY KEY,
    code {text} NOT NULL,
    place {int} NOT NULL,
    UNIQUE (shop_id, code)
) {strict};
CREATE UNIQUE INDEX ticket_by_place ON ticket (shop_id, place) WHERE place >= 0;

CREATE TABLE journal (
    shop_id {uuid} NOT NULL,
    id {int} NOT NULL,
    text {text} NOT NULL,
    PRIMARY KEY (shop_id, id)
) {strict};
{append_only journal};
"#,
}];

crate::statements! {
    pub(crate) ADD_STOCK = "test.add_stock",
        "INSERT INTO stock (shop_id, id, on_hand, active) VALUES ($1, $2, $3, TRUE)";
    pub(crate) ADD_STOCK_BACKWARDS = "test.add_stock_backwards",
        "INSERT INTO stock (on_hand, id, note, active, shop_id) VALUES ($4, $2, $3, $5, $1)";
    pub(crate) LOAD_STOCK = "test.load_stock",
        "SELECT on_hand FROM stock WHERE shop_id = $1 AND id = $2 {lock}";
    pub(crate) READ_STOCK = "test.read_stock",
        "SELECT on_hand, note, active, digest FROM stock WHERE shop_id = $1 AND id = $2";
    pub(crate) LIST_STOCK = "test.list_stock",
        "SELECT id, on_hand FROM stock WHERE shop_id = $1 ORDER BY id";
    pub(crate) SET_STOCK = "test.set_stock",
        "UPDATE stock SET on_hand = $3 WHERE shop_id = $1 AND id = $2";
    pub(crate) TAKE_STOCK = "test.take_stock",
        "UPDATE stock SET on_hand = on_hand - $3 WHERE shop_id = $1 AND id = $2 AND on_hand >= $3";
    pub(crate) TAKE_ALL = "test.take_all",
        "UPDATE stock SET on_hand = 0 WHERE shop_id = $1 RETURNING id";
    pub(crate) CLAIM = "test.claim",
        "INSERT INTO command (shop_id, id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id";
    pub(crate) ADD_ROLL = "test.add_roll",
        "INSERT INTO roll (shop_id, stock_id, day, sold) VALUES ($1, $2, $3, $4)";
    pub(crate) ADD_TICKET = "test.add_ticket",
        "INSERT INTO ticket (shop_id, id, code, place) VALUES ($1, $2, $3, $4)";
    pub(crate) ADD_JOURNAL = "test.add_journal",
        "INSERT INTO journal (shop_id, id, text) VALUES ($1, $2, $3)";
    pub(crate) CHANGE_JOURNAL = "test.change_journal",
        "UPDATE journal SET text = $3 WHERE shop_id = $1 AND id = $2";
    pub(crate) REMOVE_JOURNAL = "test.remove_journal",
        "DELETE FROM journal WHERE shop_id = $1 AND id = $2";
    pub(crate) system scan COUNT_SHOPS = "test.count_shops",
        "SELECT COUNT(DISTINCT shop_id) FROM stock WHERE id >= $1";
    pub(crate) SUM_STOCK = "test.sum_stock",
        "SELECT CAST(SUM(on_hand) AS BIGINT) FROM stock WHERE shop_id = $1";
}

pub(crate) const SHOP: TestShop = TestShop(Uuid::from_u128(1));
pub(crate) const OTHER_SHOP: TestShop = TestShop(Uuid::from_u128(2));

/// Adds products `1..=count`, each with `on_hand`.
pub(crate) async fn stocked(db: &Db, count: i64, on_hand: i64) {
    db.shop_write(&SHOP, "stock the shop", async move |tx: &mut ShopTx| {
        let list = (1..=count).map(|id| params![id, on_hand]).collect();
        tx.exec_many(&ADD_STOCK, list).await.map(drop)
    })
    .await
    .unwrap_or_else(|error: DbError| panic!("{error}"));
}

/// What is on hand, read outside of any transaction.
pub(crate) async fn on_hand(db: &Db, id: i64) -> i64 {
    let mut read = db.shop(&SHOP).await.unwrap();
    read.one(&LOAD_UNLOCKED, params![id]).await.unwrap().take().unwrap()
}

mod unlocked {
    crate::statements! {
        pub(crate) LOAD_UNLOCKED = "test.load_unlocked",
            "SELECT on_hand FROM stock WHERE shop_id = $1 AND id = $2";
    }
}
use unlocked::LOAD_UNLOCKED;
