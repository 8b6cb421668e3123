//! Bars of a period, with the previous one as a rule across each.

use std::fmt::Write;

use super::scale::{Scale, Unit};
use super::{Svg, Width, escape, px};
use crate::format::Format;

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Under it on a wide chart and in the table: `mié 18`.
    pub label: String,
    /// Under it on a narrow one: `mié`.
    pub label_short: String,
    /// Its amount, minor units.
    pub now_minor: i64,
    /// The same place of the period before.
    pub before_minor: Option<i64>,
    /// The one that is still growing: today.
    pub is_today: bool,
}

/// A bar chart of amounts.
#[derive(Debug, Clone)]
pub struct BarChart {
    /// What it shows, for who cannot see it: "Ventas por día: …".
    pub title: String,
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// Above a narrow chart, which has no axis: `la raya, 7 días antes`; may be empty.
    pub note: String,
}

/// Where things are, in tenths of a pixel.
struct Frame {
    width: i64,
    height: i64,
    left: i64,
    top: i64,
    bottom: i64,
    /// Figures stand on every bar up to so many.
    figures_max: usize,
    /// Labels stand under every bar up to so many, then under some.
    labels_max: usize,
}

const WIDE: Frame =
    Frame { width: 6760, height: 2620, left: 720, top: 370, bottom: 2360, figures_max: 12, labels_max: 14 };
const NARROW: Frame =
    Frame { width: 3580, height: 2200, left: 0, top: 430, bottom: 1940, figures_max: 7, labels_max: 8 };

impl BarChart {
    /// Whether there is nothing to draw: no bar of either period has a height.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.bars.iter().all(|bar| bar.now_minor == 0 && bar.before_minor.unwrap_or(0) == 0)
    }

    /// The drawing for a desk.
    #[must_use]
    pub fn wide(&self, format: &Format) -> Svg {
        self.draw(format, Width::Wide, &WIDE)
    }

    /// The drawing for a phone.
    #[must_use]
    pub fn narrow(&self, format: &Format) -> Svg {
        self.draw(format, Width::Narrow, &NARROW)
    }

    fn draw(&self, format: &Format, width: Width, frame: &Frame) -> Svg {
        let values = self.bars.iter().flat_map(|bar| [Some(bar.now_minor), bar.before_minor]).flatten();
        let scale = Scale::holding(values);
        let unit = Unit::of(&scale, format);
        let mut out = format!(
            "<svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            width.class(),
            px(frame.width),
            px(frame.height),
            escape(&self.title)
        );
        let y = |value: i64| frame.bottom - scale.height(value, frame.bottom - frame.top);
        for step in scale.steps() {
            let _ = write!(out, "<path class=\"grid\" d=\"M{} {}H{}\"/>", px(frame.left), px(y(step)), px(frame.width));
            if width == Width::Wide {
                let text = unit.axis(step, format);
                let _ = write!(
                    out,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{text}</text>",
                    px(frame.left - 100),
                    px(y(step) + 40)
                );
            }
        }
        for (index, bar) in self.bars.iter().enumerate() {
            self.draw_bar(&mut out, index, bar, frame, &y, &|minor| unit.figure(minor, format), width);
        }
        let _ = write!(out, "<path class=\"base\" d=\"M{} {}H{}\"/>", px(frame.left), px(y(0)), px(frame.width));
        if width == Width::Narrow {
            let word = unit.word(format.lang, false).unwrap_or_default();
            let parts: Vec<&str> = [word, self.note.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
            let _ = write!(out, "<text x=\"0\" y=\"12\">{}</text>", escape(&parts.join("; ")));
        }
        out.push_str("</svg>");
        Svg(out)
    }

    #[expect(clippy::too_many_arguments, reason = "one place in one drawing; a struct would only rename them")]
    fn draw_bar(
        &self,
        out: &mut String,
        index: usize,
        bar: &Bar,
        frame: &Frame,
        y: &dyn Fn(i64) -> i64,
        figure: &dyn Fn(i64) -> String,
        width: Width,
    ) {
        let count = i64::try_from(self.bars.len()).unwrap_or(1).max(1);
        let slot = (frame.width - frame.left) / count;
        let thick = slot * 62 / 100;
        let x = frame.left + slot * i64::try_from(index).unwrap_or(0) + (slot - thick) / 2;
        let middle = x + thick / 2;
        let class = if bar.is_today { "today" } else { "now" };
        out.push_str(&bar_path(class, x, thick, y(0), y(bar.now_minor)));
        let mut top = y(bar.now_minor).min(y(0));
        if let Some(before) = bar.before_minor {
            let over = slot * 8 / 100;
            let _ = write!(out, "<path class=\"halo\" d=\"M{} {}h{}\"/>", px(x), px(y(before)), px(thick));
            let _ = write!(
                out,
                "<path class=\"before\" d=\"M{} {}h{}\"/>",
                px(x - over),
                px(y(before)),
                px(thick + 2 * over)
            );
            top = top.min(y(before));
        }
        let is_most = self.bars.iter().all(|other| other.now_minor <= bar.now_minor);
        if self.bars.len() <= frame.figures_max || is_most || bar.is_today {
            let text = figure(bar.now_minor);
            let _ = write!(
                out,
                "<text class=\"strong\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
                px(middle),
                px(top - 80)
            );
        }
        let every = self.bars.len().div_ceil(frame.labels_max).max(1);
        // Counted from the end, so that the newest always has its label.
        if (self.bars.len() - 1 - index).is_multiple_of(every) {
            let label = if width == Width::Wide { &bar.label } else { &bar.label_short };
            let strong = if bar.is_today { " class=\"strong\"" } else { "" };
            let _ = write!(
                out,
                "<text{strong} x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                px(middle),
                px(frame.height - 60),
                escape(label)
            );
        }
    }
}

/// A bar from zero to its value, with the far corners rounded.
fn bar_path(class: &str, x: i64, thick: i64, zero: i64, end: i64) -> String {
    let radius = 30.min((zero - end).abs()).min(thick / 2);
    let up = if end <= zero { 1 } else { -1 };
    let corner = px(radius);
    format!(
        "<path class=\"{class}\" d=\"M{} {}V{}q0 {} {corner} {}h{}q{corner} 0 {corner} {}V{}z\"/>",
        px(x),
        px(zero),
        px(end + up * radius),
        px(-up * radius),
        px(-up * radius),
        px(thick - 2 * radius),
        px(up * radius),
        px(zero)
    )
}
