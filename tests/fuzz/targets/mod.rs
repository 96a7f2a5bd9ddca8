//! One file per target, or per two that share their checks.

pub mod answers;
pub mod config;
pub mod dnssec;
pub mod large;
pub mod name;
pub mod query;
pub mod rdata;
pub mod scanner;
pub mod zone;
