//! The server against its peers: NSD, Knot and BIND answer the same queries from the same zones.
//!
//! Each disagreement is put before the rules in `verdicts`; what no rule explains fails the test.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)] // no docs are made of tests

pub mod compare;
pub mod delv;
pub mod exchange;
pub mod master;
pub mod proofs;
pub mod refused;
pub mod relay;
pub mod reply;
pub mod rows;
pub mod servers;
pub mod signed;
pub mod transfers;
pub mod trial;
pub mod types;
pub mod validator;
pub mod verdicts;
pub mod walk;
pub mod worlds;

#[path = "../model/data.rs"]
pub mod data;
#[path = "../model/generate.rs"]
pub mod generate;
#[path = "../model/message.rs"]
pub mod message;
#[path = "../process/mod.rs"]
pub mod process;

use proofs::Tally;
use servers::{PEERS, Server};
use signed::Extent;
use trial::Zones;

/// Queries of a run that is not told how many.
const PAIRS: u64 = 4_000;

/// The same for signed zones.
const SIGNED_PAIRS: u64 = 2_000;

/// A number from the environment, to replay a failure or to search for longer.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// Whether the tools are all there; with CI set they must be.
fn installed(missing: &[String]) -> bool {
    assert!(missing.is_empty() || std::env::var_os("CI").is_none(), "not installed: {missing:?}");
    if !missing.is_empty() {
        eprintln!("ignored: not installed: {missing:?}");
    }
    missing.is_empty()
}

fn missing_tools() -> Vec<String> {
    signed::TOOLS.into_iter().filter(|tool| servers::find(tool).is_none()).map(str::to_owned).collect()
}

fn missing_peers() -> Vec<String> {
    PEERS.into_iter().filter(|peer| peer.program().is_none()).map(|peer| format!("{peer:?}")).collect()
}

/// Has answers of Gannet validated.
fn validates(extent: Extent) -> Tally {
    let seed = number("GANNET_PEERS_SEED", 1);
    let pairs = number("GANNET_PEERS_SIGNED_PAIRS", SIGNED_PAIRS);
    judges(Server::Gannet, seed, pairs, extent)
}

fn judges(server: Server, seed: u64, pairs: u64, extent: Extent) -> Tally {
    eprintln!(
        "GANNET_PEERS_SEED={seed} GANNET_PEERS_SIGNED_PAIRS={pairs}: {server:?}, zones that are signed {extent:?}"
    );
    let tally = proofs::run(server, seed, pairs as usize, extent);
    eprintln!("{}", tally.summary());
    let shown: Vec<&str> = tally.failures.iter().take(5).map(String::as_str).collect();
    assert!(tally.failures.is_empty(), "{} failures\n{}", tally.failures.len(), shown.join("\n"));
    assert!(tally.secure > pairs as usize / 4, "the validator found little that is signed: {}", tally.secure);
    let [with_ds, without_ds, _] = tally.referrals;
    assert!(with_ds.min(without_ds) > 0, "the validator found few referrals: {:?}", tally.referrals);
    tally
}

/// The zones are well signed and the validator is well set up: what a server with proofs says of them is never bogus. The
/// zones are the same each time, for Knot is not what is tested.
#[test]
fn a_validator_finds_the_signed_zones_good_where_knot_serves_them() {
    if installed(&missing_tools()) {
        judges(Server::Knot, 1, 500, Extent::Whole);
    }
}

#[test]
fn a_validator_finds_no_answer_bogus() {
    if installed(&missing_tools()) {
        let tally = validates(Extent::Whole);
        assert!(tally.by_delv > 0, "delv was asked nothing");
    }
}

#[test]
fn a_validator_finds_bogus_only_what_has_no_signature() {
    if installed(&missing_tools()) {
        let tally = validates(Extent::Partial);
        assert!(tally.unsigned > 0, "all had signatures");
    }
}

#[test]
fn all_servers_answer_alike_or_a_rule_says_why_not() {
    if installed(&missing_peers()) {
        answer_alike(Zones::Plain, "GANNET_PEERS_PAIRS", PAIRS);
    }
}

#[test]
fn all_servers_answer_alike_from_signed_zones() {
    if installed(&[missing_peers(), missing_tools()].concat()) {
        answer_alike(Zones::Signed, "GANNET_PEERS_SIGNED_PAIRS", SIGNED_PAIRS);
    }
}

fn answer_alike(zones: Zones, count: &str, default: u64) {
    let seed = number("GANNET_PEERS_SEED", 1);
    let pairs = number(count, default);
    eprintln!("GANNET_PEERS_SEED={seed} {count}={pairs}: {zones:?}");
    let tally = trial::run(&PEERS, seed, pairs as usize, zones);
    eprintln!("{}", tally.summary());
    if let Some(complaint) = tally.complaint() {
        panic!("{complaint}");
    }
}
