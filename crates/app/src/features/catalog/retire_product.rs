//! Taking a product out of what is sold, and putting it back.
//!
//! A product with a history is deactivated, never deleted: its sales and its
//! kardex stay readable. One that nothing happened to is deleted.

use crate::{
    actor::Actor,
    features::catalog::{product_id, record, write},
    kernel::{App, ShopPage},
    texts::catalog::Texts,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::ProductId;
use web::{
    AppError,
    flash::{Flash, Tone},
};

/// `POST /productos/{id}/desactivar/`.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn deactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let name = set_active(&app, page.actor, id, false).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).deactivated(name))
        .with_undo(format!("/productos/{id}/reactivar/"))
        .cookie(page.secure);
    Ok((flash, Redirect::to("/productos/")).into_response())
}

/// `POST /productos/{id}/reactivar/`.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let name = set_active(&app, page.actor, id, true).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).reactivated(name)).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("/productos/{id}/"))).into_response())
}

async fn set_active(app: &App, actor: Actor, id: ProductId, active: bool) -> Result<String, AppError> {
    let product = record::load(&mut app.db.shop(&actor).await?, id).await?.ok_or(AppError::NotFound)?;
    let now_us = app.now_us();
    app.db
        .shop_write(&actor, "set product active", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            let edit = write::begin_edit(tx, actor.user, now_us).await?;
            write::set_active(tx, edit, id, active).await.map(drop)
        })
        .await?;
    Ok(product.fields.name)
}
