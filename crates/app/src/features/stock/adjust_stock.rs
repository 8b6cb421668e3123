//! The screen that sets stock right: what came, what is gone, or what was counted.

use crate::{
    features::{
        catalog::{
            product_id,
            product_page::quantity_in,
            record::{self, StoredProduct},
        },
        commands::{self, Claim, Claimed},
        settings::registers::{self, RegisterKind},
        stock::{
            adjust::{self, AdjustError, Adjustment, Wanted},
            ledger::MovementKind,
        },
    },
    kernel::{App, Body, ShopPage},
    texts::stock::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::cost::StockState;
use uuid::Uuid;
use web::{
    AppError, Choice, Draft, FormReader, PageContext, Problem, Text,
    flash::{Flash, Tone},
    form::Said,
    urlencoded,
};

const REASON_CHARS_MAX: usize = 255;

/// What the person says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Counted,
}

const WAYS: [(&str, Way); 3] = [("entra", Way::In), ("sale", Way::Out), ("conteo", Way::Counted)];

/// `GET /productos/{id}/ajuste/`.
///
/// # Errors
/// No such product in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (product, on_hand) = load(&app, &page, &id).await?;
    let draft = Draft::holding([("modo", "conteo".to_owned()), ("id", app.new_id().to_string())]);
    show_form(&page, &product, on_hand, draft)
}

/// `POST /productos/{id}/ajuste/`.
///
/// # Errors
/// No such product in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let (product, on_hand) = load(&app, &page, &id).await?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let content_hash = commands::form_hash("adjustment", &pairs);
    let (read, mut draft) = match read_form(pairs, &page, &product) {
        Ok(read) => read,
        Err(draft) => return show_form(&page, &product, on_hand, draft),
    };
    let command = Command {
        id: read.id.unwrap_or_else(|| app.new_id()),
        content_hash,
        way: read.way,
        wanted: read.wanted,
        reason: read.reason,
        actor: page.actor,
        product: product.id,
        now_us: app.now_us(),
    };
    let actor = page.actor;
    let done =
        app.db.shop_write(&actor, "adjust stock", async move |tx: &mut ShopTx| carry_out(tx, &command).await).await;
    let t = Texts(page.lang);
    let refusal: Box<dyn Fn(web::Lang) -> String + Send + Sync> = match done {
        Ok(()) => {
            let flash = Flash::new(Tone::Ok, t.adjusted(&product.fields.name)).cookie(page.secure);
            return Ok((flash, Redirect::to(&format!("/productos/{}/kardex/", product.id))).into_response());
        }
        Err(Refused::UsedId) => return Err(AppError::Conflict(None)),
        Err(Refused::Db(error)) => return Err(error.into()),
        Err(Refused::NotSoMany { on_hand_milli }) => {
            let there = page.format.quantity(on_hand_milli);
            Box::new(move |lang| Texts(lang).not_so_many(&there))
        }
        Err(Refused::Quantity) => Box::new(|lang| Texts(lang).too_much().to_owned()),
    };
    draft.refuse("cantidad", Problem::Said(Said::new(refusal)));
    show_form(&page, &product, on_hand, draft)
}

async fn load(app: &App, page: &ShopPage, id: &str) -> Result<(StoredProduct, i64), AppError> {
    let id = product_id(id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let product = record::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let on_hand = record::on_hand_milli(&mut read, id).await?;
    Ok((product, on_hand))
}

struct ReadForm {
    id: Option<Uuid>,
    way: Way,
    wanted: Wanted,
    reason: String,
}

fn read_form(
    pairs: Vec<(String, String)>,
    page: &PageContext,
    product: &StoredProduct,
) -> Result<(ReadForm, Draft), Draft> {
    let mut form = FormReader::of(pairs, &page.format);
    let id = form.id_or_none("id");
    let way = form.choice("modo", &WAYS);
    let quantity = form.quantity("cantidad");
    let unit_cost = form.amount_or_none("costo");
    let reason = form.text("motivo", Text::required(REASON_CHARS_MAX));
    let wanted = way.zip(quantity).and_then(|(way, milli)| wanted(&mut form, page, way, milli, unit_cost.flatten()));
    if !product.fields.tracks_stock {
        form.refuse("cantidad", Problem::Said(Said::new(|lang| Texts(lang).not_counted())));
    }
    form.finish(|| Some(ReadForm { id: id?, way: way?, wanted: wanted?, reason: reason? }))
}

fn wanted(
    form: &mut FormReader<'_>,
    page: &PageContext,
    way: Way,
    milli: i64,
    unit_cost_minor: Option<i64>,
) -> Option<Wanted> {
    if milli > domain::quote::QUANTITY_MILLI_MAX {
        form.refuse("cantidad", Problem::TooBig { max: page.format.quantity(domain::quote::QUANTITY_MILLI_MAX) });
        return None;
    }
    if milli == 0 && way != Way::Counted {
        form.refuse("cantidad", Problem::TooSmall { min: page.format.quantity(1) });
        return None;
    }
    Some(match way {
        Way::In => Wanted::Change { quantity_milli: milli, unit_cost_minor },
        Way::Out => Wanted::Change { quantity_milli: -milli, unit_cost_minor: None },
        Way::Counted => Wanted::Counted { quantity_milli: milli },
    })
}

struct Command {
    id: Uuid,
    content_hash: [u8; 32],
    way: Way,
    wanted: Wanted,
    reason: String,
    actor: crate::actor::Actor,
    product: domain::ids::ProductId,
    now_us: i64,
}

#[derive(Debug)]
enum Refused {
    /// The id was used for something else.
    UsedId,
    /// More would go than there is.
    NotSoMany { on_hand_milli: i64 },
    /// The quantity or its value does not fit.
    Quantity,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Refused::Db(error)
    }
}

impl From<AdjustError> for Refused {
    fn from(error: AdjustError) -> Self {
        match error {
            AdjustError::Quantity(_) => Refused::Quantity,
            AdjustError::Db(error) => Refused::Db(error),
        }
    }
}

/// Adjusts once; a form sent again changes nothing.
async fn carry_out(tx: &mut ShopTx, command: &Command) -> Result<(), Refused> {
    let claimed =
        Claimed { id: command.id, kind: "adjustment", content_hash: command.content_hash, now_us: command.now_us };
    match commands::claim(tx, claimed).await? {
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(Refused::UsedId),
        Claim::Fresh => {}
    }
    let office = registers::first_of_kind(tx, RegisterKind::Office).await?;
    let register = office.ok_or(DbError::NotOne { statement: "settings.register_of_kind", rows: 0 })?;
    let place = registers::load_place(tx, register).await?;
    let place = place.ok_or(DbError::NotOne { statement: "settings.register_place", rows: 0 })?;
    let adjustment = Adjustment {
        id: command.id,
        actor: command.actor,
        location: place.location,
        register,
        product: command.product,
        wanted: command.wanted,
        kind: if command.way == Way::Counted { MovementKind::Count } else { MovementKind::Adjustment },
        reason: command.reason.clone(),
        now_us: command.now_us,
    };
    let after: StockState = adjust::adjust(tx, &adjustment).await?;
    match command.wanted {
        // What is gone was there: a person who says otherwise meant to count.
        Wanted::Change { quantity_milli: gone @ ..0, .. } if after.quantity_milli < 0 => {
            Err(Refused::NotSoMany { on_hand_milli: after.quantity_milli - gone })
        }
        _ => Ok(()),
    }
}

fn show_form(
    page: &PageContext,
    product: &StoredProduct,
    on_hand_milli: i64,
    draft: Draft,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let labels =
        [("cantidad", t.quantity()), ("motivo", t.reason()), ("modo", t.what_happened()), ("costo", t.unit_cost())];
    let choice = |value: &str, label: &str, hint: &str| Choice::new(value, label).with_hint(hint);
    page.show(&AdjustPage {
        page,
        t,
        back: format!("/productos/{}/", product.id),
        action: format!("/productos/{}/ajuste/", product.id),
        name: &product.fields.name,
        unit: product.fields.unit.mark(),
        tracks_stock: product.fields.tracks_stock,
        on_hand: quantity_in(page, on_hand_milli, product.fields.unit),
        command_id: draft.value("id").to_owned(),
        ways: vec![
            choice("conteo", t.way_counted(), t.way_counted_hint()),
            choice("entra", t.way_in(), t.way_in_hint()),
            choice("sale", t.way_out(), t.way_out_hint()),
        ],
        draft: draft.labelled(&labels),
    })
}

#[derive(Template)]
#[template(path = "stock/adjust.html")]
struct AdjustPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    name: &'a str,
    unit: &'static str,
    tracks_stock: bool,
    on_hand: String,
    back: String,
    action: String,
    command_id: String,
    ways: Vec<Choice>,
}
