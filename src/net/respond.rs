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
    /// Not for the data path (transfers): over a stream, [`Respond::take_over`] is asked when its turn comes. Over UDP
    /// nothing is sent.
    Handoff,
}

/// What becomes of a message that was handed off.
pub enum Taken {
    /// Send the first `n` octets of the reply buffer.
    Reply(usize),
    /// Send these messages, as fast as the client takes them.
    Stream(Box<dyn Stream>),
    /// Send nothing.
    Drop,
}

/// A reply of many messages, each made when the one before it has been taken. Dropped before its end, it was cut off.
pub trait Stream {
    /// Makes the next message in `message`, which has room for [`MESSAGE_OCTETS_MAX`]. Not called behind the end.
    ///
    /// [`MESSAGE_OCTETS_MAX`]: crate::base::limits::MESSAGE_OCTETS_MAX
    fn next(&mut self, now: Instant, message: &mut [u8]) -> Next;
}

/// What the next message of a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The first `n` octets; more messages follow.
    Message(usize),
    /// The first `n` octets, and no more messages.
    Last(usize),
    /// There is none, though the stream is not whole: the connection has to end, so that the client knows.
    Broken,
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

    /// Takes over a message that was handed off, with `reply` as in [`respond`](Self::respond).
    ///
    /// Messages of one connection are taken over one after the other: the next when the stream of the last has ended.
    fn take_over(&mut self, _query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Taken {
        Taken::Drop
    }

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
