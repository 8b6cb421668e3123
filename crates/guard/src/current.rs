//! What a handler sees of the session: who is signed in, and the token for its forms.
//!
//! **Invariant:** a handler never writes a cookie. It changes what is current through
//! [`Guard`](crate::guard::Guard), and the session layer writes the cookies of whatever
//! came of it, so that none can be forgotten.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::csrf::Binding;
use crate::guard::Core;
use crate::proxy::Client;
use crate::session::{SessionId, SessionRecord, tidy_agent};

/// The current session, or the lack of one. Cheap to clone; an axum extractor.
#[derive(Clone)]
pub struct Current(pub(crate) Arc<CurrentInner>);

pub(crate) struct CurrentInner {
    pub(crate) core: Arc<Core>,
    pub(crate) client: Arc<Client>,
    pub(crate) agent: Option<HeaderValue>,
    pub(crate) state: Mutex<CurrentState>,
}

#[derive(Default)]
pub(crate) struct CurrentState {
    pub(crate) session: Option<Arc<SessionRecord>>,
    pub(crate) pre_session: Option<SessionId>,
    /// The token cookie that the browser sent.
    pub(crate) token_cookie: Option<Box<str>>,
    pub(crate) token_asked: bool,
    pub(crate) outgoing: Outgoing,
}

/// What becomes of the session cookie with this answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Outgoing {
    #[default]
    Keep,
    Session(SessionId),
    PreSession(SessionId),
    Expire,
}

impl Current {
    /// The session of whoever is signed in.
    #[must_use]
    pub fn session(&self) -> Option<Arc<SessionRecord>> {
        self.state().session.clone()
    }

    /// Who asks: address, scheme, host.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// The browser's own name, tidied for lists and logs.
    #[must_use]
    pub fn agent(&self) -> String {
        let agent = self.0.agent.as_ref().and_then(|value| value.to_str().ok());
        tidy_agent(agent.unwrap_or(""))
    }

    /// A token for a form of this answer, masked anew at each call. The first one that a
    /// browser gets also gives it the pre-session cookie that the token belongs to.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        let core = &self.0.core;
        let mut state = self.state();
        state.token_asked = true;
        let binding = state.binding().unwrap_or_else(|| {
            let id = SessionId::draw(&*core.sources.random);
            state.pre_session = Some(id);
            state.outgoing = Outgoing::PreSession(id);
            Binding::PreSession(id)
        });
        drop(state);
        core.tokens.mask(binding, &*core.sources.random)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, CurrentState> {
        // Nothing panics under this lock, so a poisoned state is a whole one.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CurrentState {
    /// What tokens of this browser belong to, if it has shown or been given anything.
    pub(crate) fn binding(&self) -> Option<Binding> {
        let of_session = self.session.as_ref().map(|session| Binding::Session(session.lineage));
        of_session.or(self.pre_session.map(Binding::PreSession))
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = self.state().session.as_ref().map(|session| session.user_id);
        f.debug_struct("Current").field("user_id", &user).finish_non_exhaustive()
    }
}

impl<T: Send + Sync> FromRequestParts<T> for Current {
    type Rejection = StatusCode;

    /// Fails with 500 on a route outside of the session layer: a defect of the program.
    async fn from_request_parts(parts: &mut Parts, _: &T) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
