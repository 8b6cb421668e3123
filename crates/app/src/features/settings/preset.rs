//! What a shop of a country begins with: money, zone, taxes, ways to pay.
//!
//! Sources of the taxes: Colombia, Estatuto Tributario arts. 468, 468-1, 477 and 424;
//! Mexico, Ley del IVA arts. 1, 2-A and 9; Peru, Ley del IGV art. 17 with the municipal
//! promotion tax (16 % and 2 %, charged as one); Chile, DL 825 art. 14; Argentina, Ley
//! 23.349 art. 28; Ecuador, Ley de Régimen Tributario Interno arts. 54, 55 and 65. Of
//! cash: Chile, Ley 20.956 art. 13 (ends in 1 to 5 go down); Peru, Ley 29571 with the
//! central bank's withdrawal of the 5 céntimos (always in the customer's favour).
//!
//! What a preset lacks: taxes by amount (sugar, bags) and taxes on taxes (Mexico's IVA
//! over IEPS), which the engine does not price yet, and Mexico's border rate, which is a
//! decree's. Everything can be changed afterwards.

use domain::cash::CashRounding;

/// A named list of taxes: its name, and its taxes as code and rate in ppm. None is
/// "excluded", a rate of 0 is "exempt" or "zero rate".
pub type TaxSetPreset = (&'static str, &'static [(&'static str, i64)]);

/// A country's usual ways.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// ISO 3166 two letters.
    pub country: &'static str,
    /// ISO 4217 three letters.
    pub currency: &'static str,
    /// Decimals that the currency keeps.
    pub exponent: u32,
    /// Decimals that screens show.
    pub display_decimals: u32,
    /// Its zones, the one of most people first.
    pub zones: &'static [&'static str],
    /// What cash is rounded to, in minor units.
    pub cash_step_minor: i64,
    /// And how.
    pub cash_mode: CashRounding,
    /// Whether prices are shown to customers with tax, by law or by habit.
    pub prices_include_tax: bool,
    /// The usual tax sets, that of most goods first.
    pub tax_sets: &'static [TaxSetPreset],
    /// Ways to pay besides cash, transfer and card.
    pub wallets: &'static [&'static str],
}

/// Colombia starts before tax: a new shop is one, and its owner is asked.
pub static PRESETS: [Preset; 6] = [
    Preset {
        country: "CO",
        currency: "COP",
        exponent: 2,
        display_decimals: 0,
        zones: &["America/Bogota"],
        cash_step_minor: 0,
        cash_mode: CashRounding::HalfUp,
        prices_include_tax: false,
        tax_sets: &[
            ("IVA 19 %", &[("IVA", 190_000)]),
            ("IVA 5 %", &[("IVA", 50_000)]),
            ("Exento (IVA 0 %)", &[("IVA", 0)]),
            ("Excluido", &[]),
        ],
        wallets: &["Nequi", "Daviplata"],
    },
    Preset {
        country: "MX",
        currency: "MXN",
        exponent: 2,
        display_decimals: 2,
        zones: &[
            "America/Mexico_City", "America/Cancun", "America/Merida", "America/Monterrey", "America/Chihuahua",
            "America/Ciudad_Juarez", "America/Ojinaga", "America/Matamoros", "America/Mazatlan", "America/Hermosillo",
            "America/Tijuana",
        ],
        cash_step_minor: 0,
        cash_mode: CashRounding::HalfUp,
        prices_include_tax: true,
        tax_sets: &[("IVA 16 %", &[("IVA", 160_000)]), ("IVA tasa 0 %", &[("IVA", 0)]), ("Exento de IVA", &[])],
        wallets: &[],
    },
    Preset {
        country: "PE",
        currency: "PEN",
        exponent: 2,
        display_decimals: 2,
        zones: &["America/Lima"],
        cash_step_minor: 10,
        cash_mode: CashRounding::Down,
        prices_include_tax: true,
        tax_sets: &[("IGV 18 %", &[("IGV", 180_000)]), ("Exonerado (IGV 0 %)", &[("IGV", 0)]), ("Inafecto", &[])],
        wallets: &["Yape", "Plin"],
    },
    Preset {
        country: "CL",
        currency: "CLP",
        exponent: 0,
        display_decimals: 0,
        zones: &["America/Santiago", "America/Punta_Arenas", "Pacific/Easter"],
        cash_step_minor: 10,
        cash_mode: CashRounding::HalfDown,
        prices_include_tax: true,
        tax_sets: &[("IVA 19 %", &[("IVA", 190_000)]), ("Exento de IVA", &[])],
        wallets: &[],
    },
    Preset {
        country: "AR",
        currency: "ARS",
        exponent: 2,
        display_decimals: 2,
        zones: &["America/Argentina/Buenos_Aires"],
        cash_step_minor: 0,
        cash_mode: CashRounding::HalfUp,
        prices_include_tax: true,
        tax_sets: &[
            ("IVA 21 %", &[("IVA", 210_000)]),
            ("IVA 10,5 %", &[("IVA", 105_000)]),
            ("IVA 27 %", &[("IVA", 270_000)]),
            ("Exento de IVA", &[]),
        ],
        wallets: &["Mercado Pago"],
    },
    Preset {
        country: "EC",
        currency: "USD",
        exponent: 2,
        display_decimals: 2,
        zones: &["America/Guayaquil", "Pacific/Galapagos"],
        cash_step_minor: 0,
        cash_mode: CashRounding::HalfUp,
        prices_include_tax: true,
        tax_sets: &[
            ("IVA 15 %", &[("IVA", 150_000)]),
            ("IVA 5 %", &[("IVA", 50_000)]),
            ("IVA 0 %", &[("IVA", 0)]),
            ("No objeto de IVA", &[]),
        ],
        wallets: &["Deuna"],
    },
];

/// The preset of a country.
pub fn of(country: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.country == country)
}

/// The decimals that a currency keeps and shows, of those that a shop may choose.
pub fn currency(code: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.currency == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::business_date::ShopDay;

    #[test]
    fn every_zone_of_every_preset_is_known() {
        for zone in PRESETS.iter().flat_map(|preset| preset.zones) {
            assert!(ShopDay::new(zone, 0).is_ok(), "{zone}");
        }
    }

    #[test]
    fn countries_and_currencies_are_told_apart() {
        for preset in &PRESETS {
            assert_eq!(of(preset.country).map(|found| found.currency), Some(preset.currency));
            assert_eq!(currency(preset.currency).map(|found| found.country), Some(preset.country));
            assert!(preset.display_decimals <= preset.exponent);
            assert!(!preset.tax_sets.is_empty() && !preset.zones.is_empty());
        }
    }
}
