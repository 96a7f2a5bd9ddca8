//! What an operator chose for a zone, and what is left out of a reply that is too large.

use std::net::Ipv6Addr;

use super::*;
use crate::zone::{AnyAnswer, Choices, MinimalResponses};
use crate::zonefile::Reader;

const ZONE: &str = "
$TTL 3600
@ SOA ns1 hostmaster 1 7200 900 1209600 900
@ NS ns1
@ NS ns2
@ NS ns.elsewhere.test.
@ RRSIG NS 13 1 3600 20370101000000 20260101000000 7 @ c2lnbmF0dXJl
@ MX 10 mail
@ MX 20 ns1
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
ns2 A 192.0.2.2
mail A 192.0.2.3
mail RRSIG A 13 2 3600 20370101000000 20260101000000 7 @ c2lnbmF0dXJl
mail TXT here
many A 192.0.2.11
many A 192.0.2.12
many A 192.0.2.13
many RRSIG A 13 2 3600 20370101000000 20260101000000 7 @ c2lnbmF0dXJl
alias CNAME many
away CNAME www.other.
*.wild A 192.0.2.7
sub NS ns.sub
ns.sub A 192.0.2.9
";

const OTHER: &str = "
$TTL 3600
@ SOA ns1 hostmaster 1 7200 900 1209600 900
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.33
";

/// The zone in a text.
fn zone(hasher: &SuffixHasher, apex: &str, text: &str, choices: Choices) -> ZoneState {
    let apex = name(apex);
    let mut builder = Builder::new(apex.as_name(), hasher);
    let mut reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    while let Some(record) = reader.next() {
        builder.add(&record.expect("a record").0).expect("a record of the zone");
    }
    ZoneState::Loaded(Arc::new(builder.seal().expect("a good zone").0), choices)
}

fn bench(choices: Choices) -> Bench {
    bench_with(Settings::default(), choices)
}

fn bench_with(settings: Settings, choices: Choices) -> Bench {
    let mut bench = Bench::new(settings, &GateConfig::default());
    let zones = [("example.", ZONE, choices), ("other.", OTHER, Choices::default())];
    bench.publish(zones.map(|(apex, text, choices)| zone(&bench.hasher, apex, text, choices)).into());
    bench
}

impl Bench {
    fn ask_tcp(&mut self, query: &[u8]) -> Message {
        let reply = self.respond(query, Transport::Tcp).expect("a reply");
        Message::from_vec(&reply).expect("a message that others can read")
    }
}

fn ask_for(qname: &str, qtype: Rtype) -> Vec<u8> {
    query(qname, qtype, Class::IN, None)
}

/// A query with EDNS and DO.
fn signed(qname: &str, qtype: Rtype, payload: u16) -> Vec<u8> {
    let mut query = query(qname, qtype, Class::IN, Some((payload, 0)));
    let at = query.len() - 4;
    query[at] |= 0x80;
    query
}

/// The records of the three sections as text, without TTL: `owner type data`.
fn sections(reply: &Message) -> [Vec<String>; 3] {
    [&reply.answers, &reply.authorities, &reply.additionals].map(|records| {
        records.iter().map(|record| format!("{} {} {}", record.name, record.record_type(), record.data)).collect()
    })
}

fn minimal(minimal: MinimalResponses) -> Choices {
    Choices { minimal, ..Choices::default() }
}

#[test]
fn minimal_responses_decide_what_is_beside_the_answer() {
    let servers = ["example. NS ns1.example.", "example. NS ns2.example.", "example. NS ns.elsewhere.test."];
    let ns1 = ["ns1.example. A 192.0.2.1", "ns1.example. AAAA 2001:db8::1"];
    let (ns2, mail) = (["ns2.example. A 192.0.2.2"], ["mail.example. A 192.0.2.3"]);
    for (choice, qname, qtype, authority, additional) in [
        (MinimalResponses::Yes, "example.", Rtype::MX, &[][..], vec![]),
        (MinimalResponses::NoAuth, "example.", Rtype::MX, &[], [&mail[..], &ns1].concat()),
        // No address twice, though two RRsets name the host.
        (MinimalResponses::No, "example.", Rtype::MX, &servers, [&mail[..], &ns1, &ns2].concat()),
        (MinimalResponses::Yes, "example.", Rtype::NS, &[], vec![]),
        (MinimalResponses::NoAuth, "example.", Rtype::NS, &[], [&ns1[..], &ns2].concat()),
        // The answer is not said again.
        (MinimalResponses::No, "example.", Rtype::NS, &[], [&ns1[..], &ns2].concat()),
        (MinimalResponses::No, "ns1.example.", Rtype::A, &servers, vec![ns1[1], ns2[0]]),
        (MinimalResponses::No, "alias.example.", Rtype::A, &servers, [&ns1[..], &ns2].concat()),
        (MinimalResponses::No, "a.wild.example.", Rtype::A, &servers, [&ns1[..], &ns2].concat()),
        (MinimalResponses::NoAuth, "many.example.", Rtype::A, &[], vec![]),
    ] {
        let reply = bench(minimal(choice)).ask(&ask_for(qname, qtype));
        let [answer, found_authority, found_additional] = sections(&reply);
        assert!(!answer.is_empty() && reply.metadata.authoritative);
        assert_eq!(found_authority, authority, "{choice:?} {qname} {qtype:?}");
        assert_eq!(found_additional, additional, "{choice:?} {qname} {qtype:?}");
    }
    // What must be there is there, and nothing more: the SOA of a denial, the servers and glue of a referral.
    for choice in [MinimalResponses::Yes, MinimalResponses::NoAuth, MinimalResponses::No] {
        let mut bench = bench(minimal(choice));
        let denial = bench.ask(&ask_for("none.example.", Rtype::A));
        assert_eq!((denial.authorities.len(), denial.additionals.len()), (1, 0));
        let referral = sections(&bench.ask(&ask_for("a.sub.example.", Rtype::A)));
        assert_eq!(referral[1..], [["sub.example. NS ns.sub.example."], ["ns.sub.example. A 192.0.2.9"]]);
    }
    // With their signatures, where those are wanted.
    let reply = bench(minimal(MinimalResponses::No)).ask(&signed("mail.example.", Rtype::A, 1_232));
    assert_eq!((reply.answers.len(), reply.authorities.len()), (2, 4));
}

#[test]
fn any_is_answered_as_chosen() {
    let any = |any| Choices { any, ..Choices::default() };
    let ask = ask_for("mail.example.", Rtype::ANY);
    for (choice, over_udp, over_tcp) in [
        (AnyAnswer::Minimal, (ResponseCode::NoError, 1, false), (ResponseCode::NoError, 1)),
        (AnyAnswer::Refuse, (ResponseCode::Refused, 0, false), (ResponseCode::Refused, 0)),
        // A, its signature and TXT.
        (AnyAnswer::Full, (ResponseCode::NoError, 0, true), (ResponseCode::NoError, 3)),
    ] {
        let mut bench = bench(any(choice));
        let reply = bench.ask(&ask);
        let found = (reply.metadata.response_code, reply.answers.len(), reply.metadata.truncation);
        assert_eq!(found, over_udp, "{choice:?}");
        assert_eq!(bench.counters.truncated.value(), u64::from(over_udp.2));
        let reply = bench.ask_tcp(&ask);
        assert_eq!((reply.metadata.response_code, reply.answers.len()), over_tcp, "{choice:?}");
        // Names that do not exist or are not ours are as with any other type.
        let denial = bench.ask(&ask_for("none.example.", Rtype::ANY));
        assert_eq!((denial.metadata.response_code, denial.authorities.len()), (ResponseCode::NXDomain, 1));
        let referral = bench.ask(&ask_for("a.sub.example.", Rtype::ANY));
        assert_eq!((referral.answers.len(), referral.authorities.len(), referral.additionals.len()), (0, 1, 1));
        let elsewhere = bench.ask(&ask_for("www.other.", Rtype::ANY));
        assert_eq!(elsewhere.answers.len(), 1, "the other zone chose nothing");
    }
    // Nor is it got at through a DNAME, be it in the same zone or in another.
    let through = format!("{OTHER}d DNAME t\na.t A 192.0.2.1\na.t TXT x\n");
    let elsewhere = format!("{OTHER}e DNAME t.example.\n");
    for (choice, direct, far) in [
        (AnyAnswer::Minimal, (ResponseCode::NoError, 3), (ResponseCode::NoError, 3)),
        (AnyAnswer::Refuse, (ResponseCode::Refused, 0), (ResponseCode::NoError, 2)),
        (AnyAnswer::Full, (ResponseCode::NoError, 2), (ResponseCode::NoError, 2)),
    ] {
        let mut bench = Bench::new(Settings::default(), &GateConfig::default());
        let zones = [("example.", &through, any(choice)), ("other.", &elsewhere, Choices::default())];
        bench.publish(zones.map(|(apex, text, choices)| zone(&bench.hasher, apex, text, choices)).into());
        for (qname, expected) in [("a.d.example.", direct), ("a.e.other.", far)] {
            let reply = bench.ask(&ask_for(qname, Rtype::ANY));
            assert_eq!((reply.metadata.response_code, reply.answers.len()), expected, "{choice:?} {qname}");
        }
    }
    // All there is at the apex is more than the apex' name servers; they are not said twice.
    let choices = Choices { minimal: MinimalResponses::No, ..any(AnyAnswer::Full) };
    let [answer, authority, additional] = sections(&bench(choices).ask_tcp(&ask_for("example.", Rtype::ANY)));
    assert_eq!((answer.len(), authority.len(), additional.len()), (7, 0, 0), "SOA, NS and its signature, MX");
}

#[test]
fn any_that_is_more_than_a_message_holds_is_one_rrset() {
    let text = (0..300).fold(OTHER.to_owned(), |text, number| {
        text + &format!("big TYPE{} \\# 241 {}{number:04x}\n", 65_280 + number % 3, "78".repeat(239))
    });
    let mut bench = Bench::new(Settings::default(), &GateConfig::default());
    let choices = Choices { any: AnyAnswer::Full, ..Choices::default() };
    bench.publish(vec![zone(&bench.hasher, "example.", &text, choices)]);
    let reply = bench.ask_tcp(&ask_for("big.example.", Rtype::ANY));
    assert!(!reply.metadata.truncation);
    assert_eq!(reply.answers.len(), 100);
    assert!(reply.answers.iter().all(|record| record.record_type() == reply.answers[0].record_type()));
}

#[test]
fn records_of_an_answer_take_turns_where_that_is_chosen() {
    let settings = || Settings { cached_answers: 16, ..Settings::default() };
    let rotate = Choices { rotate_rrsets: true, ..Choices::default() };
    let firsts = |bench: &mut Bench, qname: &str| {
        (0..6_u8)
            .map(|id| {
                let mut ask = ask_for(qname, Rtype::A);
                ask[..2].copy_from_slice(&[0, id]);
                let reply = bench.ask(&ask);
                let last = |count: usize| reply.answers[reply.answers.len() - count].data.to_string();
                let mut all = (1..=3).map(last).collect::<Vec<_>>();
                let first = all[2].clone();
                all.sort();
                assert_eq!(all, ["192.0.2.11", "192.0.2.12", "192.0.2.13"]);
                first.rsplit('.').next().expect("an octet").to_owned()
            })
            .collect::<Vec<_>>()
    };
    // Through an alias too, with a cache.
    for qname in ["many.example.", "alias.example."] {
        assert_eq!(firsts(&mut bench_with(settings(), rotate), qname), ["11", "12", "13", "11", "12", "13"]);
        assert_eq!(firsts(&mut bench_with(settings(), Choices::default()), qname), ["11"; 6]);
    }
    // Signatures stay behind the records.
    let mut ask = signed("many.example.", Rtype::A, 1_232);
    ask[..2].copy_from_slice(&[0, 2]);
    let [answer, ..] = sections(&bench(rotate).ask(&ask));
    assert_eq!(answer.len(), 4);
    assert!(answer[0].ends_with(" A 192.0.2.13") && answer[3].contains(" RRSIG "), "{answer:?}");
    // Addresses go with their hosts.
    let mut ask = ask_for("example.", Rtype::MX);
    ask[..2].copy_from_slice(&[0, 1]);
    let [answer, _, additional] = sections(&bench(rotate).ask(&ask));
    assert_eq!(answer, ["example. MX 20 ns1.example.", "example. MX 10 mail.example."]);
    assert_eq!(additional, ["ns1.example. A 192.0.2.1", "ns1.example. AAAA 2001:db8::1", "mail.example. A 192.0.2.3"]);
}

#[test]
fn chains_end_at_the_edge_of_a_zone_where_that_is_chosen() {
    for (cname_across_zones, records) in [(true, 2), (false, 1)] {
        let mut bench = bench(Choices { cname_across_zones, ..Choices::default() });
        let reply = bench.ask(&a("away.example."));
        assert_eq!((reply.metadata.response_code, reply.answers.len()), (ResponseCode::NoError, records));
        assert!(reply.metadata.authoritative && reply.authorities.is_empty());
        assert_eq!(bench.ask(&a("alias.example.")).answers.len(), 4, "inside the zone it goes on");
    }
}

#[test]
fn denials_are_cached_no_longer_than_chosen() {
    let ttls = |negative_ttl_max, qname| {
        let reply = bench(Choices { negative_ttl_max, ..Choices::default() }).ask(&ask_for(qname, Rtype::AAAA));
        reply.authorities.iter().map(|record| record.ttl).collect::<Vec<_>>()
    };
    for qname in ["none.example.", "mail.example."] {
        assert_eq!((ttls(u32::MAX, qname), ttls(60, qname), ttls(901, qname)), (vec![900], vec![60], vec![900]));
    }
    // Answers keep their TTL.
    let mut bench = bench(Choices { negative_ttl_max: 60, ..Choices::default() });
    assert_eq!(bench.ask(&ask_for("example.", Rtype::SOA)).answers[0].ttl, 3_600);
}

#[test]
fn a_proof_is_cached_no_longer_than_the_denial() {
    let text = "
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 900
@ NS ns
@ NSEC ns NS SOA RRSIG NSEC
ns A 192.0.2.1
ns NSEC @ A RRSIG NSEC
ns RRSIG NSEC 13 2 3600 20370101000000 20260101000000 7 @ c2lnbmF0dXJl
";
    let mut bench = Bench::new(Settings::default(), &GateConfig::default());
    let choices = Choices { negative_ttl_max: 60, ..Choices::default() };
    bench.publish(vec![zone(&bench.hasher, "example.", text, choices)]);
    let reply = bench.ask(&signed("z.example.", Rtype::A, 1_232));
    let ttls = reply.authorities.iter().map(|record| record.ttl).collect::<Vec<_>>();
    assert_eq!(ttls, [60; 4], "SOA, two NSEC and a signature");
}

#[test]
fn names_outside_our_zones_get_what_is_chosen() {
    for (outside_zones, rcode) in [
        (OutsideZones::Refuse, Some(ResponseCode::Refused)),
        (OutsideZones::Empty, Some(ResponseCode::NoError)),
        (OutsideZones::Drop, None),
    ] {
        let mut bench = bench_with(Settings { outside_zones, ..Settings::default() }, Choices::default());
        let in_another_class = query("mail.example.", Rtype::A, Class(4), None);
        for query in [a("elsewhere.test."), a("."), in_another_class] {
            for transport in [Transport::Udp, Transport::Tcp] {
                let reply = bench.respond(&query, transport);
                let found = reply.map(|reply| Message::from_vec(&reply).expect("a message"));
                assert_eq!(found.as_ref().map(|reply| reply.metadata.response_code), rcode);
                let is_bare = |reply: &Message| !reply.metadata.authoritative && sections(reply).concat().is_empty();
                assert!(found.is_none_or(|reply| is_bare(&reply) && reply.queries.len() == 1));
            }
        }
        assert_eq!(bench.counters.ignored.value(), if rcode.is_none() { 6 } else { 0 });
        // Whatever else is the matter with the query.
        let is_silent = rcode.is_none();
        for (qtype, qclass, edns) in [
            (Rtype::OPT, Class::IN, None),
            (Rtype::MAILB, Class::IN, None),
            (Rtype::AXFR, Class::IN, None),
            (Rtype::A, Class::IN, Some((1_232, 1))),
            (Rtype::TXT, Class::CH, None),
        ] {
            let query = query("elsewhere.test.", qtype, qclass, edns);
            let peer = Peer { addr: (Ipv4Addr::LOCALHOST, 4_000).into(), transport: Transport::Udp };
            let verdict = bench.responder.respond(&query, peer, &mut [0; UDP_OCTETS_MAX]);
            assert_eq!(verdict == Verdict::Drop, is_silent, "{qtype} {qclass}");
        }
        assert_eq!(bench.ask(&a("mail.example.")).answers.len(), 1);
    }
}

#[test]
fn what_may_be_left_out_goes_before_a_reply_is_truncated() {
    let text = (0..12).fold(ZONE.to_owned(), |text, number| {
        let filler = "x".repeat(60);
        text + &format!(
            "big MX {number} {filler}-{number}.hosts\n{filler}-{number}.hosts A 192.0.2.{number}\n{filler}-{number}.hosts AAAA 2001:db8::{number}\n\
             del NS {filler}-{number}.hosts\ndel NS {filler}-{number}.in.del\n{filler}-{number}.in.del A 192.0.2.{number}\n"
        )
    }) + &format!("wide TXT {}\n", "\"0123456789012345678901234567890123456789\" ".repeat(20));
    let sizes = PayloadSizes { ipv4: 4_096, ipv6: 4_096 };
    let nsid = Some([b'n'; 100].into());
    let settings = Settings { udp_payload: sizes, nsid, ..Settings::default() };
    let mut benches = [MinimalResponses::Yes, MinimalResponses::NoAuth, MinimalResponses::No].map(|choice| {
        let mut bench = Bench::new(settings.clone(), &GateConfig::default());
        bench.publish(vec![zone(&bench.hasher, "example.", &text, minimal(choice))]);
        bench
    });
    for (qname, qtype) in [("big.example.", Rtype::MX), ("wide.example.", Rtype::TXT), ("a.del.example.", Rtype::A)] {
        let ask = |bench: &mut Bench, payload: u16, with_nsid: bool| {
            let mut query = query(qname, qtype, Class::IN, Some((payload, 0)));
            if with_nsid {
                let at = query.len() - 1;
                query[at] = 4;
                query.extend([0, 3, 0, 0]);
            }
            let reply = bench.respond(&query, Transport::Udp).expect("a reply");
            assert!(reply.len() <= usize::from(payload), "{qname} {payload}: {}", reply.len());
            let reply = Message::from_vec(&reply).expect("a message that others can read");
            (reply.metadata.truncation, sections(&reply))
        };
        let (_, mut must) = ask(&mut benches[0], 4_096, false);
        // Addresses of servers outside the cut may be left out.
        must[2].retain(|record| record.contains(".in.del."));
        let (mut whole, mut truncated) = (0, 0);
        for payload in 512..=2_800 {
            let (is_truncated, least) = ask(&mut benches[0], payload, false);
            let has = |found: &[Vec<String>; 3]| {
                (0..3).all(|section| must[section].iter().all(|r| found[section].contains(r)))
            };
            assert!(is_truncated || has(&least), "{qname} {payload}");
            // RFC 9471 section 3.1: of glue, what fits stays. Else a truncated reply has nothing.
            assert!(!is_truncated || least[0].is_empty() && (qname == "a.del.example." || least.concat().is_empty()));
            for (bench, with_nsid) in [(0, true), (1, false), (1, true), (2, false), (2, true)] {
                let (also_truncated, more) = ask(&mut benches[bench], payload, with_nsid);
                assert_eq!(
                    also_truncated, is_truncated,
                    "{qname} {payload} {bench}: what is optional truncates nothing"
                );
                assert!(is_truncated || has(&more));
            }
            if is_truncated { truncated += 1 } else { whole += 1 }
        }
        assert!(whole > 100 && truncated > 100, "{qname}: {whole} {truncated}");
    }
}

#[test]
fn a_large_reply_over_tcp_points_no_further_than_a_pointer_can() {
    // Octets 16,384 and above cannot be pointed at (RFC 1035 section 4.1.4).
    let text = (0..1_000).fold(OTHER.to_owned(), |text, number| {
        text + &format!(
            "big MX {number} mail.host-number-{number}.some.where\nmail.host-number-{number}.some.where A 192.0.2.1\n"
        )
    });
    let mut bench = Bench::new(Settings::default(), &GateConfig::default());
    bench.publish(vec![zone(&bench.hasher, "example.", &text, minimal(MinimalResponses::No))]);
    let reply = bench.respond(&ask_for("big.example.", Rtype::MX), Transport::Tcp).expect("a reply");
    assert!(reply.len() > 40_000 && reply.len() <= MESSAGE_OCTETS_MAX, "{}", reply.len());
    let reply = Message::from_vec(&reply).expect("a message that others can read");
    assert_eq!((reply.answers.len(), reply.metadata.truncation), (1_000, false));
    for (number, record) in reply.answers.iter().enumerate() {
        assert_eq!(record.data.to_string(), format!("{number} mail.host-number-{number}.some.where.example."));
    }
    assert_eq!(reply.authorities.len(), 1);
}

#[test]
fn the_payload_size_is_that_of_the_address_family() {
    let settings = Settings { udp_payload: PayloadSizes { ipv4: 600, ipv6: 1_400 }, ..Settings::default() };
    let mut bench = bench_with(settings, Choices::default());
    let mut reply = [0; UDP_OCTETS_MAX];
    for (addr, size) in [((Ipv4Addr::LOCALHOST, 4_000).into(), 600), ((Ipv6Addr::LOCALHOST, 4_000).into(), 1_400)] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let ask = query("mail.example.", Rtype::A, Class::IN, Some((4_096, 0)));
            let verdict = bench.responder.respond(&ask, Peer { addr, transport }, &mut reply);
            let Verdict::Reply(length) = verdict else { panic!("{verdict:?}") };
            let message = Message::from_vec(&reply[..length]).expect("a message");
            assert_eq!(message.max_payload(), size);
        }
    }
}
