//! Stock: each item's movements follow one another by number, stock, value and hash,
//! and the item stands where the last one left it.

use super::{Check, PAGE_ROWS};
use crate::features::stock::ledger::MovementFacts;
use db::{DbError, Row, ShopRead, params};
use domain::chain::CHAIN_START;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

db::statements! {
    ITEMS = "verify.stock_items",
        "SELECT location_id, product_id, on_hand_milli, value_minor, last_number, last_hash
         FROM stock_item
         WHERE shop_id = $1 AND (location_id, product_id) > ($2, $3)
         ORDER BY location_id, product_id
         LIMIT $4";
    MOVEMENTS = "verify.stock_movements",
        "SELECT location_id, product_id, number, kind, quantity_milli, value_minor, on_hand_before_milli,
                value_before_minor, on_hand_after_milli, value_after_minor, document_kind, document_id, document_line,
                person_id, effective_date, recorded_at, hash
         FROM stock_movement
         WHERE shop_id = $1 AND (location_id, product_id, number) > ($2, $3, $4)
         ORDER BY location_id, product_id, number
         LIMIT $5";
}

/// What settled goods sold below zero added to the cost of goods, by day and product.
pub type Variances = BTreeMap<(i64, Uuid), i64>;

struct Movement {
    item: (Uuid, Uuid),
    number: i64,
    kind: String,
    quantity_milli: i64,
    value_minor: i64,
    before: (i64, i64),
    after: (i64, i64),
    document_kind: String,
    document_id: Uuid,
    document_line: i64,
    person: Uuid,
    effective_date: i64,
    recorded_at: i64,
    hash: [u8; 32],
}

fn movement(mut row: Row) -> Result<Movement, DbError> {
    Ok(Movement {
        item: (row.take()?, row.take()?),
        number: row.take()?,
        kind: row.take()?,
        quantity_milli: row.take()?,
        value_minor: row.take()?,
        before: (row.take()?, row.take()?),
        after: (row.take()?, row.take()?),
        document_kind: row.take()?,
        document_id: row.take()?,
        document_line: row.take()?,
        person: row.take()?,
        effective_date: row.take()?,
        recorded_at: row.take()?,
        hash: row.take()?,
    })
}

/// All movements in the order of their keys, a page at a time.
struct Stream {
    page: VecDeque<Movement>,
    after: (Uuid, Uuid, i64),
    is_over: bool,
}

impl Stream {
    /// The next movement if it is one of this item, or of one before it.
    async fn next_up_to(&mut self, read: &mut ShopRead, item: (Uuid, Uuid)) -> Result<Option<Movement>, DbError> {
        if self.page.is_empty() && !self.is_over {
            let (location, product, number) = self.after;
            let rows = read.rows(&MOVEMENTS, params![location, product, number, PAGE_ROWS]).await?;
            self.page = rows.into_iter().map(movement).collect::<Result<_, _>>()?;
            match self.page.back() {
                Some(last) => self.after = (last.item.0, last.item.1, last.number),
                None => self.is_over = true,
            }
        }
        Ok(self.page.pop_front_if(|next| next.item <= item))
    }
}

/// Checks every chain of the shop, and gathers the cost variances on the way.
pub(super) async fn check(read: &mut ShopRead, shop: Uuid) -> Result<(Check, Variances), DbError> {
    let mut check = Check::new(shop, "stock");
    let mut variances = Variances::new();
    let mut stream = Stream { page: VecDeque::new(), after: (Uuid::nil(), Uuid::nil(), 0), is_over: false };
    let mut after = (Uuid::nil(), Uuid::nil());
    loop {
        let items = read.rows(&ITEMS, params![after.0, after.1, PAGE_ROWS]).await?;
        if items.is_empty() {
            return Ok((check, variances));
        }
        for mut row in items {
            let item: (Uuid, Uuid) = (row.take()?, row.take()?);
            let head: ((i64, i64), i64, [u8; 32]) = ((row.take()?, row.take()?), row.take()?, row.take()?);
            let mut chain = Chain { number: 0, state: (0, 0), hash: CHAIN_START };
            while let Some(movement) = stream.next_up_to(read, item).await? {
                chain.follow(&mut check, shop, &movement);
                if movement.kind == "cost_variance" {
                    *variances.entry((movement.effective_date, movement.item.1)).or_default() -= movement.value_minor;
                }
            }
            let name = || format!("stock_item {} {}", item.0, item.1);
            check.rows += 1;
            check.hold(name, "its last number", chain.number, head.1);
            check.hold(name, "quantity and value", chain.state, head.0);
            check.hold(name, "its last hash", chain.hash, head.2);
            after = item;
        }
    }
}

struct Chain {
    number: i64,
    state: (i64, i64),
    hash: [u8; 32],
}

impl Chain {
    fn follow(&mut self, check: &mut Check, shop: Uuid, movement: &Movement) {
        let Movement { item, number, before, after, .. } = movement;
        let name = || format!("stock_movement {} {} number {number}", item.0, item.1);
        check.rows += 1;
        check.hold(name, "its number", self.number + 1, *number);
        check.hold(name, "what was there before", self.state, *before);
        let sum = (before.0 + movement.quantity_milli, before.1 + movement.value_minor);
        check.hold(name, "what is there after", sum, *after);
        let facts = MovementFacts {
            shop,
            location: item.0,
            product: item.1,
            number: *number,
            kind: &movement.kind,
            quantity_milli: movement.quantity_milli,
            value_minor: movement.value_minor,
            on_hand_after_milli: after.0,
            value_after_minor: after.1,
            document_kind: &movement.document_kind,
            document_id: movement.document_id,
            document_line: movement.document_line,
            person: movement.person,
            effective_date: movement.effective_date,
            recorded_at: movement.recorded_at,
        };
        check.hold(name, "its hash", facts.hash(&self.hash), movement.hash);
        // What follows is held to this row as it stands: one wrong row is one finding.
        (self.number, self.state, self.hash) = (*number, *after, movement.hash);
    }
}
