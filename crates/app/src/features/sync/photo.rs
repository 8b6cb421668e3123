//! `GET /api/v1/till/photos/{file}`: a product's picture for a till, which brings no
//! cookie.

use crate::{
    features::{catalog::media, sync::device::DeviceActor},
    kernel::App,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use web::AppError;

/// Answers it.
///
/// # Errors
/// A device that was revoked, no such photo in its shop, a place that cannot be read.
pub async fn show(State(app): State<App>, device: DeviceActor, Path(file): Path<String>) -> Result<Response, AppError> {
    if device.revoked {
        return Err(AppError::DeviceRevoked);
    }
    media::answer(&app.photos, device.shop, &file).await
}
