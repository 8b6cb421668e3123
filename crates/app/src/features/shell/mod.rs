//! The words around every page: the navigation, and the palette's search.
//!
//! It owns no table; `kernel::nav` puts the links together, and what is searched is
//! found by the features whose it is.

mod find_anything;

use crate::kernel::App;
use web::{Access, Routes};

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new().get("/buscar/", Access::Member, find_anything::show)
}
