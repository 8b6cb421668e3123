//! Writing a new customer down: on their page, or in passing from the till.

use crate::{
    features::{
        commands::{self, Claim, Claimed},
        customers::{
            customer_form::{self, CustomerForm},
            edit_customer::CustomerPage,
            write,
        },
    },
    kernel::{App, Body, ShopPage},
    texts::customers::Texts,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::CustomerId;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use web::{
    AppError, Draft,
    flash::{Flash, Tone},
    json, urlencoded,
};

/// `GET /clientes/nuevo/`.
///
/// # Errors
/// A template that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let draft = Draft::holding([("id", app.new_id().to_string())]);
    page.show(&CustomerPage::new_customer(&page, draft))
}

/// `POST /clientes/nuevo/`.
///
/// # Errors
/// A body that cannot be read, an id used for something else, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = decode(&body)?;
    let content_hash = commands::form_hash("customer", &pairs);
    let form = match customer_form::read(pairs, &page.format) {
        Ok((form, _)) => form,
        Err(draft) => return page.show(&CustomerPage::new_customer(&page, draft)),
    };
    let name = form.fields.name.clone();
    insert(&app, &page, form, content_hash).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).created(name)).cookie(page.secure);
    Ok((flash, Redirect::to("/clientes/")).into_response())
}

/// What the quick creation takes as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quick {
    nombre: String,
    #[serde(default)]
    telefono: String,
    #[serde(default)]
    documento: String,
    #[serde(default)]
    correo: String,
    #[serde(default)]
    direccion: String,
    #[serde(default)]
    id: String,
}

/// What the quick creation answers.
#[derive(Serialize)]
struct Created {
    id: String,
    nombre: String,
    telefono: String,
    documento: String,
}

/// `POST /clientes/crear/ajax/`, as a form or as JSON.
///
/// # Errors
/// Fields that are wrong, a body that cannot be read, an id used for something else,
/// a database that fails.
pub async fn create_quickly(
    State(app): State<App>,
    page: ShopPage,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, AppError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pairs = if content_type.starts_with("application/json") {
        let quick: Quick = json::parse(&body)?;
        let fields = [
            ("nombre", quick.nombre),
            ("telefono", quick.telefono),
            ("documento", quick.documento),
            ("correo", quick.correo),
            ("direccion", quick.direccion),
            ("id", quick.id),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    } else {
        decode(&body)?
    };
    let content_hash = commands::form_hash("customer", &pairs);
    let (form, _) = customer_form::read(pairs, &page.format)?;
    let fields = form.fields.clone();
    let id = insert(&app, &page, form, content_hash).await?;
    let created =
        Created { id: id.to_string(), nombre: fields.name, telefono: fields.phone, documento: fields.document };
    json::with_status(StatusCode::CREATED, &created)
}

fn decode(body: &[u8]) -> Result<Vec<(String, String)>, AppError> {
    urlencoded::parse(body).map_err(|why| AppError::BadRequest { why: why.to_string() })
}

/// Writes a customer down once; a form sent again changes nothing.
async fn insert(
    app: &App,
    page: &ShopPage,
    form: CustomerForm,
    content_hash: [u8; 32],
) -> Result<CustomerId, AppError> {
    let id = CustomerId(form.id.unwrap_or_else(|| app.new_id()));
    let now_us = app.now_us();
    let actor = page.actor;
    let fresh = app
        .db
        .shop_write(&actor, "create customer", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            let claimed = Claimed { id: id.0, kind: "customer", content_hash, now_us };
            match commands::claim(tx, claimed).await? {
                Claim::Repeated(_) => return Ok(true),
                Claim::Conflict => return Ok(false),
                Claim::Fresh => {}
            }
            write::insert_customers(tx, &[(id, form.fields.clone())], now_us).await?;
            Ok(true)
        })
        .await?;
    if fresh { Ok(id) } else { Err(AppError::Conflict(None)) }
}
