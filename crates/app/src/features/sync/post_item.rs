//! Posting one delivered item inside a transaction: claim, gate, work.
//!
//! **Invariants:** the item's id is claimed before anything is judged, so that what is
//! on record answers a repetition whoever has left, been revoked or lost a right since.
//! What happened is refused only where nobody could ever write it down; what is odd
//! about it is filed in the same transaction.

use crate::{
    actor::Actor,
    features::{
        cash::{
            ledger::{self as cash_ledger, LockedSession},
            sessions::{self, ByHand, CashError, CloseSession, OpenSession},
        },
        catalog::write::begin_edit,
        commands::{self, Claim, Claimed},
        customers::write::{self as customers, CustomerFields},
        members::write as members,
        settings::shop,
        sync::{
            device::DeviceActor,
            item::{
                CashContent, CloseContent, CustomerContent, Direction, Item, Known, NotPosted, OpenContent, PostedItem,
                ProductContent, known,
            },
            oddity::{DeliveryOddity, OddItem, Oddity},
            post_product::{self, ProductPosted},
            post_sale,
            review::{self, Posted, ReviewItem},
        },
    },
};
use db::{DbError, ShopTx};
use domain::{
    decimal,
    ids::{CustomerId, ProductId, SessionId},
    permission::{Permission, Role},
    sale::Occasion,
};
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Longest reason of money moved by hand.
const REASON_CHARS_MAX: usize = 150;
/// 2020-01-01: nothing that a till says happened before there were any.
const EARLIEST_US: i64 = 1_577_836_800_000_000;

/// An item to post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Who delivered it.
    pub device: DeviceActor,
    /// The item.
    pub item: Item,
    /// When the server first had it, in microseconds UTC.
    pub received_us: i64,
    /// Now, in microseconds UTC.
    pub now_us: i64,
    /// The id of what may have to be filed about it.
    pub review_id: Uuid,
    /// The person who posts it after all, where it had been kept.
    pub settling: Option<Settling>,
}

/// Somebody who settles reviews wants it on record: their right stands in for what
/// the till's person or device lacks.
#[derive(Clone, Copy, Debug)]
pub struct Settling {
    /// Who.
    pub by: Actor,
    /// Which review: its id serves an item whose own is taken.
    pub review: Uuid,
}

/// Why an item is not posted now.
#[derive(Debug)]
pub enum Stopped {
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
            CashError::AlreadyOpen => because("CONFLICT"),
            CashError::NoSession => because("SESSION_CLOSED"),
            CashError::Db(error) => error.into(),
        }
    }
}

pub(super) fn because(code: &'static str) -> Stopped {
    NotPosted::because(code).into()
}

/// A field that cannot be read.
pub(super) fn invalid(field: &str) -> Stopped {
    let fields = Map::from_iter([(field.to_owned(), json!("INVALID"))]);
    NotPosted { code: "VALIDATION_ERROR", fields }.into()
}

/// What the person is in the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Works,
    Left,
    Stranger,
}

/// An item being posted.
pub(super) struct Work<'a> {
    pub(super) post: &'a Post,
    /// The id under which it goes on record.
    pub(super) id: Uuid,
    pub(super) actor: Actor,
    standing: Standing,
    /// When it happened, held within what a till can know.
    pub(super) at: i64,
    pub(super) odd: Vec<Oddity>,
}

/// Posts an item.
///
/// # Errors
/// The reasons of [`Stopped`]; the caller's transaction then rolls back and the id is
/// free again.
pub async fn post(tx: &mut ShopTx, post: &Post) -> Result<PostedItem, Stopped> {
    let known = known(&post.item).ok_or_else(|| because("UNKNOWN_ITEM"))?;
    let mut work = Work::begin(tx, post).await?;
    let posted = match &known {
        Known::Sale(content) => post_sale::post(tx, &mut work, content).await?,
        Known::Close(content) => close(tx, &mut work, content).await?,
        other => {
            if work.is_new(tx).await? {
                once(tx, &mut work, other).await?;
            }
            PostedItem::Done
        }
    };
    work.file(tx).await?;
    Ok(posted)
}

/// What has no answer of its own.
async fn once(tx: &mut ShopTx, work: &mut Work<'_>, known: &Known) -> Result<(), Stopped> {
    match known {
        Known::Open(content) => open(tx, work, content).await,
        Known::Cash(content) => by_hand(tx, work, content).await,
        Known::Customer(content) => customer(tx, work, content).await,
        Known::Product(content) => product(tx, work, content).await,
        // The two that answer more than "done" are posted by themselves.
        Known::Sale(_) | Known::Close(_) => Ok(()),
    }
}

impl<'a> Work<'a> {
    async fn begin(tx: &mut ShopTx, post: &'a Post) -> Result<Self, DbError> {
        let person = post.item.person;
        let (role, standing) = match members::standing(tx, person).await? {
            Some(known) if known.active => (known.role, Standing::Works),
            Some(known) => (known.role, Standing::Left),
            // The least that anybody may, until the gate has turned them away.
            None => (Role::Seller, Standing::Stranger),
        };
        let actor = Actor { shop: post.device.shop, user: person, role };
        let standing = if actor.may(Permission::Sell) { standing } else { Standing::Stranger };
        let at = post.item.at.clamp(EARLIEST_US, post.received_us.max(EARLIEST_US));
        Ok(Work { post, id: post.item.id, actor, standing, at, odd: Vec::new() })
    }

    /// Whether it already happened.
    pub(super) fn occasion(&self) -> Occasion {
        if self.post.item.offline { Occasion::Happened } else { Occasion::Asking }
    }

    /// What stands between a new item and the books. Who posts it after all has
    /// weighed that.
    pub(super) fn gate(&mut self) -> Result<(), Stopped> {
        match (self.standing, self.post.settling) {
            (Standing::Stranger, Some(settling)) => {
                self.actor = settling.by;
                self.odd.push(DeliveryOddity::PersonUnknown.into());
            }
            (Standing::Left, Some(_)) => self.odd.push(DeliveryOddity::PersonLeft.into()),
            (Standing::Works, Some(_)) => {}
            (_, None) if self.post.device.revoked => return Err(because("DEVICE_REVOKED")),
            (Standing::Works, None) => {}
            (Standing::Left, None) if self.occasion() == Occasion::Happened => {
                self.odd.push(DeliveryOddity::PersonLeft.into());
            }
            (Standing::Left | Standing::Stranger, None) => return Err(because("PERMISSION_DENIED")),
        }
        Ok(())
    }

    /// Gives an item whose id is taken another one, where somebody wants it on record.
    pub(super) fn take_other_id(&mut self) -> Result<(), Stopped> {
        let settling = self.post.settling.filter(|settling| settling.review != self.id);
        self.id = settling.ok_or_else(|| because("ID_USED"))?.review;
        self.odd.push(DeliveryOddity::OtherId.into());
        Ok(())
    }

    /// Claims the item's id and lets a new one through the gate; `false` where it was
    /// posted before.
    async fn is_new(&mut self, tx: &mut ShopTx) -> Result<bool, Stopped> {
        let content_hash = Sha256::digest(self.post.item.content.to_string().as_bytes()).into();
        loop {
            let claimed = Claimed { id: self.id, kind: &self.post.item.kind, content_hash, now_us: self.post.now_us };
            match commands::claim(tx, claimed).await? {
                Claim::Repeated(_) => return Ok(false),
                Claim::Conflict => self.take_other_id()?,
                Claim::Fresh => break,
            }
        }
        self.gate()?;
        Ok(true)
    }

    /// Files what is odd, for a person to see.
    async fn file(self, tx: &mut ShopTx) -> Result<(), Stopped> {
        if self.odd.is_empty() {
            return Ok(());
        }
        let odd = OddItem { item: self.post.item.clone(), odd: self.odd };
        let review = ReviewItem {
            id: self.post.review_id,
            item: self.id,
            kind: self.post.item.kind.clone(),
            code: "DIFFERENCE".to_owned(),
            content: serde_json::to_string(&odd).expect("ids, numbers and texts always become JSON"),
            posted: Posted::Yes,
            now_us: self.post.now_us,
        };
        Ok(review::keep(tx, self.post.device, &review).await?)
    }

    /// A text of at most so many characters: asked for, a longer one is refused; what
    /// happened has it cut.
    fn words(&mut self, field: &str, text: Option<&str>, chars_max: usize) -> Result<String, Stopped> {
        let text = text.unwrap_or_default().trim();
        if text.chars().count() <= chars_max && !text.chars().any(char::is_control) {
            return Ok(text.to_owned());
        }
        if self.occasion() == Occasion::Asking {
            return Err(invalid(field));
        }
        self.odd.push(DeliveryOddity::Shortened { field: field.to_owned() }.into());
        Ok(text.chars().filter(|letter| !letter.is_control()).take(chars_max).collect())
    }
}

fn amount(text: &str, exponent: u32) -> Result<i64, Stopped> {
    match decimal::parse(text, exponent) {
        Ok(minor) if minor <= domain::sale::MAX_DOCUMENT_MINOR => Ok(minor),
        _ => Err(invalid("amount")),
    }
}

/// Where another session of the register is open, an asking till is told so. One that
/// opened on its own sells in it already: the one before is left to be counted, unless
/// it is a withdrawn device's that comes late; then this one is.
async fn open(tx: &mut ShopTx, work: &mut Work<'_>, content: &OpenContent) -> Result<(), Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let opening_minor = amount(&content.opening, exponent)?;
    let register = work.post.device.register;
    let (person, at) = (work.actor.user, work.at);
    let session = OpenSession { id: content.session_id, register, person, opening_minor, at };
    if let Some(before) = sessions::open_session(tx, register).await? {
        if work.occasion() == Occasion::Asking {
            return Err(because("CONFLICT"));
        }
        if work.post.device.revoked {
            work.odd.push(DeliveryOddity::SessionLate.into());
            return Ok(sessions::open_left(tx, session).await?);
        }
        work.odd.push(DeliveryOddity::SessionLeft.into());
        sessions::leave(tx, before, person, at).await?;
    }
    Ok(sessions::open(tx, session).await?)
}

/// A session of the device's own register, locked: a till moves no other's drawer.
async fn lock_own(tx: &mut ShopTx, work: &Work<'_>, session: SessionId) -> Result<LockedSession, Stopped> {
    let locked = cash_ledger::lock_session(tx, session).await?;
    let own = locked.filter(|locked| locked.register == work.post.device.register);
    own.ok_or_else(|| because("SESSION_CLOSED"))
}

/// Closing needs no claim: a counted session answers its first count again.
async fn close(tx: &mut ShopTx, work: &mut Work<'_>, content: &CloseContent) -> Result<PostedItem, Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let counted_minor = amount(&content.counted, exponent)?;
    let locked = lock_own(tx, work, content.session_id).await?;
    if !locked.counted {
        work.gate()?;
    }
    let closing = CloseSession { id: content.session_id, person: work.actor.user, counted_minor, at: work.at };
    let closed = sessions::close(tx, closing).await?;
    let difference = closed.counted_minor - closed.expected_minor;
    Ok(PostedItem::Closed {
        expected: decimal::format(closed.expected_minor, exponent),
        difference: decimal::format(difference, exponent),
    })
}

async fn by_hand(tx: &mut ShopTx, work: &mut Work<'_>, content: &CashContent) -> Result<(), Stopped> {
    let exponent = shop::load_profile(tx).await?.exponent;
    let amount_minor = amount(&content.amount, exponent)?;
    let reason = work.words("reason", Some(&content.reason), REASON_CHARS_MAX)?;
    let is_asking = work.occasion() == Occasion::Asking;
    if reason.is_empty() && is_asking {
        return Err(invalid("reason"));
    }
    let locked = lock_own(tx, work, content.session_id).await?;
    if !locked.open && is_asking {
        return Err(because("SESSION_CLOSED"));
    }
    let moved = ByHand {
        id: work.id,
        session: content.session_id,
        amount_minor: if content.direction == Direction::Out { -amount_minor } else { amount_minor },
        reason,
        person: work.actor.user,
        at: work.at,
        now_us: work.post.now_us,
    };
    Ok(sessions::by_hand(tx, &moved).await?)
}

async fn customer(tx: &mut ShopTx, work: &mut Work<'_>, content: &CustomerContent) -> Result<(), Stopped> {
    let fields = CustomerFields {
        name: work.words("name", Some(&content.name), 150)?,
        phone: work.words("phone", content.phone.as_deref(), 20)?,
        document: work.words("document", content.document.as_deref(), 20)?,
        ..CustomerFields::default()
    };
    if fields.name.is_empty() {
        return Err(invalid("name"));
    }
    Ok(customers::insert_customers(tx, &[(CustomerId(work.id), fields)], work.post.now_us).await?)
}

async fn product(tx: &mut ShopTx, work: &mut Work<'_>, content: &ProductContent) -> Result<(), Stopped> {
    if work.post.settling.is_none() && !work.actor.rights().create_product {
        return Err(because("PERMISSION_DENIED"));
    }
    let exponent = shop::load_profile(tx).await?.exponent;
    let product = post_product::read(content, exponent).map_err(NotPosted::from)?;
    let edit = begin_edit(tx, work.actor.user, work.post.now_us).await?;
    match post_product::post(tx, edit, ProductId(work.id), &product, work.occasion()).await? {
        ProductPosted::Whole => Ok(()),
        ProductPosted::NoTaxes => Err(invalid("tax_set_id")),
        ProductPosted::Refused { owner } => {
            let fields = Map::from_iter([("code".to_owned(), json!(owner))]);
            Err(NotPosted { code: "CODE_TAKEN", fields }.into())
        }
        ProductPosted::WithoutCode { owner_name } => {
            let code = product.code.unwrap_or_default();
            work.odd.push(DeliveryOddity::CodeTaken { code, owner: owner_name }.into());
            Ok(())
        }
    }
}
