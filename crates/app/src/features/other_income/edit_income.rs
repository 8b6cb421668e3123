//! `/ingresos/{id}/`: other income as it was written down, and bettering its words.

use crate::{
    features::other_income::{
        find::{self, StoredIncome},
        form, income_id,
        record::{self, EditIncome},
    },
    kernel::{App, Body, ShopPage},
    texts::other_income::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::OtherIncomeId;
use web::{
    AppError, Draft, FormReader, PageContext,
    flash::{Flash, Tone},
};

/// `GET /ingresos/{id}/`.
///
/// # Errors
/// No such income in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let income = load(&app, &page, income_id(&id)?).await?;
    show_page(&page, &income, holding(&income), None)
}

/// `POST /ingresos/{id}/`.
///
/// # Errors
/// No such income in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let income = load(&app, &page, income_id(&id)?).await?;
    let mut form = FormReader::new(&body, &page.format)?;
    let description = form::read_description(&mut form);
    let seen = form.id_or_none::<i64>("version");
    let ((description, seen), draft) = match form.finish(|| Some((description?, seen?))) {
        Ok(read) => read,
        Err(draft) => return show_page(&page, &income, draft, None),
    };
    let (id, actor) = (income.id, page.actor);
    let version = seen.unwrap_or(income.version);
    let command = EditIncome { id, actor, version, description, now_us: app.now_us() };
    let saved = app
        .db
        .shop_write(&actor, "edit other income", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            record::edit_words(tx, &command).await
        })
        .await?;
    if !saved {
        let now = load(&app, &page, id).await?;
        return show_page(&page, &now, draft, Some(&now));
    }
    let flash = Flash::new(Tone::Ok, Texts(page.lang).saved()).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("/ingresos/{id}/"))).into_response())
}

async fn load(app: &App, page: &ShopPage, id: OtherIncomeId) -> Result<StoredIncome, AppError> {
    find::load(&mut app.db.shop(&page.actor).await?, id).await?.ok_or(AppError::NotFound)
}

fn holding(income: &StoredIncome) -> Draft {
    Draft::holding([("descripcion", income.description.clone()), ("version", income.version.to_string())])
}

/// Shows the page; `newer` is what somebody else made of the words meanwhile.
fn show_page(
    page: &PageContext,
    income: &StoredIncome,
    draft: Draft,
    newer: Option<&StoredIncome>,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    page.show(&IncomePage {
        page,
        t,
        income,
        // Who has read both and saves again means it: the form now carries the newer version.
        version: newer.map_or_else(|| draft.value("version").to_owned(), |newer| newer.version.to_string()),
        newer: newer.map(|newer| newer.description.clone()),
        draft: draft.labelled(&form::labels(t)),
    })
}

#[derive(Template)]
#[template(path = "other_income/income.html")]
struct IncomePage<'a> {
    page: &'a PageContext,
    t: Texts,
    income: &'a StoredIncome,
    draft: Draft,
    version: String,
    newer: Option<String>,
}
