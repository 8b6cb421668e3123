//! Cookies as text: reading one out of a `Cookie` header and writing a `Set-Cookie`.
//!
//! Must not know: what a cookie means. See RFC 6265bis for prefixes and attributes.
//!
//! **Invariant:** a cookie written here has `Path=/`, no `Domain`, and, when secure, the
//! `__Host-` prefix, so that no other host and no plain connection can set it.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Which requests from other sites carry the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameSite {
    /// Top-level navigation by a safe method only.
    #[default]
    Lax,
    /// None at all.
    Strict,
}

/// Whether scripts of the page may read the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Only the server reads it (`HttpOnly`).
    ByServerOnly,
    /// Scripts read it too.
    ByScript,
}

/// Whether the cookie travels over plain connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `Secure` and the `__Host-` prefix.
    SecureOnly,
    /// Neither: for development on the loop-back address.
    Any,
}

/// The name and the attributes of a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieSpec {
    name: String,
    tail: String,
    expired: HeaderValue,
}

/// A cookie name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCookieName;

impl CookieSpec {
    /// A cookie that ends with the browser. `base_name` may already carry the prefix.
    ///
    /// # Errors
    /// When the name is empty or has characters that a cookie name may not have.
    pub fn new(
        base_name: &str,
        transport: Transport,
        same_site: SameSite,
        readable: Readable,
    ) -> Result<Self, BadCookieName> {
        let base = base_name.strip_prefix("__Host-").unwrap_or(base_name);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if base.is_empty() || !base.bytes().all(allowed) || base.starts_with("__Secure-") {
            return Err(BadCookieName);
        }
        let (name, secure) = match transport {
            Transport::SecureOnly => (format!("__Host-{base}"), "; Secure"),
            Transport::Any => (base.to_owned(), ""),
        };
        let http_only = match readable {
            Readable::ByServerOnly => "; HttpOnly",
            Readable::ByScript => "",
        };
        let same_site = match same_site {
            SameSite::Lax => "Lax",
            SameSite::Strict => "Strict",
        };
        let tail = format!("; Path=/{secure}{http_only}; SameSite={same_site}");
        let expired = HeaderValue::from_str(&format!("{name}={tail}; Max-Age=0")).map_err(|_| BadCookieName)?;
        Ok(Self { name, tail, expired })
    }

    /// The name with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `Set-Cookie` value that gives the cookie to a browser until it is closed.
    ///
    /// # Panics
    /// When the value is not plain base64url text with dots: values are made by this
    /// crate, never by people.
    #[must_use]
    pub fn set(&self, value: &str) -> HeaderValue {
        let text = format!("{}={value}{}", self.name, self.tail);
        HeaderValue::from_str(&text).expect("cookie values are base64url text with dots")
    }

    /// The `Set-Cookie` value that takes the cookie away.
    #[must_use]
    pub fn expire(&self) -> HeaderValue {
        self.expired.clone()
    }

    /// The first value that the request carries under this name. Names are compared
    /// exactly: `__host-sessionid` is another cookie.
    #[must_use]
    pub fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name)
            .map(|(_, value)| value)
    }
}
