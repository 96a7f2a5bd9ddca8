//! A query and a snapshot of all zones become a reply: decide first, then encode.
//!
//! Does not know sockets, threads or the real clock.

mod additional;
mod cache;
mod chaos;
mod encode;
mod find;
mod responder;
mod solve;

pub use chaos::Identity;
pub use responder::{Responder, Settings};

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
