//! Cross-site request forgery: the token, the three checks and the exemptions.
//!
//! Owns: what a token is bound to and how it is masked; which requests are judged; the
//! verdict. Must not know: how a body is read (`form_token`) or a refusal shown.
//!
//! The checks are those of `Sec-Fetch-Site`, of `Origin` (else of `Referer` over https),
//! and of the token. A header that is absent cannot be checked and is passed over; the
//! token is always asked for. A missing `Referer` alone does not refuse, other than in
//! Django: there it guards against cookies planted over plain http, which here the
//! `__Host-` prefix and the token's bond to the session already defeat.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method};
use uuid::Uuid;

use crate::keys::{KeyRing, SecretKeys};
use crate::origin::{Origin, TrustedOrigins};
use crate::session::SessionId;
use crate::source::{Random, random_bytes};

/// The header that carries the token (names of headers have no case).
pub const TOKEN_HEADER: &str = "x-csrftoken";
/// The form field that carries the token.
pub const TOKEN_FIELD: &str = "csrfmiddlewaretoken";
/// The code that JSON clients get with each of these refusals.
pub const REFUSAL_CODE: &str = "CSRF_TOKEN_MISSING";
/// Characters of a masked token.
pub const TOKEN_LENGTH: usize = 86;

/// What a token belongs to. A session's lineage outlives its rotations, so that a form
/// opened before a step-up can still be sent after it; a sign-in starts a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// A signed-in session.
    Session(Uuid),
    /// A browser before sign-in.
    PreSession(SessionId),
}

/// Makes and checks tokens.
#[derive(Debug, Clone)]
pub struct CsrfTokens {
    ring: KeyRing,
}

impl CsrfTokens {
    /// Derives its key.
    #[must_use]
    pub fn new(keys: &SecretKeys) -> Self {
        Self { ring: keys.ring("csrf token") }
    }

    /// A token masked anew: no two pages carry the same text, so that its bytes cannot be
    /// guessed from the size of a compressed page (the BREACH attack, 2013).
    #[must_use]
    pub fn mask(&self, binding: Binding, random: &(impl Random + ?Sized)) -> String {
        let mut bytes: [u8; 64] = [0; 64];
        let mask: [u8; 32] = random_bytes(random);
        let secret = with_parts(binding, |parts| self.ring.code(parts));
        bytes[..32].copy_from_slice(&mask);
        for (at, byte) in bytes[32..].iter_mut().enumerate() {
            *byte = mask[at] ^ secret[at];
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether the token was made for this binding, with the current or an older key.
    #[must_use]
    pub fn verify(&self, binding: Binding, token: &str) -> bool {
        let mut bytes = [0; 64];
        if token.len() != TOKEN_LENGTH || URL_SAFE_NO_PAD.decode_slice(token, &mut bytes) != Ok(bytes.len()) {
            return false;
        }
        let (mask, masked) = bytes.split_at_mut(32);
        for (byte, mask) in masked.iter_mut().zip(mask) {
            *byte ^= *mask;
        }
        with_parts(binding, |parts| self.ring.verify(parts, masked)).is_some()
    }
}

fn with_parts<R>(binding: Binding, apply: impl FnOnce(&[&[u8]]) -> R) -> R {
    match binding {
        Binding::Session(lineage) => apply(&[b"session", lineage.as_bytes()]),
        Binding::PreSession(id) => apply(&[b"pre-session", id.bytes()]),
    }
}

/// A request header that should occur at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'a> {
    /// Not sent: it cannot be checked.
    Absent,
    /// Sent once, as text.
    Text(&'a str),
    /// Sent twice, or not as text: no browser does that.
    Unreadable,
}

impl<'a> Fact<'a> {
    /// Reads the header.
    #[must_use]
    pub fn of(headers: &'a HeaderMap, name: &str) -> Self {
        let mut lines = headers.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::Absent,
            (Some(line), None) => line.to_str().map_or(Self::Unreadable, Self::Text),
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

/// What became of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFact {
    /// The browser sent neither a session nor a pre-session cookie.
    NoSession,
    /// No token came, neither in the header nor in the form.
    Missing,
    /// It belongs to another session, another key, or to nothing.
    Wrong,
    /// It is this session's.
    Right,
}

/// All that the judgement looks at.
#[derive(Debug, Clone)]
pub struct RequestFacts<'a> {
    /// `Sec-Fetch-Site`.
    pub fetch_site: Fact<'a>,
    /// `Origin`.
    pub origin: Fact<'a>,
    /// `Referer`.
    pub referer: Fact<'a>,
    /// The origin under which the request reached us.
    pub own: Origin,
    /// Whether it came over https.
    pub over_https: OverHttps,
    /// The token.
    pub token: TokenFact,
}

/// Whether a request came over https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverHttps {
    /// It did.
    Yes,
    /// It did not.
    No,
}

/// Why an unsafe request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsrfRefusal {
    /// `Sec-Fetch-Site` says that another site's page sent it.
    CrossSite,
    /// `Origin` is another one and not trusted.
    ForeignOrigin,
    /// `Referer` names another origin that is not trusted.
    ForeignReferer,
    /// There is no session or pre-session to compare the token with.
    NoSession,
    /// There is no token.
    TokenMissing,
    /// The token is not this session's.
    TokenWrong,
}

impl CsrfRefusal {
    /// The reason for logs and counters.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::CrossSite => "csrf_cross_site",
            Self::ForeignOrigin => "csrf_foreign_origin",
            Self::ForeignReferer => "csrf_foreign_referer",
            Self::NoSession => "csrf_no_session",
            Self::TokenMissing => "csrf_token_missing",
            Self::TokenWrong => "csrf_token_wrong",
        }
    }
}

/// Judges an unsafe request: every check that can be made must pass.
///
/// # Errors
/// The first check that failed, in the order of the text above.
pub fn judge(facts: &RequestFacts<'_>, trusted: &TrustedOrigins) -> Result<(), CsrfRefusal> {
    let accepted = |origin: Option<Origin>| origin.is_some_and(|origin| origin == facts.own || trusted.trust(&origin));
    let origin_trusted = match facts.origin {
        Fact::Text(text) => Origin::parse(text).is_some_and(|origin| trusted.trust(&origin)),
        Fact::Absent | Fact::Unreadable => false,
    };
    match facts.fetch_site {
        // `none` is the person's own doing: an address typed, a reload.
        Fact::Absent | Fact::Text("same-origin" | "none") => {}
        Fact::Text("same-site" | "cross-site") if origin_trusted => {}
        Fact::Text(_) | Fact::Unreadable => return Err(CsrfRefusal::CrossSite),
    }
    match (facts.origin, facts.referer, facts.over_https) {
        (Fact::Text(text), ..) if accepted(Origin::parse(text)) => {}
        (Fact::Text(_) | Fact::Unreadable, ..) => return Err(CsrfRefusal::ForeignOrigin),
        (Fact::Absent, _, OverHttps::No) | (Fact::Absent, Fact::Absent, OverHttps::Yes) => {}
        (Fact::Absent, Fact::Text(url), OverHttps::Yes) if accepted(Origin::of_url(url)) => {}
        (Fact::Absent, _, OverHttps::Yes) => return Err(CsrfRefusal::ForeignReferer),
    }
    match facts.token {
        TokenFact::Right => Ok(()),
        TokenFact::NoSession => Err(CsrfRefusal::NoSession),
        TokenFact::Missing => Err(CsrfRefusal::TokenMissing),
        TokenFact::Wrong => Err(CsrfRefusal::TokenWrong),
    }
}

/// Whether the method promises to change nothing (RFC 9110 §9.2.1).
#[must_use]
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// When an exempt route is in fact exempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExemptWhen {
    /// The request brings a key in `Authorization` and no session cookie: nothing that a
    /// browser adds by itself gives it any right.
    KeyWithoutSession,
    /// Always: the route reads no cookie (signed webhooks, browsers' own reports).
    Always,
}

/// A route that is not checked. The list is data, so that a test can print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The method.
    pub method: Method,
    /// The route's path as it was declared, such as `/api/ventas/{id}`.
    pub path: String,
    /// Under which condition.
    pub when: ExemptWhen,
    /// Why, for whoever reviews the list.
    pub reason: &'static str,
}

/// The rules of one application.
#[derive(Debug, Clone)]
pub struct CsrfPolicy {
    /// Other origins whose pages may send unsafe requests.
    pub trusted: TrustedOrigins,
    /// Routes that are not checked.
    pub exemptions: Vec<Exemption>,
    /// The schemes of `Authorization` that only a program adds, never a browser by itself
    /// (which `Basic`, `Digest` and `Negotiate` are).
    pub key_schemes: Vec<String>,
    /// Longest urlencoded form, in bytes; a longer one is answered with 413.
    pub form_bytes_max: usize,
}

/// What a request brings to show who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// An `Authorization` of one of [`CsrfPolicy::key_schemes`].
    pub key: bool,
    /// A session cookie, whatever it holds.
    pub session_cookie: bool,
}

impl Default for CsrfPolicy {
    fn default() -> Self {
        Self {
            trusted: TrustedOrigins::default(),
            exemptions: Vec::new(),
            key_schemes: vec!["Bearer".to_owned()],
            form_bytes_max: 1024 * 1024,
        }
    }
}

impl CsrfPolicy {
    /// The exemption that applies to this request, if one does.
    #[must_use]
    pub fn exemption(&self, method: &Method, declared_path: &str, brought: Credentials) -> Option<&Exemption> {
        self.exemptions.iter().find(|exemption| {
            exemption.method == method
                && exemption.path == declared_path
                && match exemption.when {
                    ExemptWhen::Always => true,
                    ExemptWhen::KeyWithoutSession => brought.key && !brought.session_cookie,
                }
        })
    }

    /// Whether this `Authorization` is a key rather than what a browser adds by itself.
    #[must_use]
    pub fn is_key(&self, authorization: &str) -> bool {
        let scheme = authorization.split(' ').next().unwrap_or("");
        self.key_schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    }
}
