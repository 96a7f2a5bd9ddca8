//! Sockets: carries byte messages for anything that implements [`Respond`].
//!
//! Does not know what is in a message, which zones there are or how the process is configured.

mod batch;
mod bind;
mod cores;
mod listeners;
mod respond;
mod tcp;
mod udp;

pub use batch::{Batch, Queries, Replies};
pub use bind::BindError;
pub use listeners::{Listeners, Running, StopError};
pub use respond::{Next, Peer, Respond, Stream, Taken, Transport, Verdict};
pub use tcp::TcpConfig;
pub use udp::UdpConfig;
