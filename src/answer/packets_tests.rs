//! What the packet cache finds, what it refuses, and that it never gives one query another's reply.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::*;
use crate::base::random::Random;
use crate::net::Batch;

const ROOM: usize = 4_096;

fn peer() -> Peer {
    from(Ipv4Addr::LOCALHOST.into())
}

fn from(address: IpAddr) -> Peer {
    Peer { addr: SocketAddr::new(address, 53_000), transport: Transport::Udp }
}

fn cache(packets: usize) -> PacketCache {
    PacketCache::new(packets, &SuffixHasher::new(7)).expect("a cache")
}

/// A query for an address, with these octets behind its question as its one additional record.
fn query_with(name: &[u8], additional: &[u8]) -> Vec<u8> {
    let header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(!additional.is_empty())];
    [&header, name, &[0, 0, 1, 0, 1], additional].concat()
}

fn query(name: &[u8]) -> Vec<u8> {
    query_with(name, b"")
}

/// A reply to it of that many octets more.
fn reply(query: &[u8], more: usize) -> Vec<u8> {
    let mut reply = query.to_vec();
    (reply[2], reply[3]) = (0x85, 0);
    reply.extend((0..more).map(|at| at as u8));
    reply
}

/// What became of a query that is a batch of its own.
fn look(cache: &mut PacketCache, query: &[u8], peer: &Peer, out: &mut [u8]) -> Look {
    let mut batch = Batch::new();
    assert!(batch.push(query, *peer));
    cache.worth = Worth::default();
    assert!(cache.look_ahead(batch.split().0, PayloadSizes { ipv4: 1_232, ipv6: 1_400 }));
    cache.look(0, query, out)
}

/// What the cache has for a query.
fn found(cache: &mut PacketCache, query: &[u8], peer: &Peer) -> Option<Vec<u8>> {
    let mut out = [0xaa; ROOM];
    match look(cache, query, peer, &mut out) {
        Look::Found(packet) => Some(out[..usize::from(packet.length)].to_vec()),
        Look::Missing { .. } | Look::Foreign => None,
    }
}

/// Has the reply to a query kept.
fn keep(cache: &mut PacketCache, query: &[u8], reply: &[u8]) {
    look(cache, query, &peer(), &mut [0; ROOM]);
    cache.keep(0, reply);
}

#[test]
fn a_reply_is_kept_at_the_second_asking_and_served_with_the_id_and_the_case_of_the_third() {
    let (mut cache, first) = (cache(64), query(b"\x03www\x04Test"));
    let again = |cache: &mut PacketCache| match look(cache, &first, &peer(), &mut [0; ROOM]) {
        Look::Missing { again } => again,
        Look::Found(_) | Look::Foreign => panic!("it was never kept"),
    };
    assert_eq!((again(&mut cache), again(&mut cache), again(&mut cache)), (false, true, true));
    keep(&mut cache, &first, &reply(&first, 100));
    let mut third = query(b"\x03wWW\x04teST");
    (third[0], third[1]) = (0xab, 0xcd);
    assert_eq!(found(&mut cache, &third, &peer()), Some(reply(&third, 100)));
    cache.forget();
    assert_eq!(found(&mut cache, &third, &peer()), None);
    keep(&mut cache, &first, &reply(&first, 7));
    assert_eq!(found(&mut cache, &third, &peer()), Some(reply(&third, 7)), "what is kept after that is new");
}

#[test]
fn all_that_shapes_a_reply_is_in_the_key() {
    let (mut cache, asked) = (cache(64), query_with(b"\x03www\x04test", b"\0\0\x29\x04\xd0\0\0\x80\0\0\0"));
    keep(&mut cache, &asked, &reply(&asked, 100));
    let at = |at: usize, octet: u8| {
        let mut other = asked.clone();
        other[at] = octet;
        other
    };
    let end = asked.len();
    let others = [
        ("RD", at(2, 0)),
        ("the name", at(13, b'x')),
        ("an octet that is no letter", at(13, b'w' ^ 0x80)),
        ("the type", at(end - 14, 0x61)),
        ("the class", at(end - 12, 3)),
        ("a smaller payload size", at(end - 7, 0xcf)),
        ("DO", at(end - 4, 0)),
        ("no OPT record", query(b"\x03www\x04test")),
    ];
    for (what, other) in others {
        assert_eq!(found(&mut cache, &other, &peer()), None, "{what}");
    }
    assert_eq!(found(&mut cache, &asked, &from(Ipv6Addr::LOCALHOST.into())), None, "payload sizes differ by family");
    let alike = [
        ("itself", asked.clone()),
        ("CD", at(3, 0x10)),
        ("AD", at(3, 0x20)),
        ("TC and AA", at(2, 0x07)),
        ("a larger payload size than ours", at(end - 8, 0x05)),
    ];
    for (what, other) in alike {
        assert!(found(&mut cache, &other, &peer()).is_some(), "{what} changes nothing");
    }
    let small = at(end - 8, 1);
    keep(&mut cache, &small, &reply(&small, 50));
    assert!(found(&mut cache, &at(end - 8, 0), &peer()).is_some(), "sizes below 512 are 512");
    let plain = query_with(b"\x03www\x04test", b"\0\0\x29\x02\0\0\0\0\0\0\0");
    keep(&mut cache, &plain, &reply(&plain, 50));
    assert_eq!(found(&mut cache, &query(b"\x03www\x04test"), &peer()), None, "as it is without OPT record");
}

#[test]
fn what_has_wishes_or_another_form_is_none_of_its_business() {
    let plain = query(b"\x03www\x04test");
    let with = |at: usize, octet: u8| {
        let mut other = plain.clone();
        other[at] = octet;
        other
    };
    let long = [&[63; 64].repeat(3)[..], &[62; 63], b"\x01a"].concat();
    let others = [
        ("a cookie", query_with(b"\x01a", b"\0\0\x29\x04\xd0\0\0\0\0\0\x0c\0\x0a\0\x08clientck")),
        ("CO", query_with(b"\x01a", b"\0\0\x29\x04\xd0\0\0\x40\0\0\0")),
        ("another EDNS version", query_with(b"\x01a", b"\0\0\x29\x04\xd0\0\x01\0\0\0\0")),
        ("an OPT record with an owner", query_with(b"\x01a", b"\x01\0\x29\x04\xd0\0\0\0\0\0\0")),
        ("a TSIG", query_with(b"\x01a", b"\0\0\xfa\0\xff\0\0\0\0\0\0")),
        ("an octet too many", [&plain[..], b"\0"].concat()),
        ("an octet too few", plain[..plain.len() - 1].to_vec()),
        ("a reply", with(2, 0x81)),
        ("an opcode", with(2, 0x21)),
        ("two questions", with(5, 2)),
        ("an answer", with(7, 1)),
        ("an authority", with(9, 1)),
        ("an additional record that is not there", with(11, 1)),
        ("a pointer", with(12, 0xc0)),
        ("a name of 258 octets", query(&long)),
        ("a name of four thousand", query(&b"\x01a".repeat(2_000))),
        ("a label that ends nowhere", with(12, 60)),
        ("a header", plain[..12].to_vec()),
        ("less than a header", plain[..11].to_vec()),
        ("nothing", Vec::new()),
    ];
    for (what, other) in others {
        let mut cache = cache(64);
        for _ in 0..3 {
            let look = look(&mut cache, &other, &peer(), &mut [0; ROOM]);
            assert!(matches!(look, Look::Foreign), "{what}: {look:?}");
        }
        keep(&mut cache, &other, &reply(&plain, 20));
        assert_eq!(found(&mut cache, &other, &peer()), None, "{what}");
    }
    let (mut cache, stream) = (cache(64), Peer { transport: Transport::Tcp, ..peer() });
    keep(&mut cache, &plain, &reply(&plain, 20));
    assert_eq!((found(&mut cache, &plain, &stream), found(&mut cache, &plain, &peer()).is_some()), (None, true));
}

#[test]
fn truncated_and_long_replies_are_not_kept() {
    let (mut cache, asked) = (cache(64), query(b"\x01a"));
    let mut truncated = reply(&asked, 0);
    truncated[2] |= 2;
    keep(&mut cache, &asked, &truncated);
    keep(&mut cache, &asked, &reply(&asked, PACKET_OCTETS_MAX + 1 - asked.len()));
    keep(&mut cache, &asked, b"");
    assert_eq!(found(&mut cache, &asked, &peer()), None);
    keep(&mut cache, &asked, &reply(&asked, PACKET_OCTETS_MAX - asked.len()));
    assert!(found(&mut cache, &asked, &peer()).is_some());
    let look = look(&mut cache, &asked, &peer(), &mut [0; 64]);
    assert!(matches!(look, Look::Missing { .. }), "it does not fit");
}

/// Replies of all lengths come and go, the ring turns often, positions start anew; what is found always is the last that was kept.
#[test]
fn nobody_gets_a_reply_that_is_another_ones_or_an_older_one() {
    let given = std::env::var("GANNET_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or(20_261_129);
    let mut random = Random(seed);
    let mut cache = cache(64);
    cache.written = u32::MAX - 30_000;
    cache.valid_from = cache.written;
    let (mut model, mut hits, mut turns) = (HashMap::new(), 0, 0);
    for step in 0..60_000 {
        let number = random.below(100) as u8;
        let asked = query(&[2, b'a' + number % 26, b'0' + number / 26]);
        let kept = model.get(&number).copied();
        match found(&mut cache, &asked, &peer()) {
            Some(octets) => {
                assert_eq!(Some(octets.len()), kept, "step {step}, seed {seed}");
                assert_eq!(octets, reply(&asked, octets.len() - asked.len()), "step {step}, seed {seed}");
                hits += 1;
            }
            None => {
                let reply = reply(&asked, random.below(PACKET_OCTETS_MAX - asked.len()));
                let written = cache.written;
                keep(&mut cache, &asked, &reply);
                turns += u32::from(cache.written < written);
                model.insert(number, reply.len());
            }
        }
        if random.below(1_000) == 0 {
            cache.forget();
            model.clear();
        }
    }
    assert!(hits > 1_000 && turns == 1, "{hits} hits, {turns} new starts, seed {seed}");
}

#[test]
fn it_is_passed_by_where_few_come_again_and_tried_once_more_later() {
    let mut worth = Worth::default();
    for _ in 0..256 {
        assert!(!worth.is_passed_by(64), "it is not told yet");
        worth.looks += 64;
        worth.hits += 15; // less than a quarter
    }
    let passed_by = (0..).take_while(|_| worth.is_passed_by(64)).count();
    assert_eq!(passed_by, 1 + 16 * 256, "the one at which it was told, and sixteen times as many");
    worth = Worth::default();
    for _ in 0..2_000 {
        assert!(!worth.is_passed_by(64), "more than a quarter");
        worth.looks += 64;
        worth.hits += 17;
    }
}

#[test]
fn what_is_asked_for_once_pushes_nothing_out() {
    let (mut cache, hot) = (cache(64), query(b"\x03hot"));
    keep(&mut cache, &hot, &reply(&hot, 100));
    let mut kept = 0;
    for number in 0..10_000_u32 {
        let asked = query(format!("\x05{number:05}").as_bytes());
        let Look::Missing { again } = look(&mut cache, &asked, &peer(), &mut [0; ROOM]) else { panic!("never kept") };
        if again {
            // By chance, as two share a tag.
            cache.keep(0, &reply(&asked, 100));
            kept += 1;
        }
    }
    assert!(kept < 10, "{kept}");
    assert!(found(&mut cache, &hot, &peer()).is_some());
}

#[test]
fn what_is_overwritten_in_part_is_not_looked_at() {
    let (mut cache, first) = (cache(64), query(b"\x05first"));
    let at = cache.written;
    keep(&mut cache, &first, &reply(&first, 100));
    let last = (0..).find(|number| {
        let other = query(format!("\x04{number:04}").as_bytes());
        keep(&mut cache, &other, &reply(&other, 900));
        (cache.written - at) as usize * UNIT > cache.ring.len()
    });
    assert!(last.is_some_and(|last: u32| last > 5) && !cache.is_valid(at) && cache.is_valid(cache.written - 1));
}

#[test]
fn one_that_comes_several_times_in_a_batch_is_kept_once() {
    let (mut cache, hot) = (cache(64), query(b"\x03hot"));
    let written = cache.written;
    keep(&mut cache, &hot, &reply(&hot, 100));
    let once = cache.written;
    (0..10).for_each(|_| keep(&mut cache, &hot, &reply(&hot, 100)));
    assert!(cache.written == once && once > written);
    cache.forget();
    keep(&mut cache, &hot, &reply(&hot, 100));
    assert!(cache.written > once);
}
