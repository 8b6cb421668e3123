//! How figures and times look on a screen: `$ 33.290`, `0,755 kg`, `hoy 14:05`.
//!
//! Pure: amounts arrive in minor units, quantities in thousandths, instants in µs UTC,
//! and the present instant is an argument. Nothing here is parsed back; what people type
//! is `domain::decimal`'s. **Invariant:** a figure and its unit never part (U+00A0), and
//! a negative says so with U+2212, never by colour.

use domain::decimal::Locale;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::lang::Lang;
use crate::texts::common::Texts;

mod calendar;

/// The no-break space between a figure and its unit.
const GLUE: char = '\u{a0}';
/// The minus sign that is as wide as a digit.
const MINUS: char = '−';

/// A 64-bit integer, behind as many references as a template puts before it.
pub trait Int {
    /// The integer.
    fn int(&self) -> i64;
}

impl Int for i64 {
    fn int(&self) -> i64 {
        *self
    }
}

impl<T: Int + ?Sized> Int for &T {
    fn int(&self) -> i64 {
        (**self).int()
    }
}

/// A currency as a shop shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// ISO 4217.
    pub code: String,
    /// Before the figure, such as `$` or `S/`.
    pub sign: String,
    /// Decimals kept: 2 for COP, 0 for CLP.
    pub decimals: u32,
    /// Decimals shown when the rest is zero: 0 for COP, 2 for MXN.
    pub decimals_shown: u32,
}

impl Currency {
    /// Colombia's, which a new shop starts with.
    #[must_use]
    pub fn cop() -> Self {
        Self { code: "COP".to_owned(), sign: "$".to_owned(), decimals: 2, decimals_shown: 0 }
    }
}

/// How one shop's figures and times look to one reader.
#[derive(Debug, Clone)]
pub struct Format {
    /// The reader's language, for the names of days and months.
    pub lang: Lang,
    /// The shop's currency.
    pub currency: Currency,
    /// The shop's separators, also for what is typed.
    pub numbers: Locale,
    /// The shop's zone.
    pub zone: TimeZone,
    /// The present instant, µs UTC: what "today" means on this page.
    pub now_us: i64,
}

impl Format {
    /// A money amount with its sign: `$ 33.290`, `− $ 16.500`. Decimals beyond those
    /// shown appear only when they are not zero, so that nothing shown is untrue.
    #[must_use]
    pub fn money(&self, minor: impl Int) -> String {
        let minor = minor.int();
        let amount = self.unsigned(minor.unsigned_abs());
        let minus = if minor < 0 { format!("{MINUS}{GLUE}") } else { String::new() };
        format!("{minus}{}{GLUE}{amount}", self.currency.sign)
    }

    /// A money amount in a column or tile, without the sign of the currency.
    #[must_use]
    pub fn amount(&self, minor: impl Int) -> String {
        let minor = minor.int();
        signed(minor, &self.unsigned(minor.unsigned_abs()))
    }

    /// A money amount as a field shows it, to be typed over: no sign, no minus glyph.
    #[must_use]
    pub fn typed_amount(&self, minor: impl Int) -> String {
        let minor = minor.int();
        self.unsigned(minor.unsigned_abs())
    }

    /// A quantity: whole when it is, with three decimals when it is not.
    #[must_use]
    pub fn quantity(&self, milli: impl Int) -> String {
        let milli = milli.int();
        let decimals = if milli % 1000 == 0 { 0 } else { 3 };
        signed(milli, &self.scaled(milli.unsigned_abs().into(), 3, decimals))
    }

    /// A weighed quantity with its unit, always with three decimals: `18,400 kg`.
    #[must_use]
    pub fn weight(&self, milli: impl Int, unit: &str) -> String {
        let milli = milli.int();
        format!("{}{GLUE}{unit}", signed(milli, &self.scaled(milli.unsigned_abs().into(), 3, 3)))
    }

    /// A rate in parts per million as a percentage: 190,000 is `19 %`.
    #[must_use]
    pub fn percent(&self, ppm: impl Int) -> String {
        let ppm = ppm.int();
        self.percent_scaled(ppm, 4)
    }

    /// A percentage in millionths of a percent: 10,000,000 is `10 %`.
    #[must_use]
    pub fn percent_e6(&self, percent_e6: impl Int) -> String {
        let percent_e6 = percent_e6.int();
        self.percent_scaled(percent_e6, 6)
    }

    /// A count with the shop's marks.
    #[must_use]
    pub fn count(&self, n: impl Int) -> String {
        let n = n.int();
        signed(n, &self.scaled(n.unsigned_abs().into(), 0, 0))
    }

    /// An instant as people say it: `hoy 14:05`, `22 nov, 07:30`, `3 dic 2025, 18:00`.
    #[must_use]
    pub fn when(&self, instant_us: impl Int) -> String {
        let instant_us = instant_us.int();
        let Some((date, clock)) = self.local(instant_us) else {
            return self.texts().number_unknown().to_owned();
        };
        let day = self.day(date);
        if self.near_day(date).is_some() {
            self.texts().time_day_at(day, clock)
        } else {
            self.texts().time_date_at(day, clock)
        }
    }

    /// The exact instant, for `title` and exports: `2026-11-25 14:05:09 -05:00`.
    #[must_use]
    pub fn exact(&self, instant_us: impl Int) -> String {
        let instant_us = instant_us.int();
        match Timestamp::from_microsecond(instant_us) {
            Ok(instant) => instant.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
            Err(_) => self.texts().number_unknown().to_owned(),
        }
    }

    /// The instant for `<time datetime>`: RFC 3339 in UTC.
    #[must_use]
    pub fn machine(&self, instant_us: impl Int) -> String {
        let instant_us = instant_us.int();
        Timestamp::from_microsecond(instant_us).map(|instant| instant.to_string()).unwrap_or_default()
    }

    /// Hours and minutes of an instant, 24 hours.
    #[must_use]
    pub fn clock(&self, instant_us: impl Int) -> String {
        let instant_us = instant_us.int();
        self.local(instant_us).map(|(_, clock)| clock).unwrap_or_default()
    }

    /// A business date (YYYYMMDD) as people say it: `hoy`, `ayer`, `22 nov`.
    #[must_use]
    pub fn date(&self, yyyymmdd: impl Int) -> String {
        let yyyymmdd = yyyymmdd.int();
        civil(yyyymmdd).map_or_else(|| self.texts().number_unknown().to_owned(), |date| self.day(date))
    }

    /// A business date in full: `martes 24 de noviembre`.
    #[must_use]
    pub fn date_long(&self, yyyymmdd: impl Int) -> String {
        let yyyymmdd = yyyymmdd.int();
        civil(yyyymmdd).map_or_else(String::new, |date| calendar::long(self.lang, date))
    }

    /// A business date on a chart's axis: `mié 18`.
    #[must_use]
    pub fn date_axis(&self, yyyymmdd: impl Int) -> String {
        let yyyymmdd = yyyymmdd.int();
        civil(yyyymmdd).map_or_else(String::new, |date| calendar::axis(self.lang, date))
    }

    /// A month (YYYYMM) in full: `noviembre 2026`.
    #[must_use]
    pub fn month(&self, yyyymm: impl Int) -> String {
        let yyyymm = yyyymm.int();
        civil(yyyymm * 100 + 1).map_or_else(String::new, |date| calendar::month(self.lang, date))
    }

    /// The short name of a month (YYYYMM): `nov`.
    #[must_use]
    pub fn month_short(&self, yyyymm: impl Int) -> &'static str {
        let yyyymm = yyyymm.int();
        civil(yyyymm * 100 + 1).map_or("", |date| calendar::month_short(self.lang, date))
    }

    /// The short name of a weekday, Monday being 0.
    #[must_use]
    pub fn weekday(&self, from_monday: usize) -> &'static str {
        calendar::weekday_short(self.lang, from_monday)
    }

    /// A business date as `<input type="date">` has it.
    #[must_use]
    pub fn date_field(&self, yyyymmdd: impl Int) -> String {
        let yyyymmdd = yyyymmdd.int();
        civil(yyyymmdd).map_or_else(String::new, |date| date.to_string())
    }

    fn texts(&self) -> Texts {
        Texts(self.lang)
    }

    fn local(&self, instant_us: i64) -> Option<(Date, String)> {
        let local = self.zone.to_datetime(Timestamp::from_microsecond(instant_us).ok()?);
        Some((local.date(), format!("{:02}:{:02}", local.hour(), local.minute())))
    }

    fn day(&self, date: Date) -> String {
        if let Some(word) = self.near_day(date) {
            return word.to_owned();
        }
        let this_year = self.local(self.now_us).is_some_and(|(today, _)| today.year() == date.year());
        calendar::short(self.lang, date, !this_year)
    }

    fn near_day(&self, date: Date) -> Option<&'static str> {
        let (today, _) = self.local(self.now_us)?;
        match (date - today).get_days() {
            0 => Some(self.texts().time_today()),
            -1 => Some(self.texts().time_yesterday()),
            1 => Some(self.texts().time_tomorrow()),
            _ => None,
        }
    }

    fn unsigned(&self, minor: u64) -> String {
        let Currency { decimals, decimals_shown, .. } = self.currency;
        let hidden = 10_u64.checked_pow(decimals.saturating_sub(decimals_shown)).unwrap_or(1);
        let shown = if minor.is_multiple_of(hidden) { decimals_shown } else { decimals };
        self.scaled(minor.into(), decimals, shown)
    }

    /// `value` ÷ 10^`scale` with the first `shown` decimals; the rest must be zero.
    fn scaled(&self, value: u128, scale: u32, shown: u32) -> String {
        let power = 10_u128.pow(scale);
        let whole = group_digits(&(value / power).to_string(), self.numbers.group);
        if shown == 0 {
            return whole;
        }
        let fraction = format!("{:0width$}", value % power, width = scale as usize);
        format!("{whole}{}{}", self.numbers.decimal, &fraction[..shown as usize])
    }

    fn percent_scaled(&self, value: i64, scale: u32) -> String {
        let mut shown = scale;
        let mut rest = value.unsigned_abs();
        while shown > 0 && rest.is_multiple_of(10) {
            rest /= 10;
            shown -= 1;
        }
        let figure = signed(value, &self.scaled(value.unsigned_abs().into(), scale, shown));
        if self.lang == Lang::En { format!("{figure}%") } else { format!("{figure}{GLUE}%") }
    }
}

fn signed(value: i64, shown: &str) -> String {
    if value < 0 { format!("{MINUS}{GLUE}{shown}") } else { shown.to_owned() }
}

fn civil(yyyymmdd: i64) -> Option<Date> {
    let year = i16::try_from(yyyymmdd / 10_000).ok()?;
    let month = i8::try_from(yyyymmdd / 100 % 100).ok()?;
    let day = i8::try_from(yyyymmdd % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// Marks the thousands of a row of digits.
#[must_use]
pub fn group_digits(digits: &str, mark: char) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            // A blank between thousands must not break the line.
            out.push(if mark == ' ' { GLUE } else { mark });
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
