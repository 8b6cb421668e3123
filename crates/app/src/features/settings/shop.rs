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
                prices_include_tax, recovers_purchase_tax, cash_step_minor, cash_mode
         FROM shop
         WHERE id = $1";
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
    })
}
