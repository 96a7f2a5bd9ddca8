//! Queries that come again, and are served from the packet cache: that it makes no difference, and where it is passed by.

use super::*;
use crate::gate::ReplyConfig;
use crate::zone::Choices;

fn settings() -> Settings {
    Settings { cached_packets: 64, ..Settings::default() }
}

fn bench(gate: &GateConfig) -> Bench {
    let mut bench = Bench::new(settings(), gate);
    let zone = bench.zone("example.", &[("a.example.", Rtype::A, vec![192, 0, 2, 1])]);
    bench.publish(vec![zone]);
    bench
}

fn ask() -> Vec<u8> {
    query("a.example.", Rtype::A, Class::IN, None)
}

impl Bench {
    fn packets(&self) -> (u64, u64) {
        (self.counters.packet_misses.value(), self.counters.packet_hits.value())
    }
}

#[test]
fn a_reply_is_made_twice_and_then_served_until_a_zone_changes() {
    let mut bench = bench(&GateConfig::default());
    let replies: Vec<_> = (0..5).map(|_| bench.respond(&ask(), Transport::Udp).expect("a reply")).collect();
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    assert_eq!((bench.packets(), bench.counters.rcode_noerror.value()), ((2, 3), 5));
    // Not over TCP, and a TCP reply is none for UDP.
    bench.respond(&ask(), Transport::Tcp);
    assert_eq!(bench.packets(), (2, 3));
    let zone = bench.zone("example.", &[("a.example.", Rtype::A, vec![192, 0, 2, 2])]);
    bench.publish(vec![zone]);
    assert_eq!(bench.ask(&ask()).answers[0].data.to_string(), "192.0.2.2");
    assert_eq!(bench.packets(), (3, 3));
    // It was asked for before: so it is kept at once.
    assert_eq!(bench.ask(&ask()).answers[0].data.to_string(), "192.0.2.2");
    assert_eq!(bench.packets(), (3, 4));
}

#[test]
fn every_rcode_is_counted_as_if_its_reply_were_made() {
    let mut bench = bench(&GateConfig::default());
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("failed.").as_name(), &bench.hasher)));
    let zone = bench.zone("example.", &[]);
    bench.publish(vec![zone, failed]);
    let asked = [
        ("example.", Rtype::SOA),
        ("x.example.", Rtype::A),
        ("failed.", Rtype::A),
        ("elsewhere.", Rtype::A),
        ("example.", Rtype(0)),
        ("example.", Rtype(253)),
    ];
    for (qname, qtype) in asked {
        for _ in 0..5 {
            bench.respond(&query(qname, qtype, Class::IN, Some((1_232, 0))), Transport::Udp).expect("a reply");
        }
    }
    assert_eq!(bench.packets().1, 3 * asked.len() as u64);
    let counters = &bench.counters;
    let counted = [
        &counters.rcode_noerror,
        &counters.rcode_nxdomain,
        &counters.rcode_servfail,
        &counters.rcode_refused,
        &counters.rcode_formerr,
        &counters.rcode_notimp,
    ];
    assert_eq!(counted.map(Counter::value), [5; 6]);
}

#[test]
fn a_query_over_its_clients_limit_gets_no_reply_from_the_cache() {
    let gate = GateConfig { client_qps: 1, client_burst: 6, slip: 1, ..GateConfig::default() };
    let mut bench = bench(&gate);
    let truncated = (0..10).map(|_| bench.ask(&ask()).metadata.truncation).collect::<Vec<_>>();
    assert_eq!(truncated, [[false; 6].as_slice(), &[true; 4]].concat());
    assert_eq!((bench.packets(), bench.counters.client_limited.value()), ((2, 4), 4));
    assert_eq!(bench.counters.slipped.value(), 4);
}

/// A batch has more queries than the server may answer: those that come first are, whether their replies are kept or not.
#[test]
fn kept_replies_take_nothing_from_those_that_came_before() {
    let gate = GateConfig { server_qps: 40, slip: 0, ..GateConfig::default() };
    // Of a small set, and of one that is fetched ahead.
    for zones in [1, 40] {
        let mut bench = bench(&gate);
        let mut all = bench.zones.current().zones().to_vec();
        all.extend((1..zones).map(|number| bench.zone(&format!("zone{number}."), &[])));
        bench.publish(all);
        let other = query("a.example.", Rtype::MX, Class::IN, None);
        let hot = vec![ask(); 2];
        assert_eq!(bench.answered(&hot), [true; 2], "a tenth of a second's worth is four");
        assert_eq!(bench.answered(&[other.clone(), ask(), ask(), other]), [true, true, false, false]);
        assert_eq!((bench.packets(), bench.counters.server_limited.value()), ((4, 1), 2), "{zones} zones");
    }
}

impl Bench {
    /// Which queries of a batch are answered.
    fn answered(&mut self, queries: &[Vec<u8>]) -> Vec<bool> {
        let batch = self.batch(queries);
        (0..queries.len()).map(|index| batch.reply(index).is_some()).collect()
    }
}

#[test]
fn a_zone_that_stays_as_it_was_keeps_its_replies() {
    let mut bench = bench(&GateConfig::default());
    (0..3).for_each(|_| drop(bench.ask(&ask())));
    let zones = bench.zones.current().zones().to_vec();
    bench.publish(zones.clone());
    bench.ask(&ask());
    assert_eq!(bench.packets(), (2, 2));
    let ZoneState::Loaded(zone, choices) = &zones[0] else { unreachable!("it is loaded") };
    let otherwise = Choices { any: crate::zone::AnyAnswer::Refuse, ..*choices };
    bench.publish(vec![ZoneState::Loaded(Arc::clone(zone), otherwise)]);
    bench.ask(&ask());
    assert_eq!(bench.packets(), (3, 2), "it is served in another way");
    let other = bench.zone("other.", &[]);
    bench.publish([bench.zones.current().zones(), &[other]].concat());
    bench.ask(&ask());
    assert_eq!(bench.packets(), (4, 2), "a zone came");
    bench.publish(bench.zones.current().zones()[..1].to_vec());
    bench.ask(&ask());
    assert_eq!(bench.packets(), (5, 2), "and went");
}

#[test]
fn where_replies_are_limited_or_rrsets_rotate_each_is_made() {
    let replies = ReplyConfig { answers_per_second: 1, slip: 1, ..ReplyConfig::default() };
    let mut limited = bench(&GateConfig { replies, ..GateConfig::default() });
    let truncated = (0..4).map(|_| limited.ask(&ask()).metadata.truncation).collect::<Vec<_>>();
    assert_eq!((truncated, limited.packets()), (vec![false, true, true, true], (0, 0)));

    let mut bench = bench(&GateConfig::default());
    let rows = [1, 2].map(|last| ("a.example.", Rtype::A, vec![192, 0, 2, last]));
    let ZoneState::Loaded(zone, choices) = bench.zone("example.", &rows) else { unreachable!("it is loaded") };
    let rotating = ZoneState::Loaded(Arc::clone(&zone), Choices { rotate_rrsets: true, ..choices });
    let beside = bench.zone("beside.", &[("a.beside.", Rtype::CNAME, wire("a.example."))]);
    bench.publish(vec![rotating, beside.clone()]);
    let firsts = (0..4).map(|id| {
        let mut ask = ask();
        ask[1] = id;
        bench.ask(&ask).answers[0].data.to_string()
    });
    let firsts = firsts.collect::<Vec<_>>();
    assert!(firsts[0] != firsts[1] && firsts[..2] == firsts[2..], "{firsts:?}");
    (0..4).for_each(|_| drop(bench.ask(&query("a.beside.", Rtype::A, Class::IN, None))));
    assert_eq!(bench.packets(), (8, 0), "nor is what leads there kept");
    (0..4).for_each(|_| drop(bench.ask(&query("beside.", Rtype::SOA, Class::IN, None))));
    assert_eq!(bench.packets(), (10, 2), "those of other zones are");
    bench.publish(vec![ZoneState::Loaded(zone, choices), beside]);
    (0..4).for_each(|_| drop(bench.ask(&ask())));
    assert_eq!(bench.packets(), (11, 5), "it was asked before, and rotates no more");
}
