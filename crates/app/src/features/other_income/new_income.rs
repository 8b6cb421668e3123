//! `/ingresos/nuevo/`: writing down income that is no sale.

use crate::{
    features::{
        commands,
        other_income::{
            Kind, find,
            form::{self, IncomeForm},
            record::{self, RecordError, RecordIncome},
        },
        settings::shop,
    },
    kernel::{App, Body, ShopPage},
    texts::other_income::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use db::ShopTx;
use domain::ids::OtherIncomeId;
use web::{
    AppError, Choice, Draft, PageContext,
    flash::{Flash, Tone},
    query::Query,
    urlencoded,
};

/// `GET /ingresos/nuevo/`; `venta` names a sale that it belongs to.
///
/// # Errors
/// A sale that this shop does not have, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let mut read = app.db.shop(&page.actor).await?;
    let today = shop::load_profile(&mut read).await?.moment(app.now_us()).date;
    let sale = match query.get("venta") {
        None => String::new(),
        Some(id) => {
            let id = id.parse().map_err(|_| AppError::NotFound)?;
            find::sale_label(&mut read, id).await?.ok_or(AppError::NotFound)?
        }
    };
    drop(read);
    let draft = Draft::holding([
        ("id", app.new_id().to_string()),
        ("fecha", today.to_string()),
        ("tipo", Kind::ALL[0].0.to_owned()),
        ("venta", sale),
    ]);
    show_form(&page, draft)
}

/// `POST /ingresos/nuevo/`.
///
/// # Errors
/// A body that cannot be read, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let content_hash = commands::form_hash("other_income", &pairs);
    let mut read = app.db.shop(&page.actor).await?;
    let today = shop::load_profile(&mut read).await?.moment(app.now_us()).date;
    let (IncomeForm { id, kind, description, dated, sale }, mut draft) = match form::read(pairs, &page, today) {
        Ok(read) => read,
        Err(draft) => return show_form(&page, draft),
    };
    let sale = match form::find_sale(&mut read, &sale).await? {
        Ok(sale) => sale,
        Err(problem) => {
            draft.refuse("venta", problem);
            return show_form(&page, draft);
        }
    };
    drop(read);
    let (id, actor) = (id.unwrap_or_else(|| OtherIncomeId(app.new_id())), page.actor);
    let said = Texts(page.lang).recorded(&description, page.format.money(dated.amount_minor));
    let command = RecordIncome { id, actor, kind, description, dated, sale, content_hash, now_us: app.now_us() };
    let recorded: Result<(), RecordError> = app
        .db
        .shop_write(&actor, "record other income", async move |tx: &mut ShopTx| {
            record::record_income(tx, &command).await
        })
        .await;
    if let Err(error) = recorded {
        form::refuse(&mut draft, error, &page.format)?;
        return show_form(&page, draft);
    }
    Ok((Flash::new(Tone::Ok, said).cookie(page.secure), Redirect::to(&format!("/ingresos/{id}/"))).into_response())
}

fn show_form(page: &PageContext, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    page.show(&NewIncome {
        page,
        t,
        command_id: draft.value("id").to_owned(),
        draft: draft.labelled(&form::labels(t)),
        kinds: Kind::ALL.iter().map(|(word, kind)| Choice::new(*word, kind.label(t))).collect(),
    })
}

#[derive(Template)]
#[template(path = "other_income/new.html")]
struct NewIncome<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    command_id: String,
    kinds: Vec<Choice>,
}
