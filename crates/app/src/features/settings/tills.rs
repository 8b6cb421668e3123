//! `/configuracion/cajas/`: the tills, and the device that sells at each.

use crate::{
    actor::Actor,
    features::{
        commands::{self, Claim, Claimed},
        settings::{
            register_store::{self, Till},
            stored,
        },
        sync::{
            devices::{self, ActiveDevice, Device},
            enrol::{Revoking, Why, revoke},
        },
    },
    kernel::{App, Body, ShopPage},
    texts::settings::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::{DeviceId, RegisterId};
use uuid::Uuid;
use web::{
    AppError, Draft, FormReader, PageContext, Problem, Text,
    flash::{Flash, Tone},
    form::Said,
};

/// Where the list is.
const LIST: &str = "/configuracion/cajas/";
/// Longest name, in characters: it stands on the till's bar.
const NAME_CHARS_MAX: usize = 40;
/// Longest series, in characters: it stands before every number.
const PREFIX_CHARS_MAX: usize = 8;

#[derive(Template)]
#[template(path = "settings/tills.html")]
struct TillsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    tills: Vec<(Till, Option<ActiveDevice>)>,
}

/// `GET /configuracion/cajas/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let tills = register_store::load_all(&mut read).await?;
    let active = devices::active(&mut read).await?;
    drop(read);
    let with_device = |till: Till| {
        let device = active.iter().find(|device| device.register == till.id).cloned();
        (till, device)
    };
    page.show(&TillsPage { page: &page, t: Texts(page.lang), tills: tills.into_iter().map(with_device).collect() })
}

/// A till's form, new or filled.
#[derive(Template)]
#[template(path = "settings/till.html")]
struct TillPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    action: String,
    command_id: String,
    version: String,
    standing: Option<Till>,
    devices: Vec<Device>,
    conflict: String,
}

impl<'a> TillPage<'a> {
    fn new_till(page: &'a PageContext, draft: Draft) -> Self {
        let t = Texts(page.lang);
        TillPage {
            page,
            t,
            action: format!("{LIST}nueva/"),
            command_id: draft.value("id").to_owned(),
            version: String::new(),
            draft: draft.labelled(&[("nombre", t.field_till_name()), ("prefijo", t.field_prefix())]),
            standing: None,
            devices: Vec::new(),
            conflict: String::new(),
        }
    }

    fn of(page: &'a PageContext, till: Till, devices: Vec<Device>, draft: Draft) -> Self {
        TillPage {
            action: format!("{LIST}{}/", till.id),
            command_id: String::new(),
            version: draft.value("version").to_owned(),
            standing: Some(till),
            devices,
            ..TillPage::new_till(page, draft)
        }
    }

    fn ended(&self, device: &Device) -> &'static str {
        match device.revoked_why.as_str() {
            "lost" => self.t.device_lost(),
            "replaced" => self.t.device_replaced(),
            "closed" => self.t.device_closed(),
            _ => self.t.device_released(),
        }
    }
}

async fn load(app: &App, page: &ShopPage, id: &str) -> Result<(Till, Vec<Device>), AppError> {
    let id: RegisterId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut read = app.db.shop(&page.actor).await?;
    let till = register_store::load_all(&mut read).await?.into_iter().find(|till| till.id == id);
    let till = till.ok_or(AppError::NotFound)?;
    let devices = devices::of_register(&mut read, id).await?;
    Ok((till, devices))
}

fn holding(till: &Till) -> Draft {
    Draft::holding([("nombre", till.name.clone()), ("version", till.version.to_string())])
}

/// `GET /configuracion/cajas/nueva/`.
///
/// # Errors
/// A database that fails.
pub async fn show_new(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let prefix = register_store::free_prefix(&mut app.db.shop(&page.actor).await?).await?;
    let name = Texts(page.lang).till_named(prefix.trim_start_matches('C').trim_end_matches('-'));
    let draft = Draft::holding([("id", app.new_id().to_string()), ("nombre", name), ("prefijo", prefix)]);
    page.show(&TillPage::new_till(&page, draft))
}

/// `POST /configuracion/cajas/nueva/`.
///
/// # Errors
/// A body that cannot be read, an id used for something else, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = super::pairs_of(&body)?;
    let content_hash = commands::form_hash("till", &pairs);
    let mut form = FormReader::of(pairs, &page.format);
    let name = form.text("nombre", Text::required(NAME_CHARS_MAX));
    let prefix = prefix(&mut form);
    let id: Option<Option<Uuid>> = form.id_or_none("id");
    let ((name, prefix, id), mut draft) = match form.finish(|| Some((name?, prefix?, id?))) {
        Ok(read) => read,
        Err(draft) => return page.show(&TillPage::new_till(&page, draft)),
    };
    let (id, now_us, said) = (id.unwrap_or_else(|| app.new_id()), app.now_us(), name.clone());
    let made = app.db.shop_write(&page.actor, "create till", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
        let claimed = Claimed { id, kind: "till", content_hash, now_us };
        match commands::claim(tx, claimed).await? {
            Claim::Repeated(_) => return Ok(true),
            Claim::Conflict => return Ok(false),
            Claim::Fresh => {}
        }
        register_store::insert(tx, RegisterId(id), &name, &prefix, now_us).await?;
        Ok(true)
    });
    match made.await {
        Ok(true) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).till_created(said)).cookie(page.secure);
            Ok((flash, Redirect::to(LIST)).into_response())
        }
        Ok(false) => Err(AppError::Conflict(None)),
        Err(DbError::Unique { constraint }) if constraint.contains("prefix") => {
            draft.refuse("prefijo", Problem::Taken);
            page.show(&TillPage::new_till(&page, draft))
        }
        Err(error) => Err(error.into()),
    }
}

/// Letters, digits and a dash: a series is read aloud and typed when somebody looks for
/// a sale.
fn prefix(form: &mut FormReader<'_>) -> Option<String> {
    let prefix = form.text("prefijo", Text::required(PREFIX_CHARS_MAX))?;
    if prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Some(prefix.to_ascii_uppercase());
    }
    form.refuse("prefijo", Problem::Said(Said::new(|lang| Texts(lang).prefix_malformed())));
    None
}

/// `GET /configuracion/cajas/{id}/`.
///
/// # Errors
/// No such till in this shop, or a database that fails.
pub async fn show_one(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (till, devices) = load(&app, &page, &id).await?;
    let draft = holding(&till);
    page.show(&TillPage::of(&page, till, devices, draft))
}

/// `POST /configuracion/cajas/{id}/`.
///
/// # Errors
/// No such till in this shop, a body that cannot be read, a database that fails.
pub async fn rename(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let (till, devices) = load(&app, &page, &id).await?;
    let mut form = FormReader::new(&body, &page.format)?;
    let name = form.text("nombre", Text::required(NAME_CHARS_MAX));
    let seen: Option<Option<i64>> = form.id_or_none("version");
    let ((name, seen), draft) = match form.finish(|| Some((name?, seen?))) {
        Ok(read) => read,
        Err(draft) => return page.show(&TillPage::of(&page, till, devices, draft)),
    };
    let (register, seen, now_us, said) = (till.id, seen.unwrap_or(till.version), app.now_us(), name.clone());
    let saved = app.db.shop_write(&page.actor, "rename till", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
        register_store::rename(tx, register, seen, &name, now_us).await
    });
    let t = Texts(page.lang);
    if !saved.await? {
        let (now, devices) = load(&app, &page, &id).await?;
        let (version, conflict) = (now.version.to_string(), t.till_conflict(&now.name));
        return page.show(&TillPage { version, conflict, ..TillPage::of(&page, now, devices, draft) });
    }
    let flash = Flash::new(Tone::Ok, t.till_saved(said)).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("{LIST}{register}/"))).into_response())
}

/// `POST /configuracion/cajas/{id}/perdido/`: nobody knows who has the device.
///
/// # Errors
/// No such till in this shop, a body that cannot be read, a database that fails.
pub async fn lose(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    end_device(&app, &page, &id, &body, Why::Lost).await
}

/// `POST /configuracion/cajas/{id}/liberar/`: another device shall have the till.
///
/// # Errors
/// No such till in this shop, a body that cannot be read, a database that fails.
pub async fn release(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    end_device(&app, &page, &id, &body, Why::Released).await
}

async fn end_device(app: &App, page: &ShopPage, id: &str, body: &[u8], why: Why) -> Result<Response, AppError> {
    let (till, _) = load(app, page, id).await?;
    let mut form = FormReader::new(body, &page.format)?;
    let device: Option<DeviceId> = form.id("equipo");
    // A page whose device is gone by now is shown as it is; nothing else can be wrong.
    let device = form.finish(|| device).ok().map(|(device, _)| device);
    let revoking = Revoking { person: page.actor.user, why, now_us: app.now_us() };
    let register = till.id;
    let ended = app.db.shop_write(&page.actor, "end device", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
        let Some(device) = device else { return Ok(false) };
        devices::end(tx, register, device, revoking).await
    });
    let t = Texts(page.lang);
    let flash = match (ended.await?, why) {
        (false, _) => Flash::new(Tone::Warn, t.device_gone(till.name)),
        (true, Why::Lost) => Flash::new(Tone::Ok, t.device_now_lost(till.name)),
        (true, _) => Flash::new(Tone::Ok, t.device_now_released(till.name)),
    };
    Ok((flash.cookie(page.secure), Redirect::to(&format!("{LIST}{register}/"))).into_response())
}

/// `POST /configuracion/cajas/{id}/desactivar/`.
///
/// # Errors
/// No such till in this shop, or a database that fails.
pub async fn deactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (till, _) = load(&app, &page, &id).await?;
    let (actor, register, now_us) = (page.actor, till.id, app.now_us());
    let done = app
        .db
        .shop_write(&actor, "close till", async move |tx: &mut ShopTx| close_till(tx, actor, register, now_us).await);
    let t = Texts(page.lang);
    let flash = if done.await? {
        Flash::new(Tone::Ok, t.till_deactivated(till.name)).with_undo(format!("{LIST}{register}/reactivar/"))
    } else {
        Flash::new(Tone::Warn, t.till_is_open(till.name))
    };
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}

/// Takes a till out of use with its device; `false` while its drawer is open: money lies
/// in it that somebody has to count first.
///
/// # Errors
/// Whatever the database says.
pub async fn close_till(tx: &mut ShopTx, actor: Actor, register: RegisterId, now_us: i64) -> Result<bool, DbError> {
    register_store::lock(tx, register).await?;
    if register_store::has_open_drawer(tx, register).await? {
        return Ok(false);
    }
    register_store::set_active(tx, register, false, now_us).await?;
    revoke(tx, register, Revoking { person: actor.user, why: Why::Closed, now_us }).await?;
    Ok(true)
}

/// `POST /configuracion/cajas/{id}/reactivar/`.
///
/// # Errors
/// No such till in this shop, or a database that fails.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (till, _) = load(&app, &page, &id).await?;
    let (register, now_us) = (till.id, app.now_us());
    let done = app.db.shop_write(&page.actor, "reopen till", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        stored::lock(tx).await?;
        register_store::set_active(tx, register, true, now_us).await.map(drop)
    });
    done.await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).till_reactivated(till.name));
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}
