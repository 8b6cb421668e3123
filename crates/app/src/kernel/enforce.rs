//! The guard of a route: its declared access, asked before the handler runs.

use crate::{
    features::{
        accounts::asker::{self, Asker},
        sync::device,
    },
    kernel::state::App,
};
use axum::{extract::Request, middleware::Next, response::IntoResponse, routing::MethodRouter};
use guard::Current;
use std::sync::Arc;
use web::{Access, AppError, route::RouteInfo};

/// Where somebody who must change their password may still go.
const WHILE_CHANGE_IS_DUE: [&str; 2] = ["/cambiar-password/", "/logout/"];

/// Wraps a route's handler in the check of its access.
pub fn enforce(app: &App, route: &RouteInfo, handler: MethodRouter<App>) -> MethodRouter<App> {
    let (app, access, path) = (app.clone(), route.access, route.path);
    handler.route_layer(axum::middleware::from_fn(move |request: Request, next: Next| {
        let app = app.clone();
        async move {
            match admit(&app, access, path, request).await {
                Ok(request) => next.run(request).await,
                Err(error) => error.into_response(),
            }
        }
    }))
}

async fn admit(app: &App, access: Access, path: &str, mut request: Request) -> Result<Request, AppError> {
    if access == Access::Device {
        return device::admit(app, request).await;
    }
    let current = request.extensions().get::<Current>().cloned();
    let asker = who_asks(app, current).await?;
    check(access, path, asker.as_deref())?;
    if let Some(asker) = asker {
        request.extensions_mut().insert(asker);
    }
    Ok(request)
}

async fn who_asks(app: &App, current: Option<Current>) -> Result<Option<Arc<Asker>>, AppError> {
    match current.as_ref().and_then(Current::session) {
        Some(session) => Ok(asker::load(&app.db, &session).await?.map(Arc::new)),
        None => Ok(None),
    }
}

/// Whether somebody may call a route. Pure, so that the whole matrix can be tried.
///
/// # Errors
/// The refusal: nobody signed in, a change of password that is due, no right.
pub fn check(access: Access, path: &str, asker: Option<&Asker>) -> Result<(), AppError> {
    // Before the public pages too: until the change is made there is no way round it.
    if asker.is_some_and(|asker| asker.must_change_password) && !WHILE_CHANGE_IS_DUE.contains(&path) {
        return Err(AppError::PasswordChangeRequired);
    }
    if access == Access::Public {
        return Ok(());
    }
    let asker = asker.ok_or(AppError::SignInNeeded)?;
    let allowed = match access {
        Access::Public | Access::SignedIn => true,
        Access::Member => asker.membership.is_some(),
        Access::Permission(permission) => asker.may(permission),
        Access::Superuser => asker.superuser,
        // Programs and devices never come with a person's session.
        Access::Device | Access::ApiKey => false,
    };
    if allowed { Ok(()) } else { Err(AppError::PermissionDenied) }
}
