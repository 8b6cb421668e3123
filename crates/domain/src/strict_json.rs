//! JSON read as it is written: the engines' common reader.
//!
//! Owns: what counts as JSON for the command-line engines.
//! Must not know: carts or histories.
//!
//! **Invariant:** an object with a name twice is refused. RFC 8259 (section 4) leaves such
//! objects to each reader's taste, and two engines must not differ in taste. Derived
//! readers would also take an array for a struct; this tree does not.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value; numbers only as far as the engines take them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// Written without point, exponent or minus zero, and inside `i64`.
    Integer(i64),
    /// Any other number.
    OtherNumber,
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// The members of an object, in the order they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object(pub(crate) Vec<(String, Json)>);

impl Json {
    /// Reads one value and nothing after it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn object(self) -> Option<Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    pub(crate) fn list(self) -> Option<Vec<Self>> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub(crate) fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn bool(self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(value) } else { None }
    }

    pub(crate) fn integer(self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(value) } else { None }
    }
}

impl Object {
    /// Takes a member out, so that what remains at the end is what nobody knows.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// `Some` when every member has been taken.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::OtherNumber, Json::Integer))
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = sequence.next_element()? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(de::Error::custom("a name is written twice"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(Object(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_integers_are_integers() {
        let cases = [
            ("7", Some(Json::Integer(7))),
            (" -7\r", Some(Json::Integer(-7))),
            ("7.0", Some(Json::OtherNumber)),
            ("7e0", Some(Json::OtherNumber)),
            ("-0", Some(Json::OtherNumber)),
            ("99999999999999999999", Some(Json::OtherNumber)),
            ("1e400", None),
            ("07", None),
            ("7 8", None),
            ("", None),
            ("\u{feff}7", None),
            ("nul", None),
            ("\"\\ud800\"", None),
            ("{\"a\":1,\"a\":1}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Json::read(text), expected, "{text}");
        }
    }
}
