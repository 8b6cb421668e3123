//! A few days of a small shop in which everything happens: sales of what is known
//! and unknown in cost, goods sold below zero and settled, a refund, a void.

use crate::{
    features::{
        expenses::record::{ExpenseWords, RecordError, RecordExpense, VoidExpense, record_expense, void_expense},
        other_income::{
            self, Kind,
            record::{RecordIncome, VoidIncome, record_income, void_income},
        },
        sales::{
            complete_sale::CompleteSale,
            take_back_sale::{TakeBackSale, TakeBackSaleError, take_back_sale},
        },
        stock::adjust::Wanted,
    },
    testkit::{TestShop, shop::NOON_US},
};
use db::ShopTx;
use domain::{
    business_date::BusinessDate,
    expense::DatedAmount,
    ids::{CategoryId, ExpenseId, OtherIncomeId, ProductId, RefundId, SaleId},
    take_back::{ReturnedLine, TakeBack},
};

/// A day in microseconds.
pub const DAY_US: i64 = 86_400_000_000;
const HOUR_US: i64 = 3_600_000_000;

/// The shop's goods.
pub struct Goods {
    /// Tracked, with a cost.
    pub rice: ProductId,
    /// Not tracked, of unknown cost.
    pub repair: ProductId,
    /// The last sale.
    pub last: SaleId,
}

/// Sells `quantity` of each for 1.190 a unit, cash, so long before the fixed noon.
pub async fn sell_ago(shop: &TestShop, ago_us: i64, lines: &[(ProductId, i64)]) -> SaleId {
    let id = SaleId(shop.ids.next());
    let quantities: Vec<(ProductId, String)> = lines.iter().map(|(product, n)| (*product, n.to_string())).collect();
    let asked: Vec<(ProductId, &str)> = quantities.iter().map(|(product, n)| (*product, n.as_str())).collect();
    let due: i64 = lines.iter().map(|(_, n)| 1_190 * n).sum();
    let command = shop.command(id, &shop.cart(&asked, &format!("{due}.00")));
    let command = CompleteSale { sold_at: NOON_US - ago_us, now_us: NOON_US - ago_us, ..command };
    shop.sell(command).await.expect("it is sold");
    id
}

/// Takes back so long before the fixed noon.
pub async fn take_back_ago(shop: &TestShop, ago_us: i64, sale: SaleId, what: TakeBack) {
    let command = TakeBackSale {
        id: RefundId(shop.ids.next()),
        actor: shop.admin,
        sale,
        what,
        reason: "prueba".into(),
        session: Some(shop.session),
        content_hash: [7; 32],
        now_us: NOON_US - ago_us,
    };
    let done: Result<_, TakeBackSaleError> = shop
        .db
        .shop_write(&shop.admin, "take back", async move |tx: &mut ShopTx| take_back_sale(tx, &command).await)
        .await;
    done.expect("it is taken back");
}

/// Lets it all happen.
pub async fn mixed(shop: &TestShop) -> Goods {
    let rice = shop.product(shop.fields("Arroz Diana 500 g", 100_000), 100_000, 60_000).await;
    let soda = shop.fields("Gaseosa 1,5 L", 100_000);
    let soda = shop
        .product(crate::features::catalog::write::ProductFields { sells_below_zero: true, ..soda }, 1_000, 50_000)
        .await;
    let repair = shop.fields("Arreglo", 100_000);
    let repair =
        shop.product(crate::features::catalog::write::ProductFields { tracks_stock: false, ..repair }, 0, 0).await;
    sell_ago(shop, 40 * DAY_US, &[(rice, 2)]).await;
    let earlier = sell_ago(shop, 9 * DAY_US, &[(rice, 5), (repair, 1)]).await;
    sell_ago(shop, 3 * DAY_US, &[(rice, 1), (rice, 2), (soda, 3)]).await;
    let undone = sell_ago(shop, 2 * DAY_US + 3 * HOUR_US, &[(rice, 4), (soda, 1)]).await;
    sell_ago(shop, DAY_US, &[(repair, 2), (soda, 1)]).await;
    take_back_ago(shop, DAY_US, undone, TakeBack::Void).await;
    let returned = ReturnedLine { position: 0, quantity_milli: 2_000, restock: true };
    take_back_ago(shop, HOUR_US, earlier, TakeBack::Lines(vec![returned])).await;
    shop.adjust(soda, Wanted::Change { quantity_milli: 20_000, unit_cost_minor: Some(70_000) })
        .await
        .expect("it comes in");
    let last = sell_ago(shop, 0, &[(rice, 1), (soda, 2), (repair, 1)]).await;
    Goods { rice, repair, last }
}

/// Money besides sales: an expense that the drawer paid, one by transfer, income of a
/// sale, and one of each that was voided.
pub async fn besides(shop: &TestShop, sale: SaleId) {
    spend(shop, 20_261_124, 30_000, true).await;
    let twice = spend(shop, 20_261_124, 30_000, true).await;
    spend(shop, 20_261_116, 45_055, false).await;
    earn(shop, 20_261_124, 12_000, Some(sale)).await;
    let none = earn(shop, 20_261_121, 7_000, None).await;
    let (id, actor) = (shop.ids.next(), shop.admin);
    let undone = VoidExpense {
        id,
        actor,
        expense: twice,
        reason: "dos veces".into(),
        session: None,
        content_hash: [1; 32],
        now_us: NOON_US,
    };
    let id = shop.ids.next();
    let unearned =
        VoidIncome { id, actor, income: none, reason: "no se cobró".into(), content_hash: [1; 32], now_us: NOON_US };
    let voided = shop.db.shop_write(&shop.admin, "void", async move |tx: &mut ShopTx| void_expense(tx, &undone).await);
    voided.await.expect("it is voided");
    let voided: Result<(), other_income::record::RecordError> =
        shop.db.shop_write(&shop.admin, "void", async move |tx: &mut ShopTx| void_income(tx, &unearned).await).await;
    voided.expect("it is voided");
}

fn dated(date: i64, amount_minor: i64) -> DatedAmount {
    DatedAmount { amount_minor, date: BusinessDate::from_i64(date).expect("a day of the calendar") }
}

async fn spend(shop: &TestShop, date: i64, amount_minor: i64, from_drawer: bool) -> ExpenseId {
    let id = ExpenseId(shop.ids.next());
    let command = RecordExpense {
        id,
        actor: shop.admin,
        dated: dated(date, amount_minor),
        words: ExpenseWords { concept: "Luz".into(), description: String::new(), category: "Servicios".into() },
        new_category: CategoryId(shop.ids.next()),
        method: if from_drawer { shop.cash } else { shop.transfer },
        session: from_drawer.then_some(shop.session),
        content_hash: [1; 32],
        now_us: NOON_US,
    };
    let done: Result<(), RecordError> =
        shop.db.shop_write(&shop.admin, "spend", async move |tx: &mut ShopTx| record_expense(tx, &command).await).await;
    done.expect("it is recorded");
    id
}

async fn earn(shop: &TestShop, date: i64, amount_minor: i64, sale: Option<SaleId>) -> OtherIncomeId {
    let id = OtherIncomeId(shop.ids.next());
    let command = RecordIncome {
        id,
        actor: shop.admin,
        kind: Kind::Delivery,
        description: "Domicilio".into(),
        dated: dated(date, amount_minor),
        sale,
        content_hash: [1; 32],
        now_us: NOON_US,
    };
    let done: Result<(), other_income::record::RecordError> =
        shop.db.shop_write(&shop.admin, "earn", async move |tx: &mut ShopTx| record_income(tx, &command).await).await;
    done.expect("it is recorded");
    id
}
