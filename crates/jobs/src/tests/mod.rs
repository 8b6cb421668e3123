//! The queue on both engines, with a clock and chance that tests set.

mod competing;
mod ending;
mod enqueueing;
mod running;
mod statements;
mod world;
