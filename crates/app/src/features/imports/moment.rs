//! Dates as shops write them: `31/12/2025 18:05`, `2025-12-31`, `12/31/25 6:05 PM`.
//!
//! Owns: whether the day or the month comes first, decided for a column as a whole,
//! and the way from a text to a civil moment. Must not know: zones.

use jiff::civil::DateTime;

/// Which comes first where the year comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// As all of Latin America writes.
    DayFirst,
    /// As the United States do.
    MonthFirst,
}

/// What a column's texts say. Where none decides, the day comes first, as in every
/// country we serve.
pub fn column_order<'a>(texts: impl IntoIterator<Item = &'a str>) -> DateOrder {
    let (mut day, mut month) = (0_usize, 0_usize);
    for text in texts {
        let Some([first, second, year]) = parts(text.trim()).map(|(date, _)| date) else { continue };
        if first.len() == 4 || year.is_empty() {
            continue;
        }
        match (number(first), number(second)) {
            (Some(13..=31), Some(1..=12)) => day += 1,
            (Some(1..=12), Some(13..=31)) => month += 1,
            _ => {}
        }
    }
    if month > day { DateOrder::MonthFirst } else { DateOrder::DayFirst }
}

/// Reads a text as a moment of years 1990 to 2100; without a time it is midnight.
pub fn from_text(text: &str, order: DateOrder) -> Option<DateTime> {
    let ([first, second, third], time) = parts(text.trim())?;
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else if order == DateOrder::DayFirst {
        (third, second, first)
    } else {
        (third, first, second)
    };
    let year = match year.len() {
        4 => number(year)?,
        2 => 2_000 + number(year)?,
        _ => return None,
    };
    let (hour, minute, second) = clock(time)?;
    in_range(DateTime::new(year, small(month)?, small(day)?, hour, minute, second, 0).ok()?)
}

/// A moment of the years a shop's history can be from.
pub fn in_range(moment: DateTime) -> Option<DateTime> {
    (1990..=2100).contains(&moment.year()).then_some(moment)
}

/// Three parts of a date, and what follows as its time.
fn parts(text: &str) -> Option<([&str; 3], &str)> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let mark = date.chars().find(|character| !character.is_ascii_digit())?;
    if !matches!(mark, '/' | '-' | '.') {
        return None;
    }
    let mut split = date.split(mark);
    let found = [split.next()?, split.next()?, split.next()?];
    let whole = split.next().is_none() && found.iter().all(|part| number(part).is_some());
    whole.then_some((found, time.trim()))
}

/// `18:05`, `18:05:00`, `6:05 PM`, `6:05:00 p. m.`; fractions of a second are dropped.
fn clock(text: &str) -> Option<(i8, i8, i8)> {
    if text.is_empty() {
        return Some((0, 0, 0));
    }
    let end = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, ':' | '.'));
    let (digits, half) = text.split_at(end.unwrap_or(text.len()));
    let half: String = half.chars().filter(char::is_ascii_alphabetic).flat_map(char::to_lowercase).collect();
    let mut split = digits.split(':');
    let (hour, minute) = (small(split.next()?)?, small(split.next()?)?);
    let second = small(split.next().unwrap_or("0").split('.').next()?)?;
    let hour = match (half.as_str(), hour) {
        ("", hour) => hour,
        ("am" | "a", 12) => 0,
        ("am" | "a", 1..12) => hour,
        ("pm" | "p", 12) => 12,
        ("pm" | "p", 1..12) => hour + 12,
        _ => return None,
    };
    split.next().is_none().then_some((hour, minute, second))
}

fn number(text: &str) -> Option<i16> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn small(text: &str) -> Option<i8> {
    i8::try_from(number(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{DayFirst, MonthFirst};

    #[test]
    fn a_column_says_whether_the_day_or_the_month_comes_first() {
        let cases: [(&[&str], DateOrder); 5] = [
            (&["01/02/2025", "31/12/2025"], DayFirst),
            (&["01/02/2025", "12/31/2025"], MonthFirst),
            (&["01/02/2025"], DayFirst),
            (&["2025-12-31", "x", ""], DayFirst),
            (&["12/31/2025", "13/01/2025", "12/30/25"], MonthFirst),
        ];
        for (texts, wanted) in cases {
            assert_eq!(column_order(texts.iter().copied()), wanted, "{texts:?}");
        }
    }

    #[test]
    fn dates_are_read_or_refused() {
        let cases = [
            ("31/12/2025 18:05", DayFirst, Some("2025-12-31T18:05:00")),
            ("31-12-25", DayFirst, Some("2025-12-31T00:00:00")),
            ("12/31/25 6:05 PM", MonthFirst, Some("2025-12-31T18:05:00")),
            ("31/12/2025 12:05:09 a. m.", DayFirst, Some("2025-12-31T00:05:09")),
            ("2025-12-31T18:05:09.123", DayFirst, Some("2025-12-31T18:05:09")),
            ("2025-12-31 18:05:09", MonthFirst, Some("2025-12-31T18:05:09")),
            ("1.2.2025", DayFirst, Some("2025-02-01T00:00:00")),
            ("31/12/2025", MonthFirst, None),
            ("29/02/2025", DayFirst, None),
            ("31/12/1925", DayFirst, None),
            ("31/12/2025 25:00", DayFirst, None),
            ("31/12/2025 13:00 PM", DayFirst, None),
            ("ayer", DayFirst, None),
            ("1/2/3/4", DayFirst, None),
            ("45678", DayFirst, None),
            ("", DayFirst, None),
        ];
        for (text, order, wanted) in cases {
            assert_eq!(from_text(text, order).map(|moment| moment.to_string()).as_deref(), wanted, "{text}");
        }
    }
}
