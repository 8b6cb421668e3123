//! Recomputing what is kept: every chain, document, drawer and total.
//!
//! Owns no table and writes nothing. Each shop is read in one snapshot, page by page,
//! so that a running server does not show half a sale and a long history does not
//! fill the memory. Each check names the first row that does not fit: what was found
//! there, and what the other rows say it should be.
//!
//! It must not use the code that wrote the rows: apart from the hash of a movement,
//! which is a definition, the sums are taken anew.

pub mod cash;
pub mod chains;
pub mod documents;
pub mod drawers;
pub mod money;
pub mod totals;

use crate::actor::InShop;
use db::{Db, DbError, Params, Row, ShopRead, params};
use domain::ids::ShopId;
use serde::Serialize;
use uuid::Uuid;

/// It only reads.
pub const TABLES: &[&str] = &[];

db::statements! {
    system SHOPS = "verify.shops",
        "SELECT id, name
         FROM shop
         ORDER BY id";
}

/// Rows read at a time.
const PAGE_ROWS: i64 = 1_000;

/// The first row of a check that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The shop.
    pub shop: Uuid,
    /// Which check found it.
    pub check: &'static str,
    /// The row, told by its table and key.
    pub row: String,
    /// What of it.
    pub what: &'static str,
    /// What the other rows say.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { shop, check, row, what, expected, found } = self;
        write!(out, "shop {shop}: {check}: {row}: {what} is {found}, should be {expected}")
    }
}

/// What was looked at and what did not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Shops looked at.
    pub shops: u64,
    /// Rows looked at.
    pub rows: u64,
    /// What does not fit, at most one a check and shop.
    pub findings: Vec<Finding>,
}

/// What one check has seen so far.
struct Check {
    shop: Uuid,
    name: &'static str,
    rows: u64,
    first: Option<Finding>,
}

impl Check {
    fn new(shop: Uuid, name: &'static str) -> Self {
        Check { shop, name, rows: 0, first: None }
    }

    /// Holds a row to what it should be; only the first that differs is kept.
    fn hold<T: PartialEq + std::fmt::Debug>(
        &mut self,
        row: impl FnOnce() -> String,
        what: &'static str,
        expected: T,
        found: T,
    ) {
        if expected != found && self.first.is_none() {
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            self.first = Some(Finding { shop: self.shop, check: self.name, row: row(), what, expected, found });
        }
    }

    /// Holds several amounts of one row.
    fn hold_all(&mut self, row: impl Fn() -> String, amounts: &[(&'static str, i64, i64)]) {
        self.rows += 1;
        for (what, expected, found) in amounts {
            self.hold(&row, what, *expected, *found);
        }
    }
}

/// Looks at every shop; `told` hears which one begins.
///
/// # Errors
/// When the database does not answer: what does not fit is no error but a finding.
pub async fn verify(db: &Db, mut told: impl FnMut(&str)) -> Result<Report, DbError> {
    let mut read = db.system("verify").await?;
    let shops = read.rows(&SHOPS, params![]).await?;
    drop(read);
    let mut report = Report::default();
    for mut row in shops {
        let (shop, name): (Uuid, String) = (row.take()?, row.take()?);
        told(&name);
        let mut read = db.snapshot(&InShop(ShopId(shop))).await?;
        report.shops += 1;
        for check in verify_shop(&mut read, shop).await? {
            report.rows += check.rows;
            report.findings.extend(check.first);
        }
    }
    Ok(report)
}

async fn verify_shop(read: &mut ShopRead, shop: Uuid) -> Result<Vec<Check>, DbError> {
    let (stock, variances) = chains::check(read, shop).await?;
    let mut checks = vec![stock];
    checks.push(documents::check_sales(read, shop).await?);
    checks.push(documents::check_refunds(read, shop).await?);
    checks.push(cash::check(read, shop).await?);
    checks.extend(money::check(read, shop).await?);
    checks.push(drawers::check(read, shop).await?);
    checks.extend(totals::check(read, shop, &variances).await?);
    Ok(checks)
}

/// All rows of a statement as a map from what `key` takes to the amounts that follow.
async fn sums_by<K: Ord, const N: usize>(
    read: &mut ShopRead,
    statement: &'static db::Statement,
    params: Params,
    key: impl Fn(&mut Row) -> Result<K, DbError>,
) -> Result<std::collections::BTreeMap<K, [i64; N]>, DbError> {
    let mut sums = std::collections::BTreeMap::new();
    for mut row in read.rows(statement, params).await? {
        let key = key(&mut row)?;
        let mut amounts = [0; N];
        for amount in &mut amounts {
            *amount = row.take()?;
        }
        sums.insert(key, amounts);
    }
    Ok(sums)
}
