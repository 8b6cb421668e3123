//! Creating a product, with the stock that is there already.

use crate::{
    actor::Actor,
    features::{
        catalog::{
            product_form::{self, ProductForm},
            product_page::{Options, Parts, ProductPage},
            record,
            sent_form::{self, SentForm, SettledForm},
            write::{self, CatalogEdit},
        },
        commands::{self, Claim, Claimed},
        settings::registers::{self, RegisterKind},
        stock::{
            adjust::{self, AdjustError, Adjustment, Wanted},
            ledger::MovementKind,
        },
    },
    kernel::{App, ShopPage},
    texts::catalog::Texts,
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::{
    cost::CostError,
    ids::{CategoryId, ProductId},
};
use uuid::Uuid;
use web::{
    AppError, Draft, FormReader, PageContext, Problem,
    flash::{Flash, Tone},
    form::Said,
};

/// `GET /productos/nuevo/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let options = Options::load(&mut app.db.shop(&page.actor).await?).await?;
    let draft = product_form::empty(&options.taxes);
    show_form(&page, options, draft, app.new_id().to_string(), 0)
}

/// `POST /productos/nuevo/`.
///
/// # Errors
/// A body that cannot be read, an id used for something else, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, sent: SentForm) -> Result<Response, AppError> {
    let form = sent_form::settle(&app, &page, sent, None).await?;
    let rows_asked = product_form::rows_asked(&form.pairs);
    let goes_on = form.pairs.iter().any(|(name, _)| name == "otro");
    let content_hash = commands::form_hash("product", &form.pairs);
    let options = Options::load(&mut app.db.shop(&page.actor).await?).await?;
    if let Some(rows) = rows_asked {
        let (draft, id) = unread(form, &page);
        return show_form(&page, options, draft, id.unwrap_or_else(|| app.new_id().to_string()), rows);
    }
    let (form, mut draft) = match product_form::read(form, &page.format, &options.taxes) {
        Ok(read) => read,
        Err(draft) => {
            let id = draft.value("id").to_owned();
            return show_form(&page, options, draft, id, 0);
        }
    };
    let id = form.id.unwrap_or_else(|| app.new_id());
    let [category, adjustment] = app.new_ids();
    let command = CreateProduct {
        id: ProductId(id),
        actor: page.actor,
        form,
        content_hash,
        category: CategoryId(category),
        adjustment,
        reason: Texts(page.lang).opening_reason().to_owned(),
        now_us: app.now_us(),
    };
    let name = command.form.fields.name.clone();
    let codes: Vec<String> = command.form.fields.barcodes.iter().map(|barcode| barcode.code.clone()).collect();
    let actor = page.actor;
    let done = app
        .db
        .shop_write(&actor, "create product", async move |tx: &mut ShopTx| create_product(tx, &command).await)
        .await;
    match done {
        Ok(()) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).created(name)).cookie(page.secure);
            let next = if goes_on { "/productos/nuevo/" } else { "/productos/" };
            Ok((flash, Redirect::to(next)).into_response())
        }
        Err(CreateError::UsedId) => Err(AppError::Conflict(None)),
        Err(CreateError::Stock(_)) => {
            draft.refuse("stock", Problem::Said(Said::new(|lang| Texts(lang).stock_too_much())));
            show_form(&page, options, draft, id.to_string(), 0)
        }
        Err(CreateError::Db(error)) => {
            refuse_taken(&app, &page, &mut draft, error, &codes).await?;
            show_form(&page, options, draft, id.to_string(), 0)
        }
    }
}

/// A form as it was sent, unread: the next answer shows it with more room.
pub(super) fn unread(form: SettledForm, page: &PageContext) -> (Draft, Option<String>) {
    let SettledForm { pairs, photo } = form;
    let read = FormReader::of(pairs, &page.format).finish(|| None::<()>);
    let mut draft = match read {
        Ok(((), draft)) | Err(draft) => draft,
    };
    // Of all fields the file alone cannot be shown again: it is taken or refused now.
    if let Err(problem) = photo {
        draft.refuse(sent_form::FILE_FIELD, problem);
    }
    let id = Some(draft.value("id").to_owned()).filter(|id| !id.is_empty());
    (draft, id)
}

/// Says beside its field which code or SKU another product has.
///
/// # Errors
/// An error that is about something else.
pub(super) async fn refuse_taken(
    app: &App,
    page: &ShopPage,
    draft: &mut Draft,
    error: DbError,
    codes: &[String],
) -> Result<(), AppError> {
    let DbError::Unique { constraint } = &error else { return Err(error.into()) };
    if constraint.starts_with("product") {
        draft.refuse("sku", Problem::Taken);
        return Ok(());
    }
    let own = draft.value("id").to_owned();
    let mut read = app.db.shop(&page.actor).await?;
    for code in codes {
        let Some((owner, name)) = record::owner_of_code(&mut read, code).await? else { continue };
        if owner.to_string() != own {
            let field = product_form::field_of_code(draft, code);
            draft.refuse(field, Problem::Said(Said::new(move |lang| Texts(lang).code_taken(&name))));
        }
    }
    // Whoever had the code may have given it up between our try and our look.
    if !draft.is_refused() {
        draft.refuse("codigo_de_barras", Problem::Taken);
    }
    Ok(())
}

fn show_form(
    page: &ShopPage,
    options: Options,
    draft: Draft,
    id: String,
    code_rows: usize,
) -> Result<Response, AppError> {
    let parts =
        Parts { draft, options, standing: None, id, version: String::new(), code_rows, differences: Vec::new() };
    page.show(&ProductPage::new(page, parts))
}

/// A product to create.
#[derive(Clone, Debug)]
pub struct CreateProduct {
    /// Its id, which its form carried.
    pub id: ProductId,
    /// Who creates it.
    pub actor: Actor,
    /// What was typed.
    pub form: ProductForm,
    /// SHA-256 over the form.
    pub content_hash: [u8; 32],
    /// The id of its category, should it be a new one.
    pub category: CategoryId,
    /// The id of the adjustment that gives it its stock.
    pub adjustment: Uuid,
    /// Why there is stock, for the kardex.
    pub reason: String,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why a product was not created.
#[derive(Debug)]
pub enum CreateError {
    /// The id was used for something else.
    UsedId,
    /// What is there already is worth more than can be kept.
    Stock(CostError),
    /// The database failed, or another product has a code or the SKU.
    Db(DbError),
}

impl From<DbError> for CreateError {
    fn from(error: DbError) -> Self {
        CreateError::Db(error)
    }
}

impl From<AdjustError> for CreateError {
    fn from(error: AdjustError) -> Self {
        match error {
            AdjustError::Quantity(error) => CreateError::Stock(error),
            AdjustError::Db(error) => CreateError::Db(error),
        }
    }
}

/// Creates a product once; a form sent again changes nothing.
///
/// # Errors
/// The reasons of [`CreateError`].
pub async fn create_product(tx: &mut ShopTx, command: &CreateProduct) -> Result<(), CreateError> {
    let claimed =
        Claimed { id: command.id.0, kind: "product", content_hash: command.content_hash, now_us: command.now_us };
    match commands::claim(tx, claimed).await? {
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(CreateError::UsedId),
        Claim::Fresh => {}
    }
    let edit = write::begin_edit(tx, command.actor.user, command.now_us).await?;
    let category = category(tx, edit, &command.form.category, command.category).await?;
    let fields = command.form.fields_in(category);
    let opens = fields.tracks_stock && command.form.opening_milli > 0;
    write::insert_uncounted(tx, edit, &[(command.id, fields)]).await?;
    if let Some(photo) = &command.form.photo {
        write::set_photo(tx, command.id, Some(photo)).await?;
    }
    if opens {
        open_stock(tx, command).await?;
    }
    write::count_new(tx, 1).await?;
    Ok(())
}

/// The category of a typed name; none where nothing was typed.
pub(super) async fn category(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    name: &str,
    new_id: CategoryId,
) -> Result<Option<CategoryId>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    write::find_or_create_category(tx, edit, name, new_id).await.map(Some)
}

async fn open_stock(tx: &mut ShopTx, command: &CreateProduct) -> Result<(), CreateError> {
    let office = registers::first_of_kind(tx, RegisterKind::Office).await?;
    let register = office.ok_or(DbError::NotOne { statement: "settings.register_of_kind", rows: 0 })?;
    let place = registers::load_place(tx, register).await?;
    let place = place.ok_or(DbError::NotOne { statement: "settings.register_place", rows: 0 })?;
    let adjustment = Adjustment {
        id: command.adjustment,
        actor: command.actor,
        location: place.location,
        register,
        product: command.id,
        wanted: Wanted::Change {
            quantity_milli: command.form.opening_milli,
            unit_cost_minor: command.form.fields.purchase_price_minor,
        },
        kind: MovementKind::Adjustment,
        reason: command.reason.clone(),
        now_us: command.now_us,
    };
    adjust::adjust(tx, &adjustment).await?;
    Ok(())
}
