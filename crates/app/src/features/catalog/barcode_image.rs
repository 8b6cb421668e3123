//! A product's code as a picture that a scanner reads, for screens and labels.
//!
//! EAN-13, EAN-8 and UPC-A (which is an EAN-13 that begins with 0) where the check
//! digit fits, by the GS1 General Specifications, section 5.2; everything else as
//! Code 128 (ISO/IEC 15417), set B.

use crate::{
    features::catalog::{product_id, record},
    kernel::{App, ShopPage},
};
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Response},
};
use barcoders::sym::{code128::Code128, ean8::EAN8, ean13::EAN13};
use http::header;
use std::fmt::Write;
use web::{AppError, query::Query};

/// Blank modules on each side: 11 before an EAN-13 and 10 around a Code 128.
const QUIET_MODULES: usize = 11;
const BAR_HEIGHT: usize = 60;
const TEXT_HEIGHT: usize = 16;

/// `GET /productos/{id}/barras.svg`, of the first code or of `?codigo=`.
///
/// # Errors
/// No such product, or no such code of it; a database that fails.
pub async fn show(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let product = record::load(&mut app.db.shop(&page.actor).await?, product_id(&id)?).await?;
    let codes = product.ok_or(AppError::NotFound)?.fields.barcodes;
    let asked = query.get("codigo");
    let barcode = codes.iter().find(|barcode| asked.is_none_or(|asked| asked == barcode.code));
    let code = &barcode.ok_or(AppError::NotFound)?.code;
    let svg = draw(code).ok_or(AppError::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "private, no-cache")];
    Ok((headers, svg).into_response())
}

/// Dark and light modules of a code, a byte each; `None` for what no symbol carries.
fn modules(code: &str) -> Option<Vec<u8>> {
    let digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let trade_item = match code.len() {
        13 if digits => EAN13::new(code).ok().map(|symbol| symbol.encode()),
        12 if digits => EAN13::new(format!("0{code}")).ok().map(|symbol| symbol.encode()),
        8 if digits => EAN8::new(code).ok().map(|symbol| symbol.encode()),
        _ => None,
    };
    // The letter in front chooses set B, which has all of printable ASCII.
    trade_item.or_else(|| Code128::new(format!("\u{181}{code}")).ok().map(|symbol| symbol.encode()))
}

/// A code as an SVG; runs of dark modules are one bar each.
fn draw(code: &str) -> Option<String> {
    let modules = modules(code)?;
    let width = modules.len() + 2 * QUIET_MODULES;
    let height = BAR_HEIGHT + TEXT_HEIGHT + 4;
    let mut bars = String::new();
    let mut at = QUIET_MODULES;
    for run in modules.chunk_by(|left, right| left == right) {
        if run[0] == 1 {
            let length = run.len();
            write!(bars, "M{at} 4h{length}v{BAR_HEIGHT}h-{length}z").expect("a String takes all that is written to it");
        }
        at += run.len();
    }
    let text = escaped(code);
    let (middle, baseline) = (width / 2, height - 4);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{text}\">\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/><path d=\"{bars}\" fill=\"#000\" shape-rendering=\"crispEdges\"/>\
         <text x=\"{middle}\" y=\"{baseline}\" text-anchor=\"middle\" font-family=\"monospace\" font-size=\"11\" fill=\"#000\">{text}</text></svg>"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits of the left half by GS1's number sets A and B, as modules.
    const SET_A: [&str; 10] =
        ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"];
    /// Which of the left six digits stand in set B, told by the digit in front.
    const IN_SET_B: [&str; 10] =
        ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"];

    /// An EAN-13 written out by the tables of the specification alone.
    fn by_the_tables(code: &str) -> String {
        let digits: Vec<usize> = code.bytes().map(|byte| usize::from(byte - b'0')).collect();
        let inverted = |modules: &str| modules.chars().map(|m| if m == '0' { '1' } else { '0' }).collect::<String>();
        let mut symbol = String::from("101");
        for (digit, set) in digits[1..7].iter().zip(IN_SET_B[digits[0]].chars()) {
            match set {
                'A' => symbol.push_str(SET_A[*digit]),
                _ => symbol.extend(inverted(SET_A[*digit]).chars().rev()),
            }
        }
        symbol.push_str("01010");
        for digit in &digits[7..] {
            symbol.push_str(&inverted(SET_A[*digit]));
        }
        symbol + "101"
    }

    #[test]
    fn an_ean_13_is_what_the_tables_say() {
        for code in ["7702177008478", "4006381333931", "0012345678905", "9780201379624"] {
            let drawn: String =
                modules(code).expect("it is a code").iter().map(|module| char::from(b'0' + module)).collect();
            assert_eq!(drawn, by_the_tables(code), "{code}");
        }
        assert_eq!(modules("012345678905"), modules("0012345678905"), "a UPC-A is an EAN-13 that begins with 0");
    }

    #[test]
    fn any_code_that_can_be_kept_can_be_drawn() {
        for (code, wide) in [("96385074", 67), ("7702177008475", 178), ("SKU-1", 90), ("a&<\"'~", 101)] {
            assert_eq!(modules(code).map(|modules| modules.len()), Some(wide), "{code}");
        }
        let svg = draw("a&<\"b").expect("it is ASCII");
        assert!(svg.contains(">a&amp;&lt;&quot;b<"), "{svg}");
    }
}
