//! Zones read back: an AXFR has what the zone holds, each record once and the SOA twice (RFC 5936 section 2.2).
//!
//! What ours has is held against the records that the zone was made of, and against what each peer makes of the same file.
//! Knows no rules: servers that took a zone do not differ about what is in it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::data::*;
use crate::exchange::Connection;
use crate::message::Query;
use crate::refused::Refused;
use crate::reply::{ANSWER, Key, Reply, record_text};
use crate::servers::{Running, Server};
use crate::signed::{NSEC3, Signing};
use crate::types::name_text;

pub const AXFR: u16 = 252;

/// Records that are shown of a zone that differs.
const SHOWN: usize = 10;

/// The records of a zone, and the TTLs under which each is there.
pub type Records = BTreeMap<Key, Vec<u32>>;

/// Whether a zone came whole from Gannet, and from how many peers the same; else what is wrong.
pub fn judge(zone: &Zone, number: usize, signing: &Signing, running: &[Running], refused: &Refused) -> Judged {
    let taken = running.iter().filter(|it| !refused.contains(&(it.server, number)));
    let read = |it: &Running| read(it, &zone.apex).map_err(|why| format!("{:?}: {why}", it.server));
    let all: Vec<(Server, Records)> = taken.map(|it| Ok((it.server, read(it)?))).collect::<Result<_, String>>()?;
    let (own, peers) = all.split_first().ok_or("nobody has it")?;
    let made = records_of(zone);
    // The owners of NSEC3 are no names of the zone: they came with the signatures.
    let is_hashed = |key: &Key| signing.is_hashed && (key.rtype == NSEC3 || key.covers() == Some(NSEC3));
    let visible = own.1.iter().filter(|row| made.contains_key(row.0) || !is_hashed(row.0));
    differ("the zone", &made, &visible.map(|(key, ttls)| (key.clone(), ttls.clone())).collect())?;
    for (server, records) in peers {
        differ(&format!("{server:?}"), records, &own.1)?;
    }
    Ok(peers.len())
}

/// How many peers agree, or why the zone is not what it should be.
pub type Judged = Result<usize, String>;

/// The records that a zone was made of, as a transfer has them.
fn records_of(zone: &Zone) -> Records {
    let ends = |record: &Record| if record.rtype == SOA { 2 } else { 1 };
    // What is written twice is one record (RFC 2181 section 5).
    zone.records.iter().map(|record| (Key::of(record), vec![record.ttl; ends(record)])).collect()
}

fn differ(who: &str, expected: &Records, ours: &Records) -> Result<(), String> {
    if expected == ours {
        return Ok(());
    }
    let mut text = format!("ours is not what {who} has\n");
    for (sign, from, to) in [('+', ours, expected), ('-', expected, ours)] {
        for (key, ttls) in from.iter().filter(|row| to.get(row.0) != Some(row.1)).take(SHOWN) {
            let _ = writeln!(text, "{sign} {} times {}", ttls.len(), record_text(key, ttls[0]));
        }
    }
    Err(text)
}

/// Reads a zone by AXFR.
fn read(from: &Running, apex: &Name) -> Result<Records, String> {
    let question = Question { name: apex.clone(), rtype: AXFR, class: CLASS_IN, dnssec_ok: false };
    let mut connection = Connection::to(from.addr).map_err(|error| error.to_string())?;
    let mut wire = connection.ask(&Query { question, id: 7, flags: 0, edns: None });
    let mut records = Records::new();
    loop {
        let reply = Reply::read(&wire.map_err(|error| error.to_string())?)?;
        if reply.rcode != 0 || reply.sections[ANSWER].is_empty() {
            return Err(format!("no AXFR of {}: {}", name_text(apex), reply.text()));
        }
        for (key, ttls) in &reply.sections[ANSWER] {
            records.entry(key.clone()).or_default().extend(ttls);
        }
        let is_end = |(key, ttls): (&Key, &Vec<u32>)| key.rtype == SOA && ttls.len() == 2;
        if records.iter().any(is_end) {
            return Ok(records);
        }
        wire = connection.receive();
    }
}
