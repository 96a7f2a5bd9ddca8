//! The ground floor: what every other floor stands on and what knows neither DNS nor sockets.

pub mod as_is;
pub mod clients;
pub mod counters;
pub mod digest;
pub mod level;
pub mod limits;
pub mod memory;
pub mod octets;
pub mod prefetch;
#[cfg(test)]
pub mod random;
pub mod snapshot;
pub mod spread;
pub mod words;
