//! The demonstration shop before its first day: people, goods, opening stock.

use super::{
    chance::Chance,
    goods::{GOODS, Good},
};
use crate::{
    actor::Actor,
    features::{
        accounts::people::{self, NewPerson},
        catalog::write::{self as catalog, ProductFields},
        customers::write::{self as customers, CustomerFields},
        members,
        settings::create_shop::{self, NewShop, PriceKind},
        stock::{
            adjust::{AdjustError, Adjustment, Wanted, adjust},
            ledger::MovementKind,
        },
        sync::enrol::{self, NewDevice},
    },
};
use db::{Db, DbError, ShopTx};
use domain::{
    ids::{CategoryId, CustomerId, DeviceId, LocationId, MethodId, ProductId, RegisterId, ShopId, TaxSetId, UserId},
    permission::Role,
};

/// The shop and where its things are.
#[derive(Clone, Debug)]
pub struct DemoShop {
    /// Who owns it.
    pub admin: Actor,
    /// Who sells.
    pub seller: Actor,
    /// Its only location.
    pub location: LocationId,
    /// Its till's register.
    pub till: RegisterId,
    /// The register of the office.
    pub office: RegisterId,
    /// The till that sold the history, and is no more.
    pub device: DeviceId,
    /// Efectivo, transferencia, tarjeta.
    pub methods: [MethodId; 3],
    /// The products, in the order of [`GOODS`].
    pub products: Vec<ProductId>,
    /// Customers by name.
    pub customers: Vec<CustomerId>,
}

/// What the shop needs of the outside: stored forms of passwords and a till's key.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The owner's stored password.
    pub admin_hash: String,
    /// The seller's stored password.
    pub seller_hash: String,
    /// The public key of a till whose private key nobody has.
    pub device_key: Vec<u8>,
}

/// User name of the owner.
pub const ADMIN: &str = "marta";
/// User name of the seller.
pub const SELLER: &str = "yuliana";

const CUSTOMERS: [(&str, &str); 8] = [
    ("Gloria Estupiñán", "310 555 0142"),
    ("Panadería El Trigal", "601 555 0199"),
    ("Don Hernando Ruiz", "312 555 0117"),
    ("Restaurante Sazón de la Abuela", "601 555 0123"),
    ("Luz Marina Cárdenas", "315 555 0171"),
    ("Taller Los Paisas", "601 555 0155"),
    ("Camilo Ardila", "300 555 0108"),
    ("Jardín Infantil Semillitas", "601 555 0134"),
];

/// Sets the shop up as of `now_us`.
///
/// # Errors
/// Whatever the database says; people of these names are a unique violation.
pub async fn create(db: &Db, secrets: Secrets, chance: &mut Chance, now_us: i64) -> Result<DemoShop, DbError> {
    let mut id = || chance.id(now_us);
    let new = NewShop {
        id: ShopId(id()),
        name: "Tienda La Esquina".to_owned(),
        ids: std::array::from_fn(|_| id()),
        prices: PriceKind::TaxIncluded,
        now_us,
    };
    let admin = Actor { shop: new.id, user: UserId(id()), role: Role::Admin };
    let seller = Actor { shop: new.id, user: UserId(id()), role: Role::Seller };
    let [location, till, office, _import, tax_sets @ .., cash, transfer, card] = new.ids;
    let shop = DemoShop {
        admin,
        seller,
        location: LocationId(location),
        till: RegisterId(till),
        office: RegisterId(office),
        device: DeviceId(id()),
        methods: [cash, transfer, card].map(MethodId),
        products: GOODS.iter().map(|_| ProductId(id())).collect(),
        customers: CUSTOMERS.iter().map(|_| CustomerId(id())).collect(),
    };
    let categories: Vec<CategoryId> = GOODS.iter().map(|_| CategoryId(id())).collect();
    let opening: Vec<uuid::Uuid> = GOODS.iter().map(|_| id()).collect();
    insert_people(db, &shop, new, secrets, now_us).await?;
    insert_goods(db, &shop, categories, tax_sets.map(TaxSetId), now_us).await?;
    insert_opening_stock(db, &shop, opening, now_us).await?;
    Ok(shop)
}

async fn insert_people(db: &Db, shop: &DemoShop, new: NewShop, secrets: Secrets, now_us: i64) -> Result<(), DbError> {
    let (admin, seller) = (shop.admin, shop.seller);
    let marta = NewPerson {
        first_name: "Marta".to_owned(),
        last_name: "Ríos".to_owned(),
        email: Some("marta@tienda-la-esquina.example".to_owned()),
        password_hash: Some(secrets.admin_hash),
        superuser: true,
        ..person(ADMIN, None)
    };
    let yuliana = NewPerson {
        first_name: "Yuliana".to_owned(),
        last_name: "Gómez".to_owned(),
        password_hash: Some(secrets.seller_hash),
        ..person(SELLER, Some(admin.user))
    };
    let device = NewDevice {
        id: shop.device,
        register: shop.till,
        name: "Caja de la demostración".to_owned(),
        public_key: secrets.device_key,
        person: admin.user,
        now_us,
    };
    db.shop_write(&admin, "create demonstration", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        create_shop::insert(tx, &new).await?;
        people::insert_with_shop(tx, admin.user, &marta, now_us).await?;
        members::write::insert(tx, admin.user, Role::Admin, None, now_us).await?;
        people::insert_with_shop(tx, seller.user, &yuliana, now_us).await?;
        members::write::insert(tx, seller.user, Role::Seller, Some(admin.user), now_us).await?;
        enrol::insert(tx, &device).await
    })
    .await
}

fn person(username: &str, created_by: Option<UserId>) -> NewPerson {
    NewPerson { username: username.to_owned(), email_verified: true, active: true, created_by, ..NewPerson::default() }
}

async fn insert_goods(
    db: &Db,
    shop: &DemoShop,
    categories: Vec<CategoryId>,
    tax_sets: [TaxSetId; 4],
    now_us: i64,
) -> Result<(), DbError> {
    let (admin, ids, customer_ids) = (shop.admin, shop.products.clone(), shop.customers.clone());
    db.shop_write(&admin, "fill demonstration", async move |tx: &mut ShopTx| -> Result<(), DbError> {
        let edit = catalog::begin_edit(tx, admin.user, now_us).await?;
        let mut products = Vec::with_capacity(GOODS.len());
        for (place, good) in GOODS.iter().enumerate() {
            let category = catalog::find_or_create_category(tx, edit, good.category, categories[place]).await?;
            products.push((ids[place], fields(place, good, category, &tax_sets)));
        }
        catalog::insert_products(tx, edit, &products).await?;
        let known = customer_ids.iter().zip(CUSTOMERS).map(|(id, (name, phone))| {
            (*id, CustomerFields { name: name.to_owned(), phone: phone.to_owned(), ..CustomerFields::default() })
        });
        customers::insert_customers(tx, &known.collect::<Vec<_>>(), now_us).await
    })
    .await
}

fn fields(place: usize, good: &Good, category: CategoryId, tax_sets: &[TaxSetId]) -> ProductFields {
    ProductFields {
        name: good.name.to_owned(),
        sku: good.scale_number(place),
        category: Some(category),
        unit: good.unit(),
        fractions: good.weighed,
        tracks_stock: good.tracked,
        sells_below_zero: good.sold_down_to.is_some_and(|units| units < 0),
        price_minor: good.price * 100,
        purchase_price_minor: good.tracked.then_some(good.cost * 100),
        tax_set: tax_sets[good.iva as usize],
        minimum_milli: good.minimum_milli(),
        favorite: good.favorite,
        barcodes: good.barcodes(place),
    }
}

async fn insert_opening_stock(db: &Db, shop: &DemoShop, ids: Vec<uuid::Uuid>, now_us: i64) -> Result<(), DbError> {
    let adjustments: Vec<Adjustment> = GOODS
        .iter()
        .enumerate()
        .filter(|(_, good)| good.tracked)
        .map(|(place, good)| Adjustment {
            id: ids[place],
            actor: shop.admin,
            location: shop.location,
            register: shop.office,
            product: shop.products[place],
            wanted: Wanted::Change { quantity_milli: good.full_milli(), unit_cost_minor: Some(good.cost * 100) },
            kind: MovementKind::Adjustment,
            reason: "Inventario inicial".to_owned(),
            now_us,
        })
        .collect();
    receive(db, shop.admin, adjustments).await
}

/// Posts goods that came in.
///
/// # Errors
/// Whatever the database says.
pub async fn receive(db: &Db, actor: Actor, adjustments: Vec<Adjustment>) -> Result<(), DbError> {
    db.shop_write(&actor, "receive goods", async move |tx: &mut ShopTx| -> Result<(), AdjustError> {
        for adjustment in &adjustments {
            adjust(tx, adjustment).await?;
        }
        Ok(())
    })
    .await
    .map_err(|error| match error {
        AdjustError::Quantity(error) => DbError::Other(Box::new(error)),
        AdjustError::Db(error) => error,
    })
}
