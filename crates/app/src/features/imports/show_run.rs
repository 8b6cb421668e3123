//! `/configuracion/datos/importar/<id>/`: review, apply or discard, and the report.

use super::{
    apply_job::ApplyImport,
    check::RefusedRow,
    columns::{Field, Kind},
    items::{Change, Item},
    map_columns::outward,
    run,
    store::{self, Run, RunState},
    upload::{HOME, run_href},
    words,
};
use crate::{
    kernel::{App, ShopPage},
    texts::imports::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use http::header;
use uuid::Uuid;
use web::{AppError, PageContext};

/// Changes and refusals that a page shows; the file of refusals has them all.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "imports/run.html")]
struct RunPage<'a> {
    page: &'a PageContext,
    t: Texts,
    title: &'static str,
    file_name: String,
    state: RunState,
    href: String,
    figures: Vec<(&'static str, String)>,
    has_work: bool,
    leaves_adjustments: bool,
    progress: String,
    progress_now: i64,
    progress_all: i64,
    items: Vec<ItemView>,
    items_note: String,
    refusals: Vec<RefusalView>,
    refusals_note: String,
    next_href: &'static str,
    next_label: &'static str,
}

struct ItemView {
    name: String,
    is_new: bool,
    changes: Vec<ChangeView>,
}

struct ChangeView {
    field: &'static str,
    before: String,
    after: String,
}

struct RefusalView {
    place: String,
    field: String,
    reason: String,
}

/// A state in words, and the tone of its badge.
pub fn state_words(t: Texts, state: RunState) -> (&'static str, &'static str) {
    match state {
        RunState::Staging | RunState::Waiting => (t.waiting(), "warn"),
        RunState::Applying => (t.in_progress(), "info"),
        RunState::Done => (t.done(), "ok"),
        RunState::Dropped => (t.dropped(), ""),
    }
}

fn run_id(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// `GET`: the run as it stands.
///
/// # Errors
/// A run that is not the shop's, a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = run_id(&id)?;
    let mut read = app.db.shop(&page.actor).await?;
    let run = store::load_run(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let items =
        if run.state == RunState::Waiting { store::load_items(&mut read, id, 0, SHOWN).await? } else { Vec::new() };
    let refusals = store::load_refusals(&mut read, id, 0, SHOWN).await?;
    drop(read);
    let items: Vec<ItemView> = items.into_iter().filter_map(|(_, _, item)| item_view(&page, item)).collect();
    page.show(&view(&page, run, items, &refusals))
}

fn view<'a>(page: &'a PageContext, run: Run, items: Vec<ItemView>, refusals: &[RefusedRow]) -> RunPage<'a> {
    let t = Texts(page.lang);
    let (next_href, next_label) = match run.kind {
        Kind::Products => ("/productos/", t.see_products()),
        Kind::Customers => ("/clientes/", t.see_customers()),
        Kind::Sales => ("/ventas/", t.see_sales()),
    };
    let first_of = |shown: usize, total: i64| {
        let is_all = i64::try_from(shown).is_ok_and(|shown| shown >= total);
        if is_all { String::new() } else { t.first_of(shown, page.format.count(total)) }
    };
    RunPage {
        page,
        t,
        title: match run.state {
            RunState::Staging | RunState::Waiting => t.preview_title(),
            RunState::Applying => t.in_progress(),
            RunState::Done => t.done(),
            RunState::Dropped => t.dropped(),
        },
        state: run.state,
        href: run_href(run.id),
        figures: figures(page, t, &run),
        has_work: run.items > 0,
        leaves_adjustments: run.summary.adjustments > 0 && !run.affects_stock,
        progress: t.applied_of(page.format.count(run.applied), page.format.count(run.items)),
        progress_now: run.applied,
        progress_all: run.items,
        items_note: first_of(items.len(), run.items),
        items,
        refusals: refusals.iter().map(|refused| refusal_view(page, refused)).collect(),
        refusals_note: first_of(refusals.len(), run.refused),
        file_name: run.file_name,
        next_href,
        next_label,
    }
}

fn figures(page: &PageContext, t: Texts, run: &Run) -> Vec<(&'static str, String)> {
    let count = |many: usize| page.format.count(i64::try_from(many).unwrap_or(i64::MAX));
    let mut figures = vec![(t.rows(), page.format.count(run.rows))];
    if run.kind == Kind::Sales {
        figures.push((t.sales(), count(run.summary.sales)));
        figures.push((t.refunds(), count(run.summary.refunds)));
        figures.push((t.adjustments(), count(run.summary.adjustments)));
        figures.push((t.kind_products(), count(run.summary.products)));
        figures.push((t.kind_customers(), count(run.summary.customers)));
    } else {
        figures.push((t.new(), page.format.count(run.new)));
        figures.push((t.changed(), page.format.count(run.changed)));
        figures.push((t.same(), page.format.count(run.same)));
    }
    figures.push((t.refused(), page.format.count(run.refused)));
    figures
}

/// Products and customers; documents are told by their number alone.
fn item_view(page: &PageContext, item: Item) -> Option<ItemView> {
    let change = |change: Change| ChangeView {
        field: Field::parse(&change.field).map_or("", |field| words::field(page.lang, field)),
        before: change.before,
        after: change.after,
    };
    let (name, is_new, changes) = match item {
        Item::Product(product) => (product.name, product.before.is_none(), product.changes),
        Item::Customer(customer) => (customer.name, customer.version.is_none(), customer.changes),
        Item::Sale(document) | Item::Refund(document) => (document.invoice, true, Vec::new()),
        Item::Adjustment(_) => return None,
    };
    Some(ItemView { name, is_new, changes: changes.into_iter().map(change).collect() })
}

fn refusal_view(page: &PageContext, refused: &RefusedRow) -> RefusalView {
    RefusalView {
        place: if refused.cell.is_empty() { refused.row.to_string() } else { refused.cell.clone() },
        field: Field::parse(&refused.field).map_or("", |field| words::field(page.lang, field)).to_owned(),
        reason: words::reason(page.lang, refused),
    }
}

/// `POST …/aplicar/`: applied by a job, so that the page answers at once and a restart
/// goes on with it.
///
/// # Errors
/// A run that is not the shop's, a database that fails.
pub async fn apply(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let run = run_id(&id)?;
    let (actor, now_us) = (page.actor, app.now_us());
    let stamp = jobs::Stamp { id: app.new_id(), now_us };
    let started = app
        .db
        .shop_write(&actor, "start import", async move |tx: &mut ShopTx| -> Result<Option<RunState>, DbError> {
            let Some(found) = store::lock_run(tx, run).await? else { return Ok(None) };
            // A second press finds it applying already and changes nothing.
            if store::change_state(tx, run, RunState::Waiting, RunState::Applying, now_us).await? {
                let job = ApplyImport { shop: actor.shop.0, run, person: actor.user.0 };
                jobs::enqueue(tx, stamp, &job).await?;
            }
            Ok(Some(found.state))
        })
        .await?;
    match started {
        None => Err(AppError::NotFound),
        Some(_) => {
            app.bell.ring();
            Ok(Redirect::to(&run_href(run)).into_response())
        }
    }
}

/// `POST …/descartar/`.
///
/// # Errors
/// A run that is not the shop's, a database that fails.
pub async fn discard(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = run_id(&id)?;
    run::drop_run(&app.db, page.actor, id, app.now_us()).await.map_err(outward)?;
    Ok(Redirect::to(HOME).into_response())
}

/// `GET …/rechazadas.csv`: every refused row with its cell and reason, for the
/// spreadsheet in which they will be put right.
///
/// # Errors
/// A run that is not the shop's, a database that fails.
pub async fn refusals(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let report = run::report(&app.db, page.actor, run_id(&id)?, false).await.map_err(outward)?;
    let t = Texts(page.lang);
    let separator = if page.format.numbers.decimal == ',' { ';' } else { ',' };
    // Nothing in it was typed by a person: numbers, cells, our own words.
    let mut text = format!("\u{feff}{}{separator}{}{separator}{}\r\n", t.row(), t.cell(), t.why());
    for refused in &report.refusals {
        let reason = words::reason(page.lang, refused).replace('"', "\"\"");
        text += &format!("{}{separator}{}{separator}\"{reason}\"\r\n", refused.row, refused.cell);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rechazadas.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}
