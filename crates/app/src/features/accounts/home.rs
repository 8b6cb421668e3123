//! `/`: what it is, and the two doors. Whoever is signed in is led to their work.

use crate::{
    kernel::{PersonPage, nav},
    texts::accounts::Texts,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use web::{AppError, PageContext};

#[derive(Template)]
#[template(path = "accounts/home.html")]
struct Home<'a> {
    page: &'a PageContext,
    t: Texts,
}

/// Shows the page.
pub async fn show(page: PersonPage) -> Result<Response, AppError> {
    if let Some(asker) = &page.asker {
        return Ok(Redirect::to(nav::home_of(asker)).into_response());
    }
    page.show(&Home { page: &page, t: Texts(page.lang) })
}
