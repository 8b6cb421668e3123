//! Recording an expense, bettering its words, voiding it: claim, load, decide, record.
//!
//! **Invariant:** the drawer is locked before its expense is posted, so that a closing
//! counts the expense or refuses it, never half.

use crate::{
    actor::Actor,
    features::{
        cash::ledger::{self as cash_ledger, Entry, EntryKind, LockedSession},
        commands::{self, Claim, Claimed},
        sales::facts,
        settings::shop,
        totals::money::{self, Money},
    },
    text_key,
};
use db::{DbError, ShopRead, ShopTx, params};
use domain::{
    business_date::BusinessDate,
    expense::{self, CashBack, DatedAmount, Drawer, ExpenseFacts, ExpenseRefused},
    ids::{CategoryId, ExpenseId, MethodId, SessionId},
    sale::MethodKind,
};
use uuid::Uuid;

db::statements! {
    METHOD = "expenses.method",
        "SELECT kind
         FROM payment_method
         WHERE shop_id = $1 AND id = $2 AND active";
    INSERT_CATEGORY = "expenses.insert_category",
        "INSERT INTO expense_category (shop_id, id, name, name_key, sort_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (shop_id, name_key) DO NOTHING";
    CATEGORY_BY_NAME = "expenses.category_by_name",
        "SELECT id
         FROM expense_category
         WHERE shop_id = $1 AND name_key = $2";
    INSERT = "expenses.insert",
        "INSERT INTO expense (shop_id, id, business_date, amount_minor, method_id, session_id, person_id, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_TEXT = "expenses.insert_text",
        "INSERT INTO expense_text (shop_id, expense_id, concept, description, search_key, category_id, updated_by,
                                   updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Guarded by the version that the change was decided on.
    UPDATE_TEXT = "expenses.update_text",
        "UPDATE expense_text
         SET concept = $4, description = $5, search_key = $6, category_id = $7, updated_by = $8, updated_at = $9,
             version = version + 1
         WHERE shop_id = $1 AND expense_id = $2 AND version = $3";
    PAID = "expenses.paid",
        "SELECT business_date, amount_minor, session_id
         FROM expense
         WHERE shop_id = $1 AND id = $2";
    /// An expense is voided once: whoever comes second inserts nothing.
    INSERT_VOID = "expenses.insert_void",
        "INSERT INTO expense_void (shop_id, id, expense_id, reason, session_id, person_id, voided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (shop_id, expense_id) DO NOTHING";
}

/// The words of an expense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpenseWords {
    /// What it was for.
    pub concept: String,
    /// More about it.
    pub description: String,
    /// The name of its category, or nothing.
    pub category: String,
}

impl ExpenseWords {
    fn search_key(&self) -> String {
        text_key::search_key(&format!("{} {}", self.concept, self.description))
    }
}

/// An expense to record.
#[derive(Clone, Debug)]
pub struct RecordExpense {
    /// The client's id of it.
    pub id: ExpenseId,
    /// Who.
    pub actor: Actor,
    /// How much, and for which day it counts.
    pub dated: DatedAmount,
    /// What for.
    pub words: ExpenseWords,
    /// The id of its category, should it be a new one.
    pub new_category: CategoryId,
    /// How it was paid.
    pub method: MethodId,
    /// The drawer that paid it; `None` where none did.
    pub session: Option<SessionId>,
    /// SHA-256 over what was meant.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Why nothing was recorded.
#[derive(Debug)]
pub enum RecordError {
    /// The shop has no such expense.
    Unknown,
    /// The rules say no, for each of these reasons.
    Refused(Vec<ExpenseRefused>),
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

/// Records an expense; sent again it changes nothing.
///
/// # Errors
/// The reasons of [`RecordError`].
pub async fn record_expense(tx: &mut ShopTx, command: &RecordExpense) -> Result<(), RecordError> {
    let RecordExpense { id, dated, now_us, content_hash, .. } = *command;
    match commands::claim(tx, Claimed { id: id.0, kind: "expense", content_hash, now_us }).await? {
        Claim::Fresh => {}
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(RecordError::Conflict),
    }
    let session = locked(tx, command.session).await?;
    let today = shop::load_profile(tx).await?.moment(now_us).date;
    let facts = ExpenseFacts { today, method: method(tx, command.method).await?, drawer: drawer(session) };
    let decided = expense::decide(&facts, dated).map_err(RecordError::Refused)?;
    let category = category(tx, &command.words.category, command.new_category, now_us).await?;
    money::add(tx, dated.date, Money::expense(dated.amount_minor)).await?;
    insert(tx, command, category).await?;
    if let Some(session) = &session {
        let entry = Entry {
            id: id.0,
            kind: EntryKind::Expense,
            amount_minor: -decided.cash_out_minor,
            document_id: id.0,
            reason: command.words.concept.clone(),
            person: command.actor.user,
            at: now_us,
            recorded_at: now_us,
        };
        cash_ledger::post(tx, session, &entry).await?;
    }
    Ok(())
}

/// A drawer that was named, locked; one that the shop does not have cannot have been
/// offered, and counts as closed.
async fn locked(tx: &mut ShopTx, session: Option<SessionId>) -> Result<Option<LockedSession>, RecordError> {
    match session {
        None => Ok(None),
        Some(id) => match facts::lock_session(tx, Some(id)).await? {
            Some(session) => Ok(Some(session)),
            None => Err(RecordError::Refused(vec![ExpenseRefused::DrawerClosed])),
        },
    }
}

fn drawer(session: Option<LockedSession>) -> Option<Drawer> {
    session.map(|session| if session.open { Drawer::Open } else { Drawer::Closed })
}

async fn method(read: &mut ShopRead, id: MethodId) -> Result<Option<MethodKind>, DbError> {
    let Some(mut row) = read.opt(&METHOD, params![id.0]).await? else { return Ok(None) };
    let kind: String = row.take()?;
    Ok(Some(facts::method_kind(&kind)))
}

/// The category of a typed name, made where it is new; none where nothing was typed.
async fn category(tx: &mut ShopTx, name: &str, new_id: CategoryId, now_us: i64) -> Result<Option<CategoryId>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    let key = text_key::search_key(name);
    tx.exec(&INSERT_CATEGORY, params![new_id.0, name, key.as_str(), text_key::sort_key(name), now_us]).await?;
    let id: Uuid = tx.one(&CATEGORY_BY_NAME, params![key]).await?.take()?;
    Ok(Some(CategoryId(id)))
}

async fn insert(tx: &mut ShopTx, command: &RecordExpense, category: Option<CategoryId>) -> Result<(), DbError> {
    let RecordExpense { id, actor, dated, words, method, session, now_us, .. } = command;
    let row = params![
        id.0,
        dated.date.as_i64(),
        dated.amount_minor,
        method.0,
        session.map(|session| session.0),
        actor.user.0,
        *now_us
    ];
    tx.exec_one(&INSERT, row).await?;
    let text = params![
        id.0,
        words.concept.as_str(),
        words.description.as_str(),
        words.search_key(),
        category.map(|category| category.0),
        actor.user.0,
        *now_us
    ];
    tx.exec_one(&INSERT_TEXT, text).await
}

/// Words to better.
#[derive(Clone, Debug)]
pub struct EditWords {
    /// Of which expense.
    pub id: ExpenseId,
    /// Who.
    pub actor: Actor,
    /// The version that the person saw.
    pub version: i64,
    /// What they are now.
    pub words: ExpenseWords,
    /// The id of its category, should it be a new one.
    pub new_category: CategoryId,
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Writes an expense's words anew; `false` where somebody else changed them meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn edit_words(tx: &mut ShopTx, command: &EditWords) -> Result<bool, DbError> {
    let EditWords { id, actor, version, words, new_category, now_us } = command;
    let category = category(tx, &words.category, *new_category, *now_us).await?;
    let row = params![
        id.0,
        *version,
        words.concept.as_str(),
        words.description.as_str(),
        words.search_key(),
        category.map(|category| category.0),
        actor.user.0,
        *now_us
    ];
    Ok(tx.exec(&UPDATE_TEXT, row).await? == 1)
}

/// An expense to void.
#[derive(Clone, Debug)]
pub struct VoidExpense {
    /// The client's id of the void.
    pub id: Uuid,
    /// Who.
    pub actor: Actor,
    /// Which expense.
    pub expense: ExpenseId,
    /// Why, in a person's words.
    pub reason: String,
    /// The drawer into which the money is put back, where the one that paid was counted.
    pub session: Option<SessionId>,
    /// SHA-256 over what was meant.
    pub content_hash: [u8; 32],
    /// Now, in microseconds UTC.
    pub now_us: i64,
}

/// Voids an expense; sent again it changes nothing.
///
/// # Errors
/// The reasons of [`RecordError`].
pub async fn void_expense(tx: &mut ShopTx, command: &VoidExpense) -> Result<(), RecordError> {
    let VoidExpense { id, content_hash, now_us, .. } = *command;
    match commands::claim(tx, Claimed { id, kind: "expense_void", content_hash, now_us }).await? {
        Claim::Fresh => {}
        Claim::Repeated(_) => return Ok(()),
        Claim::Conflict => return Err(RecordError::Conflict),
    }
    // What was paid never changes, so that it may be read before the drawers are locked.
    let (dated, paid_by) = paid(tx, command.expense).await?.ok_or(RecordError::Unknown)?;
    let (paid_by, chosen) = lock_both(tx, paid_by, command.session).await?;
    let back = expense::decide_void(drawer(paid_by), drawer(chosen));
    let back = match back.map_err(|refused| RecordError::Refused(vec![refused]))? {
        CashBack::Nowhere => None,
        CashBack::SameDrawer => paid_by,
        CashBack::ChosenDrawer => chosen,
    };
    money::add(tx, dated.date, Money::expense(dated.amount_minor).undone()).await?;
    let row = params![
        id,
        command.expense.0,
        command.reason.as_str(),
        back.map(|session| session.id.0),
        command.actor.user.0,
        now_us
    ];
    if tx.exec(&INSERT_VOID, row).await? == 0 {
        return Err(RecordError::AlreadyVoid);
    }
    if let Some(session) = &back {
        let entry = Entry {
            id,
            kind: EntryKind::Expense,
            amount_minor: dated.amount_minor,
            document_id: id,
            reason: command.reason.clone(),
            person: command.actor.user,
            at: now_us,
            recorded_at: now_us,
        };
        cash_ledger::post(tx, session, &entry).await?;
    }
    Ok(())
}

async fn paid(read: &mut ShopRead, id: ExpenseId) -> Result<Option<(DatedAmount, Option<SessionId>)>, DbError> {
    let Some(mut row) = read.opt(&PAID, params![id.0]).await? else { return Ok(None) };
    let date: i64 = row.take()?;
    let date = BusinessDate::from_i64(date).map_err(|error| DbError::Other(Box::new(error)))?;
    let dated = DatedAmount { amount_minor: row.take()?, date };
    let session: Option<Uuid> = row.take()?;
    Ok(Some((dated, session.map(SessionId))))
}

/// Locks the drawer that paid and the one that was chosen, by their ids, as everybody does.
async fn lock_both(
    tx: &mut ShopTx,
    paid_by: Option<SessionId>,
    chosen: Option<SessionId>,
) -> Result<(Option<LockedSession>, Option<LockedSession>), RecordError> {
    if chosen.is_some_and(|chosen| paid_by.is_some_and(|paid_by| chosen.0 < paid_by.0)) {
        let chosen = locked(tx, chosen).await?;
        return Ok((locked(tx, paid_by).await?, chosen));
    }
    let paid_by = locked(tx, paid_by).await?;
    Ok((paid_by, locked(tx, chosen).await?))
}
