//! The same id sent by many at once.

use super::books;
use crate::{
    features::sales::{
        complete_sale::{CompleteSaleError, SaleAnswer},
        take_back_sale::{TakeBackAnswer, TakeBackSale, TakeBackSaleError, take_back_sale},
    },
    testkit::{
        TestShop, on_both,
        shop::{NOON_US, sell},
    },
};
use db::{Db, ShopTx};
use domain::{
    ids::{RefundId, SaleId},
    take_back::TakeBack,
};

const SENDERS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_sale_sent_by_sixteen_at_once_is_made_once_and_answered_alike() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let rice = shop.product(shop.fields("Arroz", 200_000), 50_000, 150_000).await;
        let id = SaleId(shop.ids.next());
        let command = shop.command(id, &shop.cart(&[(rice, "3")], "7140.00"));
        let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(sell(db.clone(), command.clone()))).collect();
        let mut answers: Vec<SaleAnswer> = Vec::new();
        for sender in senders {
            answers.push(sender.await.expect("no sender panics").expect("it is sold").answer);
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        assert_eq!(answers[0].number, "OF-1");
        let books = books::audited(&db, &shop.admin).await;
        assert_eq!((books.sales.len(), books.items[&rice.0].on_hand), (1, 47_000));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_contents_under_one_id_one_is_sold_and_the_others_conflict() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let rice = shop.product(shop.fields("Arroz", 100_000), 500_000, 50_000).await;
        let id = SaleId(shop.ids.next());
        let senders: Vec<_> = (1..=SENDERS)
            .map(|many| {
                let cart = shop.cart(&[(rice, &many.to_string())], &format!("{}.00", many * 1_190));
                tokio::spawn(sell(db.clone(), shop.command(id, &cart)))
            })
            .collect();
        let (mut sold, mut conflicts) = (Vec::new(), 0);
        for sender in senders {
            match sender.await.expect("no sender panics") {
                Ok(done) => sold.push(done.answer.total),
                Err(CompleteSaleError::Conflict) => conflicts += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((sold.len(), conflicts), (1, SENDERS - 1));
        let books = books::audited(&db, &shop.admin).await;
        let total = format!("{}.00", books.sales[&id.0].total / 100);
        assert_eq!((books.sales.len(), total), (1, sold[0].clone()), "the one that was answered is the one on record");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_void_sent_by_sixteen_at_once_pays_back_once() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let rice = shop.product(shop.fields("Arroz", 200_000), 50_000, 150_000).await;
        let sale = SaleId(shop.ids.next());
        shop.sell(shop.command(sale, &shop.cart(&[(rice, "3")], "7140.00"))).await.expect("it is sold");
        let void = TakeBackSale {
            id: RefundId(shop.ids.next()),
            actor: shop.admin,
            sale,
            what: TakeBack::Void,
            reason: "error".into(),
            session: Some(shop.session),
            content_hash: [7; 32],
            now_us: NOON_US,
        };
        let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(take_back(db.clone(), void.clone()))).collect();
        let mut answers = Vec::new();
        for sender in senders {
            answers.push(sender.await.expect("no sender panics").expect("it is voided"));
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        let books = books::audited(&db, &shop.admin).await;
        assert_eq!((books.refunds.len(), books.items[&rice.0].on_hand), (1, 50_000));
        assert_eq!(books.items[&rice.0].value, 7_500_000, "the void brings back what the goods cost");
        let other = TakeBackSale { content_hash: [8; 32], ..void };
        assert!(matches!(take_back(db.clone(), other).await, Err(TakeBackSaleError::Conflict)));
    })
    .await;
}

#[tokio::test]
async fn a_refused_sale_leaves_its_id_free() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let rice = shop.product(shop.fields("Arroz", 200_000), 1_000, 150_000).await;
        let id = SaleId(shop.ids.next());
        let too_many = shop.command(id, &shop.cart(&[(rice, "2")], "4760.00"));
        assert!(matches!(shop.sell(too_many).await, Err(CompleteSaleError::Refused(_))));
        let one = shop.command(id, &shop.cart(&[(rice, "1")], "2380.00"));
        assert_eq!(shop.sell(one).await.expect("one is there").answer.number, "OF-1");
        books::audited(&db, &shop.admin).await;
    })
    .await;
}

async fn take_back(db: Db, command: TakeBackSale) -> Result<TakeBackAnswer, TakeBackSaleError> {
    let actor = command.actor;
    db.shop_write(&actor, "take back", async move |tx: &mut ShopTx| take_back_sale(tx, &command).await).await
}
