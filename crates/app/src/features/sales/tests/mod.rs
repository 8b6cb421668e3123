//! Selling, seeing and taking back, by HTTP and below it, on both engines.

mod any_sequence;
mod by_form;
mod by_json;
mod drawer;
mod seeing;
mod taking_back;

use crate::{
    features::sales::{
        complete_sale::{CompleteSale, Completed},
        wire::SaleContent,
    },
    testkit::TestShop,
};
use domain::ids::{ProductId, SaleId};
use serde_json::{Value, json};

/// Rice at 2.380 with IVA 19 %; a unit cost of 1.373,11 that no other figure shows.
async fn rice(shop: &TestShop) -> ProductId {
    shop.product(shop.fields("Arroz Diana 500 g", 200_000), 100_000, 137_311).await
}

/// The JSON of a sale of rice, paid in cash to the last unit.
fn sale_json(shop: &TestShop, id: SaleId, product: ProductId, quantity: &str, due: &str) -> Value {
    json!({
        "id": id,
        "lines": [{"product_id": product, "quantity": quantity}],
        "payments": [{"method_id": shop.cash, "amount": due}],
    })
}

/// Sells through the office, as somebody.
async fn sell_as(shop: &TestShop, actor: crate::actor::Actor, content: &SaleContent) -> (SaleId, Completed) {
    let id = SaleId(shop.ids.next());
    let command = CompleteSale { actor, ..shop.command(id, content) };
    (id, shop.sell(command).await.expect("it is sold"))
}
