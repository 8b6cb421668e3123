//! Letting a seller in or keeping them out. Their sessions in this shop end at once;
//! what they do in another shop is no business of this one's admin.

use crate::{
    features::{accounts::session_store, members::write},
    kernel::{App, ShopPage},
    texts::members::Texts,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::UserId;
use uuid::Uuid;
use web::{
    AppError,
    flash::{Flash, Tone},
};

/// Keeps a seller out; undone by [`reactivate`].
pub async fn deactivate(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let name = set(&app, &page, UserId(id), false).await?;
    let flash =
        Flash::new(Tone::Ok, Texts(page.lang).said_deactivated(&name)).with_undo(format!("/usuarios/{id}/reactivar/"));
    Ok((flash.cookie(page.secure), Redirect::to("/usuarios/")).into_response())
}

/// Lets a seller in again.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let name = set(&app, &page, UserId(id), true).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).said_reactivated(&name));
    Ok((flash.cookie(page.secure), Redirect::to("/usuarios/")).into_response())
}

async fn set(app: &App, page: &ShopPage, user: UserId, active: bool) -> Result<String, AppError> {
    let now_us = app.now_us();
    let changed = app.db.shop_write(&page.actor, "set seller active", async move |tx: &mut ShopTx| {
        let Some(seller) = write::seller(tx, user).await? else { return Ok(None) };
        let changed = write::set_active(tx, user, active, now_us).await?;
        if changed && !active {
            session_store::end_in_shop(tx, user).await?;
        }
        Ok::<_, DbError>(changed.then_some(seller.name))
    });
    changed.await?.ok_or(AppError::NotFound)
}
