//! `/gastos/nuevo/`: writing down an expense.

use crate::{
    features::{
        commands,
        expenses::{
            form::{self, ExpenseForm, Offer},
            record::{self, RecordError, RecordExpense},
        },
    },
    kernel::{App, Body, ShopPage},
    texts::expenses::Texts,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::ShopTx;
use domain::ids::{CategoryId, ExpenseId};
use web::{
    AppError, Choice, Draft, PageContext,
    flash::{Flash, Tone},
    urlencoded,
};

/// `GET /gastos/nuevo/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let offer = load(&app, &page).await?;
    let cash = offer.methods.iter().find(|method| method.is_cash).map(|method| method.id.to_string());
    let draft = Draft::holding([
        ("id", app.new_id().to_string()),
        ("fecha", offer.today.to_string()),
        ("forma_pago", cash.unwrap_or_default()),
    ]);
    show_form(&page, &offer, draft)
}

/// `POST /gastos/nuevo/`.
///
/// # Errors
/// A body that cannot be read, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let offer = load(&app, &page).await?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let content_hash = commands::form_hash("expense", &pairs);
    let (read, mut draft) = match form::read(pairs, &page, &offer) {
        Ok(read) => read,
        Err(draft) => return show_form(&page, &offer, draft),
    };
    let ExpenseForm { id, dated, words, method, session } = read;
    let [new_id, new_category] = app.new_ids();
    let (id, actor) = (id.unwrap_or(ExpenseId(new_id)), page.actor);
    let said = Texts(page.lang).recorded(&words.concept, page.format.money(dated.amount_minor));
    let command = RecordExpense {
        id,
        actor,
        dated,
        words,
        new_category: CategoryId(new_category),
        method,
        session,
        content_hash,
        now_us: app.now_us(),
    };
    let recorded: Result<(), RecordError> = app
        .db
        .shop_write(&actor, "record expense", async move |tx: &mut ShopTx| record::record_expense(tx, &command).await)
        .await;
    if let Err(error) = recorded {
        form::refuse(&mut draft, error, &page.format)?;
        return show_form(&page, &offer, draft);
    }
    Ok((Flash::new(Tone::Ok, said).cookie(page.secure), Redirect::to(&format!("/gastos/{id}/"))).into_response())
}

async fn load(app: &App, page: &ShopPage) -> Result<Offer, AppError> {
    Ok(Offer::load(&mut app.db.shop(&page.actor).await?, app, Texts(page.lang)).await?)
}

fn show_form(page: &PageContext, offer: &Offer, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    page.show(&NewExpense {
        page,
        t,
        command_id: draft.value("id").to_owned(),
        draft: draft.labelled(&form::labels(t)),
        categories: offer.categories.clone(),
        methods: offer.method_choices(),
        drawers: offer.drawers.clone(),
    })
}

#[derive(Template)]
#[template(path = "expenses/new.html")]
struct NewExpense<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    command_id: String,
    categories: Vec<Choice>,
    methods: Vec<Choice>,
    drawers: Vec<Choice>,
}
