//! Callers as handlers write them: the futures must be `Send`, because a web
//! server moves them between threads.

use super::fixture::*;
use crate::{Db, DbError, ShopRead, ShopScope, ShopTx, SystemTx, params};

#[derive(Debug)]
enum SaleError {
    NotEnough { id: i64 },
    Db(DbError),
}

impl From<DbError> for SaleError {
    fn from(error: DbError) -> Self {
        SaleError::Db(error)
    }
}

struct CompleteSale {
    lines: Vec<(i64, i64)>,
    note: String,
}

async fn load_all(read: &mut ShopRead, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    let rows = read.opt_many(&LOAD_STOCK, ids.iter().map(|id| params![*id]).collect()).await?;
    rows.into_iter().flatten().map(|mut row| row.take()).collect()
}

async fn complete_sale(tx: &mut ShopTx, command: &CompleteSale, day: &str) -> Result<i64, SaleError> {
    let ids: Vec<i64> = command.lines.iter().map(|(id, _)| *id).collect();
    let facts = load_all(tx, &ids).await?;
    for ((id, quantity), on_hand) in command.lines.iter().zip(&facts) {
        if on_hand < quantity {
            return Err(SaleError::NotEnough { id: *id });
        }
        tx.exec_one(&TAKE_STOCK, params![*id, *quantity]).await?;
        record_roll(&mut *tx, *id, day).await?;
    }
    tx.exec(&ADD_JOURNAL, params![1_i64, &command.note]).await?;
    Ok(facts.iter().sum())
}

async fn record_roll(tx: &mut ShopTx, id: i64, day: &str) -> Result<(), DbError> {
    tx.exec(&ADD_ROLL, params![id, day, 1_i64]).await.map(drop)
}

async fn handler(db: Db, scope: impl ShopScope, command: CompleteSale) -> Result<i64, SaleError> {
    let day = String::from("2026-01-31");
    let before = db
        .shop_write(&scope, "complete sale", async move |tx: &mut ShopTx| complete_sale(tx, &command, &day).await)
        .await?;
    db.system_write("count", async |tx: &mut SystemTx| tx.one(&COUNT_SHOPS, params![0_i64]).await)
        .await
        .map_err(|error: DbError| SaleError::Db(error))?;
    let mut read = db.snapshot(&scope).await?;
    for _ in 0..2 {
        load_sum(&mut read).await?;
    }
    Ok(before)
}

async fn load_sum(read: &mut ShopRead) -> Result<Option<i64>, DbError> {
    read.one(&SUM_STOCK, params![]).await?.take()
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn a_handlers_future_can_move_between_threads() {
    crate::testkit::on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 2, 5).await;
        let command = || CompleteSale { lines: vec![(1, 2), (2, 5)], note: "first".into() };
        let task = tokio::spawn(assert_send(handler(db.clone(), SHOP, command())));
        assert_eq!(task.await.unwrap().unwrap(), 10);
        // The first line's duplicate roll stops it before the second is looked at.
        match handler(db.clone(), SHOP, command()).await {
            Err(SaleError::Db(DbError::Unique { constraint })) => {
                assert_eq!(constraint, "roll_one_a_day");
            }
            other => panic!("{other:?}"),
        }
        let short = CompleteSale { lines: vec![(2, 1)], note: "second".into() };
        let refused = handler(db.clone(), SHOP, short).await;
        assert!(matches!(refused, Err(SaleError::NotEnough { id: 2 })), "{refused:?}");
        assert_eq!((on_hand(&db, 1).await, on_hand(&db, 2).await), (3, 0));
    })
    .await;
}
