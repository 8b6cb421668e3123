//! Reading fields one by one, noting every mistake.

use std::ops::RangeInclusive;
use std::str::FromStr;

use domain::decimal::{DecimalError, parse_typed};

use crate::error::AppError;
use crate::form::{Draft, Problem};
use crate::format::Format;
use crate::urlencoded;

/// What a text field may hold.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    required: bool,
    chars_max: usize,
    many_lines: bool,
}

impl Text {
    /// At least one character, at most so many.
    #[must_use]
    pub const fn required(chars_max: usize) -> Self {
        Self { required: true, chars_max, many_lines: false }
    }

    /// May be empty.
    #[must_use]
    pub const fn optional(chars_max: usize) -> Self {
        Self { required: false, chars_max, many_lines: false }
    }

    /// Line breaks and tabs may stand in it.
    #[must_use]
    pub const fn many_lines(self) -> Self {
        Self { many_lines: true, ..self }
    }
}

/// A sent form being read. Methods give `None` for what is wrong, which they note;
/// `finish` asks for the whole.
pub struct FormReader<'a> {
    format: &'a Format,
    draft: Draft,
}

impl<'a> FormReader<'a> {
    /// Decodes a body (`application/x-www-form-urlencoded`); numbers are read as the
    /// shop of `format` writes them.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] for what is not UTF-8 or has too many fields.
    pub fn new(body: &[u8], format: &'a Format) -> Result<Self, AppError> {
        let values = urlencoded::parse(body).map_err(AppError::malformed)?;
        Ok(Self::of(values, format))
    }

    /// Reads pairs that were decoded elsewhere, such as the parts of a multipart form.
    #[must_use]
    pub fn of(values: Vec<(String, String)>, format: &'a Format) -> Self {
        Self { format, draft: Draft::typed(values) }
    }

    /// Gives the command if nothing was wrong. `build` joins the parts with `?`, and
    /// gives `None` only when a method here did. The draft comes along for what is
    /// found wrong later ([`Draft::refuse`]).
    ///
    /// # Errors
    /// The draft to show again.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<(T, Draft), Draft> {
        if self.draft.is_refused() {
            return Err(self.draft);
        }
        match build() {
            Some(command) => Ok((command, self.draft)),
            None => Err(self.draft),
        }
    }

    /// How the shop writes figures, for the sentences of a form's own rules.
    #[must_use]
    pub fn format(&self) -> &'a Format {
        self.format
    }

    /// Notes a problem that the form's own rules find, such as two fields that disagree.
    pub fn refuse(&mut self, name: &str, problem: Problem) {
        self.draft.refuse(name, problem);
    }

    fn wrong<T>(&mut self, name: &str, problem: Problem) -> Option<T> {
        self.draft.refuse(name, problem);
        None
    }

    fn raw(&self, name: &str) -> &str {
        self.draft.value(name)
    }

    /// A text, trimmed, with line breaks as `\n`; empty only where that is allowed.
    pub fn text(&mut self, name: &str, rules: Text) -> Option<String> {
        let text = self.raw(name).replace("\r\n", "\n").trim().to_owned();
        self.checked(name, text, rules)
    }

    /// Every text of a field that comes several times, without the empty ones.
    pub fn texts(&mut self, name: &str, rules: Text) -> Option<Vec<String>> {
        let all: Vec<String> = self.draft.values(name).map(|text| text.trim().to_owned()).collect();
        let filled = all.into_iter().filter(|text| !text.is_empty());
        filled.map(|text| self.checked(name, text, rules)).collect()
    }

    fn checked(&mut self, name: &str, text: String, rules: Text) -> Option<String> {
        let is_refused = |c: char| c.is_control() && !(rules.many_lines && matches!(c, '\n' | '\t'));
        if text.is_empty() && rules.required {
            return self.wrong(name, Problem::Required);
        }
        if text.chars().any(is_refused) {
            return self.wrong(name, Problem::ControlCharacter);
        }
        if text.chars().count() > rules.chars_max {
            return self.wrong(name, Problem::TooLong { max: rules.chars_max });
        }
        Some(text)
    }

    /// A password or code: exactly as typed, and gone from the draft.
    pub fn secret(&mut self, name: &str) -> Option<String> {
        let secret = self.raw(name).to_owned();
        self.draft.forget(name);
        if secret.is_empty() { self.wrong(name, Problem::Required) } else { Some(secret) }
    }

    /// A money amount in minor units, at least 0.
    pub fn amount(&mut self, name: &str) -> Option<i64> {
        self.amount_or_none(name)?.or_else(|| self.wrong(name, Problem::Required))
    }

    /// A money amount that may be left out.
    pub fn amount_or_none(&mut self, name: &str) -> Option<Option<i64>> {
        let decimals = self.format.currency.decimals;
        let scale = 10_i64.pow(decimals);
        let example = self.format.typed_amount(4200 * scale);
        self.decimal(name, decimals, Problem::NotAnAmount { example: example.clone() }, &example)
    }

    /// A quantity in thousandths, at least 0.
    pub fn quantity(&mut self, name: &str) -> Option<i64> {
        self.quantity_or_none(name)?.or_else(|| self.wrong(name, Problem::Required))
    }

    /// A quantity that may be left out.
    pub fn quantity_or_none(&mut self, name: &str) -> Option<Option<i64>> {
        let example = self.format.quantity(1_500);
        self.decimal(name, 3, Problem::NotAQuantity { example: example.clone() }, &example)
    }

    /// A percentage as a rate in parts per million (19 % is 190,000), 0 to 100 %.
    pub fn rate_ppm(&mut self, name: &str) -> Option<i64> {
        self.percentage(name, 4)
    }

    /// A percentage in millionths of a percent (10 % is 10,000,000), 0 to 100 %.
    pub fn percent_e6(&mut self, name: &str) -> Option<i64> {
        self.percentage(name, 6)
    }

    fn percentage(&mut self, name: &str, decimals: u32) -> Option<i64> {
        let example = self.format.quantity(12_500);
        let problem = Problem::NotAPercentage { example: example.clone() };
        let value = self.decimal(name, decimals, problem, &example)?;
        match value {
            None => self.wrong(name, Problem::Required),
            Some(value) if value > 100 * 10_i64.pow(decimals) => {
                let max = self.format.percent(1_000_000);
                self.wrong(name, Problem::TooBig { max })
            }
            Some(value) => Some(value),
        }
    }

    fn decimal(&mut self, name: &str, decimals: u32, otherwise: Problem, example: &str) -> Option<Option<i64>> {
        let typed = self.raw(name).trim().to_owned();
        // People copy amounts with the sign on; it says nothing that the field does not.
        let bare = typed.strip_prefix(self.format.currency.sign.as_str()).unwrap_or(&typed).trim();
        if bare.is_empty() {
            return Some(None);
        }
        match parse_typed(bare, self.format.numbers, decimals) {
            Ok(value) => Some(Some(value)),
            Err(DecimalError::Ambiguous) => self.wrong(name, Problem::Ambiguous { typed, example: example.to_owned() }),
            Err(DecimalError::TooManyDecimals { decimals_max: 0 }) => self.wrong(name, Problem::NotWhole),
            Err(DecimalError::TooManyDecimals { decimals_max }) => {
                self.wrong(name, Problem::TooManyDecimals { max: decimals_max })
            }
            Err(_) => self.wrong(name, otherwise),
        }
    }

    /// A whole number within limits.
    pub fn whole(&mut self, name: &str, limits: RangeInclusive<i64>) -> Option<i64> {
        let typed = self.raw(name).trim().to_owned();
        if typed.is_empty() {
            return self.wrong(name, Problem::Required);
        }
        match parse_typed(&typed, self.format.numbers, 0) {
            Ok(value) if value > *limits.end() => {
                self.wrong(name, Problem::TooBig { max: self.format.count(*limits.end()) })
            }
            Ok(value) if value < *limits.start() => {
                self.wrong(name, Problem::TooSmall { min: self.format.count(*limits.start()) })
            }
            Ok(value) => Some(value),
            Err(_) => self.wrong(name, Problem::NotWhole),
        }
    }

    /// A check or switch; one that is not sent is off, as HTML has it.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.draft.is_on(name)
    }

    /// One of the options, by the value that the form sends.
    pub fn choice<T: Copy>(&mut self, name: &str, options: &[(&str, T)]) -> Option<T> {
        let sent = self.raw(name);
        let found = options.iter().find(|(value, _)| *value == sent).map(|(_, meaning)| *meaning);
        found.or_else(|| self.wrong(name, Problem::NotAChoice))
    }

    /// An id, or anything else that reads itself from text.
    pub fn id<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.id_or_none(name)?.or_else(|| self.wrong(name, Problem::NotAnId))
    }

    /// An id that may be left out.
    pub fn id_or_none<T: FromStr>(&mut self, name: &str) -> Option<Option<T>> {
        let sent = self.raw(name).trim();
        if sent.is_empty() {
            return Some(None);
        }
        sent.parse().map(Some).ok().or_else(|| self.wrong(name, Problem::NotAnId))
    }

    /// An e-mail address of plausible shape, as typed; its normal form is accounts' affair.
    pub fn email(&mut self, name: &str, rules: Text) -> Option<String> {
        let text = self.text(name, rules)?;
        let plausible = text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        });
        if (text.is_empty() && !rules.required) || (plausible && !text.contains(char::is_whitespace)) {
            return Some(text);
        }
        self.wrong(name, Problem::NotAnEmail)
    }

    /// A date as `<input type="date">` sends it, as YYYYMMDD.
    pub fn date(&mut self, name: &str) -> Option<i64> {
        let sent = self.raw(name).trim();
        if sent.is_empty() {
            return self.wrong(name, Problem::Required);
        }
        match jiff::civil::Date::strptime("%Y-%m-%d", sent) {
            Ok(date) => Some(i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())),
            Err(_) => self.wrong(name, Problem::NotADate { example: "2026-11-25".to_owned() }),
        }
    }
}
