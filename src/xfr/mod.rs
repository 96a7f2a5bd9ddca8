//! Zone transfers, the primary's side: AXFR (RFC 5936), and IXFR (RFC 1995) answered with the whole zone.
//!
//! A protocol state machine: fed with queries and time, it gives messages. Does not know sockets or threads, nor who
//! configures what is allowed.
//!
//! ```text
//! query ──▶ rule: who may have what? ──▶ refused: a header and the question
//!                                    ├─▶ serial is current, or over UDP: the SOA alone
//!                                    └─▶ Transfer: SOA, every other record once, SOA, in messages of 16 KiB
//! ```
//! A transfer holds one version of its zone and makes one message at a time, when the last one has been taken. So it is
//! of one piece whatever is published meanwhile, and a client that does not read costs a message and a version.

mod page;
mod policy;
mod primary;
mod rule;
mod transfer;

pub use policy::{Policy, TransferLimits};
pub use primary::Primary;
pub use transfer::{Request, Transfer};

#[cfg(test)]
#[path = "xfr_tests.rs"]
mod tests;
