//! The moving average's invariants over any history, and its refusals.

use domain::cost::{Correction, CostError, Inflow, LastCost, PostingKind, StockChange, StockRefund, StockState};
use domain::refund::{RefundError, RefundStep};
use proptest::prelude::*;

fn state(quantity_milli: i64, value_minor: i64) -> StockState {
    StockState { quantity_milli, value_minor, last_cost: Some(LastCost { value_minor: 1_000, quantity_milli: 1_000 }) }
}

fn inflow(quantity_milli: i64, value_minor: i64) -> Inflow {
    Inflow { quantity_milli, value_minor }
}

fn correction(line_quantity_milli: i64, difference_minor: i64) -> Correction {
    Correction { line_quantity_milli, difference_minor }
}

#[test]
fn a_variance_goes_to_cost_of_goods() {
    let change = state(-3_000, -3_000).inflow(inflow(10_000, 12_000)).unwrap();
    assert_eq!(change.postings[1].kind, PostingKind::CostVariance);
    assert_eq!(change.postings[1].value_minor, -600);
    assert_eq!(change.cost_of_goods_minor, 600);
    assert_eq!(change.after.value_minor, 8_400);
}

#[test]
fn a_correction_below_zero_stock_lifts_the_value_to_zero() {
    let change = state(-2_000, -1_432).correction(correction(1_000, 3_654)).unwrap();
    assert_eq!(change.postings[0].value_minor, 1_432);
    assert_eq!(change.cost_of_goods_minor, 2_222);
    assert_eq!(change.after.value_minor, 0);
}

#[test]
fn what_makes_no_sense_or_does_not_fit_is_refused() {
    let step =
        |refunded_after_milli| RefundStep { quantity_milli: 1_000, refunded_before_milli: 0, refunded_after_milli };
    let refund = |line_cost_minor, after| StockRefund { line_cost_minor, step: step(after) };
    let some = state(1_000, 1_000);
    let cases = [
        (some.inflow(inflow(0, 1)), CostError::InvalidQuantity),
        (some.inflow(inflow(-1, 1)), CostError::InvalidQuantity),
        (some.inflow(inflow(1, -1)), CostError::InvalidValue),
        (some.inflow(inflow(i64::MAX, 1)), CostError::TooLarge),
        (some.inflow(inflow(1, i64::MAX)), CostError::TooLarge),
        (some.outflow(0), CostError::InvalidQuantity),
        (some.outflow(i64::MIN), CostError::InvalidQuantity),
        (state(i64::MIN, 0).outflow(1), CostError::TooLarge),
        (some.count(-1), CostError::InvalidQuantity),
        (state(i64::MIN, 0).count(0), CostError::TooLarge),
        (some.refund(refund(5, 1_001)), CostError::InvalidRefund(RefundError::MoreThanSold)),
        (some.refund(refund(5, 0)), CostError::InvalidRefund(RefundError::NothingRefunded)),
        (some.refund(refund(-5, 1_000)), CostError::InvalidValue),
        (some.correction(correction(0, 1)), CostError::InvalidQuantity),
        (some.correction(correction(1, i64::MAX)), CostError::TooLarge),
    ];
    for (index, (answer, error)) in cases.into_iter().enumerate() {
        assert_eq!(answer, Err(error), "case {index}");
    }
}

#[derive(Debug, Clone)]
enum Move {
    Purchase(Inflow),
    Sale(i64),
    Refund { sale: usize, milli: i64 },
    Count(i64),
    Correction(Correction),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let quantity = || prop_oneof![Just(1), Just(1_000), 1..30_000_i64, 1..1_000_000_000_i64];
    let value = || prop_oneof![Just(0), Just(1), 0..500_000_i64, 0..1_000_000_000_000_i64];
    let one = prop_oneof![
        3 => (quantity(), value()).prop_map(|(quantity, value)| Move::Purchase(inflow(quantity, value))),
        4 => quantity().prop_map(Move::Sale),
        2 => (any::<prop::sample::Index>(), quantity()).prop_map(|(sale, milli)| Move::Refund { sale: sale.index(8), milli }),
        1 => (0..50_000_i64).prop_map(Move::Count),
        1 => (quantity(), -500_000..500_000_i64).prop_map(|(line, difference)| Move::Correction(correction(line, difference))),
    ];
    prop::collection::vec(one, 1..40)
}

struct Sold {
    milli: i64,
    cost: i64,
    refunded: i64,
}

/// Applies a move; `None` where it asks for something that cannot be.
fn apply(state: StockState, sold: &mut [Sold], stock_move: &Move) -> Option<Result<StockChange, CostError>> {
    Some(match stock_move {
        Move::Purchase(inflow) => state.inflow(*inflow),
        Move::Sale(milli) => state.outflow(*milli),
        Move::Count(milli) => state.count(*milli),
        Move::Correction(correction) => state.correction(*correction),
        Move::Refund { sale, milli } => {
            let line = sold.get_mut(*sale)?;
            let after = (line.refunded + milli).min(line.milli);
            if after == line.refunded {
                return None;
            }
            let step = RefundStep {
                quantity_milli: line.milli,
                refunded_before_milli: line.refunded,
                refunded_after_milli: after,
            };
            line.refunded = after;
            state.refund(StockRefund { line_cost_minor: line.cost, step })
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn after_any_history_value_follows_quantity_and_nothing_is_lost(moves in moves()) {
        let mut state = StockState::default();
        let mut sold = Vec::new();
        let (mut values, mut quantities) = (0, 0);
        for stock_move in &moves {
            let before = state;
            let Some(change) = apply(state, &mut sold, stock_move) else { continue };
            // Guessed costs of huge quantities leave an i64; a refused move changes nothing.
            let change = match change {
                Err(CostError::TooLarge) => continue,
                answer => answer.unwrap(),
            };
            if let Move::Sale(milli) = stock_move {
                sold.push(Sold { milli: *milli, cost: change.cost_of_goods_minor, refunded: 0 });
            }
            for posting in &change.postings {
                values += posting.value_minor;
                quantities += posting.quantity_milli;
                prop_assert_eq!(posting.on_hand_milli_after, quantities);
                prop_assert_eq!(posting.stock_value_minor_after, values);
            }
            state = change.after;
            prop_assert_eq!((state.quantity_milli, state.value_minor), (quantities, values));
            let sound = match state.quantity_milli.signum() {
                0 => state.value_minor == 0,
                1 => state.value_minor >= 0,
                _ => state.value_minor <= 0,
            };
            prop_assert!(sound, "{:?} left {:?}", stock_move, state);
            // What came in from outside either stays as value or went to cost of goods.
            let from_outside = match stock_move {
                Move::Purchase(inflow) => inflow.value_minor,
                Move::Correction(correction) => correction.difference_minor,
                Move::Count(counted) if *counted > before.quantity_milli => change.postings[0].value_minor,
                _ => 0,
            };
            prop_assert_eq!(state.value_minor - before.value_minor + change.cost_of_goods_minor, from_outside);
        }
    }
}
