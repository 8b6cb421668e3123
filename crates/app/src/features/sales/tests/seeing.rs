//! The list, a sale's page, its paper and the file: who sees what.

use super::{rice, sell_as};
use crate::{
    features::{
        customers::write::{self as customers, CustomerFields},
        sales::{complete_sale::CompleteSale, wire::CustomerContent},
    },
    testkit::{Browser, TestShop, on_both, shop::NOON_US},
};
use db::ShopTx;
use domain::ids::{CustomerId, ProductId, SaleId};
use http::StatusCode;
use std::collections::BTreeSet;

/// Series and numbers that a page lists, in its order.
fn numbers(text: &str) -> Vec<String> {
    let rows = text.split("<tr><th scope=\"row\"><span class=\"name\"><a href=\"/ventas/").skip(1);
    rows.filter_map(|row| row.split('>').nth(1)?.split('<').next().map(str::to_owned)).collect()
}

/// Where a page's link with this relation leads.
fn link(text: &str, rel: &str) -> Option<String> {
    let before = text.split(&format!("\" rel=\"{rel}\"")).next().filter(|before| before.len() < text.len())?;
    before.rsplit("href=\"").next().map(|href| href.replace("&amp;", "&").replace("&#38;", "&"))
}

async fn sell_at(shop: &TestShop, product: ProductId, quantity: &str, due: &str, minutes: i64) -> SaleId {
    let id = SaleId(shop.ids.next());
    let sold_at = NOON_US + minutes * 60_000_000;
    let content = shop.cart(&[(product, quantity)], due);
    let command = CompleteSale { sold_at, now_us: sold_at, ..shop.command(id, &content) };
    shop.sell(command).await.expect("it is sold");
    id
}

#[tokio::test]
async fn pages_go_forward_and_back_over_the_same_rows_newest_first() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        // Every third has the time of the one before, so that only the id tells them apart.
        for n in 0..27 {
            sell_at(&shop, rice, "1", "2380.00", n - i64::from(n % 3 == 2)).await;
        }
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        for filter in ["", "desde=2026-11-01&hasta=2026-11-30&", "forma_pago=", "estado=completas&"] {
            let filter = if filter == "forma_pago=" { format!("forma_pago={}&", shop.cash) } else { filter.to_owned() };
            let mut pages = Vec::new();
            let mut path = format!("/ventas/?{filter}por_pagina=10");
            loop {
                let page = admin.get(&path).await;
                assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
                assert!(page.text.contains("de 27"), "{path}");
                pages.push(numbers(&page.text));
                let Some(next) = link(&page.text, "next") else { break };
                path = format!("/ventas/{next}");
            }
            assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 7], "{filter}");
            let all: Vec<&String> = pages.iter().flatten().collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 27, "{filter}: {all:?}");
            assert_eq!((all[0].as_str(), all[26].as_str()), ("OF-27", "OF-1"), "{filter}");
            let back = admin
                .get(&format!(
                    "/ventas/{}",
                    link(&admin.get(&path).await.text, "prev").expect("there is a page before")
                ))
                .await;
            assert_eq!(numbers(&back.text), pages[1], "{filter}");
            assert_eq!(numbers(&admin.get(&format!("/ventas/?{filter}por_pagina=10&page=3")).await.text), pages[2]);
        }
    })
    .await;
}

#[tokio::test]
async fn filters_show_what_they_say() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let seller = shop.seller().await;
        let yesterday = -24 * 60;
        sell_at(&shop, rice, "1", "2380.00", yesterday).await;
        let (refunded, _) = sell_as(&shop, seller, &shop.cart(&[(rice, "2")], "4760.00")).await;
        let mut by_transfer = shop.cart(&[(rice, "1")], "2380.00");
        by_transfer.payments[0].method_id = shop.transfer;
        by_transfer.payments[0].bank = Some("Bancolombia".into());
        let (voided, _) = sell_as(&shop, shop.admin, &by_transfer).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let (ids, session) = ([shop.ids.next().to_string(), shop.ids.next().to_string()], shop.session.to_string());
        let back = [
            ("id", ids[0].as_str()),
            ("cantidad_0", "1"),
            ("reponer_0", "1"),
            ("motivo", "dañado"),
            ("caja", &session),
        ];
        assert_eq!(admin.post(&format!("/ventas/{refunded}/devolver/"), &back).await.status, StatusCode::SEE_OTHER);
        let void = [("id", ids[1].as_str()), ("motivo", "doble")];
        assert_eq!(admin.post(&format!("/ventas/{voided}/anular/"), &void).await.status, StatusCode::SEE_OTHER);
        let cases = [
            (String::new(), vec!["OF-3", "OF-2", "OF-1"]),
            ("desde=2026-11-24".into(), vec!["OF-3", "OF-2"]),
            ("hasta=2026-11-23".into(), vec!["OF-1"]),
            ("desde=2026-11-23&hasta=2026-11-23".into(), vec!["OF-1"]),
            (format!("vendedor={}", seller.user), vec!["OF-2"]),
            (format!("vendedor={}&hasta=2026-11-23", seller.user), vec![]),
            (format!("forma_pago={}", shop.transfer), vec!["OF-3"]),
            (format!("forma_pago={}", shop.cash), vec!["OF-2", "OF-1"]),
            ("estado=completas".into(), vec!["OF-1"]),
            ("estado=devueltas".into(), vec!["OF-2"]),
            ("estado=anuladas".into(), vec!["OF-3"]),
            ("estado=anuladas&hasta=2026-11-23".into(), vec![]),
            ("q=2".into(), vec!["OF-2"]),
            ("q=of-2".into(), vec!["OF-2"]),
            ("q=C1-2".into(), vec![]),
            ("q=leche".into(), vec![]),
            ("q=%00-1".into(), vec![]),
        ];
        for (query, shown) in cases {
            let page = admin.get(&format!("/ventas/?{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            assert_eq!(numbers(&page.text), shown, "{query}");
        }
        let list = admin.get("/ventas/").await.text;
        assert!(list.contains("Anulada") && list.contains("Devuelta en parte"));
        for wrong in ["desde=ayer", "vendedor=1", "estado=raro", "page=201", "q=%FF"] {
            let status = admin.get(&format!("/ventas/?{wrong}")).await.status;
            assert!(status.is_client_error(), "{wrong}: {status}");
        }
        assert_eq!(admin.get("/ventas/?cursor=AAAA").await.status, StatusCode::OK);
        assert_eq!(admin.get(&format!("/ventas/?cliente={}", shop.ids.next())).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_sale_is_found_by_its_customers_name_telephone_and_nothing_of_others() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let seller = shop.seller().await;
        let names = ["Gloria Estupiñán", "Gloria Ruiz", "Taller Los Paisas"];
        let known: Vec<(CustomerId, CustomerFields)> = names
            .iter()
            .map(|name| {
                let fields =
                    CustomerFields { name: (*name).into(), phone: "310 555 0142".into(), ..CustomerFields::default() };
                (CustomerId(shop.ids.next()), fields)
            })
            .collect();
        let ids: Vec<CustomerId> = known.iter().map(|(id, _)| *id).collect();
        let written = shop.db.shop_write(&shop.admin, "customers", async move |tx: &mut ShopTx| {
            customers::insert_customers(tx, &known, NOON_US).await
        });
        written.await.expect("they are new");
        for (actor, customer) in [(shop.admin, Some(0)), (seller, Some(1)), (shop.admin, Some(2)), (seller, None)] {
            let mut cart = shop.cart(&[(rice, "1")], "2380.00");
            cart.customer = customer.map(|at: usize| CustomerContent { id: Some(ids[at]), name: None });
            sell_as(&shop, actor, &cart).await;
        }
        let (admin, seller) = (Browser::sign_in(&shop.db, shop.admin).await, Browser::sign_in(&shop.db, seller).await);
        let cases = [
            (&admin, "q=gloria", vec!["OF-2", "OF-1"]),
            (&admin, "q=estupinan", vec!["OF-1"]),
            (&admin, "q=GLORIA+0142", vec!["OF-2", "OF-1"]),
            (&admin, "q=gloria&hasta=2026-11-23", vec![]),
            (&admin, "q=gloria&estado=completas", vec!["OF-2", "OF-1"]),
            (&admin, "q=gloria&estado=anuladas", vec![]),
            (&admin, "q=paisas%25", vec!["OF-3"]),
            (&admin, "q=nadie", vec![]),
            (&seller, "q=gloria", vec!["OF-2"]),
        ];
        for (who, query, shown) in cases {
            assert_eq!(numbers(&who.get(&format!("/ventas/?{query}")).await.text), shown, "{query}");
        }
        let paged = admin.get("/ventas/?q=gloria&por_pagina=10&page=2").await;
        assert_eq!((paged.status, numbers(&paged.text).len()), (StatusCode::OK, 0));
        assert!(admin.get("/ventas/exportar/?q=gloria").await.text.contains("OF-2"));
    })
    .await;
}

#[tokio::test]
async fn a_seller_sees_their_own_sales_and_no_cost_in_any_byte() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let seller = shop.seller().await;
        let (own, _) = sell_as(&shop, seller, &shop.cart(&[(rice, "1")], "2380.00")).await;
        let (other, _) = sell_as(&shop, shop.admin, &shop.cart(&[(rice, "1")], "2380.00")).await;
        let browser = Browser::sign_in(&shop.db, seller).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        assert!(admin.get(&format!("/ventas/{own}/")).await.text.contains("1.373,11"), "an admin sees the cost");
        let own_pages = [
            "/ventas/".to_owned(),
            format!("/ventas/?vendedor={}", shop.admin.user),
            "/ventas/?q=2".to_owned(),
            "/ventas/?desde=2026-01-01".to_owned(),
            "/ventas/exportar/".to_owned(),
            format!("/ventas/{own}/"),
            format!("/ventas/{own}/recibo/"),
        ];
        for path in own_pages {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            for hidden in ["1.373", "1373", "137311", "626,89", "626.89", "Ganancia", "OF-2", &other.to_string()] {
                assert!(!page.text.contains(hidden), "{path} shows {hidden}");
            }
        }
        for path in ["", "recibo/"] {
            assert_eq!(browser.get(&format!("/ventas/{other}/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for act in ["devolver", "anular"] {
            let path = format!("/ventas/{own}/{act}/");
            for answer in [browser.get(&path).await, browser.post(&path, &[("motivo", "x")]).await] {
                assert_eq!(
                    (answer.status, answer.location.as_deref()),
                    (StatusCode::SEE_OTHER, Some("/ventas/")),
                    "{act}"
                );
            }
        }
        assert!(admin.get(&format!("/ventas/{own}/")).await.text.contains("Devolver"), "nothing was taken back");
    })
    .await;
}

#[tokio::test]
async fn another_shops_sale_does_not_exist() {
    on_both(async |db| {
        let (here, there) = (TestShop::create(db.clone(), 1).await, TestShop::create(db, 2).await);
        let rice = rice(&there).await;
        let (sale, _) = sell_as(&there, there.admin, &there.cart(&[(rice, "1")], "2380.00")).await;
        let admin = Browser::sign_in(&here.db, here.admin).await;
        for path in ["", "recibo/", "devolver/", "anular/"] {
            assert_eq!(admin.get(&format!("/ventas/{sale}/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let id = here.ids.next().to_string();
        for act in ["devolver/", "anular/"] {
            let fields = [("id", id.as_str()), ("motivo", "x"), ("cantidad_0", "1")];
            let answer = admin.post(&format!("/ventas/{sale}/{act}"), &fields).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}");
        }
        for wrong in ["7", "%00", "nada", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(admin.get(&format!("/ventas/{wrong}/")).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
        assert!(!admin.get("/ventas/exportar/").await.text.contains("OF-1"));
    })
    .await;
}

#[tokio::test]
async fn a_receipt_that_is_asked_for_is_a_copy_with_all_that_was_paid() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let mut content = shop.cart(&[(rice, "2")], "4760.00");
        content.payments[0].tendered = Some("5000.00".into());
        let (sale, _) = sell_as(&shop, shop.admin, &content).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let paper = admin.get(&format!("/ventas/{sale}/recibo/")).await;
        assert_eq!(paper.status, StatusCode::OK);
        for shown in [
            "COPIA", "Tienda La Esquina", "OF-1", "2026-11-24 15:00", "2 × 2.380", "$\u{a0}4.760", "5.000", "240",
            "4.000", "IVA 19\u{a0}%", "760", "no es factura electrónica",
        ] {
            assert!(paper.text.contains(shown), "the paper lacks {shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_file_has_every_filtered_sale_and_no_formula() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let mut content = shop.cart(&[(rice, "1")], "2380.00");
        content.customer =
            Some(crate::features::sales::wire::CustomerContent { id: None, name: Some("=HYPERLINK(\"x\")".into()) });
        sell_as(&shop, shop.admin, &content).await;
        sell_as(&shop, shop.admin, &shop.cart(&[(rice, "2")], "4760.00")).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let file = admin.get("/ventas/exportar/").await;
        assert_eq!((file.status, file.content_type.as_str()), (StatusCode::OK, "text/csv; charset=utf-8"));
        let lines: Vec<&str> = file.text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("Venta;Cuándo;Día contable;Vendedor;Cliente;"), "{}", lines[0]);
        assert!(
            lines[1].starts_with(
                "OF-2;2026-11-24 15:00:00 -05:00;2026-11-24;marta1;;Efectivo;4000,00;760,00;4760,00;0,00;Completa"
            ),
            "{}",
            lines[1]
        );
        assert!(lines[2].contains(";\"'=HYPERLINK(\"\"x\"\")\";"), "{}", lines[2]);
        let none = admin.get("/ventas/exportar/?hasta=2026-11-23").await;
        assert_eq!(none.text.trim_start_matches('\u{feff}').lines().count(), 1);
        assert!(admin.get("/ventas/exportar/?desde=x").await.status.is_client_error());
    })
    .await;
}

#[tokio::test]
async fn a_receipts_number_leads_to_the_sale_for_who_may_see_it_and_to_the_list_otherwise() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let rice = rice(&shop).await;
        let sale = sell_at(&shop, rice, "1", "2380.00", 0).await;
        let admin = Browser::sign_in(&shop.db, shop.admin).await;
        let seller = Browser::sign_in(&shop.db, shop.seller().await).await;
        let page = format!("/ventas/{sale}/");
        let cases = [
            (&admin, "/ventas/numero/of-1/", page.clone()),
            (&admin, "/ventas/numero/OF-1/devolver/", format!("{page}devolver/")),
            (&admin, "/ventas/numero/OF-2/", "/ventas/?q=OF-2".to_owned()),
            (&admin, "/ventas/numero/a%26b/", "/ventas/?q=a%26b".to_owned()),
            (&seller, "/ventas/numero/OF-1/", "/ventas/?q=OF-1".to_owned()),
            (&seller, "/ventas/numero/OF-1/devolver/", "/ventas/".to_owned()),
        ];
        for (who, path, leads) in cases {
            let answer = who.get(path).await;
            assert_eq!((answer.status, answer.location), (StatusCode::SEE_OTHER, Some(leads)), "{path}");
        }
    })
    .await;
}
