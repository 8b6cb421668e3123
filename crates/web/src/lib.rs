//! Everything between a request and a feature that changes seldom: pages, forms,
//! errors, texts, assets, the look.
//!
//! It lives apart from `app` so that editing a feature does not build it again. It
//! owns the templates that pages extend (`templates/`), the styles and the page script
//! (`src/ui/`), and the one place that turns an error into an answer ([`error`]).
//! It must not know: features, shops' data, SQL, who is signed in and why.
//!
//! A feature's page is a struct with `page: &PageContext` and its own view, an askama
//! template that extends `shell.html`, and a route with a declared [`route::Access`].
//! `templates/README.md` shows one whole.

// Generated code and templates name this crate as others do.
extern crate self as web;

pub mod assets;
pub mod chart;
pub mod components;
pub mod compress;
pub mod error;
pub mod flash;
pub mod form;
pub mod format;
pub mod icon;
pub mod json;
pub mod lang;
pub mod page;
pub mod pagination;
pub mod query;
pub mod route;
pub mod sheet;
pub mod urlencoded;

pub use error::{AppError, Wants};
pub use form::{Choice, Draft, FormReader, Problem, Text};
pub use format::Format;
pub use icon::Icon;
pub use lang::Lang;
pub use page::PageContext;
pub use route::{Access, Routes};
pub use sheet::Sheet;

/// The texts that every page shares, made from `src/common/*.toml`.
pub mod texts {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}
