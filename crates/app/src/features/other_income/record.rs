//! Recording other income, bettering its words, voiding it: claim, decide, record.

use super::Kind;
use crate::{
    actor::Actor,
    features::{
        commands::{self, Claim, Claimed},
        settings::shop,
        totals::money::{self, Money},
    },
    text_key,
};
use db::{DbError, ShopTx, params};
use domain::{
    business_date::BusinessDate,
    expense::{DatedAmount, DatedRefused},
    ids::{OtherIncomeId, SaleId},
};
use uuid::Uuid;

db::statements! {
    INSERT = "other_income.insert",
        "INSERT INTO other_income (shop_id, id, kind, business_date, amount_minor, sale_id, person_id, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_TEXT = "other_income.insert_text",
        "INSERT INTO other_income_text (shop_id, income_id, description, search_key, updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    /// Guarded by the version that the change was decided on.
    UPDATE_TEXT = "other_income.update_text",
        "UPDATE other_income_text
         SET description = $4, search_key = $5, updated_by = $6, updated_at = $7, version = version + 1
         WHERE shop_id = $1 AND income_id = $2 AND version = $3";
    EARNED = "other_income.earned",
        "SELECT business_date, amount_minor
         FROM other_income
         WHERE shop_id = $1 AND id = $2";
    /// It is voided once: whoever comes second inserts nothing.
    INSERT_VOID = "other_income.insert_void",
        "INSERT INTO other_income_void (shop_id, id, income_id, reason, person_id, voided_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (shop_id, income_id) DO NOTHING";
}

/// Income to record.
#[derive(Clone, Debug)]
pub struct RecordIncome {
    /// The client's id of it.
    pub id: OtherIncomeId,
    /// Who.
    pub actor: Actor,
    /// What for.
    pub kind: Kind,
    /// More about it.
    pub description: String,
    /// How much, and for which day it counts.
    pub dated: DatedAmount,
    /// The sale that it belongs to.
    pub sale: Option<SaleId>,
    /// SHA-256 over what was meant.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why nothing was recorded.
#[derive(Debug)]
pub enum RecordError {
    /// The shop has no such income.
    Unknown,
    /// Its amount or day, for each of these reasons.
    Refused(Vec<DatedRefused>),
    /// It is void already.
    AlreadyVoid,
    /// The id was used for something else.
    Conflict,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for RecordError {
    fn from(error: DbError) -> Self {
        RecordError::Db(error)
    }
}

/// Records income; sent again it changes nothing.
///
/// # Errors
/// The reasons of [`RecordError`]; a sale that the shop does not have is the database's.
pub async fn record_income(tx: &mut ShopTx, command: &RecordIncome) -> Result<(), RecordError> {
    let RecordIncome { id, actor, kind, ref description, dated, sale, content_hash, now_us } = *command;
    match commands::claim(tx, Claimed { id: id.0, kind: "other_income", content_hash, now_us }).await? {
        Claim::Fresh => {}
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(RecordError::Conflict),
    }
    let today = shop::load_profile(tx).await?.moment(now_us).date;
    let problems = dated.problems(today);
    if !problems.is_empty() {
        return Err(RecordError::Refused(problems));
    }
    money::add(tx, dated.date, Money::income(dated.amount_minor)).await?;
    let row = params![
        id.0,
        kind.as_str(),
        dated.date.as_i64(),
        dated.amount_minor,
        sale.map(|sale| sale.0),
        actor.user.0,
        now_us
    ];
    tx.exec_one(&INSERT, row).await?;
    let text = params![id.0, description.as_str(), text_key::search_key(description), actor.user.0, now_us];
    Ok(tx.exec_one(&INSERT_TEXT, text).await?)
}

/// Words to better.
#[derive(Clone, Debug)]
pub struct EditIncome {
    /// Of which income.
    pub id: OtherIncomeId,
    /// Who.
    pub actor: Actor,
    /// The version that the person saw.
    pub version: i64,
    /// What they are now.
    pub description: String,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Writes its words anew; `false` where somebody else changed them meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn edit_words(tx: &mut ShopTx, command: &EditIncome) -> Result<bool, DbError> {
    let EditIncome { id, actor, version, description, now_us } = command;
    let key = text_key::search_key(description);
    Ok(tx.exec(&UPDATE_TEXT, params![id.0, *version, description.as_str(), key, actor.user.0, *now_us]).await? == 1)
}

/// Income to void.
#[derive(Clone, Debug)]
pub struct VoidIncome {
    /// The client's id of the void.
    pub id: Uuid,
    /// Who.
    pub actor: Actor,
    /// Which income.
    pub income: OtherIncomeId,
    /// Why, in a person's words.
    pub reason: String,
    /// SHA-256 over what was meant.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Voids income; sent again it changes nothing.
///
/// # Errors
/// The reasons of [`RecordError`].
pub async fn void_income(tx: &mut ShopTx, command: &VoidIncome) -> Result<(), RecordError> {
    let VoidIncome { id, content_hash, now_us, .. } = *command;
    match commands::claim(tx, Claimed { id, kind: "other_income_void", content_hash, now_us }).await? {
        Claim::Fresh => {}
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(RecordError::Conflict),
    }
    let mut row = tx.opt(&EARNED, params![command.income.0]).await?.ok_or(RecordError::Unknown)?;
    let (date, amount_minor): (i64, i64) = (row.take()?, row.take()?);
    let date = BusinessDate::from_i64(date).map_err(|error| DbError::Other(Box::new(error)))?;
    money::add(tx, date, Money::income(amount_minor).undone()).await?;
    let row = params![id, command.income.0, command.reason.as_str(), command.actor.user.0, now_us];
    if tx.exec(&INSERT_VOID, row).await? == 0 {
        return Err(RecordError::AlreadyVoid);
    }
    Ok(())
}
