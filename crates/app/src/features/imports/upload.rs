//! `/configuracion/datos/importar/`: choose a file, and see the earlier imports.

use super::{
    check::{self, ImportError, ImportRequest},
    columns::Kind,
    known,
    read::Limits,
    reading::Choices,
    show_run::state_words,
    store::{self, RunState},
    upload_store, words,
};
use crate::{
    kernel::{App, ShopPage, request::whole},
    texts::imports::Texts,
};
use askama::Template;
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use domain::ids::TaxSetId;
use http::header;
use std::{collections::HashMap, convert::Infallible};
use uuid::Uuid;
use web::{AppError, Choice, Draft, PageContext, Problem, form::Said};

/// The address of this page.
pub const HOME: &str = "/configuracion/datos/importar/";

/// Earlier imports that are listed.
const LISTED: i64 = 20;

/// What a form has besides the file.
const FORM_BYTES_MAX: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "imports/upload.html")]
struct UploadPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    kinds: Vec<Choice>,
    tax_sets: Vec<Choice>,
    runs: Vec<RunRow>,
}

struct RunRow {
    href: String,
    file_name: String,
    kind: &'static str,
    at_us: i64,
    rows: String,
    refused: String,
    state: &'static str,
    tone: &'static str,
}

/// `GET /configuracion/datos/importar/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    show_form(&app, &page, Draft::holding([("tipo", Kind::Products.as_str())])).await
}

/// `POST /configuracion/datos/importar/`, with the file.
///
/// # Errors
/// A body that cannot be read or is too large, a database that fails.
pub async fn upload(State(app): State<App>, page: ShopPage, request: Request) -> Result<Response, AppError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
    let boundary = boundary.ok_or_else(|| AppError::BadRequest { why: "the form carries no file".to_owned() })?;
    let body = whole(request.into_body(), Limits::default().file_bytes_max + FORM_BYTES_MAX).await?;
    let sent = read_parts(body, boundary).await?;
    let mut draft = Draft::holding([
        ("tipo", sent.text("tipo")),
        ("impuesto", sent.text("impuesto")),
        ("mueve_existencias", sent.text("mueve_existencias")),
    ]);
    let kind = Kind::parse(&sent.text("tipo"));
    if kind.is_none() {
        draft.refuse("tipo", Problem::Required);
    }
    if sent.file.is_empty() {
        draft.refuse("archivo", Problem::Said(Said::new(|lang| Texts(lang).file_missing())));
    }
    let tax_set = sent.fields.get("impuesto").filter(|id| !id.is_empty()).map(|id| id.parse::<TaxSetId>());
    if matches!(tax_set, Some(Err(_))) {
        draft.refuse("impuesto", Problem::Required);
    }
    let Some(kind) = kind.filter(|_| !draft.is_refused()) else { return show_form(&app, &page, draft).await };
    let asked = ImportRequest {
        actor: page.actor,
        kind,
        file_name: sent.file_name,
        bytes: sent.file.to_vec().into(),
        mapping: None,
        choices: Choices::default(),
        tax_set: tax_set.and_then(Result::ok),
        affects_stock: draft.is_on("mueve_existencias"),
    };
    match check::open(&asked).await {
        Ok(_) => {}
        Err(ImportError::Db(error)) => return Err(error.into()),
        Err(refused) => {
            let said = Said::new(move |lang| words::refusal(lang, &refused).unwrap_or_default());
            draft.refuse("archivo", Problem::Said(said));
            return show_form(&app, &page, draft).await;
        }
    }
    if let Some(wanted) = asked.tax_set {
        let (sets, _) = known::load_tax_sets(&mut app.db.shop(&page.actor).await?).await?;
        if !sets.iter().any(|set| set.id == wanted.0) {
            draft.refuse("impuesto", Problem::Required);
            return show_form(&app, &page, draft).await;
        }
    }
    let id = app.new_id();
    upload_store::keep(&app.db, id, &asked, app.now_us()).await?;
    Ok(Redirect::to(&format!("{HOME}archivo/{id}/")).into_response())
}

/// What a multipart form brought.
#[derive(Default)]
struct Sent {
    fields: HashMap<String, String>,
    file: Bytes,
    file_name: String,
}

impl Sent {
    fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }
}

async fn read_parts(body: Bytes, boundary: String) -> Result<Sent, AppError> {
    let broken = |error: multer::Error| AppError::BadRequest { why: format!("the form cannot be read: {error}") };
    let stream = futures_util::stream::once(std::future::ready(Ok::<_, Infallible>(body)));
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut sent = Sent::default();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "archivo" {
            sent.file_name = file_name(part.file_name().unwrap_or_default());
            sent.file = part.bytes().await.map_err(broken)?;
        } else {
            let text = part.text().await.map_err(broken)?;
            sent.fields.insert(name, text);
        }
    }
    Ok(sent)
}

/// A name to show: without folders, control characters, or more than fits a line.
fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|letter| !letter.is_control()).take(100).collect()
}

async fn show_form(app: &App, page: &ShopPage, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[("tipo", t.kind_label()), ("archivo", t.file()), ("impuesto", t.tax_set())]);
    let mut read = app.db.shop(&page.actor).await?;
    let (sets, default) = known::load_tax_sets(&mut read).await?;
    let runs = store::recent(&mut read, LISTED).await?;
    drop(read);
    let hint = |kind: Kind| match kind {
        Kind::Products => t.kind_products_hint(),
        Kind::Customers => t.kind_customers_hint(),
        Kind::Sales => t.kind_sales_hint(),
    };
    let kinds = Kind::ALL
        .into_iter()
        .map(|kind| Choice { hint: hint(kind).to_owned(), ..Choice::new(kind.as_str(), words::kind(page.lang, kind)) });
    let (first, rest): (Vec<_>, Vec<_>) = sets.iter().partition(|set| set.id == default);
    let tax_sets = first.into_iter().chain(rest).map(|set| Choice::new(set.id.to_string(), &set.name));
    page.show(&UploadPage {
        page,
        t,
        draft,
        kinds: kinds.collect(),
        tax_sets: tax_sets.collect(),
        runs: runs.into_iter().map(|run| row(page, run)).collect(),
    })
}

fn row(page: &PageContext, run: store::RecentRun) -> RunRow {
    let (state, tone) = state_words(Texts(page.lang), run.state);
    let href = match run.state {
        RunState::Staging => HOME.to_owned(),
        _ => run_href(run.id),
    };
    RunRow {
        href,
        file_name: run.file_name,
        kind: words::kind(page.lang, run.kind),
        at_us: run.created_at,
        rows: page.format.count(run.rows),
        refused: page.format.count(run.refused),
        state,
        tone,
    }
}

/// The address of a run.
pub fn run_href(run: Uuid) -> String {
    format!("{HOME}{run}/")
}
