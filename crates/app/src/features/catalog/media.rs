//! `/media/…`: a shop's photos, to those who may see its products.
//!
//! The shop is the reader's own and is in no address: what another shop has does not
//! exist. A file is always a JPEG that we encoded, and is sent as nothing else.

use crate::{actor::Actor, features::catalog::photos::Photos, kernel::App};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::ids::ShopId;
use guard::csp::Profile;
use http::header;
use web::AppError;

/// A name is a hash of what it names, so that a browser never asks twice. No cache on
/// the way may keep it: it is the shop's own.
const CACHING: &str = "private, max-age=31536000, immutable";

/// `GET /media/{file}`.
///
/// # Errors
/// No such photo in this shop, or a place that cannot be read.
pub async fn show(State(app): State<App>, actor: Actor, Path(file): Path<String>) -> Result<Response, AppError> {
    answer(&app.photos, actor.shop, &file).await
}

/// A photo as an answer; for the till's device as well, which proves itself otherwise.
///
/// # Errors
/// No such photo in this shop, or a place that cannot be read.
pub async fn answer(photos: &Photos, shop: ShopId, file: &str) -> Result<Response, AppError> {
    let jpeg = photos.load(shop, file).await?.ok_or(AppError::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, CACHING)];
    let mut response = (headers, jpeg).into_response();
    // The guard adds nosniff; opened by itself, it is a picture and can do nothing.
    response.extensions_mut().insert(Profile::Sandbox);
    Ok(response)
}
