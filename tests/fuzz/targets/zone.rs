//! Zone text of any octets, compiled. An odd first octet puts an SOA and an NS in front of the others.
//!
//! Promises: what is sealed holds the records that were read and no others, printed and read again it is the same zone,
//! and every lookup in it ends well.

use std::collections::BTreeSet;

use gannet::wire::{HashedName, NameBuf, Record, Rtype, SuffixHasher};
use gannet::zone::{Builder, Level, Zone};
use gannet::zonefile::{Reader, write_record};

use crate::{Target, samples};

pub const TARGET: Target = Target { name: "zone", run, seeds, words: samples::zone_words, octets_max: 4096 };

const APEX: &str = "example.";

/// What a zone must have.
const HEAD: &str = "$TTL 60\n@ SOA a b 1 2 3 4 5\n NS a\n";

/// Records read: one `$GENERATE` may make sixteen million.
const RECORDS_MAX: usize = 2_000;

fn run(octets: &[u8]) {
    let Some((first, text)) = octets.split_first() else { return };
    let text = [if first & 1 == 1 { HEAD.as_bytes() } else { b"" }, text].concat();
    let Some((zone, read)) = compile(&text) else { return };
    let printed = print(&zone);
    // What is in a record beside its TTL, without regard to case: of duplicates the first one is kept.
    let held: BTreeSet<String> = printed.iter().map(|line| without_ttl(line)).collect();
    assert_eq!(held, read);
    assert_eq!(printed.len() as u64, zone.records());
    let (again, _) = compile(printed.join("\n").as_bytes()).expect("what a zone prints is a zone");
    assert_eq!(print(&again), printed);
    ask(&zone);
}

/// The zone of a text, and the records that it should hold; none where the text gives no zone.
fn compile(text: &[u8]) -> Option<(Zone, BTreeSet<String>)> {
    let apex: NameBuf = APEX.parse().expect("a name");
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(7));
    let mut reader = Reader::new(text, "-", apex.as_name());
    let mut read = BTreeSet::new();
    for _ in 0..RECORDS_MAX {
        match reader.next() {
            None => break,
            Some(Err(_)) => {}
            Some(Ok((record, _))) => match builder.add(&record) {
                Ok(()) => drop(read.insert(without_ttl(&line(&record)))),
                Err(rejected) => assert!(!rejected.to_string().is_empty()),
            },
        }
    }
    match builder.seal() {
        Ok((zone, findings)) => {
            assert_eq!(findings.count(Level::Error), 0);
            Some((zone, read))
        }
        Err(findings) => {
            assert!(findings.count(Level::Error) > 0 && !findings.to_string().is_empty());
            None
        }
    }
}

fn line(record: &Record<'_>) -> String {
    let mut line = String::new();
    write_record(record, &mut line).expect("a string takes everything");
    line
}

fn without_ttl(line: &str) -> String {
    let fields: Vec<&str> = line.splitn(3, ' ').collect();
    [fields[0], fields[2]].join(" ").to_ascii_lowercase()
}

/// All records, sorted.
fn print(zone: &Zone) -> Vec<String> {
    let mut lines = Vec::new();
    zone.for_each_record(|record| lines.push(line(record)));
    lines.sort();
    lines
}

/// Asks for every name that owns something, for one below it and for its parent.
fn ask(zone: &Zone) {
    let mut owners = Vec::new();
    zone.for_each_record(|record| owners.push((record.owner.to_buf(), record.rtype)));
    let mut name = HashedName::new(&SuffixHasher::new(7));
    for (owner, rtype) in owners {
        let owner = owner.as_name();
        let below = NameBuf::join(b"\x01x", owner).ok();
        for asked in [Some(owner), below.as_ref().map(NameBuf::as_name), owner.parent()].into_iter().flatten() {
            if !asked.is_at_or_below(zone.apex()) {
                continue;
            }
            name.fill(asked);
            zone.prefetch_slots(&name);
            zone.prefetch_nodes(&name);
            for rtype in [rtype, Rtype::DS, Rtype::A, Rtype(65280)] {
                let _ = zone.lookup(&name, rtype);
            }
            if let Some(node) = zone.exact(&name) {
                assert!(node.owner().as_name().eq_ignore_case(asked));
            }
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let texts = [samples::zone_parts(), samples::entries()].concat();
    texts.iter().map(|text| [b"1", &text[..]].concat()).collect()
}
