//! What the model in `tests/model` does not ask: refusals, identity, the gate, the cache, and what does not fit.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use hickory_proto::op::{Message, ResponseCode};

use super::*;
use crate::base::counters::{Counter, Counters};
use crate::base::limits::{MESSAGE_OCTETS_MAX, UDP_OCTETS_MAX};
use crate::base::snapshot::Publisher;
use crate::gate::{Gate, GateConfig};
use crate::net::{Batch, Peer, Respond, Transport, Verdict};
use crate::wire::{Class, NameBuf, Nsec3Parameters, Record, Rtype, SuffixHasher, nsec3_label};
use crate::zone::{Builder, FailedZone, ZoneSet, ZoneState};

#[path = "again_tests.rs"]
mod again;
#[path = "choices_tests.rs"]
mod choices;
#[path = "edns_tests.rs"]
mod edns;

#[path = "rrl_tests.rs"]
mod rrl;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn wire(text: &str) -> Vec<u8> {
    name(text).as_name().wire().to_vec()
}

type Row<'a> = (&'a str, Rtype, Vec<u8>);

/// A responder over zones of its own.
struct Bench {
    hasher: SuffixHasher,
    zones: Publisher<ZoneSet>,
    counters: Arc<Counters>,
    responder: Responder,
}

impl Bench {
    fn new(settings: Settings, gate: &GateConfig) -> Self {
        let hasher = SuffixHasher::new(3);
        let zones = Publisher::new(ZoneSet::empty(&hasher));
        let gate = Publisher::new(Gate::new(gate, Instant::now()));
        let counters = Arc::new(Counters::default());
        let responder = Responder::new(zones.reader(), gate.reader(), settings, Arc::clone(&counters));
        Self { hasher, zones, counters, responder }
    }

    fn zone(&self, apex: &str, rows: &[Row<'_>]) -> ZoneState {
        let mut builder = Builder::new(name(apex).as_name(), &self.hasher);
        let soa = [wire("."), wire("."), vec![0; 16], vec![0, 0, 0, 60]].concat();
        let basics = [(apex, Rtype::SOA, soa), (apex, Rtype::NS, wire("ns.test."))];
        for (owner, rtype, rdata) in basics.iter().chain(rows) {
            let owner = name(owner);
            let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 300, rtype: *rtype, rdata };
            builder.add(&record).expect("a record that fits");
        }
        Arc::new(builder.seal().expect("a good zone").0).into()
    }

    fn publish(&mut self, zones: Vec<ZoneState>) {
        self.zones.publish(self.zones.current().succeed(zones));
        self.responder.refresh(Instant::now());
    }

    fn respond(&mut self, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let peer = Peer { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4_000)), transport };
        if transport == Transport::Udp {
            return self.batch(&[query.to_vec()]).reply(0).map(<[u8]>::to_vec);
        }
        let mut reply = vec![0; MESSAGE_OCTETS_MAX];
        match self.responder.respond(query, peer, &mut reply) {
            Verdict::Reply(length) => Some(reply[..length].to_vec()),
            Verdict::Drop | Verdict::Handoff => None,
        }
    }

    /// These queries over UDP in one batch, answered.
    fn batch(&mut self, queries: &[Vec<u8>]) -> Batch {
        let peer = Peer { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4_000)), transport: Transport::Udp };
        let mut batch = Batch::new();
        assert!(queries.iter().all(|query| batch.push(query, peer)), "a batch has room");
        self.responder.respond_batch(&mut batch);
        batch
    }

    fn ask(&mut self, query: &[u8]) -> Message {
        let reply = self.respond(query, Transport::Udp).expect("a reply");
        Message::from_vec(&reply).expect("a message that others can read")
    }
}

/// What makes a zone one with NSEC3: a chain of the apex alone, whose span is all names.
fn nsec3(apex: &str) -> [(String, Rtype, Vec<u8>); 2] {
    let parameters = Nsec3Parameters { algorithm: 1, iterations: 0, salt: &[] };
    let hash = parameters.hash(name(apex).as_name());
    let owner = NameBuf::join(&nsec3_label(&hash), name(apex).as_name()).expect("a name").to_string();
    let link = [&[1, 0, 0, 0, 0, 20][..], &hash, &[0, 1, 0x40]].concat();
    [(apex.to_owned(), Rtype::NSEC3PARAM, vec![1, 0, 0, 0, 0]), (owner, Rtype::NSEC3, link)]
}

/// A query with DO.
fn with_do(qname: &str, qtype: Rtype) -> Vec<u8> {
    let mut query = query(qname, qtype, Class::IN, Some((1_232, 0)));
    let at = query.len() - 4;
    query[at] = 0x80;
    query
}

fn plain() -> Bench {
    Bench::new(Settings::default(), &GateConfig::default())
}

/// A query with RD, AD and CD set; `edns` is payload size and version.
fn query(qname: &str, qtype: Rtype, qclass: Class, edns: Option<(u16, u8)>) -> Vec<u8> {
    let mut query = vec![0xab, 0xcd, 0x01, 0x30, 0, 1, 0, 0, 0, 0, 0, u8::from(edns.is_some())];
    query.extend(wire(qname));
    query.extend(qtype.0.to_be_bytes());
    query.extend(qclass.0.to_be_bytes());
    if let Some((payload, version)) = edns {
        query.extend([0, 0, 41]);
        query.extend(payload.to_be_bytes());
        query.extend([0, version, 0, 0, 0, 0]);
    }
    query
}

fn a(qname: &str) -> Vec<u8> {
    query(qname, Rtype::A, Class::IN, None)
}

fn txt_of(octets: usize) -> Vec<u8> {
    [vec![255; 1], vec![b'x'; 255]].concat().into_iter().cycle().take(octets / 256 * 256).collect()
}

#[test]
fn bits_of_an_authoritative_reply() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[("a.example.", Rtype::A, vec![192, 0, 2, 1])]);
    bench.publish(vec![zone]);
    let reply = bench.ask(&a("A.example."));
    assert!(reply.metadata.authoritative && reply.metadata.recursion_desired);
    assert!(!reply.metadata.recursion_available && !reply.metadata.authentic_data && !reply.metadata.checking_disabled);
    assert_eq!(reply.queries[0].name().to_string(), "A.example.");
    // RFC 1035 section 6.2: never authoritative for every class.
    let reply = bench.ask(&query("a.example.", Rtype::A, Class::ANY, None));
    assert_eq!((reply.metadata.authoritative, reply.answers.len()), (false, 1));
    assert_eq!(bench.counters.rcode_noerror.value(), 2);
}

#[test]
fn what_is_refused_and_how() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[]);
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("broken.example.").as_name(), &bench.hasher)));
    bench.publish(vec![zone, failed]);
    let ask = |qname, qtype, qclass, rcode| (query(qname, qtype, qclass, None), rcode);
    for (query, rcode) in [
        ask("other.", Rtype::A, Class::IN, ResponseCode::Refused),
        ask("example.", Rtype::A, Class::HS, ResponseCode::Refused),
        ask("example.", Rtype::MAILB, Class::IN, ResponseCode::NotImp),
        ask("example.", Rtype(200), Class::IN, ResponseCode::NotImp),
        ask("example.", Rtype::OPT, Class::IN, ResponseCode::FormErr),
        ask("example.", Rtype::TSIG, Class::IN, ResponseCode::FormErr),
        ask("a.broken.example.", Rtype::A, Class::IN, ResponseCode::ServFail),
        ask("broken.example.", Rtype::SOA, Class::IN, ResponseCode::ServFail),
        ask("brokener.example.", Rtype::A, Class::IN, ResponseCode::NXDomain),
    ] {
        let reply = bench.ask(&query);
        assert_eq!(reply.metadata.response_code, rcode, "{query:?}");
        assert_eq!(reply.metadata.authoritative, rcode == ResponseCode::NXDomain);
    }
    assert_eq!((bench.counters.rcode_refused.value(), bench.counters.rcode_servfail.value()), (2, 2));
    assert_eq!((bench.counters.rcode_notimp.value(), bench.counters.rcode_formerr.value()), (2, 2));
}

#[test]
fn another_edns_version_is_told_with_ours() {
    let mut bench = plain();
    let reply = bench.respond(&query("example.", Rtype::A, Class::IN, Some((4096, 1))), Transport::Udp);
    let reply = reply.expect("a reply");
    // RFC 6891 section 6.1.3: BADVERS is 16: 1 in the OPT record, 0 in the header; the version is ours.
    assert_eq!(reply[reply.len() - 11..], [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0]);
    assert_eq!(reply[3] & 0xf, 0);
    // Whatever the opcode.
    for opcode in [1, 2, 4, 5, 6, 15] {
        let mut message = query("example.", Rtype::SOA, Class::IN, Some((4096, 1)));
        message[2] = opcode << 3;
        let reply = bench.respond(&message, Transport::Udp).expect("a reply");
        assert_eq!(reply[..3], [0xab, 0xcd, 0x80 | opcode << 3]);
        assert_eq!(reply[12..], [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0], "opcode {opcode}");
    }
}

#[test]
fn broken_messages_are_not_reflected() {
    let mut bench = plain();
    let mut notify = a("example.");
    notify[2] = 4 << 3 | 1;
    let trailing = [a("example."), b"trailing".to_vec()].concat();
    for (message, flags, rcode) in [(trailing, 0x81, 1), (notify, 0xa0, 4)] {
        let reply = bench.respond(&message, Transport::Udp).expect("a reply");
        assert_eq!(reply, [0xab, 0xcd, flags, rcode, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    let mut response = a("example.");
    response[2] |= 0x80;
    assert_eq!(bench.respond(&response, Transport::Udp), None);
    assert_eq!(bench.respond(&[0; 11], Transport::Tcp), None);
    assert_eq!(bench.counters.ignored.value(), 2);
}

#[test]
fn identity_is_told_where_it_is_set() {
    let identity = Identity { version: Some("Gannet".into()), hostname: None };
    let mut bench = Bench::new(Settings { identity, ..Settings::default() }, &GateConfig::default());
    let mut ask = |qname, qtype| bench.ask(&query(qname, qtype, Class::CH, None));
    let reply = ask("Version.BIND.", Rtype::TXT);
    assert_eq!(reply.answers[0].data.to_string(), "Gannet");
    assert_eq!(ask("version.server.", Rtype::ANY).answers.len(), 1);
    assert_eq!(ask("version.bind.", Rtype::A).metadata.response_code, ResponseCode::NoError);
    for hidden in ["id.server.", "hostname.bind.", "authors.bind."] {
        assert_eq!(ask(hidden, Rtype::TXT).metadata.response_code, ResponseCode::Refused, "{hidden}");
    }
}

#[test]
fn sizes_are_kept_at_every_payload() {
    let mut bench = plain();
    let zone =
        bench.zone("example.", &[("t.example.", Rtype::TXT, txt_of(1_024)), ("s.example.", Rtype::TXT, txt_of(512))]);
    bench.publish(vec![zone]);
    let mut ask = |qname, edns| bench.respond(&query(qname, Rtype::TXT, Class::IN, edns), Transport::Udp);
    for (qname, edns, whole) in [
        ("t.example.", None, false),
        ("s.example.", None, false), // 512 octets of text alone
        ("s.example.", Some((512, 0)), false),
        ("s.example.", Some((600, 0)), true),
        ("t.example.", Some((4096, 0)), true), // 1,232 are enough
        ("t.example.", Some((1000, 0)), false),
    ] {
        let reply = ask(qname, edns).expect("a reply");
        let limit = usize::from(edns.map_or(512, |edns| edns.0)).min(1_232);
        assert!(reply.len() <= limit, "{qname} {edns:?}: {} octets", reply.len());
        assert_eq!((reply[2] & 2 == 0, reply[7] == 1), (whole, whole), "{qname} {edns:?}");
    }
    assert_eq!(bench.counters.truncated.value(), 4);
    let reply = bench.respond(&query("t.example.", Rtype::TXT, Class::IN, None), Transport::Tcp);
    assert!(reply.is_some_and(|reply| reply.len() > 1_024 && reply[2] & 2 == 0));
}

/// The case of an HTTPS target is signed, so it comes back as it was written (RFC 4034 section 6.2, RFC 9460); its addresses
/// are found all the same.
#[test]
fn a_service_keeps_the_case_of_its_target_and_has_its_addresses() {
    let mut bench = plain();
    let https = [&[0, 1][..], &wire("Host.Example.")].concat();
    let rows = [("s.example.", Rtype::HTTPS, https.clone()), ("host.example.", Rtype::A, vec![192, 0, 2, 1])];
    let zone = bench.zone("example.", &rows);
    bench.publish(vec![zone]);
    let query = query("s.example.", Rtype::HTTPS, Class::IN, None);
    let reply = bench.respond(&query, Transport::Udp).expect("a reply");
    assert!(reply.windows(https.len()).any(|octets| octets == https));
    assert_eq!(bench.ask(&query).additionals.len(), 1);
}

/// RFC 9471 section 3.1: glue below the cut that does not fit sets TC; what fits stays.
#[test]
fn glue_that_does_not_fit_sets_tc() {
    let mut bench = plain();
    let servers: Vec<String> = (0..40).map(|n| format!("ns{n}.cut.example.")).collect();
    let rows: Vec<Row<'_>> = servers
        .iter()
        .flat_map(|server| [("cut.example.", Rtype::NS, wire(server)), (server, Rtype::A, vec![192, 0, 2, 1])])
        .collect();
    let zone = bench.zone("example.", &rows);
    bench.publish(vec![zone]);
    let reply = bench.ask(&query("www.cut.example.", Rtype::A, Class::IN, Some((1_232, 0))));
    assert_eq!((reply.metadata.truncation, reply.authorities.len()), (true, 40));
    assert!(!reply.additionals.is_empty() && reply.additionals.len() < 40);
    // Past the few servers whose places are known, owners are written anew.
    let whole = bench.respond(&query("www.cut.example.", Rtype::A, Class::IN, None), Transport::Tcp).expect("a reply");
    let whole = Message::from_vec(&whole).expect("a message that others can read");
    assert_eq!((whole.metadata.truncation, whole.additionals.len()), (false, 40));
    let owners: std::collections::HashSet<String> =
        whole.additionals.iter().map(|glue| glue.name.to_string()).collect();
    assert_eq!(owners, servers.into_iter().collect());
}

impl Bench {
    /// A zone with NSEC3.
    fn hashed_zone(&self, apex: &str, rows: &[Row<'_>]) -> ZoneState {
        let chain = nsec3(apex);
        let chain = chain.iter().map(|(owner, rtype, rdata)| (&**owner, *rtype, rdata.clone()));
        self.zone(apex, &rows.iter().cloned().chain(chain).collect::<Vec<_>>())
    }

    /// A server with a cache and a zone with NSEC3 and a wildcard, `*.example.`
    fn cached(entries: usize) -> Self {
        let mut bench = Self::new(Settings { cached_answers: entries, ..Settings::default() }, &GateConfig::default());
        let zone = bench.hashed_zone("example.", &[("*.example.", Rtype::A, vec![192, 0, 2, 1])]);
        bench.publish(vec![zone]);
        bench
    }

    /// How often the cache was looked into in vain, and how often not.
    fn looks(&self) -> (u64, u64) {
        (self.counters.cache_misses.value(), self.counters.cache_hits.value())
    }
}

#[test]
fn a_cached_reply_is_the_clients_own_and_dies_with_its_zone() {
    let settings = Settings { cached_answers: 8, ..Settings::default() };
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zone = |bench: &Bench, last| bench.hashed_zone("example.", &[("*.example.", Rtype::A, vec![192, 0, 2, last])]);
    let (first, other) = (zone(&bench, 1), bench.zone("other.", &[]));
    bench.publish(vec![first.clone(), other]);
    let made = bench.ask(&with_do("x.example.", Rtype::A));
    // It is kept from the second time on.
    bench.ask(&with_do("x.example.", Rtype::A));
    let mut again = with_do("X.example.", Rtype::A);
    (again[0], again[2]) = (7, 0);
    let served = bench.ask(&again);
    assert_eq!(bench.looks(), (2, 1));
    assert_eq!((served.metadata.id, served.metadata.recursion_desired), (0x07cd, false));
    assert_eq!(served.queries[0].name().to_string(), "X.example.");
    assert_eq!((&served.answers[0].data, &served.authorities), (&made.answers[0].data, &made.authorities));
    // Another zone's new version changes nothing, the own one's does; so does a zone that comes between.
    let other = bench.zone("other.", &[]);
    bench.publish(vec![first, other.clone()]);
    bench.ask(&with_do("x.example.", Rtype::A));
    assert_eq!(bench.looks(), (2, 2));
    let second = zone(&bench, 2);
    bench.publish(vec![second.clone(), other.clone()]);
    assert_eq!(bench.ask(&with_do("x.example.", Rtype::A)).answers[0].data.to_string(), "192.0.2.2");
    let child = bench.zone("x.example.", &[]);
    bench.publish(vec![second, other, child]);
    assert_eq!(bench.ask(&with_do("x.example.", Rtype::A)).answers.len(), 0);
    assert_eq!(bench.looks(), (3, 2));
}

#[test]
fn only_what_takes_a_hash_is_sought_in_the_cache() {
    let mut bench = Bench::cached(8);
    let rows = [("a.plain.", Rtype::CNAME, wire("b.plain.")), ("b.plain.", Rtype::A, vec![192, 0, 2, 1])];
    let (zone, hashed) = (bench.zone("plain.", &rows), bench.hashed_zone("hashed.", &rows[..0]));
    let example = bench.zones.current().zones()[0].clone();
    bench.publish(vec![example, zone, hashed]);
    for (query, is_sought) in [
        (with_do("x.example.", Rtype::A), true),
        (with_do("x.example.", Rtype::AAAA), true),
        (with_do("x.hashed.", Rtype::A), true),
        (a("x.hashed."), false),
        (with_do("hashed.", Rtype::A), false),
        (with_do("x.plain.", Rtype::A), false),
        (with_do("a.plain.", Rtype::A), false),
        (with_do("x.elsewhere.", Rtype::A), false),
    ] {
        let before = bench.looks().0;
        bench.ask(&query);
        assert_eq!(bench.looks().0 > before, is_sought, "{}", query.escape_ascii());
    }
}

/// A reply of another size, or for who takes no signatures, is another reply.
#[test]
fn a_cached_reply_is_for_as_much_room() {
    let mut bench = Bench::cached(8);
    let sized = |payload: u16| {
        let mut query = with_do("x.example.", Rtype::A);
        let at = query.len() - 8;
        query[at..at + 2].copy_from_slice(&payload.to_be_bytes());
        query
    };
    for (payload, looks) in [(1_232, (1, 0)), (1_232, (2, 0)), (1_232, (2, 1)), (600, (3, 1)), (4_096, (3, 2))] {
        bench.ask(&sized(payload));
        assert_eq!(bench.looks(), looks, "{payload}");
    }
}

/// What an alias leads to may fail and be mended without any change of the alias' own zone.
#[test]
fn an_alias_into_a_zone_that_failed_is_not_kept() {
    let mut bench = Bench::new(Settings { cached_answers: 8, ..Settings::default() }, &GateConfig::default());
    let alias = bench.hashed_zone("example.", &[("*.example.", Rtype::CNAME, wire("a.broken."))]);
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("broken.").as_name(), &bench.hasher)));
    let mended = bench.zone("broken.", &[("a.broken.", Rtype::A, vec![192, 0, 2, 1])]);
    for (state, rcode) in [(failed, ResponseCode::ServFail), (mended, ResponseCode::NoError)] {
        bench.publish(vec![alias.clone(), state]);
        for _ in 0..3 {
            assert_eq!(bench.ask(&with_do("x.example.", Rtype::A)).metadata.response_code, rcode);
        }
    }
    assert_eq!(bench.looks().1, 0);
}

/// Whether the DS of an apex is asked of a zone above depends on what that delegates (RFC 4035 section 3.1.4.1): on two zones.
#[test]
fn an_alias_of_an_apex_whose_ds_is_asked_for_is_not_kept() {
    let mut bench = Bench::new(Settings { cached_answers: 8, ..Settings::default() }, &GateConfig::default());
    let child = bench.hashed_zone("c.p.test.", &[("*.c.p.test.", Rtype::CNAME, wire("c.p.test."))]);
    for (owner, denies) in [("p.test.", "c.p.test."), ("q.test.", "test.")] {
        let above = bench.zone("test.", &[(owner, Rtype::NS, wire("ns.elsewhere."))]);
        bench.publish(vec![child.clone(), above]);
        for _ in 0..3 {
            let reply = bench.ask(&with_do("x.c.p.test.", Rtype::DS));
            assert_eq!(reply.authorities[0].name.to_string(), denies, "{owner}");
        }
    }
}

/// The cache is made once a zone has something for it.
#[test]
fn a_zone_with_nsec3_may_come_later() {
    let mut bench = Bench::new(Settings { cached_answers: 8, ..Settings::default() }, &GateConfig::default());
    let plain = bench.zone("example.", &[]);
    bench.publish(vec![plain]);
    bench.ask(&with_do("x.example.", Rtype::A));
    assert_eq!(bench.looks(), (0, 0));
    let hashed = bench.hashed_zone("example.", &[]);
    bench.publish(vec![hashed]);
    for looks in [(1, 0), (2, 0), (2, 1)] {
        assert_eq!(bench.ask(&with_do("x.example.", Rtype::A)).metadata.response_code, ResponseCode::NXDomain);
        assert_eq!(bench.looks(), looks);
    }
}

#[test]
fn what_a_dname_makes_is_the_same_for_whoever_asked_first() {
    let settings = Settings { cached_answers: 8, ..Settings::default() };
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zone = bench.zone("example.", &[("old.example.", Rtype::DNAME, wire("new.example."))]);
    bench.publish(vec![zone]);
    for asked in ["A.b.OLD.example.", "a.B.old.example."] {
        let reply = bench.ask(&a(asked));
        assert_eq!(reply.answers[1].name.to_string(), asked);
        assert_eq!(reply.answers[1].data.to_string(), "a.b.new.example.");
    }
}

#[test]
fn a_cname_that_a_dname_makes_is_not_followed_where_it_was_asked_for() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[("old.example.", Rtype::DNAME, wire("new.example."))]);
    bench.publish(vec![zone]);
    for (qtype, rcode, denials) in [(Rtype::CNAME, ResponseCode::NoError, 0), (Rtype::A, ResponseCode::NXDomain, 1)] {
        let reply = bench.ask(&query("a.old.example.", qtype, Class::IN, None));
        assert_eq!(reply.metadata.response_code, rcode, "{qtype:?}");
        assert_eq!((reply.answers.len(), reply.authorities.len()), (2, denials), "{qtype:?}");
    }
}

#[test]
fn services_at_one_host_have_its_addresses_once() {
    let mut bench = Bench::new(Settings::default(), &GateConfig::default());
    let service = |priority, target: &str| [&[0, priority], &wire(target)[..]].concat();
    let rows = [
        ("v.example.", Rtype::SVCB, service(1, ".")),
        ("v.example.", Rtype::SVCB, service(2, ".")),
        ("v.example.", Rtype::SVCB, service(3, "v.example.")),
        ("v.example.", Rtype::A, vec![192, 0, 2, 1]),
    ];
    let zone = bench.zone("example.", &rows);
    bench.publish(vec![zone]);
    let reply = bench.ask(&query("v.example.", Rtype::SVCB, Class::IN, None));
    assert_eq!((reply.answers.len(), reply.additionals.len()), (3, 1));
}

#[test]
fn over_the_limit_a_client_is_sent_to_tcp() {
    let gate = GateConfig { client_qps: 1, client_burst: 2, slip: 1, ..GateConfig::default() };
    let mut bench = Bench::new(Settings::default(), &gate);
    let zone = bench.zone("example.", &[("a.example.", Rtype::A, vec![192, 0, 2, 1])]);
    bench.publish(vec![zone]);
    let answers = |bench: &mut Bench| bench.ask(&a("a.example.")).answers.len();
    assert_eq!([answers(&mut bench), answers(&mut bench)], [1, 1]);
    let slipped = bench.ask(&query("a.example.", Rtype::A, Class::IN, Some((1_232, 0))));
    assert!(slipped.metadata.truncation && slipped.answers.is_empty() && slipped.queries.len() == 1);
    assert!(slipped.edns.is_some(), "an OPT is answered by an OPT");
    let over_tcp = bench.respond(&a("a.example."), Transport::Tcp).expect("a reply");
    assert_eq!(over_tcp[7], 1);
    // Broken messages over the limit get nothing.
    assert_eq!(bench.respond(&[a("a.example."), vec![0]].concat(), Transport::Udp), None);
    assert_eq!((bench.counters.client_limited.value(), bench.counters.slipped.value()), (2, 1));
}
