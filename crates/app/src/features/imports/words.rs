//! What people read of an import: one match beside each enum.

use super::{
    check::{ImportError, RefusedRow},
    columns::{Field, Kind},
    read::FileRefused,
};
use crate::texts::imports::Texts;
use web::Lang;

/// A field's name.
pub fn field(lang: Lang, field: Field) -> &'static str {
    let t = Texts(lang);
    match field {
        Field::Name => t.field_nombre(),
        Field::Barcode => t.field_codigo_de_barras(),
        Field::Sku => t.field_sku(),
        Field::Category => t.field_categoria(),
        Field::Price => t.field_precio(),
        Field::PurchasePrice => t.field_precio_compra(),
        Field::Tax => t.field_impuesto(),
        Field::Stock => t.field_stock(),
        Field::Minimum => t.field_minimo(),
        Field::Unit => t.field_unidad(),
        Field::Phone => t.field_telefono(),
        Field::Document => t.field_documento(),
        Field::Email => t.field_correo(),
        Field::Address => t.field_direccion(),
        Field::CustomerCode => t.field_codigo_cliente(),
        Field::Invoice => t.field_factura(),
        Field::Quantity => t.field_cantidad(),
        Field::Date => t.field_fecha(),
    }
}

/// A kind's name.
pub fn kind(lang: Lang, kind: Kind) -> &'static str {
    let t = Texts(lang);
    match kind {
        Kind::Products => t.kind_products(),
        Kind::Customers => t.kind_customers(),
        Kind::Sales => t.kind_sales(),
    }
}

/// Why a row was refused; a word that this version does not know reads as unreadable.
pub fn reason(lang: Lang, refused: &RefusedRow) -> String {
    let t = Texts(lang);
    let detail = refused.detail.unwrap_or(0);
    match refused.code.as_str() {
        "required" => t.reason_required().to_owned(),
        "too_long" => t.reason_too_long(detail),
        "control_character" => t.reason_control_character().to_owned(),
        "not_a_number" => t.reason_not_a_number().to_owned(),
        "ambiguous_number" => t.reason_ambiguous_number().to_owned(),
        "too_many_decimals" => t.reason_too_many_decimals(detail),
        "negative" => t.reason_negative().to_owned(),
        "too_large" => t.reason_too_large().to_owned(),
        "barcode_ruined" => t.reason_barcode_ruined().to_owned(),
        "barcode_malformed" => t.reason_barcode_malformed().to_owned(),
        "formula_failed" => t.reason_formula_failed().to_owned(),
        "formula_not_computed" => t.reason_formula_not_computed().to_owned(),
        "not_a_date" => t.reason_not_a_date().to_owned(),
        "repeated" => t.reason_repeated(detail),
        "same_as" => t.reason_same_as(detail),
        "barcode_taken" => t.reason_barcode_taken().to_owned(),
        "charged_without_quantity" => t.reason_charged_without_quantity().to_owned(),
        "refund_of_nothing" => t.reason_refund_of_nothing().to_owned(),
        "other_customer" => t.reason_other_customer(detail),
        "document_too_large" => t.reason_document_too_large().to_owned(),
        "unknown_tax" => t.reason_unknown_tax().to_owned(),
        "unknown_unit" => t.reason_unknown_unit().to_owned(),
        "not_an_email" => t.reason_not_an_email().to_owned(),
        "already_imported" => t.reason_already_imported().to_owned(),
        "future" => t.reason_future().to_owned(),
        "changed_meanwhile" => t.reason_changed_meanwhile().to_owned(),
        _ => t.reason_unreadable().to_owned(),
    }
}

/// Why a file was refused as a whole; `None` where it is no matter of the file.
pub fn refusal(lang: Lang, error: &ImportError) -> Option<String> {
    let t = Texts(lang);
    Some(match error {
        ImportError::File(refused) => file(t, refused),
        ImportError::MissingColumns { missing, .. } => {
            let names: Vec<&str> = missing.iter().map(|missing| field(lang, *missing)).collect();
            t.missing_fields(names.join(", "))
        }
        ImportError::OpenQuestions(questions) => {
            let asked = questions
                .iter()
                .map(|question| format!("{}: {}", field(lang, question.field), t.mark_question(question.row)));
            asked.collect::<Vec<_>>().join(" ")
        }
        ImportError::UnknownTaxSet => t.refusal_unknown_tax_set().to_owned(),
        ImportError::NoRegister => t.refusal_no_register().to_owned(),
        ImportError::NoRun | ImportError::Db(_) => return None,
    })
}

fn file(t: Texts, refused: &FileRefused) -> String {
    match refused {
        FileRefused::TooLarge { bytes_max } => t.refusal_too_large(bytes_max >> 20),
        FileRefused::UnpacksTooLarge { .. } => t.refusal_unpacks_too_large().to_owned(),
        FileRefused::TooManyRows { rows_max } => t.refusal_too_many_rows(rows_max),
        FileRefused::TooManyColumns { columns_max } => t.refusal_too_many_columns(columns_max),
        FileRefused::UnclosedQuote { row } => t.refusal_unclosed_quote(row),
        FileRefused::OldExcel => t.refusal_old_excel().to_owned(),
        FileRefused::Encrypted => t.refusal_encrypted().to_owned(),
        FileRefused::NotATable => t.refusal_not_a_table().to_owned(),
        FileRefused::Damaged => t.refusal_damaged().to_owned(),
        FileRefused::Empty => t.refusal_empty().to_owned(),
    }
}
