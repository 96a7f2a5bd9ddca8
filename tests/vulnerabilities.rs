//! The attacks of the chapter `vulnerabilities`, as far as no other test makes them; and that every test which the chapter
//! names is there.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::limits::{MESSAGE_OCTETS_MAX, UDP_OCTETS_DEFAULT, UDP_OCTETS_PLAIN};
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Peer, Respond, Taken, Transport, Verdict};
use gannet::wire::{NameBuf, Rtype, SuffixHasher};
use gannet::xfr::{Policy, Primary};
use gannet::zone::{Builder, ZoneSet, ZoneState};
use gannet::zonefile::Reader;
use hickory_proto::op::{Message, ResponseCode};

const HEAD: &str = "$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 900\n@ NS ns\nns A 192.0.2.1\n";

/// A server of `example.`, as it runs in a worker.
struct Server {
    primary: Primary,
    counters: Arc<Counters>,
}

impl Server {
    fn of(zone: &str, cached_answers: usize) -> Self {
        let (hasher, apex) = (SuffixHasher::new(11), name("example."));
        let mut builder = Builder::new(apex.as_name(), &hasher);
        let text = format!("{HEAD}{zone}");
        let mut reader = Reader::new(text.as_bytes(), "test", apex.as_name());
        while let Some(record) = reader.next() {
            builder.add(&record.unwrap().0).unwrap();
        }
        let zones = vec![ZoneState::from(Arc::new(builder.seal().unwrap().0))];
        let zones = Publisher::new(ZoneSet::empty(&hasher).succeed(zones));
        let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
        let counters = Arc::new(Counters::default());
        let settings = Settings { cached_answers, ..Settings::default() };
        let responder = Responder::new(zones.reader(), gate.reader(), settings, Arc::clone(&counters));
        let mut policy = Policy::default();
        policy.allow(apex.as_name(), ["192.0.2.53".parse().unwrap()].into());
        let policy = Publisher::new(policy);
        Self { primary: Primary::new(responder, policy.reader(), Arc::default(), Arc::clone(&counters)), counters }
    }

    fn respond(&mut self, message: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let peer = Peer { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4_000)), transport };
        let mut reply = vec![0; MESSAGE_OCTETS_MAX];
        match self.primary.respond(message, peer, &mut reply) {
            Verdict::Reply(octets) => Some(reply[..octets].to_vec()),
            Verdict::Drop => None,
            Verdict::Handoff => match self.primary.take_over(message, peer, &mut reply) {
                Taken::Reply(octets) => Some(reply[..octets].to_vec()),
                Taken::Stream(_) => panic!("a zone is given away"),
                Taken::Drop => None,
            },
        }
    }

    fn ask(&mut self, message: &[u8], transport: Transport) -> Message {
        Message::from_vec(&self.respond(message, transport).unwrap()).unwrap()
    }
}

fn name(text: &str) -> NameBuf {
    text.parse().unwrap()
}

/// A query without EDNS. The name is in the text form of zone files.
fn query(qname: &str, qtype: Rtype) -> Vec<u8> {
    let header = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    [&header[..], name(qname).as_name().wire(), &qtype.0.to_be_bytes(), &[0, 1]].concat()
}

/// The same with one more record in the additional section.
fn with_additional(mut query: Vec<u8>, record: &[u8]) -> Vec<u8> {
    query[11] += 1;
    query.extend(record);
    query
}

fn with_edns(query: Vec<u8>, payload: u16, dnssec_ok: bool) -> Vec<u8> {
    let [high, low] = payload.to_be_bytes();
    with_additional(query, &[0, 0, 41, high, low, 0, 0, if dnssec_ok { 0x80 } else { 0 }, 0, 0, 0])
}

/// A TSIG record (RFC 8945 section 4.2) of a key that is not ours.
fn tsig() -> Vec<u8> {
    let fixed = [&[0, 0, 0x69, 0, 0, 0, 1, 0x2c, 0, 32][..], &[7; 32], &[0xab, 0xcd, 0, 0, 0, 0]].concat();
    let rdata = [name("hmac-sha256.").as_name().wire(), &fixed].concat();
    [name("key.example.").as_name().wire(), &[0, 250, 0, 255, 0, 0, 0, 0, 0, rdata.len() as u8], &rdata].concat()
}

#[test]
fn pointers_that_loop_or_lead_nowhere_are_a_format_error() {
    let mut server = Server::of("", 0);
    let question = |qname: &[u8]| [&query("example.", Rtype::A)[..12], qname, &[0, 1, 0, 1]].concat();
    for qname in [
        &b"\xc0\x0c"[..],         // itself
        b"\xc0\x0e",              // what comes behind it
        b"\x01a\xc0\x0c",         // a label, and the label again
        b"\x01a\xc0\x0e\xc0\x0c", // two that point at each other
        b"\xc0\x00",              // the header
        b"\xff\xff",              // behind the message
        b"\x40a",                 // no kind of label (RFC 6891 section 5)
        b"\x80a",
    ] {
        let reply = server.ask(&question(qname), Transport::Udp);
        assert_eq!((reply.metadata.response_code, reply.queries.len()), (ResponseCode::FormErr, 0), "{qname:x?}");
    }
    // Owners behind the question are passed over and not followed.
    let at = (query("ns.example.", Rtype::A).len() | 0xc000) as u16;
    let looping = [&at.to_be_bytes()[..], &[0, 16, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    let reply = server.ask(&with_additional(query("ns.example.", Rtype::A), &looping), Transport::Udp);
    assert_eq!(reply.answers.len(), 1);
    // An OPT's owner is the root, however it is written (RFC 6891 section 6.1.2).
    let opt = [&at.to_be_bytes()[..], &[0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0]].concat();
    let reply = server.ask(&with_additional(query("ns.example.", Rtype::A), &opt), Transport::Udp);
    assert_eq!(reply.metadata.response_code, ResponseCode::FormErr);
}

#[test]
fn names_are_octets_and_no_text() {
    let zone = "a\\.b TXT dot\nc\\000d TXT nul\n\\* TXT star\nx\\032y TXT space\n\\192\\012 TXT pointer\n";
    let mut server = Server::of(zone, 0);
    for (qname, text) in [
        ("a\\.b.example.", Some("dot")),
        ("a.b.example.", Some("star")),
        ("c\\000d.example.", Some("nul")),
        ("C\\000D.example.", Some("nul")),
        ("c.example.", Some("star")),
        ("c\\000.example.", Some("star")),
        ("x\\032y.example.", Some("space")),
        ("\\192\\012.example.", Some("pointer")),
        // Written with a backslash it is a star all the same, and stands for what has no name (RFC 4592 section 2.1.1).
        ("*.example.", Some("star")),
        // Names outside of our zone, whatever they look like.
        ("ns\\.example.", None),
        ("ns.example\\000.", None),
    ] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let reply = server.respond(&query(qname, Rtype::TXT), transport).unwrap();
            let is_there = |text: &str| reply.ends_with(text.as_bytes());
            assert!(text.map_or(reply[3] & 15 == 5 && reply[7] == 0, is_there), "{qname}");
        }
    }
}

#[test]
fn a_signed_request_has_no_more_rights_than_its_address() {
    let mut server = Server::of("", 0);
    for qtype in [Rtype::AXFR, Rtype::IXFR] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let Some(reply) = server.respond(&with_additional(query("example.", qtype), &tsig()), transport) else {
                continue;
            };
            let reply = Message::from_vec(&reply).unwrap();
            assert_ne!(reply.metadata.response_code, ResponseCode::NoError, "{qtype:?} {transport:?}");
            assert!(reply.answers.is_empty());
        }
    }
    // A TSIG that is not the last record, or of which there are two, is broken (RFC 8945 section 5.1).
    let twice = with_additional(with_additional(query("ns.example.", Rtype::A), &tsig()), &tsig());
    assert_eq!(server.ask(&twice, Transport::Udp).metadata.response_code, ResponseCode::FormErr);
}

#[test]
fn an_rrset_of_thousands_costs_a_bounded_number_of_lookups() {
    let mut zone = String::new();
    for number in 0..2_000 {
        let _ = writeln!(zone, "big MX {number} h{number}\nh{number} A 192.0.2.1\nh{number} AAAA 2001:db8::1");
        let _ = writeln!(zone, "sub NS h{number}");
    }
    let mut server = Server::of(&zone, 0);
    let reply = server.ask(&query("big.example.", Rtype::MX), Transport::Tcp);
    assert_eq!((reply.answers.len(), reply.metadata.truncation), (2_000, false));
    // Addresses of the first 32 hosts; who wants those of the others asks.
    assert_eq!(reply.additionals.len(), 64);
    let reply = server.ask(&query("a.sub.example.", Rtype::A), Transport::Tcp);
    assert_eq!((reply.authorities.len(), reply.additionals.len()), (2_000, 64));
    // Over UDP it is the question and TC.
    let reply = server.respond(&with_edns(query("big.example.", Rtype::MX), 65_535, false), Transport::Udp).unwrap();
    assert_eq!((reply[2] & 2, reply.len()), (2, query("big.example.", Rtype::MX).len() + 11));
}

/// A zone in which whatever may be large is.
fn large_zone() -> String {
    let mut zone = String::new();
    for number in 0..40 {
        let text = "x".repeat(200);
        let _ = writeln!(zone, "t{number} TXT {text}\nbig TXT {text}{number}\nbig A 192.0.2.{number}");
        let _ = writeln!(zone, "@ DNSKEY 256 3 8 {}\n*.w TXT {text}{number}", "QUFB".repeat(60 + number));
        let _ = writeln!(zone, "sub NS h{number}.sub\nh{number}.sub AAAA 2001:db8::{number}");
    }
    zone
}

#[test]
fn no_datagram_is_larger_than_the_limit_and_any_is_no_larger_than_one_rrset() {
    let mut server = Server::of(&large_zone(), 0);
    let types =
        [1, 2, 5, 6, 15, 16, 28, 33, 35, 43, 46, 47, 48, 50, 51, 52, 64, 65, 99, 250, 251, 252, 253, 254, 255, 257];
    for qname in
        ["example.", "big.example.", "t1.example.", "any.w.example.", "a.sub.example.", "none.example.", "else."]
    {
        for qtype in types.map(Rtype) {
            for (edns, most) in [
                (None, UDP_OCTETS_PLAIN),
                (Some((512, true)), UDP_OCTETS_PLAIN),
                (Some((65_535, false)), UDP_OCTETS_DEFAULT),
                (Some((65_535, true)), UDP_OCTETS_DEFAULT),
            ] {
                let plain = query(qname, qtype);
                let ask =
                    edns.map_or_else(|| plain.clone(), |(payload, signed)| with_edns(plain.clone(), payload, signed));
                let reply = server.respond(&ask, Transport::Udp).unwrap_or_default();
                assert!(reply.len() <= most, "{qname} {qtype:?} {edns:?}: {}", reply.len());
                let is_truncated = reply.get(2).is_some_and(|flags| flags & 2 != 0);
                // What a victim gets of a truncated reply is no more than was sent in its name, but for a referral.
                let is_referral = qname == "a.sub.example.";
                assert!(!is_truncated || is_referral || reply.len() <= ask.len(), "{qname} {qtype:?}: {}", reply.len());
            }
        }
    }
    let any = server.ask(&with_edns(query("big.example.", Rtype::ANY), 4_096, false), Transport::Udp);
    let first = any.answers[0].record_type();
    assert!(any.answers.iter().all(|record| record.record_type() == first));
}

/// RFC 9471: a referral that is truncated has its NS, the DS or the proof that there is none, and the glue that fits.
#[test]
fn a_truncated_referral_is_a_part_of_the_whole_one() {
    let signature = |owner: &str, rtype: &str| {
        format!("{owner} RRSIG {rtype} 13 2 3600 20400101000000 20260101000000 1 example. {}==\n", "A".repeat(86))
    };
    let mut zone =
        format!("@ NSEC safe SOA NS\nsafe NSEC sub NS DS\nsub NSEC @ NS\nsafe DS 1 13 2 {}\n", "ab".repeat(32));
    zone += &[("safe", "DS"), ("safe", "NSEC"), ("sub", "NSEC")].map(|(owner, rtype)| signature(owner, rtype)).concat();
    for number in 0..40 {
        for cut in ["safe", "sub"] {
            let (host, address) = (format!("h{number}.{cut}"), format!("2001:db8::{number}"));
            let _ = writeln!(zone, "{cut} NS h{}.{cut}\n{host} AAAA {address}\n{host} A 192.0.2.{number}", number % 9);
        }
    }
    let mut server = Server::of(&zone, 0);
    for qname in ["a.safe.example.", "a.sub.example."] {
        for (edns, most) in [
            (None, UDP_OCTETS_PLAIN),
            (Some((512, false)), UDP_OCTETS_PLAIN),
            (Some((600, true)), 600),
            (Some((700, true)), 700),
        ] {
            let ask = edns.map_or_else(
                || query(qname, Rtype::A),
                |(payload, signed)| with_edns(query(qname, Rtype::A), payload, signed),
            );
            let whole = server.respond(&ask, Transport::Tcp).unwrap();
            let cut = server.respond(&ask, Transport::Udp).unwrap();
            assert!(cut.len() <= most && cut.len() < whole.len(), "{qname} {edns:?}: {} octets", cut.len());
            let [whole, cut] = [whole, cut].map(|reply| Message::from_vec(&reply).unwrap());
            assert!(cut.metadata.truncation && !whole.metadata.truncation, "{qname} {edns:?}");
            let is_signed = edns.is_some_and(|edns| edns.1);
            assert_eq!(cut.authorities.len(), if is_signed { 11 } else { 9 }, "{qname} {edns:?}");
            assert_eq!(cut.authorities, whole.authorities);
            // Nine servers take some 270 octets, and a signed zone's DS or denial some 200 more: then no glue may fit.
            assert!(!cut.additionals.is_empty() || is_signed, "{qname} {edns:?}");
            assert!(cut.additionals.iter().all(|glue| whole.additionals.contains(glue)), "{qname} {edns:?}");
        }
    }
}

/// What is asked for once is not kept, so that it costs no room and no copy.
#[test]
fn names_that_do_not_exist_push_nothing_out_of_the_cache() {
    let hash = "3MSEV9USMD4BR9S97V51R2TDVMR9IQO1";
    let mut server = Server::of(&format!("@ NSEC3PARAM 1 0 0 -\n{hash} NSEC3 1 0 0 - {hash} SOA\n"), 4);
    let denied = |name: &str| with_edns(query(name, Rtype::A), 1_232, true);
    for _ in 0..2 {
        server.ask(&denied("x.example."), Transport::Udp);
    }
    for number in 0..10_000 {
        let reply = server.ask(&denied(&format!("r{number}.example.")), Transport::Udp);
        assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain);
    }
    assert_eq!(server.counters.cache_misses.value(), 10_002);
    // The flood has its tags in the place of all others: at the second question the reply is found where it was.
    for _ in 0..2 {
        server.ask(&denied("x.example."), Transport::Udp);
    }
    assert_eq!(server.counters.cache_hits.value(), 1);
}

#[test]
fn a_response_is_never_answered() {
    let mut server = Server::of("", 0);
    for opcode in 0..16_u8 {
        let mut message = query("ns.example.", Rtype::A);
        message[2] = 0x80 | opcode << 3;
        assert_eq!(server.respond(&message, Transport::Udp), None, "{opcode}");
        // Nor one that is broken, or has nothing but a header.
        assert_eq!(server.respond(&message[..15], Transport::Udp), None, "{opcode}");
        message[5] = 0;
        assert_eq!(server.respond(&message[..12], Transport::Udp), None, "{opcode}");
    }
    assert_eq!(server.counters.ignored.value(), 48);
}

/// What the chapter says holds a promise: a file and a function in it.
fn named_tests(chapter: &str) -> Vec<(String, String)> {
    let quoted = chapter.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|text| text.split_once(".rs::"))
        .map(|(file, test)| (format!("{file}.rs"), test.to_owned()))
        .collect()
}

#[test]
fn every_test_that_the_chapter_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(root.join("src/vulnerabilities.rs")).unwrap();
    let chapter = chapter.lines().map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join("\n");
    let named = named_tests(&chapter);
    assert!(named.len() > 40, "{}", named.len());
    for (file, test) in named {
        let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let at = text.find(&format!("fn {test}(")).unwrap_or_else(|| panic!("{file} has no test {test}"));
        let before = text[..at].trim_end().rsplit("\n\n").next().unwrap_or_default();
        assert!(before.contains("#[test]"), "{file}: {test} is no test");
    }
    // Every section says what holds it.
    for section in chapter.split("\n# ").skip(1) {
        let heading = section.lines().next().unwrap_or_default();
        assert!(!named_tests(section).is_empty(), "no test holds `{heading}`");
    }
}
