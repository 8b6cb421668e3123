//! Selling, refunding, and racing for the last ones.

use crate::{
    features::sales::complete_sale::CompleteSaleError,
    testkit::{TestShop, on_both, shop::sell},
};
use domain::{ids::SaleId, sale::SaleRefused};
use std::sync::Arc;

#[tokio::test]
async fn a_sale_takes_stock_and_answers_its_number_and_total() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let id = SaleId(shop.ids.next());
        let done = shop.sell(shop.command(id, &shop.cart(&[(rice, "3")], "7140.00"))).await.expect("it is sold");
        assert_eq!((done.answer.number.as_str(), done.answer.total.as_str()), ("OF-1", "7140.00"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_clients_racing_for_the_last_ten_exactly_ten_get_one() {
    on_both(async |db| {
        let shop = Arc::new(TestShop::create(db, 1).await);
        let rice = shop.product(shop.fields("Arroz Diana 500 g", 200_000), 10_000, 150_000).await;
        let racers: Vec<_> = (0..64)
            .map(|_| {
                let command = shop.command(SaleId(shop.ids.next()), &shop.cart(&[(rice, "1")], "2380.00"));
                tokio::spawn(sell(shop.db.clone(), command))
            })
            .collect();
        let (mut sold, mut short) = (0, 0);
        for racer in racers {
            match racer.await.expect("no client panics") {
                Ok(_) => sold += 1,
                Err(CompleteSaleError::Refused(SaleRefused::StockShort(lacking))) => {
                    assert_eq!(lacking[0].name, "Arroz Diana 500 g");
                    short += 1;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((sold, short), (10, 54));
    })
    .await;
}
