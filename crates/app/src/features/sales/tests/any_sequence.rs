//! The property of refunds: whatever the steps, ending at everything is the same as a
//! void, and both leave every book as if nothing had been sold.

use super::taking_back::{books, enrol};
use crate::{
    features::{
        catalog::write::{NewBarcode, ProductFields, Unit},
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Place},
            take_back_sale::{TakeBackSale, TakeBackSaleError, take_back_sale},
            wire::{DiscountContent, LineContent, PaymentContent, SaleContent},
        },
        verify::verify,
    },
    testkit::{TestShop, on_both, shop::NOON_US},
};
use db::{ShopTx, params};
use domain::{
    decimal,
    ids::{DeviceId, ProductId, RefundId, SaleId},
    sale::SaleRefused,
    take_back::{ReturnedLine, TakeBack},
};
use uuid::Uuid;

db::statements! {
    PAID = "test.paid_by_method",
        "SELECT method_id, CAST(SUM(amount_minor) AS BIGINT)
         FROM payment
         WHERE shop_id = $1 AND sale_id = $2
         GROUP BY method_id
         ORDER BY method_id";
    RETURNED = "test.returned_by_method",
        "SELECT part.method_id, CAST(SUM(part.amount_minor) AS BIGINT)
         FROM refund_payment AS part
         JOIN refund ON refund.shop_id = part.shop_id AND refund.id = part.refund_id
         WHERE part.shop_id = $1 AND refund.sale_id = $2
         GROUP BY part.method_id
         ORDER BY part.method_id";
}

/// Sequences a run; each is told by its seed.
const SEQUENCES: u64 = 12;

/// Small numbers that are the same in each run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % u64::try_from(n).unwrap()).unwrap()
    }
}

/// Something that can be sold: its id, whether in fractions, units in its pack.
#[derive(Clone, Copy)]
struct Good {
    id: ProductId,
    fractions: bool,
    pack: i64,
}

async fn goods(shop: &TestShop) -> [Good; 4] {
    let rice = shop.product(shop.fields("Arroz", 200_003), 1_000_000, 137_311).await;
    let cheese = ProductFields { unit: Unit::Kilogram, fractions: true, ..shop.fields("Queso", 1_083_333) };
    let cheese = shop.product(cheese, 90_245, 970_007).await;
    let boxed = ProductFields {
        barcodes: vec![NewBarcode { code: "2100000000012".into(), pack_milli: 24_000, price_minor: Some(7_000_001) }],
        ..shop.fields("Gaseosa", 310_007)
    };
    let boxed = shop.product(boxed, 700_000, 199_999).await;
    let phone = ProductFields { tracks_stock: false, ..shop.fields("Recarga", 100_000) };
    let phone = shop.product(phone, 0, 0).await;
    let good = |id, fractions, pack| Good { id, fractions, pack };
    [good(rice, false, 1), good(cheese, true, 1), good(boxed, false, 24), good(phone, false, 1)]
}

/// One to four lines, some with discounts, and how many of each in thousandths.
fn cart(shop: &TestShop, goods: &[Good; 4], dice: &mut Dice) -> (SaleContent, Vec<(i64, bool)>) {
    let (mut lines, mut sold) = (Vec::new(), Vec::new());
    for good in goods {
        if lines.is_empty() || dice.below(3) > 0 {
            let milli = if good.fractions { dice.below(3_000) + 1 } else { (dice.below(9) + 1) * 1_000 };
            let percent = dice.below(1_000);
            lines.push(LineContent {
                product_id: good.id,
                name: None,
                quantity: decimal::format_shortest(milli, 3),
                pack: (good.pack > 1).then(|| good.pack.to_string()),
                unit_price: None,
                taxes: None,
                discount: (percent % 2 == 1)
                    .then(|| DiscountContent { percent: Some(decimal::format(percent, 2)), amount: None }),
                note: None,
            });
            sold.push((milli, good.fractions));
        }
    }
    let off = dice.below(30_000);
    let discount =
        (off % 2 == 1).then(|| DiscountContent { percent: None, amount: Some(decimal::format(off.min(9_999), 2)) });
    (SaleContent { lines, discount, ..shop.cart(&[], "0") }, sold)
}

/// Sells at the till for what is due, some of it by transfer.
async fn sell(shop: &TestShop, device: DeviceId, number: i64, mut content: SaleContent, dice: &mut Dice) -> SaleId {
    let id = SaleId(shop.ids.next());
    let place = Place::Till { register: shop.till, device, session: shop.session, number };
    let command = |content: &SaleContent| CompleteSale { place: place.clone(), ..shop.command(id, content) };
    let by_transfer = if dice.below(2) == 0 { 0 } else { dice.below(50_000) + 1 };
    let paid = |content: &mut SaleContent, cash_minor: i64| {
        content.payments[0].amount = decimal::format(cash_minor, 2);
        content.payments.truncate(1);
        if by_transfer > 0 {
            content.payments.push(PaymentContent {
                method_id: shop.transfer,
                amount: decimal::format(by_transfer, 2),
                tendered: None,
                bank: Some("Nequi".into()),
                reference: None,
            });
        }
    };
    paid(&mut content, 0);
    match shop.sell(command(&content)).await {
        Ok(_) => {}
        Err(CompleteSaleError::Refused(SaleRefused::PaymentsDiffer { due_minor, .. })) => {
            paid(&mut content, due_minor - by_transfer);
            shop.sell(command(&content)).await.expect("it is paid to the last unit");
        }
        Err(other) => panic!("{other:?}"),
    }
    id
}

async fn take_back(shop: &TestShop, sale: SaleId, what: TakeBack) {
    let command = TakeBackSale {
        id: RefundId(shop.ids.next()),
        actor: shop.admin,
        sale,
        what,
        reason: "prueba".into(),
        session: Some(shop.session),
        content_hash: [3; 32],
        now_us: NOON_US,
    };
    let done: Result<_, TakeBackSaleError> = shop
        .db
        .shop_write(&shop.admin, "take back", async move |tx: &mut ShopTx| take_back_sale(tx, &command).await)
        .await;
    done.expect("what is left may come back");
}

/// A step: part of what is left of each line, at least something; all of it now and then.
fn step(left: &mut [(i64, bool)], dice: &mut Dice) -> Vec<ReturnedLine> {
    let all = dice.below(4) == 0;
    let mut lines = Vec::new();
    for (position, (milli, fractions)) in (0_i64..).zip(left.iter_mut()) {
        let grain = if *fractions { 1 } else { 1_000 };
        let comes = if all { *milli } else { dice.below(*milli / grain + 1) * grain };
        if comes > 0 {
            lines.push(ReturnedLine { position, quantity_milli: comes, restock: true });
            *milli -= comes;
        }
    }
    lines
}

async fn by_method(shop: &TestShop, statement: &'static db::Statement, sale: SaleId) -> Vec<(Uuid, i64)> {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    let rows = read.rows(statement, params![sale.0]).await.expect("the database answers");
    let of = |mut row: db::Row| (row.take().expect("an id"), row.take().expect("an amount"));
    rows.into_iter().map(of).filter(|(_, minor)| *minor != 0).collect()
}

#[tokio::test]
async fn any_sequence_of_refunds_that_ends_at_everything_is_a_void_to_the_unit() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let device = enrol(&shop, 5_000).await;
        let goods = goods(&shop).await;
        let before = books(&shop).await;
        let mut number = 0;
        for seed in 1..=SEQUENCES {
            let mut dice = Dice(seed);
            // Two sales whose refunds mingle, and a third that is voided between them.
            let mut open = Vec::new();
            for _ in 0..2 {
                let (content, sold) = cart(&shop, &goods, &mut dice);
                number += 1;
                open.push((sell(&shop, device, number, content, &mut dice).await, sold));
            }
            let sales: Vec<SaleId> = open.iter().map(|(sale, _)| *sale).collect();
            let (content, _) = cart(&shop, &goods, &mut dice);
            number += 1;
            let voided = sell(&shop, device, number, content, &mut dice).await;
            let mut undone = false;
            while !open.is_empty() {
                let at = usize::try_from(dice.below(i64::try_from(open.len()).unwrap())).unwrap();
                let (sale, left) = &mut open[at];
                let lines = step(left, &mut dice);
                if !lines.is_empty() {
                    take_back(&shop, *sale, TakeBack::Lines(lines)).await;
                }
                open.retain(|(_, left)| left.iter().any(|(milli, _)| *milli > 0));
                if !undone && dice.below(2) == 0 {
                    undone = true;
                    take_back(&shop, voided, TakeBack::Void).await;
                }
            }
            if !undone {
                take_back(&shop, voided, TakeBack::Void).await;
            }
            assert_eq!(books(&shop).await, before, "sequence {seed}");
            for sale in sales.into_iter().chain([voided]) {
                let (paid, returned) = (by_method(&shop, &PAID, sale).await, by_method(&shop, &RETURNED, sale).await);
                assert_eq!(paid, returned, "each means of payment gets back what it gave, sequence {seed}");
            }
        }
        let report = verify(&shop.db, |_| ()).await.expect("the database answers");
        assert_eq!(report.findings, []);
    })
    .await;
}
