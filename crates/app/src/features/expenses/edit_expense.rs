//! `/gastos/{id}/`: an expense as it was written down, and bettering its words.

use crate::{
    features::expenses::{
        expense_id,
        find::{self, StoredExpense},
        form,
        record::{self, EditWords, ExpenseWords},
    },
    kernel::{App, Body, ShopPage},
    texts::expenses::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::{CategoryId, ExpenseId};
use web::{
    AppError, Choice, Draft, FormReader, PageContext,
    flash::{Flash, Tone},
};

/// `GET /gastos/{id}/`.
///
/// # Errors
/// No such expense in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (expense, categories) = load(&app, &page, expense_id(&id)?).await?;
    let draft = holding(&expense);
    show_page(&page, &expense, categories, draft, None)
}

/// `POST /gastos/{id}/`.
///
/// # Errors
/// No such expense in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let (expense, categories) = load(&app, &page, expense_id(&id)?).await?;
    let mut form = FormReader::new(&body, &page.format)?;
    let words = form::read_words(&mut form);
    let seen = form.id_or_none::<i64>("version");
    let ((words, seen), draft) = match form.finish(|| Some((words?, seen?))) {
        Ok(read) => read,
        Err(draft) => return show_page(&page, &expense, categories, draft, None),
    };
    let (id, actor) = (expense.id, page.actor);
    let command = EditWords {
        id,
        actor,
        version: seen.unwrap_or(expense.version),
        words,
        new_category: CategoryId(app.new_id()),
        now_us: app.now_us(),
    };
    let saved = app
        .db
        .shop_write(&actor, "edit expense", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            record::edit_words(tx, &command).await
        })
        .await?;
    if !saved {
        let (now, categories) = load(&app, &page, id).await?;
        return show_page(&page, &now, categories, draft, Some(&now));
    }
    let flash = Flash::new(Tone::Ok, Texts(page.lang).saved()).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("/gastos/{id}/"))).into_response())
}

async fn load(app: &App, page: &ShopPage, id: ExpenseId) -> Result<(StoredExpense, Vec<Choice>), AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let expense = find::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let categories = form::with_usual(form::categories(&mut read).await?, Texts(page.lang));
    Ok((expense, categories))
}

fn holding(expense: &StoredExpense) -> Draft {
    let ExpenseWords { concept, description, category } = &expense.words;
    Draft::holding([
        ("concepto", concept.clone()),
        ("categoria", category.clone()),
        ("descripcion", description.clone()),
        ("version", expense.version.to_string()),
    ])
}

/// Shows the page; `newer` is what somebody else made of the words meanwhile.
fn show_page(
    page: &PageContext,
    expense: &StoredExpense,
    categories: Vec<Choice>,
    draft: Draft,
    newer: Option<&StoredExpense>,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let differences = newer.map(|newer| {
        let now = holding(newer);
        let fields = form::labels(t).into_iter().filter(|(field, _)| now.value(field) != draft.value(field));
        fields
            .map(|(field, label)| (field, label, now.value(field).to_owned(), draft.value(field).to_owned()))
            .collect()
    });
    page.show(&ExpensePage {
        page,
        t,
        expense,
        categories,
        // Who has read both and saves again means it: the form now carries the newer version.
        version: newer.map_or_else(|| draft.value("version").to_owned(), |newer| newer.version.to_string()),
        draft: draft.labelled(&form::labels(t)),
        differences: differences.unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "expenses/expense.html")]
struct ExpensePage<'a> {
    page: &'a PageContext,
    t: Texts,
    expense: &'a StoredExpense,
    draft: Draft,
    version: String,
    categories: Vec<Choice>,
    differences: Vec<(&'static str, &'static str, String, String)>,
}
