//! `/configuracion/impuestos/`: the shop's tax sets.

use crate::{
    actor::Actor,
    features::{
        catalog::{reprice, write as catalog},
        commands::{self, Claim, Claimed},
        settings::{
            stored,
            tax_form::{self, MoveTo},
            tax_store::{self, Rate, TaxSet, TaxSetFields},
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
use domain::{ids::TaxSetId, price_mode::PriceKind};
use web::{
    AppError, Draft, Format, PageContext, Problem,
    flash::{Flash, Tone},
    form::Choice,
};

/// Where the list is.
const LIST: &str = "/configuracion/impuestos/";

#[derive(Template)]
#[template(path = "settings/taxes.html")]
struct TaxesPage<'a> {
    page: &'a PageContext,
    t: Texts,
    sets: Vec<TaxSet>,
    included: bool,
}

impl TaxesPage<'_> {
    fn rates(&self, set: &TaxSet) -> String {
        said_rates(self.t, &self.page.format, &set.fields.rates)
    }
}

/// Taxes as people read them: `IVA 19 %`, or that there are none.
pub fn said_rates(t: Texts, format: &Format, rates: &[Rate]) -> String {
    if rates.is_empty() {
        return t.no_tax().to_owned();
    }
    let rates = rates.iter().map(|rate| format!("{} {}", rate.code, format.percent(rate.rate_ppm)));
    rates.collect::<Vec<_>>().join(" + ")
}

/// `GET /configuracion/impuestos/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let sets = tax_store::load_all(&mut read).await?;
    let (kind, _) = reprice::standing(&mut read).await?;
    drop(read);
    page.show(&TaxesPage { page: &page, t: Texts(page.lang), sets, included: kind.includes_tax() })
}

/// A set's form, new or filled.
#[derive(Template)]
#[template(path = "settings/tax.html")]
struct TaxPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    action: String,
    command_id: String,
    version: String,
    rows: [tax_form::RateFields; tax_form::RATES_MAX],
    standing: Option<Standing>,
    conflict: String,
    included: bool,
}

/// What is known of a set that is kept.
struct Standing {
    set: TaxSet,
    href: String,
    others: Vec<Choice>,
    move_draft: Draft,
}

impl<'a> TaxPage<'a> {
    fn new_set(page: &'a PageContext, draft: Draft, kind: PriceKind) -> Self {
        let t = Texts(page.lang);
        TaxPage {
            page,
            t,
            action: format!("{LIST}nuevo/"),
            command_id: draft.value("id").to_owned(),
            version: String::new(),
            draft: draft.labelled(&tax_form::labels(t)),
            rows: tax_form::ROWS,
            standing: None,
            conflict: String::new(),
            included: kind.includes_tax(),
        }
    }

    fn of(page: &'a PageContext, seen: &Seen, draft: Draft) -> Self {
        let others = seen.all.iter().filter(|other| other.active && other.id != seen.set.id);
        let others = others.map(|other| Choice::new(other.id.to_string(), other.fields.name.as_str())).collect();
        let href = format!("{LIST}{}/", seen.set.id);
        let standing = Standing { set: seen.set.clone(), href: href.clone(), others, move_draft: Draft::new() };
        TaxPage {
            action: href,
            command_id: String::new(),
            version: draft.value("version").to_owned(),
            standing: Some(standing),
            ..TaxPage::new_set(page, draft, seen.kind)
        }
    }

    /// Beside what somebody else saved meanwhile.
    fn beside(self, now: &TaxSet) -> Self {
        let rates = said_rates(self.t, &self.page.format, &now.fields.rates);
        TaxPage { version: now.version.to_string(), conflict: self.t.tax_conflict(&now.fields.name, rates), ..self }
    }
}

/// A set with what its page shows around it.
struct Seen {
    set: TaxSet,
    all: Vec<TaxSet>,
    kind: PriceKind,
}

async fn load(app: &App, page: &ShopPage, id: &str) -> Result<Seen, AppError> {
    let id: TaxSetId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut read = app.db.shop(&page.actor).await?;
    let all = tax_store::load_all(&mut read).await?;
    let (kind, _) = reprice::standing(&mut read).await?;
    let set = all.iter().find(|set| set.id == id).cloned().ok_or(AppError::NotFound)?;
    Ok(Seen { set, all, kind })
}

/// `GET /configuracion/impuestos/nuevo/`.
///
/// # Errors
/// A database that fails.
pub async fn show_new(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let (kind, _) = reprice::standing(&mut app.db.shop(&page.actor).await?).await?;
    let draft = Draft::holding([("id", app.new_id().to_string())]);
    page.show(&TaxPage::new_set(&page, draft, kind))
}

/// `POST /configuracion/impuestos/nuevo/`.
///
/// # Errors
/// A body that cannot be read, an id used for something else, a database that fails.
pub async fn create(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = super::pairs_of(&body)?;
    let content_hash = commands::form_hash("tax set", &pairs);
    let (kind, _) = reprice::standing(&mut app.db.shop(&page.actor).await?).await?;
    let (form, mut draft) = match tax_form::read(pairs, &page.format) {
        Ok(read) => read,
        Err(draft) => return page.show(&TaxPage::new_set(&page, draft, kind)),
    };
    let id = form.id.unwrap_or_else(|| app.new_id());
    let (name, now_us) = (form.fields.name.clone(), app.now_us());
    let made =
        app.db.shop_write(&page.actor, "create tax set", async move |tx: &mut ShopTx| -> Result<Made, DbError> {
            let claimed = Claimed { id, kind: "tax set", content_hash, now_us };
            match commands::claim(tx, claimed).await? {
                Claim::Repeated(_) => return Ok(Made::Done),
                Claim::Conflict => return Ok(Made::UsedId),
                Claim::Fresh => {}
            }
            stored::lock(tx).await?;
            refuse_taken(&tax_store::load_all(tx).await?, &form.fields.name, None)?;
            tax_store::insert(tx, TaxSetId(id), &form.fields, now_us).await?;
            Ok(Made::Done)
        });
    match made.await {
        Ok(Made::Done) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).tax_created(name)).cookie(page.secure);
            Ok((flash, Redirect::to(LIST)).into_response())
        }
        Ok(Made::UsedId) => Err(AppError::Conflict(None)),
        Err(DbError::Unique { .. }) => {
            draft.refuse("nombre", Problem::Taken);
            page.show(&TaxPage::new_set(&page, draft, kind))
        }
        Err(error) => Err(error.into()),
    }
}

enum Made {
    Done,
    UsedId,
}

/// Two sets of one name cannot be told apart on a product's page. The shop's row is
/// locked, so that nobody comes between; the error is what an index would say.
fn refuse_taken(sets: &[TaxSet], name: &str, but: Option<TaxSetId>) -> Result<(), DbError> {
    let key = text_key::search_key(name);
    let mut others = sets.iter().filter(|set| set.active && Some(set.id) != but);
    if others.any(|set| text_key::search_key(&set.fields.name) == key) {
        return Err(DbError::Unique { constraint: "tax_set_name".to_owned() });
    }
    Ok(())
}

/// `GET /configuracion/impuestos/{id}/`.
///
/// # Errors
/// No such set in this shop, or a database that fails.
pub async fn show_one(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let seen = load(&app, &page, &id).await?;
    let draft = tax_form::holding(&seen.set, &page.format);
    page.show(&TaxPage::of(&page, &seen, draft))
}

/// `POST /configuracion/impuestos/{id}/`.
///
/// # Errors
/// No such set in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let seen = load(&app, &page, &id).await?;
    let pairs = super::pairs_of(&body)?;
    let (form, mut draft) = match tax_form::read(pairs, &page.format) {
        Ok(read) => read,
        Err(draft) => return page.show(&TaxPage::of(&page, &seen, draft)),
    };
    let name = form.fields.name.clone();
    let edit = EditTaxSet {
        id: seen.set.id,
        actor: page.actor,
        seen: form.version.unwrap_or(seen.set.version),
        fields: form.fields,
        now_us: app.now_us(),
    };
    let actor = page.actor;
    let saved = app.db.shop_write(&actor, "edit tax set", async move |tx: &mut ShopTx| edit_tax_set(tx, &edit).await);
    match saved.await {
        Ok(Saved::Done) => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).tax_saved(name)).cookie(page.secure);
            Ok((flash, Redirect::to(LIST)).into_response())
        }
        Ok(Saved::Stale) => {
            let now = load(&app, &page, &id).await?;
            page.show(&TaxPage::of(&page, &now, draft).beside(&now.set))
        }
        Err(DbError::Unique { .. }) => {
            draft.refuse("nombre", Problem::Taken);
            page.show(&TaxPage::of(&page, &seen, draft))
        }
        Err(error) => Err(error.into()),
    }
}

/// An edit of a tax set.
#[derive(Clone, Debug)]
pub struct EditTaxSet {
    /// Of which.
    pub id: TaxSetId,
    /// Who edits it.
    pub actor: Actor,
    /// The version that was read before.
    pub seen: i64,
    /// What it becomes.
    pub fields: TaxSetFields,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is kept.
    Done,
    /// Somebody else edited the set in the meantime.
    Stale,
}

/// Carries out an edit. Other rates make one catalogue version, under which all of the
/// set's products are news to the tills; another name makes none.
///
/// # Errors
/// Whatever the database says; the name of another set in use is a unique violation.
pub async fn edit_tax_set(tx: &mut ShopTx, edit: &EditTaxSet) -> Result<Saved, DbError> {
    stored::lock(tx).await?;
    let all = tax_store::load_all(tx).await?;
    refuse_taken(&all, &edit.fields.name, Some(edit.id))?;
    if !tax_store::rename(tx, edit.id, edit.seen, &edit.fields.name, edit.now_us).await? {
        return Ok(Saved::Stale);
    }
    let before = all.iter().find(|set| set.id == edit.id);
    if before.is_some_and(|set| set.fields.rates != edit.fields.rates) {
        let version = catalog::begin_edit(tx, edit.actor.user, edit.now_us).await?;
        tax_store::replace_rates(tx, edit.id, &edit.fields.rates).await?;
        reprice::announce_taxes(tx, version, edit.id).await?;
    }
    Ok(Saved::Done)
}

/// `POST /configuracion/impuestos/{id}/predeterminado/`.
///
/// # Errors
/// No such set in this shop, or a database that fails.
pub async fn make_default(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let seen = load(&app, &page, &id).await?;
    let (id, now_us) = (seen.set.id, app.now_us());
    let made = app.db.shop_write(&page.actor, "make tax set default", async move |tx: &mut ShopTx| {
        stored::lock(tx).await?;
        if !tax_store::load(tx, id).await?.is_some_and(|set| set.active) {
            return Ok::<_, DbError>(false);
        }
        tax_store::make_default(tx, id, now_us).await
    });
    let t = Texts(page.lang);
    let flash = if made.await? {
        Flash::new(Tone::Ok, t.tax_now_default(seen.set.fields.name))
    } else {
        Flash::new(Tone::Warn, t.tax_not_in_use(seen.set.fields.name))
    };
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}

/// `POST /configuracion/impuestos/{id}/desactivar/`: its products go to the set that is
/// named in `destino`.
///
/// # Errors
/// No such set in this shop, a body that cannot be read, a database that fails.
pub async fn deactivate(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let seen = load(&app, &page, &id).await?;
    let form = tax_form::read_move(&body, &page.format, &seen.set, &seen.all)?;
    let to = match form {
        Ok(to) => to,
        Err(move_draft) => {
            let draft = tax_form::holding(&seen.set, &page.format);
            let mut shown = TaxPage::of(&page, &seen, draft);
            if let Some(standing) = &mut shown.standing {
                standing.move_draft = move_draft;
            }
            return page.show(&shown);
        }
    };
    let (id, actor, now_us) = (seen.set.id, page.actor, app.now_us());
    let done = app.db.shop_write(&actor, "deactivate tax set", async move |tx: &mut ShopTx| {
        deactivate_tax_set(tx, actor, id, to, now_us).await
    });
    let t = Texts(page.lang);
    let name = seen.set.fields.name;
    let flash = match done.await? {
        Deactivated::Done => Flash::new(Tone::Ok, t.tax_deactivated(name)).with_undo(format!("{LIST}{id}/reactivar/")),
        Deactivated::IsDefault => Flash::new(Tone::Warn, t.tax_default_stays(name)),
        Deactivated::HasProducts => Flash::new(Tone::Warn, t.tax_has_products(name)),
    };
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}

/// What became of taking a set out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deactivated {
    /// It is in no list any more, or was not before.
    Done,
    /// It is the usual one, and stays.
    IsDefault,
    /// Products have it, and nobody said which they shall have.
    HasProducts,
}

/// Takes a set out of use and gives its products to another.
///
/// # Errors
/// Whatever the database says.
pub async fn deactivate_tax_set(
    tx: &mut ShopTx,
    actor: Actor,
    id: TaxSetId,
    to: MoveTo,
    now_us: i64,
) -> Result<Deactivated, DbError> {
    stored::lock(tx).await?;
    // Nobody gives a product this set between the count and the end.
    let edit = catalog::begin_edit(tx, actor.user, now_us).await?;
    let all = tax_store::load_all(tx).await?;
    if all.iter().any(|set| set.id == id && set.is_default) {
        return Ok(Deactivated::IsDefault);
    }
    if reprice::count_taxed(tx, id).await? > 0 {
        let target = to.0.filter(|to| all.iter().any(|set| set.id == *to && set.active && *to != id));
        let Some(target) = target else { return Ok(Deactivated::HasProducts) };
        reprice::move_taxed(tx, edit, id, target).await?;
    }
    tax_store::set_active(tx, id, false, now_us).await?;
    Ok(Deactivated::Done)
}

/// `POST /configuracion/impuestos/{id}/reactivar/`.
///
/// # Errors
/// No such set in this shop, or a database that fails.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let seen = load(&app, &page, &id).await?;
    let (id, now_us) = (seen.set.id, app.now_us());
    let done = app.db.shop_write(&page.actor, "reactivate tax set", async move |tx: &mut ShopTx| {
        stored::lock(tx).await?;
        tax_store::set_active(tx, id, true, now_us).await.map(drop)
    });
    done.await.map_err(|error: DbError| AppError::from(error))?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).tax_reactivated(seen.set.fields.name));
    Ok((flash.cookie(page.secure), Redirect::to(LIST)).into_response())
}
