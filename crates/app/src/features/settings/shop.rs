//! A shop's profile: currency, zone and rules, read with each request that needs
//! them, because another process may have changed them.

use db::{DbError, ShopRead, params};
use domain::{
    business_date::{BusinessMoment, ShopDay},
    cash::{CashRounding, CashRule},
    sale::ShopRules,
};

db::statements! {
    PROFILE = "settings.profile",
        "SELECT name, country, currency, exponent, display_decimals, time_zone, day_starts_at_minutes,
                prices_include_tax, recovers_purchase_tax, cash_step_minor, cash_mode, legal_name, tax_id, address,
                phone, receipt_header, receipt_footer,
                (SELECT MAX(catalog_version) FROM price_switch WHERE shop_id = $1)
         FROM shop
         WHERE id = $1";
    /// The first switch after a version turned prices from the other meaning.
    SWITCH_AFTER = "settings.switch_after",
        "SELECT includes_tax_after
         FROM price_switch
         WHERE shop_id = $1 AND catalog_version > $2
         ORDER BY catalog_version
         LIMIT 1";
}

/// What a shop set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopProfile {
    /// Its name.
    pub name: String,
    /// ISO 3166 two letters.
    pub country: String,
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
    /// Whether prices are written with their taxes inside.
    pub prices_include_tax: bool,
    /// Whether tax paid on purchases comes back; otherwise it is cost.
    pub recovers_purchase_tax: bool,
    /// The smallest coin and how a cash total meets it. Never below one unit as the
    /// shop shows money: nobody can hand over what the screen does not show.
    pub cash: CashRule,
    /// What its receipts say.
    pub receipt: ReceiptWords,
    /// The catalogue's version at which prices last changed their meaning.
    pub prices_switched_at: Option<i64>,
}

/// What stands on a receipt around the sale; any of it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptWords {
    /// The name that the tax office knows.
    pub legal_name: String,
    /// The number that the tax office gave.
    pub tax_id: String,
    /// Where the shop is.
    pub address: String,
    /// Whom to call.
    pub phone: String,
    /// Above the sale.
    pub header: String,
    /// Below it.
    pub footer: String,
}

impl ReceiptWords {
    /// What stands below the shop's name, line by line.
    pub fn above(&self) -> Vec<&str> {
        let known = [&self.legal_name, &self.tax_id, &self.address, &self.phone];
        let known = known.into_iter().map(String::as_str).filter(|line| !line.is_empty());
        known.chain(self.header.lines()).collect()
    }
}

impl ShopProfile {
    /// The shop's day and hour of an instant that lies near the server's clock, in µs
    /// UTC. A zone that this build does not know counts as UTC: a sale is recorded
    /// rather than lost, and the settings page refuses such zones beforehand.
    pub fn moment(&self, instant_us: i64) -> BusinessMoment {
        ShopDay::new(&self.time_zone, self.day_starts_at_minutes)
            .or_else(|_| ShopDay::new("UTC", 0))
            .and_then(|day| day.moment(instant_us))
            .expect("UTC is always known, and the server's clock shows a year of four digits")
    }

    /// For the domain.
    pub fn rules(&self) -> ShopRules {
        ShopRules { exponent: i64::from(self.exponent), prices_include_tax: self.prices_include_tax, cash: self.cash }
    }
}

/// Loads the profile of the shop that is bound to the query.
///
/// # Errors
/// Whatever the database says; a shop that does not exist is not one row.
pub async fn load_profile(read: &mut ShopRead) -> Result<ShopProfile, DbError> {
    let mut row = read.one(&PROFILE, params![]).await?;
    let (name, country, currency) = (row.take()?, row.take()?, row.take()?);
    let (exponent, display_decimals): (i64, i64) = (row.take()?, row.take()?);
    let (time_zone, day_starts_at_minutes) = (row.take()?, row.take()?);
    let (prices_include_tax, recovers_purchase_tax) = (row.take()?, row.take()?);
    let (step_minor, mode): (i64, String) = (row.take()?, row.take()?);
    let shown_minor = 10_i64.pow(u32::try_from(exponent - display_decimals).unwrap_or(0));
    let decimals = |stored: i64| u32::try_from(stored).expect("the column's CHECK keeps it between 0 and 4");
    Ok(ShopProfile {
        name,
        country,
        currency,
        exponent: decimals(exponent),
        display_decimals: decimals(display_decimals),
        time_zone,
        day_starts_at_minutes,
        prices_include_tax,
        recovers_purchase_tax,
        cash: CashRule {
            step_minor: step_minor.max(shown_minor),
            mode: CashRounding::from_code(&mode).unwrap_or(CashRounding::HalfUp),
        },
        receipt: ReceiptWords {
            legal_name: row.take()?,
            tax_id: row.take()?,
            address: row.take()?,
            phone: row.take()?,
            header: row.take()?,
            footer: row.take()?,
        },
        prices_switched_at: row.take()?,
    })
}

/// What prices meant at a version of the catalogue: a till that was offline while they
/// changed sold by what it knew.
///
/// # Errors
/// Whatever the database says.
pub async fn prices_included_tax_at(
    read: &mut ShopRead,
    shop: &ShopProfile,
    catalog_version: i64,
) -> Result<bool, DbError> {
    if shop.prices_switched_at.is_none_or(|switched| switched <= catalog_version) {
        return Ok(shop.prices_include_tax);
    }
    match read.opt(&SWITCH_AFTER, params![catalog_version]).await? {
        Some(mut row) => Ok(!row.take::<bool>()?),
        None => Ok(shop.prices_include_tax),
    }
}
