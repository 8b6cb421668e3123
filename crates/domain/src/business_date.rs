//! The business date: the shop's day that a sale, an expense or a movement belongs to.
//!
//! Owns: how an instant becomes a date and an hour, and arithmetic on such dates. It is
//! computed once, when something is recorded, stored, and never computed again.
//! Must not know: the clock; every instant is an argument, in microseconds of UTC.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// A document's day and hour in its shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessTime {
    /// The business date, as YYYYMMDD.
    pub business_date: i64,
    /// The hour on the shop's clock, 0 to 23.
    pub hour: i64,
}

/// The day and hour of an instant (µs UTC) in a zone, for a day that begins so many
/// minutes after midnight. A zone that this build does not know counts as UTC: a sale
/// is recorded rather than lost, and the settings page refuses such zones beforehand.
#[must_use]
pub fn business_time(instant_us: i64, zone: &str, day_starts_at_minutes: i64) -> BusinessTime {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let instant = Timestamp::from_microsecond(instant_us).unwrap_or(Timestamp::UNIX_EPOCH);
    let local = zone.to_datetime(instant);
    let shifted = local.checked_sub(day_starts_at_minutes.minutes()).unwrap_or(local);
    BusinessTime { business_date: from_civil(shifted.date()), hour: i64::from(local.hour()) }
}

/// The instant of a till's act: its own clock corrected by the offset measured at this
/// contact, held within the opening of its session and the server's receipt. All µs UTC.
#[must_use]
pub fn corrected_instant(till_us: i64, offset_us: i64, opened_us: Option<i64>, received_us: i64) -> i64 {
    let corrected = till_us.saturating_add(offset_us).min(received_us);
    opened_us.map_or(corrected, |opened| corrected.max(opened.min(received_us)))
}

/// A civil date as YYYYMMDD.
#[must_use]
pub fn from_civil(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// The civil date of YYYYMMDD; `None` where it names no day.
#[must_use]
pub fn to_civil(date: i64) -> Option<Date> {
    let year = i16::try_from(date / 10_000).ok()?;
    let month = i8::try_from(date / 100 % 100).ok()?;
    let day = i8::try_from(date % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// The date so many days later, or earlier where `days` is negative; the same date
/// where the calendar ends.
#[must_use]
pub fn plus_days(date: i64, days: i64) -> i64 {
    let moved = to_civil(date).and_then(|civil| civil.checked_add(days.days()).ok());
    moved.map_or(date, from_civil)
}

/// YYYYMM of a date.
#[must_use]
pub fn month_of(date: i64) -> i64 {
    date / 100
}

/// The year of a date.
#[must_use]
pub fn year_of(date: i64) -> i64 {
    date / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25 04:59:59.5 UTC, which is still the 24th in Bogotá.
    const BEFORE_MIDNIGHT: i64 = 1_795_582_799_500_000;

    #[test]
    fn the_day_is_the_shops_own() {
        let bogota = business_time(BEFORE_MIDNIGHT, "America/Bogota", 0);
        assert_eq!(bogota, BusinessTime { business_date: 20_261_124, hour: 23 });
        let later = business_time(BEFORE_MIDNIGHT + 500_000, "America/Bogota", 0);
        assert_eq!(later, BusinessTime { business_date: 20_261_125, hour: 0 });
        assert_eq!(business_time(BEFORE_MIDNIGHT, "UTC", 0).business_date, 20_261_125);
    }

    #[test]
    fn a_bar_that_opens_its_day_at_five_counts_the_small_hours_to_yesterday() {
        let three_in_the_morning = BEFORE_MIDNIGHT + 500_000 + 3 * 3_600_000_000;
        let time = business_time(three_in_the_morning, "America/Bogota", 300);
        assert_eq!(time, BusinessTime { business_date: 20_261_124, hour: 3 });
    }

    #[test]
    fn an_act_stays_between_opening_and_receipt() {
        assert_eq!(corrected_instant(100, -50, Some(40), 1_000), 50);
        assert_eq!(corrected_instant(100, -90, Some(40), 1_000), 40);
        assert_eq!(corrected_instant(5_000, 0, Some(40), 1_000), 1_000);
        assert_eq!(corrected_instant(5_000, 0, Some(2_000), 1_000), 1_000);
        assert_eq!(corrected_instant(i64::MAX, 10, None, 7), 7);
    }

    #[test]
    fn dates_move_over_the_ends_of_months_and_years() {
        for (date, days, moved) in
            [(20_261_130, 1, 20_261_201), (20_270_101, -1, 20_261_231), (20_280_228, 1, 20_280_229)]
        {
            assert_eq!(plus_days(date, days), moved);
        }
        assert_eq!(to_civil(20_260_231), None);
    }
}
