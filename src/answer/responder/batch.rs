//! A batch of queries, answered together: first what the packet cache has, then the others, with what they need fetched ahead.
//!
//! Does not know how one query is answered.

use arrayvec::ArrayVec;

use super::super::ahead::fetch_ahead;
use super::super::body::counted;
use super::super::packets::{Look, PacketCache};
use super::Responder;
use crate::base::limits::BATCH;
use crate::net::{Batch, Queries, Replies, Respond, Verdict};
use crate::wire::Query;

/// A query of a batch that is to be answered.
#[derive(Debug, Clone, Copy)]
struct Left {
    index: usize,
    /// Whether the packet cache is to have its reply.
    kept: bool,
}

impl Left {
    /// Settles what is to be done with it, once it was answered.
    #[inline]
    fn settle(self, verdict: Verdict, packets: &mut Option<PacketCache>, replies: &mut Replies<'_>) {
        if let (true, Verdict::Reply(length), Some(packets)) = (self.kept, verdict, packets) {
            packets.keep(self.index, &replies.buffer(self.index)[..length]);
        }
        replies.settle(self.index, verdict);
    }
}

impl Responder {
    pub(super) fn answer_batch(&mut self, batch: &mut Batch) {
        let (queries, mut replies) = batch.split();
        match self.serve_packets(queries, &mut replies) {
            Some(left) => self.answer_left(left.into_iter(), queries, &mut replies),
            None => {
                let all = (0..queries.len()).map(|index| Left { index, kept: false });
                self.answer_left(all, queries, &mut replies);
            }
        }
    }

    /// Answers what the packet cache has replies to. Returns what is left; none where the cache is not asked.
    #[inline]
    fn serve_packets(&mut self, queries: Queries<'_>, replies: &mut Replies<'_>) -> Option<ArrayVec<Left, BATCH>> {
        let Self { desk, names, packets } = self;
        let packets = packets.as_mut()?;
        // Where replies are limited each is looked at by what it is made from, and where RRsets rotate none is as the last.
        if desk.keeper.limits_replies() || desk.zones.rotates_rrsets() || !packets.look_ahead(queries) {
            return None;
        }
        let mut left = ArrayVec::new();
        for index in 0..queries.len() {
            let (message, reply) = (queries.query(index), replies.buffer(index));
            match packets.look(index, message, reply) {
                Look::Found(packet) => {
                    let held_back = desk.hold_packet_back(message, &mut names[0], &queries.peer(index), reply);
                    let passed = || Verdict::Reply(counted(&desk.counters, packet.length, packet.rcode));
                    replies.settle(index, held_back.unwrap_or_else(passed));
                }
                Look::Missing { again } => {
                    let _ = left.try_push(Left { index, kept: again }); // a batch has no more
                }
            }
        }
        let hits = (queries.len() - left.len()) as u64;
        desk.counters.packet_hits.add(hits);
        desk.counters.packet_misses.add(left.len() as u64);
        desk.counters.cookies_none.add(if desk.answers_cookies { hits } else { 0 });
        Some(left)
    }

    #[inline(always)] // at one of two places for every query
    fn answer_left(
        &mut self,
        left: impl Iterator<Item = Left> + Clone,
        queries: Queries<'_>,
        replies: &mut Replies<'_>,
    ) {
        if !self.desk.zones.is_small() {
            return self.answer_ahead(left, queries, replies);
        }
        for left in left {
            let (message, peer) = (queries.query(left.index), queries.peer(left.index));
            let verdict = self.respond(message, peer, replies.buffer(left.index));
            left.settle(verdict, &mut self.packets, replies);
        }
    }

    /// Reads all queries that are left, has the memory fetched that they need, level by level, and answers them then: while
    /// one is read the others' memory is on its way.
    fn answer_ahead(
        &mut self,
        left: impl Iterator<Item = Left> + Clone,
        queries: Queries<'_>,
        replies: &mut Replies<'_>,
    ) {
        let mut parsed = ArrayVec::<_, BATCH>::new();
        for (left, name) in left.clone().zip(&mut self.names) {
            let query = Query::parse(queries.query(left.index), name);
            if let Ok(query) = &query {
                self.desk.zones.prefetch(query.name);
            }
            let _ = parsed.try_push(query); // a batch has no more
        }
        let longest = fetch_ahead(&self.desk.zones, &parsed);
        for ((left, query), longest) in left.zip(&parsed).zip(longest) {
            let (message, peer) = (queries.query(left.index), queries.peer(left.index));
            let verdict = self.desk.respond(message, query, longest, &peer, replies.buffer(left.index));
            left.settle(verdict, &mut self.packets, replies);
        }
    }
}
