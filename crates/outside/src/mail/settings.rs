//! `EMAIL_URL` and `RESEND_API_KEY`, read.
//!
//! **Invariant:** a password leaves for another machine only encrypted, and no
//! error repeats what was read.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::Url;

use super::smtp::{Security, SmtpMailer, SmtpSettings};
use super::{Mailer, Sender};

/// What is wrong with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSettingsError {
    /// It is not an address.
    NotAnAddress,
    /// It begins with something else than `smtp:`, `smtps:` or `file:`.
    Scheme,
    /// The mail server is missing or cannot be one.
    Host,
    /// User or password is missing, or not percent-encoded UTF-8.
    Login,
    /// A parameter other than `tls=required` or `tls=off`, or a path.
    Parameter,
    /// A password would travel without encryption.
    PasswordInPlain,
    /// The folder is not an absolute path.
    Folder,
    /// Resend's key is empty or has characters that no key has.
    Key,
}

impl std::fmt::Display for MailSettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAnAddress => "not an address such as smtps://user:password@mail.example.com",
            Self::Scheme => "mail leaves by smtp://, smtps:// or file:///folder",
            Self::Host => "the name of the mail server is missing or wrong",
            Self::Login => "user and password go together, percent-encoded",
            Self::Parameter => "after the server only ?tls=required or ?tls=off is understood",
            Self::PasswordInPlain => {
                "a password is not sent without encryption: use smtps://, or smtp:// without ?tls=off"
            }
            Self::Folder => "a folder is written file:///absolute/path",
            Self::Key => "the key of Resend is empty or has spaces in it",
        })
    }
}

impl std::error::Error for MailSettingsError {}

pub(super) fn mailer(text: &str, from: Sender) -> Result<Mailer, MailSettingsError> {
    let url = Url::parse(text.trim()).map_err(|_| MailSettingsError::NotAnAddress)?;
    match url.scheme() {
        "smtp" | "smtps" => Ok(Mailer::Smtp(Box::new(SmtpMailer::new(server(&url)?, from)?))),
        "file" => {
            let folder = url.to_file_path().map_err(|()| MailSettingsError::Folder)?;
            Ok(Mailer::files(folder, from))
        }
        _ => Err(MailSettingsError::Scheme),
    }
}

pub(super) fn resend(key: &str, from: Sender) -> Result<SmtpMailer, MailSettingsError> {
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(MailSettingsError::Key);
    }
    let settings = SmtpSettings {
        host: "smtp.resend.com".into(),
        port: 465,
        security: Security::Implicit,
        login: Some(("resend".into(), key.into())),
        key: Some("Resend-Idempotency-Key"),
    };
    SmtpMailer::new(settings, from)
}

fn server(url: &Url) -> Result<SmtpSettings, MailSettingsError> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailSettingsError::Host)?;
    // Brackets belong to the address's notation and not to the IPv6 address.
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let security = security(url, is_local)?;
    let login = login(url)?;
    if login.is_some() && security == Security::Plain && !is_local {
        return Err(MailSettingsError::PasswordInPlain);
    }
    let usual_port = match security {
        Security::Implicit => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    };
    Ok(SmtpSettings { host, port: url.port().unwrap_or(usual_port), security, login, key: None })
}

fn security(url: &Url, is_local: bool) -> Result<Security, MailSettingsError> {
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(MailSettingsError::Parameter);
    }
    match (url.scheme(), url.query()) {
        ("smtps", None) => Ok(Security::Implicit),
        ("smtp", None) if is_local => Ok(Security::Plain),
        ("smtp", None | Some("tls=required")) => Ok(Security::StartTls),
        ("smtp", Some("tls=off")) => Ok(Security::Plain),
        _ => Err(MailSettingsError::Parameter),
    }
}

fn login(url: &Url) -> Result<Option<(String, String)>, MailSettingsError> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| MailSettingsError::Login)?;
        Ok(text.into_owned())
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(MailSettingsError::Login),
        (user, Some(password)) => Ok(Some((decode(user)?, decode(password)?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SmtpSettings, MailSettingsError> {
        server(&Url::parse(text).map_err(|_| MailSettingsError::NotAnAddress)?)
    }

    #[test]
    fn an_address_says_server_port_and_protection() {
        let cases = [
            ("smtps://mail.example.com", "mail.example.com", 465, Security::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, Security::StartTls),
            ("smtp://mail.example.com:2525/", "mail.example.com", 2525, Security::StartTls),
            ("smtp://10.0.0.5?tls=off", "10.0.0.5", 25, Security::Plain),
            ("smtp://localhost", "localhost", 25, Security::Plain),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Security::Plain),
            ("smtp://[::1]:1025", "::1", 1025, Security::Plain),
            ("smtp://localhost?tls=required", "localhost", 587, Security::StartTls),
        ];
        for (text, host, port, security) in cases {
            let settings = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((settings.host.as_str(), settings.port, settings.security), (host, port, security), "{text}");
            assert_eq!(settings.login, None);
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let settings = read("smtps://ana%40tienda.co:a%2Fb%3A+%C3%B1@mail.example.com").unwrap();
        assert_eq!(settings.login, Some(("ana@tienda.co".into(), "a/b:+ñ".into())));
    }

    #[test]
    fn what_is_wrong_or_unsafe_is_refused() {
        use MailSettingsError::*;
        let cases = [
            ("mail.example.com", NotAnAddress),
            ("http://mail.example.com", Scheme),
            ("smtp://", Host),
            ("smtp://ana@mail.example.com", Login),
            ("smtp://:word@mail.example.com", Login),
            ("smtp://ana:%FF@mail.example.com", Login),
            ("smtp://ana:word@mail.example.com?tls=off", PasswordInPlain),
            ("smtp://mail.example.com?tls=maybe", Parameter),
            ("smtps://mail.example.com?tls=off", Parameter),
            ("smtp://mail.example.com/path", Parameter),
            ("file://elsewhere/folder", Folder),
        ];
        for (text, wanted) in cases {
            let from = "caja@tienda.co".parse().unwrap();
            assert_eq!(mailer(text, from).err(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_description_holds_no_secret() {
        let from: Sender = "caja@tienda.co".parse().unwrap();
        let secret = Mailer::from_url("smtps://ana:word@mail.example.com", from.clone()).unwrap();
        assert_eq!(format!("{secret:?}"), "Mailer(mail server mail.example.com:465, TLS)");
        let resend = Mailer::resend("re_word", from.clone()).unwrap();
        assert_eq!(format!("{resend:?}"), "Mailer(mail server smtp.resend.com:465, TLS)");
        assert_eq!(Mailer::resend("re word", from).err(), Some(MailSettingsError::Key));
    }
}
