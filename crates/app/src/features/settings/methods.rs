//! `/configuracion/pagos/`: the shop's ways to pay.

use crate::{
    features::{
        commands::{self, Claim, Claimed},
        settings::{
            method_store::{self, KINDS, Method, NewMethod},
            stored,
        },
    },
    kernel::{App, Body, ShopPage},
    text_key,
    texts::settings::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::MethodId;
use uuid::Uuid;
use web::{
    AppError, Draft, FormReader, Format, PageContext, Problem, Text,
    flash::{Flash, Tone},
    form::Choice,
};

/// Where the list is.
const LIST: &str = "/configuracion/pagos/";

#[derive(Template)]
#[template(path = "settings/methods.html")]
struct MethodsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    methods: Vec<Method>,
}

impl MethodsPage<'_> {
    fn kind(&self, method: &Method) -> &'static str {
        kind_words(self.t, &method.kind)
    }

    fn asks(&self, method: &Method) -> &'static str {
        match (method.needs_bank, method.needs_reference) {
            (true, true) => self.t.asks_both(),
            (true, false) => self.t.asks_bank(),
            (false, true) => self.t.asks_reference(),
            (false, false) => self.t.asks_nothing(),
        }
    }
}

fn kind_words(t: Texts, kind: &str) -> &'static str {
    match kind {
        "cash" => t.kind_cash(),
        "transfer" => t.kind_transfer(),
        "card" => t.kind_card(),
        "house_account" => t.kind_house_account(),
        _ => t.kind_other(),
    }
}

/// `GET /configuracion/pagos/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let methods = method_store::load_all(&mut app.db.shop(&page.actor).await?).await?;
    page.show(&MethodsPage { page: &page, t: Texts(page.lang), methods })
}

/// The form of a way to pay, new or filled.
#[derive(Template)]
#[template(path = "settings/method.html")]
struct MethodPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    action: String,
    command_id: String,
    version: String,
    kinds: Vec<Choice>,
    standing: Option<Method>,
    conflict: String,
}

impl<'a> MethodPage<'a> {
    fn new_method(page: &'a PageContext, draft: Draft) -> Self {
        let t = Texts(page.lang);
        MethodPage {
            page,
            t,
            action: format!("{LIST}nueva/"),
            command_id: draft.value("id").to_owned(),
            version: String::new(),
            draft: draft.labelled(&[("nombre", t.field_method_name()), ("tipo", t.field_kind())]),
            kinds: KINDS.iter().map(|kind| Choice::new(*kind, kind_words(t, kind))).collect(),
            standing: None,
            conflict: String::new(),
        }
    }

    fn of(page: &'a PageContext, method: Method, draft: Draft) -> Self {
        MethodPage {
            action: format!("{LIST}{}/", method.id),
            command_id: String::new(),
            version: draft.value("version").to_owned(),
            standing: Some(method),
            ..MethodPage::new_method(page, draft)
        }
    }
}

struct Form {
    method: NewMethod,
    id: Option<Uuid>,
    version: Option<i64>,
}

/// `kept` is the kind of a method that is there already: what a payment was made by does
/// not become something else afterwards.
fn read(pairs: Vec<(String, String)>, format: &Format, kept: Option<&str>) -> Result<(Form, Draft), Draft> {
    let mut form = FormReader::of(pairs, format);
    let name = form.text("nombre", Text::required(40));
    let kind = if kept.is_some() { Some("") } else { form.choice("tipo", &KINDS.map(|kind| (kind, kind))) };
    let is_cash = kept == Some("cash");
    let (bank, reference) = (form.flag("banco") && !is_cash, form.flag("referencia") && !is_cash);
    let (id, version) = (form.id_or_none("id"), form.id_or_none("version"));
    form.finish(|| {
        let method = NewMethod { name: name?, kind: kind?, needs_bank: bank, needs_reference: reference };
        Some(Form { method, id: id?, version: version? })
    })
}

fn holding(method: &Method) -> Draft {
    let flag = |on: bool| if on { "1" } else { "" }.to_owned();
    Draft::holding([
        ("nombre", method.name.clone()),
        ("tipo", method.kind.clone()),
        ("banco", flag(method.needs_bank)),
        ("referencia", flag(method.needs_reference)),
        ("version", method.version.to_string()),
    ])
}

/// Two ways to pay of one name cannot be told apart at the till. The shop's row is
/// locked, so that nobody comes between; the error is what an index would say.
fn refuse_taken(methods: &[Method], name: &str, but: Option<MethodId>) -> Result<(), DbError> {
    let key = text_key::search_key(name);
    let mut others = methods.iter().filter(|method| method.active && Some(method.id) != but);
    if others.any(|method| text_key::search_key(&method.name) == key) {
        return Err(DbError::Unique { constraint: "payment_method_name".to_owned() });
    }
    Ok(())
}

/// `GET /configuracion/pagos/nueva/`.
///
/// # Errors
/// A template that fails.
pub async fn show_new(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let draft = Draft::holding([("id", app.new_id().to_string()), ("tipo", "transfer".to_owned())]);
    page.show(&MethodPage::new_method(&page, draft))
}

/// `POST /configuracion/pagos/nueva/`.
///
/// # Errors
/// A body that cannot be read, an id used for something else, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = super::pairs_of(&body)?;
    let content_hash = commands::form_hash("payment method", &pairs);
    let (form, mut draft) = match read(pairs, &page.format, None) {
        Ok(read) => read,
        Err(draft) => return page.show(&MethodPage::new_method(&page, draft)),
    };
    let (id, said) = (form.id.unwrap_or_else(|| app.new_id()), form.method.name.clone());
    let now_us = app.now_us();
    let made = app.db.shop_write(&page.actor, "create method", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
        let claimed = Claimed { id, kind: "payment method", content_hash, now_us };
        match commands::claim(tx, claimed).await? {
            Claim::Repeated(_) => return Ok(true),
            Claim::Conflict => return Ok(false),
            Claim::Fresh => {}
        }
        stored::lock(tx).await?;
        refuse_taken(&method_store::load_all(tx).await?, &form.method.name, None)?;
        method_store::insert(tx, MethodId(id), &form.method).await?;
        Ok(true)
    });
    match made.await {
        Ok(true) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).method_created(said)).cookie(page.secure);
            Ok((flash, Redirect::to(LIST)).into_response())
        }
        Ok(false) => Err(AppError::Conflict(None)),
        Err(DbError::Unique { .. }) => {
            draft.refuse("nombre", Problem::Taken);
            page.show(&MethodPage::new_method(&page, draft))
        }
        Err(error) => Err(error.into()),
    }
}

async fn load(app: &App, page: &ShopPage, id: &str) -> Result<Method, AppError> {
    let id: MethodId = id.parse().map_err(|_| AppError::NotFound)?;
    let methods = method_store::load_all(&mut app.db.shop(&page.actor).await?).await?;
    methods.into_iter().find(|method| method.id == id).ok_or(AppError::NotFound)
}

/// `GET /configuracion/pagos/{id}/`.
///
/// # Errors
/// No such way to pay in this shop, or a database that fails.
pub async fn show_one(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let method = load(&app, &page, &id).await?;
    let draft = holding(&method);
    page.show(&MethodPage::of(&page, method, draft))
}

/// `POST /configuracion/pagos/{id}/`.
///
/// # Errors
/// No such way to pay in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let method = load(&app, &page, &id).await?;
    let (form, mut draft) = match read(super::pairs_of(&body)?, &page.format, Some(&method.kind)) {
        Ok(read) => read,
        Err(draft) => return page.show(&MethodPage::of(&page, method, draft)),
    };
    let said = form.method.name.clone();
    let seen = Method { version: form.version.unwrap_or(method.version), ..method.clone() };
    let saved = app.db.shop_write(&page.actor, "edit method", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
        stored::lock(tx).await?;
        refuse_taken(&method_store::load_all(tx).await?, &form.method.name, Some(seen.id))?;
        method_store::save(tx, &seen, &form.method).await
    });
    let t = Texts(page.lang);
    match saved.await {
        Ok(true) => {
            let flash = Flash::new(Tone::Ok, t.method_saved(said)).cookie(page.secure);
            Ok((flash, Redirect::to(LIST)).into_response())
        }
        Ok(false) => {
            let now = load(&app, &page, &id).await?;
            let (version, conflict) = (now.version.to_string(), t.method_conflict(&now.name));
            page.show(&MethodPage { version, conflict, ..MethodPage::of(&page, now, draft) })
        }
        Err(DbError::Unique { .. }) => {
            draft.refuse("nombre", Problem::Taken);
            page.show(&MethodPage::of(&page, method, draft))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /configuracion/pagos/{id}/desactivar/`.
///
/// # Errors
/// No such way to pay in this shop, or a database that fails.
pub async fn deactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let method = load(&app, &page, &id).await?;
    let t = Texts(page.lang);
    let flash = if method.is_cash() {
        Flash::new(Tone::Warn, t.cash_stays())
    } else {
        set_active(&app, &page, method.id, false).await?;
        Flash::new(Tone::Ok, t.method_deactivated(method.name)).with_undo(format!("{LIST}{}/reactivar/", method.id))
    };
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}

/// `POST /configuracion/pagos/{id}/reactivar/`.
///
/// # Errors
/// No such way to pay in this shop, or a database that fails.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let method = load(&app, &page, &id).await?;
    set_active(&app, &page, method.id, true).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).method_reactivated(method.name));
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}

async fn set_active(app: &App, page: &ShopPage, id: MethodId, active: bool) -> Result<(), DbError> {
    let done =
        app.db.shop_write(&page.actor, "set method active", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            stored::lock(tx).await?;
            method_store::set_active(tx, id, active).await.map(drop)
        });
    done.await
}
