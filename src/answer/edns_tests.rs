//! Options of queries and of replies.

use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::*;
use crate::gate::{CookieSecret, Cookies};
use crate::wire::OptionCode;

/// A reply taken apart as far as its OPT record goes.
struct Read {
    octets: usize,
    /// The header's and, if there is one, the OPT record's part.
    rcode: u16,
    truncated: bool,
    answers: u8,
    /// The OPT record's, if there is one.
    flags: Option<u16>,
    /// What is in the OPT record, if there is one.
    options: Option<BTreeMap<u16, Vec<u8>>>,
}

impl Read {
    fn of(reply: &[u8]) -> Self {
        let number = |at: usize| u16::from_be_bytes([reply[at], reply[at + 1]]);
        let name = |mut at: usize| loop {
            match reply[at] {
                0 => return at + 1,
                0xc0.. => return at + 2,
                label => at += 1 + usize::from(label),
            }
        };
        let mut at = if number(4) == 0 { 12 } else { name(12) + 4 };
        let mut read = Self {
            octets: reply.len(),
            rcode: u16::from(reply[3] & 0xf),
            truncated: reply[2] & 2 != 0,
            answers: reply[7],
            flags: None,
            options: None,
        };
        for _ in 0..number(6) + number(8) + number(10) {
            let fixed = name(at);
            let end = fixed + 10 + usize::from(number(fixed + 8));
            if number(fixed) == 41 {
                assert!(read.options.is_none() && end == reply.len() && reply[fixed + 5] == 0);
                read.rcode |= u16::from(reply[fixed + 4]) << 4;
                read.flags = Some(number(fixed + 6));
                let mut options = BTreeMap::new();
                let mut option = fixed + 10;
                while option < end {
                    let value = reply[option + 4..][..usize::from(number(option + 2))].to_vec();
                    option += 4 + value.len();
                    assert!(options.insert(number(option - 4 - value.len()), value).is_none());
                }
                read.options = Some(options);
            }
            at = end;
        }
        assert_eq!(at, reply.len());
        read
    }

    fn option(&self, code: OptionCode) -> Option<&[u8]> {
        self.options.as_ref().and_then(|options| options.get(&code.0)).map(Vec::as_slice)
    }

    /// The extended error's number.
    fn error(&self) -> Option<u16> {
        self.option(OptionCode::EXTENDED_ERROR).map(|value| u16::from_be_bytes([value[0], value[1]]))
    }

    /// The extended error's words.
    fn words(&self) -> &str {
        self.option(OptionCode::EXTENDED_ERROR).map_or("", |value| std::str::from_utf8(&value[2..]).expect("UTF-8"))
    }
}

fn option(code: OptionCode, value: &[u8]) -> Vec<u8> {
    [&code.0.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

/// A query with these options.
pub(super) fn with(mut query: Vec<u8>, payload: u16, options: &[u8]) -> Vec<u8> {
    query[11] = 1;
    query.extend([0, 0, 41]);
    query.extend(payload.to_be_bytes());
    query.extend([0; 4]);
    query.extend((options.len() as u16).to_be_bytes());
    query.extend(options);
    query
}

fn ask(bench: &mut Bench, query: &[u8]) -> Read {
    Read::of(&bench.respond(query, Transport::Udp).expect("a reply"))
}

fn soa(qname: &str) -> Vec<u8> {
    query(qname, Rtype::SOA, Class::IN, None)
}

/// Settings with cookies of this secret; and the one who publishes them.
pub(super) fn with_cookies(refuses: bool) -> (Settings, Publisher<Option<Cookies>>) {
    let publisher = Publisher::new(Cookies::new(&[CookieSecret([7; 16])], refuses, Instant::now(), 1_000_000));
    (Settings { cookies: publisher.reader(), ..Settings::default() }, publisher)
}

#[test]
fn each_refusal_says_why() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[("alias.example.", Rtype::CNAME, wire("a.broken.example."))]);
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("broken.example.").as_name(), &bench.hasher)));
    bench.publish(vec![zone, failed]);
    for (qname, qtype, qclass, rcode, error) in [
        ("other.", Rtype::A, Class::IN, 5, Some(20)),
        ("example.", Rtype::A, Class::HS, 5, Some(20)),
        ("version.bind.", Rtype::TXT, Class::CH, 5, Some(20)),
        ("example.", Rtype::MAILB, Class::IN, 4, Some(21)),
        ("example.", Rtype::OPT, Class::IN, 1, Some(30)),
        ("example.", Rtype(128), Class::IN, 1, Some(30)),
        ("a.broken.example.", Rtype::A, Class::IN, 2, Some(24)),
        ("alias.example.", Rtype::A, Class::IN, 2, Some(24)),
        ("none.example.", Rtype::A, Class::IN, 3, None),
        ("example.", Rtype::SOA, Class::IN, 0, None),
    ] {
        let query = query(qname, qtype, qclass, None);
        let read = ask(&mut bench, &with(query.clone(), 1_232, b""));
        assert_eq!((read.rcode, read.error()), (rcode, error), "{qname} {qtype} {qclass}");
        assert!(ask(&mut bench, &query).options.is_none());
    }
}

#[test]
fn broken_messages_and_other_opcodes_have_an_opt_for_an_opt() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[]);
    bench.publish(vec![zone]);
    let good = with(soa("example."), 1_232, b"");
    for opcode in (1..16).map(|opcode: u8| opcode << 3) {
        let mut message = good.clone();
        message[2] = opcode | 1;
        let read = ask(&mut bench, &message);
        assert_eq!((read.rcode, read.error(), read.octets), (4, Some(21), 12 + 11 + 6));
        message.truncate(message.len() - 11);
        message[11] = 0;
        assert_eq!(ask(&mut bench, &message).octets, 12);
    }
    let opt = &good[good.len() - 11..];
    let counted = |count: u8, tail: &[&[u8]]| {
        let mut message = [&good[..good.len() - 11], &tail.concat()].concat();
        message[11] = count;
        message
    };
    let lies = with(soa("example."), 1_232, b"\0\x64\0\x05x");
    let nothing = |options: &[u8]| with(vec![9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 512, options);
    let asks = with(soa("example."), 1_232, &option(OptionCode::SUBNET, b"\0\x01\0\0"));
    for (message, words) in [
        (counted(1, &[opt, b"trailing"]), "malformed message"),
        (counted(2, &[opt, b"half a record"]), "malformed message"),
        ([&asks[..], b"trailing"].concat(), "malformed message"),
        (counted(2, &[opt, opt]), "malformed OPT record"),
        (counted(1, &[b"\x01a", opt]), "malformed OPT record"),
        (counted(2, &[opt, b"\x01a", opt]), "malformed OPT record"),
        (lies, "malformed OPT record"),
        (nothing(b"\0\x64\0\x05x"), "malformed OPT record"),
        (nothing(b""), "no question"),
    ] {
        let read = ask(&mut bench, &message);
        assert_eq!((read.rcode, read.error(), read.words()), (1, Some(0), words), "{}", message.escape_ascii());
        assert_eq!(read.octets, 12 + 11 + 6 + words.len(), "that and nothing else");
    }
    // Where there is none that is whole, nothing says that the client knows of EDNS.
    for tail in [&opt[..9], &[&opt[..10], &[9]].concat()] {
        let read = ask(&mut bench, &counted(1, &[tail]));
        assert_eq!((read.rcode, read.octets), (1, 12));
    }
    // Options that cannot be: the question is good, and the reply says so.
    for bad in [option(OptionCode::COOKIE, b"1234567"), option(OptionCode::SUBNET, b"\0\x01\x18\0\xc0")] {
        let read = ask(&mut bench, &with(soa("example."), 1_232, &bad));
        assert_eq!((read.rcode, read.answers, read.error()), (1, 0, Some(0)));
    }
    // What another version's options say is not for us to judge.
    let mut other = with(soa("example."), 1_232, &option(OptionCode::COOKIE, b"1234567"));
    let version = other.len() - 11 - 11 + 6;
    other[version] = 1;
    let read = ask(&mut bench, &other);
    assert_eq!((read.rcode, read.options), (16, Some(BTreeMap::new())));
}

#[test]
fn who_takes_compact_answers_is_counted() {
    let mut bench = plain();
    let zone = bench.zone("example.", &[]);
    bench.publish(vec![zone]);
    let flagged = |flags: u8, options: &[u8]| {
        let mut query = with(soa("example."), 1_232, options);
        let at = query.len() - options.len() - 4;
        query[at] = flags;
        query
    };
    let nsid = option(OptionCode::NSID, b"");
    for (counted, query) in [
        (0, soa("example.")),
        (0, flagged(0, b"")),
        (0, flagged(0x80, &nsid)),
        (1, flagged(0x40, b"")),
        (2, flagged(0xc0, &nsid)),
        (2, flagged(0xbf, b"")),
    ] {
        // Nobody is told: no answer is compact here.
        let read = ask(&mut bench, &query);
        assert_eq!((read.rcode, read.flags.map_or(0, |flags| flags & 0x7fff)), (0, 0));
        assert_eq!(bench.counters.compact_ok.value(), counted);
    }
}

#[test]
fn a_cookie_that_comes_back_is_valid_and_comes_again() {
    let (settings, cookies) = with_cookies(false);
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zone = bench.zone("example.", &[]);
    bench.publish(vec![zone]);
    let cookie = |value: &[u8]| with(soa("example."), 1_232, &option(OptionCode::COOKIE, value));
    let got = |read: Read| read.option(OptionCode::COOKIE).map(<[u8]>::to_vec);
    let first = got(ask(&mut bench, &cookie(b"client's"))).expect("a cookie");
    assert_eq!((first.len(), &first[..8]), (24, &b"client's"[..]));
    assert_eq!(got(ask(&mut bench, &cookie(&first))), Some(first.clone()));
    let bad = [&b"client's"[..], &[1; 16]].concat();
    let read = ask(&mut bench, &cookie(&bad));
    assert_eq!((read.rcode, read.answers), (0, 1), "a bad cookie is no fault");
    assert_eq!(got(read), Some(first.clone()));
    // Who asks nothing gets a cookie, if he asks for one.
    let ping = |options: &[u8]| with(vec![9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 512, options);
    let read = ask(&mut bench, &ping(&option(OptionCode::COOKIE, b"client's")));
    assert_eq!((read.rcode, got(read)), (0, Some(first.clone())));
    assert_eq!(ask(&mut bench, &ping(b"")).rcode, 1);
    let counters = &bench.counters;
    let counted =
        [&counters.cookies_client_only, &counters.cookies_valid, &counters.cookies_bad, &counters.cookies_none];
    assert_eq!(counted.map(Counter::value), [2, 1, 1, 1]);
    // Half an hour later, by the responder's clock, it is exchanged.
    bench.responder.refresh(Instant::now() + Duration::from_secs(1_800));
    let renewed = got(ask(&mut bench, &cookie(&first)));
    assert!(renewed.is_some() && renewed != Some(first.clone()));
    assert_eq!(bench.counters.cookies_valid.value(), 2);
    // Turned off, they are as unknown as any other option.
    cookies.publish(None);
    bench.responder.refresh(Instant::now());
    assert_eq!(got(ask(&mut bench, &cookie(&first))), None);
    assert_eq!(bench.counters.cookies_valid.value(), 2);
}

#[test]
fn a_valid_cookie_has_no_limit_and_others_may_get_badcookie() {
    for refuses in [false, true] {
        let (settings, _cookies) = with_cookies(refuses);
        let gate = GateConfig { client_qps: 1, client_burst: 1, slip: 1, ..GateConfig::default() };
        let mut bench = Bench::new(settings, &gate);
        let zone = bench.zone("example.", &[]);
        bench.publish(vec![zone]);
        let cookie = |value: &[u8]| with(soa("example."), 1_232, &option(OptionCode::COOKIE, value));
        assert_eq!(ask(&mut bench, &soa("example.")).answers, 1);
        let over = ask(&mut bench, &cookie(b"client's"));
        assert_eq!((over.rcode, over.truncated, over.answers), if refuses { (23, false, 0) } else { (0, true, 0) });
        let cookie_got = over.option(OptionCode::COOKIE).expect("a cookie").to_vec();
        for _ in 0..10 {
            let read = ask(&mut bench, &cookie(&cookie_got));
            assert_eq!((read.rcode, read.truncated, read.answers), (0, false, 1));
        }
        // Nor has it one where nothing is asked but for a cookie (RFC 7873 section 5.4), or something that is no query.
        let no_question = |opcode: u8| {
            let value = option(OptionCode::COOKIE, &cookie_got);
            let fixed =
                [0, 1, opcode << 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, value.len() as u8];
            [&fixed[..], &value].concat()
        };
        for _ in 0..3 {
            assert_eq!([0, 2].map(|opcode| ask(&mut bench, &no_question(opcode)).rcode), [0, 4]);
        }
        // Who knows nothing of cookies is sent to TCP.
        assert!(ask(&mut bench, &soa("example.")).truncated);
        assert_eq!((bench.counters.slipped.value(), bench.counters.client_limited.value()), (2, 2));
    }
}

#[test]
fn what_is_asked_for_is_told() {
    let settings = Settings { nsid: Some((*b"here").into()), keepalive_decis: 77, ..Settings::default() };
    let mut bench = Bench::new(settings, &GateConfig::default());
    let soa_rdata =
        [wire("."), wire("."), [0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x12, 0x34, 0, 0, 0, 3].to_vec()].concat();
    let mut builder = Builder::new(name("a.example.").as_name(), &bench.hasher);
    for (rtype, rdata) in [(Rtype::SOA, soa_rdata), (Rtype::NS, wire("ns.test."))] {
        let owner = name("a.example.");
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 300, rtype, rdata: &rdata };
        builder.add(&record).expect("a record that fits");
    }
    bench.publish(vec![Arc::new(builder.seal().expect("a good zone").0).into()]);
    let subnet = b"\0\x01\x18\0\xc0\0\x02";
    let all = [
        option(OptionCode::NSID, b""),
        option(OptionCode::EXPIRE, b""),
        option(OptionCode::KEEPALIVE, b""),
        option(OptionCode::ZONE_VERSION, b""),
        option(OptionCode::SUBNET, subnet),
        option(OptionCode(65_001), b"unknown"),
    ]
    .concat();
    let read = ask(&mut bench, &with(soa("a.example."), 1_232, &all));
    let expected =
        [(3, b"here".to_vec()), (8, subnet.to_vec()), (9, vec![0, 0, 0x12, 0x34]), (19, vec![2, 0, 0, 0, 0, 9])];
    assert_eq!(read.options, Some(BTreeMap::from(expected.clone())));
    // RFC 7828 section 3.3.2: the keepalive goes over TCP alone.
    let over_tcp = Read::of(&bench.respond(&with(soa("a.example."), 1_232, &all), Transport::Tcp).expect("a reply"));
    assert_eq!(over_tcp.option(OptionCode::KEEPALIVE), Some(&[0, 77][..]));
    // Of another type or name, there is no EXPIRE; outside our zones there is no version.
    let read = ask(&mut bench, &with(soa("b.a.example."), 1_232, &all));
    assert_eq!((read.rcode, read.option(OptionCode::EXPIRE)), (3, None));
    assert!(read.option(OptionCode::ZONE_VERSION).is_some());
    let read = ask(&mut bench, &with(soa("b.example."), 1_232, &all));
    assert_eq!((read.rcode, read.option(OptionCode::ZONE_VERSION)), (5, None));
    assert_eq!(ask(&mut bench, &with(soa("a.example."), 1_232, b"")).options, Some(BTreeMap::new()));
}

/// A record of just the size that fits without an option: the option stays out. With the cookie, TC is set, for who
/// has told a cookie takes a reply without it for forged.
#[test]
fn no_option_but_the_cookie_is_worth_a_record() {
    let (settings, _cookies) = with_cookies(false);
    let settings = Settings { nsid: Some([b'x'; 100].into()), ..settings };
    let mut bench = Bench::new(settings, &GateConfig::default());
    // Header, question, the TXT's fixed part, OPT: 12 + 15 + 12 + 11.
    let zone = bench.zone("example.", &[("t.example.", Rtype::TXT, txt_of(1_024))]);
    bench.publish(vec![zone]);
    let fits = 50 + 1_024;
    let nsid = option(OptionCode::NSID, b"");
    let mut ask = |payload, options: &[u8]| {
        let read = ask(&mut bench, &with(query("t.example.", Rtype::TXT, Class::IN, None), payload, options));
        assert!(read.octets <= usize::from(payload), "{} of {payload}", read.octets);
        (read.truncated, read.option(OptionCode::NSID).is_some(), read.option(OptionCode::COOKIE).is_some())
    };
    assert_eq!(ask(fits, &nsid), (false, false, false));
    assert_eq!(ask(fits + 103, &nsid), (false, false, false));
    assert_eq!(ask(fits + 104, &nsid), (false, true, false));
    // A truncated reply is as small as can be.
    assert_eq!(ask(fits - 1, &nsid), (true, false, false));
    let cookie = option(OptionCode::COOKIE, b"client's");
    assert_eq!(ask(fits + 27, &cookie), (true, false, true));
    assert_eq!(ask(fits + 28, &cookie), (false, false, true));
    assert_eq!(ask(fits + 131, &[nsid.clone(), cookie.clone()].concat()), (false, false, true));
    assert_eq!(ask(fits + 132, &[nsid, cookie].concat()), (false, true, true));
}

#[test]
fn a_cached_reply_has_each_clients_own_options() {
    let (settings, _cookies) = with_cookies(false);
    let settings = Settings { cached_answers: 8, nsid: Some((*b"here").into()), ..settings };
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zone = bench.hashed_zone("example.", &[("*.example.", Rtype::A, vec![192, 0, 2, 1])]);
    bench.publish(vec![zone]);
    let with_options = |options: &[u8]| {
        let mut query = with(a("x.example."), 1_232, options);
        let flags = query.len() - options.len() - 4;
        query[flags] = 0x80;
        query
    };
    let mut cookie_for = |client: &[u8]| {
        let read = ask(&mut bench, &with_options(&option(OptionCode::COOKIE, client)));
        assert_eq!(read.answers, 1);
        read.option(OptionCode::COOKIE).expect("a cookie").to_vec()
    };
    let [one, other, third] = [b"client 1", b"client 2", b"client 3"].map(|client| cookie_for(client));
    assert_eq!((&one[..8], &other[..8]), (&b"client 1"[..], &b"client 2"[..]));
    assert_ne!(one[8..], other[8..]);
    assert_eq!(&third[..8], b"client 3");
    assert_eq!(bench.looks(), (2, 1));
    // With options that leave as much room or not: each gets its own.
    for (options, told) in [(&b""[..], false), (&option(OptionCode::NSID, b"")[..], true), (b"\0\x64\0\0", false)] {
        for _ in 0..3 {
            let read = ask(&mut bench, &with_options(options));
            assert_eq!((read.answers, read.option(OptionCode::NSID).is_some()), (1, told));
        }
    }
    assert!(ask(&mut bench, &a("x.example.")).options.is_none());
}

#[test]
fn errors_are_reported_to_an_agent() {
    let (reports, reported) = sync_channel(1);
    let (settings, _cookies) = with_cookies(false);
    let settings = Settings { report_agent: Some(name("er.example.")), reports: Some(reports), ..settings };
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zone = bench.zone("example.", &[("*._er.er.example.", Rtype::TXT, b"\x06thanks".to_vec())]);
    bench.publish(vec![zone]);
    // The agent is told with every reply, but not to those who report to it.
    for (qname, told) in [("example.", true), ("other.", true), ("er.example.", false), ("x.er.example.", false)] {
        let read = ask(&mut bench, &with(soa(qname), 1_232, b""));
        let agent = read.option(OptionCode::REPORT_CHANNEL);
        assert_eq!(agent, told.then_some(wire("er.example.").as_slice()), "{qname}");
    }
    let report = query("_er.1.Broken.test.7._er.er.example.", Rtype::TXT, Class::IN, None);
    let read = ask(&mut bench, &with(report.clone(), 1_232, b""));
    assert_eq!((read.truncated, read.answers), (true, 0), "the sender may be a lie");
    assert!(reported.try_recv().is_err());
    let over_tcp = Read::of(&bench.respond(&report, Transport::Tcp).expect("a reply"));
    assert_eq!((over_tcp.truncated, over_tcp.answers), (false, 1));
    let told = reported.try_recv().expect("a report").to_string();
    assert_eq!(told, "broken.test. A: extended error 7, by 127.0.0.1");
    // With a valid cookie too; and where the channel is full, it is counted and answered.
    let read = ask(&mut bench, &with(report.clone(), 1_232, &option(OptionCode::COOKIE, b"client's")));
    let cookie = option(OptionCode::COOKIE, read.option(OptionCode::COOKIE).expect("a cookie"));
    for _ in 0..3 {
        assert_eq!(ask(&mut bench, &with(report.clone(), 1_232, &cookie)).answers, 1);
    }
    assert_eq!(reported.try_iter().count(), 1);
    assert_eq!((bench.counters.error_reports.value(), bench.counters.error_reports_unproven.value()), (4, 2));
}
