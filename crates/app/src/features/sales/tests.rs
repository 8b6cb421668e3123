//! Selling, refunding and seeing sales, by HTTP and below it, on both engines.
