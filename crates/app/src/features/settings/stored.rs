//! A shop's settings as its admin sees and changes them.
//!
//! **Invariant:** whoever changes the settings of a shop locked its row first, so that
//! two admins wait for each other and what one looked up stays true until it is written.

use crate::features::settings::shop::ReceiptWords;
use db::{DbError, Row, ShopRead, ShopTx, params};

db::statements! {
    LOCK = "settings.lock_shop",
        "SELECT version
         FROM shop
         WHERE id = $1
         {lock}";
    SETTINGS = "settings.all",
        "SELECT name, country, currency, exponent, display_decimals, time_zone, day_starts_at_minutes,
                prices_include_tax, cash_step_minor, cash_mode, COALESCE(language, ''), legal_name, tax_id, address,
                phone, receipt_header, receipt_footer, version,
                EXISTS (SELECT 1 FROM sale WHERE shop_id = $1),
                EXISTS (SELECT 1 FROM product WHERE shop_id = $1),
                EXISTS (SELECT 1 FROM cash_session WHERE shop_id = $1)
         FROM shop
         WHERE id = $1";
    SAVE = "settings.save_business",
        "UPDATE shop
         SET name = $3, currency = $4, exponent = $5, display_decimals = $6, time_zone = $7,
             day_starts_at_minutes = $8, cash_step_minor = $9, cash_mode = $10, language = $11, legal_name = $12,
             tax_id = $13, address = $14, phone = $15, receipt_header = $16, receipt_footer = $17,
             country_confirmed_at = COALESCE(country_confirmed_at, $18), updated_at = $18, version = version + 1
         WHERE id = $1 AND version = $2";
    SET_COUNTRY = "settings.set_country",
        "UPDATE shop
         SET country = $2, currency = $3, exponent = $4, display_decimals = $5, time_zone = $6, cash_step_minor = $7,
             cash_mode = $8, prices_include_tax = $9, country_confirmed_at = $10, updated_at = $10,
             version = version + 1
         WHERE id = $1";
    SET_PRICES = "settings.set_prices_include_tax",
        "UPDATE shop
         SET prices_include_tax = $2, prices_confirmed_at = $3, updated_at = $3, version = version + 1
         WHERE id = $1";
}

/// What an admin may change about the shop itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// Its name.
    pub name: String,
    /// ISO 4217 three letters.
    pub currency: String,
    /// Decimals that the currency keeps.
    pub exponent: u32,
    /// Decimals that screens show.
    pub display_decimals: u32,
    /// An IANA zone.
    pub time_zone: String,
    /// When the business day begins, in minutes after midnight.
    pub day_starts_at_minutes: i64,
    /// What cash is rounded to, in minor units.
    pub cash_step_minor: i64,
    /// The stored word of how.
    pub cash_mode: &'static str,
    /// The language of whoever chose none; empty leaves it to each browser.
    pub language: String,
    /// What its receipts say.
    pub receipt: ReceiptWords,
}

/// A shop as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredShop {
    /// What its admin may change.
    pub business: Business,
    /// ISO 3166 two letters.
    pub country: String,
    /// Whether prices are written with their taxes inside.
    pub prices_include_tax: bool,
    /// Changes with every edit.
    pub version: i64,
    /// Whether it ever sold.
    pub has_sold: bool,
    /// Whether it ever had a product.
    pub has_products: bool,
    /// Whether a drawer was ever opened.
    pub has_drawers: bool,
}

impl StoredShop {
    /// Whether any amount is on record in the shop's currency: then another currency,
    /// or one with other decimals, would make them lies.
    pub fn has_money(&self) -> bool {
        self.has_sold || self.has_products || self.has_drawers
    }

    /// Whether the currency may become one with so many decimals. Prices in a shop that
    /// never sold keep their figures where the decimals are the same.
    pub fn may_take_currency(&self, exponent: u32) -> bool {
        !self.has_sold && !self.has_drawers && (!self.has_products || exponent == self.business.exponent)
    }
}

/// Locks the shop's row until the transaction ends and answers its version.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut ShopTx) -> Result<i64, DbError> {
    tx.one(&LOCK, params![]).await?.take()
}

/// Loads the settings.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead) -> Result<StoredShop, DbError> {
    stored(read.one(&SETTINGS, params![]).await?)
}

fn stored(mut row: Row) -> Result<StoredShop, DbError> {
    let decimals = |stored: i64| u32::try_from(stored).expect("the column's CHECK keeps it between 0 and 4");
    let (name, country, currency) = (row.take()?, row.take()?, row.take()?);
    let (exponent, display_decimals): (i64, i64) = (row.take()?, row.take()?);
    let (time_zone, day_starts_at_minutes) = (row.take()?, row.take()?);
    let prices_include_tax = row.take()?;
    let cash_step_minor = row.take()?;
    let mode: String = row.take()?;
    let business = Business {
        name,
        currency,
        exponent: decimals(exponent),
        display_decimals: decimals(display_decimals),
        time_zone,
        day_starts_at_minutes,
        cash_step_minor,
        cash_mode: domain::cash::CashRounding::from_code(&mode).unwrap_or_default().code(),
        language: row.take()?,
        receipt: ReceiptWords {
            legal_name: row.take()?,
            tax_id: row.take()?,
            address: row.take()?,
            phone: row.take()?,
            header: row.take()?,
            footer: row.take()?,
        },
    };
    Ok(StoredShop {
        business,
        country,
        prices_include_tax,
        version: row.take()?,
        has_sold: row.take()?,
        has_products: row.take()?,
        has_drawers: row.take()?,
    })
}

/// Writes the settings anew; `false` where somebody else changed them in the meantime.
///
/// # Errors
/// Whatever the database says.
pub async fn save(tx: &mut ShopTx, seen_version: i64, business: &Business, now_us: i64) -> Result<bool, DbError> {
    let words = &business.receipt;
    let language = Some(business.language.as_str()).filter(|language| !language.is_empty());
    let row = params![
        seen_version,
        business.name.as_str(),
        business.currency.as_str(),
        i64::from(business.exponent),
        i64::from(business.display_decimals),
        business.time_zone.as_str(),
        business.day_starts_at_minutes,
        business.cash_step_minor,
        business.cash_mode,
        language,
        words.legal_name.as_str(),
        words.tax_id.as_str(),
        words.address.as_str(),
        words.phone.as_str(),
        words.header.as_str(),
        words.footer.as_str(),
        now_us
    ];
    Ok(tx.exec(&SAVE, row).await? == 1)
}

/// Moves the shop to another country: what follows from it is in `business`.
///
/// # Errors
/// Whatever the database says.
pub async fn set_country(
    tx: &mut ShopTx,
    country: &str,
    business: &Business,
    prices_include_tax: bool,
    now_us: i64,
) -> Result<(), DbError> {
    let row = params![
        country,
        business.currency.as_str(),
        i64::from(business.exponent),
        i64::from(business.display_decimals),
        business.time_zone.as_str(),
        business.cash_step_minor,
        business.cash_mode,
        prices_include_tax,
        now_us
    ];
    tx.exec_one(&SET_COUNTRY, row).await
}

/// Says what the shop's prices mean; the prices themselves are the catalogue's.
///
/// # Errors
/// Whatever the database says.
pub async fn set_prices_include_tax(tx: &mut ShopTx, included: bool, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&SET_PRICES, params![included, now_us]).await
}
