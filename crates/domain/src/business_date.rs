//! The business date: the shop's day that a sale, an expense or a movement belongs to.
//!
//! Owns: how an instant becomes a date and an hour, and arithmetic on such dates. It is
//! computed once, when something is recorded, stored, and never computed again.
//! Must not know: the clock; every instant is an argument, in microseconds of UTC.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Minutes in a day; `day_starts_at` is below it.
pub const MINUTES_PER_DAY: i64 = 24 * 60;

/// A day of the shop, stored as the integer `YYYYMMDD`, which sorts as days do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(Date);

/// A shop's day and the hour on the shop's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusinessMoment {
    /// The day the moment belongs to.
    pub date: BusinessDate,
    /// The hour on the wall, 0 to 23; where the day starts at 04:00, hour 2 is late.
    pub hour: i64,
}

/// Why there is no business date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusinessDateError {
    /// No such zone in the time zone database.
    UnknownZone,
    /// `day_starts_at` is not a minute of the day.
    InvalidDayStart,
    /// An instant or a date outside the years 0001 to 9999.
    OutOfRange,
    /// Not a day of the calendar.
    NotADate,
}

impl fmt::Display for BusinessDateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::UnknownZone => "the time zone is not known",
            Self::InvalidDayStart => "the start of the day is not a minute of the day",
            Self::OutOfRange => "the date is outside the calendar",
            Self::NotADate => "this is no date",
        };
        write!(formatter, "{text}")
    }
}

impl std::error::Error for BusinessDateError {}

/// When a shop's day is: its zone, and the minute of the day at which it starts.
#[derive(Debug, Clone)]
pub struct ShopDay {
    zone: TimeZone,
    starts_at_minutes: i64,
}

impl ShopDay {
    /// Finds the zone by its IANA name (`America/Bogota`), in the database built in.
    ///
    /// # Errors
    /// `UnknownZone`, `InvalidDayStart`.
    pub fn new(zone_name: &str, starts_at_minutes: i64) -> Result<Self, BusinessDateError> {
        if !(0..MINUTES_PER_DAY).contains(&starts_at_minutes) {
            return Err(BusinessDateError::InvalidDayStart);
        }
        let zone = TimeZone::get(zone_name).map_err(|_| BusinessDateError::UnknownZone)?;
        Ok(Self { zone, starts_at_minutes })
    }

    /// The day and hour of an instant. Before `day_starts_at` on the wall it is still
    /// yesterday, also on days when the clock is set forward or back.
    ///
    /// # Errors
    /// `OutOfRange`.
    pub fn moment(&self, instant_us: i64) -> Result<BusinessMoment, BusinessDateError> {
        let instant = Timestamp::from_microsecond(instant_us).map_err(|_| BusinessDateError::OutOfRange)?;
        let wall = self.zone.to_datetime(instant);
        let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
        let today = BusinessDate::from_date(wall.date())?;
        let date = if minute < self.starts_at_minutes { today.previous()? } else { today };
        Ok(BusinessMoment { date, hour: i64::from(wall.hour()) })
    }
}

/// What is known of when something happened at a till; all in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TillTime {
    /// What the till's own clock said.
    pub till_us: i64,
    /// Server time less till time, as measured at the till's last contact.
    pub offset_us: i64,
    /// When the cash session was opened.
    pub session_opened_us: i64,
    /// When the server received it.
    pub server_received_us: i64,
}

impl TillTime {
    /// When it happened: the till's time corrected by the offset, held within
    /// [session opened, server received]. Should the session seem to have been opened
    /// after the reception, the server's reception counts, the one clock of the two that
    /// is not a till's.
    #[must_use]
    pub fn instant_us(self) -> i64 {
        self.till_us.saturating_add(self.offset_us).max(self.session_opened_us).min(self.server_received_us)
    }
}

impl BusinessDate {
    /// The date of a stored integer `YYYYMMDD`.
    ///
    /// # Errors
    /// `NotADate`.
    pub fn from_i64(yyyymmdd: i64) -> Result<Self, BusinessDateError> {
        Self::from_parts(
            yyyymmdd.div_euclid(10_000),
            yyyymmdd.div_euclid(100).rem_euclid(100),
            yyyymmdd.rem_euclid(100),
        )
    }

    /// The date of a year, month and day.
    ///
    /// # Errors
    /// `NotADate`.
    pub fn from_parts(year: i64, month: i64, day: i64) -> Result<Self, BusinessDateError> {
        let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
        let (Ok(year), Ok(month), Ok(day)) = parts else {
            return Err(BusinessDateError::NotADate);
        };
        let date = Date::new(year, month, day).map_err(|_| BusinessDateError::NotADate)?;
        Self::from_date(date).map_err(|_| BusinessDateError::NotADate)
    }

    /// Reads `YYYY-MM-DD`, the form of date fields and addresses, and no other.
    ///
    /// # Errors
    /// `NotADate`.
    pub fn parse(text: &str) -> Result<Self, BusinessDateError> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(BusinessDateError::NotADate);
        }
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
        };
        Self::from_parts(number(0..4), number(5..7), number(8..10))
    }

    /// The integer that is stored, `YYYYMMDD`.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        self.year() * 10_000 + self.month() * 100 + self.day()
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i64 {
        i64::from(self.0.year())
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i64 {
        i64::from(self.0.month())
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i64 {
        i64::from(self.0.day())
    }

    /// The weekday, Monday 1 to Sunday 7 (ISO 8601).
    #[must_use]
    pub fn weekday(self) -> i64 {
        i64::from(self.0.weekday().to_monday_one_offset())
    }

    /// The month as the integer `YYYYMM`, the key of monthly totals.
    #[must_use]
    pub fn month_key(self) -> i64 {
        self.as_i64() / 100
    }

    /// The date so many days later, or earlier when negative.
    ///
    /// # Errors
    /// `OutOfRange`.
    pub fn plus_days(self, days: i64) -> Result<Self, BusinessDateError> {
        let span = jiff::Span::new().try_days(days).map_err(|_| BusinessDateError::OutOfRange)?;
        let date = self.0.checked_add(span).map_err(|_| BusinessDateError::OutOfRange)?;
        Self::from_date(date)
    }

    /// The same day so many months later, or the month's last day where it is shorter.
    ///
    /// # Errors
    /// `OutOfRange`.
    pub fn plus_months(self, months: i32) -> Result<Self, BusinessDateError> {
        let months = i64::from(months);
        let span = jiff::Span::new().try_months(months).map_err(|_| BusinessDateError::OutOfRange)?;
        let date = self.0.checked_add(span).map_err(|_| BusinessDateError::OutOfRange)?;
        Self::from_date(date)
    }

    /// The day after.
    ///
    /// # Errors
    /// `OutOfRange` after the year 9999.
    pub fn next(self) -> Result<Self, BusinessDateError> {
        self.plus_days(1)
    }

    /// The day before.
    ///
    /// # Errors
    /// `OutOfRange` before the year 1.
    pub fn previous(self) -> Result<Self, BusinessDateError> {
        self.plus_days(-1)
    }

    /// The first day of its month.
    #[must_use]
    pub fn month_start(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The last day of its month.
    #[must_use]
    pub fn month_end(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// The first day of its year.
    #[must_use]
    pub fn year_start(self) -> Self {
        Self(self.0.first_of_year())
    }

    /// The last day of its year.
    #[must_use]
    pub fn year_end(self) -> Self {
        Self(self.0.last_of_year())
    }

    /// Every day from this one to `last`, both included; none when `last` is earlier.
    pub fn days_to(self, last: Self) -> impl Iterator<Item = Self> {
        self.0.series(1.day()).map(Self).take_while(move |date| *date <= last)
    }

    fn from_date(date: Date) -> Result<Self, BusinessDateError> {
        // Years of four digits only, so that the integer keeps its eight.
        if (1..=9999).contains(&date.year()) { Ok(Self(date)) } else { Err(BusinessDateError::OutOfRange) }
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(instant: &str) -> i64 {
        instant.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn an_instant_belongs_to_the_shops_day_and_not_to_greenwichs() {
        let cases = [
            // zone, day starts at, instant, date, hour
            ("America/Bogota", 0, "2026-03-01T04:59:59Z", 20_260_228, 23),
            ("America/Bogota", 0, "2026-03-01T05:00:00Z", 20_260_301, 0),
            ("America/Bogota", 240, "2026-03-01T08:59:00Z", 20_260_228, 3),
            ("America/Bogota", 240, "2026-03-01T09:00:00Z", 20_260_301, 4),
            // Chile sets the clock back at midnight: 23 o'clock comes twice, on one day.
            ("America/Santiago", 0, "2026-04-05T02:30:00Z", 20_260_404, 23),
            ("America/Santiago", 0, "2026-04-05T03:30:00Z", 20_260_404, 23),
            ("America/Santiago", 0, "2026-04-05T04:00:00Z", 20_260_405, 0),
            // And forward: the first of the day is one o'clock.
            ("America/Santiago", 0, "2026-09-06T03:59:00Z", 20_260_905, 23),
            ("America/Santiago", 0, "2026-09-06T04:00:00Z", 20_260_906, 1),
            // Mexico City has kept one time since 2022.
            ("America/Mexico_City", 0, "2026-07-01T05:30:00Z", 20_260_630, 23),
        ];
        for (zone, starts_at, instant, date, hour) in cases {
            let moment = ShopDay::new(zone, starts_at).unwrap().moment(us(instant)).unwrap();
            assert_eq!((moment.date.as_i64(), moment.hour), (date, hour), "{zone} {instant}");
        }
    }

    #[test]
    fn zones_and_day_starts_that_do_not_exist_are_refused() {
        let error = |zone, starts_at| ShopDay::new(zone, starts_at).err();
        assert_eq!(error("America/Macondo", 0), Some(BusinessDateError::UnknownZone));
        assert_eq!(error("America/Lima", MINUTES_PER_DAY), Some(BusinessDateError::InvalidDayStart));
        assert_eq!(error("America/Lima", -1), Some(BusinessDateError::InvalidDayStart));
        let day = ShopDay::new("America/Lima", 0).unwrap();
        assert_eq!(day.moment(i64::MAX), Err(BusinessDateError::OutOfRange));
        assert_eq!(day.moment(i64::MIN), Err(BusinessDateError::OutOfRange));
    }

    #[test]
    fn a_tills_time_is_corrected_and_held_within_its_session() {
        let cases = [
            // till, offset, opened, received, instant
            (500, 0, 100, 1_000, 500),
            (500, 200, 100, 1_000, 700),
            (500, -450, 100, 1_000, 100),
            (500, 900, 100, 1_000, 1_000),
            (i64::MAX, i64::MAX, 100, 1_000, 1_000),
            (i64::MIN, i64::MIN, 100, 1_000, 100),
            (500, 0, 2_000, 1_000, 1_000),
        ];
        for (till_us, offset_us, session_opened_us, server_received_us, instant_us) in cases {
            let time = TillTime { till_us, offset_us, session_opened_us, server_received_us };
            assert_eq!(time.instant_us(), instant_us, "{time:?}");
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        let read = |text| BusinessDate::parse(text).map(BusinessDate::as_i64);
        assert_eq!(read("2028-02-29"), Ok(20_280_229));
        let wrong = [
            "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-01-01 ", "0000-01-01", "-026-01-01",
            "2026/01/01", "",
        ];
        for text in wrong {
            assert_eq!(read(text), Err(BusinessDateError::NotADate), "{text}");
        }
        for number in [20_260_229, 0, -20_260_101, 20_261_301, 120_260_101, i64::MAX, i64::MIN] {
            assert_eq!(BusinessDate::from_i64(number), Err(BusinessDateError::NotADate), "{number}");
        }
    }

    #[test]
    fn months_years_and_days_follow_the_calendar() {
        let date = BusinessDate::from_i64(20_280_131).unwrap();
        assert_eq!(date.to_string(), "2028-01-31");
        assert_eq!(date.weekday(), 1);
        assert_eq!(date.month_key(), 202_801);
        assert_eq!(date.plus_months(1).unwrap().as_i64(), 20_280_229);
        assert_eq!(date.next().unwrap().as_i64(), 20_280_201);
        assert_eq!(date.month_start().previous().unwrap().as_i64(), 20_271_231);
        assert_eq!(date.month_end(), date);
        assert_eq!(date.year_start().as_i64(), 20_280_101);
        assert_eq!(date.year_end().as_i64(), 20_281_231);
        let last = BusinessDate::from_i64(99_991_231).unwrap();
        assert_eq!(last.next(), Err(BusinessDateError::OutOfRange));
        assert_eq!(date.plus_days(i64::MAX), Err(BusinessDateError::OutOfRange));
    }

    #[test]
    fn days_run_over_the_end_of_a_month_with_both_ends() {
        let date = |number| BusinessDate::from_i64(number).unwrap();
        let days = |from, to| date(from).days_to(date(to)).map(BusinessDate::as_i64).collect::<Vec<_>>();
        assert_eq!(days(20_260_227, 20_260_302), [20_260_227, 20_260_228, 20_260_301, 20_260_302]);
        assert_eq!(days(20_260_227, 20_260_227), [20_260_227]);
        assert_eq!(days(20_260_227, 20_260_226), [0_i64; 0]);
    }
}
