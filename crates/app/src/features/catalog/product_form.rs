//! What a person types about a product: read, checked, and shown again.
//!
//! New products and edits share it. The field names are those of the Django
//! application; a form that leaves a choice out gets what a shop usually wants.

use crate::{
    features::catalog::{
        photos::PhotoName,
        record::{StoredProduct, TaxChoice},
        sent_form::{self, SettledForm},
        write::{NewBarcode, ProductFields, Unit},
    },
    texts::catalog::Texts,
};
use domain::ids::{CategoryId, TaxSetId};
use uuid::Uuid;
use web::{Draft, FormReader, Format, Problem, Text, form::Said};

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 100;
/// Longest code, in characters.
pub const CODE_CHARS_MAX: usize = 50;
/// The highest price, in minor units; the database refuses more.
pub const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;
/// The largest quantity, in thousandths.
const QUANTITY_MILLI_MAX: i64 = domain::quote::QUANTITY_MILLI_MAX;

/// The fields of one further code: the code, how much the package holds, its price.
pub type CodeFields = (&'static str, &'static str, &'static str);

/// The fields of the codes after the first.
pub const CODES: [CodeFields; 12] = [
    ("codigos_1", "codigos_1_contiene", "codigos_1_precio"),
    ("codigos_2", "codigos_2_contiene", "codigos_2_precio"),
    ("codigos_3", "codigos_3_contiene", "codigos_3_precio"),
    ("codigos_4", "codigos_4_contiene", "codigos_4_precio"),
    ("codigos_5", "codigos_5_contiene", "codigos_5_precio"),
    ("codigos_6", "codigos_6_contiene", "codigos_6_precio"),
    ("codigos_7", "codigos_7_contiene", "codigos_7_precio"),
    ("codigos_8", "codigos_8_contiene", "codigos_8_precio"),
    ("codigos_9", "codigos_9_contiene", "codigos_9_precio"),
    ("codigos_10", "codigos_10_contiene", "codigos_10_precio"),
    ("codigos_11", "codigos_11_contiene", "codigos_11_precio"),
    ("codigos_12", "codigos_12_contiene", "codigos_12_precio"),
];

/// What was typed, checked field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductForm {
    /// Everything but the category, which is a name here.
    pub fields: ProductFields,
    /// The category's name, or nothing.
    pub category: String,
    /// The photo that it shall have.
    pub photo: Option<PhotoName>,
    /// What is there already, in thousandths; only asked of a new product.
    pub opening_milli: i64,
    /// The id that a new product shall have, from the form's hidden field.
    pub id: Option<Uuid>,
    /// The version that the person saw, where the form said so.
    pub version: Option<i64>,
}

impl ProductForm {
    /// The fields with their category.
    pub fn fields_in(&self, category: Option<CategoryId>) -> ProductFields {
        ProductFields { category, ..self.fields.clone() }
    }
}

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> Vec<(&'static str, &'static str)> {
    let mut labels = vec![
        ("nombre", t.field_name()),
        ("codigo_de_barras", t.field_barcode()),
        ("categoria", t.field_category()),
        ("unidad", t.field_unit()),
        ("sku", t.field_sku()),
        (sent_form::FILE_FIELD, t.field_photo()),
        ("precio_compra", t.field_purchase_price()),
        ("precio", t.field_price()),
        ("impuesto", t.field_tax()),
        ("controla_stock", t.field_tracking()),
        ("stock", t.field_opening_stock()),
        ("minimo", t.field_minimum()),
        ("politica", t.field_policy()),
    ];
    for (code, pack, price) in CODES {
        labels.extend([(code, t.field_more_code()), (pack, t.field_pack()), (price, t.field_pack_price())]);
    }
    labels
}

/// Reads a form whose photo is settled.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(form: SettledForm, format: &Format, taxes: &[TaxChoice]) -> Result<(ProductForm, Draft), Draft> {
    let SettledForm { pairs, photo } = form;
    let mut form = FormReader::of(pairs, format);
    let name = form.text("nombre", Text::required(NAME_CHARS_MAX));
    let category = form.text("categoria", Text::optional(NAME_CHARS_MAX));
    let sku = form.text("sku", Text::optional(CODE_CHARS_MAX));
    let photo = photo.map_err(|problem| form.refuse(sent_form::FILE_FIELD, problem)).ok();
    let unit = chosen(&mut form, "unidad", Unit::Piece, Unit::parse);
    let tracks_stock = chosen(&mut form, "controla_stock", true, yes_or_no);
    let sells_below_zero = chosen(&mut form, "politica", false, policy);
    let tax_set = tax_set(&mut form, taxes);
    let purchase_price = purchase_price(&mut form, format);
    let price = form.amount("precio");
    let price = within(&mut form, "precio", price, PRICE_MINOR_MAX, |max| format.amount(max));
    let opening = quantity(&mut form, format, "stock");
    let minimum = quantity(&mut form, format, "minimo");
    let barcodes = barcodes(&mut form, format);
    let id = form.id_or_none("id");
    let version = form.id_or_none("version");
    let (fractions, favorite) = (form.flag("fracciones"), form.flag("favorito"));
    form.finish(|| {
        let sku = Some(sku?).filter(|sku| !sku.is_empty());
        let fields = ProductFields {
            name: name?,
            sku,
            category: None,
            unit: unit?,
            fractions,
            tracks_stock: tracks_stock?,
            sells_below_zero: sells_below_zero?,
            price_minor: price?,
            purchase_price_minor: purchase_price?,
            tax_set: tax_set?,
            minimum_milli: minimum?,
            favorite,
            barcodes: barcodes?,
        };
        Some(ProductForm {
            fields,
            category: category?,
            photo: photo?,
            opening_milli: opening?,
            id: id?,
            version: version?,
        })
    })
}

/// One of few words; the usual one where none was sent.
fn chosen<T>(form: &mut FormReader<'_>, name: &str, usual: T, parse: fn(&str) -> Option<T>) -> Option<T> {
    let word = form.text(name, Text::optional(40))?;
    if word.is_empty() {
        return Some(usual);
    }
    let found = parse(&word);
    if found.is_none() {
        form.refuse(name, Problem::NotAChoice);
    }
    found
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn policy(word: &str) -> Option<bool> {
    match word {
        "permitir" => Some(true),
        "bloquear" => Some(false),
        _ => None,
    }
}

fn tax_set(form: &mut FormReader<'_>, taxes: &[TaxChoice]) -> Option<TaxSetId> {
    let sent: Option<TaxSetId> = form.id_or_none("impuesto")?;
    let found = match sent {
        Some(id) => taxes.iter().find(|tax| tax.id == id),
        None => taxes.iter().find(|tax| tax.is_default).or_else(|| taxes.first()),
    };
    if found.is_none() {
        form.refuse("impuesto", Problem::NotAChoice);
    }
    found.map(|tax| tax.id)
}

fn purchase_price(form: &mut FormReader<'_>, format: &Format) -> Option<Option<i64>> {
    let price = form.amount_or_none("precio_compra")?;
    match price {
        None => Some(None),
        typed => within(form, "precio_compra", typed, PRICE_MINOR_MAX, |max| format.amount(max)).map(Some),
    }
}

fn quantity(form: &mut FormReader<'_>, format: &Format, name: &str) -> Option<i64> {
    let typed = form.quantity_or_none(name)?.unwrap_or(0);
    within(form, name, Some(typed), QUANTITY_MILLI_MAX, |max| format.quantity(max))
}

fn within(
    form: &mut FormReader<'_>,
    name: &str,
    value: Option<i64>,
    max: i64,
    shown: impl FnOnce(i64) -> String,
) -> Option<i64> {
    let value = value?;
    if value > max {
        form.refuse(name, Problem::TooBig { max: shown(max) });
        return None;
    }
    Some(value)
}

fn barcodes(form: &mut FormReader<'_>, format: &Format) -> Option<Vec<NewBarcode>> {
    let mut barcodes: Vec<NewBarcode> = Vec::new();
    let first = code(form, "codigo_de_barras", &barcodes)?;
    barcodes.extend(first.map(|code| NewBarcode { code, pack_milli: 1_000, price_minor: None }));
    let mut all_read = true;
    for fields in CODES {
        match further_code(form, format, fields, &barcodes) {
            Some(barcode) => barcodes.extend(barcode),
            None => all_read = false,
        }
    }
    all_read.then_some(barcodes)
}

fn further_code(
    form: &mut FormReader<'_>,
    format: &Format,
    (code_field, pack_field, price_field): CodeFields,
    before: &[NewBarcode],
) -> Option<Option<NewBarcode>> {
    let code = code(form, code_field, before);
    let pack = form.quantity_or_none(pack_field);
    let price = form.amount_or_none(price_field);
    let (pack, price) = (pack?.unwrap_or(1_000), price?);
    let Some(code) = code? else { return Some(None) };
    if pack < 1_000 {
        form.refuse(pack_field, Problem::TooSmall { min: format.quantity(1_000) });
        return None;
    }
    let pack_milli = within(form, pack_field, Some(pack), QUANTITY_MILLI_MAX, |max| format.quantity(max))?;
    let price_minor = match price {
        None => None,
        typed => Some(within(form, price_field, typed, PRICE_MINOR_MAX, |max| format.amount(max))?),
    };
    Some(Some(NewBarcode { code, pack_milli, price_minor }))
}

/// A code as a scanner sends it, or none where the field is empty.
fn code(form: &mut FormReader<'_>, name: &str, before: &[NewBarcode]) -> Option<Option<String>> {
    let code = form.text(name, Text::optional(CODE_CHARS_MAX))?;
    if code.is_empty() {
        return Some(None);
    }
    // Code 128 carries ASCII; a blank inside is one that somebody typed.
    if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
        form.refuse(name, Problem::Said(Said::new(|lang| Texts(lang).code_malformed())));
        return None;
    }
    if before.iter().any(|other| other.code == code) {
        form.refuse(name, Problem::Said(Said::new(|lang| Texts(lang).code_twice())));
        return None;
    }
    Some(Some(code))
}

/// The field that holds a code of a form.
pub fn field_of_code(draft: &Draft, code: &str) -> &'static str {
    let further = CODES.iter().map(|(field, _, _)| *field).find(|field| draft.value(field).trim() == code);
    further.unwrap_or("codigo_de_barras")
}

/// An empty form.
pub fn empty(taxes: &[TaxChoice]) -> Draft {
    let tax = taxes.iter().find(|tax| tax.is_default).or_else(|| taxes.first());
    Draft::holding([
        ("unidad", Unit::Piece.as_str().to_owned()),
        ("controla_stock", "1".to_owned()),
        ("politica", "bloquear".to_owned()),
        ("impuesto", tax.map(|tax| tax.id.to_string()).unwrap_or_default()),
        ("minimo", "0".to_owned()),
    ])
}

/// A form that holds a product.
pub fn holding(product: &StoredProduct, format: &Format) -> Draft {
    let fields = &product.fields;
    let flag = |on: bool| if on { "1" } else { "" }.to_owned();
    let mut values = vec![
        ("nombre", fields.name.clone()),
        ("categoria", product.category_name.clone()),
        ("sku", fields.sku.clone().unwrap_or_default()),
        ("unidad", fields.unit.as_str().to_owned()),
        ("fracciones", flag(fields.fractions)),
        ("controla_stock", if fields.tracks_stock { "1" } else { "0" }.to_owned()),
        ("politica", if fields.sells_below_zero { "permitir" } else { "bloquear" }.to_owned()),
        ("precio_compra", fields.purchase_price_minor.map(|price| format.typed_amount(price)).unwrap_or_default()),
        ("precio", format.typed_amount(fields.price_minor)),
        ("impuesto", fields.tax_set.to_string()),
        ("minimo", format.quantity(fields.minimum_milli)),
        ("favorito", flag(fields.favorite)),
        (sent_form::NAME_FIELD, product.photo.as_ref().map_or("", PhotoName::as_str).to_owned()),
        ("version", product.version.to_string()),
    ];
    // A first code that is a package's stands among the further ones.
    let (plain, packs) = match fields.barcodes.split_first() {
        Some((first, rest)) if first.pack_milli == 1_000 && first.price_minor.is_none() => (Some(first), rest),
        _ => (None, fields.barcodes.as_slice()),
    };
    values.extend(plain.map(|first| ("codigo_de_barras", first.code.clone())));
    for ((code, pack, price), barcode) in CODES.into_iter().zip(packs) {
        values.push((code, barcode.code.clone()));
        values.push((pack, format.quantity(barcode.pack_milli)));
        values.push((price, barcode.price_minor.map(|price| format.typed_amount(price)).unwrap_or_default()));
    }
    Draft::holding(values)
}

/// How many rows for further codes a person asks for with a button, if they do.
pub fn rows_asked(pairs: &[(String, String)]) -> Option<usize> {
    let asked = pairs.iter().find(|(name, _)| name == "mas_codigos")?;
    Some(asked.1.parse().unwrap_or(1).min(CODES.len()))
}

/// The fields of the further codes that the page shows: all that hold something,
/// and `at_least` so many.
pub fn code_rows(draft: &Draft, at_least: usize) -> Vec<CodeFields> {
    let filled = CODES
        .iter()
        .rposition(|(code, pack, price)| [code, pack, price].into_iter().any(|field| !draft.value(field).is_empty()));
    CODES.into_iter().take(filled.map_or(0, |last| last + 1).max(at_least)).collect()
}

/// A field that two people filled differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name.
    pub field: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What is kept now, as the form would hold it.
    pub now: String,
    /// What was typed here.
    pub typed: String,
}

/// Where a form and what is kept now differ, in words that both would show.
pub fn differences(now: &Draft, typed: &Draft, page: &ProductWords<'_>) -> Vec<Difference> {
    let mut fields = labels(page.t);
    fields.extend([
        ("fracciones", page.t.field_fractions()),
        ("favorito", page.t.field_favorite()),
        (sent_form::NAME_FIELD, page.t.field_photo()),
    ]);
    let differing = fields.into_iter().filter(|(field, _)| *field != "stock" && now.value(field) != typed.value(field));
    differing
        .map(|(field, label)| Difference {
            field,
            label,
            now: page.say(field, now.value(field)),
            typed: page.say(field, typed.value(field)),
        })
        .collect()
}

/// The words of the fields that are choices, so that no id is shown to a person.
pub struct ProductWords<'a> {
    /// The texts.
    pub t: Texts,
    /// The tax sets in use.
    pub taxes: &'a [TaxChoice],
}

impl ProductWords<'_> {
    fn say(&self, field: &str, value: &str) -> String {
        let t = self.t;
        match (field, value) {
            ("impuesto", id) => {
                self.taxes.iter().find(|tax| tax.id.to_string() == id).map_or_else(String::new, |tax| tax.name.clone())
            }
            ("controla_stock", "0") => t.tracking_off().to_owned(),
            ("controla_stock", _) => t.tracking_on().to_owned(),
            ("politica", "permitir") => t.policy_allow().to_owned(),
            ("politica", _) => t.policy_block().to_owned(),
            (sent_form::NAME_FIELD, "") => t.photo_none().to_owned(),
            (sent_form::NAME_FIELD, _) => t.photo_some().to_owned(),
            ("fracciones" | "favorito", "") => t.no().to_owned(),
            ("fracciones" | "favorito", _) => t.yes().to_owned(),
            (_, "") => t.nothing().to_owned(),
            (_, value) => value.to_owned(),
        }
    }
}
