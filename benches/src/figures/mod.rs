//! The figures by what they look at.

pub mod mixed;
pub mod reading;
pub mod rest;
pub mod selling;
