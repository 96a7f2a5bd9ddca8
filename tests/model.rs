//! The server against a naive model of RFC 1034 section 4.3.2.
//!
//! Does not know how the server finds an answer: it sees messages go in and come out of the narrow waist.
#![allow(missing_docs)] // no docs are made of tests; the fields bear the RFCs' names

#[path = "model/check.rs"]
pub mod check;
#[path = "model/data.rs"]
pub mod data;
#[path = "model/generate.rs"]
pub mod generate;
#[path = "model/message.rs"]
pub mod message;
#[path = "model/message_tests.rs"]
mod message_tests;
#[path = "model/oracle.rs"]
pub mod oracle;

#[path = "model/examples.rs"]
mod examples;
#[path = "model/scribe.rs"]
pub mod scribe;
#[path = "model/server.rs"]
pub mod server;
#[path = "model/trial.rs"]
pub mod trial;

use std::net::{Ipv4Addr, SocketAddr};

use gannet::net::{Peer, Respond, Transport, Verdict};

use data::Zone;
use scribe::{Fault, Scribe};
use server::Gannet;
use trial::Server;

/// Every branch of the oracle, and the two ways a reply can be too large.
const BRANCHES: [&str; 16] = [
    "ANY",
    "DNAME",
    "NODATA",
    "NXDOMAIN",
    "YXDOMAIN",
    "answer",
    "chain",
    "chain cut short",
    "chain leaves our zones",
    "class refused",
    "loop",
    "out of our zones",
    "referral",
    "truncated",
    "shortened",
    "wildcard",
];

impl Server for Gannet {
    fn load(&mut self, zones: &[Zone]) -> Result<(), String> {
        Self::load(self, zones)
    }

    fn respond(&mut self, query: &[u8], transport: Transport, reply: &mut [u8]) -> Verdict {
        let addr = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5_353));
        self.responder.respond(query, Peer { addr, transport }, reply)
    }
}

/// A number from the environment, to replay a failure or to search for longer.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// Puts the server to half of all pairs, with or without its cache.
fn agrees(cached_answers: usize, seed: u64) {
    let seed = number("GANNET_MODEL_SEED", seed);
    let pairs = number("GANNET_MODEL_PAIRS", 50_000) as usize;
    let tally = trial::run(&mut Gannet::new(cached_answers), seed, pairs).unwrap_or_else(|report| panic!("{report}"));
    for branch in BRANCHES.iter().filter(|_| pairs >= 50_000) {
        assert!(tally.get(branch).is_some_and(|count| *count >= 20), "{branch} is rare: {tally:?}");
    }
}

#[test]
fn the_server_agrees_with_the_model() {
    agrees(0, 1_000_000);
}

#[test]
fn the_server_with_its_answer_cache_agrees_with_the_model() {
    agrees(256, 2_000_000);
}

fn scribe(fault: Fault) -> Scribe {
    Scribe { zones: Vec::new(), fault }
}

#[test]
fn the_trial_reaches_every_branch_and_passes_what_is_right() {
    let tally = trial::run(&mut scribe(|_| {}), 1, 20_000).unwrap_or_else(|report| panic!("{report}"));
    for branch in BRANCHES {
        // The scribe shortens nothing.
        assert!(
            branch == "shortened" || tally.get(branch).is_some_and(|count| *count >= 20),
            "{branch} is rare: {tally:?}"
        );
    }
}

#[test]
fn the_trial_catches_each_kind_of_error_and_makes_it_small() {
    let faults: [(&str, Fault); 8] = [
        ("RCODE", |expected| expected.rcode = if expected.rcode == 3 { 0 } else { expected.rcode }),
        ("AA", |expected| expected.aa |= expected.trace.contains("referral")),
        ("the answer section lacks", |expected| drop(expected.answer.pop())),
        ("the answer section lacks", |expected| expected.answer.reverse()),
        ("the authority section lacks", |expected| drop(expected.authority.required.pop_first())),
        ("the additional section lacks", |expected| drop(expected.additional.required.pop_last())),
        ("the additional section lacks", |expected| drop(expected.additional.wanted.pop_last())),
        ("has no business in the additional section", |expected| {
            let authority = expected.authority.required.clone();
            expected.additional.required.extend(authority.iter().map(|record| record.at(&data::Name::from_text("x."))));
        }),
    ];
    for (what, fault) in faults {
        let report = trial::run(&mut scribe(fault), 1, 5_000).expect_err("the fault should be caught");
        assert!(report.contains(what), "{what} is not in the report: {report}");
        let records =
            report.lines().take_while(|line| !line.starts_with("asked")).filter(|line| line.starts_with("  "));
        let records = records.count();
        assert!(records <= 10, "the case is still large: {report}");
    }
}

#[test]
fn generated_zones_are_valid_and_repeatable() {
    for seed in 0..300 {
        let zones = generate::zones(&mut generate::Random(seed));
        assert!(zones.iter().all(generate::is_valid), "{zones:?}");
        let again = generate::zones(&mut generate::Random(seed));
        assert_eq!(format!("{zones:?}"), format!("{again:?}"));
    }
}
