//! What the shop thinks: money, tax, stock, sales, cash, credit.
//!
//! Every rule that decides about money or goods lives here as a pure function of its
//! arguments, so that all of them can be tested in a second and read without knowing the
//! rest. Units are part of the names: `_minor` is the currency's minor unit, `_milli` a
//! thousandth of a unit of quantity, `_ppm` a part per million, `_us` a microsecond of UTC.
//!
//! **Invariant:** no I/O, no clock, no randomness, no floats; time and ids are arguments.
//! It may know nothing of SQL, HTTP, features or languages.

pub mod business_date;
pub mod cash;
pub mod chain;
pub mod cost;
pub mod cost_json;
pub mod decimal;
pub mod expense;
pub mod ids;
pub mod permission;
pub mod price_mode;
pub mod quote;
pub mod quote_json;
pub mod refund;
pub mod rounding;
pub mod sale;
mod strict_json;
pub mod take_back;
