//! The guard itself: an application's choices put together, and the acts on sessions that
//! handlers ask for (sign in, confirm, change of shop, sign out).
//!
//! Must not know: how requests pass through (`layers`).

use std::sync::Arc;

use uuid::Uuid;

use crate::cookie::{BadCookieName, CookieSpec, Readable, SameSite, Transport};
use crate::csp::{BadCspOption, CspOptions};
use crate::csrf::{CsrfPolicy, CsrfTokens};
use crate::current::{Current, Outgoing};
use crate::headers::HeaderPolicy;
use crate::hosts::AllowedHosts;
use crate::https::HttpsPolicy;
use crate::keys::SecretKeys;
use crate::proxy::TrustedProxies;
use crate::refusal::{PlainRefusals, Refusals};
use crate::session::{Ending, SessionCodec, SessionId, SessionPolicy, SessionRecord, SessionStore, StoreError};
use crate::source::Sources;

/// Everything that an application chooses. Start from [`GuardConfig::production`] or
/// [`GuardConfig::development`] and change fields.
#[derive(Clone)]
pub struct GuardConfig {
    /// The secret keys.
    pub keys: SecretKeys,
    /// The names under which the server may be asked for.
    pub hosts: AllowedHosts,
    /// The networks whose `X-Forwarded-*` headers count.
    pub proxies: TrustedProxies,
    /// Plain http.
    pub https: HttpsPolicy,
    /// Trusted origins and exempt routes.
    pub csrf: CsrfPolicy,
    /// Content-Security-Policy.
    pub csp: CspOptions,
    /// Life of sessions.
    pub sessions: SessionPolicy,
    /// Names and attributes of the two cookies.
    pub cookies: CookieChoices,
    /// How refusals look.
    pub refusals: Arc<dyn Refusals>,
    /// Time and chance.
    pub sources: Sources,
}

/// Names and attributes of the two cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieChoices {
    /// With or without the `__Host-` prefix, which [`Transport::SecureOnly`] adds.
    pub session_name: String,
    /// The same for the token's cookie.
    pub csrf_name: String,
    /// `Secure` and prefix, or neither.
    pub transport: Transport,
    /// Of the session cookie.
    pub session_same_site: SameSite,
    /// Of the token's cookie.
    pub csrf_same_site: SameSite,
}

impl CookieChoices {
    fn new(transport: Transport) -> Self {
        Self {
            session_name: "sessionid".to_owned(),
            csrf_name: "csrftoken".to_owned(),
            transport,
            session_same_site: SameSite::Lax,
            csrf_same_site: SameSite::Lax,
        }
    }
}

impl GuardConfig {
    /// Everything on.
    #[must_use]
    pub fn production(keys: SecretKeys, hosts: AllowedHosts) -> Self {
        Self {
            keys,
            hosts,
            proxies: TrustedProxies::default(),
            https: HttpsPolicy::production(),
            csrf: CsrfPolicy::default(),
            csp: CspOptions::default(),
            sessions: SessionPolicy::default(),
            cookies: CookieChoices::new(Transport::SecureOnly),
            refusals: Arc::new(PlainRefusals),
            sources: Sources::system(),
        }
    }

    /// Plain http on the loop-back names; all else as in production.
    ///
    /// # Panics
    /// Never: the names are fixed and right.
    #[must_use]
    pub fn development(keys: SecretKeys) -> Self {
        let hosts = AllowedHosts::new(&["localhost", "127.0.0.1", "[::1]"]).expect("three hosts that a test reads");
        Self {
            https: HttpsPolicy::development(),
            cookies: CookieChoices::new(Transport::Any),
            ..Self::production(keys, hosts)
        }
    }
}

/// A choice that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigProblem {
    /// A cookie's name.
    CookieName(BadCookieName),
    /// A part of the Content-Security-Policy.
    Csp(BadCspOption),
    /// The two cookies have one name.
    SameCookieName,
}

/// The prepared choices, shared by all requests.
pub(crate) struct Core {
    pub(crate) hosts: AllowedHosts,
    pub(crate) proxies: TrustedProxies,
    pub(crate) https: HttpsPolicy,
    pub(crate) csrf: CsrfPolicy,
    pub(crate) headers: HeaderPolicy,
    pub(crate) policy: SessionPolicy,
    pub(crate) codec: SessionCodec,
    pub(crate) tokens: CsrfTokens,
    pub(crate) session_cookie: CookieSpec,
    pub(crate) csrf_cookie: CookieSpec,
    pub(crate) refusals: Arc<dyn Refusals>,
    pub(crate) sources: Sources,
}

/// The layers and the sessions of one application. Cheap to clone.
pub struct Guard<S> {
    pub(crate) core: Arc<Core>,
    pub(crate) store: Arc<S>,
}

impl<S> Clone for Guard<S> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), store: Arc::clone(&self.store) }
    }
}

impl<S> std::fmt::Debug for Guard<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

/// A person who has just proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// Who.
    pub user_id: Uuid,
    /// The tenant to work in.
    pub shop_id: Option<Uuid>,
    /// Whether a second factor was part of the proof.
    pub second_factor: SecondFactor,
    /// The remembered device, if the browser proved one.
    pub known_device: Option<Uuid>,
}

/// Whether a second factor was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// It was.
    Shown,
    /// It was not.
    NotShown,
}

/// Why an act on the session did not happen.
#[derive(Debug)]
pub enum SessionProblem {
    /// The store failed.
    Store(StoreError),
    /// Nobody is signed in.
    NotSignedIn,
    /// Another request of the same browser got a new id first: let the person try again.
    Superseded,
}

impl From<StoreError> for SessionProblem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl std::fmt::Display for SessionProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::NotSignedIn => f.write_str("nobody is signed in"),
            Self::Superseded => f.write_str("another request renewed the session first"),
        }
    }
}

impl std::error::Error for SessionProblem {}

impl<S: SessionStore> Guard<S> {
    /// Prepares the choices.
    ///
    /// # Errors
    /// [`ConfigProblem`] for names and values that cannot stand in headers.
    pub fn new(config: GuardConfig, store: Arc<S>) -> Result<Self, ConfigProblem> {
        let choices = &config.cookies;
        let cookie = |name: &str, same_site, readable| {
            CookieSpec::new(name, choices.transport, same_site, readable).map_err(ConfigProblem::CookieName)
        };
        let session_cookie = cookie(&choices.session_name, choices.session_same_site, Readable::ByServerOnly)?;
        let csrf_cookie = cookie(&choices.csrf_name, choices.csrf_same_site, Readable::ByScript)?;
        if session_cookie.name() == csrf_cookie.name() {
            return Err(ConfigProblem::SameCookieName);
        }
        let headers = HeaderPolicy::new(&config.csp, config.https.hsts).map_err(ConfigProblem::Csp)?;
        let core = Core {
            headers,
            session_cookie,
            csrf_cookie,
            codec: SessionCodec::new(&config.keys),
            tokens: CsrfTokens::new(&config.keys),
            hosts: config.hosts,
            proxies: config.proxies,
            https: config.https,
            csrf: config.csrf,
            policy: config.sessions,
            refusals: config.refusals,
            sources: config.sources,
        };
        Ok(Self { core: Arc::new(core), store })
    }

    /// Where sessions are kept.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The limits in force.
    #[must_use]
    pub fn session_policy(&self) -> SessionPolicy {
        self.core.policy
    }

    /// Signs a person in: always a new id, whatever the browser showed before. An open
    /// session of the same person is replaced, one of another person ends at once.
    ///
    /// # Errors
    /// When the store fails: nobody is signed in then.
    pub async fn sign_in(&self, current: &Current, sign_in: SignIn) -> Result<Arc<SessionRecord>, StoreError> {
        let now = self.core.sources.clock.now_us();
        let id = SessionId::draw(&*self.core.sources.random);
        let mut record = self.new_record(current, &sign_in, id, now);
        let former = current.session();
        if let Some(former) = &former {
            if former.user_id == sign_in.user_id {
                record.lineage = former.lineage;
                if self.store.replace(former.id_hash, now, record.clone()).await? {
                    return Ok(become_session(current, id, record));
                }
                record.lineage = self.new_lineage(now);
            } else {
                self.end_lineage(former).await?;
            }
        }
        self.store.insert(record.clone()).await?;
        Ok(become_session(current, id, record))
    }

    /// The person confirmed who they are (step-up): a new id, and sensitive acts open for
    /// a while.
    ///
    /// # Errors
    /// See [`SessionProblem`].
    pub async fn confirm(
        &self,
        current: &Current,
        second_factor: SecondFactor,
    ) -> Result<Arc<SessionRecord>, SessionProblem> {
        let now = self.core.sources.clock.now_us();
        self.renew(current, |record| {
            record.confirmed_at = now;
            if second_factor == SecondFactor::Shown {
                record.second_factor_at = Some(now);
            }
        })
        .await
    }

    /// The person goes on in another tenant: a new id.
    ///
    /// # Errors
    /// See [`SessionProblem`].
    pub async fn change_shop(
        &self,
        current: &Current,
        shop_id: Option<Uuid>,
    ) -> Result<Arc<SessionRecord>, SessionProblem> {
        self.renew(current, |record| record.shop_id = shop_id).await
    }

    /// Signs out: the session ends on the server, with every id it ever had, and the
    /// browser loses cookie and cached pages, but never its storage, where sales may wait.
    ///
    /// # Errors
    /// When the store fails: the session is still open then, and the person must know.
    pub async fn sign_out(&self, current: &Current) -> Result<(), StoreError> {
        if let Some(session) = current.session() {
            self.end_lineage(&session).await?;
        }
        let mut state = current.state();
        state.session = None;
        state.pre_session = None;
        state.outgoing = Outgoing::Expire;
        Ok(())
    }

    /// Gives the current session a new id after a change of its record. Creation and
    /// lineage stay.
    pub(crate) async fn renew(
        &self,
        current: &Current,
        change: impl FnOnce(&mut SessionRecord),
    ) -> Result<Arc<SessionRecord>, SessionProblem> {
        let former = current.session().ok_or(SessionProblem::NotSignedIn)?;
        let now = self.core.sources.clock.now_us();
        let id = SessionId::draw(&*self.core.sources.random);
        let mut record = SessionRecord {
            id_hash: id.hash(),
            last_used_at: now.max(former.last_used_at),
            key_id: self.core.codec.key_id(),
            replaced_at: None,
            rotation_due: false,
            ..(*former).clone()
        };
        change(&mut record);
        if !self.store.replace(former.id_hash, now, record.clone()).await? {
            return Err(SessionProblem::Superseded);
        }
        Ok(become_session(current, id, record))
    }

    async fn end_lineage(&self, session: &SessionRecord) -> Result<u64, StoreError> {
        let ending = Ending::Lineage { user_id: session.user_id, lineage: session.lineage };
        self.store.end(ending).await
    }

    fn new_record(&self, current: &Current, sign_in: &SignIn, id: SessionId, now: i64) -> SessionRecord {
        SessionRecord {
            id_hash: id.hash(),
            lineage: self.new_lineage(now),
            user_id: sign_in.user_id,
            shop_id: sign_in.shop_id,
            created_at: now,
            last_used_at: now,
            confirmed_at: now,
            second_factor_at: (sign_in.second_factor == SecondFactor::Shown).then_some(now),
            address: current.client().address,
            agent: current.agent(),
            key_id: self.core.codec.key_id(),
            known_device: sign_in.known_device,
            replaced_at: None,
            rotation_due: false,
        }
    }

    fn new_lineage(&self, now: i64) -> Uuid {
        crate::layers::draw_uuid(&self.core.sources, now)
    }
}

fn become_session(current: &Current, id: SessionId, record: SessionRecord) -> Arc<SessionRecord> {
    let record = Arc::new(record);
    let mut state = current.state();
    state.session = Some(Arc::clone(&record));
    state.pre_session = None;
    state.outgoing = Outgoing::Session(id);
    record
}
