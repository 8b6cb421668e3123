//! A shop in a throw-away database.

use crate::{
    actor::Actor,
    features::{
        accounts::people::{self, NewPerson},
        cash::sessions::{self, CashError, OpenSession},
        catalog::write::{self as catalog, NewBarcode, ProductFields, Unit},
        members,
        sales::{
            complete_sale::{CompleteSale, CompleteSaleError, Completed, Place, complete_sale},
            wire::{LineContent, PaymentContent, SaleContent, read},
        },
        settings::{
            create_shop::{self, NewShop, PriceKind},
            registers::{self, RegisterKind},
        },
        stock::{
            adjust::{AdjustError, Adjustment, Wanted, adjust},
            ledger::MovementKind,
        },
    },
    schema,
};
use db::{Db, DbError, ShopTx};
use domain::{
    ids::{LocationId, MethodId, ProductId, RegisterId, SaleId, SessionId, ShopId, TaxSetId, UserId},
    permission::Role,
    sale::Occasion,
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use uuid::Uuid;

/// 2026-11-24 15:00 in Bogotá.
pub const NOON_US: i64 = 1_795_550_400_000_000;

/// A clock that stands at [`NOON_US`].
#[derive(Clone, Copy, Debug)]
pub struct FixedClock;

impl guard::source::Clock for FixedClock {
    fn now_us(&self) -> i64 {
        NOON_US
    }
}

/// A clock that stands at the moment it was given.
#[derive(Clone, Copy, Debug)]
pub struct ClockAt(pub i64);

impl guard::source::Clock for ClockAt {
    fn now_us(&self) -> i64 {
        self.0
    }
}

/// A clock that a test sets.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at a moment.
    pub fn at(now_us: i64) -> TestClock {
        TestClock(Arc::new(AtomicI64::new(now_us)))
    }

    /// Sets it.
    pub fn set(&self, now_us: i64) {
        self.0.store(now_us, Ordering::Relaxed);
    }

    /// What it says.
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl guard::source::Clock for TestClock {
    fn now_us(&self) -> i64 {
        self.now()
    }
}

/// Runs a test on SQLite, then on PostgreSQL, in a fresh database of the program.
pub async fn on_both<F: AsyncFn(Db)>(test: F) {
    db::testkit::on_both(schema::MIGRATIONS, schema::TABLE_RANKS, test).await;
}

/// Ids that are the same in each run: the next number, told as a UUID.
#[derive(Debug, Default)]
pub struct FixedIds(AtomicU64);

impl FixedIds {
    /// The next one.
    pub fn next(&self) -> Uuid {
        Uuid::from_u128(0x7000_8000_0000_0000_0000_u128 << 40 | u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }
}

/// A shop ready to sell: an admin, a till with an open drawer, no products.
pub struct TestShop {
    /// Its database.
    pub db: Db,
    /// Its admin.
    pub admin: Actor,
    /// Its only location.
    pub location: LocationId,
    /// Its till's register.
    pub till: RegisterId,
    /// The register of the office.
    pub office: RegisterId,
    /// The till's open session.
    pub session: SessionId,
    /// IVA 19 %.
    pub tax_set: TaxSetId,
    /// No tax at all.
    pub excluded: TaxSetId,
    /// Efectivo.
    pub cash: MethodId,
    /// Transferencia, which needs the bank.
    pub transfer: MethodId,
    /// Where ids come from.
    pub ids: FixedIds,
}

impl TestShop {
    /// Creates the shop; two shops in one database need two bases.
    pub async fn create(db: Db, base: u64) -> TestShop {
        let shop = TestShop::create_without_drawer(db, base).await;
        let drawer = OpenSession {
            id: shop.session,
            register: shop.till,
            person: shop.admin.user,
            opening_minor: 5_000_000,
            at: NOON_US,
        };
        shop.db
            .shop_write(&shop.admin, "open test drawer", async move |tx: &mut ShopTx| -> Result<(), CashError> {
                sessions::open(tx, drawer).await
            })
            .await
            .expect("a new till's drawer can be opened");
        shop
    }

    /// The same before its till's drawer was ever opened: no money is on record.
    pub async fn create_without_drawer(db: Db, base: u64) -> TestShop {
        let ids = FixedIds(AtomicU64::new(base << 32));
        let new = NewShop {
            id: ShopId(ids.next()),
            name: "Tienda La Esquina".into(),
            ids: std::array::from_fn(|_| ids.next()),
            prices: PriceKind::default(),
            now_us: NOON_US,
        };
        let admin = Actor { shop: new.id, user: UserId(ids.next()), role: Role::Admin };
        let person = NewPerson {
            username: format!("marta{base}"),
            email: Some(format!("marta{base}@ejemplo.co")),
            active: true,
            email_verified: true,
            ..NewPerson::default()
        };
        let session = SessionId(ids.next());
        let [location, till, office, _import, tax, _, _, excluded, cash, transfer, _card] = new.ids;
        db.shop_write(&admin, "create test shop", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            create_shop::insert(tx, &new).await?;
            people::insert_with_shop(tx, admin.user, &person, NOON_US).await?;
            members::write::insert(tx, admin.user, admin.role, None, NOON_US).await
        })
        .await
        .expect("a new shop can be created");
        TestShop {
            db,
            admin,
            location: LocationId(location),
            till: RegisterId(till),
            office: RegisterId(office),
            session,
            tax_set: TaxSetId(tax),
            excluded: TaxSetId(excluded),
            cash: MethodId(cash),
            transfer: MethodId(transfer),
            ids,
        }
    }

    /// A seller of the shop.
    pub async fn seller(&self) -> Actor {
        let seller = Actor { shop: self.admin.shop, user: UserId(self.ids.next()), role: Role::Seller };
        let person = NewPerson { username: format!("vende{}", seller.user), active: true, ..NewPerson::default() };
        let admin = self.admin;
        self.db
            .shop_write(&admin, "create seller", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                people::insert_with_shop(tx, seller.user, &person, NOON_US).await?;
                members::write::insert(tx, seller.user, seller.role, Some(admin.user), NOON_US).await
            })
            .await
            .expect("the seller is new");
        seller
    }

    /// The fields of a tracked product that sells whole units at a price before tax.
    pub fn fields(&self, name: &str, price_minor: i64) -> ProductFields {
        ProductFields {
            name: name.into(),
            sku: None,
            category: None,
            unit: Unit::Piece,
            fractions: false,
            tracks_stock: true,
            sells_below_zero: false,
            price_minor,
            purchase_price_minor: None,
            tax_set: self.tax_set,
            minimum_milli: 0,
            favorite: false,
            barcodes: Vec::<NewBarcode>::new(),
        }
    }

    /// Creates a product and gives it opening stock at a unit cost.
    pub async fn product(&self, fields: ProductFields, stock_milli: i64, unit_cost_minor: i64) -> ProductId {
        let (id, admin) = (ProductId(self.ids.next()), self.admin);
        self.db
            .shop_write(&admin, "create product", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                let edit = catalog::begin_edit(tx, admin.user, NOON_US).await?;
                catalog::insert_product(tx, edit, id, &fields).await
            })
            .await
            .expect("the product is new");
        if stock_milli != 0 {
            self.adjust(id, Wanted::Change { quantity_milli: stock_milli, unit_cost_minor: Some(unit_cost_minor) })
                .await
                .expect("opening stock fits");
        }
        id
    }

    /// Adjusts stock.
    pub async fn adjust(&self, product: ProductId, wanted: Wanted) -> Result<(), AdjustError> {
        self.adjust_at(product, wanted, NOON_US).await
    }

    /// Adjusts stock at a moment.
    pub async fn adjust_at(&self, product: ProductId, wanted: Wanted, now_us: i64) -> Result<(), AdjustError> {
        let adjustment = Adjustment {
            id: self.ids.next(),
            actor: self.admin,
            location: self.location,
            register: self.office,
            product,
            wanted,
            kind: MovementKind::Adjustment,
            reason: "prueba".into(),
            now_us,
        };
        self.db
            .shop_write(&self.admin, "adjust", async move |tx: &mut ShopTx| adjust(tx, &adjustment).await.map(drop))
            .await
    }

    /// The content of a sale paid in cash to the last unit.
    pub fn cart(&self, lines: &[(ProductId, &str)], due: &str) -> SaleContent {
        SaleContent {
            lines: lines.iter().map(|(product, quantity)| line(*product, quantity)).collect(),
            payments: vec![PaymentContent {
                method_id: self.cash,
                amount: due.into(),
                tendered: None,
                bank: None,
                reference: None,
            }],
            ..SaleContent::default()
        }
    }

    /// A sale command numbered by the office, its cash for the till's drawer.
    pub fn command(&self, id: SaleId, content: &SaleContent) -> CompleteSale {
        CompleteSale {
            id,
            actor: self.admin,
            sale: read(content, 2).expect("the content is well formed"),
            place: Place::Office { register: self.office, session: Some(self.session) },
            occasion: Occasion::Asking,
            catalog_version: None,
            sold_at: NOON_US,
            now_us: NOON_US,
        }
    }

    /// Sells.
    pub async fn sell(&self, command: CompleteSale) -> Result<Completed, CompleteSaleError> {
        sell(self.db.clone(), command).await
    }

    /// The import register, for tests of imports.
    pub async fn import_register(&self) -> RegisterId {
        let mut read = self.db.shop(&self.admin).await.expect("the database answers");
        registers::first_of_kind(&mut read, RegisterKind::Import)
            .await
            .expect("the database answers")
            .expect("a shop has one")
    }
}

/// Sells, as something that can be spawned.
pub async fn sell(db: Db, command: CompleteSale) -> Result<Completed, CompleteSaleError> {
    let actor = command.actor;
    db.shop_write(&actor, "complete sale", async move |tx: &mut ShopTx| complete_sale(tx, &command).await).await
}

fn line(product_id: ProductId, quantity: &str) -> LineContent {
    LineContent {
        product_id,
        name: None,
        quantity: quantity.into(),
        pack: None,
        unit_price: None,
        taxes: None,
        discount: None,
        note: None,
    }
}
