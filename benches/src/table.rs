//! The figures, their goals, and how they are told.
//!
//! The goals are those of the performance requirements (docs/bench.md has them); a
//! figure without one is told for comparison.

use serde_json::{Value, json};

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// In a second.
    Rate,
    /// Thousandths of once.
    Times,
    /// Memory.
    Kib,
    /// Nanoseconds of the processor in a second.
    Share,
    /// Something that is counted.
    Count,
}

impl Unit {
    fn told(self, value: i64) -> String {
        let point = |value: i64, of: i64| format!("{}.{:02}", value / of, value % of * 100 / of);
        match self {
            Unit::Time if value < 1_000_000 => format!("{} µs", point(value, 1_000)),
            Unit::Time => format!("{} ms", point(value, 1_000_000)),
            Unit::Rate => format!("{value}/s"),
            Unit::Times => format!("{} ×", point(value, 1_000)),
            Unit::Kib => format!("{} MiB", point(value, 1_024)),
            Unit::Share => format!("{} ms/s", point(value, 1_000_000)),
            Unit::Count => value.to_string(),
        }
    }

    /// Whether more of it is better.
    fn more_is_better(self) -> bool {
        self == Unit::Rate
    }
}

/// What a release must reach, and what it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    pub floor: Option<i64>,
    pub goal: Option<i64>,
}

impl Goal {
    pub const NONE: Goal = Goal { floor: None, goal: None };

    pub fn of(floor: i64, goal: i64) -> Goal {
        Goal { floor: Some(floor), goal: Some(goal) }
    }
}

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    pub id: &'static str,
    pub what: String,
    pub unit: Unit,
    pub value: i64,
    pub goal: Goal,
    /// The same of a bare program, and which.
    pub beside: Option<(&'static str, i64)>,
}

impl Figure {
    pub fn new(id: &'static str, what: impl Into<String>, unit: Unit, value: i64, goal: Goal) -> Figure {
        Figure { id, what: what.into(), unit, value, goal, beside: None }
    }

    /// Beside a bare program.
    #[must_use]
    pub fn beside(self, program: &'static str, value: i64) -> Figure {
        Figure { beside: Some((program, value)), ..self }
    }

    fn reaches(&self, wanted: i64) -> bool {
        if self.unit.more_is_better() { self.value >= wanted } else { self.value <= wanted }
    }

    /// Thousandths of what the bare program does or takes.
    fn ratio(&self) -> Option<i64> {
        self.beside.filter(|(_, value)| *value > 0).map(|(_, value)| self.value * 1_000 / value)
    }

    /// Whether it is at least as good as a release must be.
    pub fn is_good_enough(&self) -> bool {
        self.goal.floor.is_none_or(|floor| self.reaches(floor))
    }

    /// In words.
    pub fn verdict(&self) -> String {
        let percent = |wanted: i64| {
            let (more, less) = (self.value.max(wanted), self.value.min(wanted).max(1));
            (more - less) * 100 / wanted.max(1)
        };
        match (self.goal.floor, self.goal.goal) {
            (None, None) => String::new(),
            (_, Some(goal)) if self.reaches(goal) => "meets the goal".to_owned(),
            (Some(floor), _) if !self.reaches(floor) => format!("MISSES THE FLOOR by {} %", percent(floor)),
            (_, Some(goal)) => format!("meets the floor; {} % from the goal", percent(goal)),
            (Some(_), None) => "meets the floor".to_owned(),
        }
    }

    fn cells(&self) -> [String; 7] {
        let told = |value: Option<i64>| value.map_or_else(String::new, |value| self.unit.told(value));
        let ratio = self.ratio().map_or_else(String::new, |ratio| Unit::Times.told(ratio));
        let beside = self
            .beside
            .map_or_else(String::new, |(program, value)| format!("{ratio} of {program} ({})", self.unit.told(value)));
        [
            self.id.to_owned(),
            self.what.clone(),
            told(Some(self.value)),
            told(self.goal.floor),
            told(self.goal.goal),
            beside,
            self.verdict(),
        ]
    }

    /// For programs; times in nanoseconds, memory in KiB, ratios in thousandths.
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "what": self.what,
            "value": self.value,
            "told": self.unit.told(self.value),
            "floor": self.goal.floor,
            "goal": self.goal.goal,
            "beside": self.beside.map(|(program, value)| json!({ "program": program, "value": value })),
            "verdict": self.verdict(),
        })
    }
}

/// The table as it is printed.
pub fn table(figures: &[Figure]) -> String {
    let titles = ["", "figure", "measured", "floor", "goal", "beside", "verdict"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(titles).chain(figures.iter().map(Figure::cells)).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(
                |(at, (cell, width))| {
                    if (2..5).contains(&at) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                },
            )
            .collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_how_far_it_is() {
        let time = |value| Figure::new("P1", "look-up", Unit::Time, value, Goal::of(100_000, 40_000));
        assert_eq!(time(39_000).verdict(), "meets the goal");
        assert_eq!(time(60_000).verdict(), "meets the floor; 50 % from the goal");
        assert_eq!(time(150_000).verdict(), "MISSES THE FLOOR by 50 %");
        let rate = Figure::new("P3", "look-ups", Unit::Rate, 9_000, Goal::of(12_000, 22_000));
        assert_eq!(rate.verdict(), "MISSES THE FLOOR by 25 %");
        assert!(!rate.is_good_enough());
    }

    #[test]
    fn a_figure_stands_beside_the_bare_program() {
        let figure = Figure::new("P7", "checkouts", Unit::Rate, 1_600, Goal::of(1_500, 1_600)).beside("bare", 2_000);
        let text = table(&[figure]);
        assert!(text.contains("0.80 × of bare (2000/s)"), "{text}");
    }
}
