//! What every request passes before and after its handler.
//!
//! The rooms of a request, outermost first: the guard's outside (request id,
//! headers, host, https), static files, errors made readable ([`finish`]), the
//! guard's inside (session, CSRF), the route's declared access ([`enforce`]), the
//! handler with what it asks for ([`request`]).

pub mod enforce;
pub mod finish;
pub mod nav;
pub mod request;
pub mod state;

pub use request::{Body, PersonPage, ShopPage};
pub use state::App;
