//! Ten thousand random operations beside the naive shop.
//!
//! `INVENTARIO_MODEL_OPERATIONS` sets how many for both engines, and
//! `INVENTARIO_MODEL_SEED` repeats a run; the seed is printed with each failure.

use super::{
    books::{self, HourSums, ProductSums, add},
    naive::{CASH_STEP, Naive, Shelf, Slot, Want, in_coins, slot},
};
use crate::{
    features::{
        cash::sessions,
        catalog::write::{self as catalog, Barcodes, NewBarcode, ProductBefore, ProductFields},
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Place, SaleAnswer},
            take_back_sale::{TakeBackAnswer, TakeBackSale, TakeBackSaleError, take_back_sale},
            wire::{DiscountContent, LineContent, PaymentContent, SaleContent, read},
        },
        stock::adjust::Wanted,
    },
    schema,
    testkit::{TestShop, shop::NOON_US},
};
use db::{Db, DbError, ShopTx, params, testkit::TestDb};
use domain::{
    decimal,
    ids::{DeviceId, ProductId, RefundId, SaleId, TaxSetId},
    sale::{Occasion, SaleRefused},
    take_back::{ReturnedLine, TakeBack, TakeBackRefused},
};
use std::collections::BTreeMap;

db::statements! {
    SET_COINS = "test.set_coins",
        "UPDATE shop
         SET cash_step_minor = $2
         WHERE id = $1";
    ADD_DEVICE = "test.add_device",
        "INSERT INTO device (shop_id, id, register_id, name, public_key, enrolled_by, created_at)
         VALUES ($1, $2, $3, 'Caja', $4, $5, $6)";
    OTHER_TAXES = "test.other_taxes",
        "SELECT id
         FROM tax_set
         WHERE shop_id = $1
         ORDER BY position";
}

/// How many operations an ordinary run makes on each engine.
const ON_SQLITE: usize = 10_000;
const ON_POSTGRES: usize = 1_000;
/// Thirteen minutes pass between operations: days, months and a year go by.
const STEP_US: i64 = 13 * 60 * 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_operations_leave_what_the_naive_shop_says_on_sqlite() {
    let made = TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    Play::begin(&made.db).await.run(operations(ON_SQLITE)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_operations_leave_what_the_naive_shop_says_on_postgresql() {
    let made = TestDb::postgres(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    Play::begin(&made.db).await.run(operations(ON_POSTGRES)).await;
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

fn operations(ordinarily: usize) -> usize {
    from_environment("INVENTARIO_MODEL_OPERATIONS").map_or(ordinarily, |many| usize::try_from(many).expect("fits"))
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end).expect("above zero");
        i64::try_from((mixed ^ (mixed >> 31)) % end).expect("below an i64")
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(i64::try_from(len).expect("short"))).expect("below a length")
    }

    fn once_in(&mut self, many: i64) -> bool {
        self.below(many) == 0
    }
}

struct Play {
    shop: TestShop,
    device: DeviceId,
    dice: Dice,
    seed: u64,
    naive: Naive,
    products: Vec<(ProductId, ProductFields, i64)>,
    sales: Vec<(CompleteSale, SaleAnswer)>,
    refunds: Vec<(TakeBackSale, TakeBackAnswer)>,
    /// Next numbers of till and office.
    next: [i64; 2],
    now_us: i64,
    refused: usize,
}

impl Play {
    async fn begin(db: &Db) -> Play {
        let shop = TestShop::create(db.clone(), 1).await;
        let device = DeviceId(shop.ids.next());
        let (row, opened) =
            (params![device.0, shop.till.0, [4_u8; 32], shop.admin.user.0, NOON_US], params![CASH_STEP]);
        let set_up = async move |tx: &mut ShopTx| -> Result<(), DbError> {
            tx.exec_one(&SET_COINS, opened.clone()).await?;
            tx.exec_one(&ADD_DEVICE, row.clone()).await
        };
        db.shop_write(&shop.admin, "set up", set_up).await.expect("the shop can be set up");
        let seed = from_environment("INVENTARIO_MODEL_SEED").unwrap_or(20_261_124);
        let mut play = Play {
            shop,
            device,
            dice: Dice(seed),
            seed,
            naive: Naive::default(),
            products: Vec::new(),
            sales: Vec::new(),
            refunds: Vec::new(),
            next: [1, 1],
            now_us: NOON_US,
            refused: 0,
        };
        play.stock_shelves().await;
        play
    }

    /// Whole and divisible goods, blocked and allowed below zero, with and without
    /// stock, cost, tax and packs.
    async fn stock_shelves(&mut self) {
        let mut read = self.shop.db.shop(&self.shop.admin).await.expect("the database answers");
        let sets = read.rows(&OTHER_TAXES, params![]).await.expect("the database answers");
        let sets: Vec<TaxSetId> = sets.into_iter().map(|mut row| TaxSetId(row.take().expect("an id"))).collect();
        drop(read);
        let rates = [Some(190_000), Some(50_000), Some(0), None];
        for number in 0..10_usize {
            let price = [1_999, 250_000, 100, 333_333, 1_234_567][number % 5];
            let purchase_price = [None, Some(price * 2 / 3), Some(77)][number % 3];
            let mut fields = self.shop.fields(&format!("Producto {number}"), price);
            fields.tax_set = sets[number % 4];
            fields.fractions = number % 2 == 1;
            fields.sells_below_zero = number % 3 == 1;
            fields.tracks_stock = number < 8;
            fields.purchase_price_minor = purchase_price;
            let pack_price = (number % 4 == 0).then_some((6_000, price * 5));
            if let Some((pack_milli, price)) = pack_price {
                let code = format!("77000000000{number}");
                fields.barcodes.push(NewBarcode { code, pack_milli, price_minor: Some(price) });
            }
            let id = self.shop.product(fields.clone(), 0, 0).await;
            self.naive.shelves.push(Shelf {
                price,
                pack_price,
                rate: rates[number % 4],
                tracked: fields.tracks_stock,
                blocks: !fields.sells_below_zero,
                fractions: fields.fractions,
                purchase_price,
                quantity: 0,
                value: 0,
                last: None,
            });
            self.products.push((id, fields, 1));
        }
    }

    async fn run(mut self, operations: usize) {
        println!("model: {operations} operations, seed {}", self.seed);
        for operation in 1..=operations {
            self.now_us += STEP_US;
            match self.dice.below(100) {
                0..45 => self.sell().await,
                45..58 => self.take_back().await,
                58..61 => self.void().await,
                61..73 => self.buy().await,
                73..83 => self.adjust().await,
                83..88 => self.change_price().await,
                88..93 => self.repeat().await,
                _ => self.ask_for_nonsense().await,
            }
            if operation % 2_500 == 0 || operation == operations {
                self.compare(operation).await;
            }
        }
        assert!(self.refused > operations / 40, "refusals were seen: {}", self.refused);
    }

    fn wants(&mut self) -> Vec<Want> {
        let many = 1 + self.dice.index(3);
        (0..many).map(|_| self.want()).collect()
    }

    fn want(&mut self) -> Want {
        let product = self.dice.index(self.products.len());
        let pack = [1_000, 1_000, 1_000, 6_000][self.dice.index(4)];
        let quantity = if self.naive.shelves[product].fractions && pack == 1_000 {
            1 + self.dice.below(4_000)
        } else {
            1_000 * (1 + self.dice.below(3))
        };
        let price = self.dice.once_in(8).then(|| self.dice.below(300_000));
        let percent = if self.dice.once_in(5) { self.dice.below(60) } else { 0 };
        Want { product, quantity, pack, price, percent }
    }

    fn money(minor: i64) -> String {
        decimal::format(minor, 2)
    }

    fn line(&self, want: &Want) -> LineContent {
        let percent = |percent: i64| DiscountContent { percent: Some(percent.to_string()), amount: None };
        LineContent {
            product_id: self.products[want.product].0,
            name: None,
            quantity: decimal::format(want.quantity, 3),
            pack: (want.pack != 1_000).then(|| decimal::format(want.pack, 3)),
            unit_price: want.price.map(Self::money),
            taxes: None,
            discount: (want.percent != 0).then(|| percent(want.percent)),
            note: None,
        }
    }

    /// The sale as it is sent, paid by transfer in part and the rest in cash.
    fn content(&self, wants: &[Want], percent: i64, transfer: i64) -> (SaleContent, i64) {
        let total: i64 = self.naive.priced(wants, percent).iter().map(|(_, total, _)| total).sum();
        let pay = |method_id, minor, bank: Option<&str>| PaymentContent {
            method_id,
            amount: Self::money(minor),
            tendered: None,
            bank: bank.map(str::to_owned),
            reference: None,
        };
        let mut payments = Vec::new();
        if transfer != 0 {
            payments.push(pay(self.shop.transfer, transfer, Some("Banco")));
        }
        if transfer != total || transfer == 0 {
            payments.push(pay(self.shop.cash, in_coins(total - transfer), None));
        }
        let content = SaleContent {
            lines: wants.iter().map(|want| self.line(want)).collect(),
            discount: (percent != 0).then(|| DiscountContent { percent: Some(percent.to_string()), amount: None }),
            payments,
            ..SaleContent::default()
        };
        (content, total)
    }

    fn command(&self, content: &SaleContent, at_till: bool, occasion: Occasion) -> CompleteSale {
        let place = if at_till {
            Place::Till {
                register: self.shop.till,
                device: self.device,
                session: self.shop.session,
                number: self.next[0],
            }
        } else {
            Place::Office { register: self.shop.office, session: Some(self.shop.session) }
        };
        CompleteSale {
            id: SaleId(self.shop.ids.next()),
            actor: self.shop.admin,
            sale: read(content, 2).expect("the content is well formed"),
            place,
            occasion,
            catalog_version: None,
            sold_at: self.now_us,
            now_us: self.now_us,
        }
    }

    fn slot(&self, register: usize) -> Slot {
        slot(self.now_us, register)
    }

    async fn sell(&mut self) {
        let (wants, at_till) = (self.wants(), self.dice.once_in(2));
        let occasion = if at_till && self.dice.once_in(2) { Occasion::Happened } else { Occasion::Asking };
        let percent = if self.dice.once_in(6) { self.dice.below(30) } else { 0 };
        let total = self.content(&wants, percent, 0).1;
        let transfer = match self.dice.below(4) {
            0 => total,
            1 => total * self.dice.below(101) / 100,
            _ => 0,
        };
        let (content, total) = self.content(&wants, percent, transfer);
        let command = self.command(&content, at_till, occasion);
        let outcome = self.shop.sell(command.clone()).await;
        if occasion == Occasion::Asking && !self.naive.has(&wants) {
            self.refused += 1;
            assert!(matches!(outcome, Err(CompleteSaleError::Refused(SaleRefused::StockShort(_)))), "{outcome:?}");
            return;
        }
        let register = usize::from(!at_till);
        let cash = if transfer == total { 0 } else { in_coins(total - transfer) };
        self.naive.sell(&wants, percent, transfer, self.slot(register));
        let answer = outcome.unwrap_or_else(|error| panic!("{wants:?}: {error:?}")).answer;
        let prefix = ["C1-", "OF-"][register];
        let wanted =
            (format!("{prefix}{}", self.next[register]), Self::money(total), Self::money(cash + transfer - total));
        assert_eq!((answer.number.clone(), answer.total.clone(), answer.cash_rounding.clone()), wanted);
        self.next[register] += 1;
        self.sales.push((command, answer));
    }

    fn refund(&self, sale: usize, what: TakeBack) -> TakeBackSale {
        let id = RefundId(self.shop.ids.next());
        let mut content_hash = [0; 32];
        content_hash[..16].copy_from_slice(id.0.as_bytes());
        TakeBackSale {
            id,
            actor: self.shop.admin,
            sale: self.sales[sale].0.id,
            what,
            reason: "no era".into(),
            session: Some(self.shop.session),
            content_hash,
            now_us: self.now_us,
        }
    }

    async fn send(&self, command: TakeBackSale) -> Result<TakeBackAnswer, TakeBackSaleError> {
        let actor = self.shop.admin;
        let body = async move |tx: &mut ShopTx| take_back_sale(tx, &command).await;
        self.shop.db.shop_write(&actor, "take back", body).await
    }

    async fn take_back(&mut self) {
        let Some(sale) = self.any_sale() else { return };
        let lines = self.naive.sales[sale].lines.clone();
        let mut chosen = Vec::new();
        for (position, line) in lines.iter().enumerate() {
            let left = line.quantity - line.back;
            if left > 0 && !self.dice.once_in(3) {
                let all = self.dice.once_in(2) || left == 1;
                let quantity = if all { left } else { 1 + self.dice.below(left - 1) };
                chosen.push((position, quantity, !self.dice.once_in(4)));
            }
        }
        if chosen.is_empty() {
            return;
        }
        let returned = |(position, quantity_milli, restock): &(usize, i64, bool)| ReturnedLine {
            position: i64::try_from(*position).expect("few lines"),
            quantity_milli: *quantity_milli,
            restock: *restock,
        };
        let command = self.refund(sale, TakeBack::Lines(chosen.iter().map(returned).collect()));
        self.taken_back(sale, &chosen, command).await;
    }

    async fn void(&mut self) {
        let Some(sale) = self.any_sale() else { return };
        let command = self.refund(sale, TakeBack::Void);
        let lines = &self.naive.sales[sale].lines;
        if lines.iter().any(|line| line.back > 0) {
            self.refused += 1;
            let outcome = self.send(command).await;
            let already = TakeBackRefused::AlreadyReturned;
            assert!(matches!(outcome, Err(TakeBackSaleError::Refused(refused)) if refused == already), "{outcome:?}");
            return;
        }
        let all: Vec<_> = lines.iter().enumerate().map(|(position, line)| (position, line.quantity, true)).collect();
        self.taken_back(sale, &all, command).await;
    }

    async fn taken_back(&mut self, sale: usize, lines: &[(usize, i64, bool)], command: TakeBackSale) {
        let (total, cash) = self.naive.take_back(sale, lines, self.slot(1));
        let answer = self.send(command.clone()).await.unwrap_or_else(|error| panic!("{lines:?}: {error:?}"));
        let number = format!("OF-{}", self.next[1]);
        assert_eq!(answer, TakeBackAnswer { number, total: Self::money(total), cash: Self::money(cash) });
        self.next[1] += 1;
        self.refunds.push((command, answer));
    }

    fn any_sale(&mut self) -> Option<usize> {
        (!self.sales.is_empty()).then(|| self.dice.index(self.sales.len()))
    }

    /// A tracked product.
    fn any_goods(&mut self) -> usize {
        self.dice.index(8)
    }

    async fn buy(&mut self) {
        let (product, quantity) = (self.any_goods(), 1_000 * (1 + self.dice.below(30)));
        let cost = self.dice.below(200_000);
        self.adjusted(product, Wanted::Change { quantity_milli: quantity, unit_cost_minor: Some(cost) }).await;
        let settled =
            self.naive.shelves[product].put(quantity, books::round(i128::from(cost) * i128::from(quantity), 1_000));
        self.naive.settle(product, settled, self.slot(1));
    }

    async fn adjust(&mut self) {
        let product = self.any_goods();
        let quantity = 1 + self.dice.below(9_000);
        let on_hand = self.naive.shelves[product].quantity;
        let (wanted, change) = match self.dice.below(3) {
            0 => (Wanted::Counted { quantity_milli: quantity }, quantity - on_hand),
            1 => (Wanted::Change { quantity_milli: -quantity, unit_cost_minor: None }, -quantity),
            _ => (Wanted::Change { quantity_milli: quantity, unit_cost_minor: None }, quantity),
        };
        self.adjusted(product, wanted).await;
        let shelf = &mut self.naive.shelves[product];
        if change < 0 {
            shelf.take(-change);
        } else if change > 0 {
            let worth = shelf.worth(change);
            let settled = shelf.put(change, worth);
            self.naive.settle(product, settled, self.slot(1));
        }
    }

    async fn adjusted(&self, product: usize, wanted: Wanted) {
        let outcome = self.shop.adjust_at(self.products[product].0, wanted, self.now_us).await;
        outcome.unwrap_or_else(|error| panic!("{wanted:?}: {error:?}"));
    }

    async fn change_price(&mut self) {
        let product = self.dice.index(self.products.len());
        let price = self.dice.below(400_000);
        let (id, fields, version) = &mut self.products[product];
        let before = ProductBefore { version: *version, price_minor: fields.price_minor };
        (fields.price_minor, *version) = (price, *version + 1);
        let (id, fields, admin, now_us) = (*id, fields.clone(), self.shop.admin, self.now_us);
        let changed =
            self.shop.db.shop_write(&admin, "change price", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
                let edit = catalog::begin_edit(tx, admin.user, now_us).await?;
                catalog::update_product(tx, edit, id, before, &fields, Barcodes::Same).await
            });
        assert!(changed.await.expect("the price can change"));
        self.naive.shelves[product].price = price;
    }

    /// What was sent before gets its answer again; the same id with another content none.
    async fn repeat(&mut self) {
        let Some(sale) = self.any_sale() else { return };
        let (command, answer) = self.sales[sale].clone();
        let again = self.shop.sell(command.clone()).await.expect("it was answered before");
        assert_eq!((again.answer, again.differences.len()), (answer, 0));
        let mut other = command;
        other.sale.content_hash[0] ^= 1;
        assert!(matches!(self.shop.sell(other).await, Err(CompleteSaleError::Conflict)));
        if !self.refunds.is_empty() {
            let (command, answer) = self.refunds[self.dice.index(self.refunds.len())].clone();
            assert_eq!(self.send(command.clone()).await.expect("it was answered before"), answer);
            let other = TakeBackSale { content_hash: [9; 32], ..command };
            assert!(matches!(self.send(other).await, Err(TakeBackSaleError::Conflict)));
        }
    }

    /// What must be refused, and must leave nothing behind.
    async fn ask_for_nonsense(&mut self) {
        self.refused += 1;
        let wants = self.wants();
        let (mut content, _) = self.content(&wants, 0, 0);
        let at_till = self.dice.once_in(2);
        match self.dice.below(4) {
            0 => content.payments[0].amount = "987654321.01".into(),
            1 => content.lines[0].product_id = ProductId(self.shop.ids.next()),
            2 => content.payments[0].method_id = self.shop.transfer,
            _ => return self.take_back_too_much().await,
        }
        let outcome = self.shop.sell(self.command(&content, at_till, Occasion::Asking)).await;
        assert!(matches!(outcome, Err(CompleteSaleError::Refused(_))), "{outcome:?}");
    }

    async fn take_back_too_much(&mut self) {
        let Some(sale) = self.any_sale() else { return };
        let quantity_milli = self.naive.sales[sale].lines[0].quantity - self.naive.sales[sale].lines[0].back + 1;
        let line = ReturnedLine { position: 0, quantity_milli, restock: true };
        let outcome = self.send(self.refund(sale, TakeBack::Lines(vec![line]))).await;
        let refused = matches!(outcome, Err(TakeBackSaleError::Refused(TakeBackRefused::WrongQuantity { .. })));
        assert!(refused, "{outcome:?}");
    }

    async fn compare(&self, operation: usize) {
        let told = format!("after {operation} operations, seed {}", self.seed);
        let books = books::audited(&self.shop.db, &self.shop.admin).await;
        let ids: Vec<_> = self.products.iter().map(|(id, ..)| id.0).collect();
        for (id, shelf) in ids.iter().zip(&self.naive.shelves).filter(|(_, shelf)| shelf.tracked) {
            let stored = books.items.get(id).map_or((0, 0), |item| (item.on_hand, item.value));
            assert_eq!(stored, (shelf.quantity, shelf.value), "{told}: {shelf:?}");
        }
        let registers = [self.shop.till.0, self.shop.office.0];
        let hours = self.naive.hours.iter().map(|((date, hour, at), sums)| ((*date, *hour, registers[*at]), *sums));
        let whole = |hours: BTreeMap<_, HourSums>| -> BTreeMap<_, HourSums> {
            hours.into_iter().filter(|(_, sums)| *sums != [0; 15]).collect()
        };
        assert_eq!(whole(books.hours.clone()), whole(hours.collect()), "{told}");
        for (stored, divisor) in [(&books.days, 1), (&books.months, 100), (&books.years, 10_000)] {
            let mut sums: BTreeMap<_, ProductSums> = BTreeMap::new();
            for ((date, product), day) in &self.naive.days {
                add(sums.entry((date / divisor, ids[*product])).or_default(), *day);
            }
            assert_eq!(*stored, sums, "{told}");
        }
        let mut read = self.shop.db.shop(&self.shop.admin).await.expect("the database answers");
        let drawer = sessions::expected(&mut read, self.shop.session).await.expect("the session is there");
        assert_eq!(drawer, 5_000_000 + self.naive.drawer, "{told}");
        assert_eq!((books.sales.len(), books.refunds.len()), (self.sales.len(), self.refunds.len()), "{told}");
    }
}
