//! The security headers stand on every answer, refusals included.

use axum::body::Body;
use guard::csp::{CspOptions, Nonce, Profile};
use guard::headers::{HeaderPolicy, SendHsts};
use guard::https::Hsts;
use http::{HeaderMap, Method, StatusCode};

use crate::testkit::{Answer, Browser, Site, TestRandom};

const FIXED: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn assert_complete(answer: &Answer, context: &str) {
    for (name, value) in FIXED {
        assert_eq!(answer.header(name), value, "{context}");
    }
    let csp = answer.header("content-security-policy");
    assert!(csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{context}");
    assert!(answer.header("permissions-policy").contains("camera=()"), "{context}");
    assert_eq!(answer.header("x-request-id").len(), 36, "{context}");
    assert_eq!(answer.header("server"), "", "{context}");
    assert_eq!(answer.header("x-powered-by"), "", "{context}");
}

#[tokio::test]
async fn s055_s103_every_answer_has_all_headers_errors_and_files_included() {
    let site = Site::production();
    let cases = [
        (Method::GET, "/", StatusCode::OK),
        (Method::GET, "/static/app.css", StatusCode::OK),
        (Method::GET, "/missing", StatusCode::NOT_FOUND),
        (Method::GET, "/notes", StatusCode::METHOD_NOT_ALLOWED),
        (Method::TRACE, "/", StatusCode::METHOD_NOT_ALLOWED),
        (Method::CONNECT, "/", StatusCode::METHOD_NOT_ALLOWED),
        (Method::from_bytes(b"BREW").unwrap(), "/", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/notes", StatusCode::FORBIDDEN),
        (Method::GET, "/weak", StatusCode::INTERNAL_SERVER_ERROR),
    ];
    for (method, path, expected) in cases {
        let request = site.request(method.clone(), path).body(Body::empty()).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, expected, "{method} {path}");
        assert_complete(&answer, &format!("{method} {path}"));
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains; preload",);
    }
}

#[tokio::test]
async fn s099_hsts_is_sent_over_https_to_names_only() {
    let secure = Site::production();
    let mut nobody = Browser::default();
    assert_ne!(secure.get("/", &mut nobody).await.header("strict-transport-security"), "");
    let plain = Site { https: false, ..Site::production() };
    assert_eq!(plain.get("/", &mut nobody).await.header("strict-transport-security"), "");
    assert_eq!(plain.get("/healthz", &mut nobody).await.header("strict-transport-security"), "");
    let development = Site::development();
    assert_eq!(development.get("/", &mut nobody).await.header("strict-transport-security"), "");
    let local = Site { https: true, ..Site::development() };
    assert_eq!(local.get("/", &mut nobody).await.header("strict-transport-security"), "");
}

fn written(profile: &Profile) -> HeaderMap {
    let options = CspOptions { report_path: Some("/informes/csp/".to_owned()), ..CspOptions::default() };
    let policy = HeaderPolicy::new(&options, Some(Hsts::YEAR)).unwrap();
    let mut headers = HeaderMap::new();
    policy.apply(&mut headers, profile, SendHsts::Yes);
    headers
}

fn directive(headers: &HeaderMap, name: &str) -> Option<String> {
    let csp = headers["content-security-policy"].to_str().unwrap().to_owned();
    let found = csp.split("; ").find(|part| part.split(' ').next() == Some(name))?;
    Some(found[name.len()..].trim().to_owned())
}

#[test]
fn s102_no_profile_allows_inline_code_eval_or_other_origins() {
    let nonce = Nonce::draw(&TestRandom::seeded(3));
    let profiles =
        [Profile::Page, Profile::Devices, Profile::DevicesAndWasm, Profile::Sandbox, Profile::WithNonce(nonce)];
    for profile in profiles {
        let headers = written(&profile);
        let csp = headers["content-security-policy"].to_str().unwrap();
        for word in ["'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "*", "data:"] {
            assert!(!csp.contains(word), "{profile:?} {word}");
        }
        assert_eq!(directive(&headers, "default-src").as_deref(), Some("'none'"));
        assert_eq!(directive(&headers, "base-uri").as_deref(), Some("'none'"));
        assert_eq!(directive(&headers, "frame-ancestors").as_deref(), Some("'none'"));
        assert_eq!(directive(&headers, "report-uri").as_deref(), Some("/informes/csp/"));
        assert_eq!(headers["reporting-endpoints"], "csp=\"/informes/csp/\"");
    }
}

#[test]
fn each_profile_opens_what_it_needs_and_no_more() {
    let policy = |profile: &Profile, name: &str| directive(&written(profile), name);
    let is = |value: &str| Some(value.to_owned());
    assert_eq!(policy(&Profile::Page, "script-src"), is("'self'"));
    assert_eq!(policy(&Profile::Page, "require-trusted-types-for"), is("'script'"));
    assert_eq!(policy(&Profile::Page, "trusted-types"), is("swap urls"));
    assert_eq!(policy(&Profile::Page, "form-action"), is("'self'"));
    assert_eq!(policy(&Profile::Page, "object-src"), is("'none'"));
    assert_eq!(policy(&Profile::Devices, "script-src"), is("'self'"));
    assert_eq!(policy(&Profile::DevicesAndWasm, "script-src"), is("'self' 'wasm-unsafe-eval'"));
    assert_eq!(policy(&Profile::Sandbox, "sandbox"), is(""));
    assert_eq!(policy(&Profile::Sandbox, "script-src"), None);
    let nonce = Nonce::draw(&TestRandom::seeded(3));
    let expected = format!("'self' 'nonce-{}'", nonce.as_str());
    assert_eq!(policy(&Profile::WithNonce(nonce), "script-src"), Some(expected));
    let devices = |profile: &Profile| written(profile)["permissions-policy"].to_str().unwrap().to_owned();
    for device in ["camera", "serial", "usb"] {
        assert!(devices(&Profile::DevicesAndWasm).contains(&format!("{device}=(self)")));
        assert!(devices(&Profile::Devices).contains(&format!("{device}=(self)")));
        assert!(devices(&Profile::Page).contains(&format!("{device}=()")));
        assert!(devices(&Profile::Sandbox).contains(&format!("{device}=()")));
    }
    assert!(devices(&Profile::Devices).contains("microphone=()"));
}

#[tokio::test]
async fn a_handler_chooses_its_profile_through_the_response() {
    let answer = Site::production().get("/till", &mut Browser::default()).await;
    assert!(answer.header("content-security-policy").contains("'wasm-unsafe-eval'"));
}

#[test]
fn an_option_cannot_smuggle_a_directive() {
    for path in ["/x; script-src *", "/x\r\nset-cookie: a", "/a b", "/x,y"] {
        let options = CspOptions { report_path: Some(path.to_owned()), ..CspOptions::default() };
        assert!(HeaderPolicy::new(&options, None).is_err(), "{path:?}");
    }
    let options = CspOptions { trusted_types: vec!["'allow-duplicates'".to_owned()], ..CspOptions::default() };
    assert!(HeaderPolicy::new(&options, None).is_err());
}
