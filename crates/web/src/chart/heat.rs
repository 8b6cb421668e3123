//! A heat map of a week: days down, hours across, seven steps of one colour.

use std::fmt::Write;

use super::{Svg, Width, escape, px};
use crate::format::Format;

/// Amounts by day of the week and hour.
#[derive(Debug, Clone)]
pub struct HeatMap {
    /// What it shows and where its peak is, for who cannot see it.
    pub title: String,
    /// The first hour of each row, 0–23.
    pub first_hour: usize,
    /// Rows from Monday to Sunday; all of one length.
    pub rows: Vec<Vec<i64>>,
}

/// How strong the seven steps are, as `fill-opacity`.
const STEPS: [&str; 7] = ["0.1", "0.22", "0.36", "0.52", "0.68", "0.84", "1"];

impl HeatMap {
    /// The drawing for a desk.
    #[must_use]
    pub fn wide(&self, format: &Format) -> Svg {
        self.draw(format, Width::Wide, 6760, 360, 270, 30)
    }

    /// The drawing for a phone.
    #[must_use]
    pub fn narrow(&self, format: &Format) -> Svg {
        self.draw(format, Width::Narrow, 3580, 300, 240, 20)
    }

    /// The names of the rows' days.
    #[must_use]
    pub fn days(&self, format: &Format) -> Vec<&'static str> {
        (0..self.rows.len()).map(|day| format.weekday(day)).collect()
    }

    /// The hours across.
    #[must_use]
    pub fn hours(&self) -> std::ops::Range<usize> {
        let length = self.rows.first().map_or(0, Vec::len);
        self.first_hour..self.first_hour + length
    }

    fn most(&self) -> i64 {
        self.rows.iter().flatten().copied().max().unwrap_or(0)
    }

    fn draw(&self, format: &Format, width: Width, span: i64, left: i64, cell: i64, gap: i64) -> Svg {
        let hours = i64::try_from(self.hours().len()).unwrap_or(1).max(1);
        let slot = (span - left) / hours;
        let rows = i64::try_from(self.rows.len()).unwrap_or(0);
        let height = 60 + rows * (cell + gap) + 240;
        let mut out = format!(
            "<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            width.class(),
            px(span),
            px(height),
            escape(&self.title)
        );
        let most = self.most();
        let mut peak = String::new();
        for (day, row) in (0_i64..).zip(&self.rows) {
            let y = 60 + day * (cell + gap);
            let name = format.weekday(usize::try_from(day).unwrap_or(0));
            let _ = write!(out, "<text x=\"0\" y=\"{}\">{name}</text>", px(y + cell * 7 / 10));
            for (hour, value) in (0_i64..).zip(row) {
                let place = format!(
                    "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"",
                    px(left + hour * slot),
                    px(y),
                    px(slot - gap),
                    px(cell)
                );
                let _ = write!(out, "<rect class=\"cell\" {place} fill-opacity=\"{}\"/>", STEPS[step(*value, most)]);
                if peak.is_empty() && most > 0 && *value == most {
                    peak = format!("<rect class=\"peak\" {place}/>");
                }
            }
        }
        out.push_str(&peak);
        let every = if width == Width::Wide { 1 } else { 3 };
        for (index, hour) in (0_i64..).zip(self.hours()) {
            if index % every == 0 {
                let x = left + index * slot + (slot - gap) / 2;
                let _ =
                    write!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{hour}</text>", px(x), px(height - 60));
            }
        }
        out.push_str("</svg>");
        Svg(out)
    }
}

/// Which of the seven steps a value has; zero has the faintest.
fn step(value: i64, most: i64) -> usize {
    if value <= 0 || most <= 0 {
        return 0;
    }
    usize::try_from((i128::from(value) * 6).div_euclid(i128::from(most))).unwrap_or(0).clamp(1, 6)
}
