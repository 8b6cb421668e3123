//! `/gastos/{id}/anular/`: an expense that was none.

use crate::{
    features::{
        cash::drawers,
        commands,
        expenses::{
            expense_id,
            find::{self, StoredExpense},
            form::{self, REASON_CHARS_MAX},
            record::{self, RecordError, VoidExpense},
        },
    },
    kernel::{App, Body, ShopPage},
    texts::expenses::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::ShopTx;
use domain::ids::{ExpenseId, SessionId};
use web::{
    AppError, Choice, Draft, FormReader, PageContext, Text,
    flash::{Flash, Tone},
    urlencoded,
};

/// `GET /gastos/{id}/anular/`.
///
/// # Errors
/// No such expense in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (expense, drawers) = load(&app, &page, expense_id(&id)?).await?;
    if expense.voided.is_some() {
        return Ok(back(&page, expense.id, Tone::Warn, Texts(page.lang).already_void()));
    }
    show_form(&page, &expense, drawers, Draft::holding([("id", app.new_id().to_string())]))
}

/// `POST /gastos/{id}/anular/`.
///
/// # Errors
/// No such expense in this shop, a body that cannot be read, a database that fails.
pub async fn void(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let (expense, drawers) = load(&app, &page, expense_id(&id)?).await?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let content_hash = commands::form_hash("expense_void", &pairs);
    let mut form = FormReader::of(pairs, &page.format);
    let (id, reason) = (form.id_or_none("id"), form.text("motivo", Text::required(REASON_CHARS_MAX)));
    let session = form.id_or_none::<SessionId>("caja");
    let ((id, reason, session), mut draft) = match form.finish(|| Some((id?, reason?, session?))) {
        Ok(read) => read,
        Err(draft) => return show_form(&page, &expense, drawers, draft),
    };
    let (id, actor) = (id.unwrap_or_else(|| app.new_id()), page.actor);
    let command = VoidExpense { id, actor, expense: expense.id, reason, session, content_hash, now_us: app.now_us() };
    let voided: Result<(), RecordError> = app
        .db
        .shop_write(&actor, "void expense", async move |tx: &mut ShopTx| record::void_expense(tx, &command).await)
        .await;
    if let Err(error) = voided {
        form::refuse(&mut draft, error, &page.format)?;
        return show_form(&page, &expense, drawers, draft);
    }
    Ok(back(&page, expense.id, Tone::Ok, &Texts(page.lang).voided(&expense.words.concept)))
}

async fn load(app: &App, page: &ShopPage, id: ExpenseId) -> Result<(StoredExpense, Vec<Choice>), AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let expense = find::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    // A drawer that is still open takes its own money back; only a counted one asks which.
    let asks = expense.drawer.is_some() && !expense.drawer_open;
    let drawers = if asks { drawers::open_drawers(&mut read).await? } else { Vec::new() };
    Ok((expense, drawers))
}

fn back(page: &PageContext, id: ExpenseId, tone: Tone, said: &str) -> Response {
    (Flash::new(tone, said).cookie(page.secure), Redirect::to(&format!("/gastos/{id}/"))).into_response()
}

fn show_form(
    page: &PageContext,
    expense: &StoredExpense,
    drawers: Vec<Choice>,
    draft: Draft,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    page.show(&VoidPage {
        page,
        t,
        expense,
        command_id: draft.value("id").to_owned(),
        draft: draft.labelled(&form::labels(t)),
        drawers,
    })
}

#[derive(Template)]
#[template(path = "expenses/void.html")]
struct VoidPage<'a> {
    page: &'a PageContext,
    t: Texts,
    expense: &'a StoredExpense,
    draft: Draft,
    command_id: String,
    drawers: Vec<Choice>,
}
