//! The way of a request through the guard.
//!
//! [`Guard::outside`] wraps everything: request id and log, headers, host and proxy, https.
//! [`Guard::inside`] wraps the pages and APIs: session, then CSRF. Between the two an
//! application puts static files and the language:
//!
//! ```text
//! outside( static files + language( inside( routes ) ) )
//! ```
//!
//! Must not know: routes. **Invariant:** every answer leaves through `outside`, refusals
//! included, so that none lacks its headers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, LOCATION, ORIGIN, REFERER, SET_COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::csp::Profile;
use crate::csrf::{self, Credentials, Fact, OverHttps, RequestFacts, TOKEN_HEADER, TokenFact};
use crate::current::{Current, CurrentInner, CurrentState, Outgoing};
use crate::form_token::{BodyProblem, read_form_token};
use crate::guard::{Core, Guard, SessionProblem};
use crate::headers::SendHsts;
use crate::https::Verdict;
use crate::keys::MadeWith;
use crate::origin::Origin;
use crate::proxy::{Client, Peer, Scheme};
use crate::refusal::{Refusal, answer};
use crate::session::{Presented, SessionId, SessionState, SessionStore, StoreError, Upkeep, decide};
use crate::source::{Sources, random_bytes};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The name of one request, in its log lines, its error page and `X-Request-Id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// A time-ordered id (RFC 9562, version 7) from the given sources.
pub(crate) fn draw_uuid(sources: &Sources, now_us: i64) -> Uuid {
    let millis = u64::try_from(now_us.div_euclid(1000)).unwrap_or(0);
    let chance: [u8; 10] = random_bytes(&*sources.random);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}

impl<S: SessionStore> Guard<S> {
    /// The outermost layers, around everything that answers.
    pub fn outside<T: Clone + Send + Sync + 'static>(&self, router: Router<T>) -> Router<T> {
        router.layer(from_fn_with_state(Arc::clone(&self.core), pass_outside))
    }

    /// The layers around pages and APIs.
    pub fn inside<T: Clone + Send + Sync + 'static>(&self, router: Router<T>) -> Router<T> {
        router.layer(from_fn_with_state(self.clone(), pass_inside::<S>))
    }
}

async fn pass_outside(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let started = core.sources.clock.now_us();
    let request_id = draw_uuid(&core.sources, started);
    let span = tracing::info_span!("request", id = %request_id);
    async move {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(RequestId(request_id));
        let method = parts.method.clone();
        // Only the declared path is logged: the real one may hold a token.
        let route = parts.extensions.get::<MatchedPath>().cloned();
        let client = identify(&core, &parts);
        let send_hsts = match &client {
            Ok(client) if core.https.sends_hsts(client) => SendHsts::Yes,
            Ok(_) | Err(_) => SendHsts::No,
        };
        let mut response = match client.and_then(|client| admit(&core, &parts, client)) {
            Ok(Admitted::Client(client)) => {
                parts.extensions.insert(Arc::new(client));
                next.run(Request::from_parts(parts, body)).await
            }
            Ok(Admitted::Redirected(target)) => redirect(&target),
            Err(refusal) => {
                log_refusal(refusal, &parts, None, None);
                answer(&*core.refusals, refusal, &parts)
            }
        };
        let profile = response.extensions_mut().remove::<Profile>().unwrap_or_default();
        core.headers.apply(response.headers_mut(), &profile, send_hsts);
        response.headers_mut().insert(REQUEST_ID, request_id_header(request_id));
        tracing::info!(
            target: "guard::request",
            method = %method,
            route = route.as_ref().map_or("", MatchedPath::as_str),
            status = response.status().as_u16(),
            elapsed_us = core.sources.clock.now_us().saturating_sub(started),
        );
        response
    }
    .instrument(span)
    .await
}

enum Admitted {
    Client(Client),
    Redirected(String),
}

/// Who asks, and under which listed host. On the paths that are exempt from the host check
/// an unlisted host is dropped rather than passed on.
fn identify(core: &Core, parts: &Parts) -> Result<Client, Refusal> {
    let peer = peer_of(parts).ok_or(Refusal::Misassembled)?;
    let mut client = core.proxies.client(peer, parts).map_err(|_| Refusal::Host)?;
    client.host = client.host.filter(|host| core.hosts.allow(host));
    if client.host.is_none() && !core.https.is_exempt(parts.uri.path()) {
        return Err(Refusal::Host);
    }
    Ok(client)
}

/// The method, then https.
fn admit(core: &Core, parts: &Parts, client: Client) -> Result<Admitted, Refusal> {
    const METHODS: [Method; 7] =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if !METHODS.contains(&parts.method) {
        return Err(Refusal::Method);
    }
    let uri = &parts.uri;
    let target = uri.path_and_query().map_or(uri.path(), http::uri::PathAndQuery::as_str);
    match core.https.judge(&client, &parts.method, target) {
        Verdict::Serve => Ok(Admitted::Client(client)),
        Verdict::Redirect(address) => Ok(Admitted::Redirected(address)),
        Verdict::Refuse => Err(Refusal::HttpsRequired),
    }
}

fn peer_of(parts: &Parts) -> Option<Peer> {
    parts.extensions.get::<Peer>().copied().or_else(|| {
        let ConnectInfo(address) = *parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(Peer { address, transport: Scheme::Http })
    })
}

fn redirect(target: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    let location =
        HeaderValue::from_str(target).expect("a checked host and the target of a parsed request are header text");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn request_id_header(id: Uuid) -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text: &str = id.hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).expect("a uuid is hexadecimal digits and hyphens")
}

async fn pass_inside<S: SessionStore>(State(guard): State<Guard<S>>, request: Request, next: Next) -> Response {
    let core = &guard.core;
    let (mut parts, body) = request.into_parts();
    let Some(client) = parts.extensions.get::<Arc<Client>>().cloned() else {
        log_refusal(Refusal::Misassembled, &parts, None, None);
        return answer(&*core.refusals, Refusal::Misassembled, &parts);
    };
    let current = match guard.open(&parts, Arc::clone(&client)).await {
        Ok(current) => current,
        Err(error) => {
            tracing::error!(target: "guard::session", %error, "the session cannot be read");
            return answer(&*core.refusals, Refusal::StoreUnavailable, &parts);
        }
    };
    parts.extensions.insert(current.clone());
    let response = match check_csrf(core, &parts, body, &current).await {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) => {
            log_refusal(refusal, &parts, Some(&client), Some(&current));
            answer(&*core.refusals, refusal, &parts)
        }
    };
    close(core, &current, response)
}

impl<S: SessionStore> Guard<S> {
    /// Reads the cookie, asks the store, and does the upkeep that is due.
    pub(crate) async fn open(&self, parts: &Parts, client: Arc<Client>) -> Result<Current, StoreError> {
        let core = &self.core;
        let presented = core.session_cookie.read(&parts.headers).and_then(|text| core.codec.read(text));
        let token_cookie = core.csrf_cookie.read(&parts.headers).map(Box::from);
        let mut state = CurrentState { token_cookie, ..CurrentState::default() };
        let may_set_cookies = core.https.may_set_cookies(&client);
        let mut upkeep = Upkeep::default();
        match presented {
            Some(Presented::Session { id, made_with }) => {
                upkeep = self.find(&mut state, id, made_with, may_set_cookies).await?;
            }
            Some(Presented::PreSession { id, made_with }) => {
                state.pre_session = Some(id);
                if made_with == MadeWith::Fallback {
                    state.outgoing = Outgoing::PreSession(id);
                }
            }
            None => {}
        }
        let current = Current(Arc::new(CurrentInner {
            core: Arc::clone(core),
            client,
            agent: parts.headers.get(USER_AGENT).cloned(),
            state: std::sync::Mutex::new(state),
        }));
        if upkeep.rotate && may_set_cookies && is_page(parts) {
            match self.renew(&current, |_| {}).await {
                // Another request of this browser was first; this one is served under the
                // old id, within its grace.
                Ok(_) | Err(SessionProblem::Superseded | SessionProblem::NotSignedIn) => {}
                Err(SessionProblem::Store(error)) => return Err(error),
            }
        }
        Ok(current)
    }

    async fn find(
        &self,
        state: &mut CurrentState,
        id: SessionId,
        made_with: MadeWith,
        may_set_cookies: bool,
    ) -> Result<Upkeep, StoreError> {
        let core = &self.core;
        let now = core.sources.clock.now_us();
        let Some(mut record) = self.store.load(id.hash()).await? else {
            return Ok(Upkeep::default());
        };
        let upkeep = match decide(&record, now, &core.policy) {
            SessionState::Live(upkeep) => upkeep,
            SessionState::Dead(reason) => {
                tracing::info!(target: "guard::session", ?reason, "a session is over");
                return Ok(Upkeep::default());
            }
        };
        let signs_anew = made_with == MadeWith::Fallback && may_set_cookies;
        if signs_anew {
            state.outgoing = Outgoing::Session(id);
            record.key_id = core.codec.key_id();
        }
        if signs_anew || upkeep.touch {
            record.last_used_at = now.max(record.last_used_at);
            self.store.touch(record.id_hash, record.last_used_at, record.key_id).await?;
        }
        state.session = Some(Arc::new(record));
        Ok(upkeep)
    }
}

/// Whether the request is for a page that a person will see, rather than for data under
/// way in the background.
fn is_page(parts: &Parts) -> bool {
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    parts.method == Method::GET
        && match text(HeaderName::from_static("sec-fetch-mode")) {
            Some(mode) => mode == "navigate",
            None => text(ACCEPT).is_some_and(|accept| accept.contains("text/html")),
        }
}

/// Judges an unsafe request and gives its body back whole.
async fn check_csrf(core: &Core, parts: &Parts, body: Body, current: &Current) -> Result<Body, Refusal> {
    if csrf::is_safe(&parts.method) {
        return Ok(body);
    }
    let declared = parts.extensions.get::<MatchedPath>();
    let path = declared.map_or_else(|| parts.uri.path(), MatchedPath::as_str);
    let headers = &parts.headers;
    let brought = Credentials {
        key: matches!(Fact::of(headers, AUTHORIZATION.as_str()), Fact::Text(text) if core.csrf.is_key(text)),
        session_cookie: core.session_cookie.read(headers).is_some(),
    };
    if core.csrf.exemption(&parts.method, path, brought).is_some() {
        return Ok(body);
    }
    let client = current.client();
    let host = client.host.as_ref().ok_or(Refusal::Host)?;
    let (token, body) = match Fact::of(headers, TOKEN_HEADER) {
        Fact::Text(token) => (Some(token.to_owned()), body),
        Fact::Unreadable => (Some(String::new()), body),
        Fact::Absent => {
            read_form_token(headers, body, core.csrf.form_bytes_max).await.map_err(|problem| match problem {
                BodyProblem::TooLarge => Refusal::BodyTooLarge,
                BodyProblem::Broken => Refusal::BodyBroken,
            })?
        }
    };
    let facts = RequestFacts {
        fetch_site: Fact::of(headers, "sec-fetch-site"),
        origin: Fact::of(headers, ORIGIN.as_str()),
        referer: Fact::of(headers, REFERER.as_str()),
        own: Origin::of(client.scheme, host),
        over_https: match client.scheme {
            Scheme::Https => OverHttps::Yes,
            Scheme::Http => OverHttps::No,
        },
        token: token_fact(core, current, token.as_deref()),
    };
    csrf::judge(&facts, &core.csrf.trusted).map_err(Refusal::Csrf)?;
    Ok(body)
}

fn token_fact(core: &Core, current: &Current, token: Option<&str>) -> TokenFact {
    let Some(binding) = current.state().binding() else {
        return TokenFact::NoSession;
    };
    match token {
        None => TokenFact::Missing,
        Some(token) if core.tokens.verify(binding, token) => TokenFact::Right,
        Some(_) => TokenFact::Wrong,
    }
}

/// Writes the cookies that came of the request, and keeps private answers out of caches.
fn close(core: &Core, current: &Current, mut response: Response) -> Response {
    let state = current.state();
    let headers = response.headers_mut();
    if core.https.may_set_cookies(current.client()) {
        let session_cookie = match state.outgoing {
            Outgoing::Keep => None,
            Outgoing::Session(id) => Some(core.session_cookie.set(&core.codec.write_session(id))),
            Outgoing::PreSession(id) => Some(core.session_cookie.set(&core.codec.write_pre_session(id))),
            Outgoing::Expire => Some(core.session_cookie.expire()),
        };
        let cookies = session_cookie.into_iter().chain(token_cookie(core, &state));
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    if state.outgoing == Outgoing::Expire {
        // Never "storage": sales that were not yet sent live there.
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
    keep_private(headers, &state);
    drop(state);
    response
}

/// The cookie that scripts read, when the one that the browser has is not of this session.
fn token_cookie(core: &Core, state: &CurrentState) -> Option<HeaderValue> {
    let asked = state.token_asked || matches!(state.outgoing, Outgoing::Session(_));
    let binding = state.binding().filter(|_| asked)?;
    let fits = |token: &str| core.tokens.verify(binding, token);
    if state.token_cookie.as_deref().is_some_and(fits) {
        return None;
    }
    let token = core.tokens.mask(binding, &*core.sources.random);
    Some(core.csrf_cookie.set(&token))
}

/// A page of somebody signed in, or with a token of its own, is for nobody else. A handler
/// may say otherwise for what is the same for everybody.
fn keep_private(headers: &mut HeaderMap, state: &CurrentState) {
    let is_private = state.session.is_some() || state.token_asked;
    if is_private && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// One counted line a refusal: the reason, never the secret.
fn log_refusal(refusal: Refusal, parts: &Parts, client: Option<&Client>, current: Option<&Current>) {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let address = client.map(|client| client.address).or(peer_of(parts).map(|it| it.address.ip()));
    let user = current.and_then(Current::session).map(|session| session.user_id);
    tracing::warn!(
        target: "guard::refusal",
        reason = refusal.reason(),
        method = %parts.method,
        route,
        address = address.map(tracing::field::display),
        user = user.map(tracing::field::display),
    );
}
