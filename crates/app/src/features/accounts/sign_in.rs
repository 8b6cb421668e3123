//! `/login/`: user name or address, and password.
//!
//! **Invariant:** a guess is counted before it is looked at, and an unknown name
//! costs the time and the tries of a known one.

use crate::{
    features::accounts::{
        credentials::{self, Credentials},
        mail_limit,
        people::username_key,
        verify_email,
    },
    kernel::{App, Body, PersonPage, nav, request::own_path, state::EmailVerification},
    texts::accounts::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use guard::{
    Current,
    guard::{SecondFactor, SignIn},
    password::Verified,
    rate_limit::{self, Admission, SignInGuess},
};
use web::{
    AppError, Draft, FormReader, PageContext, Problem, Text,
    flash::{Flash, Tone},
    form::Said,
    query::Query,
};

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    next: String,
}

/// Shows the form.
pub async fn show(page: PersonPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    if let Some(asker) = &page.asker {
        return Ok(Redirect::to(nav::home_of(asker)).into_response());
    }
    let query = Query::parse(query.as_deref())?;
    let next = query.get("next").and_then(own_path).unwrap_or_default().to_owned();
    page.show(&SignInPage { page: &page, t: Texts(page.lang), draft: Draft::new(), next })
}

/// Signs in.
pub async fn submit(
    State(app): State<App>,
    current: Current,
    page: PersonPage,
    Body(body): Body,
) -> Result<Response, AppError> {
    let mut form = FormReader::new(&body, &page.format)?;
    let username = form.text("username", Text::required(254));
    let password = form.secret("password");
    let next = form.text("next", Text::optional(2_000)).unwrap_or_default();
    let next = own_path(&next).unwrap_or_default().to_owned();
    let t = Texts(page.lang);
    let again = |draft: Draft| {
        let draft = draft.labelled(&[("username", t.sign_in_username()), ("password", t.sign_in_password())]);
        page.show(&SignInPage { page: &page, t, draft, next: next.clone() })
    };
    let ((username, password), mut draft) = match form.finish(|| Some((username?, password?))) {
        Ok(read) => read,
        Err(draft) => return again(draft),
    };
    let found = match prove(&app, &current, &username, &password).await? {
        Proof::Right(found) => found,
        Proof::Wrong => {
            tracing::info!(address = %current.client().address, "sign-in refused: wrong name or password");
            draft.refuse("password", Problem::Said(Said::new(|lang| Texts(lang).sign_in_wrong())));
            return again(draft);
        }
    };
    if let Some(reason) = not_yet(&app, &current, &page, &found).await? {
        draft.refuse("username", reason);
        return again(draft);
    }
    enter(&app, &current, &found, &next).await
}

enum Proof {
    Right(Box<Credentials>),
    Wrong,
}

async fn prove(app: &App, current: &Current, username: &str, password: &str) -> Result<Proof, AppError> {
    // One limit a person, whether their name or their address is typed; a name that nobody
    // has is counted under itself, so that the limit does not tell which exist.
    let found = credentials::find(&app.db, username).await?;
    let account = found.as_ref().map_or_else(|| username_key(username), Credentials::guess_key);
    let guess = SignInGuess { account: &account, address: current.client().address, known_device: None };
    let now_us = app.now_us();
    let ticket = match rate_limit::admit_sign_in(&app.limits, guess, now_us).await? {
        Admission::Admitted(ticket) => ticket,
        Admission::Refused { kind, until } => {
            tracing::warn!(limit = kind.as_str(), address = %current.client().address, "sign-in refused: too many tries");
            return Err(AppError::RateLimited { retry_after_s: rate_limit::retry_after_s(until, now_us) });
        }
    };
    let stored = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let verified = app.passwords.verify(password, stored).await.map_err(|_| AppError::Unavailable)?;
    let (Some(found), Verified::Right | Verified::RightButRehash) = (found, verified) else {
        return Ok(Proof::Wrong);
    };
    ticket.give_back(&app.limits).await?;
    if let (Verified::RightButRehash, Some(old)) = (verified, &found.password_hash) {
        let new = app.passwords.hash(password).await.map_err(|_| AppError::Unavailable)?;
        credentials::rehash(&app.db, found.user, old, new).await?;
    }
    Ok(Proof::Right(Box::new(found)))
}

/// What still keeps somebody out whose password was right.
async fn not_yet(
    app: &App,
    current: &Current,
    page: &PersonPage,
    found: &Credentials,
) -> Result<Option<Problem>, AppError> {
    let must_verify = app.settings.email_verification == EmailVerification::Mandatory && !found.is_vouched_for;
    if let (true, false, Some(email)) = (must_verify, found.email_verified, &found.email) {
        if mail_limit::admit(app, current, email).await? {
            verify_email::send_again(app, page, found.user, &found.username, email).await?;
        }
        return Ok(Some(Problem::Said(Said::new(|lang| Texts(lang).sign_in_unverified()))));
    }
    if !found.active {
        return Ok(Some(Problem::Said(Said::new(|lang| Texts(lang).sign_in_inactive()))));
    }
    Ok(None)
}

async fn enter(app: &App, current: &Current, found: &Credentials, next: &str) -> Result<Response, AppError> {
    let shop_id = credentials::first_shop(&app.db, found.user).await?;
    let proof = SignIn { user_id: found.user.0, shop_id, second_factor: SecondFactor::NotShown, known_device: None };
    let session = app.guard.sign_in(current, proof).await?;
    tracing::info!(user = %found.user, address = %current.client().address, "signed in");
    let asker = super::asker::load(&app.db, &session).await?;
    let home = asker.as_ref().map_or("/", nav::home_of);
    let is_due = asker.as_ref().is_some_and(|asker| asker.must_change_password);
    Ok(Redirect::to(if next.is_empty() || is_due { home } else { next }).into_response())
}

/// A flash for the sign-in page.
pub fn told(page: &PageContext, text: &str) -> web::flash::FlashCookie {
    Flash::new(Tone::Ok, text).cookie(page.secure)
}
