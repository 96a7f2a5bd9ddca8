//! The messages of one batch: their octets, who sent them, and what is to be sent back.
//!
//! Does not know how messages are carried: a socket, a bench or a test fills it.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::net::{Ipv4Addr, SocketAddr};
use std::ptr::NonNull;

use super::{Peer, Transport, Verdict};
use crate::base::limits::{BATCH, DATAGRAM_OCTETS, DATAGRAM_STRIDE_OCTETS};

/// Up to [`BATCH`] queries and the replies to them, in buffers that are allocated once.
///
/// Having a `Batch` tells you that every query lies in it until the next batch is filled, so a responder may read all
/// queries first (and start fetching what their answers need) and write the replies after, one by one.
#[derive(Debug)]
pub struct Batch {
    queries: Buffers,
    replies: Buffers,
    arrived: [Arrived; BATCH],
    verdicts: [Verdict; BATCH],
    len: usize,
}

/// The queries of a batch. A copyable view, so that what is read from it outlives it.
#[derive(Debug, Clone, Copy)]
pub struct Queries<'b> {
    buffers: &'b Buffers,
    arrived: &'b [Arrived],
}

/// The reply buffers and verdicts of a batch.
#[derive(Debug)]
pub struct Replies<'b> {
    buffers: &'b mut Buffers,
    verdicts: &'b mut [Verdict],
}

/// One query: in which buffer it lies, how long it is and who sent it.
#[derive(Debug, Clone, Copy)]
struct Arrived {
    slot: u16,
    octets: u16,
    peer: Peer,
}

impl Batch {
    /// An empty batch with all its buffers.
    pub fn new() -> Self {
        let nobody = Peer { addr: SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0), transport: Transport::Udp };
        Self {
            queries: Buffers::new(),
            replies: Buffers::new(),
            arrived: [Arrived { slot: 0, octets: 0, peer: nobody }; BATCH],
            verdicts: [Verdict::Drop; BATCH],
            len: 0,
        }
    }

    /// Queries in the batch.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the batch holds no query.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets all queries and verdicts; the buffers stay.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Copies a query into the batch, for whoever fills one without a socket.
    ///
    /// Returns `false`, and takes nothing, if the batch is full or the query has more than [`DATAGRAM_OCTETS`].
    pub fn push(&mut self, query: &[u8], peer: Peer) -> bool {
        if self.len == BATCH || query.len() > DATAGRAM_OCTETS {
            return false;
        }
        let slot = self.len;
        self.queries.buffer_mut(slot)[..query.len()].copy_from_slice(query);
        self.admit(slot, query.len(), peer);
        true
    }

    /// The queries to read and the replies to write, both at once.
    ///
    /// Every verdict is [`Verdict::Drop`] until it is settled.
    #[inline]
    pub fn split(&mut self) -> (Queries<'_>, Replies<'_>) {
        (
            Queries { buffers: &self.queries, arrived: &self.arrived[..self.len] },
            Replies { buffers: &mut self.replies, verdicts: &mut self.verdicts[..self.len] },
        )
    }

    /// The queries to read.
    #[inline]
    pub(super) fn queries(&self) -> Queries<'_> {
        Queries { buffers: &self.queries, arrived: &self.arrived[..self.len] }
    }

    /// What was settled for query `index`.
    pub fn verdict(&self, index: usize) -> Verdict {
        self.verdicts[..self.len][index]
    }

    /// The octets to send to the peer of query `index`, if it is to be replied to.
    pub fn reply(&self, index: usize) -> Option<&[u8]> {
        match self.verdict(index) {
            Verdict::Reply(octets) => Some(&self.replies.buffer(index)[..octets]),
            Verdict::Drop | Verdict::Handoff => None,
        }
    }

    /// Adds the query of `octets` that lies in receive buffer `slot`.
    #[inline]
    pub(super) fn admit(&mut self, slot: usize, octets: usize, peer: Peer) {
        assert!(slot < BATCH && octets <= DATAGRAM_OCTETS, "a query lies in one buffer");
        self.arrived[self.len] = Arrived { slot: slot as u16, octets: octets as u16, peer };
        self.verdicts[self.len] = Verdict::Drop;
        self.len += 1;
    }

    /// The receive buffer that query `index` lies in.
    #[inline]
    pub(super) fn slot(&self, index: usize) -> usize {
        usize::from(self.arrived[index].slot)
    }

    /// Where receive buffer `slot` starts: [`DATAGRAM_OCTETS`] may be written there while no query is borrowed.
    pub(super) fn receive_pointer(&self, slot: usize) -> *mut u8 {
        self.queries.pointer(slot)
    }

    /// Where reply buffer `index` starts; it never moves.
    pub(super) fn reply_pointer(&self, index: usize) -> *mut u8 {
        self.replies.pointer(index)
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

impl<'b> Queries<'b> {
    /// Queries in the batch.
    #[inline]
    pub fn len(self) -> usize {
        self.arrived.len()
    }

    /// Whether there is no query.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.arrived.is_empty()
    }

    /// The octets of query `index`.
    #[inline]
    pub fn query(self, index: usize) -> &'b [u8] {
        let arrived = &self.arrived[index];
        &self.buffers.buffer(usize::from(arrived.slot))[..usize::from(arrived.octets)]
    }

    /// Who sent query `index`.
    #[inline]
    pub fn peer(self, index: usize) -> Peer {
        self.arrived[index].peer
    }
}

impl Replies<'_> {
    /// The [`DATAGRAM_OCTETS`] in which the reply to query `index` is written. They hold what an earlier batch left.
    #[inline]
    pub fn buffer(&mut self, index: usize) -> &mut [u8] {
        self.buffers.buffer_mut(index)
    }

    /// What was settled for query `index`; [`Verdict::Drop`] before that.
    #[inline]
    pub fn verdict(&self, index: usize) -> Verdict {
        self.verdicts[index]
    }

    /// Says what is to be done with query `index`.
    #[inline]
    pub fn settle(&mut self, index: usize, verdict: Verdict) {
        if let Verdict::Reply(octets) = verdict {
            assert!(octets <= DATAGRAM_OCTETS, "a reply lies in one buffer");
        }
        self.verdicts[index] = verdict;
    }
}

/// `BATCH` buffers of [`DATAGRAM_OCTETS`] each in one allocation.
///
/// It is held by pointer and not as a `Box`, for the kernel keeps pointers into it between the moments at which Rust
/// code borrows its octets.
#[derive(Debug)]
struct Buffers {
    start: NonNull<u8>,
}

// SAFETY: the allocation has no other owner, and its octets are reached through `&self` and `&mut self` alone.
unsafe impl Send for Buffers {}
// SAFETY: as above: shared references only read.
unsafe impl Sync for Buffers {}

impl Buffers {
    const LAYOUT: Layout = match Layout::from_size_align(BATCH * DATAGRAM_STRIDE_OCTETS, 64) {
        Ok(layout) => layout,
        Err(_) => panic!("the buffers of a batch are far smaller than the address space"),
    };

    fn new() -> Self {
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc_zeroed(Self::LAYOUT) };
        Self { start: NonNull::new(start).unwrap_or_else(|| handle_alloc_error(Self::LAYOUT)) }
    }

    #[inline]
    fn pointer(&self, index: usize) -> *mut u8 {
        assert!(index < BATCH, "a batch has {BATCH} buffers");
        // SAFETY: with `index < BATCH` the offset stays inside the allocation.
        unsafe { self.start.as_ptr().add(index * DATAGRAM_STRIDE_OCTETS) }
    }

    #[inline]
    fn buffer(&self, index: usize) -> &[u8] {
        // SAFETY: `pointer` starts a buffer of this length inside the allocation; it was zeroed, so all of it is
        // initialised; the borrow of `self` keeps it alive and unwritten.
        unsafe { std::slice::from_raw_parts(self.pointer(index), DATAGRAM_OCTETS) }
    }

    #[inline]
    fn buffer_mut(&mut self, index: usize) -> &mut [u8] {
        // SAFETY: as in `buffer`; the mutable borrow of `self` makes it the only one.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(index), DATAGRAM_OCTETS) }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.start.as_ptr(), Self::LAYOUT) };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::net::Respond;

    /// Replies with the query backwards; drops empty queries.
    struct Backwards;

    impl Respond for Backwards {
        fn refresh(&mut self, _now: Instant) {}

        fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
            if query.is_empty() {
                return Verdict::Drop;
            }
            for (to, from) in reply.iter_mut().zip(query.iter().rev()) {
                *to = *from;
            }
            Verdict::Reply(query.len())
        }
    }

    fn peer(port: u16) -> Peer {
        Peer { addr: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port), transport: Transport::Udp }
    }

    #[test]
    fn every_query_gets_its_own_reply() {
        let mut batch = Batch::new();
        for i in 0..BATCH as u16 {
            assert!(batch.push(&i.to_be_bytes(), peer(i)));
        }
        assert!(!batch.push(b"one too many", peer(0)));
        Backwards.respond_batch(&mut batch);
        for i in 0..BATCH {
            assert_eq!(batch.reply(i), Some(&(i as u16).to_le_bytes()[..]));
            assert_eq!(batch.split().0.peer(i).addr.port(), i as u16);
        }
    }

    #[test]
    fn verdicts_do_not_outlive_their_batch() {
        let mut batch = Batch::new();
        batch.push(b"ab", peer(1));
        Backwards.respond_batch(&mut batch);
        assert_eq!(batch.reply(0), Some(&b"ba"[..]));
        batch.clear();
        assert!(batch.is_empty());
        batch.push(b"", peer(1));
        assert_eq!(batch.verdict(0), Verdict::Drop);
        Backwards.respond_batch(&mut batch);
        assert_eq!(batch.reply(0), None);
    }

    #[test]
    fn queries_stay_readable_while_replies_are_written() {
        let mut batch = Batch::new();
        batch.push(b"first", peer(1));
        batch.push(&[7; DATAGRAM_OCTETS], peer(2));
        assert!(!batch.push(&[7; DATAGRAM_OCTETS + 1], peer(3)));
        let (queries, mut replies) = batch.split();
        let all: Vec<&[u8]> = (0..queries.len()).map(|i| queries.query(i)).collect();
        for (i, query) in all.iter().enumerate() {
            replies.buffer(i)[..query.len()].copy_from_slice(query);
            replies.settle(i, Verdict::Reply(query.len()));
        }
        assert_eq!(batch.reply(0), Some(&b"first"[..]));
        assert_eq!(batch.reply(1), Some(&[7; DATAGRAM_OCTETS][..]));
    }

    #[test]
    #[should_panic(expected = "a reply lies in one buffer")]
    fn a_reply_longer_than_its_buffer_never_reaches_the_kernel() {
        let mut batch = Batch::new();
        batch.push(b"x", peer(1));
        batch.split().1.settle(0, Verdict::Reply(DATAGRAM_OCTETS + 1));
    }
}
