//! What the children of a run may inherit from the caller's environment.
//!
//! A test that passes on one machine and fails on another because of a variable
//! somebody exported is worse than no test. So the settings of the product and
//! the switches of the tools are taken out before a child starts.

use std::process::Command;

/// Variables that change what the tools of a run do.
const TOOL_SWITCHES: &[&str] = &[
    "CI", "NODE_ENV", "NODE_OPTIONS", "NODE_TEST_CONTEXT", "NO_COLOR", "FORCE_COLOR", "RUST_TEST_THREADS",
    "RUST_TEST_NOCAPTURE", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE", "PGOPTIONS",
    "PGSSLMODE",
];

/// Settings of the product; one that ends in `_` stands for all that begin so.
const PRODUCT_SETTINGS: &[&str] = &[
    "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "CSRF_", "SESSION_", "SECURE_", "X_FRAME_OPTIONS",
    "AUTH_PASSWORD_VALIDATORS", "PASSWORD_", "TRUSTED_PROXIES", "TLS", "DATABASE_URL", "MIGRATE_DATABASE_URL",
    "REQUIRE_POSTGRES", "CONN_MAX_AGE", "DATA_DIR", "MEDIA_STORAGE", "GOOGLE_CLIENT_", "OIDC_", "ACCOUNT_",
    "REGISTRATION", "OPENAI_", "EMAIL_URL", "RESEND_API_KEY", "DEFAULT_FROM_EMAIL", "TWILIO_", "SENTRY_DSN", "OTEL_",
    "METRICS_TOKEN", "LOG_FORMAT", "LOG_LEVEL", "LANGUAGE_CODE", "TIME_ZONE",
];

/// True for a variable that must not reach a test.
pub fn is_foreign(name: &str) -> bool {
    let setting = name.strip_suffix("_FILE").unwrap_or(name);
    TOOL_SWITCHES.contains(&name)
        || PRODUCT_SETTINGS
            .iter()
            .any(|known| if known.ends_with('_') { setting.starts_with(known) } else { setting == *known })
}

/// Takes every such variable out of what `command` inherits.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_foreign) {
            command.env_remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_foreign;

    #[test]
    fn settings_and_switches_are_kept_from_the_tests() {
        for name in ["CI", "NODE_ENV", "DEBUG", "SECRET_KEY_FILE", "CSRF_COOKIE_NAME", "DATABASE_URL_FILE"] {
            assert!(is_foreign(name), "{name}");
        }
    }

    #[test]
    fn what_finds_the_tools_passes() {
        for name in ["PATH", "HOME", "CHROMIUM", "PG_BIN", "INVENTARIO_TEST_PG", "CARGO_HOME", "DEBUGINFOD_URLS"] {
            assert!(!is_foreign(name), "{name}");
        }
    }
}
