//! What the demonstration shop sells: a Colombian corner grocery.
//!
//! Prices contain the tax, costs do not. Codes are of the range that GS1 leaves to
//! the shop (20–29), so that no product of the world is meant; 29 belongs to the
//! scale.
//!
//! Taxes are those of the Estatuto Tributario, by tariff heading, and an example, not
//! advice. Exempt (article 477): milk and cream 04.01, fresh cheese 04.06, eggs 04.07,
//! rice 10.06. Excluded (article 424): vegetables, fruit and pulses of chapters 7 and 8,
//! panela 17.01.13, bread 19.05, water 22.01, salt 25.01, school notebooks 48.20. At 5 %
//! (article 468-1): coffee 09.01, flours 11.01 and 11.02, oats 11.04, cold meats 16.01,
//! sugar 17.01, table chocolate 18.06, pasta 19.02. All else at 19 % (article 468).

use self::Iva::{Excluded, Exempt, General, Reduced};
use crate::features::catalog::write::{NewBarcode, Unit};

/// Under which tax set a product stands; the order is that of a new shop's sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Iva {
    /// 19 %.
    General,
    /// 5 %.
    Reduced,
    /// 0 %, and on the invoice.
    Exempt,
    /// None at all.
    Excluded,
}

/// A product of the demonstration shop.
#[derive(Clone, Copy, Debug)]
pub struct Good {
    /// Its name.
    pub name: &'static str,
    /// Its category.
    pub category: &'static str,
    /// Its tax.
    pub iva: Iva,
    /// Pesos for a unit, tax included.
    pub price: i64,
    /// Pesos that a unit costs, before tax.
    pub cost: i64,
    /// How often it is bought, against the others.
    pub pull: i64,
    /// Whether it is sold by the kilogram.
    pub weighed: bool,
    /// Units in a box with a code of its own.
    pub case_units: Option<i64>,
    /// Whether it stands among the till's favourites.
    pub favorite: bool,
    /// Whether it has stock.
    pub tracked: bool,
    /// Units to which it is sold before it comes again: a product that runs out.
    pub sold_down_to: Option<i64>,
}

impl Good {
    const fn favorite(self) -> Self {
        Good { favorite: true, ..self }
    }

    const fn case(self, units: i64) -> Self {
        Good { case_units: Some(units), ..self }
    }

    const fn sold_down_to(self, units: i64) -> Self {
        Good { sold_down_to: Some(units), ..self }
    }

    /// Below this many thousandths it is running out.
    pub fn minimum_milli(&self) -> i64 {
        match (self.tracked, self.weighed) {
            (false, _) => 0,
            (true, true) => (2 + self.pull / 2) * 1_000,
            (true, false) => (4 + 2 * self.pull) * 1_000,
        }
    }

    /// What stands on the shelf after a delivery, in thousandths.
    pub fn full_milli(&self) -> i64 {
        (12 + self.pull * if self.weighed { 3 } else { 6 }) * 1_000
    }

    /// The unit it is sold by.
    pub fn unit(&self) -> Unit {
        if self.weighed { Unit::Kilogram } else { Unit::Piece }
    }

    /// The item number under which the scale knows it.
    pub fn scale_number(&self, place: usize) -> Option<String> {
        self.weighed.then(|| format!("{:05}", 400 + place))
    }

    /// Its codes: its own, and that of its box at a price that saves one unit in 24.
    pub fn barcodes(&self, place: usize) -> Vec<NewBarcode> {
        if self.weighed || !self.tracked {
            return Vec::new();
        }
        let own = NewBarcode { code: ean13(20, place), pack_milli: 1_000, price_minor: None };
        let case = self.case_units.map(|units| NewBarcode {
            code: ean13(21, place),
            pack_milli: units * 1_000,
            price_minor: Some(self.case_price(units) * 100),
        });
        [Some(own), case].into_iter().flatten().collect()
    }

    /// Pesos for a whole box, rounded to a hundred.
    pub fn case_price(&self, units: i64) -> i64 {
        self.price * units * 23 / 24 / 100 * 100
    }
}

/// A code of 13 digits in the shop's own range, its check digit by the GS1 General
/// Specifications, section 7.9.
fn ean13(prefix: u32, place: usize) -> String {
    let body = format!("{prefix:02}{:010}", 1_000_000 + 37 * place);
    let sum: u32 = body
        .bytes()
        .rev()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

const fn item(name: &'static str, category: &'static str, iva: Iva, price: i64, cost: i64, pull: i64) -> Good {
    Good {
        name,
        category,
        iva,
        price,
        cost,
        pull,
        weighed: false,
        case_units: None,
        favorite: false,
        tracked: true,
        sold_down_to: None,
    }
}

const fn kilo(name: &'static str, category: &'static str, iva: Iva, price: i64, cost: i64, pull: i64) -> Good {
    Good { weighed: true, ..item(name, category, iva, price, cost, pull) }
}

const fn service(name: &'static str, price: i64, pull: i64) -> Good {
    Good { tracked: false, ..item(name, SERVICES, Iva::General, price, 0, pull) }
}

const DAIRY: &str = "Lácteos y huevos";
const GRAINS: &str = "Granos";
const BREAD: &str = "Panadería";
const FRUIT: &str = "Frutas y verduras";
const DRINKS: &str = "Bebidas";
const HOT: &str = "Bebidas calientes";
const CLEANING: &str = "Aseo";
const SNACKS: &str = "Mecato";
const MEAT: &str = "Carnes frías";
const CANNED: &str = "Enlatados";
const OILS: &str = "Aceites y grasas";
const PAPER: &str = "Papelería";
const HOUSE: &str = "Hogar";
const SERVICES: &str = "Servicios";

/// Everything on the shelves.
pub const GOODS: &[Good] = &[
    item("Leche Alquería 1 L", DAIRY, Exempt, 4_200, 3_350, 10).favorite().case(12).sold_down_to(4),
    item("Huevos AA × 30", DAIRY, Exempt, 16_500, 13_400, 6).favorite(),
    kilo("Queso campesino", DAIRY, Exempt, 12_900, 9_700, 6).favorite(),
    item("Yogur Alpina melocotón 200 g", DAIRY, General, 3_100, 1_980, 5),
    item("Mantequilla Colanta 125 g", DAIRY, General, 5_400, 3_500, 3),
    item("Kumis Alpina 200 g", DAIRY, General, 3_300, 2_120, 2),
    item("Arequipe Alpina 220 g", DAIRY, General, 7_200, 4_650, 2),
    item("Crema de leche Alquería 200 g", DAIRY, Exempt, 4_600, 2_980, 2),
    item("Arroz Diana 500 g", GRAINS, Exempt, 2_900, 2_240, 10).favorite().case(24),
    item("Azúcar Manuelita 1 kg", GRAINS, Reduced, 4_900, 3_980, 4).sold_down_to(6),
    item("Panela redonda 500 g", GRAINS, Excluded, 3_600, 2_700, 7).favorite(),
    item("Lenteja 500 g", GRAINS, Excluded, 3_400, 2_450, 4),
    item("Fríjol bola roja 500 g", GRAINS, Excluded, 6_200, 4_700, 4),
    item("Garbanzo 500 g", GRAINS, Excluded, 4_100, 2_950, 2),
    item("Pasta Doria espagueti 250 g", GRAINS, Reduced, 2_400, 1_720, 5),
    item("Harina P.A.N. 1 kg", GRAINS, Reduced, 4_800, 3_520, 5),
    item("Harina de trigo Haz de Oros 500 g", GRAINS, Reduced, 2_700, 1_960, 2),
    item("Avena Quaker 400 g", GRAINS, Reduced, 4_300, 3_100, 2),
    item("Sal Refisal 1 kg", GRAINS, Excluded, 2_300, 1_610, 2),
    item("Pan tajado Bimbo 480 g", BREAD, Excluded, 7_900, 6_200, 5).favorite().sold_down_to(0),
    item("Pan francés", BREAD, Excluded, 500, 330, 12).favorite(),
    item("Mogolla integral", BREAD, Excluded, 900, 610, 5),
    item("Tostadas Bimbo 130 g", BREAD, General, 4_500, 2_900, 2),
    item("Ponqué Ramo Gala", BREAD, General, 2_800, 1_780, 3),
    kilo("Banano criollo", FRUIT, Excluded, 3_200, 1_900, 6).favorite(),
    kilo("Tomate chonto", FRUIT, Excluded, 4_600, 3_050, 6),
    kilo("Cebolla cabezona", FRUIT, Excluded, 3_900, 2_500, 6),
    kilo("Papa pastusa", FRUIT, Excluded, 2_800, 1_800, 8),
    kilo("Papa criolla", FRUIT, Excluded, 4_400, 2_950, 4),
    kilo("Zanahoria", FRUIT, Excluded, 2_900, 1_850, 4),
    kilo("Limón Tahití", FRUIT, Excluded, 5_200, 3_450, 3),
    kilo("Aguacate papelillo", FRUIT, Excluded, 8_900, 6_200, 4),
    item("Cilantro, atado", FRUIT, Excluded, 1_500, 800, 4),
    item("Gaseosa Postobón manzana 1,5 L", DRINKS, General, 5_200, 3_150, 6).favorite().case(12).sold_down_to(-2),
    item("Coca-Cola 400 ml", DRINKS, General, 3_300, 2_050, 8).case(24),
    item("Agua Cristal 600 ml", DRINKS, Excluded, 1_900, 1_180, 6).case(24),
    item("Jugo Hit mora 1 L", DRINKS, General, 5_100, 3_180, 3),
    item("Pony Malta 330 ml", DRINKS, General, 3_200, 1_980, 5).case(24),
    item("Cerveza Águila lata 330 ml", DRINKS, General, 3_500, 2_250, 7).case(24),
    item("Café Sello Rojo 250 g", HOT, Reduced, 11_400, 8_900, 4).favorite(),
    item("Café Águila Roja 125 g", HOT, Reduced, 6_100, 4_650, 3),
    item("Chocolate Corona 250 g", HOT, Reduced, 8_700, 6_700, 3).favorite(),
    item("Aromática Hindú × 20", HOT, General, 4_200, 2_700, 2),
    item("Aceite Premier 900 ml", OILS, General, 9_800, 6_900, 4).favorite().case(12),
    item("Margarina La Fina 250 g", OILS, General, 4_700, 3_120, 2),
    item("Atún Van Camps lomitos en aceite 160 g", CANNED, General, 7_300, 4_850, 4).favorite(),
    item("Sardinas en salsa de tomate 425 g", CANNED, General, 8_200, 5_350, 2),
    item("Salsa de tomate Fruco 200 g", CANNED, General, 4_400, 2_850, 2),
    item("Salchichón cervecero Zenú 500 g", MEAT, Reduced, 13_900, 10_500, 2),
    item("Salchicha ranchera × 7", MEAT, Reduced, 9_600, 7_250, 3),
    kilo("Mortadela", MEAT, Reduced, 16_800, 12_400, 3),
    item("Papas Margarita limón 105 g", SNACKS, General, 5_600, 3_600, 4).favorite(),
    item("Chocoramo", SNACKS, General, 2_600, 1_640, 6),
    item("Galletas Saltín Noel × 3", SNACKS, General, 5_900, 3_850, 3),
    item("Bon Bon Bum", SNACKS, General, 600, 350, 6).case(24),
    item("Jabón Rey barra 300 g", CLEANING, General, 3_900, 2_480, 3).favorite(),
    item("Detergente Fab 450 g", CLEANING, General, 6_300, 4_100, 3),
    item("Límpido Clorox 1 L", CLEANING, General, 4_900, 3_100, 2),
    item("Papel Familia × 4", CLEANING, General, 10_800, 7_000, 3).favorite(),
    item("Crema Colgate 75 ml", CLEANING, General, 6_900, 4_450, 2),
    item("Velón San Jorge", HOUSE, General, 4_800, 2_980, 1),
    item("Encendedor desechable", HOUSE, General, 1_500, 880, 2),
    item("Cuaderno rayado 100 hojas", PAPER, Excluded, 4_200, 2_850, 1),
    item("Bolígrafo Kilométrico negro", PAPER, General, 1_500, 880, 1),
    service("Fotocopia", 200, 2),
    service("Recarga celular $ 5.000", 5_000, 2).favorite(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_good_stands_under_the_tax_of_its_tariff_heading() {
        let of =
            |iva: Iva| -> Vec<&str> { GOODS.iter().filter(|good| good.iva == iva).map(|good| good.name).collect() };
        let first_words =
            |iva: Iva| -> Vec<&str> { of(iva).iter().filter_map(|name| name.split(' ').next()).collect() };
        assert_eq!(first_words(Iva::Exempt), ["Leche", "Huevos", "Queso", "Crema", "Arroz"]);
        assert_eq!(
            first_words(Iva::Reduced),
            [
                "Azúcar", "Pasta", "Harina", "Harina", "Avena", "Café", "Café", "Chocolate", "Salchichón", "Salchicha",
                "Mortadela"
            ]
        );
        let excluded = GOODS.iter().filter(|good| good.iva == Iva::Excluded);
        let others: Vec<&str> = excluded
            .filter(|good| !matches!(good.category, FRUIT))
            .filter_map(|good| good.name.split(' ').next())
            .collect();
        assert_eq!(
            others,
            ["Panela", "Lenteja", "Fríjol", "Garbanzo", "Sal", "Pan", "Pan", "Mogolla", "Agua", "Cuaderno"]
        );
        assert!(GOODS.iter().filter(|good| good.category == FRUIT).all(|good| good.iva == Iva::Excluded));
    }

    #[test]
    fn what_is_weighed_has_an_item_number_of_the_scale_and_a_box_saves_money() {
        for (place, good) in GOODS.iter().enumerate() {
            assert_eq!(good.scale_number(place).is_some(), good.weighed, "{}", good.name);
            assert!(!good.weighed || good.barcodes(place).is_empty(), "{} is sold by its label", good.name);
            assert!(good.cost < good.price, "{} is sold with a gain", good.name);
            let Some(units) = good.case_units else { continue };
            let codes = good.barcodes(place);
            assert_eq!((codes.len(), codes[1].pack_milli), (2, units * 1_000), "{}", good.name);
            assert!((good.cost * units + 1..good.price * units).contains(&good.case_price(units)), "{}", good.name);
        }
    }
}
