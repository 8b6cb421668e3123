//! A message, checked when it is made.
//!
//! **Invariant:** nothing in a [`Message`] can add a header or a recipient:
//! addresses are parsed, the subject holds no control characters, and the
//! bodies travel encoded.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use uuid::Uuid;

use super::MailError;

/// Longest address, without the brackets of the 256 octets of a path (RFC 5321,
/// 4.5.3.1.3).
const ADDRESS_BYTES: usize = 254;
/// Longest subject; far more than any mailbox shows.
const SUBJECT_CHARS: usize = 250;
/// Longest body; a message is a few lines with a link.
const BODY_BYTES: usize = 1024 * 1024;

/// Why a message, an address or a sender was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// Not an address that mail servers everywhere take.
    Address,
    /// The sender is not `address` or `Name <address>`.
    Sender,
    /// Empty, too long, or with a control character.
    Subject,
    /// Too long.
    Body,
    /// Before 1970.
    Time,
}

impl std::fmt::Display for MessageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            MessageError::Address => "not a usable mail address",
            MessageError::Sender => "a sender is written address or Name <address>",
            MessageError::Subject => "a subject is one line of at most 250 characters",
            MessageError::Body => "a body has at most a mebibyte",
            MessageError::Time => "a message is from 1970 or later",
        })
    }
}

impl std::error::Error for MessageError {}

/// An address that was parsed. The part before the `@` is ASCII, because few
/// servers take anything else (RFC 6531); the domain may be international.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(Address);

impl MailAddress {
    /// The address as written.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn domain(&self) -> &str {
        self.0.domain()
    }
}

impl FromStr for MailAddress {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        if text.len() > ADDRESS_BYTES || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(MessageError::Address);
        }
        let address = Address::from_str(text).map_err(|_| MessageError::Address)?;
        // Quoted local parts are legal and refused by most services; what they
        // may hold is not worth the doubt.
        let is_plain = address.user().is_ascii() && !address.user().contains(['"', '\\', ',', ';', '<', '>']);
        if is_plain { Ok(Self(address)) } else { Err(MessageError::Address) }
    }
}

/// Who mail comes from: `DEFAULT_FROM_EMAIL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: MailAddress,
}

impl Sender {
    pub(super) fn domain(&self) -> &str {
        self.address.domain()
    }
}

impl FromStr for Sender {
    type Err = MessageError;

    /// Reads `address` or `Name <address>`.
    fn from_str(text: &str) -> Result<Self, MessageError> {
        if text.chars().any(char::is_control) {
            return Err(MessageError::Sender);
        }
        let mailbox = Mailbox::from_str(text.trim()).map_err(|_| MessageError::Sender)?;
        let text: &str = mailbox.email.as_ref();
        let address = text.parse().map_err(|_| MessageError::Sender)?;
        Ok(Self { name: mailbox.name, address })
    }
}

/// What a message is made of, unchecked.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The id of what causes it, the same at every attempt.
    pub id: Uuid,
    /// When it was caused; µs UTC.
    pub at_us: i64,
    /// To whom.
    pub to: MailAddress,
    /// One line.
    pub subject: String,
    /// For those who read text, and for those who do not trust the other.
    pub text: String,
    /// The same as a page, if there is one; escaped by the template.
    pub html: Option<String>,
}

/// A message that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    id: Uuid,
    at: SystemTime,
    to: MailAddress,
    subject: String,
    text: String,
    html: Option<String>,
}

impl Message {
    /// Checks a message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(new: NewMessage) -> Result<Self, MessageError> {
        let NewMessage { id, at_us, to, subject, text, html } = new;
        let subject_is_wrong = subject.trim().is_empty()
            || subject.chars().count() > SUBJECT_CHARS
            || subject.chars().any(char::is_control);
        if subject_is_wrong {
            return Err(MessageError::Subject);
        }
        if text.len() > BODY_BYTES || html.as_ref().is_some_and(|html| html.len() > BODY_BYTES) {
            return Err(MessageError::Body);
        }
        let since = u64::try_from(at_us).map_err(|_| MessageError::Time)?;
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(since);
        Ok(Self { id, at, to, subject, text, html })
    }

    /// The id of what caused it.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// To whom.
    pub fn to(&self) -> &MailAddress {
        &self.to
    }

    /// One line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The page, if there is one.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// The message as it travels. `key` names a further header that is to carry
    /// the id, for services that recognise a repetition by it.
    pub(super) fn to_lettre(&self, from: &Sender, key: Option<&'static str>) -> Result<lettre::Message, MailError> {
        let mut builder = lettre::Message::builder()
            .from(Mailbox::new(from.name.clone(), from.address.0.clone()))
            .to(Mailbox::new(None, self.to.0.clone()))
            .subject(self.subject.clone())
            .date(self.at)
            .message_id(Some(format!("<{}@{}>", self.id, from.domain())))
            // Holiday notices do not answer it (RFC 3834, 5).
            .raw_header(header("Auto-Submitted", "auto-generated".into()));
        if let Some(name) = key {
            builder = builder.raw_header(header(name, self.id.to_string()));
        }
        let built = match &self.html {
            None => builder.header(lettre::message::header::ContentType::TEXT_PLAIN).body(self.text.clone()),
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(self.text.clone(), html.clone())),
        };
        built.map_err(|error| MailError { retry: false, reason: format!("the message cannot be built: {error}") })
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
