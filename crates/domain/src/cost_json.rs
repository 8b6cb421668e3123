//! Histories of a stock item as JSON lines, answers as JSON lines: `inventario cost`.
//!
//! Owns: what a history looks like in JSON, and the exact form of the answer.
//! Must not know: the moving average, which is `cost`'s.
//!
//! A line that is not a history gives `invalid_history` at `line`, by the same strictness as
//! `quote_json`; a move the engine refuses gives its code at `moves[i]`, and the run goes on.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cost::{Correction, CostError, Inflow, PostingKind, StockChange, StockRefund, StockState};
use crate::refund::RefundStep;
use crate::strict_json::Json;

/// Answers one line of input with one line of output, without line breaks.
#[must_use]
pub fn answer_line(line: &str) -> String {
    let Some(moves) = read_history(line) else {
        return write(&ErrorAnswer { error: "invalid_history", r#where: "line".to_owned() });
    };
    let mut history = History::default();
    let mut entries = Vec::with_capacity(moves.len());
    for (index, stock_move) in moves.into_iter().enumerate() {
        match history.apply(stock_move) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                return write(&ErrorAnswer { error: error.code(), r#where: format!("moves[{index}]") });
            }
        }
    }
    write(&entries)
}

/// The same for bytes as they come from a file or a pipe: what is not UTF-8 is no history.
#[must_use]
pub fn answer_bytes(line: &[u8]) -> String {
    answer_line(std::str::from_utf8(line).unwrap_or(""))
}

fn write(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).expect("structs of texts and integers always serialize")
}

enum Move {
    Purchase(Inflow),
    Sale { id: String, quantity_milli: i64 },
    Refund { of: String, quantity_milli: i64 },
    Count { counted_milli: i64 },
    Correction(Correction),
}

enum MoveError {
    Cost(CostError),
    UnknownSale,
    RepeatedSale,
}

impl MoveError {
    fn code(&self) -> &'static str {
        match self {
            Self::Cost(CostError::InvalidQuantity) => "invalid_quantity",
            Self::Cost(CostError::InvalidValue) => "invalid_value",
            Self::Cost(CostError::InvalidRefund(_)) => "invalid_refund",
            Self::Cost(CostError::TooLarge) => "too_large",
            Self::UnknownSale => "unknown_sale",
            Self::RepeatedSale => "repeated_sale",
        }
    }
}

impl From<CostError> for MoveError {
    fn from(error: CostError) -> Self {
        Self::Cost(error)
    }
}

fn read_history(text: &str) -> Option<Vec<Move>> {
    let mut history = Json::read(text)?.object()?;
    if let Some(name) = history.take("name") {
        name.text()?;
    }
    let moves = history.take("moves")?.list()?.into_iter().map(read_move).collect::<Option<_>>()?;
    history.end()?;
    Some(moves)
}

fn read_move(json: Json) -> Option<Move> {
    let mut object = json.object()?;
    let kind = object.take("kind")?.text()?;
    let mut integer = |name| object.take(name)?.integer();
    let read = match kind.as_str() {
        "purchase" => Move::Purchase(Inflow { quantity_milli: integer("quantity")?, value_minor: integer("value")? }),
        "sale" => {
            let quantity_milli = integer("quantity")?;
            Move::Sale { id: object.take("id")?.text()?, quantity_milli }
        }
        "refund" => {
            let quantity_milli = integer("quantity")?;
            Move::Refund { of: object.take("of")?.text()?, quantity_milli }
        }
        "count" => Move::Count { counted_milli: integer("counted")? },
        "correction" => Move::Correction(Correction {
            line_quantity_milli: integer("line_quantity")?,
            difference_minor: integer("difference")?,
        }),
        _ => return None,
    };
    object.end()?;
    Some(read)
}

struct SoldLine {
    quantity_milli: i64,
    cost_minor: i64,
    refunded_milli: i64,
}

/// The item and the sales that refunds refer to.
#[derive(Default)]
struct History {
    state: StockState,
    sales: BTreeMap<String, SoldLine>,
}

impl History {
    fn apply(&mut self, stock_move: Move) -> Result<Entry, MoveError> {
        let (kind, change, costs) = match stock_move {
            Move::Purchase(inflow) => ("purchase", self.state.inflow(inflow)?, false),
            Move::Sale { id, quantity_milli } => ("sale", self.sell(id, quantity_milli)?, true),
            Move::Refund { of, quantity_milli } => ("refund", self.refund(&of, quantity_milli)?, true),
            Move::Count { counted_milli } => {
                let shortage = counted_milli < self.state.quantity_milli;
                ("count", self.state.count(counted_milli)?, shortage)
            }
            Move::Correction(correction) => ("correction", self.state.correction(correction)?, true),
        };
        self.state = change.after;
        Ok(Entry::new(kind, &change, costs))
    }

    fn sell(&mut self, id: String, quantity_milli: i64) -> Result<StockChange, MoveError> {
        if self.sales.contains_key(&id) {
            return Err(MoveError::RepeatedSale);
        }
        let change = self.state.outflow(quantity_milli)?;
        self.sales.insert(id, SoldLine { quantity_milli, cost_minor: change.cost_of_goods_minor, refunded_milli: 0 });
        Ok(change)
    }

    fn refund(&mut self, of: &str, quantity_milli: i64) -> Result<StockChange, MoveError> {
        let sold = self.sales.get_mut(of).ok_or(MoveError::UnknownSale)?;
        let refunded_after_milli = sold.refunded_milli.checked_add(quantity_milli).ok_or(CostError::TooLarge)?;
        let step = RefundStep {
            quantity_milli: sold.quantity_milli,
            refunded_before_milli: sold.refunded_milli,
            refunded_after_milli,
        };
        let change = self.state.refund(StockRefund { line_cost_minor: sold.cost_minor, step })?;
        sold.refunded_milli = refunded_after_milli;
        Ok(change)
    }
}

#[derive(Serialize)]
struct ErrorAnswer {
    error: &'static str,
    r#where: String,
}

#[derive(Serialize)]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<i64>,
    movements: Vec<MovementAnswer>,
}

#[derive(Serialize)]
struct MovementAnswer {
    kind: &'static str,
    quantity: i64,
    value: i64,
    on_hand: i64,
    stock_value: i64,
}

impl Entry {
    /// `cost` is what the move itself sends to cost of goods; a variance speaks for itself
    /// as a movement and is not repeated there.
    fn new(kind: &'static str, change: &StockChange, costs: bool) -> Self {
        let variance_minor: i64 = change
            .postings
            .iter()
            .filter(|posting| posting.kind == PostingKind::CostVariance)
            .map(|posting| posting.value_minor)
            .sum();
        let movements = change.postings.iter().map(|posting| MovementAnswer {
            kind: match posting.kind {
                PostingKind::Movement => kind,
                PostingKind::CostVariance => "cost_variance",
                PostingKind::CostAdjustment => "cost_adjustment",
            },
            quantity: posting.quantity_milli,
            value: posting.value_minor,
            on_hand: posting.on_hand_milli_after,
            stock_value: posting.stock_value_minor_after,
        });
        Self {
            cost: costs.then_some(change.cost_of_goods_minor.saturating_add(variance_minor)),
            movements: movements.collect(),
        }
    }
}
