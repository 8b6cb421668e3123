//! `GET /buscar/?q=…`: products, customers and sales for the palette.
//!
//! **Invariant:** each group is found by the feature whose it is, and only for a reader
//! who may see its list; a link that would be refused is not answered. Screens are
//! found by the page itself.

use crate::{
    features::{
        catalog::{
            find::{self as products, StockFilter},
            record,
        },
        customers::find as customers,
        sales::{find_sales, list_sales},
    },
    kernel::{App, ShopPage},
    texts::shell::Texts,
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::ShopRead;
use domain::{ids::ProductId, permission::Permission};
use serde::Serialize;
use web::{
    AppError, json,
    pagination::{At, Order, PageRequest},
    query::Query,
};

/// Longest search, in characters; more finds nothing.
const CHARS_MAX: usize = 100;
/// Shown of each group; who wants more opens the list.
const GROUP_MAX: usize = 5;

/// One line of the palette.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    group: &'static str,
    label: String,
    href: String,
    hint: String,
}

/// Answers what the palette shows below the screens.
///
/// # Errors
/// A broken address, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let typed = query.get("q").unwrap_or_default().chars();
    let typed: String = typed.filter(|letter| !letter.is_control()).take(CHARS_MAX).collect();
    if typed.trim().is_empty() {
        return json::data(&[(); 0]);
    }
    let mut read = app.db.shop(&page.actor).await?;
    let mut lines = sales(&mut read, &page, &typed).await?;
    lines.extend(products(&mut read, &page, &typed).await?);
    lines.extend(customers(&mut read, &page, &typed).await?);
    drop(read);
    json::data(&lines)
}

/// Sales are found by their number alone, so that they come first: who types one wants it.
async fn sales(read: &mut ShopRead, page: &ShopPage, typed: &str) -> Result<Vec<Line>, AppError> {
    let (prefix, number) = list_sales::read_number(typed);
    if number == 0 || !page.actor.may(Permission::SeeSales) {
        return Ok(Vec::new());
    }
    let filter = find_sales::Filter { number: Some((prefix, number)), ..find_sales::Filter::default() };
    let mut places = find_sales::find(read, &filter.within(&page.actor), &At::Offset(0), 1).await?;
    places.truncate(GROUP_MAX);
    let found = find_sales::load_rows(read, &places).await?;
    let line = |sale: find_sales::Found| Line {
        group: Texts(page.lang).nav_sales(),
        href: format!("/ventas/{}/", sale.id()),
        hint: format!("{} · {}", page.format.when(sale.place.sold_at), page.format.money(sale.total_minor)),
        label: sale.label,
    };
    Ok(found.into_iter().map(line).collect())
}

async fn products(read: &mut ShopRead, page: &ShopPage, typed: &str) -> Result<Vec<Line>, AppError> {
    if !page.actor.may(Permission::SeeProducts) {
        return Ok(Vec::new());
    }
    let order = Order { column: "nombre", descending: false };
    let request = PageRequest::read(&Query::default(), order)?;
    let filter = products::Filter { typed: typed.to_owned(), category: None, stock: StockFilter::Any, active: true };
    let found = products::find(read, &filter, order, &request).await?;
    let ids: Vec<ProductId> = found.into_iter().take(GROUP_MAX).map(|found| found.id).collect();
    let manages = page.actor.may(Permission::ManageProducts);
    let line = |product: record::ListedProduct| Line {
        group: Texts(page.lang).nav_products(),
        href: if manages { format!("/productos/{}/", product.id) } else { list("/productos/", &product.name) },
        hint: page.format.money(product.price_minor),
        label: product.name,
    };
    Ok(record::load_rows(read, &ids).await?.into_iter().map(line).collect())
}

async fn customers(read: &mut ShopRead, page: &ShopPage, typed: &str) -> Result<Vec<Line>, AppError> {
    if !page.actor.may(Permission::SeeCustomers) {
        return Ok(Vec::new());
    }
    let request = PageRequest::read(&Query::default(), Order { column: "nombre", descending: false })?;
    let filter = customers::Filter { typed: typed.to_owned(), active: true };
    let found = customers::find(read, &filter, &request).await?;
    let manages = page.actor.may(Permission::ManageCustomers);
    let line = |customer: customers::ListedCustomer| Line {
        group: Texts(page.lang).nav_customers(),
        href: if manages { format!("/clientes/{}/", customer.id) } else { list("/clientes/", &customer.name) },
        hint: customer.phone,
        label: customer.name,
    };
    Ok(found.into_iter().take(GROUP_MAX).map(line).collect())
}

/// The list where a reader who may not open one record finds it.
fn list(path: &str, name: &str) -> String {
    format!("{path}{}", Query::default().with("q", name).href())
}

#[cfg(test)]
mod tests {
    use crate::testkit::{Browser, TestShop, on_both};
    use domain::ids::SaleId;
    use http::StatusCode;

    /// Group and label of every line, and where the first leads.
    async fn found(browser: &Browser, typed: &str) -> (Vec<(String, String)>, String) {
        let answer = browser.get(&format!("/buscar/?q={typed}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{typed}: {}", answer.text);
        let lines = answer.json()["data"].as_array().expect("a list").clone();
        let text = |line: &serde_json::Value, name: &str| line[name].as_str().expect("a text").to_owned();
        let href = lines.first().map(|line| text(line, "href")).unwrap_or_default();
        (lines.iter().map(|line| (text(line, "group"), text(line, "label"))).collect(), href)
    }

    fn line(group: &str, label: &str) -> (String, String) {
        (group.to_owned(), label.to_owned())
    }

    #[tokio::test]
    async fn the_palette_finds_what_its_reader_may_open() {
        on_both(async |db| {
            let shop = TestShop::create(db.clone(), 1).await;
            let milk = shop.product(shop.fields("Leche Alquería", 420_000), 10_000, 300_000).await;
            let admin = Browser::sign_in(&db, shop.admin).await;
            admin.post("/clientes/nuevo/", &[("nombre", "Lechería Ñáñez"), ("telefono", "310 555 0142")]).await;
            let cart = shop.cart(&[(milk, "1")], "4998.00");
            shop.sell(shop.command(SaleId(shop.ids.next()), &cart)).await.expect("the shop sells");

            let (lines, href) = found(&admin, "LECHE").await;
            assert_eq!(lines, [line("Productos", "Leche Alquería"), line("Clientes", "Lechería Ñáñez")]);
            assert_eq!(admin.get(&href).await.status, StatusCode::OK);
            let (lines, href) = found(&admin, "1").await;
            assert_eq!(lines.first().map(|line| line.0.as_str()), Some("Ventas"));
            assert_eq!(admin.get(&href).await.status, StatusCode::OK);

            let seller = Browser::sign_in(&db, shop.seller().await).await;
            let (lines, href) = found(&seller, "leche").await;
            assert_eq!(lines.first(), Some(&line("Productos", "Leche Alquería")));
            assert!(seller.get(&href).await.text.contains("Leche Alquería"), "{href}");
            let sales = found(&seller, "1").await.0.into_iter().filter(|line| line.0 == "Ventas");
            assert_eq!(sales.count(), 0, "the sale is the admin's");
        })
        .await;
    }

    #[tokio::test]
    async fn the_palette_finds_nothing_of_another_shop_and_survives_any_text() {
        on_both(async |db| {
            let shop = TestShop::create(db.clone(), 1).await;
            shop.product(shop.fields("Leche Alquería", 420_000), 10_000, 300_000).await;
            let stranger = Browser::sign_in(&db, TestShop::create(db.clone(), 2).await.admin).await;
            for typed in ["leche", "", "%25", "%00", "_", "99999999999999999999", "C1-1", "%5C", &"x".repeat(2_000)] {
                assert_eq!(found(&stranger, typed).await.0, [], "{typed}");
            }
        })
        .await;
    }
}
