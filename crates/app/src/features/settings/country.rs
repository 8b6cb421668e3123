//! How countries write numbers and what their money's sign is.
//!
//! Facts from the Unicode CLDR (es-CO, es-MX …): the decimal and the grouping
//! mark that people of the country read and type.

use domain::decimal::Locale;

/// Point for decimals, comma for thousands: Mexico, Central America (apart from
/// Costa Rica), the Caribbean, Peru.
const POINT: [&str; 9] = ["MX", "GT", "HN", "NI", "SV", "PA", "DO", "PR", "PE"];

/// How a country writes numbers.
pub fn numbers(country: &str) -> Locale {
    if POINT.contains(&country) { Locale { decimal: '.', group: ',' } } else { Locale { decimal: ',', group: '.' } }
}

/// The sign that stands before an amount.
pub fn currency_sign(currency: &str) -> &'static str {
    match currency {
        "PEN" => "S/",
        "PYG" => "₲",
        "BOB" => "Bs",
        "BRL" => "R$",
        "CRC" => "₡",
        "GTQ" => "Q",
        "HNL" => "L",
        "NIO" => "C$",
        "UYU" => "$U",
        "EUR" => "€",
        "GBP" => "£",
        _ => "$",
    }
}

/// The in-store range that a new shop's scale prints weights into (GS1 leaves 20
/// to 29 to the shop).
pub const SCALE_PREFIX: &str = "29";
