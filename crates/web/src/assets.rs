//! The embedded assets: looked up by the names that templates use, served under
//! `/static/` by the names that contain their hash.
//!
//! **Invariant:** bytes under one address never change, so browsers keep them for good.

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::error::AppError;

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// The name that templates use: `till.js`.
    pub name: &'static str,
    /// The file's name with its hash.
    pub file: &'static str,
    /// Its address.
    pub url: &'static str,
    /// Its content type.
    pub content_type: &'static str,
    /// Its strong tag, with the quotes.
    pub etag: &'static str,
    /// Its bytes as they are.
    pub identity: &'static [u8],
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

impl Asset {
    /// The bytes that today's browsers get: the smallest variant's.
    #[must_use]
    pub fn bytes_sent_min(&self) -> usize {
        self.brotli.or(self.gzip).unwrap_or(self.identity).len()
    }
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The asset of a name, if it was built.
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of an asset that was built; for templates.
///
/// # Panics
/// When there is no such asset: a misspelt name in a template, which the first test that
/// renders it finds.
#[must_use]
pub fn url(name: &str) -> &'static str {
    match find(name) {
        Some(asset) => asset.url,
        None => {
            panic!("there is no asset {name}; the manifest has {:?}", ASSETS.iter().map(|a| a.name).collect::<Vec<_>>())
        }
    }
}

/// Every asset, for tests and for a till's list of what to keep offline.
pub fn all() -> impl Iterator<Item = &'static Asset> {
    ASSETS.iter()
}

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Serves `/static/{*file}`: GET and HEAD.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, AppError> {
    let asset = ASSETS.iter().find(|asset| asset.file == file).ok_or(AppError::NotFound)?;
    Ok(respond(asset, &headers, IMMUTABLE))
}

/// Serves an asset under another address, such as the service worker's, with its own
/// caching: `no-cache` there, since that address does not change with the bytes.
#[must_use]
pub fn respond(asset: &'static Asset, headers: &HeaderMap, cache_control: &'static str) -> Response {
    let common =
        [(header::CACHE_CONTROL, cache_control), (header::ETAG, asset.etag), (header::VARY, "Accept-Encoding")];
    if is_known(headers, asset.etag) {
        return (StatusCode::NOT_MODIFIED, headers_of(&common)).into_response();
    }
    let (encoding, bytes) = best(asset, headers);
    let mut response = Body::from(Bytes::from_static(bytes)).into_response();
    response.headers_mut().extend(headers_of(&common));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn headers_of(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

/// Whether the browser holds these bytes (RFC 9110, section 13.1.2, weak comparison).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let Some(known) = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The smallest variant that the request accepts.
fn best(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let accept = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |coding: &str| {
        accept.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case(coding));
            named && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    match (asset.brotli, asset.gzip) {
        (Some(bytes), _) if accepts("br") => (Some("br"), bytes),
        (_, Some(bytes)) if accepts("gzip") => (Some("gzip"), bytes),
        _ => (None, asset.identity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(HeaderName, &'static str)]) -> Response {
        respond(find("page.js").unwrap(), &headers_of(pairs), IMMUTABLE)
    }

    #[test]
    fn the_smallest_variant_that_is_accepted_is_sent() {
        let table = [
            ("gzip, deflate, br", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("identity", None),
            ("", None),
        ];
        for (accept, expected) in table {
            let response = asked(&[(header::ACCEPT_ENCODING, accept)]);
            let encoding = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(encoding, expected, "{accept}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        }
    }

    #[test]
    fn what_the_browser_holds_is_not_sent_again() {
        let etag = find("page.js").unwrap().etag;
        assert_eq!(asked(&[(header::IF_NONE_MATCH, etag)]).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(asked(&[(header::IF_NONE_MATCH, "\"other\"")]).status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn only_whole_hashed_names_are_served() {
        let file = find("app.css").unwrap().file;
        let response = serve(Path(file.to_owned()), HeaderMap::new()).await.unwrap();
        assert_eq!(response.headers()[header::CACHE_CONTROL], IMMUTABLE);
        for name in ["app.css", "", "../manifest.json", "manifest.json"] {
            assert!(serve(Path(name.to_owned()), HeaderMap::new()).await.is_err(), "{name}");
        }
    }

    #[test]
    fn what_every_page_names_was_built() {
        for name in ["app.css", "page.js", "figtree.woff2", "mark.svg", "till.css"] {
            assert!(url(name).starts_with("/static/"), "{name}");
        }
    }

    #[test]
    fn the_scripts_need_no_eval() {
        for asset in all().filter(|asset| asset.file.ends_with(".js")) {
            let text = std::str::from_utf8(asset.identity).unwrap();
            assert!(!text.contains("new Function") && !text.contains("eval("), "{}", asset.name);
        }
    }
}
