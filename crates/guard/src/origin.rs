//! Web origins: `scheme://host[:port]`, compared as RFC 6454 §5 does, and the list
//! `CSRF_TRUSTED_ORIGINS`.

use crate::hosts::Host;
use crate::proxy::Scheme;

/// A scheme, a host and a port (always given, the default one filled in).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    name: String,
    port: u16,
}

impl Origin {
    /// Parses exactly `http[s]://host[:port]`; `null`, a path or anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = split_scheme(text)?;
        let host = Host::parse(rest)?;
        Some(Self::of(scheme, &host))
    }

    /// The origin of a full address such as a `Referer`.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = split_scheme(url)?;
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        Some(Self::of(scheme, &Host::parse(&rest[..end])?))
    }

    /// The origin of pages served under this host.
    #[must_use]
    pub fn of(scheme: Scheme, host: &Host) -> Self {
        let port = host.port().unwrap_or_else(|| scheme.default_port());
        Self { scheme, name: host.name().to_owned(), port }
    }
}

/// Schemes are compared without case (RFC 3986 §3.1).
fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    if scheme.eq_ignore_ascii_case("https") {
        Some((Scheme::Https, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Some((Scheme::Http, rest))
    } else {
        None
    }
}

/// An entry of `CSRF_TRUSTED_ORIGINS` that cannot be used; carries the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginProblem {
    /// No `https://` in front.
    NoScheme(String),
    /// `http://`, where only https is trusted.
    PlainHttp(String),
    /// `*` or `https://*`: every site.
    Wildcard(String),
    /// A path, a user, or no host.
    Malformed(String),
}

/// Whether plain origins may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainOrigins {
    /// In development only.
    Allowed,
    /// In production.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TrustedOrigin {
    Exact(Origin),
    /// Everything below the name, not the name itself.
    Below(Origin),
}

/// Other origins whose pages may send unsafe requests here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedOrigins(Vec<TrustedOrigin>);

impl TrustedOrigins {
    /// Reads full origins, `https://*.example.com` among them; blanks around are dropped
    /// and empty entries passed over.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn new<T: AsRef<str>>(entries: &[T], plain: PlainOrigins) -> Result<Self, Vec<OriginProblem>> {
        let mut origins = Vec::new();
        let mut problems = Vec::new();
        for entry in entries.iter().map(|entry| entry.as_ref().trim()) {
            if entry.is_empty() {
                continue;
            }
            match read_entry(entry, plain) {
                Ok(origin) => origins.push(origin),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self(origins)) } else { Err(problems) }
    }

    /// Whether pages of this origin are trusted.
    #[must_use]
    pub fn trust(&self, origin: &Origin) -> bool {
        self.0.iter().any(|trusted| match trusted {
            TrustedOrigin::Exact(exact) => exact == origin,
            TrustedOrigin::Below(parent) => {
                parent.scheme == origin.scheme
                    && parent.port == origin.port
                    && origin
                        .name
                        .strip_suffix(parent.name.as_str())
                        .is_some_and(|head| head.ends_with('.') && head.len() > 1)
            }
        })
    }
}

fn read_entry(entry: &str, plain: PlainOrigins) -> Result<TrustedOrigin, OriginProblem> {
    if entry == "*" {
        return Err(OriginProblem::Wildcard(entry.to_owned()));
    }
    let Some((scheme, rest)) = split_scheme(entry) else {
        return Err(OriginProblem::NoScheme(entry.to_owned()));
    };
    if scheme == Scheme::Http && plain == PlainOrigins::Refused {
        return Err(OriginProblem::PlainHttp(entry.to_owned()));
    }
    if rest == "*" || rest == "*." {
        return Err(OriginProblem::Wildcard(entry.to_owned()));
    }
    let (text, below) = match rest.strip_prefix("*.") {
        Some(parent) => (parent, true),
        None => (rest, false),
    };
    let malformed = || OriginProblem::Malformed(entry.to_owned());
    let host = Host::parse(text).ok_or_else(malformed)?;
    // `https://*.com` trusts strangers as much as `*` does.
    if below && (host.address().is_some() || !host.name().contains('.')) {
        return Err(OriginProblem::Wildcard(entry.to_owned()));
    }
    let origin = Origin::of(scheme, &host);
    Ok(if below { TrustedOrigin::Below(origin) } else { TrustedOrigin::Exact(origin) })
}
