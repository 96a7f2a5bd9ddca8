use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::answer::{OptDraft, Responder, Settings};
use crate::base::counters::{Counter, Counters};
use crate::base::limits::{MESSAGE_OCTETS_MAX, TRANSFER_OCTETS};
use crate::base::snapshot::Publisher;
use crate::gate::{Gate, GateConfig};
use crate::net::{Batch, Next, Peer, Respond, Taken, Transport, Verdict};
use crate::wire::{Class, HashedName, Name, NameBuf, Query, Rcode, Record, Rtype, SuffixHasher};
use crate::zone::{Builder, FailedZone, Zone, ZoneSet, ZoneState};

type Data = (String, u32, Rtype, Vec<u8>);

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn wire(text: &str) -> Vec<u8> {
    name(text).as_name().wire().to_vec()
}

const APEX: &str = "sub.example.";

fn soa(serial: u32) -> Vec<u8> {
    [wire("ns.sub.example."), wire("Host.example."), serial.to_be_bytes().to_vec(), vec![0; 16]].concat()
}

/// The zone at [`APEX`] of an SOA, an NS and these records.
fn zone(hasher: &SuffixHasher, serial: u32, records: &[Data]) -> Zone {
    let mut builder = Builder::new(name(APEX).as_name(), hasher);
    let own =
        [(APEX.to_owned(), 300, Rtype::SOA, soa(serial)), (APEX.to_owned(), 300, Rtype::NS, wire("ns.elsewhere."))];
    for (owner, ttl, rtype, rdata) in own.iter().chain(records) {
        let owner = name(owner);
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: *ttl, rtype: *rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    builder.seal().expect("a good zone").0
}

/// A query of this type for this name with RD; `more` holds what comes behind the question, in so many records.
fn message(qname: &str, qtype: Rtype, counts: [u8; 2], more: &[u8]) -> Vec<u8> {
    let header = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, counts[0], 0, counts[1]];
    [&header[..], &wire(qname), &qtype.0.to_be_bytes(), &[0, 1], more].concat()
}

const OPT: &[u8] = b"\0\0\x29\x04\xd0\0\0\x80\0\0\0";

fn axfr(qname: &str) -> Vec<u8> {
    message(qname, Rtype::AXFR, [0, 0], b"")
}

fn ixfr(qname: &str, serial: u32) -> Vec<u8> {
    let rdata = [&[0, 0][..], &serial.to_be_bytes(), &[0; 16]].concat();
    message(qname, Rtype::IXFR, [1, 0], &[b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x16", &rdata[..]].concat())
}

/// A message, read by a reader that is not the writer's: rcode and flags, what is in it.
struct Told {
    flags: u16,
    questions: u16,
    additional: u16,
    /// Owner, type, TTL, rdata with its names spelled out.
    records: Vec<(String, Rtype, u32, Vec<u8>)>,
}

/// Reads a name, whose pointers go backwards; returns its octets and where it ends.
fn read_name(message: &[u8], start: usize) -> (Vec<u8>, usize) {
    let (mut name, mut at, mut end, mut before) = (Vec::new(), start, None, start);
    loop {
        let length = usize::from(message[at]);
        if length >= 0xc0 {
            end = end.or(Some(at + 2));
            at = (length & 0x3f) << 8 | usize::from(message[at + 1]);
            assert!(at < before, "a pointer goes backwards");
            before = at;
            continue;
        }
        name.extend_from_slice(&message[at..=at + length]);
        at += 1 + length;
        if length == 0 {
            return (name, end.unwrap_or(at));
        }
    }
}

fn read(message: &[u8]) -> Told {
    let u16_at = |at: usize| u16::from_be_bytes([message[at], message[at + 1]]);
    assert_eq!(message[..2], [0xab, 0xcd], "the id of the query");
    let mut at = 12;
    for _ in 0..u16_at(4) {
        at = read_name(message, at).1 + 4;
    }
    let mut records = Vec::new();
    for _ in 0..u16_at(6) {
        let (owner, fixed) = read_name(message, at);
        let (rtype, end) = (Rtype(u16_at(fixed)), fixed + 10 + usize::from(u16_at(fixed + 8)));
        let ttl = u32::from(u16_at(fixed + 4)) << 16 | u32::from(u16_at(fixed + 6));
        let layout = rtype.name_layout();
        let mut rest = fixed + 10 + if layout.names > 0 { usize::from(layout.prefix) } else { 0 };
        let mut rdata = message[fixed + 10..rest].to_vec();
        for _ in 0..layout.names {
            let (name, after) = read_name(message, rest);
            assert!(layout.compressible || after - rest == name.len(), "{rtype} is not compressed");
            rdata.extend_from_slice(&name);
            rest = after;
        }
        rdata.extend_from_slice(&message[rest..end]);
        records.push((Name::from_wire(&owner).expect("a name").to_string().to_lowercase(), rtype, ttl, rdata));
        at = end;
    }
    assert_eq!(u16_at(8), 0);
    assert_eq!(message.len(), at + if u16_at(10) > 0 { OPT.len() } else { 0 });
    Told { flags: u16_at(2), questions: u16_at(4), additional: u16_at(10), records }
}

/// All messages of a transfer.
fn messages(mut next: impl FnMut(&mut [u8]) -> Next) -> Vec<Vec<u8>> {
    let (mut messages, mut buffer) = (Vec::new(), vec![0; MESSAGE_OCTETS_MAX]);
    loop {
        let (octets, last) = match next(&mut buffer) {
            Next::Message(octets) => (octets, false),
            Next::Last(octets) => (octets, true),
            Next::Broken => panic!("broken after {} messages", messages.len()),
        };
        messages.push(buffer[..octets].to_vec());
        if last {
            return messages;
        }
    }
}

fn transfer(zone: &Arc<Zone>, query: &[u8]) -> Vec<Vec<u8>> {
    let mut hashed = HashedName::new(&SuffixHasher::new(3));
    let query = Query::parse(query, &mut hashed).expect("a query");
    let settings = Settings::default();
    let opt = OptDraft::of(&settings, &query, None, peer(FRIEND, Transport::Tcp));
    let request = Request::of(&query, opt.map(|opt| opt.record(Rcode::NOERROR)));
    let mut transfer = Transfer::new(Arc::clone(zone), request);
    let all = messages(|buffer| transfer.next(buffer));
    assert_eq!(transfer.made().0, all.len() as u64);
    assert_eq!(transfer.next(&mut [0; 600]), Next::Broken, "behind the end there is nothing");
    all
}

/// What the walk through the zone finds, and how often: once each.
fn expected(zone: &Zone) -> BTreeMap<(String, Rtype, u32, Vec<u8>), usize> {
    let (order, mut all) = (zone.order(), BTreeMap::new());
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        for held in holding.records() {
            let record = held.record;
            all.insert((record.owner.to_string(), record.rtype, record.ttl, record.rdata.to_vec()), 1);
        }
    }
    all
}

/// Checks all that RFC 5936 says of the messages of a transfer.
fn check(zone: &Arc<Zone>, query: &[u8], has_opt: bool) -> usize {
    let all = transfer(zone, query);
    let mut records = Vec::new();
    for (number, message) in all.iter().enumerate() {
        let told = read(message);
        assert_eq!(told.flags, 0x8500, "QR, AA and RD, NOERROR");
        assert_eq!(told.questions, u16::from(number == 0));
        assert_eq!(told.additional, u16::from(has_opt));
        assert!(message.len() <= TRANSFER_OCTETS || told.records.len() == 1, "{} octets", message.len());
        records.extend(told.records);
    }
    let last = records.pop().expect("a record");
    assert_eq!((&last, last.1), (&records[0], Rtype::SOA), "the SOA is first and last");
    let mut found = BTreeMap::new();
    for record in records {
        *found.entry(record).or_insert(0) += 1;
    }
    assert_eq!(found, expected(zone));
    all.len()
}

/// Records of a few names above, at and below cuts and DNAMEs.
fn records() -> impl Strategy<Value = Vec<Data>> {
    let signature = |covered: Rtype, signer: &str| {
        [&covered.0.to_be_bytes()[..], &[8, 1], &[0; 14], &wire(signer), &[1; 90]].concat()
    };
    let target = || {
        prop::sample::select(vec![
            "a.b.sub.example.",
            "ns.elsewhere.",
            "Ns.elsewhere.",
            "ns.Elsewhere.",
            "sub.example.",
            "x.example.",
            ".",
        ])
    };
    let with = |prefix: &'static [u8]| target().prop_map(move |text| [prefix, &wire(text)].concat());
    let data = prop_oneof![
        (0..9u8).prop_map(|last| (Rtype::A, vec![192, 0, 2, last])),
        (0..9u8).prop_map(|last| (Rtype::AAAA, [&[32; 15][..], &[last]].concat())),
        (0..255u8, 1..4usize)
            .prop_map(|(octet, strings)| { (Rtype::TXT, [&[255], &[octet; 255][..]].concat().repeat(strings)) }),
        with(b"").prop_map(|rdata| (Rtype::NS, rdata)),
        with(b"\0\x01").prop_map(|rdata| (Rtype::MX, rdata)),
        with(b"\0\x01\0\x02\0\x03").prop_map(|rdata| (Rtype::SRV, rdata)),
        with(b"\0\x01").prop_map(|rdata| (Rtype::HTTPS, rdata)),
        with(b"").prop_map(|rdata| (Rtype::PTR, rdata)),
        Just((Rtype::DNAME, wire("Target.sub.example."))),
        (target(), prop::sample::select(vec![Rtype::A, Rtype::TXT, Rtype::NS]))
            .prop_map(move |(signer, covered)| (Rtype::RRSIG, signature(covered, signer))),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|rdata| (Rtype(65_300), rdata)),
    ];
    let label = prop::sample::select(vec!["a", "b", "c", "*", "a-label-of-twenty-octets"]);
    let owner = prop::collection::vec(label, 1..4).prop_map(|labels| format!("{}.{APEX}", labels.join(".")));
    let ttl = prop_oneof![9 => Just(300u32), 1 => Just(60)];
    prop::collection::vec(
        (owner, ttl, data).prop_map(|(owner, ttl, (rtype, rdata))| (owner, ttl, rtype, rdata)),
        0..150,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn whoever_reads_the_messages_has_the_zone(records in records(), with_opt: bool) {
        let zone = Arc::new(zone(&SuffixHasher::new(5), 7, &records));
        let counts = [0, u8::from(with_opt)];
        let query = message(APEX, Rtype::AXFR, counts, if with_opt { OPT } else { b"" });
        check(&zone, &query, with_opt);
    }
}

#[test]
fn a_zone_of_many_messages_is_packed_well() {
    let host = |number: usize| (format!("host{number}.{APEX}"), 300, Rtype::A, vec![192, 0, 2, number as u8]);
    let zone = Arc::new(zone(&SuffixHasher::new(5), 7, &(0..20_000).map(host).collect::<Vec<_>>()));
    // Each takes its label, a pointer and 14 octets more.
    let octets: usize = (0..20_000).map(|number: usize| 5 + number.to_string().len() + 2 + 14).sum();
    assert_eq!(check(&zone, &axfr("SUB.example."), false), octets.div_ceil(TRANSFER_OCTETS - 30));
}

#[test]
fn names_keep_their_case() {
    let targets =
        ["ns.elsewhere.", "NS.elsewhere.", "ns.ElseWhere.", "mx.ElseWhere.", "NS.elsewhere.", "ns.elsewhere."];
    let delegation = |(number, target): (usize, &&str)| (format!("d{number}.{APEX}"), 300, Rtype::NS, wire(target));
    let zone =
        Arc::new(zone(&SuffixHasher::new(5), 7, &targets.iter().enumerate().map(delegation).collect::<Vec<_>>()));
    let messages = transfer(&zone, &axfr(APEX));
    let told = read(&messages[0]).records;
    let got: BTreeMap<_, _> = told.iter().map(|record| (record.0.as_str(), record.3.clone())).collect();
    for (number, target) in targets.iter().enumerate() {
        assert_eq!(got[format!("d{number}.{APEX}").as_str()], wire(target));
    }
    // Header, question, SOA twice, the apex's NS and six more; what is spelled alike is a pointer.
    let soa = |rname: usize| 2 + 10 + (3 + 2) + rname + 20;
    let names: usize = [14, 2, 3 + 2, 14, 3 + 2, 2, 2].iter().sum();
    let expected = 12 + (13 + 4) + soa(14) + soa(2) + 12 + 6 * (3 + 2 + 10) + names;
    assert_eq!(messages[0].len(), expected);
}

#[test]
fn a_record_larger_than_a_message_of_usual_size_has_one_of_its_own() {
    let large = |octet| (format!("large.{APEX}"), 300, Rtype(65_300), vec![octet; 30_000]);
    let zone = Arc::new(zone(&SuffixHasher::new(5), 7, &[large(1), large(2)]));
    assert!(check(&zone, &axfr(APEX), false) >= 3);
}

#[test]
fn a_record_that_takes_all_the_room_has_no_opt_record_beside_it() {
    let cut = format!("cut.{APEX}");
    let large = |octets| (format!("x.{cut}"), 300, Rtype(65_300), vec![1; octets]);
    let room = MESSAGE_OCTETS_MAX - 12 - wire(&format!("x.{cut}")).len() - 10;
    for (octets, has_opt) in [(room, false), (room - OPT.len() + 1, false), (room - OPT.len(), true)] {
        let records = [(cut.clone(), 300, Rtype::NS, wire("ns.elsewhere.")), large(octets)];
        let zone = Arc::new(zone(&SuffixHasher::new(5), 7, &records));
        let messages = transfer(&zone, &message(APEX, Rtype::AXFR, [0, 1], OPT));
        let told: Vec<u16> = messages.iter().map(|message| read(message).additional).collect();
        assert_eq!(told, [1, u16::from(has_opt), 1], "{octets} octets");
    }
}

#[test]
fn a_record_that_fits_no_message_with_its_owner_breaks_the_transfer() {
    // Nobody asks for it, as it is below a zone cut: else it would be refused.
    let cut = format!("cut.{APEX}");
    let owner = format!("{}.{}.{}.{cut}", "x".repeat(63), "y".repeat(63), "z".repeat(63));
    let records = [(cut, 300, Rtype::NS, wire("ns.elsewhere.")), (owner, 300, Rtype(65_300), vec![1; 65_500])];
    let zone = zone(&SuffixHasher::new(5), 7, &records);
    let mut hashed = HashedName::new(&SuffixHasher::new(3));
    let request = Request::of(&Query::parse(&axfr(APEX), &mut hashed).expect("a query"), None);
    let mut transfer = Transfer::new(Arc::new(zone), request);
    let mut buffer = vec![0; MESSAGE_OCTETS_MAX];
    let ends: Vec<Next> = (0..2).map(|_| transfer.next(&mut buffer)).collect();
    assert!(matches!(ends[..], [Next::Message(_), Next::Broken]), "{ends:?}");
}

/// A primary with the zone at [`APEX`], serial 7, a zone that failed, and who may have them.
struct Bench {
    primary: Primary,
    counters: Arc<Counters>,
    policy: Publisher<Policy>,
}

impl Bench {
    fn new(limits: TransferLimits) -> Self {
        Self::with(limits, Settings::default())
    }

    fn with(limits: TransferLimits, settings: Settings) -> Self {
        Self::of(&[], limits, settings)
    }

    /// The same, and the zone has these records.
    fn of(records: &[Data], limits: TransferLimits, settings: Settings) -> Self {
        let hasher = SuffixHasher::new(11);
        let failed = FailedZone::new(name("failed.example.").as_name(), &hasher);
        let zones = vec![Arc::new(zone(&hasher, 7, records)).into(), ZoneState::Failed(Arc::new(failed))];
        let zones = Publisher::new(ZoneSet::empty(&hasher).succeed(zones));
        let mut policy = Policy::new(limits);
        let prefixes: Arc<[_]> = ["192.0.2.0/24", "2001:db8::/32"].map(|text| text.parse().expect("a prefix")).into();
        policy.allow(name("Sub.example.").as_name(), Arc::clone(&prefixes));
        policy.allow(name("failed.example.").as_name(), prefixes);
        let policy = Publisher::new(policy);
        let counters = Arc::new(Counters::default());
        let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
        let responder = Responder::new(zones.reader(), gate.reader(), settings, Arc::clone(&counters));
        let primary = Primary::new(responder, policy.reader(), Arc::default(), Arc::clone(&counters));
        Self { primary, counters, policy }
    }

    fn stream(&mut self, query: &[u8], from: &str) -> Taken {
        let peer = peer(from, Transport::Tcp);
        let mut reply = vec![0; MESSAGE_OCTETS_MAX];
        assert_eq!(self.primary.respond(query, peer, &mut reply), Verdict::Handoff);
        self.primary.take_over(query, peer, &mut reply)
    }

    /// The rcode of the reply, and how many records it has; of a stream 100 and all records.
    fn over_tcp(&mut self, query: &[u8], from: &str) -> (u16, usize) {
        let peer = peer(from, Transport::Tcp);
        let mut reply = vec![0; MESSAGE_OCTETS_MAX];
        assert_eq!(self.primary.respond(query, peer, &mut reply), Verdict::Handoff);
        match self.primary.take_over(query, peer, &mut reply) {
            Taken::Reply(octets) => brief(&reply[..octets]),
            Taken::Drop => panic!("a query has a reply"),
            Taken::Stream(mut stream) => {
                let all = messages(|buffer| stream.next(Instant::now(), buffer));
                (100, all.iter().map(|message| read(message).records.len()).sum())
            }
        }
    }

    /// The same over UDP: alone, and in a batch.
    fn over_udp(&mut self, query: &[u8], from: &str) -> (u16, usize) {
        let peer = peer(from, Transport::Udp);
        let mut reply = [0; 4096];
        let Verdict::Reply(octets) = self.primary.respond(query, peer, &mut reply) else { panic!("a reply") };
        let mut batch = Batch::new();
        assert!(batch.push(query, peer) && batch.push(query, peer));
        self.primary.respond_batch(&mut batch);
        assert_eq!((batch.reply(0), batch.reply(1)), (Some(&reply[..octets]), Some(&reply[..octets])));
        brief(&reply[..octets])
    }
}

fn peer(from: &str, transport: Transport) -> Peer {
    Peer { addr: SocketAddr::new(from.parse().expect("an address"), 5300), transport }
}

fn brief(reply: &[u8]) -> (u16, usize) {
    let told = read(reply);
    assert_eq!((told.flags & 0xff00, told.questions), (if told.flags & 0xf == 0 { 0x8500 } else { 0x8100 }, 1));
    (told.flags & 0xf, told.records.len())
}

const FRIEND: &str = "192.0.2.53";
const STRANGER: &str = "198.51.100.1";
const NOERROR: u16 = 0;
const FORMERR: u16 = 1;
const SERVFAIL: u16 = 2;
const NOTIMP: u16 = 4;
const REFUSED: u16 = 5;
const NOTAUTH: u16 = 9;

#[test]
fn who_may_have_what() {
    let mut bench = Bench::new(TransferLimits::default());
    let in_chaos = [&axfr(APEX)[..axfr(APEX).len() - 1], &[3]].concat();
    let no_serial = message(APEX, Rtype::IXFR, [0, 0], b"");
    let not_an_soa = message(APEX, Rtype::IXFR, [1, 0], b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\0\0\0\x01");
    let short_soa = message(APEX, Rtype::IXFR, [1, 0], b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x07\0\0\0\0\0\0\x01");
    for (what, query, from, tcp, udp) in [
        ("AXFR", axfr(APEX), FRIEND, (100, 3), (NOTIMP, 0)),
        ("AXFR over IPv6", axfr(APEX), "2001:db8::53", (100, 3), (NOTIMP, 0)),
        ("AXFR of a stranger", axfr(APEX), STRANGER, (REFUSED, 0), (NOTIMP, 0)),
        ("AXFR of what is below", axfr("a.sub.example."), FRIEND, (NOTAUTH, 0), (NOTIMP, 0)),
        ("AXFR of another zone", axfr("example."), STRANGER, (NOTAUTH, 0), (NOTIMP, 0)),
        ("AXFR in another class", in_chaos, FRIEND, (NOTAUTH, 0), (NOTIMP, 0)),
        ("AXFR of a zone that failed", axfr("failed.example."), FRIEND, (SERVFAIL, 0), (NOTIMP, 0)),
        ("the same of a stranger", axfr("failed.example."), STRANGER, (REFUSED, 0), (NOTIMP, 0)),
        ("IXFR from before", ixfr(APEX, 6), FRIEND, (100, 3), (NOERROR, 1)),
        ("IXFR from now", ixfr(APEX, 7), FRIEND, (NOERROR, 1), (NOERROR, 1)),
        ("IXFR from later", ixfr(APEX, 8), FRIEND, (NOERROR, 1), (NOERROR, 1)),
        ("IXFR from half way round", ixfr(APEX, 0x8000_0008), FRIEND, (100, 3), (NOERROR, 1)),
        ("IXFR of a stranger", ixfr(APEX, 6), STRANGER, (REFUSED, 0), (REFUSED, 0)),
        ("IXFR of another zone", ixfr("example.", 6), FRIEND, (NOTAUTH, 0), (NOTAUTH, 0)),
        ("IXFR of a zone that failed", ixfr("failed.example.", 6), FRIEND, (SERVFAIL, 0), (SERVFAIL, 0)),
        ("IXFR without an SOA", no_serial, FRIEND, (FORMERR, 0), (FORMERR, 0)),
        ("IXFR with something else", not_an_soa, FRIEND, (FORMERR, 0), (FORMERR, 0)),
        ("IXFR with an SOA cut off", short_soa, FRIEND, (FORMERR, 0), (FORMERR, 0)),
    ] {
        assert_eq!(bench.over_tcp(&query, from), tcp, "{what} over TCP");
        assert_eq!(bench.over_udp(&query, from), udp, "{what} over UDP");
    }
    let counters = &bench.counters;
    let [begun, finished, cut_off] =
        [&counters.transfers_begun, &counters.transfers_finished, &counters.transfers_cut_off].map(Counter::value);
    assert_eq!((begun, finished, cut_off), (4, 4, 0));
    // Once over TCP, and three times over UDP: alone and two in a batch.
    let refused = [
        &counters.transfers_refused,
        &counters.transfers_not_ours,
        &counters.transfers_not_loaded,
        &counters.transfers_over_udp,
        &counters.transfers_without_serial,
        &counters.transfers_over_limit,
    ]
    .map(Counter::value);
    assert_eq!(refused, [3 + 3, 4 + 3, 2 + 3, 8 * 3, 3 + 3 * 3, 0]);
}

#[test]
fn a_policy_that_is_published_is_in_force() {
    let mut bench = Bench::new(TransferLimits::default());
    bench.policy.publish(Policy::default());
    assert_eq!(bench.over_tcp(&axfr(APEX), FRIEND), (REFUSED, 0));
}

#[test]
fn there_are_so_many_transfers_at_once_and_no_more() {
    let mut bench = Bench::new(TransferLimits { at_once: 3, per_client: 2, ..TransferLimits::default() });
    let held = [FRIEND, FRIEND].map(|from| bench.stream(&axfr(APEX), from));
    assert_eq!(bench.over_tcp(&axfr(APEX), FRIEND), (REFUSED, 0));
    assert_eq!(bench.over_tcp(&ixfr(APEX, 7), FRIEND), (NOERROR, 1), "one message is no transfer");
    let other = bench.stream(&axfr(APEX), "192.0.2.54");
    assert_eq!(bench.over_tcp(&axfr(APEX), "192.0.2.55"), (REFUSED, 0));
    assert_eq!((bench.counters.transfers_over_limit.value(), bench.counters.transfers_refused.value()), (2, 0));
    drop((held, other));
    assert_eq!(bench.counters.transfers_cut_off.value(), 3);
    assert_eq!(bench.over_tcp(&axfr(APEX), FRIEND), (100, 3));
}

#[test]
fn a_transfer_that_takes_too_long_is_cut_off() {
    let mut bench = Bench::new(TransferLimits { time: Duration::from_secs(60), ..TransferLimits::default() });
    let now = Instant::now();
    bench.primary.refresh(now);
    let Taken::Stream(mut stream) = bench.stream(&axfr(APEX), FRIEND) else { panic!("a transfer") };
    assert_eq!(stream.next(now + Duration::from_secs(61), &mut [0; 600]), Next::Broken);
    drop(stream);
    assert_eq!((bench.counters.transfers_finished.value(), bench.counters.transfers_cut_off.value()), (0, 1));
}

#[test]
fn a_newer_edns_version_is_no_transfer() {
    let mut bench = Bench::new(TransferLimits::default());
    let mut opt = OPT.to_vec();
    opt[6] = 1;
    let query = message(APEX, Rtype::AXFR, [0, 1], &opt);
    let mut reply = vec![0; MESSAGE_OCTETS_MAX];
    let verdict = bench.primary.respond(&query, peer(FRIEND, Transport::Tcp), &mut reply);
    assert!(matches!(verdict, Verdict::Reply(_)), "BADVERS: {verdict:?}");
}

#[path = "options_tests.rs"]
mod options;
