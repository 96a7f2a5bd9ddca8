//! What was asked and not answered yet, and what came of it: whoever carries the load books each query and reply here.
//!
//! Knows no socket.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::latency::Latencies;
use crate::query::{Queries, Verdict};

/// A query without a reply for as long is lost: on loopback a reply takes microseconds, or it never comes.
pub(crate) const LOST_AFTER: Duration = Duration::from_secs(1);

/// Most queries unanswered at a time, well below the number of ids.
pub(crate) const OUTSTANDING_MAX: usize = 16_384;

/// What happened while counting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) replies: u64,
    pub(crate) wrong: u64,
    /// Right replies that left out addresses which belong to them.
    pub(crate) bare: u64,
    pub(crate) lost: u64,
    /// Replies that nothing was outstanding for: late, or twice.
    pub(crate) stray: u64,
    pub(crate) reply_octets: u64,
    pub(crate) elapsed: Duration,
    /// Time in which the generator had nothing to send or read. Near zero, the generator is what limits the rate.
    pub(crate) idle: Duration,
    /// From sending a query to having its reply, lost ones included as [`LOST_AFTER`].
    pub(crate) latencies: Latencies,
    /// The first wrong reply, explained.
    pub(crate) first_wrong: Option<String>,
}

/// A query on its way, found by its id.
#[derive(Clone, Copy)]
struct Asked {
    query: u32,
    /// Tells it from an earlier query with the same id.
    number: u64,
    sent: Instant,
}

/// The same query, in the order of sending.
struct InFlight {
    id: u16,
    number: u64,
    sent: Instant,
}

/// The queries of a load as they are sent and answered.
pub(crate) struct Ledger<'q> {
    pub(crate) tally: Tally,
    queries: &'q Queries,
    /// Replies must be the queries themselves, as the kernel floor gives them.
    echo: bool,
    /// For each id its query, while that is unanswered.
    asked: Vec<Option<Asked>>,
    /// Answered queries are dropped when they come to the front.
    order: VecDeque<InFlight>,
    unanswered: usize,
    next_query: usize,
    next_id: u16,
    sent: u64,
}

impl<'q> Ledger<'q> {
    /// Begins with the query at `start`, so that rounds do not repeat each other.
    pub(crate) fn new(queries: &'q Queries, start: usize, echo: bool) -> Self {
        Self {
            tally: Tally::default(),
            queries,
            echo,
            asked: vec![None; 1 << 16],
            order: VecDeque::with_capacity(OUTSTANDING_MAX),
            unanswered: 0,
            next_query: start % queries.len(),
            next_id: 0,
            sent: 0,
        }
    }

    /// Queries that wait for a reply.
    pub(crate) fn unanswered(&self) -> usize {
        self.unanswered
    }

    /// Books the next query as sent; it is to be sent with this id.
    pub(crate) fn ask(&mut self, now: Instant) -> (u16, &'q [u8]) {
        // A query that waits long may still hold its id when the ids come round again.
        while self.asked[usize::from(self.next_id)].is_some() {
            self.next_id = self.next_id.wrapping_add(1);
        }
        let (id, query, number) = (self.next_id, self.next_query, self.sent);
        self.asked[usize::from(id)] = Some(Asked { query: query as u32, number, sent: now });
        self.order.push_back(InFlight { id, number, sent: now });
        self.sent += 1;
        self.unanswered += 1;
        self.next_id = id.wrapping_add(1);
        self.next_query = (query + 1) % self.queries.len();
        (id, self.queries.message(query))
    }

    /// Whether the query with this id still waits for its reply.
    pub(crate) fn is_waiting(&self, id: u16) -> bool {
        self.asked[usize::from(id)].is_some()
    }

    /// Books a reply to the query it belongs to.
    pub(crate) fn settle(&mut self, reply: &[u8], now: Instant) {
        let asked = reply.first_chunk().and_then(|id| self.asked[usize::from(u16::from_be_bytes(*id))].take());
        let Some(Asked { query, sent, .. }) = asked else {
            self.tally.stray += 1;
            return;
        };
        let index = query as usize;
        self.unanswered -= 1;
        self.tally.replies += 1;
        self.tally.reply_octets += reply.len() as u64;
        self.tally.latencies.add(now.saturating_duration_since(sent));
        let verdict = match self.echo {
            true if reply.get(2..) == Some(&self.queries.message(index)[2..]) => Verdict::Right,
            true => Verdict::Wrong,
            false => self.queries.judge(index, reply),
        };
        match verdict {
            Verdict::Right => {}
            Verdict::Bare => self.tally.bare += 1,
            Verdict::Wrong => {
                self.tally.wrong += 1;
                self.tally.first_wrong.get_or_insert_with(|| self.queries.explain(index, reply));
            }
        }
    }

    /// Drops answered queries from the front of the order, and counts as lost what has waited too long.
    pub(crate) fn give_up(&mut self, now: Instant) {
        while let Some(&InFlight { id, number, sent }) = self.order.front() {
            let slot = &mut self.asked[usize::from(id)];
            if slot.is_some_and(|asked| asked.number == number) {
                if now - sent < LOST_AFTER {
                    return;
                }
                *slot = None;
                self.unanswered -= 1;
                self.tally.lost += 1;
                self.tally.latencies.add(LOST_AFTER);
            }
            self.order.pop_front();
        }
    }
}
