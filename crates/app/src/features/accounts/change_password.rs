//! `/cambiar-password/`: also the one page that somebody may see whose password
//! another person chose.

use crate::{
    features::accounts::{
        asker::Asker,
        credentials::{self, ChosenBy, Credentials, NewPassword},
    },
    kernel::{App, Body, PersonPage, nav},
    texts::accounts::Texts,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use guard::{
    Current,
    password::Verified,
    rate_limit::{self, Admission, SignInGuess},
    validators::Attribute,
};
use web::{
    AppError, Draft, FormReader, PageContext, Problem,
    flash::{Flash, Tone},
    form::Said,
};

#[derive(Template)]
#[template(path = "accounts/change_password.html")]
struct ChangePage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    forced: bool,
    length_min: usize,
}

/// Shows the form.
pub async fn show(State(app): State<App>, asker: Asker, page: PersonPage) -> Result<Response, AppError> {
    form_page(&app, &asker, &page, Draft::new())
}

fn form_page(app: &App, asker: &Asker, page: &PageContext, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[
        ("old_password", t.change_old()),
        ("new_password1", t.change_new()),
        ("new_password2", t.change_again()),
    ]);
    let length_min = app.password_policy.length_min();
    page.show(&ChangePage { page, t, draft, forced: asker.must_change_password, length_min })
}

/// Changes the password, ends the person's other sessions and renews this one.
pub async fn submit(
    State(app): State<App>,
    current: Current,
    asker: Asker,
    page: PersonPage,
    Body(body): Body,
) -> Result<Response, AppError> {
    let stored = credentials::of_user(&app.db, asker.user).await?.ok_or(AppError::SignInNeeded)?;
    let mut form = FormReader::new(&body, &page.format)?;
    let old = form.secret("old_password");
    let (new, again) = (form.secret("new_password1"), form.secret("new_password2"));
    if let Some(new) = &new {
        let known = [
            Attribute { label: "username", text: &stored.username },
            Attribute { label: "email", text: stored.email.as_deref().unwrap_or_default() },
        ];
        for problem in credentials::password_problems(&app.password_policy, new, &known) {
            form.refuse("new_password1", problem);
        }
    }
    if new.is_some() && again.is_some() && new != again {
        form.refuse("new_password2", Problem::Said(Said::new(|lang| Texts(lang).problem_password_differs())));
    }
    if new.is_some() && new == old {
        form.refuse("new_password1", Problem::Said(Said::new(|lang| Texts(lang).problem_password_same())));
    }
    let ((old, new), mut draft) = match form.finish(|| Some((old?, new?))) {
        Ok(read) => read,
        Err(draft) => return form_page(&app, &asker, &page, draft),
    };
    if !is_right(&app, &current, &stored, &old).await? {
        draft.refuse("old_password", Problem::Said(Said::new(|lang| Texts(lang).problem_password_wrong())));
        return form_page(&app, &asker, &page, draft);
    }
    let hash = app.passwords.hash(&new).await.map_err(|_| AppError::Unavailable)?;
    let keep = current.session().ok_or(AppError::SignInNeeded)?.lineage;
    let new = NewPassword { user: asker.user, hash, by: ChosenBy::Themselves, keep: Some(keep) };
    credentials::set_password(&app.db, new, app.now_us()).await?;
    // The password is changed and every other session has ended; a new id for this one
    // is worth having, and no reason to say that anything failed.
    if let Err(problem) = app.guard.confirm(&current, guard::guard::SecondFactor::NotShown).await {
        tracing::warn!(user = %asker.user, %problem, "the session kept its id after a change of password");
    }
    tracing::info!(user = %asker.user, "password changed");
    let flash = Flash::new(Tone::Ok, Texts(page.lang).change_done()).cookie(page.secure);
    // What was due is done, and the way on is the one of everybody else.
    let asker = Asker { must_change_password: false, ..asker };
    Ok((flash, Redirect::to(nav::home_of(&asker))).into_response())
}

/// The present password is guessed at like at the door.
async fn is_right(app: &App, current: &Current, stored: &Credentials, password: &str) -> Result<bool, AppError> {
    let account = stored.guess_key();
    let guess = SignInGuess { account: &account, address: current.client().address, known_device: None };
    let now_us = app.now_us();
    let ticket = match rate_limit::admit_sign_in(&app.limits, guess, now_us).await? {
        Admission::Admitted(ticket) => ticket,
        Admission::Refused { until, .. } => {
            return Err(AppError::RateLimited { retry_after_s: rate_limit::retry_after_s(until, now_us) });
        }
    };
    let verified =
        app.passwords.verify(password, stored.password_hash.as_deref()).await.map_err(|_| AppError::Unavailable)?;
    if verified == Verified::Wrong {
        return Ok(false);
    }
    ticket.give_back(&app.limits).await?;
    Ok(true)
}
