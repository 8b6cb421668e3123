//! Who is really asking, under which host and over which transport, when a proxy may
//! stand between.
//!
//! `X-Forwarded-For`, `-Proto` and `-Host` are believed only when the connection itself
//! comes from a network of `TRUSTED_PROXIES`; from anybody else they are ignored.
//!
//! **Invariant:** nothing else in the house reads these headers; the answer travels as
//! [`Client`] in the request's extensions.

use std::net::{IpAddr, SocketAddr};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Version};

use crate::hosts::Host;

/// The other end of the connection. The server puts it into each request's extensions;
/// without it, `axum::extract::ConnectInfo<SocketAddr>` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Where the connection comes from.
    pub address: SocketAddr,
    /// Whether this process ended TLS on it.
    pub transport: Scheme,
}

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// `"http"` or `"https"`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that need not be written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Who asks, as far as it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The person's address: the peer's, or the one that a trusted proxy names.
    pub address: IpAddr,
    /// The transport between the person and the first trusted machine.
    pub scheme: Scheme,
    /// The host that was asked for; already found in `ALLOWED_HOSTS`, except on the paths
    /// that are exempt from that check, where it may be missing.
    pub host: Option<Host>,
    /// Whether the connection comes from this very machine and no proxy spoke for another.
    pub on_this_machine: bool,
}

/// One network, such as `10.0.0.0/8`, `fd00::/8` or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Parses an address with or without a prefix length. Bits behind the prefix must be
    /// zero: `10.1.2.3/8` is more often a slip than a wish.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= width)?
            }
            Some(_) => return None,
            None => width,
        };
        let network = Self { address, prefix };
        (network_bits(address, prefix) == address_bits(address)).then_some(network)
    }

    /// Whether the address lies within.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && network_bits(address, self.prefix) == address_bits(self.address)
    }
}

/// The address as a number, IPv4 in the upper bits, so that one mask serves both.
fn address_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn network_bits(address: IpAddr, prefix: u8) -> u128 {
    // Shifting by the full width overflows, hence the case of no prefix bits at all.
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    address_bits(address) & mask
}

/// The networks whose `X-Forwarded-*` headers count. Empty: nobody's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Reads the list.
    ///
    /// # Errors
    /// The entries that are no networks, and those that would trust everybody.
    pub fn new<T: AsRef<str>>(entries: &[T]) -> Result<Self, Vec<String>> {
        let mut networks = Vec::new();
        let mut wrong = Vec::new();
        for entry in entries.iter().map(|entry| entry.as_ref().trim()) {
            match Network::parse(entry).filter(|network| network.prefix > 0) {
                Some(network) => networks.push(network),
                None => wrong.push(entry.to_owned()),
            }
        }
        if wrong.is_empty() { Ok(Self(networks)) } else { Err(wrong) }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Works out who asks. `Err` when the host is given twice or in a wrong form.
    ///
    /// # Errors
    /// [`BadHost`]: the request must be answered with 400.
    pub fn client(&self, peer: Peer, parts: &Parts) -> Result<Client, BadHost> {
        let peer_address = peer.address.ip().to_canonical();
        let own_host = requested_host(parts)?;
        if !self.trusts(peer_address) {
            return Ok(Client {
                address: peer_address,
                scheme: peer.transport,
                host: own_host,
                on_this_machine: peer_address.is_loopback(),
            });
        }
        let headers = &parts.headers;
        let host = match forwarded_values(headers, "x-forwarded-host").last() {
            Some(text) => Some(Host::parse(text).ok_or(BadHost)?),
            None => own_host,
        };
        Ok(Client {
            address: self.forwarded_address(headers).unwrap_or(peer_address),
            scheme: forwarded_scheme(headers).unwrap_or(peer.transport),
            host,
            on_this_machine: peer_address.is_loopback() && !headers.contains_key("x-forwarded-for"),
        })
    }

    /// Each proxy appends the address it saw, so the list is read from its end: what stands
    /// before the first machine that we do not trust was written by that machine.
    fn forwarded_address(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut nearest = None;
        for text in forwarded_values(headers, "x-forwarded-for").rev() {
            let Some(address) = parse_forwarded_address(text) else {
                break;
            };
            nearest = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }
}

/// Some proxies write the port too.
fn parse_forwarded_address(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()))
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>())
        .ok()?;
    Some(address.to_canonical())
}

/// Https only when every hop says so: a list such as `https, http` means that one leg was
/// plain.
fn forwarded_scheme(headers: &HeaderMap) -> Option<Scheme> {
    let mut values = forwarded_values(headers, "x-forwarded-proto").peekable();
    values.peek()?;
    let all_https = values.all(|value| value.eq_ignore_ascii_case("https"));
    Some(if all_https { Scheme::Https } else { Scheme::Http })
}

fn forwarded_values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl DoubleEndedIterator<Item = &'a str> {
    // A line that is not text counts as an empty value: unreadable is not absent.
    headers.get_all(name).iter().flat_map(|line| line.to_str().unwrap_or("").split(',')).map(str::trim)
}

/// The host is missing where it must not be, given twice, contradictory or malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadHost;

/// RFC 9112 §3.2: exactly one `Host` line in HTTP/1.1; a target in absolute form must name
/// the same host.
fn requested_host(parts: &Parts) -> Result<Option<Host>, BadHost> {
    let mut lines = parts.headers.get_all(HOST).iter();
    let from_header = match (lines.next(), lines.next()) {
        (Some(line), None) => {
            let text = line.to_str().map_err(|_| BadHost)?;
            Some(Host::parse(text).ok_or(BadHost)?)
        }
        (None, _) => None,
        (Some(_), Some(_)) => return Err(BadHost),
    };
    let from_target = match parts.uri.authority() {
        Some(authority) => Some(Host::parse(authority.as_str()).ok_or(BadHost)?),
        None => None,
    };
    match (from_header, from_target) {
        (Some(header), Some(target)) if header != target => Err(BadHost),
        (None, None) if parts.version >= Version::HTTP_11 => Err(BadHost),
        (header, target) => Ok(header.or(target)),
    }
}
