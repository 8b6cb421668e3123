//! Products and customers.

use super::{counter, import, products, refusals, request, stock, tools};
use crate::{
    features::imports::{
        apply,
        apply_job::enqueue_unfinished,
        check::ImportError,
        columns::{Field, Kind},
        run::{self, run_import, stage, try_import},
        store::RunState,
    },
    testkit::{Browser, TestShop, browser, on_both, shop::NOON_US},
    tests::jobs::runner,
};
use std::sync::atomic::{AtomicI64, Ordering};

const FILE: &str = "Nombre;Código;Código de barras;Precio;Costo;Stock;Categoría\n\
                    Arroz;A1;7702004003508;2.000,00;1.500,00;10;Granos\n\
                    Lenteja;A2;;3.000,50;2.000,00;2,5;granos\n\
                    Sal;A3;7,70E+12;900;;;\n\
                    Pan;A4;;caro;;;\n\
                    Arroz;A1;7702004003508;2.000,00;1.500,00;10;Granos\n";

#[tokio::test]
async fn new_products_come_in_with_their_opening_stock_and_bad_rows_are_refused_by_cell() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let report = import(&shop, Kind::Products, FILE).await;
        assert_eq!((report.rows, report.new, report.changed, report.same, report.refused), (5, 2, 0, 0, 3));
        assert_eq!(refusals(&report), [("C4", "barcode_ruined"), ("D5", "not_a_number"), ("", "repeated")]);
        let wanted = [
            ("Arroz".to_owned(), "A1".to_owned(), 200_000, "block".to_owned(), 1),
            ("Lenteja".to_owned(), "A2".to_owned(), 300_050, "block".to_owned(), 1),
        ];
        assert_eq!(products(&shop).await, wanted);
        assert_eq!(stock(&shop).await, [("A1".to_owned(), 10_000, 1_500_000, 1), ("A2".to_owned(), 2_500, 500_000, 1)]);
        assert_eq!(counter(&shop, "products").await, 2);
    })
    .await;
}

#[tokio::test]
async fn the_same_file_twice_is_one_import_and_another_file_changes_only_what_differs() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let first = import(&shop, Kind::Products, FILE).await;
        let second = import(&shop, Kind::Products, FILE).await;
        assert_eq!((second.repeated, second.run, second.new), (true, first.run, 2));
        let changed = "Nombre;Código;Precio;Stock\nArroz;a1;2.100,00;99\nLenteja;A2;3.000,50;99\n";
        let third = import(&shop, Kind::Products, changed).await;
        assert_eq!((third.repeated, third.new, third.changed, third.same), (false, 0, 1, 1));
        let prices: Vec<(i64, i64)> = products(&shop).await.iter().map(|product| (product.2, product.4)).collect();
        assert_eq!(prices, [(210_000, 2), (300_050, 1)]);
        assert_eq!(stock(&shop).await[0].1, 10_000, "stock of a known product is counted, not imported");
        assert_eq!(counter(&shop, "products").await, 2);
    })
    .await;
}

#[tokio::test]
async fn trying_a_file_writes_nothing() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let asked = request(&shop, Kind::Products, FILE.as_bytes());
        let report = try_import(&shop.db, &asked, &tools()).await.expect("the file can be read");
        assert_eq!((report.run, report.new, report.refused), (None, 2, 3));
        assert_eq!(products(&shop).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_refused_as_a_whole() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let try_text = async |text: &str| {
            let asked = request(&shop, Kind::Products, text.as_bytes());
            try_import(&shop.db, &asked, &tools()).await.expect_err("it is refused")
        };
        let ImportError::MissingColumns { missing, headers } = try_text("Nombre;Marca\nArroz;Diana\n").await else {
            panic!("the price is missing");
        };
        assert_eq!((missing, headers), (vec![Field::Price], vec!["Nombre".to_owned(), "Marca".to_owned()]));
        let ImportError::OpenQuestions(questions) = try_text("Nombre;Precio\nArroz;2.000\n").await else {
            panic!("2.000 can be read in two ways");
        };
        assert_eq!((questions[0].field, questions[0].row), (Field::Price, 2));
        assert!(matches!(try_text("").await, ImportError::File(_)));
    })
    .await;
}

#[tokio::test]
async fn a_run_cut_short_is_rolled_forward_and_nothing_is_done_twice() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let mut text = String::from("Nombre;Código;Precio;Stock\n");
        for number in 0..200 {
            text += &format!("Producto {number};P{number};100,00;1\n");
        }
        let asked = request(&shop, Kind::Products, text.as_bytes());
        let crashing = tokio::spawn({
            let (db, asked, tools) = (shop.db.clone(), asked.clone(), tools());
            async move {
                run_import(&db, &asked, &tools, &|progress| {
                    assert!(progress.stage != apply::Stage::Applying || progress.done < 40, "the power fails");
                })
                .await
            }
        });
        assert!(crashing.await.expect_err("it crashed").is_panic());
        let before = products(&shop).await.len();
        assert!((16..200).contains(&before), "some chunks were on disk: {before}");
        let (app, _) = browser::app(&shop.db);
        assert_eq!(enqueue_unfinished(&app).await.expect("the database answers"), 1);
        let done = runner(&shop.db, None, NOON_US).run_due_once().await.expect("the database answers").done;
        assert_eq!(done, 1, "the program's next start goes on with it");
        assert_eq!(enqueue_unfinished(&app).await.expect("the database answers"), 0);
        assert_eq!((products(&shop).await.len(), counter(&shop, "products").await), (200, 200));
        assert!(stock(&shop).await.iter().all(|(_, on_hand, _, number)| (*on_hand, *number) == (1_000, 1)));
        let again = run_import(&shop.db, &asked, &tools(), &|_| {}).await.expect("it is known");
        assert!(again.repeated);
        assert_eq!(again.state, Some(RunState::Done));
    })
    .await;
}

#[tokio::test]
async fn a_product_that_was_deleted_comes_in_as_a_new_one() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let pan = shop.product(shop.fields("Pan", 100), 0, 0).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let deleted = admin.post(&format!("/productos/{pan}/borrar/"), &[]).await;
        assert_eq!(deleted.status, http::StatusCode::SEE_OTHER, "{}", deleted.text);
        let report =
            import(&shop, Kind::Products, "Nombre;Código;Código de barras;Precio\nPan;A;7702004003508;100,00\n").await;
        assert_eq!((report.new, report.changed, report.refused), (1, 0, 0));
        let list = admin.get("/productos/?q=7702004003508").await;
        assert!(list.text.contains("Pan"), "it is in the list and found by its code");
    })
    .await;
}

#[tokio::test]
async fn what_the_shop_changed_meanwhile_is_refused_and_the_rest_goes_in() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        import(&shop, Kind::Products, "Nombre;Código;Precio\nArroz;A1;100,00\n").await;
        let text = "Nombre;Código;Precio\nPan;B1;1,00\nSal;B2;2,00\nArroz;A1;150,00\n";
        let staged = stage(&shop.db, &request(&shop, Kind::Products, text.as_bytes()), &tools(), &|_| {}).await;
        let staged = staged.expect("it waits");
        let meanwhile =
            crate::features::catalog::write::ProductFields { sku: Some("b2".into()), ..shop.fields("Sal marina", 300) };
        shop.product(meanwhile, 0, 0).await;
        import(&shop, Kind::Products, "Nombre;Código;Precio\nArroz;A1;120,00\n").await;
        let done = AtomicI64::new(0);
        let count = |progress: apply::Progress| done.store(progress.done, Ordering::Relaxed);
        apply::apply(&shop.db, shop.admin, staged, &tools(), &count).await.expect("it ends");
        let report = run::report(&shop.db, shop.admin, staged, false).await.expect("a report");
        let late: Vec<(u32, &str)> =
            report.refusals.iter().map(|refusal| (refusal.row, refusal.code.as_str())).collect();
        assert_eq!(late, [(3, "changed_meanwhile"), (4, "changed_meanwhile")]);
        let found: Vec<(String, i64)> =
            products(&shop).await.into_iter().map(|product| (product.1, product.2)).collect();
        assert_eq!(found, [("A1".to_owned(), 12_000), ("B1".to_owned(), 100), ("b2".to_owned(), 300)]);
    })
    .await;
}

#[tokio::test]
async fn customers_are_created_and_changed() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let first = import(&shop, Kind::Customers, "Nombre;NIT;Celular\nAna Ríos;900-1;3001\nLuis;;3002\n").await;
        assert_eq!((first.new, counter(&shop, "customers").await), (2, 2));
        let second =
            import(&shop, Kind::Customers, "Nombre;NIT;Celular\nAna Ríos;9001;3009\nluis;;3002\nEva;;\n").await;
        assert_eq!((second.new, second.changed, second.same, second.refused), (1, 2, 0, 0));
        assert_eq!(counter(&shop, "customers").await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_run_of_another_shop_is_not_there() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let other = TestShop::create(db, 2).await;
        let staged = stage(&shop.db, &request(&shop, Kind::Products, FILE.as_bytes()), &tools(), &|_| {})
            .await
            .expect("it waits");
        assert!(matches!(run::report(&shop.db, other.admin, staged, false).await, Err(ImportError::NoRun)));
        let applied = apply::apply(&shop.db, other.admin, staged, &tools(), &|_| {}).await;
        assert!(matches!(applied, Err(ImportError::NoRun)));
        run::drop_run(&shop.db, shop.admin, staged, 1).await.expect("it waited");
        assert!(matches!(run::drop_run(&shop.db, shop.admin, staged, 1).await, Err(ImportError::NoRun)));
    })
    .await;
}
