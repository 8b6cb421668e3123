//! Editing a product, with the conflict shown when somebody else was quicker.

use crate::{
    actor::Actor,
    features::catalog::{
        new_product::{category, refuse_taken, unread},
        product_form::{self, ProductForm, ProductWords},
        product_id,
        product_page::{Options, Parts, ProductPage, Standing},
        record::{self, StoredProduct},
        sent_form::{self, SentForm},
        write::{self, Barcodes, ProductBefore},
    },
    kernel::{App, ShopPage},
    texts::catalog::Texts,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::{CategoryId, ProductId};
use web::{
    AppError, Draft,
    flash::{Flash, Tone},
};

/// `GET /productos/{id}/`.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let product = record::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let options = Options::load(&mut read).await?;
    let standing = Standing::load(&mut read, &product, &options).await?;
    drop(read);
    let draft = product_form::holding(&product, &page.format);
    show_form(&page, Shown { draft, options, standing, code_rows: 0, conflict: None })
}

/// `POST /productos/{id}/`.
///
/// # Errors
/// No such product in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    sent: SentForm,
) -> Result<Response, AppError> {
    let id = product_id(&id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let product = record::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let options = Options::load(&mut read).await?;
    let standing = Standing::load(&mut read, &product, &options).await?;
    drop(read);
    let form = sent_form::settle(&app, &page, sent, product.photo.as_ref()).await?;
    if let Some(code_rows) = product_form::rows_asked(&form.pairs) {
        let (draft, _) = unread(form, &page);
        return show_form(&page, Shown { draft, options, standing, code_rows, conflict: None });
    }
    let (form, mut draft) = match product_form::read(form, &page.format, &options.taxes) {
        Ok(read) => read,
        Err(draft) => {
            return show_form(&page, Shown { draft, options, standing, code_rows: 0, conflict: None });
        }
    };
    let codes: Vec<String> = form.fields.barcodes.iter().map(|barcode| barcode.code.clone()).collect();
    let name = form.fields.name.clone();
    let command = EditProduct { id, actor: page.actor, form, category: CategoryId(app.new_id()), now_us: app.now_us() };
    let actor = page.actor;
    let done =
        app.db.shop_write(&actor, "edit product", async move |tx: &mut ShopTx| edit_product(tx, &command).await).await;
    match done {
        Ok(()) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).saved(name)).cookie(page.secure);
            Ok((flash, Redirect::to(&format!("/productos/{id}/"))).into_response())
        }
        Err(EditError::NotFound) => Err(AppError::NotFound),
        Err(EditError::Stale(now)) => {
            show_form(&page, Shown { draft, options, standing, code_rows: 0, conflict: Some(now) })
        }
        Err(EditError::Db(error)) => {
            refuse_taken(&app, &page, &mut draft, error, &codes).await?;
            show_form(&page, Shown { draft, options, standing, code_rows: 0, conflict: None })
        }
    }
}

struct Shown {
    draft: Draft,
    options: Options,
    standing: Standing,
    code_rows: usize,
    conflict: Option<Box<StoredProduct>>,
}

fn show_form(page: &ShopPage, shown: Shown) -> Result<Response, AppError> {
    let Shown { draft, options, standing, code_rows, conflict } = shown;
    let seen = draft.value("version").to_owned();
    let (version, differences) = match conflict {
        None => (seen, Vec::new()),
        Some(now) => {
            let words = ProductWords { t: Texts(page.lang), taxes: &options.taxes };
            let kept = product_form::holding(&now, &page.format);
            // Who has read both and saves again means it: the form now carries the newer version.
            (now.version.to_string(), product_form::differences(&kept, &draft, &words))
        }
    };
    let id = standing.id.to_string();
    let parts = Parts { draft, options, standing: Some(standing), id, version, code_rows, differences };
    page.show(&ProductPage::new(page, parts))
}

/// An edit to carry out.
#[derive(Clone, Debug)]
pub struct EditProduct {
    /// Of which product.
    pub id: ProductId,
    /// Who edits it.
    pub actor: Actor,
    /// What was typed.
    pub form: ProductForm,
    /// The id of its category, should it be a new one.
    pub category: CategoryId,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why an edit was not carried out.
#[derive(Debug)]
pub enum EditError {
    /// There is no such product in the shop.
    NotFound,
    /// Somebody else edited it since the person opened it; this is what is kept now.
    Stale(Box<StoredProduct>),
    /// The database failed, or another product has a code or the SKU.
    Db(DbError),
}

impl From<DbError> for EditError {
    fn from(error: DbError) -> Self {
        EditError::Db(error)
    }
}

/// Carries out an edit, unless the product changed since it was opened.
///
/// # Errors
/// The reasons of [`EditError`].
pub async fn edit_product(tx: &mut ShopTx, command: &EditProduct) -> Result<(), EditError> {
    let edit = write::begin_edit(tx, command.actor.user, command.now_us).await?;
    let version = write::lock_product(tx, command.id).await?.ok_or(EditError::NotFound)?;
    let before = record::load(tx, command.id).await?.ok_or(EditError::NotFound)?;
    if command.form.version.is_some_and(|seen| seen != version) {
        return Err(EditError::Stale(Box::new(before)));
    }
    let category = category(tx, edit, &command.form.category, command.category).await?;
    let fields = command.form.fields_in(category);
    let barcodes = if fields.barcodes == before.fields.barcodes { Barcodes::Same } else { Barcodes::Changed };
    let replaced = ProductBefore { version, price_minor: before.fields.price_minor };
    if !write::update_product(tx, edit, command.id, replaced, &fields, barcodes).await? {
        return Err(EditError::Stale(Box::new(before)));
    }
    if command.form.photo != before.photo {
        write::set_photo(tx, command.id, command.form.photo.as_ref()).await?;
    }
    Ok(())
}
