//! The one place that turns an error into a status, a page or a JSON envelope.
//!
//! Handlers return `Result<Response, AppError>`. On its way out the error rides in the
//! response's extensions; the app's outermost page layer calls [`finish`], which knows
//! the reader's language and whether they want a page or JSON. So a handler never picks
//! a status, and a 500 looks the same everywhere: a fixed sentence and the request id,
//! while the chain of causes goes to the log, once.
//!
//! Every `std` error becomes [`AppError::Internal`] by `?`; what the reader can do
//! something about is one of the other variants, chosen by name.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::form::{Draft, Problem, Said};
use crate::lang::Lang;
use crate::page::PageContext;
use crate::texts::common::Texts;
use crate::urlencoded::{self, Malformed};

mod answer;

/// Why a request was not carried out.
#[derive(Debug)]
pub enum AppError {
    /// What was sent cannot be read. The words are for the log.
    BadRequest {
        /// What was wrong with it.
        why: String,
    },
    /// Fields are wrong: JSON only, since an HTML form is shown again with its draft.
    Validation(Vec<(String, Problem)>),
    /// Nobody is signed in.
    SignInNeeded,
    /// User and password do not match.
    InvalidCredentials,
    /// The CSRF checks refused.
    CsrfMissing,
    /// The person's role does not allow it.
    PermissionDenied,
    /// The password must be changed first.
    PasswordChangeRequired,
    /// There is no such record, or it is another shop's.
    NotFound,
    /// It has a history and cannot be deleted.
    Protected,
    /// A product does not suffice.
    StockInsufficient {
        /// Its name.
        product: String,
        /// What there is, as the shop writes it.
        available: String,
        /// Every field that asks for too much, where several do.
        fields: Vec<(String, Problem)>,
    },
    /// It was changed meanwhile, or the id was used for something else.
    Conflict(Option<Said>),
    /// Too many tries.
    RateLimited {
        /// When to try again, in whole seconds.
        retry_after_s: i64,
    },
    /// A device's clock is too far off to believe its signature's time.
    DeviceClock,
    /// The device was revoked: it may deliver, and nothing else.
    DeviceRevoked,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The body is larger than the route takes.
    TooLarge,
    /// The database is away or overloaded.
    Unavailable,
    /// Everything else: a defect or a failure of ours.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for AppError {
    fn from(error: E) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// A refused form is a validation error where JSON was sent.
impl From<Draft> for AppError {
    fn from(draft: Draft) -> Self {
        Self::Validation(draft.into_problems())
    }
}

impl AppError {
    pub(crate) fn malformed(why: Malformed) -> Self {
        Self::BadRequest { why: why.to_string() }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest { .. } | Self::Validation(_) => StatusCode::BAD_REQUEST,
            Self::SignInNeeded | Self::InvalidCredentials | Self::DeviceClock => StatusCode::UNAUTHORIZED,
            Self::CsrfMissing | Self::PermissionDenied | Self::DeviceRevoked | Self::PasswordChangeRequired => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Protected | Self::StockInsufficient { .. } | Self::Conflict(_) => StatusCode::CONFLICT,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code of the JSON envelope.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } | Self::Validation(_) => "VALIDATION_ERROR",
            Self::SignInNeeded | Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::CsrfMissing => "CSRF_TOKEN_MISSING",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::PasswordChangeRequired => "PASSWORD_CHANGE_REQUIRED",
            Self::NotFound => "RESOURCE_NOT_FOUND",
            Self::Protected => "PROTECTED_ERROR",
            Self::StockInsufficient { .. } => "STOCK_INSUFFICIENT",
            Self::Conflict(_) => "CONFLICT",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::DeviceClock => "DEVICE_CLOCK",
            Self::DeviceRevoked => "DEVICE_REVOKED",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::TooLarge => "PAYLOAD_TOO_LARGE",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL_ERROR",
        }
    }

    /// The title of the error's page.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &'static str {
        let t = Texts(lang);
        match self {
            Self::BadRequest { .. } | Self::Validation(_) => t.error_bad_request_title(),
            Self::SignInNeeded | Self::DeviceClock => t.error_sign_in_needed(),
            Self::InvalidCredentials => t.error_credentials_title(),
            Self::CsrfMissing => t.error_csrf_title(),
            Self::PermissionDenied | Self::DeviceRevoked => t.error_permission_title(),
            Self::PasswordChangeRequired => t.error_password_change(),
            Self::NotFound => t.error_not_found_title(),
            Self::Protected => t.error_protected_title(),
            Self::StockInsufficient { .. } => t.error_stock_title(),
            Self::Conflict(_) => t.error_conflict_title(),
            Self::RateLimited { .. } => t.error_rate_title(),
            Self::MethodNotAllowed => t.error_method_title(),
            Self::TooLarge => t.error_too_large_title(),
            Self::Unavailable => t.error_unavailable_title(),
            Self::Internal(_) => t.error_internal_title(),
        }
    }

    /// What the reader is told to do. Nothing of the cause is in it.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let t = Texts(lang);
        match self {
            Self::BadRequest { .. } => t.error_bad_request().to_owned(),
            Self::Validation(_) => t.error_validation().to_owned(),
            Self::SignInNeeded | Self::DeviceClock => t.error_sign_in_needed().to_owned(),
            Self::InvalidCredentials => t.error_credentials().to_owned(),
            Self::CsrfMissing => t.error_csrf().to_owned(),
            Self::PermissionDenied | Self::DeviceRevoked => t.error_permission().to_owned(),
            Self::PasswordChangeRequired => t.error_password_change().to_owned(),
            Self::NotFound => t.error_not_found().to_owned(),
            Self::Protected => t.error_protected().to_owned(),
            Self::StockInsufficient { product, available, .. } => t.error_stock(product, available),
            Self::Conflict(Some(said)) => said.say(lang),
            Self::Conflict(None) => t.error_conflict().to_owned(),
            Self::RateLimited { retry_after_s } => t.error_rate(*retry_after_s),
            Self::MethodNotAllowed => t.error_method().to_owned(),
            Self::TooLarge => t.error_too_large().to_owned(),
            Self::Unavailable => t.error_unavailable().to_owned(),
            Self::Internal(_) => t.error_internal().to_owned(),
        }
    }

    /// What a bare status that no handler of ours chose (the router's 404, a limit's
    /// 413) stands for.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNAUTHORIZED => Self::SignInNeeded,
            StatusCode::FORBIDDEN => Self::PermissionDenied,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Internal(format!("a bare {status}").into()),
            status => Self::BadRequest { why: format!("a bare {status}") },
        }
    }
}

/// The error on its way to [`finish`].
#[derive(Clone)]
struct Riding(Arc<AppError>);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Riding(Arc::new(self)));
        response
    }
}

/// What kind of answer the request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// A page.
    Html,
    /// The envelope of [`crate::json`].
    Json,
}

impl Wants {
    /// JSON for `/api/` addresses and for who asks for it (or sends it) and not for HTML.
    #[must_use]
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
        let accept = header(header::ACCEPT);
        let sends_json = header(header::CONTENT_TYPE).starts_with("application/json");
        let asks_for_it = accept.contains("application/json") || sends_json;
        if path.starts_with("/api/") || path.contains("/api/") || (asks_for_it && !accept.contains("text/html")) {
            Self::Json
        } else {
            Self::Html
        }
    }
}

/// Where an error sends a reader who can do something elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// The sign-in page.
    pub sign_in: &'static str,
    /// Where somebody signed in but without the right is led, with a message.
    pub denied: &'static str,
    /// The page of a forced change of password.
    pub change_password: &'static str,
}

/// What [`finish`] knows of the request.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The page as the reader would get it.
    pub page: &'a PageContext,
    /// The request's method.
    pub method: &'a Method,
    /// Path and query.
    pub uri: &'a str,
    /// What kind of answer.
    pub wants: Wants,
    /// Where errors lead.
    pub ways: Ways,
}

/// Whether a response still needs [`finish`]: it carries an error, or is a bare status.
#[must_use]
pub fn is_unfinished(response: &Response) -> bool {
    let status = response.status();
    let is_bare = (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(header::CONTENT_TYPE);
    response.extensions().get::<Riding>().is_some() || is_bare || is_plain_refusal(response)
}

/// Extractors and limits of the framework answer with plain words of their own.
fn is_plain_refusal(response: &Response) -> bool {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    is_error && content_type.is_some_and(|kind| kind.starts_with(b"text/plain"))
}

/// Writes the answer of a response that [`is_unfinished`]; others pass. Headers that
/// the response already has (`Allow`, cookies) are kept.
#[must_use]
pub fn finish(response: Response, asked: &Asked<'_>) -> Response {
    if !is_unfinished(&response) {
        return response;
    }
    let error = match response.extensions().get::<Riding>() {
        Some(Riding(error)) => Arc::clone(error),
        None => Arc::new(AppError::of_status(response.status())),
    };
    log(&error, asked);
    let mut finished = match asked.wants {
        Wants::Json => answer::json(&error, asked.page),
        Wants::Html => answer::html(&error, asked),
    };
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && !finished.headers().contains_key(name) {
            finished.headers_mut().append(name, value.clone());
        }
    }
    if let AppError::RateLimited { retry_after_s } = *error {
        finished.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s.max(1)));
    }
    finished
}

/// Where sign-in leads back to: the page that was asked for, if it can be asked again.
fn sign_in_with_next(asked: &Asked<'_>) -> String {
    if asked.method == Method::GET || asked.method == Method::HEAD {
        format!("{}?next={}", asked.ways.sign_in, urlencoded::encode(asked.uri))
    } else {
        asked.ways.sign_in.to_owned()
    }
}

fn log(error: &AppError, asked: &Asked<'_>) {
    let request_id = asked.page.request_id.as_str();
    match error {
        AppError::Internal(cause) => {
            let mut chain = cause.to_string();
            let mut next = cause.source();
            while let Some(cause) = next {
                chain.push_str(": ");
                chain.push_str(&cause.to_string());
                next = cause.source();
            }
            tracing::error!(request_id, code = error.code(), cause = chain, "the request failed");
        }
        AppError::BadRequest { why } => tracing::info!(request_id, code = error.code(), why, "the request was refused"),
        _ => tracing::debug!(request_id, code = error.code(), "the request was refused"),
    }
}

#[cfg(test)]
mod tests;
