//! The rates of replies: what counts as the same reply, who has no rate, and what goes out in place of a reply.

use super::edns::{with, with_cookies};
use super::*;
use crate::gate::ReplyConfig;
use crate::wire::OptionCode;

/// So many replies of a kind go out at once; the rest is dropped.
const RATE: u32 = 3;

fn rates() -> ReplyConfig {
    ReplyConfig {
        answers_per_second: RATE,
        denials_per_second: RATE,
        errors_per_second: RATE,
        slip: 0,
        ..ReplyConfig::default()
    }
}

fn limited(settings: Settings, replies: ReplyConfig) -> Bench {
    let mut bench = Bench::new(settings, &GateConfig { replies, ..GateConfig::default() });
    let zone = bench.zone(
        "example.",
        &[
            ("*.wild.example.", Rtype::TXT, b"\x01x".to_vec()),
            ("old.example.", Rtype::DNAME, wire("new.example.")),
            ("cut.example.", Rtype::NS, wire("ns.test.")),
            ("alias.example.", Rtype::CNAME, wire("name1.example.")),
        ],
    );
    let names: Vec<String> = (0..20).map(|number| format!("name{number}.names.example.")).collect();
    let rows: Vec<Row<'_>> = names.iter().map(|name| (&**name, Rtype::A, vec![192, 0, 2, 1])).collect();
    let (names, other) = (bench.zone("names.example.", &rows), bench.zone("other.", &[]));
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("broken.").as_name(), &bench.hasher)));
    bench.publish(vec![zone, names, other, failed]);
    bench
}

fn of_rates() -> Bench {
    limited(Settings::default(), rates())
}

/// How many of 20 queries get a reply over UDP; `query` makes one by its number.
fn replies(bench: &mut Bench, query: impl Fn(u32) -> Vec<u8>) -> u32 {
    (0..20).filter(|&number| bench.respond(&query(number), Transport::Udp).is_some()).count() as u32
}

fn txt(qname: &str) -> Vec<u8> {
    query(qname, Rtype::TXT, Class::IN, None)
}

#[test]
fn names_that_one_owner_stands_for_share_a_rate() {
    for (below, counter) in [
        ("wild.example.", (|counters| &counters.rrl_answers) as fn(&Counters) -> &Counter),
        ("old.example.", |counters| &counters.rrl_answers),
        ("cut.example.", |counters| &counters.rrl_referrals),
        ("example.", |counters| &counters.rrl_nxdomain),
        ("other.", |counters| &counters.rrl_nxdomain),
        ("nowhere.", |counters| &counters.rrl_errors),
        ("broken.", |counters| &counters.rrl_errors),
    ] {
        let mut bench = of_rates();
        assert_eq!(replies(&mut bench, |number| txt(&format!("random{number}.{below}"))), RATE, "{below}");
        assert_eq!(counter(&bench.counters).value(), u64::from(20 - RATE), "{below}");
    }
    // Nor does it matter which name above them is there.
    let mut bench = of_rates();
    assert_eq!(replies(&mut bench, |number| a(&format!("x.name{number}.names.example."))), RATE);
    // The types of one name that are not there are one denial; so are those of a wildcard.
    for owner in ["names.example.", "random.wild.example."] {
        let mut bench = of_rates();
        let typed = |number| query(owner, Rtype(300 + number as u16), Class::IN, None);
        assert_eq!(replies(&mut bench, typed), RATE, "{owner}");
        assert_eq!(bench.counters.rrl_nodata.value(), u64::from(20 - RATE), "{owner}");
    }
}

#[test]
fn different_names_zones_and_kinds_do_not() {
    let mut bench = of_rates();
    for _ in 0..RATE {
        assert_eq!(replies(&mut bench, |number| a(&format!("name{number}.names.example."))), 20, "each its own");
    }
    assert_eq!(replies(&mut bench, |_| a("name1.names.example.")), 0, "by now used up");
    for below in ["wild.example.", "old.example.", "cut.example.", "example.", "names.example.", "other."] {
        assert_eq!(replies(&mut bench, |number| txt(&format!("x{number}.{below}"))), RATE, "{below}");
    }
    assert_eq!(replies(&mut bench, |_| query("example.", Rtype::SOA, Class::IN, None)), RATE);
    assert_eq!(replies(&mut bench, |_| query("example.", Rtype::A, Class::IN, None)), RATE, "of the same node");
}

#[test]
fn errors_of_every_sort_share_a_rate() {
    let mut notify = a("example.");
    notify[2] = 4 << 3;
    let sorts = [
        a("nowhere."),
        a("broken."),
        query("example.", Rtype::OPT, Class::IN, None),
        query("example.", Rtype::A, Class::HS, None),
        query("example.", Rtype::A, Class::IN, Some((512, 1))),
        query("version.bind.", Rtype::TXT, Class::CH, None),
        [a("example."), vec![0]].concat(),
        notify,
        vec![0; 12],
    ];
    for first in 0..sorts.len() {
        let mut bench = of_rates();
        assert_eq!(replies(&mut bench, |number| sorts[(first + number as usize) % sorts.len()].clone()), RATE);
    }
    // What is no query slips by no reply.
    let mut bench = limited(Settings::default(), ReplyConfig { slip: 1, ..rates() });
    assert_eq!(replies(&mut bench, |_| [a("example."), vec![0]].concat()), RATE);
    assert_eq!((bench.counters.rrl_errors.value(), bench.counters.rrl_slipped.value()), (17, 0));
    assert_eq!(replies(&mut bench, |_| a("nowhere.")), 20);
    assert_eq!((bench.counters.rrl_errors.value(), bench.counters.rrl_slipped.value()), (37, 20));
}

#[test]
fn what_the_server_tells_of_itself_has_a_rate() {
    let identity = Identity { version: Some("Gannet".into()), hostname: None };
    let mut bench = limited(Settings { identity, ..Settings::default() }, rates());
    assert_eq!(replies(&mut bench, |_| query("version.bind.", Rtype::TXT, Class::CH, None)), RATE);
    assert_eq!((bench.counters.rrl_answers.value(), bench.counters.rrl_errors.value()), (17, 0));
    assert_eq!(replies(&mut bench, |_| query("id.server.", Rtype::TXT, Class::CH, None)), RATE);
    assert_eq!((bench.counters.rrl_answers.value(), bench.counters.rrl_errors.value()), (17, 17));
}

#[test]
fn whose_address_is_proven_has_no_rate() {
    let (settings, _cookies) = with_cookies(false);
    let mut bench = limited(settings, rates());
    let cookie = |value: &[u8]| {
        let option = [&OptionCode::COOKIE.0.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat();
        with(a("name1.names.example."), 1_232, &option)
    };
    let first = bench.respond(&cookie(b"client's"), Transport::Udp).expect("a reply");
    let got = first[first.len() - 24..].to_vec();
    assert_eq!(replies(&mut bench, |_| cookie(b"client's")), RATE - 1, "half a cookie proves nothing");
    assert_eq!(replies(&mut bench, |_| cookie(&[&got[..23], &[!got[23]]].concat())), 0, "nor does a forged one");
    assert_eq!(replies(&mut bench, |_| cookie(&got)), 20);
    for query in [a("name1.names.example."), a("nowhere."), a("x.example."), [a("example."), vec![0]].concat()] {
        replies(&mut bench, |_| query.clone());
        for _ in 0..20 {
            assert!(bench.respond(&query, Transport::Tcp).is_some());
        }
    }
}

#[test]
fn cached_replies_have_the_rate_of_what_they_were_made_from() {
    let mut bench = limited(Settings { cached_answers: 8, ..Settings::default() }, rates());
    let zone = bench.hashed_zone("example.", &[("*.example.", Rtype::A, vec![192, 0, 2, 1])]);
    bench.publish(vec![zone]);
    assert_eq!(replies(&mut bench, |_| with_do("x.example.", Rtype::A)), RATE);
    assert_eq!(bench.looks(), (2, u64::from(RATE) - 2));
    assert_eq!(bench.counters.rrl_answers.value(), u64::from(20 - RATE));
}

#[test]
fn truncated_replies_count_as_whole_ones() {
    let mut bench = of_rates();
    let zone = bench.zone("big.", &[("t.big.", Rtype::TXT, txt_of(1_024))]);
    bench.publish(vec![zone]);
    assert_eq!(replies(&mut bench, |_| txt("t.big.")), RATE);
    assert_eq!(bench.counters.truncated.value(), u64::from(RATE));
}

#[test]
fn a_transfer_over_udp_has_the_rate_of_errors() {
    for qname in ["example.", "nowhere."] {
        let mut bench = of_rates();
        // Handed off, it is another's to answer.
        assert_eq!(replies(&mut bench, |_| query(qname, Rtype::IXFR, Class::IN, None)), 0);
        assert_eq!((bench.counters.rrl_answers.value(), bench.counters.rrl_errors.value()), (0, 17));
    }
}

#[test]
fn an_error_report_of_nobody_has_the_rate_of_its_wildcard() {
    let settings = Settings { report_agent: Some(name("agent.wild.example.")), ..Settings::default() };
    let mut bench = limited(settings, rates());
    let report = |number: u32| txt(&format!("_er.1.broken{number}.test.9._er.agent.wild.example."));
    assert_eq!(replies(&mut bench, report), RATE);
    assert_eq!(bench.counters.error_reports_unproven.value(), u64::from(RATE));
    assert_eq!(bench.counters.rrl_answers.value(), u64::from(20 - RATE));
}

#[test]
fn one_in_slip_gets_an_empty_reply_with_tc_or_badcookie() {
    for refuses in [false, true] {
        let (settings, _cookies) = with_cookies(refuses);
        let mut bench = limited(settings, ReplyConfig { slip: 2, ..rates() });
        let asked = query("x.wild.example.", Rtype::TXT, Class::IN, Some((1_232, 0)));
        let mut got: Vec<Message> = Vec::new();
        for _ in 0..2_003 {
            let reply = bench.respond(&asked, Transport::Udp);
            got.extend(reply.map(|reply| Message::from_vec(&reply).expect("a message that others can read")));
        }
        let (whole, slipped) = got.split_at(RATE as usize);
        assert!(whole.iter().all(|reply| reply.answers.len() == 1 && !reply.metadata.truncation));
        assert!(slipped.len().abs_diff(1_000) < 120, "{}", slipped.len());
        for reply in slipped {
            assert!(reply.metadata.truncation && reply.answers.is_empty() && reply.authorities.is_empty());
            assert!(reply.queries.len() == 1 && reply.edns.is_some());
        }
        assert_eq!(bench.counters.rrl_answers.value(), 2_000);
        assert_eq!(bench.counters.rrl_slipped.value(), slipped.len() as u64);
        assert_eq!((bench.counters.slipped.value(), bench.counters.client_limited.value()), (0, 0));
        let option = [&OptionCode::COOKIE.0.to_be_bytes()[..], &[0, 8], b"client's"].concat();
        let asked = with(txt("x.wild.example."), 1_232, &option);
        let replies = [(); 64].map(|()| bench.respond(&asked, Transport::Udp));
        let reply = replies.into_iter().flatten().next().expect("one of many");
        // BADCOOKIE is 23: 7 in the header and 1 in the OPT record.
        assert_eq!((reply[3] & 0xf, reply[2] & 2), if refuses { (7, 0) } else { (0, 2) });
    }
}

#[test]
fn a_dry_run_answers_everything_and_counts() {
    let mut bench = limited(Settings::default(), ReplyConfig { dry_run: true, ..rates() });
    let mut plain = limited(Settings::default(), ReplyConfig::default());
    for query in [a("name1.names.example."), a("x.example."), a("nowhere."), [a("example."), vec![0]].concat()] {
        for _ in 0..20 {
            assert_eq!(bench.respond(&query, Transport::Udp), plain.respond(&query, Transport::Udp));
        }
    }
    let counters = &bench.counters;
    let over = [&counters.rrl_answers, &counters.rrl_nxdomain, &counters.rrl_errors, &counters.rrl_dry_run];
    assert_eq!(over.map(|counter| counter.value()), [17, 17, 37, 71]);
}
