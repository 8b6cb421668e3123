//! The two faces of an error: an envelope and a page.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};

use super::{AppError, Asked, sign_in_with_next};
use crate::flash::{Flash, Tone};
use crate::json;
use crate::page::PageContext;
use crate::texts::common::Texts;

pub(super) fn json(error: &AppError, page: &PageContext) -> Response {
    let mut fields = serde_json::Map::new();
    if let AppError::Validation(problems) | AppError::StockInsufficient { fields: problems, .. } = error {
        for (name, problem) in problems {
            let said = fields.entry(name.clone()).or_insert_with(|| serde_json::Value::Array(Vec::new()));
            if let serde_json::Value::Array(said) = said {
                said.push(problem.say(page.lang).into());
            }
        }
    }
    json::refused(error.status(), error.code(), &error.say(page.lang), fields, &page.request_id)
}

pub(super) fn html(error: &AppError, asked: &Asked<'_>) -> Response {
    match error {
        AppError::SignInNeeded => return Redirect::to(&sign_in_with_next(asked)).into_response(),
        AppError::PasswordChangeRequired => {
            return Redirect::to(asked.ways.change_password).into_response();
        }
        // Whoever is refused the very page that refusals lead to gets the error's own.
        AppError::PermissionDenied if asked.page.path != asked.ways.denied => {
            let flash = Flash::new(Tone::Bad, error.title(asked.page.lang));
            return (flash.cookie(asked.page.secure), Redirect::to(asked.ways.denied)).into_response();
        }
        _ => {}
    }
    let t = Texts(asked.page.lang);
    let text = error.say(asked.page.lang);
    let title = error.title(asked.page.lang);
    let shown = if asked.page.who.is_some() {
        asked.page.show(&InShell { page: asked.page, t, title, text: &text })
    } else {
        asked.page.show(&AtTheDoor { page: asked.page, t, title, text: &text })
    };
    match shown {
        Ok(mut response) => {
            *response.status_mut() = error.status();
            response
        }
        // Only a defect of the template itself leads here; the status still says enough.
        Err(_) => error.status().into_response(),
    }
}

#[derive(Template)]
#[template(path = "error_shell.html")]
struct InShell<'a> {
    page: &'a PageContext,
    t: Texts,
    title: &'a str,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "error_bare.html")]
struct AtTheDoor<'a> {
    page: &'a PageContext,
    t: Texts,
    title: &'a str,
    text: &'a str,
}
