//! What can be wrong with a field, as data; words are chosen when it is shown.

use std::fmt;
use std::sync::Arc;

use crate::lang::Lang;
use crate::texts::common::Texts;

/// A sentence of a feature's own catalogue, to be said in the reader's language:
/// `Said::new(|lang| Texts(lang).name_taken(&other).to_owned())`.
#[derive(Clone)]
pub struct Said(Arc<dyn Fn(Lang) -> String + Send + Sync>);

impl Said {
    /// Wraps the choice of a text.
    pub fn new<T: Into<String>>(say: impl Fn(Lang) -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |lang| say(lang).into()))
    }

    /// The sentence in a language.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        (self.0)(lang)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Said({:?})", self.say(Lang::En))
    }
}

/// What is wrong with one field. The cure stands in its words, an example where one helps.
#[derive(Debug, Clone)]
pub enum Problem {
    /// Nothing was given.
    Required,
    /// None of the options was given.
    NotAChoice,
    /// More characters than fit.
    TooLong {
        /// How many fit.
        max: usize,
    },
    /// Fewer characters than needed.
    TooShort {
        /// How many are needed.
        min: usize,
    },
    /// A control character, which no field keeps.
    ControlCharacter,
    /// Not a money amount.
    NotAnAmount {
        /// One as this shop writes it.
        example: String,
    },
    /// A number that two people could read as two numbers.
    Ambiguous {
        /// What was typed.
        typed: String,
        /// One as this shop writes it.
        example: String,
    },
    /// More decimals than the unit has.
    TooManyDecimals {
        /// How many it has.
        max: u32,
    },
    /// Not a whole number.
    NotWhole,
    /// Not a quantity.
    NotAQuantity {
        /// One as this shop writes it.
        example: String,
    },
    /// Not a percentage.
    NotAPercentage {
        /// One as this shop writes it.
        example: String,
    },
    /// Above the limit.
    TooBig {
        /// The limit as this shop writes it.
        max: String,
    },
    /// Below the limit.
    TooSmall {
        /// The limit as this shop writes it.
        min: String,
    },
    /// Not the id of anything.
    NotAnId,
    /// Not an e-mail address.
    NotAnEmail,
    /// Not a date.
    NotADate {
        /// One.
        example: String,
    },
    /// Another record has the same.
    Taken,
    /// A JSON field that the request does not have.
    Unknown,
    /// A JSON field of the wrong shape.
    Malformed,
    /// A feature's own sentence.
    Said(Said),
}

impl Problem {
    /// The sentence beside the field.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let t = Texts(lang);
        match self {
            Self::Required => t.field_required().to_owned(),
            Self::NotAChoice => t.field_choose().to_owned(),
            Self::TooLong { max } => t.field_too_long(max),
            Self::TooShort { min } => t.field_too_short(min),
            Self::ControlCharacter => t.field_control().to_owned(),
            Self::NotAnAmount { example } => t.field_amount(example),
            Self::Ambiguous { typed, example } => t.field_amount_ambiguous(typed, example),
            Self::TooManyDecimals { max } => t.field_decimals(max),
            Self::NotWhole => t.field_whole().to_owned(),
            Self::NotAQuantity { example } => t.field_quantity(example),
            Self::NotAPercentage { example } => t.field_percent(example),
            Self::TooBig { max } => t.field_too_big(max),
            Self::TooSmall { min } => t.field_too_small(min),
            Self::NotAnId => t.field_id().to_owned(),
            Self::NotAnEmail => t.field_email().to_owned(),
            Self::NotADate { example } => t.field_date(example),
            Self::Taken => t.field_taken().to_owned(),
            Self::Unknown => t.field_unknown_field().to_owned(),
            Self::Malformed => t.field_malformed().to_owned(),
            Self::Said(said) => said.say(lang),
        }
    }
}
