//! The list of all settings: names, which are secret, and one line of help each.
//!
//! It is the one place that knows the names as data: flags, keys of
//! `inventario.toml`, masking and `config show` come from it.

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// As the environment and `.env` write it.
    pub name: &'static str,
    /// Whether its value may be printed and given as a flag.
    pub secrecy: Secrecy,
    /// One line for `--help`.
    pub help: &'static str,
}

/// Whether a value may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Printed, and also a flag.
    Open,
    /// Masked, also readable from the file that `NAME_FILE` names, and no flag: flags are
    /// seen by everybody on the machine.
    Secret,
}

impl Setting {
    /// The key of `inventario.toml`.
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The flag without its dashes.
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }

    /// Whether the value is masked.
    pub fn is_secret(&self) -> bool {
        self.secrecy == Secrecy::Secret
    }
}

/// The setting of that name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

const fn open(name: &'static str, help: &'static str) -> Setting {
    Setting { name, secrecy: Secrecy::Open, help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, secrecy: Secrecy::Secret, help }
}

/// Every setting, in the order in which `config show` prints them.
pub const SETTINGS: &[Setting] = &[
    open("DEBUG", "True: development on this machine only; anything else: production"),
    secret("SECRET_KEY", "the key that everything is signed with (see `generate-secret-key`)"),
    secret("SECRET_KEY_FALLBACKS", "older keys that still verify, separated by commas"),
    open("ALLOWED_HOSTS", "names the server answers to, separated by commas; .example.com means all below it"),
    open("SITE_URL", "the public address that links in mails are built from"),
    open("CSRF_TRUSTED_ORIGINS", "other origins whose pages may send forms here, separated by commas"),
    open("CSRF_COOKIE_NAME", "name of the cookie that scripts read the form token from"),
    open("CSRF_COOKIE_SECURE", "True: the cookie travels over https only"),
    open("CSRF_COOKIE_SAMESITE", "Lax or Strict"),
    open("SESSION_COOKIE_NAME", "name of the session's cookie"),
    open("SESSION_COOKIE_SECURE", "True: the cookie travels over https only"),
    open("SESSION_COOKIE_SAMESITE", "Lax or Strict"),
    open("SESSION_EXPIRE_AT_BROWSER_CLOSE", "True: sessions end with the browser"),
    open("SESSION_IDLE_SECONDS", "seconds without use after which a session ends"),
    open("SESSION_COOKIE_AGE", "seconds after which a session ends whatever happens"),
    open("AUTH_PASSWORD_VALIDATORS", "rules for passwords, separated by commas"),
    open("PASSWORD_MIN_LENGTH", "fewest characters of a password"),
    open("PASSWORD_HASHERS", "how new passwords are hashed: argon2id or pbkdf2_sha256"),
    open("SECURE_SSL_REDIRECT", "True: plain http is redirected to https"),
    open("SECURE_HSTS_SECONDS", "how long browsers remember to use https; 0: not said"),
    open("SECURE_HSTS_INCLUDE_SUBDOMAINS", "True: subdomains too"),
    open("SECURE_HSTS_PRELOAD", "True: may be put on the browsers' list"),
    open("SECURE_CONTENT_TYPE_NOSNIFF", "always True"),
    open("SECURE_BROWSER_XSS_FILTER", "has no effect in today's browsers"),
    open("X_FRAME_OPTIONS", "always DENY"),
    open("TRUSTED_PROXIES", "networks whose X-Forwarded-* headers count, separated by commas"),
    open("TLS", "files, acme, local or off"),
    secret("DATABASE_URL", "postgresql://user:password@host/name or sqlite:///file"),
    secret("MIGRATE_DATABASE_URL", "a second role that owns the tables, for migrations"),
    open("REQUIRE_POSTGRES", "True: refuse to start on SQLite"),
    open("CONN_MAX_AGE", "seconds that a database connection is kept"),
    open("DATA_DIR", "the folder of the installation's own files"),
    open("MEDIA_STORAGE", "the folder of pictures: file:///folder; media in DATA_DIR unless given"),
    open("GOOGLE_CLIENT_ID", "sign-in with Google: the client's id"),
    secret("GOOGLE_CLIENT_SECRET", "sign-in with Google: the client's secret"),
    open("OIDC_ISSUER", "another OpenID provider instead of Google"),
    open("ACCOUNT_DEFAULT_HTTP_PROTOCOL", "https, or http on the loop-back address"),
    open("ACCOUNT_EMAIL_VERIFICATION", "mandatory, optional or none"),
    open("ACCOUNT_EMAIL_REQUIRED", "always True"),
    open("REGISTRATION", "open, approval or closed"),
    secret("OPENAI_API_KEY", "key of the service that words the insights"),
    open("OPENAI_BASE_URL", "address of that service"),
    open("OPENAI_MODEL", "the model that it is asked for"),
    secret("EMAIL_URL", "smtp://, smtps:// or file:///folder; wins over RESEND_API_KEY"),
    secret("RESEND_API_KEY", "key of Resend, to send mail"),
    open("DEFAULT_FROM_EMAIL", "the sender of mails"),
    open("TWILIO_ACCOUNT_SID", "Twilio's account, to send SMS"),
    secret("TWILIO_AUTH_TOKEN", "Twilio's token"),
    open("TWILIO_FROM", "the number or messaging service that SMS come from"),
    secret("SENTRY_DSN", "where errors are reported"),
    open("OTEL_EXPORTER_OTLP_ENDPOINT", "where traces are sent"),
    secret("OTEL_EXPORTER_OTLP_HEADERS", "headers for that address"),
    open("OTEL_SERVICE_NAME", "the name that traces carry"),
    secret("METRICS_TOKEN", "who sends this token may read /metrics from elsewhere"),
    open("LOG_FORMAT", "text or json"),
    open("LOG_LEVEL", "error, warn, info, debug or trace"),
    open("LANGUAGE_CODE", "es, en or pt, where nobody chose"),
    open("TIME_ZONE", "the zone of shops that chose none, as America/Bogota"),
];

#[cfg(test)]
mod tests {
    use super::SETTINGS;

    #[test]
    fn a_name_stands_once_and_is_in_capitals() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert_eq!(setting.name, setting.name.to_ascii_uppercase());
            assert!(SETTINGS[..index].iter().all(|before| before.name != setting.name), "{}", setting.name);
            assert!(!setting.help.is_empty());
        }
    }
}
