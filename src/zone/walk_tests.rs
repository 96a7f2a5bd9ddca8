use proptest::prelude::*;

use super::super::Builder;
use super::*;
use crate::wire::SuffixHasher;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn wire(text: &str) -> Vec<u8> {
    name(text).as_name().wire().to_vec()
}

const SOA: &[u8] = b"\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3c";

/// The zone `example.` of these records, an SOA and an NS.
fn zone(records: &[(NameBuf, u32, Rtype, Vec<u8>)]) -> Zone {
    let mut builder = Builder::new(name("example.").as_name(), &SuffixHasher::new(42));
    let apex =
        [(name("example."), 300, Rtype::SOA, SOA.to_vec()), (name("example."), 300, Rtype::NS, wire("Ns.example."))];
    for (owner, ttl, rtype, rdata) in apex.iter().chain(records) {
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: *ttl, rtype: *rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    builder.seal().expect("a good zone").0
}

/// One line for each name: the name, where it stands, and the types and the last octet of its records.
fn lines(mut walk: Walk<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(holding) = walk.next() {
        let mut line = format!("{} {:?}", holding.owner, holding.standing);
        for HeldRecord { record, .. } in holding.records() {
            line += &format!(" {}/{}/{}", record.rtype, record.ttl, record.rdata.last().copied().unwrap_or(0));
        }
        lines.push(line);
    }
    lines
}

fn sample() -> Zone {
    let signature = |covered: Rtype, last: u8| {
        [&covered.0.to_be_bytes()[..], &[8, 1], &[0; 12], &[0, 1], &wire("Example."), &[last]].concat()
    };
    let record = |owner: &str, ttl, rtype, rdata: Vec<u8>| (name(owner), ttl, rtype, rdata);
    zone(&[
        record("z.example.", 300, Rtype::TXT, b"\x01b".to_vec()),
        record("z.example.", 300, Rtype::TXT, b"\x01a".to_vec()),
        record("Z.Example.", 300, Rtype::A, vec![192, 0, 2, 9]),
        record("z.example.", 300, Rtype::RRSIG, signature(Rtype::TXT, 2)),
        record("z.example.", 300, Rtype::RRSIG, signature(Rtype::A, 1)),
        record("a.z.example.", 300, Rtype::NS, wire("ns.b.a.z.example.")),
        record("ns.b.a.z.example.", 30, Rtype::AAAA, vec![6; 16]),
        record("ns.b.a.z.example.", 40, Rtype::A, vec![4; 4]),
        record("ns.b.a.z.example.", 50, Rtype::TXT, b"\x01t".to_vec()),
        record("ns.b.a.z.example.", 40, Rtype::TXT, b"\x01t".to_vec()),
        record("a.b.a.z.example.", 60, Rtype::TXT, b"\x01u".to_vec()),
        record("x.ns.b.a.z.example.", 60, Rtype::MX, [&[0, 1][..], &wire("ns.b.a.z.example.")].concat()),
        record("zz.a.z.example.", 70, Rtype::A, vec![5; 4]),
        record("aa.ent.example.", 300, Rtype::CNAME, wire("example.")),
        record("b.z.example.", 300, Rtype::DNAME, wire("example.")),
        record("a.b.z.example.", 300, Rtype::A, vec![7; 4]),
        record("*.z.example.", 300, Rtype::A, vec![8; 4]),
    ])
}

const SAMPLE: [&str; 12] = [
    "example. Apex SOA/300/60 NS/300/0",
    "ent.example. Inside",
    "aa.ent.example. Inside CNAME/300/0",
    "z.example. Inside A/300/9 TXT/300/97 TXT/300/98 RRSIG/300/1 RRSIG/300/2",
    "*.z.example. Inside A/300/8",
    "a.z.example. Cut NS/300/0",
    "a.b.a.z.example. Occluded TXT/60/117",
    "ns.b.a.z.example. Glue A/40/4 TXT/40/116 AAAA/30/6",
    "x.ns.b.a.z.example. Occluded MX/60/0",
    "zz.a.z.example. Glue A/70/5",
    "b.z.example. Inside DNAME/300/0",
    "a.b.z.example. Occluded A/300/7",
];

#[test]
fn every_name_comes_once_in_canonical_order_with_all_its_records() {
    assert_eq!(lines(sample().order().walk()), SAMPLE);
}

#[test]
fn parts_follow_each_other_and_keep_cuts_whole() {
    let zone = sample();
    let order = zone.order();
    for count in 1..20 {
        let parts = order.parts(count);
        assert!(parts.len() <= count);
        assert_eq!(parts.into_iter().flat_map(lines).collect::<Vec<_>>(), SAMPLE, "{count}");
    }
}

#[test]
fn the_canonical_form_is_beside_what_was_written() {
    let zone = sample();
    let order = zone.order();
    let mut walk = order.walk();
    let apex = walk.next().expect("the apex");
    let ns = apex.rrset(Rtype::NS).and_then(|rrset| rrset.records().next()).expect("NS");
    assert_eq!((ns.record.rdata, ns.canonical), (&wire("Ns.example.")[..], &wire("ns.example.")[..]));
    while let Some(holding) = walk.next() {
        if let Some(signatures) = holding.rrset(Rtype::RRSIG) {
            assert_eq!(signatures.count(), 2);
            assert!(signatures.records().all(|held| held.canonical[18..27] == *b"\x07example\0"));
        }
    }
}

fn labels() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let octet = prop_oneof![Just(0), Just(1), Just(b'a'), Just(b'B'), Just(0xff)];
    let long = prop_oneof![Just(b"somewhat-long-label-A".to_vec()), Just(b"somewhat-long-label-b".to_vec())];
    proptest::collection::vec(prop_oneof![proptest::collection::vec(octet, 1..3), long], 1..5)
}

proptest! {
    #[test]
    fn any_zone_comes_back_whole_and_in_order(
        names in proptest::collection::vec((labels(), 0..8u8), 0..40), parts in 1..5usize
    ) {
        let types = [Rtype::A, Rtype::TXT, Rtype::NS, Rtype::AAAA, Rtype::DNAME];
        let mut records = Vec::new();
        for (labels, kind) in names {
            let wire: Vec<u8> =
                labels.iter().flat_map(|label| [&[label.len() as u8], &label[..]].concat()).collect();
            let owner = NameBuf::join(&wire, name("example.").as_name()).expect("a name");
            let rtype = types.get(usize::from(kind)).copied().unwrap_or(Rtype::A);
            let rdata = match rtype {
                Rtype::A => vec![1, 2, 3, kind],
                Rtype::AAAA => vec![6; 16],
                Rtype::TXT => vec![1, kind],
                _ => b"\x01T\0".to_vec(),
            };
            let same = |record: &(NameBuf, u32, Rtype, Vec<u8>)| {
                record.0.as_name().eq_ignore_case(owner.as_name()) && record.2 == rtype
            };
            if !records.iter().any(same) {
                records.push((owner, 300, rtype, rdata));
            }
        }
        let zone = zone(&records);
        let order = zone.order();
        let mut walked = Vec::new();
        for mut walk in order.parts(parts) {
            while let Some(holding) = walk.next() {
                walked.push((holding.owner.to_buf(), holding.records().count()));
                for held in holding.records() {
                    let of_source = |record: &&(NameBuf, u32, Rtype, Vec<u8>)| {
                        let same_owner = record.0.as_name().eq_ignore_case(held.record.owner);
                        same_owner && record.2 == held.record.rtype && record.3 == held.record.rdata
                    };
                    let apex = held.record.owner.label_count() == 1;
                    prop_assert!(apex || records.iter().any(|record| of_source(&record)), "{:?}", held.record);
                }
            }
        }
        prop_assert_eq!(walked.iter().map(|walked| walked.1).sum::<usize>(), records.len() + 2);
        let ascends = |pair: &[(NameBuf, usize)]| pair[0].0.as_name().canonical_cmp(pair[1].0.as_name()).is_lt();
        prop_assert!(walked.windows(2).all(ascends));
    }
}
