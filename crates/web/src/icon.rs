//! Icons: a type made from `ui/icons.svg`, and the sprite of those a page uses.
//!
//! **Invariant:** an icon that is not in the sprite does not compile, and a page carries
//! the drawings of exactly the icons it shows.

use std::fmt;

use askama::filters::HtmlSafe;

include!(concat!(env!("OUT_DIR"), "/icons.rs"));

/// The icon at another size than text's.
#[derive(Debug, Clone, Copy)]
pub struct Sized {
    icon: Icon,
    size: &'static str,
}

impl Icon {
    /// 16 px, beside small text.
    #[must_use]
    pub const fn small(self) -> Sized {
        Sized { icon: self, size: "s" }
    }

    /// 24 px, in bars and empty states.
    #[must_use]
    pub const fn large(self) -> Sized {
        Sized { icon: self, size: "l" }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><use href=\"#i-{}\"/></svg>",
            self.name()
        )
    }
}

impl fmt::Display for Sized {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "<svg class=\"icon\" data-size=\"{}\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><use href=\"#i-{}\"/></svg>",
            self.size,
            self.icon.name()
        )
    }
}

impl HtmlSafe for Icon {}
impl HtmlSafe for Sized {}

/// The symbol of a tone's word (`ok`, `warn`, `bad`, `info`); other words have none.
#[must_use]
pub fn of_tone(tone: &str) -> MaybeIcon {
    MaybeIcon(match tone {
        "ok" => Some(Icon::Ok),
        "warn" => Some(Icon::Warn),
        "bad" => Some(Icon::Bad),
        "info" => Some(Icon::Info),
        _ => None,
    })
}

/// An icon, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct MaybeIcon(Option<Icon>);

impl fmt::Display for MaybeIcon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |icon| icon.fmt(out))
    }
}

impl HtmlSafe for MaybeIcon {}

/// The marker that a base template puts where its sprite goes. Escaped text cannot
/// contain it, so nobody can write it into a page.
pub const SPRITE_MARKER: &str = "<template data-icons></template>";

/// Puts the drawings of the icons a page uses in place of [`SPRITE_MARKER`].
#[must_use]
pub fn fill_sprite(html: &str) -> String {
    let Some((before, after)) = html.split_once(SPRITE_MARKER) else {
        return html.to_owned();
    };
    let mut used = [false; Icon::ALL.len()];
    for part in html.split("href=\"#i-").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        if let Some(index) = Icon::ALL.iter().position(|icon| icon.name() == name) {
            used[index] = true;
        }
    }
    let symbols = || Icon::ALL.iter().zip(used).filter(|(_, used)| *used).map(|(icon, _)| icon.symbol());
    let mut out = String::with_capacity(html.len() + symbols().map(str::len).sum::<usize>());
    out.push_str(before);
    symbols().for_each(|symbol| out.push_str(symbol));
    out.push_str(after);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_the_drawings_of_the_icons_it_shows_and_no_others() {
        let page = format!("<svg>{SPRITE_MARKER}</svg>{}{}{}", Icon::Search, Icon::Search, Icon::Ok.small());
        let filled = fill_sprite(&page);
        assert_eq!(filled.matches("<symbol id=\"i-search\"").count(), 1);
        assert_eq!(filled.matches("<symbol id=\"i-ok\"").count(), 1);
        assert_eq!(filled.matches("<symbol").count(), 2);
        assert!(!filled.contains(SPRITE_MARKER));
    }
}
