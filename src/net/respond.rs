//! The narrow waist: query bytes in, reply bytes out.
//!
//! Every transport, test, bench and fuzzer calls this one function.

use std::net::SocketAddr;
use std::time::Instant;

use super::Batch;

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A datagram: the reply is bounded by what the client can take.
    Udp,
    /// A stream: the reply may have 65,535 octets, and the client's address is proven.
    Tcp,
}

/// Who sent a message, and how.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The address and port it came from. An IPv4 client of a dual-stack socket appears as IPv4, not mapped.
    pub addr: SocketAddr,
    /// The transport it came by.
    pub transport: Transport,
}

/// What is to be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send the first `n` octets of the reply buffer.
    Reply(usize),
    /// Send nothing.
    Drop,
    /// Not for the data path (transfers, NOTIFY, UPDATE): the control plane takes the message. As long as the
    /// server has none for it, the transports send nothing.
    Handoff,
}

/// Something that answers messages.
pub trait Respond {
    /// Called once before each batch of messages, and at least every [`IDLE_REFRESH`] while none come: `now` is the time of
    /// all of them. The place to pick up new data, and to let go of old.
    ///
    /// [`IDLE_REFRESH`]: crate::base::limits::IDLE_REFRESH
    fn refresh(&mut self, now: Instant);

    /// Answers one message into `reply`.
    ///
    /// `reply` has room for the largest message of the transport: [`DATAGRAM_OCTETS`] over UDP, [`MESSAGE_OCTETS_MAX`]
    /// over TCP. Never panics, whatever is in `query`, and never returns more octets than `reply` has.
    ///
    /// [`DATAGRAM_OCTETS`]: crate::base::limits::DATAGRAM_OCTETS
    /// [`MESSAGE_OCTETS_MAX`]: crate::base::limits::MESSAGE_OCTETS_MAX
    fn respond(&mut self, query: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict;

    /// Answers all messages of a batch, each as [`respond`](Self::respond) would.
    ///
    /// A responder that gains by reading all queries before it answers the first (to fetch what they need from
    /// memory) puts its own form in place of this one. What it does not settle is dropped.
    fn respond_batch(&mut self, batch: &mut Batch) {
        let (queries, mut replies) = batch.split();
        for index in 0..queries.len() {
            let verdict = self.respond(queries.query(index), queries.peer(index), replies.buffer(index));
            replies.settle(index, verdict);
        }
    }
}
