use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Builder, Walk};
use super::*;
use crate::wire::{Class, Name, NameBuf, Record, SuffixHasher};

/// The records of a zone, owners and rdata spelled out, and how often each was read.
type Read = BTreeMap<(NameText, Rtype, u32, Vec<u8>), usize>;

/// A name in lower case, as text.
type NameText = String;

fn by_walk(mut walk: Walk<'_>) -> Read {
    let mut read = Read::new();
    while let Some(holding) = walk.next() {
        for held in holding.records() {
            let record = held.record;
            let key = (record.owner.to_string(), record.rtype, record.ttl, record.rdata.to_vec());
            *read.entry(key).or_default() += 1;
        }
    }
    read
}

/// Reads a zone, and stops after each `stride` records.
fn by_bookmark(zone: &Zone, stride: usize) -> Read {
    let (mut read, mut bookmark) = (Read::new(), Bookmark::default());
    loop {
        let mut left = stride;
        let done = zone.read_on(&mut bookmark, |record| {
            left = left.checked_sub(1).ok_or(())?;
            let labels = [record.owner.0, record.owner.1].concat();
            let owner = NameBuf::join(&labels, zone.apex()).expect("a name");
            let mut rdata = Vec::new();
            super::super::stored::restore(record.rtype, record.rdata, owner.as_name(), zone.apex(), &mut rdata);
            *read.entry((owner.to_string(), record.rtype, record.ttl, rdata)).or_default() += 1;
            Ok::<(), ()>(())
        });
        if done.is_ok() {
            return read;
        }
    }
}

fn wire(text: &str) -> Vec<u8> {
    text.parse::<NameBuf>().expect("a name").as_name().wire().to_vec()
}

/// A zone of these records: owner in front of the apex, TTL, type, rdata.
fn zone(records: &[(String, u32, Rtype, Vec<u8>)]) -> Zone {
    let apex: NameBuf = "example.".parse().expect("a name");
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(7));
    let soa = [&[0, 0][..], &[0, 0, 0, 7], &[0; 16]].concat();
    let own = [(String::new(), 300, Rtype::SOA, soa), (String::new(), 300, Rtype::NS, wire("Ns.example."))];
    for (owner, ttl, rtype, rdata) in own.iter().chain(records) {
        let owner: NameBuf = format!("{owner}.example.").trim_start_matches('.').parse().expect("a name");
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: *ttl, rtype: *rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    builder.seal().expect("a good zone").0
}

/// Records of a few names above, at and below cuts and DNAMEs, many of them twice.
fn records() -> impl Strategy<Value = Vec<(String, u32, Rtype, Vec<u8>)>> {
    let signature =
        |covered: Rtype| [&covered.0.to_be_bytes()[..], &[8, 1], &[0; 14], &wire("Example."), &[1]].concat();
    let data = prop_oneof![
        (0..9u8).prop_map(|last| (Rtype::A, vec![192, 0, 2, last])),
        (0..9u8).prop_map(|last| (Rtype::TXT, vec![1, last])),
        Just((Rtype::NS, wire("a.b.example."))),
        Just((Rtype::NS, wire("ns.elsewhere."))),
        Just((Rtype::DNAME, wire("Target.example."))),
        Just((Rtype::MX, [&[0, 1][..], &wire("Mail.example.")].concat())),
        Just((Rtype::RRSIG, signature(Rtype::A))),
        Just((Rtype::RRSIG, signature(Rtype::TXT))),
    ];
    let label = prop::sample::select(vec!["a", "b", "c", "*"]);
    let owner = prop::collection::vec(label, 1..4).prop_map(|labels| labels.join("."));
    let ttl = prop_oneof![Just(60u32), Just(300)];
    prop::collection::vec((owner, ttl, data).prop_map(|(owner, ttl, (rtype, rdata))| (owner, ttl, rtype, rdata)), 0..60)
        .prop_map(|mut records| {
            // RFC 6672 section 2.4: one DNAME each, so all are the same; here they are.
            records.sort();
            records
        })
}

proptest! {
    #[test]
    fn whoever_is_interrupted_reads_each_record_once(records in records(), stride in 1..20usize) {
        let zone = zone(&records);
        let read = by_bookmark(&zone, stride);
        prop_assert!(read.values().all(|&times| times == 1), "{read:?}");
        prop_assert_eq!(read, by_walk(zone.order().walk()));
    }
}

#[test]
fn the_soa_and_what_is_occluded_are_read() {
    let text = |last| vec![1, last];
    let zone = zone(&[
        ("sub".to_owned(), 60, Rtype::NS, wire("ns.sub.example.")),
        ("ns.sub".to_owned(), 60, Rtype::A, vec![4; 4]),
        ("ns.sub".to_owned(), 60, Rtype::TXT, text(1)),
        ("ns.sub".to_owned(), 30, Rtype::TXT, text(1)),
    ]);
    let read = by_bookmark(&zone, usize::MAX);
    assert_eq!(read.len(), 5, "{read:?}");
    assert!(read.contains_key(&("ns.sub.example.".to_owned(), Rtype::TXT, 30, text(1))), "{read:?}");
    let soa = zone.soa().expect("every zone has one");
    assert_eq!((soa.ttl, soa.owner), (300, (&[][..], &[][..])));
    assert!(Name::from_wire(zone.apex_wire()).is_ok());
}
