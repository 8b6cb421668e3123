//! `POST /api/v1/till/batch`: what a till delivers, item by item.
//!
//! **Invariants:** each item is a transaction of its own, so that one bad item
//! never blocks the next. What already happened is never refused: it is posted, or
//! kept whole for a person. A repetition gets the stored answer.

use crate::{
    actor::Actor,
    features::{
        cash::sessions::{self, ByHand, CashError, CloseSession, OpenSession},
        catalog::write::begin_edit,
        commands::{self, Claim, Claimed},
        customers::write::{self as customers, CustomerFields},
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Completed, Place, complete_sale},
            wire::{self, SaleContent},
        },
        settings::shop,
        sync::{
            device::DeviceActor,
            item::{
                CashContent, CloseContent, CustomerContent, Direction, Item, ItemResult, Known, NotPosted, OpenContent,
                Outcome, PostedItem, ProductContent, known,
            },
            lease,
            post_product::{self, ProductPosted},
            review::{self, Posted, ReviewItem},
        },
    },
    kernel::{App, Body},
};
use axum::{extract::State, response::Response};
use db::{DbError, ShopTx, params};
use domain::{
    decimal,
    ids::{CustomerId, ProductId, SaleId},
    permission::{Permission, Role},
    sale::{Occasion, SaleRefused, Shortage},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use web::{AppError, Problem, json as envelope};

db::statements! {
    /// Who the till says did it, as they are in the shop now.
    ROLE = "sync.role",
        "SELECT role
         FROM member
         WHERE shop_id = $1 AND user_id = $2 AND active";
}

/// Most items of one batch.
const ITEMS_MAX: usize = 100;
/// Longest reason of money moved by hand.
const REASON_CHARS_MAX: usize = 150;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct BatchAnswer {
    results: Vec<ItemResult>,
    server_time: i64,
}

/// Posts a batch.
pub async fn submit(State(app): State<App>, device: DeviceActor, Body(body): Body) -> Result<Response, AppError> {
    let batch: Batch = envelope::parse(&body)?;
    if batch.items.len() > ITEMS_MAX {
        return Err(AppError::Validation(vec![("items".to_owned(), Problem::TooBig { max: ITEMS_MAX.to_string() })]));
    }
    let mut results = Vec::with_capacity(batch.items.len());
    for item in batch.items {
        results.push(deliver(&app, device, item).await?);
    }
    app.bell.ring();
    envelope::data(&BatchAnswer { results, server_time: app.now_us() })
}

/// Posts one item. Only a failing database is an error: the till keeps the item
/// then and sends it again.
async fn deliver(app: &App, device: DeviceActor, item: Item) -> Result<ItemResult, AppError> {
    let id = item.id;
    let not_posted = if device.revoked {
        NotPosted::because("DEVICE_REVOKED")
    } else {
        match post(app, device, &item, Approval::None).await {
            Ok(posted) => return Ok(accepted(id, posted)),
            Err(Stopped::Db(error)) => return Err(error.into()),
            Err(Stopped::NotPosted(not_posted)) => not_posted,
        }
    };
    // Another sale under a used number or id is somebody's to look at, asked or not.
    let must_keep = item.offline || device.revoked || not_posted.code == "CONFLICT";
    if !must_keep {
        let data = json!({ "code": not_posted.code, "message": "", "fields": not_posted.fields });
        return Ok(ItemResult { id, outcome: Outcome::Refused, data });
    }
    // How it travelled is not what it is: the same item again, now offline, is kept once.
    let item = Item { offline: true, ..item };
    let review = ReviewItem {
        id: app.new_id(),
        item: id,
        kind: item.kind.clone(),
        code: not_posted.code.to_owned(),
        content: serde_json::to_string(&item)?,
        posted: Posted::No,
        now_us: app.now_us(),
    };
    tracing::warn!(device = %device.device, item = %id, code = not_posted.code, "an item is kept for review");
    keep(app, device, review).await?;
    Ok(ItemResult { id, outcome: Outcome::Review, data: json!({ "code": not_posted.code }) })
}

async fn keep(app: &App, device: DeviceActor, review: ReviewItem) -> Result<(), DbError> {
    app.db
        .shop_write(&device, "keep for review", async move |tx: &mut ShopTx| review::keep(tx, device, &review).await)
        .await
}

fn accepted(id: uuid::Uuid, posted: PostedItem) -> ItemResult {
    let data = match posted {
        PostedItem::Done => Value::Object(Map::new()),
        PostedItem::Closed { expected, difference } => json!({ "expected": expected, "difference": difference }),
        PostedItem::Sold(answer) => json!(answer),
    };
    ItemResult { id, outcome: Outcome::Accepted, data }
}

/// Why an item is not posted now.
enum Stopped {
    /// By the rules.
    NotPosted(NotPosted),
    /// By the database.
    Db(DbError),
}

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Self {
        Stopped::Db(error)
    }
}

impl From<NotPosted> for Stopped {
    fn from(not_posted: NotPosted) -> Self {
        Stopped::NotPosted(not_posted)
    }
}

impl From<CashError> for Stopped {
    fn from(error: CashError) -> Self {
        match error {
            CashError::AlreadyOpen => NotPosted::because("CONFLICT").into(),
            CashError::NoSession => NotPosted::because("SESSION_CLOSED").into(),
            CashError::Db(error) => error.into(),
        }
    }
}

/// Posts an item that was kept for review, as what happened; `false` where it still
/// cannot be posted.
///
/// # Errors
/// Whatever the database says.
pub async fn post_after_all(app: &App, device: DeviceActor, item: &Item) -> Result<bool, DbError> {
    let item = Item { offline: true, ..item.clone() };
    match post(app, device, &item, Approval::Given).await {
        Ok(_) => Ok(true),
        Err(Stopped::NotPosted(_)) => Ok(false),
        Err(Stopped::Db(error)) => Err(error),
    }
}

/// Whether somebody who settles reviews wants it on record: their right stands in
/// for the one that the till's person lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Approval {
    None,
    Given,
}

/// Everything an item's transaction needs.
struct Post {
    device: DeviceActor,
    actor: Actor,
    item: Item,
    /// When it happened, by the till's clock corrected at this contact.
    at: i64,
    now_us: i64,
    review_id: uuid::Uuid,
    approval: Approval,
}

async fn post(app: &App, device: DeviceActor, item: &Item, approval: Approval) -> Result<PostedItem, Stopped> {
    let known = known(item).ok_or_else(|| NotPosted::because("UNKNOWN_ITEM"))?;
    let actor = actor_of(app, device, item).await?;
    if !actor.may(Permission::Sell) {
        return Err(NotPosted::because("PERMISSION_DENIED").into());
    }
    let now_us = app.now_us();
    let at = item.at.saturating_add(device.offset_us).min(now_us);
    let post = Post { device, actor, item: item.clone(), at, now_us, review_id: app.new_id(), approval };
    app.db
        .shop_write(&device, "post item", async move |tx: &mut ShopTx| -> Result<PostedItem, Stopped> {
            match &known {
                Known::Sale(content) => post_sale(tx, &post, content).await,
                Known::Open(content) => once(tx, &post, async |tx| open(tx, &post, content).await).await,
                Known::Close(content) => close(tx, &post, content).await,
                Known::Customer(content) => once(tx, &post, async |tx| customer(tx, &post, content).await).await,
                Known::Product(content) => once(tx, &post, async |tx| product(tx, &post, content).await).await,
                Known::Cash(content) => once(tx, &post, async |tx| by_hand(tx, &post, content).await).await,
            }
        })
        .await
}

async fn actor_of(app: &App, device: DeviceActor, item: &Item) -> Result<Actor, Stopped> {
    let mut read = app.db.shop(&device).await?;
    let row = read.opt(&ROLE, params![item.person.0]).await?;
    let role = match row {
        Some(mut row) => Role::parse(&row.take::<String>()?),
        None => None,
    };
    let role = role.ok_or_else(|| NotPosted::because("PERMISSION_DENIED"))?;
    Ok(Actor { shop: device.shop, user: item.person, role })
}

/// Runs what has no answer of its own, once for its id.
async fn once(
    tx: &mut ShopTx,
    post: &Post,
    run: impl AsyncFnOnce(&mut ShopTx) -> Result<(), Stopped>,
) -> Result<PostedItem, Stopped> {
    let content = post.item.content.to_string();
    let claimed = Claimed {
        id: post.item.id,
        kind: &post.item.kind,
        content_hash: Sha256::digest(content.as_bytes()).into(),
        now_us: post.now_us,
    };
    match commands::claim(tx, claimed).await? {
        Claim::Fresh => run(tx).await?,
        Claim::Repeated(_) => {}
        Claim::Conflict => return Err(NotPosted::because("CONFLICT").into()),
    }
    Ok(PostedItem::Done)
}

async fn open(tx: &mut ShopTx, post: &Post, content: &OpenContent) -> Result<(), Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let opening_minor = amount(&content.opening, exponent)?;
    let session = OpenSession {
        id: content.session_id,
        register: post.device.register,
        person: post.actor.user,
        opening_minor,
        at: post.at,
    };
    Ok(sessions::open(tx, session).await?)
}

/// Closing needs no claim: a closed session answers its first count again.
async fn close(tx: &mut ShopTx, post: &Post, content: &CloseContent) -> Result<PostedItem, Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let counted_minor = amount(&content.counted, exponent)?;
    let closing = CloseSession { id: content.session_id, person: post.actor.user, counted_minor, at: post.at };
    let closed = sessions::close(tx, closing).await?;
    let difference = closed.counted_minor - closed.expected_minor;
    let signed = |minor: i64| {
        let minus = if minor < 0 { "-" } else { "" };
        format!("{minus}{}", decimal::format(minor.saturating_abs(), exponent))
    };
    Ok(PostedItem::Closed { expected: signed(closed.expected_minor), difference: signed(difference) })
}

async fn by_hand(tx: &mut ShopTx, post: &Post, content: &CashContent) -> Result<(), Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let amount_minor = amount(&content.amount, exponent)?;
    let reason = content.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
        return Err(invalid("reason"));
    }
    let moved = ByHand {
        id: post.item.id,
        session: content.session_id,
        amount_minor: if content.direction == Direction::Out { -amount_minor } else { amount_minor },
        reason: reason.to_owned(),
        person: post.actor.user,
        at: post.at,
        now_us: post.now_us,
    };
    Ok(sessions::by_hand(tx, &moved).await?)
}

async fn customer(tx: &mut ShopTx, post: &Post, content: &CustomerContent) -> Result<(), Stopped> {
    let words = |field: &str, text: Option<&str>, chars_max: usize| {
        let text = text.unwrap_or_default().trim();
        if text.chars().count() > chars_max || text.chars().any(char::is_control) {
            return Err(invalid(field));
        }
        Ok(text.to_owned())
    };
    let fields = CustomerFields {
        name: words("name", Some(&content.name), 150)?,
        phone: words("phone", content.phone.as_deref(), 20)?,
        document: words("document", content.document.as_deref(), 20)?,
        ..CustomerFields::default()
    };
    if fields.name.is_empty() {
        return Err(invalid("name"));
    }
    Ok(customers::insert_customers(tx, &[(CustomerId(post.item.id), fields)], post.now_us).await?)
}

async fn product(tx: &mut ShopTx, post: &Post, content: &ProductContent) -> Result<(), Stopped> {
    if post.approval == Approval::None && !post.actor.rights().create_product {
        return Err(NotPosted::because("PERMISSION_DENIED").into());
    }
    let exponent = shop::load_profile(tx).await?.exponent;
    let product = post_product::read(content, exponent).map_err(NotPosted::from)?;
    let edit = begin_edit(tx, post.actor.user, post.now_us).await?;
    let occasion = if post.item.offline { Occasion::Happened } else { Occasion::Asking };
    match post_product::post(tx, edit, ProductId(post.item.id), &product, occasion).await? {
        ProductPosted::Whole => Ok(()),
        ProductPosted::NoTaxes => Err(invalid("tax_set_id")),
        ProductPosted::Refused { owner } => {
            let fields = Map::from_iter([("code".to_owned(), json!(owner))]);
            Err(NotPosted { code: "CODE_TAKEN", fields }.into())
        }
        ProductPosted::WithoutCode { owner_name } => {
            let odd = json!({ "name": product.name, "code": product.code, "owner": owner_name });
            keep_odd(tx, post, "CODE_TAKEN", odd.to_string()).await
        }
    }
}

fn amount(text: &str, exponent: u32) -> Result<i64, Stopped> {
    match decimal::parse(text, exponent) {
        Ok(minor) if minor <= domain::sale::MAX_DOCUMENT_MINOR => Ok(minor),
        _ => Err(invalid("amount")),
    }
}

fn invalid(field: &str) -> Stopped {
    let fields = Map::from_iter([(field.to_owned(), json!("INVALID"))]);
    NotPosted { code: "VALIDATION_ERROR", fields }.into()
}

async fn post_sale(tx: &mut ShopTx, post: &Post, content: &SaleContent) -> Result<PostedItem, Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let sale = wire::read(content, exponent).map_err(|problems| {
        let fields = problems.into_keys().map(|path| (path, json!("INVALID"))).collect();
        NotPosted { code: "VALIDATION_ERROR", fields }
    })?;
    let (Some(session), Some(number)) = (content.session_id, content.number) else {
        return Err(invalid("number"));
    };
    if !lease::covers(tx, post.device, number).await? {
        return Err(NotPosted::because("NUMBER_NOT_LEASED").into());
    }
    let occasion = if post.item.offline { Occasion::Happened } else { Occasion::Asking };
    let command = CompleteSale {
        id: SaleId(post.item.id),
        actor: post.actor,
        sale,
        place: Place::Till { register: post.device.register, device: post.device.device, session, number },
        occasion,
        catalog_version: content.catalog_version,
        sold_at: post.at,
        now_us: post.now_us,
    };
    let Completed { answer, differences } = complete_sale(tx, &command).await.map_err(refused)?;
    if !differences.is_empty() {
        keep_odd(tx, post, "DIFFERENCE", format!("{differences:?}")).await?;
    }
    Ok(PostedItem::Sold(answer))
}

/// Files what is on record and odd, for a person to see.
async fn keep_odd(tx: &mut ShopTx, post: &Post, code: &str, content: String) -> Result<(), Stopped> {
    let review = ReviewItem {
        id: post.review_id,
        item: post.item.id,
        kind: post.item.kind.clone(),
        code: code.to_owned(),
        content,
        posted: Posted::Yes,
        now_us: post.now_us,
    };
    Ok(review::keep(tx, post.device, &review).await?)
}

fn refused(error: CompleteSaleError) -> Stopped {
    let refused = match error {
        CompleteSaleError::Db(error) => return error.into(),
        CompleteSaleError::Conflict => return NotPosted::because("CONFLICT").into(),
        CompleteSaleError::NumberTaken => return NotPosted::because("CONFLICT").into(),
        CompleteSaleError::NoSession => return NotPosted::because("SESSION_CLOSED").into(),
        CompleteSaleError::NoRegister => return NotPosted::because("PERMISSION_DENIED").into(),
        CompleteSaleError::Refused(refused) => refused,
    };
    let at = |line: usize, what: &str| Map::from_iter([(format!("lines.{line}"), json!(what))]);
    let (code, fields) = match &refused {
        SaleRefused::StockShort(short) => ("STOCK_INSUFFICIENT", short.iter().map(shortage).collect()),
        SaleRefused::UnknownProduct { line } => ("UNKNOWN_PRODUCT", at(*line, "UNKNOWN")),
        SaleRefused::Inactive { line } => ("UNKNOWN_PRODUCT", at(*line, "INACTIVE")),
        SaleRefused::PriceChanged { line, .. } => ("PRICE_CHANGED", at(*line, "PRICE")),
        SaleRefused::TotalDiffers { .. } => ("PRICE_CHANGED", Map::new()),
        SaleRefused::DiscountNotAllowed { line } => ("PERMISSION_DENIED", at(*line, "DISCOUNT")),
        SaleRefused::NotDivisible { line } => ("VALIDATION_ERROR", at(*line, "NOT_DIVISIBLE")),
        SaleRefused::UnknownCustomer => {
            ("VALIDATION_ERROR", Map::from_iter([("customer".to_owned(), json!("UNKNOWN"))]))
        }
        SaleRefused::Quote(_) | SaleRefused::TooLarge => ("VALIDATION_ERROR", Map::new()),
        SaleRefused::UnknownMethod { payment }
        | SaleRefused::BankMissing { payment }
        | SaleRefused::ReferenceMissing { payment }
        | SaleRefused::TenderedWrong { payment } => {
            ("VALIDATION_ERROR", Map::from_iter([(format!("payments.{payment}"), json!("INVALID"))]))
        }
        SaleRefused::PaymentsDiffer { .. } => {
            ("VALIDATION_ERROR", Map::from_iter([("payments".to_owned(), json!("DIFFER"))]))
        }
        SaleRefused::ShownDiffers { .. } => {
            ("VALIDATION_ERROR", Map::from_iter([("expected.change".to_owned(), json!("DIFFERS"))]))
        }
        // A till's sale always has its session.
        SaleRefused::NoDrawer => ("SESSION_CLOSED", Map::new()),
    };
    NotPosted { code, fields }.into()
}

fn shortage(short: &Shortage) -> (String, Value) {
    (short.line.to_string(), json!(decimal::format_shortest(short.on_hand_milli.max(0), 3)))
}
