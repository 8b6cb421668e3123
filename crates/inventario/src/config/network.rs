//! Names, addresses and transports: who may ask for the server, where its links
//! lead, and whether the way to it is encrypted.

use std::net::SocketAddr;

use guard::cookie::{CookieSpec, Readable, SameSite, Transport};
use guard::guard::CookieChoices;
use guard::hosts::{AllowedHosts, Host, HostsProblem};
use guard::https::{Hsts, HttpsPolicy, LoopbackPlain, Redirect};
use guard::origin::{OriginProblem, PlainOrigins, TrustedOrigins};
use guard::proxy::{Scheme, TrustedProxies};

use super::reader::{Mode, Reader};

/// Where the site is, as people and providers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrl {
    /// `http` on the loop-back address only.
    pub scheme: Scheme,
    /// Name and port.
    pub host: Host,
}

impl SiteUrl {
    /// `scheme://host[:port]`, without a slash at the end.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.host)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return None,
        };
        Some(Self { scheme, host: Host::parse(rest)? })
    }
}

/// Who ends TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// This server, with certificate files.
    Files,
    /// This server, with certificates fetched by ACME.
    Acme,
    /// This server, with an authority of the shop's own network.
    Local,
    /// A proxy in front, or nobody.
    Off,
}

/// Everything about names and transports.
#[derive(Debug, Clone)]
pub struct Network {
    /// The names the server answers to.
    pub allowed_hosts: AllowedHosts,
    /// The public address.
    pub site_url: SiteUrl,
    /// Whether somebody said so; otherwise it is where development listens.
    site_url_given: bool,
    /// Other origins whose pages may send forms here.
    pub csrf_trusted_origins: TrustedOrigins,
    /// The session's cookie and the form token's.
    pub cookies: CookieChoices,
    /// Whether plain http is turned away, and what browsers are told to remember.
    pub https: HttpsPolicy,
    /// Networks whose `X-Forwarded-*` headers count.
    pub trusted_proxies: TrustedProxies,
    /// Who ends TLS.
    pub tls: Tls,
    /// One PC that sells on its own loop-back address without TLS.
    pub one_pc: bool,
}

impl Network {
    /// Reads the settings of this part.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let tls = reader.choice(
            "TLS",
            &[("off", Tls::Off), ("files", Tls::Files), ("acme", Tls::Acme), ("local", Tls::Local)],
            "off",
        );
        let (trusted_proxies, has_proxies) = read_proxies(reader);
        let allowed_hosts = read_hosts(reader);
        let site_url = read_site_url(reader, &allowed_hosts, tls == Tls::Off && !has_proxies);
        let one_pc = reader.mode == Mode::Production && site_url.scheme == Scheme::Http && site_url.host.is_loopback();
        let site_url_given = reader.given("SITE_URL").is_some();
        let csrf_trusted_origins = read_origins(reader);
        let cookies = read_cookies(reader);
        let https = read_https(reader, &site_url, one_pc);
        reader.fixed("SECURE_CONTENT_TYPE_NOSNIFF", true, "a browser that guesses types runs uploads as scripts");
        read_frame_options(reader);
        if reader.given("SECURE_BROWSER_XSS_FILTER").is_some() {
            reader.warn(
                "SECURE_BROWSER_XSS_FILTER",
                "has no effect: no browser has that filter any more",
                "remove it; the content security policy does this work",
            );
        }
        reader.boolean("SECURE_BROWSER_XSS_FILTER", false);
        Self {
            allowed_hosts,
            site_url,
            site_url_given,
            csrf_trusted_origins,
            cookies,
            https,
            trusted_proxies,
            tls,
            one_pc,
        }
    }

    /// Lets links lead to where the server listens, where nobody gave an address:
    /// in development the port is often a free one.
    pub fn listens_at(&mut self, address: SocketAddr) {
        if self.site_url_given {
            return;
        }
        if let Some(host) = Host::parse(&address.to_string()) {
            self.site_url = SiteUrl { scheme: Scheme::Http, host };
        }
    }

    /// Whether the server may listen there. Development stays on this machine, and
    /// production needs TLS on every way to it.
    ///
    /// # Errors
    /// What is dangerous about it and the ways out.
    pub fn check_bind(&self, mode: Mode, bind: SocketAddr) -> Result<(), &'static str> {
        if self.tls != Tls::Off {
            return Err(
                "this version speaks no TLS itself, and would listen unencrypted: set TLS=off and put a proxy with TLS in front, named in TRUSTED_PROXIES",
            );
        }
        if bind.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        match mode {
            Mode::Development => {
                Err("DEBUG is on, which shows errors and accepts weak settings: bind 127.0.0.1, or set DEBUG=False")
            }
            Mode::Production if self.trusted_proxies == TrustedProxies::default() => Err(
                "passwords would travel unencrypted: put a proxy with TLS in front and name it in TRUSTED_PROXIES, or bind 127.0.0.1",
            ),
            Mode::Production => Ok(()),
        }
    }
}

fn read_hosts(reader: &mut Reader<'_>) -> AllowedHosts {
    const NAME: &str = "ALLOWED_HOSTS";
    let local: &[&str] = &["localhost", "127.0.0.1", "[::1]"];
    let default = reader.mode.pick(local, &[]);
    let entries = reader.list(NAME, default);
    let problems = match AllowedHosts::new(&entries) {
        Ok(hosts) => return hosts,
        Err(problems) => problems,
    };
    for problem in problems {
        match problem {
            HostsProblem::Empty => reader.refuse(
                NAME,
                "is empty or has an empty entry",
                "list the names under which people reach the server, as tienda.example.com",
            ),
            HostsProblem::Wildcard => {
                reader.refuse(NAME, "has a *", "list the names, or .example.com for all below one")
            }
            HostsProblem::Malformed(entry) => reader.refuse(
                NAME,
                &format!("has `{entry}`, which is no host name"),
                "write names alone, without http:// and path",
            ),
            HostsProblem::HasPort(entry) => reader.refuse(
                NAME,
                &format!("has `{entry}` with a port"),
                "leave the port out: every port of a listed name is allowed",
            ),
        }
    }
    AllowedHosts::new(local).expect("these three are host names")
}

fn read_site_url(reader: &mut Reader<'_>, hosts: &AllowedHosts, without_tls: bool) -> SiteUrl {
    const NAME: &str = "SITE_URL";
    const LOCAL: &str = "http://127.0.0.1:8000";
    let fallback = || SiteUrl::parse(LOCAL).expect("the constant is an address");
    let text = match (reader.mode, reader.text(NAME)) {
        (_, Some(text)) => text,
        (Mode::Development, None) => reader.text_or(NAME, LOCAL),
        (Mode::Production, None) => {
            reader.refuse(
                NAME,
                "is missing",
                "give the public address, as https://tienda.example.com: links in mails are built from it",
            );
            return fallback();
        }
    };
    let Some(site) = SiteUrl::parse(&text) else {
        reader.refuse(NAME, "is not an address", "write scheme and host alone, as https://tienda.example.com");
        return fallback();
    };
    if reader.mode == Mode::Production && site.scheme == Scheme::Http {
        if site.host.is_loopback() && without_tls {
            reader.warn(
                NAME,
                "is plain http on this machine alone",
                "nothing, if one PC sells on itself (Safari keeps no sign-in there); otherwise set an https address",
            );
        } else {
            reader.refuse(
                NAME,
                "is not https",
                "give an https address; plain http is for the loop-back address without TLS and proxy",
            );
        }
    }
    if !hosts.allow(&site.host) {
        reader.refuse(NAME, "has a host that ALLOWED_HOSTS does not list", "add its host to ALLOWED_HOSTS");
    }
    site
}

fn read_origins(reader: &mut Reader<'_>) -> TrustedOrigins {
    const NAME: &str = "CSRF_TRUSTED_ORIGINS";
    let local: &[&str] = &["http://127.0.0.1:8000"];
    let default = reader.mode.pick(local, &[]);
    let entries = reader.list(NAME, default);
    let plain = reader.mode.pick(PlainOrigins::Allowed, PlainOrigins::Refused);
    match TrustedOrigins::new(&entries, plain) {
        Ok(origins) => origins,
        Err(problems) => {
            for problem in problems {
                let (entry, what, remedy) = match problem {
                    OriginProblem::NoScheme(entry) => (entry, "has no scheme", "put https:// in front"),
                    OriginProblem::PlainHttp(entry) => (entry, "is plain http", "trust https origins only"),
                    OriginProblem::Wildcard(entry) => {
                        (entry, "is every site", "name the domain, as https://*.example.com")
                    }
                    OriginProblem::Malformed(entry) => {
                        (entry, "is no origin", "write scheme and host alone, without path, as https://example.com")
                    }
                };
                reader.refuse(NAME, &format!("has `{entry}`, which {what}"), remedy);
            }
            TrustedOrigins::default()
        }
    }
}

/// The networks, and whether there are any.
fn read_proxies(reader: &mut Reader<'_>) -> (TrustedProxies, bool) {
    const NAME: &str = "TRUSTED_PROXIES";
    let entries = reader.list(NAME, &[]);
    match TrustedProxies::new(&entries) {
        Ok(proxies) => (proxies, !entries.is_empty()),
        Err(wrong) => {
            for entry in wrong {
                reader.refuse(
                    NAME,
                    &format!("has `{entry}`, which is no network or is everybody"),
                    "write addresses or networks, as 10.0.0.5 or 10.0.0.0/8",
                );
            }
            (TrustedProxies::default(), true)
        }
    }
}

fn read_cookies(reader: &mut Reader<'_>) -> CookieChoices {
    let session_same_site = read_same_site(reader, "SESSION_COOKIE_SAMESITE");
    let csrf_same_site = read_same_site(reader, "CSRF_COOKIE_SAMESITE");
    let session_secure = read_secure(reader, "SESSION_COOKIE_SECURE");
    let csrf_secure = read_secure(reader, "CSRF_COOKIE_SECURE");
    if session_secure != csrf_secure {
        reader.refuse(
            "CSRF_COOKIE_SECURE",
            "and SESSION_COOKIE_SECURE differ",
            "give both the same value, or remove both",
        );
    }
    let transport = if session_secure { Transport::SecureOnly } else { Transport::Any };
    let session_name = read_cookie_name(reader, "SESSION_COOKIE_NAME", "sessionid", transport);
    let csrf_name = read_cookie_name(reader, "CSRF_COOKIE_NAME", "csrftoken", transport);
    if session_name == csrf_name {
        reader.refuse(
            "CSRF_COOKIE_NAME",
            "and SESSION_COOKIE_NAME are the same",
            "give each its own name, or remove both",
        );
    }
    CookieChoices { session_name, csrf_name, transport, session_same_site, csrf_same_site }
}

fn read_secure(reader: &mut Reader<'_>, name: &'static str) -> bool {
    match reader.mode {
        Mode::Production => {
            reader.fixed(name, true, "a cookie that travels in the clear can be taken by anybody on the way")
        }
        Mode::Development => reader.boolean(name, false),
    }
}

fn read_same_site(reader: &mut Reader<'_>, name: &'static str) -> SameSite {
    if reader.given(name).as_deref() == Some("None") {
        reader.refuse(
            name,
            "cannot be None, because other sites could then act for the signed-in person",
            "write Lax or Strict",
        );
        return SameSite::Lax;
    }
    reader.choice(name, &[("Lax", SameSite::Lax), ("Strict", SameSite::Strict)], "Lax")
}

/// The name as browsers see it, with the prefix that a secure cookie carries.
fn read_cookie_name(reader: &mut Reader<'_>, setting: &'static str, default: &str, transport: Transport) -> String {
    let name = reader.text_or(setting, default);
    let spec = |name: &str| CookieSpec::new(name, transport, SameSite::Lax, Readable::ByServerOnly);
    let full = match spec(&name) {
        Ok(spec) => spec.name().to_owned(),
        Err(_) => {
            reader.refuse(setting, "is no name for a cookie", "use letters, digits, - and _");
            default.to_owned()
        }
    };
    reader.show(setting, Some(&full));
    full
}

fn read_https(reader: &mut Reader<'_>, site_url: &SiteUrl, one_pc: bool) -> HttpsPolicy {
    let redirect = if read_redirect(reader, one_pc) { Redirect::On } else { Redirect::Off };
    let hsts = read_hsts(reader, one_pc);
    let loopback = if one_pc { LoopbackPlain::Allowed } else { LoopbackPlain::Refused };
    let port = site_url.host.port().unwrap_or_else(|| Scheme::Https.default_port());
    HttpsPolicy { redirect, hsts, loopback, port, ..HttpsPolicy::production() }
}

fn read_redirect(reader: &mut Reader<'_>, one_pc: bool) -> bool {
    const NAME: &str = "SECURE_SSL_REDIRECT";
    let production = reader.mode == Mode::Production;
    // Without TLS there is nothing to redirect to.
    let redirect = reader.boolean(NAME, production && !one_pc);
    if redirect && one_pc {
        reader.refuse(NAME, "is True while nothing here speaks https", "remove it, or give SITE_URL an https address");
    }
    if production && !redirect && !one_pc {
        reader.warn(NAME, "is off", "remove it, so that nobody signs in over plain http");
    }
    redirect
}

fn read_hsts(reader: &mut Reader<'_>, one_pc: bool) -> Option<Hsts> {
    const NAME: &str = "SECURE_HSTS_SECONDS";
    let production = reader.mode == Mode::Production && !one_pc;
    let year = if production { Hsts::YEAR.seconds } else { 0 };
    let seconds = reader.number(NAME, year, 0..=Hsts::YEAR.seconds * 10);
    let include_subdomains = reader.boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", production);
    let preload = reader.boolean("SECURE_HSTS_PRELOAD", production);
    if production && seconds < Hsts::YEAR.seconds {
        reader.warn(NAME, "is less than a year", "remove it, so that browsers remember to use https");
    }
    (seconds > 0).then_some(Hsts { seconds, include_subdomains, preload })
}

fn read_frame_options(reader: &mut Reader<'_>) {
    const NAME: &str = "X_FRAME_OPTIONS";
    let text = reader.text_or(NAME, "DENY");
    if text != "DENY" {
        reader.refuse(
            NAME,
            "can only be DENY, because a page shown inside another can be made to be clicked",
            "remove it",
        );
    }
}
