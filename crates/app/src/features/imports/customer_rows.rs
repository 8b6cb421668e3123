//! Rows of customers against those the shop knows: new, changed, the same, refused.
//!
//! Owns: how a row finds its customer (by the other program's code, by document, by
//! name and telephone). Must not know: the database.
//!
//! **Invariant:** an empty cell changes nothing on a customer who exists.

use super::{
    columns::{Field, Mapping},
    items::{Change, CustomerItem},
    read::{Cell, Table},
    reading::{Choices, RowReader},
    refusal::{Reason, Refusal},
    sales_rows::CODE_CHARS_MAX,
};
use crate::text_key::search_key;
use std::collections::HashMap;
use uuid::Uuid;

/// The longest name; the other limits are the columns' own.
const NAME_CHARS_MAX: usize = 150;

/// What a row became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// The row's number.
    pub row: u32,
    /// New where it has no version, else changed.
    pub item: CustomerItem,
}

/// All that a file of customers says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomersFile {
    /// Who is new or changes, in the order of the rows.
    pub items: Vec<CustomerRow>,
    /// Rows that say what is already so.
    pub same: usize,
    /// What is wrong, in the order of the rows.
    pub refusals: Vec<Refusal>,
    /// Rows of data looked at.
    pub rows: usize,
}

/// Reads a table of customers; `known` are the shop's, as items that change nothing.
pub fn read_customers(
    table: &Table,
    mapping: &Mapping,
    choices: &Choices,
    known: &[CustomerItem],
    new_id: &mut dyn FnMut() -> Uuid,
) -> CustomersFile {
    let rows = table.rows.get(mapping.header_at + 1..).unwrap_or(&[]);
    let mut by_key: HashMap<String, usize> = HashMap::new();
    for (at, customer) in known.iter().enumerate() {
        for (_, key) in keys(customer) {
            by_key.entry(key).or_insert(at);
        }
    }
    let mut file = CustomersFile { rows: rows.len(), ..CustomersFile::default() };
    let mut taken: HashMap<String, u32> = HashMap::new();
    let mut seen: HashMap<&[Cell], u32> = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(first_row) = seen.get(row.cells.as_slice()) {
            let reason = Reason::Repeated { first_row: *first_row };
            file.refusals.push(Refusal { row: row.number, column: None, field: None, reason });
            continue;
        }
        seen.insert(&row.cells, row.number);
        let mut reader = RowReader::new(row, mapping, choices);
        let Some(said) = read_row(&mut reader).filter(|_| reader.refusals.is_empty()) else {
            file.refusals.append(&mut reader.refusals);
            continue;
        };
        let keys = keys(&said);
        if let Some((field, first_row)) = keys.iter().find_map(|(field, key)| taken.get(key).map(|row| (*field, *row)))
        {
            reader.refuse(field, Reason::SameAs { first_row });
            file.refusals.append(&mut reader.refusals);
            continue;
        }
        let found = keys.iter().find_map(|(_, key)| by_key.get(key)).map(|at| &known[*at]);
        taken.extend(keys.into_iter().map(|(_, key)| (key, row.number)));
        let item = match found {
            Some(known) => change(known, said),
            None => Some(CustomerItem { id: new_id(), ..said }),
        };
        match item {
            Some(item) => file.items.push(CustomerRow { row: row.number, item }),
            None => file.same += 1,
        }
    }
    file
}

fn read_row(reader: &mut RowReader<'_>) -> Option<CustomerItem> {
    let name = reader.required_text(Field::Name, NAME_CHARS_MAX);
    let phone = reader.text(Field::Phone, 20).unwrap_or_default();
    let document = reader.text(Field::Document, 20).unwrap_or_default();
    let email = reader.text(Field::Email, 254).unwrap_or_default();
    let address = reader.text(Field::Address, 200).unwrap_or_default();
    let external_code = reader.text(Field::CustomerCode, CODE_CHARS_MAX);
    let shaped = |email: &str| {
        let mut halves = email.split('@');
        let (user, host) = (halves.next().unwrap_or(""), halves.next().unwrap_or(""));
        let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
        !user.is_empty() && dotted && halves.next().is_none() && !email.contains(' ')
    };
    if !email.is_empty() && !shaped(&email) {
        reader.refuse(Field::Email, Reason::Email);
    }
    Some(CustomerItem {
        id: Uuid::nil(),
        version: None,
        changes: Vec::new(),
        name: name?,
        phone,
        document,
        email,
        address,
        external_code,
    })
}

/// The keys of a customer, the surest first. A document is compared by its letters
/// and digits alone: `900.123.456-7` is `9001234567`.
fn keys(customer: &CustomerItem) -> Vec<(Field, String)> {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let mut keys = Vec::new();
    if let Some(code) = &customer.external_code {
        keys.push((Field::CustomerCode, format!("code {code}")));
    }
    if !plain(&customer.document).is_empty() {
        keys.push((Field::Document, format!("document {}", plain(&customer.document))));
    }
    if keys.is_empty() {
        keys.push((Field::Name, format!("name {} {}", search_key(&customer.name), plain(&customer.phone))));
    }
    keys
}

fn change(known: &CustomerItem, said: CustomerItem) -> Option<CustomerItem> {
    let or_known = |said: String, known: &String| if said.is_empty() { known.clone() } else { said };
    let mut item = CustomerItem {
        id: known.id,
        version: known.version,
        changes: Vec::new(),
        name: said.name,
        phone: or_known(said.phone, &known.phone),
        document: or_known(said.document, &known.document),
        email: or_known(said.email, &known.email),
        address: or_known(said.address, &known.address),
        external_code: said.external_code.or_else(|| known.external_code.clone()),
    };
    let code = |item: &CustomerItem| item.external_code.clone().unwrap_or_default();
    item.changes = [
        Change::of(Field::Name, &known.name, &item.name),
        Change::of(Field::Phone, &known.phone, &item.phone),
        Change::of(Field::Document, &known.document, &item.document),
        Change::of(Field::Email, &known.email, &item.email),
        Change::of(Field::Address, &known.address, &item.address),
        Change::of(Field::CustomerCode, code(known), code(&item)),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!item.changes.is_empty()).then_some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::imports::{
        columns::{self, Kind},
        read::{self, Limits},
    };

    fn read(known: &[CustomerItem], rows: &str) -> CustomersFile {
        let text = format!("Nombre;NIT;Celular;Correo;Código\n{rows}");
        let table = read::read_table(text.as_bytes(), &Limits::default()).expect("a table");
        let mapping = columns::guess(Kind::Customers, &table.rows);
        let mut next = 0;
        let mut new_id = || {
            next += 1;
            Uuid::from_u128(next)
        };
        read_customers(&table, &mapping, &Choices::default(), known, &mut new_id)
    }

    #[test]
    fn rows_are_new_changed_the_same_or_refused() {
        let known: Vec<CustomerItem> = read(&[], "Ana Ríos;900.123.456-7;3001;ana@tienda.co;\nLuis;;3002;;7")
            .items
            .into_iter()
            .map(|row| CustomerItem { version: Some(1), ..row.item })
            .collect();
        let cases = [
            ("Eva;1;2;;", "new"),
            ("Ana Ríos;9001234567;3001;;", "change documento"),
            ("Ana Ríos;900.123.456-7;;;", "same"),
            ("Ana R.;900.123.456-7;3009;;", "change nombre telefono"),
            ("luis;;3002;;7", "change nombre"),
            ("Luis;;3002;;", "new"),
            (";1;2;;", "required"),
            ("Eva;1;2;eva arroba x;", "not_an_email"),
            ("Eva;123456789012345678901;2;x;", "too_long not_an_email"),
        ];
        for (row, wanted) in cases {
            let file = read(&known, row);
            let refused: Vec<&str> = file.refusals.iter().map(|refusal| refusal.reason.code()).collect();
            let found = match file.items.first() {
                Some(CustomerRow { item, .. }) if item.version.is_none() => "new".to_owned(),
                Some(CustomerRow { item, .. }) => {
                    let fields: Vec<&str> = item.changes.iter().map(|change| change.field.as_str()).collect();
                    format!("change {}", fields.join(" "))
                }
                None if file.same == 1 => "same".to_owned(),
                None => refused.join(" "),
            };
            assert_eq!(found, wanted, "{row}");
        }
    }

    #[test]
    fn the_same_person_twice_in_a_file_is_refused_the_second_time() {
        let file = read(&[], "Ana;9-1;1;;\nAna;9-1;1;;\nAna María;91;2;;");
        let refused: Vec<(u32, Reason)> = file.refusals.iter().map(|refusal| (refusal.row, refusal.reason)).collect();
        assert_eq!(refused, [(3, Reason::Repeated { first_row: 2 }), (4, Reason::SameAs { first_row: 2 })]);
    }
}
