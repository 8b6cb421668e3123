//! A whole import: check, write down, apply, report.
//!
//! Owns: what the command line and the screens call. The same file with the same
//! choices is one import: a second time answers with the first one's report, and goes
//! on with it where it was cut short.

use super::{
    apply::{self, Progress, Stage},
    check::{self, Checked, ImportError, ImportRequest, RefusedRow, Summary, Tools},
    columns::Kind,
    store::{self, Run, RunState},
};
use crate::actor::Actor;
use db::{Db, DbError, ShopTx};
use serde::Serialize;
use std::time::Instant;
use uuid::Uuid;

/// What an import did, or would do.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// Its run; none where it was only tried.
    pub run: Option<Uuid>,
    /// What its file is.
    pub kind: &'static str,
    /// Where it stands; none where it was only tried.
    pub state: Option<RunState>,
    /// Whether the same file was imported before: then nothing was done now.
    pub repeated: bool,
    /// The file's name.
    pub file_name: String,
    /// Rows of data.
    pub rows: i64,
    /// Records created.
    pub new: i64,
    /// Records changed.
    pub changed: i64,
    /// Rows that said what was already so.
    pub same: i64,
    /// Rows refused.
    pub refused: i64,
    /// The rest.
    pub summary: Summary,
    /// Each refusal; a row may have several.
    pub refusals: Vec<RefusedRow>,
}

/// Checks a file without writing anything.
///
/// # Errors
/// The reasons of [`ImportError`].
pub async fn try_import(db: &Db, request: &ImportRequest, tools: &Tools) -> Result<ImportReport, ImportError> {
    let checked = check::check(db, request, tools).await?;
    let run = store::run_of(Uuid::nil(), request.kind, &request.file_name, &checked, request.actor.user, 0);
    Ok(ImportReport { run: None, state: None, ..report_of(run, checked.refusals, false) })
}

/// Checks a file and writes down what is to be applied, for a person to decide.
///
/// # Errors
/// The reasons of [`ImportError`].
pub async fn stage(
    db: &Db,
    request: &ImportRequest,
    tools: &Tools,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Uuid, ImportError> {
    let checked = check::check(db, request, tools).await?;
    write_down(db, request, checked, tools, progress).await
}

/// Imports a file: checks it, applies it, reports.
///
/// # Errors
/// The reasons of [`ImportError`].
pub async fn run_import(
    db: &Db,
    request: &ImportRequest,
    tools: &Tools,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<ImportReport, ImportError> {
    let mut read = db.shop(&request.actor).await?;
    let known = store::find_by_content(&mut read, check::content_hash(request)).await?;
    drop(read);
    if let Some((run, state)) = known {
        if state == RunState::Applying {
            apply::apply(db, request.actor, run, tools, progress).await?;
        }
        return report(db, request.actor, run, state == RunState::Done).await;
    }
    let run = stage(db, request, tools, progress).await?;
    apply::apply(db, request.actor, run, tools, progress).await?;
    report(db, request.actor, run, false).await
}

/// Gives up a run that waits.
///
/// # Errors
/// [`ImportError::NoRun`] where it does not wait.
pub async fn drop_run(db: &Db, actor: Actor, run: Uuid, now_us: i64) -> Result<(), ImportError> {
    let dropped = db
        .shop_write(&actor, "drop import", async move |tx: &mut ShopTx| {
            store::change_state(tx, run, RunState::Waiting, RunState::Dropped, now_us).await
        })
        .await?;
    if dropped { Ok(()) } else { Err(ImportError::NoRun) }
}

/// What a run did so far, with all its refusals.
///
/// # Errors
/// [`ImportError::NoRun`] where the shop has none of that id.
pub async fn report(db: &Db, actor: Actor, run: Uuid, repeated: bool) -> Result<ImportReport, ImportError> {
    const PAGE: i64 = 5_000;
    let mut read = db.shop(&actor).await?;
    let found = store::load_run(&mut read, run).await?.ok_or(ImportError::NoRun)?;
    let mut refusals = Vec::new();
    loop {
        let from = i64::try_from(refusals.len()).expect("a file has fewer rows than an i64 counts");
        let mut page = store::load_refusals(&mut read, run, from, PAGE).await?;
        let last = page.len() < PAGE as usize;
        refusals.append(&mut page);
        if last {
            return Ok(report_of(found, refusals, repeated));
        }
    }
}

fn report_of(run: Run, refusals: Vec<RefusedRow>, repeated: bool) -> ImportReport {
    ImportReport {
        run: Some(run.id),
        kind: Kind::as_str(run.kind),
        state: Some(run.state),
        repeated,
        file_name: run.file_name,
        rows: run.rows,
        new: run.new,
        changed: run.changed,
        same: run.same,
        refused: run.refused,
        summary: run.summary,
        refusals,
    }
}

/// Writes a run down in pieces that no till notices; only when all of it is there the
/// run waits to be applied.
async fn write_down(
    db: &Db,
    request: &ImportRequest,
    checked: Checked,
    tools: &Tools,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Uuid, ImportError> {
    /// A few milliseconds of the writer.
    const PIECE: usize = 500;
    let actor = request.actor;
    let (id, now_us) = ((tools.new_id)(), (tools.now_us)());
    let mut run = store::run_of(id, request.kind, &request.file_name, &checked, actor.user, now_us);
    run.affects_stock = request.affects_stock;
    let (content_hash, total) = (checked.content_hash, run.items);
    db.shop_write(&actor, "begin import", async move |tx: &mut ShopTx| store::insert_run(tx, &run, content_hash).await)
        .await?;
    let count = |many: usize| i64::try_from(many).expect("a file has fewer rows than an i64 counts");
    let Checked { items, refusals, .. } = checked;
    for (piece, from) in refusals.chunks(PIECE).zip((0..).step_by(PIECE)) {
        let (piece, from) = (piece.to_vec(), count(from));
        let body = async move |tx: &mut ShopTx| store::insert_refusals(tx, id, from, &piece).await;
        db.shop_write(&actor, "write refusals down", body).await?;
    }
    for (piece, from) in items.chunks(PIECE).zip((0..).step_by(PIECE)) {
        let stopwatch = Instant::now();
        let (piece, from) = (piece.to_vec(), count(from));
        let done = from + count(piece.len());
        let body = async move |tx: &mut ShopTx| store::insert_items(tx, id, from, &piece).await;
        db.shop_write(&actor, "write import down", body).await?;
        progress(Progress { done, total, stage: Stage::Staging });
        tokio::time::sleep(stopwatch.elapsed().min(tools.pacing.rest_max)).await;
    }
    db.shop_write(&actor, "import is written down", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        store::change_state(tx, id, RunState::Staging, RunState::Waiting, now_us).await.map(drop)
    })
    .await?;
    Ok(id)
}
