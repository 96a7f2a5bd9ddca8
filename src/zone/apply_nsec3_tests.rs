//! Zones with NSEC3 follow their changes: what they prove is what is proved by zones sealed from the same records.

use std::collections::BTreeMap;

use super::*;
use crate::base::limits::DOUBTS_SHARE_MAX;
use crate::wire::{HashedName, Nsec3Hash, Nsec3Parameters, nsec3_label};
use crate::zone::chain::{HASHED, Nsec3Chain, Witness, hash_of};
use crate::zone::denial::Denial;
use crate::zone::{Outcome, Show};

const PARAMETERS: Nsec3Parameters<'_> = Nsec3Parameters { algorithm: 1, iterations: 1, salt: &[0xab] };

/// What stands at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Host(u8),
    Cut,
    SecureCut,
}

/// What a zone is made of, but for its chain.
#[derive(Debug, Clone)]
struct Model {
    serial: u32,
    opt_out: bool,
    /// By the labels in front of the apex, with a dot behind each.
    names: BTreeMap<String, Kind>,
    /// Names whose NSEC3 are missing, though those in front of them name them.
    holes: BTreeSet<String>,
    /// Names where there is an NSEC3 of another chain, as if their hashes were the same.
    others: BTreeSet<String>,
}

impl Model {
    fn any(random: &mut Random, many: usize) -> Self {
        let (serial, opt_out) = (1, random.percent(50));
        let mut model =
            Self { serial, opt_out, names: BTreeMap::new(), holes: BTreeSet::new(), others: BTreeSet::new() };
        (0..many).for_each(|_| model.toggle(random));
        model
    }

    /// A name comes, goes, or holds something else.
    fn toggle(&mut self, random: &mut Random) {
        let name = any_labels(random);
        let kind = match random.below(8) {
            0..5 => Kind::Host(random.below(3) as u8),
            5..7 => Kind::Cut,
            _ => Kind::SecureCut,
        };
        // Of a wildcard that delegates nobody says what it means (RFC 4592 section 4.2).
        let kind = if name.starts_with('*') { Kind::Host(7) } else { kind };
        if self.names.remove(&name).is_none_or(|old| old != kind && random.percent(50)) {
            self.names.insert(name, kind);
        }
    }

    /// The next version of what the zone is made of.
    fn change(&mut self, random: &mut Random, has_holes: bool) {
        self.serial += 1;
        for _ in 0..random.below(6) {
            self.toggle(random);
        }
        let names: Vec<String> = self.chained().into_keys().filter(|name| !name.is_empty()).collect();
        for set in [&mut self.holes, &mut self.others].into_iter().filter(|_| has_holes) {
            let Some(name) = random.percent(50).then(|| names[random.below(names.len())].clone()) else { continue };
            if !set.remove(&name) {
                set.insert(name);
            }
        }
    }

    /// The names that have an NSEC3, with the bitmap that theirs shows.
    fn chained(&self) -> BTreeMap<String, u8> {
        let mut chained: BTreeMap<String, u8> = [(String::new(), 0x62)].into();
        for (name, kind) in self.names.iter().filter(|(name, _)| !self.is_occluded(name)) {
            let bitmap = match kind {
                Kind::Host(_) => 0x40,
                Kind::Cut if self.opt_out => continue,
                Kind::Cut | Kind::SecureCut => 0x20,
            };
            for name in above(name) {
                chained.entry(name.to_owned()).or_insert(0);
            }
            chained.insert(name.clone(), bitmap);
        }
        chained
    }

    fn is_occluded(&self, name: &str) -> bool {
        above(name).any(|name| matches!(self.names.get(name), Some(Kind::Cut | Kind::SecureCut)))
    }

    fn records(&self) -> Vec<Owned> {
        let own = |labels: &str, rtype, rdata: &[u8]| Owned::new(&format!("{labels}z."), rtype, 300, rdata);
        let mut records = vec![soa(self.serial), own("", Rtype::NS, &wire("ns.test."))];
        records.push(own("", Rtype::NSEC3PARAM, &[1, 0, 0, 1, 1, 0xab]));
        for (name, kind) in &self.names {
            match kind {
                Kind::Host(octet) => records.push(own(name, Rtype::A, &[192, 0, 2, *octet])),
                _ => records.push(own(name, Rtype::NS, &wire("ns.test."))),
            }
            records.extend((*kind == Kind::SecureCut).then(|| own(name, Rtype::DS, &[0, 1, 8, 2, 1])));
        }
        let hashed = |name: &String| PARAMETERS.hash(self::name(&format!("{name}z.")).as_name());
        let chained: BTreeMap<_, _> = self.chained().into_iter().map(|one| (hashed(&one.0), one)).collect();
        let next = chained.keys().cycle().skip(1);
        for ((hash, (name, bitmap)), next) in chained.iter().zip(next) {
            let owner = NameBuf::join(&nsec3_label(hash), self::name("z.").as_name()).expect("a name").to_string();
            let other = || Owned::new(&owner, Rtype::NSEC3, 300, &[1, 0, 0, 1, 1, 0xcd, 1, 0]);
            records.extend(self.others.contains(name).then(other));
            if self.holes.contains(name) {
                continue;
            }
            let head = [1, u8::from(self.opt_out), 0, 1, 1, 0xab, 20];
            records.push(Owned::new(&owner, Rtype::NSEC3, 300, &[&head[..], next, &[0, 1, *bitmap]].concat()));
            // As large as a signature, so that there are several blocks.
            let signature =
                [&Rtype::NSEC3.0.to_be_bytes()[..], &[8, 2], &[0; 14], &wire("z."), &[*bitmap; 500]].concat();
            records.extend((name.len() % 4 < 3).then(|| Owned::new(&owner, Rtype::RRSIG, 300, &signature)));
        }
        records
    }
}

fn any_labels(random: &mut Random) -> String {
    let front = random.pick(&["", "", "", "", "x.", "*.", "a.b.", "*.b.", "a.x."]);
    let name = format!("{front}n{}.", random.below(400));
    if random.below(300) == 0 { "*.".to_owned() } else { name }
}

/// The names above one, but for the apex, the longest first.
fn above(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.char_indices().filter(|(_, letter)| *letter == '.');
    ends.map(|(at, _)| &name[at + 1..]).filter(|name| !name.is_empty())
}

fn lacking(some: &[Owned], others: &[Owned]) -> Vec<Owned> {
    let others: BTreeSet<String> = others.iter().map(|record| format!("{record:?}")).collect();
    some.iter().filter(|record| !others.contains(&format!("{record:?}"))).cloned().collect()
}

fn chain(zone: &Zone) -> &Nsec3Chain {
    let Denial::Nsec3(chain) = &zone.denial else { panic!("no chain of NSEC3: {:?}", zone.denial) };
    chain
}

fn owners_of_links(zone: &Zone) -> Vec<String> {
    chain(zone).places().map(|place| zone.node_in(place).expect("a node").owner().to_string()).collect()
}

fn doubts(zone: &Zone) -> usize {
    chain(zone).numbers.iter().filter(|number| number.is_doubtful()).count()
}

/// What a zone shows with its answer, and how many names it hashes for that.
fn proof(zone: &Zone, qname: &str, qtype: Rtype) -> (Vec<String>, usize) {
    let mut hashed = HashedName::new(&hasher());
    hashed.fill(name(qname).as_name());
    let is_own = |node: Node<'_>| {
        let labels = hashed.labels_between(0, hashed.label_count() - 1);
        node.labels().eq_ignore_ascii_case(labels)
    };
    let (before, mut shown) = (HASHED.get(), Vec::new());
    let show: Show<'_, '_> = &mut |rrset| {
        // What comes to an RRset is behind what was there, which sealing does not know.
        let (mut records, mut signatures): (Vec<_>, Vec<_>) = (rrset.records().collect(), rrset.signatures().collect());
        records.sort_unstable();
        signatures.sort_unstable();
        shown.push(format!("{:?} {} {records:?} {signatures:?}", rrset.node(), rrset.rtype));
    };
    match zone.lookup(&hashed, qtype) {
        Outcome::Answer(rrset) if is_own(rrset.node()) => {}
        Outcome::Answer(rrset) => zone.deny_closer(&hashed, rrset.node(), show),
        Outcome::NoData(node) if is_own(node) => zone.deny_type(&hashed, node, show),
        Outcome::NoData(node) => zone.deny_wildcard_type(&hashed, node, show),
        Outcome::NxDomain(encloser) => zone.deny_name(&hashed, encloser, show),
        Outcome::Referral(cut) if cut.rrset(Rtype::DS).is_none() => zone.deny_type(&hashed, cut, show),
        Outcome::Referral(_) => {}
        other => panic!("{qname} {qtype}: {other:?}"),
    }
    (shown, HASHED.get() - before)
}

/// Compares what both zones prove of names that exist and of others.
fn compare_proofs(made: &Zone, expected: &Zone, model: &Model, random: &mut Random, what: &dyn Fn() -> String) {
    let names: Vec<&str> = model.names.keys().map(String::as_str).collect();
    let any = |random: &mut Random| match random.below(4) {
        0 => any_labels(random),
        1 => (*above(names[random.below(names.len())]).collect::<Vec<_>>().first().unwrap_or(&"")).to_owned(),
        _ => names[random.below(names.len())].to_owned(),
    };
    for _ in 0..80 {
        let front = random.pick(&["", "", "", "q.", "*.", "q.q.", "b."]);
        let (qname, qtype) = (format!("{front}{}z.", any(random)), [Rtype::A, Rtype::TXT, Rtype::DS][random.below(3)]);
        let (made, (expected, hashed)) = (proof(made, &qname, qtype), proof(expected, &qname, qtype));
        assert_eq!(made.0, expected, "{}: {qname} {qtype}", what());
        assert!(hashed <= 1 && made.1 >= hashed, "{}: {qname} {qtype} hashed {} {hashed}", what(), made.1);
    }
}

/// Whatever the tails of all nodes tell is true or in doubt; returns how many of them are in doubt.
fn check_tails(zone: &Zone, what: &dyn Fn() -> String) -> usize {
    let chain = chain(zone);
    let mut looked_up = 0;
    for node in zone.nodes() {
        let Some(tail) = chain.tail(node) else {
            assert!(node.has(NodeFlags::NSEC3_ONLY), "{}: {node:?} has no tail", what());
            continue;
        };
        let mut check = |found: &dyn Fn() -> Option<Witness>, pieces: &[&[u8]]| {
            let before = HASHED.get();
            let shown = |witness: Witness| {
                let node = zone.node_in(witness.place).expect("a node");
                (node.owner().to_string(), witness.is_match)
            };
            let found = found().map(shown);
            looked_up += HASHED.get() - before;
            let truly = chain.witness(zone, &PARAMETERS.hash_lower(pieces)).map(shown);
            assert_eq!(found, truly, "{}: {node:?}", what());
        };
        let (labels, apex) = (node.labels(), zone.apex_wire());
        check(&|| chain.own(zone, node, tail), &[labels, apex]);
        if !node.is_cut() {
            check(&|| chain.wildcard(zone, node, tail), &[b"\x01*", labels, apex]);
        }
    }
    looked_up
}

/// Has a zone go through many versions; returns how many followed from the one before, how many were built anew, and the
/// most doubts that any had.
fn trial(seed: u64) -> [usize; 3] {
    let mut random = Random(seed);
    let has_holes = random.percent(40);
    let mut model = Model::any(&mut random, 350);
    let mut records = model.records();
    let (mut zone, _) = sealed(&records).expect("a zone that can be served");
    assert!(zone.blocks.len() > 1, "{}", zone.blocks.len());
    let mut came = [0; 3];
    for version in 0..14 {
        model.change(&mut random, has_holes);
        let next = model.records();
        let (gone, come) = (lacking(&records, &next), lacking(&next, &records));
        let what = || format!("seed {seed}, version {version}: {gone:?} went, {come:?} came");
        let changes = match random.percent(50) {
            true => changes(&gone, &come),
            false => difference(&zone, &next).unwrap_or_else(|| panic!("{}: not compared", what())),
        };
        assert!(!zone.is_to_be_rebuilt(&changes), "{}", what());
        let (made, _) = zone.apply(&changes).expect("a zone that can be served");
        let (expected, _) = sealed(&next).expect("a zone that can be served");
        assert_eq!(lines(&made), lines(&expected), "{}", what());
        assert_eq!(owners_of_links(&made), owners_of_links(&expected), "{}", what());
        assert_eq!((made.first_break, made.records()), (expected.first_break, expected.records()), "{}", what());
        assert!(chain(&made).agrees_with_itself(), "{}", what());
        compare_proofs(&made, &expected, &model, &mut random, &what);
        let looked_up = check_tails(&made, &what);
        let doubts = doubts(&made);
        assert!(doubts <= chain(&made).links.len() / DOUBTS_SHARE_MAX, "{}: {doubts} doubts", what());
        assert!((looked_up == 0) || doubts > 0, "{}: {looked_up} {doubts}", what());
        // The apex' own tail is new in every version.
        assert_eq!(proof(&made, "nothing.z.", Rtype::A).1, 1, "{}", what());
        let is_rebuilt = chain(&made).numbers.is_empty() && !chain(&zone).numbers.is_empty();
        came[usize::from(is_rebuilt)] += 1;
        came[2] = came[2].max(doubts);
        // A server that starts again goes on from an image.
        zone = if random.percent(30) { restored(&made) } else { made };
        records = next;
    }
    came
}

fn restored(zone: &Zone) -> Zone {
    let body = zone.image_body().collect::<Vec<_>>().concat().into();
    Zone::from_image(&zone.image_head(), &body, zone.apex(), &hasher()).expect("an image")
}

#[test]
fn what_a_changed_zone_proves_is_what_a_sealed_one_proves() {
    let first = std::env::var("GANNET_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = first.map_or(0..16, |seed: u64| seed..seed + 1);
    let came = seeds.map(trial).fold([0; 3], |sum, one| [sum[0] + one[0], sum[1] + one[1], sum[2].max(one[2])]);
    assert!(first.is_some() || (came[0] > 150 && came[1] > 10 && came[2] > 12), "{came:?}");
}

/// Applies what makes the records of one version from those of another; and how many names are hashed for that.
fn followed(zone: &Zone, records: &[Owned], next: &[Owned]) -> (Zone, usize) {
    let changes = changes(&lacking(records, next), &lacking(next, records));
    let before = HASHED.get();
    let (made, _) = zone.apply(&changes).expect("a zone that can be served");
    (made, HASHED.get() - before)
}

fn new_blocks(old: &Zone, made: &Zone) -> usize {
    old.blocks.iter().zip(&made.blocks).filter(|(old, made)| !std::ptr::eq(old.behind(0), made.behind(0))).count()
}

#[test]
fn a_small_change_copies_few_blocks_and_hashes_few_names() {
    let mut model = Model { opt_out: false, ..Model::any(&mut Random(5), 900) };
    model.names.insert("host.".to_owned(), Kind::Host(1));
    let records = model.records();
    let (zone, _) = sealed(&records).expect("a zone that can be served");
    assert!(zone.blocks.len() >= 8, "{}", zone.blocks.len());
    // The name and the wildcard below it, and those of the apex.
    model.names.insert("host.".to_owned(), Kind::Host(2));
    let changed = model.records();
    let (made, hashed) = followed(&zone, &records, &changed);
    assert_eq!((hashed, chain(&made).numbers.len(), doubts(&made)), (4, 0, 0));
    assert!(new_blocks(&zone, &made) <= 2);
    let costs = |zone: &Zone| {
        let names = ["host.z.", "q.host.z.", "nothing.z.", "n7.z.", "q.n7.z.", "x.n8.z.", "q.n9.z."];
        names.map(|name| proof(zone, name, Rtype::TXT).1)
    };
    assert_eq!(costs(&made), costs(&zone));
    // A link comes, and another one names it; what both tell of names that are asked for is in no doubt.
    model.names.insert("new.".to_owned(), Kind::Host(1));
    let grown = model.records();
    let (more, hashed) = followed(&made, &changed, &grown);
    let links = chain(&zone).links.len();
    assert_eq!((hashed, chain(&more).links.len(), chain(&more).numbers.len()), (4, links + 1, links + 2));
    assert_eq!((doubts(&more), proof(&more, "new.z.", Rtype::TXT).1), (1, 0));
    assert!(new_blocks(&made, &more) <= 4);
    assert_eq!(proof(&more, "nothing.z.", Rtype::TXT).1, 1);
    let looked_up = check_tails(&more, &|| "a link came".to_owned());
    assert!((1..20).contains(&looked_up), "{looked_up}: wildcards in the span that was divided");
    // It goes again: neither number of it, nor of the span it was in, is true for all again.
    let (less, hashed) = followed(&more, &grown, &changed);
    assert_eq!((hashed, chain(&less).links.len(), doubts(&less)), (2, links, 2));
    assert_eq!(proof(&less, "new.z.", Rtype::TXT), proof(&made, "new.z.", Rtype::TXT));
}

/// What has a zone built anew: nodes get tails or lose them, or all of them are others.
#[test]
fn another_chain_has_the_zone_built_anew() {
    let model = Model::any(&mut Random(6), 60);
    let records = model.records();
    let is_told = |record: &Owned| record.rtype == Rtype::NSEC3PARAM;
    let hash = nsec3_label(&PARAMETERS.hash(name("z.").as_name()));
    let is_link_of_apex = |record: &Owned| record.owner.as_name().wire().starts_with(&hash);
    let without = |is_gone: &dyn Fn(&Owned) -> bool| {
        records.iter().filter(|record| !is_gone(record)).cloned().collect::<Vec<_>>()
    };
    // Of another chain there is the NSEC3 of the apex alone.
    let other = Nsec3Parameters { salt: &[0xcd], ..PARAMETERS };
    let owner = NameBuf::join(&nsec3_label(&other.hash(name("z.").as_name())), name("z.").as_name()).expect("a name");
    let link = Owned::new(&owner.to_string(), Rtype::NSEC3, 300, &[1, 0, 0, 1, 1, 0xcd, 1, 0]);
    let with_both = [&records[..], &[Owned::new("z.", Rtype::NSEC3PARAM, 300, &[1, 0, 0, 1, 1, 0xcd]), link]].concat();
    let with_other: Vec<Owned> =
        with_both.iter().filter(|record| record.rdata != [1, 0, 0, 1, 1, 0xab]).cloned().collect();
    let costly: Vec<Owned> = records
        .iter()
        .map(|record| match record.rtype {
            Rtype::NSEC3PARAM | Rtype::NSEC3 => {
                let mut record = record.clone();
                record.rdata[3] = 151;
                record
            }
            _ => record.clone(),
        })
        .collect();
    let many = [&records[..], &with_both];
    let (unsigned, headless) = (without(&is_told), without(&is_link_of_apex));
    for [old, new] in [
        [many[0], &unsigned],
        [&unsigned, many[0]],
        [many[0], &headless],
        [&headless, many[0]],
        [many[0], many[1]],
        [many[1], &with_other],
        [&costly, &costly],
    ] {
        let (zone, _) = sealed(old).expect("a zone that can be served");
        // The order of the source, that a zone keeps: what comes is behind.
        let next = [
            old.iter().filter(|record| !lacking(old, new).iter().any(|gone| gone.is_same(record))).cloned().collect(),
            lacking(new, old),
        ]
        .concat();
        let (expected, _) = sealed(&next).expect("a zone that can be served");
        let (made, _) = followed(&zone, old, new);
        assert!(octets(&made) == octets(&expected));
        assert_eq!(rest(&made), rest(&expected));
    }
    let (zone, _) = sealed(&with_both).expect("a zone that can be served");
    assert_eq!(*chain(&zone).salt, [0xab]);
    assert_eq!(*chain(&followed(&zone, &with_both, &with_other).0).salt, [0xcd]);
}

/// The span of the last link goes on in front of the first.
#[test]
fn a_link_in_front_of_all_others_divides_the_span_of_the_last() {
    let hash = |labels: &str| PARAMETERS.hash(name(&format!("{labels}z.")).as_name());
    let mut looked_up = 0;
    for seed in 0..10 {
        let mut model = Model { opt_out: false, ..Model::any(&mut Random(seed), 120) };
        let records = model.records();
        let (zone, _) = sealed(&records).expect("a zone that can be served");
        let lowest = (0..4_000).map(|number| format!("low{number}.")).min_by_key(|labels| hash(labels)).expect("many");
        model.names.insert(lowest.clone(), Kind::Host(1));
        let (made, _) = followed(&zone, &records, &model.records());
        let first = chain(&made).places().next().and_then(|place| hash_of(made.node_in(place)?));
        assert_eq!((first, doubts(&made)), (Some(hash(&lowest)), 1));
        looked_up += check_tails(&made, &|| format!("seed {seed}"));
    }
    assert!(looked_up > 0, "no wildcard was in what was divided");
}

/// A zone of these links and nothing else that would have a tail but the apex.
fn linked(hashes: &BTreeSet<Nsec3Hash>) -> Vec<Owned> {
    let own = |rtype, rdata: &[u8]| Owned::new("z.", rtype, 300, rdata);
    let mut records = vec![soa(1), own(Rtype::NS, &wire("ns.test.")), own(Rtype::NSEC3PARAM, &[1, 0, 0, 1, 1, 0xab])];
    for hash in hashes {
        let owner = NameBuf::join(&nsec3_label(hash), name("z.").as_name()).expect("a name").to_string();
        // Each names itself for the next one: which one that is makes no difference to what it is found by.
        let rdata = [&[1, 0, 0, 1, 1, 0xab, 20][..], hash, &[0, 1, 0x40]].concat();
        records.push(Owned::new(&owner, Rtype::NSEC3, 300, &rdata));
    }
    records
}

/// Of a million hashes a hundred have a neighbour with the same first octets, which are all that an index has of them.
#[test]
fn links_with_the_same_first_octets_are_told_apart() {
    let tied = |group: u8, number: u8| {
        let mut hash: Nsec3Hash = [number; 20];
        hash[..4].fill(group);
        hash
    };
    let groups = (0..=15).map(|group| group * 17);
    let mut hashes: BTreeSet<Nsec3Hash> =
        groups.clone().flat_map(|group| (1..=5).map(move |number| tied(group, number * 10))).collect();
    hashes.insert(PARAMETERS.hash(name("z.").as_name()));
    let check = |zone: &Zone, hashes: &BTreeSet<Nsec3Hash>| {
        assert_eq!(chain(zone).links.len(), hashes.len());
        for hash in groups.clone().flat_map(|group| (0..=70).map(move |number| tied(group, number))) {
            let witness = chain(zone).witness(zone, &hash).expect("a link");
            let found = zone.node_in(witness.place).and_then(hash_of);
            let expected = hashes.range(..=hash).next_back().or(hashes.last());
            assert_eq!((found.as_ref(), witness.is_match), (expected, hashes.contains(&hash)), "{hash:?}");
        }
    };
    let (zone, _) = sealed(&linked(&hashes)).expect("a zone that can be served");
    check(&zone, &hashes);
    // Some come in front of the others, among them and behind, and one goes: of the first, of some and of the last.
    for group in [0, 136, 255] {
        let mut next = hashes.clone();
        next.extend([5, 25, 60].map(|number| tied(group, number)));
        next.remove(&tied(group, 30));
        let (made, _) = followed(&zone, &linked(&hashes), &linked(&next));
        assert!(doubts(&made) == 4, "{}", doubts(&made));
        check(&made, &next);
    }
}
