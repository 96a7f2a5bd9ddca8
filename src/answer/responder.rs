//! The waist's inside: reads a query, asks the gate and the cache, solves, and finishes the reply.
//!
//! Does not know sockets or threads: one responder belongs to one worker, whoever runs it.

use std::sync::Arc;
use std::time::Instant;

use super::cache::{AnswerCache, Origin, Shape};
use super::chaos::Identity;
use super::find::Found;
use super::solve::{Scratch, Solution, solve};
use crate::base::counters::Counters;
use crate::base::limits::{BATCH, HEADER_OCTETS, MESSAGE_OCTETS_MAX, UDP_OCTETS_DEFAULT, UDP_OCTETS_PLAIN};
use crate::base::snapshot::Reader;
use crate::gate::{Admission, Gate, Keeper};
use crate::net::{Batch, Peer, Respond, Transport, Verdict};
use crate::wire::{Class, Flags, HashedName, NotAQuery, Query, Rcode, Rtype, Writer};
use crate::zone::{ZoneSet, ZoneState};

/// How a responder answers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The UDP payload size offered, and the most octets of a reply over UDP.
    pub udp_payload: u16,
    /// Replies kept in the answer cache; 0: no cache.
    pub cached_answers: usize,
    /// What the server tells about itself.
    pub identity: Identity,
}

impl Default for Settings {
    fn default() -> Self {
        Self { udp_payload: UDP_OCTETS_DEFAULT as u16, cached_answers: 0, identity: Identity::default() }
    }
}

/// Answers queries from the newest zone set.
#[derive(Debug)]
pub struct Responder {
    desk: Desk,
    /// Where the names of a batch's questions are put.
    names: Vec<HashedName>,
}

/// All of a responder but the names, which the queries at hand borrow.
#[derive(Debug)]
struct Desk {
    now: Instant,
    gate: Reader<Gate>,
    keeper: Keeper,
    snapshot: Reader<ZoneSet>,
    zones: Arc<ZoneSet>,
    settings: Settings,
    counters: Arc<Counters>,
    cache: Option<AnswerCache>,
    scratch: Scratch,
}

/// Octets of an OPT record without options.
const OPT_OCTETS: usize = 11;

impl Responder {
    /// A responder that reads zones from `snapshot`, keeps to the limits of `gate`, and counts in `counters`, which must
    /// be its own.
    pub fn new(
        mut snapshot: Reader<ZoneSet>,
        mut gate: Reader<Gate>,
        settings: Settings,
        counters: Arc<Counters>,
    ) -> Self {
        let zones = Arc::clone(snapshot.refresh());
        let cache = AnswerCache::new(settings.cached_answers);
        let names = vec![HashedName::new(zones.hasher()); BATCH];
        let scratch = Scratch::new(zones.hasher());
        let keeper = Keeper::new(Arc::clone(gate.refresh()));
        let now = Instant::now();
        Self { desk: Desk { now, gate, keeper, snapshot, zones, settings, counters, cache, scratch }, names }
    }

    /// Counts a reply with this code that somebody else made to what was handed off.
    pub fn count(&self, rcode: Rcode) {
        self.desk.count(rcode);
    }

    /// The zones that it answers from until its next refresh.
    pub fn zones(&self) -> &ZoneSet {
        &self.desk.zones
    }
}

impl Desk {
    fn count(&self, rcode: Rcode) {
        let counter = match rcode {
            Rcode::NOERROR => &self.counters.rcode_noerror,
            Rcode::FORMERR => &self.counters.rcode_formerr,
            Rcode::SERVFAIL => &self.counters.rcode_servfail,
            Rcode::NXDOMAIN => &self.counters.rcode_nxdomain,
            Rcode::NOTIMP => &self.counters.rcode_notimp,
            Rcode::REFUSED => &self.counters.rcode_refused,
            _ => &self.counters.rcode_other,
        };
        counter.add(1);
    }

    /// Octets that the reply to a query may have.
    fn limit(&self, query: &Query<'_>, transport: Transport) -> usize {
        match (transport, &query.edns) {
            (Transport::Tcp, _) => MESSAGE_OCTETS_MAX,
            (Transport::Udp, None) => UDP_OCTETS_PLAIN,
            // RFC 6891 section 6.2.3: values below 512 mean 512.
            (Transport::Udp, Some(edns)) => {
                usize::from(edns.payload.min(self.settings.udp_payload)).max(UDP_OCTETS_PLAIN)
            }
        }
    }

    fn answer(&mut self, query: &Query<'_>, transport: Transport, reply: &mut [u8]) -> usize {
        let limit = self.limit(query, transport).min(reply.len());
        let reply = &mut reply[..limit];
        let zones = &*self.zones;
        let task = Task::of(zones, query);
        // Only what takes several lookups is worth a look into the cache: that costs as much as one lookup in a zone.
        let Some(cache) = self.cache.as_mut().filter(|_| task.is_dear()) else {
            let (length, solution) = make(zones, query, task, &self.settings, &mut self.scratch, reply);
            return self.counted(length, solution);
        };
        let shape = Shape { limit: limit as u16, edns: query.edns.as_ref().map(|edns| edns.dnssec_ok) };
        let key = AnswerCache::key(query, shape);
        let is_current =
            |origin: Origin| origin.set == zones.shape() && zones.version(origin.zone) == Some(origin.version);
        if let Some((length, rcode)) = cache.serve(key, query, shape, is_current, reply) {
            self.counters.cache_hits.add(1);
            self.count(rcode);
            return length;
        }
        self.counters.cache_misses.add(1);
        let (length, solution) = make(zones, query, task, &self.settings, &mut self.scratch, reply);
        if let Some(zone) = solution.zone.filter(|_| !solution.truncated)
            && let Some(version) = zones.version(zone)
        {
            cache.keep(key, shape, Origin { set: zones.shape(), zone, version }, &reply[..length]);
        }
        self.counted(length, solution)
    }

    fn counted(&self, length: usize, solution: Solution) -> usize {
        self.count(solution.rcode);
        if solution.truncated {
            self.counters.truncated.add(1);
        }
        length
    }

    /// A header alone, for messages whose question cannot be trusted: nothing of them is reflected but their id, opcode
    /// and RD.
    fn refuse(&self, message: &[u8], rcode: Rcode, reply: &mut [u8]) -> Verdict {
        let Some(&[high, low, flags, ..]) = message.first_chunk::<HEADER_OCTETS>() else { return Verdict::Drop };
        let kept = Flags(u16::from_be_bytes([flags, 0])).only(Flags::OPCODE.with(Flags::RD));
        self.count(rcode);
        Verdict::Reply(Writer::new(reply).finish([high, low], Flags::QR.with(kept), rcode))
    }

    /// Has the slots and then the nodes fetched that the queries will be answered from.
    fn prefetch_zones(&self, queries: &[Result<Query<'_>, NotAQuery>]) {
        let mut zones = [const { None }; BATCH];
        for (zone, query) in zones.iter_mut().zip(queries) {
            let Ok(query) = query else { continue };
            if let Some((_, ZoneState::Loaded(found))) = self.zones.find(query.name, 0) {
                found.prefetch_slots(query.name);
                *zone = Some(found);
            }
        }
        for (zone, query) in zones.iter().zip(queries) {
            if let (Some(zone), Ok(query)) = (zone, query) {
                zone.prefetch_nodes(query.name);
            }
        }
    }

    /// Answers a message that was read.
    fn respond(
        &mut self,
        message: &[u8],
        query: &Result<Query<'_>, NotAQuery>,
        peer: Peer,
        reply: &mut [u8],
    ) -> Verdict {
        if let Err(NotAQuery::Silent) = query {
            self.counters.ignored.add(1);
            return Verdict::Drop;
        }
        // Over TCP the client's address is proven, and connections have limits of their own.
        if peer.transport == Transport::Udp {
            let admission = self.keeper.admit(peer.addr.ip(), self.now);
            if admission != Admission::Pass {
                return self.turn_away(admission, query, reply);
            }
        }
        match query {
            Ok(query) if is_transfer(query) => Verdict::Handoff,
            Ok(query) => Verdict::Reply(self.answer(query, peer.transport, reply)),
            Err(NotAQuery::Opcode(_)) => self.refuse(message, Rcode::NOTIMP, reply),
            Err(NotAQuery::Malformed | NotAQuery::Silent) => self.refuse(message, Rcode::FORMERR, reply),
        }
    }

    /// What a query gets that is over a limit: nothing, or the question with TC set, so that a real client comes back
    /// over TCP. Broken messages get nothing.
    fn turn_away(&self, admission: Admission, query: &Result<Query<'_>, NotAQuery>, reply: &mut [u8]) -> Verdict {
        let (limit, query) = match (admission, query) {
            (Admission::Slip(limit), Ok(query)) => (limit, query),
            (Admission::Slip(limit) | Admission::Drop(limit), _) => {
                Admission::Drop(limit).count(&self.counters);
                return Verdict::Drop;
            }
            (Admission::Pass, _) => return Verdict::Drop,
        };
        Admission::Slip(limit).count(&self.counters);
        let mut writer = Writer::new(reply);
        if writer.question(query.question()).is_err() {
            return Verdict::Drop;
        }
        if let Some(edns) = &query.edns {
            // RFC 6891 section 6.1.1: an OPT is answered by an OPT.
            let _ = writer.opt(self.settings.udp_payload, Rcode::NOERROR, edns.dnssec_ok);
        }
        let flags = Flags::QR.with(Flags::TC).with(query.flags().only(Flags::RD));
        self.count(Rcode::NOERROR);
        Verdict::Reply(writer.finish(query.id(), flags, Rcode::NOERROR))
    }
}

impl Respond for Responder {
    fn refresh(&mut self, now: Instant) {
        let desk = &mut self.desk;
        desk.now = now;
        desk.keeper.follow(desk.gate.refresh());
        let newest = desk.snapshot.refresh();
        if !Arc::ptr_eq(newest, &desk.zones) {
            desk.zones = Arc::clone(newest);
        }
    }

    fn respond(&mut self, message: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict {
        let query = Query::parse(message, &mut self.names[0]);
        self.desk.respond(message, &query, peer, reply)
    }

    /// Reads all queries, has the memory fetched that they need, level by level, and answers them then: while one is read
    /// the others' memory is on its way.
    fn respond_batch(&mut self, batch: &mut Batch) {
        let (queries, mut replies) = batch.split();
        let mut parsed: [_; BATCH] = [const { Err(NotAQuery::Silent) }; BATCH];
        let parsed = &mut parsed[..queries.len()];
        for (index, (query, name)) in parsed.iter_mut().zip(&mut self.names).enumerate() {
            *query = Query::parse(queries.query(index), name);
            if let Ok(query) = query {
                self.desk.zones.prefetch(query.name);
            }
        }
        self.desk.prefetch_zones(parsed);
        for (index, query) in parsed.iter().enumerate() {
            let (message, peer) = (queries.query(index), queries.peer(index));
            let verdict = self.desk.respond(message, query, peer, replies.buffer(index));
            replies.settle(index, verdict);
        }
    }
}

/// Whether a transfer of a zone is asked for: of many messages, and so not ours to answer. (Not so if it will be BADVERS.)
#[inline]
fn is_transfer(query: &Query<'_>) -> bool {
    matches!(query.qtype, Rtype::AXFR | Rtype::IXFR) && query.edns.as_ref().is_none_or(|edns| edns.version == 0)
}

/// What a query asks the server to do.
#[derive(Clone, Copy)]
enum Task<'z> {
    /// To say no.
    Refuse(Rcode),
    /// To tell about itself.
    Identify,
    /// To answer from its zones.
    Solve(Found<'z>),
}

impl<'z> Task<'z> {
    #[inline]
    fn of(zones: &'z ZoneSet, query: &Query<'_>) -> Self {
        if query.edns.as_ref().is_some_and(|edns| edns.version > 0) {
            return Self::Refuse(Rcode::BADVERS);
        }
        match (query.qclass, query.qtype) {
            // RFC 6895 section 3.1: these stand in messages for other things than questions.
            (_, Rtype::OPT | Rtype::TSIG | Rtype::TKEY | Rtype(0)) => Self::Refuse(Rcode::FORMERR),
            (_, qtype) if qtype.is_meta() && qtype != Rtype::ANY => Self::Refuse(Rcode::NOTIMP),
            (Class::IN | Class::ANY, _) => Self::Solve(Found::of(zones, query.name, query.qtype)),
            (Class::CH, _) => Self::Identify,
            _ => Self::Refuse(Rcode::REFUSED),
        }
    }

    /// Whether it will take more than one lookup.
    #[inline]
    fn is_dear(&self) -> bool {
        matches!(self, Self::Solve(found) if found.is_alias())
    }
}

/// Makes the reply to a query.
fn make(
    zones: &ZoneSet,
    query: &Query<'_>,
    task: Task<'_>,
    settings: &Settings,
    scratch: &mut Scratch,
    reply: &mut [u8],
) -> (usize, Solution) {
    let mut writer = Writer::new(reply);
    let opt_octets = if query.edns.is_some() { OPT_OCTETS } else { 0 };
    // A question has at most 259 octets, and the smallest limit is 512: both fit.
    let room = writer.question(query.question()).and_then(|()| writer.reserve(opt_octets));
    let solution = match task {
        _ if room.is_err() => Solution::of(Rcode::SERVFAIL),
        Task::Refuse(rcode) => Solution::of(rcode),
        Task::Identify => {
            let rcode = settings.identity.answer(query, &mut writer).unwrap_or(Rcode::SERVFAIL);
            Solution { authoritative: rcode == Rcode::NOERROR, ..Solution::of(rcode) }
        }
        Task::Solve(found) => solve(zones, query, found, &mut writer, scratch),
    };
    writer.release(opt_octets);
    if let Some(edns) = &query.edns {
        // RFC 6891 section 6.1.1: an OPT is answered by an OPT.
        let _ = writer.opt(settings.udp_payload, solution.rcode, edns.dnssec_ok);
    }
    // RFC 4035 section 3.1.6: an authoritative reply has CD clear, and AD; RFC 1035 section 4.1.1: RD is copied.
    let mut flags = Flags::QR.with(query.flags().only(Flags::RD));
    flags = if solution.authoritative { flags.with(Flags::AA) } else { flags };
    flags = if solution.truncated { flags.with(Flags::TC) } else { flags };
    (writer.finish(query.id(), flags, solution.rcode), solution)
}
