//! Addresses of databases: `postgresql://user:password@host:port/name?sslmode=…`,
//! `sqlite:///relative` and `sqlite:////absolute`.
//!
//! Parts are percent-encoded (RFC 3986 §2.1), so that a password may hold any
//! character. **Invariant:** no error repeats any part of the address.

use std::fmt;
use std::path::PathBuf;

use super::secret::Secret;

/// Where the data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// One file on this machine.
    Sqlite {
        /// As written: relative to the working directory unless absolute.
        path: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

/// The parts of an address of PostgreSQL, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Who connects; `None` leaves it to the server's default.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// A name, an address, or the folder of a socket; empty means this machine.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// What `sslmode` asks for, if it stands there.
    pub ssl_mode: Option<SslMode>,
    /// The address as given, for the driver.
    pub whole: Secret,
}

/// PostgreSQL's words for how a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// In the clear.
    Disable,
    /// In the clear unless the server insists.
    Allow,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, by a server whose certificate somebody trusted signed.
    VerifyCa,
    /// That, and the certificate is for this host.
    VerifyFull,
}

impl SslMode {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// Why an address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseUrlError {
    /// Not one of the schemes.
    Scheme,
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8.
    Encoding,
    /// The part of the host cannot be read, as happens with an unencoded password.
    Host,
    /// The port is no number.
    Port,
    /// There is no name of a database, or no file.
    Name,
    /// A parameter that is not known.
    Parameter,
    /// A word that `sslmode` does not know.
    SslMode,
}

impl fmt::Display for DatabaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "begin it with postgresql://, postgres:// or sqlite:///",
            Self::Encoding => "write a % itself as %25; after any other % stand two hexadecimal digits",
            Self::Host => {
                "percent-encode special characters of the password (@ is %40, / is %2F, : is %3A, # is %23, ? is %3F)"
            }
            Self::Port => "give the port as a number from 1 to 65535 behind the host",
            Self::Name => "end it with the database's name, as postgresql://host/name or sqlite:///file",
            Self::Parameter => "of the parameters only sslmode, host and application_name are known",
            Self::SslMode => "sslmode is disable, allow, prefer, require, verify-ca or verify-full",
        })
    }
}

impl DatabaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// What to write instead, without repeating anything of it.
    pub fn parse(url: &str) -> Result<Self, DatabaseUrlError> {
        let url = url.trim();
        if let Some(path) = url.strip_prefix("sqlite:///") {
            let path = decode(path)?;
            if path.is_empty() || path.ends_with('/') || path.contains(['?', '#', '\0']) {
                return Err(DatabaseUrlError::Name);
            }
            return Ok(Self::Sqlite { path: PathBuf::from(path) });
        }
        let rest = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://"));
        rest.map_or(Err(DatabaseUrlError::Scheme), |rest| parse_postgres(url, rest).map(Self::Postgres))
    }

    /// The address without its password, for people.
    pub fn masked(&self) -> String {
        match self {
            Self::Sqlite { path } => format!("sqlite:///{}", path.display()),
            Self::Postgres(postgres) => {
                let user = postgres.user.as_deref().unwrap_or("");
                let password = if postgres.password.is_some() { ":********" } else { "" };
                let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
                let PostgresUrl { host, port, database, .. } = postgres;
                format!("postgresql://{user}{password}{at}{host}:{port}/{database}")
            }
        }
    }
}

impl PostgresUrl {
    /// True when the server is this machine.
    pub fn is_local(&self) -> bool {
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        name.is_empty()
            || name.starts_with('/')
            || name == "localhost"
            || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn parse_postgres(whole: &str, rest: &str) -> Result<PostgresUrl, DatabaseUrlError> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    if rest.contains('#') || query.contains('#') {
        return Err(DatabaseUrlError::Host);
    }
    let (authority, database) = rest.split_once('/').ok_or(DatabaseUrlError::Name)?;
    let (user_info, address) = match authority.rsplit_once('@') {
        Some((user_info, _)) if user_info.contains('@') => return Err(DatabaseUrlError::Host),
        Some((user_info, address)) => (Some(user_info), address),
        None => (None, authority),
    };
    let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
        Some((_, password)) if password.contains(':') => return Err(DatabaseUrlError::Host),
        Some((user, password)) => (some(decode(user)?), some(decode(password)?)),
        None => (None, None),
    };
    let (mut host, port) = parse_address(address)?;
    let database = decode(database)?;
    if database.is_empty() || database.contains('/') {
        return Err(DatabaseUrlError::Name);
    }
    let mut ssl_mode = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value)?;
        match name {
            "sslmode" => ssl_mode = Some(SslMode::parse(&value).ok_or(DatabaseUrlError::SslMode)?),
            "host" => host = value,
            "application_name" => {}
            _ => return Err(DatabaseUrlError::Parameter),
        }
    }
    let password = password.map(Secret::new);
    Ok(PostgresUrl { user, password, host, port, database, ssl_mode, whole: Secret::new(whole) })
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn parse_address(address: &str) -> Result<(String, u16), DatabaseUrlError> {
    const DEFAULT_PORT: u16 = 5432;
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (inside, after) = rest.split_once(']').ok_or(DatabaseUrlError::Host)?;
            inside.parse::<std::net::Ipv6Addr>().map_err(|_| DatabaseUrlError::Host)?;
            (format!("[{inside}]"), after.strip_prefix(':'))
        }
        None => match address.split_once(':') {
            Some((host, port)) => (decode(host)?, Some(port)),
            None => (decode(address)?, None),
        },
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._[]:/".contains(c);
    if !host.chars().all(allowed) {
        return Err(DatabaseUrlError::Host);
    }
    match port {
        None => Ok((host, DEFAULT_PORT)),
        Some(digits) => match digits.parse::<u16>() {
            Ok(port) if port > 0 => Ok((host, port)),
            _ => Err(DatabaseUrlError::Port),
        },
    }
}

/// Percent-decoding; `+` is a plus.
fn decode(text: &str) -> Result<String, DatabaseUrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            // Two hexadecimal digits are at most 255.
            (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
            _ => return Err(DatabaseUrlError::Encoding),
        }
    }
    String::from_utf8(bytes).map_err(|_| DatabaseUrlError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(url: &str) -> PostgresUrl {
        match DatabaseUrl::parse(url) {
            Ok(DatabaseUrl::Postgres(parts)) => parts,
            other => panic!("{url} is {other:?}"),
        }
    }

    #[test]
    fn passwords_may_hold_any_character() {
        let parts = postgres(
            "postgresql://tienda:a%40b%2Fc%3Ad%23e%3Ff%25g+%C3%B1@db.example:6432/negocio?sslmode=verify-full",
        );
        assert_eq!(parts.password.map(|p| p.expose().to_owned()).as_deref(), Some("a@b/c:d#e?f%g+ñ"));
        assert_eq!((parts.user.as_deref(), parts.host.as_str(), parts.port), (Some("tienda"), "db.example", 6432));
        assert_eq!((parts.database.as_str(), parts.ssl_mode), ("negocio", Some(SslMode::VerifyFull)));
    }

    #[test]
    fn addresses_have_defaults() {
        let cases = [
            ("postgres://localhost/a", "localhost", 5432, true),
            ("postgres://u@127.0.0.1/a", "127.0.0.1", 5432, true),
            ("postgres://u@[::1]:5433/a", "[::1]", 5433, true),
            ("postgres:///a?host=/run/postgresql", "/run/postgresql", 5432, true),
            ("postgres://db.example/a", "db.example", 5432, false),
        ];
        for (url, host, port, local) in cases {
            let parts = postgres(url);
            assert_eq!((parts.host.as_str(), parts.port, parts.is_local()), (host, port, local), "{url}");
        }
    }

    #[test]
    fn sqlite_is_relative_with_three_slashes_and_absolute_with_four() {
        for (url, path) in [
            ("sqlite:///db.sqlite3", "db.sqlite3"),
            ("sqlite:////srv/db.sqlite3", "/srv/db.sqlite3"),
            ("sqlite:///mi%20tienda.sqlite3", "mi tienda.sqlite3"),
        ] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::Sqlite { path: PathBuf::from(path) }));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_own_remedy() {
        use DatabaseUrlError as E;
        let cases = [
            ("mysql://a/b", E::Scheme),
            ("", E::Scheme),
            ("sqlite://db.sqlite3", E::Scheme),
            ("sqlite:///", E::Name),
            ("postgres://host", E::Name),
            ("postgres://host/", E::Name),
            ("postgres://u:p@ss@host/a", E::Host),
            ("postgres://u:p:q@host/a", E::Host),
            ("postgres://u:p#q@host/a", E::Host),
            ("postgres://u:p/q@host/a", E::Port),
            ("postgres://u:100%@host/a", E::Encoding),
            ("postgres://u:%ff@host/a", E::Encoding),
            ("postgres://host:0/a", E::Port),
            ("postgres://host:99999/a", E::Port),
            ("postgres://ho st/a", E::Host),
            ("postgres://host/a?sslmode=on", E::SslMode),
            ("postgres://host/a?options=-c", E::Parameter),
        ];
        for (url, error) in cases {
            assert_eq!(DatabaseUrl::parse(url), Err(error), "{url}");
        }
    }

    #[test]
    fn a_password_is_printed_nowhere() {
        let url = DatabaseUrl::parse("postgres://u:canary@h/a").unwrap();
        let printed = format!("{} {url:?}", url.masked());
        assert!(!printed.contains("canary"), "{printed}");
        assert_eq!(url.masked(), "postgresql://u:********@h:5432/a");
    }
}
