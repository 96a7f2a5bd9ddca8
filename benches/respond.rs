//! Answers queries through the waist, one for each outcome, without the answer cache and with it.
//!
//! With the cache, only what it admits is served from it; the others show what asking it costs them.
#![allow(missing_docs)] // criterion's macros make public functions without any

mod questions;

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::limits::{BATCH, DATAGRAM_OCTETS};
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Batch, Peer, Respond, Transport, Verdict};
use gannet::server::read_zone;
use gannet::wire::{Rtype, SuffixHasher};
use gannet::zone::ZoneSet;
use gannet::zonefile::Reader;

use questions::{name, query};

const ZONE: &str = "\
$ORIGIN example.com.
$TTL 1h
@       SOA   ns1 hostmaster 1 4h 1h 2w 10m
        NS    ns1
        NS    ns2
ns1     A     192.0.2.53
ns2     A     198.51.100.53
        AAAA  2001:db8:2::53
@       MX    10 mail
        MX    20 backup
mail    A     192.0.2.25
        AAAA  2001:db8::25
backup  A     198.51.100.25
www     A     192.0.2.80
alias   CNAME www
*.wild  A     192.0.2.90
old     DNAME new
host.new A    192.0.2.91
lab     NS    ns1.lab
        NS    ns2.lab
ns1.lab A     198.51.100.1
ns2.lab A     198.51.100.2
        AAAA  2001:db8:1ab::2
";

/// What is asked, and what the reply must be: RCODE, and how many records are in answer, authority and additional.
type Case = (&'static str, &'static str, Rtype, (u8, [u8; 3]));

const CASES: [Case; 10] = [
    ("answer", "www.example.com", Rtype::A, (0, [1, 0, 1])),
    ("MX with addresses", "example.com", Rtype::MX, (0, [2, 0, 4])),
    ("CNAME", "alias.example.com", Rtype::A, (0, [2, 0, 1])),
    ("wildcard", "any.wild.example.com", Rtype::A, (0, [1, 0, 1])),
    ("DNAME", "host.old.example.com", Rtype::A, (0, [3, 0, 1])),
    ("referral with glue", "www.lab.example.com", Rtype::A, (0, [0, 2, 4])),
    ("NODATA", "www.example.com", Rtype::AAAA, (0, [0, 1, 1])),
    ("NXDOMAIN", "nothing.example.com", Rtype::A, (3, [0, 1, 1])),
    ("REFUSED", "www.example.org", Rtype::A, (5, [0, 0, 1])),
    // Made to be one below, by cutting its last octet off.
    ("FORMERR", "www.example.com", Rtype::A, (1, [0, 0, 0])),
];

const PEER: Peer =
    Peer { addr: SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4_242), transport: Transport::Udp };

fn message(case: &Case) -> Vec<u8> {
    let mut message = query(&name(case.1), case.2, true);
    if case.0 == "FORMERR" {
        message.pop();
    }
    message
}

fn responder(cached_answers: usize) -> Responder {
    let (apex, hasher) = (name("example.com"), SuffixHasher::new(1));
    let reader = Reader::new(ZONE.as_bytes(), "bench", apex.as_name());
    let zone = read_zone(apex.as_name(), reader, &hasher, 1).expect("a zone that can be served").zone;
    let zones = ZoneSet::empty(&hasher).succeed(vec![Arc::new(zone).into()]);
    let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
    let settings = Settings { cached_answers, ..Settings::default() };
    Responder::new(Publisher::new(zones).reader(), gate.reader(), settings, Arc::new(Counters::default()))
}

/// Answers once, and makes sure that the outcome is the one that is to be measured.
fn check(responder: &mut Responder, case: &Case, reply: &mut [u8]) {
    let Verdict::Reply(octets) = responder.respond(&message(case), PEER, reply) else { panic!("{}: no reply", case.0) };
    let reply = &reply[..octets];
    assert_eq!((reply[3] & 15, [reply[7], reply[9], reply[11]]), case.3, "{}", case.0);
}

fn each_outcome(criterion: &mut Criterion) {
    let mut reply = [0; DATAGRAM_OCTETS];
    for (cache, cached_answers) in [("no cache", 0), ("cache", 4_096)] {
        let mut responder = responder(cached_answers);
        let mut group = criterion.benchmark_group(format!("respond, {cache}"));
        for case in &CASES {
            // Twice: the second may come from the cache.
            check(&mut responder, case, &mut reply);
            check(&mut responder, case, &mut reply);
            let message = message(case);
            group.bench_function(case.0, |bencher| {
                bencher.iter(|| responder.respond(black_box(&message), PEER, &mut reply));
            });
        }
        group.finish();
    }
}

/// A batch as a worker reads it, all outcomes mixed.
fn batches(criterion: &mut Criterion) {
    let messages: Vec<Vec<u8>> = CASES.iter().cycle().take(BATCH).map(message).collect();
    let mut batch = Batch::new();
    let mut group = criterion.benchmark_group("respond, batches");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (what, cached_answers) in [("no cache", 0), ("cache", 4_096)] {
        let mut responder = responder(cached_answers);
        let mut answer = || {
            batch.clear();
            assert!(messages.iter().all(|message| batch.push(message, PEER)), "a batch has room");
            responder.respond_batch(&mut batch);
            batch.reply(BATCH - 1).map(<[u8]>::len)
        };
        assert!(answer().is_some(), "every message gets a reply");
        group.bench_function(what, |bencher| bencher.iter(&mut answer));
    }
    group.finish();
}

criterion_group!(benches, each_outcome, batches);
criterion_main!(benches);
