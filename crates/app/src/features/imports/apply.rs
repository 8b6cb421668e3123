//! Applying what waits: chunk after chunk, each one transaction.
//!
//! Owns: the size of a chunk and what is done with an item that the database refuses.
//! Must not know: files and rows' rules.
//!
//! **Invariant:** a chunk's writes and the run's cursor move in one transaction, so a
//! crash between two chunks loses nothing and repeats nothing; and no chunk holds the
//! database longer than a till notices.

use super::{
    apply_history::{self, HistoryPlace},
    check::{ImportError, Tools},
    items::{CustomerItem, Item, ProductItem, Sort},
    store::{self, Run, RunState},
};
use crate::{
    actor::Actor,
    features::{
        catalog::write::{self as catalog, Barcodes, CatalogEdit, ProductBefore},
        customers::write as customers,
        settings::{
            registers::{self, RegisterKind},
            shop,
        },
        stock::ledger::{self, LinePostings, MovementKind, Stamp},
    },
};
use db::{Db, DbError, ShopTx};
use domain::{
    cost::{Inflow, StockChange},
    ids::{CategoryId, CustomerId, LocationId, ProductId},
    rounding,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Items of the first chunk, before anything is known of this machine.
const FIRST_CHUNK: i64 = 16;
/// Items of the largest.
const LARGEST_CHUNK: i64 = 1_000;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Items applied or written down.
    pub done: i64,
    /// All of them.
    pub total: i64,
    /// What is being done.
    pub stage: Stage,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Items are written down, checked.
    Staging,
    /// Items are applied.
    Applying,
}

/// Applies a run to its end, from wherever it stands. Two processes that do so at
/// once share the work: each chunk locks the run.
///
/// # Errors
/// [`ImportError::NoRun`] where it is neither waiting nor being applied, and whatever
/// the database says; the run can be gone on with after any of them.
pub async fn apply(
    db: &Db,
    actor: Actor,
    run: Uuid,
    tools: &Tools,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(), ImportError> {
    let started = db
        .shop_write(&actor, "start import", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            let Some(found) = store::lock_run(tx, run).await? else { return Ok(false) };
            match found.state {
                RunState::Applying | RunState::Done => Ok(true),
                RunState::Waiting => store::change_state(tx, run, RunState::Waiting, RunState::Applying, 0).await,
                RunState::Staging | RunState::Dropped => Ok(false),
            }
        })
        .await?;
    if !started {
        return Err(ImportError::NoRun);
    }
    let mut chunk = Chunk { actor, run, many: FIRST_CHUNK, now_us: 0 };
    loop {
        chunk.now_us = (tools.now_us)();
        let (this, stopwatch) = (chunk, Instant::now());
        let written =
            db.shop_write(&actor, "apply import", async move |tx: &mut ShopTx| apply_chunk(tx, this).await).await;
        match written {
            Ok(Applied::Ended) => return Ok(()),
            Ok(Applied::To { done, total, took }) => {
                progress(Progress { done, total, stage: Stage::Applying });
                chunk.many = next_size(chunk.many, took, tools.pacing.chunk_time);
                // The tills go first: the writer is theirs at least half of the time.
                tokio::time::sleep(took.min(tools.pacing.rest_max)).await;
            }
            Err(
                ApplyError::TooLarge
                | ApplyError::Db(DbError::Unique { .. } | DbError::ForeignKey | DbError::Check { .. }),
            ) => {
                if chunk.many > 1 {
                    chunk.many = 1;
                } else {
                    refuse_next(db, actor, run).await?;
                }
            }
            Err(ApplyError::Db(error)) => return Err(error.into()),
            Err(ApplyError::NoRegister) => return Err(ImportError::NoRegister),
        }
        tracing::debug!(took_ms = stopwatch.elapsed().as_millis(), items = this.many, "import chunk");
    }
}

/// Twice as many after a quick chunk, half as many after a slow one.
fn next_size(many: i64, took: Duration, wanted: Duration) -> i64 {
    if took < wanted / 2 {
        (many * 2).min(LARGEST_CHUNK)
    } else if took > wanted {
        (many / 2).max(1)
    } else {
        many
    }
}

/// Why a chunk was not applied.
#[derive(Debug)]
pub(super) enum ApplyError {
    Db(DbError),
    NoRegister,
    /// An item alone passed every limit; together with what the shop has it does not.
    TooLarge,
}

impl From<DbError> for ApplyError {
    fn from(error: DbError) -> Self {
        ApplyError::Db(error)
    }
}

/// The next items of a run.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    actor: Actor,
    run: Uuid,
    many: i64,
    now_us: i64,
}

enum Applied {
    Ended,
    To { done: i64, total: i64, took: Duration },
}

async fn apply_chunk(tx: &mut ShopTx, chunk: Chunk) -> Result<Applied, ApplyError> {
    let stopwatch = Instant::now();
    let Some(run) = store::lock_run(tx, chunk.run).await?.filter(|run| run.state == RunState::Applying) else {
        return Ok(Applied::Ended);
    };
    let items = store::load_items(tx, run.id, run.applied, chunk.many).await?;
    let Some(sort) = items.first().map(|(_, _, item)| item.sort()) else {
        store::change_state(tx, run.id, RunState::Applying, RunState::Done, chunk.now_us).await?;
        return Ok(Applied::Ended);
    };
    let alike: Vec<(i64, u32, Item)> = items.into_iter().take_while(|(_, _, item)| item.sort() == sort).collect();
    let to = alike.last().map_or(run.applied, |(position, _, _)| position + 1);
    match sort {
        Sort::Product => apply_products(tx, chunk, &run, &alike).await?,
        Sort::Customer => apply_customers(tx, chunk, &run, &alike).await?,
        Sort::Sale | Sort::Refund | Sort::Adjustment => {
            let place = history_place(tx, chunk, &run).await?;
            apply_history::apply(tx, &place, sort, alike).await?;
        }
    }
    store::move_on(tx, run.id, run.applied, to).await?;
    Ok(Applied::To { done: to, total: run.items, took: stopwatch.elapsed() })
}

async fn history_place(tx: &mut ShopTx, chunk: Chunk, run: &Run) -> Result<HistoryPlace, ApplyError> {
    let register = registers::first_of_kind(tx, RegisterKind::Import).await?.ok_or(ApplyError::NoRegister)?;
    Ok(HistoryPlace {
        actor: chunk.actor,
        register,
        shop: shop::load_profile(tx).await?,
        tax_set: run.summary.tax_set,
        affects_stock: run.affects_stock,
        now_us: chunk.now_us,
    })
}

/// Refuses the item at the cursor, which the database would not have, and goes on.
async fn refuse_next(db: &Db, actor: Actor, run: Uuid) -> Result<(), ImportError> {
    db.shop_write(&actor, "refuse import item", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        let Some(found) = store::lock_run(tx, run).await?.filter(|run| run.state == RunState::Applying) else {
            return Ok(());
        };
        if let Some((position, row, _)) = store::load_items(tx, run, found.applied, 1).await?.pop() {
            store::refuse_late(tx, run, row).await?;
            store::move_on(tx, run, found.applied, position + 1).await?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}

async fn apply_products(
    tx: &mut ShopTx,
    chunk: Chunk,
    run: &Run,
    items: &[(i64, u32, Item)],
) -> Result<(), ApplyError> {
    let edit = catalog::begin_edit(tx, chunk.actor.user, chunk.now_us).await?;
    let products: Vec<(u32, &ProductItem)> = items
        .iter()
        .filter_map(|(_, row, item)| if let Item::Product(product) = item { Some((*row, &**product)) } else { None })
        .collect();
    let categories = name_categories(tx, edit, &products).await?;
    let named =
        |item: &ProductItem| item.named_category.as_ref().and_then(|named| categories.get(&named.name).copied());
    let new: Vec<_> = products
        .iter()
        .filter(|(_, item)| item.before.is_none())
        .map(|(_, item)| (ProductId(item.id), item.fields(named(item))))
        .collect();
    // Products are ranked before stock and counters; changes come first, as they lock.
    for (row, item) in &products {
        let Some((version, price_minor)) = item.before else { continue };
        let barcodes = if item.barcodes_change { Barcodes::Changed } else { Barcodes::Same };
        let before = ProductBefore { version, price_minor };
        let fields = item.fields(named(item));
        if !catalog::update_product(tx, edit, ProductId(item.id), before, &fields, barcodes).await? {
            store::refuse_late(tx, run.id, *row).await?;
        }
    }
    let stocked: Vec<(i64, &ProductItem)> = items
        .iter()
        .filter_map(
            |(position, _, item)| if let Item::Product(item) = item { Some((*position, &**item)) } else { None },
        )
        .filter(|(_, item)| item.before.is_none() && item.tracks_stock && item.stock_milli.is_some())
        .collect();
    catalog::insert_uncounted(tx, edit, &new).await?;
    if !stocked.is_empty() {
        post_opening_stock(tx, chunk, run, &stocked).await?;
    }
    if !new.is_empty() {
        catalog::count_new(tx, new.len()).await?;
    }
    Ok(())
}

async fn name_categories(
    tx: &mut ShopTx,
    edit: CatalogEdit,
    products: &[(u32, &ProductItem)],
) -> Result<BTreeMap<String, CategoryId>, DbError> {
    let mut categories = BTreeMap::new();
    for named in products.iter().filter_map(|(_, item)| item.named_category.as_ref()) {
        if !categories.contains_key(&named.name) {
            let id = catalog::find_or_create_category(tx, edit, &named.name, CategoryId(named.new_id)).await?;
            categories.insert(named.name.clone(), id);
        }
    }
    Ok(categories)
}

/// What a new product has on hand comes in at its purchase price; where the file
/// names none, at no value.
async fn post_opening_stock(
    tx: &mut ShopTx,
    chunk: Chunk,
    run: &Run,
    stocked: &[(i64, &ProductItem)],
) -> Result<(), ApplyError> {
    let location = location(tx).await?;
    let ids: BTreeSet<ProductId> = stocked.iter().map(|(_, item)| ProductId(item.id)).collect();
    let items = ledger::lock_items(tx, location, &ids).await?;
    let (mut lines, mut after) = (Vec::with_capacity(stocked.len()), BTreeMap::new());
    for (position, item) in stocked {
        let product_id = ProductId(item.id);
        let Some(change) = opening(item, &items[&product_id]) else { continue };
        lines.push(LinePostings { document_line: *position, product_id, postings: change.postings });
        after.insert(product_id, change.after);
    }
    let today = shop::load_profile(tx).await?.moment(chunk.now_us);
    let stamp = Stamp {
        shop: chunk.actor.shop,
        location,
        kind: MovementKind::Import,
        document_kind: "import",
        document_id: run.id,
        reason: run.file_name.clone(),
        person: chunk.actor.user,
        effective_date: today.date.as_i64(),
        recorded_at: chunk.now_us,
    };
    Ok(ledger::post(tx, &stamp, &items, &lines, &after).await?)
}

fn opening(item: &ProductItem, stock: &ledger::StockItem) -> Option<StockChange> {
    let quantity_milli = item.stock_milli?;
    match item.purchase_price_minor {
        Some(price) => {
            let value_minor = rounding::scale_half_away(price, quantity_milli, 1_000)?;
            stock.state.inflow(Inflow { quantity_milli, value_minor }).ok()
        }
        None => stock.state.count(quantity_milli).ok(),
    }
}

/// Where imported goods are: the place of the register that numbers imports.
async fn location(tx: &mut ShopTx) -> Result<LocationId, ApplyError> {
    let register = registers::first_of_kind(tx, RegisterKind::Import).await?.ok_or(ApplyError::NoRegister)?;
    let place = registers::load_place(tx, register).await?;
    place.map(|place| place.location).ok_or(ApplyError::NoRegister)
}

async fn apply_customers(
    tx: &mut ShopTx,
    chunk: Chunk,
    run: &Run,
    items: &[(i64, u32, Item)],
) -> Result<(), ApplyError> {
    let all: Vec<(u32, &CustomerItem)> = items
        .iter()
        .filter_map(|(_, row, item)| if let Item::Customer(customer) = item { Some((*row, customer)) } else { None })
        .collect();
    for (row, item) in &all {
        let Some(version) = item.version else { continue };
        if !customers::update_customer(tx, CustomerId(item.id), version, &item.fields(), chunk.now_us).await? {
            store::refuse_late(tx, run.id, *row).await?;
        }
    }
    let new: Vec<_> = all
        .iter()
        .filter(|(_, item)| item.version.is_none())
        .map(|(_, item)| (CustomerId(item.id), item.fields()))
        .collect();
    if !new.is_empty() {
        customers::insert_customers(tx, &new, chunk.now_us).await?;
    }
    Ok(())
}
