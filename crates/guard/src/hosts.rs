//! The names under which the server may be asked for: parsing the `Host` header and
//! `ALLOWED_HOSTS`.
//!
//! A host that is not listed is answered with 400 before anything else looks at the
//! request, so that no link, redirect or cached page can be built from a forged name.
//!
//! Source of the shape: RFC 9110 §7.2, RFC 3986 §3.2.2, narrowed to what browsers send.

use std::net::IpAddr;

/// A syntactically correct host: a name or address in lower case, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Parses `name[:port]`, `1.2.3.4[:port]` or `[::1][:port]`. Everything that has no
    /// place in a host (user info, blanks, percent signs, a second colon) gives `None`.
    ///
    /// ```
    /// use guard::hosts::Host;
    /// let host = Host::parse("Tienda.Example:8000").expect("a host");
    /// assert_eq!((host.name(), host.port()), ("tienda.example", Some(8000)));
    /// assert!(Host::parse("good.example@evil.example").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // 253 characters of name (RFC 1035 §2.3.4), brackets and a port.
        if text.is_empty() || text.len() > 262 {
            return None;
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (address, after) = rest.split_once(']')?;
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            return Some(Self { name: format!("[{address}]"), port: parse_port(after)? });
        }
        let (name, after) = text.split_at(text.find(':').unwrap_or(text.len()));
        // One trailing dot names the same host (RFC 1034 §3.1).
        let name = name.strip_suffix('.').unwrap_or(name);
        if !is_name(name) {
            return None;
        }
        Some(Self { name: name.to_ascii_lowercase(), port: parse_port(after)? })
    }

    /// The name or address in lower case, an IPv6 address in brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port as written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The address when the host is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.name.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether this is the machine itself: `localhost`, a name below it, or a loop-back
    /// address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.name == "localhost"
            || self.name.ends_with(".localhost")
            || self.address().is_some_and(|address| address.to_canonical().is_loopback())
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The outer `Option` says whether the text is right, the inner whether there is a port.
#[expect(clippy::option_option, reason = "no port and a wrong port are different answers")]
fn parse_port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.strip_prefix(':')?;
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if well_formed && port != 0 => Some(Some(port)),
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label) && !is_ambiguous_number(name)
}

/// `127.1` or `0x7f000001` are addresses to some resolvers and names to others; only the
/// dotted form of four decimal numbers is taken.
fn is_ambiguous_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    numeric && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// An entry of `ALLOWED_HOSTS` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostsProblem {
    /// No entry at all.
    Empty,
    /// `*` would allow every name.
    Wildcard,
    /// The entry is no host; carries it (host names are no secrets).
    Malformed(String),
    /// An entry with a port: every port of a listed name is allowed.
    HasPort(String),
}

/// The listed hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts {
    exact: Vec<String>,
    below: Vec<String>,
}

impl AllowedHosts {
    /// Reads entries: an exact name or address, or `.example.com` for it and all below it.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn new<T: AsRef<str>>(entries: &[T]) -> Result<Self, Vec<HostsProblem>> {
        let mut hosts = Self { exact: Vec::new(), below: Vec::new() };
        let mut problems = Vec::new();
        for entry in entries.iter().map(|entry| entry.as_ref().trim()) {
            match Self::read_entry(entry) {
                Ok((name, true)) => hosts.below.push(name),
                Ok((name, false)) => hosts.exact.push(name),
                Err(problem) => problems.push(problem),
            }
        }
        if entries.is_empty() {
            problems.push(HostsProblem::Empty);
        }
        if problems.is_empty() { Ok(hosts) } else { Err(problems) }
    }

    fn read_entry(entry: &str) -> Result<(String, bool), HostsProblem> {
        if entry.is_empty() {
            return Err(HostsProblem::Empty);
        }
        if entry.contains('*') {
            return Err(HostsProblem::Wildcard);
        }
        let (text, below) = match entry.strip_prefix('.') {
            Some(rest) => (rest, true),
            None => (entry, false),
        };
        let host = Host::parse(text).ok_or_else(|| HostsProblem::Malformed(entry.to_owned()))?;
        if host.port.is_some() {
            return Err(HostsProblem::HasPort(entry.to_owned()));
        }
        if below && host.address().is_some() {
            return Err(HostsProblem::Malformed(entry.to_owned()));
        }
        Ok((host.name, below))
    }

    /// Whether the host is listed, whatever its port.
    #[must_use]
    pub fn allow(&self, host: &Host) -> bool {
        let name = host.name();
        let is_below = |parent: &String| {
            name == parent || name.strip_suffix(parent.as_str()).is_some_and(|head| head.ends_with('.'))
        };
        self.exact.iter().any(|exact| exact == name) || self.below.iter().any(is_below)
    }
}
