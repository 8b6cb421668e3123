//! The three checks against forged requests, through the layers.

use axum::body::Body;
use guard::csrf::{CsrfRefusal, Fact, OverHttps, RequestFacts, TokenFact, judge};
use guard::hosts::Host;
use guard::origin::{Origin, OriginProblem, PlainOrigins, TrustedOrigins};
use guard::proxy::Scheme;
use http::header::COOKIE;
use http::{Method, StatusCode};

use crate::testkit::{Answer, Browser, KEY, OTHER_KEY, Site, keys, production_config};

const SESSION: &str = "__Host-sessionid";
const TOKEN: &str = "__Host-csrftoken";

fn trusted() -> TrustedOrigins {
    let entries = ["https://pay.example", "https://*.partner.example"];
    TrustedOrigins::new(&entries, PlainOrigins::Refused).unwrap()
}

fn facts<'a>(site: Fact<'a>, origin: Fact<'a>, referer: Fact<'a>, token: TokenFact) -> RequestFacts<'a> {
    let own = Origin::of(Scheme::Https, &Host::parse("shop.example").unwrap());
    RequestFacts { fetch_site: site, origin, referer, own, over_https: OverHttps::Yes, token }
}

#[test]
fn s023_s025_every_combination_of_the_three_checks_is_judged() {
    use CsrfRefusal::{CrossSite, ForeignOrigin, ForeignReferer, NoSession, TokenMissing, TokenWrong};
    use Fact::{Absent, Text, Unreadable};
    let sites = [
        (Absent, true, false),
        (Text("same-origin"), true, false),
        (Text("none"), true, false),
        // The third column: acceptable when the origin is a trusted one.
        (Text("same-site"), false, true),
        (Text("cross-site"), false, true),
        (Text("Same-Origin"), false, false),
        (Text(""), false, false),
        (Unreadable, false, false),
    ];
    // Origin, whether it is accepted, whether it is a trusted foreign one.
    let origins = [
        (Absent, true, false),
        (Text("https://shop.example"), true, false),
        (Text("https://shop.example:443"), true, false),
        (Text("https://pay.example"), true, true),
        (Text("https://a.partner.example"), true, true),
        (Text("https://partner.example"), false, false),
        (Text("https://evilpartner.example"), false, false),
        (Text("https://shop.example.evil"), false, false),
        (Text("https://evil.example"), false, false),
        (Text("http://shop.example"), false, false),
        (Text("https://shop.example:8443"), false, false),
        (Text("https://shop.example/"), false, false),
        (Text("https://shop.example@evil.example"), false, false),
        (Text("null"), false, false),
        (Text(""), false, false),
        (Unreadable, false, false),
    ];
    let referers = [
        (Absent, true),
        (Text("https://shop.example/a?b#c"), true),
        (Text("https://shop.example"), true),
        (Text("https://pay.example/x"), true),
        (Text("http://shop.example/a"), false),
        (Text("https://evil.example/https://shop.example/"), false),
        (Text("https://shop.example.evil/"), false),
        (Text("https://shop.example\\@evil.example/"), true),
        (Text("https://shop.example@evil.example/"), false),
        (Text(""), false),
        (Text("about:blank"), false),
        (Unreadable, false),
    ];
    let tokens = [
        (TokenFact::Right, None),
        (TokenFact::Missing, Some(TokenMissing)),
        (TokenFact::Wrong, Some(TokenWrong)),
        (TokenFact::NoSession, Some(NoSession)),
    ];
    let (mut accepted, mut refused) = (0, 0);
    for (site, site_ok, site_if_trusted) in sites {
        for (origin, origin_ok, origin_trusted) in origins {
            for (referer, referer_ok) in referers {
                for (token, token_refusal) in tokens {
                    let expected = if !(site_ok || site_if_trusted && origin_trusted) {
                        Err(CrossSite)
                    } else if !origin_ok {
                        Err(ForeignOrigin)
                    } else if origin == Absent && !referer_ok {
                        Err(ForeignReferer)
                    } else {
                        token_refusal.map_or(Ok(()), Err)
                    };
                    let judged = judge(&facts(site, origin, referer, token), &trusted());
                    assert_eq!(judged, expected, "{site:?} {origin:?} {referer:?} {token:?}");
                    if judged.is_ok() { accepted += 1 } else { refused += 1 }
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 5_000, "{accepted} {refused}");
}

#[test]
fn over_plain_http_the_referer_is_not_asked_for() {
    let own = Origin::of(Scheme::Http, &Host::parse("localhost:8000").unwrap());
    let facts = RequestFacts {
        own,
        over_https: OverHttps::No,
        ..facts(Fact::Absent, Fact::Absent, Fact::Text("http://evil.example/"), TokenFact::Right)
    };
    assert_eq!(judge(&facts, &trusted()), Ok(()));
}

#[test]
fn s024_trusted_origins_must_be_full_https_origins() {
    use OriginProblem::{Malformed, NoScheme, PlainHttp, Wildcard};
    let read = |entry: &str| TrustedOrigins::new(&[entry], PlainOrigins::Refused).map_err(|all| all[0].clone());
    let problem = |make: fn(String) -> OriginProblem, entry: &str| Err(make(entry.to_owned()));
    for entry in ["https://a.example", " https://a.example ", "https://a.example:8443", "https://*.a.example", ""] {
        assert!(read(entry).is_ok(), "{entry}");
    }
    assert_eq!(read("a.example"), problem(NoScheme, "a.example"));
    assert_eq!(read("http://a.example"), problem(PlainHttp, "http://a.example"));
    for entry in ["*", "https://*", "https://*.", "https://*.com", "https://*.10.0.0.1"] {
        assert!(matches!(read(entry), Err(Wildcard(_) | Malformed(_))), "{entry}");
    }
    for entry in ["https://a.example/", "https://a.example/x", "https://u@a.example", "https://", "https://a.*.example"]
    {
        assert_eq!(read(entry), problem(Malformed, entry));
    }
    let plain = TrustedOrigins::new(&["http://127.0.0.1:8000"], PlainOrigins::Allowed).unwrap();
    assert!(plain.trust(&Origin::parse("http://127.0.0.1:8000").unwrap()));
    assert!(!plain.trust(&Origin::parse("http://127.0.0.1").unwrap()));
}

async fn signed_in(site: &Site) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(site.post("/enter", &mut browser).await.body, "in");
    browser
}

/// An unsafe request put together by hand.
struct Attempt<'a> {
    path: &'a str,
    headers: Vec<(&'a str, String)>,
    body: String,
}

async fn attempt(site: &Site, browser: &Browser, attempt: Attempt<'_>) -> Answer {
    let mut request = site.request(Method::POST, attempt.path);
    for (name, value) in &attempt.headers {
        request = request.header(*name, value);
    }
    if let Some(cookies) = browser.header() {
        request = request.header(COOKIE, cookies);
    }
    site.send(request.body(Body::from(attempt.body)).unwrap()).await
}

fn urlencoded(body: String) -> Attempt<'static> {
    let kind = "application/x-www-form-urlencoded".to_owned();
    Attempt { path: "/notes", headers: vec![("content-type", kind)], body }
}

fn multipart(parts: &[(&str, &str)]) -> Attempt<'static> {
    let mut body = String::new();
    for (name, value) in parts {
        body += &format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--XyZ--\r\n";
    let kind = "multipart/form-data; boundary=XyZ".to_owned();
    Attempt { path: "/notes", headers: vec![("content-type", kind)], body }
}

fn json(token: Option<&str>) -> Attempt<'static> {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    headers.extend(token.map(|token| ("x-csrftoken", token.to_owned())));
    Attempt { path: "/notes", headers, body: "{\"a\":1}".to_owned() }
}

#[tokio::test]
async fn s026_s027_the_token_is_taken_from_field_or_header_and_the_body_arrives_whole() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let token = site.get("/token", &mut browser).await.body;
    let attempts = [
        urlencoded(format!("text=a%20b&csrfmiddlewaretoken={token}")),
        urlencoded(format!("csrfmiddlewaretoken={token}&text=a")),
        multipart(&[("csrfmiddlewaretoken", &token), ("text", &"ñ".repeat(10_000))]),
        json(Some(&token)),
        json(browser.cookie(TOKEN)),
    ];
    for good in attempts {
        let sent = good.body.clone();
        let answer = attempt(&site, &browser, good).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, sent));
    }
}

#[tokio::test]
async fn s019_without_the_right_token_every_unsafe_request_is_refused() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let token = site.get("/token", &mut browser).await.body;
    let mut stranger = Browser::default();
    let of_stranger = site.get("/token", &mut stranger).await.body;
    let mut other = Browser::default();
    site.post("/enter-as-other", &mut other).await;
    let of_other = site.get("/token", &mut other).await.body;
    let flipped = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    let wrong = [
        String::new(),
        "x".repeat(86),
        "A".repeat(86),
        token[..85].to_owned(),
        format!("{token}A"),
        token.to_lowercase(),
        flipped,
        of_stranger,
        of_other,
        browser.cookie(SESSION).unwrap().to_owned(),
    ];
    for token in &wrong {
        let attempts = [
            urlencoded(format!("text=a&csrfmiddlewaretoken={token}")),
            multipart(&[("csrfmiddlewaretoken", token)]),
            json(Some(token)),
        ];
        for wrong in attempts {
            assert_eq!(attempt(&site, &browser, wrong).await.status, StatusCode::FORBIDDEN, "{token}");
        }
    }
    let misplaced = [
        urlencoded("text=a".to_owned()),
        urlencoded(format!("xcsrfmiddlewaretoken={token}")),
        urlencoded(format!("csrfmiddlewaretoken=&csrfmiddlewaretoken={token}")),
        multipart(&[("text", "a"), ("csrfmiddlewaretoken", &token)]),
        multipart(&[("text", &format!("\r\n\r\n{token}"))]),
        json(None),
        Attempt { path: "/notes", headers: vec![], body: format!("csrfmiddlewaretoken={token}") },
        Attempt {
            headers: vec![("content-type", "text/plain".to_owned())],
            ..urlencoded(format!("csrfmiddlewaretoken={token}"))
        },
        Attempt { headers: vec![("x-csrftoken", token.clone()), ("x-csrftoken", token.clone())], ..json(None) },
        Attempt { path: "/notes?csrfmiddlewaretoken=x", ..json(None) },
    ];
    for (at, misplaced) in misplaced.into_iter().enumerate() {
        assert_eq!(attempt(&site, &browser, misplaced).await.status, StatusCode::FORBIDDEN, "{at}");
    }
    let control = attempt(&site, &browser, json(Some(&token))).await;
    assert_eq!(control.status, StatusCode::OK);
}

#[tokio::test]
async fn s019_a_refusal_of_a_program_is_json_with_its_code() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let answer = attempt(&site, &browser, json(None)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.body, "{\"code\":\"CSRF_TOKEN_MISSING\"}");
}

#[tokio::test]
async fn s019_foreign_pages_are_refused_even_with_the_right_token() {
    let mut config = production_config(keys(KEY, &[]));
    config.csrf.trusted = trusted();
    let site = Site::with(config, std::sync::Arc::default());
    let mut browser = signed_in(&site).await;
    let token = site.get("/token", &mut browser).await.body;
    let cases = [
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-origin", StatusCode::OK),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("origin", "http://shop.example", StatusCode::FORBIDDEN),
        ("origin", "https://shop.example", StatusCode::OK),
        ("origin", "https://pay.example", StatusCode::OK),
        ("referer", "https://evil.example/", StatusCode::FORBIDDEN),
        ("referer", "https://shop.example/x", StatusCode::OK),
    ];
    for (name, value, expected) in cases {
        let mut request = json(Some(&token));
        request.headers.push((name, value.to_owned()));
        assert_eq!(attempt(&site, &browser, request).await.status, expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn s026_no_two_tokens_look_alike_and_all_of_them_serve() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let token = site.get("/token", &mut browser).await.body;
        assert_eq!(token.len(), 86);
        assert_eq!(attempt(&site, &browser, json(Some(&token))).await.status, StatusCode::OK);
        assert!(seen.insert(token));
    }
}

#[tokio::test]
async fn s021_s022_the_token_cookie_is_lax_secure_and_read_by_scripts() {
    let secure = Site::production().get("/token", &mut Browser::default()).await;
    let line = secure.cookie(TOKEN).unwrap();
    assert!(line.ends_with("; Path=/; Secure; SameSite=Lax"), "{line}");
    let plain = Site::development().get("/token", &mut Browser::default()).await;
    let line = plain.cookie("csrftoken").unwrap();
    assert!(line.ends_with("; Path=/; SameSite=Lax"), "{line}");
}

#[tokio::test]
async fn the_token_cookie_is_written_once_and_again_when_it_no_longer_serves() {
    let site = Site::production();
    let mut browser = Browser::default();
    assert!(site.get("/token", &mut browser).await.cookie(TOKEN).is_some());
    assert!(site.get("/token", &mut browser).await.cookie(TOKEN).is_none());
    assert!(site.post("/enter", &mut browser).await.cookie(TOKEN).is_some());
    assert!(site.get("/token", &mut browser).await.cookie(TOKEN).is_none());
    browser.set(TOKEN, "forged");
    assert!(site.get("/token", &mut browser).await.cookie(TOKEN).is_some());
}

#[tokio::test]
async fn a_token_from_before_sign_in_dies_with_it() {
    let site = Site::production();
    let mut browser = Browser::default();
    let before = site.get("/token", &mut browser).await.body;
    assert_eq!(attempt(&site, &browser, json(Some(&before))).await.status, StatusCode::OK);
    site.post("/enter", &mut browser).await;
    assert_eq!(attempt(&site, &browser, json(Some(&before))).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn s010_tokens_outlive_a_soft_rotation_and_s017_die_with_a_hard_one() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let token = site.get("/token", &mut browser).await.body;
    let soft = site.restarted(production_config(keys(OTHER_KEY, &[KEY])));
    assert_eq!(attempt(&soft, &browser, json(Some(&token))).await.status, StatusCode::OK);
    let hard = site.restarted(production_config(keys(OTHER_KEY, &[])));
    assert_eq!(attempt(&hard, &browser, json(Some(&token))).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn s019_exemptions_hold_for_the_listed_routes_under_their_condition_only() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let nobody = Browser::default();
    let bearer = |path| Attempt { path, headers: vec![("authorization", "Bearer k".to_owned())], body: String::new() };
    let bare = |path| Attempt { path, headers: vec![], body: String::new() };
    let basic = Attempt { headers: vec![("authorization", "Basic dTpw".to_owned())], ..bare("/api/notes") };
    assert_eq!(attempt(&site, &nobody, bearer("/api/notes")).await.status, StatusCode::OK);
    assert_eq!(attempt(&site, &browser, bearer("/api/notes")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attempt(&site, &nobody, bare("/api/notes")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attempt(&site, &nobody, basic).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attempt(&site, &nobody, bearer("/notes")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attempt(&site, &browser, bare("/informes/csp/")).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_form_above_the_limit_is_refused_before_it_fills_the_memory() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let answer = attempt(&site, &browser, urlencoded("x".repeat(1024 * 1024 + 1))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
