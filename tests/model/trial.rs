//! The trial: random zones and queries, every reply held against the oracle, what fails made small.
//!
//! Knows no server but by the trait below.

use std::collections::BTreeMap;
use std::fmt::Write;

use gannet::base::limits::{DATAGRAM_OCTETS, MESSAGE_OCTETS_MAX};
use gannet::net::{Transport, Verdict};

use super::check::{Room, check};
use super::data::Zone;
use super::generate::{self, Random};
use super::message::{Query, Reply};
use super::oracle;

/// Queries asked of one set of zones.
pub const QUERIES_PER_SET: usize = 50;

/// A server that can be put to the trial.
pub trait Server {
    /// Replaces all zones by these.
    fn load(&mut self, zones: &[Zone]) -> Result<(), String>;

    /// Answers a message: the contract of the narrow waist.
    fn respond(&mut self, query: &[u8], transport: Transport, reply: &mut [u8]) -> Verdict;
}

/// How often each branch of the oracle was taken.
pub type Tally = BTreeMap<&'static str, usize>;

/// Asks `pairs` queries; the error is the report of the first reply that is wrong.
pub fn run(server: &mut impl Server, seed: u64, pairs: usize) -> Result<Tally, String> {
    let mut tally = Tally::new();
    for set in 0..pairs.div_ceil(QUERIES_PER_SET) as u64 {
        let seed = seed.wrapping_add(set);
        let mut random = Random(seed);
        let zones = generate::zones(&mut random);
        server.load(&zones).map_err(|error| report(seed, &zones, &[], &format!("the server refuses it: {error}")))?;
        let mut asked: Vec<Query> = Vec::new();
        for _ in 0..QUERIES_PER_SET {
            let query = match asked.len() {
                0 => generate::query(&mut random, &zones),
                // What was asked before is asked again in another guise: a cache must not show.
                count if random.percent(20) => {
                    let before = random.below(count);
                    generate::again(&mut random, &asked[before])
                }
                _ => generate::query(&mut random, &zones),
            };
            asked.push(query.clone());
            match ask(server, &zones, &query) {
                Ok(seen) => seen.into_iter().for_each(|branch| *tally.entry(branch).or_default() += 1),
                Err(why) => return Err(explain(server, seed, zones, &asked, &why)),
            }
        }
    }
    Ok(tally)
}

/// Asks one query over both transports and gives the branches that it took.
pub fn ask(server: &mut impl Server, zones: &[Zone], query: &Query) -> Result<Vec<&'static str>, String> {
    let expected = oracle::answer(zones, &query.question);
    let reply = exchange(server, query, Transport::Tcp, MESSAGE_OCTETS_MAX)?;
    check(&expected, query, &reply, Room::Ample).map_err(|why| format!("over TCP: {why}\ngot {reply:#?}"))?;
    let limit = query.udp_limit();
    let room = if reply.octets <= limit { Room::Ample } else { Room::Tight };
    let reply = exchange(server, query, Transport::Udp, DATAGRAM_OCTETS)?;
    if reply.octets > limit {
        return Err(format!("over UDP: {} octets where {limit} fit\ngot {reply:#?}", reply.octets));
    }
    check(&expected, query, &reply, room).map_err(|why| format!("over UDP: {why}\ngot {reply:#?}"))?;
    let mut seen: Vec<&'static str> = expected.trace.into_iter().collect();
    match room {
        Room::Ample => {}
        Room::Tight if reply.tc() => seen.push("truncated"),
        Room::Tight => seen.push("shortened"),
    }
    Ok(seen)
}

fn exchange(server: &mut impl Server, query: &Query, transport: Transport, room: usize) -> Result<Reply, String> {
    let mut buffer = vec![0xa5; room];
    match server.respond(&query.wire(), transport, &mut buffer) {
        Verdict::Reply(octets) => {
            let wire = buffer.get(..octets).ok_or("the reply is longer than its buffer")?;
            Reply::read(wire).map_err(|why| format!("over {transport:?}: {why}\ngot {}", wire.escape_ascii()))
        }
        other => Err(format!("over {transport:?}: {other:?} instead of a reply")),
    }
}

/// Drops zones, then records, as long as the last query fails all the same; then tells all about it.
fn explain(server: &mut impl Server, seed: u64, mut zones: Vec<Zone>, asked: &[Query], why: &str) -> String {
    let last = asked.last().expect("something was asked");
    let mut fails = |zones: &[Zone]| -> Option<String> {
        let valid = !zones.is_empty() && zones.iter().all(generate::is_valid) && server.load(zones).is_ok();
        if valid { ask(server, zones, last).err() } else { None }
    };
    let Some(mut why_now) = fails(&zones) else {
        return report(seed, &zones, asked, &format!("{why}\nonly after the queries before it"));
    };
    let mut shrunk = true;
    while shrunk {
        shrunk = false;
        let mut candidates: Vec<Vec<Zone>> = Vec::new();
        for (i, zone) in zones.iter().enumerate() {
            let mut without = zones.clone();
            without.remove(i);
            candidates.push(without);
            for record in 0..zone.records.len() {
                let mut without = zones.clone();
                let gone = without[i].records.remove(record);
                // A signature goes with what it signs.
                if !without[i].has(&gone.owner, gone.rtype) {
                    without[i].records.retain(|other| other.owner != gone.owner || !other.covers(gone.rtype));
                }
                candidates.push(without);
            }
        }
        if let Some((fewer, why)) = candidates.into_iter().find_map(|fewer| fails(&fewer).map(|why| (fewer, why))) {
            (zones, why_now, shrunk) = (fewer, why, true);
        }
    }
    report(seed, &zones, std::slice::from_ref(last), &why_now)
}

/// All that is needed to see what went wrong, and to see it again.
fn report(seed: u64, zones: &[Zone], asked: &[Query], why: &str) -> String {
    let mut text = format!("replay with GANNET_MODEL_SEED={seed} GANNET_MODEL_PAIRS={QUERIES_PER_SET}\n");
    for zone in zones {
        let _ = writeln!(text, "zone {}", zone.apex);
        for record in &zone.records {
            let _ = writeln!(text, "  {record:?}");
        }
    }
    for query in asked {
        let _ = writeln!(text, "asked {query:?}");
    }
    if let Some(last) = asked.last() {
        let _ = writeln!(text, "expected {:#?}", oracle::answer(zones, &last.question));
    }
    text + why
}
