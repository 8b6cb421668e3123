//! Placeholder head; the crate's own essay replaces it.
