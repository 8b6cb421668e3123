//! The page of one product: a form, new or filled, and what stands beside it.

use crate::{
    features::catalog::{
        costs,
        photos::PhotoName,
        product_form::{self, CodeFields, Difference},
        record::{self, StoredProduct, TaxChoice},
        sent_form,
        write::Unit,
    },
    features::stock::kardex::{self, Movement},
    texts::{catalog::Texts, stock},
};
use askama::Template;
use db::{DbError, ShopRead};
use domain::ids::{CategoryId, ProductId};
use web::{Choice, Draft, PageContext, page::Link};

/// What the choices of the form offer.
pub struct Options {
    /// The tax sets in use.
    pub taxes: Vec<TaxChoice>,
    /// The categories of the shop.
    pub categories: Vec<(CategoryId, String)>,
    /// Whether prices are written with their taxes inside.
    pub prices_include_tax: bool,
    /// Whether the tax of purchases comes back; otherwise it is cost.
    pub recovers_purchase_tax: bool,
}

impl Options {
    /// Loads them.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn load(read: &mut ShopRead) -> Result<Options, DbError> {
        let shop = crate::features::settings::shop::load_profile(read).await?;
        Ok(Options {
            taxes: record::load_tax_sets(read).await?,
            categories: record::load_categories(read).await?,
            prices_include_tax: shop.prices_include_tax,
            recovers_purchase_tax: shop.recovers_purchase_tax,
        })
    }
}

/// What stands beside the form of a product that is kept.
pub struct Standing {
    /// Which.
    pub id: ProductId,
    /// Its name as it is kept, whatever is being typed.
    pub name: String,
    /// Whether it is sold.
    pub active: bool,
    /// When it was last edited, in microseconds UTC.
    pub updated_at: i64,
    /// Whether it has stock.
    pub tracks_stock: bool,
    /// Its unit.
    pub unit: Unit,
    /// On hand, in thousandths.
    pub on_hand_milli: i64,
    /// Below this it is running out, in thousandths.
    pub minimum_milli: i64,
    /// The price of one unit.
    pub price_minor: i64,
    /// What one unit costs, and the price without tax.
    pub cost: Option<(i64, i64)>,
    /// Its first code.
    pub code: Option<String>,
    /// Whether anything happened to it that must stay readable.
    pub used: bool,
    /// Its newest movements.
    pub movements: Vec<Movement>,
}

/// How many movements stand beside the form.
const MOVEMENTS_SHOWN: i64 = 5;

impl Standing {
    /// Loads what stands beside a product.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn load(read: &mut ShopRead, product: &StoredProduct, options: &Options) -> Result<Standing, DbError> {
        let rows = record::load_rows(read, &[product.id]).await?;
        let (rate_ppm, on_hand_milli) = rows.first().map_or((0, 0), |row| (row.rate_ppm, row.on_hand_milli));
        let cost = costs::unit_costs(read, &[product.id]).await?.pop().flatten();
        let fields = &product.fields;
        let net = costs::without_tax(fields.price_minor, rate_ppm, options.prices_include_tax);
        Ok(Standing {
            id: product.id,
            name: fields.name.clone(),
            active: product.active,
            updated_at: product.updated_at,
            tracks_stock: fields.tracks_stock,
            unit: fields.unit,
            on_hand_milli,
            minimum_milli: fields.minimum_milli,
            price_minor: fields.price_minor,
            cost: cost.map(|cost| (cost, net)),
            code: fields.barcodes.first().map(|barcode| barcode.code.clone()),
            used: record::is_used(read, product.id).await?,
            movements: kardex::newest(read, product.id, MOVEMENTS_SHOWN).await?,
        })
    }

    /// What is gained with a unit, and what part of the price that is.
    fn gain(&self, page: &PageContext, t: Texts) -> Option<(bool, String)> {
        let (cost, net) = self.cost?;
        let margin = costs::margin_ppm(net, Some(cost))?;
        let amount = page.format.money((net - cost).abs());
        let percent = page.format.percent(margin.abs());
        Some(if net >= cost { (true, t.gain(amount, percent)) } else { (false, t.loss(amount, percent)) })
    }
}

/// The page.
#[derive(Template)]
#[template(path = "catalog/product.html")]
pub struct ProductPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    standing: Option<Standing>,
    photo: Option<PhotoName>,
    product_id: String,
    version: String,
    code_rows: Vec<CodeFields>,
    units: Vec<Choice>,
    taxes: Vec<Choice>,
    categories: Vec<Choice>,
    tracking: Vec<Choice>,
    policies: Vec<Choice>,
    differences: Vec<Difference>,
    pricing_text: &'static str,
    purchase_price_hint: &'static str,
    gain: Option<(bool, String)>,
    tabs: Vec<Link>,
    action: String,
    draft_key: &'static str,
    movements: Vec<MovementView>,
}

/// A movement beside the form.
struct MovementView {
    words: &'static str,
    quantity: String,
    at: i64,
}

/// What a page is made of.
pub struct Parts {
    /// What the form holds.
    pub draft: Draft,
    /// What its choices offer.
    pub options: Options,
    /// What stands beside it, for a product that is kept.
    pub standing: Option<Standing>,
    /// Its id, or the one that a new product will have.
    pub id: String,
    /// The version that the reader has seen; empty for a new product.
    pub version: String,
    /// Rows for further codes, at least.
    pub code_rows: usize,
    /// Where somebody else changed what is being edited.
    pub differences: Vec<Difference>,
}

impl<'a> ProductPage<'a> {
    /// Puts the page together.
    pub fn new(page: &'a PageContext, parts: Parts) -> Self {
        let t = Texts(page.lang);
        let choice = |value: &str, label: &str, hint: &str| Choice::new(value, label).with_hint(hint);
        let standing = parts.standing;
        let gain = standing.as_ref().and_then(|standing| standing.gain(page, t));
        let tabs = standing.as_ref().map(|standing| tabs(t, standing.id, Tab::Product)).unwrap_or_default();
        ProductPage {
            page,
            t,
            photo: PhotoName::parse(parts.draft.value(sent_form::NAME_FIELD)),
            code_rows: product_form::code_rows(&parts.draft, parts.code_rows),
            draft: parts.draft.labelled(&product_form::labels(t)),
            product_id: parts.id,
            version: parts.version,
            units: Unit::ALL.into_iter().map(|unit| Choice::new(unit.as_str(), unit_name(unit, t))).collect(),
            taxes: parts.options.taxes.iter().map(|tax| Choice::new(tax.id.to_string(), tax.name.clone())).collect(),
            categories: parts.options.categories.iter().map(|(id, name)| Choice::new(id.to_string(), name)).collect(),
            tracking: vec![choice("1", t.tracking_on(), ""), choice("0", t.tracking_off(), "")],
            policies: vec![
                choice("bloquear", t.policy_block(), t.policy_block_hint()),
                choice("permitir", t.policy_allow(), t.policy_allow_hint()),
            ],
            differences: parts.differences,
            pricing_text: if parts.options.prices_include_tax { t.pricing_included() } else { t.pricing_before() },
            purchase_price_hint: match parts.options.recovers_purchase_tax {
                true => t.purchase_price_net(),
                false => t.purchase_price_with_tax(),
            },
            action: match &standing {
                Some(standing) => format!("/productos/{}/", standing.id),
                None => "/productos/nuevo/".to_owned(),
            },
            // Only what nobody has saved yet is worth keeping in the browser.
            draft_key: if standing.is_some() { "" } else { "producto" },
            movements: standing.as_ref().map(|standing| movements(page, standing)).unwrap_or_default(),
            standing,
            gain,
            tabs,
        }
    }
}

fn movements(page: &PageContext, standing: &Standing) -> Vec<MovementView> {
    let t = stock::Texts(page.lang);
    let view = |movement: &Movement| MovementView {
        words: movement.words(t),
        quantity: movement.change(&page.format),
        at: movement.recorded_at,
    };
    standing.movements.iter().map(view).collect()
}

/// The parts of a product, each with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The form.
    Product,
    /// What came and went.
    Kardex,
    /// What it used to cost.
    Prices,
}

/// The tabs of a product.
pub fn tabs(t: Texts, id: ProductId, current: Tab) -> Vec<Link> {
    let link = |tab: Tab, path: &str, label: &str| Link {
        href: format!("/productos/{id}/{path}"),
        label: label.to_owned(),
        current: tab == current,
        count: String::new(),
    };
    vec![
        link(Tab::Product, "", t.tab_product()),
        link(Tab::Kardex, "kardex/", t.tab_kardex()),
        link(Tab::Prices, "precios/", t.tab_prices()),
    ]
}

/// A unit's name in a list of choices.
pub fn unit_name(unit: Unit, t: Texts) -> &'static str {
    match unit {
        Unit::Piece => t.unit_piece(),
        Unit::Kilogram => t.unit_kilogram(),
        Unit::Gram => t.unit_gram(),
        Unit::Pound => t.unit_pound(),
        Unit::Litre => t.unit_litre(),
        Unit::Millilitre => t.unit_millilitre(),
        Unit::Metre => t.unit_metre(),
    }
}

/// A quantity with its unit, as a shop says it: `18,400 kg`, `31`.
pub fn quantity_in(page: &PageContext, milli: i64, unit: Unit) -> String {
    match unit {
        Unit::Piece => page.format.quantity(milli),
        other => page.format.weight(milli, other.as_str()),
    }
}
