//! What the database looks like: migrations, the lock order, every statement.

use db::{Migration, Statement, TableRank};

macro_rules! migrations {
    ($($number:literal $name:literal)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }),*]
    };
}

/// Every migration, in order.
pub static MIGRATIONS: &[Migration] = migrations! {
    1 "0001_foundation"
    2 "0002_sign_in"
    3 "0003_imports"
    4 "0004_import_uploads"
    5 "0005_product_search"
    6 "0006_photos"
    7 "0007_expenses"
    8 "0008_settings"
};

/// The one lock order of the program (ARCHITECTURE.md, "Concurrency"): whoever
/// locks two of these locks the smaller first, and rows of one table by key.
pub static TABLE_RANKS: &[TableRank] = &[
    ("command", 0),
    ("shop", 5),
    ("register", 10),
    ("device", 11),
    ("number_lease", 12),
    ("cash_session", 20),
    ("sale", 30),
    ("expense_category", 33),
    ("expense_text", 34),
    ("other_income_text", 35),
    ("catalog_version", 40),
    ("product", 41),
    ("stock_item", 50),
    ("sales_hour", 60),
    ("product_day", 61),
    ("product_month", 62),
    ("product_year", 63),
    ("row_counter", 64),
    ("money_day", 65),
];

/// Every statement of the program: one test prepares them all on both engines.
pub fn statements() -> Vec<&'static Statement> {
    crate::features::STATEMENTS.iter().flat_map(|list| list.iter().copied()).chain(jobs::statements()).collect()
}
