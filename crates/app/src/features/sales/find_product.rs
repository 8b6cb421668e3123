//! Which product a person means who types instead of scanning: by id, code, SKU or
//! whole name.

use crate::{
    text_key::{search_key, sort_key},
    texts::sales::Texts,
};
use db::{DbError, ShopRead, params};
use domain::ids::ProductId;
use uuid::Uuid;
use web::{Problem, form::Said};

db::statements! {
    BY_CODE = "sales.product_by_code",
        "SELECT product_id, pack_milli
         FROM barcode
         WHERE shop_id = $1 AND code = $2";
    BY_SKU = "sales.product_by_sku",
        "SELECT id
         FROM product
         WHERE shop_id = $1 AND sku_key = $2";
    BY_NAME = "sales.product_by_name",
        "SELECT id
         FROM product
         WHERE shop_id = $1 AND active = TRUE AND sort_key = $2
         ORDER BY id
         LIMIT 2";
    LIKE_NAME = "sales.products_like_name",
        "SELECT name
         FROM product
         WHERE shop_id = $1 AND active = TRUE AND sort_key >= $2 AND sort_key < $3
         ORDER BY sort_key, id
         LIMIT 5";
    KNOWN = "sales.known_products",
        "SELECT name
         FROM product
         WHERE shop_id = $1 AND active = TRUE
         ORDER BY sort_key, id
         LIMIT 200";
}

/// Longest text that is looked up.
const TYPED_CHARS_MAX: usize = 100;

/// A product, and the pack that its code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundProduct {
    /// Which product.
    pub product: ProductId,
    /// Units in the pack, in thousandths.
    pub pack_milli: i64,
}

/// What a typed text turned out to be.
#[derive(Debug)]
pub enum Typed {
    /// One product.
    Found(FoundProduct),
    /// None, or more than one.
    Unknown(Problem),
}

/// Finds the product that a person typed.
///
/// # Errors
/// Whatever the database says.
pub async fn find(read: &mut ShopRead, typed: &str) -> Result<Typed, DbError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Typed::Unknown(Problem::Required));
    }
    if typed.chars().count() > TYPED_CHARS_MAX {
        return Ok(Typed::Unknown(Problem::TooLong { max: TYPED_CHARS_MAX }));
    }
    if typed.chars().any(char::is_control) {
        return Ok(Typed::Unknown(Problem::ControlCharacter));
    }
    let single = |product: Uuid| Typed::Found(FoundProduct { product: ProductId(product), pack_milli: 1_000 });
    if let Ok(id) = typed.parse::<Uuid>() {
        return Ok(single(id));
    }
    if let Some(mut row) = read.opt(&BY_CODE, params![typed]).await? {
        let product: Uuid = row.take()?;
        return Ok(Typed::Found(FoundProduct { product: ProductId(product), pack_milli: row.take()? }));
    }
    if let Some(mut row) = read.opt(&BY_SKU, params![search_key(typed)]).await? {
        return Ok(single(row.take()?));
    }
    let key = sort_key(typed);
    let mut named = read.rows(&BY_NAME, params![key.as_str()]).await?;
    match (named.pop(), named.pop()) {
        (Some(mut only), None) => Ok(single(only.take()?)),
        (Some(_), Some(_)) => Ok(Typed::Unknown(Problem::Said(Said::new(|lang| Texts(lang).simple_many())))),
        (None, _) => Ok(Typed::Unknown(unknown(like(read, &key).await?))),
    }
}

async fn like(read: &mut ShopRead, key: &str) -> Result<Vec<String>, DbError> {
    // No character sorts behind this one, so that the range is every key that begins so.
    let end = format!("{key}{}", char::MAX);
    let rows = read.rows(&LIKE_NAME, params![key, end]).await?;
    rows.into_iter().map(|mut row| row.take()).collect()
}

fn unknown(like: Vec<String>) -> Problem {
    let like = like.join("; ");
    Problem::Said(Said::new(move |lang| {
        let t = Texts(lang);
        if like.is_empty() { t.simple_unknown().to_owned() } else { t.simple_like(&like) }
    }))
}

/// Names to offer while somebody types: the first of the catalogue.
///
/// # Errors
/// Whatever the database says.
pub async fn known_names(read: &mut ShopRead) -> Result<Vec<String>, DbError> {
    let rows = read.rows(&KNOWN, params![]).await?;
    rows.into_iter().map(|mut row| row.take()).collect()
}
