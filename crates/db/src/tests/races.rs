//! What happens when many want the same rows. SQLite's one writer hides the
//! mistakes these tests look for; PostgreSQL does not.

use futures_util::future::join_all;

use super::fixture::*;
use crate::testkit::on_both;
use crate::{Db, DbError, ShopTx, params};

const BUYERS: usize = 64;

/// Load, decide, record: what is decided is absolute, so `load` must lock.
async fn buy_by_deciding(tx: &mut ShopTx) -> Result<bool, DbError> {
    let on_hand: i64 = tx.one(&LOAD_STOCK, params![1_i64]).await?.take()?;
    if on_hand == 0 {
        return Ok(false);
    }
    tx.exec_one(&SET_STOCK, params![1_i64, on_hand - 1]).await?;
    Ok(true)
}

async fn buy_by_guard(tx: &mut ShopTx) -> Result<bool, DbError> {
    match tx.exec_one(&TAKE_STOCK, params![1_i64, 1_i64]).await {
        Ok(()) => Ok(true),
        Err(error) => Err(error),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_units_locked_and_decided_are_sold_to_exactly_ten_of_sixty_four() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 10).await;
        let buyers = (0..BUYERS).map(|_| {
            let db = db.clone();
            tokio::spawn(
                async move { db.shop_write(&SHOP, "buy", async |tx: &mut ShopTx| buy_by_deciding(tx).await).await },
            )
        });
        let mut sold = 0;
        for outcome in join_all(buyers).await {
            sold += usize::from(outcome.unwrap().unwrap());
        }
        assert_eq!((sold, on_hand(&db, 1).await), (10, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_units_guarded_are_sold_to_exactly_ten_of_sixty_four() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        stocked(&db, 1, 10).await;
        let buyers = (0..BUYERS).map(|_| {
            let db = db.clone();
            tokio::spawn(
                async move { db.shop_write(&SHOP, "buy", async |tx: &mut ShopTx| buy_by_guard(tx).await).await },
            )
        });
        let mut sold = 0;
        for outcome in join_all(buyers).await {
            match outcome.unwrap() {
                Ok(bought) => sold += usize::from(bought),
                Err(DbError::Missed { statement }) => assert_eq!(statement, "test.take_stock"),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((sold, on_hand(&db, 1).await), (10, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_sent_many_times_is_claimed_once() {
    on_both(MIGRATIONS, RANKS, async |db: Db| {
        let id = uuid::Uuid::from_u128(77);
        let clients = (0..16).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.shop_write(&SHOP, "claim", async move |tx: &mut ShopTx| {
                    tx.opt(&CLAIM, params![id]).await.map(|row| row.is_some())
                })
                .await
            })
        });
        let mut claimed = 0;
        for outcome in join_all(clients).await {
            let outcome: Result<bool, DbError> = outcome.unwrap();
            claimed += usize::from(outcome.unwrap());
        }
        assert_eq!(claimed, 1);
    })
    .await;
}
