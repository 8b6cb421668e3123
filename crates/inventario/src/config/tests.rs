//! The settings as a whole: tables of what is given and what is said about it.

use super::*;
use crate::config::database_url::DatabaseUrl;
use crate::config::services::Mail;
use crate::config::sources::Places;

const KEY: &str = "k9Zq3vR7xT1mW5yB8nC2dF6gH0jL4pS_aEiOuYtXrVwQ-zMbNcPd";

/// What production needs at least.
const PRODUCTION: &[(&str, &str)] = &[
    ("SECRET_KEY", KEY),
    ("ALLOWED_HOSTS", "tienda.example"),
    ("SITE_URL", "https://tienda.example"),
    ("TRUSTED_PROXIES", "10.0.0.1"),
];

fn read(settings: &[(&str, &str)]) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let (sources, found) = Sources::gather(Places {
        flags: Vec::new(),
        environment: settings.iter().map(|(name, text)| (name.into(), text.into())).collect(),
        folder: folder.path(),
    });
    Reading::of(&sources, found)
}

fn production(settings: &[(&str, &str)]) -> Reading {
    let kept = PRODUCTION.iter().filter(|(name, _)| settings.iter().all(|(given, _)| given != name));
    read(&kept.chain(settings).copied().collect::<Vec<_>>())
}

fn development(settings: &[(&str, &str)]) -> Reading {
    read(&[&[("DEBUG", "True")], settings].concat())
}

/// The problems of one severity, as "SETTING what".
fn said(reading: &Reading, severity: Severity) -> Vec<String> {
    let of_severity = reading.problems.iter().filter(|problem| problem.severity == severity);
    of_severity.map(|problem| format!("{} {}", problem.setting, problem.what)).collect()
}

fn value(reading: &Reading, name: &str) -> String {
    let line = reading.shown.iter().find(|line| line.name == name);
    line.and_then(|line| line.value.clone()).unwrap_or_default()
}

#[test]
fn development_needs_nothing() {
    let reading = development(&[]);
    assert_eq!(reading.problems, []);
    let config = reading.config.as_ref().unwrap();
    assert_eq!(config.network.site_url.origin(), "http://127.0.0.1:8000");
    assert_eq!(config.network.cookies.session_name, "sessionid");
    assert_eq!(config.services.mail, Mail::Mailbox);
    assert!(matches!(&config.storage.database, DatabaseUrl::Sqlite { path } if path.ends_with("data/db.sqlite3")));
    assert_eq!(value(&reading, "LOG_FORMAT"), "text");
    assert_eq!(value(&reading, "REGISTRATION"), "open");
}

#[test]
fn production_without_settings_names_all_that_is_missing_at_once() {
    let errors = said(&read(&[]), Severity::Error);
    for setting in ["SECRET_KEY is missing", "ALLOWED_HOSTS is empty", "SITE_URL is missing"] {
        assert!(errors.iter().any(|error| error.starts_with(setting)), "{setting}: {errors:?}");
    }
}

#[test]
fn production_has_the_strict_defaults() {
    let reading = production(&[]);
    assert_eq!(said(&reading, Severity::Error), Vec::<String>::new());
    let config = reading.config.as_ref().unwrap();
    assert_eq!(config.network.cookies.session_name, "__Host-sessionid");
    assert_eq!(config.network.cookies.csrf_name, "__Host-csrftoken");
    assert_eq!(config.network.https.redirect, guard::https::Redirect::On);
    assert_eq!(config.network.https.hsts, Some(guard::https::Hsts::YEAR));
    for (name, expected) in [
        ("DEBUG", "False"),
        ("SESSION_COOKIE_SECURE", "True"),
        ("X_FRAME_OPTIONS", "DENY"),
        ("REGISTRATION", "approval"),
        ("LOG_FORMAT", "json"),
        ("PASSWORD_MIN_LENGTH", "10"),
        ("SESSION_IDLE_SECONDS", "43200"),
        ("SESSION_COOKIE_AGE", "1209600"),
        ("SECRET_KEY", "********"),
    ] {
        assert_eq!(value(&reading, name), expected, "{name}");
    }
}

#[test]
fn every_setting_is_read_and_shown() {
    let reading = development(&[]);
    let shown: Vec<_> = reading.shown.iter().map(|line| line.name).collect();
    let all: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(shown, all);
}

#[test]
fn debug_is_off_for_any_text_but_true_and_a_yes_is_noticed() {
    for (text, mode, noticed) in [
        ("True", Mode::Development, false),
        ("true", Mode::Production, true),
        ("1", Mode::Production, true),
        ("yes", Mode::Production, true),
        ("False", Mode::Production, false),
        ("", Mode::Production, false),
        ("anything", Mode::Production, false),
    ] {
        let reading = production(&[("DEBUG", text)]);
        let config = reading.config.as_ref();
        let found = config.map_or(Mode::Development, |config| config.mode);
        assert_eq!(found, mode, "{text}: {:?}", reading.problems);
        let warned = said(&reading, Severity::Warning).iter().any(|words| words.starts_with("DEBUG looks like a yes"));
        assert_eq!(warned, noticed, "{text}");
    }
}

#[test]
fn what_is_dangerous_refuses_the_start() {
    let cases: &[(&str, &str, &str)] = &[
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters"),
        (
            "SECRET_KEY",
            "django-insecure-k9Zq3vR7xT1mW5yB8nC2dF6gH0jL4pS_aEiOuYt",
            "SECRET_KEY begins with django-insecure-",
        ),
        ("SECRET_KEY", "abcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcde", "SECRET_KEY repeats itself"),
        ("SECRET_KEY_FALLBACKS", "short", "SECRET_KEY_FALLBACKS has 5 characters"),
        ("SECRET_KEY_FALLBACKS", KEY, "SECRET_KEY_FALLBACKS has the current key"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS has a *"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is empty"),
        ("ALLOWED_HOSTS", "tienda.example,https://a.example/", "ALLOWED_HOSTS has `https://a.example/`"),
        ("ALLOWED_HOSTS", "tienda.example:8000", "ALLOWED_HOSTS has `tienda.example:8000` with a port"),
        ("SITE_URL", "http://tienda.example", "SITE_URL is not https"),
        ("SITE_URL", "https://tienda.example/a", "SITE_URL is not an address"),
        ("SITE_URL", "https://otra.example", "SITE_URL has a host that ALLOWED_HOSTS does not list"),
        ("CSRF_TRUSTED_ORIGINS", "a.example", "CSRF_TRUSTED_ORIGINS has `a.example`, which has no scheme"),
        (
            "CSRF_TRUSTED_ORIGINS",
            "http://a.example",
            "CSRF_TRUSTED_ORIGINS has `http://a.example`, which is plain http",
        ),
        ("CSRF_TRUSTED_ORIGINS", "*", "CSRF_TRUSTED_ORIGINS has `*`, which is every site"),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://a.example/x",
            "CSRF_TRUSTED_ORIGINS has `https://a.example/x`, which is no origin",
        ),
        ("CSRF_COOKIE_SECURE", "False", "CSRF_COOKIE_SECURE cannot be False"),
        ("SESSION_COOKIE_SECURE", "False", "SESSION_COOKIE_SECURE cannot be False"),
        ("SESSION_COOKIE_SAMESITE", "None", "SESSION_COOKIE_SAMESITE cannot be None"),
        ("SESSION_COOKIE_NAME", "csrftoken", "CSRF_COOKIE_NAME and SESSION_COOKIE_NAME are the same"),
        ("SESSION_COOKIE_NAME", "a b", "SESSION_COOKIE_NAME is no name"),
        ("SESSION_EXPIRE_AT_BROWSER_CLOSE", "False", "SESSION_EXPIRE_AT_BROWSER_CLOSE cannot be False"),
        ("SESSION_COOKIE_AGE", "1209601", "SESSION_COOKIE_AGE is not a number in its range"),
        ("SESSION_IDLE_SECONDS", "-1", "SESSION_IDLE_SECONDS is not a number in its range"),
        (
            "AUTH_PASSWORD_VALIDATORS",
            "LongitudMinimaValidator",
            "AUTH_PASSWORD_VALIDATORS lacks ContraseñaComunValidator",
        ),
        ("AUTH_PASSWORD_VALIDATORS", "Otro", "AUTH_PASSWORD_VALIDATORS has `Otro`"),
        ("PASSWORD_MIN_LENGTH", "7", "PASSWORD_MIN_LENGTH is not a number in its range"),
        ("PASSWORD_HASHERS", "md5", "PASSWORD_HASHERS is none of its choices"),
        ("SECURE_CONTENT_TYPE_NOSNIFF", "False", "SECURE_CONTENT_TYPE_NOSNIFF cannot be False"),
        ("X_FRAME_OPTIONS", "SAMEORIGIN", "X_FRAME_OPTIONS can only be DENY"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "TRUSTED_PROXIES has `0.0.0.0/0`"),
        ("TLS", "on", "TLS is none of its choices"),
        ("DATABASE_URL", "mysql://u:canary@h/a", "DATABASE_URL cannot be read"),
        ("REQUIRE_POSTGRES", "True", "DATABASE_URL leads to SQLite while REQUIRE_POSTGRES is True"),
        ("MIGRATE_DATABASE_URL", "postgres://h/a", "MIGRATE_DATABASE_URL is given while the data is on SQLite"),
        ("MEDIA_STORAGE", "ftp://x", "MEDIA_STORAGE is no place for files"),
        ("MEDIA_STORAGE", "file://media", "MEDIA_STORAGE is no place for files"),
        ("MEDIA_STORAGE", "s3://fotos", "MEDIA_STORAGE names a bucket"),
        ("GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET is missing"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_ISSUER is given without a client"),
        ("ACCOUNT_DEFAULT_HTTP_PROTOCOL", "http", "ACCOUNT_DEFAULT_HTTP_PROTOCOL cannot be http"),
        ("ACCOUNT_EMAIL_REQUIRED", "False", "ACCOUNT_EMAIL_REQUIRED cannot be False"),
        ("REGISTRATION", "yes", "REGISTRATION is none of its choices"),
        ("OPENAI_API_KEY", "canary", "OPENAI_MODEL is missing"),
        ("EMAIL_URL", "canary", "EMAIL_URL cannot be read"),
        ("DEFAULT_FROM_EMAIL", "nobody", "DEFAULT_FROM_EMAIL is no address"),
        ("TWILIO_ACCOUNT_SID", "AC1", "TWILIO_AUTH_TOKEN is missing"),
        ("SENTRY_DSN", "canary", "SENTRY_DSN cannot be read"),
        ("METRICS_TOKEN", "canary", "METRICS_TOKEN is too short"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is none of its choices"),
        ("LANGUAGE_CODE", "fr", "LANGUAGE_CODE is no language"),
        ("TIME_ZONE", "America/Macondo", "TIME_ZONE is no time zone"),
    ];
    for (name, text, expected) in cases {
        let reading = production(&[(name, text)]);
        let errors = said(&reading, Severity::Error);
        assert!(errors.iter().any(|error| error.starts_with(expected)), "{name}={text}: {errors:?}");
        assert!(reading.config.is_none(), "{name}={text}");
        assert!(reading.problems.iter().all(|problem| !problem.remedy.is_empty()));
    }
}

#[test]
fn the_two_cookies_are_secure_together() {
    let errors = said(&development(&[("CSRF_COOKIE_SECURE", "True")]), Severity::Error);
    assert_eq!(errors, ["CSRF_COOKIE_SECURE and SESSION_COOKIE_SECURE differ"]);
}

#[test]
fn a_boolean_is_exactly_true_or_false_and_its_content_is_not_repeated() {
    for name in SETTINGS.iter().map(|setting| setting.name).filter(|name| BOOLEANS.contains(name)) {
        for text in ["true", "1", "canary", ""] {
            let reading = production(&[(name, text)]);
            let errors = said(&reading, Severity::Error);
            assert!(errors.iter().any(|error| error.starts_with(&format!("{name} is neither"))), "{name}: {errors:?}");
            assert!(!format!("{:?}", reading.problems).contains("canary"));
        }
    }
}

const BOOLEANS: &[&str] = &[
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_SECURE",
    "SESSION_EXPIRE_AT_BROWSER_CLOSE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SECURE_BROWSER_XSS_FILTER",
    "REQUIRE_POSTGRES",
    "ACCOUNT_EMAIL_REQUIRED",
];

#[test]
fn what_is_weaker_than_it_could_be_is_said_and_starts() {
    let cases: &[(&str, &str, &str)] = &[
        ("SECURE_SSL_REDIRECT", "False", "SECURE_SSL_REDIRECT is off"),
        ("SECURE_HSTS_SECONDS", "60", "SECURE_HSTS_SECONDS is less than a year"),
        ("SECURE_BROWSER_XSS_FILTER", "True", "SECURE_BROWSER_XSS_FILTER has no effect"),
        ("ACCOUNT_EMAIL_VERIFICATION", "none", "ACCOUNT_EMAIL_VERIFICATION is weaker"),
        ("DATABASE_URL", "postgres://u:p@db.example/a?sslmode=disable", "DATABASE_URL reaches another machine"),
        ("LOG_LEVEL", "trace", "LOG_LEVEL writes a great deal"),
        ("LANGUAGE_CODE", "es-co", "EMAIL_URL is not given"),
        ("LANGUAGE_CODE", "pt_BR", "DATABASE_URL leads to SQLite"),
    ];
    for (name, text, expected) in cases {
        let reading = production(&[(name, text)]);
        let warnings = said(&reading, Severity::Warning);
        assert!(warnings.iter().any(|warning| warning.starts_with(expected)), "{name}={text}: {warnings:?}");
        assert!(reading.config.is_some(), "{name}={text}: {:?}", reading.problems);
    }
}

#[test]
fn one_pc_may_sell_on_itself_without_tls() {
    let one_pc = [("TRUSTED_PROXIES", ""), ("ALLOWED_HOSTS", "127.0.0.1"), ("SITE_URL", "http://127.0.0.1:8000")];
    let reading = production(&one_pc);
    let config = reading.config.as_ref().unwrap_or_else(|| panic!("{:?}", reading.problems));
    assert!(config.network.one_pc);
    assert_eq!(config.network.https.redirect, guard::https::Redirect::Off);
    assert!(said(&reading, Severity::Warning).iter().any(|warning| warning.starts_with("SITE_URL is plain http")));
    assert!(config.network.check_bind(config.mode, "127.0.0.1:8000".parse().unwrap()).is_ok());
    assert!(config.network.check_bind(config.mode, "0.0.0.0:8000".parse().unwrap()).is_err());
    let behind_proxy = [&one_pc[1..], &[("TRUSTED_PROXIES", "10.0.0.1")]].concat();
    assert!(production(&behind_proxy).config.is_none());
}

#[test]
fn development_stays_on_this_machine_and_production_needs_tls_elsewhere() {
    let development = development(&[]).config.unwrap();
    assert!(development.network.check_bind(development.mode, "[::1]:0".parse().unwrap()).is_ok());
    assert!(development.network.check_bind(development.mode, "192.168.1.2:0".parse().unwrap()).is_err());
    let proxied = production(&[]).config.unwrap();
    assert!(proxied.network.check_bind(proxied.mode, "0.0.0.0:80".parse().unwrap()).is_ok());
    let bare = production(&[("TRUSTED_PROXIES", "")]).config.unwrap();
    assert!(bare.network.check_bind(bare.mode, "0.0.0.0:80".parse().unwrap()).is_err());
    // This version ends no TLS itself, and must not listen as if it did.
    let with_tls = production(&[("TRUSTED_PROXIES", ""), ("TLS", "files")]).config.unwrap();
    assert!(with_tls.network.check_bind(with_tls.mode, "0.0.0.0:443".parse().unwrap()).is_err());
}

#[test]
fn the_rules_of_the_django_application_are_known_by_their_long_names() {
    let rules = "applications.cuentas.validators.LongitudMinimaValidator, applications.cuentas.validators.ContraseñaComunValidator,ContraseñaNumericaValidator";
    let with_three = production(&[("AUTH_PASSWORD_VALIDATORS", rules)]).config.unwrap().people.passwords;
    assert!(with_three != guard::validators::PasswordPolicy::default());
}

#[test]
fn no_secret_reaches_anything_that_is_printed() {
    let canary = "canary-Zq3vR7xT1mW5yB8nC2dF6gH0jL4pSaEiOuYtXrVwQzMbNcPd";
    let in_address = format!("postgres://u:{canary}@h/a");
    let address_of = |scheme: &str| format!("{scheme}://u:{canary}@h/1");
    let (mail, sentry) = (address_of("smtp"), address_of("https"));
    for setting in SETTINGS.iter().filter(|setting| setting.is_secret()) {
        let text = match setting.name {
            "DATABASE_URL" | "MIGRATE_DATABASE_URL" => in_address.as_str(),
            "EMAIL_URL" => mail.as_str(),
            "SENTRY_DSN" => sentry.as_str(),
            _ => canary,
        };
        for reading in [production(&[(setting.name, text)]), development(&[(setting.name, text)])] {
            let printed = format!("{reading:?}{}{}", reading.to_text(), reading.to_json());
            assert!(!printed.contains(canary), "{}", setting.name);
            assert!(value(&reading, setting.name).contains("********"), "{} is not seen to be there", setting.name);
        }
    }
}

#[test]
fn what_is_shown_names_its_origin_and_writes_no_control_character() {
    let reading = development(&[("OTEL_SERVICE_NAME", "a\u{1b}[31m")]);
    let text = reading.to_text();
    assert!(text.contains("(environment)") && text.contains("(default)"));
    assert!(!text.contains('\u{1b}'));
    let json: serde_json::Value = serde_json::from_str(&reading.to_json()).unwrap();
    assert_eq!(json[0]["name"], "DEBUG");
    assert_eq!(json[0]["origin"], "environment");
}
