//! The application's state: what handlers share.

use crate::features::{
    accounts::{limit_store::DbLimits, session_store::DbSessions},
    catalog::photos::Photos,
};
use db::Db;
use guard::{Guard, password::PasswordPool, source::Sources, validators::PasswordPolicy};
use std::{ops::Deref, sync::Arc};
use uuid::Uuid;

/// How somebody becomes a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// By registering and verifying the address.
    Open,
    /// As with `Open`, and a superuser activates.
    Approval,
    /// Nobody registers.
    Closed,
}

/// Whether an address must be verified before its first sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailVerification {
    /// It must.
    Mandatory,
    /// A link is sent, and nothing waits for it.
    Optional,
    /// No link is sent.
    None,
}

/// What the operator set, as far as handlers need it.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// DEBUG: every page says so.
    pub debug: bool,
    /// Every link that leaves the server begins with it; no slash at the end.
    pub site_url: String,
    /// Whether cookies are `Secure`.
    pub secure_cookies: bool,
    /// How somebody becomes a user.
    pub registration: Registration,
    /// Whether an address must be verified.
    pub email_verification: EmailVerification,
}

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// The parts of an [`App`].
pub struct AppParts {
    /// The database.
    pub db: Db,
    /// Sessions and forged requests.
    pub guard: Guard<DbSessions>,
    /// Limits on guessing.
    pub limits: DbLimits,
    /// Hashing, bounded and off the async threads.
    pub passwords: PasswordPool,
    /// Which passwords may be chosen.
    pub password_policy: PasswordPolicy,
    /// Time and chance.
    pub sources: Sources,
    /// The secret keys, for links and codes that are signed.
    pub keys: guard::keys::SecretKeys,
    /// Photos of products.
    pub photos: Photos,
    /// What the operator set.
    pub settings: AppSettings,
    /// Told after a transaction that enqueued a job.
    pub bell: jobs::Bell,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: AppParts) -> Self {
        App(Arc::new(parts))
    }

    /// Now, in microseconds UTC.
    pub fn now_us(&self) -> i64 {
        self.sources.clock.now_us()
    }

    /// A new id, ordered by time (RFC 9562, version 7).
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now_us() / 1_000).unwrap_or(0);
        let chance: [u8; 10] = guard::source::random_bytes(&*self.sources.random);
        uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
    }

    /// Several new ids.
    pub fn new_ids<const N: usize>(&self) -> [Uuid; N] {
        std::array::from_fn(|_| self.new_id())
    }
}

impl Deref for App {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}
