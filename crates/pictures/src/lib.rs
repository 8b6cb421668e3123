//! Pictures that people send, made harmless: bytes in, two small JPEGs out.
//!
//! Owns which formats are taken, how large they may be, and what becomes of them.
//! Pure: no files, no network, no clock. It must not know what a picture is of.
//!
//! **Invariant:** no byte that was sent leaves again. The pixels are decoded, turned
//! upright, made smaller and encoded anew, so that neither metadata (where a photo
//! was taken) nor anything hidden behind or inside the file survives.

mod jpeg;
mod prepare;
#[cfg(test)]
mod tests;

pub use prepare::{BYTES_MAX, LARGE_SIDE, PIXELS_MAX, Prepared, Refused, SMALL_SIDE, prepare};
