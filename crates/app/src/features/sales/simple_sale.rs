//! `/ventas/nueva/simple/`: selling with a plain form, where a browser has no script.
//!
//! The fields are the Django application's: `cliente`, `cliente_fk`, `forma_pago`,
//! `banco`, `referencia`, and `producto` with `cantidad` once a line. A product is told
//! by its code, its SKU or its whole name. The form first shows what is due; it may
//! also be sent at once. Its hidden `id` makes a sale of a double click.

use crate::{
    features::{
        cash::drawers,
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Completed, Place, complete_paid_whole, price_paid_whole},
            find_product::{self, Typed},
            new_sale::office,
            receipt::{self, Print},
            refusal::{self, Words},
            wire::{self, CustomerContent, LineContent, PaymentContent, SaleContent},
        },
    },
    kernel::{App, Body, ShopPage},
    text_key::search_key,
    texts::sales::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::{DbError, ShopRead, ShopTx, params};
use domain::{
    decimal,
    ids::{CustomerId, MethodId, ProductId, SaleId, SessionId},
    sale::{CompletedSale, Occasion, SaleRefused},
};
use uuid::Uuid;
use web::{AppError, Choice, Draft, FormReader, PageContext, Problem, Text, urlencoded};

db::statements! {
    METHODS = "sales.form_methods",
        "SELECT id, name
         FROM payment_method
         WHERE shop_id = $1 AND active
         ORDER BY position, id";
}

/// Lines that an empty form offers, and further ones below what is filled.
const LINES_FIRST: usize = 4;
const LINES_MORE: usize = 2;

/// A line as it stands on the form.
struct FormLine {
    /// From 0, as refusals count.
    at: usize,
    product: String,
    quantity: String,
}

#[derive(Template)]
#[template(path = "sales/simple_sale.html")]
struct SimplePage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    lines: Vec<FormLine>,
    methods: Vec<Choice>,
    drawers: Vec<Choice>,
    known: Vec<String>,
    priced: Option<CompletedSale>,
}

impl SimplePage<'_> {
    fn product_error(&self, line: &FormLine) -> Option<String> {
        self.draft.error(&format!("producto-{}", line.at), self.page)
    }

    fn quantity_error(&self, line: &FormLine) -> Option<String> {
        self.draft.error(&format!("cantidad-{}", line.at), self.page)
    }

    /// Without an open drawer the form still sells, but not for cash.
    fn drawer_hint(&self) -> &'static str {
        if self.drawers.is_empty() { self.t.simple_no_drawer() } else { self.t.simple_drawer_hint() }
    }

    /// The total that the reader was shown, so that they are not charged another.
    fn total(&self, priced: &CompletedSale) -> String {
        decimal::format(priced.quote.total_minor, self.page.format.currency.decimals)
    }

    fn due(&self, priced: &CompletedSale) -> i64 {
        priced.quote.total_minor + priced.cash_rounding_minor
    }
}

/// Shows an empty form.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let methods = methods(&mut read).await?;
    let first = methods.first().map(|method| method.value.clone()).unwrap_or_default();
    let drawer = drawers::named_or_only(&mut read, None).await?.map(|id| id.to_string()).unwrap_or_default();
    let draft = Draft::holding([("id", app.new_id().to_string()), ("forma_pago", first), ("caja", drawer)]);
    form_page(&page, &mut read, methods, draft, None).await
}

async fn methods(read: &mut ShopRead) -> Result<Vec<Choice>, DbError> {
    let mut choices = Vec::new();
    for mut row in read.rows(&METHODS, params![]).await? {
        let id: Uuid = row.take()?;
        choices.push(Choice::new(id.to_string(), row.take::<String>()?));
    }
    Ok(choices)
}

async fn form_page(
    page: &ShopPage,
    read: &mut ShopRead,
    methods: Vec<Choice>,
    draft: Draft,
    priced: Option<CompletedSale>,
) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[
        ("cliente", t.list_customer()),
        ("forma_pago", t.list_method()),
        ("banco", t.simple_bank()),
        ("referencia", t.simple_reference()),
        ("caja", t.simple_drawer()),
    ]);
    let mut lines: Vec<FormLine> = typed_lines(&draft)
        .map(|(at, product, quantity)| FormLine { at, product: product.to_owned(), quantity: quantity.to_owned() })
        .collect();
    let wanted = (lines.len() + LINES_MORE).clamp(LINES_FIRST, wire::MAX_LINES);
    for at in lines.len()..wanted {
        lines.push(FormLine { at, product: String::new(), quantity: String::new() });
    }
    let known = find_product::known_names(read).await?;
    let drawers = drawers::open_drawers(read).await?;
    page.show(&SimplePage { page, t, draft, lines, methods, drawers, known, priced })
}

/// The lines of which something was typed, numbered as they are read.
fn typed_lines(draft: &Draft) -> impl Iterator<Item = (usize, &str, &str)> {
    let quantities = draft.values("cantidad").chain(std::iter::repeat(""));
    let typed = draft.values("producto").zip(quantities);
    let filled = typed.filter(|(product, quantity)| !product.trim().is_empty() || !quantity.trim().is_empty());
    filled.enumerate().map(|(at, (product, quantity))| (at, product, quantity))
}

/// What the form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Price,
    Charge,
}

/// A form that has been read.
struct Wanted {
    id: SaleId,
    act: Act,
    session: Option<SessionId>,
    content: SaleContent,
}

/// Shows what is due, or sells.
pub async fn submit(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let mut read = app.db.shop(&page.actor).await?;
    let methods = methods(&mut read).await?;
    let (wanted, draft) = match read_form(&page, &mut read, &methods, pairs).await? {
        Ok(read) => read,
        Err(draft) => return form_page(&page, &mut read, methods, draft, None).await,
    };
    let session = drawers::named_or_only(&mut read, wanted.session).await?;
    drop(read);
    let words = Words { format: &page.format, rights: page.actor.rights() };
    let register = office(&app.db, &page.actor).await.map_err(|error| refusal::of_sale(error, words))?;
    let sale = match wire::read(&wanted.content, page.format.currency.decimals) {
        Ok(sale) => sale,
        Err(problems) => {
            return again(&app, &page, methods, draft, refusal::of_wire(problems)).await;
        }
    };
    let now_us = app.now_us();
    let command = CompleteSale {
        id: wanted.id,
        actor: page.actor,
        sale,
        place: Place::Office { register, session },
        occasion: Occasion::Asking,
        catalog_version: None,
        sold_at: now_us,
        now_us,
    };
    let refused = match wanted.act {
        Act::Price => match price(&app, command).await {
            Ok(priced) => {
                let mut read = app.db.shop(&page.actor).await?;
                return form_page(&page, &mut read, methods, draft, Some(priced)).await;
            }
            Err(refused) => refused,
        },
        Act::Charge => match charge(&app, command).await {
            Ok(_) => return receipt::answer(&app, &page, wanted.id, Print::Original).await,
            Err(refused) => refused,
        },
    };
    match refused {
        CompleteSaleError::Refused(refused) => {
            again(&app, &page, methods, draft, refusal::fields_of(&refused, words)).await
        }
        // The drawer was closed while the form was open: another can be chosen.
        CompleteSaleError::NoSession => {
            again(&app, &page, methods, draft, refusal::fields_of(&SaleRefused::NoDrawer, words)).await
        }
        other => Err(refusal::of_sale(other, words)),
    }
}

async fn price(app: &App, command: CompleteSale) -> Result<CompletedSale, CompleteSaleError> {
    let actor = command.actor;
    app.db.shop_write(&actor, "price sale", async move |tx: &mut ShopTx| price_paid_whole(tx, &command).await).await
}

async fn charge(app: &App, command: CompleteSale) -> Result<Completed, CompleteSaleError> {
    let actor = command.actor;
    app.db
        .shop_write(&actor, "complete sale", async move |tx: &mut ShopTx| complete_paid_whole(tx, &command).await)
        .await
}

async fn again(
    app: &App,
    page: &ShopPage,
    methods: Vec<Choice>,
    mut draft: Draft,
    problems: Vec<(String, Problem)>,
) -> Result<Response, AppError> {
    for (path, problem) in problems {
        draft.refuse(&field_of(&path), problem);
    }
    let mut read = app.db.shop(&page.actor).await?;
    form_page(page, &mut read, methods, draft, None).await
}

/// The field of the form that stands for a path of the wire.
fn field_of(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        ["lines", at, "product_id"] => format!("producto-{at}"),
        ["lines", at, ..] => format!("cantidad-{at}"),
        ["payments", _, "bank"] => "banco".to_owned(),
        ["payments", _, "reference"] => "referencia".to_owned(),
        ["payments", ..] => "forma_pago".to_owned(),
        ["customer", ..] => "cliente".to_owned(),
        ["session_id"] => "caja".to_owned(),
        _ => "producto-0".to_owned(),
    }
}

async fn read_form(
    page: &ShopPage,
    read: &mut ShopRead,
    methods: &[Choice],
    pairs: Vec<(String, String)>,
) -> Result<Result<(Wanted, Draft), Draft>, AppError> {
    let typed: Vec<(usize, String, String)> = {
        let draft = FormReader::of(pairs.clone(), &page.format).finish(|| None::<()>).err().unwrap_or_default();
        typed_lines(&draft).map(|(at, product, quantity)| (at, product.to_owned(), quantity.to_owned())).collect()
    };
    let mut form = FormReader::of(pairs, &page.format);
    let id = form.id("id");
    let act = form.choice("accion", &[("ver", Act::Price), ("cobrar", Act::Charge), ("", Act::Charge)]);
    let name = form.text("cliente", Text::optional(100));
    let customer = form.id_or_none::<CustomerId>("cliente_fk");
    let bank = form.text("banco", Text::optional(100));
    let reference = form.text("referencia", Text::optional(100));
    let session = form.id_or_none::<SessionId>("caja");
    let total = form.text("total", Text::optional(30));
    let method = read_method(&mut form, methods);
    let lines = read_lines(&mut form, page, read, &typed).await?;
    let content = || {
        let payment = PaymentContent {
            method_id: method?,
            amount: "0".to_owned(),
            tendered: None,
            bank: bank.filter(|bank| !bank.is_empty()),
            reference: reference.filter(|reference| !reference.is_empty()),
        };
        let customer = CustomerContent { id: customer?, name: name.filter(|name| !name.is_empty()) };
        let expected = total
            .filter(|total| act == Some(Act::Charge) && !total.is_empty())
            .map(|total| wire::ExpectedContent { total, cash_rounding: None, change: None });
        Some(SaleContent {
            customer: Some(customer),
            lines: lines?,
            payments: vec![payment],
            expected,
            ..SaleContent::default()
        })
    };
    Ok(form.finish(|| Some(Wanted { id: id?, act: act?, session: session?, content: content()? })))
}

/// By id, or by name as the Django application's form sent it (`efectivo`).
fn read_method(form: &mut FormReader<'_>, methods: &[Choice]) -> Option<MethodId> {
    let typed = form.text("forma_pago", Text::required(100))?;
    let wanted = search_key(&typed);
    let found = methods.iter().find(|method| method.value == typed || search_key(&method.label) == wanted);
    let id = found.and_then(|method| method.value.parse().ok());
    if id.is_none() {
        form.refuse("forma_pago", Problem::NotAChoice);
    }
    id
}

async fn read_lines(
    form: &mut FormReader<'_>,
    page: &ShopPage,
    read: &mut ShopRead,
    typed: &[(usize, String, String)],
) -> Result<Option<Vec<LineContent>>, AppError> {
    if typed.is_empty() {
        form.refuse("producto-0", Problem::Required);
        return Ok(None);
    }
    if typed.len() > wire::MAX_LINES {
        form.refuse("producto-0", Problem::TooBig { max: page.format.count(500_i64) });
        return Ok(None);
    }
    let mut lines = Some(Vec::with_capacity(typed.len()));
    for (at, product, quantity) in typed {
        let found = match find_product::find(read, product).await? {
            Typed::Found(found) => Some(found),
            Typed::Unknown(problem) => {
                form.refuse(&format!("producto-{at}"), problem);
                None
            }
        };
        let quantity = read_quantity(form, page, *at, quantity);
        match (found, quantity, &mut lines) {
            (Some(found), Some(quantity), Some(lines)) => lines.push(line(found.product, found.pack_milli, quantity)),
            _ => lines = None,
        }
    }
    Ok(lines)
}

/// An empty quantity beside a product is one.
fn read_quantity(form: &mut FormReader<'_>, page: &ShopPage, at: usize, typed: &str) -> Option<i64> {
    if typed.trim().is_empty() {
        return Some(1_000);
    }
    let read = decimal::parse_typed(typed.trim(), page.format.numbers, 3).ok();
    if read.is_none() {
        let example = page.format.quantity(1_500_i64);
        form.refuse(&format!("cantidad-{at}"), Problem::NotAQuantity { example });
    }
    read
}

fn line(product_id: ProductId, pack_milli: i64, quantity_milli: i64) -> LineContent {
    LineContent {
        product_id,
        name: None,
        quantity: decimal::format_shortest(quantity_milli, 3),
        pack: (pack_milli != 1_000).then(|| decimal::format_shortest(pack_milli, 3)),
        unit_price: None,
        taxes: None,
        discount: None,
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_lands_beside_the_field_that_was_typed() {
        for (path, field) in [
            ("lines.2.product_id", "producto-2"),
            ("lines.0.quantity", "cantidad-0"),
            ("payments.0.bank", "banco"),
            ("payments.0.reference", "referencia"),
            ("payments.0.method_id", "forma_pago"),
            ("customer.name", "cliente"),
            ("session_id", "caja"),
            ("expected.total", "producto-0"),
        ] {
            assert_eq!(field_of(path), field);
        }
    }
}
