//! Bringing products, customers and sales history in from CSV and XLSX.
//!
//! A file passes these rooms, forward only:
//!
//! 1. [`read`] turns bytes into rows of cells, under limits;
//! 2. [`columns`] guesses what each column is, and the person corrects it;
//! 3. [`reading`] with [`number`], [`moment`] and [`barcode`] turns cells into values,
//!    refusing row by row with the cell named ([`refusal`]);
//! 4. [`sales_rows`] and its siblings apply the rules of one kind of file, pure.
//!
//! **Invariant:** a row is taken or refused, never changed silently; what was put
//! right (zeros in front of a code, the noise of a binary number) has a rule.

pub mod barcode;
pub mod columns;
pub mod customer_rows;
pub mod items;
pub mod moment;
pub mod number;
pub mod product_rows;
pub mod read;
pub mod reading;
pub mod refusal;
pub mod sales_rows;
