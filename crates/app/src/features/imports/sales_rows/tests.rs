//! The rules of "Real input", row by row, and the real file by other code.

use super::*;
use crate::features::imports::{
    columns::{self, Kind},
    number::NumberRefused,
    read::{self, Limits},
    reading,
};

const HEADERS: [&str; 8] =
    ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

fn read_rows(rows: &[&str]) -> SalesFile {
    let text = HEADERS.join(";") + "\n" + &rows.join("\n");
    let table = read::read_table(text.as_bytes(), &Limits::default()).expect("a table");
    let mapping = columns::guess(Kind::Sales, &table.rows);
    let (choices, questions) = reading::decide_columns(&table, &mapping, &NUMBERS, &Choices::default());
    assert_eq!(questions, []);
    read_sales(&table, &mapping, &choices, 2)
}

/// Where a row ended.
fn outcome(file: &SalesFile, row: u32) -> String {
    let refused: Vec<&str> =
        file.refusals.iter().filter(|refusal| refusal.row == row).map(|refusal| refusal.reason.code()).collect();
    let documents = file.documents.iter().flat_map(|document| {
        document
            .lines
            .iter()
            .filter(|line| line.row == row)
            .map(|line| format!("{:?} {}", document.kind, line.quantity_milli))
    });
    let adjustments = file
        .adjustments
        .iter()
        .filter(|found| found.row == row)
        .map(|found| format!("Adjustment {}", found.quantity_milli));
    let all: Vec<String> = documents.chain(adjustments).chain(refused.into_iter().map(str::to_owned)).collect();
    all.join(", ")
}

#[test]
fn every_row_ends_where_the_rules_send_it() {
    let cases = [
        ("1;A;Pan;2;2025-01-31 10:00;1.50;;", "Sale 2000"),
        ("1;A;Regalo;2;2025-01-31 10:00;0;;", "Sale 2000"),
        ("1;A;Queso;0.250;2025-01-31 10:00;8.00;;", "Sale 250"),
        ("C1;A;Pan;-2;2025-01-31 10:00;1.50;;", "Refund 2000"),
        ("c1;A;Pan;-2;2025-01-31 10:00;0;;", "Refund 2000"),
        ("C1;A;Pan;2;2025-01-31 10:00;1.50;;", "refund_of_nothing"),
        ("C1;A;Pan;0;2025-01-31 10:00;1.50;;", "refund_of_nothing"),
        ("1;A;roto;-2;2025-01-31 10:00;0;;", "Adjustment -2000"),
        ("1;A;;0;2025-01-31 10:00;0;;", "Adjustment 0"),
        ("1;A;Pan;-2;2025-01-31 10:00;1.50;;", "charged_without_quantity"),
        ("1;A;Pan;0;2025-01-31 10:00;1.50;;", "charged_without_quantity"),
        ("1;A;Pan;1;2025-01-31 10:00;-1.50;;", "negative"),
        ("1;A;Pan;1;2025-01-31 10:00;1.505;;", "too_many_decimals"),
        ("1;A;Pan;1000001;2025-01-31 10:00;1.50;;", "too_large"),
        ("1;A;Pan;1000000;2025-01-31 10:00;10000000000.00;;", "document_too_large"),
        (";;;;;;;x", "required, required, required, required, required"),
        ("1;A;Pan;dos;31/31/2025;uno;;", "not_a_date, not_a_number, not_a_number"),
        ("1;A;=1+1;1;2025-01-31 10:00;1.50;;", "formula_not_computed"),
    ];
    for (row, wanted) in cases {
        assert_eq!(outcome(&read_rows(&[row, "9;Z;z;1;2025-01-31;1.5;;"]), 2), wanted, "{row}");
    }
}

#[test]
fn a_line_equal_in_every_column_is_refused_and_names_the_first() {
    let line = "1;A;Pan;2;2025-01-31 10:00;1.50;7;CO";
    let file = read_rows(&[line, line, "1;A;Pan;2;2025-01-31 10:00;1.50;7;PE", line]);
    let repeated: Vec<(u32, Reason)> = file.refusals.iter().map(|refusal| (refusal.row, refusal.reason)).collect();
    let reason = Reason::Repeated { first_row: 2 };
    assert_eq!(repeated, [(3, reason), (5, reason)]);
    assert_eq!(file.documents[0].lines.len(), 2);
}

#[test]
fn an_invoice_is_one_document_with_its_earliest_moment_and_one_customer() {
    let file = read_rows(&[
        "1;A;Pan;2;2025-01-31 10:01;1.50;;",
        "2;A;Pan;1;2025-01-31 10:00;1.50;;",
        "1;B;Sal;1;2025-01-31 10:00;2.00;7;",
        "1;B;Sal;3;2025-01-31 10:00;2.00;8;",
    ]);
    let first = &file.documents[0];
    assert_eq!((first.invoice.as_str(), first.customer.as_deref(), first.lines.len()), ("1", Some("7"), 2));
    assert_eq!(first.moment.to_string(), "2025-01-31T10:00:00");
    assert_eq!(file.documents[1].customer, None);
    let refusal = &file.refusals[0];
    assert_eq!((refusal.row, refusal.column, refusal.reason), (5, Some(6), Reason::OtherCustomer { first_row: 4 }));
}

#[test]
fn a_code_is_one_product_whatever_its_case_with_its_best_name_and_last_price() {
    let file = read_rows(&[
        "1;85a;;-1;2025-01-31 10:00;0;;",
        "2;85A;perdido;-1;2025-01-31 10:00;0;;",
        "3;85A;Taza;1.5;2025-03-01 10:00;3.00;;",
        "4;85a;Taza azul;1;2025-02-01 10:00;2.00;;",
        "5;X;;1;2025-02-01 10:00;0;;",
    ]);
    let product = |sku: &str, name: &str, price_minor, fractions| HistoryProduct {
        sku: sku.into(),
        name: name.into(),
        price_minor,
        fractions,
    };
    assert_eq!(file.products, [product("85a", "Taza", 300, true), product("X", "X", 0, false)]);
}

#[test]
fn the_cell_of_a_refusal_is_named() {
    let file = read_rows(&["1;A;Pan;1;2025-01-31 10:00;caro;;"]);
    let refusal = &file.refusals[0];
    assert_eq!((refusal.row, refusal.column), (2, Some(5)));
    assert_eq!(refusal.reason, Reason::Number(NumberRefused::NotANumber));
}

#[test]
fn the_real_file_goes_in_whole_by_the_rules() {
    let bytes = include_bytes!("../../../../../../fixtures/third_party/online-retail-sample.xlsx");
    let table = read::read_table(bytes, &Limits::default()).expect("a spreadsheet");
    let mapping = columns::guess(Kind::Sales, &table.rows);
    let (choices, questions) = reading::decide_columns(&table, &mapping, &NUMBERS, &Choices::default());
    assert_eq!((mapping.missing(Kind::Sales), questions), (vec![], vec![]));
    let file = read_sales(&table, &mapping, &choices, 2);

    let count = |code: &str| file.refusals.iter().filter(|refusal| refusal.reason.code() == code).count();
    assert_eq!((file.rows, file.refusals.len()), (40_000, 29));
    assert_eq!((count("repeated"), count("too_many_decimals")), (28, 1));
    let lines = |kind: DocumentKind| -> usize {
        file.documents.iter().filter(|document| document.kind == kind).map(|document| document.lines.len()).sum()
    };
    let placed = lines(DocumentKind::Sale) + lines(DocumentKind::Refund) + file.adjustments.len();
    assert_eq!(placed + file.refusals.len(), 40_000);
    // 3,227 spellings are 3,186 codes; PADS stands only on the line that is refused for its price of 0.001.
    assert_eq!(file.products.len(), 3_185);
    assert!(file.products.iter().all(|product| product.sku != "PADS"));

    // The same figures by naive code that shares nothing with the reader but the cells.
    let naive = naive(&table);
    let total = |kind: DocumentKind| -> i128 {
        let of_kind = file.documents.iter().filter(|document| document.kind == kind);
        of_kind
            .flat_map(|document| &document.lines)
            .map(|line| i128::from(line.quantity_milli) * i128::from(line.price_minor))
            .sum()
    };
    assert_eq!(lines(DocumentKind::Sale), naive.sale_lines);
    assert_eq!(lines(DocumentKind::Refund), naive.refund_lines);
    assert_eq!(file.adjustments.len(), naive.adjustments);
    assert_eq!(total(DocumentKind::Sale), naive.sold_minor * 1_000);
    assert_eq!(total(DocumentKind::Refund), naive.refunded_minor * 1_000);
}

#[derive(Default)]
struct Naive {
    sale_lines: usize,
    refund_lines: usize,
    adjustments: usize,
    sold_minor: i128,
    refunded_minor: i128,
}

#[expect(clippy::float_arithmetic, reason = "an independent computation, by the means of a spreadsheet")]
fn naive(table: &Table) -> Naive {
    let mut seen = std::collections::HashSet::new();
    let mut sums = Naive::default();
    for row in &table.rows[1..] {
        let cells: Vec<String> = (0..8).map(|column| row.cell(column).as_text()).collect();
        let price: f64 = cells[5].parse().expect("a price");
        let minor = (price * 100.0).round();
        if !seen.insert(format!("{:?}", row.cells)) || (minor / 100.0 - price).abs() > 0.000_001 {
            continue;
        }
        let quantity: i128 = cells[3].parse().expect("a whole quantity");
        let amount = quantity * i128::from(minor as i64);
        if cells[0].starts_with('C') {
            sums.refund_lines += 1;
            sums.refunded_minor -= amount;
        } else if quantity > 0 {
            sums.sale_lines += 1;
            sums.sold_minor += amount;
        } else {
            sums.adjustments += 1;
        }
    }
    sums
}
