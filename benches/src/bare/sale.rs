//! What a till's sale of three lines says to the database: the product's own
//! statements, as often as the product runs them, with made-up parameters.
//!
//! Nothing is decided, hashed or read from a request. The list follows
//! `complete_sale`; a statement that the product renames or drops fails here by name.

use crate::world::{self, Shop, Till};
use app::schema;
use uuid::Uuid;

/// Lines of a sale.
pub const LINES: usize = 3;

/// A parameter, before it is known which sale it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P {
    Id(Uuid),
    /// Of the nth line.
    Product(usize),
    Register,
    Device,
    Session,
    Sale,
    /// A number that no other sale has.
    Number,
    Int(i64),
    Text(&'static str),
    Flag(bool),
    Digest,
    Null,
    /// The last number of a stock item, as it was read; a guard.
    LastNumber(usize),
}

/// A statement and what it is run with.
#[derive(Clone, Debug)]
pub struct Step {
    pub sql: String,
    pub params: Vec<P>,
    /// Which line's stock item it reads, where it reads one.
    pub reads_item: Option<usize>,
    /// Whether the next statement cannot be said before this one is answered: what is
    /// written follows from what was read.
    pub waits: bool,
}

const SHOP: Shop = Shop(0);
const DAY: i64 = 20_200_101;

fn text(name: &str) -> Result<String, String> {
    let statement = schema::statements().into_iter().find(|statement| statement.name() == name);
    let statement = statement.ok_or_else(|| format!("the product has no statement {name}: mend the bare sale"))?;
    Ok(statement.text().to_owned())
}

/// Every statement of one sale, in the product's order.
///
/// # Errors
/// The name of a statement that is not there any more.
pub fn steps() -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut add = |name: &str, params: Vec<P>| -> Result<(), String> {
        let params = [vec![P::Id(SHOP.id().0)], params].concat();
        steps.push(Step { sql: text(name)?, params, reads_item: None, waits: false });
        Ok(())
    };
    reading(&mut add)?;
    let first_item = 6 + LINES;
    writing(&mut add)?;
    for line in 0..LINES {
        let step = &mut steps[first_item + line];
        debug_assert!(step.sql.contains("{lock}"));
        step.reads_item = Some(line);
        step.waits = line + 1 == LINES;
    }
    Ok(steps)
}

type Add<'a> = &'a mut dyn FnMut(&str, Vec<P>) -> Result<(), String>;

fn reading(add: Add<'_>) -> Result<(), String> {
    add("settings.profile", vec![])?;
    add("commands.claim", vec![P::Sale, P::Text("sale"), P::Digest, P::Int(0)])?;
    add("settings.register_place", vec![P::Register])?;
    add("cash.lock_session", vec![P::Session])?;
    add("sales.taxes", vec![])?;
    add("sales.methods", vec![])?;
    for line in 0..LINES {
        add("sales.product", vec![P::Product(line)])?;
    }
    for line in 0..LINES {
        add("stock.lock_item", vec![P::Id(SHOP.location().0), P::Product(line)])?;
    }
    Ok(())
}

fn writing(add: Add<'_>) -> Result<(), String> {
    let each = |add: Add<'_>, name: &str, params: &dyn Fn(usize) -> Vec<P>| {
        (0..LINES).try_for_each(|line| add(name, params(line)))
    };
    let (location, seller) = (P::Id(SHOP.location().0), P::Id(SHOP.person(1).0));
    each(add, "stock.move_item", &|line| {
        let state = vec![P::Int(1_000_000), P::Int(1_000), P::Int(1_000), P::Int(1_000_000), P::Number, P::Digest];
        [vec![location, P::Product(line)], state, vec![P::LastNumber(line)]].concat()
    })?;
    each(add, "stock.insert_movement", &|line| {
        let moved = vec![P::Number, P::Text("sale"), P::Int(-1_000), P::Int(-5), P::Int(1_001_000), P::Int(1_005)];
        let after = vec![P::Int(1_000_000), P::Int(1_000), P::Text("sale"), P::Sale, P::Int(line as i64), P::Text("")];
        [vec![location, P::Product(line)], moved, after, vec![seller, P::Int(DAY), P::Int(0), P::Digest]].concat()
    })?;
    let sums = vec![P::Int(1_000); 15];
    add("totals.add_hour", [vec![P::Int(DAY), P::Int(1), P::Register], sums].concat())?;
    for (name, period) in [
        ("totals.add_product_day", DAY),
        ("totals.add_product_month", DAY / 100),
        ("totals.add_product_year", DAY / 10_000),
    ] {
        each(add, name, &|line| [vec![P::Int(period), P::Product(line)], vec![P::Int(1_000); 5]].concat())?;
    }
    add("totals.add_count", vec![P::Text("sales"), P::Register, P::Int(1)])?;
    add("sales.insert_sale", sale_row(seller))?;
    each(add, "sales.insert_line", &|line| {
        let goods = vec![P::Sale, P::Int(line as i64), P::Product(line), P::Text("Arroz Diana 500 g n.º 1")];
        let prices = vec![P::Int(1_000), P::Int(1_000), P::Int(15_000), P::Int(17_850), P::Text("IVA:190000")];
        let amounts = vec![P::Int(17_850), P::Int(0), P::Int(15_000), P::Int(2_850), P::Int(17_850)];
        [goods, prices, amounts, vec![P::Flag(true), P::Int(9_000), P::Text("")]].concat()
    })?;
    for (code, rate) in [("IVA", 190_000), ("IVA", 50_000)] {
        add("sales.insert_tax", vec![P::Sale, P::Text(code), P::Int(rate), P::Int(1), P::Int(1)])?;
    }
    let paid =
        vec![P::Sale, P::Int(0), P::Id(SHOP.cash().0), P::Int(53_500), P::Int(100_000), P::Text(""), P::Text("")];
    add("sales.insert_payment", paid)?;
    let entry = vec![P::Session, P::Sale, P::Text("sale"), P::Int(53_500), P::Sale, P::Text(""), seller];
    add("cash.insert_entry", [entry, vec![P::Flag(false), P::Int(0), P::Int(0)]].concat())?;
    add("commands.answer", vec![P::Sale, P::Text(r#"{"number":"M1-1","total":"535.50","change":"464.50"}"#)])
}

fn sale_row(seller: P) -> Vec<P> {
    let head = vec![P::Sale, P::Text("till"), P::Register, P::Session, P::Device, P::Text("B-"), P::Number, seller];
    let customer = vec![P::Null, P::Text(""), P::Flag(false)];
    let amounts = vec![P::Int(53_550), P::Int(0), P::Int(45_000), P::Int(8_550), P::Int(53_550), P::Int(-50)];
    let rest = vec![P::Int(46_500), P::Int(27_000), P::Int(0), P::Int(3), P::Text(""), P::Flag(false), P::Null];
    [head, customer, amounts, rest, vec![P::Int(0), P::Int(0), P::Int(DAY), P::Int(1)]].concat()
}

/// The till that a client sells at.
pub fn register(client: u32) -> Uuid {
    Till(client).register().0
}

/// Its device.
pub fn device(client: u32) -> Uuid {
    Till(client).device().0
}

/// The session that the product opened there.
pub fn session(client: u32) -> Uuid {
    world::id(world::Kind::Document, 900, (u64::from(client) + 1) << 32)
}
