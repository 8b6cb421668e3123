//! The demonstration: a corner grocery with three months of history.
//!
//! Whoever tries the program should meet a shop that lives: shelves, people, sales
//! by weekday and hour, drawers that were counted, a few things to attend to. All
//! of it is written by the functions that the screens call, so a demonstration is
//! also a long test of them; this feature owns no table and writes none itself.
//!
//! The plan ([`plan`]) is made first and knows no database; then [`shop`] and
//! [`history`] write it down. Passwords and the till's key come from the system's
//! chance, everything else from a fixed seed.

mod besides;
mod chance;
mod goods;
mod history;
mod plan;
mod shop;
#[cfg(test)]
mod tests;

use crate::{
    features::{
        members::one_time_password,
        settings::guide,
        sync::enrol::{self, Revoking, Why},
    },
    kernel::App,
};
use chance::Chance;
use db::{DbError, ShopTx};
use guard::source::{Random, random_bytes};
use history::HistoryError;
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point};
use shop::Secrets;
use std::fmt;

/// Somebody who may sign in to the demonstration.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Their user name.
    pub username: &'static str,
    /// Their password, which nobody can learn again.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Account").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The people of the demonstration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// The owner, who also runs the installation.
    pub admin: Account,
    /// A seller.
    pub seller: Account,
}

/// Fills an empty database with the demonstration; `progress` hears how many of how
/// many days are written.
///
/// # Errors
/// A sentence of what failed; a database with people in it already is refused.
pub async fn create(app: &App, mut progress: impl FnMut(usize, usize)) -> Result<People, String> {
    let random = &*app.sources.random;
    let people = People {
        admin: Account { username: shop::ADMIN, password: one_time_password::draw(random) },
        seller: Account { username: shop::SELLER, password: one_time_password::draw(random) },
    };
    let hash = async |account: &Account| {
        let hash = app.passwords.hash(&account.password).await;
        hash.map_err(|error| format!("a password could not be hashed: {error:?}"))
    };
    let secrets = Secrets {
        admin_hash: hash(&people.admin).await?,
        seller_hash: hash(&people.seller).await?,
        device_key: device_key(random),
    };
    let plan = plan::plan(app.now_us());
    let mut chance = Chance::new(20_260_826);
    let shop = shop::create(&app.db, secrets, &mut chance, plan.begins_us).await.map_err(|error| {
        format!("the demonstration's shop could not be written: {error}; choose an empty folder with --dir")
    })?;
    write_days(app, &shop, &mut chance, &plan, &mut progress)
        .await
        .map_err(|error| format!("the demonstration's history could not be written: {error}"))?;
    Ok(people)
}

async fn write_days(
    app: &App,
    shop: &shop::DemoShop,
    chance: &mut Chance,
    plan: &plan::Plan,
    progress: &mut impl FnMut(usize, usize),
) -> Result<(), HistoryError> {
    let many: usize = plan.days.iter().map(|day| day.sales.len()).sum();
    let mut number = history::take_numbers(&app.db, shop, i64::try_from(many).expect("a shop has few sales")).await?;
    for (index, day) in plan.days.iter().enumerate() {
        history::write_day(&app.db, shop, chance, day, number).await?;
        number += i64::try_from(day.sales.len()).expect("a day has few sales");
        progress(index + 1, plan.days.len());
    }
    // The till of the history exists nowhere: the register is free for a real one.
    let (till, person, now_us) = (shop.till, shop.admin.user, app.now_us());
    let revoked =
        app.db.shop_write(&shop.admin, "free the till", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            guide::close(tx, now_us).await?;
            enrol::revoke(tx, till, Revoking { person, why: Why::Released, now_us }).await.map(drop)
        });
    Ok(revoked.await?)
}

/// A public key whose private key is forgotten at once.
fn device_key(random: &dyn Random) -> Vec<u8> {
    loop {
        // All but one in 2³² numbers of 32 bytes are keys of the curve.
        let chance: [u8; 32] = random_bytes(random);
        if let Ok(key) = SecretKey::from_slice(&chance) {
            return key.public_key().to_sec1_point(true).as_bytes().to_vec();
        }
    }
}
