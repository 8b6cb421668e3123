//! Moving a shop to a country: everything that a preset says, as far as nothing on
//! record forbids it.
//!
//! **Invariants:** the currency and what prices mean change only while no amount is on
//! record; no product changes its taxes; nothing with a history is deleted. Doing it
//! twice changes nothing the second time.

use crate::{
    actor::Actor,
    features::{
        catalog::write as catalog,
        settings::{
            method_store::{self, NewMethod},
            preset::Preset,
            stored::{self, Business},
            tax_store::{self, Rate, TaxSetFields},
        },
    },
    text_key,
};
use db::{DbError, ShopTx};
use domain::ids::{MethodId, TaxSetId};
use uuid::Uuid;

/// Ids for what a preset may have to create.
#[derive(Clone, Debug)]
pub struct Ids {
    /// Of tax sets.
    pub tax_sets: [Uuid; 4],
    /// Of payment methods.
    pub methods: [Uuid; 2],
}

/// How far the shop moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// All the way.
    Whole,
    /// The currency stayed, because there are amounts in the one it has.
    ButMoney,
}

/// Moves the shop.
///
/// # Errors
/// Whatever the database says.
pub async fn move_to(tx: &mut ShopTx, actor: Actor, preset: &Preset, ids: &Ids, now_us: i64) -> Result<Moved, DbError> {
    stored::lock(tx).await?;
    // Whoever prices a product waits until it is clear in which currency.
    catalog::begin_edit(tx, actor.user, now_us).await?;
    let shop = stored::load(tx).await?;
    let mut business = shop.business.clone();
    let takes_money = business.currency == preset.currency || !shop.has_money();
    if takes_money {
        business = Business {
            currency: preset.currency.to_owned(),
            exponent: preset.exponent,
            display_decimals: preset.display_decimals,
            cash_step_minor: preset.cash_step_minor,
            cash_mode: preset.cash_mode.code(),
            ..business
        };
    }
    if !preset.zones.contains(&business.time_zone.as_str()) {
        business.time_zone = preset.zones[0].to_owned();
    }
    let included = if shop.has_money() { shop.prices_include_tax } else { preset.prices_include_tax };
    stored::set_country(tx, preset.country, &business, included, now_us).await?;
    bring_taxes(tx, preset, ids, shop.has_products, now_us).await?;
    bring_wallets(tx, preset, ids).await?;
    Ok(if takes_money { Moved::Whole } else { Moved::ButMoney })
}

/// The preset's sets join those that are there. In a shop without products the others
/// leave the lists, and the preset's first is the usual one.
async fn bring_taxes(
    tx: &mut ShopTx,
    preset: &Preset,
    ids: &Ids,
    has_products: bool,
    now_us: i64,
) -> Result<(), DbError> {
    let before = tax_store::load_all(tx).await?;
    let mut brought = Vec::new();
    for ((name, rates), new_id) in preset.tax_sets.iter().zip(ids.tax_sets) {
        let rates: Vec<Rate> =
            rates.iter().map(|(code, ppm)| Rate { code: (*code).to_owned(), rate_ppm: *ppm }).collect();
        let same = |set: &&tax_store::TaxSet| {
            text_key::search_key(&set.fields.name) == text_key::search_key(name) && set.fields.rates == rates
        };
        match before.iter().find(same) {
            Some(set) => {
                tax_store::set_active(tx, set.id, true, now_us).await?;
                brought.push(set.id);
            }
            None => {
                let id = TaxSetId(new_id);
                tax_store::insert(tx, id, &TaxSetFields { name: (*name).to_owned(), rates }, now_us).await?;
                brought.push(id);
            }
        }
    }
    if has_products {
        return Ok(());
    }
    tax_store::make_default(tx, brought[0], now_us).await?;
    for set in before.iter().filter(|set| set.active && !brought.contains(&set.id)) {
        tax_store::set_active(tx, set.id, false, now_us).await?;
    }
    Ok(())
}

async fn bring_wallets(tx: &mut ShopTx, preset: &Preset, ids: &Ids) -> Result<(), DbError> {
    let before = method_store::load_all(tx).await?;
    for (name, new_id) in preset.wallets.iter().zip(ids.methods) {
        let key = text_key::search_key(name);
        if before.iter().any(|method| text_key::search_key(&method.name) == key) {
            continue;
        }
        let method = NewMethod { name: (*name).to_owned(), kind: "other", needs_bank: false, needs_reference: false };
        method_store::insert(tx, MethodId(new_id), &method).await?;
    }
    Ok(())
}
