//! Taking a product out of what is sold, and putting it back.
//!
//! A product with a history is deactivated, never deleted: its sales and its
//! kardex stay readable. One to which nothing happened is deleted.

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
    json,
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

/// `DELETE /productos/{id}/`.
///
/// # Errors
/// No such product in this shop, one with a history, or a database that fails.
pub async fn delete(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    match remove(&app, page.actor, id).await? {
        Removal::Done { .. } => json::data(&serde_json::json!({ "id": id })),
        Removal::Used { .. } => Err(AppError::Protected),
    }
}

/// `POST /productos/{id}/borrar/`: the same from the product's page.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn delete_on_screen(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let t = Texts(page.lang);
    let (flash, next) = match remove(&app, page.actor, id).await? {
        Removal::Done { name } => (Flash::new(Tone::Ok, t.deleted(name)), "/productos/".to_owned()),
        Removal::Used { name } => (Flash::new(Tone::Bad, t.not_deleted(name)), format!("/productos/{id}/")),
    };
    Ok((flash.cookie(page.secure), Redirect::to(&next)).into_response())
}

/// What became of a wish to delete.
enum Removal {
    /// It is gone.
    Done { name: String },
    /// It has a history.
    Used { name: String },
}

/// Why nothing was deleted. An error, so that the transaction takes back the catalogue
/// version it had begun with: tills need not hear of what did not happen.
enum NotRemoved {
    Missing,
    Used { name: String },
    Db(DbError),
}

impl From<DbError> for NotRemoved {
    fn from(error: DbError) -> Self {
        NotRemoved::Db(error)
    }
}

async fn remove(app: &App, actor: Actor, id: ProductId) -> Result<Removal, AppError> {
    let now_us = app.now_us();
    let removed = app
        .db
        .shop_write(&actor, "delete product", async move |tx: &mut ShopTx| -> Result<String, NotRemoved> {
            let edit = write::begin_edit(tx, actor.user, now_us).await?;
            write::lock_product(tx, id).await?.ok_or(NotRemoved::Missing)?;
            let product = record::load(tx, id).await?.ok_or(NotRemoved::Missing)?;
            let name = product.fields.name;
            if record::is_used(tx, id).await? {
                return Err(NotRemoved::Used { name });
            }
            write::remove_product(tx, edit, id, product.active).await?;
            Ok(name)
        })
        .await;
    match removed {
        Ok(name) => Ok(Removal::Done { name }),
        Err(NotRemoved::Used { name }) => Ok(Removal::Used { name }),
        Err(NotRemoved::Missing) => Err(AppError::NotFound),
        Err(NotRemoved::Db(error)) => Err(error.into()),
    }
}
