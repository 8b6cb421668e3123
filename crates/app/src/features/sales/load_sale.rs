//! A sale as it is read back: for its page, its receipt, and what may come back of it.
//!
//! **Invariant:** cost is read by [`load_cost`] alone, which is called only for
//! somebody who may see figures; nothing else here selects it.

use crate::actor::Actor;
use db::{DbError, Row, ShopRead, params};
use domain::{ids::SaleId, permission::Permission};
use uuid::Uuid;

db::statements! {
    HEAD = "sales.head",
        "SELECT sale.prefix, sale.number, sale.origin, sale.offline, register.name, app_user.username,
                app_user.first_name, app_user.last_name, sale.seller_id, sale.customer_id, customer.name,
                sale.customer_name, sale.prices_include_tax, sale.gross_minor, sale.discount_minor, sale.base_minor,
                sale.tax_minor, sale.total_minor, sale.cash_rounding_minor, sale.change_minor, sale.note, sale.sold_at,
                sale.recorded_at, sale.business_date
         FROM sale
         JOIN register ON register.shop_id = sale.shop_id AND register.id = sale.register_id
         JOIN app_user ON app_user.id = sale.seller_id
         LEFT JOIN customer ON customer.shop_id = sale.shop_id AND customer.id = sale.customer_id
         WHERE sale.shop_id = $1 AND sale.id = $2";
    LINES = "sales.read_lines",
        "SELECT line.position, line.product_id, line.name, product.unit, line.quantity_milli, line.pack_milli,
                line.unit_price_minor, line.unit_final_minor, line.taxes, line.gross_minor, line.discount_minor,
                line.total_minor, line.note,
                CAST(COALESCE((SELECT SUM(refund_line.quantity_milli)
                               FROM refund_line
                               WHERE refund_line.shop_id = $1 AND refund_line.sale_id = line.sale_id
                                 AND refund_line.sale_position = line.position), 0) AS BIGINT)
         FROM sale_line AS line
         JOIN product ON product.shop_id = line.shop_id AND product.id = line.product_id
         WHERE line.shop_id = $1 AND line.sale_id = $2
         ORDER BY line.position";
    TAXES = "sales.read_taxes",
        "SELECT code, rate_ppm, base_minor, amount_minor
         FROM sale_tax
         WHERE shop_id = $1 AND sale_id = $2
         ORDER BY code, rate_ppm";
    PAYMENTS = "sales.read_payments",
        "SELECT payment_method.name, payment.amount_minor, payment.tendered_minor, payment.bank, payment.reference
         FROM payment
         JOIN payment_method ON payment_method.shop_id = payment.shop_id AND payment_method.id = payment.method_id
         WHERE payment.shop_id = $1 AND payment.sale_id = $2
         ORDER BY payment.position";
    REFUNDS = "sales.read_refunds",
        "SELECT refund.id, refund.kind, refund.prefix, refund.number, app_user.username, app_user.first_name,
                app_user.last_name, refund.reason, refund.total_minor, refund.refunded_at
         FROM refund
         JOIN app_user ON app_user.id = refund.person_id
         WHERE refund.shop_id = $1 AND refund.sale_id = $2
         ORDER BY refund.recorded_at, refund.id";
    REFUND_LINES = "sales.read_refund_lines",
        "SELECT name, quantity_milli, total_minor, restocked
         FROM refund_line
         WHERE shop_id = $1 AND refund_id = $2
         ORDER BY position";
    REFUND_PAYMENTS = "sales.read_refund_payments",
        "SELECT payment_method.name, refund_payment.amount_minor
         FROM refund_payment
         JOIN payment_method ON payment_method.shop_id = refund_payment.shop_id
           AND payment_method.id = refund_payment.method_id
         WHERE refund_payment.shop_id = $1 AND refund_payment.refund_id = $2
         ORDER BY refund_payment.position";
    /// What came back with its cost; a variance that a return settled stays with the sale's month.
    COST = "sales.read_cost",
        "SELECT CAST(COALESCE(SUM(CASE WHEN line.cost_minor IS NULL THEN 0 ELSE line.base_minor END), 0) AS BIGINT),
                CAST(COALESCE(SUM(line.cost_minor), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN line.cost_minor IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM sale_line AS line
         WHERE line.shop_id = $1 AND line.sale_id = $2";
    COST_BACK = "sales.read_cost_back",
        "SELECT CAST(COALESCE(SUM(CASE WHEN cost_minor IS NULL THEN 0 ELSE base_minor END), 0) AS BIGINT),
                CAST(COALESCE(SUM(cost_minor), 0) AS BIGINT)
         FROM refund_line
         WHERE shop_id = $1 AND sale_id = $2";
}

/// A recorded sale, without its cost.
#[derive(Clone, Debug)]
pub struct Sale {
    /// Its id.
    pub id: SaleId,
    /// Series and number, as printed.
    pub label: String,
    /// `till`, `form`, `api` or `import`.
    pub origin: String,
    /// Whether the till was on its own.
    pub offline: bool,
    /// The register's name.
    pub register: String,
    /// Who sold.
    pub seller: String,
    /// The registered customer.
    pub customer_id: Option<Uuid>,
    /// Who bought; empty for a final consumer.
    pub customer: String,
    /// Whether unit prices contain their taxes.
    pub prices_include_tax: bool,
    /// Before discounts, with tax.
    pub gross_minor: i64,
    /// Taken off, with tax.
    pub discount_minor: i64,
    /// Without tax.
    pub base_minor: i64,
    /// The tax.
    pub tax_minor: i64,
    /// Charged, before cash rounding.
    pub total_minor: i64,
    /// What cash rounding added or took.
    pub cash_rounding_minor: i64,
    /// Handed back.
    pub change_minor: i64,
    /// Free text.
    pub note: String,
    /// By the till's corrected clock; µs UTC.
    pub sold_at: i64,
    /// By the server's; µs UTC.
    pub recorded_at: i64,
    /// YYYYMMDD.
    pub business_date: i64,
    /// What was sold.
    pub lines: Vec<Line>,
    /// Taxes of the whole.
    pub taxes: Vec<TaxSum>,
    /// How it was paid.
    pub payments: Vec<Paid>,
    /// What came back.
    pub refunds: Vec<Refund>,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its place, from 0.
    pub position: i64,
    /// Which product.
    pub product_id: Uuid,
    /// The name at the time.
    pub name: String,
    /// The product's unit.
    pub unit: String,
    /// Packs, in thousandths.
    pub quantity_milli: i64,
    /// Units in a pack, in thousandths.
    pub pack_milli: i64,
    /// A pack's price as the shop writes prices.
    pub unit_price_minor: i64,
    /// A pack's price with tax, before discounts.
    pub unit_final_minor: i64,
    /// `IVA:190000`, comma between several.
    pub taxes: String,
    /// Before discounts, with tax.
    pub gross_minor: i64,
    /// Taken off, with tax.
    pub discount_minor: i64,
    /// Charged.
    pub total_minor: i64,
    /// Free text.
    pub note: String,
    /// Packs that came back, in thousandths.
    pub refunded_milli: i64,
}

impl Line {
    /// Packs that could still come back, in thousandths.
    pub fn left_milli(&self) -> i64 {
        self.quantity_milli - self.refunded_milli
    }

    /// Whether it is sold by weight or measure rather than by piece.
    pub fn is_measured(&self) -> bool {
        self.unit != "unidad" && self.pack_milli == 1_000
    }
}

/// A tax of the whole sale.
#[derive(Clone, Debug)]
pub struct TaxSum {
    /// Its code.
    pub code: String,
    /// Parts per million.
    pub rate_ppm: i64,
    /// On how much.
    pub base_minor: i64,
    /// How much.
    pub amount_minor: i64,
}

/// A payment.
#[derive(Clone, Debug)]
pub struct Paid {
    /// The method's name.
    pub method: String,
    /// What it covers.
    pub amount_minor: i64,
    /// What was handed over.
    pub tendered_minor: Option<i64>,
    /// A transfer's bank.
    pub bank: String,
    /// Its reference.
    pub reference: String,
}

impl Paid {
    /// What was handed over.
    pub fn received_minor(&self) -> i64 {
        self.tendered_minor.unwrap_or(self.amount_minor)
    }
}

/// A refund or a void.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Series and number.
    pub label: String,
    /// Whether it undid the whole sale.
    pub is_void: bool,
    /// Who took back.
    pub person: String,
    /// Why.
    pub reason: String,
    /// Paid back, before cash rounding.
    pub total_minor: i64,
    /// When; µs UTC.
    pub at: i64,
    /// What came back.
    pub lines: Vec<RefundLine>,
    /// How it was paid back: method and amount.
    pub payments: Vec<(String, i64)>,
}

/// A line that came back.
#[derive(Clone, Debug)]
pub struct RefundLine {
    /// The product's name at the time.
    pub name: String,
    /// Packs, in thousandths.
    pub quantity_milli: i64,
    /// Paid back for it.
    pub total_minor: i64,
    /// Whether the goods went back to the shelf.
    pub restocked: bool,
}

/// What is left of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All of it.
    Whole,
    /// A part came back.
    PartlyReturned,
    /// All came back, in refunds.
    Returned,
    /// It was undone.
    Void,
}

impl State {
    /// The state of a sale of which so much came back.
    pub fn of(has_void: bool, line_left: bool, line_returned: bool) -> State {
        match (has_void, line_left, line_returned) {
            (true, ..) => State::Void,
            (false, _, false) => State::Whole,
            (false, true, true) => State::PartlyReturned,
            (false, false, true) => State::Returned,
        }
    }
}

impl Sale {
    /// Its page, or one of its acts: `recibo/`.
    pub fn address(&self, act: &str) -> String {
        format!("/ventas/{}/{act}", self.id)
    }

    /// What is left of it.
    pub fn state(&self) -> State {
        let has_void = self.refunds.iter().any(|refund| refund.is_void);
        let left = self.lines.iter().any(|line| line.left_milli() > 0);
        State::of(has_void, left, self.lines.iter().any(|line| line.refunded_milli > 0))
    }

    /// Whether anything could come back.
    pub fn is_refundable(&self) -> bool {
        matches!(self.state(), State::Whole | State::PartlyReturned)
    }

    /// What it is worth now: the total less what was paid back.
    pub fn net_minor(&self) -> i64 {
        self.total_minor - self.refunds.iter().map(|refund| refund.total_minor).sum::<i64>()
    }

    /// What was due at the counter, cash rounding included.
    pub fn due_minor(&self) -> i64 {
        self.total_minor + self.cash_rounding_minor
    }
}

/// What a sale cost and earned, now; for who may see figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Cost of the goods that stayed sold, as far as it is known.
    pub cost_minor: i64,
    /// Sold without tax less cost, over the lines whose cost is known.
    pub profit_minor: i64,
    /// Lines whose cost nobody knows; they are not in the profit.
    pub unknown_lines: i64,
}

/// A person as they are called.
pub fn person_name(username: String, first: &str, last: &str) -> String {
    let full = format!("{first} {last}");
    if full.trim().is_empty() { username } else { full.trim().to_owned() }
}

/// Loads a sale that this person may see; `None` for one that the shop does not
/// have, and for another's where only one's own may be seen.
///
/// # Errors
/// Whatever the database says.
pub async fn load(read: &mut ShopRead, actor: &Actor, id: SaleId) -> Result<Option<Sale>, DbError> {
    let Some(row) = read.opt(&HEAD, params![id.0]).await? else { return Ok(None) };
    let (mut sale, seller_id) = head(id, row)?;
    if !actor.may(Permission::SeeAllSales) && seller_id != actor.user.0 {
        return Ok(None);
    }
    sale.lines = read.rows(&LINES, params![id.0]).await?.into_iter().map(line).collect::<Result<_, _>>()?;
    sale.taxes = read.rows(&TAXES, params![id.0]).await?.into_iter().map(tax).collect::<Result<_, _>>()?;
    sale.payments = read.rows(&PAYMENTS, params![id.0]).await?.into_iter().map(paid).collect::<Result<_, _>>()?;
    sale.refunds = load_refunds(read, id).await?;
    Ok(Some(sale))
}

fn head(id: SaleId, mut row: Row) -> Result<(Sale, Uuid), DbError> {
    let (prefix, number): (String, i64) = (row.take()?, row.take()?);
    let (origin, offline, register) = (row.take()?, row.take()?, row.take()?);
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let (seller_id, customer_id) = (row.take()?, row.take()?);
    let (registered, typed): (Option<String>, String) = (row.take()?, row.take()?);
    let sale = Sale {
        id,
        label: format!("{prefix}{number}"),
        origin,
        offline,
        register,
        seller: person_name(username, &first, &last),
        customer_id,
        customer: registered.unwrap_or(typed),
        prices_include_tax: row.take()?,
        gross_minor: row.take()?,
        discount_minor: row.take()?,
        base_minor: row.take()?,
        tax_minor: row.take()?,
        total_minor: row.take()?,
        cash_rounding_minor: row.take()?,
        change_minor: row.take()?,
        note: row.take()?,
        sold_at: row.take()?,
        recorded_at: row.take()?,
        business_date: row.take()?,
        lines: Vec::new(),
        taxes: Vec::new(),
        payments: Vec::new(),
        refunds: Vec::new(),
    };
    Ok((sale, seller_id))
}

fn line(mut row: Row) -> Result<Line, DbError> {
    Ok(Line {
        position: row.take()?,
        product_id: row.take()?,
        name: row.take()?,
        unit: row.take()?,
        quantity_milli: row.take()?,
        pack_milli: row.take()?,
        unit_price_minor: row.take()?,
        unit_final_minor: row.take()?,
        taxes: row.take()?,
        gross_minor: row.take()?,
        discount_minor: row.take()?,
        total_minor: row.take()?,
        note: row.take()?,
        refunded_milli: row.take()?,
    })
}

fn tax(mut row: Row) -> Result<TaxSum, DbError> {
    Ok(TaxSum { code: row.take()?, rate_ppm: row.take()?, base_minor: row.take()?, amount_minor: row.take()? })
}

fn paid(mut row: Row) -> Result<Paid, DbError> {
    Ok(Paid {
        method: row.take()?,
        amount_minor: row.take()?,
        tendered_minor: row.take()?,
        bank: row.take()?,
        reference: row.take()?,
    })
}

async fn load_refunds(read: &mut ShopRead, sale: SaleId) -> Result<Vec<Refund>, DbError> {
    let rows = read.rows(&REFUNDS, params![sale.0]).await?;
    let mut ids = Vec::with_capacity(rows.len());
    let mut refunds = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id: Uuid = row.take()?;
        ids.push(params![id]);
        let kind: String = row.take()?;
        let (prefix, number): (String, i64) = (row.take()?, row.take()?);
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        let (reason, total_minor): (String, i64) = (row.take()?, row.take()?);
        refunds.push(Refund {
            label: format!("{prefix}{number}"),
            is_void: kind == "void",
            person: person_name(username, &first, &last),
            reason,
            total_minor,
            at: row.take()?,
            lines: Vec::new(),
            payments: Vec::new(),
        });
    }
    let lines = read.rows_many(&REFUND_LINES, ids.clone()).await?;
    let payments = read.rows_many(&REFUND_PAYMENTS, ids).await?;
    for ((refund, lines), payments) in refunds.iter_mut().zip(lines).zip(payments) {
        refund.lines = lines.into_iter().map(refund_line).collect::<Result<_, _>>()?;
        for mut row in payments {
            refund.payments.push((row.take()?, row.take()?));
        }
    }
    Ok(refunds)
}

fn refund_line(mut row: Row) -> Result<RefundLine, DbError> {
    Ok(RefundLine { name: row.take()?, quantity_milli: row.take()?, total_minor: row.take()?, restocked: row.take()? })
}

/// What a sale cost and earned, less what came back.
///
/// # Errors
/// Whatever the database says.
pub async fn load_cost(read: &mut ShopRead, sale: SaleId) -> Result<Cost, DbError> {
    let mut sold = read.one(&COST, params![sale.0]).await?;
    let (base, cost, unknown_lines): (i64, i64, i64) = (sold.take()?, sold.take()?, sold.take()?);
    let mut back = read.one(&COST_BACK, params![sale.0]).await?;
    let (base_back, cost_back): (i64, i64) = (back.take()?, back.take()?);
    let cost_minor = cost - cost_back;
    Ok(Cost { cost_minor, profit_minor: base - base_back - cost_minor, unknown_lines })
}
