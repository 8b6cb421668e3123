//! `/admin/componentes/`: every component in every state, while DEBUG is on.

use crate::kernel::{App, PersonPage};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use web::{AppError, query::Query};

/// Shows the page; with DEBUG off there is none.
pub async fn show(State(app): State<App>, page: PersonPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    if !app.settings.debug {
        return Err(AppError::NotFound);
    }
    web::components::show(&page, &Query::parse(query.as_deref())?)
}
