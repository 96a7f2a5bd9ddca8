//! Zone transfers from outside: the real binary on real sockets, read by `dig`, `kdig`, NSD and a client of our own.
//!
//! The tools come from Debian's packages, which `.ci/run` installs. One that is not there is named and passed over, unless
//! CI is set.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

#[allow(dead_code)] // the daemon's tests use the rest
#[path = "../process/mod.rs"]
pub mod process;

#[allow(dead_code)]
#[path = "../daemon/client.rs"]
pub mod client;

#[allow(dead_code)]
#[path = "../daemon/server.rs"]
pub mod server;

pub mod library;
pub mod peers;
pub mod refusals;
pub mod streams;
pub mod zones;
