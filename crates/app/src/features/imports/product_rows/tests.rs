//! Rows against a small catalogue.

use super::*;
use crate::features::imports::{
    columns::{self, Kind},
    read::{self, Limits},
    reading,
};

const IVA_19: Uuid = Uuid::from_u128(19);
const EXEMPT: Uuid = Uuid::from_u128(20);

fn catalogue() -> Catalogue {
    let tax = |id, name: &str, rate_ppm| KnownTaxSet { id, name: name.into(), rate_ppm };
    let mut catalogue = Catalogue {
        tax_sets: vec![tax(IVA_19, "IVA 19 %", Some(190_000)), tax(EXEMPT, "Exento", Some(0))],
        tax_set: IVA_19,
        decimals: 2,
        ..Catalogue::default()
    };
    let first = read(&catalogue, "Arroz;A1;7702004003508;2000;1500;Granos;;10;;\nSal;A2;;900;;;;;;");
    let known = first.items.into_iter().map(|row| ProductItem {
        before: Some((1, row.item.price_minor)),
        category: row.item.named_category.as_ref().map(|category| category.new_id),
        named_category: None,
        ..row.item
    });
    catalogue.products = known.collect();
    let grains = catalogue.products[0].category.expect("rice has a category");
    catalogue.categories.insert(grains, "Granos".into());
    catalogue
}

fn read(catalogue: &Catalogue, rows: &str) -> ProductsFile {
    let headers = "Nombre;Código;Código de barras;Precio;Costo;Categoría;IVA;Stock;Mínimo;Unidad";
    let table = read::read_table(format!("{headers}\n{rows}").as_bytes(), &Limits::default()).expect("a table");
    let mapping = columns::guess(Kind::Products, &table.rows);
    let (choices, questions) = reading::decide_columns(&table, &mapping, &NUMBERS, &Choices::default());
    assert_eq!(questions, []);
    let mut next = 1_000;
    let mut new_id = || {
        next += 1;
        Uuid::from_u128(next)
    };
    read_products(&table, &mapping, &choices, catalogue, &mut new_id)
}

#[test]
fn a_row_is_new_changed_the_same_or_refused() {
    let catalogue = catalogue();
    let cases = [
        ("Pan;P1;;500;;;;;;", "new"),
        ("Arroz;A1;;2000;1500;granos;;;;", "same"),
        ("Arroz;;7702004003508;;;;;;;", "same"),
        ("arroz;a1;;;;;;;;", "change nombre"),
        ("Arroz;A1;;2100;1600;;;;;", "change precio precio_compra"),
        ("Arroz;A1;7702004003515;;;;;;;", "change codigo_de_barras"),
        ("Arroz;A1;;;;Despensa;0;;5;kg", "change categoria impuesto minimo unidad"),
        ("Sal;;;900;;;;;;", "same"),
        ("Arroz;Z9;;2000;;;;;;", "new"),
        ("Sal;A2;7702004003508;;;;;;;", "barcode_taken"),
        ("Pan;P1;;;;;;;;", "required"),
        (";P1;;500;;;;;;", "required"),
        ("Pan;P1;7,70E+12;500;;;;;;", "barcode_ruined"),
        ("Pan;P1;;-500;;;;;;", "negative"),
        ("Pan;P1;;500;;;16;;;", "unknown_tax"),
        ("Pan;P1;;500;;;;;;caja", "unknown_unit"),
        ("Pan;P1;;quinientos;;;;mucho;;", "not_a_number not_a_number"),
    ];
    for (row, wanted) in cases {
        let file = read(&catalogue, row);
        let found = match file.items.first() {
            Some(ProductRow { item, .. }) if item.before.is_none() => "new".to_owned(),
            Some(ProductRow { item, .. }) => {
                let fields: Vec<&str> = item.changes.iter().map(|change| change.field.as_str()).collect();
                format!("change {}", fields.join(" "))
            }
            None if file.same == 1 => "same".to_owned(),
            None => file.refusals.iter().map(|refusal| refusal.reason.code()).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(found, wanted, "{row}");
    }
}

#[test]
fn a_code_or_sku_that_an_earlier_row_has_is_refused_and_names_it() {
    let file = read(
        &Catalogue { tax_set: IVA_19, decimals: 2, ..Catalogue::default() },
        "Pan;P1;;500;;;;;;\nPan dulce;p1;;600;;;;;;\nPan;P1;;500;;;;;;\nSal;;1234;1;;;;;;\nSal fina;;1234;2;;;;;;",
    );
    let refused: Vec<(u32, Option<Field>, Reason)> =
        file.refusals.iter().map(|refusal| (refusal.row, refusal.field, refusal.reason)).collect();
    assert_eq!(
        refused,
        [
            (3, Some(Field::Sku), Reason::SameAs { first_row: 2 }),
            (4, None, Reason::Repeated { first_row: 2 }),
            (6, Some(Field::Barcode), Reason::SameAs { first_row: 5 }),
        ]
    );
    assert_eq!(file.items.len(), 2);
}

#[test]
fn a_new_product_takes_all_that_its_row_says() {
    let file = read(&catalogue(), "Queso;Q1;7702004003515 | 111;30.000,50;20.000,00;Lácteos;19 %;2,5;1;kilo");
    let item = &file.items[0].item;
    assert_eq!(
        (item.price_minor, item.purchase_price_minor, item.stock_milli),
        (3_000_050, Some(2_000_000), Some(2_500))
    );
    assert_eq!((item.unit.as_str(), item.fractions, item.tax_set, item.minimum_milli), ("kg", true, IVA_19, 1_000));
    assert_eq!(item.named_category.as_ref().map(|category| category.name.as_str()), Some("Lácteos"));
    let codes: Vec<&str> = item.barcodes.iter().map(|(code, _, _)| code.as_str()).collect();
    assert_eq!(codes, ["7702004003515", "111"]);
    assert!(!item.sells_below_zero, "a file with stock says what there is");
}
