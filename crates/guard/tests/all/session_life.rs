//! Sessions from sign-in to their end, through the layers.

use axum::body::Body;
use guard::session::{AGENT_LENGTH_MAX, Ending, Presented, SessionCodec, SessionId, SessionStore as _, tidy_agent};
use guard::source::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use http::header::{COOKIE, USER_AGENT};
use http::{Method, StatusCode};

use crate::testkit::{Browser, KEY, OTHER_KEY, START_US, Site, TestRandom, keys, production_config, user};

const SESSION: &str = "__Host-sessionid";

async fn signed_in(site: &Site) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(site.post("/enter", &mut browser).await.body, "in");
    assert_eq!(site.who(&mut browser).await, user(1).to_string());
    browser
}

#[tokio::test]
async fn s028_s029_s034_the_session_cookie_is_lax_secure_unreadable_and_ends_with_the_browser() {
    let site = Site::production();
    let answer = site.post("/enter", &mut Browser::default()).await;
    let line = answer.cookie(SESSION).unwrap();
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{line}");
    assert!(!line.contains("Max-Age") && !line.contains("Expires") && !line.contains("Domain"));
    let development = Site::development().post("/enter", &mut Browser::default()).await;
    let line = development.cookie("sessionid").unwrap();
    assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{line}");
}

#[tokio::test]
async fn s032_the_cookie_holds_an_id_and_its_code_and_the_store_only_a_hash_of_the_id() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let text = browser.cookie(SESSION).unwrap();
    assert_eq!(text.len(), 87);
    let Some(Presented::Session { id, .. }) = SessionCodec::new(&keys(KEY, &[])).read(text) else {
        panic!("the cookie of a session is one");
    };
    let rows = site.store.list(user(1)).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].id_hash, id.hash());
    assert!(!text.contains(&rows[0].lineage.simple().to_string()));
}

#[tokio::test]
async fn s033_a_cookie_that_we_did_not_sign_is_nobodys() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let good = browser.cookie(SESSION).unwrap().to_owned();
    let random = TestRandom::seeded(99);
    let stranger = SessionCodec::new(&keys(OTHER_KEY, &[])).write_session(SessionId::draw(&random));
    let own_codec = SessionCodec::new(&keys(KEY, &[]));
    let Some(Presented::Session { id, .. }) = own_codec.read(&good) else { panic!() };
    let mut forged = vec![
        String::new(),
        "x".to_owned(),
        "x".repeat(87),
        stranger,
        own_codec.write_pre_session(id),
        format!("{}{}", &good[..44], &good[..43]),
        format!("{good}="),
        good.to_uppercase(),
    ];
    for at in 0..good.len() {
        let other = if &good[at..=at] == "A" { "B" } else { "A" };
        forged.push(format!("{}{other}{}", &good[..at], &good[at + 1..]));
    }
    for text in forged {
        let mut thief = Browser::default();
        thief.set(SESSION, &text);
        assert_eq!(site.who(&mut thief).await, "nobody", "{text}");
    }
    let mut control = Browser::default();
    control.set(SESSION, &good);
    assert_eq!(site.who(&mut control).await, user(1).to_string());
}

#[tokio::test]
async fn in_production_a_cookie_without_the_prefix_is_not_read() {
    let site = Site::production();
    let browser = signed_in(&site).await;
    let mut planted = Browser::default();
    planted.set("sessionid", browser.cookie(SESSION).unwrap());
    planted.set("__host-sessionid", browser.cookie(SESSION).unwrap());
    assert_eq!(site.who(&mut planted).await, "nobody");
}

#[tokio::test]
async fn s051_nothing_is_set_over_plain_http_in_production() {
    let site = Site::production();
    let plain = Site { https: false, ..site.clone() };
    for path in ["/", "/token", "/healthz"] {
        let answer = plain.get(path, &mut Browser::default()).await;
        assert_eq!(answer.cookies(), Vec::<String>::new(), "{path}");
    }
    assert!(!site.get("/token", &mut Browser::default()).await.cookies().is_empty());
}

#[tokio::test]
async fn a_visitor_who_sees_no_form_gets_no_cookie() {
    let answer = Site::production().get("/", &mut Browser::default()).await;
    assert_eq!(answer.cookies(), Vec::<String>::new());
    assert_eq!(answer.header("cache-control"), "");
}

#[tokio::test]
async fn private_answers_are_kept_out_of_caches() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    assert_eq!(site.get("/who", &mut browser).await.header("cache-control"), "no-store");
    assert_eq!(site.get("/token", &mut Browser::default()).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn s031_a_session_ends_after_twelve_idle_hours_or_fourteen_days() {
    let site = Site::production();
    let mut idle = signed_in(&site).await;
    site.clock.advance(12 * HOUR_US - 1);
    assert_eq!(site.who(&mut idle).await, user(1).to_string());
    site.clock.advance(12 * HOUR_US);
    assert_eq!(site.who(&mut idle).await, "nobody");

    let mut busy = signed_in(&site).await;
    for _ in 0..27 {
        site.clock.advance(12 * HOUR_US - 1);
        assert_eq!(site.who(&mut busy).await, user(1).to_string());
    }
    site.clock.advance(12 * HOUR_US - 1);
    assert_eq!(site.who(&mut busy).await, user(1).to_string());
    // Each of the 28 spans was one µs short of half a day.
    site.clock.advance(28);
    assert_eq!(site.who(&mut busy).await, "nobody");
}

#[tokio::test]
async fn the_last_use_is_written_at_most_once_a_minute() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    site.clock.advance(MINUTE_US - 1);
    site.who(&mut browser).await;
    assert_eq!(site.store.list(user(1)).await.unwrap()[0].last_used_at, START_US);
    site.clock.advance(1);
    site.who(&mut browser).await;
    assert_eq!(site.store.list(user(1)).await.unwrap()[0].last_used_at, START_US + MINUTE_US);
}

#[tokio::test]
async fn sign_in_gives_a_new_id_whatever_the_browser_brought() {
    let site = Site::production();
    let mut planted = Browser::default();
    site.get("/token", &mut planted).await;
    let before = planted.clone();
    site.post("/enter", &mut planted).await;
    assert_ne!(before.cookie(SESSION), planted.cookie(SESSION));
    assert_eq!(site.who(&mut before.clone()).await, "nobody");
}

#[tokio::test]
async fn a_new_id_takes_over_and_the_old_one_serves_for_ten_seconds() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let old = browser.clone();
    site.clock.advance(MINUTE_US);
    let confirmed = site.post("/confirm", &mut browser).await.body;
    assert_eq!(confirmed, (START_US + MINUTE_US).to_string());
    assert_ne!(old.cookie(SESSION), browser.cookie(SESSION));
    site.clock.advance(10 * SECOND_US - 1);
    assert_eq!(site.who(&mut old.clone()).await, user(1).to_string());
    site.clock.advance(1);
    assert_eq!(site.who(&mut old.clone()).await, "nobody");
    assert_eq!(site.who(&mut browser).await, user(1).to_string());
    let row = &site.store.list(user(1)).await.unwrap()[0];
    assert_eq!((row.created_at, row.second_factor_at), (START_US, Some(START_US + MINUTE_US)));
}

#[tokio::test]
async fn a_replaced_id_cannot_be_renewed_again() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let mut old = browser.clone();
    site.post("/confirm", &mut browser).await;
    let answer = site.post("/confirm", &mut old).await;
    assert_eq!(answer.body, "another request renewed the session first");
    assert!(answer.cookie(SESSION).is_none());
}

#[tokio::test]
async fn after_a_change_of_rights_the_next_page_brings_a_new_id_and_data_requests_do_not() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    assert_eq!(site.store.require_rotation(user(1)).await.unwrap(), 1);
    let fetch = site
        .request(Method::GET, "/who")
        .header("sec-fetch-mode", "cors")
        .header("accept", "text/html")
        .header(COOKIE, browser.header().unwrap());
    let answer = site.send(fetch.body(Body::empty()).unwrap()).await;
    assert!(answer.cookie(SESSION).is_none());
    assert!(site.get("/", &mut browser).await.cookie(SESSION).is_some());
    assert!(site.get("/", &mut browser).await.cookie(SESSION).is_none());
    assert_eq!(site.who(&mut browser).await, user(1).to_string());
}

#[tokio::test]
async fn signing_in_as_somebody_else_ends_the_former_session_at_once() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let former = browser.clone();
    site.post("/enter-as-other", &mut browser).await;
    assert_eq!(site.who(&mut browser).await, user(2).to_string());
    assert_eq!(site.who(&mut former.clone()).await, "nobody");
}

#[tokio::test]
async fn sign_out_is_by_post_ends_every_id_and_never_clears_storage() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let old = browser.clone();
    site.post("/confirm", &mut browser).await;
    let before = browser.clone();
    assert_eq!(site.get("/leave", &mut browser).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let answer = site.post("/leave", &mut browser).await;
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    assert!(answer.cookie(SESSION).unwrap().contains("Max-Age=0"));
    assert_eq!(browser.cookie(SESSION), None);
    for stolen in [before, old] {
        assert_eq!(site.who(&mut stolen.clone()).await, "nobody");
    }
    assert_eq!(site.store.list(user(1)).await.unwrap(), []);
}

#[tokio::test]
async fn sessions_end_one_by_one_all_but_one_or_all_together() {
    let site = Site::production();
    let (mut first, mut second) = (signed_in(&site).await, signed_in(&site).await);
    let mut third = signed_in(&site).await;
    let mut other = Browser::default();
    site.post("/enter-as-other", &mut other).await;
    let rows = site.store.list(user(1)).await.unwrap();
    assert_eq!(rows.len(), 3);
    let lineage = rows[0].lineage;

    let not_theirs = Ending::Lineage { user_id: user(2), lineage };
    assert_eq!(site.store.end(not_theirs).await.unwrap(), 0);
    assert_eq!(site.store.end(Ending::Lineage { user_id: user(1), lineage }).await.unwrap(), 1);
    let keep = site.store.list(user(1)).await.unwrap()[0].lineage;
    assert_eq!(site.store.end(Ending::OthersOf { user_id: user(1), keep }).await.unwrap(), 1);
    let mut left = 0;
    for browser in [&mut first, &mut second, &mut third] {
        left += usize::from(site.who(browser).await == user(1).to_string());
    }
    assert_eq!(left, 1);
    assert_eq!(site.store.end(Ending::AllOf { user_id: user(1) }).await.unwrap(), 1);
    assert_eq!(site.who(&mut other).await, user(2).to_string());
    assert_eq!(site.store.end(Ending::Everyone).await.unwrap(), 1);
    assert_eq!(site.who(&mut other).await, "nobody");
}

#[tokio::test]
async fn s010_a_soft_rotation_signs_cookies_anew_and_nobody_is_signed_out() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let soft = site.restarted(production_config(keys(OTHER_KEY, &[KEY])));
    assert_eq!(soft.who(&mut browser).await, user(1).to_string());
    let row = &soft.store.list(user(1)).await.unwrap()[0];
    assert_eq!(row.key_id, keys(OTHER_KEY, &[]).ids()[0]);
    // The fallback may go now: the browser's cookie is of the new key.
    let hard = site.restarted(production_config(keys(OTHER_KEY, &[])));
    assert_eq!(hard.who(&mut browser).await, user(1).to_string());
}

#[tokio::test]
async fn s017_a_hard_rotation_signs_everybody_out() {
    let site = Site::production();
    let mut browser = signed_in(&site).await;
    let hard = site.restarted(production_config(keys(OTHER_KEY, &[])));
    assert_eq!(hard.who(&mut browser).await, "nobody");
}

#[tokio::test]
async fn dead_sessions_are_removed_some_at_a_time_and_live_ones_stay() {
    let site = Site::production();
    for _ in 0..3 {
        signed_in(&site).await;
    }
    site.clock.advance(DAY_US);
    let mut alive = signed_in(&site).await;
    let policy = site.guard.session_policy();
    let now = START_US + DAY_US;
    assert_eq!(site.store.remove_dead(now, policy, 2).await.unwrap(), 2);
    assert_eq!(site.store.remove_dead(now, policy, 2).await.unwrap(), 1);
    assert_eq!(site.store.remove_dead(now, policy, 2).await.unwrap(), 0);
    assert_eq!(site.who(&mut alive).await, user(1).to_string());
}

#[tokio::test]
async fn the_record_says_where_from_and_with_what() {
    let site = Site::production();
    let mut browser = Browser::default();
    let token = site.get("/token", &mut browser).await.body;
    let request = site
        .request(Method::POST, "/enter")
        .header("x-csrftoken", token)
        .header(USER_AGENT, "Firefox/150")
        .header(COOKIE, browser.header().unwrap());
    site.send(request.body(Body::empty()).unwrap()).await;
    let row = &site.store.list(user(1)).await.unwrap()[0];
    assert_eq!((row.address.to_string().as_str(), row.agent.as_str()), ("203.0.113.9", "Firefox/150"));
}

#[test]
fn an_agent_text_is_cut_at_a_character_and_cannot_forge_lines() {
    assert_eq!(tidy_agent("a\r\nb\u{1b}[31m\u{85}c"), "ab[31mc");
    let long = tidy_agent(&"ñ".repeat(500));
    assert_eq!(long.len(), AGENT_LENGTH_MAX);
}
