//! What a person types about other income.

use super::{Kind, record::RecordError};
use crate::{
    features::{
        expenses::form::{dated_problem, read_dated},
        sales::{
            find_sales::{self, Filter},
            list_sales::read_number,
        },
    },
    texts::other_income::Texts,
};
use db::{DbError, ShopRead};
use domain::{
    business_date::BusinessDate,
    expense::DatedAmount,
    ids::{OtherIncomeId, SaleId},
};
use web::{AppError, Draft, FormReader, Format, PageContext, Problem, Text, form::Said, pagination::At};

/// Longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 200;
/// Longest number of a sale, its series included.
const SALE_CHARS_MAX: usize = 40;

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> [(&'static str, &'static str); 6] {
    [
        ("tipo", t.field_kind()),
        ("descripcion", t.field_description()),
        ("monto", t.field_amount()),
        ("fecha", t.field_date()),
        ("venta", t.field_sale()),
        ("motivo", t.field_reason()),
    ]
}

/// Other income as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomeForm {
    /// Its id, from the hidden field.
    pub id: Option<OtherIncomeId>,
    /// What for.
    pub kind: Kind,
    /// More about it.
    pub description: String,
    /// How much and when.
    pub dated: DatedAmount,
    /// The number of a sale, or nothing.
    pub sale: String,
}

/// Reads the form.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(
    pairs: Vec<(String, String)>,
    page: &PageContext,
    today: BusinessDate,
) -> Result<(IncomeForm, Draft), Draft> {
    let mut form = FormReader::of(pairs, &page.format);
    let id = form.id_or_none("id");
    let kind = form.choice("tipo", &Kind::ALL);
    let description = read_description(&mut form);
    let dated = read_dated(&mut form, today);
    let sale = form.text("venta", Text::optional(SALE_CHARS_MAX));
    form.finish(|| Some(IncomeForm { id: id?, kind: kind?, description: description?, dated: dated?, sale: sale? }))
}

/// Reads the words.
pub fn read_description(form: &mut FormReader<'_>) -> Option<String> {
    form.text("descripcion", Text::required(DESCRIPTION_CHARS_MAX))
}

/// The sale of a typed number; nothing typed is none.
///
/// # Errors
/// The problem to show beside the field, and what the database says.
pub async fn find_sale(read: &mut ShopRead, typed: &str) -> Result<Result<Option<SaleId>, Problem>, DbError> {
    if typed.is_empty() {
        return Ok(Ok(None));
    }
    let filter = Filter { number: Some(read_number(typed)), ..Filter::default() };
    let found = find_sales::find(read, &filter, &At::Offset(0), 2).await?;
    Ok(match found.as_slice() {
        [] => Err(Problem::Said(Said::new(|lang| Texts(lang).refused_no_sale()))),
        [one] => Ok(Some(SaleId(one.id))),
        _ => Err(Problem::Said(Said::new(|lang| Texts(lang).refused_many_sales()))),
    })
}

/// Notes what the rules refused beside its field; what no field can cure is the answer.
///
/// # Errors
/// What is not the form's affair.
pub fn refuse(draft: &mut Draft, error: RecordError, format: &Format) -> Result<(), AppError> {
    match error {
        RecordError::Unknown => Err(AppError::NotFound),
        RecordError::Conflict => Err(AppError::Conflict(Some(Said::new(|lang| Texts(lang).refused_id_used())))),
        RecordError::AlreadyVoid => Err(AppError::Conflict(Some(Said::new(|lang| Texts(lang).already_void())))),
        RecordError::Db(error) => Err(error.into()),
        RecordError::Refused(all) => {
            for refused in all {
                let (field, problem) = dated_problem(refused, format);
                draft.refuse(field, problem);
            }
            Ok(())
        }
    }
}
