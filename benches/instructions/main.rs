//! Counts the instructions of parse, lookup, each outcome and the bench `peers`' small mix, and fails when one of them takes
//! more than `limits` has: times depend on what else a machine does, these do not.
//!
//! Needs valgrind and gungraun-runner, of the version of gungraun in Cargo.lock. It stands in front of the hot path as a client
//! does: knows messages and zones, not how answers are made.
#![allow(missing_docs, unused_qualifications, reason = "what the macros make has no docs, and long paths")]

#[path = "../peers/carriage.rs"]
#[allow(dead_code, reason = "other loads travel otherwise")]
mod carriage;
mod limits;
#[path = "../peers/loads/mod.rs"]
#[allow(dead_code, reason = "the other loads are for the bench that asks servers")]
mod loads;
#[path = "../outcomes/mod.rs"]
mod outcomes;
#[path = "../peers/query.rs"]
#[allow(dead_code, reason = "replies are judged by the bench that asks servers")]
mod query;
#[path = "../questions/mod.rs"]
mod questions;
#[path = "../peers/random.rs"]
mod random;
#[path = "../peers/signed.rs"]
#[allow(dead_code, reason = "the same")]
mod signed;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use gannet::answer::{Responder, Settings};
use gannet::base::limits::{BATCH, DATAGRAM_OCTETS};
use gannet::net::{Batch, Respond, Verdict};
use gannet::wire::{HashedName, Query, Rtype, SuffixHasher};
use gannet::zone::{Outcome, ZoneSet, ZoneState};
use gungraun::prelude::*;

use outcomes::{CASES, PEER, SIGNED, ZONE, check, responder, responder_with, zone_of, zones};
use questions::{name, query as message_of};

/// Batches of the small mix: enough that each kind of query comes often.
const BATCHES: usize = 32;

/// Names of what is fetched ahead, and zones where it is many.
const FETCHED_NAMES: usize = 4_000;
const MANY_ZONES: usize = 100;

/// An odd number: names asked for one after the other are far from each other.
const STRIDE: usize = 2_654_435_761;

/// A message to be read, and where its name is put. All that is measured is never freed: freeing it would be counted too.
type Reading = &'static mut (Vec<u8>, HashedName);

fn reading() -> Reading {
    let name = HashedName::new(zones(&name("example.com"), ZONE.as_bytes()).hasher());
    Box::leak(Box::new((outcomes::message(&CASES[0]), name)))
}

#[library_benchmark]
#[bench::query(args = (), setup = reading, config = limits::of("parse"))]
fn parse((message, name): Reading) -> bool {
    black_box(Query::parse(black_box(message), name).is_ok())
}

/// A name to be found, and the zones it is in.
type Searching = &'static mut (ZoneSet, HashedName);

fn searching() -> Searching {
    let zones = zones(&name("example.com"), ZONE.as_bytes());
    let mut wanted = HashedName::new(zones.hasher());
    wanted.fill(name("www.example.com").as_name());
    Box::leak(Box::new((zones, wanted)))
}

#[library_benchmark]
#[bench::host(args = (), setup = searching, config = limits::of("find and look up"))]
fn find_and_look_up((zones, name): Searching) -> bool {
    let Some((_, ZoneState::Loaded(zone, _))) = zones.find(black_box(name), 0) else { return false };
    matches!(black_box(zone.lookup(name, Rtype::A)), Outcome::Answer(_))
}

/// Who answers, the query, and room for the reply.
type Asking = &'static mut (Responder, Vec<u8>, [u8; DATAGRAM_OCTETS]);

fn asking(outcome: &str) -> Asking {
    let case = CASES.iter().chain(&SIGNED).find(|case| case.0 == outcome).expect("a case of that name");
    let mut responder = responder(zones(&name("example.com"), zone_of(case).as_bytes()), 0);
    let mut reply = [0; DATAGRAM_OCTETS];
    check(&mut responder, case, &mut reply);
    Box::leak(Box::new((responder, outcomes::message(case), reply)))
}

#[library_benchmark]
#[bench::answer(args = ("answer"), setup = asking, config = limits::of("answer"))]
#[bench::mx(args = ("MX with addresses"), setup = asking, config = limits::of("MX with addresses"))]
#[bench::cname(args = ("CNAME"), setup = asking, config = limits::of("CNAME"))]
#[bench::wildcard(args = ("wildcard"), setup = asking, config = limits::of("wildcard"))]
#[bench::dname(args = ("DNAME"), setup = asking, config = limits::of("DNAME"))]
#[bench::referral(args = ("referral with glue"), setup = asking, config = limits::of("referral with glue"))]
#[bench::nodata(args = ("NODATA"), setup = asking, config = limits::of("NODATA"))]
#[bench::nxdomain(args = ("NXDOMAIN"), setup = asking, config = limits::of("NXDOMAIN"))]
#[bench::refused(args = ("REFUSED"), setup = asking, config = limits::of("REFUSED"))]
#[bench::formerr(args = ("FORMERR"), setup = asking, config = limits::of("FORMERR"))]
#[bench::signed(args = ("signed answer"), setup = asking, config = limits::of("signed answer"))]
#[bench::ds(args = ("signed referral with DS"), setup = asking, config = limits::of("signed referral with DS"))]
#[bench::nsec(args = ("NXDOMAIN with NSEC"), setup = asking, config = limits::of("NXDOMAIN with NSEC"))]
#[bench::nsec3(args = ("NXDOMAIN with NSEC3"), setup = asking, config = limits::of("NXDOMAIN with NSEC3"))]
fn respond((responder, message, reply): Asking) -> Verdict {
    black_box(responder.respond(black_box(message), PEER, reply))
}

/// Who answers, and batches of queries.
type Batches = &'static mut (Responder, Vec<Batch>);

/// Full batches of the messages with these numbers.
fn batches_of(message: impl Fn(usize) -> Vec<u8>) -> Vec<Batch> {
    let filled = |number: usize| {
        let mut batch = Batch::new();
        for index in number * BATCH..(number + 1) * BATCH {
            assert!(batch.push(&message(index), PEER), "a batch has room");
        }
        batch
    };
    (0..BATCHES).map(filled).collect()
}

/// With a packet cache of so many replies, which has seen none of the queries, or all of them often enough.
fn small_mix((cached_packets, seen): (usize, bool)) -> Batches {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    let load = loads::prepare("small", &scratch).expect("a folder for the zone");
    let origin = &load.origins[0];
    let path = load.directory.join(format!("{}.zone", origin.trim_end_matches('.')));
    let zone = fs::read(path).expect("the zone");
    let responder = || {
        let settings = Settings { cached_packets, ..Settings::default() };
        responder_with(zones(&name(origin), &zone), settings)
    };
    let mut knowing = responder();
    let mut batches = batches_of(|index| load.queries.message(index).to_vec());
    // Kept at the second asking, served from the third on.
    for batch in (0..3).flat_map(|_| 0..BATCHES) {
        knowing.respond_batch(&mut batches[batch]);
    }
    let replies = (0..BATCHES * BATCH).map(|index| (index, batches[index / BATCH].reply(index % BATCH)));
    for (index, reply) in replies {
        assert_eq!(load.queries.judge(index, reply.unwrap_or_default()), query::Verdict::Right, "query {index}");
    }
    Box::leak(Box::new((if seen { knowing } else { responder() }, batches)))
}

/// Sets that are answered from with their memory fetched ahead: one zone of many delegations, or many zones; half of the names
/// stand below what is there.
fn fetched_ahead(is_single: bool) -> Batches {
    let delegation = |number: usize| {
        format!("domain-{number} NS ns1.domain-{number}\n NS ns.example.net.\nns1.domain-{number} A 192.0.2.1\n")
    };
    let apexes = if is_single { 1 } else { MANY_ZONES };
    let names = FETCHED_NAMES / apexes;
    let text = "$TTL 1h\n@ SOA ns1 hostmaster 1 4h 1h 2w 10m\n@ NS ns1\nns1 A 192.0.2.53\n".to_owned()
        + &(0..names).map(delegation).collect::<String>();
    let apexes: Vec<_> = (0..apexes).map(|number| name(&format!("zone{number}.example"))).collect();
    let states = apexes.iter().flat_map(|apex| zones(apex, text.as_bytes()).zones().to_vec());
    let set = ZoneSet::empty(&SuffixHasher::new(1)).succeed(states.collect());
    assert!(!set.is_small());
    let mut responder = responder_with(set, Settings::default());
    let mut batches = batches_of(|number| {
        let at = number.wrapping_mul(STRIDE);
        let www = if number % 2 == 0 { "www." } else { "" };
        let asked = format!("{www}domain-{}.zone{}.example", at % names, at / names % apexes.len());
        message_of(&name(&asked), Rtype::A, false)
    });
    for batch in &mut batches {
        responder.respond_batch(batch);
        let is_referral = |reply: &[u8]| reply[3] & 15 == 0 && [reply[7], reply[9], reply[11]] == [0, 2, 1];
        assert!((0..BATCH).all(|index| batch.reply(index).is_some_and(is_referral)));
    }
    Box::leak(Box::new((responder, batches)))
}

#[library_benchmark]
#[bench::small(args = ((0, true)), setup = small_mix, config = limits::of("small mix"))]
#[bench::first(args = ((8_192, false)), setup = small_mix, config = limits::of("small mix, first asked"))]
#[bench::again(args = ((8_192, true)), setup = small_mix, config = limits::of("small mix, asked again"))]
#[bench::large(args = (true), setup = fetched_ahead, config = limits::of("one large zone"))]
#[bench::many(args = (false), setup = fetched_ahead, config = limits::of("many zones"))]
fn batches((responder, batches): Batches) {
    for batch in batches {
        responder.respond_batch(black_box(batch));
    }
}

library_benchmark_group!(name = hot_path, benchmarks = [parse, find_and_look_up, respond, batches]);
main!(library_benchmark_groups = hot_path);
