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
        let named =
            ["mark.svg", "icon-apple-180.png", "till.webmanifest", "figtree.woff2", "app.css", "till.css", "till.js"];
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
        assert_eq!(page().matches("/static/").count(), 7);
    }

    /// A phone offers to install what has a name, an address and an icon of its own,
    /// and shows what a launcher cut to its shape.
    #[test]
    fn the_till_can_be_installed() {
        let manifest = assets::find("till.webmanifest").expect("it was built");
        let manifest: serde_json::Value = serde_json::from_slice(manifest.identity).expect("it is JSON");
        assert_eq!(manifest["start_url"], "/ventas/nueva/");
        assert_eq!(manifest["display"], "standalone");
        let icons = manifest["icons"].as_array().expect("it lists icons");
        assert!(icons.iter().any(|icon| icon["purpose"] == "maskable"));
        for icon in icons {
            let src = icon["src"].as_str().expect("an icon has an address");
            let asset = assets::all().find(|asset| asset.url == src).expect("the icon was built");
            assert_eq!(asset.content_type, "image/png");
            // A PNG states its width at byte 16 (PNG specification, IHDR).
            let width = u32::from_be_bytes(asset.identity[16..20].try_into().expect("four bytes"));
            assert_eq!(icon["sizes"], format!("{width}x{width}"));
        }
    }

    /// The budget of the till: a cheap phone on a slow line opens it, too.
    #[test]
    fn the_script_of_the_till_is_at_most_80_kb_compressed() {
        let chunks = assets::all().filter(|asset| asset.name != "page.js" && asset.file.ends_with(".js"));
        let bytes: usize = chunks.map(assets::Asset::bytes_sent_min).sum();
        assert!((30_000..=80_000).contains(&bytes), "{bytes} bytes");
    }
}
