//! A file against the shop: what would be applied, and what is refused.
//!
//! Owns: the way from bytes to items. Reads the database and writes nothing; the
//! heavy part, from bytes to rows, runs on a thread that may block.

use super::{
    columns::{self, Field, Kind, Mapping},
    customer_rows, history_items,
    items::Item,
    known, product_rows,
    read::{self, CellPlace, FileRefused, Limits, Table},
    reading::{self, Choices, OpenQuestion},
    refusal::Refusal,
    sales_rows,
};
use crate::{actor::Actor, features::settings::shop};
use db::{Db, DbError};
use domain::ids::TaxSetId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How much of the database an import takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// What a chunk should take of the writer.
    pub chunk_time: Duration,
    /// The longest rest after one, in which the tills go first.
    pub rest_max: Duration,
}

impl Pacing {
    /// Beside tills that sell: a fifth of the 50 ms that nobody may exceed, and as long a
    /// rest after each chunk.
    pub const BESIDE_TILLS: Pacing =
        Pacing { chunk_time: Duration::from_millis(10), rest_max: Duration::from_millis(10) };
}

/// Where time and ids come from, and how hard to work.
#[derive(Clone)]
pub struct Tools {
    /// How much of the database it takes.
    pub pacing: Pacing,
    /// Now, in microseconds UTC.
    pub now_us: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// A new id.
    pub new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

impl Tools {
    /// The machine's clock and chance, beside tills that sell.
    pub fn beside_tills(sources: &guard::source::Sources) -> Tools {
        let (clock, ids, random) =
            (Arc::clone(&sources.clock), Arc::clone(&sources.clock), Arc::clone(&sources.random));
        let new_id = move || {
            let millis = u64::try_from(ids.now_us() / 1_000).unwrap_or(0);
            let chance: [u8; 10] = guard::source::random_bytes(&*random);
            uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
        };
        Tools { pacing: Pacing::BESIDE_TILLS, now_us: Arc::new(move || clock.now_us()), new_id: Arc::new(new_id) }
    }
}

/// A file to bring in.
#[derive(Clone)]
pub struct ImportRequest {
    /// Who brings it in, and where.
    pub actor: Actor,
    /// What it is.
    pub kind: Kind,
    /// Its name, for people.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// What each column is, where the person said so; guessed otherwise.
    pub mapping: Option<Mapping>,
    /// What the person said about marks and dates.
    pub choices: Choices,
    /// The taxes of history and of products that name none; the shop's default otherwise.
    pub tax_set: Option<TaxSetId>,
    /// Whether history moves today's stock.
    pub affects_stock: bool,
}

/// Why a file is not brought in at all.
#[derive(Debug)]
pub enum ImportError {
    /// It cannot be read.
    File(FileRefused),
    /// These fields have no column; the headers as they were read.
    MissingColumns {
        /// The fields.
        missing: Vec<Field>,
        /// The headers.
        headers: Vec<String>,
    },
    /// The person must say how numbers are written.
    OpenQuestions(Vec<OpenQuestion>),
    /// The shop has no such tax set.
    UnknownTaxSet,
    /// The shop lacks the register that numbers imports.
    NoRegister,
    /// No such run, or it is in no state for this.
    NoRun,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        ImportError::Db(error)
    }
}

/// What a run needs besides its items, and what a person is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The taxes of history.
    pub tax_set: Uuid,
    /// The sheet that was read.
    pub sheet: Option<String>,
    /// Sheets that were not.
    pub other_sheets: Vec<String>,
    /// Rows without anything.
    pub empty_rows: usize,
    /// Codes that got their zeros back.
    pub zeros_restored: usize,
    /// Products to create.
    pub products: usize,
    /// Customers to create.
    pub customers: usize,
    /// Sales.
    pub sales: usize,
    /// Their lines.
    pub sale_lines: usize,
    /// Refunds.
    pub refunds: usize,
    /// Their lines.
    pub refund_lines: usize,
    /// Adjustments, posted only where stock is affected.
    pub adjustments: usize,
}

/// A refusal as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// The row's number.
    pub row: u32,
    /// The cell (`F7`), or empty where the row as a whole is meant.
    pub cell: String,
    /// The field's word, or empty.
    pub field: String,
    /// The reason's word.
    pub code: String,
    /// The number that its text needs.
    pub detail: Option<i64>,
}

impl From<&Refusal> for RefusedRow {
    fn from(refusal: &Refusal) -> Self {
        let place = |column| CellPlace { row: refusal.row, column }.to_string();
        Self {
            row: refusal.row,
            cell: refusal.column.map(place).unwrap_or_default(),
            field: refusal.field.map_or("", Field::as_str).to_owned(),
            code: refusal.reason.code().to_owned(),
            detail: refusal.reason.detail(),
        }
    }
}

/// How many rows have a refusal.
pub fn refused_rows(refusals: &[RefusedRow]) -> usize {
    let mut rows: Vec<u32> = refusals.iter().map(|refusal| refusal.row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.len()
}

/// A file that was compared with the shop.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What to apply, in order, with the row each is from.
    pub items: Vec<(u32, Item)>,
    /// What is refused.
    pub refusals: Vec<RefusedRow>,
    /// Rows of data.
    pub rows: usize,
    /// Records to create.
    pub new: usize,
    /// Records to change.
    pub changed: usize,
    /// Rows that say what is already so.
    pub same: usize,
    /// The rest.
    pub summary: Summary,
    /// The identity of file and choices.
    pub content_hash: [u8; 32],
}

/// A file that was read, with what its columns are.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its rows.
    pub table: Table,
    /// What each column is.
    pub mapping: Mapping,
    /// How its numbers and dates are written.
    pub choices: Choices,
    /// What the person must say first.
    pub questions: Vec<OpenQuestion>,
}

/// Reads a file and decides its columns, on a thread that may block.
///
/// # Errors
/// Why it cannot be read.
pub async fn open(request: &ImportRequest) -> Result<Opened, ImportError> {
    let request = request.clone();
    let opened = tokio::task::spawn_blocking(move || open_now(&request)).await;
    opened.map_err(|error| DbError::Other(Box::new(error)))?.map_err(ImportError::File)
}

fn open_now(request: &ImportRequest) -> Result<Opened, FileRefused> {
    let table = read::read_table(&request.bytes, &Limits::default())?;
    let mapping = request.mapping.clone().unwrap_or_else(|| columns::guess(request.kind, &table.rows));
    let numbers: &[Field] = match request.kind {
        Kind::Products => &product_rows::NUMBERS,
        Kind::Customers => &[],
        Kind::Sales => &sales_rows::NUMBERS,
    };
    let (choices, questions) = reading::decide_columns(&table, &mapping, numbers, &request.choices);
    Ok(Opened { table, mapping, choices, questions })
}

/// Reads a file and compares it with the shop.
///
/// # Errors
/// The reasons of [`ImportError`]; a bad row is none of them.
pub async fn check(db: &Db, request: &ImportRequest, tools: &Tools) -> Result<Checked, ImportError> {
    let opened = open(request).await?;
    let missing = opened.mapping.missing(request.kind);
    if !missing.is_empty() {
        let headers = opened.table.rows.get(opened.mapping.header_at).map(|row| &row.cells[..]).unwrap_or(&[]);
        return Err(ImportError::MissingColumns {
            missing,
            headers: headers.iter().map(read::Cell::as_text).collect(),
        });
    }
    if !opened.questions.is_empty() {
        return Err(ImportError::OpenQuestions(opened.questions));
    }
    let mut checked = match request.kind {
        Kind::Products => check_products(db, request, tools, opened).await?,
        Kind::Customers => check_customers(db, request, tools, opened).await?,
        Kind::Sales => history_items::check_sales(db, request, tools, opened).await?,
    };
    checked.content_hash = content_hash(request);
    Ok(checked)
}

/// The same file with the same choices is the same import.
pub fn content_hash(request: &ImportRequest) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"import 1\0");
    hasher.update(request.kind.as_str());
    hasher.update([u8::from(request.affects_stock)]);
    hasher.update(request.tax_set.map_or([0; 16], |set| *set.0.as_bytes()));
    hasher.update(format!("{:?}{:?}", request.mapping, request.choices));
    hasher.update([0]);
    hasher.update(&request.bytes);
    hasher.finalize().into()
}

async fn check_products(
    db: &Db,
    request: &ImportRequest,
    tools: &Tools,
    opened: Opened,
) -> Result<Checked, ImportError> {
    let mut read = db.shop(&request.actor).await?;
    let decimals = shop::load_profile(&mut read).await?.exponent;
    let mut catalogue = known::load_catalogue(&mut read, decimals).await?;
    drop(read);
    if let Some(wanted) = request.tax_set {
        let found = catalogue.tax_sets.iter().find(|set| set.id == wanted.0);
        catalogue.tax_set = found.ok_or(ImportError::UnknownTaxSet)?.id;
    }
    let new_id = Arc::clone(&tools.new_id);
    let tax_set = catalogue.tax_set;
    let work = move || {
        let Opened { table, mapping, choices, .. } = opened;
        let file = product_rows::read_products(&table, &mapping, &choices, &catalogue, &mut || new_id());
        (file, table)
    };
    let (file, table) = blocking(work).await?;
    let new = file.items.iter().filter(|row| row.item.before.is_none()).count();
    Ok(Checked {
        new,
        changed: file.items.len() - new,
        same: file.same,
        rows: file.rows,
        refusals: file.refusals.iter().map(RefusedRow::from).collect(),
        items: file.items.into_iter().map(|row| (row.row, Item::Product(Box::new(row.item)))).collect(),
        summary: Summary { tax_set, products: new, zeros_restored: file.zeros_restored, ..summary(&table) },
        content_hash: [0; 32],
    })
}

async fn check_customers(
    db: &Db,
    request: &ImportRequest,
    tools: &Tools,
    opened: Opened,
) -> Result<Checked, ImportError> {
    let mut read = db.shop(&request.actor).await?;
    let known = known::load_customers(&mut read).await?;
    drop(read);
    let new_id = Arc::clone(&tools.new_id);
    let work = move || {
        let Opened { table, mapping, choices, .. } = opened;
        let file = customer_rows::read_customers(&table, &mapping, &choices, &known, &mut || new_id());
        (file, table)
    };
    let (file, table) = blocking(work).await?;
    let new = file.items.iter().filter(|row| row.item.version.is_none()).count();
    Ok(Checked {
        new,
        changed: file.items.len() - new,
        same: file.same,
        rows: file.rows,
        refusals: file.refusals.iter().map(RefusedRow::from).collect(),
        items: file.items.into_iter().map(|row| (row.row, Item::Customer(row.item))).collect(),
        summary: Summary { customers: new, ..summary(&table) },
        content_hash: [0; 32],
    })
}

/// What the table itself says.
pub fn summary(table: &Table) -> Summary {
    Summary {
        sheet: table.sheet.clone(),
        other_sheets: table.other_sheets.clone(),
        empty_rows: table.empty_rows,
        ..Summary::default()
    }
}

/// Runs work that takes long, away from the threads that answer requests.
///
/// # Errors
/// Where the work panicked.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ImportError::Db(DbError::Other(Box::new(error))))
}
