//! The words around every page: the navigation.
//!
//! It owns no table; `kernel::nav` puts the links together.
