//! Taking back: each refusal, the order of the means, and that any split of any
//! sale ends with exactly what was paid, cost and in stock.

use super::*;
use crate::cash::CashRounding;
use proptest::prelude::*;
use uuid::Uuid;

const CASH: MethodId = MethodId(Uuid::from_u128(1));
const TRANSFER: MethodId = MethodId(Uuid::from_u128(2));
const DEBT: MethodId = MethodId(Uuid::from_u128(3));
const COINS: MethodId = MethodId(Uuid::from_u128(4));

fn product(number: i64) -> ProductId {
    ProductId(Uuid::from_u128(100 + u128::try_from(number).expect("tests count from 0")))
}

fn sold(number: i64, quantity_milli: i64, total_minor: i64) -> SoldLine {
    SoldLine {
        product_id: product(number),
        name: "Arroz".into(),
        quantity_milli,
        pack_milli: 1_000,
        refunded_milli: 0,
        total_minor,
        base_minor: total_minor - total_minor / 7,
        cost_minor: Some(total_minor / 3),
        tracked: true,
    }
}

fn paid(method_id: MethodId, kind: MethodKind, amount_minor: i64) -> PaidBy {
    PaidBy { method_id, kind, amount_minor, returned_minor: 0 }
}

/// Three of one product for 1,000 and one of another for 25, paid in cash.
fn facts() -> TakeBackFacts {
    TakeBackFacts {
        lines: BTreeMap::from([(0, sold(1, 3_000, 1_000)), (1, sold(2, 1_000, 25))]),
        total_minor: 1_025,
        refunded_minor: 0,
        payments: vec![paid(CASH, MethodKind::Cash, 1_025)],
        cash: CashRule { step_minor: 0, mode: CashRounding::HalfUp },
        stock: BTreeMap::from([(product(1), StockState::default()), (product(2), StockState::default())]),
        drawer_open: true,
    }
}

fn some(position: i64, quantity_milli: i64) -> ReturnedLine {
    ReturnedLine { position, quantity_milli, restock: true }
}

/// The facts as the next command finds them.
fn after(mut facts: TakeBackFacts, done: &CompletedTakeBack) -> TakeBackFacts {
    for line in &done.lines {
        facts.lines.get_mut(&line.position).expect("a line that came back was sold").refunded_milli +=
            line.quantity_milli;
    }
    facts.refunded_minor += done.amounts.total_minor;
    for back in &done.payments {
        let paid = facts.payments.iter_mut().find(|paid| paid.method_id == back.method_id);
        paid.expect("money goes back by a method of the sale").returned_minor += back.amount_minor;
    }
    facts.stock = done.stock_after.clone();
    facts
}

#[test]
fn what_cannot_come_back_is_refused_by_name() {
    let lines = |lines: &[ReturnedLine]| TakeBack::Lines(lines.to_vec());
    let mut partly = facts();
    partly.lines.get_mut(&0).unwrap().refunded_milli = 1_000;
    let mut closed = facts();
    closed.drawer_open = false;
    let wrong = |left_milli| TakeBackRefused::WrongQuantity { position: 0, left_milli };
    let cases = [
        (facts(), lines(&[]), TakeBackRefused::NothingChosen),
        (partly.clone(), TakeBack::Void, TakeBackRefused::AlreadyReturned),
        (facts(), lines(&[some(2, 1_000)]), TakeBackRefused::UnknownLine { position: 2 }),
        (facts(), lines(&[some(0, 1_000), some(0, 1_000)]), TakeBackRefused::RepeatedLine { position: 0 }),
        (facts(), lines(&[some(0, 0)]), wrong(3_000)),
        (facts(), lines(&[some(0, -1)]), wrong(3_000)),
        (facts(), lines(&[some(0, 3_001)]), wrong(3_000)),
        (partly, lines(&[some(0, 2_001)]), wrong(2_000)),
        (closed, TakeBack::Void, TakeBackRefused::DrawerClosed),
    ];
    for (facts, command, refused) in cases {
        assert_eq!(decide(&facts, &command), Err(refused), "{command:?}");
    }
}

#[test]
fn without_cash_no_drawer_is_needed() {
    let mut facts = facts();
    facts.drawer_open = false;
    facts.payments = vec![paid(TRANSFER, MethodKind::Transfer, 1_025)];
    let done = decide(&facts, &TakeBack::Void).unwrap();
    assert_eq!((done.cash_out_minor, done.cash_rounding_minor), (0, 0));
    assert_eq!(done.payments[0].amount_minor, 1_025);
}

#[test]
fn debt_goes_first_then_what_leaves_a_trace_and_cash_last() {
    let mut facts = facts();
    facts.payments = vec![
        paid(CASH, MethodKind::Cash, 125),
        paid(TRANSFER, MethodKind::Transfer, 500),
        paid(DEBT, MethodKind::HouseAccount, 400),
    ];
    let one_of_three = |facts: &TakeBackFacts| {
        decide(facts, &TakeBack::Lines(vec![some(0, 1_000)]))
            .unwrap()
            .payments
            .iter()
            .map(|back| (back.method_id, back.amount_minor))
            .collect::<Vec<_>>()
    };
    assert_eq!(one_of_three(&facts), [(DEBT, 333)]);
    let first = decide(&facts, &TakeBack::Lines(vec![some(0, 1_000)])).unwrap();
    let second_facts = after(facts, &first);
    assert_eq!(one_of_three(&second_facts), [(DEBT, 67), (TRANSFER, 267)]);
    let second = decide(&second_facts, &TakeBack::Lines(vec![some(0, 1_000)])).unwrap();
    let third_facts = after(second_facts, &second);
    assert_eq!(one_of_three(&third_facts), [(TRANSFER, 233), (CASH, 100)]);
}

#[test]
fn two_drawers_money_goes_back_by_the_methods_that_brought_it() {
    let mut facts = facts();
    facts.payments = vec![paid(CASH, MethodKind::Cash, 1_000), paid(COINS, MethodKind::Cash, 25)];
    let done = decide(&facts, &TakeBack::Void).unwrap();
    let back: Vec<_> = done.payments.iter().map(|back| (back.method_id, back.amount_minor)).collect();
    assert_eq!(back, [(CASH, 1_000), (COINS, 25)]);
}

#[test]
fn goods_that_cannot_be_sold_again_bring_money_back_and_no_cost() {
    let spoilt = ReturnedLine { restock: false, ..some(0, 3_000) };
    let done = decide(&facts(), &TakeBack::Lines(vec![spoilt])).unwrap();
    assert_eq!((done.amounts.total_minor, done.cost_minor), (1_000, 0));
    assert_eq!(done.lines[0].cost_minor, Some(0));
    assert!(done.lines[0].postings.is_empty());
    assert_eq!(done.stock_after[&product(1)], StockState::default());
}

#[test]
fn an_unknown_cost_stays_unknown_and_moves_no_stock() {
    let mut facts = facts();
    let line = facts.lines.get_mut(&0).unwrap();
    (line.cost_minor, line.tracked) = (None, false);
    let done = decide(&facts, &TakeBack::Lines(vec![some(0, 3_000)])).unwrap();
    assert_eq!((done.lines[0].cost_minor, done.cost_minor), (None, 0));
    assert!(done.lines[0].postings.is_empty());
}

#[test]
fn goods_coming_back_below_zero_settle_the_guess() {
    let mut facts = facts();
    // Two were sold at a guess of 100 each; three come back at the 333 they left at.
    facts.stock.insert(product(1), StockState { quantity_milli: -2_000, value_minor: -200, last_cost: None });
    let done = decide(&facts, &TakeBack::Lines(vec![some(0, 3_000)])).unwrap();
    // Of 333 for three, two are 222: the guess was 22 too low, which the cost bears.
    assert_eq!((done.lines[0].cost_minor, done.lines[0].variance_minor), (Some(333), 22));
    let left = done.stock_after[&product(1)];
    assert_eq!((left.quantity_milli, left.value_minor), (1_000, 111));
}

#[test]
fn a_rounding_that_the_shop_changed_since_pays_back_what_was_paid_all_the_same() {
    let rule = |step_minor| CashRule { step_minor, mode: CashRounding::HalfUp };
    for (then, now, brought) in [(0, 50, 1_025), (50, 0, 1_050), (50, 100, 1_050)] {
        let mut facts = facts();
        facts.payments[0].amount_minor = brought;
        facts.cash = rule(then);
        let mut back = 0;
        for (step, command) in [some(0, 1_000), some(0, 2_000), some(1, 1_000)].into_iter().enumerate() {
            if step == 1 {
                facts.cash = rule(now);
            }
            let done = decide(&facts, &TakeBack::Lines(vec![command])).unwrap();
            assert!((0..=brought - back).contains(&done.cash_out_minor));
            back += done.cash_out_minor;
            facts = after(facts, &done);
        }
        assert_eq!(back, brought, "{then} became {now}");
    }
}

#[derive(Clone, Debug)]
struct AnySale {
    facts: TakeBackFacts,
    splits: Vec<Vec<i64>>,
}

fn any_sale() -> impl Strategy<Value = AnySale> {
    let line = (
        prop::collection::vec(1..3_000_i64, 1..5),
        0..1_000_000_i64,
        0..=1_000_i64,
        0..500_000_i64,
        prop::sample::select(vec![1_000_i64, 1_333, 6_000]),
    );
    let rule = (
        prop::sample::select(vec![0_i64, 7, 50, 100]),
        prop::sample::select(vec![CashRounding::HalfUp, CashRounding::HalfDown, CashRounding::Down]),
    );
    (prop::collection::vec(line, 1..5), rule, 0..=100_i64, 0..=100_i64).prop_map(
        |(lines, (step_minor, mode), by_debt, by_transfer)| {
            let mut facts = TakeBackFacts { cash: CashRule { step_minor, mode }, ..facts() };
            (facts.lines, facts.stock) = (BTreeMap::new(), BTreeMap::new());
            let mut splits = Vec::new();
            for (position, (parts, total_minor, base_permille, cost_minor, pack_milli)) in (0..).zip(lines) {
                let line = SoldLine {
                    pack_milli,
                    base_minor: total_minor * base_permille / 1_000,
                    cost_minor: Some(cost_minor),
                    ..sold(position, parts.iter().sum(), total_minor)
                };
                facts.lines.insert(position, line);
                facts.stock.insert(product(position), StockState::default());
                splits.push(parts);
            }
            let total: i64 = facts.lines.values().map(|line| line.total_minor).sum();
            let debt = total * by_debt / 100;
            let transfer = (total - debt) * by_transfer / 100;
            let cash = cash::round_cash(total - debt - transfer, step_minor, mode);
            facts.total_minor = total;
            facts.payments = vec![
                paid(CASH, MethodKind::Cash, cash),
                paid(TRANSFER, MethodKind::Transfer, transfer),
                paid(DEBT, MethodKind::HouseAccount, debt),
            ];
            AnySale { facts, splits }
        },
    )
}

fn returned(facts: &TakeBackFacts) -> Vec<(MethodId, i64)> {
    facts.payments.iter().map(|paid| (paid.method_id, paid.returned_minor)).collect()
}

fn cash_is_that_of_the_refunded_total(facts: &TakeBackFacts) {
    let by_others: i64 = facts.payments[1..].iter().map(|paid| paid.returned_minor).sum();
    assert_eq!(
        facts.payments[0].returned_minor,
        cash::round_cash(facts.refunded_minor - by_others, facts.cash.step_minor, facts.cash.mode)
    );
}

/// Takes everything back, one part of each line a step.
fn take_all_back(sale: &AnySale) -> (TakeBackFacts, RefundAmounts, i64, i64) {
    let mut facts = sale.facts.clone();
    let mut sums = RefundAmounts { total_minor: 0, base_minor: 0, tax_minor: 0 };
    let (mut cost_minor, mut rounding_minor) = (0, 0);
    let steps = sale.splits.iter().map(Vec::len).max().unwrap_or(0);
    for step in 0..steps {
        let lines =
            (0..).zip(&sale.splits).filter_map(|(position, parts)| Some(some(position, *parts.get(step)?))).collect();
        let done = decide(&facts, &TakeBack::Lines(lines)).expect("each part was sold");
        assert_eq!(done.amounts.base_minor + done.amounts.tax_minor, done.amounts.total_minor);
        let money: i64 = done.payments.iter().map(|back| back.amount_minor).sum();
        assert_eq!(
            money,
            done.amounts.total_minor + done.cash_rounding_minor,
            "the money is the amount and its rounding"
        );
        sums.total_minor += done.amounts.total_minor;
        sums.base_minor += done.amounts.base_minor;
        sums.tax_minor += done.amounts.tax_minor;
        cost_minor += done.cost_minor;
        rounding_minor += done.cash_rounding_minor;
        for line in &done.lines {
            assert_eq!(
                line.cost_minor,
                Some(line.postings[0].value_minor),
                "what comes back into stock is what comes back as cost"
            );
        }
        facts = after(facts, &done);
        cash_is_that_of_the_refunded_total(&facts);
    }
    (facts, sums, cost_minor, rounding_minor)
}

proptest! {
    #[test]
    fn any_split_of_any_sale_ends_with_exactly_what_was_paid_and_cost(sale in any_sale()) {
        let (ended, sums, cost_minor, rounding_minor) = take_all_back(&sale);
        let brought: Vec<_> = sale.facts.payments.iter().map(|paid| (paid.method_id, paid.amount_minor)).collect();
        prop_assert_eq!(returned(&ended), brought.clone());
        prop_assert_eq!(sums.total_minor, sale.facts.total_minor);
        prop_assert_eq!(sums.base_minor, sale.facts.lines.values().map(|line| line.base_minor).sum::<i64>());
        prop_assert_eq!(rounding_minor, brought.iter().map(|(_, amount)| amount).sum::<i64>() - sale.facts.total_minor);
        prop_assert_eq!(cost_minor, sale.facts.lines.values().filter_map(|line| line.cost_minor).sum::<i64>());
        for line in sale.facts.lines.values() {
            let stock = ended.stock[&line.product_id];
            let units = rounding::scale_half_away(line.quantity_milli, line.pack_milli, 1_000).unwrap();
            prop_assert_eq!((stock.quantity_milli, Some(stock.value_minor)), (units, line.cost_minor));
        }
    }

    #[test]
    fn a_void_is_the_whole_in_one_step(sale in any_sale()) {
        let done = decide(&sale.facts, &TakeBack::Void).unwrap();
        let voided = after(sale.facts.clone(), &done);
        let (ended, sums, cost_minor, rounding_minor) = take_all_back(&sale);
        prop_assert_eq!(returned(&voided), returned(&ended));
        prop_assert_eq!((done.amounts, done.cost_minor, done.cash_rounding_minor), (sums, cost_minor, rounding_minor));
        for (product, stock) in &voided.stock {
            prop_assert_eq!((stock.quantity_milli, stock.value_minor), (ended.stock[product].quantity_milli, ended.stock[product].value_minor));
        }
        prop_assert_eq!(decide(&voided, &TakeBack::Void), Err(TakeBackRefused::AlreadyReturned));
    }
}
