//! All routes of the application, and the layers around them.

use crate::{
    features,
    kernel::{App, enforce, finish},
};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use guard::csrf::{ExemptWhen, Exemption};
use http::Method;
use web::{Access, AppError, Routes, assets, compress::compress};

/// Every route: the features', joined.
pub fn routes() -> Routes<App> {
    features::routes()
}

/// The routes that are not checked for forgery: those of devices, which bring a
/// signature and no cookie.
pub fn csrf_exemptions() -> Vec<Exemption> {
    routes()
        .list()
        .filter(|route| route.access == Access::Device && route.method != Method::GET)
        .map(|route| Exemption {
            method: route.method.clone(),
            path: route.path.to_owned(),
            when: ExemptWhen::KeyWithoutSession,
            reason: "a device signs its request and brings no cookie",
        })
        .collect()
}

/// The scheme of `Authorization` by which a device is known.
pub const DEVICE_SCHEME: &str = "Device";

/// The whole application as a service.
pub fn router(app: &App) -> Router {
    let pages = routes()
        .into_router(|route, handler| enforce::enforce(app, route, handler))
        .fallback(async || AppError::NotFound)
        .layer(from_fn_with_state(app.clone(), finish::finish))
        .layer(from_fn(compress));
    let statics = Router::new().route("/static/{*file}", get(assets::serve));
    app.guard.outside(statics.merge(app.guard.inside(pages))).with_state(app.clone())
}
