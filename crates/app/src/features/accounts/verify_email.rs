//! `/verificar-email/<uid>/<token>/`: the link that confirms an address.
//!
//! Opening it shows one button, so that a mail scanner burns nothing; the button
//! uses the token. Only a keyed hash of the token is stored: a stolen database
//! confirms nobody, and changing the key kills every link.

use crate::{
    features::{accounts::sign_in, operator::send_mail::SendMail},
    kernel::{App, PersonPage},
    texts::accounts::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use db::{DbError, ShopTx, SystemTx, params};
use domain::ids::UserId;
use guard::source::{HOUR_US, random_bytes};
use jobs::Stamp;
use uuid::Uuid;
use web::{AppError, PageContext};

db::statements! {
    system INSERT_TOKEN = "accounts.insert_token",
        "INSERT INTO one_time_token (token_hash, kind, user_id, created_at, expires_at)
         VALUES ($1, 'verify_email', $2, $3, $4)";
    system FIND_TOKEN = "accounts.find_token",
        "SELECT user_id
         FROM one_time_token
         WHERE token_hash = $1 AND kind = 'verify_email' AND used_at IS NULL AND expires_at > $2";
    system USE_TOKEN = "accounts.use_token",
        "UPDATE one_time_token
         SET used_at = $2
         WHERE token_hash = $1 AND kind = 'verify_email' AND used_at IS NULL AND expires_at > $2";
    system VERIFIED = "accounts.verified",
        "UPDATE app_user
         SET email_verified = TRUE, updated_at = $2, version = version + 1
         WHERE id = $1";
}

/// How long a link is good.
const LIFE_US: i64 = 24 * HOUR_US;
/// 48 bytes are 64 characters of base64.
const TOKEN_BYTES: usize = 48;

/// A link that was made but not yet written down.
#[derive(Debug)]
pub struct PreparedMail {
    user: UserId,
    token_hash: [u8; 32],
    mail: SendMail,
}

impl PreparedMail {
    /// Records token and mail in the transaction that creates the shop.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn record(&self, tx: &mut ShopTx) -> Result<(), DbError> {
        tx.exec_global(&INSERT_TOKEN, self.token()).await?;
        jobs::enqueue(tx, self.stamp(), &self.mail).await
    }

    async fn record_alone(&self, tx: &mut SystemTx) -> Result<(), DbError> {
        tx.exec_one(&INSERT_TOKEN, self.token()).await?;
        jobs::enqueue(tx, self.stamp(), &self.mail).await
    }

    fn token(&self) -> db::Params {
        params![self.token_hash, self.user.0, self.mail.created_at, self.mail.created_at + LIFE_US]
    }

    fn stamp(&self) -> Stamp {
        Stamp { id: self.mail.id, now_us: self.mail.created_at }
    }
}

/// Makes a link and the mail that brings it, in the reader's language.
pub fn prepare(app: &App, page: &PageContext, user: UserId, name: &str, email: &str) -> PreparedMail {
    let t = Texts(page.lang);
    let token = BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<TOKEN_BYTES>(&*app.sources.random));
    let link = format!("{}/verificar-email/{user}/{token}/", app.settings.site_url);
    let text = t.mail_verify_text(name, &link);
    let hashes: Vec<[u8; 32]> = token_hashes(app, user, &token);
    PreparedMail {
        user,
        token_hash: hashes[0],
        mail: SendMail {
            id: app.new_id(),
            recipient: email.to_owned(),
            subject: t.mail_verify_subject().to_owned(),
            body_html: html_of(&text),
            body_text: text,
            created_at: app.now_us(),
        },
    }
}

/// A mail's text as plain HTML paragraphs, its link clickable.
pub fn html_of(text: &str) -> String {
    let escape =
        |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let line = escape(paragraph.trim());
        if line.starts_with("https://") || line.starts_with("http://") {
            format!("<p><a href=\"{line}\">{line}</a></p>")
        } else {
            format!("<p>{line}</p>")
        }
    });
    paragraphs.collect()
}

/// Sends another link to somebody whose password was right.
///
/// # Errors
/// Whatever the database says.
pub async fn send_again(app: &App, page: &PageContext, user: UserId, name: &str, email: &str) -> Result<(), DbError> {
    let prepared = prepare(app, page, user, name, email);
    let recorded =
        app.db.system_write("send link again", async move |tx: &mut SystemTx| prepared.record_alone(tx).await).await;
    app.bell.ring();
    recorded
}

/// The hashes under which a token may be stored: the current key's first.
fn token_hashes(app: &App, user: UserId, token: &str) -> Vec<[u8; 32]> {
    app.keys.ring("verify email").codes(&[user.0.as_bytes(), token.as_bytes()]).collect()
}

#[derive(Template)]
#[template(path = "accounts/verify_email.html")]
struct VerifyPage<'a> {
    page: &'a PageContext,
    t: Texts,
    action: Option<String>,
}

/// Shows the button, or that the link no longer works.
pub async fn show(
    State(app): State<App>,
    page: PersonPage,
    Path((user, token)): Path<(Uuid, String)>,
) -> Result<Response, AppError> {
    let mut good = false;
    let mut read = app.db.system("verification link").await?;
    for hash in token_hashes(&app, UserId(user), &token) {
        good |= read.opt(&FIND_TOKEN, params![hash, app.now_us()]).await?.is_some();
    }
    let action = good.then(|| format!("/verificar-email/{user}/{token}/"));
    page.show(&VerifyPage { page: &page, t: Texts(page.lang), action })
}

/// Uses the link.
pub async fn submit(
    State(app): State<App>,
    page: PersonPage,
    Path((user, token)): Path<(Uuid, String)>,
) -> Result<Response, AppError> {
    let (hashes, now_us) = (token_hashes(&app, UserId(user), &token), app.now_us());
    let verified = app.db.system_write("verify address", async move |tx: &mut SystemTx| -> Result<bool, DbError> {
        for hash in &hashes {
            if tx.exec(&USE_TOKEN, params![*hash, now_us]).await? == 1 {
                tx.exec_one(&VERIFIED, params![user, now_us]).await?;
                return Ok(true);
            }
        }
        Ok(false)
    });
    let t = Texts(page.lang);
    if verified.await? {
        return Ok((sign_in::told(&page, t.verify_done()), Redirect::to("/login/")).into_response());
    }
    page.show(&VerifyPage { page: &page, t, action: None })
}
