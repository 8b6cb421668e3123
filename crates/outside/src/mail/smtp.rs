//! Mail by SMTP, encrypted by rustls.
//!
//! Owns the connection's rules: how long it may take, and which answers of a
//! server are worth another attempt.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Code;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{MailError, MailSettingsError, Message, Sender};

/// For one message, from the first packet to the last answer.
const WHOLE_LIMIT: Duration = Duration::from_secs(30);

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Encrypted from the first byte.
    Implicit,
    /// Upgraded, or given up.
    StartTls,
    /// Not at all.
    Plain,
}

/// What is needed to reach a server.
pub(super) struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<(String, String)>,
    /// Header by which the service recognises a repetition.
    pub(super) key: Option<&'static str>,
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
    key: Option<&'static str>,
    limit: Duration,
    description: String,
}

impl SmtpMailer {
    pub(super) fn new(settings: SmtpSettings, from: Sender) -> Result<Self, MailSettingsError> {
        let SmtpSettings { host, port, security, login, key } = settings;
        let parameters = || TlsParameters::new(host.clone()).map_err(|_| MailSettingsError::Host);
        let tls = match security {
            Security::Implicit => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::Plain => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .timeout(Some(WHOLE_LIMIT))
            // The machine's own name says nothing to the server and may be private.
            .hello_name(ClientId::Domain(from.domain().to_owned()));
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user, password));
        }
        let protection = match security {
            Security::Implicit => "TLS",
            Security::StartTls => "STARTTLS",
            Security::Plain => "not encrypted",
        };
        Ok(Self {
            transport: builder.build(),
            from,
            key,
            limit: WHOLE_LIMIT,
            description: format!("mail server {host}:{port}, {protection}"),
        })
    }

    /// Shortens the limit, for tests that wait for it.
    #[cfg(test)]
    pub(super) fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(super) fn description(&self) -> String {
        self.description.clone()
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), MailError> {
        let message = message.to_lettre(&self.from, self.key)?;
        match tokio::time::timeout(self.limit, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(verdict(&error)),
            Err(_) => Err(MailError { retry: true, reason: "the mail server took too long to answer".into() }),
        }
    }
}

/// Only a server's definite no is final. A refused sign-in is not: the password
/// is repaired by a person, and the mail should then still go out.
fn verdict(error: &lettre::transport::smtp::Error) -> MailError {
    let refused_sign_in = error.status().is_some_and(is_about_signing_in);
    MailError { retry: !error.is_permanent() || refused_sign_in, reason: reason(error) }
}

/// The answers 530, 534, 535 and 538 (RFC 4954, 4 and 6).
fn is_about_signing_in(code: Code) -> bool {
    matches!(u16::from(code), 530 | 534 | 535 | 538)
}

/// The error with its causes, which lettre keeps apart.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut inner = std::error::Error::source(error);
    while let Some(cause) = inner {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        inner = cause.source();
    }
    text
}
