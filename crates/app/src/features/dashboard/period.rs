//! The period that the figures are for, and the one they are compared with.
//!
//! Owns: what the address may say (`periodo`, `mes`, `desde`, `hasta`), and how a
//! period falls apart into days, whole months and whole years, so that a year is
//! read from a year's rows. Must not know: the database, texts.

use domain::business_date::BusinessDate;
use web::{AppError, query::Query};

/// The longest period that can be asked for, in days: ten years.
const DAYS_MAX: usize = 3_660;
/// Up to so many days, a chart has a bar a day.
const DAILY_BARS_MAX: usize = 62;

/// What the reader asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Today and the six days before.
    Week,
    /// A month; the present one up to today.
    Month,
    /// This year up to today.
    Year,
    /// From one day to another.
    Range,
}

/// The width of a chart's bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A day, told as YYYYMMDD.
    Day,
    /// A month, told as YYYYMM.
    Month,
}

impl Step {
    /// By what a YYYYMMDD is divided to tell the step it is in.
    pub fn divisor(self) -> i64 {
        match self {
            Step::Day => 1,
            Step::Month => 100,
        }
    }
}

/// A period and the one before it; all days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// What was asked for.
    pub kind: Kind,
    /// Its first day.
    pub first: BusinessDate,
    /// Its last day; of the present month or year, days to come included.
    pub last: BusinessDate,
    /// The first day of the one it is compared with.
    pub before_first: BusinessDate,
    /// The last day of that one: as far in as this one is now.
    pub before_last: BusinessDate,
    /// The shop's day.
    pub today: BusinessDate,
}

impl Period {
    /// Reads a query; without one it is the last seven days.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] for a period that does not exist, a date that is none,
    /// or more than ten years.
    pub fn read(query: &Query, today: BusinessDate) -> Result<Self, AppError> {
        let calendar = |_| bad("the calendar ends there");
        if query.get("desde").is_some() || query.get("hasta").is_some() {
            return Self::range(query, today);
        }
        if let Some(text) = query.get("mes") {
            let first = BusinessDate::parse(&format!("{text}-01")).map_err(|_| bad("mes is YYYY-MM"))?;
            return Self::month(first, today);
        }
        match query.get("periodo") {
            None | Some("7d") => {
                let before_last = today.plus_days(-7).map_err(calendar)?;
                Ok(Self {
                    kind: Kind::Week,
                    first: today.plus_days(-6).map_err(calendar)?,
                    last: today,
                    before_first: before_last.plus_days(-6).map_err(calendar)?,
                    before_last,
                    today,
                })
            }
            Some("mes") => Self::month(today.month_start(), today),
            Some("anio") => {
                let before_last = today.plus_months(-12).map_err(calendar)?;
                Ok(Self {
                    kind: Kind::Year,
                    first: today.year_start(),
                    last: today.year_end(),
                    before_first: before_last.year_start(),
                    before_last,
                    today,
                })
            }
            Some(_) => Err(bad("periodo is 7d, mes or anio")),
        }
    }

    /// A month; of the present one, the month before counts to the same day.
    fn month(first: BusinessDate, today: BusinessDate) -> Result<Self, AppError> {
        let before_first = first.plus_months(-1).map_err(|_| bad("the calendar ends there"))?;
        let is_present = first == today.month_start();
        let before_last = if is_present {
            today.plus_months(-1).map_err(|_| bad("the calendar ends there"))?
        } else {
            before_first.month_end()
        };
        Ok(Self { kind: Kind::Month, first, last: first.month_end(), before_first, before_last, today })
    }

    /// From one day to another, in whichever order they were given.
    fn range(query: &Query, today: BusinessDate) -> Result<Self, AppError> {
        let date = |name: &str, other: &str| {
            let text = query.get(name).or_else(|| query.get(other)).unwrap_or_default();
            BusinessDate::parse(text).map_err(|_| bad("desde and hasta are YYYY-MM-DD"))
        };
        let (one, other) = (date("desde", "hasta")?, date("hasta", "desde")?);
        let (first, last) = (one.min(other), one.max(other));
        let days = first.days_to(last).take(DAYS_MAX + 1).count();
        if days > DAYS_MAX {
            return Err(bad("a period is at most ten years"));
        }
        let days = i64::try_from(days).expect("ten years have fewer days than an i64 counts");
        let before = |days: i64| first.plus_days(-days).map_err(|_| bad("the calendar begins there"));
        Ok(Self { kind: Kind::Range, first, last, before_first: before(days)?, before_last: before(1)?, today })
    }

    /// How wide a bar of its chart is.
    pub fn step(&self) -> Step {
        let is_long = self.first.days_to(self.last).nth(DAILY_BARS_MAX).is_some();
        if is_long { Step::Month } else { Step::Day }
    }

    /// The last day that is not to come.
    pub fn last_shown(&self) -> BusinessDate {
        if self.first <= self.today { self.last.min(self.today) } else { self.last }
    }

    /// The rows of the product totals that make up this period.
    pub fn spans(&self) -> Spans {
        Spans::of(self.first, self.last)
    }

    /// The period as another page's address has it: `desde=…&hasta=…`.
    pub fn query(&self) -> String {
        format!("desde={}&hasta={}", self.first, self.last)
    }
}

/// From one key to another, both included; nothing where the second is smaller.
pub type Span = (i64, i64);

const NOTHING: Span = (1, 0);

/// A period as the product totals keep it: days at its ends, whole months, whole years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// Days (YYYYMMDD) before the first whole month and after the last.
    pub days: [Span; 2],
    /// Months (YYYYMM) before the first whole year and after the last.
    pub months: [Span; 2],
    /// Years.
    pub years: Span,
}

impl Spans {
    /// Takes a period apart.
    pub fn of(first: BusinessDate, last: BusinessDate) -> Self {
        let none = Self { days: [NOTHING; 2], months: [NOTHING; 2], years: NOTHING };
        let only_days = Self { days: [(first.as_i64(), last.as_i64()), NOTHING], ..none };
        let Some((month_first, month_last)) = whole(first, last, BusinessDate::month_start, BusinessDate::month_end)
        else {
            return only_days;
        };
        // The days of an end are told by numbers that no calendar needs to have.
        let head = (first.as_i64(), month_first.as_i64() - 1);
        let tail = (month_last.as_i64() + 1, last.as_i64());
        let in_months = Self { days: [head, tail], ..none };
        let (from, to) = (month_first.month_key(), month_last.month_key());
        match whole(month_first, month_last, BusinessDate::year_start, BusinessDate::year_end) {
            None => Self { months: [(from, to), NOTHING], ..in_months },
            Some((year_first, year_last)) => Self {
                months: [(from, year_first.month_key() - 1), (year_last.month_key() + 1, to)],
                years: (year_first.year(), year_last.year()),
                ..in_months
            },
        }
    }

    /// The only month or year that the period is, if it is one: its top is then
    /// found by an index.
    pub fn single(&self) -> Option<Single> {
        let is_empty = |span: Span| span.1 < span.0;
        let no_days = self.days.iter().all(|span| is_empty(*span));
        let no_months = self.months.iter().all(|span| is_empty(*span));
        if no_days && no_months && self.years.0 == self.years.1 {
            return Some(Single::Year(self.years.0));
        }
        let one_month = self.months[0].0 == self.months[0].1 && is_empty(self.months[1]);
        (no_days && is_empty(self.years) && one_month).then_some(Single::Month(self.months[0].0))
    }
}

/// A period that is one row a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// YYYYMM.
    Month(i64),
    /// YYYY.
    Year(i64),
}

/// The whole months (or years) between two days, if there is one.
fn whole(
    first: BusinessDate,
    last: BusinessDate,
    start: fn(BusinessDate) -> BusinessDate,
    end: fn(BusinessDate) -> BusinessDate,
) -> Option<(BusinessDate, BusinessDate)> {
    let from = if first == start(first) { first } else { end(first).next().ok()? };
    let to = if last == end(last) { last } else { start(last).previous().ok()? };
    (from < to).then_some((from, to))
}

fn bad(why: &str) -> AppError {
    AppError::BadRequest { why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(number: i64) -> BusinessDate {
        BusinessDate::from_i64(number).unwrap()
    }

    fn read(query: &str) -> Result<Period, AppError> {
        Period::read(&Query::parse(Some(query)).unwrap(), date(20_261_124))
    }

    #[test]
    fn a_period_and_the_one_before_it_are_read_from_the_address() {
        let cases = [
            ("", 20_261_118, 20_261_124, 20_261_111, 20_261_117),
            ("periodo=7d", 20_261_118, 20_261_124, 20_261_111, 20_261_117),
            ("periodo=mes", 20_261_101, 20_261_130, 20_261_001, 20_261_024),
            ("mes=2026-02", 20_260_201, 20_260_228, 20_260_101, 20_260_131),
            ("mes=2026-11", 20_261_101, 20_261_130, 20_261_001, 20_261_024),
            ("periodo=anio", 20_260_101, 20_261_231, 20_250_101, 20_251_124),
            ("desde=2026-03-01&hasta=2026-03-10", 20_260_301, 20_260_310, 20_260_219, 20_260_228),
            ("desde=2026-03-10&hasta=2026-03-01", 20_260_301, 20_260_310, 20_260_219, 20_260_228),
            ("hasta=2026-03-01", 20_260_301, 20_260_301, 20_260_228, 20_260_228),
        ];
        for (query, first, last, before_first, before_last) in cases {
            let period = read(query).unwrap();
            let found = [period.first, period.last, period.before_first, period.before_last].map(BusinessDate::as_i64);
            assert_eq!(found, [first, last, before_first, before_last], "{query}");
        }
    }

    #[test]
    fn a_period_that_does_not_exist_is_refused() {
        let wrong = [
            "periodo=siempre",
            "mes=2026-13",
            "mes=26-1",
            "mes=0001-01",
            "desde=ayer",
            "desde=2026-02-30",
            "desde=2026-01-01&hasta=x",
            "desde=2000-01-01&hasta=2026-01-01",
            "desde=0001-01-01&hasta=0001-01-02",
        ];
        for query in wrong {
            assert!(matches!(read(query), Err(AppError::BadRequest { .. })), "{query}");
        }
    }

    #[test]
    fn a_period_falls_apart_into_days_months_and_years() {
        const NO: Span = NOTHING;
        let cases = [
            (20_261_118, 20_261_124, [(20_261_118, 20_261_124), NO], [NO, NO], NO),
            (
                20_261_101,
                20_261_130,
                [(20_261_101, 20_261_100), (20_261_131, 20_261_130)],
                [(202_611, 202_611), NO],
                NO,
            ),
            (
                20_260_131,
                20_260_301,
                [(20_260_131, 20_260_200), (20_260_229, 20_260_301)],
                [(202_602, 202_602), NO],
                NO,
            ),
            (
                20_241_115,
                20_270_203,
                [(20_241_115, 20_241_200), (20_270_132, 20_270_203)],
                [(202_412, 202_500), (202_613, 202_701)],
                (2025, 2026),
            ),
        ];
        for (first, last, days, months, years) in cases {
            assert_eq!(Spans::of(date(first), date(last)), Spans { days, months, years }, "{first} {last}");
        }
        assert_eq!(Spans::of(date(20_260_101), date(20_261_231)).single(), Some(Single::Year(2026)));
        assert_eq!(Spans::of(date(20_260_201), date(20_260_228)).single(), Some(Single::Month(202_602)));
        assert_eq!(Spans::of(date(20_260_201), date(20_260_331)).single(), None);
        assert_eq!(Spans::of(date(20_260_202), date(20_260_228)).single(), None);
    }

    #[test]
    fn every_day_of_a_period_is_in_exactly_one_of_its_spans() {
        let within = |span: Span, key: i64| i64::from((span.0..=span.1).contains(&key));
        for (first, last) in [(20_231_001, 20_260_315), (20_240_115, 20_240_116), (20_251_231, 20_270_101)] {
            let spans = Spans::of(date(first), date(last));
            for day in date(20_230_901).days_to(date(20_270_301)) {
                let found = within(spans.days[0], day.as_i64())
                    + within(spans.days[1], day.as_i64())
                    + within(spans.months[0], day.month_key())
                    + within(spans.months[1], day.month_key())
                    + within(spans.years, day.year());
                assert_eq!(found, within((first, last), day.as_i64()), "{day} in {first}–{last}");
            }
        }
    }
}
