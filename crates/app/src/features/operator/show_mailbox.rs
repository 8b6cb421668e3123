//! `/admin/correo/`: what would have been sent.

use crate::{
    features::operator::mailbox::{self, StoredMail},
    kernel::{App, PersonPage},
    texts::operator::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use uuid::Uuid;
use web::{AppError, PageContext};

/// How many of the newest are listed.
const LISTED: i64 = 100;

#[derive(Template)]
#[template(path = "operator/mailbox.html")]
struct MailboxPage<'a> {
    page: &'a PageContext,
    t: Texts,
    mails: Vec<StoredMail>,
}

#[derive(Template)]
#[template(path = "operator/mail.html")]
struct MailPage<'a> {
    page: &'a PageContext,
    t: Texts,
    mail: StoredMail,
}

/// Lists the newest.
pub async fn list(State(app): State<App>, page: PersonPage) -> Result<Response, AppError> {
    let mails = mailbox::newest(&app.db, LISTED).await?;
    page.show(&MailboxPage { page: &page, t: Texts(page.lang), mails })
}

/// Shows the text of one; its HTML part is never shown inside a page of ours.
pub async fn one(State(app): State<App>, page: PersonPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let mail = mailbox::one(&app.db, id).await?.ok_or(AppError::NotFound)?;
    page.show(&MailPage { page: &page, t: Texts(page.lang), mail })
}
