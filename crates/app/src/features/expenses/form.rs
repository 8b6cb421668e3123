//! What a person types about an expense, and what the form offers.

use crate::{
    features::{
        cash::drawers,
        expenses::record::{ExpenseWords, RecordError},
    },
    kernel::App,
    texts::expenses::Texts,
};
use db::{DbError, ShopRead, params};
use domain::{
    business_date::BusinessDate,
    expense::{AMOUNT_MINOR_MAX, DatedAmount, DatedRefused, ExpenseRefused},
    ids::{ExpenseId, MethodId, SessionId},
};
use uuid::Uuid;
use web::{AppError, Choice, Draft, FormReader, Format, PageContext, Problem, Text, form::Said};

/// Longest concept, in characters.
pub const CONCEPT_CHARS_MAX: usize = 150;
/// Longest name of a category.
pub const CATEGORY_CHARS_MAX: usize = 100;
/// Longest description.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Longest reason of a void.
pub const REASON_CHARS_MAX: usize = 255;

db::statements! {
    METHODS = "expenses.methods",
        "SELECT id, name, kind, active
         FROM payment_method
         WHERE shop_id = $1 AND kind <> 'house_account'
         ORDER BY position, id";
    CATEGORIES = "expenses.categories",
        "SELECT id, name
         FROM expense_category
         WHERE shop_id = $1
         ORDER BY sort_key, id";
}

/// A payment method that an expense may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether it is cash.
    pub is_cash: bool,
    /// Whether it is in use.
    pub active: bool,
}

/// The shop's payment methods, those no longer in use as well.
///
/// # Errors
/// Whatever the database says.
pub async fn methods(read: &mut ShopRead) -> Result<Vec<Method>, DbError> {
    let mut methods = Vec::new();
    for mut row in read.rows(&METHODS, params![]).await? {
        let (id, name) = (row.take()?, row.take()?);
        let kind: String = row.take()?;
        methods.push(Method { id, name, is_cash: kind == "cash", active: row.take()? });
    }
    Ok(methods)
}

/// The shop's own categories, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn categories(read: &mut ShopRead) -> Result<Vec<Choice>, DbError> {
    let mut categories = Vec::new();
    for mut row in read.rows(&CATEGORIES, params![]).await? {
        let id: Uuid = row.take()?;
        categories.push(Choice::new(id.to_string(), row.take::<String>()?));
    }
    Ok(categories)
}

/// What the form of a new expense offers.
pub struct Offer {
    /// The shop's day.
    pub today: BusinessDate,
    /// Ways to pay that are in use.
    pub methods: Vec<Method>,
    /// Open drawers.
    pub drawers: Vec<Choice>,
    /// Categories: the shop's own, or the usual ones where it has none yet.
    pub categories: Vec<Choice>,
}

impl Offer {
    /// Loads it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn load(read: &mut ShopRead, app: &App, t: Texts) -> Result<Self, DbError> {
        let today = crate::features::settings::shop::load_profile(read).await?.moment(app.now_us()).date;
        let methods = methods(read).await?.into_iter().filter(|method| method.active).collect();
        let drawers = drawers::open_drawers(read).await?;
        Ok(Offer { today, methods, drawers, categories: with_usual(categories(read).await?, t) })
    }

    /// The methods as a select shows them.
    pub fn method_choices(&self) -> Vec<Choice> {
        self.methods.iter().map(|method| Choice::new(method.id.to_string(), &method.name)).collect()
    }
}

/// The categories that a combobox shows: what small shops spend on, until they have
/// their own.
pub fn with_usual(own: Vec<Choice>, t: Texts) -> Vec<Choice> {
    if !own.is_empty() {
        return own;
    }
    let usual = [t.usual_rent(), t.usual_utilities(), t.usual_wages(), t.usual_transport(), t.usual_cleaning()];
    usual.into_iter().map(|name| Choice::new(name, name)).collect()
}

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> [(&'static str, &'static str); 8] {
    [
        ("concepto", t.field_concept()),
        ("categoria", t.field_category()),
        ("monto", t.field_amount()),
        ("fecha", t.field_date()),
        ("forma_pago", t.field_method()),
        ("caja", t.field_drawer()),
        ("descripcion", t.field_description()),
        ("motivo", t.field_reason()),
    ]
}

/// A new expense as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpenseForm {
    /// Its id, from the hidden field.
    pub id: Option<ExpenseId>,
    /// How much and when.
    pub dated: DatedAmount,
    /// What for.
    pub words: ExpenseWords,
    /// How it was paid.
    pub method: MethodId,
    /// From which drawer.
    pub session: Option<SessionId>,
}

/// Reads the form of a new expense.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(pairs: Vec<(String, String)>, page: &PageContext, offer: &Offer) -> Result<(ExpenseForm, Draft), Draft> {
    let mut form = FormReader::of(pairs, &page.format);
    let id = form.id_or_none("id");
    let words = read_words(&mut form);
    let dated = read_dated(&mut form, offer.today);
    let ids: Vec<(String, Uuid)> = offer.methods.iter().map(|method| (method.id.to_string(), method.id)).collect();
    let options: Vec<(&str, Uuid)> = ids.iter().map(|(text, id)| (text.as_str(), *id)).collect();
    let method = form.choice("forma_pago", &options);
    let session = form.id_or_none::<SessionId>("caja");
    let pays_cash = method.is_none_or(|id| offer.methods.iter().any(|method| method.id == id && method.is_cash));
    if session.flatten().is_some() && !pays_cash {
        form.refuse("caja", problem(ExpenseRefused::DrawerNeedsCash, &page.format));
    }
    form.finish(|| {
        let method = MethodId(method?);
        Some(ExpenseForm { id: id?, dated: dated?, words: words?, method, session: session? })
    })
}

/// Reads `monto` and `fecha` and holds them to their limits.
pub fn read_dated(form: &mut FormReader<'_>, today: BusinessDate) -> Option<DatedAmount> {
    let amount_minor = form.amount("monto");
    let date = form.date("fecha").and_then(|date| BusinessDate::from_i64(date).ok());
    // Each is held to its limits though the other could not be read.
    let dated = DatedAmount { amount_minor: amount_minor.unwrap_or(1), date: date.unwrap_or(today) };
    for refused in dated.problems(today) {
        let (field, problem) = dated_problem(refused, form.format());
        form.refuse(field, problem);
    }
    Some(DatedAmount { amount_minor: amount_minor?, date: date? })
}

/// Reads the words of an expense.
pub fn read_words(form: &mut FormReader<'_>) -> Option<ExpenseWords> {
    let concept = form.text("concepto", Text::required(CONCEPT_CHARS_MAX));
    let category = form.text("categoria", Text::optional(CATEGORY_CHARS_MAX));
    let description = form.text("descripcion", Text::optional(DESCRIPTION_CHARS_MAX).many_lines());
    Some(ExpenseWords { concept: concept?, description: description?, category: category? })
}

/// The field and the sentence of a refused amount or day.
pub fn dated_problem(refused: DatedRefused, format: &Format) -> (&'static str, Problem) {
    match refused {
        DatedRefused::Nothing => ("monto", Problem::Said(Said::new(|lang| Texts(lang).refused_nothing()))),
        DatedRefused::TooLarge => ("monto", Problem::TooBig { max: format.money(AMOUNT_MINOR_MAX) }),
        DatedRefused::InFuture => ("fecha", Problem::Said(Said::new(|lang| Texts(lang).refused_future()))),
        DatedRefused::TooOld => ("fecha", Problem::Said(Said::new(|lang| Texts(lang).refused_old()))),
    }
}

fn problem(refused: ExpenseRefused, format: &Format) -> Problem {
    match refused {
        ExpenseRefused::Dated(refused) => dated_problem(refused, format).1,
        ExpenseRefused::UnknownMethod => Problem::NotAChoice,
        ExpenseRefused::DrawerNeedsCash => Problem::Said(Said::new(|lang| Texts(lang).refused_needs_cash())),
        ExpenseRefused::DrawerClosed => Problem::Said(Said::new(|lang| Texts(lang).refused_drawer_closed())),
    }
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
                let field = match refused {
                    ExpenseRefused::Dated(refused) => dated_problem(refused, format).0,
                    ExpenseRefused::UnknownMethod => "forma_pago",
                    ExpenseRefused::DrawerNeedsCash | ExpenseRefused::DrawerClosed => "caja",
                };
                draft.refuse(field, problem(refused, format));
            }
            Ok(())
        }
    }
}
