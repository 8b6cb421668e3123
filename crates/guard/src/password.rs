//! Password hashes: Argon2id in PHC strings, and a pool that bounds the work.
//!
//! Owns: parameters, hashing, verification, when a hash is to be made anew, and how many
//! run at once. Must not know: users, rules for choosing a password (`validators`).
//!
//! Passwords are hashed as the UTF-8 that was typed: no trimming, folding or
//! normalisation. Default cost: 46 MiB, one pass, one lane (OWASP Password Storage Cheat
//! Sheet); see RFC 9106 for Argon2.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::source::{Random, random_bytes};

/// Longest password that is looked at, in characters.
pub const PASSWORD_LENGTH_MAX: usize = 1024;
/// Most memory that a stored hash may ask for, in KiB: a planted row must not exhaust the
/// machine.
const STORED_MEMORY_KIB_MAX: u32 = 1024 * 1024;
const STORED_PASSES_MAX: u32 = 64;
const STORED_LANES_MAX: u32 = 16;

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 46 * 1024, passes: 1, lanes: 1 }
    }
}

/// A cost that Argon2 does not take or that is below the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCost;

/// A stored text that is no hash this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownHash;

/// Hashes with one cost and verifies hashes of any.
#[derive(Debug, Clone)]
pub struct Argon2id {
    params: Params,
}

impl Argon2id {
    /// A hasher of at least the default strength.
    ///
    /// # Errors
    /// [`BadCost`] for less memory than 46 MiB a pass with one pass, or less than 19 MiB at
    /// all (the weakest of OWASP's equivalent settings needs two passes).
    pub fn new(cost: Cost) -> Result<Self, BadCost> {
        let passes_min = match cost.memory_kib {
            47_104.. => 1,
            19_456.. => 2,
            _ => return Err(BadCost),
        };
        if cost.passes < passes_min {
            return Err(BadCost);
        }
        Self::unchecked(cost)
    }

    /// A hasher of any cost: for tests, where a second a hash would be wasted.
    ///
    /// # Errors
    /// [`BadCost`] for what Argon2 itself does not take.
    #[doc(hidden)]
    pub fn unchecked(cost: Cost) -> Result<Self, BadCost> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None);
        Ok(Self { params: params.map_err(|_| BadCost)? })
    }

    /// Hashes with a salt of 128 random bits; takes tens of milliseconds.
    ///
    /// # Panics
    /// Never: parameters were checked when the hasher was made.
    #[must_use]
    pub fn hash(&self, password: &str, salt: [u8; 16]) -> String {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
            .hash_password_with_salt(password.as_bytes(), &salt)
            .expect("checked parameters and a 16-byte salt make a hash")
            .to_string()
    }

    /// Compares in constant time; takes tens of milliseconds.
    ///
    /// # Errors
    /// [`UnknownHash`] for a stored text that is no Argon2 hash, or asks for more than this
    /// machine should spend.
    pub fn verify(&self, password: &str, stored: &str) -> Result<bool, UnknownHash> {
        let stored = PasswordHash::new(stored).map_err(|_| UnknownHash)?;
        let params = Params::try_from(&stored).map_err(|_| UnknownHash)?;
        if params.m_cost() > STORED_MEMORY_KIB_MAX
            || params.t_cost() > STORED_PASSES_MAX
            || params.p_cost() > STORED_LANES_MAX
        {
            return Err(UnknownHash);
        }
        let verifier = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        match verifier.verify_password(password.as_bytes(), &stored) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(UnknownHash),
        }
    }

    /// Whether the stored hash is weaker than, or of another kind than, what this hasher
    /// makes: rewrite it while the password is at hand.
    #[must_use]
    pub fn needs_rehash(&self, stored: &str) -> bool {
        let Ok(stored) = PasswordHash::new(stored) else {
            return true;
        };
        let Ok(params) = Params::try_from(&stored) else {
            return true;
        };
        stored.algorithm.as_str() != "argon2id"
            || stored.version != Some(Version::V0x13.into())
            || params.m_cost() < self.params.m_cost()
            || params.t_cost() < self.params.t_cost()
            || params.p_cost() != self.params.p_cost()
    }
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// The password is right and the hash is up to date.
    Right,
    /// The password is right; store a new hash of it.
    RightButRehash,
    /// The password is wrong, or there is no such user.
    Wrong,
}

/// The pool does not take the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolProblem {
    /// So many wait already that this one would wait for minutes: answer 503.
    Busy,
    /// The process is ending.
    Stopped,
    /// The stored text is no hash. The time was spent nevertheless.
    UnknownHash,
}

/// Runs hashes on threads of their own, a bounded number at once, so that a flood of
/// sign-ins does not stop the sales.
#[derive(Clone)]
pub struct PasswordPool {
    hasher: Arc<Argon2id>,
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    dummy: Arc<str>,
    random: Arc<dyn Random>,
}

impl PasswordPool {
    /// A pool of as many hashes at once as there are cores, less one, and at least one.
    #[must_use]
    pub fn new(hasher: Argon2id, random: Arc<dyn Random>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with_limits(hasher, random, cores.saturating_sub(1).max(1), 256)
    }

    /// A pool with given limits: how many run at once and how many more may wait.
    #[must_use]
    pub fn with_limits(hasher: Argon2id, random: Arc<dyn Random>, running_max: usize, waiting_max: usize) -> Self {
        // The dummy's password is drawn and thrown away: nobody can sign in with it.
        let nobody: [u8; 16] = random_bytes(&*random);
        let dummy = hasher.hash(&format!("{:032x}", u128::from_be_bytes(nobody)), nobody);
        Self {
            hasher: Arc::new(hasher),
            permits: Arc::new(Semaphore::new(running_max.max(1))),
            waiting: Arc::new(AtomicUsize::new(0)),
            waiting_max,
            dummy: dummy.into(),
            random,
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PoolProblem::Busy`] or [`PoolProblem::Stopped`].
    pub async fn hash(&self, password: &str) -> Result<String, PoolProblem> {
        let salt = random_bytes(&*self.random);
        let (hasher, password) = (self.hasher.clone(), password.to_owned());
        self.run(move || hasher.hash(&password, salt)).await
    }

    /// Verifies against the stored hash, or, for an unknown user (`None`), against a hash
    /// that nothing matches, which costs the same time. A password beyond
    /// [`PASSWORD_LENGTH_MAX`] characters is wrong, and costs the same as well.
    ///
    /// # Errors
    /// See [`PoolProblem`].
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verified, PoolProblem> {
        let overlong = password.chars().nth(PASSWORD_LENGTH_MAX).is_some();
        let password = if overlong { String::new() } else { password.to_owned() };
        let is_dummy = stored.is_none() || overlong;
        let stored: Arc<str> = if overlong { None } else { stored }.map_or_else(|| self.dummy.clone(), Arc::from);
        let (hasher, dummy) = (self.hasher.clone(), self.dummy.clone());
        self.run(move || match hasher.verify(&password, &stored) {
            Ok(true) if is_dummy => Ok(Verified::Wrong),
            Ok(true) if hasher.needs_rehash(&stored) => Ok(Verified::RightButRehash),
            Ok(true) => Ok(Verified::Right),
            Ok(false) => Ok(Verified::Wrong),
            Err(UnknownHash) => {
                // An unreadable row must not answer sooner than a readable one.
                let _ = hasher.verify(&password, &dummy);
                Err(PoolProblem::UnknownHash)
            }
        })
        .await?
    }

    async fn run<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, PoolProblem> {
        let permit = {
            let _place = Place::take(&self.waiting, self.waiting_max)?;
            let permit = self.permits.clone().acquire_owned().await;
            permit.map_err(|_| PoolProblem::Stopped)?
        };
        // The permit goes with the work: a caller that hangs up does not free its place
        // while the thread still hashes.
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(|_| PoolProblem::Stopped)
    }
}

impl std::fmt::Debug for PasswordPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasswordPool({} free)", self.permits.available_permits())
    }
}

/// A place in the queue, given back when dropped, also by a caller that hangs up.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, waiting_max: usize) -> Result<Self, PoolProblem> {
        let place = Self(waiting);
        // The one that runs next also passes through here, hence `>`.
        if waiting.fetch_add(1, Ordering::Relaxed) > waiting_max {
            return Err(PoolProblem::Busy);
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
