//! Chance that falls the same way each time: what the demonstration shop sells.
//!
//! It must never choose a secret; those come from the system.

use uuid::Uuid;

/// A generator of numbers by Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators" (OOPSLA 2014): SplitMix64.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `end`, which is above 0.
    pub fn below(&mut self, end: i64) -> i64 {
        let wide = (u128::from(self.next()) * u128::from(end.unsigned_abs())) >> 64;
        i64::try_from(wide).expect("it is below an i64")
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(most - least + 1)
    }

    /// Whether something that happens in `percent` of a hundred cases happens now.
    pub fn happens(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// An index, each as often as its weight says; at least one weight is above 0.
    pub fn pick(&mut self, weights: &[i64]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                rest -= weight;
                rest < 0
            })
            .expect("the number is below the sum of the weights")
    }

    /// An id of version 7 that was made at an instant in µs UTC.
    pub fn id(&mut self, at_us: i64) -> Uuid {
        let millis = u64::try_from(at_us / 1_000).unwrap_or(0);
        let mut tail = [0; 10];
        tail[..8].copy_from_slice(&self.next().to_be_bytes());
        tail[8..].copy_from_slice(&self.next().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}
