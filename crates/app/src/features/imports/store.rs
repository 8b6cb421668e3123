//! The runs of imports and what waits in them.

use super::{
    check::{Checked, RefusedRow, Summary},
    columns::Kind,
    items::Item,
};
use db::{DbError, ShopRead, ShopTx, params};
use domain::ids::UserId;
use serde::Serialize;
use uuid::Uuid;

db::statements! {
    INSERT_RUN = "imports.insert_run",
        "INSERT INTO import_run (shop_id, id, kind, state, file_name, content_hash, affects_stock, row_count, item_count,
                                 new_count, changed_count, same_count, refused_count, summary, started_by, created_at)
         VALUES ($1, $2, $3, 'staging', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    INSERT_ITEM = "imports.insert_item",
        "INSERT INTO import_item (shop_id, run_id, position, row_number, action, content)
         VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_REFUSAL = "imports.insert_refusal",
        "INSERT INTO import_refusal (shop_id, run_id, position, row_number, cell, field, code, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LATE_REFUSAL = "imports.late_refusal",
        "INSERT INTO import_refusal (shop_id, run_id, position, row_number, cell, field, code)
         SELECT $1, $2, COALESCE(MAX(position), -1) + 1, $3, '', '', $4
         FROM import_refusal
         WHERE shop_id = $1 AND run_id = $2";
    COUNT_LATE_REFUSAL = "imports.count_late_refusal",
        "UPDATE import_run
         SET refused_count = refused_count + 1
         WHERE shop_id = $1 AND id = $2";
    /// Guarded by the state that it comes from, so that two people cannot apply and drop at once.
    CHANGE_STATE = "imports.change_state",
        "UPDATE import_run
         SET state = $4, ended_at = $5
         WHERE shop_id = $1 AND id = $2 AND state = $3";
    LOCK_RUN = "imports.lock_run",
        "SELECT kind, state, file_name, affects_stock, row_count, item_count, applied_count, new_count, changed_count,
                same_count, refused_count, summary, started_by, created_at, ended_at
         FROM import_run
         WHERE shop_id = $1 AND id = $2
         {lock}";
    LOAD_RUN = "imports.load_run",
        "SELECT kind, state, file_name, affects_stock, row_count, item_count, applied_count, new_count, changed_count,
                same_count, refused_count, summary, started_by, created_at, ended_at
         FROM import_run
         WHERE shop_id = $1 AND id = $2";
    BY_CONTENT = "imports.by_content",
        "SELECT id, state
         FROM import_run
         WHERE shop_id = $1 AND content_hash = $2 AND state IN ('applying', 'done')
         ORDER BY id DESC
         LIMIT 1";
    RECENT = "imports.recent",
        "SELECT id, kind, state, file_name, row_count, refused_count, created_at
         FROM import_run
         WHERE shop_id = $1 AND state <> 'staging'
         ORDER BY created_at DESC, id DESC
         LIMIT $2";
    ITEMS = "imports.items",
        "SELECT position, row_number, content
         FROM import_item
         WHERE shop_id = $1 AND run_id = $2 AND position >= $3
         ORDER BY position
         LIMIT $4";
    MOVE_ON = "imports.move_on",
        "UPDATE import_run
         SET applied_count = $4
         WHERE shop_id = $1 AND id = $2 AND applied_count = $3 AND state = 'applying'";
    REFUSALS = "imports.refusals",
        "SELECT row_number, cell, field, code, detail
         FROM import_refusal
         WHERE shop_id = $1 AND run_id = $2 AND position >= $3
         ORDER BY position
         LIMIT $4";
    /// Every shop's: what a start of the program goes on with.
    pub(super) system scan UNFINISHED = "imports.unfinished",
        "SELECT shop_id, id, started_by
         FROM import_run
         WHERE state = 'applying'
         ORDER BY shop_id, id";
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its items are being written down.
    Staging,
    /// Checked; a person decides.
    Waiting,
    /// Being applied, or stopped by a crash while it was.
    Applying,
    /// Applied.
    Done,
    /// Given up before it was applied.
    Dropped,
}

impl RunState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Staging => "staging",
            RunState::Waiting => "waiting",
            RunState::Applying => "applying",
            RunState::Done => "done",
            RunState::Dropped => "dropped",
        }
    }

    fn parse(word: &str) -> RunState {
        let all = [RunState::Staging, RunState::Waiting, RunState::Applying, RunState::Done];
        all.into_iter().find(|state| state.as_str() == word).unwrap_or(RunState::Dropped)
    }
}

/// A run as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// What its file is.
    pub kind: Kind,
    /// Where it stands.
    pub state: RunState,
    /// The file's name.
    pub file_name: String,
    /// Whether history moves today's stock.
    pub affects_stock: bool,
    /// Rows of data.
    pub rows: i64,
    /// Items to apply.
    pub items: i64,
    /// Of them applied, from the first.
    pub applied: i64,
    /// Records to create.
    pub new: i64,
    /// Records to change.
    pub changed: i64,
    /// Rows that say what is already so.
    pub same: i64,
    /// Rows refused.
    pub refused: i64,
    /// The rest.
    pub summary: Summary,
    /// Who brought it in.
    pub started_by: UserId,
    /// When, µs UTC.
    pub created_at: i64,
    /// When it ended, µs UTC.
    pub ended_at: Option<i64>,
}

/// Writes a run down, before its items.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_run(tx: &mut ShopTx, run: &Run, content_hash: [u8; 32]) -> Result<(), DbError> {
    let summary = serde_json::to_string(&run.summary).expect("numbers, texts and an id always become JSON");
    let row = params![
        run.id,
        run.kind.as_str(),
        run.file_name.as_str(),
        content_hash,
        run.affects_stock,
        run.rows,
        run.items,
        run.new,
        run.changed,
        run.same,
        run.refused,
        summary,
        run.started_by.0,
        run.created_at
    ];
    tx.exec_one(&INSERT_RUN, row).await
}

/// A run of a checked file.
pub fn run_of(id: Uuid, kind: Kind, file_name: &str, checked: &Checked, person: UserId, now_us: i64) -> Run {
    let count = |many: usize| i64::try_from(many).expect("a file has fewer rows than an i64 counts");
    Run {
        id,
        kind,
        state: RunState::Staging,
        file_name: file_name.to_owned(),
        affects_stock: false,
        rows: count(checked.rows),
        items: count(checked.items.len()),
        applied: 0,
        new: count(checked.new),
        changed: count(checked.changed),
        same: count(checked.same),
        refused: count(super::check::refused_rows(&checked.refusals)),
        summary: checked.summary.clone(),
        started_by: person,
        created_at: now_us,
        ended_at: None,
    }
}

/// Writes items down; `from` is the position of the first.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_items(tx: &mut ShopTx, run: Uuid, from: i64, items: &[(u32, Item)]) -> Result<(), DbError> {
    let rows = (from..).zip(items).map(|(position, (row, item))| {
        let changed = match item {
            Item::Product(product) => product.before.is_some(),
            Item::Customer(customer) => customer.version.is_some(),
            Item::Sale(_) | Item::Refund(_) | Item::Adjustment(_) => false,
        };
        let content = serde_json::to_string(item).expect("numbers, texts and ids always become JSON");
        params![run, position, *row, if changed { "changed" } else { "new" }, content]
    });
    tx.exec_many(&INSERT_ITEM, rows.collect()).await?;
    Ok(())
}

/// Writes refusals down; `from` is the position of the first.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_refusals(tx: &mut ShopTx, run: Uuid, from: i64, refusals: &[RefusedRow]) -> Result<(), DbError> {
    let rows = (from..).zip(refusals).map(|(position, refusal)| {
        params![
            run,
            position,
            refusal.row,
            refusal.cell.as_str(),
            refusal.field.as_str(),
            refusal.code.as_str(),
            refusal.detail
        ]
    });
    tx.exec_many(&INSERT_REFUSAL, rows.collect()).await?;
    Ok(())
}

/// Refuses an item that could not be applied, because the shop changed since it was checked.
///
/// # Errors
/// Whatever the database says.
pub async fn refuse_late(tx: &mut ShopTx, run: Uuid, row: u32) -> Result<(), DbError> {
    tx.exec_one(&LATE_REFUSAL, params![run, row, "changed_meanwhile"]).await?;
    tx.exec_one(&COUNT_LATE_REFUSAL, params![run]).await
}

/// Moves a run from one state to another; `false` where it is not in the first.
///
/// # Errors
/// Whatever the database says.
pub async fn change_state(
    tx: &mut ShopTx,
    run: Uuid,
    from: RunState,
    to: RunState,
    now_us: i64,
) -> Result<bool, DbError> {
    let ended_at = matches!(to, RunState::Done | RunState::Dropped).then_some(now_us);
    Ok(tx.exec(&CHANGE_STATE, params![run, from.as_str(), to.as_str(), ended_at]).await? == 1)
}

/// Moves a run's cursor, which must be where it was read.
///
/// # Errors
/// A missed guard where it is not.
pub async fn move_on(tx: &mut ShopTx, run: Uuid, from: i64, to: i64) -> Result<(), DbError> {
    tx.exec_one(&MOVE_ON, params![run, from, to]).await
}

/// Loads a run and keeps it locked until the transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_run(tx: &mut ShopTx, id: Uuid) -> Result<Option<Run>, DbError> {
    tx.opt(&LOCK_RUN, params![id]).await?.map(|row| run(id, row)).transpose()
}

/// Loads a run.
///
/// # Errors
/// Whatever the database says.
pub async fn load_run(read: &mut ShopRead, id: Uuid) -> Result<Option<Run>, DbError> {
    read.opt(&LOAD_RUN, params![id]).await?.map(|row| run(id, row)).transpose()
}

fn run(id: Uuid, mut row: db::Row) -> Result<Run, DbError> {
    let (kind, state): (String, String) = (row.take()?, row.take()?);
    let (file_name, affects_stock, rows, items) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let (applied, new, changed, same) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let refused = row.take()?;
    let summary: String = row.take()?;
    let started_by: Uuid = row.take()?;
    Ok(Run {
        id,
        kind: Kind::parse(&kind).ok_or_else(|| DbError::Other(format!("unknown import {kind}").into()))?,
        state: RunState::parse(&state),
        file_name,
        affects_stock,
        rows,
        items,
        applied,
        new,
        changed,
        same,
        refused,
        summary: serde_json::from_str(&summary).map_err(|error| DbError::Other(Box::new(error)))?,
        started_by: UserId(started_by),
        created_at: row.take()?,
        ended_at: row.take()?,
    })
}

/// The latest run of the same content that was applied, or is being applied.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_content(read: &mut ShopRead, content_hash: [u8; 32]) -> Result<Option<(Uuid, RunState)>, DbError> {
    let Some(mut row) = read.opt(&BY_CONTENT, params![content_hash]).await? else { return Ok(None) };
    let (id, state): (Uuid, String) = (row.take()?, row.take()?);
    Ok(Some((id, RunState::parse(&state))))
}

/// A run in the list of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRun {
    /// Its id.
    pub id: Uuid,
    /// What its file is.
    pub kind: Kind,
    /// Where it stands.
    pub state: RunState,
    /// The file's name.
    pub file_name: String,
    /// Rows of data.
    pub rows: i64,
    /// Rows refused.
    pub refused: i64,
    /// When, µs UTC.
    pub created_at: i64,
}

/// The latest runs, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn recent(read: &mut ShopRead, many: i64) -> Result<Vec<RecentRun>, DbError> {
    let mut runs = Vec::new();
    for mut row in read.rows(&RECENT, params![many]).await? {
        let id = row.take()?;
        let (kind, state): (String, String) = (row.take()?, row.take()?);
        runs.push(RecentRun {
            id,
            kind: Kind::parse(&kind).ok_or_else(|| DbError::Other(format!("unknown import {kind}").into()))?,
            state: RunState::parse(&state),
            file_name: row.take()?,
            rows: row.take()?,
            refused: row.take()?,
            created_at: row.take()?,
        });
    }
    Ok(runs)
}

/// Items from a position on.
///
/// # Errors
/// Whatever the database says, and content that is no item.
pub async fn load_items(
    read: &mut ShopRead,
    run: Uuid,
    from: i64,
    many: i64,
) -> Result<Vec<(i64, u32, Item)>, DbError> {
    let mut items = Vec::new();
    for mut row in read.rows(&ITEMS, params![run, from, many]).await? {
        let (position, number): (i64, i64) = (row.take()?, row.take()?);
        let content: String = row.take()?;
        let item = serde_json::from_str(&content).map_err(|error| DbError::Other(Box::new(error)))?;
        items.push((position, u32::try_from(number).unwrap_or(0), item));
    }
    Ok(items)
}

/// Refusals from a position on.
///
/// # Errors
/// Whatever the database says.
pub async fn load_refusals(read: &mut ShopRead, run: Uuid, from: i64, many: i64) -> Result<Vec<RefusedRow>, DbError> {
    let mut refusals = Vec::new();
    for mut row in read.rows(&REFUSALS, params![run, from, many]).await? {
        let number: i64 = row.take()?;
        refusals.push(RefusedRow {
            row: u32::try_from(number).unwrap_or(0),
            cell: row.take()?,
            field: row.take()?,
            code: row.take()?,
            detail: row.take()?,
        });
    }
    Ok(refusals)
}
