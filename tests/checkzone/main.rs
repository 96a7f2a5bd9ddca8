//! The zone checker from outside: what it prints and how it exits.
//!
//! Does not know the library.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

#[allow(dead_code)] // the daemon's tests use the rest
#[path = "../process/mod.rs"]
pub mod process;

pub mod checker;
pub mod directory;
pub mod findings;
pub mod json;
pub mod large;
pub mod levels;
pub mod named;
pub mod options;
pub mod printing;
pub mod signed;
pub mod sources;
