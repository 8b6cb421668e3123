//! What every page knows: reader, language, theme, navigation, the form token, the time.
//!
//! The app's extractor makes one [`PageContext`] per request; templates reach it as
//! `page`. It knows nothing of sessions or rights: who may see which link was decided by
//! whoever filled [`Nav`]. **Invariant:** a page is written by [`PageContext::show`],
//! which fills the sprite and forbids storing it.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::permission::Role;
use http::{HeaderValue, header};

use crate::error::AppError;
use crate::flash::{Flash, FlashCookie};
use crate::format::Format;
use crate::icon::{Icon, fill_sprite};
use crate::lang::Lang;
use crate::texts::common::Texts;

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// By day.
    Light,
    /// By night.
    Dark,
}

impl Theme {
    /// The cookie that the page script writes.
    pub const COOKIE: &'static str = "theme";

    /// Reads the cookie; anything odd follows the system.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Self {
        match text {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `<html data-theme>`; none follows the system.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The person who reads the page.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// As they are called.
    pub name: String,
    /// Two letters, where there is no photo.
    pub initials: String,
    /// The shop they are in; empty for an operator.
    pub shop_name: String,
    /// Their role in it; none for an operator.
    pub role: Option<Role>,
}

/// Two letters of a name: of its first and last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One link of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// Its words, in the reader's language.
    pub label: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// How many things wait there; 0 shows nothing.
    pub count: i64,
    /// The key printed beside it, such as `V`.
    pub key: Option<&'static str>,
}

impl NavItem {
    /// A link without count and key.
    #[must_use]
    pub const fn new(href: &'static str, label: &'static str, icon: Icon) -> Self {
        Self { href, label, icon, count: 0, key: None }
    }
}

/// The navigation as this reader may see it.
#[derive(Debug, Clone, Default)]
pub struct Nav {
    /// Where the mark leads.
    pub home: Option<&'static str>,
    /// The button above the links: to sell.
    pub sell: Option<NavItem>,
    /// The links of the day.
    pub main: Vec<NavItem>,
    /// The links of the business, below the rule.
    pub business: Vec<NavItem>,
    /// The four of the phone's bar.
    pub bottom: Vec<NavItem>,
    /// The reader's own page.
    pub profile: Option<&'static str>,
    /// Where signing out posts to.
    pub sign_out: Option<&'static str>,
    /// The JSON search of the palette.
    pub search: Option<&'static str>,
}

impl Nav {
    /// The links for which the phone's bar has no room.
    pub fn rest(&self) -> impl Iterator<Item = &NavItem> {
        let is_in_bar = |item: &NavItem| self.bottom.iter().any(|other| other.href == item.href);
        self.main.iter().chain(&self.business).filter(move |item| !is_in_bar(item))
    }
}

/// One of a row of links: a segment, chip or tab.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: String,
    /// Whether the reader is there.
    pub current: bool,
    /// How many there are behind it, as shown; empty says nothing.
    pub count: String,
}

/// What every page knows.
#[derive(Debug, Clone)]
pub struct PageContext {
    /// The reader's language.
    pub lang: Lang,
    /// Their theme.
    pub theme: Theme,
    /// The CSRF token, masked for this response.
    pub csrf: String,
    /// Who reads, if anybody is signed in.
    pub who: Option<Viewer>,
    /// The navigation.
    pub nav: Nav,
    /// The path of the request.
    pub path: String,
    /// The request's id, shown with errors.
    pub request_id: String,
    /// DEBUG is on, which every page says.
    pub debug: bool,
    /// Cookies are `Secure`.
    pub secure: bool,
    /// The message of the request before.
    pub flash: Option<Flash>,
    /// How figures and times look.
    pub format: Format,
}

impl PageContext {
    /// The common texts in the reader's language.
    #[must_use]
    pub const fn texts(&self) -> Texts {
        Texts(self.lang)
    }

    /// Whether a link leads to where the reader is: this address or one below it. The
    /// longest of the navigation's links that fits is the one.
    #[must_use]
    pub fn is_current(&self, href: &str) -> bool {
        let fits =
            |href: &str| self.path == href || (href.len() > 1 && href.ends_with('/') && self.path.starts_with(href));
        let all = self.nav.main.iter().chain(&self.nav.business).chain(&self.nav.bottom).chain(&self.nav.sell);
        fits(href) && !all.map(|item| item.href).any(|other| other.len() > href.len() && fits(other))
    }

    /// Writes a page: the template, its icons, and that nobody may store it.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the template fails.
    pub fn show<T: Template>(&self, template: &T) -> Result<Response, AppError> {
        let html = fill_sprite(&template.render()?);
        let mut response = html.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
        if self.flash.is_some() {
            return Ok((FlashCookie::shown(self.secure), response).into_response());
        }
        Ok(response)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::format::Currency;

    /// A page for a seller of a shop, for the tests of this crate.
    pub(crate) fn page() -> PageContext {
        PageContext {
            lang: Lang::Es,
            theme: Theme::System,
            csrf: "token".to_owned(),
            who: None,
            nav: Nav {
                main: vec![
                    NavItem::new("/ventas/", "Ventas", Icon::Sales),
                    NavItem::new("/productos/", "Productos", Icon::Products),
                ],
                sell: Some(NavItem::new("/ventas/nueva/", "Vender", Icon::Sell)),
                ..Nav::default()
            },
            path: "/productos/7/".to_owned(),
            request_id: "r-1".to_owned(),
            debug: false,
            secure: true,
            flash: None,
            format: Format {
                lang: Lang::Es,
                currency: Currency::cop(),
                numbers: domain::decimal::Locale { decimal: ',', group: '.' },
                zone: jiff::tz::TimeZone::UTC,
                now_us: 0,
            },
        }
    }

    #[test]
    fn the_longest_link_that_fits_is_where_the_reader_is() {
        let mut page = page();
        assert!(page.is_current("/productos/"));
        assert!(!page.is_current("/ventas/"));
        page.path = "/ventas/nueva/".to_owned();
        assert!(page.is_current("/ventas/nueva/"));
        assert!(!page.is_current("/ventas/"));
        page.path = "/ventas/9/".to_owned();
        assert!(page.is_current("/ventas/"));
    }

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Marta Lucía Ríos"), "MR");
        assert_eq!(initials("ñoño"), "Ñ");
        assert_eq!(initials(" "), "");
    }
}
