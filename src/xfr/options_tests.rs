//! The OPT records of what transfers and their refusals say.

use super::*;
use crate::gate::{CookieSecret, Cookies};

/// The options of a reply, whose OPT record is its end.
fn options(reply: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let (mut options, record) = (BTreeMap::new(), reply.windows(3).rposition(|octets| octets == [0, 0, 41]));
    let mut rest = &reply[record.expect("an OPT record") + 11..];
    while let [a, b, c, d, more @ ..] = rest {
        let (value, more) = more.split_at(usize::from(u16::from_be_bytes([*c, *d])));
        assert_eq!(options.insert(u16::from_be_bytes([*a, *b]), value.to_vec()), None);
        rest = more;
    }
    assert!(rest.is_empty());
    options
}

/// The code and the words of the extended error.
fn error(reply: &[u8]) -> (u16, String) {
    let value = options(reply).remove(&15).expect("an extended error");
    let (code, text) = value.split_first_chunk().expect("an INFO-CODE");
    (u16::from_be_bytes(*code), String::from_utf8(text.to_vec()).expect("UTF-8"))
}

#[test]
fn each_refusal_says_why() {
    let mut bench = Bench::new(TransferLimits { per_client: 0, ..TransferLimits::default() });
    let axfr = |qname| message(qname, Rtype::AXFR, [0, 1], OPT);
    let no_serial = message(APEX, Rtype::IXFR, [0, 1], OPT);
    let mut reply = vec![0; MESSAGE_OCTETS_MAX];
    for (query, from, (code, text)) in [
        (axfr(APEX), STRANGER, (18, "")),
        (axfr("example."), FRIEND, (20, "")),
        (axfr("failed.example."), FRIEND, (24, "")),
        (axfr(APEX), FRIEND, (0, "too many transfers")),
        (no_serial.clone(), FRIEND, (0, "IXFR without an SOA")),
    ] {
        let Taken::Reply(octets) = bench.primary.take_over(&query, peer(from, Transport::Tcp), &mut reply) else {
            panic!("no transfer")
        };
        assert_eq!(error(&reply[..octets]), (code, text.to_owned()), "{text}");
    }
    for (query, (code, text)) in [(axfr(APEX), (21, "")), (no_serial, (0, "IXFR without an SOA"))] {
        let Verdict::Reply(octets) = bench.primary.respond(&query, peer(FRIEND, Transport::Udp), &mut reply) else {
            panic!("a reply")
        };
        assert_eq!(error(&reply[..octets]), (code, text.to_owned()), "{text}");
    }
    assert_eq!(bench.counters.transfers_over_limit.value(), 1);
}

/// The server that has something to say to whatever may be asked for.
fn talkative(nsid: &[u8]) -> (Bench, Publisher<Option<Cookies>>) {
    let cookies = Publisher::new(Cookies::new(&[CookieSecret([7; 16])], false, Instant::now(), 1_000_000));
    let settings = Settings {
        nsid: Some(nsid.into()),
        report_agent: Some(name("agent.test.")),
        cookies: cookies.reader(),
        ..Settings::default()
    };
    (Bench::with(TransferLimits::default(), settings), cookies)
}

/// An OPT record of this payload that asks for all there is: NSID, EXPIRE, keepalive, ZONEVERSION, a cookie, client subnet.
fn all_asked_for(payload: u16) -> Vec<u8> {
    let options = b"\0\x03\0\0\0\x09\0\0\0\x0b\0\0\0\x13\0\0\0\x0a\0\x08client's\0\x08\0\x07\0\x01\x18\0\xc0\0\x02";
    let [high, low] = payload.to_be_bytes();
    [&[0, 0, 41, high, low, 0, 0, 0, 0, 0, options.len() as u8], &options[..]].concat()
}

#[test]
fn a_transfer_has_the_options_of_any_reply() {
    let (mut bench, _cookies) = talkative(b"here");
    let asked = all_asked_for(1_232);
    let mut reply = vec![0; MESSAGE_OCTETS_MAX];
    let mut over_tcp = |bench: &mut Bench, query: &[u8]| {
        let peer = peer(FRIEND, Transport::Tcp);
        let octets = match bench.primary.respond(query, peer, &mut reply) {
            Verdict::Reply(octets) => octets,
            _ => match bench.primary.take_over(query, peer, &mut reply) {
                Taken::Reply(octets) => octets,
                Taken::Drop => panic!("a query has a reply"),
                Taken::Stream(mut stream) => match stream.next(Instant::now(), &mut reply) {
                    Next::Last(octets) => octets,
                    next => panic!("{next:?}"),
                },
            },
        };
        options(&reply[..octets])
    };
    let expected = over_tcp(&mut bench, &message(APEX, Rtype::SOA, [0, 1], &asked));
    assert_eq!(expected.keys().copied().collect::<Vec<_>>(), [3, 8, 9, 10, 11, 18, 19]);
    assert_eq!(over_tcp(&mut bench, &message(APEX, Rtype::AXFR, [0, 1], &asked)), expected);
    let held = |serial| {
        let mut query = ixfr(APEX, serial);
        query[11] = 1;
        query.extend(&asked);
        query
    };
    assert_eq!(over_tcp(&mut bench, &held(7)), expected);
    assert_eq!(over_tcp(&mut bench, &held(6)), expected);
    // A refusal has those of any refusal.
    let mut expected = over_tcp(&mut bench, &message("elsewhere.", Rtype::SOA, [0, 1], &asked));
    assert_eq!(expected.keys().copied().collect::<Vec<_>>(), [3, 8, 10, 11, 15, 18]);
    let refused = message("elsewhere.", Rtype::AXFR, [0, 1], &asked);
    assert_eq!(over_tcp(&mut bench, &refused), expected);
    // Without an OPT record there is none.
    assert_eq!(bench.over_tcp(&axfr("elsewhere."), FRIEND), (NOTAUTH, 0));
    // RFC 7828 section 3.3.2: no keepalive over UDP.
    expected.remove(&11);
    let mut datagram = [0; 4096];
    let query = message("elsewhere.", Rtype::IXFR, [0, 1], &asked);
    let Verdict::Reply(octets) = bench.primary.respond(&query, peer(FRIEND, Transport::Udp), &mut datagram) else {
        panic!("a reply")
    };
    expected.insert(15, b"\0\0IXFR without an SOA".to_vec());
    assert_eq!(options(&datagram[..octets]), expected);
}

#[test]
fn messages_behind_the_first_have_the_cookie_alone() {
    let cookies = Publisher::new(Cookies::new(&[CookieSecret([7; 16])], false, Instant::now(), 1_000_000));
    let settings = Settings { nsid: Some(b"here"[..].into()), cookies: cookies.reader(), ..Settings::default() };
    let records: Vec<Data> =
        (0..100).map(|number| (format!("t{number}.{APEX}"), 300, Rtype::TXT, vec![9; 1_000])).collect();
    let mut bench = Bench::of(&records, TransferLimits::default(), settings);
    let mut buffer = vec![0; MESSAGE_OCTETS_MAX];
    let query = message(APEX, Rtype::AXFR, [0, 1], &all_asked_for(1_232));
    let Taken::Stream(mut stream) = bench.primary.take_over(&query, peer(FRIEND, Transport::Tcp), &mut buffer) else {
        panic!("a transfer")
    };
    let told: Vec<_> = messages(|buffer| stream.next(Instant::now(), buffer)).iter().map(|one| options(one)).collect();
    assert!(told.len() > 3 && told[0].contains_key(&3) && told[0].contains_key(&10), "{told:?}");
    for later in &told[1..] {
        assert_eq!(later.iter().collect::<Vec<_>>(), [(&10, &told[0][&10])]);
    }
}

#[test]
fn no_option_but_the_cookie_is_worth_the_soa() {
    for (nsid, told) in [(200, true), (500, false)] {
        let (mut bench, _cookies) = talkative(&vec![b'x'; nsid]);
        let mut query = ixfr(APEX, 6);
        query[11] = 1;
        query.extend(all_asked_for(512));
        let mut reply = [0; 4096];
        let Verdict::Reply(octets) = bench.primary.respond(&query, peer(FRIEND, Transport::Udp), &mut reply) else {
            panic!("a reply")
        };
        let (told_all, reply) = (options(&reply[..octets]), &reply[..octets]);
        assert!(octets <= 512 && reply[2] & 2 == 0 && reply[7] == 1, "{octets} octets, the SOA in them");
        assert_eq!((told_all.contains_key(&3), told_all.contains_key(&10)), (told, true));
    }
}
