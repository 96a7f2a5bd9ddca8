//! Replies from signed zones are believed by a validator: whatever is asked, what is denied is proved.
//!
//! Zones are random, signed with NSEC, NSEC3, and NSEC3 with opt-out.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

#[allow(dead_code, reason = "the model has more of it")]
#[path = "model/data.rs"]
pub mod data;
#[allow(dead_code, reason = "the model has more of it")]
#[path = "model/message.rs"]
pub mod message;
#[allow(dead_code, reason = "the checker's tests have more of it")]
#[path = "dnssec/signer.rs"]
pub mod signer;
#[path = "denial/validator.rs"]
pub mod validator;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::limits::MESSAGE_OCTETS_MAX;
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Peer, Respond, Transport, Verdict};
use gannet::wire::{NameBuf, Nsec3Parameters, Rtype, SuffixHasher, nsec3_label};
use gannet::zone::ZoneSet;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use data::{Name, Question};
use message::{Query, Reply};
use signer::{APEX, Denial, Key, Owned, records, sealed, signed};
use validator::{Belief, NSEC, NSEC3, Validator};

/// Answers from one zone.
struct Server(Responder);

impl Server {
    fn of(all: &[Owned], cached_answers: usize) -> Self {
        // As the signer's tests seal zones.
        let hasher = SuffixHasher::new(0);
        let publisher = Publisher::new(ZoneSet::empty(&hasher));
        let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
        let settings = Settings { cached_answers, ..Settings::default() };
        let mut responder = Responder::new(publisher.reader(), gate.reader(), settings, Arc::new(Counters::default()));
        publisher.publish(publisher.current().succeed(vec![Arc::new(sealed(all)).into()]));
        responder.refresh(Instant::now());
        Self(responder)
    }

    fn ask(&mut self, name: &Name, rtype: u16, dnssec_ok: bool, transport: Transport) -> Reply {
        let question = Question { name: name.clone(), rtype, class: 1, dnssec_ok };
        let query = Query { question, id: 7, flags: 0, edns: Some(1232) };
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 5_353));
        let mut reply = vec![0; MESSAGE_OCTETS_MAX];
        match self.0.respond(&query.wire(), Peer { addr, transport }, &mut reply) {
            Verdict::Reply(length) => Reply::read(&reply[..length]).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

fn owner() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["a", "b", "ns", "*", "c-d", "\\000", "Z"]);
    proptest::collection::vec(label, 1..=4).prop_map(|labels| labels.join("."))
}

/// One line of a zone: names of a few labels, so that they meet.
fn line() -> impl Strategy<Value = String> {
    let data = prop_oneof![
        4 => (0..4u8).prop_map(|octet| format!("A 192.0.2.{octet}")),
        2 => (0..2u8).prop_map(|octet| format!("TXT \"{octet}\" Mixed")),
        1 => Just("MX 5 Mail.Example.".to_owned()),
        2 => Just("NS ns.other.test.".to_owned()),
        2 => Just("DS 7 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned()),
        1 => Just("DNAME b.example.".to_owned()),
        2 => owner().prop_map(|target| format!("CNAME {target}")),
    ];
    let record = (owner(), data).prop_map(|(owner, data)| format!("{owner} {data}"));
    let secure = owner().prop_map(|owner| {
        format!("{owner} NS ns.other.test.\n{owner} DS 7 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
    });
    prop_oneof![8 => record, 1 => secure]
}

/// The records of a zone without what no zone may have: two DNAMEs at a name, or a CNAME beside other data; and without
/// wildcards that delegate or redirect, which mean nothing that anyone agrees on (RFC 4592 section 4.2, RFC 6672 section 3.3).
fn lawful(lines: &[String]) -> Vec<Owned> {
    let mut all = records(&format!(
        "$TTL 3600\n@ SOA ns hostmaster 7 7200 900 1209600 600\n@ NS ns.other.test.\n{}\n",
        lines.join("\n")
    ));
    let name = |record: &Owned| record.owner.to_string().to_ascii_lowercase();
    let key = |record: &Owned| {
        let is_single = matches!(record.rtype, Rtype::DNAME | Rtype::CNAME);
        (name(record), record.rtype, if is_single { Vec::new() } else { record.rdata.clone() })
    };
    let is_vague = |record: &Owned| matches!(record.rtype, Rtype::NS | Rtype::DS | Rtype::DNAME);
    all.retain(|record| !(is_vague(record) && record.owner.as_name().wire().starts_with(b"\x01*")));
    all.sort_by_key(key);
    all.dedup_by_key(|record| key(record));
    let others: Vec<_> = all.iter().filter(|record| record.rtype != Rtype::CNAME).map(name).collect();
    all.retain(|record| record.rtype != Rtype::CNAME || !others.contains(&name(record)));
    all
}

fn denial() -> impl Strategy<Value = Denial> {
    let nsec3 = (any::<bool>(), 0..3u16).prop_map(|(opt_out, iterations)| Denial::Nsec3 { opt_out, iterations });
    prop_oneof![1 => Just(Denial::Nsec), 2 => nsec3]
}

fn qname() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["a", "b", "ns", "*", "c-d", "A", "zz", "0", "b\\000"]);
    proptest::collection::vec(label, 0..=5).prop_map(|labels| labels.join("."))
}

fn name_of(text: &str) -> Name {
    let name: NameBuf = format!("{text}{}{APEX}", if text.is_empty() { "" } else { "." }).parse().unwrap();
    let (mut labels, mut wire) = (Vec::new(), name.as_name().wire());
    while wire[0] != 0 {
        let (label, rest) = wire[1..].split_at(usize::from(wire[0]));
        labels.push(data::Label(label.to_vec()));
        wire = rest;
    }
    labels.reverse();
    Name(labels)
}

fn seed_of(text: &str) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&text.parse::<u64>().expect("GANNET_DENIAL_SEED is a number").to_le_bytes());
    seed
}

#[test]
fn whatever_is_asked_a_validator_believes_the_reply() {
    let apex = Name::from_text(APEX);
    let tally = RefCell::new(BTreeMap::new());
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let cases = (
        proptest::collection::vec(line(), 0..14),
        denial(),
        proptest::collection::vec(
            (qname(), prop::sample::select(vec![1u16, 2, 5, 6, 16, 39, 43, 46, 47, 50, 51, 255])),
            40,
        ),
    );
    // The same zones each time; whoever hunts asks more of others: GANNET_DENIAL_SEED.
    let mut runner = match std::env::var("GANNET_DENIAL_SEED") {
        Ok(seed) => TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed_of(&seed))),
        Err(_) => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let judged = runner.run(&cases, |(lines, denial, questions)| {
        let all = signed(&lawful(&lines), &[Key::ed25519(7)], denial, |_| ());
        let mut server = Server::of(&all, 64);
        for (qname, qtype) in &questions {
            let qname = name_of(qname);
            let reply = server.ask(&qname, *qtype, true, Transport::Tcp);
            // The second time it is kept, where it is of the kind that is, and the third it is served again.
            for _ in 0..2 {
                let again = server.ask(&qname, *qtype, true, Transport::Tcp);
                prop_assert_eq!(
                    (reply.rcode(), &reply.answer, &reply.authority),
                    (again.rcode(), &again.answer, &again.authority)
                );
            }
            let belief = Validator::new(&reply, &apex).judge(&qname, *qtype);
            let belief =
                belief.map_err(|fault| TestCaseError::fail(format!("{qname} {qtype}: {fault} in {reply:#?}")))?;
            let denying = reply.authority.iter().filter(|record| matches!(record.rtype, NSEC | NSEC3)).count();
            // More than a wildcard in a chain: three NSEC3, or two NSEC.
            let most = if denial == Denial::Nsec { 2 } else { 3 };
            prop_assert!(denying <= most || !reply.answer.is_empty(), "{qname} {qtype}: {denying} deny");
            *tally.borrow_mut().entry((belief, denial == Denial::Nsec)).or_insert(0) += 1;
            // Who did not ask for it gets none of it.
            let plain = server.ask(&qname, *qtype, false, Transport::Tcp);
            let kinds = [46, NSEC, NSEC3];
            let is_denial =
                |record: &data::Record| kinds.contains(&record.rtype) && record.rtype != *qtype && *qtype != 255;
            prop_assert!(!plain.authority.iter().chain(&plain.answer).any(is_denial), "{plain:#?}");
            prop_assert_eq!(plain.rcode(), reply.rcode());
        }
        Ok(())
    });
    if let Err(TestError::Fail(reason, (lines, denial, _))) = judged {
        panic!("{reason}\n{denial:?}\n{}", lines.join("\n"));
    }
    let tally = tally.into_inner();
    for belief in [
        Belief::Answer,
        Belief::Wildcard,
        Belief::NameError,
        Belief::NoData,
        Belief::WildcardNoData,
        Belief::SecureReferral,
        Belief::InsecureReferral,
    ] {
        for nsec in [true, false] {
            assert!(tally.get(&(belief, nsec)).is_some_and(|count| *count > 5), "{belief:?} is rare: {tally:?}");
        }
    }
    for (belief, nsec) in
        [(Belief::EmptyNonTerminal, true), (Belief::OptOutNoData, false), (Belief::OptOutReferral, false)]
    {
        assert!(tally.get(&(belief, nsec)).is_some_and(|count| *count > 5), "{belief:?} is rare: {tally:?}");
    }
}

fn answers(reply: &Reply, rtype: u16) -> usize {
    reply.answer.iter().chain(&reply.authority).filter(|record| record.rtype == rtype).count()
}

fn zone(lines: &[&str], denial: Denial) -> Vec<Owned> {
    let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    signed(&lawful(&lines), &[Key::ed25519(7)], denial, |_| ())
}

/// RFC 9276 section 3.2: a validator that sees so many iterations takes the zone for insecure; nobody hashes names.
#[test]
fn a_chain_that_is_too_costly_shows_only_that_it_is() {
    let all = zone(
        &["a A 192.0.2.1", "*.b A 192.0.2.1", "c NS ns.other.test."],
        Denial::Nsec3 { opt_out: false, iterations: 151 },
    );
    let mut server = Server::of(&all, 0);
    for (qname, qtype, rcode, expected) in
        [("x.a", 1, 3, 1), ("a", 16, 0, 1), ("x.b", 1, 0, 1), ("x.b", 16, 0, 1), ("x.c", 1, 0, 1), ("a", 1, 0, 0)]
    {
        let reply = server.ask(&name_of(qname), qtype, true, Transport::Tcp);
        assert_eq!((reply.rcode(), answers(&reply, NSEC3)), (rcode, expected), "{qname} {qtype}");
        if let Some(shown) = reply.authority.iter().find(|record| record.rtype == NSEC3) {
            assert_eq!(Name::from_text(&signer::nsec3_owner_with(APEX, 151).to_string()), shown.owner);
        }
    }
    let all = zone(&["a A 192.0.2.1"], Denial::Nsec3 { opt_out: false, iterations: 150 });
    let reply = Server::of(&all, 0).ask(&name_of("x.a"), 1, true, Transport::Tcp);
    let belief = Validator::new(&reply, &Name::from_text(APEX)).judge(&name_of("x.a"), 1);
    assert_eq!(belief, Ok(Belief::NameError));
}

/// RFC 5155 section 10.4: on the way from NSEC to NSEC3 both are there, and NSEC3PARAM comes when the new chain is whole.
#[test]
fn a_zone_on_its_way_to_nsec3_denies_with_the_chain_that_is_whole() {
    let lines = ["a A 192.0.2.1", "b.c A 192.0.2.1"];
    let old = zone(&lines, Denial::Nsec);
    let new = zone(&lines, Denial::Nsec3 { opt_out: false, iterations: 0 });
    let is_told = |record: &Owned| record.rtype == Rtype::NSEC3PARAM;
    let both: Vec<Owned> = old.iter().chain(new.iter().filter(|record| !is_told(record))).cloned().collect();
    let told: Vec<Owned> = old.iter().chain(&new).cloned().collect();
    // The first parameters that are told have no chain; with flags they mean nothing (section 4.1.2).
    let other = |flags, salt| Owned {
        rdata: vec![1, flags, 0, 0, 1, salt],
        ..new.iter().find(|record| is_told(record)).unwrap().clone()
    };
    let misleading: Vec<Owned> = [other(0, 0x01), other(1, 0xaa)].into_iter().chain(told.iter().cloned()).collect();
    for (all, nsec, nsec3) in [(&old, 2, 0), (&both, 2, 0), (&told, 0, 2), (&misleading, 0, 2)] {
        let reply = Server::of(all, 0).ask(&name_of("x"), 1, true, Transport::Tcp);
        let by_owner = |rtype| answers(&reply, rtype) > 0;
        assert_eq!((by_owner(NSEC), by_owner(NSEC3)), (nsec > 0, nsec3 > 0), "{reply:#?}");
        Validator::new(&reply, &Name::from_text(APEX)).judge(&name_of("x"), 1).unwrap();
    }
}

/// What must be in a reply and does not fit makes it empty; a proof must.
#[test]
fn a_proof_that_does_not_fit_truncates_the_reply() {
    for denial in [Denial::Nsec, Denial::Nsec3 { opt_out: false, iterations: 0 }] {
        let all = signed(&lawful(&["a A 192.0.2.1".to_owned()]), &[1, 2, 3, 4, 5, 6].map(Key::ed25519), denial, |_| ());
        let mut server = Server::of(&all, 0);
        let over_udp = server.ask(&name_of("x"), 1, true, Transport::Udp);
        assert!(over_udp.tc() && over_udp.authority.is_empty(), "{over_udp:#?}");
        let over_tcp = server.ask(&name_of("x"), 1, true, Transport::Tcp);
        assert!(!over_tcp.tc() && over_tcp.octets > 1232);
        Validator::new(&over_tcp, &Name::from_text(APEX)).judge(&name_of("x"), 1).unwrap();
    }
}

/// What a reply with a chain through wildcards proves is in the cache with it.
#[test]
fn a_cached_reply_has_its_proofs() {
    let all = zone(&["*.a CNAME x.b", "*.b A 192.0.2.1"], Denial::Nsec3 { opt_out: false, iterations: 0 });
    let mut server = Server::of(&all, 16);
    let first = server.ask(&name_of("q.a"), 1, true, Transport::Tcp);
    assert_eq!(answers(&first, NSEC3), 2);
    for _ in 0..2 {
        let again = server.ask(&name_of("q.a"), 1, true, Transport::Tcp);
        assert_eq!((&first.answer, &first.authority), (&again.answer, &again.authority));
    }
    let plain = server.ask(&name_of("q.a"), 1, false, Transport::Tcp);
    assert_eq!(answers(&plain, NSEC3), 0);
}

/// A DNAME at the apex redirects all names below, but for the NSEC3, without which nothing could be denied at the apex.
#[test]
fn a_zone_that_is_redirected_as_a_whole_denies_types_at_its_apex() {
    for denial in [Denial::Nsec, Denial::Nsec3 { opt_out: false, iterations: 0 }] {
        let all = zone(&["@ DNAME other.test."], denial);
        let mut server = Server::of(&all, 0);
        let reply = server.ask(&name_of(""), 16, true, Transport::Tcp);
        // What the tests' signer takes for occluded has no signature: so this is not for the validator.
        assert_eq!(answers(&reply, NSEC) + answers(&reply, NSEC3), 1, "{reply:#?}");
        let redirected = server.ask(&name_of("a"), 1, true, Transport::Tcp);
        assert_eq!((redirected.rcode(), answers(&redirected, data::DNAME)), (0, 1));
    }
}

/// RFC 5155 section 7.2.8: a name that owns NSEC3 alone does not exist, unless a name below it does.
#[test]
fn a_name_that_owns_nsec3_exists_where_a_name_below_it_does() {
    let denial = Denial::Nsec3 { opt_out: false, iterations: 0 };
    let hash = signer::nsec3_owner(APEX).to_string().to_ascii_lowercase();
    let hash = hash.strip_suffix(&format!(".{APEX}")).unwrap();
    let below = format!("x.{hash}");
    let asked = [(hash, 1, 3, Belief::NameError), (hash, 50, 3, Belief::NameError)];
    let asked_of_parent = [
        (hash, 1, 0, Belief::NoData),
        (&*format!("y.{hash}"), 1, 3, Belief::NameError),
        (&*below, 1, 0, Belief::Answer),
        (&*below, 16, 0, Belief::NoData),
    ];
    for (lines, asked) in [(vec![], &asked[..]), (vec![&*format!("{below} A 192.0.2.1")], &asked_of_parent[..])] {
        let mut server = Server::of(&zone(&lines, denial), 0);
        for &(qname, qtype, rcode, belief) in asked {
            let reply = server.ask(&name_of(qname), qtype, true, Transport::Tcp);
            let judged = Validator::new(&reply, &Name::from_text(APEX)).judge(&name_of(qname), qtype);
            assert_eq!((reply.rcode(), judged), (rcode, Ok(belief)), "{qname} {qtype}: {reply:#?}");
        }
    }
}

/// RFC 5155 section 3: the hash is the only label in front of the zone's name.
#[test]
fn an_nsec3_that_is_not_right_below_the_apex_denies_nothing() {
    let mut all = zone(&["a A 192.0.2.1", "b A 192.0.2.1"], Denial::Nsec3 { opt_out: false, iterations: 0 });
    let model = all.iter().find(|record| record.rtype == Rtype::NSEC3).unwrap().clone();
    // Right in front of the hash of a name that does not exist: nothing would be nearer.
    let parameters = Nsec3Parameters { algorithm: 1, iterations: 0, salt: &[0xaa] };
    let mut hash = parameters.hash(format!("x.{APEX}").parse::<NameBuf>().unwrap().as_name());
    hash[19] = hash[19].checked_sub(1).unwrap();
    let parent: NameBuf = format!("a.{APEX}").parse().unwrap();
    all.push(Owned { owner: NameBuf::join(&nsec3_label(&hash), parent.as_name()).unwrap(), ..model });
    let reply = Server::of(&all, 0).ask(&name_of("x"), 1, true, Transport::Tcp);
    let depths = |record: &data::Record| (record.rtype == NSEC3).then(|| record.owner.depth());
    let depths: Vec<usize> = reply.authority.iter().filter_map(depths).collect();
    assert_eq!(depths, [2, 2, 2], "{reply:#?}");
    let belief = Validator::new(&reply, &Name::from_text(APEX)).judge(&name_of("x"), 1);
    assert_eq!(belief, Ok(Belief::NameError));
}

/// An alias has no NSEC in a zone with NSEC3, whose NSEC3 for it shows the CNAME: to deny the NSEC would be bogus (RFC 5155
/// section 8.5).
#[test]
fn the_nsec_of_an_alias_is_sought_past_it_unless_it_has_one() {
    let lines = ["a CNAME b", "b A 192.0.2.1", "*.w CNAME b"];
    for (denial, at_alias) in
        [(Denial::Nsec, Belief::Answer), (Denial::Nsec3 { opt_out: false, iterations: 0 }, Belief::NoData)]
    {
        let mut server = Server::of(&zone(&lines, denial), 0);
        for qname in ["a", "x.w"] {
            let reply = server.ask(&name_of(qname), NSEC, true, Transport::Tcp);
            let is_followed = answers(&reply, data::CNAME) == 1;
            assert_eq!(is_followed, at_alias == Belief::NoData, "{qname} {denial:?}: {reply:#?}");
            Validator::new(&reply, &Name::from_text(APEX)).judge(&name_of(qname), NSEC).unwrap();
        }
        // Its signatures are its own.
        let reply = server.ask(&name_of("a"), 46, true, Transport::Tcp);
        assert!(answers(&reply, 46) > 0 && answers(&reply, data::CNAME) == 0, "{reply:#?}");
    }
}
