//! Truth under load, repetition and death: what was answered is on record, whole
//! and once, and every sum is the sum of what it sums up.
//!
//! [`books`] reads a shop's books and holds them against themselves. The others
//! make the books: a crowd of clients, repeated commands, ten thousand random
//! operations beside a naive model, a process that is killed.

mod books;
mod crash;
mod crowd;
mod naive;
mod play;
mod repeats;

/// A number that a longer run than the ordinary one sets.
fn from_environment(name: &str, ordinarily: usize) -> usize {
    std::env::var(name).map_or(ordinarily, |text| text.parse().expect("a whole number"))
}
