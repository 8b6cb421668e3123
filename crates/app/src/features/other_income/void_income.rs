//! `/ingresos/{id}/anular/`: other income that was none.

use crate::{
    features::{
        commands,
        expenses::form::REASON_CHARS_MAX,
        other_income::{
            find::{self, StoredIncome},
            form, income_id,
            record::{self, RecordError, VoidIncome},
        },
    },
    kernel::{App, Body, ShopPage},
    texts::other_income::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::ShopTx;
use domain::ids::OtherIncomeId;
use web::{
    AppError, Draft, FormReader, PageContext, Text,
    flash::{Flash, Tone},
    urlencoded,
};

/// `GET /ingresos/{id}/anular/`.
///
/// # Errors
/// No such income in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let income = load(&app, &page, income_id(&id)?).await?;
    if income.voided.is_some() {
        return Ok(back(&page, income.id, Tone::Warn, Texts(page.lang).already_void()));
    }
    show_form(&page, &income, Draft::holding([("id", app.new_id().to_string())]))
}

/// `POST /ingresos/{id}/anular/`.
///
/// # Errors
/// No such income in this shop, a body that cannot be read, a database that fails.
pub async fn void(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let income = load(&app, &page, income_id(&id)?).await?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let content_hash = commands::form_hash("other_income_void", &pairs);
    let mut form = FormReader::of(pairs, &page.format);
    let (id, reason) = (form.id_or_none("id"), form.text("motivo", Text::required(REASON_CHARS_MAX)));
    let ((id, reason), mut draft) = match form.finish(|| Some((id?, reason?))) {
        Ok(read) => read,
        Err(draft) => return show_form(&page, &income, draft),
    };
    let (id, actor) = (id.unwrap_or_else(|| app.new_id()), page.actor);
    let command = VoidIncome { id, actor, income: income.id, reason, content_hash, now_us: app.now_us() };
    let voided: Result<(), RecordError> = app
        .db
        .shop_write(&actor, "void other income", async move |tx: &mut ShopTx| record::void_income(tx, &command).await)
        .await;
    if let Err(error) = voided {
        form::refuse(&mut draft, error, &page.format)?;
        return show_form(&page, &income, draft);
    }
    Ok(back(&page, income.id, Tone::Ok, &Texts(page.lang).voided(&income.description)))
}

async fn load(app: &App, page: &ShopPage, id: OtherIncomeId) -> Result<StoredIncome, AppError> {
    find::load(&mut app.db.shop(&page.actor).await?, id).await?.ok_or(AppError::NotFound)
}

fn back(page: &PageContext, id: OtherIncomeId, tone: Tone, said: &str) -> Response {
    (Flash::new(tone, said).cookie(page.secure), Redirect::to(&format!("/ingresos/{id}/"))).into_response()
}

fn show_form(page: &PageContext, income: &StoredIncome, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let command_id = draft.value("id").to_owned();
    page.show(&VoidPage { page, t, income, command_id, draft: draft.labelled(&form::labels(t)) })
}

#[derive(Template)]
#[template(path = "other_income/void.html")]
struct VoidPage<'a> {
    page: &'a PageContext,
    t: Texts,
    income: &'a StoredIncome,
    draft: Draft,
    command_id: String,
}
