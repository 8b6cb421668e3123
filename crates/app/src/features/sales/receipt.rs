//! `GET /ventas/{id}/recibo/`: the receipt on paper of 80 mm. The original is printed
//! where the sale is made; what is asked for later says COPIA.

use crate::{
    features::{
        sales::{
            load_sale::{self, Line, Sale, State as SaleState},
            show_sale::{measure, read_id},
        },
        settings::shop::{self, ReceiptWords},
    },
    kernel::{App, ShopPage},
    texts::sales::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::SaleId;
use web::{AppError, PageContext};

/// Whether a paper was handed out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    /// The first.
    Original,
    /// Another one.
    Copy,
}

#[derive(Template)]
#[template(path = "sales/receipt.html")]
struct ReceiptPage<'a> {
    page: &'a PageContext,
    t: Texts,
    sale: &'a Sale,
    shop: &'a str,
    words: ReceiptWords,
    is_copy: bool,
    /// The bars of the number, as the path of an SVG, and their width in modules.
    bars: Option<(String, usize)>,
}

/// Shows a copy.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    answer(&app, &page, read_id(&id)?, Print::Copy).await
}

/// The paper of a sale that this person may see.
///
/// # Errors
/// [`AppError::NotFound`], and what the database says.
pub async fn answer(app: &App, page: &ShopPage, id: SaleId, print: Print) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let sale = load_sale::load(&mut read, &page.actor, id).await?.ok_or(AppError::NotFound)?;
    let words = shop::load_profile(&mut read).await?.receipt;
    drop(read);
    page.show(&ReceiptPage {
        page,
        t: Texts(page.lang),
        sale: &sale,
        shop: page.who.as_ref().map_or("", |who| who.shop_name.as_str()),
        words,
        is_copy: print == Print::Copy,
        bars: bars(&sale.label),
    })
}

/// Code 128, set B, which has the letters of every series; `None` for a series whose
/// letters it lacks, which is then printed as text alone.
fn bars(label: &str) -> Option<(String, usize)> {
    let code = barcoders::sym::code128::Code128::new(format!("\u{181}{label}")).ok()?;
    let modules = code.encode();
    let mut path = String::new();
    let mut at = 0;
    for run in modules.chunk_by(|left, right| left == right) {
        if run.first() == Some(&1) {
            path.push_str(&format!("M{at} 0h{}v1h-{}z", run.len(), run.len()));
        }
        at += run.len();
    }
    Some((path, at))
}

impl ReceiptPage<'_> {
    /// Day and minute, in the one order that no country reads otherwise.
    fn date(&self) -> String {
        self.page.format.exact(self.sale.sold_at).chars().take("2026-11-24 14:05".len()).collect()
    }

    /// `3 × 2.900`, `0,755 kg × 12.900`.
    fn measure(&self, line: &Line) -> String {
        let quantity = measure(self.page, line, line.quantity_milli);
        format!("{quantity} × {}", self.page.format.amount(line.unit_final_minor))
    }

    /// A payment's own words: Nequi, ref. 884120.
    fn way(&self, paid: &load_sale::Paid) -> String {
        let mut words = paid.method.clone();
        if !paid.bank.is_empty() {
            words.push_str(", ");
            words.push_str(&paid.bank);
        }
        if !paid.reference.is_empty() {
            words.push_str(", ");
            words.push_str(&self.t.show_reference(&paid.reference));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_are_code_128_with_its_check_and_stop() {
        let (path, width) = bars("C1-1249").expect("set B has these letters");
        // Start, seven characters and the check are 11 modules each, the stop 13.
        assert_eq!(width, 9 * 11 + 13);
        // Start B is 11010010000; the stop ends in two bars of 3 and 2 modules (ISO/IEC 15417).
        assert!(path.starts_with("M0 0h2v1h-2zM3 0h1v1h-1zM6 0h1v1h-1z"), "{path}");
        assert!(path.ends_with(&format!("M{} 0h2v1h-2z", width - 2)), "{path}");
    }

    #[test]
    fn a_series_that_has_no_bars_is_printed_as_text() {
        assert_eq!(bars("Ñ-1"), None);
    }
}
