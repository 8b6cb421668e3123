//! `/configuracion/datos/importar/archivo/<id>/`: what each column is, guessed, and
//! corrected by the person.

use super::{
    check::{self, ImportError, Opened, Tools},
    columns::{Field, Kind, Mapping},
    number::DecimalMark,
    read::{Cell, column_letters},
    run,
    upload::{HOME, run_href},
    upload_store, words,
};
use crate::{
    kernel::{App, Body, ShopPage},
    texts::imports::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use uuid::Uuid;
use web::{AppError, Choice, Lang, PageContext, urlencoded};

/// Rows below the headers from which examples are taken.
const EXAMPLE_ROWS: usize = 50;

#[derive(Template)]
#[template(path = "imports/columns.html")]
struct ColumnsPage<'a> {
    page: &'a PageContext,
    t: Texts,
    action: String,
    problem: String,
    columns: Vec<ColumnView>,
    fields: Vec<Choice>,
    marks: Vec<MarkView>,
}

struct ColumnView {
    name: String,
    label: String,
    examples: String,
    chosen: &'static str,
}

struct MarkView {
    name: String,
    label: String,
    question: String,
    chosen: &'static str,
}

/// `GET`: the columns as they are guessed.
///
/// # Errors
/// A file that is not the shop's, a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id: Uuid = id.parse().map_err(|_| AppError::NotFound)?;
    let request = upload_store::load(&app.db, page.actor, id).await.map_err(outward)?;
    let opened = check::open(&request).await.map_err(outward)?;
    show_columns(&page, id, request.kind, &opened, String::new())
}

/// `POST`: the columns as the person says; leads to the review.
///
/// # Errors
/// A file that is not the shop's, a body that cannot be read, a database that fails.
pub async fn choose(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let id: Uuid = id.parse().map_err(|_| AppError::NotFound)?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let mut request = upload_store::load(&app.db, page.actor, id).await.map_err(outward)?;
    let guessed = check::open(&request).await.map_err(outward)?;
    let said = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let allowed = request.kind.fields();
    let field =
        |column: usize| Field::parse(said(&format!("columna_{column}"))).filter(|field| allowed.contains(field));
    let mapping = Mapping {
        header_at: guessed.mapping.header_at,
        fields: (0..guessed.mapping.fields.len()).map(field).collect(),
    };
    for number in [Field::Price, Field::PurchasePrice, Field::Stock, Field::Minimum, Field::Quantity] {
        match said(&format!("decimales_{}", number.as_str())) {
            "comma" => drop(request.choices.marks.insert(number, DecimalMark::Comma)),
            "point" => drop(request.choices.marks.insert(number, DecimalMark::Point)),
            _ => {}
        }
    }
    let repeated =
        allowed.iter().any(|field| mapping.fields.iter().filter(|found| **found == Some(*field)).count() > 1);
    request.mapping = Some(mapping);
    let problem = if repeated {
        Texts(page.lang).repeated_field().to_owned()
    } else {
        match run::stage(&app.db, &request, &Tools::beside_tills(&app.sources), &|_| {}).await {
            Ok(run) => return Ok(Redirect::to(&run_href(run)).into_response()),
            Err(error) => words::refusal(page.lang, &error).ok_or(()).map_err(|()| outward(error))?,
        }
    };
    let opened = check::open(&request).await.map_err(outward)?;
    show_columns(&page, id, request.kind, &opened, problem)
}

/// What is none of the form's business: not there, or a database that failed.
pub fn outward(error: ImportError) -> AppError {
    match error {
        ImportError::Db(error) => error.into(),
        _ => AppError::NotFound,
    }
}

fn show_columns(
    page: &PageContext,
    id: Uuid,
    kind: Kind,
    opened: &Opened,
    problem: String,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let header = opened.table.rows.get(opened.mapping.header_at);
    let columns = opened.mapping.fields.iter().enumerate().map(|(column, field)| {
        let title = header.map(|row| row.cell(column).as_text()).unwrap_or_default();
        ColumnView {
            name: format!("columna_{column}"),
            label: format!("{} · {title}", column_letters(column)),
            examples: examples(opened, column),
            chosen: field.map_or("", Field::as_str),
        }
    });
    let marks = opened.questions.iter().map(|question| question.field).chain(opened.choices.marks.keys().copied());
    let mut asked: Vec<Field> = marks.collect();
    asked.sort_unstable();
    asked.dedup();
    let marks = asked.into_iter().filter(|field| opened.mapping.column(*field).is_some()).map(|field| MarkView {
        name: format!("decimales_{}", field.as_str()),
        label: t.mark_label(words::field(page.lang, field)),
        question: opened
            .questions
            .iter()
            .find(|question| question.field == field)
            .map(|question| t.mark_question(question.row))
            .unwrap_or_default(),
        chosen: match opened.choices.marks.get(&field) {
            Some(DecimalMark::Comma) => "comma",
            Some(DecimalMark::Point) => "point",
            None => "",
        },
    });
    page.show(&ColumnsPage {
        page,
        t,
        action: format!("{HOME}archivo/{id}/"),
        problem,
        columns: columns.collect(),
        fields: kind.fields().into_iter().map(|field| choice(page.lang, field)).collect(),
        marks: marks.collect(),
    })
}

fn choice(lang: Lang, field: Field) -> Choice {
    Choice::new(field.as_str(), words::field(lang, field))
}

/// Three different values of a column, as the person knows them.
fn examples(opened: &Opened, column: usize) -> String {
    let mut found: Vec<String> = Vec::new();
    for row in opened.table.rows.iter().skip(opened.mapping.header_at + 1).take(EXAMPLE_ROWS) {
        let cell: &Cell = row.cell(column);
        let text: String = cell.as_text().chars().take(40).collect();
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
        if found.len() == 3 {
            break;
        }
    }
    found.join(" · ")
}
