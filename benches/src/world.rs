//! Who and what is in the data: every id, name and code follows from a number.
//!
//! The generator writes this world and the load generator asks for it; neither needs
//! to tell the other anything. It knows no database.

use domain::ids::{DeviceId, LocationId, MethodId, ProductId, RegisterId, ShopId, TaxSetId, UserId};
use guard::source::{Clock, SystemClock};
use p256::ecdsa::SigningKey;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Tills of the large shop.
pub const TILLS: u32 = 64;
/// Everybody's password.
pub const PASSWORD: &str = "una clave larga para medir 7319";
/// Shops: the large one, the one with 10,000 lines, eight small ones.
pub const SHOPS: u32 = 10;

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Part of the folder's name.
    pub name: &'static str,
    /// Products of the large shop.
    pub products: u32,
    /// Sale lines of the large shop, over three years.
    pub lines: u32,
}

impl Scale {
    /// What the goals are stated for.
    pub const FULL: Scale = Scale { name: "full", products: 100_000, lines: 1_000_000 };
    /// A tenth, for a look.
    pub const QUICK: Scale = Scale { name: "quick", products: 10_000, lines: 100_000 };

    /// Products and sale lines of a shop.
    pub fn of_shop(self, shop: u32) -> (u32, u32) {
        match shop {
            0 => (self.products, self.lines),
            1 => (1_000, 10_000),
            _ => (100, 300),
        }
    }
}

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    Shop = 1,
    Product,
    Person,
    Part,
    Till,
    Device,
    Category,
    Customer,
    Document,
}

/// The id of the nth of a kind; of version 7 to look at.
pub fn id(kind: Kind, shop: u32, number: u64) -> Uuid {
    let high = 0x018f_0000_0000_7000_u64 | u64::from(kind as u16);
    let low = 0x8000_0000_0000_0000_u64 | (u64::from(shop) << 48) | number;
    Uuid::from_u64_pair(high, low)
}

/// A shop and its parts.
#[derive(Clone, Copy, Debug)]
pub struct Shop(pub u32);

impl Shop {
    pub fn id(self) -> ShopId {
        ShopId(id(Kind::Shop, self.0, 1))
    }

    /// Location, till, office, import, four tax sets, three payment methods.
    pub fn parts(self) -> [Uuid; app::features::settings::create_shop::IDS] {
        std::array::from_fn(|at| id(Kind::Part, self.0, at as u64))
    }

    pub fn location(self) -> LocationId {
        LocationId(self.parts()[0])
    }

    pub fn office(self) -> RegisterId {
        RegisterId(self.parts()[2])
    }

    /// Of the nth product.
    pub fn tax_set(self, product: u32) -> TaxSetId {
        TaxSetId(self.parts()[4 + tax_of(product)])
    }

    pub fn cash(self) -> MethodId {
        MethodId(self.parts()[8])
    }

    pub fn card(self) -> MethodId {
        MethodId(self.parts()[10])
    }

    /// The owner is number 0; sellers follow.
    pub fn person(self, number: u32) -> UserId {
        UserId(id(Kind::Person, self.0, u64::from(number)))
    }

    pub fn username(self, number: u32) -> String {
        format!("persona{}n{number}", self.0)
    }

    pub fn product(self, number: u32) -> ProductId {
        ProductId(id(Kind::Product, self.0, u64::from(number)))
    }
}

/// A till of the large shop.
#[derive(Clone, Copy, Debug)]
pub struct Till(pub u32);

impl Till {
    pub fn register(self) -> RegisterId {
        RegisterId(id(Kind::Till, 0, u64::from(self.0)))
    }

    pub fn device(self) -> DeviceId {
        DeviceId(id(Kind::Device, 0, u64::from(self.0)))
    }

    pub fn prefix(self) -> String {
        format!("M{}-", self.0)
    }

    /// A key that everybody can compute: these tills exist on no other machine.
    pub fn key(self) -> SigningKey {
        let secret = Sha256::digest(format!("till {} of the measurements", self.0));
        SigningKey::from_slice(&secret).expect("all but one in 2^32 digests are keys of the curve, and these are")
    }
}

/// Which of a new shop's tax sets a product has: 19 %, 5 %, 0 %, none.
pub fn tax_of(product: u32) -> usize {
    [0, 0, 1, 3][product as usize % 4]
}

/// Its rate of IVA in ppm; `None` where it has no tax at all.
pub fn rate_ppm(product: u32) -> Option<i64> {
    [Some(190_000), Some(50_000), Some(0), None][tax_of(product)]
}

/// Price of a unit before tax, in minor units.
pub fn price_minor(product: u32) -> i64 {
    i64::from(product % 997 + 3) * 5_000
}

const GOODS: [&str; 40] = [
    "Arroz", "Leche", "Panela", "Café", "Aceite", "Azúcar", "Sal", "Harina", "Pasta", "Lenteja", "Fríjol", "Atún",
    "Sardina", "Galleta", "Chocolate", "Jabón", "Detergente", "Crema", "Champú", "Cepillo", "Gaseosa", "Agua", "Jugo",
    "Cerveza", "Yogur", "Queso", "Mantequilla", "Huevo", "Pan", "Tostada", "Mermelada", "Salsa", "Mayonesa", "Vinagre",
    "Avena", "Maíz", "Papel", "Servilleta", "Vela", "Fósforo",
];
const BRANDS: [&str; 25] = [
    "Diana", "Alquería", "Roa", "Águila", "Premier", "Manuelita", "Refisal", "Colanta", "Doria", "Ramo", "Noel",
    "Corona", "Rey", "Fab", "Colgate", "Postobón", "Cristal", "Hit", "Alpina", "Zenú", "Fruco", "Quaker", "Familia",
    "Bimbo", "Kikes",
];
const SIZES: [&str; 10] =
    ["125 g", "250 g", "500 g", "1 kg", "330 ml", "750 ml", "1 L", "× 6", "× 12", "tamaño familiar"];

/// What the nth product is called.
pub fn name(product: u32) -> String {
    let at = product as usize;
    let (good, brand, size) = (GOODS[at % 40], BRANDS[at / 40 % 25], SIZES[at / 1_000 % 10]);
    format!("{good} {brand} {size} n.º {}", product / 10_000 + 1)
}

/// What somebody types who looks for the nth product.
pub fn typed(product: u32) -> String {
    let at = product as usize;
    format!("{} {}", GOODS[at % 40], &BRANDS[at / 40 % 25])
}

/// The nth product's code, its check digit by the GS1 General Specifications, 7.9.
pub fn barcode(product: u32) -> String {
    let body = format!("770{:09}", 100_000_000 + u64::from(product));
    let sum: u32 =
        body.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Now, µs UTC.
pub fn now_us() -> i64 {
    SystemClock.now_us()
}

/// Numbers by Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (OOPSLA 2014): SplitMix64.
#[derive(Clone, Debug)]
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, `end`, which is above 0.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::try_from(((u128::from(self.next()) * u128::from(end)) >> 64) as u64).expect("it is below a u32")
    }

    /// The same, small numbers far more often: some things sell well.
    pub fn popular(&mut self, end: u32) -> u32 {
        let some = self.below(end) + 1;
        let fewer = self.below(some) + 1;
        self.below(fewer)
    }
}
