//! A batch of queries, answered in the order they came in, with the memory fetched ahead that is needed for all of them.
//!
//! Does not know how one query is answered.

use arrayvec::ArrayVec;

use super::super::ahead::fetch_ahead;
use super::super::body::counted;
use super::super::packets::{Look, Packet, PacketCache};
use super::{Desk, Responder};
use crate::base::limits::BATCH;
use crate::net::{Batch, Peer, Queries, Replies, Respond, Verdict};
use crate::wire::{HashedName, Query};

/// What the packet cache has for each query of a batch; none where it is not asked.
type Looks = Option<[Look; BATCH]>;

/// What it has for one of them.
#[inline]
fn look_of(looks: &Looks, index: usize) -> Look {
    looks.as_ref().map_or(Look::Foreign, |looks| looks[index])
}

impl Responder {
    /// Each query has its turn at the limits, whether its reply is kept or is to be made.
    pub(super) fn answer_batch(&mut self, batch: &mut Batch) {
        let (queries, mut replies) = batch.split();
        let looks = self.look_for_packets(queries, &mut replies);
        if !self.desk.zones.is_small() {
            return self.answer_ahead(&looks, queries, &mut replies);
        }
        let Some(looks) = looks else {
            for index in 0..queries.len() {
                let verdict = self.respond(queries.query(index), queries.peer(index), replies.buffer(index));
                replies.settle(index, verdict);
            }
            return;
        };
        for (index, &look) in (0..queries.len()).zip(&looks) {
            let (message, peer, reply) = (queries.query(index), queries.peer(index), replies.buffer(index));
            self.desk.scratch.varies = false;
            let verdict = match look {
                Look::Found(packet) => self.desk.serve_packet(packet, message, &mut self.names[0], &peer, reply),
                Look::Missing { .. } | Look::Foreign => self.respond(message, peer, reply),
            };
            keep(&mut self.packets, &self.desk, index, look, verdict, reply);
            replies.settle(index, verdict);
        }
    }

    /// Looks for the replies to all queries, and writes those that there are.
    #[inline]
    fn look_for_packets(&mut self, queries: Queries<'_>, replies: &mut Replies<'_>) -> Looks {
        let Self { desk, packets, .. } = self;
        let packets = packets.as_mut()?;
        // Where replies are limited each is looked at by what it is made from.
        if desk.keeper.limits_replies() || !packets.look_ahead(queries, desk.settings.udp_payload) {
            desk.counters.packet_passed.add(queries.len() as u64);
            return None;
        }
        let (mut looks, mut missing) = ([Look::Foreign; BATCH], 0);
        for (index, look) in (0..queries.len()).zip(&mut looks) {
            *look = packets.look(index, queries.query(index), replies.buffer(index));
            missing += u64::from(matches!(look, Look::Missing { .. }));
        }
        desk.counters.packet_misses.add(missing);
        Some(looks)
    }

    /// Reads all queries whose replies are to be made, has the memory fetched that they need, level by level, and answers
    /// then.
    fn answer_ahead(&mut self, looks: &Looks, queries: Queries<'_>, replies: &mut Replies<'_>) {
        let Self { desk, names, packets } = self;
        let mut parsed = ArrayVec::<_, BATCH>::new();
        let [spare, names @ ..] = &mut names[..] else { return };
        let is_left = |&index: &usize| !matches!(look_of(looks, index), Look::Found(_));
        for (index, name) in (0..queries.len()).filter(is_left).zip(names) {
            let _ = parsed.try_push(Query::parse(queries.query(index), name)); // a batch has no more
        }
        let longest = fetch_ahead(&desk.zones, &parsed);
        let mut left = parsed.iter().zip(longest);
        for index in 0..queries.len() {
            let (message, peer, reply) = (queries.query(index), queries.peer(index), replies.buffer(index));
            let look = look_of(looks, index);
            desk.scratch.varies = false;
            let verdict = match look {
                Look::Found(packet) => desk.serve_packet(packet, message, spare, &peer, reply),
                Look::Missing { .. } | Look::Foreign => {
                    let Some((query, longest)) = left.next() else { return };
                    desk.respond(message, query, longest, &peer, reply)
                }
            };
            keep(packets, desk, index, look, verdict, reply);
            replies.settle(index, verdict);
        }
    }
}

/// Has the reply kept to the query at `index`, if it was asked before and gets the same each time.
#[inline]
fn keep(packets: &mut Option<PacketCache>, desk: &Desk, index: usize, look: Look, verdict: Verdict, reply: &[u8]) {
    if let (Look::Missing { again: true }, Verdict::Reply(octets), Some(packets)) = (look, verdict, packets)
        && !desk.scratch.varies
    {
        packets.keep(index, &reply[..octets]);
    }
}

impl Desk {
    /// What becomes of a query whose reply, from the packet cache, is written.
    #[inline]
    fn serve_packet(
        &mut self,
        packet: Packet,
        message: &[u8],
        name: &mut HashedName,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Verdict {
        self.counters.cookies_none.add(u64::from(self.answers_cookies));
        if let Some(verdict) = self.hold_packet_back(message, name, peer, reply) {
            return verdict;
        }
        self.counters.packet_hits.add(1);
        Verdict::Reply(counted(&self.counters, usize::from(packet.length), packet.rcode))
    }
}
