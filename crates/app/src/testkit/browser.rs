//! A signed-in person at the whole application, without a socket: what a test says
//! passes every layer that a browser's request passes.

use crate::{
    actor::Actor,
    features::{
        accounts::{limit_store::DbLimits, session_store::DbSessions},
        catalog::photos::Photos,
    },
    kernel::{
        App,
        finish::PageRefusals,
        state::{AppParts, AppSettings, EmailVerification, Registration},
    },
    router,
    testkit::shop::{ClockAt, NOON_US},
};
use axum::{Router, body::Body, extract::ConnectInfo};
use db::Db;
use guard::{
    Guard, GuardConfig,
    csrf::{Binding, CsrfTokens},
    keys::SecretKeys,
    password::{Argon2id, Cost, PasswordPool},
    session::{SessionCodec, SessionId, SessionRecord, SessionStore},
    source::{Clock, Sources, SystemRandom},
    validators::PasswordPolicy,
};
use http::{Method, Request, StatusCode, header};
use outside::files::Files;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tower::ServiceExt;
use uuid::Uuid;

const KEY: &str = "a-key-of-the-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH";

/// The application on a database, at a fixed time.
pub fn app(db: &Db) -> (App, Router) {
    app_of(db, Files::memory(), ClockAt(NOON_US))
}

/// The same with a place for files that others share.
pub fn app_with(db: &Db, files: Files) -> (App, Router) {
    app_of(db, files, ClockAt(NOON_US))
}

/// The application on a database, at a time of the test's choice.
pub fn app_at(db: &Db, now_us: i64) -> (App, Router) {
    app_by(db, ClockAt(now_us))
}

/// The application on a database, by a clock that the test may set.
pub fn app_by(db: &Db, clock: impl Clock) -> (App, Router) {
    app_of(db, Files::memory(), clock)
}

fn app_of(db: &Db, files: Files, clock: impl Clock) -> (App, Router) {
    let sources = Sources { clock: Arc::new(clock), random: Arc::new(SystemRandom) };
    let keys = SecretKeys::new(KEY, &[""; 0]).expect("the tests' key is long enough");
    let refusals = PageRefusals::default();
    let mut choices = GuardConfig::development(keys.clone());
    choices.sources = sources.clone();
    choices.refusals = Arc::new(refusals.clone());
    choices.csrf.exemptions = router::csrf_exemptions();
    choices.csrf.key_schemes = vec![router::DEVICE_SCHEME.to_owned()];
    let guard = Guard::new(choices, Arc::new(DbSessions::new(db.clone()))).expect("the choices are the usual ones");
    let hasher = Argon2id::unchecked(Cost { memory_kib: 8, passes: 1, lanes: 1 }).expect("Argon2 takes it");
    let app = App::new(AppParts {
        limits: DbLimits::new(db.clone(), Arc::clone(&sources.clock)),
        db: db.clone(),
        guard,
        passwords: PasswordPool::new(hasher, Arc::clone(&sources.random)),
        password_policy: PasswordPolicy::default(),
        sources,
        keys,
        photos: Photos::new(files),
        settings: AppSettings {
            debug: false,
            site_url: "http://localhost:8000".to_owned(),
            secure_cookies: false,
            registration: Registration::Open,
            email_verification: EmailVerification::Mandatory,
        },
        bell: jobs::Bell::default(),
    });
    refusals.attach(app.clone());
    let router = router::router(&app);
    (app, router)
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Where it leads, if it does.
    pub location: Option<String>,
    /// Its content type.
    pub content_type: String,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub text: String,
    /// Its body, where it is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }
}

/// A person with a session.
pub struct Browser {
    router: Router,
    cookie: String,
    token: String,
}

impl Browser {
    /// Signs somebody in.
    pub async fn sign_in(db: &Db, who: Actor) -> Browser {
        Self::signed_in(db, Files::memory(), who, NOON_US).await
    }

    /// Signs somebody in where others have put files, or will.
    pub async fn sign_in_with(db: &Db, files: Files, who: Actor) -> Browser {
        Self::signed_in(db, files, who, NOON_US).await
    }

    /// Signs somebody in at a time of the test's choice, at which the clock then stands.
    pub async fn sign_in_at(db: &Db, who: Actor, now_us: i64) -> Browser {
        Self::signed_in(db, Files::memory(), who, now_us).await
    }

    async fn signed_in(db: &Db, files: Files, who: Actor, now_us: i64) -> Browser {
        let (_, router) = app_of(db, files, ClockAt(now_us));
        let keys = SecretKeys::new(KEY, &[""; 0]).expect("the tests' key is long enough");
        let (codec, tokens) = (SessionCodec::new(&keys), CsrfTokens::new(&keys));
        let id = SessionId::draw(&SystemRandom);
        let lineage = Uuid::from_u128(u128::from_be_bytes(guard::source::random_bytes(&SystemRandom)));
        let record = SessionRecord {
            id_hash: id.hash(),
            lineage,
            user_id: who.user.0,
            shop_id: Some(who.shop.0),
            created_at: now_us,
            last_used_at: now_us,
            confirmed_at: now_us,
            second_factor_at: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            agent: "test".to_owned(),
            key_id: codec.key_id(),
            known_device: None,
            replaced_at: None,
            rotation_due: false,
        };
        DbSessions::new(db.clone()).insert(record).await.expect("the session is new");
        Browser {
            router,
            cookie: format!("sessionid={}", codec.write_session(id)),
            token: tokens.mask(Binding::Session(lineage), &SystemRandom),
        }
    }

    /// A browser in which nobody is signed in; its forms carry a token nevertheless.
    pub fn nobody(db: &Db) -> Browser {
        let (_, router) = app(db);
        let keys = SecretKeys::new(KEY, &[""; 0]).expect("the tests' key is long enough");
        let (codec, tokens) = (SessionCodec::new(&keys), CsrfTokens::new(&keys));
        let id = SessionId::draw(&SystemRandom);
        Browser {
            router,
            cookie: format!("sessionid={}", codec.write_pre_session(id)),
            token: tokens.mask(Binding::PreSession(id), &SystemRandom),
        }
    }

    /// The same browser, whose requests bring no token.
    #[must_use]
    pub fn without_token(self) -> Browser {
        Browser { token: String::new(), ..self }
    }

    /// Asks with any method, as a page would; the token comes along.
    pub async fn ask(&self, method: Method, path: &str) -> Answer {
        let form = (method != Method::GET).then_some("application/x-www-form-urlencoded");
        self.send(method, path, "text/html", form, "").await
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "text/html", None, "").await
    }

    /// Sends a form; the token comes along.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{}={}", web::urlencoded::encode(name), web::urlencoded::encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.send(Method::POST, path, "text/html", Some("application/x-www-form-urlencoded"), body).await
    }

    /// Sends a body of any type, such as a form with a file; the token comes along.
    pub async fn post_as(&self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send(Method::POST, path, "text/html", Some(content_type), body).await
    }

    /// Sends JSON with any method; the token comes along.
    pub async fn json(&self, method: Method, path: &str, body: &str) -> Answer {
        self.send(method, path, "application/json", Some("application/json"), body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        content_type: Option<&str>,
        body: impl AsRef<[u8]>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8000")
            .header(header::ORIGIN, "http://localhost:8000")
            .header(header::ACCEPT, accept)
            .header(header::COOKIE, self.cookie.as_str())
            .header(guard::csrf::TOKEN_HEADER, self.token.as_str());
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let mut request = request.body(Body::from(body.as_ref().to_vec())).expect("the request is well formed");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
        answer_of(&self.router, request).await
    }
}

/// The router's answer to a request, read to its end.
pub async fn answer_of(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = router.clone().oneshot(request).await.expect("a router always answers").into_parts();
    let text_of =
        |name: header::HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (location, content_type) = (text_of(header::LOCATION), text_of(header::CONTENT_TYPE));
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("the body is whole");
    Answer {
        status: head.status,
        location,
        content_type: content_type.unwrap_or_default(),
        headers: head.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
        bytes: bytes.to_vec(),
    }
}
