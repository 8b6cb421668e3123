//! Periodic jobs.
//!
//! Time is cut into slots; each slot's job has an id computed from the slot, so
//! that any number of processes put it in once and no table of its own is
//! needed. What was missed while nothing ran is done once, not once per slot.

use std::time::Duration;

use uuid::Uuid;

use crate::queue::Stamp;

/// Ended jobs must outlive their slot, or it would be filled twice; µs.
pub(crate) const LONGEST_US: i64 = 7 * 24 * 3_600_000_000;

/// How often, and when within that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    interval_us: i64,
    offset_us: i64,
}

impl Every {
    /// Slots that begin `offset` after each multiple of `interval` since
    /// 1970-01-01 00:00 UTC: a day with an offset of three hours is 03:00 UTC.
    ///
    /// # Panics
    /// Unless `interval` is between a second and seven days, and `offset` less
    /// than it: a schedule is written in the program, not given.
    pub fn new(interval: Duration, offset: Duration) -> Self {
        let us = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let every = Self { interval_us: us(interval), offset_us: us(offset) };
        assert!(
            (1_000_000..=LONGEST_US).contains(&every.interval_us),
            "an interval is between a second and seven days"
        );
        assert!(every.offset_us < every.interval_us, "an offset is less than its interval");
        every
    }

    /// Begin of the slot that `now_us` is in.
    fn slot_us(self, now_us: i64) -> i64 {
        now_us - (now_us - self.offset_us).rem_euclid(self.interval_us)
    }
}

/// A job to be put in for every slot.
#[derive(Clone, Debug)]
pub(crate) struct Periodic {
    pub(crate) kind: &'static str,
    pub(crate) payload: String,
    pub(crate) every: Every,
}

impl Periodic {
    /// The current slot's job and when it is due.
    pub(crate) fn at(&self, now_us: i64) -> (Stamp, i64) {
        let slot_us = self.every.slot_us(now_us);
        let id = slot_id(slot_us, self.kind, &self.payload);
        (Stamp { id, now_us }, slot_us)
    }
}

/// The slot's time in milliseconds first, as in a version 7 id, then a digest of
/// what is run. The six bits that mark version and variant cost the digest two.
fn slot_id(slot_us: i64, kind: &str, payload: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(slot_us / 1000).to_be_bytes()[2..]);
    bytes[8..].copy_from_slice(&fnv1a(&[kind.as_bytes(), &[0], payload.as_bytes()]).to_be_bytes());
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Fowler–Noll–Vo, 64 bits, variant 1a: stable across versions, which the
/// standard library's hasher does not promise.
fn fnv1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_US: i64 = 1_000_000;

    #[test]
    fn a_slot_begins_at_its_offset() {
        let every = Every::new(Duration::from_secs(3600), Duration::from_secs(600));
        let cases = [(599, -3000), (600, 600), (601, 600), (4199, 600), (4200, 4200)];
        for (now, slot) in cases {
            assert_eq!(every.slot_us(now * SECOND_US), slot * SECOND_US, "{now}");
        }
    }

    #[test]
    fn an_id_differs_by_slot_kind_and_payload_and_is_else_the_same() {
        let id = slot_id(1_000_000, "a", "{}");
        assert_eq!(id, slot_id(1_000_000, "a", "{}"));
        assert_ne!(id, slot_id(2_000_000, "a", "{}"));
        assert_ne!(id, slot_id(1_000_000, "b", "{}"));
        assert_ne!(id, slot_id(1_000_000, "a", "[]"));
        assert_eq!(id.get_version_num(), 8);
    }
}
