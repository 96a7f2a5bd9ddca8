//! Zones so large that their runs are kept in parts are compiled as small ones are.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::wire::{Class, HashedName, NameBuf, Record, Rtype, SuffixHasher};

/// Owners that stand above and below each other in every way; pads that make a zone large are none of them.
const OWNERS: [&str; 18] = [
    "z.",
    "a.z.",
    "b.z.",
    "*.z.",
    "a.a.z.",
    "b.a.z.",
    "*.a.z.",
    "a.b.z.",
    "a.*.z.",
    "a.a.a.z.",
    "b.a.a.z.",
    "a.b.a.z.",
    "*.b.a.z.",
    "a.*.b.z.",
    "a.a.a.a.z.",
    "b.a.b.a.z.",
    "c.c.c.c.z.",
    "*.*.c.z.",
];
const RTYPES: [Rtype; 5] = [Rtype::NS, Rtype::A, Rtype::TXT, Rtype::DNAME, Rtype::AAAA];
const SOA: &[u8] = b"\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3c";

/// Pads of so many octets make a zone that has parts.
const PAD_OCTETS: usize = 65_000;
const PADS: u8 = 140;

type Choice = (&'static str, Rtype, u8);

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = (prop::sample::select(&OWNERS[..]), prop::sample::select(&RTYPES[..]), 0..3u8);
    proptest::collection::vec(choice, 0..24)
}

fn add(builder: &mut Builder, owner: &str, rtype: Rtype, rdata: &[u8]) {
    let owner: NameBuf = owner.parse().expect("a name");
    let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 300, rtype, rdata };
    builder.add(&record).expect("a record that fits");
}

fn builder() -> Builder {
    let apex: NameBuf = "z.".parse().expect("a name");
    Builder::new(apex.as_name(), &SuffixHasher::new(7))
}

/// A zone of these records, with pads in front of the one with the number `padded_at`; read in pieces that end in front
/// of those with the numbers in `cuts`, and sealed by as many threads as there are pieces.
fn zone(choices: &[Choice], padded_at: Option<usize>, cuts: &[usize]) -> Result<(Zone, Findings), Findings> {
    let (mut builder, mut pieces) = (builder(), Vec::new());
    add(&mut builder, "z.", Rtype::SOA, SOA);
    add(&mut builder, "z.", Rtype::NS, b"\x02ns\x01a\x01z\0");
    for (number, (owner, rtype, choice)) in choices.iter().copied().chain([("z.", Rtype::NS, 0)]).enumerate() {
        if cuts.contains(&number) {
            pieces.push(std::mem::replace(&mut builder, self::builder()));
        }
        if padded_at == Some(number) {
            let pad = [b"\xff".as_slice(), &[b'x'; 255]].concat().repeat(PAD_OCTETS / 256);
            (0..PADS).for_each(|pad_number| add(&mut builder, &format!("pad{pad_number}.z."), Rtype::TXT, &pad));
        }
        match rtype {
            Rtype::NS | Rtype::DNAME => {
                add(&mut builder, owner, rtype, &[&[1, b'a' + choice][..], b"\x01a\x01z\0"].concat());
            }
            Rtype::TXT => add(&mut builder, owner, rtype, &[1, choice]),
            Rtype::A => add(&mut builder, owner, rtype, &[192, 0, 2, choice]),
            _ => add(&mut builder, owner, rtype, &[choice; 16]),
        }
    }
    pieces.push(builder);
    let threads = pieces.len();
    let whole = pieces.into_iter().reduce(|mut first, later| {
        first.append(later);
        first
    });
    whole.expect("a piece").seal_on(threads)
}

/// All that can be seen of a zone but for its pads; with findings, or without.
fn seen(result: &Result<(Zone, Findings), Findings>, with_findings: bool) -> BTreeSet<String> {
    let (zone, findings) = match result {
        Ok((zone, findings)) => (Some(zone), findings),
        Err(findings) => (None, findings),
    };
    let findings = findings.iter().filter(|_| with_findings);
    let mut seen: BTreeSet<String> = findings.map(ToString::to_string).collect();
    let Some(zone) = zone else { return seen };
    let order = zone.order();
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        for record in holding.records().map(|held| held.record).filter(|record| record.rdata.len() < 256) {
            seen.insert(format!("{} {} {:?}", holding.owner, record.rtype, record.rdata));
        }
    }
    let mut hashed = HashedName::new(&SuffixHasher::new(7));
    let below: Vec<String> = OWNERS.iter().map(|owner| format!("q.{owner}")).collect();
    for qname in OWNERS.into_iter().chain(below.iter().map(String::as_str)) {
        let name: NameBuf = qname.parse().expect("a name");
        hashed.fill(name.as_name());
        let outcome = match zone.lookup(&hashed, Rtype::A) {
            Outcome::Referral(cut) => {
                // Glue in order, for it is compiled from runs that may have been moved.
                let glue: Vec<String> = cut.glue().map(|glue| format!("{glue:?}")).collect();
                format!("referral {cut:?} {glue:?}")
            }
            Outcome::Answer(rrset) => format!("answer {:?} {:?}", rrset.node(), rrset.records().collect::<Vec<_>>()),
            Outcome::Signatures(node) => format!("signatures {node:?}"),
            Outcome::Cname(rrset) | Outcome::Dname(rrset) => format!("alias {:?}", rrset.node()),
            Outcome::NoData(node) => format!("nodata {node:?}"),
            Outcome::NxDomain(node) => format!("nxdomain {node:?}"),
        };
        seen.insert(format!("{qname} {outcome}"));
    }
    seen
}

/// All octets of a zone.
fn everything(result: &Result<(Zone, Findings), Findings>) -> Option<String> {
    let (zone, _) = result.as_ref().ok()?;
    Some(format!("{:?} {:?} {}", zone.blocks, zone.occluded, zone.records()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn zones_with_parts_are_as_those_without(choices in choices(), padded_at in 0..25usize) {
        let small = zone(&choices, None, &[]);
        let large = zone(&choices, Some(padded_at.min(choices.len())), &[]);
        if let Ok((zone, _)) = &large {
            prop_assert!(zone.octets() > PADS as usize * (PAD_OCTETS - 256));
        }
        // Where the apex occludes all, the pads alone are more findings than are kept.
        let with_findings = !choices.iter().any(|&(owner, rtype, _)| (owner, rtype) == ("z.", Rtype::DNAME));
        prop_assert_eq!(seen(&small, with_findings), seen(&large, with_findings));
    }

    #[test]
    fn zones_read_in_pieces_are_as_those_read_at_once(
        choices in choices(),
        padded_at in 0..50usize,
        cuts in proptest::collection::vec(0..25usize, 1..4),
    ) {
        let padded_at = Some(padded_at).filter(|&at| at <= choices.len());
        let (whole, pieces) = (zone(&choices, padded_at, &[]), zone(&choices, padded_at, &cuts));
        prop_assert_eq!(seen(&whole, true), seen(&pieces, true));
        prop_assert_eq!(everything(&whole), everything(&pieces));
    }
}
