//! Errors on their way out become pages or envelopes, in the reader's language.

use crate::{
    features::accounts::asker,
    kernel::{
        nav,
        request::{self, Asked},
        state::App,
    },
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use guard::{
    Current,
    layers::RequestId,
    refusal::{Refusal, Refusals},
};
use http::{HeaderMap, Method, request::Parts};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};
use web::{
    AppError, PageContext, Wants,
    error::{self, Ways},
};

/// Addresses whose answers tell the server's time, from which a till measures its
/// own clock, refused or not.
const TILL_PATHS: &str = "/api/v1/till/";
const SERVER_TIME: http::HeaderName = http::HeaderName::from_static("x-server-time");

/// The layer just inside the session's: it writes the answers of errors.
pub async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let method = parts.method.clone();
    let uri = parts.uri.clone();
    let headers = kept(&parts.headers);
    let current = parts.extensions.get::<Current>().cloned();
    let request_id = parts.extensions.get::<RequestId>().copied();
    // A handler that panics is a mistake of ours: its answer has every header and a request
    // id like any other, and the connection goes on.
    let answered = AssertUnwindSafe(next.run(Request::from_parts(parts, body))).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| AppError::Internal("the handler panicked".into()).into_response());
    if uri.path().starts_with(TILL_PATHS) {
        response.headers_mut().insert(SERVER_TIME, http::HeaderValue::from(app.now_us()));
    }
    if !error::is_unfinished(&response) {
        return response;
    }
    let session = current.as_ref().and_then(Current::session);
    let asker = match session {
        // A page about an error is worth a page without navigation at worst.
        Some(session) => asker::load(&app.db, &session).await.unwrap_or_else(|error| {
            tracing::error!(%error, "who asks could not be read for the page of an error");
            None
        }),
        None => None,
    };
    let page = request::context(
        &app,
        &headers,
        &Asked {
            path: uri.path(),
            request_id: request_id.map(|id| id.0.to_string()).unwrap_or_default(),
            csrf: current.as_ref().map(Current::csrf_token).unwrap_or_default(),
            asker: asker.as_ref(),
        },
    );
    let denied = match &asker {
        Some(asker) if asker.membership.is_some() => "/ventas/",
        Some(asker) => nav::home_of(asker),
        None => "/",
    };
    answer(response, &page, &method, &uri, &headers, denied)
}

fn answer(
    response: Response,
    page: &PageContext,
    method: &Method,
    uri: &http::Uri,
    headers: &HeaderMap,
    denied: &'static str,
) -> Response {
    let asked = error::Asked {
        page,
        method,
        uri: uri.path_and_query().map_or(uri.path(), http::uri::PathAndQuery::as_str),
        wants: Wants::of(uri.path(), headers),
        ways: Ways { sign_in: "/login/", denied, change_password: "/cambiar-password/" },
    };
    error::finish(response, &asked)
}

/// The headers that an error's answer depends on.
fn kept(headers: &HeaderMap) -> HeaderMap {
    use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE};
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE]
        .into_iter()
        .filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)))
        .collect()
}

/// How the guard's own refusals look. It is made before the application that it
/// needs, which is handed to it once.
#[derive(Clone, Default)]
pub struct PageRefusals(Arc<OnceLock<App>>);

impl PageRefusals {
    /// Hands over the application.
    pub fn attach(&self, app: App) {
        // A second application would be a mistake of the wiring; the first one stays.
        let _already = self.0.set(app);
    }
}

impl Refusals for PageRefusals {
    fn render(&self, refusal: Refusal, parts: &Parts) -> Response {
        let error = match refusal {
            Refusal::Csrf(_) => AppError::CsrfMissing,
            Refusal::Method => AppError::MethodNotAllowed,
            Refusal::BodyTooLarge => AppError::TooLarge,
            Refusal::StoreUnavailable => AppError::Unavailable,
            Refusal::HttpsRequired => AppError::PermissionDenied,
            Refusal::Host | Refusal::BodyBroken => AppError::BadRequest { why: refusal.reason().to_owned() },
            Refusal::Misassembled => AppError::Internal(refusal.reason().into()),
        };
        let Some(app) = self.0.get() else { return refusal.status().into_response() };
        let page = request::context(
            app,
            &parts.headers,
            &Asked {
                path: parts.uri.path(),
                request_id: parts.extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
                csrf: String::new(),
                asker: None,
            },
        );
        // A refusal leads nowhere else: whoever is refused reads why, here.
        let here: &'static str = "/";
        let page = PageContext { path: here.to_owned(), ..page };
        answer(error.into_response(), &page, &parts.method, &parts.uri, &parts.headers, here)
    }
}
