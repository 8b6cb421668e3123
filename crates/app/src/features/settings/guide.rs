//! The first-run guide: the few things that a new shop does before its first sale.
//!
//! It stands on the dashboard until all of them are done or somebody puts it away.
//! **Invariant:** a step is done when the shop's rows say so; only what leaves no row
//! (an answer that changes nothing) has a mark of its own.

use crate::{
    features::settings::stored,
    kernel::{App, ShopPage},
    texts::settings::Texts,
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopRead, ShopTx, params};
use web::AppError;

db::statements! {
    STEPS = "settings.guide_steps",
        "SELECT guide_closed_at IS NOT NULL, country_confirmed_at IS NOT NULL, prices_confirmed_at IS NOT NULL,
                EXISTS (SELECT 1 FROM product WHERE shop_id = $1),
                EXISTS (SELECT 1 FROM device WHERE shop_id = $1),
                EXISTS (SELECT 1 FROM sale WHERE shop_id = $1)
         FROM shop
         WHERE id = $1";
    CLOSE = "settings.close_guide",
        "UPDATE shop
         SET guide_closed_at = $2
         WHERE id = $1";
    CONFIRM_PRICES = "settings.confirm_prices",
        "UPDATE shop
         SET prices_confirmed_at = $2
         WHERE id = $1";
}

/// A step of the guide, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub label: &'static str,
    /// Why.
    pub hint: &'static str,
    /// Where.
    pub href: &'static str,
    /// Whether it is done.
    pub done: bool,
}

/// The guide, while there is one to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Its steps in order.
    pub steps: Vec<Step>,
}

impl Guide {
    /// How many steps are done.
    pub fn done(&self) -> i64 {
        i64::try_from(self.steps.iter().filter(|step| step.done).count()).expect("there are five steps")
    }

    /// How many there are.
    pub fn all(&self) -> i64 {
        i64::try_from(self.steps.len()).expect("there are five steps")
    }
}

/// What the rows say; [`Marks::guide`] puts it into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    closed: bool,
    done: [bool; 5],
}

/// Reads which steps are done, in one statement.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead) -> Result<Marks, DbError> {
    let mut row = read.one(&STEPS, params![]).await?;
    let closed = row.take()?;
    let mut done = [false; 5];
    for step in &mut done {
        *step = row.take()?;
    }
    Ok(Marks { closed, done })
}

impl Marks {
    /// The guide in the reader's words; none where it is done or was put away.
    pub fn guide(self, t: Texts) -> Option<Guide> {
        if self.closed || self.done.iter().all(|done| *done) {
            return None;
        }
        let words = [
            (t.guide_country(), t.guide_country_hint(), "/configuracion/negocio/"),
            (t.guide_prices(), t.guide_prices_hint(), "/configuracion/impuestos/precios/"),
            (t.guide_products(), t.guide_products_hint(), "/productos/nuevo/"),
            (t.guide_till(), t.guide_till_hint(), "/ventas/nueva/"),
            (t.guide_sale(), t.guide_sale_hint(), "/ventas/nueva/"),
        ];
        let steps = words.into_iter().zip(self.done);
        let steps = steps.map(|((label, hint, href), done)| Step { label, hint, href, done }).collect();
        Some(Guide { steps })
    }
}

/// `POST /configuracion/guia/cerrar/`: puts the guide away for good.
///
/// # Errors
/// A database that fails.
pub async fn put_away(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let now_us = app.now_us();
    let closed = app.db.shop_write(&page.actor, "close guide", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        stored::lock(tx).await?;
        close(tx, now_us).await
    });
    closed.await?;
    Ok(Redirect::to("/dashboard/").into_response())
}

/// Puts the guide away.
///
/// # Errors
/// Whatever the database says.
pub async fn close(tx: &mut ShopTx, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&CLOSE, params![now_us]).await
}

/// Notes that somebody said what prices mean and changed nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn confirm_prices(tx: &mut ShopTx, now_us: i64) -> Result<(), DbError> {
    tx.exec_one(&CONFIRM_PRICES, params![now_us]).await
}
