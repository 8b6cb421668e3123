//! Where time and chance enter: two small traits and the system's own answer to each.
//!
//! Everything else in this crate takes instants and random bytes from here, so that a
//! test can fix both. Instants are microseconds since the Unix epoch, UTC, as `i64`.
//!
//! **Invariant:** this is the only file of the crate that asks the operating system.

use std::sync::Arc;

/// Microseconds in one second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds in one minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds in one hour.
pub const HOUR_US: i64 = 60 * MINUTE_US;
/// Microseconds in one day of 24 hours.
pub const DAY_US: i64 = 24 * HOUR_US;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since the Unix epoch, UTC.
    fn now_us(&self) -> i64;
}

/// Gives unpredictable bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills the whole buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

impl<F: Fn() -> i64 + Send + Sync + 'static> Clock for F {
    fn now_us(&self) -> i64 {
        self()
    }
}

/// `N` unpredictable bytes.
pub fn random_bytes<const N: usize>(random: &(impl Random + ?Sized)) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of this crate where the machine's clock is read")]
    fn now_us(&self) -> i64 {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 is a broken machine; the epoch makes every session and
        // signed value of the future look unusable, which is the safe side.
        since_epoch.map_or(0, |elapsed| i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// When the operating system has no random source: going on would make guessable
    /// secrets, so there is nothing better to do than to stop.
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// Clock and random source together, cheap to clone.
#[derive(Clone)]
pub struct Sources {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unpredictable bytes.
    pub random: Arc<dyn Random>,
}

impl Sources {
    /// The machine's clock and random source.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sources")
    }
}
