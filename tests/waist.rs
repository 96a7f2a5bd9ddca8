//! The narrow waist under load and under attack: it never allocates, and any bytes get a sane reply or none.
//!
//! Does not judge answers: that is the model's business.
#![allow(missing_docs)] // no docs are made of tests

use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::Settings;
use gannet::base::counters::Counters;
use gannet::base::limits::{
    BATCH, DATAGRAM_OCTETS, HEADER_OCTETS, MESSAGE_OCTETS_MAX, SMALL_SET_ZONES, UDP_OCTETS_DEFAULT,
};
use gannet::base::snapshot::Publisher;
use gannet::gate::{CookieSecret, Cookies, GateConfig, ReplyConfig};
use gannet::net::{Batch, Peer, Respond, Transport, Verdict};
use gannet::wire::{Name, Nsec3Parameters, nsec3_label};

pub mod allocations;
#[allow(dead_code)] // the model's tests use the rest
#[path = "model/data.rs"]
pub mod data;
#[allow(dead_code)]
#[path = "model/generate.rs"]
pub mod generate;
#[allow(dead_code)]
#[path = "model/message.rs"]
pub mod message;
#[path = "model/mutate.rs"]
pub mod mutate;
#[path = "model/sane.rs"]
pub mod sane;
#[path = "model/server.rs"]
pub mod server;

use allocations::allocations_in;
use generate::Random;
use sane::sane;
use server::Gannet;

/// Something to do wrong; maybe another verdict.
type Fault = fn(&[u8], &mut [u8]) -> Option<Verdict>;

/// A server that refuses everything: the least that the tests below can be shown to work on.
struct Refuser {
    /// Where it errs, if it does.
    fault: Fault,
}

impl Respond for Refuser {
    fn refresh(&mut self, _: Instant) {}

    fn respond(&mut self, query: &[u8], _: Peer, reply: &mut [u8]) -> Verdict {
        if query.len() < HEADER_OCTETS || query[2] & 0x80 != 0 {
            return Verdict::Drop;
        }
        reply[..HEADER_OCTETS].fill(0);
        let kept = if query[2] & 0x78 == 0 { 0x79 } else { 0x78 };
        reply[..4].copy_from_slice(&[query[0], query[1], 0x80 | (query[2] & kept), 5]);
        (self.fault)(query, reply).unwrap_or(Verdict::Reply(HEADER_OCTETS))
    }
}

/// Random zones and the queries that go with them, in wire form.
fn queries(seed: u64, count: usize) -> (Vec<data::Zone>, Vec<Vec<u8>>) {
    let mut random = Random(seed);
    let mut zones = generate::zones(&mut random);
    // Some have what the answer cache is for.
    zones.iter_mut().step_by(2).for_each(hash);
    let mut queries: Vec<_> = (0..count).map(|_| generate::query(&mut random, &zones).wire()).collect();
    queries.extend(zones.iter().flat_map(|zone| [252, 251].map(|rtype| transfer(zone, rtype))));
    (zones, queries)
}

/// A query for a zone by AXFR (252) or IXFR (251), the latter with the SOA of a client that has serial 1.
fn transfer(zone: &data::Zone, rtype: u8) -> Vec<u8> {
    let soa = b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x16\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let held: &[u8] = if rtype == 251 { soa } else { b"" };
    let header = [7, 7, 0, 0, 0, 1, 0, 0, 0, u8::from(rtype == 251), 0, 0];
    [&header[..], &zone.apex.wire(), &[0, rtype, 0, 1], held].concat()
}

#[test]
fn a_query_for_a_transfer_is_handed_off_over_tcp_and_answered_over_udp() {
    let mut server = Gannet::new(0);
    let (zones, _) = queries(6_000, 0);
    server.load(&zones).expect("generated zones can be served");
    for (rtype, answers) in [(252, 0), (251, 1)] {
        let (query, mut reply) = (transfer(&zones[0], rtype), vec![0; MESSAGE_OCTETS_MAX]);
        assert_eq!(server.responder.respond(&query, peer(Transport::Tcp), &mut reply), Verdict::Handoff);
        let verdict = server.responder.respond(&query, peer(Transport::Udp), &mut reply);
        assert!(matches!(verdict, Verdict::Reply(octets) if octets > HEADER_OCTETS));
        assert_eq!(reply[7], answers);
    }
}

const TRANSPORTS: [Transport; 2] = [Transport::Udp, Transport::Tcp];

fn peer(transport: Transport) -> Peer {
    Peer { addr: SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5_353)), transport }
}

/// Allocations for all queries over both transports, after one round to warm up.
fn allocations_for(server: &mut impl Respond, queries: &[Vec<u8>]) -> u64 {
    let mut reply = vec![0; MESSAGE_OCTETS_MAX];
    let mut round = |server: &mut dyn Respond| {
        for transport in TRANSPORTS {
            for query in queries {
                server.respond(query, peer(transport), &mut reply);
            }
        }
    };
    server.refresh(Instant::now());
    round(server);
    allocations_in(|| round(server))
}

/// Feeds noise and broken messages; the error says which message got what.
fn attack(server: &mut impl Respond, good: &[Vec<u8>], seed: u64, rounds: usize) -> Result<(), String> {
    let mut random = Random(seed);
    let mut good = good.to_vec();
    good.extend(mutate::oddities());
    let mut buffer = vec![0; MESSAGE_OCTETS_MAX];
    for round in 0..rounds {
        let query = match good.get(round) {
            Some(whole) => whole.clone(),
            None if random.percent(10) => mutate::noise(&mut random),
            None => {
                let from = random.below(good.len());
                mutate::broken(&mut random, &good[from])
            }
        };
        for transport in TRANSPORTS {
            let room = if transport == Transport::Udp { DATAGRAM_OCTETS } else { MESSAGE_OCTETS_MAX };
            let reply = &mut buffer[..room];
            let outcome = catch_unwind(AssertUnwindSafe(|| server.respond(&query, peer(transport), reply)));
            let judged = match outcome {
                Ok(Verdict::Reply(octets)) if transport == Transport::Udp && octets > UDP_OCTETS_DEFAULT => {
                    Err(format!("{octets} octets over UDP"))
                }
                Ok(verdict) => sane(&query, verdict, &buffer[..room]),
                Err(_) => Err("it panicked".to_owned()),
            };
            judged.map_err(|why| format!("{why}: seed {seed}, {transport:?}, message {}", query.escape_ascii()))?;
        }
    }
    Ok(())
}

#[test]
fn ten_thousand_mixed_queries_cost_no_allocation() {
    for (cached_answers, seed) in [(0, 100), (4_096, 200), (16, 300)] {
        let mut server = Gannet::new(cached_answers);
        // Ten sets of zones, a thousand queries over two transports for each.
        for set in 0..10 {
            let (zones, mut queries) = queries(seed + set, 500);
            queries.extend(mutate::oddities());
            server.load(&zones).expect("generated zones can be served");
            assert_eq!(allocations_for(&mut server.responder, &queries), 0, "seed {}", seed + set);
        }
    }
}

/// With everything on that an option can set going.
#[test]
fn options_cost_no_allocation() {
    let secret = [CookieSecret(*b"sixteen octets !")];
    let cookies = Publisher::new(Cookies::new(&secret, true, Instant::now(), 1_800_000_000));
    let (reports, reported) = std::sync::mpsc::sync_channel(64);
    let mut server = Gannet::with(Settings {
        cached_answers: 16,
        nsid: Some((*b"this server").into()),
        report_agent: Some("agent.test.".parse().expect("a name")),
        reports: Some(reports),
        cookies: cookies.reader(),
        ..Settings::default()
    });
    let options = [
        &b"\0\x03\0\0\0\x09\0\0\0\x0b\0\0\0\x13\0\0"[..],
        b"\0\x0a\0\x0812345678\0\x08\0\x07\0\x01\x18\0\xc0\0\x02",
        b"\0\x0a\0\x1812345678abcdefghabcdefgh\0\x64\0\x01x",
        b"\0\x0a\0\x01x",
    ];
    for set in 0..5 {
        let (zones, plain) = queries(6_000 + set, 500);
        let mut asked = Vec::new();
        for (mut query, options) in plain.into_iter().filter(|query| query[11] == 1).zip(options.iter().cycle()) {
            let length = query.len() - 2;
            query[length..].copy_from_slice(&(options.len() as u16).to_be_bytes());
            asked.push([&query, *options].concat());
        }
        assert!(asked.len() > 100, "most queries have EDNS");
        // A report for an apex that is served here, whatever its name is.
        let header = b"\x55\x55\0\0\0\x01\0\0\0\0\0\0";
        let report = [&header[..], b"\x03_er\x011\x03bad\x017\x03_er\x05agent\x04test\0\0\x10\0\x01"];
        asked.push(report.concat());
        server.load(&zones).expect("generated zones can be served");
        assert_eq!(allocations_for(&mut server.responder, &asked), 0, "seed {}", 6_000 + set);
    }
    drop(reported);
}

/// A server that lets one reply of each subject go, a second, and puts an empty one in the place of every second of the others.
fn limited(cached_answers: usize, dry_run: bool) -> (Gannet, Arc<Counters>) {
    let secret = [CookieSecret(*b"sixteen octets !")];
    let cookies = Publisher::new(Cookies::new(&secret, true, Instant::now(), 1_800_000_000));
    let replies = ReplyConfig {
        answers_per_second: 1,
        denials_per_second: 1,
        errors_per_second: 1,
        dry_run,
        ..ReplyConfig::default()
    };
    let settings = Settings { cached_answers, cookies: cookies.reader(), ..Settings::default() };
    let counters = Arc::<Counters>::default();
    let gate = GateConfig { replies, ..GateConfig::default() };
    (Gannet::with_limits(settings, &gate, Arc::clone(&counters)), counters)
}

#[test]
fn replies_over_their_rate_cost_no_allocation() {
    for dry_run in [false, true] {
        let (mut server, counters) = limited(16, dry_run);
        for set in 0..5 {
            let (zones, mut queries) = queries(7_000 + set, 500);
            queries.extend(mutate::oddities());
            server.load(&zones).expect("generated zones can be served");
            assert_eq!(allocations_for(&mut server.responder, &queries), 0, "seed {}", 7_000 + set);
        }
        let over = [
            &counters.rrl_answers,
            &counters.rrl_referrals,
            &counters.rrl_nodata,
            &counters.rrl_nxdomain,
            &counters.rrl_errors,
            if dry_run { &counters.rrl_dry_run } else { &counters.rrl_slipped },
        ];
        assert!(over.iter().all(|counter| counter.value() > 50), "{:?}", over.map(|counter| counter.value()));
    }
}

#[test]
fn any_bytes_get_a_sane_reply_or_none_over_a_rate() {
    let (mut server, counters) = limited(64, false);
    for set in 0..5 {
        let (zones, good) = queries(8_000 + set, 200);
        server.load(&zones).expect("generated zones can be served");
        attack(&mut server.responder, &good, 8_000 + set, 3_000).unwrap_or_else(|report| panic!("{report}"));
    }
    assert!(counters.rrl_errors.value() > 1_000 && counters.rrl_slipped.value() > 100);
}

#[test]
fn any_bytes_get_a_sane_reply_or_none() {
    for (cached_answers, seed) in [(0, 1_000), (64, 2_000)] {
        let mut server = Gannet::new(cached_answers);
        for set in 0..20 {
            let (zones, good) = queries(seed + set, 200);
            server.load(&zones).expect("generated zones can be served");
            attack(&mut server.responder, &good, seed + set, 3_000).unwrap_or_else(|report| panic!("{report}"));
        }
    }
}

/// Zones elsewhere with an apex like this one's, and nothing else.
fn further_zones(zone: &data::Zone) -> Vec<data::Zone> {
    let at_apex = zone.records.iter().filter(|record| record.owner == zone.apex && matches!(record.rtype, 2 | 6));
    let apexes = (0..=SMALL_SET_ZONES).map(|number| data::Name::from_text(&format!("further{number}.")));
    apexes.map(|apex| data::Zone { records: at_apex.clone().map(|record| record.at(&apex)).collect(), apex }).collect()
}

/// Names below the zone's apex, on several levels, with addresses: more than one block of a zone has.
fn further_names(zone: &data::Zone) -> Vec<data::Record> {
    let names = (0..4_000).map(|number| match number % 20 {
        0 => zone.apex.child(&format!("above{number}")).child("further"),
        _ => zone.apex.child(&format!("further{number}")),
    });
    let address = || vec![data::Field::Octets(vec![192, 0, 2, 7])];
    names.map(|owner| data::Record { owner, rtype: data::A, ttl: 60, rdata: address() }).collect()
}

/// A query of type A.
fn a_query(name: &data::Name) -> Vec<u8> {
    [&[7, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &name.wire(), &[0, 1, 0, 1]].concat()
}

/// The message with another id and, where it has a question, another case of the name.
fn disguised(random: &mut Random, message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    message.iter_mut().take(2).for_each(|octet| *octet = random.below(256) as u8);
    let mut at = HEADER_OCTETS;
    while let Some(length) =
        message.get(at).map(|&length| usize::from(length)).filter(|length| (1..64).contains(length))
    {
        for octet in message.iter_mut().skip(at + 1).take(length) {
            *octet ^= if octet.is_ascii_alphabetic() && random.percent(50) { 0x20 } else { 0 };
        }
        at += 1 + length;
    }
    message
}

/// All counters but those of the caches, and of what their owner counts.
fn counted(counters: &Counters) -> Vec<(&'static str, u64)> {
    let rows = counters.rows().filter(|row| !row.0.starts_with("packet_") && !row.0.starts_with("cache_"));
    rows.map(|(name, _, value)| (name, value)).collect()
}

/// Asked again and again, so that the packet cache has its share.
#[test]
fn a_batch_gets_what_its_messages_would_get_alone() {
    for (cached, seed) in [(0, 3_000), (64, 4_000), (1_024, 5_000)] {
        let counters: [Arc<Counters>; 2] = Default::default();
        let secret = [CookieSecret(*b"sixteen octets !")];
        let cookies = Publisher::new(Cookies::new(&secret, true, Instant::now(), 1_800_000_000));
        let [mut alone, mut batched] = [(0, &counters[0]), (cached, &counters[1])].map(|(cached_packets, counters)| {
            let settings =
                Settings { cached_answers: cached, cached_packets, cookies: cookies.reader(), ..Settings::default() };
            Gannet::with_limits(settings, &GateConfig::default(), Arc::clone(counters))
        });
        let mut batch = Batch::new();
        let mut random = Random(seed);
        for set in 0..20 {
            let hits_before = counters[1].packet_hits.value();
            let (mut zones, mut queries) = queries(seed + set, 300);
            match set % 3 {
                // So many that what they hold is fetched ahead, or a single one so large.
                1 => zones.extend(further_zones(&zones[0])),
                2 => {
                    zones.truncate(1);
                    let further = further_names(&zones[0]);
                    queries.extend(further.iter().step_by(100).map(|record| a_query(&record.owner)));
                    zones[0].records.extend(further);
                }
                _ => {}
            }
            queries.extend(mutate::oddities());
            let broken: Vec<Vec<u8>> = queries.iter().map(|query| mutate::broken(&mut random, query)).collect();
            queries.extend(broken);
            for server in [&mut alone, &mut batched] {
                server.load(&zones).expect("generated zones can be served");
            }
            for queries in queries.chunks(BATCH).flat_map(|chunk| [chunk; 8]) {
                batch.clear();
                let queries: Vec<_> = queries.iter().map(|query| disguised(&mut random, query)).collect();
                assert!(queries.iter().all(|query| batch.push(query, peer(Transport::Udp))), "a batch has room");
                batched.responder.respond_batch(&mut batch);
                let mut buffer = [0; DATAGRAM_OCTETS];
                for (index, query) in queries.iter().enumerate() {
                    let verdict = alone.responder.respond(query, peer(Transport::Udp), &mut buffer);
                    let reply = if let Verdict::Reply(octets) = verdict { Some(&buffer[..octets]) } else { None };
                    let what = || format!("seed {seed}, set {set}, {}", query.escape_ascii());
                    assert_eq!((batch.verdict(index), batch.reply(index)), (verdict, reply), "{}", what());
                }
            }
            assert_eq!(counted(&counters[0]), counted(&counters[1]), "seed {seed}, set {set}");
            let hits = counters[1].packet_hits.value() - hits_before;
            // Where there are few places few stay for long.
            let fewest = if cached == 1_024 { 500 } else { 0 };
            assert!((hits >= fewest) && (cached > 0 || hits == 0), "{hits} hits of {cached}, set {set}");
        }
        let hits = counters[1].packet_hits.value();
        assert!(cached == 0 || hits > 2_000, "{hits} hits of {cached}");
    }
}

#[test]
fn batches_cost_no_allocation() {
    for cached_packets in [0, 64, 4_096] {
        let counters = Arc::<Counters>::default();
        let settings = Settings { cached_packets, ..Settings::default() };
        let mut server = Gannet::with_limits(settings, &GateConfig::default(), Arc::clone(&counters));
        let mut batch = Batch::new();
        for set in 0..5 {
            let (mut zones, queries) = queries(9_000 + set, 500);
            if set % 2 == 1 {
                zones.extend(further_zones(&zones[0]));
            }
            server.load(&zones).expect("generated zones can be served");
            let mut allocations = 0;
            for chunk in queries.chunks(BATCH).cycle().take(60) {
                batch.clear();
                assert!(chunk.iter().all(|query| batch.push(query, peer(Transport::Udp))), "a batch has room");
                allocations += allocations_in(|| server.responder.respond_batch(&mut batch));
            }
            assert_eq!(allocations, 0, "seed {}", 9_000 + set);
        }
        let (hits, misses) = (counters.packet_hits.value(), counters.packet_misses.value());
        assert!(if cached_packets == 0 { hits + misses == 0 } else { hits > 100 && misses > 100 }, "{hits}, {misses}");
    }
}

/// The table under the LRU list would grow when the traces of keys that left crowd it, had it not grown at the start.
#[test]
fn an_answer_cache_that_is_always_full_costs_no_allocation() {
    let (settings, counters) = (Settings { cached_answers: 64, ..Settings::default() }, Arc::<Counters>::default());
    let mut server = Gannet::with_limits(settings, &GateConfig::default(), Arc::clone(&counters));
    let mut reply = vec![0; DATAGRAM_OCTETS];
    let (mut zones, _) = queries(5_000, 0);
    zones.truncate(1);
    let apex = zones[0].apex.clone();
    zones[0].records.retain(|record| record.owner == apex && matches!(record.rtype, data::SOA | data::NS));
    hash(&mut zones[0]);
    server.load(&zones).expect("generated zones can be served");
    let query = |number: u32| {
        let name = zones[0].apex.child(&format!("none-{number}"));
        let question = data::Question { name, rtype: data::A, class: data::CLASS_IN, dnssec_ok: true };
        message::Query { question, id: 0, flags: 0, edns: Some(1_232) }.wire()
    };
    let mut allocations = 0;
    for number in 0..20_000 {
        let query = query(number);
        allocations += allocations_in(|| {
            for _ in 0..3 {
                server.responder.respond(&query, peer(Transport::Udp), &mut reply);
            }
        });
    }
    assert_eq!(allocations, 0);
    assert_eq!(counters.cache_hits.value(), 20_000);
}

/// Gives a zone an NSEC3 whose span is all names.
fn hash(zone: &mut data::Zone) {
    let (apex, parameters) = (zone.apex.wire(), Nsec3Parameters { algorithm: 1, iterations: 0, salt: &[] });
    let hash = parameters.hash(Name::from_wire(&apex).expect("a name"));
    let owner = zone.apex.child(str::from_utf8(&nsec3_label(&hash)[1..]).expect("base32"));
    let link = [&[1, 0, 0, 0, 0, 20][..], &hash, &[0, 1, 0x40]].concat();
    for (owner, rtype, octets) in [(zone.apex.clone(), 51, vec![1, 0, 0, 0, 0]), (owner, 50, link)] {
        zone.records.push(data::Record { owner, rtype, ttl: 60, rdata: vec![data::Field::Octets(octets)] });
    }
}

#[test]
fn one_allocation_is_counted() {
    let (_, queries) = queries(1, 10);
    let mut wasteful = Refuser { fault: |query, _| query.to_vec().is_empty().then_some(Verdict::Drop) };
    assert_eq!(allocations_for(&mut wasteful, &queries), 2 * queries.len() as u64);
}

#[test]
fn the_attack_catches_what_is_not_sane() {
    let (_, good) = queries(2, 100);
    let faults: [(&str, Fault); 7] = [
        ("it panicked", |query, _| query.ends_with(&[0xff]).then(|| panic!("planted"))),
        ("octets over UDP", |_, _| Some(Verdict::Reply(UDP_OCTETS_DEFAULT + 1))),
        ("longer than its buffer", |_, reply| {
            (reply.len() > DATAGRAM_OCTETS).then_some(Verdict::Reply(reply.len() + 1))
        }),
        ("the id", |_, reply| {
            reply[0] ^= 1;
            None
        }),
        ("the flags", |_, reply| {
            reply[2] ^= 0x40;
            None
        }),
        ("cut off", |_, reply| {
            reply[7] = 1;
            None
        }),
        ("FORMERR of", |query, reply| {
            reply[3] = 1;
            let octets = query.len() + 61;
            // One record: an unknown type at the root, of as many octets as are left.
            reply[11] = 1;
            reply[HEADER_OCTETS..octets].fill(0);
            reply[13..17].copy_from_slice(&[0xff, 0, 0, 1]);
            reply[22] = u8::try_from(octets.checked_sub(23)?).ok()?;
            Some(Verdict::Reply(octets))
        }),
    ];
    for (what, fault) in faults {
        let report = attack(&mut Refuser { fault }, &good, 3, 20_000).expect_err(what);
        assert!(report.contains(what), "{what} is not in: {report}");
    }
}
