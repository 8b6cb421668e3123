//! Profit as an account: net sales without tax, less what they cost, with other income,
//! less expenses. `GET /dashboard/filas/ganancia/` shows it alone, beside the period
//! before; the summary shows the same rows.
//!
//! **Invariant:** the rows up to gross profit add up to it, and all of them to net
//! profit; each opens the rows that it is made of.

use super::{figures, figures::Earned, period::Period, view};
use crate::{
    features::{settings::shop, totals::money},
    kernel::{App, ShopPage},
    texts::dashboard::Texts,
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::business_date::BusinessDate;
use web::{AppError, Format, PageContext, query::Query};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A part, added or taken off.
    Part,
    /// The sum of what stands above.
    Sum,
    /// The last sum.
    Result,
}

/// A row of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub name: String,
    /// Where its rows are.
    pub href: String,
    /// In the period, negative where it is taken off.
    pub now_minor: i64,
    /// In the period before.
    pub before_minor: i64,
    /// Part or sum.
    pub level: Level,
}

impl Entry {
    /// Whether it is a sum.
    pub fn is_sum(&self) -> bool {
        self.level != Level::Part
    }

    /// Whether it is the last sum.
    pub fn is_result(&self) -> bool {
        self.level == Level::Result
    }
}

/// The account of a span of days beside an earlier one. What was never there (other
/// income, expenses, unknown cost) has no row.
pub fn account(now: &Earned, before: &Earned, days: &str, t: Texts, format: &Format) -> Vec<Entry> {
    let entry = |level, name: String, path: &str, of: fn(&Earned) -> i64| {
        let join = if path.contains('?') { '&' } else { '?' };
        let (now_minor, before_minor) = (of(now), of(before));
        Entry { name, href: format!("{path}{join}{days}"), now_minor, before_minor, level }
    };
    let part = |name: String, path: &str, of| entry(Level::Part, name, path, of);
    let unknown = now.sums.unknown_cost_lines;
    let mut rows =
        vec![part(t.profit_sales().to_owned(), "/dashboard/filas/ventas/", |earned| earned.sums.base_minor())];
    let unknown_name = t.profit_unknown(unknown, format.count(unknown));
    rows.push(part(unknown_name, "/dashboard/filas/lineas/?sin_costo=1", |e| -e.sums.unknown_cost_base_minor()));
    rows.push(part(t.profit_cost().to_owned(), "/dashboard/filas/productos/?orden=ganancia", |e| -e.sums.cost_minor()));
    rows.push(part(t.profit_income().to_owned(), "/ingresos/", |earned| earned.money.income_minor));
    rows.push(entry(Level::Sum, t.gross_profit().to_owned(), "/dashboard/filas/ganancia/", Earned::gross_minor));
    rows.push(part(t.profit_expenses().to_owned(), "/gastos/", |earned| -earned.money.expense_minor));
    rows.push(entry(Level::Result, t.net_profit().to_owned(), "/dashboard/filas/ganancia/", Earned::net_minor));
    let is_unknown = |row: &Entry| row.href.contains("sin_costo");
    rows.retain(|row| !is_unknown(row) || unknown > 0 || row.now_minor != 0 || row.before_minor != 0);
    rows
}

#[derive(Template)]
#[template(path = "dashboard/profit.html")]
struct ProfitPage<'a> {
    page: &'a PageContext,
    t: Texts,
    back: String,
    heading: String,
    rows: Vec<Entry>,
}

/// Shows the page.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let period = Period::read(&query, profile.moment(app.now_us()).date)?;
    let spans = [(period.first, period.last), (period.before_first, period.before_last)];
    let [sums, sums_before] = {
        let [now, before] = spans;
        [figures::sums(&mut read, now.0, now.1).await?, figures::sums(&mut read, before.0, before.1).await?]
    };
    let days = spans.map(|(first, last): (BusinessDate, BusinessDate)| (first.as_i64(), last.as_i64()));
    let [money, money_before] = money::sums(&mut read, days).await?;
    drop(read);
    let t = Texts(page.lang);
    let (now, before) = (Earned { sums, money }, Earned { sums: sums_before, money: money_before });
    page.show(&ProfitPage {
        page: &page,
        t,
        back: format!("/dashboard/?{}", period.query()),
        heading: t.rows_sum_of(view::heading(&period, t, &page.format)),
        rows: account(&now, &before, &period.query(), t, &page.format),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{dashboard::figures::Sums, totals::money::Money};
    use web::Lang;

    #[test]
    fn the_rows_add_up_to_gross_and_to_net_profit() {
        let sums = Sums {
            sale_base_minor: 400,
            refund_base_minor: 50,
            sale_cost_minor: 210,
            refund_cost_minor: 30,
            known_cost_base_minor: 300,
            unknown_cost_lines: 2,
            ..Sums::default()
        };
        let money = Money { income_count: 1, income_minor: 70, expense_count: 2, expense_minor: 500 };
        let now = Earned { sums, money };
        assert_eq!((now.gross_minor(), now.net_minor()), (300 - 180 + 70, 300 - 180 + 70 - 500));
        let format = crate::kernel::request::shopless_format(Lang::Es, 0);
        let rows = account(&now, &Earned::default(), "desde=2026-11-01&hasta=2026-11-30", Texts(Lang::Es), &format);
        let mut sum = 0;
        for row in &rows {
            assert!(row.href.ends_with("desde=2026-11-01&hasta=2026-11-30"), "{row:?}");
            match row.level {
                Level::Part => sum += row.now_minor,
                Level::Sum => assert_eq!(sum, now.gross_minor()),
                Level::Result => assert_eq!(sum, now.net_minor()),
            }
        }
        assert_eq!(rows.len(), 7);
        let all_known =
            Earned { sums: Sums { sale_base_minor: 1, known_cost_base_minor: 1, ..Sums::default() }, ..now };
        assert_eq!(account(&all_known, &Earned::default(), "", Texts(Lang::Es), &format).len(), 6);
    }
}
