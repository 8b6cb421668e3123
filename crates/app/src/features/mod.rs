//! The features: one folder each, one file an action.
//!
//! A feature lists the tables it owns; others call its functions. Reading across
//! by join is allowed, writing is not.

pub mod accounts;
pub mod cash;
pub mod catalog;
pub mod commands;
pub mod customers;
pub mod dashboard;
pub mod demo;
pub mod expenses;
pub mod health;
pub mod imports;
pub mod members;
pub mod operator;
pub mod other_income;
pub mod sales;
pub mod settings;
pub mod shell;
pub mod stock;
pub mod sync;
pub mod till;
pub mod totals;
pub mod verify;

/// Every route, feature by feature.
pub fn routes() -> web::Routes<crate::kernel::App> {
    web::Routes::new()
        .merge(accounts::routes())
        .merge(catalog::routes())
        .merge(customers::routes())
        .merge(dashboard::routes())
        .merge(expenses::routes())
        .merge(health::routes())
        .merge(imports::routes())
        .merge(members::routes())
        .merge(operator::routes())
        .merge(other_income::routes())
        .merge(settings::routes())
        .merge(stock::routes())
        .merge(sales::routes())
        .merge(shell::routes())
        .merge(sync::routes())
        .merge(till::routes())
}

/// Every list of statements, so that one test can prepare them all.
pub static STATEMENTS: &[&[&db::Statement]] = &[
    accounts::asker::STATEMENTS,
    accounts::credentials::STATEMENTS,
    accounts::limit_store::STATEMENTS,
    accounts::people::STATEMENTS,
    accounts::profile::STATEMENTS,
    accounts::session_store::STATEMENTS,
    accounts::verify_email::STATEMENTS,
    cash::drawers::STATEMENTS,
    cash::ledger::STATEMENTS,
    cash::sessions::STATEMENTS,
    catalog::costs::STATEMENTS,
    catalog::find::STATEMENTS,
    catalog::look_up::STATEMENTS,
    catalog::price_history::STATEMENTS,
    catalog::record::STATEMENTS,
    catalog::sweep_photos::STATEMENTS,
    catalog::reprice::STATEMENTS,
    catalog::write::STATEMENTS,
    commands::STATEMENTS,
    customers::find::STATEMENTS,
    customers::write::STATEMENTS,
    dashboard::attention::STATEMENTS,
    dashboard::documents::STATEMENTS,
    dashboard::figures::STATEMENTS,
    dashboard::lines::STATEMENTS,
    dashboard::products::STATEMENTS,
    dashboard::recent::STATEMENTS,
    expenses::find::STATEMENTS,
    expenses::form::STATEMENTS,
    expenses::record::STATEMENTS,
    health::STATEMENTS,
    members::list_members::STATEMENTS,
    members::reset_password::STATEMENTS,
    imports::known::STATEMENTS,
    imports::store::STATEMENTS,
    imports::upload_store::STATEMENTS,
    imports::who::STATEMENTS,
    members::write::STATEMENTS,
    operator::home::STATEMENTS,
    operator::mailbox::STATEMENTS,
    other_income::find::STATEMENTS,
    other_income::record::STATEMENTS,
    sales::facts::STATEMENTS,
    sales::find_product::STATEMENTS,
    sales::find_sales::STATEMENTS,
    sales::list_sales::STATEMENTS,
    sales::load_sale::STATEMENTS,
    sales::simple_sale::STATEMENTS,
    sales::history::STATEMENTS,
    sales::store::STATEMENTS,
    sales::take_back_sale::STATEMENTS,
    settings::create_shop::STATEMENTS,
    settings::find_shop::STATEMENTS,
    settings::guide::STATEMENTS,
    settings::imported_method::STATEMENTS,
    settings::method_store::STATEMENTS,
    settings::register_store::STATEMENTS,
    settings::registers::STATEMENTS,
    settings::shop::STATEMENTS,
    settings::stored::STATEMENTS,
    settings::tax_store::STATEMENTS,
    stock::kardex::STATEMENTS,
    stock::adjust::STATEMENTS,
    stock::ledger::STATEMENTS,
    stock::tracked::STATEMENTS,
    sync::catalog::STATEMENTS,
    sync::device::STATEMENTS,
    sync::devices::STATEMENTS,
    sync::enrol::STATEMENTS,
    sync::lease::STATEMENTS,
    sync::list_reviews::STATEMENTS,
    sync::post_product::STATEMENTS,
    sync::post_sale::STATEMENTS,
    sync::review::STATEMENTS,
    sync::session::STATEMENTS,
    sync::settle_review::STATEMENTS,
    sync::stock::STATEMENTS,
    totals::STATEMENTS,
    totals::money::STATEMENTS,
    verify::STATEMENTS,
    verify::cash::STATEMENTS,
    verify::chains::STATEMENTS,
    verify::documents::STATEMENTS,
    verify::money::STATEMENTS,
    verify::drawers::STATEMENTS,
    verify::totals::STATEMENTS,
];
