//! What changes make of a zone, beside what sealing all its records makes: octet by octet.

use std::collections::BTreeSet;

use super::*;
use crate::base::random::Random;
use crate::wire::{Name, NameBuf, SuffixHasher};
use crate::zone::Rejected;

#[path = "apply_nsec3_tests.rs"]
mod nsec3;

/// A record that owns what it is made of.
#[derive(Clone)]
struct Owned {
    owner: NameBuf,
    rtype: Rtype,
    ttl: u32,
    rdata: Vec<u8>,
}

impl Owned {
    fn new(owner: &str, rtype: Rtype, ttl: u32, rdata: &[u8]) -> Self {
        Self { owner: name(owner), rtype, ttl, rdata: rdata.to_vec() }
    }

    fn record(&self) -> Record<'_> {
        let (owner, rdata) = (self.owner.as_name(), &*self.rdata);
        Record { owner, class: Class::IN, ttl: self.ttl, rtype: self.rtype, rdata }
    }

    fn is_same(&self, other: &Self) -> bool {
        let is_alike = self.rtype == other.rtype && self.owner.as_name().eq_ignore_case(other.owner.as_name());
        let canonical = |record: &Self| {
            let mut octets = Vec::new();
            crate::wire::rdata::canonical(record.rtype, &record.rdata, &mut octets);
            octets
        };
        is_alike && canonical(self) == canonical(other)
    }
}

impl std::fmt::Debug for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} {}", self.owner, self.ttl, self.rtype, self.rdata.escape_ascii())
    }
}

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn wire(text: &str) -> Vec<u8> {
    name(text).as_name().wire().to_vec()
}

fn hasher() -> SuffixHasher {
    SuffixHasher::new(7)
}

fn soa(serial: u32) -> Owned {
    let numbers = [serial, 1, 2, 3, 60].map(u32::to_be_bytes).concat();
    Owned::new("z.", Rtype::SOA, 300, &[&[0, 0][..], &numbers].concat())
}

/// A name from few labels, so that all names stand above and below each other.
fn any_name(random: &mut Random) -> String {
    let mut text = "z.".to_owned();
    for _ in 0..random.below(5) {
        text = format!("{}.{text}", random.pick(&["a", "b", "C", "ns", "*"]));
    }
    text
}

fn any_record(random: &mut Random) -> Owned {
    let owner = any_name(random);
    let ttl = [300, 300, 300, 200][random.below(4)];
    let octet = random.below(3) as u8;
    let target = wire(&format!("{}{}", random.pick(&["", "ns.", "NS.", "a."]), any_name(random)));
    let (rtype, rdata) = match random.below(24) {
        0..6 => (Rtype::A, vec![192, 0, 2, octet]),
        6..8 => (Rtype::AAAA, vec![octet; 16]),
        8..11 => (Rtype::TXT, vec![1, octet]),
        11..13 => (Rtype::MX, [&[0, octet][..], &target].concat()),
        13..17 => (Rtype::NS, target),
        17 => (Rtype::DNAME, target),
        18 => (Rtype::CNAME, target),
        19 => (Rtype::DS, vec![0, octet, 8, 2, 1]),
        20 => (Rtype::NSEC, [target, vec![0, 1, 0x40]].concat()),
        _ => {
            let covered = [Rtype::A, Rtype::NS, Rtype::DS, Rtype::TXT, Rtype::SOA][random.below(5)];
            (Rtype::RRSIG, [&covered.0.to_be_bytes()[..], &[8, 1], &[0; 14], &wire("z."), &[octet]].concat())
        }
    };
    Owned::new(&owner, rtype, ttl, &rdata)
}

fn sealed(records: &[Owned]) -> Result<(Zone, Findings), Findings> {
    let mut builder = Builder::new(name("z.").as_name(), &hasher());
    records.iter().for_each(|record| builder.add(&record.record()).expect("a record that fits"));
    builder.seal()
}

/// The records of a zone, in the order of its memory.
fn held(zone: &Zone) -> Vec<Owned> {
    let mut all = Vec::new();
    let read = zone.read_on(&mut Bookmark::default(), |record| {
        let owner = zone.join(&[record.owner.0, record.owner.1].concat());
        let mut rdata = Vec::new();
        stored::restore(record.rtype, record.rdata, owner.as_name(), zone.apex(), &mut rdata);
        all.push(Owned { owner, rtype: record.rtype, ttl: record.ttl, rdata });
        Ok::<(), ()>(())
    });
    read.expect("nothing fails");
    all
}

/// All octets of a zone's nodes.
fn octets(zone: &Zone) -> Vec<(usize, Vec<u8>)> {
    zone.blocks.iter().map(|block| (block.slots(), block.behind(0).to_vec())).collect()
}

fn occluded(zone: &Zone) -> BTreeSet<String> {
    zone.occluded.runs().map(|run| format!("{:?} {:?}", run.labels, run.records().collect::<Vec<_>>())).collect()
}

/// What can be seen of a zone beside its nodes.
fn rest(zone: &Zone) -> String {
    let numbers = (zone.serial(), zone.negative_ttl(), zone.records(), zone.depths, zone.block_bits);
    format!("{numbers:?} {:?} {:?} {:?}", zone.denial, zone.first_break, zone.apex_node().labels())
}

fn errors(findings: &Findings) -> BTreeSet<String> {
    findings.iter().filter(|finding| finding.problem.level() == Level::Error).map(ToString::to_string).collect()
}

/// Changes of a zone that holds these records.
fn any_changes(random: &mut Random, held: &[Owned], serial: u32) -> (Vec<Owned>, Vec<Owned>) {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let others: Vec<&Owned> = held.iter().filter(|record| !is_pad(record)).collect();
    for _ in 0..1 + random.below(6) {
        match random.below(10) {
            0..3 => gone.push(random.pick(&others).clone()),
            3 => {
                let (owner, all) = (any_name(random), random.percent(50));
                let owner = name(&owner);
                let is_meant = |record: &&&Owned| match all {
                    true => {
                        record.owner.as_name().is_at_or_below(owner.as_name())
                            && record.owner.as_name().label_count() > 1
                    }
                    false => record.owner.as_name().eq_ignore_case(owner.as_name()),
                };
                gone.extend(others.iter().filter(is_meant).map(|record| (*record).clone()));
            }
            4 => come.push(random.pick(&others).clone()),
            _ => come.push(any_record(random)),
        }
    }
    gone.retain(|record| record.rtype != Rtype::SOA);
    come.retain(|record| record.rtype != Rtype::SOA);
    if random.percent(50) {
        gone.extend(others.iter().filter(|record| record.rtype == Rtype::SOA).map(|record| (*record).clone()));
        come.push(soa(serial));
    }
    (gone, come)
}

/// Names that make several blocks and change nothing.
fn pads() -> impl Iterator<Item = Owned> {
    (0..780).map(|number| Owned::new(&format!("pad{number}.z."), Rtype::TXT, 300, &[&[199][..], &[b'x'; 199]].concat()))
}

fn is_pad(record: &Owned) -> bool {
    record.owner.as_name().wire().starts_with(b"\x06pad") || record.rdata.len() == 200
}

fn changes(gone: &[Owned], come: &[Owned]) -> Changes {
    let mut changes = Changes::new(name("Z.").as_name());
    gone.iter().for_each(|record| changes.remove(&record.record()).expect("a record that fits"));
    come.iter().for_each(|record| changes.add(&record.record()).expect("a record that fits"));
    changes
}

/// A zone to begin with.
fn any_zone(random: &mut Random, is_signed: bool) -> Zone {
    loop {
        let mut records: Vec<Owned> = [soa(1), Owned::new("z.", Rtype::NS, 300, &wire("ns.z."))].into();
        records
            .extend(is_signed.then(|| Owned::new("z.", Rtype::NSEC, 300, &[&wire("z.")[..], &[0, 1, 0x40]].concat())));
        records.extend(pads());
        let many = random.below(60);
        records.extend((0..many).map(|_| any_record(random)));
        if let Ok((zone, _)) = sealed(&records)
            && !zone.apex_node().has(NodeFlags::DNAME)
        {
            return zone;
        }
    }
}

/// Applies random changes to a zone, one set after the other, and compares; returns how many came to something, and of these
/// how many had the zone built anew.
fn trial(seed: u64) -> [usize; 2] {
    let mut random = Random(seed);
    let is_signed = random.percent(20);
    let mut zone = any_zone(&mut random, is_signed);
    let (mut applied, mut rebuilt) = (0, 0);
    for serial in 2..14 {
        let before = held(&zone);
        let (gone, come) = any_changes(&mut random, &before, serial);
        let changes = changes(&gone, &come);
        let stays = |record: &&Owned| !gone.iter().any(|other| other.is_same(record));
        let records: Vec<Owned> = before.iter().filter(stays).chain(&come).cloned().collect();
        let what = || format!("seed {seed}, serial {serial}: {gone:?} went, {come:?} came");
        let (old, expected) = (octets(&zone), sealed(&records));
        rebuilt += usize::from(zone.is_to_be_rebuilt(&changes));
        let made = zone.apply(&changes);
        assert!(old == octets(&zone), "{}: the old version has changed", what());
        match (made, expected) {
            (Ok((made, findings)), Ok((expected, told))) => {
                assert_eq!(occluded(&made), occluded(&expected), "{}", what());
                assert_eq!(rest(&made), rest(&expected), "{}", what());
                for (number, (made, expected)) in octets(&made).iter().zip(&octets(&expected)).enumerate() {
                    assert!(made == expected, "{}: block {number}", what());
                }
                let told: BTreeSet<String> = told.iter().map(ToString::to_string).collect();
                assert!(findings.iter().all(|finding| told.contains(&finding.to_string())), "{}: {findings}", what());
                (zone, applied) = (made, applied + 1);
            }
            (Err(Refused::Zone(findings)), Err(expected)) => {
                assert_eq!(errors(&findings), errors(&expected), "{}", what());
            }
            (made, expected) => {
                panic!("{}: {:?} instead of {:?}", what(), made.err(), expected.err());
            }
        }
    }
    [applied, rebuilt]
}

#[test]
fn what_changes_make_is_what_sealing_makes() {
    let first = std::env::var("GANNET_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = first.map_or(0..60, |seed: u64| seed..seed + 1);
    let all = seeds.map(trial).fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    assert!(first.is_some() || (all[0] > 300 && all[1] < all[0] / 4), "{all:?}");
}

/// A zone with a chain of NSEC over these names, each a number and whether it is the name below: in canonical order. What stands
/// in front of `unheard` has not heard that this one came, or that it went.
fn chained(names: &BTreeSet<(usize, bool)>, unheard: Option<(usize, bool)>, serial: u32) -> Vec<Owned> {
    let text = |name: Option<&(usize, bool)>| match name {
        None => "z.".to_owned(),
        Some((number, is_below)) => format!("{}n{number:03}.z.", if *is_below { "x." } else { "" }),
    };
    let mut records = vec![soa(serial), Owned::new("z.", Rtype::NS, 300, &wire("ns.z."))];
    records.extend(pads());
    let unheard: BTreeSet<_> = unheard.into_iter().collect();
    let heard: BTreeSet<_> = names.symmetric_difference(&unheard).collect();
    for owner in [None].into_iter().chain(names.iter().map(Some)) {
        let next = heard.iter().copied().find(|&name| Some(name) > owner);
        records.push(Owned::new(&text(owner), Rtype::NSEC, 300, &[&wire(&text(next))[..], &[0, 1, 0x40]].concat()));
    }
    records
}

#[test]
fn the_index_and_the_breaks_of_a_chain_follow_its_changes() {
    let (mut whole, mut broken) = (0, 0);
    for seed in 0..40 {
        let mut random = Random(seed);
        let any = |random: &mut Random| (random.below(300), random.percent(30));
        let mut names: BTreeSet<_> = (0..150).map(|_| any(&mut random)).collect();
        let mut records = chained(&names, None, 1);
        let (mut zone, _) = sealed(&records).expect("a zone that can be served");
        assert_eq!(zone.first_break, None);
        for serial in 2..8 {
            let mut unheard = None;
            for _ in 0..1 + random.below(3) {
                let name = any(&mut random);
                if !names.remove(&name) {
                    names.insert(name);
                }
                unheard = random.percent(40).then_some(name);
            }
            let next = chained(&names, unheard, serial);
            let lacking = |some: &[Owned], others: &[Owned]| {
                let others: BTreeSet<String> = others.iter().map(|record| format!("{record:?}")).collect();
                some.iter().filter(|record| !others.contains(&format!("{record:?}"))).cloned().collect::<Vec<_>>()
            };
            let changes = changes(&lacking(&records, &next), &lacking(&next, &records));
            assert!(!zone.is_to_be_rebuilt(&changes));
            let (made, _) = zone.apply(&changes).expect("a zone that can be served");
            let (expected, _) = sealed(&next).expect("a zone that can be served");
            assert_eq!(rest(&made), rest(&expected), "seed {seed}, serial {serial}");
            assert!(octets(&made) == octets(&expected), "seed {seed}, serial {serial}");
            *(if made.first_break.is_none() { &mut whole } else { &mut broken }) += 1;
            (zone, records) = (made, next);
        }
    }
    assert!(whole > 40 && broken > 15, "{whole} {broken}");
}

#[test]
fn what_is_not_there_cannot_go() {
    let zone = any_zone(&mut Random(1), false);
    let none = [Owned::new("pad1.z.", Rtype::TXT, 300, b"\x01y")];
    let refused = zone.apply(&changes(&none, &[])).expect_err("nothing goes");
    assert_eq!(refused.to_string(), "pad1.z.: the TXT record that should go is not there");
    let outside = Owned::new("z.z.", Rtype::SOA, 300, &soa(1).rdata);
    let refused = zone.apply(&changes(&[], &[outside])).expect_err("it cannot come");
    assert_eq!(refused.to_string(), "z.z.: an SOA record below the apex");
    let mut changes = Changes::new(Name::ROOT);
    assert!(changes.is_empty());
    changes = Changes::new(name("z.").as_name());
    let outside = Owned::new("y.", Rtype::TXT, 300, b"\x01y");
    assert_eq!(changes.add(&outside.record()), Err(Rejected::OutOfZone));
    assert_eq!(changes.count(), 0);
}

/// Blocks that have none of the changed names are those of the old version, not copies.
#[test]
fn what_does_not_change_is_shared() {
    let zone = any_zone(&mut Random(2), false);
    assert!(zone.blocks.len() >= 4);
    let (made, _) = zone.apply(&changes(&[soa(1)], &[soa(2)])).expect("a zone that can be served");
    let shared = zone.blocks.iter().zip(&made.blocks).filter(|(old, new)| std::ptr::eq(old.behind(0), new.behind(0)));
    assert_eq!(shared.count(), zone.blocks.len() - 1);
    assert!(Arc::ptr_eq(&zone.occluded, &made.occluded));
}

/// Of a zone with one block all names are looked at, as when it is sealed.
#[test]
fn where_names_are_sought_first_follows_the_changes() {
    let mut records = vec![soa(1), Owned::new("z.", Rtype::NS, 300, &wire("ns.z."))];
    records.extend((0..50).map(|number| Owned::new(&format!("n{number}.z."), Rtype::A, 300, &[1; 4])));
    let (mut zone, _) = sealed(&records).expect("a zone that can be served");
    let mut seen = vec![zone.usual_depth];
    for number in 0..8 {
        let come = Owned::new(&format!("x.n{number}.z."), Rtype::A, 300, &[1; 4]);
        (zone, _) = zone.apply(&changes(&[], std::slice::from_ref(&come))).expect("a zone that can be served");
        records.push(come);
        assert_eq!(zone.usual_depth, sealed(&records).expect("a zone that can be served").0.usual_depth);
        seen.push(zone.usual_depth);
    }
    assert_eq!((seen.first(), seen.last()), (Some(&1), Some(&2)));
}

/// More and more has to be copied for each name, until the zone gets more blocks.
#[test]
fn blocks_that_have_grown_are_more_when_the_zone_changes_next() {
    let zone = any_zone(&mut Random(3), false);
    let large = [&[255][..], &[b'x'; 255]].concat().repeat(160);
    let come: Vec<Owned> =
        (0..25).map(|number| Owned::new(&format!("large{number}.z."), Rtype::TXT, 300, &large)).collect();
    let (grown, _) = zone.apply(&changes(&[], &come)).expect("a zone that can be served");
    assert_eq!(grown.block_bits, zone.block_bits);
    let (next, _) = grown.apply(&changes(&come[..1], &[])).expect("a zone that can be served");
    assert!(next.block_bits > zone.block_bits, "{}", next.block_bits);
    assert_eq!(next.records(), zone.records() + 24);
}

/// All that a zone holds, name by name; signatures without their TTL.
fn lines(zone: &Zone) -> Vec<String> {
    let (order, mut lines) = (zone.order(), Vec::new());
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        let of = |record: Record<'_>| {
            let ttl = if record.rtype == Rtype::RRSIG { 0 } else { record.ttl };
            format!("{} {:?} {ttl} {} {}", holding.owner, holding.standing, record.rtype, record.rdata.escape_ascii())
        };
        lines.extend(holding.records().map(|held| of(held.record)));
    }
    lines
}

/// The changes that records differ by; none where they are too many.
fn difference(zone: &Zone, records: &[Owned]) -> Option<Changes> {
    let mut difference = zone.difference()?;
    records.iter().all(|record| difference.take(&record.record())).then_some(())?;
    difference.finish()
}

/// What becomes of a zone's records in a file that somebody has edited: some are new, some are gone, RRsets have other TTLs,
/// records come twice, in capitals and in any order.
fn edited(random: &mut Random, zone: &Zone) -> Vec<Owned> {
    let before = held(zone);
    let (gone, come) = any_changes(random, &before, 2);
    let stays = |record: &&Owned| !gone.iter().any(|other| other.is_same(record));
    let mut records: Vec<Owned> = before.iter().filter(stays).chain(&come).cloned().collect();
    for _ in 0..random.below(4) {
        let number = random.below(records.len());
        let mut again = records[number].clone();
        match random.below(4) {
            0 => again.ttl -= 100,
            1 if again.rtype.name_layout().compressible => again.rdata.make_ascii_uppercase(),
            2 => again.owner = again.owner.to_string().to_uppercase().parse().expect("a name"),
            _ => {}
        }
        match random.below(3) {
            0 => records.push(again),
            1 => records.insert(number, again),
            _ => records[number] = again,
        }
    }
    for _ in 0..random.below(40) {
        let (one, other) = (random.below(records.len()), random.below(records.len()));
        records.swap(one, other);
    }
    records
}

#[test]
fn what_differs_makes_what_sealing_makes() {
    let (mut compared, mut alike) = (0, 0);
    for seed in 0..400 {
        let mut random = Random(seed);
        let is_signed = random.percent(20);
        let zone = any_zone(&mut random, is_signed);
        let records = if random.percent(10) { held(&zone) } else { edited(&mut random, &zone) };
        let Some(changes) = difference(&zone, &records) else { continue };
        match (zone.apply(&changes), sealed(&records)) {
            (Ok((made, findings)), Ok((expected, told))) => {
                assert_eq!(lines(&made), lines(&expected), "seed {seed}: {findings}; {told}");
                assert_eq!((made.records(), made.depths), (expected.records(), expected.depths), "seed {seed}");
                compared += 1;
                alike += usize::from(changes.is_empty());
            }
            (made, expected) => assert_eq!(made.is_err(), expected.is_err(), "seed {seed}: {:?}", made.err()),
        }
    }
    assert!(compared > 200 && alike > 20, "{compared} {alike}");
}

#[test]
fn what_differs_much_is_told_early() {
    let zone = any_zone(&mut Random(1), false);
    let records = held(&zone);
    assert!(difference(&zone, &records).is_some_and(|changes| changes.is_empty()));
    assert!(difference(&zone, &records[..records.len() / 2]).is_none());
    let many: Vec<Owned> =
        (0..200).map(|number| Owned::new(&format!("new{number}.z."), Rtype::A, 300, &[0; 4])).collect();
    let mut started = zone.difference().expect("a zone that can be changed");
    assert!(many.iter().position(|record| !started.take(&record.record())).is_some_and(|taken| taken < 120));
    let outside = Owned::new("y.", Rtype::TXT, 300, b"\x01y");
    assert!(!zone.difference().expect("a zone that can be changed").take(&outside.record()));
}
