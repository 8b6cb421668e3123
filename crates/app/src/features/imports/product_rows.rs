//! Rows of products against the catalogue: new, changed, the same, or refused.
//!
//! Owns: how a row finds its product (by code, then SKU, then name) and what a file
//! may change. Must not know: the database; the catalogue comes as a list.
//!
//! **Invariant:** a column that the file lacks, and a cell that is empty, change
//! nothing on a product that exists. Stock is brought in with new products only:
//! what is there is changed by counting it.

use super::{
    barcode::{self, BARCODE_CHARS_MAX},
    columns::{Field, Mapping},
    items::{Change, NamedCategory, ProductItem},
    read::{Cell, Row, Table},
    reading::{Choices, RowReader},
    refusal::{Reason, Refusal},
    sales_rows::{CODE_CHARS_MAX, NAME_CHARS_MAX, PRICE_MINOR_MAX, QUANTITY_MILLI_MAX},
};
use crate::{features::catalog::write::Unit, text_key::search_key};
use std::collections::HashMap;
use uuid::Uuid;

/// Fields of this kind that are numbers.
pub const NUMBERS: [Field; 4] = [Field::Price, Field::PurchasePrice, Field::Stock, Field::Minimum];

/// A tax set by what a file may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownTaxSet {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The sum of its rates; none where it has no tax at all.
    pub rate_ppm: Option<i64>,
}

/// What the rows are compared with.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Every product, as an item that changes nothing.
    pub products: Vec<ProductItem>,
    /// Names of categories by id.
    pub categories: HashMap<Uuid, String>,
    /// The shop's tax sets.
    pub tax_sets: Vec<KnownTaxSet>,
    /// The tax set of products whose row names none.
    pub tax_set: Uuid,
    /// Decimals of the currency.
    pub decimals: u32,
}

/// What a row became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRow {
    /// The row's number.
    pub row: u32,
    /// New where it compares with nothing, else changed.
    pub item: ProductItem,
}

/// All that a file of products says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductsFile {
    /// What is new or changes, in the order of the rows.
    pub items: Vec<ProductRow>,
    /// Rows that say what is already so.
    pub same: usize,
    /// What is wrong, in the order of the rows.
    pub refusals: Vec<Refusal>,
    /// Codes that got their zeros back.
    pub zeros_restored: usize,
    /// Rows of data looked at.
    pub rows: usize,
}

/// Reads a table of products.
pub fn read_products(
    table: &Table,
    mapping: &Mapping,
    choices: &Choices,
    catalogue: &Catalogue,
    new_id: &mut dyn FnMut() -> Uuid,
) -> ProductsFile {
    let rows = table.rows.get(mapping.header_at + 1..).unwrap_or(&[]);
    let restore_zeros = mapping
        .column(Field::Barcode)
        .is_some_and(|column| barcode::lost_zeros(rows.iter().map(|row| row.cell(column))));
    let mut state = Comparing::new(catalogue, mapping, restore_zeros);
    let mut seen: HashMap<&[Cell], u32> = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(first_row) = seen.get(row.cells.as_slice()) {
            let reason = Reason::Repeated { first_row: *first_row };
            state.file.refusals.push(Refusal { row: row.number, column: None, field: None, reason });
            continue;
        }
        seen.insert(&row.cells, row.number);
        state.take(row, choices, new_id);
    }
    state.file.rows = rows.len();
    state.file
}

/// What a row says; `None` is a column that is missing or a cell that is empty.
struct Said {
    name: String,
    barcodes: Vec<String>,
    sku: Option<String>,
    category: Option<String>,
    price_minor: Option<i64>,
    purchase_price_minor: Option<i64>,
    tax_set: Option<Uuid>,
    stock_milli: Option<i64>,
    minimum_milli: Option<i64>,
    unit: Option<Unit>,
}

struct Comparing<'a> {
    catalogue: &'a Catalogue,
    mapping: &'a Mapping,
    restore_zeros: bool,
    by_code: HashMap<&'a str, usize>,
    by_sku: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// Keys of rows that were taken, and their rows.
    taken: HashMap<String, u32>,
    new_categories: HashMap<String, Uuid>,
    file: ProductsFile,
}

impl<'a> Comparing<'a> {
    fn new(catalogue: &'a Catalogue, mapping: &'a Mapping, restore_zeros: bool) -> Self {
        let (mut by_code, mut by_sku, mut by_name) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (at, product) in catalogue.products.iter().enumerate() {
            for (code, _, _) in &product.barcodes {
                by_code.insert(code.as_str(), at);
            }
            if let Some(sku) = &product.sku {
                by_sku.insert(search_key(sku), at);
            }
            by_name.entry(search_key(&product.name)).or_insert(at);
        }
        Self {
            catalogue,
            mapping,
            restore_zeros,
            by_code,
            by_sku,
            by_name,
            taken: HashMap::new(),
            new_categories: HashMap::new(),
            file: ProductsFile::default(),
        }
    }

    fn take(&mut self, row: &Row, choices: &Choices, new_id: &mut dyn FnMut() -> Uuid) {
        let mut reader = RowReader::new(row, self.mapping, choices);
        let said = self.read(&mut reader);
        let Some(said) = said.filter(|_| reader.refusals.is_empty()) else {
            self.file.refusals.append(&mut reader.refusals);
            return;
        };
        let found = self.find(&said, &mut reader);
        let keys = keys(&said, found);
        if let Some(first_row) = keys.iter().find_map(|(_, key)| self.taken.get(key)).copied() {
            let field =
                keys.iter().find(|(_, key)| self.taken.contains_key(key)).map_or(Field::Name, |(field, _)| *field);
            reader.refuse(field, Reason::SameAs { first_row });
        }
        if found.is_none() && said.price_minor.is_none() {
            reader.refuse(Field::Price, Reason::Required);
        }
        if !reader.refusals.is_empty() {
            self.file.refusals.append(&mut reader.refusals);
            return;
        }
        self.taken.extend(keys.into_iter().map(|(_, key)| (key, row.number)));
        let item = match found {
            Some(at) => self.change(&self.catalogue.products[at], &said, new_id),
            None => Some(self.create(&said, new_id)),
        };
        match item {
            Some(item) => self.file.items.push(ProductRow { row: row.number, item }),
            None => self.file.same += 1,
        }
    }

    fn read(&mut self, reader: &mut RowReader<'_>) -> Option<Said> {
        let name = reader.required_text(Field::Name, NAME_CHARS_MAX);
        let barcodes = self.read_barcodes(reader);
        let sku = reader.text(Field::Sku, CODE_CHARS_MAX);
        let category = reader.text(Field::Category, NAME_CHARS_MAX);
        let decimals = self.catalogue.decimals;
        let price_minor = reader.amount(Field::Price, decimals, PRICE_MINOR_MAX);
        let purchase_price_minor = reader.amount(Field::PurchasePrice, decimals, PRICE_MINOR_MAX);
        let tax_set = self.read_tax(reader);
        let stock_milli = reader.amount(Field::Stock, 3, QUANTITY_MILLI_MAX);
        let minimum_milli = reader.amount(Field::Minimum, 3, QUANTITY_MILLI_MAX);
        let unit = read_unit(reader);
        Some(Said {
            name: name?,
            barcodes,
            sku,
            category,
            price_minor,
            purchase_price_minor,
            tax_set,
            stock_milli,
            minimum_milli,
            unit,
        })
    }

    /// A cell may hold several codes: `7702004003508 | 7702004003515`.
    fn read_barcodes(&mut self, reader: &mut RowReader<'_>) -> Vec<String> {
        let cell = reader.cell(Field::Barcode);
        let pieces: Vec<Cell> = match cell {
            Cell::Text(text) => text.split(['|', ';', '\n']).map(|piece| Cell::Text(piece.into())).collect(),
            Cell::Broken(broken) => {
                reader.refuse(Field::Barcode, Reason::Broken(*broken));
                return Vec::new();
            }
            other => vec![other.clone()],
        };
        let mut codes: Vec<String> = Vec::new();
        for piece in &pieces {
            match barcode::read_barcode(piece, self.restore_zeros) {
                Ok(Some(found)) if !codes.contains(&found.code) => {
                    self.file.zeros_restored += usize::from(found.note == Some(barcode::BarcodeNote::ZerosRestored));
                    codes.push(found.code);
                }
                Ok(_) => {}
                Err(refused) => reader.refuse(Field::Barcode, Reason::Barcode(refused)),
            }
        }
        debug_assert!(codes.iter().all(|code| code.len() <= BARCODE_CHARS_MAX));
        codes
    }

    /// By name, or by rate: `19`, `19 %`, and `0.19` where a spreadsheet shows 19 %.
    fn read_tax(&self, reader: &mut RowReader<'_>) -> Option<Uuid> {
        let text = reader.text(Field::Tax, NAME_CHARS_MAX)?;
        let key = search_key(&text);
        let by_name = self.catalogue.tax_sets.iter().find(|set| search_key(&set.name) == key);
        let rate = text.trim_end_matches('%').trim().replace(',', ".");
        let ppm = super::number::from_number(&rate, 4).ok().map(|percent_e4| {
            let fraction = matches!(reader.cell(Field::Tax), Cell::Number(_)) && percent_e4 > 0 && percent_e4 < 10_000;
            if fraction { percent_e4 * 100 } else { percent_e4 }
        });
        let by_rate = || self.catalogue.tax_sets.iter().find(|set| ppm.is_some() && set.rate_ppm == ppm);
        let found = by_name.or_else(by_rate);
        if found.is_none() {
            reader.refuse(Field::Tax, Reason::UnknownTax);
        }
        found.map(|set| set.id)
    }

    /// The product that a row means; codes of two products in one row are refused.
    fn find(&self, said: &Said, reader: &mut RowReader<'_>) -> Option<usize> {
        let by_code = said.barcodes.iter().find_map(|code| self.by_code.get(code.as_str()).copied());
        let by_sku = said.sku.as_ref().and_then(|sku| self.by_sku.get(&search_key(sku)).copied());
        let by_name = || {
            let at = self.by_name.get(&search_key(&said.name)).copied()?;
            let known = &self.catalogue.products[at];
            // Two products may share a name where codes tell them apart.
            let told_apart = (!said.barcodes.is_empty() && !known.barcodes.is_empty())
                || (said.sku.is_some() && known.sku.is_some());
            (!told_apart).then_some(at)
        };
        let found = by_code.or(by_sku).or_else(by_name);
        let others = |code: &String| self.by_code.get(code.as_str()).is_some_and(|at| Some(*at) != found);
        if said.barcodes.iter().any(others) || (by_sku.is_some() && by_sku != found) {
            reader.refuse(Field::Barcode, Reason::BarcodeTaken);
        }
        found
    }

    fn named_category(&mut self, name: &str, new_id: &mut dyn FnMut() -> Uuid) -> NamedCategory {
        let new_id = *self.new_categories.entry(search_key(name)).or_insert_with(new_id);
        NamedCategory { name: name.to_owned(), new_id }
    }

    fn create(&mut self, said: &Said, new_id: &mut dyn FnMut() -> Uuid) -> ProductItem {
        let unit = said.unit.unwrap_or(Unit::Piece);
        ProductItem {
            id: new_id(),
            before: None,
            changes: Vec::new(),
            name: said.name.clone(),
            sku: said.sku.clone(),
            category: None,
            named_category: said.category.as_deref().map(|name| self.named_category(name, new_id)),
            unit: unit.as_str().to_owned(),
            fractions: unit != Unit::Piece,
            tracks_stock: true,
            // A file without stock does not say that there is none: it must not stop a sale.
            sells_below_zero: self.mapping.column(Field::Stock).is_none(),
            price_minor: said.price_minor.unwrap_or(0),
            purchase_price_minor: said.purchase_price_minor,
            tax_set: said.tax_set.unwrap_or(self.catalogue.tax_set),
            minimum_milli: said.minimum_milli.unwrap_or(0),
            favorite: false,
            barcodes: said.barcodes.iter().map(|code| (code.clone(), 1_000, None)).collect(),
            barcodes_change: false,
            stock_milli: said.stock_milli.filter(|stock| *stock > 0),
        }
    }

    /// What a row changes; `None` where it says what is already so.
    fn change(&mut self, known: &ProductItem, said: &Said, new_id: &mut dyn FnMut() -> Uuid) -> Option<ProductItem> {
        let mut item = known.clone();
        let mut changes = Vec::new();
        changes.extend(Change::of(Field::Name, &known.name, &said.name));
        item.name.clone_from(&said.name);
        if let Some(sku) =
            said.sku.as_ref().filter(|sku| known.sku.as_ref().map(|sku| search_key(sku)) != Some(search_key(sku)))
        {
            changes.extend(Change::of(Field::Sku, known.sku.as_deref().unwrap_or(""), sku));
            item.sku = Some(sku.clone());
        }
        let category = known.category.and_then(|id| self.catalogue.categories.get(&id)).map_or("", String::as_str);
        if let Some(name) = said.category.as_ref().filter(|name| search_key(name) != search_key(category)) {
            changes.extend(Change::of(Field::Category, category, name));
            item.named_category = Some(self.named_category(name, new_id));
        }
        let money = |minor: i64| domain::decimal::format(minor, self.catalogue.decimals);
        if let Some(price_minor) = said.price_minor {
            changes.extend(Change::of(Field::Price, money(known.price_minor), money(price_minor)));
            item.price_minor = price_minor;
        }
        if let Some(price_minor) = said.purchase_price_minor {
            let before = known.purchase_price_minor.map(money).unwrap_or_default();
            changes.extend(Change::of(Field::PurchasePrice, before, money(price_minor)));
            item.purchase_price_minor = Some(price_minor);
        }
        if let Some(tax_set) = said.tax_set {
            let name = |id: Uuid| self.catalogue.tax_sets.iter().find(|set| set.id == id).map_or("", |set| &set.name);
            changes.extend(Change::of(Field::Tax, name(known.tax_set), name(tax_set)));
            item.tax_set = tax_set;
        }
        if let Some(minimum_milli) = said.minimum_milli {
            let quantity = |milli: i64| domain::decimal::format(milli, 3);
            changes.extend(Change::of(Field::Minimum, quantity(known.minimum_milli), quantity(minimum_milli)));
            item.minimum_milli = minimum_milli;
        }
        if let Some(unit) = said.unit {
            changes.extend(Change::of(Field::Unit, &known.unit, unit.as_str()));
            item.unit = unit.as_str().to_owned();
        }
        for code in &said.barcodes {
            if !known.barcodes.iter().any(|(known, _, _)| known == code) {
                changes.extend(Change::of(Field::Barcode, "", code));
                item.barcodes.push((code.clone(), 1_000, None));
                item.barcodes_change = true;
            }
        }
        item.changes = changes;
        (!item.changes.is_empty()).then_some(item)
    }
}

/// What a later row must not say again.
fn keys(said: &Said, found: Option<usize>) -> Vec<(Field, String)> {
    let mut keys: Vec<(Field, String)> =
        said.barcodes.iter().map(|code| (Field::Barcode, format!("code {code}"))).collect();
    if let Some(sku) = &said.sku {
        keys.push((Field::Sku, format!("sku {}", search_key(sku))));
    }
    if keys.is_empty() {
        keys.push((Field::Name, format!("name {}", search_key(&said.name))));
    }
    if let Some(at) = found {
        keys.push((Field::Name, format!("product {at}")));
    }
    keys
}

/// Units as people abbreviate them.
fn read_unit(reader: &mut RowReader<'_>) -> Option<Unit> {
    let text = reader.text(Field::Unit, NAME_CHARS_MAX)?;
    let key = search_key(&text);
    let unit = match key.trim_end_matches('.') {
        "unidad" | "unidades" | "und" | "un" | "u" | "ud" | "uds" | "unid" | "pieza" | "pza" | "pz" | "unit"
        | "each" | "ea" | "unidade" => Unit::Piece,
        "kg" | "kilo" | "kilos" | "kilogramo" | "kilogramos" | "kilogram" | "quilo" => Unit::Kilogram,
        "g" | "gr" | "gramo" | "gramos" | "gram" | "grama" => Unit::Gram,
        "lb" | "libra" | "libras" | "pound" => Unit::Pound,
        "l" | "lt" | "litro" | "litros" | "liter" | "litre" => Unit::Litre,
        "ml" | "mililitro" | "mililitros" => Unit::Millilitre,
        "m" | "mt" | "metro" | "metros" | "meter" | "metre" => Unit::Metre,
        _ => {
            reader.refuse(Field::Unit, Reason::UnknownUnit);
            return None;
        }
    };
    Some(unit)
}

#[cfg(test)]
mod tests;
