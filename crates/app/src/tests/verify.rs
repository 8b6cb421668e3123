//! What `verify` finds: nothing in a shop that was left alone, and every tampering.

use super::history::{besides, mixed};
use crate::{
    features::{
        cash::sessions::{self, CloseSession},
        verify::{Report, verify},
    },
    testkit::{TestShop, on_both, shop::NOON_US},
};
use db::{Db, Engine, ShopTx, Statement, params};

db::statements! {
    system FREE_MOVEMENTS_SQLITE = "tampering.free_movements_sqlite", "DROP TRIGGER stock_movement_no_update";
    system FREE_MOVEMENTS_POSTGRES = "tampering.free_movements_postgres", "DROP TRIGGER stock_movement_no_change ON stock_movement";
    system FREE_REMOVAL_SQLITE = "tampering.free_removal_sqlite", "DROP TRIGGER stock_movement_no_delete";
    system FREE_SALES_SQLITE = "tampering.free_sales_sqlite", "DROP TRIGGER sale_no_update";
    system FREE_SALES_POSTGRES = "tampering.free_sales_postgres", "DROP TRIGGER sale_no_change ON sale";
    system FREE_LINES_SQLITE = "tampering.free_lines_sqlite", "DROP TRIGGER sale_line_no_update";
    system FREE_LINES_POSTGRES = "tampering.free_lines_postgres", "DROP TRIGGER sale_line_no_change ON sale_line";
    system FREE_TAXES_SQLITE = "tampering.free_taxes_sqlite", "DROP TRIGGER sale_tax_no_update";
    system FREE_TAXES_POSTGRES = "tampering.free_taxes_postgres", "DROP TRIGGER sale_tax_no_change ON sale_tax";
    system FREE_PAYMENTS_SQLITE = "tampering.free_payments_sqlite", "DROP TRIGGER payment_no_update";
    system FREE_PAYMENTS_POSTGRES = "tampering.free_payments_postgres", "DROP TRIGGER payment_no_change ON payment";
    system FREE_CASH_SQLITE = "tampering.free_cash_sqlite", "DROP TRIGGER cash_entry_no_update";
    system FREE_CASH_POSTGRES = "tampering.free_cash_postgres", "DROP TRIGGER cash_entry_no_change ON cash_entry";
    system FREE_CASH_REMOVAL = "tampering.free_cash_removal", "DROP TRIGGER cash_entry_no_delete";
    system FREE_REFUNDS_SQLITE = "tampering.free_refunds_sqlite", "DROP TRIGGER refund_line_no_update";
    system FREE_REFUNDS_POSTGRES = "tampering.free_refunds_postgres", "DROP TRIGGER refund_line_no_change ON refund_line";
    system PERSON = "tampering.document", "UPDATE stock_movement SET document_line = 7 WHERE number = 2";
    system DATE = "tampering.date", "UPDATE stock_movement SET effective_date = 20200101 WHERE number = 3";
    system QUANTITY = "tampering.quantity",
        "UPDATE stock_movement
         SET quantity_milli = quantity_milli + 1000, on_hand_after_milli = on_hand_after_milli + 1000
         WHERE number = 2";
    system HASH = "tampering.hash", "UPDATE stock_movement SET hash = $1 WHERE number = 2";
    system GAP = "tampering.gap", "DELETE FROM stock_movement WHERE number = 2";
    system ITEM = "tampering.item", "UPDATE stock_item SET on_hand_milli = on_hand_milli + 1000 WHERE on_hand_milli > 0";
    system ITEM_NUMBER = "tampering.item_number", "UPDATE stock_item SET last_number = last_number + 1";
    system SALE_COST = "tampering.sale_cost", "UPDATE sale SET cost_minor = cost_minor + 1";
    system SALE_TOTAL = "tampering.sale_total",
        "UPDATE sale SET gross_minor = gross_minor + 1, total_minor = total_minor + 1, base_minor = base_minor + 1";
    system LINE_COST = "tampering.line_cost", "UPDATE sale_line SET cost_minor = NULL WHERE cost_minor > 0";
    system TAX = "tampering.tax", "UPDATE sale_tax SET amount_minor = amount_minor - 1";
    system PAYMENT = "tampering.payment", "UPDATE payment SET amount_minor = amount_minor + 100";
    system REFUND_LINE = "tampering.refund_line", "UPDATE refund_line SET quantity_milli = quantity_milli + 900000";
    system REFUND_COST = "tampering.refund_cost", "UPDATE refund_line SET cost_minor = 0 WHERE cost_minor > 0";
    system HOUR = "tampering.hour", "UPDATE sales_hour SET sale_tax_minor = sale_tax_minor + 1";
    system HOUR_COST = "tampering.hour_cost", "UPDATE sales_hour SET sale_cost_minor = sale_cost_minor - 1";
    system HOUR_GONE = "tampering.hour_gone", "DELETE FROM sales_hour WHERE refund_count > 0";
    system DAY = "tampering.day", "UPDATE product_day SET known_cost_base_minor = known_cost_base_minor + 1";
    system MONTH = "tampering.month", "UPDATE product_month SET quantity_milli = quantity_milli + 1";
    system YEAR = "tampering.year", "DELETE FROM product_year";
    system COUNTER = "tampering.counter", "UPDATE row_counter SET value = value + 1 WHERE name = 'products'";
    system SALES_COUNTER = "tampering.sales_counter", "DELETE FROM row_counter WHERE name = 'sales'";
    system FREE_EXPENSES_SQLITE = "tampering.free_expenses_sqlite", "DROP TRIGGER expense_no_update";
    system FREE_EXPENSES_POSTGRES = "tampering.free_expenses_postgres", "DROP TRIGGER expense_no_change ON expense";
    system FREE_INCOME_SQLITE = "tampering.free_income_sqlite", "DROP TRIGGER other_income_no_update";
    system FREE_INCOME_POSTGRES = "tampering.free_income_postgres", "DROP TRIGGER other_income_no_change ON other_income";
    system FREE_VOIDS_SQLITE = "tampering.free_voids_sqlite", "DROP TRIGGER expense_void_no_delete";
    system FREE_VOIDS_POSTGRES = "tampering.free_voids_postgres", "DROP TRIGGER expense_void_no_change ON expense_void";
    system FREE_ENTRIES_SQLITE = "tampering.free_entries_sqlite", "DROP TRIGGER cash_entry_no_update";
    system FREE_ENTRIES_POSTGRES = "tampering.free_entries_postgres", "DROP TRIGGER cash_entry_no_change ON cash_entry";
    system EXPENSE = "tampering.expense", "UPDATE expense SET amount_minor = amount_minor + 1 WHERE session_id IS NOT NULL";
    system EXPENSE_DAY = "tampering.expense_day", "UPDATE expense SET business_date = 20200101";
    system INCOME = "tampering.income", "UPDATE other_income SET amount_minor = amount_minor + 1";
    system VOID_GONE = "tampering.void_gone", "DELETE FROM expense_void";
    system ENTRY_KIND = "tampering.entry_kind", "UPDATE cash_entry SET kind = 'pay_out' WHERE kind = 'expense'";
    system ENTRY_STRAY = "tampering.entry_stray", "UPDATE cash_entry SET kind = 'expense' WHERE kind = 'refund'";
    system MONEY_DAY = "tampering.money_day", "UPDATE money_day SET expense_minor = expense_minor - 1";
    system MONEY_DAY_GONE = "tampering.money_day_gone", "DELETE FROM money_day";
    system TEXT_GONE = "tampering.expense_text_gone", "DELETE FROM expense_text";
    system REFUNDED_CASH = "tampering.refunded_cash", "UPDATE cash_entry SET amount_minor = amount_minor - 1 WHERE kind = 'refund'";
    system CASH_GONE = "tampering.cash_gone", "DELETE FROM cash_entry WHERE kind = 'refund'";
    system CASH_OF_NOTHING = "tampering.cash_of_nothing", "UPDATE cash_entry SET kind = 'refund' WHERE kind = 'sale'";
    system NO_DRAWER = "tampering.no_drawer", "UPDATE sale SET session_id = NULL";
    system DRAWER = "tampering.drawer", "UPDATE cash_session SET expected_minor = expected_minor + 1";
}

/// One way of tampering: what is freed for it on each engine, the change, and what is
/// named in the first finding.
struct Tampering {
    free: &'static [(Engine, &'static Statement)],
    change: &'static Statement,
    check: &'static str,
    row: &'static str,
    what: &'static str,
}

macro_rules! free {
    ($sqlite:ident, $postgres:ident) => {
        &[(Engine::Sqlite, &$sqlite), (Engine::Postgres, &$postgres)]
    };
}

fn tamperings() -> Vec<Tampering> {
    let case = |free, change, check, row, what| Tampering { free, change, check, row, what };
    const MOVEMENTS: &[(Engine, &Statement)] = free!(FREE_MOVEMENTS_SQLITE, FREE_MOVEMENTS_POSTGRES);
    const REMOVAL: &[(Engine, &Statement)] = free!(FREE_REMOVAL_SQLITE, FREE_MOVEMENTS_POSTGRES);
    const SALES: &[(Engine, &Statement)] = free!(FREE_SALES_SQLITE, FREE_SALES_POSTGRES);
    const LINES: &[(Engine, &Statement)] = free!(FREE_LINES_SQLITE, FREE_LINES_POSTGRES);
    const TAXES: &[(Engine, &Statement)] = free!(FREE_TAXES_SQLITE, FREE_TAXES_POSTGRES);
    const PAYMENTS: &[(Engine, &Statement)] = free!(FREE_PAYMENTS_SQLITE, FREE_PAYMENTS_POSTGRES);
    const CASH: &[(Engine, &Statement)] = free!(FREE_CASH_SQLITE, FREE_CASH_POSTGRES);
    const CASH_REMOVAL: &[(Engine, &Statement)] = free!(FREE_CASH_REMOVAL, FREE_CASH_POSTGRES);
    const REFUNDS: &[(Engine, &Statement)] = free!(FREE_REFUNDS_SQLITE, FREE_REFUNDS_POSTGRES);
    const EXPENSES: &[(Engine, &Statement)] = free!(FREE_EXPENSES_SQLITE, FREE_EXPENSES_POSTGRES);
    const INCOMES: &[(Engine, &Statement)] = free!(FREE_INCOME_SQLITE, FREE_INCOME_POSTGRES);
    const VOIDS: &[(Engine, &Statement)] = free!(FREE_VOIDS_SQLITE, FREE_VOIDS_POSTGRES);
    const ENTRIES: &[(Engine, &Statement)] = free!(FREE_ENTRIES_SQLITE, FREE_ENTRIES_POSTGRES);
    vec![
        case(EXPENSES, &EXPENSE, "expenses", "expense ", "what passed its drawer"),
        case(EXPENSES, &EXPENSE_DAY, "totals of money", "money_day", "expense_count"),
        case(INCOMES, &INCOME, "totals of money", "money_day", "income_minor"),
        case(VOIDS, &VOID_GONE, "totals of money", "money_day", "expense_count"),
        case(VOIDS, &VOID_GONE, "expenses", "cash_entry", "whether it has its expense"),
        case(ENTRIES, &ENTRY_KIND, "expenses", "expense ", "what passed its drawer"),
        case(ENTRIES, &ENTRY_STRAY, "expenses", "cash_entry", "whether it has its expense"),
        case(&[], &MONEY_DAY, "totals of money", "money_day", "expense_minor"),
        case(&[], &MONEY_DAY_GONE, "totals of money", "money_day", "expense_count"),
        case(&[], &TEXT_GONE, "expenses", "expense ", "the number of its texts"),
        case(MOVEMENTS, &PERSON, "stock", "number 2", "its hash"),
        case(MOVEMENTS, &DATE, "stock", "number 3", "its hash"),
        case(MOVEMENTS, &QUANTITY, "stock", "number 2", "its hash"),
        case(MOVEMENTS, &HASH, "stock", "number 2", "its hash"),
        case(REMOVAL, &GAP, "stock", "number 3", "its number"),
        case(&[], &ITEM, "stock", "stock_item", "quantity and value"),
        case(&[], &ITEM_NUMBER, "stock", "stock_item", "its last number"),
        case(SALES, &SALE_COST, "sales", "sale ", "the cost"),
        case(SALES, &SALE_TOTAL, "sales", "sale ", "the sum before discount"),
        case(LINES, &LINE_COST, "sales", "sale ", "the cost"),
        case(TAXES, &TAX, "sales", "sale ", "the tax by rate"),
        case(PAYMENTS, &PAYMENT, "sales", "sale ", "what was paid"),
        case(REFUNDS, &REFUND_LINE, "sales", "sale_line", "whether no more came back than was sold"),
        case(REFUNDS, &REFUND_COST, "refunds", "refund ", "the cost"),
        case(&[], &HOUR, "totals by hour", "sales_hour", "sale_tax_minor"),
        case(&[], &HOUR_COST, "totals by hour", "sales_hour", "the day's sale_cost_minor"),
        case(&[], &HOUR_GONE, "totals by hour", "sales_hour", "sale_count"),
        case(&[], &DAY, "totals by product", "product_day", "known_cost_base_minor"),
        case(&[], &MONTH, "totals by product", "product_month", "quantity_milli"),
        case(&[], &YEAR, "totals by product", "product_year", "quantity_milli"),
        case(&[], &COUNTER, "counters", "row_counter products", "value"),
        case(&[], &SALES_COUNTER, "counters", "row_counter sales", "value"),
        case(CASH, &REFUNDED_CASH, "drawers", "refund ", "the cash that left a drawer"),
        case(CASH_REMOVAL, &CASH_GONE, "drawers", "refund ", "the cash that left a drawer"),
        case(CASH, &CASH_OF_NOTHING, "drawers", "cash_entry ", "whether its document says so"),
        case(SALES, &NO_DRAWER, "drawers", "sale ", "the cash that is in no drawer"),
        case(&[], &DRAWER, "cash", "cash_session", "what it should hold"),
    ]
}

async fn shop_with_history(db: Db) -> TestShop {
    let shop = TestShop::create(db, 1).await;
    let goods = mixed(&shop).await;
    besides(&shop, goods.last).await;
    let closing = CloseSession { id: shop.session, person: shop.admin.user, counted_minor: 5_000_000, at: NOON_US };
    shop.db
        .shop_write(&shop.admin, "close", async move |tx: &mut ShopTx| sessions::close(tx, closing).await)
        .await
        .expect("the drawer is open");
    shop
}

async fn report(db: &Db) -> Report {
    verify(db, |_| ()).await.expect("the database answers")
}

#[tokio::test]
async fn a_shop_that_was_left_alone_fits_to_the_last_row() {
    on_both(async |db| {
        let shop = shop_with_history(db).await;
        let report = report(&shop.db).await;
        assert_eq!(report.findings, []);
        assert!(report.shops == 1 && report.rows > 50, "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn every_tampering_is_found_and_its_row_named() {
    for tampering in tamperings() {
        on_both(async |db| {
            let shop = shop_with_history(db).await;
            let free = tampering.free.iter().find(|(engine, _)| *engine == shop.db.engine());
            if let Some((_, statement)) = free {
                shop.db.system_exec("tamper", statement, params![]).await.expect("the trigger is there");
            }
            let values = if tampering.change.text().contains("$1") { params![vec![0_u8; 32]] } else { params![] };
            let changed =
                shop.db.system_exec("tamper", tampering.change, values).await.expect("nothing stands in the way");
            let name = tampering.change.name();
            assert!(changed > 0, "{name} changed nothing");
            let report = report(&shop.db).await;
            let found = report.findings.iter().find(|finding| finding.check == tampering.check);
            let found = found.unwrap_or_else(|| panic!("{name} was not found: {report:?}"));
            assert!(found.row.contains(tampering.row) && found.what == tampering.what, "{name}: {found}");
        })
        .await;
    }
}
