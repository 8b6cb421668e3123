//! What is odd about something that is on record, as it is stored for a person.
//!
//! **Invariant:** it is JSON with a word in each; a word that was once written stays
//! readable, because what was filed before an upgrade is looked at after it.

use crate::features::sync::item::Item;
use domain::sale::Difference;
use serde::{Deserialize, Serialize};

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Oddity {
    /// About the sale itself.
    Sale(Difference),
    /// About how it came.
    Delivery(DeliveryOddity),
}

/// What is odd about a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "odd", rename_all = "snake_case")]
pub enum DeliveryOddity {
    /// Whoever did it does not work in the shop any more.
    PersonLeft,
    /// Whoever did it never was of the shop; it stands under the name of who posted it.
    PersonUnknown,
    /// The id was used for something else; it is on record under another one.
    OtherId,
    /// The customer's paper says another number.
    Number {
        /// What the paper says.
        printed: String,
    },
    /// The register's session before it was still open, and is closed without a count.
    SessionLeft,
    /// Another session was open already; this one is on record as closed, to be counted.
    SessionLate,
    /// A text was too long or held characters that nobody types; it was cut.
    Shortened {
        /// Which field.
        field: String,
    },
    /// A new product's code belonged to another product; it was created without.
    CodeTaken {
        /// The code.
        code: String,
        /// The other product's name.
        owner: String,
    },
}

impl From<DeliveryOddity> for Oddity {
    fn from(oddity: DeliveryOddity) -> Self {
        Oddity::Delivery(oddity)
    }
}

/// What is stored of an item that is on record and odd.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OddItem {
    /// The item as it was posted.
    pub item: Item,
    /// What is odd about it.
    pub odd: Vec<Oddity>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filed_is_read_again_word_by_word() {
        let filed = [
            (
                Oddity::Sale(Difference::StockShort { line: 1, on_hand_milli: -500 }),
                r#"{"odd":"stock_short","line":1,"on_hand_milli":-500}"#,
            ),
            (Oddity::Sale(Difference::UnknownCustomer), r#"{"odd":"unknown_customer"}"#),
            (DeliveryOddity::PersonLeft.into(), r#"{"odd":"person_left"}"#),
            (DeliveryOddity::Number { printed: "C1-7".into() }.into(), r#"{"odd":"number","printed":"C1-7"}"#),
        ];
        for (oddity, text) in filed {
            assert_eq!(serde_json::to_string(&oddity).unwrap(), text);
            assert_eq!(serde_json::from_str::<Oddity>(text).unwrap(), oddity);
        }
    }
}
