//! A fixed clock, a counted random source, and a small application to send requests to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use guard::csp::Profile;
use guard::csrf::{ExemptWhen, Exemption};
use guard::guard::{SecondFactor, SignIn};
use guard::hosts::AllowedHosts;
use guard::keys::SecretKeys;
use guard::memory::MemorySessions;
use guard::proxy::{Peer, Scheme};
use guard::source::{Clock, Random, Sources};
use guard::{Current, Guard, GuardConfig};
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;
use uuid::Uuid;

pub const KEY: &str = "q7Zr-2mKx_9vTLw4HcBn8sYdE1uAoPj5GfXi3RtWzQkVbMyNlCeSa6DhUgFp0JOI";
pub const OTHER_KEY: &str = "Zt5-hWq_3nLrX8cVbK1mYpD9sGfJ2aEoTiUwRx7zQvNyHkCjMl6BdSgAeP4F0uOI";
pub const START_US: i64 = 1_790_000_000_000_000;

pub fn user(number: u128) -> Uuid {
    Uuid::from_u128(0xF00D_0000 + number)
}

/// A clock that moves when told to.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn advance(&self, by_us: i64) {
        self.0.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// SplitMix64 from a fixed seed: different each time, the same in each run.
pub struct TestRandom(AtomicU64);

impl TestRandom {
    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub fn next(&self) -> u64 {
        let seed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

pub fn keys(current: &str, fallbacks: &[&str]) -> SecretKeys {
    SecretKeys::new(current, fallbacks).unwrap()
}

/// The guarded application, reached without a network.
#[derive(Clone)]
pub struct Site {
    pub guard: Guard<MemorySessions>,
    pub store: Arc<MemorySessions>,
    pub clock: TestClock,
    pub router: Router,
    pub https: bool,
    pub host: &'static str,
}

impl Site {
    /// Production: https, `shop.example`.
    pub fn production() -> Self {
        Self::with(production_config(keys(KEY, &[])), Arc::default())
    }

    /// Development: http, `localhost:8000`.
    pub fn development() -> Self {
        let site = Self::with(GuardConfig::development(keys(KEY, &[])), Arc::default());
        Self { https: false, host: "localhost:8000", ..site }
    }

    pub fn with(mut config: GuardConfig, store: Arc<MemorySessions>) -> Self {
        let clock = TestClock(Arc::new(AtomicI64::new(START_US)));
        config.sources = Sources { clock: Arc::new(clock.clone()), random: Arc::new(TestRandom::seeded(7)) };
        let guard = Guard::new(config, store.clone()).unwrap();
        let inside = guard.inside(routes());
        let files = Router::new().route("/static/app.css", get(async || "body{}"));
        let router = guard.outside(inside.merge(files)).with_state(guard.clone());
        Self { guard, store, clock, router, https: true, host: "shop.example" }
    }

    /// The same store and time under other keys: a restart with a changed configuration.
    pub fn restarted(&self, config: GuardConfig) -> Self {
        let restarted = Self::with(config, self.store.clone());
        let elapsed = self.clock.now_us() - START_US;
        restarted.clock.advance(elapsed);
        restarted
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let transport = if self.https { Scheme::Https } else { Scheme::Http };
        let address: SocketAddr = "203.0.113.9:50000".parse().unwrap();
        Request::builder().method(method).uri(path).header(HOST, self.host).extension(Peer { address, transport })
    }

    pub async fn get(&self, path: &str, browser: &mut Browser) -> Answer {
        let mut request = self.request(Method::GET, path).header("accept", "text/html");
        if let Some(cookies) = browser.header() {
            request = request.header(COOKIE, cookies);
        }
        let answer = self.send(request.body(Body::empty()).unwrap()).await;
        browser.keep(&answer);
        answer
    }

    /// Posts the way a browser does, with the token of a page just read.
    pub async fn post(&self, path: &str, browser: &mut Browser) -> Answer {
        let token = self.get("/token", browser).await.body;
        let mut request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookies) = browser.header() {
            request = request.header(COOKIE, cookies);
        }
        let form = format!("text=hola&csrfmiddlewaretoken={token}");
        let answer = self.send(request.body(Body::from(form)).unwrap()).await;
        browser.keep(&answer);
        answer
    }

    pub async fn who(&self, browser: &mut Browser) -> String {
        self.get("/who", browser).await.body
    }
}

pub fn production_config(keys: SecretKeys) -> GuardConfig {
    let hosts = AllowedHosts::new(&["shop.example", ".chain.example"]).unwrap();
    let mut config = GuardConfig::production(keys, hosts);
    config.csp.report_path = Some("/informes/csp/".to_owned());
    let exempt = |path: &str, when, reason| Exemption { method: Method::POST, path: path.to_owned(), when, reason };
    config.csrf.exemptions = vec![
        exempt("/api/notes", ExemptWhen::KeyWithoutSession, "called with a key"),
        exempt("/informes/csp/", ExemptWhen::Always, "browsers' own reports"),
    ];
    config
}

fn routes() -> Router<Guard<MemorySessions>> {
    Router::new()
        .route("/", get(async || "hola"))
        .route("/token", get(async |current: Current| current.csrf_token()))
        .route("/who", get(who))
        .route("/notes", post(async |body: String| body))
        .route("/api/notes", post(async || "kept"))
        .route("/informes/csp/", post(async || StatusCode::NO_CONTENT))
        .route("/healthz", get(async || "ok"))
        .route("/enter", post(enter))
        .route("/enter-as-other", post(enter_as_other))
        .route("/confirm", post(confirm))
        .route("/leave", post(leave))
        .route("/till", get(async || devices()))
        .route("/weak", get(weak))
}

fn devices() -> impl IntoResponse {
    let mut response = "till".into_response();
    response.extensions_mut().insert(Profile::DevicesAndWasm);
    response
}

/// A handler that tries to weaken its own answer.
async fn weak() -> impl IntoResponse {
    let headers = [
        ("x-frame-options", "ALLOWALL"),
        ("content-security-policy", "default-src *"),
        ("server", "secret/1.0"),
        ("x-powered-by", "secret"),
    ];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, "oops")
}

async fn who(current: Current) -> String {
    current.session().map_or_else(|| "nobody".to_owned(), |session| session.user_id.to_string())
}

fn as_user(number: u128) -> SignIn {
    SignIn { user_id: user(number), shop_id: None, second_factor: SecondFactor::NotShown, known_device: None }
}

async fn enter(State(guard): State<Guard<MemorySessions>>, current: Current) -> &'static str {
    guard.sign_in(&current, as_user(1)).await.unwrap();
    "in"
}

async fn enter_as_other(State(guard): State<Guard<MemorySessions>>, current: Current) -> &'static str {
    guard.sign_in(&current, as_user(2)).await.unwrap();
    "in"
}

async fn confirm(State(guard): State<Guard<MemorySessions>>, current: Current) -> String {
    match guard.confirm(&current, SecondFactor::Shown).await {
        Ok(session) => session.confirmed_at.to_string(),
        Err(problem) => problem.to_string(),
    }
}

async fn leave(State(guard): State<Guard<MemorySessions>>, current: Current) -> &'static str {
    guard.sign_out(&current).await.unwrap();
    "out"
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().into_iter().find(|line| line.starts_with(&format!("{name}=")))
    }
}

/// Keeps cookies as a browser does.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Browser(pub Vec<(String, String)>);

impl Browser {
    pub fn header(&self) -> Option<String> {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            self.0.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                self.set(name, rest.split(';').next().unwrap());
            }
        }
    }
}
