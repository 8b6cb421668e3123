//! `/logout/`: POST only. What is unsent in the till's storage stays.

use crate::kernel::App;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use guard::Current;
use web::AppError;

/// Signs out.
pub async fn submit(State(app): State<App>, current: Current) -> Result<Response, AppError> {
    app.guard.sign_out(&current).await?;
    Ok(Redirect::to("/").into_response())
}
