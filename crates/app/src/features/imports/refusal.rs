//! Why a row is refused, and in which cell.
//!
//! Owns: the reasons of every kind of import, and their stored words. Must not know:
//! languages; the texts are chosen beside the screens, by these words.

use super::{barcode::BarcodeRefused, columns::Field, number::NumberRefused, read::Broken};

/// A reason, tied to a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The row's number, from 1.
    pub row: u32,
    /// The column, from 0; none where the row as a whole is meant.
    pub column: Option<usize>,
    /// Which field the column is, where it is one.
    pub field: Option<Field>,
    /// Why.
    pub reason: Reason,
}

/// Why a row is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing where something is needed.
    Required,
    /// More characters than are kept.
    TooLong {
        /// How many are.
        chars_max: usize,
    },
    /// A control character.
    ControlCharacter,
    /// Not a number, or not one of ours.
    Number(NumberRefused),
    /// Not a barcode.
    Barcode(BarcodeRefused),
    /// The cell has no value of its own.
    Broken(Broken),
    /// Not a date with a year between 1990 and 2100.
    Date,
    /// The same as an earlier row.
    Repeated {
        /// That row.
        first_row: u32,
    },
    /// The same SKU, barcode, name or document as an earlier row that says otherwise.
    SameAs {
        /// That row.
        first_row: u32,
    },
    /// The barcode is another product's of the shop.
    BarcodeTaken,
    /// A quantity of zero or less that was charged, on a document that is no refund.
    ChargedWithoutQuantity,
    /// A refund that gives goods out.
    RefundOfNothing,
    /// An invoice has one customer; this line names another.
    OtherCustomer {
        /// The row that named the first.
        first_row: u32,
    },
    /// The document is larger than any that is kept.
    DocumentTooLarge,
    /// No tax set has this name or rate.
    UnknownTax,
    /// No unit of ours.
    UnknownUnit,
    /// Not an e-mail address.
    Email,
    /// Brought in before, by this file or another.
    AlreadyImported,
    /// A moment later than now.
    Future,
}

impl Reason {
    /// The stored word.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Required => "required",
            Reason::TooLong { .. } => "too_long",
            Reason::ControlCharacter => "control_character",
            Reason::Number(refused) => match refused {
                NumberRefused::NotANumber => "not_a_number",
                NumberRefused::Ambiguous => "ambiguous_number",
                NumberRefused::TooManyDecimals { .. } => "too_many_decimals",
                NumberRefused::Negative => "negative",
                NumberRefused::TooLarge => "too_large",
            },
            Reason::Barcode(refused) => match refused {
                BarcodeRefused::Ruined => "barcode_ruined",
                BarcodeRefused::TooLong => "too_long",
                BarcodeRefused::Malformed => "barcode_malformed",
            },
            Reason::Broken(broken) => match broken {
                Broken::FormulaFailed => "formula_failed",
                Broken::FormulaNotComputed => "formula_not_computed",
                Broken::Unreadable => "unreadable",
            },
            Reason::Date => "not_a_date",
            Reason::Repeated { .. } => "repeated",
            Reason::SameAs { .. } => "same_as",
            Reason::BarcodeTaken => "barcode_taken",
            Reason::ChargedWithoutQuantity => "charged_without_quantity",
            Reason::RefundOfNothing => "refund_of_nothing",
            Reason::OtherCustomer { .. } => "other_customer",
            Reason::DocumentTooLarge => "document_too_large",
            Reason::UnknownTax => "unknown_tax",
            Reason::UnknownUnit => "unknown_unit",
            Reason::Email => "not_an_email",
            Reason::AlreadyImported => "already_imported",
            Reason::Future => "future",
        }
    }

    /// The number that its text needs: a limit, or another row.
    pub fn detail(self) -> Option<i64> {
        match self {
            Reason::TooLong { chars_max } => i64::try_from(chars_max).ok(),
            Reason::Number(NumberRefused::TooManyDecimals { decimals_max }) => Some(i64::from(decimals_max)),
            Reason::Repeated { first_row } | Reason::SameAs { first_row } | Reason::OtherCustomer { first_row } => {
                Some(i64::from(first_row))
            }
            Reason::Barcode(BarcodeRefused::TooLong) => i64::try_from(super::barcode::BARCODE_CHARS_MAX).ok(),
            _ => None,
        }
    }
}
