//! A shop kept with pencil and paper: the rules of `money.md` written down a second
//! time, as plainly as they read, by themselves.
//!
//! It must share no rule with the program: roundings are its own fractions, the
//! calendar is its own, and it knows no movements, chains or documents' rows.

use super::books::{HourSums, ProductSums, round};
use std::collections::BTreeMap;

/// What cash is rounded to, to the nearest, the half up.
pub const CASH_STEP: i64 = 5_000;

/// A product on the shelf.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub price: i64,
    pub pack_price: Option<(i64, i64)>,
    /// Parts per million; `None` is excluded.
    pub rate: Option<i64>,
    pub tracked: bool,
    pub blocks: bool,
    pub fractions: bool,
    pub purchase_price: Option<i64>,
    pub quantity: i64,
    pub value: i64,
    pub last: Option<(i64, i64)>,
}

/// A line as it is asked for.
#[derive(Clone, Debug)]
pub struct Want {
    pub product: usize,
    pub quantity: i64,
    pub pack: i64,
    pub price: Option<i64>,
    pub percent: i64,
}

/// A line as it was sold.
#[derive(Clone, Debug)]
pub struct SoldLine {
    pub product: usize,
    pub quantity: i64,
    pub pack: i64,
    pub discount: i64,
    pub total: i64,
    pub base: i64,
    pub cost: Option<i64>,
    pub back: i64,
}

/// A sale, and what came back of it.
#[derive(Clone, Debug)]
pub struct Sold {
    pub lines: Vec<SoldLine>,
    pub total: i64,
    pub transfer: i64,
    pub refunded: i64,
    pub transfer_back: i64,
}

/// Where and when a document counts.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub date: i64,
    pub hour: i64,
    /// 0 the till, 1 the office.
    pub register: usize,
}

/// The whole shop.
#[derive(Clone, Debug, Default)]
pub struct Naive {
    pub shelves: Vec<Shelf>,
    pub sales: Vec<Sold>,
    pub drawer: i64,
    pub hours: BTreeMap<(i64, i64, usize), HourSums>,
    pub days: BTreeMap<(i64, usize), ProductSums>,
}

/// The day and hour of an instant in Bogotá, five hours behind UTC all year; days to
/// dates after H. Hinnant, "chrono-compatible low-level date algorithms".
pub fn slot(at_us: i64, register: usize) -> Slot {
    let hours = (at_us / 1_000_000 - 5 * 3_600).div_euclid(3_600);
    let days = hours.div_euclid(24) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Slot { date: year * 10_000 + month * 100 + day, hour: hours.rem_euclid(24), register }
}

/// A cash amount in coins that exist.
pub fn in_coins(amount: i64) -> i64 {
    round(i128::from(amount), i128::from(CASH_STEP)) * CASH_STEP
}

fn part(whole: i64, of: i64, all: i64) -> i64 {
    round(i128::from(whole) * i128::from(of), i128::from(all))
}

/// An amount shared by weight: whole parts first, then one each to the largest
/// remainders, the earlier first.
fn share(amount: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<i128> = weights.iter().map(|weight| i128::from(amount) * i128::from(*weight)).collect();
    let mut shares: Vec<i64> = exact.iter().map(|product| i64::try_from(product / all).expect("a part")).collect();
    let mut missing = amount - shares.iter().sum::<i64>();
    while missing > 0 {
        let given = |at: usize| i128::from(shares[at]) * all > exact[at];
        let most =
            (0..weights.len()).filter(|at| !given(*at)).max_by_key(|at| (exact[*at] % all, std::cmp::Reverse(*at)));
        shares[most.expect("somebody has a remainder")] += 1;
        missing -= 1;
    }
    shares
}

impl Shelf {
    fn shelf_price(&self, want: &Want) -> i64 {
        let own = self.pack_price.filter(|(pack, _)| *pack == want.pack).map(|(_, price)| price);
        let listed = own.unwrap_or_else(|| part(self.price, want.pack, 1_000));
        part(want.price.unwrap_or(listed), 1_000_000 + self.rate.unwrap_or(0), 1_000_000)
    }

    /// Takes goods out; what they cost.
    pub fn take(&mut self, quantity: i64) -> i64 {
        let here = quantity.min(self.quantity.max(0));
        let mut cost = if here == 0 { 0 } else { part(self.value, here, self.quantity) };
        if let Some((value, of)) = self.last {
            cost += part(value, quantity - here, of);
        }
        self.quantity -= quantity;
        self.value -= cost;
        cost
    }

    /// Puts goods in; what that adds to the cost of goods sold before.
    pub fn put(&mut self, quantity: i64, value: i64) -> i64 {
        let mut settled = 0;
        if self.quantity < 0 {
            let (missing, guessed) = (-self.quantity, -self.value);
            settled = if quantity >= missing {
                part(value, missing, quantity) - guessed
            } else {
                value - part(guessed, quantity, missing)
            };
        }
        self.quantity += quantity;
        self.value += value - settled;
        if self.quantity > 0 {
            self.last = Some((self.value, self.quantity));
        }
        settled
    }

    /// What goods are worth that turn up without a price.
    pub fn worth(&self, quantity: i64) -> i64 {
        match (self.quantity > 0, self.last) {
            (true, _) => part(self.value, quantity, self.quantity),
            (false, Some((value, of))) => part(value, quantity, of),
            (false, None) => part(self.purchase_price.unwrap_or(0), quantity, 1_000),
        }
    }
}

impl Naive {
    /// What the lines come to: discount, total and base of each.
    pub fn priced(&self, wants: &[Want], percent: i64) -> Vec<(i64, i64, i64)> {
        let gross: Vec<i64> =
            wants.iter().map(|want| part(self.shelves[want.product].shelf_price(want), want.quantity, 1_000)).collect();
        let own: Vec<i64> = wants.iter().zip(&gross).map(|(want, gross)| part(*gross, want.percent, 100)).collect();
        let net: Vec<i64> = gross.iter().zip(&own).map(|(gross, own)| gross - own).collect();
        let whole = share(part(net.iter().sum(), percent, 100), &net);
        let total: Vec<i64> = net.iter().zip(&whole).map(|(net, off)| net - off).collect();
        let mut base = vec![0; wants.len()];
        let rates: Vec<Option<i64>> = wants.iter().map(|want| self.shelves[want.product].rate).collect();
        for rate in rates.iter().collect::<std::collections::BTreeSet<_>>() {
            let group: Vec<usize> = (0..wants.len()).filter(|at| rates[*at] == *rate).collect();
            let totals: Vec<i64> = group.iter().map(|at| total[*at]).collect();
            let group_base = part(totals.iter().sum(), 1_000_000, 1_000_000 + rate.unwrap_or(0));
            for (at, share) in group.iter().zip(share(group_base, &totals)) {
                base[*at] = share;
            }
        }
        (0..wants.len()).map(|at| (own[at] + whole[at], total[at], base[at])).collect()
    }

    /// Whether every product that must not run short has enough.
    pub fn has(&self, wants: &[Want]) -> bool {
        let mut needed: BTreeMap<usize, i64> = BTreeMap::new();
        for want in wants {
            *needed.entry(want.product).or_default() += part(want.quantity, want.pack, 1_000);
        }
        needed.iter().all(|(product, needed)| {
            let shelf = &self.shelves[*product];
            !shelf.tracked || !shelf.blocks || shelf.quantity >= *needed
        })
    }

    /// Writes a sale down; its cash is what the coins make of the rest.
    pub fn sell(&mut self, wants: &[Want], percent: i64, transfer: i64, slot: Slot) {
        let priced = self.priced(wants, percent);
        let mut lines = Vec::new();
        for (want, (discount, total, base)) in wants.iter().zip(priced) {
            let units = part(want.quantity, want.pack, 1_000);
            let shelf = &mut self.shelves[want.product];
            let cost = if shelf.tracked {
                Some(shelf.take(units))
            } else {
                shelf.purchase_price.map(|price| part(price, units, 1_000))
            };
            let known = if cost.is_some() { base } else { 0 };
            self.count_product(slot.date, want.product, [units, total, base, cost.unwrap_or(0), known]);
            lines.push(SoldLine {
                product: want.product,
                quantity: want.quantity,
                pack: want.pack,
                discount,
                total,
                base,
                cost,
                back: 0,
            });
        }
        let sum = |of: fn(&SoldLine) -> i64| lines.iter().map(of).sum::<i64>();
        let (total, base) = (sum(|line| line.total), sum(|line| line.base));
        let cash = if transfer == total { 0 } else { in_coins(total - transfer) };
        let rounding = cash + transfer - total;
        self.drawer += cash;
        let many = |lines: usize| i64::try_from(lines).expect("few lines");
        let unknown = many(lines.iter().filter(|line| line.cost.is_none()).count());
        let known = sum(|line| if line.cost.is_some() { line.base } else { 0 });
        self.count_hour(
            slot,
            [
                1,
                many(lines.len()),
                base,
                total - base,
                total,
                sum(|line| line.cost.unwrap_or(0)),
                sum(|line| line.discount),
                rounding,
                0,
                0,
                0,
                0,
                0,
                known,
                unknown,
            ],
        );
        self.sales.push(Sold { lines, total, transfer, refunded: 0, transfer_back: 0 });
    }

    /// Takes lines of a sale back, each with its packs and whether it can be sold
    /// again; what is paid back before rounding, and in cash.
    pub fn take_back(&mut self, sale: usize, lines: &[(usize, i64, bool)], slot: Slot) -> (i64, i64) {
        let (mut total, mut base, mut cost, mut known, mut settled) = (0, 0, 0, 0, 0);
        for (position, quantity, restock) in lines {
            let line = self.sales[sale].lines[*position].clone();
            let (before, after) = (line.back, line.back + quantity);
            let step = |whole: i64| part(whole, after, line.quantity) - part(whole, before, line.quantity);
            let units = |packs: i64| part(packs, line.pack, 1_000);
            let back_units = units(after) - units(before);
            let all = units(line.quantity);
            let back_cost = line
                .cost
                .filter(|_| *restock)
                .map_or(0, |cost| part(cost, units(after), all) - part(cost, units(before), all));
            let shelf = &mut self.shelves[line.product];
            let line_settled = if *restock && shelf.tracked { shelf.put(back_units, back_cost) } else { 0 };
            let line_known = if line.cost.is_some() { step(line.base) } else { 0 };
            let sums = [-back_units, -step(line.total), -step(line.base), line_settled - back_cost, -line_known];
            self.count_product(slot.date, line.product, sums);
            total += step(line.total);
            base += step(line.base);
            cost += back_cost;
            known += line_known;
            settled += line_settled;
            self.sales[sale].lines[*position].back = after;
        }
        let cash = self.pay_back(sale, total);
        self.drawer -= cash.0;
        let rounding = cash.0 + cash.1 - total;
        self.count_hour(slot, [0, 0, 0, 0, 0, settled, 0, -rounding, 1, base, total - base, total, cost, -known, 0]);
        (total, cash.0)
    }

    /// By transfer first; cash and transfer.
    fn pay_back(&mut self, sale: usize, total: i64) -> (i64, i64) {
        let sold = &mut self.sales[sale];
        let transfer = total.min(sold.transfer - sold.transfer_back);
        let before = sold.refunded - sold.transfer_back;
        let cash = if sold.transfer == sold.total { 0 } else { in_coins(before + total - transfer) - in_coins(before) };
        sold.refunded += total;
        sold.transfer_back += transfer;
        (cash, transfer)
    }

    /// Sets stock right; cost that goods sold before turn out to have had.
    pub fn settle(&mut self, product: usize, settled: i64, slot: Slot) {
        if settled != 0 {
            self.count_product(slot.date, product, [0, 0, 0, settled, 0]);
            let mut hour = [0; 15];
            hour[5] = settled;
            self.count_hour(slot, hour);
        }
    }

    fn count_product(&mut self, date: i64, product: usize, sums: ProductSums) {
        let day = self.days.entry((date, product)).or_default();
        day.iter_mut().zip(sums).for_each(|(sum, part)| *sum += part);
    }

    fn count_hour(&mut self, slot: Slot, sums: HourSums) {
        let hour = self.hours.entry((slot.date, slot.hour, slot.register)).or_default();
        hour.iter_mut().zip(sums).for_each(|(sum, part)| *sum += part);
    }
}
