//! Plain http in production: redirected, refused, or let through, and when HSTS is sent.
//!
//! A page asked for by GET or HEAD is redirected; an API or an unsafe method is refused,
//! because a redirect would hide that a secret already travelled in the clear (ASVS
//! V4.1.2).

use http::Method;

use crate::hosts::Host;
use crate::proxy::{Client, Scheme};

/// Whether and how plain http is turned away.
#[derive(Debug, Clone)]
pub struct HttpsPolicy {
    /// `Off` in development.
    pub redirect: Redirect,
    /// The port that browsers reach over TLS.
    pub port: u16,
    /// Paths that answer over plain http and to any host: the health probes.
    pub exempt_paths: Vec<String>,
    /// Starts of the paths that are refused rather than redirected.
    pub api_prefixes: Vec<String>,
    /// Whether a machine may serve itself without TLS.
    pub loopback: LoopbackPlain,
    /// `Strict-Transport-Security`.
    pub hsts: Option<Hsts>,
}

/// Whether plain http is turned away at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirect {
    /// Plain http is served.
    Off,
    /// Plain http is redirected or refused.
    On,
}

/// One PC selling on its own loop-back address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopbackPlain {
    /// Even there TLS is asked for.
    Refused,
    /// Allowed when the connection and the host are this machine's own.
    Allowed,
}

/// The three directives of RFC 6797.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    /// `max-age` in seconds.
    pub seconds: u32,
    /// `includeSubDomains`.
    pub include_subdomains: bool,
    /// `preload`.
    pub preload: bool,
}

impl Hsts {
    /// One year with both other directives.
    pub const YEAR: Self = Self { seconds: 31_536_000, include_subdomains: true, preload: true };

    pub(crate) fn header_text(self) -> String {
        let subdomains = if self.include_subdomains { "; includeSubDomains" } else { "" };
        let preload = if self.preload { "; preload" } else { "" };
        format!("max-age={}{subdomains}{preload}", self.seconds)
    }
}

impl HttpsPolicy {
    /// Development: everything plain, no HSTS.
    #[must_use]
    pub fn development() -> Self {
        Self { redirect: Redirect::Off, hsts: None, ..Self::production() }
    }

    /// Redirect on, HSTS of a year, `/healthz` and `/readyz` exempt, `/api/` refused.
    #[must_use]
    pub fn production() -> Self {
        Self {
            redirect: Redirect::On,
            port: 443,
            exempt_paths: vec!["/healthz".to_owned(), "/readyz".to_owned()],
            api_prefixes: vec!["/api/".to_owned()],
            loopback: LoopbackPlain::Refused,
            hsts: Some(Hsts::YEAR),
        }
    }

    /// Whether the path is exempt from the host check and the redirect.
    #[must_use]
    pub fn is_exempt(&self, path: &str) -> bool {
        self.exempt_paths.iter().any(|exempt| exempt == path)
    }

    /// Whether cookies may be set on this connection: over https, in development, or on
    /// this machine where that is allowed.
    #[must_use]
    pub fn may_set_cookies(&self, client: &Client) -> bool {
        self.serves_plain(client) || client.scheme == Scheme::Https
    }

    fn serves_plain(&self, client: &Client) -> bool {
        match (self.redirect, self.loopback) {
            (Redirect::Off, _) => true,
            (Redirect::On, LoopbackPlain::Refused) => false,
            (Redirect::On, LoopbackPlain::Allowed) => {
                client.on_this_machine && client.host.as_ref().is_some_and(Host::is_loopback)
            }
        }
    }

    /// What to do with a request whose host was already found allowed.
    #[must_use]
    pub fn judge(&self, client: &Client, method: &Method, path_and_query: &str) -> Verdict {
        let path = path_and_query.split('?').next().unwrap_or(path_and_query);
        if self.may_set_cookies(client) || self.is_exempt(path) {
            return Verdict::Serve;
        }
        let is_api = self.api_prefixes.iter().any(|prefix| path.starts_with(prefix.as_str()));
        match &client.host {
            Some(host) if !is_api && (method == Method::GET || method == Method::HEAD) => {
                let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
                Verdict::Redirect(format!("https://{}{port}{path_and_query}", host.name()))
            }
            _ => Verdict::Refuse,
        }
    }

    /// Whether `Strict-Transport-Security` belongs on the answer: over https, and never for
    /// addresses and `localhost`, where a browser ignores it or locks a developer out.
    #[must_use]
    pub fn sends_hsts(&self, client: &Client) -> bool {
        self.hsts.is_some()
            && client.scheme == Scheme::Https
            && client.host.as_ref().is_some_and(|host| host.address().is_none() && !host.is_loopback())
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Serve,
    /// 301 to this address.
    Redirect(String),
    /// 403.
    Refuse,
}
