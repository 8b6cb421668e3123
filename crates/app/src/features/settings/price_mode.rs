//! `/configuracion/impuestos/precios/`: whether prices include tax, and the guided
//! switch: first the list of what becomes of each price, then one transaction.

use crate::{
    actor::Actor,
    features::{
        catalog::{
            reprice::{self, Of, Plan, Planned},
            write as catalog,
        },
        settings::{guide, stored},
    },
    kernel::{App, Body, ShopPage},
    texts::settings::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::price_mode::{Keep, PriceKind};
use web::{
    AppError, FormReader, Format, PageContext,
    flash::{Flash, Tone},
    page::Link,
    query::Query,
};

/// Where the page is.
const HERE: &str = "/configuracion/impuestos/precios/";
/// Prices on one page of the preview.
const ROWS_PER_PAGE: usize = 100;
/// Exceptions that are listed by name; a shop that has more has read enough to decide.
const EXCEPTIONS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "settings/price_mode.html")]
struct PriceModePage<'a> {
    page: &'a PageContext,
    t: Texts,
    included: bool,
    keeps_shelf: bool,
    ways: Vec<Link>,
    stale: bool,
    version: i64,
    prices: i64,
    rewritten: i64,
    moved: i64,
    exceptions: Vec<Row>,
    exceptions_more: i64,
    too_large: Vec<String>,
    rows: Vec<Row>,
    number: usize,
    pages: usize,
    previous_href: Option<String>,
    next_href: Option<String>,
}

/// A price of the preview.
struct Row {
    href: String,
    name: String,
    what: String,
    stored_before: String,
    stored_after: String,
    shelf_before: String,
    shelf_after: String,
    moves: bool,
}

/// The word of the form and of the address.
fn way(keep: Keep) -> &'static str {
    match keep {
        Keep::Shelf => "estante",
        Keep::Stored => "guardado",
    }
}

const WAYS: [(&str, Keep); 2] = [("estante", Keep::Shelf), ("guardado", Keep::Stored)];

fn row(line: &Planned, t: Texts, format: &Format) -> Row {
    let what = match &line.of {
        Of::Unit => String::new(),
        Of::PricedPack { code, pack_milli } => t.price_pack_of(format.quantity(*pack_milli), code.as_str()),
        Of::Pack { pack_milli } => t.price_pack(format.quantity(*pack_milli)),
    };
    Row {
        href: format!("/productos/{}/", line.product),
        name: line.name.clone(),
        what,
        stored_before: format.amount(line.price_minor),
        stored_after: format.amount(line.switched.price_minor),
        shelf_before: format.amount(line.switched.shelf_before_minor),
        shelf_after: format.amount(line.switched.shelf_after_minor),
        moves: line.switched.moves_shelf(),
    }
}

fn show_plan(page: &ShopPage, plan: &Plan, number: usize, stale: bool) -> Result<Response, AppError> {
    let (t, format) = (Texts(page.lang), &page.format);
    let listed: Vec<&Planned> = plan.lines.iter().filter(|line| !matches!(line.of, Of::Pack { .. })).collect();
    let pages = listed.len().div_ceil(ROWS_PER_PAGE).max(1);
    let number = number.clamp(1, pages);
    let shown = listed.iter().skip((number - 1) * ROWS_PER_PAGE).take(ROWS_PER_PAGE);
    let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let moved = plan.moved().count();
    let keeps_shelf = plan.keep == Keep::Shelf;
    let page_href = |number: usize| format!("{HERE}?mantener={}&pagina={number}", way(plan.keep));
    // Where the stored prices stay every shelf price moves: that is the list itself.
    let exceptions = if keeps_shelf { EXCEPTIONS_MAX } else { 0 };
    let ways = [(Keep::Shelf, t.keep_shelf()), (Keep::Stored, t.keep_stored())].map(|(keep, label)| Link {
        href: format!("{HERE}?mantener={}", way(keep)),
        label: label.to_owned(),
        current: keep == plan.keep,
        ..Link::default()
    });
    page.show(&PriceModePage {
        page,
        t,
        included: !plan.to.includes_tax(),
        keeps_shelf,
        ways: ways.into(),
        stale,
        version: plan.version,
        prices: many(listed.len()),
        rewritten: many(plan.rewritten().count()),
        moved: many(moved),
        exceptions: plan.moved().take(exceptions).map(|line| row(line, t, format)).collect(),
        exceptions_more: if keeps_shelf { many(moved.saturating_sub(exceptions)) } else { 0 },
        too_large: plan.too_large.clone(),
        rows: shown.map(|line| row(line, t, format)).collect(),
        number,
        pages,
        previous_href: (number > 1).then(|| page_href(number - 1)),
        next_href: (number < pages).then(|| page_href(number + 1)),
    })
}

/// `GET /configuracion/impuestos/precios/`.
///
/// # Errors
/// A query that cannot be read, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let asked = query.get("mantener").and_then(|word| WAYS.iter().find(|(way, _)| *way == word));
    let number = query.get("pagina").and_then(|text| text.parse().ok()).unwrap_or(1);
    let keep = asked.map_or(Keep::Shelf, |(_, keep)| *keep);
    let plan = reprice::plan(&mut app.db.snapshot(&page.actor).await?, keep).await?;
    show_plan(&page, &plan, number, false)
}

/// `POST /configuracion/impuestos/precios/`.
///
/// # Errors
/// A body that cannot be read, or a database that fails.
pub async fn submit(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let mut form = FormReader::new(&body, &page.format)?;
    let keep = form.choice("mantener", &WAYS);
    let seen: Option<i64> = form.id("version");
    let Ok(((keep, seen), _)) = form.finish(|| Some((keep?, seen?))) else {
        return Ok(Redirect::to(HERE).into_response());
    };
    let (actor, now_us) = (page.actor, app.now_us());
    let command = SwitchPrices { actor, keep, seen, now_us };
    let switched =
        app.db.shop_write(&actor, "switch prices", async move |tx: &mut ShopTx| switch_prices(tx, command).await);
    match switched.await {
        Ok(to) => {
            let t = Texts(page.lang);
            let said = if to.includes_tax() { t.prices_now_include() } else { t.prices_now_before() };
            Ok((Flash::new(Tone::Ok, said).cookie(page.secure), Redirect::to("/configuracion/impuestos/"))
                .into_response())
        }
        // What was read is not what would happen now: it is shown again, and nothing happened.
        Err(SwitchError::Stale) => {
            let plan = reprice::plan(&mut app.db.snapshot(&page.actor).await?, keep).await?;
            show_plan(&page, &plan, 1, true)
        }
        Err(SwitchError::Db(error)) => Err(error.into()),
    }
}

/// `POST /configuracion/impuestos/precios/asi/`: prices stay as they are, and the
/// first-run guide knows that somebody looked.
///
/// # Errors
/// A database that fails.
pub async fn confirm(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let now_us = app.now_us();
    let confirmed =
        app.db.shop_write(&page.actor, "confirm prices", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            stored::lock(tx).await?;
            guide::confirm_prices(tx, now_us).await
        });
    confirmed.await?;
    Ok(Redirect::to("/dashboard/").into_response())
}

/// A switch to carry out.
#[derive(Clone, Copy, Debug)]
pub struct SwitchPrices {
    /// Who switches.
    pub actor: Actor,
    /// Whose price stays.
    pub keep: Keep,
    /// The catalogue's version that the preview was about.
    pub seen: i64,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why prices mean what they did.
#[derive(Debug)]
pub enum SwitchError {
    /// The catalogue moved on, or a price would become too large.
    Stale,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for SwitchError {
    fn from(error: DbError) -> Self {
        SwitchError::Db(error)
    }
}

/// Switches what the shop's prices mean, to what they do not mean now, which it answers.
///
/// # Errors
/// The reasons of [`SwitchError`]; nothing is written then.
pub async fn switch_prices(tx: &mut ShopTx, command: SwitchPrices) -> Result<PriceKind, SwitchError> {
    stored::lock(tx).await?;
    // Taken first: nobody changes a price after it was read.
    let edit = catalog::begin_edit(tx, command.actor.user, command.now_us).await?;
    let plan = reprice::plan(tx, command.keep).await?;
    if edit.version != command.seen + 1 || !plan.too_large.is_empty() {
        return Err(SwitchError::Stale);
    }
    reprice::apply(tx, edit, &plan).await?;
    stored::set_prices_include_tax(tx, plan.to.includes_tax(), command.now_us).await?;
    Ok(plan.to)
}
