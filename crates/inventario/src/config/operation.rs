//! What operators watch: logs, errors, traces, metrics; and the language and
//! zone of whoever chose none.

use super::reader::{Mode, Reader};
use super::secret::Secret;

const METRICS_TOKEN_LENGTH_MIN: usize = 20;

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// The least important lines that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
    /// And everything else.
    Trace,
}

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
    /// Portuguese.
    Pt,
}

/// Everything about operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Where errors are reported.
    pub sentry_dsn: Option<Secret>,
    /// Where traces are sent.
    pub otlp_endpoint: Option<String>,
    /// Headers for that address.
    pub otlp_headers: Option<Secret>,
    /// The name that traces carry.
    pub otel_service_name: String,
    /// Who sends this may read `/metrics` from elsewhere.
    pub metrics_token: Option<Secret>,
    /// The form of log lines.
    pub log_format: LogFormat,
    /// The least important lines.
    pub log_level: LogLevel,
    /// Where nobody chose.
    pub language: Language,
    /// An IANA name.
    pub time_zone: String,
}

impl Operation {
    /// Reads the settings of this part.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let sentry_dsn = reader.secret("SENTRY_DSN");
        if sentry_dsn.as_ref().is_some_and(|dsn| !is_http(dsn.expose()) || !dsn.expose().contains('@')) {
            reader.refuse(
                "SENTRY_DSN",
                "cannot be read",
                "copy it whole from the project's settings: https://key@host/number",
            );
        }
        let otlp_endpoint = reader.text("OTEL_EXPORTER_OTLP_ENDPOINT");
        if otlp_endpoint.as_deref().is_some_and(|url| !is_http(url)) {
            reader.refuse("OTEL_EXPORTER_OTLP_ENDPOINT", "is no address", "write it with https://");
        }
        let metrics_token = reader.secret("METRICS_TOKEN");
        if metrics_token.as_ref().is_some_and(|token| token.expose().chars().count() < METRICS_TOKEN_LENGTH_MIN) {
            reader.refuse(
                "METRICS_TOKEN",
                "is too short to be unguessable",
                "use at least 20 characters, as `inventario generate-secret-key` prints",
            );
        }
        Self {
            sentry_dsn,
            otlp_endpoint,
            otlp_headers: reader.secret("OTEL_EXPORTER_OTLP_HEADERS"),
            otel_service_name: reader.text_or("OTEL_SERVICE_NAME", "inventario"),
            metrics_token,
            log_format: reader.choice(
                "LOG_FORMAT",
                &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                reader.mode.pick("text", "json"),
            ),
            log_level: read_level(reader),
            language: read_language(reader),
            time_zone: read_zone(reader),
        }
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn read_level(reader: &mut Reader<'_>) -> LogLevel {
    const NAME: &str = "LOG_LEVEL";
    let choices = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    let level = reader.choice(NAME, &choices, "info");
    if reader.mode == Mode::Production && matches!(level, LogLevel::Debug | LogLevel::Trace) {
        reader.warn(NAME, "writes a great deal", "go back to info when you have seen what you looked for");
    }
    level
}

fn read_language(reader: &mut Reader<'_>) -> Language {
    const NAME: &str = "LANGUAGE_CODE";
    let code = reader.text_or(NAME, "es").to_ascii_lowercase();
    match code.split(['-', '_']).next() {
        Some("es") => Language::Es,
        Some("en") => Language::En,
        Some("pt") => Language::Pt,
        _ => {
            reader.refuse(NAME, "is no language of the screens", "write es, en or pt");
            Language::Es
        }
    }
}

fn read_zone(reader: &mut Reader<'_>) -> String {
    const NAME: &str = "TIME_ZONE";
    const DEFAULT: &str = "America/Bogota";
    let zone = reader.text_or(NAME, DEFAULT);
    match jiff::tz::TimeZone::get(&zone) {
        Ok(_) => zone,
        Err(_) => {
            reader.refuse(NAME, "is no time zone", "write an IANA name, as America/Bogota");
            DEFAULT.to_owned()
        }
    }
}
