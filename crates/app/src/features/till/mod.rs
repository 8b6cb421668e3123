//! The till's page: a shell that is the same for everybody, and its worker.
//!
//! It owns no table: what the till says and asks is `sync`'s. **Invariant:** the
//! shell and what it names hold no byte of a person, a shop or a session, so that
//! the browser may keep them and open the till without the server.

use crate::kernel::App;
use axum::response::{IntoResponse, Response};
use guard::csp::Profile;
use http::{HeaderMap, HeaderValue, header};
use std::sync::OnceLock;
use web::{Access, AppError, Routes, assets};

/// The routes. The shell is public because it is static: who may sell is asked
/// when it asks who sells.
pub fn routes() -> Routes<App> {
    Routes::new().get("/ventas/nueva/", Access::Public, shell).get("/ventas/nueva/sw.js", Access::Public, worker)
}

const SHELL: &str = include_str!("shell.html");

/// The shell with the names of this build's files.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let named = ["mark.svg", "figtree.woff2", "app.css", "till.css", "till.js"];
        named.iter().fold(SHELL.to_owned(), |html, name| html.replace(&format!("{{{{{name}}}}}"), assets::url(name)))
    })
}

async fn shell() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let mut response = (headers, page()).into_response();
    response.extensions_mut().insert(Profile::Devices);
    response
}

async fn worker(headers: HeaderMap) -> Result<Response, AppError> {
    let asset = assets::find("sw.js").ok_or(AppError::NotFound)?;
    Ok(assets::respond(asset, &headers, "no-cache"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_shell_names_is_one_of_this_build() {
        assert!(!page().contains("{{"), "{}", page());
        assert_eq!(page().matches("/static/").count(), 5);
    }
}
