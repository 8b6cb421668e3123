//! Sales: the pattern that every other feature follows.
//!
//! Owns `sale`, `sale_line`, `sale_tax`, `payment`, `refund`, `refund_line` and
//! `refund_payment`. A posted sale is never edited, the database refuses it; a
//! refund or a void is a document of its own, and what a sale is worth now is the
//! sale less its refunds.
//!
//! A sale passes five rooms, forward only:
//!
//! 1. the route (`new_sale`, `sync`) turns what came into a [`complete_sale::CompleteSale`],
//! 2. [`complete_sale::complete_sale`] claims the client's id and loads the facts under lock,
//! 3. `domain::sale::decide` decides, pure,
//! 4. [`store`] records it, with the ledgers of `stock` and `cash` and with `totals`,
//! 5. the transaction commits, and the answer is made of the returned value.

pub mod complete_sale;
pub mod facts;
pub mod history;
pub mod store;
pub mod take_back_sale;
pub mod wire;

/// Tables that only this feature writes.
pub const TABLES: &[&str] =
    &["sale", "sale_line", "sale_tax", "payment", "refund", "refund_line", "refund_payment"];
