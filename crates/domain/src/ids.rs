//! Ids as types, so that a product's id cannot be passed where a sale's is meant.
//!
//! All of them are UUIDs of version 7 made by whoever creates the record, and so
//! they are idempotency keys as well. This module makes none: an id arrives as an
//! argument.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// A shop, the tenant.
    ShopId
    /// A person of the installation; their place in a shop is a membership.
    UserId
    /// A product of a shop.
    ProductId
    /// A category of a shop.
    CategoryId
    /// A named list of taxes of a shop.
    TaxSetId
    /// A customer of a shop.
    CustomerId
    /// A place that holds stock.
    LocationId
    /// A numbered point of sale.
    RegisterId
    /// The browser a register is bound to.
    DeviceId
    /// One person's time at a register, from opening to closing.
    SessionId
    /// A way to pay.
    MethodId
    /// A sale.
    SaleId
    /// A refund, or a void, which is a refund of all.
    RefundId
    /// An expense.
    ExpenseId
    /// Income that is no sale.
    OtherIncomeId
}
