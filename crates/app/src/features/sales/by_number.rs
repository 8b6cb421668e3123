//! `/ventas/numero/{label}/`: from what a receipt says to the sale's own pages.
//!
//! A receipt's bars carry the number alone. Whoever may not see the sale, or asks for
//! one that is not there, finds the list looking for it.

use crate::{
    features::sales::find_sales::{self, Filter},
    kernel::{App, ShopPage},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use web::{AppError, pagination::At, urlencoded};

/// Leads to the sale.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(label): Path<String>) -> Result<Response, AppError> {
    lead(&app, &page, &label, "").await
}

/// Leads to the sale's refund.
///
/// # Errors
/// A database that fails.
pub async fn refund(State(app): State<App>, page: ShopPage, Path(label): Path<String>) -> Result<Response, AppError> {
    lead(&app, &page, &label, "devolver/").await
}

async fn lead(app: &App, page: &ShopPage, label: &str, then: &str) -> Result<Response, AppError> {
    let found = match parts(label) {
        Some(number) => {
            let filter = Filter { number: Some(number), ..Filter::default() }.within(&page.actor);
            let mut read = app.db.shop(&page.actor).await?;
            find_sales::find(&mut read, &filter, &At::Offset(0), 1).await?.first().map(|place| place.id)
        }
        None => None,
    };
    let to = match found {
        Some(id) => format!("/ventas/{id}/{then}"),
        None => format!("/ventas/?q={}", urlencoded::encode(label)),
    };
    Ok(Redirect::to(&to).into_response())
}

/// Series and number: `C1-` and 201 of `C1-201`. A number alone could be of any series.
fn parts(label: &str) -> Option<(String, i64)> {
    let digits_at = label.rfind(|character: char| !character.is_ascii_digit())? + 1;
    let (prefix, digits) = label.split_at_checked(digits_at)?;
    Some((prefix.to_uppercase(), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_label_is_a_series_and_a_number() {
        assert_eq!(parts("c1-201"), Some(("C1-".to_owned(), 201)));
        for nothing in ["", "201", "C1-", "C1-99999999999999999999", "C1-ñ"] {
            assert_eq!(parts(nothing), None, "{nothing}");
        }
    }
}
