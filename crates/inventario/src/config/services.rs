//! Services elsewhere: mail, SMS, the wording of insights. A service is set up
//! whole or visibly off; half of it is an error that names the missing part.

use super::reader::{Mode, Reader};
use super::secret::Secret;

/// How mail leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mail {
    /// By SMTP.
    Smtp(Secret),
    /// Into a folder, one `.eml` each.
    Folder(String),
    /// By Resend's API.
    Resend(Secret),
    /// Into the mailbox of the installation.
    Mailbox,
}

/// Twilio's three settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twilio {
    /// The account.
    pub account_sid: String,
    /// Its token.
    pub auth_token: Secret,
    /// Number or messaging service.
    pub from: String,
}

/// The service that words insights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAi {
    /// Its key.
    pub api_key: Secret,
    /// Its address.
    pub base_url: String,
    /// The model.
    pub model: String,
}

/// Everything about services.
#[derive(Debug, Clone)]
pub struct Services {
    /// How mail leaves.
    pub mail: Mail,
    /// The sender.
    pub from_email: String,
    /// SMS; `None`: off.
    pub twilio: Option<Twilio>,
    /// Wording of insights; `None`: templates.
    pub open_ai: Option<OpenAi>,
}

impl Services {
    /// Reads the settings of this part; the sender's default is built from the site's host.
    pub fn read(reader: &mut Reader<'_>, site_host: &str) -> Self {
        let mail = read_mail(reader);
        let from_email = reader.text_or("DEFAULT_FROM_EMAIL", &format!("Inventario <no-reply@{site_host}>"));
        if !from_email.contains('@') || from_email.contains(char::is_control) {
            reader.refuse("DEFAULT_FROM_EMAIL", "is no address", "write name@example.com or Name <name@example.com>");
        }
        Self { mail, from_email, twilio: read_twilio(reader), open_ai: read_open_ai(reader) }
    }
}

fn read_mail(reader: &mut Reader<'_>) -> Mail {
    const NAME: &str = "EMAIL_URL";
    let url = reader.secret(NAME);
    let resend = reader.secret("RESEND_API_KEY");
    match (url, resend) {
        (Some(url), _) => match url.expose().split_once("://") {
            Some(("smtp" | "smtps", rest)) if !rest.is_empty() => Mail::Smtp(url),
            Some(("file", folder)) if folder.starts_with('/') => Mail::Folder(folder.to_owned()),
            _ => {
                reader.refuse(NAME, "cannot be read", "begin it with smtp://, smtps:// or file:///");
                Mail::Mailbox
            }
        },
        (None, Some(key)) => Mail::Resend(key),
        (None, None) => {
            if reader.mode == Mode::Production {
                reader.warn(
                    NAME,
                    "is not given, so mail stays in the local mailbox",
                    "give EMAIL_URL or RESEND_API_KEY, so that people get their verification and reset mails",
                );
            }
            Mail::Mailbox
        }
    }
}

fn read_twilio(reader: &mut Reader<'_>) -> Option<Twilio> {
    let account_sid = reader.text("TWILIO_ACCOUNT_SID");
    let auth_token = reader.secret("TWILIO_AUTH_TOKEN");
    let from = reader.text("TWILIO_FROM");
    let given = [
        ("TWILIO_ACCOUNT_SID", account_sid.is_some()),
        ("TWILIO_AUTH_TOKEN", auth_token.is_some()),
        ("TWILIO_FROM", from.is_some()),
    ];
    if let (Some(account_sid), Some(auth_token), Some(from)) = (account_sid, auth_token, from) {
        return Some(Twilio { account_sid, auth_token, from });
    }
    if given.iter().any(|(_, given)| *given) {
        for (name, _) in given.iter().filter(|(_, given)| !given) {
            reader.refuse(name, "is missing while other settings of Twilio are given", "give all three or none");
        }
    }
    None
}

fn read_open_ai(reader: &mut Reader<'_>) -> Option<OpenAi> {
    let api_key = reader.secret("OPENAI_API_KEY");
    let base_url = reader.text_or("OPENAI_BASE_URL", "https://api.openai.com/v1");
    let model = reader.text("OPENAI_MODEL");
    if !base_url.starts_with("https://") && !base_url.starts_with("http://") {
        reader.refuse("OPENAI_BASE_URL", "is no address", "write it with https://");
    }
    match (api_key, model) {
        (Some(api_key), Some(model)) => Some(OpenAi { api_key, base_url, model }),
        (Some(_), None) => {
            reader.refuse(
                "OPENAI_MODEL",
                "is missing while OPENAI_API_KEY is given",
                "name the model that the service is asked for",
            );
            None
        }
        (None, _) => None,
    }
}
