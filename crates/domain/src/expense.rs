//! Money besides sales: what may be recorded as an expense or as other income, and
//! what of it passes a drawer.
//!
//! Owns: the limits of such a document, and which drawer pays an expense or takes it
//! back. Must not know: who may record one, nor how it is kept.

use crate::{business_date::BusinessDate, sale::MethodKind};

/// The largest recorded document, in minor units.
pub const AMOUNT_MINOR_MAX: i64 = 10_000_000_000_000;

/// Before this day no document can be recorded: a year typed wrong is likelier.
pub const FIRST_DATE: i64 = 20_000_101;

/// An amount and the day for which it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedAmount {
    /// In minor units.
    pub amount_minor: i64,
    /// The business date that a person names.
    pub date: BusinessDate,
}

/// Why an amount of a day cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatedRefused {
    /// Nothing is no document.
    Nothing,
    /// Above [`AMOUNT_MINOR_MAX`].
    TooLarge,
    /// What has not happened is not recorded.
    InFuture,
    /// Before [`FIRST_DATE`].
    TooOld,
}

impl DatedAmount {
    /// Everything that is wrong with it on this day.
    #[must_use]
    pub fn problems(&self, today: BusinessDate) -> Vec<DatedRefused> {
        let checks = [
            (self.amount_minor <= 0, DatedRefused::Nothing),
            (self.amount_minor > AMOUNT_MINOR_MAX, DatedRefused::TooLarge),
            (self.date > today, DatedRefused::InFuture),
            (self.date.as_i64() < FIRST_DATE, DatedRefused::TooOld),
        ];
        checks.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, problem)| problem).collect()
    }
}

/// A drawer that somebody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawer {
    /// It may take and give.
    Open,
    /// It was counted; nothing enters or leaves it any more.
    Closed,
}

/// What an expense is decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpenseFacts {
    /// The shop's day.
    pub today: BusinessDate,
    /// How it was paid; `None` where the shop has no such method in use.
    pub method: Option<MethodKind>,
    /// The drawer that paid it, where one did.
    pub drawer: Option<Drawer>,
}

/// Why an expense is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpenseRefused {
    /// Its amount or its day.
    Dated(DatedRefused),
    /// No such payment method.
    UnknownMethod,
    /// Only what was paid in cash comes out of a drawer.
    DrawerNeedsCash,
    /// The drawer was counted.
    DrawerClosed,
}

/// An expense to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletedExpense {
    /// The document.
    pub dated: DatedAmount,
    /// What left the drawer; 0 where no drawer paid it.
    pub cash_out_minor: i64,
}

/// Decides on an expense.
///
/// # Errors
/// Every [`ExpenseRefused`] that applies.
pub fn decide(facts: &ExpenseFacts, dated: DatedAmount) -> Result<CompletedExpense, Vec<ExpenseRefused>> {
    let mut refused: Vec<ExpenseRefused> = dated.problems(facts.today).into_iter().map(ExpenseRefused::Dated).collect();
    match (facts.method, facts.drawer) {
        (None | Some(MethodKind::HouseAccount), _) => refused.push(ExpenseRefused::UnknownMethod),
        (Some(MethodKind::Cash), Some(Drawer::Closed)) => refused.push(ExpenseRefused::DrawerClosed),
        (Some(MethodKind::Cash), _) | (Some(_), None) => {}
        (Some(_), Some(_)) => refused.push(ExpenseRefused::DrawerNeedsCash),
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let cash_out_minor = if facts.drawer.is_some() { dated.amount_minor } else { 0 };
    Ok(CompletedExpense { dated, cash_out_minor })
}

/// Where the money of a voided expense goes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CashBack {
    /// No drawer.
    Nowhere,
    /// The drawer that had paid it: as if it had never paid.
    SameDrawer,
    /// The drawer that the person chose.
    ChosenDrawer,
}

/// Decides where the money of a voided expense goes back to. While the drawer that paid
/// is still open there is no choice: what should be in it would stay wrong otherwise.
///
/// # Errors
/// [`ExpenseRefused::DrawerClosed`] where the chosen drawer was counted meanwhile.
pub fn decide_void(paid_by: Option<Drawer>, chosen: Option<Drawer>) -> Result<CashBack, ExpenseRefused> {
    match (paid_by, chosen) {
        (None, _) | (Some(Drawer::Closed), None) => Ok(CashBack::Nowhere),
        (Some(Drawer::Open), _) => Ok(CashBack::SameDrawer),
        (Some(Drawer::Closed), Some(Drawer::Open)) => Ok(CashBack::ChosenDrawer),
        (Some(Drawer::Closed), Some(Drawer::Closed)) => Err(ExpenseRefused::DrawerClosed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(number: i64) -> BusinessDate {
        BusinessDate::from_i64(number).unwrap()
    }

    fn facts(method: Option<MethodKind>, drawer: Option<Drawer>) -> ExpenseFacts {
        ExpenseFacts { today: date(20_261_124), method, drawer }
    }

    #[test]
    fn an_expense_leaves_the_drawer_only_where_one_paid_it_in_cash() {
        let dated = DatedAmount { amount_minor: 5_000, date: date(20_261_120) };
        let cash = Some(MethodKind::Cash);
        for (method, drawer, expected) in [
            (cash, Some(Drawer::Open), Ok(5_000)),
            (cash, None, Ok(0)),
            (Some(MethodKind::Transfer), None, Ok(0)),
            (cash, Some(Drawer::Closed), Err(ExpenseRefused::DrawerClosed)),
            (Some(MethodKind::Transfer), Some(Drawer::Open), Err(ExpenseRefused::DrawerNeedsCash)),
            (Some(MethodKind::HouseAccount), None, Err(ExpenseRefused::UnknownMethod)),
            (None, Some(Drawer::Open), Err(ExpenseRefused::UnknownMethod)),
        ] {
            let decided = decide(&facts(method, drawer), dated).map(|expense| expense.cash_out_minor);
            assert_eq!(decided, expected.map_err(|refused| vec![refused]), "{method:?} {drawer:?}");
        }
    }

    #[test]
    fn every_problem_is_told_at_once() {
        use DatedRefused::{InFuture, Nothing, TooLarge, TooOld};
        for (amount_minor, day, expected) in [
            (1, 20_261_124, vec![]),
            (AMOUNT_MINOR_MAX, 20_000_101, vec![]),
            (0, 20_261_125, vec![Nothing, InFuture]),
            (-1, 19_991_231, vec![Nothing, TooOld]),
            (AMOUNT_MINOR_MAX + 1, 20_261_124, vec![TooLarge]),
        ] {
            let dated = DatedAmount { amount_minor, date: date(day) };
            assert_eq!(dated.problems(date(20_261_124)), expected, "{amount_minor} on {day}");
        }
        let nothing = DatedAmount { amount_minor: 0, date: date(20_261_124) };
        assert_eq!(
            decide(&facts(None, None), nothing),
            Err(vec![ExpenseRefused::Dated(Nothing), ExpenseRefused::UnknownMethod])
        );
    }

    #[test]
    fn a_void_goes_back_to_the_drawer_that_is_still_open() {
        for (paid_by, chosen, expected) in [
            (None, None, Ok(CashBack::Nowhere)),
            (None, Some(Drawer::Open), Ok(CashBack::Nowhere)),
            (Some(Drawer::Open), None, Ok(CashBack::SameDrawer)),
            (Some(Drawer::Open), Some(Drawer::Closed), Ok(CashBack::SameDrawer)),
            (Some(Drawer::Closed), None, Ok(CashBack::Nowhere)),
            (Some(Drawer::Closed), Some(Drawer::Open), Ok(CashBack::ChosenDrawer)),
            (Some(Drawer::Closed), Some(Drawer::Closed), Err(ExpenseRefused::DrawerClosed)),
        ] {
            assert_eq!(decide_void(paid_by, chosen), expected, "{paid_by:?} {chosen:?}");
        }
    }
}
