//! The daemon from outside: the real binary, real sockets, and `hickory-proto` as a client that is not ours.
//!
//! Does not know the library: what is tested is what an operator and a resolver see.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

#[path = "../process/mod.rs"]
pub mod process;

pub mod answers;
pub mod client;
pub mod compliance;
pub mod connections;
pub mod cookies;
pub mod failures;
pub mod garbage;
pub mod limits;
pub mod opt;
pub mod reload;
pub mod restart;
pub mod rrl;
pub mod server;
pub mod stop;
