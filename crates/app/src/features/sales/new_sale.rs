//! `POST /api/v1/sales` and `POST /ventas/nueva/`: a sale by a person's session,
//! numbered by the office.
//!
//! The first room: what came becomes a [`CompleteSale`], and what it became an
//! envelope. The same address takes the plain form, which `simple_sale` reads.

use crate::{
    actor::Actor,
    features::{
        cash::drawers,
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Completed, Place, complete_sale},
            refusal::{self, Words},
            simple_sale,
            wire::{self, NewSaleContent},
        },
        settings::registers::{self, RegisterKind},
    },
    kernel::{App, Body, ShopPage},
};
use axum::{extract::State, response::Response};
use db::{Db, ShopTx};
use domain::{
    ids::{RegisterId, SaleId},
    sale::Occasion,
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use web::{AppError, json};

#[derive(Serialize)]
struct Answer<'a> {
    id: SaleId,
    number: &'a str,
    total: &'a str,
    cash_rounding: &'a str,
    change: &'a str,
}

/// Takes JSON, or the fields of the plain form.
pub async fn create(state: State<App>, page: ShopPage, headers: HeaderMap, body: Body) -> Result<Response, AppError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        simple_sale::submit(state, page, body).await
    } else {
        create_json(state, page, body).await
    }
}

/// Takes JSON: the content of the till's protocol, with the sale's `id`.
pub async fn create_json(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let (id, content) = json::parse::<NewSaleContent>(&body)?.into_parts();
    let sale = wire::read(&content, page.format.currency.decimals)
        .map_err(|problems| AppError::Validation(refusal::of_wire(problems)))?;
    let words = Words { format: &page.format, rights: page.actor.rights() };
    let register = office(&app.db, &page.actor).await.map_err(|error| refusal::of_sale(error, words))?;
    let session = drawers::named_or_only(&mut app.db.shop(&page.actor).await?, content.session_id).await?;
    let now_us = app.now_us();
    let command = CompleteSale {
        id,
        actor: page.actor,
        sale,
        place: Place::Office { register, session },
        occasion: Occasion::Asking,
        catalog_version: None,
        sold_at: now_us,
        now_us,
    };
    let completed = complete(&app.db, command).await.map_err(|error| refusal::of_sale(error, words))?;
    let answer = &completed.answer;
    json::with_status(
        StatusCode::CREATED,
        &Answer {
            id,
            number: &answer.number,
            total: &answer.total,
            cash_rounding: &answer.cash_rounding,
            change: &answer.change,
        },
    )
}

/// The register that numbers what comes without a till.
///
/// # Errors
/// [`CompleteSaleError::NoRegister`] where the shop uses none, and what the database says.
pub async fn office(db: &Db, actor: &Actor) -> Result<RegisterId, CompleteSaleError> {
    let mut read = db.shop(actor).await?;
    registers::first_of_kind(&mut read, RegisterKind::Office).await?.ok_or(CompleteSaleError::NoRegister)
}

/// Completes a sale in a transaction of its own.
///
/// # Errors
/// Those of [`complete_sale`].
pub async fn complete(db: &Db, command: CompleteSale) -> Result<Completed, CompleteSaleError> {
    let actor = command.actor;
    db.shop_write(&actor, "complete sale", async move |tx: &mut ShopTx| complete_sale(tx, &command).await).await
}
