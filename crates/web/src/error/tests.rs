//! Statuses, codes and faces of errors.

use axum::response::IntoResponse;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;

use super::{AppError, Asked, Wants, Ways, finish, is_unfinished};
use crate::form::Problem;
use crate::page::tests::page;

const WAYS: Ways = Ways { sign_in: "/login/", denied: "/ventas/", change_password: "/cambiar-password/" };

/// What the reader gets: status, headers, body.
async fn answered(error: AppError, wants: Wants) -> (StatusCode, HeaderMap, String) {
    let page = page();
    let asked = Asked { page: &page, method: &Method::GET, uri: "/productos/?q=a b&x=1", wants, ways: WAYS };
    let response = finish(error.into_response(), &asked);
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn each_error_has_its_status_and_code_in_the_envelope() {
    let table = [
        (AppError::BadRequest { why: "x".into() }, 400, "VALIDATION_ERROR"),
        (AppError::Validation(vec![("precio".into(), Problem::Required)]), 400, "VALIDATION_ERROR"),
        (AppError::SignInNeeded, 401, "INVALID_CREDENTIALS"),
        (AppError::InvalidCredentials, 401, "INVALID_CREDENTIALS"),
        (AppError::CsrfMissing, 403, "CSRF_TOKEN_MISSING"),
        (AppError::PermissionDenied, 403, "PERMISSION_DENIED"),
        (AppError::PasswordChangeRequired, 403, "PASSWORD_CHANGE_REQUIRED"),
        (AppError::NotFound, 404, "RESOURCE_NOT_FOUND"),
        (AppError::Protected, 409, "PROTECTED_ERROR"),
        (
            AppError::StockInsufficient { product: "Leche".into(), available: "4".into(), fields: Vec::new() },
            409,
            "STOCK_INSUFFICIENT",
        ),
        (AppError::Conflict(None), 409, "CONFLICT"),
        (AppError::RateLimited { retry_after_s: 4 }, 429, "RATE_LIMITED"),
        (AppError::Internal("secret".into()), 500, "INTERNAL_ERROR"),
    ];
    for (error, status, code) in table {
        let (found, _, body) = answered(error, Wants::Json).await;
        assert_eq!(found.as_u16(), status, "{code}");
        let envelope: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(envelope["success"], false);
        assert_eq!(envelope["code"], code);
        assert_eq!(envelope["request_id"], "r-1");
        if code == "VALIDATION_ERROR" && envelope.get("fields").is_some() {
            assert_eq!(envelope["fields"]["precio"][0], "Escribe este dato.");
        }
    }
}

#[tokio::test]
async fn a_failure_of_ours_shows_a_fixed_sentence_and_the_request_id() {
    for wants in [Wants::Html, Wants::Json] {
        let (status, _, body) = answered(AppError::Internal("no such table: secret".into()), wants).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("r-1"), "{body}");
        assert!(body.contains("quedó anotado"), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}

#[tokio::test]
async fn who_can_go_on_elsewhere_is_led_there() {
    let (status, headers, _) = answered(AppError::SignInNeeded, Wants::Html).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/login/?next=%2Fproductos%2F%3Fq%3Da%20b%26x%3D1");
    let (status, headers, _) = answered(AppError::PermissionDenied, Wants::Html).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/ventas/");
    assert!(headers[header::SET_COOKIE].to_str().unwrap().starts_with("aviso="));
    let (_, headers, _) = answered(AppError::RateLimited { retry_after_s: 7 }, Wants::Html).await;
    assert_eq!(headers[header::RETRY_AFTER], "7");
}

#[tokio::test]
async fn a_bare_status_of_the_router_becomes_a_page_and_keeps_its_headers() {
    let page = page();
    let asked = Asked { page: &page, method: &Method::PUT, uri: "/x", wants: Wants::Html, ways: WAYS };
    let mut bare = StatusCode::METHOD_NOT_ALLOWED.into_response();
    bare.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
    assert!(is_unfinished(&bare));
    let response = finish(bare, &asked);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let fine = (StatusCode::OK, "fine").into_response();
    assert!(!is_unfinished(&fine));
}

#[test]
fn json_is_for_who_asks_for_it_or_sends_it() {
    let table = [
        ("/productos/", "text/html,*/*", "", Wants::Html),
        ("/productos/", "*/*", "", Wants::Html),
        ("/productos/", "application/json", "", Wants::Json),
        ("/api/v1/products", "text/html", "", Wants::Json),
        ("/ventas/api/buscar-producto/", "", "", Wants::Json),
        ("/ventas/nueva/", "*/*", "application/json", Wants::Json),
        ("/login/", "text/html,application/json", "application/x-www-form-urlencoded", Wants::Html),
    ];
    for (path, accept, content_type, expected) in table {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        assert_eq!(Wants::of(path, &headers), expected, "{path} {accept}");
    }
}
