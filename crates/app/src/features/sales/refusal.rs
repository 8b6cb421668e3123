//! Why a sale was not made, or not taken back, in the reader's words.
//!
//! Each enum of reasons has its one match here. A reason names the field that it
//! is about, by the paths of the wire (`lines.0.quantity`), so that JSON and forms
//! say the same; figures look as the shop writes them.

use crate::{
    features::sales::{complete_sale::CompleteSaleError, wire::FieldProblem},
    texts::sales::Texts,
};
use domain::{
    permission::SellerRights,
    quote::{Place, QuoteError, QuoteErrorCode},
    sale::{MAX_DOCUMENT_MINOR, SaleRefused, Shortage},
    take_back::TakeBackRefused,
};
use std::collections::BTreeMap;
use web::{AppError, Format, Lang, Problem, form::Said};

/// What the reader's words are made of.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// How the shop writes figures.
    pub format: &'a Format,
    /// The limits of the person who sells.
    pub rights: SellerRights,
}

fn said(say: impl Fn(Texts) -> String + Send + Sync + 'static) -> Problem {
    Problem::Said(Said::new(move |lang: Lang| say(Texts(lang))))
}

/// What is wrong with the fields of a content, by path.
pub fn of_wire(problems: BTreeMap<String, FieldProblem>) -> Vec<(String, Problem)> {
    problems.into_iter().map(|(path, problem)| (path, of_field(problem))).collect()
}

fn of_field(problem: FieldProblem) -> Problem {
    match problem {
        FieldProblem::NotADecimal => said(|t| t.problem_decimal().to_owned()),
        FieldProblem::OutOfRange => said(|t| t.problem_range().to_owned()),
        FieldProblem::TooLong { chars_max } => Problem::TooLong { max: chars_max },
        FieldProblem::ControlCharacters => Problem::ControlCharacter,
        FieldProblem::NotExactlyOne => said(|t| t.problem_one_of_two().to_owned()),
        FieldProblem::Empty => Problem::Required,
        FieldProblem::TooMany => said(|t| t.problem_too_many().to_owned()),
    }
}

/// The answer to a sale that was not made.
pub fn of_sale(error: CompleteSaleError, words: Words<'_>) -> AppError {
    let conflict =
        |say: fn(Texts) -> &'static str| AppError::Conflict(Some(Said::new(move |lang: Lang| say(Texts(lang)))));
    match error {
        CompleteSaleError::Refused(SaleRefused::StockShort(short)) => out_of_stock(&short, words),
        CompleteSaleError::Refused(refused) => AppError::Validation(vec![of_refused(&refused, words)]),
        CompleteSaleError::Conflict => conflict(|t| t.refused_id_used()),
        CompleteSaleError::NoSession => conflict(|t| t.refused_no_session()),
        CompleteSaleError::NoRegister => conflict(|t| t.refused_no_register()),
        CompleteSaleError::NumberTaken => conflict(|t| t.refused_number_taken()),
        CompleteSaleError::Db(error) => error.into(),
    }
}

fn out_of_stock(short: &[Shortage], words: Words<'_>) -> AppError {
    let fields = short.iter().map(|shortage| short_field(shortage, words)).collect();
    let (product, available) = match short.first() {
        Some(first) => (first.name.clone(), words.format.quantity(first.on_hand_milli.max(0))),
        None => (String::new(), String::new()),
    };
    AppError::StockInsufficient { product, available, fields }
}

fn short_field(shortage: &Shortage, words: Words<'_>) -> (String, Problem) {
    let (name, on_hand) = (shortage.name.clone(), words.format.quantity(shortage.on_hand_milli.max(0)));
    (format!("lines.{}.quantity", shortage.line), said(move |t| t.refused_stock(&name, &on_hand)))
}

/// Every field that a refusal is about, for a form.
pub fn fields_of(refused: &SaleRefused, words: Words<'_>) -> Vec<(String, Problem)> {
    match refused {
        SaleRefused::StockShort(short) => short.iter().map(|shortage| short_field(shortage, words)).collect(),
        other => vec![of_refused(other, words)],
    }
}

fn of_refused(refused: &SaleRefused, words: Words<'_>) -> (String, Problem) {
    let format = words.format;
    let line = |line: &usize, field: &str| format!("lines.{line}.{field}");
    let payment = |payment: &usize, field: &str| format!("payments.{payment}.{field}");
    match refused {
        SaleRefused::UnknownProduct { line: at } => (line(at, "product_id"), Problem::NotAnId),
        SaleRefused::Inactive { line: at } => (line(at, "product_id"), said(|t| t.refused_inactive().to_owned())),
        SaleRefused::NotDivisible { line: at } => {
            (line(at, "quantity"), said(|t| t.refused_not_divisible().to_owned()))
        }
        SaleRefused::Quote(error) => of_quote(*error, format),
        SaleRefused::PriceChanged { line: at, shop_minor } => {
            let price = format.money(*shop_minor);
            (line(at, "unit_price"), said(move |t| t.refused_price(&price)))
        }
        SaleRefused::DiscountNotAllowed { line: at } => {
            let highest = format.percent_e6(words.rights.max_discount_percent_e6);
            (line(at, "discount"), said(move |t| t.refused_discount(&highest)))
        }
        SaleRefused::UnknownCustomer => ("customer.id".to_owned(), Problem::NotAnId),
        SaleRefused::TooLarge => ("lines".to_owned(), Problem::TooBig { max: format.money(MAX_DOCUMENT_MINOR) }),
        SaleRefused::TotalDiffers { total_minor } => {
            let total = format.money(*total_minor);
            ("expected.total".to_owned(), said(move |t| t.refused_total(&total)))
        }
        SaleRefused::StockShort(short) => match short.first() {
            Some(shortage) => short_field(shortage, words),
            None => ("lines".to_owned(), Problem::Required),
        },
        SaleRefused::UnknownMethod { payment: at } => (payment(at, "method_id"), Problem::NotAChoice),
        SaleRefused::BankMissing { payment: at } => (payment(at, "bank"), said(|t| t.refused_bank().to_owned())),
        SaleRefused::ReferenceMissing { payment: at } => {
            (payment(at, "reference"), said(|t| t.refused_reference().to_owned()))
        }
        SaleRefused::TenderedWrong { payment: at } => {
            (payment(at, "tendered"), said(|t| t.refused_tendered().to_owned()))
        }
        SaleRefused::ShownDiffers { change_minor } => {
            let change = format.money(*change_minor);
            ("expected.change".to_owned(), said(move |t| t.refused_shown(&change)))
        }
        SaleRefused::NoDrawer => ("session_id".to_owned(), said(|t| t.refused_no_drawer().to_owned())),
        SaleRefused::PaymentsDiffer { due_minor, paid_minor } => {
            let (due, paid) = (format.money(*due_minor), format.money(*paid_minor));
            ("payments".to_owned(), said(move |t| t.refused_payments(&due, &paid)))
        }
    }
}

fn of_quote(error: QuoteError, format: &Format) -> (String, Problem) {
    let path = |field: &str| match error.place {
        Place::Line(at) => format!("lines.{at}.{field}"),
        Place::Discount => "discount".to_owned(),
        Place::Text | Place::Lines | Place::Total => "lines".to_owned(),
    };
    match error.code {
        QuoteErrorCode::InvalidCart => (path("quantity"), Problem::Malformed),
        QuoteErrorCode::EmptyCart => (path("quantity"), Problem::Required),
        QuoteErrorCode::InvalidQuantity => (path("quantity"), said(|t| t.problem_range().to_owned())),
        QuoteErrorCode::InvalidPrice => (path("unit_price"), said(|t| t.problem_range().to_owned())),
        QuoteErrorCode::InvalidRate | QuoteErrorCode::RepeatedTax => {
            (path("taxes"), said(|t| t.problem_taxes().to_owned()))
        }
        QuoteErrorCode::InvalidDiscount | QuoteErrorCode::InvalidPercent | QuoteErrorCode::InvalidAmount => {
            (path("discount"), said(|t| t.problem_range().to_owned()))
        }
        QuoteErrorCode::DiscountExceedsAmount => (path("discount"), said(|t| t.refused_discount_exceeds().to_owned())),
        QuoteErrorCode::TotalTooLarge => (path("quantity"), Problem::TooBig { max: format.money(MAX_DOCUMENT_MINOR) }),
    }
}

/// Why nothing was taken back, and the position of the line that it is about.
pub fn of_take_back(refused: TakeBackRefused, format: &Format) -> (Option<i64>, Problem) {
    match refused {
        TakeBackRefused::NothingChosen => (None, said(|t| t.take_back_nothing().to_owned())),
        TakeBackRefused::AlreadyReturned => (None, said(|t| t.take_back_already().to_owned())),
        TakeBackRefused::UnknownLine { position } | TakeBackRefused::RepeatedLine { position } => {
            (Some(position), Problem::NotAnId)
        }
        TakeBackRefused::WrongQuantity { position, left_milli } => {
            let left = format.quantity(left_milli);
            (Some(position), said(move |t| t.take_back_left(&left)))
        }
        TakeBackRefused::DrawerClosed => (None, said(|t| t.take_back_drawer().to_owned())),
        TakeBackRefused::TooLarge => (None, said(|t| t.problem_range().to_owned())),
    }
}
