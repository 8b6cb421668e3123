//! Posting a delivered sale: its number, and why one is not on record.

use crate::features::{
    sales::{
        complete_sale::{CompleteSale, CompleteSaleError, Completed, Place, claim_sale, complete_claimed},
        wire::{self, SaleContent},
    },
    settings::{registers, shop},
    sync::{
        item::{NotPosted, PostedItem},
        lease,
        oddity::{DeliveryOddity, Oddity},
        post_item::{Stopped, Work, because, invalid},
    },
};
use db::{ShopTx, params};
use domain::{
    decimal,
    ids::SaleId,
    sale::{SaleRefused, Shortage},
};
use serde_json::{Map, Value, json};

db::statements! {
    TAKEN = "sync.number_taken",
        "SELECT sale.id
         FROM register
         JOIN sale ON sale.shop_id = register.shop_id AND sale.prefix = register.prefix AND sale.number = $3
         WHERE register.shop_id = $1 AND register.id = $2";
}

/// Posts a sale.
///
/// # Errors
/// The reasons of [`Stopped`].
pub(super) async fn post(tx: &mut ShopTx, work: &mut Work<'_>, content: &SaleContent) -> Result<PostedItem, Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let sale = wire::read(content, exponent).map_err(|problems| {
        let fields = problems.into_keys().map(|path| (path, json!("INVALID"))).collect();
        NotPosted { code: "VALIDATION_ERROR", fields }
    })?;
    let (Some(session), Some(number)) = (content.session_id, content.number) else {
        return Err(invalid("number"));
    };
    let device = work.post.device;
    let mut command = CompleteSale {
        id: SaleId(work.id),
        actor: work.actor,
        sale,
        place: Place::Till { register: device.register, device: device.device, session, number },
        occasion: work.occasion(),
        catalog_version: content.catalog_version,
        sold_at: work.at,
        now_us: work.post.now_us,
    };
    if let Some(before) = claim(tx, work, &mut command).await? {
        return Ok(PostedItem::Sold(before.answer));
    }
    work.gate()?;
    command.actor = work.actor;
    let number = choose_number(tx, work, number).await?;
    command.place = Place::Till { register: device.register, device: device.device, session, number };
    let Completed { answer, differences } = complete_claimed(tx, &command).await.map_err(refused)?;
    work.odd.extend(differences.into_iter().map(Oddity::Sale));
    if let (Some(prefix), Some(number)) = (&content.prefix, content.number) {
        let printed = format!("{prefix}{number}");
        if printed != answer.number {
            work.odd.push(DeliveryOddity::Number { printed }.into());
        }
    }
    Ok(PostedItem::Sold(answer))
}

async fn claim(tx: &mut ShopTx, work: &mut Work<'_>, command: &mut CompleteSale) -> Result<Option<Completed>, Stopped> {
    loop {
        match claim_sale(tx, command).await {
            Err(CompleteSaleError::Conflict) => work.take_other_id()?,
            other => return other.map_err(refused),
        }
        command.id = SaleId(work.id);
    }
}

/// The number on the paper, where the device was given it. Somebody who wants a sale on
/// record whose number is another's gets it the register's next one.
async fn choose_number(tx: &mut ShopTx, work: &Work<'_>, number: i64) -> Result<i64, Stopped> {
    let device = work.post.device;
    let is_its_own = lease::covers(tx, device, number).await?;
    if work.post.settling.is_none() {
        return if is_its_own { Ok(number) } else { Err(because("NUMBER_NOT_LEASED")) };
    }
    if is_its_own && tx.opt(&TAKEN, params![device.register.0, number]).await?.is_none() {
        return Ok(number);
    }
    let taken = registers::take_number(tx, device.register).await?;
    Ok(taken.ok_or_else(|| because("NUMBER_NOT_LEASED"))?.number)
}

fn refused(error: CompleteSaleError) -> Stopped {
    let refused = match error {
        CompleteSaleError::Db(error) => return error.into(),
        CompleteSaleError::Conflict => return because("ID_USED"),
        CompleteSaleError::NumberTaken => return because("NUMBER_TAKEN"),
        CompleteSaleError::NoSession => return because("SESSION_CLOSED"),
        CompleteSaleError::NoRegister => return because("PERMISSION_DENIED"),
        CompleteSaleError::Refused(refused) => refused,
    };
    let at = |line: usize, what: &str| Map::from_iter([(format!("lines.{line}"), json!(what))]);
    let field = |name: String, what: &str| Map::from_iter([(name, json!(what))]);
    let (code, fields) = match &refused {
        SaleRefused::StockShort(short) => ("STOCK_INSUFFICIENT", short.iter().map(shortage).collect()),
        SaleRefused::UnknownProduct { line } => ("UNKNOWN_PRODUCT", at(*line, "UNKNOWN")),
        SaleRefused::Inactive { line } => ("UNKNOWN_PRODUCT", at(*line, "INACTIVE")),
        SaleRefused::PriceChanged { line, .. } => ("PRICE_CHANGED", at(*line, "PRICE")),
        SaleRefused::TotalDiffers { .. } => ("PRICE_CHANGED", Map::new()),
        SaleRefused::DiscountNotAllowed { line } => ("PERMISSION_DENIED", at(*line, "DISCOUNT")),
        SaleRefused::NotDivisible { line } => ("VALIDATION_ERROR", at(*line, "NOT_DIVISIBLE")),
        SaleRefused::UnknownCustomer => ("VALIDATION_ERROR", field("customer".to_owned(), "UNKNOWN")),
        SaleRefused::Quote(_) | SaleRefused::TooLarge => ("VALIDATION_ERROR", Map::new()),
        SaleRefused::UnknownMethod { payment }
        | SaleRefused::BankMissing { payment }
        | SaleRefused::ReferenceMissing { payment }
        | SaleRefused::TenderedWrong { payment } => {
            ("VALIDATION_ERROR", field(format!("payments.{payment}"), "INVALID"))
        }
        SaleRefused::PaymentsDiffer { .. } => ("VALIDATION_ERROR", field("payments".to_owned(), "DIFFER")),
        SaleRefused::ShownDiffers { .. } => ("VALIDATION_ERROR", field("expected.change".to_owned(), "DIFFERS")),
        // A till's sale always has its session.
        SaleRefused::NoDrawer => ("SESSION_CLOSED", Map::new()),
    };
    NotPosted { code, fields }.into()
}

fn shortage(short: &Shortage) -> (String, Value) {
    (short.line.to_string(), json!(decimal::format_shortest(short.on_hand_milli.max(0), 3)))
}
