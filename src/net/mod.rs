//! Sockets: carries byte messages for anything that implements [`Respond`].
//!
//! Does not know what is in a message, which zones there are or how the process is configured.

mod respond;

pub use respond::{Peer, Respond, Transport, Verdict};
