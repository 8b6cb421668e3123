//! Logs: to stderr, as text or JSON, without colours or secrets.
//!
//! **Invariant:** one event is one line. Values are written escaped, so that a
//! name with a line break in it cannot forge an entry.

use crate::config::operation::{LogFormat, LogLevel, Operation};
use std::io;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts writing logs; a second call changes nothing.
pub fn start(operation: &Operation) {
    let level = match operation.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let registry = tracing_subscriber::registry().with(level);
    let started = match operation.log_format {
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(io::stderr)).try_init(),
        LogFormat::Text => registry.with(fmt::layer().with_ansi(false).with_writer(io::stderr)).try_init(),
    };
    // Only a test starts twice in one process; the first subscriber stays.
    drop(started);
}
