//! The gate that all threads share, and the keeper that each of them has at it.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::Prefix;
use super::buckets::{Buckets, Rate};
use super::pace::{Moment, Pace};
use super::replies::{Replies, ReplyConfig, ReplyKind, Subject};
use crate::base::counters::Counters;
use crate::base::limits::GATE_CLIENTS;

/// Most queries that a keeper takes from the server's bucket in advance: few enough not to matter, and enough that
/// threads seldom write the same word.
const ADVANCE_MAX: u32 = 64;

/// What the gate is to hold to. The default lets everything pass.
#[derive(Debug, Clone)]
pub struct GateConfig {
    /// Queries per second of one client; 0: no limit.
    pub client_qps: u32,
    /// Queries of one client that may come at once; 0: as many as it may ask in a second.
    pub client_burst: u32,
    /// Bits of an IPv4 address that make a client. Default: 32.
    pub ipv4_prefix: u8,
    /// Bits of an IPv6 address that make a client. Default: 56, what a site is given (RFC 6177 section 2).
    pub ipv6_prefix: u8,
    /// Clients to which no limit applies.
    pub exempt: Vec<Prefix>,
    /// Of the queries over a limit, one in this many is answered with TC, so that a real client comes back by TCP
    /// while a victim of forged queries gets less than was sent in its name; 0: none, 1: each. Default: 2.
    pub slip: u32,
    /// Queries per second of all clients; 0: no limit.
    pub server_qps: u32,
    /// The rates of replies.
    pub replies: ReplyConfig,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            client_qps: 0,
            client_burst: 0,
            ipv4_prefix: 32,
            ipv6_prefix: 56,
            exempt: Vec::new(),
            slip: 2,
            server_qps: 0,
            replies: ReplyConfig::default(),
        }
    }
}

/// The limits and how far each is used up, shared by all threads.
#[derive(Debug)]
pub struct Gate {
    start: Instant,
    /// Of each client.
    clients: Option<Buckets>,
    server: Option<Server>,
    exempt: Vec<Prefix>,
    slip: u32,
    replies: Option<Replies>,
}

/// The limit of the whole server.
#[derive(Debug)]
struct Server {
    pace: Pace,
    /// The [`Moment`] at which the bucket is full.
    full: AtomicU64,
    /// Queries that a keeper takes at once.
    advance: u32,
}

/// What is to be done with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Answer it.
    Pass,
    /// It is over a limit that is only tried: answer it.
    Spare(Limit),
    /// It is over a limit: answer with TC set and no records.
    Slip(Limit),
    /// It is over a limit: send nothing.
    Drop(Limit),
}

/// The limit that a query is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Queries per second of its client.
    Client,
    /// Queries per second of the server.
    Server,
    /// Replies of this kind per second, of one subject to one client.
    Replies(ReplyKind),
}

impl Admission {
    /// Moves the counters that belong to this admission.
    #[inline]
    pub fn count(self, counters: &Counters) {
        let (limit, slipped, spared) = match self {
            Self::Pass => return,
            Self::Spare(limit) => (limit, 0, 1),
            Self::Slip(limit) => (limit, 1, 0),
            Self::Drop(limit) => (limit, 0, 0),
        };
        match limit {
            Limit::Client => counters.client_limited.add(1),
            Limit::Server => counters.server_limited.add(1),
            Limit::Replies(kind) => {
                kind.count(counters);
                counters.rrl_slipped.add(slipped);
                counters.rrl_dry_run.add(spared);
                return;
            }
        }
        counters.slipped.add(slipped);
    }
}

impl Gate {
    /// A gate at which nobody has asked yet. `now` is where its time starts.
    pub fn new(config: &GateConfig, now: Instant) -> Self {
        let clients = (config.client_qps > 0).then(|| {
            let (per_second, burst) = (config.client_qps, config.client_burst);
            let (ipv4_prefix, ipv6_prefix) = (config.ipv4_prefix, config.ipv6_prefix);
            Buckets::new(Rate { per_second, burst, ipv4_prefix, ipv6_prefix }, GATE_CLIENTS)
        });
        let server = (config.server_qps > 0).then(|| {
            // A tenth of a second's worth: what is shed must not depend on how evenly queries come in.
            let burst = (config.server_qps / 10).max(1);
            let advance = (burst / 256).clamp(1, ADVANCE_MAX);
            Server { pace: Pace::new(config.server_qps, burst), full: AtomicU64::new(0), advance }
        });
        let replies = Replies::new(&config.replies);
        Self { start: now, clients, server, exempt: config.exempt.clone(), slip: config.slip, replies }
    }

    /// Whether there is a limit on queries, and one on replies.
    fn limits(&self) -> (bool, bool) {
        (self.clients.is_some() || self.server.is_some(), self.replies.is_some())
    }

    fn is_exempt(&self, client: IpAddr) -> bool {
        self.exempt.iter().any(|prefix| prefix.contains(client))
    }
}

impl Server {
    /// Takes `queries` from the bucket, if it has as many.
    fn take(&self, queries: u32, elapsed: Duration) -> bool {
        let now = self.pace.moment(elapsed);
        let next = |full| self.pace.take(Moment::from_word(full), now, queries).map(Moment::word);
        self.full.fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

/// What one thread has at the gate. Asking it neither allocates nor locks.
#[derive(Debug)]
pub struct Keeper {
    gate: Arc<Gate>,
    /// Whether the gate has a limit on queries, and one on replies: most have none, and then it is not looked at.
    limits: (bool, bool),
    /// Queries that were taken from the server's bucket and did not come yet.
    in_advance: u32,
    draw: Draw,
}

/// Draws which of those over a limit are answered with TC. By chance, so that nobody steers with messages of his own what
/// another one gets.
#[derive(Debug, Default)]
struct Draw {
    keys: RandomState,
    drawn: u64,
}

impl Draw {
    /// What becomes of one that is over a limit, where one in `slip` is answered.
    fn refuse(&mut self, limit: Limit, slip: u32) -> Admission {
        self.drawn = self.drawn.wrapping_add(1);
        match slip {
            0 => Admission::Drop(limit),
            _ if self.keys.hash_one(self.drawn).is_multiple_of(u64::from(slip)) => Admission::Slip(limit),
            _ => Admission::Drop(limit),
        }
    }
}

impl Keeper {
    /// A keeper for one thread.
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { limits: gate.limits(), gate, in_advance: 0, draw: Draw::default() }
    }

    /// Keeps `gate` from now on, if it is another one: after the limits were configured anew.
    pub fn follow(&mut self, gate: &Arc<Gate>) {
        if !Arc::ptr_eq(&self.gate, gate) {
            (self.gate, self.in_advance, self.limits) = (Arc::clone(gate), 0, gate.limits());
        }
    }

    /// Whether a query over UDP may pass. `now` may be the time of the batch that the query came in. `proven` says that its
    /// client's address is known to be true: the client's own limit does not hold then.
    ///
    /// The client's limit comes first, so what one client asks in excess is not taken from all others.
    #[inline]
    pub fn admit(&mut self, client: IpAddr, proven: bool, now: Instant) -> Admission {
        if self.limits.0 { self.admit_within_limits(client, proven, now) } else { Admission::Pass }
    }

    /// Whether there is a limit on queries.
    #[inline]
    pub fn limits_queries(&self) -> bool {
        self.limits.0
    }

    /// Whether there is a limit on replies.
    #[inline]
    pub fn limits_replies(&self) -> bool {
        self.limits.1
    }

    fn admit_within_limits(&mut self, client: IpAddr, proven: bool, now: Instant) -> Admission {
        let gate = &*self.gate;
        // Asked first: what an exempt client asks is not taken from the others of its prefix, nor from all others.
        if gate.is_exempt(client) {
            return Admission::Pass;
        }
        let elapsed = now.saturating_duration_since(gate.start);
        let clients = gate.clients.as_ref().filter(|_| !proven);
        let limit = if clients.is_some_and(|clients| !clients.take(client, 0, elapsed)) {
            Limit::Client
        } else if let Some(server) = &gate.server {
            if self.in_advance > 0 {
                self.in_advance -= 1;
                return Admission::Pass;
            }
            if server.take(server.advance, elapsed) {
                self.in_advance = server.advance - 1;
                return Admission::Pass;
            }
            if server.take(1, elapsed) {
                return Admission::Pass;
            }
            Limit::Server
        } else {
            return Admission::Pass;
        };
        self.draw.refuse(limit, gate.slip)
    }

    /// Whether the reply to a query over UDP may leave, by its `subject`, which is asked for only where there is a rate. `now`
    /// and `proven` are as in [`admit`](Self::admit).
    #[inline]
    pub fn admit_reply(
        &mut self,
        client: IpAddr,
        proven: bool,
        subject: impl FnOnce() -> Subject,
        now: Instant,
    ) -> Admission {
        match &self.gate.replies {
            Some(replies) if !proven => {
                let (subject, elapsed) = (subject(), now.saturating_duration_since(self.gate.start));
                let limit = Limit::Replies(subject.kind);
                match replies.take(client, subject, elapsed) {
                    true => Admission::Pass,
                    false if replies.dry_run => Admission::Spare(limit),
                    false => self.draw.refuse(limit, replies.slip),
                }
            }
            _ => Admission::Pass,
        }
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
