//! Finding sales: the filters of the list, and one statement for each way in.
//!
//! A page is found in two steps: the keys of its rows along an index, then the rows.
//! Which index depends on the rarest filter, because neither engine may be left to
//! read a shop's whole history for 25 rows: a number, a customer's name, what was taken
//! back, a range of days, a customer, a seller, or none. The others of the filters are checked on the
//! way. Newest first by the till's clock; a range of days in the order of the business
//! days, which is what its sums are made of.

use crate::{actor::Actor, text_key};
use db::{DbError, Params, Row, ShopRead, Statement, params};
use domain::{ids::SaleId, permission::Permission};
use uuid::Uuid;
use web::pagination::{At, Key};

db::statements! {
    NEWER_FIRST = "sales.find",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1
           AND (sale.sold_at, sale.id) < ($2, $3)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    OLDER_FIRST = "sales.find_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1
           AND (sale.sold_at, sale.id) > ($2, $3)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    OF_SELLER = "sales.find_of_seller",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.seller_id = $9
           AND (sale.sold_at, sale.id) < ($2, $3)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    OF_SELLER_BACK = "sales.find_of_seller_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.seller_id = $9
           AND (sale.sold_at, sale.id) > ($2, $3)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    OF_CUSTOMER = "sales.find_of_customer",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.customer_id = $9
           AND (sale.sold_at, sale.id) < ($2, $3)
           AND ($10 OR sale.seller_id = $11)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    OF_CUSTOMER_BACK = "sales.find_of_customer_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.customer_id = $9
           AND (sale.sold_at, sale.id) > ($2, $3)
           AND ($10 OR sale.seller_id = $11)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    OF_DAYS = "sales.find_of_days",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $9 AND $10
           AND (sale.business_date, sale.hour, sale.sold_at, sale.id) < ($11, $12, $2, $3)
           AND ($13 OR sale.seller_id = $14)
           AND ($15 OR sale.customer_id = $16)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.business_date DESC, sale.hour DESC, sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    OF_DAYS_BACK = "sales.find_of_days_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM sale
         WHERE sale.shop_id = $1 AND sale.business_date BETWEEN $9 AND $10
           AND (sale.business_date, sale.hour, sale.sold_at, sale.id) > ($11, $12, $2, $3)
           AND ($13 OR sale.seller_id = $14)
           AND ($15 OR sale.customer_id = $16)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.business_date, sale.hour, sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    /// Few sales are taken back: SQLite keeps the order of a CROSS JOIN and begins with them.
    TAKEN_BACK = "sales.find_taken_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM (SELECT DISTINCT sale_id FROM refund WHERE shop_id = $1 AND kind = $15) AS taken
         CROSS JOIN sale
         WHERE sale.shop_id = $1 AND sale.id = taken.sale_id
           AND (sale.sold_at, sale.id) < ($2, $3)
           AND sale.business_date BETWEEN $9 AND $10
           AND ($11 OR sale.seller_id = $12)
           AND ($13 OR sale.customer_id = $14)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    TAKEN_BACK_BACK = "sales.find_taken_back_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM (SELECT DISTINCT sale_id FROM refund WHERE shop_id = $1 AND kind = $15) AS taken
         CROSS JOIN sale
         WHERE sale.shop_id = $1 AND sale.id = taken.sale_id
           AND (sale.sold_at, sale.id) > ($2, $3)
           AND sale.business_date BETWEEN $9 AND $10
           AND ($11 OR sale.seller_id = $12)
           AND ($13 OR sale.customer_id = $14)
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    /// The sales of customers who are called so: at most a hundred people, then their sales.
    OF_NAMED = "sales.find_of_named",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM (SELECT id FROM customer
               WHERE shop_id = $1 AND search_key LIKE $13
               ORDER BY sort_key, id
               LIMIT 100) AS named
         CROSS JOIN sale
         WHERE sale.shop_id = $1 AND sale.customer_id = named.id
           AND (sale.sold_at, sale.id) < ($2, $3)
           AND sale.business_date BETWEEN $9 AND $10
           AND ($11 OR sale.seller_id = $12)
           AND ($14 = '' OR EXISTS (SELECT 1 FROM refund
                                    WHERE refund.shop_id = $1 AND refund.sale_id = sale.id AND refund.kind = $14))
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at DESC, sale.id DESC
         LIMIT $4 OFFSET $5";
    OF_NAMED_BACK = "sales.find_of_named_back",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM (SELECT id FROM customer
               WHERE shop_id = $1 AND search_key LIKE $13
               ORDER BY sort_key, id
               LIMIT 100) AS named
         CROSS JOIN sale
         WHERE sale.shop_id = $1 AND sale.customer_id = named.id
           AND (sale.sold_at, sale.id) > ($2, $3)
           AND sale.business_date BETWEEN $9 AND $10
           AND ($11 OR sale.seller_id = $12)
           AND ($14 = '' OR EXISTS (SELECT 1 FROM refund
                                    WHERE refund.shop_id = $1 AND refund.sale_id = sale.id AND refund.kind = $14))
           AND ($6 OR EXISTS (SELECT 1 FROM payment
                              WHERE payment.shop_id = $1 AND payment.sale_id = sale.id AND payment.method_id = $7))
           AND ($8 OR NOT EXISTS (SELECT 1 FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id))
         ORDER BY sale.sold_at, sale.id
         LIMIT $4 OFFSET $5";
    /// A number is unique in its series, of which a shop has few.
    NUMBERED = "sales.find_numbered",
        "SELECT sale.id, sale.sold_at, sale.business_date, sale.hour
         FROM register
         CROSS JOIN sale
         WHERE register.shop_id = $1 AND ($3 = '' OR register.prefix = $3)
           AND sale.shop_id = $1 AND sale.prefix = register.prefix AND sale.number = $2
           AND ($4 OR sale.seller_id = $5)
         ORDER BY sale.sold_at DESC, sale.id DESC";
    ROW = "sales.find_row",
        "SELECT sale.prefix, sale.number, app_user.username, app_user.first_name, app_user.last_name, customer.name,
                sale.customer_name, sale.base_minor, sale.tax_minor, sale.total_minor, sale.line_count, sale.offline,
                (SELECT payment_method.name
                 FROM payment
                 JOIN payment_method ON payment_method.shop_id = payment.shop_id
                   AND payment_method.id = payment.method_id
                 WHERE payment.shop_id = $1 AND payment.sale_id = sale.id
                 ORDER BY payment.position
                 LIMIT 1),
                (SELECT COUNT(*) FROM payment WHERE payment.shop_id = $1 AND payment.sale_id = sale.id),
                CAST(COALESCE((SELECT SUM(refund.total_minor)
                               FROM refund
                               WHERE refund.shop_id = $1 AND refund.sale_id = sale.id), 0) AS BIGINT),
                (SELECT COUNT(*) FROM refund WHERE refund.shop_id = $1 AND refund.sale_id = sale.id),
                (SELECT COUNT(*)
                 FROM refund
                 WHERE refund.shop_id = $1 AND refund.sale_id = sale.id AND refund.kind = 'void')
         FROM sale
         JOIN app_user ON app_user.id = sale.seller_id
         LEFT JOIN customer ON customer.shop_id = sale.shop_id AND customer.id = sale.customer_id
         WHERE sale.shop_id = $1 AND sale.id = $2";
}

/// What may be left of the sales looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFilter {
    /// Nothing came back.
    Whole,
    /// Something came back.
    Refunded,
    /// Undone.
    Void,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// First business day, YYYYMMDD.
    pub from: Option<i64>,
    /// Last business day, YYYYMMDD.
    pub to: Option<i64>,
    /// Who sold.
    pub seller: Option<Uuid>,
    /// Who bought.
    pub customer: Option<Uuid>,
    /// How it was paid, at least in part.
    pub method: Option<Uuid>,
    /// What is left of it.
    pub state: Option<StateFilter>,
    /// Series (empty: any) and number.
    pub number: Option<(String, i64)>,
    /// Part of the name, telephone or document of a customer.
    pub named: Option<String>,
}

impl Filter {
    /// The same, held to what this person may see: their own sales, unless all.
    pub fn within(self, actor: &Actor) -> Filter {
        if actor.may(Permission::SeeAllSales) { self } else { Filter { seller: Some(actor.user.0), ..self } }
    }

    fn has_days(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Whether the rows come in the order of business days.
    pub fn is_by_day(&self) -> bool {
        self.has_days()
            && self.number.is_none()
            && self.named.is_none()
            && !matches!(self.state, Some(StateFilter::Refunded | StateFilter::Void))
    }
}

/// A sale's place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sale.
    pub id: Uuid,
    /// By the till's corrected clock; µs UTC.
    pub sold_at: i64,
    /// YYYYMMDD.
    pub business_date: i64,
    /// 0 to 23.
    pub hour: i64,
}

impl Place {
    /// Newer than every sale.
    const NEWEST: Place = Place { id: Uuid::max(), sold_at: i64::MAX, business_date: i64::MAX, hour: i64::MAX };

    /// For a link.
    pub fn keys(&self) -> Vec<Key> {
        vec![Key::Int(self.business_date), Key::Int(self.hour), Key::Int(self.sold_at), Key::Id(*self.id.as_bytes())]
    }

    fn of_keys(keys: &[Key]) -> Option<Place> {
        match keys {
            [Key::Int(business_date), Key::Int(hour), Key::Int(sold_at), Key::Id(id)] => {
                Some(Place { id: Uuid::from_bytes(*id), sold_at: *sold_at, business_date: *business_date, hour: *hour })
            }
            _ => None,
        }
    }
}

/// Which way the list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Older,
    Newer,
}

/// The places of at most `limit` sales from where the reader stands; before a place in
/// the reverse order.
///
/// # Errors
/// Whatever the database says.
pub async fn find(read: &mut ShopRead, filter: &Filter, at: &At, limit: i64) -> Result<Vec<Place>, DbError> {
    let (way, place, offset) = match at {
        At::Offset(rows) => (Way::Older, Place::NEWEST, *rows),
        At::After(keys) => (Way::Older, Place::of_keys(keys).unwrap_or(Place::NEWEST), 0),
        At::Before(keys) => match Place::of_keys(keys) {
            Some(place) => (Way::Newer, place, 0),
            None => (Way::Older, Place::NEWEST, 0),
        },
    };
    if let Some((prefix, number)) = &filter.number {
        let (any, seller) = optional(filter.seller);
        let rows = read.rows(&NUMBERED, params![*number, prefix.as_str(), any, seller]).await?;
        return rows.into_iter().map(place_of).collect();
    }
    let (statement, special) = way_in(filter, way, place);
    let (any_method, method) = optional(filter.method);
    let mut values: Vec<db::Param> = vec![
        place.sold_at.into(),
        place.id.into(),
        limit.into(),
        offset.into(),
        any_method.into(),
        method.into(),
        (filter.state != Some(StateFilter::Whole)).into(),
    ];
    values.extend(special);
    let rows = read.rows(statement, Params::new(values)).await?;
    rows.into_iter().map(place_of).collect()
}

/// Whether it does not matter, and the id it must be otherwise.
fn optional(id: Option<Uuid>) -> (bool, Uuid) {
    (id.is_none(), id.unwrap_or_default())
}

/// The statement of the rarest filter, and its own values from `$9` on.
fn way_in(filter: &Filter, way: Way, place: Place) -> (&'static Statement, Vec<db::Param>) {
    let pick = |older: &'static Statement, newer: &'static Statement| match way {
        Way::Older => older,
        Way::Newer => newer,
    };
    let (any_seller, seller) = optional(filter.seller);
    let (any_customer, customer) = optional(filter.customer);
    let (from, to) = (filter.from.unwrap_or(0), filter.to.unwrap_or(i64::MAX));
    let taken_back = match filter.state {
        Some(StateFilter::Void) => Some("void"),
        Some(StateFilter::Refunded) => Some("refund"),
        Some(StateFilter::Whole) | None => None,
    };
    if let Some(named) = &filter.named {
        let special = vec![
            from.into(),
            to.into(),
            any_seller.into(),
            seller.into(),
            text_key::pattern(named).into(),
            taken_back.unwrap_or_default().into(),
        ];
        return (pick(&OF_NAMED, &OF_NAMED_BACK), special);
    }
    if let Some(kind) = taken_back {
        let special = vec![
            from.into(),
            to.into(),
            any_seller.into(),
            seller.into(),
            any_customer.into(),
            customer.into(),
            kind.into(),
        ];
        return (pick(&TAKEN_BACK, &TAKEN_BACK_BACK), special);
    }
    if filter.has_days() {
        // The engines begin at the range's end, so that the range ends where the reader stands.
        let (from, to) = match way {
            Way::Older => (from, to.min(place.business_date)),
            Way::Newer => (from.max(place.business_date), to),
        };
        let special = vec![
            from.into(),
            to.into(),
            place.business_date.into(),
            place.hour.into(),
            any_seller.into(),
            seller.into(),
            any_customer.into(),
            customer.into(),
        ];
        return (pick(&OF_DAYS, &OF_DAYS_BACK), special);
    }
    if filter.customer.is_some() {
        return (pick(&OF_CUSTOMER, &OF_CUSTOMER_BACK), vec![customer.into(), any_seller.into(), seller.into()]);
    }
    if filter.seller.is_some() {
        return (pick(&OF_SELLER, &OF_SELLER_BACK), vec![seller.into()]);
    }
    (pick(&NEWER_FIRST, &OLDER_FIRST), Vec::new())
}

fn place_of(mut row: Row) -> Result<Place, DbError> {
    Ok(Place { id: row.take()?, sold_at: row.take()?, business_date: row.take()?, hour: row.take()? })
}

/// A row of the list.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its place.
    pub place: Place,
    /// Series and number.
    pub label: String,
    /// Who sold.
    pub seller: String,
    /// Who bought; empty for a final consumer.
    pub customer: String,
    /// Without tax.
    pub base_minor: i64,
    /// The tax.
    pub tax_minor: i64,
    /// Charged.
    pub total_minor: i64,
    /// How many lines.
    pub line_count: i64,
    /// Whether the till was on its own.
    pub offline: bool,
    /// The first method; empty where nothing was due.
    pub method: String,
    /// How many further payments there are.
    pub more_payments: i64,
    /// Paid back.
    pub refunded_minor: i64,
    /// Whether something came back.
    pub is_refunded: bool,
    /// Whether it was undone.
    pub is_void: bool,
}

impl Found {
    /// The sale.
    pub fn id(&self) -> SaleId {
        SaleId(self.place.id)
    }

    /// Whether refunds paid all of it back.
    pub fn is_returned(&self) -> bool {
        self.is_refunded && self.refunded_minor >= self.total_minor
    }
}

/// The rows of places, in their order.
///
/// # Errors
/// Whatever the database says.
pub async fn load_rows(read: &mut ShopRead, places: &[Place]) -> Result<Vec<Found>, DbError> {
    let rows = read.opt_many(&ROW, places.iter().map(|place| params![place.id]).collect()).await?;
    let found = places.iter().zip(rows).filter_map(|(place, row)| row.map(|row| found(*place, row)));
    found.collect()
}

fn found(place: Place, mut row: Row) -> Result<Found, DbError> {
    let (prefix, number): (String, i64) = (row.take()?, row.take()?);
    let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
    let (registered, typed): (Option<String>, String) = (row.take()?, row.take()?);
    let (base_minor, tax_minor, total_minor) = (row.take()?, row.take()?, row.take()?);
    let (line_count, offline) = (row.take()?, row.take()?);
    let (method, payments): (Option<String>, i64) = (row.take()?, row.take()?);
    let (refunded_minor, refunds, voids): (i64, i64, i64) = (row.take()?, row.take()?, row.take()?);
    Ok(Found {
        place,
        label: format!("{prefix}{number}"),
        seller: super::load_sale::person_name(username, &first, &last),
        customer: registered.unwrap_or(typed),
        base_minor,
        tax_minor,
        total_minor,
        line_count,
        offline,
        method: method.unwrap_or_default(),
        more_payments: (payments - 1).max(0),
        refunded_minor,
        is_refunded: refunds > 0,
        is_void: voids > 0,
    })
}
