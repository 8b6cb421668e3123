//! Which products a list shows, in which order.
//!
//! A list without filters walks an index and costs the same at a hundred products
//! and at a hundred thousand. Typed words are looked up in an index of trigrams, and
//! a bounded number of hits is sorted. Other orders and filters sort what they find.
//!
//! Every statement takes the place behind which to start, so that one text serves
//! the first page and all others: the first begins before every possible row.

use crate::{
    features::totals::{self, Counted},
    text_key,
};
use db::{DbError, Params, Row, ShopRead, Statement, params};
use domain::ids::{CategoryId, ProductId};
use uuid::Uuid;
use web::pagination::{At, Count, Key, Order, PageRequest};

/// Where a filtered count stops.
pub const COUNT_MAX: i64 = 1_000;
/// How many words of a search are looked at; more narrow nothing that matters.
const WORDS_MAX: usize = 3;
/// The shortest word that the index of texts can find, in characters.
const TRIGRAM: usize = 3;

db::statements! {
    /// `$3` and `$4` bound the names, so that one or two typed letters find what begins so.
    NAME_UP = "catalog.list_by_name",
        "SELECT id, 0, sort_key
         FROM product
         WHERE shop_id = $1 AND active = $2 AND sort_key >= $3 AND sort_key < $4 AND (sort_key, id) > ($5, $6)
           AND NOT removed
         ORDER BY sort_key, id
         LIMIT $7 OFFSET $8";
    NAME_DOWN = "catalog.list_by_name_reversed",
        "SELECT id, 0, sort_key
         FROM product
         WHERE shop_id = $1 AND active = $2 AND sort_key >= $3 AND sort_key < $4 AND (sort_key, id) < ($5, $6)
           AND NOT removed
         ORDER BY sort_key DESC, id DESC
         LIMIT $7 OFFSET $8";
    PRICE_UP = "catalog.list_by_price",
        "SELECT id, price_minor, ''
         FROM product
         WHERE shop_id = $1 AND active = $2 AND (price_minor, id) > ($3, $4) AND NOT removed
         ORDER BY price_minor, id
         LIMIT $5 OFFSET $6";
    PRICE_DOWN = "catalog.list_by_price_reversed",
        "SELECT id, price_minor, ''
         FROM product
         WHERE shop_id = $1 AND active = $2 AND (price_minor, id) < ($3, $4) AND NOT removed
         ORDER BY price_minor DESC, id DESC
         LIMIT $5 OFFSET $6";
    /// `$3` to `$5` bound the names, `$6` says that any category will do, else it is `$7`; `$8` is the
    /// state of the stock, `$9` the order, `$10` to `$12` the place behind which to start.
    SORTED_UP = "catalog.list_sorted",
        "SELECT found.id, found.number_key, found.text_key
         FROM (SELECT product.id AS id,
                      CASE $9 WHEN 'precio' THEN product.price_minor
                              WHEN 'stock' THEN COALESCE(item.milli, 0)
                              ELSE 0 END AS number_key,
                      CASE $9 WHEN 'categoria' THEN COALESCE(category.sort_key, '') || ' ' || product.sort_key
                              ELSE product.sort_key END AS text_key
               FROM product
               LEFT JOIN category ON category.shop_id = $1 AND category.id = product.category_id
               LEFT JOIN (SELECT product_id, CAST(SUM(on_hand_milli) AS BIGINT) AS milli
                          FROM stock_item
                          WHERE shop_id = $1
                          GROUP BY product_id) AS item ON item.product_id = product.id
               WHERE product.shop_id = $1
                 AND product.active = $2
                 AND product.sort_key >= $3
                 AND product.sort_key < $4
                 AND product.sort_key >= $5
                 AND NOT product.removed
                 AND ($6 OR product.category_id = $7)
                 AND ($8 = 'todos'
                      OR (product.tracks_stock
                          AND COALESCE(item.milli, 0) <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
              ) AS found
         WHERE (found.number_key, found.text_key, found.id) > ($10, $11, $12)
         ORDER BY found.number_key, found.text_key, found.id
         LIMIT $13 OFFSET $14";
    SORTED_DOWN = "catalog.list_sorted_reversed",
        "SELECT found.id, found.number_key, found.text_key
         FROM (SELECT product.id AS id,
                      CASE $9 WHEN 'precio' THEN product.price_minor
                              WHEN 'stock' THEN COALESCE(item.milli, 0)
                              ELSE 0 END AS number_key,
                      CASE $9 WHEN 'categoria' THEN COALESCE(category.sort_key, '') || ' ' || product.sort_key
                              ELSE product.sort_key END AS text_key
               FROM product
               LEFT JOIN category ON category.shop_id = $1 AND category.id = product.category_id
               LEFT JOIN (SELECT product_id, CAST(SUM(on_hand_milli) AS BIGINT) AS milli
                          FROM stock_item
                          WHERE shop_id = $1
                          GROUP BY product_id) AS item ON item.product_id = product.id
               WHERE product.shop_id = $1
                 AND product.active = $2
                 AND product.sort_key >= $3
                 AND product.sort_key < $4
                 AND product.sort_key >= $5
                 AND NOT product.removed
                 AND ($6 OR product.category_id = $7)
                 AND ($8 = 'todos'
                      OR (product.tracks_stock
                          AND COALESCE(item.milli, 0) <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
              ) AS found
         WHERE (found.number_key, found.text_key, found.id) < ($10, $11, $12)
         ORDER BY found.number_key DESC, found.text_key DESC, found.id DESC
         LIMIT $13 OFFSET $14";
    /// The same of what holds the words `$3` to `$5`. The trigram index answers first, filters narrow
    /// what it finds, and no more of that is sorted than a count goes to. What is on hand is summed for
    /// a hit, and only where the order or the filter asks: summing the shop's whole stock first cost more
    /// than all the rest.
    SEARCH_UP = "catalog.search",
        "SELECT found.id, found.number_key, found.text_key
         FROM (SELECT hit.id AS id,
                      CASE $9 WHEN 'precio' THEN hit.price_minor
                              WHEN 'stock' THEN (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                                                 FROM stock_item
                                                 WHERE shop_id = $1 AND product_id = hit.id)
                              ELSE 0 END AS number_key,
                      CASE $9 WHEN 'categoria' THEN COALESCE(category.sort_key, '') || ' ' || hit.sort_key
                              ELSE hit.sort_key END AS text_key
               FROM (SELECT product.id, product.price_minor, product.sort_key, product.category_id
                     FROM product_text
                     CROSS JOIN product_search
                     CROSS JOIN product
                     WHERE product_search.id = product_text.rowid
                       AND product_search.shop_id = $1
                       AND product_text.search_text LIKE $3
                       AND product_text.search_text LIKE $4
                       AND product_text.search_text LIKE $5
                       AND product.shop_id = $1
                       AND product.id = product_search.product_id
                       AND product.active = $2
                       AND NOT product.removed
                       AND ($6 OR product.category_id = $7)
                       AND ($8 = 'todos'
                            OR (product.tracks_stock
                                AND (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                                     FROM stock_item
                                     WHERE shop_id = $1 AND product_id = product.id)
                                    <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
                     LIMIT 1001) AS hit
               LEFT JOIN category ON category.shop_id = $1 AND category.id = hit.category_id
              ) AS found
         WHERE (found.number_key, found.text_key, found.id) > ($10, $11, $12)
         ORDER BY found.number_key, found.text_key, found.id
         LIMIT $13 OFFSET $14";
    SEARCH_DOWN = "catalog.search_reversed",
        "SELECT found.id, found.number_key, found.text_key
         FROM (SELECT hit.id AS id,
                      CASE $9 WHEN 'precio' THEN hit.price_minor
                              WHEN 'stock' THEN (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                                                 FROM stock_item
                                                 WHERE shop_id = $1 AND product_id = hit.id)
                              ELSE 0 END AS number_key,
                      CASE $9 WHEN 'categoria' THEN COALESCE(category.sort_key, '') || ' ' || hit.sort_key
                              ELSE hit.sort_key END AS text_key
               FROM (SELECT product.id, product.price_minor, product.sort_key, product.category_id
                     FROM product_text
                     CROSS JOIN product_search
                     CROSS JOIN product
                     WHERE product_search.id = product_text.rowid
                       AND product_search.shop_id = $1
                       AND product_text.search_text LIKE $3
                       AND product_text.search_text LIKE $4
                       AND product_text.search_text LIKE $5
                       AND product.shop_id = $1
                       AND product.id = product_search.product_id
                       AND product.active = $2
                       AND NOT product.removed
                       AND ($6 OR product.category_id = $7)
                       AND ($8 = 'todos'
                            OR (product.tracks_stock
                                AND (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                                     FROM stock_item
                                     WHERE shop_id = $1 AND product_id = product.id)
                                    <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
                     LIMIT 1001) AS hit
               LEFT JOIN category ON category.shop_id = $1 AND category.id = hit.category_id
              ) AS found
         WHERE (found.number_key, found.text_key, found.id) < ($10, $11, $12)
         ORDER BY found.number_key DESC, found.text_key DESC, found.id DESC
         LIMIT $13 OFFSET $14";
    /// Stops at `$9` rows: nobody reads on, and the count stays cheap.
    COUNT_SORTED = "catalog.count_sorted",
        "SELECT COUNT(*)
         FROM (SELECT product.id
               FROM product
               LEFT JOIN (SELECT product_id, CAST(SUM(on_hand_milli) AS BIGINT) AS milli
                          FROM stock_item
                          WHERE shop_id = $1
                          GROUP BY product_id) AS item ON item.product_id = product.id
               WHERE product.shop_id = $1
                 AND product.active = $2
                 AND product.sort_key >= $3
                 AND product.sort_key < $4
                 AND product.sort_key >= $5
                 AND NOT product.removed
                 AND ($6 OR product.category_id = $7)
                 AND ($8 = 'todos'
                      OR (product.tracks_stock
                          AND COALESCE(item.milli, 0) <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
               LIMIT $9) AS found";
    COUNT_SEARCH = "catalog.count_search",
        "SELECT COUNT(*)
         FROM (SELECT product.id
               FROM product_text
               CROSS JOIN product_search
               CROSS JOIN product
               WHERE product_search.id = product_text.rowid
                 AND product_search.shop_id = $1
                 AND product_text.search_text LIKE $3
                 AND product_text.search_text LIKE $4
                 AND product_text.search_text LIKE $5
                 AND product.shop_id = $1
                 AND product.id = product_search.product_id
                 AND product.active = $2
                 AND NOT product.removed
                 AND ($6 OR product.category_id = $7)
                 AND ($8 = 'todos'
                      OR (product.tracks_stock
                          AND (SELECT CAST(COALESCE(SUM(on_hand_milli), 0) AS BIGINT)
                               FROM stock_item
                               WHERE shop_id = $1 AND product_id = product.id)
                              <= CASE $8 WHEN 'bajo' THEN product.minimum_milli ELSE 0 END))
               LIMIT $9) AS found";
}

/// The columns by which a list may be ordered, the usual one first.
pub const ORDERS: [&str; 4] = ["nombre", "precio", "stock", "categoria"];

/// Which products, by what is in the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum StockFilter {
    /// Whatever there is.
    #[default]
    Any,
    /// At or below the minimum.
    Low,
    /// Nothing left, or less.
    Out,
}

impl StockFilter {
    /// The word in the address and in the statements.
    pub fn as_str(self) -> &'static str {
        match self {
            StockFilter::Any => "todos",
            StockFilter::Low => "bajo",
            StockFilter::Out => "agotado",
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What was typed.
    pub typed: String,
    /// Only this category.
    pub category: Option<CategoryId>,
    /// Only this state of the stock.
    pub stock: StockFilter,
    /// Those that are sold, or those that no longer are.
    pub active: bool,
}

impl Filter {
    /// Whether it leaves nothing out but the inactive.
    pub fn is_open(&self) -> bool {
        self.active && self.typed.trim().is_empty() && self.category.is_none() && self.stock == StockFilter::Any
    }

    fn narrows(&self) -> bool {
        !self.typed.trim().is_empty() || self.category.is_some() || self.stock != StockFilter::Any
    }

    fn words(&self) -> Words {
        let key = text_key::search_key(&self.typed);
        // These three mean something in a pattern; as parts of a name they separate.
        let words: Vec<&str> = key.split(['%', '_', '\\', ' ']).filter(|word| !word.is_empty()).collect();
        if words.iter().all(|word| word.chars().count() < TRIGRAM) {
            let from = text_key::sort_key(&self.typed);
            let to = format!("{from}{}", char::MAX);
            return Words::Beginning { from, to };
        }
        let mut words = words.into_iter();
        Words::Within(std::array::from_fn(|_| words.next().map_or_else(|| "%".to_owned(), |word| format!("%{word}%"))))
    }

    /// The first seven parameters of the statements that sort and count.
    fn params(&self, [first, second, third]: [String; WORDS_MAX]) -> Vec<db::Param> {
        vec![
            self.active.into(),
            first.into(),
            second.into(),
            third.into(),
            self.category.is_none().into(),
            self.category.map_or(Uuid::nil(), |category| category.0).into(),
            self.stock.as_str().into(),
        ]
    }
}

/// How a search narrows.
enum Words {
    /// Names between two bounds; the trigram index knows no shorter words.
    Beginning {
        /// At or behind this.
        from: String,
        /// Before this.
        to: String,
    },
    /// Patterns that the product's texts all match.
    Within([String; WORDS_MAX]),
}

/// A product's place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which product.
    pub id: ProductId,
    number_key: i64,
    text_key: String,
}

impl Found {
    /// Its place, as a cursor carries it.
    pub fn keys(&self) -> Vec<Key> {
        vec![Key::Int(self.number_key), Key::Text(self.text_key.clone()), Key::Id(self.id.0.into_bytes())]
    }

    fn read(mut row: Row) -> Result<Found, DbError> {
        let id: Uuid = row.take()?;
        Ok(Found { id: ProductId(id), number_key: row.take()?, text_key: row.take()? })
    }
}

/// Before every row, or behind every row.
fn edge(first: bool) -> (i64, String, Uuid) {
    if first { (i64::MIN, String::new(), Uuid::nil()) } else { (i64::MAX, char::MAX.to_string(), Uuid::max()) }
}

/// Where a statement starts, which way it walks, and how many rows it leaves out.
fn start(request: &PageRequest, descending: bool) -> ((i64, String, Uuid), bool, i64) {
    let (keys, backwards, offset) = match &request.at {
        At::Offset(offset) => (None, false, *offset),
        At::After(keys) => (Some(keys), false, 0),
        At::Before(keys) => (Some(keys), true, 0),
    };
    let down = descending != backwards;
    let place = match keys.map(Vec::as_slice) {
        // PostgreSQL keeps no zero byte, and would fail on one.
        Some([Key::Int(number), Key::Text(text), Key::Id(id)]) if !text.contains('\0') => {
            (*number, text.clone(), Uuid::from_bytes(*id))
        }
        // A forged cursor of another shape starts at the edge.
        _ => edge(!down),
    };
    (place, down, offset)
}

/// Finds the products of a page, in the order in which the statement walks.
///
/// # Errors
/// Whatever the database says.
pub async fn find(
    read: &mut ShopRead,
    filter: &Filter,
    order: Order,
    request: &PageRequest,
) -> Result<Vec<Found>, DbError> {
    let ((number, text, id), down, offset) = start(request, order.descending);
    let (limit, walks_prices) = (request.limit(), order.column == "precio" && !filter.narrows());
    let walks_names = order.column == "nombre" && filter.category.is_none() && filter.stock == StockFilter::Any;
    let sorted = |words: [String; WORDS_MAX]| {
        let mut params = filter.params(words);
        params.extend([
            order.column.into(),
            number.into(),
            text.as_str().into(),
            id.into(),
            limit.into(),
            offset.into(),
        ]);
        Params::new(params)
    };
    let (statement, params): (&'static Statement, Params) = match (filter.words(), down) {
        (Words::Beginning { .. }, false) if walks_prices => {
            (&PRICE_UP, params![filter.active, number, id, limit, offset])
        }
        (Words::Beginning { .. }, true) if walks_prices => {
            (&PRICE_DOWN, params![filter.active, number, id, limit, offset])
        }
        (Words::Beginning { from, to }, down) if walks_names => {
            let params = params![filter.active, from, to, text, id, limit, offset];
            (if down { &NAME_DOWN } else { &NAME_UP }, params)
        }
        (Words::Beginning { from, to }, down) => {
            (if down { &SORTED_DOWN } else { &SORTED_UP }, sorted([from.clone(), to, from]))
        }
        (Words::Within(words), down) => (if down { &SEARCH_DOWN } else { &SEARCH_UP }, sorted(words)),
    };
    read.rows(statement, params).await?.into_iter().map(Found::read).collect()
}

/// How many products a filter lets through: the kept counter where it leaves
/// nothing out, else a count that stops at [`COUNT_MAX`].
///
/// # Errors
/// Whatever the database says.
pub async fn count(read: &mut ShopRead, filter: &Filter) -> Result<Count, DbError> {
    if filter.is_open() {
        return Ok(Count::Exactly(totals::counted(read, Counted::Products).await?));
    }
    let (statement, words): (&'static Statement, _) = match filter.words() {
        Words::Beginning { from, to } => (&COUNT_SORTED, [from.clone(), to, from]),
        Words::Within(words) => (&COUNT_SEARCH, words),
    };
    let mut params = filter.params(words);
    params.push((COUNT_MAX + 1).into());
    let found: i64 = read.one(statement, Params::new(params)).await?.take()?;
    Ok(if found > COUNT_MAX { Count::AtLeast(COUNT_MAX) } else { Count::Exactly(found) })
}
