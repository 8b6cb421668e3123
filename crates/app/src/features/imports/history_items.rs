//! A history of sales against the shop: which products and customers it needs, and
//! which documents are on record already.
//!
//! **Invariant:** a document's id follows from the shop, its moment and its number, so
//! that no two files bring the same one twice.

use super::{
    check::{self, Checked, ImportError, ImportRequest, Opened, RefusedRow, Summary, Tools},
    columns::Field,
    items::{AdjustmentItem, CustomerItem, DocumentItem, Item, LineItem, ProductItem, Sort},
    known,
    product_rows::Catalogue,
    reading::Choices,
    refusal::{Reason, Refusal},
    sales_rows::{self, Document, DocumentKind, SalesFile},
};
use crate::{
    features::{
        catalog::write::Unit,
        sales::history,
        settings::shop::{self, ShopProfile},
        stock::ledger,
    },
    text_key::search_key,
};
use db::{Db, DbError, ShopRead};
use domain::{
    ids::{RefundId, SaleId, ShopId},
    rounding,
};
use jiff::{civil::DateTime, tz::TimeZone};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// How many ids are looked up in one go.
const LOOK_UP: usize = 1_000;

/// Reads a file of sales and compares it with the shop.
///
/// # Errors
/// The reasons of [`ImportError`].
pub async fn check_sales(
    db: &Db,
    request: &ImportRequest,
    tools: &Tools,
    opened: Opened,
) -> Result<Checked, ImportError> {
    let mut read = db.shop(&request.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let catalogue = known::load_catalogue(&mut read, profile.exponent).await?;
    let customers = known::load_customers(&mut read).await?;
    drop(read);
    let tax_set = match request.tax_set {
        Some(wanted) => {
            let found = catalogue.tax_sets.iter().find(|set| set.id == wanted.0);
            found.ok_or(ImportError::UnknownTaxSet)?.id
        }
        None => catalogue.tax_set,
    };
    let mut building = Building {
        shop: request.actor.shop,
        affects_stock: request.affects_stock,
        now_us: (tools.now_us)(),
        zone: TimeZone::get(&profile.time_zone).unwrap_or(TimeZone::UTC),
        profile,
        catalogue,
        tax_set,
        new_id: Arc::clone(&tools.new_id),
        checked: Checked::default(),
    };
    let mut building = check::blocking(move || {
        let Opened { table, mapping, choices, .. } = opened;
        let file = read_file(&building, &table, &mapping, &choices);
        building.checked.summary = Summary { tax_set, ..check::summary(&table) };
        building.build(file, &customers, mapping.column(Field::Date));
        building
    })
    .await?;
    let mut read = db.shop(&request.actor).await?;
    refuse_known(&mut read, &mut building.checked).await?;
    drop(read);
    count(&mut building.checked);
    Ok(building.checked)
}

fn read_file(
    building: &Building,
    table: &super::read::Table,
    mapping: &super::columns::Mapping,
    choices: &Choices,
) -> SalesFile {
    sales_rows::read_sales(table, mapping, choices, building.profile.exponent)
}

struct Building {
    shop: ShopId,
    affects_stock: bool,
    now_us: i64,
    zone: TimeZone,
    profile: ShopProfile,
    catalogue: Catalogue,
    tax_set: Uuid,
    new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
    checked: Checked,
}

impl Building {
    fn build(&mut self, file: SalesFile, known: &[CustomerItem], date_column: Option<usize>) {
        self.checked.rows = file.rows;
        let mut refusals = file.refusals;
        let mut items: Vec<(u32, Item)> = Vec::new();
        let products = self.products(&file.products, &file.documents, &file.adjustments, &mut items);
        let customers = self.customers(&file.documents, known, &mut items);
        let mut dated: Vec<(i64, u32, Item)> = Vec::new();
        for document in &file.documents {
            let Some(at_us) = self.instant(document.moment) else {
                let field = Some(Field::Date);
                let refuse = |row| Refusal { row, column: date_column, field, reason: Reason::Future };
                refusals.extend(document.lines.iter().map(|line| refuse(line.row)));
                continue;
            };
            let row = document.lines.first().map_or(0, |line| line.row);
            let customer = document.customer.as_ref().and_then(|code| customers.get(code).copied());
            dated.push((at_us, row, self.document(document, at_us, customer, &products, &file.products)));
        }
        for adjustment in &file.adjustments {
            let Some(at_us) = self.instant(adjustment.moment) else {
                let field = Some(Field::Date);
                refusals.push(Refusal { row: adjustment.row, column: date_column, field, reason: Reason::Future });
                continue;
            };
            self.checked.summary.adjustments += 1;
            if self.affects_stock && adjustment.quantity_milli != 0 {
                let product = products[adjustment.product];
                let name = format!("{}\0{product}\0{}", adjustment.invoice, adjustment.quantity_milli);
                let item = AdjustmentItem {
                    id: document_id(self.shop, "adjustment", at_us, &name),
                    product,
                    quantity_milli: adjustment.quantity_milli,
                    reason: adjustment.reason.clone(),
                    at_us,
                };
                dated.push((at_us, adjustment.row, Item::Adjustment(item)));
            }
        }
        // In the order of time: numbers follow it, and a chunk shares its hours' rows.
        dated.sort_by_key(|(at_us, row, item)| (matches!(item, Item::Refund(_)), *at_us, *row));
        if self.affects_stock {
            dated.sort_by_key(|(at_us, row, _)| (*at_us, *row));
        }
        items.extend(dated.into_iter().map(|(_, row, item)| (row, item)));
        refusals.sort_by_key(|refusal| refusal.row);
        self.checked.items = items;
        self.checked.refusals = refusals.iter().map(RefusedRow::from).collect();
    }

    /// A moment of the shop's clock as an instant; none where it has not come yet.
    fn instant(&self, moment: DateTime) -> Option<i64> {
        let instant = self.zone.to_ambiguous_zoned_datetime(moment).compatible().ok()?;
        let at_us = instant.timestamp().as_microsecond();
        (at_us <= self.now_us).then_some(at_us)
    }

    /// The id of each product of the file; those the shop lacks are created first.
    fn products(
        &self,
        named: &[sales_rows::HistoryProduct],
        documents: &[Document],
        adjustments: &[sales_rows::Adjustment],
        items: &mut Vec<(u32, Item)>,
    ) -> Vec<Uuid> {
        let mut by_sku: HashMap<String, Uuid> = HashMap::new();
        for product in &self.catalogue.products {
            if let Some(sku) = &product.sku {
                by_sku.insert(search_key(sku), product.id);
            }
        }
        let mut first_rows: HashMap<usize, u32> = HashMap::new();
        let lines = documents.iter().flat_map(|document| &document.lines).map(|line| (line.product, line.row));
        for (product, row) in lines.chain(adjustments.iter().map(|found| (found.product, found.row))) {
            let first = first_rows.entry(product).or_insert(row);
            *first = row.min(*first);
        }
        let mut ids = Vec::with_capacity(named.len());
        for (at, product) in named.iter().enumerate() {
            let id = *by_sku.entry(search_key(&product.sku)).or_insert_with(|| {
                let id = (self.new_id)();
                let row = first_rows.get(&at).copied().unwrap_or(0);
                items.push((row, Item::Product(Box::new(self.new_product(id, product)))));
                id
            });
            ids.push(id);
        }
        ids
    }

    fn new_product(&self, id: Uuid, product: &sales_rows::HistoryProduct) -> ProductItem {
        ProductItem {
            id,
            before: None,
            changes: Vec::new(),
            name: product.name.clone(),
            sku: Some(product.sku.clone()),
            category: None,
            named_category: None,
            unit: Unit::Piece.as_str().to_owned(),
            fractions: product.fractions,
            tracks_stock: true,
            // History does not say what is on hand today: it must not stop a sale.
            sells_below_zero: true,
            price_minor: self.shelf_price(product.price_minor),
            purchase_price_minor: None,
            tax_set: self.tax_set,
            minimum_milli: 0,
            favorite: false,
            barcodes: Vec::new(),
            barcodes_change: false,
            stock_milli: None,
        }
    }

    /// The file's prices are as charged; a shop that writes its prices before tax
    /// keeps the part that is not tax (money.md, rule 5).
    fn shelf_price(&self, charged_minor: i64) -> i64 {
        let set = self.catalogue.tax_sets.iter().find(|set| set.id == self.tax_set);
        let rate_ppm = set.and_then(|set| set.rate_ppm).unwrap_or(0);
        if self.profile.prices_include_tax {
            return charged_minor;
        }
        rounding::scale_half_away(charged_minor, 1_000_000, 1_000_000 + rate_ppm)
            .expect("a part of a price is smaller than the price")
    }

    /// The id of each customer's code; those the shop lacks are created first.
    fn customers(
        &self,
        documents: &[Document],
        known: &[CustomerItem],
        items: &mut Vec<(u32, Item)>,
    ) -> HashMap<String, Uuid> {
        let codes = known.iter().filter_map(|customer| Some((customer.external_code.clone()?, customer.id)));
        let mut ids: HashMap<String, Uuid> = codes.collect();
        for document in documents {
            let Some(code) = &document.customer else { continue };
            ids.entry(code.clone()).or_insert_with(|| {
                let id = (self.new_id)();
                let item = CustomerItem {
                    id,
                    version: None,
                    changes: Vec::new(),
                    name: format!("Cliente {code}"),
                    phone: String::new(),
                    document: String::new(),
                    email: String::new(),
                    address: String::new(),
                    external_code: Some(code.clone()),
                };
                let row = document.lines.first().map_or(0, |line| line.row);
                items.push((row, Item::Customer(item)));
                id
            });
        }
        ids
    }

    fn document(
        &self,
        document: &Document,
        at_us: i64,
        customer: Option<Uuid>,
        products: &[Uuid],
        named: &[sales_rows::HistoryProduct],
    ) -> Item {
        let kind = match document.kind {
            DocumentKind::Sale => "sale",
            DocumentKind::Refund => "refund",
        };
        let item = DocumentItem {
            id: document_id(self.shop, kind, at_us, &document.invoice.to_uppercase()),
            invoice: document.invoice.clone(),
            customer,
            at_us,
            lines: document
                .lines
                .iter()
                .map(|line| LineItem {
                    product: products[line.product],
                    name: line.name.clone().unwrap_or_else(|| named[line.product].name.clone()),
                    quantity_milli: line.quantity_milli,
                    price_minor: line.price_minor,
                })
                .collect(),
        };
        match document.kind {
            DocumentKind::Sale => Item::Sale(item),
            DocumentKind::Refund => Item::Refund(item),
        }
    }
}

/// A version 7 id whose time is the document's and whose chance is a hash of what it
/// is: ordered like all others, and the same from every file.
fn document_id(shop: ShopId, kind: &str, at_us: i64, name: &str) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(b"imported document 1\0");
    hasher.update(shop.0.as_bytes());
    hasher.update(kind);
    hasher.update([0]);
    hasher.update(at_us.to_be_bytes());
    hasher.update(name);
    let hash = hasher.finalize();
    let chance: [u8; 10] = hash[..10].try_into().expect("SHA-256 has 32 bytes");
    let millis = u64::try_from(at_us / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}

/// Takes out the documents that are on record, with a refusal for the first row of each.
async fn refuse_known(read: &mut ShopRead, checked: &mut Checked) -> Result<(), DbError> {
    let items = std::mem::take(&mut checked.items);
    let mut kept = Vec::with_capacity(items.len());
    for chunk in items.chunks(LOOK_UP) {
        let of = |sort: Sort| -> Vec<Uuid> {
            chunk.iter().filter(|(_, item)| item.sort() == sort).filter_map(|(_, item)| item.document_id()).collect()
        };
        let (sales, refunds, adjustments) = (of(Sort::Sale), of(Sort::Refund), of(Sort::Adjustment));
        let sale_ids: Vec<SaleId> = sales.iter().copied().map(SaleId).collect();
        let refund_ids: Vec<RefundId> = refunds.iter().copied().map(RefundId).collect();
        let mut known: HashMap<Uuid, bool> = HashMap::new();
        known.extend(sales.into_iter().zip(history::known_sales(read, &sale_ids).await?));
        known.extend(refunds.into_iter().zip(history::known_refunds(read, &refund_ids).await?));
        let moved = ledger::known_documents(read, &adjustments).await?;
        known.extend(adjustments.into_iter().zip(moved));
        for (row, item) in chunk {
            if item.document_id().is_some_and(|id| known.get(&id).copied().unwrap_or(false)) {
                let field = Some(Field::Invoice);
                let refusal = Refusal { row: *row, column: None, field, reason: Reason::AlreadyImported };
                checked.refusals.push(RefusedRow::from(&refusal));
            } else {
                kept.push((*row, item.clone()));
            }
        }
    }
    checked.items = kept;
    checked.refusals.sort_by_key(|refusal| refusal.row);
    Ok(())
}

fn count(checked: &mut Checked) {
    let summary = &mut checked.summary;
    for (_, item) in &checked.items {
        match item {
            Item::Product(_) => summary.products += 1,
            Item::Customer(_) => summary.customers += 1,
            Item::Sale(document) => {
                summary.sales += 1;
                summary.sale_lines += document.lines.len();
            }
            Item::Refund(document) => {
                summary.refunds += 1;
                summary.refund_lines += document.lines.len();
            }
            Item::Adjustment(_) => {}
        }
    }
    checked.new = checked.items.len();
}
