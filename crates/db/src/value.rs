//! Parameters: what a statement is given.
//!
//! Owns the five kinds the shared SQL knows. A parameter has a kind even when
//! it is null, because PostgreSQL infers a type for every `$n` and a null of
//! another kind is a mistake SQLite would hide.
//! Must not know any driver: `sqlite` and `postgres` translate.

use uuid::Uuid;

/// One value for one `$n`. Made by [`params!`](crate::params); `None` is a null
/// that still has a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// `{int}`: money in minor units, quantities in thousandths, instants in µs.
    Int(Option<i64>),
    /// `{text}`.
    Text(Option<String>),
    /// `{bool}`.
    Bool(Option<bool>),
    /// `{uuid}`.
    Uuid(Option<Uuid>),
    /// `{bytes}`.
    Bytes(Option<Vec<u8>>),
}

/// Every way into a [`Param`], plain and optional at once, so that a type can
/// never have the one and lack the other.
macro_rules! param_from {
    ($($type:ty => $kind:ident($value:ident) $convert:expr;)*) => {$(
        impl From<$type> for Param {
            fn from($value: $type) -> Self {
                Param::$kind(Some($convert))
            }
        }
        impl From<Option<$type>> for Param {
            fn from(value: Option<$type>) -> Self {
                Param::$kind(value.map(|$value| $convert))
            }
        }
    )*};
}

param_from! {
    i64 => Int(value) value;
    i32 => Int(value) i64::from(value);
    u32 => Int(value) i64::from(value);
    String => Text(value) value;
    &str => Text(value) value.to_owned();
    &String => Text(value) value.clone();
    bool => Bool(value) value;
    Uuid => Uuid(value) value;
    &Uuid => Uuid(value) *value;
    Vec<u8> => Bytes(value) value;
    &[u8] => Bytes(value) value.to_vec();
    &Vec<u8> => Bytes(value) value.clone();
    [u8; 32] => Bytes(value) value.to_vec();
    &[u8; 32] => Bytes(value) value.to_vec();
}

/// The values of one execution, in the order of their numbers. Under a shop the
/// shop itself is `$1` and is not listed: the first entry is `$2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<Param>);

impl Params {
    /// Wraps a list; [`params!`](crate::params) reads better.
    pub fn new(values: Vec<Param>) -> Self {
        Self(values)
    }

    pub(crate) fn as_slice(&self) -> &[Param] {
        &self.0
    }
}

/// Builds [`Params`] from values of any supported type: `params![id, "name", None::<i64>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        $crate::Params::new(vec![$($crate::Param::from($value)),*])
    };
}
