//! What a person types about a customer.

use crate::{
    features::customers::{find::StoredCustomer, write::CustomerFields},
    texts::customers::Texts,
};
use uuid::Uuid;
use web::{Draft, FormReader, Format, Text};

/// What was typed, checked field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerForm {
    /// The fields.
    pub fields: CustomerFields,
    /// The id that a new customer shall have, from the form's hidden field.
    pub id: Option<Uuid>,
    /// The version that the person saw, where the form said so.
    pub version: Option<i64>,
}

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> [(&'static str, &'static str); 5] {
    [
        ("nombre", t.field_name()),
        ("telefono", t.field_phone()),
        ("documento", t.field_document()),
        ("correo", t.field_email()),
        ("direccion", t.field_address()),
    ]
}

/// Reads a form.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(pairs: Vec<(String, String)>, format: &Format) -> Result<(CustomerForm, Draft), Draft> {
    let mut form = FormReader::of(pairs, format);
    let name = form.text("nombre", Text::required(150));
    let phone = form.text("telefono", Text::optional(20));
    let document = form.text("documento", Text::optional(20));
    let email = form.email("correo", Text::optional(254));
    let address = form.text("direccion", Text::optional(200));
    let id = form.id_or_none("id");
    let version = form.id_or_none("version");
    form.finish(|| {
        let fields = CustomerFields {
            name: name?,
            phone: phone?,
            document: document?,
            email: email?,
            address: address?,
            external_code: None,
        };
        Some(CustomerForm { fields, id: id?, version: version? })
    })
}

/// A form that holds a customer.
pub fn holding(customer: &StoredCustomer) -> Draft {
    let fields = &customer.fields;
    Draft::holding([
        ("nombre", fields.name.clone()),
        ("telefono", fields.phone.clone()),
        ("documento", fields.document.clone()),
        ("correo", fields.email.clone()),
        ("direccion", fields.address.clone()),
        ("version", customer.version.to_string()),
    ])
}

/// Where a form and what is kept now differ: label, kept, typed.
pub fn differences(now: &Draft, typed: &Draft, t: Texts) -> Vec<(&'static str, &'static str, String, String)> {
    let differing = labels(t).into_iter().filter(|(field, _)| now.value(field) != typed.value(field));
    differing.map(|(field, label)| (field, label, now.value(field).to_owned(), typed.value(field).to_owned())).collect()
}
