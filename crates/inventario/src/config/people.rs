//! People: their sessions, passwords, registration and ways to sign in.

use guard::validators::{PASSWORD_LENGTH_DEFAULT, PASSWORD_LENGTH_FLOOR, PasswordPolicy, PolicyProblem, Validator};

use super::reader::{Mode, Reader};
use super::secret::Secret;

/// Longest session that is allowed: the page's 14 days.
const SESSION_AGE_SECONDS_MAX: u32 = 1_209_600;
/// Longest time without use: 12 hours.
const SESSION_IDLE_SECONDS_MAX: u32 = 43_200;
/// A longest shortest password, so that a slip of the finger locks nobody out.
const PASSWORD_LENGTH_MIN_MAX: u32 = 128;

/// How a new password is hashed. Older hashes are read whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordHasher {
    /// Argon2id, 46 MiB.
    Argon2id,
    /// PBKDF2 with SHA-256, at least 1,000,000 rounds.
    Pbkdf2Sha256,
}

/// What happens with somebody who registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// They may begin at once.
    Open,
    /// A superuser activates them.
    Approval,
    /// Nobody can register.
    Closed,
}

/// Whether an address must be verified before the first sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerification {
    /// It must.
    Mandatory,
    /// It is asked for, and signing in works without.
    Optional,
    /// It is not asked for.
    None,
}

/// Sign-in with Google or another OpenID provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenId {
    /// Whose sign-in it is.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Secret,
}

/// Everything about people.
#[derive(Debug, Clone)]
pub struct People {
    /// Seconds without use after which a session ends.
    pub session_idle_seconds: u32,
    /// Seconds after which a session ends whatever happens.
    pub session_age_seconds: u32,
    /// The rules for passwords.
    pub passwords: PasswordPolicy,
    /// How new passwords are hashed.
    pub password_hasher: PasswordHasher,
    /// Who may register.
    pub registration: Registration,
    /// Whether an address must be verified.
    pub email_verification: EmailVerification,
    /// Sign-in elsewhere; `None`: no button.
    pub open_id: Option<OpenId>,
}

impl People {
    /// Reads the settings of this part.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        reader.fixed("SESSION_EXPIRE_AT_BROWSER_CLOSE", true, "the till's next user would find the last one signed in");
        let session_idle_seconds =
            reader.number("SESSION_IDLE_SECONDS", SESSION_IDLE_SECONDS_MAX, 60..=SESSION_IDLE_SECONDS_MAX);
        let session_age_seconds =
            reader.number("SESSION_COOKIE_AGE", SESSION_AGE_SECONDS_MAX, 60..=SESSION_AGE_SECONDS_MAX);
        let passwords = read_passwords(reader);
        let password_hasher = reader.choice(
            "PASSWORD_HASHERS",
            &[("argon2id", PasswordHasher::Argon2id), ("pbkdf2_sha256", PasswordHasher::Pbkdf2Sha256)],
            "argon2id",
        );
        reader.fixed("ACCOUNT_EMAIL_REQUIRED", true, "a lost password could not be reset");
        read_protocol(reader);
        let email_verification = read_verification(reader);
        let registration = reader.choice(
            "REGISTRATION",
            &[("open", Registration::Open), ("approval", Registration::Approval), ("closed", Registration::Closed)],
            reader.mode.pick("open", "approval"),
        );
        let open_id = read_open_id(reader);
        Self {
            session_idle_seconds,
            session_age_seconds,
            passwords,
            password_hasher,
            registration,
            email_verification,
            open_id,
        }
    }
}

fn read_passwords(reader: &mut Reader<'_>) -> PasswordPolicy {
    const NAME: &str = "AUTH_PASSWORD_VALIDATORS";
    let all = Validator::ALL.map(Validator::name);
    let entries = reader.list(NAME, &all);
    let whole = |length: usize| u32::try_from(length).expect("the limits of a password are small");
    let length_min = reader.number(
        "PASSWORD_MIN_LENGTH",
        whole(PASSWORD_LENGTH_DEFAULT),
        whole(PASSWORD_LENGTH_FLOOR)..=PASSWORD_LENGTH_MIN_MAX,
    );
    match PasswordPolicy::from_names(&entries, length_min as usize) {
        Ok(policy) => policy,
        Err(problems) => {
            for problem in problems {
                match problem {
                    PolicyProblem::UnknownValidator(entry) => reader.refuse(
                        NAME,
                        &format!("has `{entry}`, which is no rule"),
                        &format!("the rules are {}", all.join(", ")),
                    ),
                    PolicyProblem::MissingValidator(missing) => {
                        reader.refuse(NAME, &format!("lacks {}", missing.name()), "add it: this one cannot be left out")
                    }
                    PolicyProblem::BadLength(_) => reader
                        .refuse("PASSWORD_MIN_LENGTH", "is not a number in its range", "remove it: the default is 10"),
                }
            }
            PasswordPolicy::default()
        }
    }
}

fn read_protocol(reader: &mut Reader<'_>) {
    const NAME: &str = "ACCOUNT_DEFAULT_HTTP_PROTOCOL";
    let given = reader.given(NAME);
    let default = reader.mode.pick("http", "https");
    let word = reader.choice(NAME, &[("https", "https"), ("http", "http")], default);
    if given.is_some() && word == "http" && reader.mode == Mode::Production {
        reader.refuse(
            NAME,
            "cannot be http when DEBUG is off, because links in mails would travel in the clear",
            "remove it: the scheme comes from SITE_URL",
        );
    }
}

fn read_verification(reader: &mut Reader<'_>) -> EmailVerification {
    const NAME: &str = "ACCOUNT_EMAIL_VERIFICATION";
    let choices = [
        ("mandatory", EmailVerification::Mandatory),
        ("optional", EmailVerification::Optional),
        ("none", EmailVerification::None),
    ];
    let chosen = reader.choice(NAME, &choices, "mandatory");
    if chosen != EmailVerification::Mandatory && reader.mode == Mode::Production {
        reader.warn(
            NAME,
            "is weaker than mandatory",
            "remove it, so that nobody registers with somebody else's address",
        );
    }
    chosen
}

fn read_open_id(reader: &mut Reader<'_>) -> Option<OpenId> {
    const GOOGLE: &str = "https://accounts.google.com";
    let client_id = reader.text("GOOGLE_CLIENT_ID");
    let client_secret = reader.secret("GOOGLE_CLIENT_SECRET");
    let issuer = reader.text("OIDC_ISSUER");
    if let Some(issuer) = &issuer
        && !issuer.starts_with("https://")
        && reader.mode == Mode::Production
    {
        reader.refuse("OIDC_ISSUER", "is not an https address", "give the issuer's address as its documents write it");
    }
    match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => {
            let issuer = issuer.unwrap_or_else(|| GOOGLE.to_owned());
            Some(OpenId { issuer, client_id, client_secret })
        }
        (None, None) => {
            if issuer.is_some() {
                reader.refuse(
                    "OIDC_ISSUER",
                    "is given without a client",
                    "give GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET too, or remove it",
                );
            }
            None
        }
        (Some(_), None) => {
            reader.refuse("GOOGLE_CLIENT_SECRET", "is missing while GOOGLE_CLIENT_ID is given", "give both or none");
            None
        }
        (None, Some(_)) => {
            reader.refuse("GOOGLE_CLIENT_ID", "is missing while GOOGLE_CLIENT_SECRET is given", "give both or none");
            None
        }
    }
}
