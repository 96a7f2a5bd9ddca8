//! Zone text of any octets, compiled. An odd first octet puts an SOA and an NS in front of the others.
//!
//! Promises: what is sealed holds the records that were read and no others, printed in any form and read again it is the
//! same zone, and every lookup and every check of it ends well.

use std::collections::BTreeSet;

use gannet::base::prefetch::Places;
use gannet::config::PrintForm;
use gannet::server::{DiffOptions, diff_zones, print_zone, zone_stats};
use gannet::wire::{HashedName, NameBuf, Record, Rtype, SuffixHasher};
use gannet::zone::{Builder, Findings, Level, Zone};
use gannet::zonefile::{Reader, write_record};
use gannet::{check, dnssec};

use crate::{Target, samples};

pub const TARGET: Target = Target { name: "zone", run, seeds, words: samples::zone_words, octets_max: 4096 };

const APEX: &str = "example.";

/// What a zone must have.
const HEAD: &str = "$TTL 60\n@ SOA a b 1 2 3 4 5\n NS a\n";

/// Records read: one `$GENERATE` may make sixteen million.
const RECORDS_MAX: usize = 2_000;

/// A time at which the signatures among the samples are valid, in seconds since 1970.
const NOW: u64 = 1_795_000_000;

fn run(octets: &[u8]) {
    let Some((first, text)) = octets.split_first() else { return };
    let text = [if first & 1 == 1 { HEAD.as_bytes() } else { b"" }, text].concat();
    let Some((zone, findings, read)) = compile(&text) else { return };
    assert_eq!(held(&zone), read);
    let printed = print(&zone, PrintForm::Canonical);
    let records = printed.iter().filter(|&&octet| octet == b'\n').count() as u64;
    assert_eq!(zone_stats(&zone).records, records);
    assert!(records <= zone.records());
    for form in [PrintForm::Canonical, PrintForm::Pretty, PrintForm::Rfc3597] {
        let text = print(&zone, form);
        let (again, ..) = compile(&text).unwrap_or_else(|| panic!("{form:?} is no zone: {}", text.escape_ascii()));
        assert!(print(&again, PrintForm::Canonical) == printed, "{form:?} is another zone: {}", text.escape_ascii());
        let differences = diff_zones(&zone, &again, DiffOptions::default(), &mut Vec::new());
        assert!(differences.expect("a vector takes everything").are_none());
    }
    ask(&zone);
    examine(&zone, &findings);
}

/// The zone of a text, what sealing found, and the records that it should hold; none where the text gives no zone.
pub fn compile(text: &[u8]) -> Option<(Zone, Findings, BTreeSet<String>)> {
    let apex: NameBuf = APEX.parse().expect("a name");
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(7));
    let mut reader = Reader::new(text, "-", apex.as_name());
    let mut read = BTreeSet::new();
    for _ in 0..RECORDS_MAX {
        match reader.next() {
            None => break,
            Some(Err(_)) => {}
            Some(Ok((record, _))) => match builder.add(&record) {
                Ok(()) => drop(read.insert(line(&record))),
                Err(rejected) => assert!(!rejected.to_string().is_empty()),
            },
        }
    }
    match builder.seal() {
        Ok((zone, findings)) => {
            assert_eq!(findings.count(Level::Error), 0);
            Some((zone, findings, read))
        }
        Err(findings) => {
            assert!(findings.count(Level::Error) > 0 && !findings.to_string().is_empty());
            None
        }
    }
}

/// Every check that there is, and all that they say.
pub fn examine(zone: &Zone, findings: &Findings) {
    let options = check::Options { now: Some(NOW), previous_serial: Some(1), ..check::Options::default() };
    for finding in check::examine(zone, findings, &options).findings() {
        assert!(!finding.message.is_empty());
    }
    let report = dnssec::check(zone, &dnssec::Options { time: NOW, warn_before: 86_400 });
    for fault in report.faults.iter() {
        assert!(!fault.to_string().is_empty());
    }
}

/// A record without its TTL and without regard to case: of duplicates the first one is kept, with the lowest TTL.
fn line(record: &Record<'_>) -> String {
    let mut line = String::new();
    write_record(&Record { ttl: 0, ..*record }, &mut line).expect("a string takes everything");
    line.to_ascii_lowercase()
}

/// All records of a zone.
fn held(zone: &Zone) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let order = zone.order();
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        lines.extend(holding.records().map(|held| line(&held.record)));
    }
    lines
}

pub fn print(zone: &Zone, form: PrintForm) -> Vec<u8> {
    let mut text = Vec::new();
    print_zone(zone, form, &mut text).expect("a vector takes everything");
    text
}

/// Asks for every name that owns something, for one below it and for its parent.
fn ask(zone: &Zone) {
    let mut owners = Vec::new();
    let order = zone.order();
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        owners.extend(holding.rrsets().map(|rrset| (holding.owner.to_buf(), rrset.rtype)));
    }
    let (mut name, mut places) = (HashedName::new(&SuffixHasher::new(7)), Places::<3>::default());
    for (owner, rtype) in owners {
        let owner = owner.as_name();
        let below = NameBuf::join(b"\x01x", owner).ok();
        for asked in [Some(owner), below.as_ref().map(NameBuf::as_name), owner.parent()].into_iter().flatten() {
            if !asked.is_at_or_below(zone.apex()) {
                continue;
            }
            name.fill(asked);
            zone.gather_slots(&name, &mut places);
            zone.gather_nodes(&name, &mut places);
            for rtype in [rtype, Rtype::DS, Rtype::A, Rtype(65280)] {
                let _ = zone.lookup(&name, rtype);
            }
            if let Some(node) = zone.exact(&name) {
                // Of a name below a cut it is the cut.
                assert!(asked.is_at_or_below(node.owner().as_name()));
            }
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let texts = [samples::zone_parts(), samples::entries(), samples::zone_files("good")].concat();
    texts.iter().map(|text| [b"1", &text[..]].concat()).collect()
}
