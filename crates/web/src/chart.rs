//! Charts as SVG, drawn on the server: bars against a previous period, and a heat map.
//!
//! Each is drawn twice, wide and narrow, since the text of an SVG does not reflow; the
//! style sheet shows the one that fits. The macros of `templates/ui/chart.html` put the
//! table beside the drawing. Geometry is in tenths of a pixel, as integers; amounts are
//! minor units of the shop's currency. A bar begins at zero, always.

mod bars;
mod heat;
mod scale;

pub use bars::{Bar, BarChart};
pub use heat::HeatMap;

use std::fmt;

use askama::filters::HtmlSafe;

/// A finished drawing. What came from people was escaped.
#[derive(Debug, Clone)]
pub struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Svg {}

/// Tenths of a pixel as SVG writes them.
fn px(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    if tenths.is_multiple_of(10) {
        format!("{sign}{}", tenths / 10)
    } else {
        format!("{sign}{}.{}", tenths / 10, tenths % 10)
    }
}

/// Text for an SVG's content or attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The two sizes of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Wide,
    Narrow,
}

impl Width {
    const fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

#[cfg(test)]
mod tests;
