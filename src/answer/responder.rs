//! The waist's inside: looks into the packet cache, reads a query, asks the gate, solves, and finishes the reply.
//!
//! Does not know sockets or threads: one responder belongs to one worker, whoever runs it.

mod batch;
mod limits;

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::body::{Body, BodyDesk, counted};
use super::cache::AnswerCache;
use super::chaos::Identity;
use super::draft::OptDraft;
use super::ede::ExtendedError;
use super::options::{About, FullCookie, PayloadSizes, ReplyOptions, append_bare};
use super::packets::PacketCache;
use super::reports::ErrorReport;
use super::solve::Scratch;
use super::subject::subject;
use super::task::Task;
use crate::base::counters::Counters;
use crate::base::limits::{BATCH, HEADER_OCTETS};
use crate::base::snapshot::{Publisher, Reader};
use crate::gate::{CookieState, Cookies, Gate, Keeper, ReplyKind, Subject};
use crate::net::{Batch, Peer, Respond, Transport, Verdict};
use crate::wire::{Class, Edns, Flags, HashedName, NameBuf, NotAQuery, Opcode, OptWriter, Query, Rcode, Rtype, Writer};
use crate::zone::ZoneSet;

/// What a query gets whose name is in none of our zones. Never a referral upwards: it would be an amplifier's, and no
/// resolver would believe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideZones {
    /// REFUSED.
    Refuse,
    /// No reply.
    Drop,
    /// A reply without records and without error.
    Empty,
}

/// How a responder answers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The UDP payload sizes offered, and the most octets of a reply over UDP.
    pub udp_payload: PayloadSizes,
    /// Replies kept in the answer cache; 0: no cache.
    pub cached_answers: usize,
    /// Replies kept in the packet cache; 0: no such cache.
    pub cached_packets: usize,
    /// What the server tells about itself.
    pub identity: Identity,
    /// What it tells of itself in an NSID option (RFC 5001); `None`: nothing.
    pub nsid: Option<Box<[u8]>>,
    /// What a query gets whose name is in none of our zones.
    pub outside_zones: OutsideZones,
    /// How long a TCP connection may idle, in tenths of a second, for those who ask (RFC 7828).
    pub keepalive_decis: u16,
    /// Where resolvers may report errors (RFC 9567), in lower case and not the root; `None`: nowhere.
    pub report_agent: Option<NameBuf>,
    /// Where the reports go that come in because the agent's name is in a zone of ours. Who holds the other end should not
    /// wait at it, for then every report would cost a system call to wake it.
    pub reports: Option<SyncSender<ErrorReport>>,
    /// What makes and checks server cookies; `None` in it: cookies are ignored.
    pub cookies: Reader<Option<Cookies>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            udp_payload: PayloadSizes::default(),
            cached_answers: 0,
            cached_packets: 0,
            identity: Identity::default(),
            nsid: None,
            outside_zones: OutsideZones::Refuse,
            keepalive_decis: 300,
            report_agent: None,
            reports: None,
            cookies: Publisher::new(None).reader(),
        }
    }
}

/// Answers queries from the newest zone set.
#[derive(Debug)]
pub struct Responder {
    desk: Desk,
    /// Where the names of a batch's questions are put; the first is for one by itself.
    names: Vec<HashedName>,
    packets: Option<PacketCache>,
}

/// All of a responder but the names, which the queries at hand borrow.
#[derive(Debug)]
struct Desk {
    now: Instant,
    gate: Reader<Gate>,
    keeper: Keeper,
    snapshot: Reader<ZoneSet>,
    zones: Arc<ZoneSet>,
    cookies: Arc<Option<Cookies>>,
    /// Whether there are any.
    answers_cookies: bool,
    settings: Settings,
    counters: Arc<Counters>,
    cache: Option<AnswerCache>,
    scratch: Scratch,
}

impl Responder {
    /// A responder that reads zones from `snapshot`, keeps to the limits of `gate`, and counts in `counters`, which must
    /// be its own.
    pub fn new(
        mut snapshot: Reader<ZoneSet>,
        mut gate: Reader<Gate>,
        mut settings: Settings,
        counters: Arc<Counters>,
    ) -> Self {
        let zones = Arc::clone(snapshot.refresh());
        let cache = cache_for(&zones, &settings);
        let names = vec![HashedName::new(zones.hasher()); 1 + BATCH];
        let scratch = Scratch::new(zones.hasher());
        let keeper = Keeper::new(Arc::clone(gate.refresh()));
        let cookies = Arc::clone(settings.cookies.refresh());
        let now = Instant::now();
        let answers_cookies = cookies.is_some();
        let packets = PacketCache::new(settings.cached_packets, zones.hasher());
        Self {
            packets,
            desk: Desk {
                now,
                gate,
                keeper,
                snapshot,
                zones,
                cookies,
                answers_cookies,
                settings,
                counters,
                cache,
                scratch,
            },
            names,
        }
    }

    /// Counts a reply with this code that somebody else made to what was handed off.
    pub fn count(&self, rcode: Rcode) {
        counted(&self.desk.counters, 0, rcode);
    }

    /// Octets that a reply to this query may have.
    pub fn limit(&self, query: &Query<'_>, peer: Peer) -> usize {
        self.desk.settings.udp_payload.limit(query.edns.as_ref(), peer)
    }

    /// The OPT record of a reply that somebody else makes to what was handed off; none where the query had none.
    pub fn opt<'q>(&'q self, query: &'q Query<'_>, peer: Peer) -> Option<OptDraft<'q>> {
        let cookie = self.desk.judge(query.message(), query.edns.as_ref(), &peer).map(|(_, cookie)| cookie);
        OptDraft::of(&self.desk.settings, query, cookie, peer)
    }

    /// The zones that it answers from until its next refresh.
    pub fn zones(&self) -> &ZoneSet {
        &self.desk.zones
    }
}

/// What a query's cookie says of its sender, and what it gets back.
#[derive(Debug, Clone, Copy)]
struct Visitor {
    /// The cookie's state, where there is one and cookies are not ignored.
    state: Option<CookieState>,
    cookie: Option<FullCookie>,
}

impl Visitor {
    /// One without a cookie, or whose cookie is ignored.
    const UNKNOWN: Self = Self { state: None, cookie: None };

    /// Whether its address is no lie.
    fn is_proven(&self) -> bool {
        self.state == Some(CookieState::Valid)
    }

    /// The same for a query by this transport: over a stream the client has answered us.
    fn is_proven_by(&self, transport: Transport) -> bool {
        transport == Transport::Tcp || self.is_proven()
    }
}

impl Desk {
    /// What the cookie of a message is worth, and the one that goes back; none where there is none or it is ignored.
    #[inline]
    fn judge(&self, message: &[u8], edns: Option<&Edns>, peer: &Peer) -> Option<(CookieState, FullCookie)> {
        let cookies = (*self.cookies).as_ref()?;
        let cookie = edns?.options.cookie(message)?;
        let (state, server) = cookies.judge(cookie, peer.addr.ip(), self.now);
        Some((state, FullCookie { client: cookie.client, server }))
    }

    /// Looks at the cookie of a message, and counts it where there is one.
    #[inline(never)]
    fn visitor(&self, message: &[u8], edns: Option<&Edns>, peer: &Peer) -> Visitor {
        let Some((state, cookie)) = self.judge(message, edns, peer) else { return Visitor::UNKNOWN };
        let counter = match state {
            CookieState::ClientOnly => &self.counters.cookies_client_only,
            CookieState::Valid => &self.counters.cookies_valid,
            CookieState::Bad => &self.counters.cookies_bad,
        };
        counter.add(1);
        Visitor { state: Some(state), cookie: Some(cookie) }
    }

    #[inline]
    fn answer(
        &mut self,
        query: &Query<'_>,
        longest: Option<usize>,
        visitor: &Visitor,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Verdict {
        let limit = self.settings.udp_payload.limit(query.edns.as_ref(), *peer).min(reply.len());
        let reply = &mut reply[..limit];
        let (zones, settings, counters) = (&*self.zones, &self.settings, &*self.counters);
        let longest = longest.and_then(|index| Some((index, zones.zones().get(index)?)));
        let mut task = Task::of(zones, longest, query, peer.transport);
        if self.keeper.limits_replies() {
            let (proven, subject) =
                (visitor.is_proven_by(peer.transport), || subject(&task, query, &settings.identity));
            let admission = self.keeper.admit_reply(peer.addr.ip(), proven, subject, self.now);
            if let Some(verdict) = self.hold_back(admission, Some(query), visitor, peer, reply) {
                return verdict;
            }
        }
        if let Some(agent) = settings.report_agent.as_ref().filter(|_| query.qtype == Rtype::TXT && task.has_zone()) {
            self.see_report(query, agent, &mut task, visitor, peer);
        }
        let (cache, scratch) = (&mut self.cache, &mut self.scratch);
        let mut desk = BodyDesk { zones, settings, cache, scratch, counters };
        let Some(edns) = &query.edns else {
            let body = desk.body(query, &task, reply, limit);
            return Verdict::Reply(body.counted(counters));
        };
        let has_options = visitor.cookie.is_some() || settings.report_agent.is_some();
        if has_options || !edns.options.is_without_wishes() {
            let options =
                ReplyOptions { settings, message: query.message(), edns, cookie: visitor.cookie.as_ref(), peer };
            return desk.answer_with_options(query, &task, &options, reply);
        }
        let most = limit - OptWriter::OCTETS;
        let body = desk.body(query, &task, &mut reply[..most], most);
        let (payload, error) = (settings.udp_payload.offered(*peer), task.error(body.rcode));
        // A truncated reply is to be as small as can be: it may go to a victim, and will be asked for again.
        let error = error.filter(|_| !body.truncated && body.rcode != Rcode::BADVERS);
        let length = append_bare(reply, body.length, payload, body.rcode, edns.dnssec_ok, error);
        Verdict::Reply(Body { length, ..body }.counted(counters))
    }

    /// Sees whether a query is an error report to an agent in one of our zones (RFC 9567), and passes it on. One whose
    /// sender may be a lie is to come again by TCP or with a cookie (section 9).
    #[cold]
    fn see_report(&self, query: &Query<'_>, agent: &NameBuf, task: &mut Task<'_>, visitor: &Visitor, peer: &Peer) {
        let Some(report) = ErrorReport::of(query.name, agent.as_name(), peer.addr.ip()) else { return };
        if peer.transport == Transport::Udp && !visitor.is_proven() {
            self.counters.error_reports_unproven.add(1);
            *task = Task::AskAgain;
            return;
        }
        self.counters.error_reports.add(1);
        if let Some(reports) = &self.settings.reports {
            // Where the channel is full, the report was counted all the same.
            let _ = reports.try_send(report);
        }
    }

    /// A header alone, for messages whose question cannot be trusted: nothing of them is reflected but their id, opcode
    /// and, for queries, RD; and an OPT record, which says why, where they had one, be it broken itself (RFC 6891 section 7).
    #[cold]
    fn refuse(&mut self, message: &[u8], why: NotAQuery, peer: &Peer, reply: &mut [u8]) -> Verdict {
        let header = message.first_chunk::<HEADER_OCTETS>().filter(|_| why != NotAQuery::Silent);
        let Some(&[high, low, flags, ..]) = header else {
            self.counters.ignored.add(1);
            return Verdict::Drop;
        };
        let flags = Flags(u16::from_be_bytes([flags, 0]));
        // RD has a meaning for queries alone: ISC's compliance tester takes it for a fault elsewhere.
        let reflected = if flags.opcode() == Opcode::QUERY { Flags::OPCODE.with(Flags::RD) } else { Flags::OPCODE };
        let kept = flags.only(reflected);
        let edns = Edns::find(message);
        let limit = self.settings.udp_payload.limit(edns.as_ref(), *peer).min(reply.len());
        let reply = &mut reply[..limit];
        let visitor = match why {
            NotAQuery::Malformed | NotAQuery::Silent => Visitor::UNKNOWN,
            NotAQuery::Opcode(_) | NotAQuery::NoQuestion => {
                let visitor = self.visitor(message, edns.as_ref(), peer);
                self.counters.cookies_none.add(u64::from(self.answers_cookies && visitor.state.is_none()));
                visitor
            }
        };
        if let Some(verdict) = self.hold_query_back(None, &visitor, peer, reply) {
            return verdict;
        }
        let (proven, subject) = (visitor.is_proven_by(peer.transport), || Subject::of(ReplyKind::Error));
        let admission = self.keeper.admit_reply(peer.addr.ip(), proven, subject, self.now);
        if let Some(verdict) = self.hold_back(admission, None, &visitor, peer, reply) {
            return verdict;
        }
        let is_bad_opt = edns.as_ref().is_some_and(|edns| edns.options.is_malformed());
        let (rcode, error) = match (why, &edns) {
            // RFC 6891 section 6.1.3, whatever the opcode.
            (NotAQuery::Opcode(_) | NotAQuery::NoQuestion, Some(edns)) if edns.version > 0 => (Rcode::BADVERS, None),
            (NotAQuery::Opcode(_), _) => (Rcode::NOTIMP, Some(ExtendedError::NOT_SUPPORTED)),
            // RFC 7873 section 5.4: who asks nothing and has a client cookie wants ours.
            (NotAQuery::NoQuestion, _) if visitor.cookie.is_some() => (Rcode::NOERROR, None),
            _ if is_bad_opt => (Rcode::FORMERR, Some(ExtendedError::BAD_OPT)),
            (NotAQuery::NoQuestion, _) => (Rcode::FORMERR, Some(ExtendedError::NO_QUESTION)),
            _ => (Rcode::FORMERR, Some(ExtendedError::BAD_MESSAGE)),
        };
        let length = Writer::new(reply).finish([high, low], Flags::QR.with(kept), rcode);
        let Some(edns) = &edns else { return Verdict::Reply(counted(&self.counters, length, rcode)) };
        let length = match why {
            // What is broken is worth no more than to be told that.
            NotAQuery::Malformed | NotAQuery::Silent => {
                let payload = self.settings.udp_payload.offered(*peer);
                append_bare(reply, length, payload, rcode, edns.dnssec_ok, error)
            }
            NotAQuery::Opcode(_) | NotAQuery::NoQuestion => {
                let (settings, cookie) = (&self.settings, visitor.cookie.as_ref());
                let about = About { error, ..About::default() };
                ReplyOptions { settings, message, edns, cookie, peer }.append(reply, length, rcode, &about)
            }
        };
        Verdict::Reply(counted(&self.counters, length, rcode))
    }

    /// Answers a message that was read. `longest` is the index of the zone that is the longest match for its name.
    #[inline(always)]
    fn respond(
        &mut self,
        message: &[u8],
        query: &Result<Query<'_>, NotAQuery>,
        longest: Option<usize>,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Verdict {
        let query = match query {
            Ok(query) => query,
            Err(why) => return self.refuse(message, *why, peer, reply),
        };
        self.counters.compact_ok.add(u64::from(query.edns.as_ref().is_some_and(|edns| edns.compact_ok)));
        let known;
        let visitor = match query.edns.as_ref().filter(|edns| edns.options.has_cookie() && self.answers_cookies) {
            None => &Visitor::UNKNOWN,
            edns => {
                known = self.visitor(message, edns, peer);
                &known
            }
        };
        self.counters.cookies_none.add(u64::from(self.answers_cookies && visitor.state.is_none()));
        if self.keeper.limits_queries()
            && let Some(verdict) = self.hold_query_back(Some(query), visitor, peer, reply)
        {
            return verdict;
        }
        if self.is_silent_about(query, longest) {
            self.counters.ignored.add(1);
            return Verdict::Drop;
        }
        if is_transfer(query) {
            return self.hand_off(query, visitor, peer, reply);
        }
        self.answer(query, longest, visitor, peer, reply)
    }

    /// Whether a query is to be dropped because it is about nothing that is ours, whatever else is the matter with it.
    #[inline]
    fn is_silent_about(&self, query: &Query<'_>, longest: Option<usize>) -> bool {
        self.settings.outside_zones == OutsideZones::Drop
            && match query.qclass {
                Class::IN | Class::ANY => longest.is_none(),
                Class::CH => !self.settings.identity.tells(query),
                _ => true,
            }
    }

    /// Hands a query for a transfer off. Over UDP nearly all of them are refused, so they have the rate of errors.
    #[cold]
    fn hand_off(&mut self, query: &Query<'_>, visitor: &Visitor, peer: &Peer, reply: &mut [u8]) -> Verdict {
        let (proven, subject) = (visitor.is_proven_by(peer.transport), || Subject::of(ReplyKind::Error));
        let admission = self.keeper.admit_reply(peer.addr.ip(), proven, subject, self.now);
        self.hold_back(admission, Some(query), visitor, peer, reply).unwrap_or(Verdict::Handoff)
    }
}

impl Respond for Responder {
    fn refresh(&mut self, now: Instant) {
        let desk = &mut self.desk;
        desk.now = now;
        desk.keeper.follow(desk.gate.refresh());
        let cookies = desk.settings.cookies.refresh();
        if !Arc::ptr_eq(cookies, &desk.cookies) {
            desk.cookies = Arc::clone(cookies);
            desk.answers_cookies = desk.cookies.is_some();
        }
        let newest = desk.snapshot.refresh();
        if !Arc::ptr_eq(newest, &desk.zones) {
            if let Some(packets) = self.packets.as_mut().filter(|_| !newest.answers_as(&desk.zones)) {
                packets.forget();
            }
            desk.zones = Arc::clone(newest);
            if desk.cache.is_none() {
                desk.cache = cache_for(&desk.zones, &desk.settings);
            }
        }
    }

    fn respond(&mut self, message: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict {
        let query = Query::parse(message, &mut self.names[0]);
        let longest = query.as_ref().ok().and_then(|query| self.desk.zones.find(query.name, 0));
        let longest = longest.map(|found| found.0);
        self.desk.respond(message, &query, longest, &peer, reply)
    }

    fn respond_batch(&mut self, batch: &mut Batch) {
        self.answer_batch(batch);
    }
}

/// The cache for replies from these zones; none where none of them has such as are dear to make.
fn cache_for(zones: &ZoneSet, settings: &Settings) -> Option<AnswerCache> {
    if zones.hashes_names() { AnswerCache::new(settings.cached_answers) } else { None }
}

/// Whether a transfer of a zone is asked for: of many messages, and so not ours to answer; unless the query is to be refused as
/// any other.
#[inline]
fn is_transfer(query: &Query<'_>) -> bool {
    let is_plain = |edns: &Edns| edns.version == 0 && !edns.options.is_malformed();
    matches!(query.qtype, Rtype::AXFR | Rtype::IXFR) && query.edns.as_ref().is_none_or(is_plain)
}
