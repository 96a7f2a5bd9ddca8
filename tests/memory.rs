//! What the server holds for each record of a large zone, and for each of many small zones. One test: it counts what all
//! threads hold, so nothing may run beside it.

#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

#[allow(dead_code)] // other tests use the rest
pub mod allocations;
#[allow(dead_code)]
pub mod process;

use std::fmt::Write;
use std::sync::Arc;

use gannet::config::{ZoneName, ZoneSource};
use gannet::server::Upkeep;
use gannet::wire::{NameBuf, SuffixHasher};
use gannet::xfr::Policy;
use gannet::zone::{Choices, ZoneState};

use allocations::octets_held_by_all;
use process::Directory;

/// What a record of a zone of delegations may take in all: slots, nodes and indexes.
const RECORD_OCTETS_MAX: f64 = 50.0;

/// What a zone of some records may take beside their nodes, with what finds it and what tells that its file is unchanged.
const ZONE_OCTETS_MAX: f64 = 300.0;

const DELEGATIONS: usize = 100_000;
const ZONES: usize = 2_000;

#[test]
fn a_record_takes_50_octets_and_a_zone_300_beside_its_records() {
    let directory = Directory::create();
    let each = load(|| vec![source(&directory, "example", &delegations())]).0 as f64 / (3 * DELEGATIONS) as f64;
    assert!(each <= RECORD_OCTETS_MAX, "a record takes {each:.1} octets");
    assert!(each > 20.0, "{each:.1} octets are too few to be true");

    let small = |number| source(&directory, &format!("zone{number:05}.example"), SMALL_ZONE);
    let (octets, of_blocks) = load(|| (0..ZONES).map(small).collect());
    let each = (octets - of_blocks) as f64 / ZONES as f64;
    assert!(each <= ZONE_OCTETS_MAX, "a zone takes {each:.1} octets beside its records");
    assert!(each > 100.0, "{each:.1} octets are too few to be true");
}

/// Loads zones as the daemon does. Returns how many octets are held for them in all, and how many of these are blocks.
fn load(sources: impl FnOnce() -> Vec<ZoneSource>) -> (i64, i64) {
    let before = octets_held_by_all();
    let upkeep = Upkeep::new(SuffixHasher::new(1));
    let mut reader = upkeep.reader();
    let sources = sources();
    let count = sources.len();
    let (report, retired) = upkeep.load(sources, Policy::default());
    drop(retired);
    assert_eq!((report.loaded, report.failed), (count, 0));
    let set = Arc::clone(reader.refresh());
    let blocks = set.zones().iter().flat_map(|zone| match zone {
        ZoneState::Loaded(zone, _) => zone.image_body(),
        ZoneState::Failed(_) => unreachable!("none has failed"),
    });
    let of_blocks = blocks.map(|block| block.len() as i64).sum();
    (octets_held_by_all() - before, of_blocks)
}

fn source(directory: &Directory, apex: &str, text: &str) -> ZoneSource {
    let file = directory.write(&format!("{apex}.zone"), text);
    let name = ZoneName::from(apex.parse::<NameBuf>().expect("a name").as_name());
    ZoneSource { name, file, allow_transfer: Arc::new([]), choices: Choices::default() }
}

/// Ten records.
const SMALL_ZONE: &str = "$TTL 3600
@ SOA ns1 hostmaster 1 7200 1800 1209600 300
@ NS ns1
@ NS ns2
@ MX 10 mail
@ A 192.0.2.1
ns1 A 192.0.2.2
ns2 A 192.0.2.3
mail A 192.0.2.4
www A 192.0.2.5
www AAAA 2001:db8::5
";

/// A registry's zone: two name servers for each delegation, and the address of one of them or a DS.
fn delegations() -> String {
    let mut text = "$TTL 86400\n@ SOA ns hostmaster 1 7200 1800 1209600 300\n@ NS ns\nns A 192.0.2.1\n".to_owned();
    for number in 0..DELEGATIONS {
        let hoster = number % 1_000;
        let written = match number % 2 {
            0 => writeln!(
                text,
                "domain-{number} NS ns1.domain-{number}\ndomain-{number} NS ns2.hoster{hoster}.test.\n\
                 ns1.domain-{number} A 192.0.2.2"
            ),
            _ => writeln!(
                text,
                "domain-{number} NS ns1.hoster{hoster}.test.\ndomain-{number} NS ns2.hoster{hoster}.test.\n\
                 domain-{number} DS {} 13 2 {number:064x}",
                number % 65_536
            ),
        };
        written.expect("a string takes everything");
    }
    text
}
