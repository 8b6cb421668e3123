//! A shop's books, read row by row and held against themselves.
//!
//! Nothing here trusts a stored sum: chains are hashed again, and every total is
//! added up from the documents in this process, not in SQL.

use crate::{actor::Actor, features::stock::ledger::MovementFacts};
use db::{Db, DbError, ShopRead, params};
use domain::chain::CHAIN_START;
use std::collections::BTreeMap;
use uuid::Uuid;

db::statements! {
    scan ITEMS = "test.items",
        "SELECT location_id, product_id, on_hand_milli, value_minor, last_number, last_hash
         FROM stock_item
         WHERE shop_id = $1";
    scan MOVEMENTS = "test.movements",
        "SELECT location_id, product_id, number, kind, quantity_milli, value_minor, on_hand_before_milli,
                value_before_minor, on_hand_after_milli, value_after_minor, document_kind, document_id, document_line,
                person_id, effective_date, recorded_at, hash
         FROM stock_movement
         WHERE shop_id = $1
         ORDER BY location_id, product_id, number";
    scan SALES = "test.sales",
        "SELECT id, register_id, session_id, prefix, number, gross_minor, discount_minor, base_minor, tax_minor,
                total_minor, cash_rounding_minor, cost_minor, unknown_cost_lines, line_count, business_date, hour
         FROM sale
         WHERE shop_id = $1";
    scan LINES = "test.lines",
        "SELECT sale_id, position, product_id, quantity_milli, pack_milli, base_minor, total_minor, cost_minor
         FROM sale_line
         WHERE shop_id = $1";
    scan PAYMENTS = "test.payments",
        "SELECT payment.sale_id, payment_method.kind, payment.amount_minor
         FROM payment
         JOIN payment_method ON payment_method.shop_id = payment.shop_id AND payment_method.id = payment.method_id
         WHERE payment.shop_id = $1";
    scan REFUNDS = "test.refunds",
        "SELECT id, register_id, session_id, sale_id, number, base_minor, tax_minor, total_minor, cash_rounding_minor,
                cost_minor, business_date, hour
         FROM refund
         WHERE shop_id = $1";
    scan REFUND_LINES = "test.refund_lines",
        "SELECT refund_id, sale_id, sale_position, product_id, quantity_milli, pack_milli, base_minor, total_minor,
                cost_minor
         FROM refund_line
         WHERE shop_id = $1
         ORDER BY sale_id, sale_position, refund_id";
    scan REFUND_PAYMENTS = "test.refund_payments",
        "SELECT refund_payment.refund_id, payment_method.kind, refund_payment.amount_minor
         FROM refund_payment
         JOIN payment_method ON payment_method.shop_id = refund_payment.shop_id
                            AND payment_method.id = refund_payment.method_id
         WHERE refund_payment.shop_id = $1";
    scan ENTRIES = "test.entries",
        "SELECT session_id, document_id, amount_minor
         FROM cash_entry
         WHERE shop_id = $1";
    scan HOURS = "test.hours",
        "SELECT business_date, hour, register_id, sale_count, line_count, sale_base_minor, sale_tax_minor,
                sale_total_minor, sale_cost_minor, discount_minor, cash_rounding_minor, refund_count,
                refund_base_minor, refund_tax_minor, refund_total_minor, refund_cost_minor, known_cost_base_minor,
                unknown_cost_lines
         FROM sales_hour
         WHERE shop_id = $1";
    scan DAYS = "test.days",
        "SELECT business_date, product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_day
         WHERE shop_id = $1";
    scan MONTHS = "test.months",
        "SELECT month, product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_month
         WHERE shop_id = $1";
    scan YEARS = "test.years",
        "SELECT year, product_id, quantity_milli, total_minor, base_minor, cost_minor, known_cost_base_minor
         FROM product_year
         WHERE shop_id = $1";
    scan COUNTERS = "test.counters",
        "SELECT part, value
         FROM row_counter
         WHERE shop_id = $1 AND name = 'sales'";
}

/// Sums of an hour, in the order of the columns of `sales_hour`.
pub type HourSums = [i64; 15];
/// Sums of a product: units, total, base, cost, base of known cost.
pub type ProductSums = [i64; 5];

/// A sale's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    pub register: Uuid,
    pub session: Option<Uuid>,
    pub series: (String, i64),
    pub gross: i64,
    pub discount: i64,
    pub base: i64,
    pub tax: i64,
    pub total: i64,
    pub rounding: i64,
    pub cost: i64,
    pub unknown: i64,
    pub line_count: i64,
    pub slot: (i64, i64),
    pub lines: Vec<Line>,
    /// Kind of money and amount.
    pub paid: Vec<(String, i64)>,
}

/// A line of a sale or refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub product: Uuid,
    pub quantity: i64,
    pub pack: i64,
    pub base: i64,
    pub total: i64,
    pub cost: Option<i64>,
    /// The sale's line that a refund's line takes back.
    pub of: Option<(Uuid, i64)>,
}

/// A refund or a void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    pub register: Uuid,
    pub session: Option<Uuid>,
    pub sale: Uuid,
    pub number: i64,
    pub base: i64,
    pub tax: i64,
    pub total: i64,
    pub rounding: i64,
    pub cost: i64,
    pub slot: (i64, i64),
    pub lines: Vec<Line>,
    pub paid: Vec<(String, i64)>,
}

/// A stock item as its row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub on_hand: i64,
    pub value: i64,
    pub number: i64,
    pub hash: [u8; 32],
}

/// One movement, with what its hash is made of already held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub product: Uuid,
    pub kind: String,
    pub quantity: i64,
    pub value: i64,
    pub document: Uuid,
    pub date: i64,
}

/// Everything of one shop.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub items: BTreeMap<Uuid, Item>,
    pub movements: Vec<Movement>,
    pub sales: BTreeMap<Uuid, Sale>,
    pub refunds: BTreeMap<Uuid, Refund>,
    /// Session, document, amount.
    pub entries: Vec<(Uuid, Uuid, i64)>,
    pub hours: BTreeMap<(i64, i64, Uuid), HourSums>,
    pub days: BTreeMap<(i64, Uuid), ProductSums>,
    pub months: BTreeMap<(i64, Uuid), ProductSums>,
    pub years: BTreeMap<(i64, Uuid), ProductSums>,
    pub counters: BTreeMap<Uuid, i64>,
}

/// Reads a shop's books as of one moment and holds them against themselves.
pub async fn audited(db: &Db, actor: &Actor) -> Books {
    let books = read(db, actor).await.expect("the books can be read");
    books.hold();
    books
}

/// Reads a shop's books as of one moment.
pub async fn read(db: &Db, actor: &Actor) -> Result<Books, DbError> {
    read_all(&mut db.snapshot(actor).await?, actor.shop.0).await
}

async fn read_all(read: &mut ShopRead, shop: Uuid) -> Result<Books, DbError> {
    let mut books = Books::default();
    read_stock(read, shop, &mut books).await?;
    read_sales(read, &mut books).await?;
    read_refunds(read, &mut books).await?;
    for mut row in read.rows(&ENTRIES, params![]).await? {
        books.entries.push((row.take()?, row.take()?, row.take()?));
    }
    for mut row in read.rows(&HOURS, params![]).await? {
        let key = (row.take()?, row.take()?, row.take()?);
        let mut sums = [0; 15];
        for sum in &mut sums {
            *sum = row.take()?;
        }
        books.hours.insert(key, sums);
    }
    books.days = product_sums(read, &DAYS).await?;
    books.months = product_sums(read, &MONTHS).await?;
    books.years = product_sums(read, &YEARS).await?;
    for mut row in read.rows(&COUNTERS, params![]).await? {
        books.counters.insert(row.take()?, row.take()?);
    }
    Ok(books)
}

async fn product_sums(
    read: &mut ShopRead,
    statement: &'static db::Statement,
) -> Result<BTreeMap<(i64, Uuid), ProductSums>, DbError> {
    let mut sums = BTreeMap::new();
    for mut row in read.rows(statement, params![]).await? {
        let key = (row.take()?, row.take()?);
        sums.insert(key, [row.take()?, row.take()?, row.take()?, row.take()?, row.take()?]);
    }
    Ok(sums)
}

/// Reads items and movements, and hashes every chain again.
async fn read_stock(read: &mut ShopRead, shop: Uuid, books: &mut Books) -> Result<(), DbError> {
    for mut row in read.rows(&ITEMS, params![]).await? {
        let _location: Uuid = row.take()?;
        let product = row.take()?;
        let item = Item { on_hand: row.take()?, value: row.take()?, number: row.take()?, hash: row.take()? };
        assert!(books.items.insert(product, item).is_none(), "these shops have one location");
    }
    let mut heads: BTreeMap<Uuid, Item> = BTreeMap::new();
    for mut row in read.rows(&MOVEMENTS, params![]).await? {
        let (location, product): (Uuid, Uuid) = (row.take()?, row.take()?);
        let (number, kind): (i64, String) = (row.take()?, row.take()?);
        let (quantity, value): (i64, i64) = (row.take()?, row.take()?);
        let before: (i64, i64) = (row.take()?, row.take()?);
        let after: (i64, i64) = (row.take()?, row.take()?);
        let (document_kind, document): (String, Uuid) = (row.take()?, row.take()?);
        let (document_line, person, date): (i64, Uuid, i64) = (row.take()?, row.take()?, row.take()?);
        let (recorded_at, hash): (i64, [u8; 32]) = (row.take()?, row.take()?);
        let head = heads.entry(product).or_insert(Item { on_hand: 0, value: 0, number: 0, hash: CHAIN_START });
        let facts = MovementFacts {
            shop,
            location,
            product,
            number,
            kind: &kind,
            quantity_milli: quantity,
            value_minor: value,
            on_hand_after_milli: after.0,
            value_after_minor: after.1,
            document_kind: &document_kind,
            document_id: document,
            document_line,
            person,
            effective_date: date,
            recorded_at,
        };
        assert_eq!(number, head.number + 1, "no movement of {product} is missing");
        assert_eq!(before, (head.on_hand, head.value), "movement {number} of {product} goes on where the last ended");
        assert_eq!(after, (before.0 + quantity, before.1 + value), "movement {number} of {product} adds up");
        assert_eq!(hash, facts.hash(&head.hash), "the chain of {product} breaks at {number}");
        *head = Item { on_hand: after.0, value: after.1, number, hash };
        books.movements.push(Movement { product, kind, quantity, value, document, date });
    }
    for (product, item) in &books.items {
        let head = heads.remove(product).unwrap_or(Item { on_hand: 0, value: 0, number: 0, hash: CHAIN_START });
        assert_eq!(*item, head, "{product} stands where its last movement left it");
    }
    assert!(heads.is_empty(), "movements without an item: {heads:?}");
    Ok(())
}

async fn read_sales(read: &mut ShopRead, books: &mut Books) -> Result<(), DbError> {
    for mut row in read.rows(&SALES, params![]).await? {
        let id: Uuid = row.take()?;
        let sale = Sale {
            register: row.take()?,
            session: row.take()?,
            series: (row.take()?, row.take()?),
            gross: row.take()?,
            discount: row.take()?,
            base: row.take()?,
            tax: row.take()?,
            total: row.take()?,
            rounding: row.take()?,
            cost: row.take()?,
            unknown: row.take()?,
            line_count: row.take()?,
            slot: (row.take()?, row.take()?),
            lines: Vec::new(),
            paid: Vec::new(),
        };
        books.sales.insert(id, sale);
    }
    for mut row in read.rows(&LINES, params![]).await? {
        let (sale, _position): (Uuid, i64) = (row.take()?, row.take()?);
        let line = Line {
            product: row.take()?,
            quantity: row.take()?,
            pack: row.take()?,
            base: row.take()?,
            total: row.take()?,
            cost: row.take()?,
            of: None,
        };
        books.sales.get_mut(&sale).expect("a line has its sale").lines.push(line);
    }
    for mut row in read.rows(&PAYMENTS, params![]).await? {
        let sale: Uuid = row.take()?;
        let paid = (row.take()?, row.take()?);
        books.sales.get_mut(&sale).expect("a payment has its sale").paid.push(paid);
    }
    Ok(())
}

async fn read_refunds(read: &mut ShopRead, books: &mut Books) -> Result<(), DbError> {
    for mut row in read.rows(&REFUNDS, params![]).await? {
        let id: Uuid = row.take()?;
        let refund = Refund {
            register: row.take()?,
            session: row.take()?,
            sale: row.take()?,
            number: row.take()?,
            base: row.take()?,
            tax: row.take()?,
            total: row.take()?,
            rounding: row.take()?,
            cost: row.take()?,
            slot: (row.take()?, row.take()?),
            lines: Vec::new(),
            paid: Vec::new(),
        };
        books.refunds.insert(id, refund);
    }
    for mut row in read.rows(&REFUND_LINES, params![]).await? {
        let refund: Uuid = row.take()?;
        let of = Some((row.take()?, row.take()?));
        let line = Line {
            product: row.take()?,
            quantity: row.take()?,
            pack: row.take()?,
            base: row.take()?,
            total: row.take()?,
            cost: row.take()?,
            of,
        };
        books.refunds.get_mut(&refund).expect("a line has its refund").lines.push(line);
    }
    for mut row in read.rows(&REFUND_PAYMENTS, params![]).await? {
        let refund: Uuid = row.take()?;
        let paid = (row.take()?, row.take()?);
        books.refunds.get_mut(&refund).expect("a payment has its refund").paid.push(paid);
    }
    Ok(())
}

fn cash_of(paid: &[(String, i64)]) -> i64 {
    paid.iter().filter(|(kind, _)| kind == "cash").map(|(_, amount)| amount).sum()
}

impl Books {
    /// Every sum is the sum of what it sums up.
    pub fn hold(&self) {
        for (product, item) in &self.items {
            let sign_fits = match item.on_hand.signum() {
                0 => item.value == 0,
                1 => item.value >= 0,
                _ => item.value <= 0,
            };
            assert!(sign_fits, "{product}: {item:?}");
        }
        self.documents_hold();
        self.refunds_stay_within_their_sales();
        self.cash_holds();
        self.totals_hold();
    }

    fn documents_hold(&self) {
        let all_moved = self.moved();
        let moved = |document: &Uuid| all_moved.get(document).copied().unwrap_or_default();
        let mut numbers: BTreeMap<(&str, i64), Uuid> = BTreeMap::new();
        let mut counted: BTreeMap<Uuid, i64> = BTreeMap::new();
        for (id, sale) in &self.sales {
            let sum = |part: fn(&Line) -> i64| sale.lines.iter().map(part).sum::<i64>();
            assert_eq!(sale.line_count, i64::try_from(sale.lines.len()).expect("few lines"), "{id}: a whole sale");
            assert_eq!((sum(|line| line.total), sum(|line| line.base)), (sale.total, sale.base), "{id}");
            assert_eq!(sum(|line| line.cost.unwrap_or(0)), sale.cost, "{id}");
            assert_eq!(sale.paid.iter().map(|(_, amount)| amount).sum::<i64>(), sale.total + sale.rounding, "{id}");
            let goods = |line: &&Line| self.items.contains_key(&line.product);
            let left: i64 = sale.lines.iter().filter(goods).map(|line| line.sums()[0]).sum();
            let cost: i64 = sale.lines.iter().filter(goods).map(|line| line.cost.unwrap_or(0)).sum();
            assert_eq!(moved(id), [-left, -cost, 0], "{id}: what it sold left the stock at what it cost");
            let twice = numbers.insert((&sale.series.0, sale.series.1), *id);
            assert_eq!(twice, None, "{:?} was given twice", sale.series);
            *counted.entry(sale.register).or_default() += 1;
        }
        for (id, refund) in &self.refunds {
            let sum = |part: fn(&Line) -> i64| refund.lines.iter().map(part).sum::<i64>();
            assert_eq!((sum(|line| line.total), sum(|line| line.base)), (refund.total, refund.base), "{id}");
            assert_eq!(sum(|line| line.cost.unwrap_or(0)), refund.cost, "{id}");
            assert_eq!(
                refund.paid.iter().map(|(_, amount)| amount).sum::<i64>(),
                refund.total + refund.rounding,
                "{id}"
            );
            let goods = |line: &&Line| self.items.contains_key(&line.product);
            let cost: i64 = refund.lines.iter().filter(goods).map(|line| line.cost.unwrap_or(0)).sum();
            assert_eq!(moved(id)[1], cost, "{id}: what came back is worth what it cost");
        }
        assert_eq!(counted, self.counters, "the list's counter counts the sales of each register");
    }

    /// What each document moved: quantity, value, and the cost of the variances it settled.
    fn moved(&self) -> BTreeMap<Uuid, [i64; 3]> {
        let mut sums: BTreeMap<Uuid, [i64; 3]> = BTreeMap::new();
        for moved in &self.movements {
            let row =
                if moved.kind == "cost_variance" { [0, 0, -moved.value] } else { [moved.quantity, moved.value, 0] };
            add(sums.entry(moved.document).or_default(), row);
        }
        sums
    }

    fn refunds_stay_within_their_sales(&self) {
        let mut back: BTreeMap<(Uuid, i64), [i64; 3]> = BTreeMap::new();
        let mut money: BTreeMap<(Uuid, &str), i64> = BTreeMap::new();
        for refund in self.refunds.values() {
            for line in &refund.lines {
                let sums = back.entry(line.of.expect("made from a sale")).or_default();
                for (sum, part) in sums.iter_mut().zip([line.quantity, line.total, line.base]) {
                    *sum += part;
                }
            }
            for (kind, amount) in &refund.paid {
                *money.entry((refund.sale, kind)).or_default() += amount;
            }
        }
        for ((sale, position), [quantity, total, base]) in back {
            let sold = &self.sales[&sale].lines[usize::try_from(position).expect("counted from 0")];
            assert!(quantity <= sold.quantity, "{sale}/{position}: more came back than was sold");
            if quantity == sold.quantity {
                assert_eq!((total, base), (sold.total, sold.base), "{sale}/{position} came back whole");
            }
        }
        for ((sale, kind), amount) in money {
            let brought: i64 =
                self.sales[&sale].paid.iter().filter(|(by, _)| by == kind).map(|(_, amount)| amount).sum();
            assert!((0..=brought).contains(&amount), "{sale}: {amount} went back by {kind}, which brought {brought}");
        }
    }

    fn cash_holds(&self) {
        let mut wanted: Vec<(Uuid, Uuid, i64)> = Vec::new();
        for (id, sale) in &self.sales {
            wanted.extend(sale.session.map(|session| (session, *id, cash_of(&sale.paid))));
        }
        for (id, refund) in &self.refunds {
            wanted.extend(refund.session.map(|session| (session, *id, -cash_of(&refund.paid))));
        }
        wanted.retain(|(_, _, amount)| *amount != 0);
        wanted.sort_unstable();
        let mut entries = self.entries.clone();
        entries.sort_unstable();
        assert_eq!(entries, wanted, "the drawer's entries are the cash of its documents");
    }

    fn totals_hold(&self) {
        let mut hours: BTreeMap<(i64, i64, Uuid), HourSums> = BTreeMap::new();
        let mut days: BTreeMap<(i64, Uuid), ProductSums> = BTreeMap::new();
        let all_moved = self.moved();
        for sale in self.sales.values() {
            let known: i64 = sale.lines.iter().filter(|line| line.cost.is_some()).map(|line| line.base).sum();
            let row = [
                1, sale.line_count, sale.base, sale.tax, sale.total, sale.cost, sale.discount, sale.rounding, 0, 0, 0,
                0, 0, known, sale.unknown,
            ];
            add(hours.entry((sale.slot.0, sale.slot.1, sale.register)).or_default(), row);
            for line in &sale.lines {
                add(days.entry((sale.slot.0, line.product)).or_default(), line.sums());
            }
        }
        for (id, refund) in &self.refunds {
            let known: i64 = refund.lines.iter().filter(|line| line.cost.is_some()).map(|line| line.base).sum();
            let variance = all_moved.get(id).map_or(0, |moved| moved[2]);
            let row = [
                0, 0, 0, 0, 0, variance, 0, -refund.rounding, 1, refund.base, refund.tax, refund.total, refund.cost,
                -known, 0,
            ];
            add(hours.entry((refund.slot.0, refund.slot.1, refund.register)).or_default(), row);
            for line in &refund.lines {
                add(days.entry((refund.slot.0, line.product)).or_default(), line.sums().map(|sum| -sum));
            }
        }
        for moved in self.movements.iter().filter(|moved| moved.kind == "cost_variance") {
            add(days.entry((moved.date, moved.product)).or_default(), [0, 0, 0, -moved.value, 0]);
        }
        self.hours_are(hours);
        let by = |divisor: i64| {
            let mut sums: BTreeMap<(i64, Uuid), ProductSums> = BTreeMap::new();
            for ((date, product), day) in &days {
                add(sums.entry((date / divisor, *product)).or_default(), *day);
            }
            sums
        };
        assert_eq!(self.days, by(1));
        assert_eq!(self.months, by(100));
        assert_eq!(self.years, by(10_000));
    }

    /// An adjustment's variance goes to an hour that no document names, so the cost
    /// of all hours is compared as one sum and everything else row by row.
    fn hours_are(&self, mut wanted: BTreeMap<(i64, i64, Uuid), HourSums>) {
        const COST: usize = 5;
        let of_documents = |moved: &&Movement| self.refunds.contains_key(&moved.document);
        let adjusted: i64 = self
            .movements
            .iter()
            .filter(|moved| moved.kind == "cost_variance" && !of_documents(moved))
            .map(|moved| -moved.value)
            .sum();
        let costs = |hours: &BTreeMap<_, HourSums>| hours.values().map(|hour| hour[COST]).sum::<i64>();
        assert_eq!(costs(&self.hours), costs(&wanted) + adjusted, "the cost of all hours");
        let mut stored = self.hours.clone();
        for hours in [&mut stored, &mut wanted] {
            hours.values_mut().for_each(|hour| hour[COST] = 0);
            hours.retain(|_, hour| hour.iter().any(|sum| *sum != 0));
        }
        assert_eq!(stored, wanted);
    }
}

impl Line {
    fn sums(&self) -> ProductSums {
        let units = round(i128::from(self.quantity) * i128::from(self.pack), 1_000);
        [units, self.total, self.base, self.cost.unwrap_or(0), if self.cost.is_some() { self.base } else { 0 }]
    }
}

/// `numerator / denominator`, to the nearest, the half away from zero; written as
/// the definition reads, and not as the engine does it.
pub fn round(numerator: i128, denominator: i128) -> i64 {
    let twice = 2 * numerator.abs() + denominator;
    i64::try_from(numerator.signum() * (twice / (2 * denominator))).expect("small enough for a test")
}

/// Adds a row to sums, column by column.
pub fn add<const N: usize>(sums: &mut [i64; N], row: [i64; N]) {
    for (sum, part) in sums.iter_mut().zip(row) {
        *sum += part;
    }
}
