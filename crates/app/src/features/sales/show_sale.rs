//! `GET /ventas/{id}/`: one sale, whole: what, who, where, when, how it was paid and
//! what came back. Cost and profit for who may see figures.

use crate::{
    features::sales::load_sale::{self, Cost, Sale, State as SaleState},
    kernel::{App, ShopPage},
    texts::sales::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{ids::SaleId, permission::Permission};
use web::{AppError, PageContext};

#[derive(Template)]
#[template(path = "sales/show_sale.html")]
struct SalePage<'a> {
    page: &'a PageContext,
    t: Texts,
    sale: &'a Sale,
    cost: Option<Cost>,
    may_refund: bool,
    may_void: bool,
    may_see_products: bool,
    may_record_income: bool,
}

/// Shows the sale.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = read_id(&id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let sale = load_sale::load(&mut read, &page.actor, id).await?.ok_or(AppError::NotFound)?;
    let cost = match page.actor.may(Permission::SeeFigures) {
        true => Some(load_sale::load_cost(&mut read, id).await?),
        false => None,
    };
    drop(read);
    page.show(&SalePage {
        page: &page,
        t: Texts(page.lang),
        sale: &sale,
        cost,
        may_refund: page.actor.may(Permission::Refund) && sale.is_refundable(),
        may_void: page.actor.may(Permission::Void) && sale.state() == SaleState::Whole,
        may_see_products: page.actor.may(Permission::ManageProducts),
        may_record_income: page.actor.may(Permission::ManageExpenses),
    })
}

/// The id of an address; what is none leads nowhere.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn read_id(text: &str) -> Result<SaleId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

impl SalePage<'_> {
    /// How many of what at which price: `3 × 2.900`, `0,755 kg × 12.900`.
    fn measure(&self, line: &load_sale::Line) -> String {
        measure(self.page, line, line.quantity_milli)
    }

    /// What cash rounding did, where it did something.
    fn rounding(&self) -> Option<i64> {
        Some(self.sale.cash_rounding_minor).filter(|minor| *minor != 0)
    }
}

/// A quantity of a line as people say it: with its unit where it is weighed.
pub fn measure(page: &PageContext, line: &load_sale::Line, quantity_milli: i64) -> String {
    if line.is_measured() {
        page.format.weight(quantity_milli, &line.unit)
    } else {
        page.format.quantity(quantity_milli)
    }
}
