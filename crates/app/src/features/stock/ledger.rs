//! The stock ledger: lock items, post movements.
//!
//! **Invariant:** a stock item changes only here, together with the movement
//! that explains it, while its row is locked. Its last number and hash are those
//! of its last movement.

use db::{DbError, ShopRead, ShopTx, params};
use domain::{
    chain::{CHAIN_START, ChainHasher},
    cost::{LastCost, Posting, PostingKind, StockState},
    ids::{LocationId, ProductId, ShopId, UserId},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

db::statements! {
    /// One row at a time in the order of the key: the pipeline keeps that order, and so do the locks.
    LOCK_ITEM = "stock.lock_item",
        "SELECT on_hand_milli, value_minor, last_cost_value_minor, last_cost_quantity_milli, last_number, last_hash
         FROM stock_item
         WHERE shop_id = $1 AND location_id = $2 AND product_id = $3
         {lock}";
    CREATE_ITEM = "stock.create_item",
        "INSERT INTO stock_item (shop_id, location_id, product_id, on_hand_milli, value_minor,
                                 last_cost_value_minor, last_cost_quantity_milli, last_number, last_hash)
         VALUES ($1, $2, $3, 0, 0, $4, $5, 0, $6)
         ON CONFLICT (shop_id, location_id, product_id) DO NOTHING";
    INSERT_MOVEMENT = "stock.insert_movement",
        "INSERT INTO stock_movement (shop_id, location_id, product_id, number, kind, quantity_milli, value_minor,
                                     on_hand_before_milli, value_before_minor, on_hand_after_milli, value_after_minor,
                                     document_kind, document_id, document_line, reason, person_id, effective_date,
                                     recorded_at, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    DOCUMENT_MOVED = "stock.document_moved",
        "SELECT 1
         FROM stock_movement
         WHERE shop_id = $1 AND document_id = $2
         LIMIT 1";
    /// Guarded by the number that was read under lock.
    MOVE_ITEM = "stock.move_item",
        "UPDATE stock_item
         SET on_hand_milli = $4, value_minor = $5, last_cost_value_minor = $6, last_cost_quantity_milli = $7,
             last_number = $8, last_hash = $9
         WHERE shop_id = $1 AND location_id = $2 AND product_id = $3 AND last_number = $10";
}

/// A stock item, locked until the transaction ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockItem {
    /// Quantity, value and last cost.
    pub state: StockState,
    /// Number of its last movement, 0 before the first.
    pub last_number: i64,
    /// Hash of its last movement, [`CHAIN_START`] before the first.
    pub last_hash: [u8; 32],
}

/// Why goods move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovementKind {
    /// Sold.
    Sale,
    /// Taken back.
    Refund,
    /// Bought.
    Purchase,
    /// Set right by hand, with a reason.
    Adjustment,
    /// Counted.
    Count,
    /// Brought in with a file.
    Import,
}

impl MovementKind {
    /// The stored word for a posting of this movement.
    fn word(self, posting: PostingKind) -> &'static str {
        match posting {
            PostingKind::CostVariance => "cost_variance",
            PostingKind::CostAdjustment => "cost_adjustment",
            PostingKind::Movement => match self {
                MovementKind::Sale => "sale",
                MovementKind::Refund => "refund",
                MovementKind::Purchase => "purchase",
                MovementKind::Adjustment => "adjustment",
                MovementKind::Count => "count",
                MovementKind::Import => "import",
            },
        }
    }
}

/// Movements of one line of a document.
#[derive(Clone, Debug)]
pub struct LinePostings {
    /// Which line of the document.
    pub document_line: i64,
    /// Of which product.
    pub product_id: ProductId,
    /// The movements, in order.
    pub postings: Vec<Posting>,
}

/// What a set of movements has in common.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The shop, which stands in every hash.
    pub shop: ShopId,
    /// Where the goods are.
    pub location: LocationId,
    /// Why the goods move.
    pub kind: MovementKind,
    /// What kind of document causes them.
    pub document_kind: &'static str,
    /// Which document.
    pub document_id: Uuid,
    /// Why, for a person to read; not part of the hash.
    pub reason: String,
    /// Who.
    pub person: UserId,
    /// The business date they count for, as YYYYMMDD.
    pub effective_date: i64,
    /// When they are written down, in microseconds UTC.
    pub recorded_at: i64,
}

/// Locks the stock items of some products, in the order of their keys; an item
/// that was never there begins at nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_items(
    tx: &mut ShopTx,
    location: LocationId,
    products: &BTreeSet<ProductId>,
) -> Result<BTreeMap<ProductId, StockItem>, DbError> {
    let keys = |ids: &[ProductId]| ids.iter().map(|id| params![location.0, id.0]).collect::<Vec<_>>();
    let ids: Vec<ProductId> = products.iter().copied().collect();
    let mut items = read_items(tx, &ids, keys(&ids)).await?;
    let missing: Vec<ProductId> = ids.into_iter().filter(|id| !items.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(items);
    }
    let nothing: Option<i64> = None;
    let rows = missing.iter().map(|id| params![location.0, id.0, nothing, nothing, CHAIN_START]).collect();
    tx.exec_many(&CREATE_ITEM, rows).await?;
    items.extend(read_items(tx, &missing, keys(&missing)).await?);
    Ok(items)
}

async fn read_items(
    read: &mut ShopRead,
    ids: &[ProductId],
    keys: Vec<db::Params>,
) -> Result<BTreeMap<ProductId, StockItem>, DbError> {
    let rows = read.opt_many(&LOCK_ITEM, keys).await?;
    let mut items = BTreeMap::new();
    for (id, row) in ids.iter().zip(rows) {
        let Some(mut row) = row else { continue };
        let (quantity_milli, value_minor) = (row.take()?, row.take()?);
        let (last_value, last_quantity): (Option<i64>, Option<i64>) = (row.take()?, row.take()?);
        let last_cost =
            last_value.zip(last_quantity).map(|(value_minor, quantity_milli)| LastCost { value_minor, quantity_milli });
        let state = StockState { quantity_milli, value_minor, last_cost };
        items.insert(*id, StockItem { state, last_number: row.take()?, last_hash: row.take()? });
    }
    Ok(items)
}

/// A document that moves goods.
#[derive(Clone, Copy, Debug)]
pub struct Moving<'a> {
    /// What its movements have in common.
    pub stamp: &'a Stamp,
    /// Its movements.
    pub lines: &'a [LinePostings],
}

/// Posts movements and leaves each item where its last one does. `after` is the
/// state the rules found for each product that moves.
///
/// # Errors
/// Whatever the database says; an item that is not as it was locked is a missed
/// guard.
pub async fn post(
    tx: &mut ShopTx,
    stamp: &Stamp,
    items: &BTreeMap<ProductId, StockItem>,
    lines: &[LinePostings],
    after: &BTreeMap<ProductId, StockState>,
) -> Result<(), DbError> {
    post_all(tx, stamp.location, items, &[Moving { stamp, lines }], after).await.map(drop)
}

/// Posts the movements of many documents at one location, in their order, table by
/// table; answers the items as they stand afterwards. `after` is the state that the
/// rules found after the last of them.
///
/// # Errors
/// As [`post`].
pub async fn post_all(
    tx: &mut ShopTx,
    location: LocationId,
    items: &BTreeMap<ProductId, StockItem>,
    documents: &[Moving<'_>],
    after: &BTreeMap<ProductId, StockState>,
) -> Result<BTreeMap<ProductId, StockItem>, DbError> {
    let mut heads: BTreeMap<ProductId, StockItem> = BTreeMap::new();
    let mut movements = Vec::new();
    for Moving { stamp, lines } in documents {
        for line in *lines {
            let head = heads.entry(line.product_id).or_insert_with(|| items[&line.product_id].clone());
            for posting in &line.postings {
                let hash = hash_movement(stamp, line, posting, head);
                movements.push(movement_row(stamp, line, posting, head, hash));
                head.last_number += 1;
                head.last_hash = hash;
                head.state.quantity_milli = posting.on_hand_milli_after;
                head.state.value_minor = posting.stock_value_minor_after;
            }
        }
    }
    let mut moved = Vec::with_capacity(heads.len());
    for (product_id, head) in &mut heads {
        let state = after.get(product_id).copied().unwrap_or(head.state);
        debug_assert_eq!(
            (state.quantity_milli, state.value_minor),
            (head.state.quantity_milli, head.state.value_minor)
        );
        head.state = state;
        moved.push(params![
            location.0,
            product_id.0,
            state.quantity_milli,
            state.value_minor,
            state.last_cost.map(|cost| cost.value_minor),
            state.last_cost.map(|cost| cost.quantity_milli),
            head.last_number,
            head.last_hash,
            items[product_id].last_number
        ]);
    }
    for changed in tx.exec_many(&MOVE_ITEM, moved).await? {
        if changed != 1 {
            return Err(DbError::Missed { statement: MOVE_ITEM.name() });
        }
    }
    tx.exec_many(&INSERT_MOVEMENT, movements).await?;
    Ok(heads)
}

fn movement_row(stamp: &Stamp, line: &LinePostings, posting: &Posting, head: &StockItem, hash: [u8; 32]) -> db::Params {
    params![
        stamp.location.0,
        line.product_id.0,
        head.last_number + 1,
        stamp.kind.word(posting.kind),
        posting.quantity_milli,
        posting.value_minor,
        head.state.quantity_milli,
        head.state.value_minor,
        posting.on_hand_milli_after,
        posting.stock_value_minor_after,
        stamp.document_kind,
        stamp.document_id,
        line.document_line,
        stamp.reason.as_str(),
        stamp.person.0,
        stamp.effective_date,
        stamp.recorded_at,
        hash
    ]
}

/// The link of a movement: everything about it that is a number or an id, and
/// the link before. Names and reasons stay out, so that erasing a person's words
/// breaks no chain.
fn hash_movement(stamp: &Stamp, line: &LinePostings, posting: &Posting, head: &StockItem) -> [u8; 32] {
    MovementFacts {
        shop: stamp.shop.0,
        location: stamp.location.0,
        product: line.product_id.0,
        number: head.last_number + 1,
        kind: stamp.kind.word(posting.kind),
        quantity_milli: posting.quantity_milli,
        value_minor: posting.value_minor,
        on_hand_after_milli: posting.on_hand_milli_after,
        value_after_minor: posting.stock_value_minor_after,
        document_kind: stamp.document_kind,
        document_id: stamp.document_id,
        document_line: line.document_line,
        person: stamp.person.0,
        effective_date: stamp.effective_date,
        recorded_at: stamp.recorded_at,
    }
    .hash(&head.last_hash)
}

/// What stands in a movement's hash; `verify` builds it from the stored row.
#[derive(Clone, Copy, Debug)]
pub struct MovementFacts<'a> {
    /// The shop.
    pub shop: Uuid,
    /// Where.
    pub location: Uuid,
    /// Of what.
    pub product: Uuid,
    /// Its number within the item.
    pub number: i64,
    /// The stored word of its kind.
    pub kind: &'a str,
    /// What came or went, in thousandths.
    pub quantity_milli: i64,
    /// Its value, in minor units.
    pub value_minor: i64,
    /// On hand after it.
    pub on_hand_after_milli: i64,
    /// Worth after it.
    pub value_after_minor: i64,
    /// The stored word of its document's kind.
    pub document_kind: &'a str,
    /// Its document.
    pub document_id: Uuid,
    /// Its document's line.
    pub document_line: i64,
    /// Who.
    pub person: Uuid,
    /// The business date it counts for.
    pub effective_date: i64,
    /// When it was written down.
    pub recorded_at: i64,
}

impl MovementFacts<'_> {
    /// The link over these facts and the one before.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        ChainHasher::new(1, "stock_movement")
            .uuid(self.shop)
            .uuid(self.location)
            .uuid(self.product)
            .i64(self.number)
            .text(self.kind)
            .i64(self.quantity_milli)
            .i64(self.value_minor)
            .i64(self.on_hand_after_milli)
            .i64(self.value_after_minor)
            .text(self.document_kind)
            .uuid(self.document_id)
            .i64(self.document_line)
            .uuid(self.person)
            .i64(self.effective_date)
            .i64(self.recorded_at)
            .finish(previous)
    }
}

/// Which of these documents have moved stock.
///
/// # Errors
/// Whatever the database says.
pub async fn known_documents(read: &mut ShopRead, documents: &[Uuid]) -> Result<Vec<bool>, DbError> {
    let rows = read.opt_many(&DOCUMENT_MOVED, documents.iter().map(|id| params![*id]).collect()).await?;
    Ok(rows.into_iter().map(|row| row.is_some()).collect())
}
