//! Completing a sale: claim, load, decide, record.
//!
//! **Invariant:** one transaction, all or nothing, and nothing is written before
//! the claim says that this is the first time.

use crate::{
    actor::Actor,
    features::{
        cash::ledger::LockedSession,
        commands::{self, Claim, Claimed},
        sales::{
            facts::{self, Circumstances},
            store::{self, Origin, SaleHead},
            wire::ReadSale,
        },
        settings::{registers, shop::ShopProfile},
    },
};
use db::{DbError, ShopTx};
use domain::{
    business_date::TillTime,
    decimal,
    ids::{DeviceId, LocationId, RegisterId, SaleId, SessionId},
    sale::{self, CompletedSale, Difference, Occasion, SaleCommand, SaleFacts, SalePayment, SaleRefused},
};
use serde::{Deserialize, Serialize};

/// Where a sale is numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a till, which numbered it from its lease.
    Till {
        /// Its register.
        register: RegisterId,
        /// Its device.
        device: DeviceId,
        /// The drawer's session.
        session: SessionId,
        /// The number it gave.
        number: i64,
    },
    /// In the office: the server takes the register's next number.
    Office {
        /// The register that numbers what comes without a till.
        register: RegisterId,
        /// The session whose drawer takes the cash; without one there may be none.
        session: Option<SessionId>,
    },
}

/// A sale to complete.
#[derive(Clone, Debug)]
pub struct CompleteSale {
    /// The client's id of the sale.
    pub id: SaleId,
    /// Who sells.
    pub actor: Actor,
    /// What was sold, to whom, for what.
    pub sale: ReadSale,
    /// Where it is numbered.
    pub place: Place,
    /// Whether it may still be refused.
    pub occasion: Occasion,
    /// The catalogue the till knew.
    pub catalog_version: Option<i64>,
    /// When it was made by the till's clock, corrected by its offset; µs UTC.
    pub sold_at: i64,
    /// Now; µs UTC.
    pub now_us: i64,
}

/// What the one who sold is told, and told again on a repetition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleAnswer {
    /// Series and number, as printed.
    pub number: String,
    /// Charged, before cash rounding; a decimal string.
    pub total: String,
    /// What cash rounding added or took; a decimal string.
    pub cash_rounding: String,
    /// Handed back; a decimal string.
    pub change: String,
}

/// A sale that is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// For the one who sold.
    pub answer: SaleAnswer,
    /// For the owner; empty when the sale was recorded before.
    pub differences: Vec<Difference>,
}

/// Why a sale is not on record.
#[derive(Debug)]
pub enum CompleteSaleError {
    /// The rules say no.
    Refused(SaleRefused),
    /// The id was used for another sale.
    Conflict,
    /// The session is closed, unknown, or another register's.
    NoSession,
    /// The register is unknown or no longer used.
    NoRegister,
    /// Another sale has this number.
    NumberTaken,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for CompleteSaleError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unique { ref constraint } if constraint.starts_with("sale") => CompleteSaleError::NumberTaken,
            other => CompleteSaleError::Db(other),
        }
    }
}

/// Completes a sale, or answers what was answered before.
///
/// # Errors
/// The reasons of [`CompleteSaleError`]; the caller's transaction then rolls back
/// and the id is free again.
pub async fn complete_sale(tx: &mut ShopTx, command: &CompleteSale) -> Result<Completed, CompleteSaleError> {
    carry_out(tx, command, Paying::AsGiven).await
}

/// Completes a sale whose only payment covers whatever is due: a form that shows no
/// total before it sells. The payment's amount is not looked at.
///
/// # Errors
/// As [`complete_sale`].
pub async fn complete_paid_whole(tx: &mut ShopTx, command: &CompleteSale) -> Result<Completed, CompleteSaleError> {
    carry_out(tx, command, Paying::Whole).await
}

/// Prices a sale that is paid whole and records nothing.
///
/// # Errors
/// As [`complete_sale`].
pub async fn price_paid_whole(tx: &mut ShopTx, command: &CompleteSale) -> Result<CompletedSale, CompleteSaleError> {
    let register = match command.place {
        Place::Office { register, .. } | Place::Till { register, .. } => register,
    };
    let place = registers::load_place(tx, register).await?.ok_or(CompleteSaleError::NoRegister)?;
    // Which drawer takes the cash is asked when it is paid.
    let circumstances = circumstances(command, place.location, true);
    let loaded = facts::load_sale(tx, circumstances, &command.sale.command).await?;
    decide(&loaded.facts, command, Paying::Whole).map_err(CompleteSaleError::Refused)
}

/// Whether the payments say what they cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paying {
    AsGiven,
    Whole,
}

fn decide(facts: &SaleFacts, command: &CompleteSale, paying: Paying) -> Result<CompletedSale, SaleRefused> {
    let wanted = &command.sale.command;
    let decided = sale::decide(facts, wanted, command.occasion);
    // What is due is known once all else has been found right; it is the last refusal.
    let (Paying::Whole, Err(SaleRefused::PaymentsDiffer { due_minor, .. }), [payment]) =
        (paying, &decided, wanted.payments.as_slice())
    else {
        return decided;
    };
    let payment = SalePayment { amount_minor: *due_minor, ..payment.clone() };
    sale::decide(facts, &SaleCommand { payments: vec![payment], ..wanted.clone() }, command.occasion)
}

async fn carry_out(tx: &mut ShopTx, command: &CompleteSale, paying: Paying) -> Result<Completed, CompleteSaleError> {
    match claim_sale(tx, command).await? {
        Some(completed) => Ok(completed),
        None => record_claimed(tx, command, paying).await,
    }
}

/// Claims the sale's id: `None` where it is new, and what was answered where it is on
/// record. It stands apart for who judges a new sale by more than the sale's own rules
/// before [`complete_claimed`], and must answer a repetition whatever these say by then.
///
/// # Errors
/// [`CompleteSaleError::Conflict`] where the id was used for another sale, and what the
/// database says.
pub async fn claim_sale(tx: &mut ShopTx, command: &CompleteSale) -> Result<Option<Completed>, CompleteSaleError> {
    match claim(tx, command).await? {
        Claim::Fresh => Ok(None),
        Claim::Conflict => Err(CompleteSaleError::Conflict),
        Claim::Repeated(stored) => {
            let answer = serde_json::from_str(&stored).map_err(|error| DbError::Other(Box::new(error)))?;
            Ok(Some(Completed { answer, differences: Vec::new() }))
        }
    }
}

/// Completes a sale whose id [`claim_sale`] found new in this transaction.
///
/// # Errors
/// As [`complete_sale`].
pub async fn complete_claimed(tx: &mut ShopTx, command: &CompleteSale) -> Result<Completed, CompleteSaleError> {
    record_claimed(tx, command, Paying::AsGiven).await
}

/// What happened is judged by the prices that the till knew, what is asked for by today's.
fn circumstances(command: &CompleteSale, location: LocationId, drawer_open: bool) -> Circumstances {
    let catalog_version = command.catalog_version;
    let prices_of = catalog_version.filter(|_| command.occasion == Occasion::Happened);
    Circumstances { location, rights: command.actor.rights(), catalog_version, prices_of, drawer_open }
}

async fn record_claimed(
    tx: &mut ShopTx,
    command: &CompleteSale,
    paying: Paying,
) -> Result<Completed, CompleteSaleError> {
    let place = take_place(tx, command).await?;
    let circumstances = circumstances(command, place.location, place.session.is_some());
    let loaded = facts::load_sale(tx, circumstances, &command.sale.command).await?;
    let decided = decide(&loaded.facts, command, paying).map_err(CompleteSaleError::Refused)?;
    let head = head(command, &place, &loaded.shop, &decided);
    store::record_sale(tx, &head, &decided, &loaded.items, place.session.as_ref()).await?;
    let answer = answer(&head, &decided, &loaded.shop);
    let stored = serde_json::to_string(&answer).expect("four strings always become JSON");
    commands::answer(tx, command.id.0, &stored).await?;
    Ok(Completed { answer, differences: decided.differences })
}

async fn claim(tx: &mut ShopTx, command: &CompleteSale) -> Result<Claim, DbError> {
    let claimed =
        Claimed { id: command.id.0, kind: "sale", content_hash: command.sale.content_hash, now_us: command.now_us };
    commands::claim(tx, claimed).await
}

/// A register ready to number the sale, and its drawer.
struct TakenPlace {
    register: RegisterId,
    location: LocationId,
    prefix: String,
    number: i64,
    device: Option<DeviceId>,
    session: Option<LockedSession>,
}

async fn take_place(tx: &mut ShopTx, command: &CompleteSale) -> Result<TakenPlace, CompleteSaleError> {
    match command.place {
        Place::Office { register, session } => {
            let taken = registers::take_number(tx, register).await?.ok_or(CompleteSaleError::NoRegister)?;
            let locked = facts::lock_session(tx, session).await?;
            if locked.is_some_and(|locked| !locked.open) || (session.is_some() && locked.is_none()) {
                return Err(CompleteSaleError::NoSession);
            }
            Ok(TakenPlace {
                register,
                location: taken.location,
                prefix: taken.prefix,
                number: taken.number,
                device: None,
                session: locked,
            })
        }
        Place::Till { register, device, session, number } => {
            let known = match command.occasion {
                Occasion::Asking => registers::load_place(tx, register).await?,
                Occasion::Happened => registers::load_known_place(tx, register).await?,
            };
            let known = known.ok_or(CompleteSaleError::NoRegister)?;
            let locked = facts::lock_session(tx, Some(session)).await?.ok_or(CompleteSaleError::NoSession)?;
            let closed_while_asking = !locked.open && command.occasion == Occasion::Asking;
            if locked.register != register || closed_while_asking {
                return Err(CompleteSaleError::NoSession);
            }
            Ok(TakenPlace {
                register,
                location: known.location,
                prefix: known.prefix,
                number,
                device: Some(device),
                session: Some(locked),
            })
        }
    }
}

/// The business date is computed here, once, and stored: within the session's
/// opening and the server's receipt, in the shop's zone.
fn head(command: &CompleteSale, place: &TakenPlace, shop: &ShopProfile, decided: &CompletedSale) -> SaleHead {
    let opened_at = place.session.as_ref().map(|session| session.opened_at);
    let happened = TillTime {
        till_us: command.sold_at,
        offset_us: 0,
        session_opened_us: opened_at.unwrap_or(i64::MIN),
        server_received_us: command.now_us,
    };
    let business = shop.moment(happened.instant_us());
    SaleHead {
        shop: command.actor.shop,
        id: command.id,
        origin: if place.device.is_some() { Origin::Till } else { Origin::Form },
        register: place.register,
        location: place.location,
        device: place.device,
        prefix: place.prefix.clone(),
        number: place.number,
        seller: command.actor.user,
        customer: decided.customer,
        customer_name: command.sale.customer_name.clone(),
        prices_include_tax: decided.prices_include_tax,
        note: command.sale.note.clone(),
        offline: command.occasion == Occasion::Happened,
        catalog_version: command.catalog_version,
        sold_at: command.sold_at,
        recorded_at: command.now_us,
        business,
    }
}

fn answer(head: &SaleHead, decided: &CompletedSale, shop: &ShopProfile) -> SaleAnswer {
    let money = |minor: i64| decimal::format(minor, shop.exponent);
    SaleAnswer {
        number: format!("{}{}", head.prefix, head.number),
        total: money(decided.quote.total_minor),
        cash_rounding: money(decided.cash_rounding_minor),
        change: money(decided.change_minor),
    }
}
