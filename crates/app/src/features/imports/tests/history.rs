//! The history of sales: the real file whole, and small ones for what it lacks.

use super::{counter, import, naive, products, refusals, request, stock, tools};
use crate::{
    features::imports::{columns::Kind, run::run_import, store::RunState},
    testkit::{TestShop, on_both},
};
use db::{Row, Statement};
use std::collections::BTreeMap;

db::statements! {
    SALES = "imports_test.sales",
        "SELECT COUNT(*), CAST(SUM(total_minor) AS BIGINT), CAST(SUM(base_minor) AS BIGINT), CAST(SUM(line_count) AS BIGINT),
                MIN(number), MAX(number), CAST(SUM(unknown_cost_lines) AS BIGINT)
         FROM sale
         WHERE shop_id = $1 AND origin = 'import'";
    PAYMENTS = "imports_test.payments",
        "SELECT CAST(SUM(amount_minor) AS BIGINT)
         FROM payment
         WHERE shop_id = $1";
    REFUNDS = "imports_test.refunds",
        "SELECT COUNT(*), CAST(SUM(total_minor) AS BIGINT), CAST(SUM(base_minor) AS BIGINT)
         FROM refund
         WHERE shop_id = $1 AND kind = 'imported'";
    REFUND_LINES = "imports_test.refund_lines",
        "SELECT COUNT(*)
         FROM refund_line
         WHERE shop_id = $1";
    HOURS = "imports_test.hours",
        "SELECT business_date / 100, CAST(SUM(sale_total_minor - refund_total_minor) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1
         GROUP BY business_date / 100
         ORDER BY 1";
    HOUR_SUMS = "imports_test.hour_sums",
        "SELECT CAST(SUM(sale_count) AS BIGINT), CAST(SUM(line_count) AS BIGINT), CAST(SUM(sale_total_minor) AS BIGINT),
                CAST(SUM(refund_count) AS BIGINT), CAST(SUM(refund_total_minor) AS BIGINT),
                CAST(SUM(unknown_cost_lines) AS BIGINT), CAST(SUM(sale_cost_minor) AS BIGINT)
         FROM sales_hour
         WHERE shop_id = $1";
    BY_PRODUCT = "imports_test.by_product",
        "SELECT product.sku_key, CAST(SUM(product_year.quantity_milli) AS BIGINT), CAST(SUM(product_year.total_minor) AS BIGINT)
         FROM product_year
         JOIN product ON product.shop_id = product_year.shop_id AND product.id = product_year.product_id
         WHERE product_year.shop_id = $1
         GROUP BY product.sku_key
         ORDER BY 3 DESC, 1";
    PERIODS = "imports_test.periods",
        "SELECT (SELECT CAST(SUM(total_minor) AS BIGINT) FROM product_day WHERE shop_id = $1),
                (SELECT CAST(SUM(total_minor) AS BIGINT) FROM product_month WHERE shop_id = $1),
                (SELECT CAST(SUM(total_minor) AS BIGINT) FROM product_year WHERE shop_id = $1)";
    FIRST_SALE = "imports_test.first_sale",
        "SELECT sale.note, sale.sold_at, sale.business_date, sale.hour, sale.base_minor, sale.tax_minor, customer.external_code
         FROM sale
         LEFT JOIN customer ON customer.shop_id = sale.shop_id AND customer.id = sale.customer_id
         WHERE sale.shop_id = $1
         ORDER BY sale.number
         LIMIT 1";
}

async fn rows(shop: &TestShop, statement: &'static Statement) -> Vec<Row> {
    let mut read = shop.db.shop(&shop.admin).await.expect("the database answers");
    read.rows(statement, db::params![]).await.expect("rows")
}

async fn numbers<const N: usize>(shop: &TestShop, statement: &'static Statement) -> [i64; N] {
    let mut row = rows(shop, statement).await.pop().expect("one row");
    std::array::from_fn(|_| row.take().expect("a number"))
}

#[tokio::test]
async fn the_real_file_comes_out_as_an_independent_computation_says() {
    let wanted = naive::figures();
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let asked = request(&shop, Kind::Sales, naive::SAMPLE);
        let report = run_import(&shop.db, &asked, &tools(), &|_| {}).await.expect("it goes in whole");
        assert_eq!((report.rows, report.refused), (40_000, 29));
        let codes: BTreeMap<&str, usize> = report.refusals.iter().fold(BTreeMap::new(), |mut codes, refusal| {
            *codes.entry(refusal.code.as_str()).or_default() += 1;
            codes
        });
        assert_eq!(codes, BTreeMap::from([("repeated", 28), ("too_many_decimals", 1)]));
        assert_eq!(report.summary.adjustments, wanted.adjustments);

        let [sales, total, base, lines, first, last, unknown] = numbers(&shop, &SALES).await;
        assert_eq!((sales, total, lines), (wanted.sales.len() as i64, wanted.sold_minor, wanted.sale_lines));
        assert_eq!((first, last, unknown), (1, sales, lines));
        // IVA 19 % is inside: base and tax are parts of what was charged, rounded per sale.
        assert!((base * 119 / 100 - total).abs() <= sales, "{base} of {total}");
        assert_eq!(numbers(&shop, &PAYMENTS).await, [total], "payments sum up to totals");
        let [refunds, refunded, _] = numbers(&shop, &REFUNDS).await;
        assert_eq!((refunds, refunded), (wanted.refunds.len() as i64, wanted.refunded_minor));
        assert_eq!(numbers(&shop, &REFUND_LINES).await, [wanted.refund_lines]);

        let hours = numbers(&shop, &HOUR_SUMS).await;
        assert_eq!(hours, [sales, lines, total, refunds, refunded, lines, 0]);
        let net = total - refunded;
        assert_eq!(numbers(&shop, &PERIODS).await, [net, net, net]);
        let months: BTreeMap<i64, i64> = rows(&shop, &HOURS)
            .await
            .into_iter()
            .map(|mut row| (row.take().expect("a month"), row.take().expect("an amount")))
            .collect();
        assert_eq!(months, wanted.months);
        let by_product: Vec<(String, i64, i64)> = rows(&shop, &BY_PRODUCT)
            .await
            .into_iter()
            .map(|mut row| {
                (row.take().expect("a SKU"), row.take().expect("a quantity"), row.take().expect("an amount"))
            })
            .collect();
        let mut top: Vec<(String, i64, i64)> =
            wanted.products.iter().map(|(sku, (quantity, amount))| (sku.clone(), *quantity, *amount)).collect();
        top.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        assert_eq!(by_product, top);

        assert_eq!(products(&shop).await.len(), wanted.skus.len());
        assert_eq!(counter(&shop, "products").await, wanted.skus.len() as i64);
        assert_eq!(counter(&shop, "customers").await, wanted.customers.len() as i64);
        assert_eq!(counter(&shop, "sales").await, sales);
        assert_eq!(stock(&shop).await, [], "history makes no claim on today's stock");
    })
    .await;
}

const HEADERS: &str = "Factura;Código;Descripción;Cantidad;Fecha;Precio;Código cliente\n";

#[tokio::test]
async fn a_sale_keeps_its_moment_customer_and_tax() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let text = format!("{HEADERS}F1;A;Pan;2;31/01/2025 23:30;119,00;77\nF2;A;Pan;1;01/02/2025;10,00;\n");
        let report = import(&shop, Kind::Sales, &text).await;
        assert_eq!((report.summary.sales, report.summary.customers, report.summary.products), (2, 1, 1));
        let mut row = rows(&shop, &FIRST_SALE).await.pop().expect("a sale");
        let (note, sold_at): (String, i64) = (row.take().expect("text"), row.take().expect("number"));
        // 23:30 in Bogotá is 04:30 UTC of the next day; the shop's date is its own.
        assert_eq!((note.as_str(), sold_at), ("F1", 1_738_384_200_000_000));
        let figures: [i64; 4] = std::array::from_fn(|_| row.take().expect("a number"));
        assert_eq!(figures, [20250131, 23, 20_000, 3_800]);
        assert_eq!(row.take::<Option<String>>().expect("text").as_deref(), Some("77"));
        // The shop writes prices before tax: the last price charged was 10.00 with 19 % inside.
        assert_eq!(products(&shop).await[0].2, 840);
    })
    .await;
}

#[tokio::test]
async fn another_file_with_the_same_invoices_brings_only_the_others() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let first = "F1;A;Pan;2;31/01/2025 10:00;119,00;\nCF1;A;Pan;-1;31/01/2025 11:00;119,00;\n";
        import(&shop, Kind::Sales, &format!("{HEADERS}{first}")).await;
        let second = import(&shop, Kind::Sales, &format!("{HEADERS}{first}F2;A;Pan;1;31/01/2025 12:00;10,00;\n")).await;
        assert_eq!((second.summary.sales, second.summary.refunds, second.refused), (1, 0, 2));
        assert_eq!(refusals(&second), [("", "already_imported"), ("", "already_imported")]);
        let [sales, total, ..]: [i64; 7] = numbers(&shop, &SALES).await;
        assert_eq!((sales, total), (2, 24_800));
    })
    .await;
}

#[tokio::test]
async fn history_moves_stock_only_when_it_is_told_to() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        import(&shop, Kind::Products, "Nombre;Código;Precio;Costo;Stock\nPan;A;100,00;10,00;10\n").await;
        let text = format!(
            "{HEADERS}F1;A;Pan;4;31/01/2025 10:00;119,00;\nCF1;A;Pan;-1;31/01/2025 11:00;119,00;\n\
             F2;A;roto;-2;31/01/2025 12:00;0;\nF3;A;Pan;9;31/01/2025 13:00;119,00;\n"
        );
        let mut asked = request(&shop, Kind::Sales, text.as_bytes());
        asked.affects_stock = true;
        let report = run_import(&shop.db, &asked, &tools(), &|_| {}).await.expect("it goes in");
        assert_eq!((report.refused, report.summary.adjustments), (0, 1));
        // 10 − 4 + 1 − 2 − 9 = −4, each at 10.00; one opening and four movements.
        assert_eq!(stock(&shop).await, [("A".to_owned(), -4_000, -4_000, 5)]);
    })
    .await;
}

#[tokio::test]
async fn goods_that_come_back_to_a_shop_that_had_none_leave_less_than_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let text = format!(
            "{HEADERS}F1;A;Pan;10;31/01/2025 10:00;119,00;\nCF1;A;Pan;-1;31/01/2025 11:00;119,00;\n\
             F2;A;hallado;4;31/01/2025 12:00;0;\n"
        );
        let mut asked = request(&shop, Kind::Sales, text.as_bytes());
        asked.affects_stock = true;
        let report = run_import(&shop.db, &asked, &tools(), &|_| {}).await.expect("it goes in");
        assert_eq!((report.refused, report.state), (0, Some(RunState::Done)));
        assert_eq!(stock(&shop).await.iter().map(|(_, on_hand, _, _)| *on_hand).collect::<Vec<_>>(), [-13_000]);
    })
    .await;
}

#[tokio::test]
async fn a_longer_file_does_not_repeat_the_adjustments_of_a_shorter_one() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        import(&shop, Kind::Products, "Nombre;Código;Precio;Costo;Stock\nPan;A;100,00;10,00;10\n").await;
        let january = "F2;A;roto;-2;31/01/2025 12:00;0;\n";
        let february = "F9;A;roto;-3;28/02/2025 12:00;0;\n";
        for text in [january.to_owned(), format!("{january}{february}")] {
            let text = format!("{HEADERS}{text}");
            let mut asked = request(&shop, Kind::Sales, text.as_bytes());
            asked.affects_stock = true;
            run_import(&shop.db, &asked, &tools(), &|_| {}).await.expect("it goes in");
        }
        assert_eq!(stock(&shop).await[0].1, 5_000, "ten less two of January, once, less three of February");
    })
    .await;
}

#[tokio::test]
async fn a_moment_that_has_not_come_is_refused() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let text = format!("{HEADERS}F1;A;Pan;2;31/01/2031 10:00;119,00;\nF2;A;Pan;2;31/01/2025 10:00;119,00;\n");
        let report = import(&shop, Kind::Sales, &text).await;
        assert_eq!(refusals(&report), [("E2", "future")]);
    })
    .await;
}
