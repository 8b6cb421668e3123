//! `/perfil/`: one's own account: language, password, open sessions, the way out.

use crate::{
    features::accounts::{agent, asker::Asker},
    kernel::{App, Body, PersonPage},
    texts::accounts::Texts,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::params;
use guard::{
    Current,
    session::{Ending, SessionStore},
};
use web::{
    AppError, Draft, FormReader, Lang, PageContext,
    flash::{Flash, Tone},
    form::Choice,
};

db::statements! {
    system SET_LANGUAGE = "accounts.set_language",
        "UPDATE app_user
         SET language = $2, updated_at = $3, version = version + 1
         WHERE id = $1";
}

#[derive(Template)]
#[template(path = "accounts/profile.html")]
struct ProfilePage<'a> {
    page: &'a PageContext,
    t: Texts,
    asker: &'a Asker,
    draft: Draft,
    languages: Vec<Choice>,
    sessions: Vec<OpenSession>,
}

struct OpenSession {
    agent: String,
    address: String,
    last_used_at: i64,
    is_this: bool,
}

/// Shows the page.
pub async fn show(
    State(app): State<App>,
    current: Current,
    asker: Asker,
    page: PersonPage,
) -> Result<Response, AppError> {
    let this = current.session().map(|session| session.lineage);
    let sessions = app.guard.store().list(asker.user.0).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| OpenSession {
            agent: agent::words(&session.agent, Texts(page.lang)),
            address: session.address.to_string(),
            last_used_at: session.last_used_at,
            is_this: Some(session.lineage) == this,
        })
        .collect();
    page.show(&ProfilePage {
        page: &page,
        t: Texts(page.lang),
        asker: &asker,
        draft: Draft::holding([("language", page.lang.code())]),
        languages: Lang::ALL.into_iter().map(|lang| Choice::new(lang.code(), lang.own_name())).collect(),
        sessions,
    })
}

/// Keeps the language that the person chose.
pub async fn set_language(
    State(app): State<App>,
    asker: Asker,
    page: PersonPage,
    Body(body): Body,
) -> Result<Response, AppError> {
    let mut form = FormReader::new(&body, &page.format)?;
    let options = Lang::ALL.map(|lang| (lang.code(), lang));
    let lang = form.choice("language", &options);
    let (lang, _) = form.finish(|| lang)?;
    let row = params![asker.user.0, lang.code(), app.now_us()];
    app.db.system_exec("set language", &SET_LANGUAGE, row).await?;
    let flash = Flash::new(Tone::Ok, Texts(lang).profile_language_saved()).cookie(page.secure);
    Ok((flash, Redirect::to("/perfil/")).into_response())
}

/// Ends the person's other sessions.
pub async fn end_sessions(
    State(app): State<App>,
    current: Current,
    asker: Asker,
    page: PersonPage,
) -> Result<Response, AppError> {
    let session = current.session().ok_or(AppError::SignInNeeded)?;
    app.guard.store().end(Ending::OthersOf { user_id: asker.user.0, keep: session.lineage }).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).profile_ended()).cookie(page.secure);
    Ok((flash, Redirect::to("/perfil/")).into_response())
}
