//! Writing what the shop spends and earns besides its goods.

use super::{
    chance::Chance,
    history::HistoryError,
    plan::{Day, PlannedExpense},
    shop::DemoShop,
};
use crate::features::{
    expenses::record::{ExpenseWords, RecordExpense, VoidExpense, record_expense, void_expense},
    other_income::{
        Kind,
        record::{RecordIncome, record_income},
    },
};
use db::{Db, ShopTx};
use domain::{
    business_date::BusinessDate,
    expense::DatedAmount,
    ids::{CategoryId, ExpenseId, OtherIncomeId, SaleId, SessionId},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Writes a day's expenses and deliveries; `sold` are its sales, `session` its drawer.
///
/// # Errors
/// Whatever the database says; a plan that the shop's rules refuse.
pub async fn write_day(
    db: &Db,
    shop: &DemoShop,
    chance: &mut Chance,
    day: &Day,
    session: SessionId,
    sold: &[SaleId],
) -> Result<(), HistoryError> {
    let date = BusinessDate::from_i64(day.date).expect("the plan walks the calendar");
    for planned in &day.expenses {
        spend(db, shop, chance, date, session, planned).await?;
        if planned.twice {
            let second = spend(db, shop, chance, date, session, planned).await?;
            undo(db, shop, chance.id(planned.at_us), second, planned.at_us).await?;
        }
    }
    for brought in &day.brought {
        let id = chance.id(brought.at_us);
        let command = RecordIncome {
            id: OtherIncomeId(id),
            actor: shop.admin,
            kind: Kind::Delivery,
            description: "Domicilio en el barrio".to_owned(),
            dated: DatedAmount { amount_minor: brought.amount * 100, date },
            sale: Some(sold[brought.sale]),
            content_hash: hash(id),
            now_us: brought.at_us,
        };
        db.shop_write(&shop.admin, "earn", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
            Ok(record_income(tx, &command).await?)
        })
        .await?;
    }
    Ok(())
}

async fn spend(
    db: &Db,
    shop: &DemoShop,
    chance: &mut Chance,
    date: BusinessDate,
    session: SessionId,
    planned: &PlannedExpense,
) -> Result<ExpenseId, HistoryError> {
    let [cash, transfer, _card] = shop.methods;
    let id = ExpenseId(chance.id(planned.at_us));
    let command = RecordExpense {
        id,
        actor: shop.admin,
        dated: DatedAmount { amount_minor: planned.amount * 100, date },
        words: ExpenseWords {
            concept: planned.concept.to_owned(),
            description: String::new(),
            category: planned.category.to_owned(),
        },
        new_category: CategoryId(chance.id(planned.at_us)),
        method: if planned.from_drawer { cash } else { transfer },
        session: planned.from_drawer.then_some(session),
        content_hash: hash(id.0),
        now_us: planned.at_us,
    };
    db.shop_write(&shop.admin, "spend", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
        Ok(record_expense(tx, &command).await?)
    })
    .await?;
    Ok(id)
}

async fn undo(db: &Db, shop: &DemoShop, id: Uuid, expense: ExpenseId, now_us: i64) -> Result<(), HistoryError> {
    let command = VoidExpense {
        id,
        actor: shop.admin,
        expense,
        reason: "Se anotó dos veces".to_owned(),
        session: None,
        content_hash: hash(id),
        now_us,
    };
    db.shop_write(&shop.admin, "undo", async move |tx: &mut ShopTx| -> Result<(), HistoryError> {
        Ok(void_expense(tx, &command).await?)
    })
    .await
}

/// Nobody sends these commands twice; any hash of their own will do.
fn hash(id: Uuid) -> [u8; 32] {
    Sha256::digest(id.as_bytes()).into()
}
