//! Sessions: what is kept, when one is alive, and what the cookie holds.
//!
//! Owns: the record, the policy (idle and absolute limits, rotation with a short grace),
//! the pure decision over them, and the cookie's text. Must not know: where records are
//! kept (see [`SessionStore`]), users, shops' rules, HTTP.
//!
//! **Invariant:** the cookie is 256 random bits and an HMAC; the store holds only the
//! SHA-256 of those bits. Whoever steals the database can sign in as nobody.

use std::future::Future;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::keys::{KeyId, KeyRing, MadeWith, SecretKeys};
use crate::source::{DAY_US, HOUR_US, MINUTE_US, Random, SECOND_US, random_bytes};

/// Longest user-agent text that is kept, in bytes.
pub const AGENT_LENGTH_MAX: usize = 200;

/// SHA-256 of a session id: the key of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdHash(pub [u8; 32]);

/// A session as it is kept. Instants are µs UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of the id in the cookie.
    pub id_hash: IdHash,
    /// Stays the same through rotations: the name under which a person sees and ends a
    /// session. It opens nothing.
    pub lineage: Uuid,
    /// Whose session this is.
    pub user_id: Uuid,
    /// The tenant that the person works in, where there is one.
    pub shop_id: Option<Uuid>,
    /// When the person signed in. Rotation keeps it, so that it never lengthens a session.
    pub created_at: i64,
    /// Last use, written at most once a minute.
    pub last_used_at: i64,
    /// The last sign-in or step-up: sensitive acts want a recent one.
    pub confirmed_at: i64,
    /// When a second factor was shown, if one was.
    pub second_factor_at: Option<i64>,
    /// Where the session was opened from.
    pub address: IpAddr,
    /// The browser's own name, cut to [`AGENT_LENGTH_MAX`] bytes.
    pub agent: String,
    /// The secret key that signs the cookie at present.
    pub key_id: KeyId,
    /// The device that the person asked to be remembered, if any.
    pub known_device: Option<Uuid>,
    /// When a newer id took the place of this one.
    pub replaced_at: Option<i64>,
    /// Whether the next page shall get a new id, because rights changed.
    pub rotation_due: bool,
}

/// Limits, in µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Longest time without use.
    pub idle_us_max: i64,
    /// Longest life, whatever the use.
    pub absolute_us_max: i64,
    /// How often the last use is written.
    pub touch_us: i64,
    /// How long a replaced id serves requests that were under way.
    pub grace_us: i64,
}

impl Default for SessionPolicy {
    /// Idle 12 hours, absolute 14 days, written once a minute, 10 seconds of grace.
    fn default() -> Self {
        Self { idle_us_max: 12 * HOUR_US, absolute_us_max: 14 * DAY_US, touch_us: MINUTE_US, grace_us: 10 * SECOND_US }
    }
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadReason {
    /// Not used for too long.
    Idle,
    /// Too old.
    Absolute,
    /// A newer id took its place and the grace is over.
    Replaced,
}

/// What a record is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It serves.
    Live(Upkeep),
    /// It does not, and never will again.
    Dead(DeadReason),
}

/// What a live session needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// The last use is due to be written.
    pub touch: bool,
    /// A new id is due with the next page.
    pub rotate: bool,
}

/// Decides what the record is worth: pure, and the only place that does.
///
/// A clock that went backwards counts as no time passed, so that it neither kills
/// sessions nor revives them.
///
/// ```
/// use guard::session::{DeadReason, SessionPolicy, SessionState, decide};
/// # use guard::{keys::KeyId, session::{IdHash, SessionRecord}, source::HOUR_US};
/// # use uuid::Uuid;
/// # let record = SessionRecord { id_hash: IdHash([0; 32]), lineage: Uuid::nil(),
/// #   user_id: Uuid::nil(), shop_id: None, created_at: 0, last_used_at: 0, confirmed_at: 0,
/// #   second_factor_at: None, address: [127, 0, 0, 1].into(), agent: String::new(),
/// #   key_id: KeyId([0; 8]), known_device: None, replaced_at: None, rotation_due: false };
/// let state = decide(&record, 13 * HOUR_US, &SessionPolicy::default());
/// assert_eq!(state, SessionState::Dead(DeadReason::Idle));
/// ```
#[must_use]
pub fn decide(record: &SessionRecord, now_us: i64, policy: &SessionPolicy) -> SessionState {
    let since = |instant: i64| now_us.saturating_sub(instant).max(0);
    if since(record.created_at) >= policy.absolute_us_max {
        return SessionState::Dead(DeadReason::Absolute);
    }
    if since(record.last_used_at) >= policy.idle_us_max {
        return SessionState::Dead(DeadReason::Idle);
    }
    if let Some(replaced_at) = record.replaced_at {
        return if since(replaced_at) >= policy.grace_us {
            SessionState::Dead(DeadReason::Replaced)
        } else {
            SessionState::Live(Upkeep::default())
        };
    }
    SessionState::Live(Upkeep { touch: since(record.last_used_at) >= policy.touch_us, rotate: record.rotation_due })
}

/// Which sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// One, with every id it ever had.
    Lineage {
        /// Whose; another user's lineage is left alone.
        user_id: Uuid,
        /// Which.
        lineage: Uuid,
    },
    /// All of a user but one: a password was changed.
    OthersOf {
        /// Whose.
        user_id: Uuid,
        /// The one that goes on.
        keep: Uuid,
    },
    /// All of a user: reset, deactivation, "sign out everywhere".
    AllOf {
        /// Whose.
        user_id: Uuid,
    },
    /// Everybody's: an incident.
    Everyone,
}

impl Ending {
    /// Whether the record falls under it: for stores in memory and their tests.
    #[must_use]
    pub fn covers(&self, record: &SessionRecord) -> bool {
        match *self {
            Self::Lineage { user_id, lineage } => record.user_id == user_id && record.lineage == lineage,
            Self::OthersOf { user_id, keep } => record.user_id == user_id && record.lineage != keep,
            Self::AllOf { user_id } => record.user_id == user_id,
            Self::Everyone => true,
        }
    }
}

/// The store could not answer. The cause goes to the log, never to a person.
#[derive(Debug)]
pub struct StoreError(pub Box<dyn std::error::Error + Send + Sync>);

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the store of sessions or limits failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Where sessions are kept. Each call is atomic; a call that answered `Ok` is seen by
/// every later call of every instance.
pub trait SessionStore: Send + Sync + 'static {
    /// The record under this hash, dead ones included.
    fn load(&self, id_hash: IdHash) -> impl Future<Output = Result<Option<SessionRecord>, StoreError>> + Send;

    /// Adds a record.
    fn insert(&self, record: SessionRecord) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes last use and signing key, unless a later use is already written. May be
    /// batched: losing a touch shortens a session by a minute and harms nobody.
    fn touch(
        &self,
        id_hash: IdHash,
        last_used_at: i64,
        key_id: KeyId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// In one step: marks `old` as replaced at `at`, and adds `new`. `false`, and nothing
    /// done, when `old` is gone or was replaced already.
    fn replace(
        &self,
        old: IdHash,
        at: i64,
        new: SessionRecord,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the sessions and says how many.
    fn end(&self, ending: Ending) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Marks all sessions of a user as due for a new id: rights changed.
    fn require_rotation(&self, user_id: Uuid) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The user's records that are not replaced, newest use first.
    fn list(&self, user_id: Uuid) -> impl Future<Output = Result<Vec<SessionRecord>, StoreError>> + Send;

    /// Removes records that [`decide`] calls dead, at most `count_max` of them.
    fn remove_dead(
        &self,
        now_us: i64,
        policy: SessionPolicy,
        count_max: u32,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// The 256 bits that a browser holds. `Debug` shows none of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// Draws a new one.
    #[must_use]
    pub fn draw(random: &(impl Random + ?Sized)) -> Self {
        Self(random_bytes(random))
    }

    /// What the store keeps. A plain hash will do: 256 random bits cannot be searched.
    #[must_use]
    pub fn hash(&self) -> IdHash {
        IdHash(Sha256::digest(self.0).into())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// What a cookie turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The id of a session; whether it is alive the store knows.
    Session {
        /// The id.
        id: SessionId,
        /// Whether the cookie wants signing anew.
        made_with: MadeWith,
    },
    /// A browser that has not signed in, known only so that its forms can be told from
    /// another site's.
    PreSession {
        /// The id; the store knows nothing of it.
        id: SessionId,
        /// Whether the cookie wants signing anew.
        made_with: MadeWith,
    },
}

/// Writes and reads the cookie's text: id, a dot, HMAC. Sessions and pre-sessions are told
/// apart by the key that signs them, so that the text holds nothing else.
#[derive(Debug, Clone)]
pub struct SessionCodec {
    sessions: KeyRing,
    pre_sessions: KeyRing,
}

/// 32 bytes in base64url without padding.
const ENCODED_LENGTH: usize = 43;

impl SessionCodec {
    /// Derives its two keys.
    #[must_use]
    pub fn new(keys: &SecretKeys) -> Self {
        Self { sessions: keys.ring("session id"), pre_sessions: keys.ring("pre-session id") }
    }

    /// The cookie of a session.
    #[must_use]
    pub fn write_session(&self, id: SessionId) -> String {
        write_signed(id, &self.sessions)
    }

    /// The cookie of a browser that has not signed in.
    #[must_use]
    pub fn write_pre_session(&self, id: SessionId) -> String {
        write_signed(id, &self.pre_sessions)
    }

    /// Reads a cookie; `None` for anything that was not written with one of our keys.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Presented> {
        if text.len() != 2 * ENCODED_LENGTH + 1 || text.as_bytes()[ENCODED_LENGTH] != b'.' {
            return None;
        }
        let id = SessionId(decode(text.get(..ENCODED_LENGTH)?)?);
        let code = decode(text.get(ENCODED_LENGTH + 1..)?)?;
        if let Some((made_with, _)) = self.sessions.verify(&[&id.0], &code) {
            return Some(Presented::Session { id, made_with });
        }
        let (made_with, _) = self.pre_sessions.verify(&[&id.0], &code)?;
        Some(Presented::PreSession { id, made_with })
    }

    /// The name of the key that signs now.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.sessions.current_id()
    }
}

fn write_signed(id: SessionId, ring: &KeyRing) -> String {
    let mut text = String::with_capacity(2 * ENCODED_LENGTH + 1);
    URL_SAFE_NO_PAD.encode_string(id.0, &mut text);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(ring.code(&[&id.0]), &mut text);
    text
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    // The slice variant checks that exactly 32 bytes come out, without allocating.
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (length == bytes.len()).then_some(bytes)
}

/// Cuts a user-agent text to [`AGENT_LENGTH_MAX`] bytes at a character's end and drops
/// control characters, so that no log line or list can be forged with it.
#[must_use]
pub fn tidy_agent(agent: &str) -> String {
    let mut kept = String::with_capacity(agent.len().min(AGENT_LENGTH_MAX));
    for character in agent.chars().filter(|character| !character.is_control()) {
        if kept.len() + character.len_utf8() > AGENT_LENGTH_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}
