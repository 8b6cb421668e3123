//! The three languages of the screens, and how a request's is chosen.

/// A language of the screens. Spanish is the first and the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Lang {
    /// Latin American Spanish, *tú*.
    #[default]
    Es,
    /// English.
    En,
    /// Brazilian Portuguese.
    Pt,
}

impl Lang {
    /// All of them, in the order in which a person may choose.
    pub const ALL: [Self; 3] = [Self::Es, Self::En, Self::Pt];

    /// The language of a tag such as `es`, `es-CO` or `pt_BR`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary.trim()))
    }

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
            Self::Pt => "pt",
        }
    }

    /// The value of `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es-419",
            Self::En => "en",
            Self::Pt => "pt-BR",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Es => "Español",
            Self::En => "English",
            Self::Pt => "Português",
        }
    }

    /// The first that speaks: the person's choice, the cookie, `Accept-Language`, the
    /// installation's default.
    #[must_use]
    pub fn choose(person: Option<Self>, cookie: Option<&str>, accept: Option<&str>, default: Self) -> Self {
        person.or_else(|| cookie.and_then(Self::parse)).or_else(|| accept.and_then(Self::negotiate)).unwrap_or(default)
    }

    /// The best of an `Accept-Language` header (RFC 9110, section 12.5.4): the highest
    /// weight wins, the first of equals. Weights have at most three decimals and are
    /// compared as thousandths.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for range in header.split(',').take(32) {
            let mut parts = range.split(';');
            let Some(lang) = parts.next().and_then(|tag| Self::parse(tag.trim())) else {
                continue;
            };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1000);
            if weight > 0 && best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// Whoever has a language: a language, a page; behind any references.
pub trait Spoken {
    /// The language.
    fn lang(&self) -> Lang;
}

impl Spoken for Lang {
    fn lang(&self) -> Lang {
        *self
    }
}

impl Spoken for crate::page::PageContext {
    fn lang(&self) -> Lang {
        self.lang
    }
}

impl<T: Spoken + ?Sized> Spoken for &T {
    fn lang(&self) -> Lang {
        (**self).lang()
    }
}

/// `0.85` is 850; anything malformed weighs nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole {
        "1" => 1000,
        "0" if fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{fraction:0<3}").parse().unwrap_or(0)
        }
        _ => 0,
    }
}

/// A counted number in words' company: plain below 10,000, as Spanish orthography has
/// it, with the language's thousands mark from there on. A shop's own marks are
/// [`crate::format::Format`]'s.
#[must_use]
pub fn count(lang: Lang, n: i64) -> String {
    if n.unsigned_abs() < 10_000 {
        return n.to_string();
    }
    let mark = match lang {
        Lang::Es | Lang::Pt => '.',
        Lang::En => ',',
    };
    let grouped = crate::format::group_digits(&n.unsigned_abs().to_string(), mark);
    if n < 0 { format!("−{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_that_we_speak_wins() {
        let table = [
            ("pt-BR,pt;q=0.9,en;q=0.8", Some(Lang::Pt)),
            ("fr-FR,en;q=0.5,es;q=0.7", Some(Lang::Es)),
            ("en;q=0,es;q=0.1", Some(Lang::Es)),
            ("en, es", Some(Lang::En)),
            ("fr, de", None),
            ("en;q=abc", None),
            ("", None),
            ("ES-mx", Some(Lang::Es)),
        ];
        for (header, expected) in table {
            assert_eq!(Lang::negotiate(header), expected, "{header}");
        }
    }

    #[test]
    fn a_persons_choice_beats_the_cookie_beats_the_browser() {
        let choose = |person, cookie, accept| Lang::choose(person, cookie, accept, Lang::Es);
        assert_eq!(choose(Some(Lang::Pt), Some("en"), Some("en")), Lang::Pt);
        assert_eq!(choose(None, Some("en"), Some("pt")), Lang::En);
        assert_eq!(choose(None, Some("xx"), Some("pt")), Lang::Pt);
        assert_eq!(choose(None, None, None), Lang::Es);
    }

    #[test]
    fn counts_have_marks_from_ten_thousand_on() {
        assert_eq!(count(Lang::Es, 9_999), "9999");
        assert_eq!(count(Lang::Es, 10_000), "10.000");
        assert_eq!(count(Lang::En, -1_234_567), "−1,234,567");
    }
}
