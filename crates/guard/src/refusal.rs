//! What the layers refuse, and the trait by which an application shows it.

use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::csrf::{CsrfRefusal, REFUSAL_CODE};

/// Why a layer did not let a request through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The host is missing, malformed or not listed.
    Host,
    /// A method that no route here has.
    Method,
    /// Plain http where https is asked for.
    HttpsRequired,
    /// A forged request, or one whose form is out of date.
    Csrf(CsrfRefusal),
    /// A form above the limit.
    BodyTooLarge,
    /// The body broke off.
    BodyBroken,
    /// Sessions cannot be read or written now.
    StoreUnavailable,
    /// The layers were put together in the wrong order: a defect of the program.
    Misassembled,
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Host | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::HttpsRequired | Self::Csrf(_) => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Misassembled => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code for JSON clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Host => "HOST_NOT_ALLOWED",
            Self::Method => "METHOD_NOT_ALLOWED",
            Self::HttpsRequired => "HTTPS_REQUIRED",
            Self::Csrf(_) => REFUSAL_CODE,
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::BodyBroken => "BODY_INCOMPLETE",
            Self::StoreUnavailable => "TEMPORARILY_UNAVAILABLE",
            Self::Misassembled => "INTERNAL_ERROR",
        }
    }

    /// The reason for logs and counters.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Host => "host_not_allowed",
            Self::Method => "method_unknown",
            Self::HttpsRequired => "https_required",
            Self::Csrf(refusal) => refusal.reason(),
            Self::BodyTooLarge => "body_too_large",
            Self::BodyBroken => "body_broken",
            Self::StoreUnavailable => "store_unavailable",
            Self::Misassembled => "layers_misassembled",
        }
    }
}

/// Shows refusals. The layers take care of status and headers; the application says what
/// the person can do, in the person's language.
pub trait Refusals: Send + Sync + 'static {
    /// The answer. Its status is overwritten with [`Refusal::status`].
    fn render(&self, refusal: Refusal, request: &Parts) -> Response;
}

/// Bare refusals: the code as text, or as JSON where the client asks for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainRefusals;

impl Refusals for PlainRefusals {
    fn render(&self, refusal: Refusal, request: &Parts) -> Response {
        if wants_json(request) {
            let body = format!("{{\"code\":\"{}\"}}", refusal.code());
            return ([(CONTENT_TYPE, "application/json")], body).into_response();
        }
        ([(CONTENT_TYPE, "text/plain; charset=utf-8")], refusal.code()).into_response()
    }
}

/// Whether the client asks for JSON, or sends it.
#[must_use]
pub fn wants_json(request: &Parts) -> bool {
    let says_json = |name| {
        let value = request.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        value.is_some_and(|text| text.contains("application/json"))
    };
    says_json(ACCEPT) || says_json(CONTENT_TYPE)
}

pub(crate) fn answer(refusals: &dyn Refusals, refusal: Refusal, request: &Parts) -> Response {
    let mut response = refusals.render(refusal, request);
    *response.status_mut() = refusal.status();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refusal == Refusal::Method {
        // RFC 9110 §15.5.6 wants the list; these are the methods that routes may have.
        let methods = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        response.headers_mut().insert(http::header::ALLOW, methods);
    }
    response
}
