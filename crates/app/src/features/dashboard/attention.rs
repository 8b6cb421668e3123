//! What asks for a person: stock below zero, stock that runs out, deliveries of a
//! till that could not be posted as they were, and who is selling now.
//!
//! **Invariant:** every list is bounded, and counting stops at [`COUNT_MAX`].

use db::{DbError, Row, ShopRead, params};
use uuid::Uuid;

db::statements! {
    COUNTS = "dashboard.attention_counts",
        "SELECT (SELECT COUNT(*)
                 FROM (SELECT product_id FROM stock_item
                       WHERE shop_id = $1 AND on_hand_milli < 0 LIMIT $2) AS below),
                (SELECT COUNT(*)
                 FROM (SELECT product.id
                       FROM product
                       LEFT JOIN stock_item ON stock_item.shop_id = product.shop_id
                                           AND stock_item.product_id = product.id
                       WHERE product.shop_id = $1 AND product.active AND product.minimum_milli > 0
                         AND product.tracks_stock
                         AND COALESCE(stock_item.on_hand_milli, 0) BETWEEN 0 AND product.minimum_milli
                       LIMIT $2) AS low),
                (SELECT COUNT(*)
                 FROM (SELECT id FROM review_item
                       WHERE shop_id = $1 AND state = 'open' LIMIT $2) AS waiting)";
    BELOW_ZERO = "dashboard.below_zero",
        "SELECT product.id, product.name, product.unit, below.on_hand_milli, product.minimum_milli
         FROM (SELECT product_id, on_hand_milli
               FROM stock_item
               WHERE shop_id = $1 AND on_hand_milli < 0
               ORDER BY product_id
               LIMIT $2) AS below
         JOIN product ON product.shop_id = $1 AND product.id = below.product_id
         ORDER BY product.sort_key, product.id";
    LOW = "dashboard.low_stock",
        "SELECT product.id, product.name, product.unit, COALESCE(stock_item.on_hand_milli, 0), product.minimum_milli
         FROM product
         LEFT JOIN stock_item ON stock_item.shop_id = product.shop_id AND stock_item.product_id = product.id
         WHERE product.shop_id = $1 AND product.active AND product.minimum_milli > 0 AND product.tracks_stock
           AND COALESCE(stock_item.on_hand_milli, 0) BETWEEN 0 AND product.minimum_milli
         ORDER BY product.sort_key, product.id
         LIMIT $2";
    OPEN_DRAWERS = "dashboard.open_drawers",
        "SELECT register.name, cash_session.opened_at
         FROM cash_session
         JOIN register ON register.shop_id = cash_session.shop_id AND register.id = cash_session.register_id
         WHERE cash_session.shop_id = $1 AND cash_session.state = 'open'
         ORDER BY cash_session.opened_at
         LIMIT $2";
}

/// Where counting stops; the page says "1.000+".
pub const COUNT_MAX: i64 = 1_000;
/// Rows of each list.
const ROWS_MAX: i64 = 10;

/// How much there is to attend to; each at most [`COUNT_MAX`] and one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stock items below zero.
    pub below_zero: i64,
    /// Products at or below their minimum.
    pub low: i64,
    /// Deliveries of tills that wait for a person.
    pub reviews: i64,
}

impl Counts {
    /// All of them.
    pub fn all(&self) -> i64 {
        self.below_zero + self.low + self.reviews
    }
}

/// A product whose stock asks for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The stored word of its unit.
    pub unit: String,
    /// On hand, in thousandths.
    pub on_hand_milli: i64,
    /// Its minimum, in thousandths.
    pub minimum_milli: i64,
}

/// A drawer that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDrawer {
    /// The register's name.
    pub register: String,
    /// Since when, µs UTC.
    pub opened_at: i64,
}

/// What to attend to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// How much.
    pub counts: Counts,
    /// Some that are below zero.
    pub below_zero: Vec<StockRow>,
    /// Some that run out, by name.
    pub low: Vec<StockRow>,
    /// Who is selling.
    pub drawers: Vec<OpenDrawer>,
}

/// Reads it all.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead) -> Result<Attention, DbError> {
    let mut counted = read.one(&COUNTS, params![COUNT_MAX + 1]).await?;
    let counts = Counts { below_zero: counted.take()?, low: counted.take()?, reviews: counted.take()? };
    let below_zero = stock_rows(read.rows(&BELOW_ZERO, params![ROWS_MAX]).await?)?;
    let low = stock_rows(read.rows(&LOW, params![ROWS_MAX]).await?)?;
    let drawers = read.rows(&OPEN_DRAWERS, params![ROWS_MAX]).await?;
    let drawer = |mut row: Row| Ok(OpenDrawer { register: row.take()?, opened_at: row.take()? });
    let drawers = drawers.into_iter().map(drawer).collect::<Result<_, DbError>>()?;
    Ok(Attention { counts, below_zero, low, drawers })
}

fn stock_rows(rows: Vec<Row>) -> Result<Vec<StockRow>, DbError> {
    let row = |mut row: Row| {
        Ok(StockRow {
            id: row.take()?,
            name: row.take()?,
            unit: row.take()?,
            on_hand_milli: row.take()?,
            minimum_milli: row.take()?,
        })
    };
    rows.into_iter().map(row).collect()
}
