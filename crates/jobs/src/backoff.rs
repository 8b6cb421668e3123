//! How long to wait before the next attempt.
//!
//! Owns the growth and the jitter; must not draw the chance itself.

/// Wait after the first failed attempt, before jitter; µs.
const FIRST_US: i64 = 10_000_000;
/// The longest wait: long enough for a service that is down for a day, short
/// enough that a person sees it recover; µs.
const LONGEST_US: i64 = 6 * 3_600_000_000;

/// The wait after `attempt` attempts (from 1) in µs. It doubles up to a limit,
/// and half of it is drawn: many jobs that failed together do not come back
/// together ("equal jitter", AWS Architecture Blog, "Exponential Backoff And
/// Jitter", 2015).
pub(crate) fn delay_us(attempt: u32, random: u64) -> i64 {
    let doublings = attempt.saturating_sub(1).min(32);
    let full = FIRST_US.saturating_mul(1_i64 << doublings).min(LONGEST_US);
    let half = full / 2;
    let drawn = random % (half.unsigned_abs() + 1);
    half + i64::try_from(drawn).expect("at most half of a limit that fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_six_hours_and_half_of_it_is_drawn() {
        let second = 1_000_000;
        let cases = [
            (1, 0, 5 * second),
            (1, 5_000_000, 10 * second),
            (1, 5_000_001, 5 * second),
            (2, 0, 10 * second),
            (5, 0, 80 * second),
            (12, 0, 10_240 * second),
            (13, 0, 3 * 3600 * second),
            (13, 10_800_000_000, 6 * 3600 * second),
            (u32::MAX, 0, 3 * 3600 * second),
        ];
        for (attempt, random, wanted) in cases {
            assert_eq!(delay_us(attempt, random), wanted, "attempt {attempt}, random {random}");
        }
        for attempt in 0..40 {
            let drawn = delay_us(attempt, u64::MAX);
            assert!((5 * second..=6 * 3600 * second).contains(&drawn), "{attempt}: {drawn}");
        }
    }
}
