//! From amounts to heights, and which round figures stand on the axis.

use crate::format::Format;
use crate::lang::Lang;
use crate::texts::common::Texts;

/// The span of a chart's values, zero included, and its round steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scale {
    pub low: i64,
    pub high: i64,
    pub step: i64,
}

impl Scale {
    /// A scale that holds all the values and zero, with two to five steps.
    pub fn holding(values: impl Iterator<Item = i64> + Clone) -> Self {
        let high = values.clone().max().unwrap_or(0).max(0);
        let low = values.min().unwrap_or(0).min(0);
        let span = high.saturating_sub(low).max(1);
        let step = round_step(span);
        Self { low, high: if high == low { low + step } else { high }, step }
    }

    /// The height of a value above `bottom`, where `room` is the whole height.
    pub fn height(&self, value: i64, room: i64) -> i64 {
        let span = i128::from(self.high) - i128::from(self.low);
        let above = i128::from(value) - i128::from(self.low);
        i64::try_from(above * i128::from(room) / span.max(1)).unwrap_or(room)
    }

    /// The round values within the scale, zero left out.
    pub fn steps(&self) -> impl Iterator<Item = i64> {
        let (low, high, step) = (self.low, self.high, self.step);
        let first = low.div_euclid(step).max(-10);
        (first..=first + 20).map(move |n| n.saturating_mul(step)).filter(move |v| *v != 0 && *v >= low && *v <= high)
    }
}

/// 1, 2 or 5 times a power of ten, so that two to five of it make the span.
fn round_step(span: i64) -> i64 {
    let mut power = 1_i64;
    while power <= span / 10 {
        power *= 10;
    }
    // The loop ends with power ≤ span < 10 · power, or span below 1.
    [power / 2, power, power * 2, power * 5]
        .into_iter()
        .find(|step| *step > 0 && span / step <= 5)
        .unwrap_or(power)
        .max(1)
}

/// In what unit a chart's figures are said, so that they stay short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Ones,
    Thousands,
    Millions,
}

impl Unit {
    /// The unit for the largest figure of a chart, in the currency's major unit.
    pub fn of(scale: &Scale, format: &Format) -> Self {
        let most = scale.high.max(scale.low.saturating_abs()) / 10_i64.pow(format.currency.decimals);
        match most {
            1_000_000.. => Self::Millions,
            10_000.. => Self::Thousands,
            _ => Self::Ones,
        }
    }

    fn zeros(self) -> u32 {
        match self {
            Self::Ones => 0,
            Self::Thousands => 3,
            Self::Millions => 6,
        }
    }

    /// A figure in this unit: `1,41`, `12,5`, `950`. Rounded half up, as a drawing may.
    pub fn figure(self, minor: i64, format: &Format) -> String {
        let shown = match self {
            Self::Ones => 0,
            Self::Thousands => 1,
            Self::Millions => 2,
        };
        let divisor = 10_i128.pow(format.currency.decimals + self.zeros() - shown);
        let rounded = (i128::from(minor.unsigned_abs()) + divisor / 2) / divisor;
        let digits = format!("{rounded:0width$}", width = shown as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - shown as usize);
        let minus = if minor < 0 && rounded != 0 { "−\u{a0}" } else { "" };
        let mark = if fraction.is_empty() { String::new() } else { format.numbers.decimal.to_string() };
        format!("{minus}{}{mark}{fraction}", crate::format::group_digits(whole, format.numbers.group))
    }

    /// A round value on the axis, with the unit's word: `2 millones`, `50 miles`.
    pub fn axis(self, minor: i64, format: &Format) -> String {
        let figure = self.figure(minor, format);
        let figure = match figure.rsplit_once(format.numbers.decimal) {
            Some((whole, fraction)) => {
                let fraction = fraction.trim_end_matches('0');
                let mark = if fraction.is_empty() { String::new() } else { format.numbers.decimal.to_string() };
                format!("{whole}{mark}{fraction}")
            }
            None => figure,
        };
        match self.word(format.lang, figure == "1") {
            Some(word) => format!("{figure}\u{a0}{word}"),
            None => figure,
        }
    }

    /// The unit's word.
    pub fn word(self, lang: Lang, one: bool) -> Option<&'static str> {
        let t = Texts(lang);
        match self {
            Self::Ones => None,
            Self::Thousands => Some(t.unit_thousands()),
            Self::Millions if one => Some(t.unit_million()),
            Self::Millions => Some(t.unit_millions()),
        }
    }
}
