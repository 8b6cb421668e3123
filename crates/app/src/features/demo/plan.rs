//! Three months of a shop, decided before anything is written.
//!
//! Owns the rhythm: which weekday and hour sells how much, what is bought together,
//! when deliveries come. It is a function of the present instant alone, so that two
//! demonstrations of one minute are the same. It must not know the database.

use super::{
    chance::Chance,
    goods::{GOODS, Good},
};
use jiff::{
    Span, Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// Days of history, today included.
pub const DAYS: i64 = 90;
/// Sales of a plain day before weekday and season.
const SALES_A_DAY: i64 = 30;
/// Percent of a plain day, Monday first.
const WEEKDAY_PERCENT: [i64; 7] = [80, 85, 90, 95, 115, 145, 120];
/// Weight of the hours from 7 to 20: breakfast, lunch, and the way home.
const WORKDAY_HOURS: [i64; 14] = [9, 7, 4, 4, 5, 7, 6, 4, 4, 6, 9, 13, 12, 7];
const WEEKEND_HOURS: [i64; 14] = [4, 6, 8, 9, 10, 9, 7, 5, 5, 6, 8, 11, 9, 5];
const FIRST_HOUR: i64 = 7;
/// Sales of one line, two lines and so on, in percent.
const LINES: [i64; 6] = [32, 28, 18, 11, 7, 4];
/// One piece, two pieces and so on, in percent.
const PIECES: [i64; 6] = [62, 22, 8, 4, 2, 2];
/// Days at the end on which a product that runs out is not delivered any more.
const DAYS_WITHOUT_DELIVERY: i64 = 10;
/// Days at the end on which so much less of it is delivered.
const DAYS_OF_SMALL_DELIVERIES: i64 = 24;
const DELIVERY_WEEKDAYS: [i8; 2] = [1, 4];
const SECOND_US: i64 = 1_000_000;

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// With notes and coins.
    Cash,
    /// To the shop's account at a bank or wallet.
    Transfer(&'static str),
    /// At the terminal.
    Card,
}

/// A line of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// Its place in [`GOODS`].
    pub good: usize,
    /// Packs, in thousandths.
    pub packs_milli: i64,
    /// Units in a pack.
    pub pack_units: i64,
    /// Percent off.
    pub percent_off: i64,
}

/// A sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedSale {
    /// When; µs UTC.
    pub at_us: i64,
    /// Whether the owner stands at the till herself.
    pub by_admin: bool,
    /// Draws a registered customer, where there is one.
    pub customer: Option<usize>,
    /// What is bought.
    pub lines: Vec<PlannedLine>,
    /// How it is paid.
    pub pay: Pay,
}

/// Goods that a customer brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedReturn {
    /// When; µs UTC.
    pub at_us: i64,
    /// The day's sale, by its place.
    pub sale: usize,
    /// Why.
    pub reason: &'static str,
    /// The whole sale was a mistake; otherwise the first line comes back.
    pub void: bool,
}

/// Goods that arrive before the shop opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in [`GOODS`].
    pub good: usize,
    /// In thousandths.
    pub quantity_milli: i64,
    /// Pesos for a unit, before tax.
    pub unit_cost: i64,
}

/// Money that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedExpense {
    /// When; µs UTC.
    pub at_us: i64,
    /// What for.
    pub concept: &'static str,
    /// Its category.
    pub category: &'static str,
    /// Pesos.
    pub amount: i64,
    /// Whether the drawer pays it; otherwise the bank does.
    pub from_drawer: bool,
    /// Whether it was written down twice, and one of the two voided.
    pub twice: bool,
}

/// What a customer pays for having a sale brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedDelivery {
    /// When; µs UTC.
    pub at_us: i64,
    /// The day's sale, by its place.
    pub sale: usize,
    /// Pesos.
    pub amount: i64,
}

/// A day of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// When the goods arrive; µs UTC.
    pub delivers_us: i64,
    /// When the drawer is opened; µs UTC.
    pub opens_us: i64,
    /// When it is counted; not yet, today.
    pub closes_us: Option<i64>,
    /// What arrives.
    pub deliveries: Vec<Delivery>,
    /// What is sold, in time.
    pub sales: Vec<PlannedSale>,
    /// What comes back, in time.
    pub returns: Vec<PlannedReturn>,
    /// What is spent on anything but goods.
    pub expenses: Vec<PlannedExpense>,
    /// What is brought to somebody's door for money.
    pub brought: Vec<PlannedDelivery>,
    /// The date, as YYYYMMDD.
    pub date: i64,
    /// Pesos that the count finds above what should be there.
    pub surplus: i64,
}

/// The whole history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When the shop was set up; µs UTC.
    pub begins_us: i64,
    /// Every day, the last one being today.
    pub days: Vec<Day>,
    /// What is left of each good, in thousandths.
    pub left_milli: Vec<i64>,
}

/// Plans the days that end at `now_us`.
pub fn plan(now_us: i64) -> Plan {
    let mut planner = Planner {
        chance: Chance::new(20_261_124),
        now_us,
        on_hand_milli: GOODS.iter().map(|good| if good.tracked { good.full_milli() } else { 0 }).collect(),
    };
    let today = Timestamp::from_microsecond(now_us)
        .expect("the server's clock shows a year of four digits")
        .to_zoned_datetime(zone())
        .date();
    let days: Vec<Day> = (0..DAYS)
        .map(|index| (index, today - Span::new().days(DAYS - 1 - index)))
        .filter(|(_, date)| instant(*date, 6 * 3_600 + 45 * 60) < now_us)
        .map(|(index, date)| planner.day(index, date))
        .collect();
    Plan { begins_us: instant(today - Span::new().days(DAYS), 15 * 3_600), days, left_milli: planner.on_hand_milli }
}

fn zone() -> TimeZone {
    TimeZone::get("America/Bogota").expect("the program brings its own list of zones")
}

/// µs UTC of a second of a day in Colombia, which changes no clocks.
fn instant(date: Date, second: i64) -> i64 {
    let midnight = date.to_zoned_datetime(zone()).expect("the zone has this day's midnight");
    midnight.timestamp().as_microsecond() + second * SECOND_US
}

struct Planner {
    chance: Chance,
    now_us: i64,
    on_hand_milli: Vec<i64>,
}

impl Planner {
    fn day(&mut self, index: i64, date: Date) -> Day {
        let closes_us = instant(date, 21 * 3_600 + self.chance.between(2, 25) * 60);
        // The first day sells what the shop was set up with.
        let brings = index > 0 && DELIVERY_WEEKDAYS.contains(&date.weekday().to_monday_one_offset());
        let deliveries = if brings { self.deliveries(DAYS - 1 - index) } else { Vec::new() };
        let mut sales = Vec::new();
        for at_us in self.moments(index, date) {
            sales.extend(self.sale(date, at_us));
        }
        let returns = self.returns(&sales, closes_us);
        let closed = closes_us < self.now_us;
        Day {
            delivers_us: instant(date, 6 * 3_600 + 20 * 60),
            opens_us: instant(date, 6 * 3_600 + 45 * 60),
            closes_us: closed.then_some(closes_us),
            expenses: expenses(date, brings, self.now_us),
            brought: brought(&sales, self.now_us),
            date: i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()),
            deliveries,
            sales,
            returns,
            surplus: self.surplus(index),
        }
    }

    /// When customers come; today, those who came already.
    fn moments(&mut self, index: i64, date: Date) -> Vec<i64> {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        let payday = if matches!(date.day(), 15 | 16 | 30 | 1) { 120 } else { 100 };
        let growth = 90 + 20 * index / DAYS;
        let many = SALES_A_DAY * WEEKDAY_PERCENT[weekday] * payday * growth / 1_000_000;
        let many = many * self.chance.between(88, 112) / 100;
        let hours = if weekday >= 5 { WEEKEND_HOURS } else { WORKDAY_HOURS };
        let mut moments: Vec<i64> = (0..many)
            .map(|_| {
                let hour = i64::try_from(self.chance.pick(&hours)).expect("a day has few hours") + FIRST_HOUR;
                instant(date, hour * 3_600 + self.chance.below(3_600))
            })
            .collect();
        moments.sort_unstable();
        moments.retain(|at_us| *at_us < self.now_us);
        moments
    }

    fn deliveries(&mut self, days_left: i64) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (place, good) in GOODS.iter().enumerate().filter(|(_, good)| good.tracked) {
            let Some(full_milli) = delivered_up_to(good, days_left) else { continue };
            let lacking_milli = full_milli - self.on_hand_milli[place];
            if lacking_milli * 100 < full_milli * 45 {
                continue;
            }
            self.on_hand_milli[place] += lacking_milli;
            // Suppliers change their prices by a little, in whole ten pesos.
            let unit_cost = (good.cost * self.chance.between(985, 1_020) / 1_000 + 5) / 10 * 10;
            deliveries.push(Delivery { good: place, quantity_milli: lacking_milli, unit_cost });
        }
        deliveries
    }

    /// A sale of what is there; none where everything that was wanted is sold out.
    fn sale(&mut self, date: Date, at_us: i64) -> Option<PlannedSale> {
        let wanted = self.chance.pick(&LINES) + 1;
        let mut lines: Vec<PlannedLine> = Vec::new();
        for _ in 0..wanted {
            let good = self.choose(lines.is_empty());
            if lines.iter().all(|line| line.good != good) {
                lines.extend(self.line(good));
            }
        }
        let sunday = date.weekday().to_monday_zero_offset() == 6;
        let sale = PlannedSale {
            at_us,
            by_admin: self.chance.happens(if sunday { 60 } else { 18 }),
            customer: self.chance.happens(9).then(|| usize::try_from(self.chance.below(1 << 20)).unwrap_or(0)),
            lines,
            pay: self.pay(),
        };
        (!sale.lines.is_empty()).then_some(sale)
    }

    /// What somebody takes next. Services are only added to goods: a transaction
    /// that writes several sales takes its locks in the order of the first.
    fn choose(&mut self, first: bool) -> usize {
        let weights: Vec<i64> = GOODS.iter().map(|good| if first && !good.tracked { 0 } else { good.pull }).collect();
        self.chance.pick(&weights)
    }

    fn line(&mut self, place: usize) -> Option<PlannedLine> {
        let good = &GOODS[place];
        let (packs_milli, pack_units) = match good.case_units {
            _ if good.weighed => (self.chance.between(40, 320) * 5, 1),
            Some(units) if self.chance.happens(2) => (1_000, units),
            _ => {
                let pieces = i64::try_from(self.chance.pick(&PIECES) + 1).expect("a handful");
                (pieces * 1_000, 1)
            }
        };
        let percent_off = if self.chance.happens(2) { 10 } else { 0 };
        let units_milli = packs_milli * pack_units;
        if good.tracked {
            let floor_milli = good.sold_down_to.unwrap_or(0) * 1_000;
            if self.on_hand_milli[place] - units_milli < floor_milli {
                return None;
            }
            self.on_hand_milli[place] -= units_milli;
        }
        Some(PlannedLine { good: place, packs_milli, pack_units, percent_off })
    }

    fn pay(&mut self) -> Pay {
        match self.chance.pick(&[64, 14, 6, 5, 11]) {
            0 => Pay::Cash,
            1 => Pay::Transfer("Nequi"),
            2 => Pay::Transfer("Bancolombia"),
            3 => Pay::Transfer("Daviplata"),
            _ => Pay::Card,
        }
    }

    /// Now and then somebody comes back within the hour.
    fn returns(&mut self, sales: &[PlannedSale], closes_us: i64) -> Vec<PlannedReturn> {
        if sales.is_empty() || !self.chance.happens(11) {
            return Vec::new();
        }
        let many = i64::try_from(sales.len()).expect("a day has few sales");
        let sale = usize::try_from(self.chance.below(many)).expect("it is a place in the list");
        let at_us = sales[sale].at_us + self.chance.between(4, 55) * 60 * SECOND_US;
        let (reason, void) = match self.chance.below(4) {
            0 => ("Se cobró dos veces", true),
            1 => ("Salió vencido", false),
            2 => ("El cliente llevó el que no era", false),
            _ => ("Empaque roto", false),
        };
        if at_us >= closes_us.min(self.now_us) {
            return Vec::new();
        }
        let comes_back = if void { &sales[sale].lines[..] } else { &sales[sale].lines[..1] };
        for line in comes_back.iter().filter(|line| GOODS[line.good].tracked) {
            self.on_hand_milli[line.good] += line.packs_milli * line.pack_units;
        }
        vec![PlannedReturn { at_us, sale, reason, void }]
    }

    fn surplus(&mut self, index: i64) -> i64 {
        let found = match self.chance.below(12) {
            0 => -2_000,
            1 => 500,
            2 => -1_000,
            _ => 0,
        };
        // Yesterday something went wrong that is worth asking about.
        if index == DAYS - 2 { -12_000 } else { found }
    }
}

/// What the calendar asks for: rent, wages, bills, and small money out of the drawer.
fn expenses(date: Date, goods_come: bool, now_us: i64) -> Vec<PlannedExpense> {
    const BILLS: [(i8, &str, &str, i64); 6] = [
        (1, "Arriendo del local", "Arriendo", 650_000),
        (5, "Contador", "Servicios", 60_000),
        (10, "Luz y agua", "Servicios públicos", 142_300),
        (12, "Internet y teléfono", "Servicios públicos", 64_900),
        (15, "Turnos de Yuliana", "Nómina", 240_000),
        (28, "Turnos de Yuliana", "Nómina", 240_000),
    ];
    let expense = |hour: i64, (concept, category, amount): (&'static str, &'static str, i64), from_drawer: bool| {
        let at_us = instant(date, hour * 3_600 + 20 * 60);
        PlannedExpense { at_us, concept, category, amount, from_drawer, twice: false }
    };
    let bills = BILLS.iter().filter(|(day, ..)| *day == date.day());
    let mut expenses: Vec<PlannedExpense> = bills
        .map(|(_, concept, category, amount)| PlannedExpense {
            twice: *concept == "Internet y teléfono",
            ..expense(10, (concept, category, *amount), false)
        })
        .collect();
    if goods_come {
        expenses.push(expense(8, ("Transporte del pedido", "Transporte", 12_000), true));
    }
    if date.weekday() == Weekday::Saturday {
        expenses.push(expense(15, ("Bolsas y rollos de papel", "Aseo y empaques", 14_500), true));
    }
    expenses.retain(|expense| expense.at_us < now_us);
    expenses
}

/// Every nineteenth sale goes to somebody's door; nobody comes from the far side of town.
fn brought(sales: &[PlannedSale], now_us: i64) -> Vec<PlannedDelivery> {
    let places = (4..sales.len()).step_by(19);
    let deliveries = places.map(|sale| PlannedDelivery {
        at_us: sales[sale].at_us + 25 * 60 * SECOND_US,
        sale,
        amount: if sale % 2 == 0 { 3_000 } else { 4_000 },
    });
    deliveries.filter(|delivery| delivery.at_us < now_us).collect()
}

/// What the shelf holds after a delivery so many days before today; `None` where the
/// product does not come any more.
fn delivered_up_to(good: &Good, days_left: i64) -> Option<i64> {
    if good.sold_down_to.is_none() || days_left >= DAYS_OF_SMALL_DELIVERIES {
        return Some(good.full_milli());
    }
    (days_left >= DAYS_WITHOUT_DELIVERY).then(|| good.full_milli() / 3_000 * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24 20:40 in Bogotá, a Tuesday.
    const EVENING_US: i64 = 1_795_570_800_000_000;

    #[test]
    fn the_same_instant_gives_the_same_history() {
        assert_eq!(plan(EVENING_US), plan(EVENING_US));
    }

    #[test]
    fn nothing_is_planned_after_now() {
        for hours in 0..24 {
            let now_us = EVENING_US + hours * 3_600 * SECOND_US;
            for day in plan(now_us).days {
                assert!(day.opens_us < now_us, "{hours}");
                assert!(day.closes_us.is_none_or(|closes_us| closes_us < now_us), "{hours}");
                assert!(day.sales.iter().all(|sale| sale.at_us < now_us), "{hours}");
                assert!(day.returns.iter().all(|back| back.at_us < now_us), "{hours}");
                assert!(day.expenses.iter().all(|expense| expense.at_us < now_us), "{hours}");
                assert!(day.brought.iter().all(|delivery| delivery.at_us < now_us), "{hours}");
            }
        }
    }

    #[test]
    fn the_shelves_hold_what_people_ask_for() {
        let plan = plan(EVENING_US);
        let lines: usize = plan.days.iter().flat_map(|day| &day.sales).map(|sale| sale.lines.len()).sum();
        let sales: usize = plan.days.iter().map(|day| day.sales.len()).sum();
        let sold_out: Vec<&str> = GOODS
            .iter()
            .zip(&plan.left_milli)
            .filter(|(good, left_milli)| good.tracked && good.sold_down_to.is_none() && **left_milli < 1_000)
            .map(|(good, _)| good.name)
            .collect();
        assert_eq!(sold_out, Vec::<&str>::new());
        assert!(lines > sales * 2, "{lines} lines in {sales} sales");
    }

    #[test]
    fn the_shop_pays_its_rent_and_still_earns() {
        let plan = plan(EVENING_US);
        let spent: i64 = plan.days.iter().flat_map(|day| &day.expenses).map(|expense| expense.amount).sum();
        let gained: i64 = plan
            .days
            .iter()
            .flat_map(|day| &day.sales)
            .flat_map(|sale| &sale.lines)
            .map(|line| {
                let good = &GOODS[line.good];
                // Without the tax that is in the price, roughly.
                (good.price * 84 / 100 - good.cost) * line.packs_milli * line.pack_units / 1_000
            })
            .sum();
        assert!(spent > 3_000_000 && spent < gained, "{spent} of {gained}");
        assert!(plan.days.iter().any(|day| !day.brought.is_empty()));
        assert!(plan.days.iter().flat_map(|day| &day.expenses).any(|expense| expense.from_drawer));
    }

    #[test]
    fn stock_never_falls_below_where_its_sale_ends() {
        let plan = plan(EVENING_US);
        let mut on_hand: Vec<i64> = GOODS.iter().map(Good::full_milli).collect();
        for day in &plan.days {
            for delivery in &day.deliveries {
                on_hand[delivery.good] += delivery.quantity_milli;
            }
            for line in day.sales.iter().flat_map(|sale| &sale.lines).filter(|line| GOODS[line.good].tracked) {
                let good = &GOODS[line.good];
                on_hand[line.good] -= line.packs_milli * line.pack_units;
                assert!(on_hand[line.good] >= good.sold_down_to.unwrap_or(0) * 1_000, "{}", good.name);
            }
            for back in &day.returns {
                let lines = &day.sales[back.sale].lines;
                for line in if back.void { &lines[..] } else { &lines[..1] } {
                    on_hand[line.good] += line.packs_milli * line.pack_units;
                }
            }
        }
    }

    #[test]
    fn some_products_are_running_out_on_whatever_day_it_is() {
        for days in 0..14 {
            let plan = plan(EVENING_US + days * 24 * 3_600 * SECOND_US);
            let short: Vec<&str> = GOODS
                .iter()
                .zip(&plan.left_milli)
                .filter(|(good, left_milli)| good.tracked && **left_milli < good.minimum_milli())
                .map(|(good, _)| good.name)
                .collect();
            for good in GOODS.iter().filter(|good| good.sold_down_to.is_some()) {
                assert!(short.contains(&good.name), "{} is not among {short:?}", good.name);
            }
            assert!(short.len() < 15, "{short:?}");
        }
    }

    #[test]
    fn saturdays_sell_more_than_mondays_and_evenings_more_than_afternoons() {
        let plan = plan(EVENING_US);
        let of_weekday = |weekday: i8| -> usize {
            let days =
                plan.days.iter().filter(|day| local(day.opens_us).date().weekday().to_monday_zero_offset() == weekday);
            days.map(|day| day.sales.len()).sum()
        };
        let of_hour = |hour: i8| {
            let sales = plan.days.iter().flat_map(|day| &day.sales);
            sales.filter(|sale| local(sale.at_us).hour() == hour).count()
        };
        assert!(of_weekday(5) > of_weekday(0) * 14 / 10);
        assert!(of_hour(18) > of_hour(14) * 14 / 10);
    }

    fn local(at_us: i64) -> jiff::ZonedDateTime {
        Timestamp::from_microsecond(at_us).unwrap().to_zoned_datetime(zone())
    }

    #[test]
    fn sixty_products_of_every_tax_have_codes_that_no_scale_prints() {
        assert!(GOODS.len() >= 60);
        let codes: Vec<String> =
            GOODS.iter().enumerate().flat_map(|(place, good)| good.barcodes(place)).map(|code| code.code).collect();
        let distinct: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
        for code in &codes {
            let digits: Vec<u32> = code.bytes().map(|digit| u32::from(digit - b'0')).collect();
            let sum: u32 = digits.iter().enumerate().map(|(at, digit)| digit * if at % 2 == 0 { 1 } else { 3 }).sum();
            assert_eq!((digits.len(), sum % 10), (13, 0), "{code}");
            assert!(code.starts_with('2') && !code.starts_with(crate::features::settings::country::SCALE_PREFIX));
        }
        for iva in [
            super::super::goods::Iva::General,
            super::super::goods::Iva::Reduced,
            super::super::goods::Iva::Exempt,
            super::super::goods::Iva::Excluded,
        ] {
            assert!(GOODS.iter().any(|good| good.iva == iva), "{iva:?}");
        }
    }
}
