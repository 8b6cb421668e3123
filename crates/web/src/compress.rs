//! Pages and data go over the wire compressed: a page of 50 kB is 10 kB then, which a
//! phone on a bad line feels.
//!
//! Assets are compressed when they are built and pass untouched, and so does what has no
//! known length. Compressing what mixes a secret with what a stranger sent can give the
//! secret away by its length (the BREACH attack); the only secret in a page is the form
//! token, which is masked anew in every answer.

use std::io::Write;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// Shorter answers fit into one packet as they are.
const BYTES_MIN: u64 = 1_400;
/// Longer ones are files rather than pages; they would hold a thread for too long.
const BYTES_MAX: u64 = 1024 * 1024;

/// Compresses the answers of the routes below it for whoever can read that.
pub async fn compress(request: Request, next: Next) -> Response {
    let is_asked = *request.method() != Method::HEAD && accepts_gzip(request.headers());
    let response = next.run(request).await;
    if !is_worth_it(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if !is_asked {
        return Response::from_parts(head, body);
    }
    let limit = usize::try_from(BYTES_MAX).unwrap_or(usize::MAX);
    match to_bytes(body, limit).await {
        Ok(plain) => {
            head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            head.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(head, Body::from(gzip(&plain)))
        }
        Err(error) => {
            tracing::error!(%error, "a body of known length broke off");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    // The fastest level: what a better one saves is less than it costs to wait for.
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

/// Whether `gzip` is in the list and not refused (RFC 9110, section 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|entry| {
        let (coding, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        coding.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

fn is_worth_it(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = kind.starts_with("text/html") || kind.starts_with("application/json");
    let length = HttpBody::size_hint(response.body()).exact();
    is_text
        && length.is_some_and(|length| (BYTES_MIN..=BYTES_MAX).contains(&length))
        && !response.headers().contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware::from_fn, routing::get};
    use flate2::read::GzDecoder;
    use http_body_util::BodyExt;
    use std::io::Read;
    use tower::ServiceExt;

    fn long() -> String {
        "<p>Leche Alquería</p>".repeat(200)
    }

    async fn ask(path: &str, accept: &str) -> (HeaderMap, Vec<u8>) {
        let page = |kind: &'static str, text: String| async move { ([(header::CONTENT_TYPE, kind)], text) };
        let router = Router::new()
            .route("/page", get(move || page("text/html; charset=utf-8", long())))
            .route("/short", get(move || page("text/html", "<p>Leche</p>".to_owned())))
            .route("/file", get(move || page("text/csv", long())))
            .route(
                "/packed",
                get(|| async { ([(header::CONTENT_TYPE, "text/html"), (header::CONTENT_ENCODING, "br")], long()) }),
            )
            .layer(from_fn(compress));
        let request = Request::get(path).header(header::ACCEPT_ENCODING, accept).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        (headers, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_page_is_compressed_and_says_so() {
        let (headers, body) = ask("/page", "br, gzip;q=0.8").await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        assert_eq!(headers[header::VARY], "Accept-Encoding");
        assert!(body.len() < 300, "{} bytes", body.len());
        let mut text = String::new();
        GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, long());
    }

    #[tokio::test]
    async fn who_cannot_read_it_gets_the_page_as_it_is() {
        for accept in ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "xgzip"] {
            let (headers, body) = ask("/page", accept).await;
            assert!(!headers.contains_key(header::CONTENT_ENCODING), "{accept}");
            assert_eq!(
                (body, &headers[header::VARY]),
                (long().into_bytes(), &HeaderValue::from_static("Accept-Encoding"))
            );
        }
    }

    #[tokio::test]
    async fn short_pages_files_and_what_is_packed_already_pass() {
        for (path, encoding) in [("/short", None), ("/file", None), ("/packed", Some("br"))] {
            let (headers, _) = ask(path, "gzip").await;
            assert_eq!(headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap()), encoding, "{path}");
        }
    }
}
