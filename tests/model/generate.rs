//! Random zones and questions from a seed: small enough that everything collides with everything.
//!
//! Knows what a zone may hold and what a question may hit; knows no answers.

use std::net::{Ipv4Addr, Ipv6Addr};

use gannet::base::limits::NAME_OCTETS_MAX;

use super::data::*;
use super::message::{AD, CD, Query, RD};

/// A small generator of random numbers: splitmix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    /// Whether something of this many percent happens.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Octets of no meaning.
    pub fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.draw() as u8).collect()
    }

    /// The name in another spelling, by chance.
    fn spell(&mut self, name: &Name) -> Name {
        let mut name = name.clone();
        for octet in name.0.iter_mut().flat_map(|label| &mut label.0) {
            if self.percent(30) {
                *octet ^= if octet.is_ascii_alphabetic() { 0x20 } else { 0 };
            }
        }
        name
    }
}

const LABELS: [&str; 8] = ["a", "a", "b", "b", "c", "ns", "*", "*"];

/// Zones for one server: at most one per apex, all of them valid.
pub fn zones(random: &mut Random) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    for _ in 0..1 + random.below(3) {
        let apex = match zones.first().map(|first| first.apex.clone()) {
            Some(first) if random.percent(70) => below(random, &first, 1, 2),
            _ => Name::from_text(random.pick(&[".", "a.", "b.a.", "test.", "x.test.", "y.test."])),
        };
        if zones.iter().all(|zone| zone.apex != apex) {
            zones.push(empty_zone(random, apex));
        }
    }
    let apexes: Vec<Name> = zones.iter().map(|zone| zone.apex.clone()).collect();
    for zone in &mut zones {
        let children = apexes.iter().filter(|apex| apex.is_below(&zone.apex));
        for child in children.collect::<Vec<_>>() {
            if random.percent(85) {
                add_cut(random, zone, child.clone(), &apexes);
            }
        }
        for _ in 0..3 + random.below(14) {
            add_something(random, zone, &apexes);
        }
        if random.percent(40) {
            sign(random, zone);
        }
    }
    zones
}

fn empty_zone(random: &mut Random, apex: Name) -> Zone {
    let mut zone = Zone { apex: apex.clone(), records: Vec::new() };
    let mut numbers = vec![0; 16];
    numbers.extend((random.pick(&[0u32, 60, 300, 86_400])).to_be_bytes());
    let rdata = vec![Field::Name(apex.child("ns")), Field::Name(apex.child("root")), Field::Octets(numbers)];
    add(random, &mut zone, &apex, SOA, rdata);
    for _ in 0..1 + random.below(2) {
        let target = any_name(random, &zone, &[]);
        add(random, &mut zone, &apex, NS, vec![Field::Name(target.clone())]);
        if random.percent(50) && target.is_at_or_below(&apex) {
            add_addresses(random, &mut zone, &target);
        }
    }
    zone
}

/// Adds the record unless it makes the zone invalid. All of an RRset have one TTL (RFC 2181 section 5.2).
fn add(random: &mut Random, zone: &mut Zone, owner: &Name, rtype: u16, mut rdata: Vec<Field>) {
    let ttl = zone.at(owner).find(|record| record.rtype == rtype).map(|record| record.ttl);
    let ttl = ttl.unwrap_or_else(|| random.pick(&[0, 30, 60, 300, 3_600]));
    for field in &mut rdata {
        if let Field::Name(name) = field {
            *name = random.spell(name);
        }
    }
    zone.records.push(Record { owner: random.spell(owner), rtype, ttl, rdata });
    if !is_valid_at(zone, owner) {
        zone.records.pop();
    }
}

/// Whether a server should load the zone: what RFC 1034, 1035, 2181, 4035 and 6672 want of one. NS at a wildcard is left
/// out besides, for RFC 4592 section 4.2 leaves its meaning open; but what is hidden below a cut or a DNAME may be there.
pub fn is_valid(zone: &Zone) -> bool {
    zone.has(&zone.apex, SOA) && zone.has(&zone.apex, NS) && zone.records.iter().all(|r| is_valid_at(zone, &r.owner))
}

/// Whether what stands at one owner may stand there.
pub fn is_valid_at(zone: &Zone, owner: &Name) -> bool {
    let is_apex = *owner == zone.apex;
    let here: Vec<&Record> = zone.at(owner).collect();
    let count = |rtype| here.iter().filter(|record| record.rtype == rtype).count();
    let is_too_long = |field: &Field| matches!(field, Field::Name(name) if name.octets() > NAME_OCTETS_MAX);
    owner.is_at_or_below(&zone.apex)
        && owner.octets() <= NAME_OCTETS_MAX
        && here.iter().enumerate().all(|(i, record)| {
            let rtype_fits = match record.rtype {
                SOA => is_apex && count(SOA) == 1,
                CNAME => count(CNAME) == 1 && here.iter().all(|other| matches!(other.rtype, CNAME | RRSIG)),
                DNAME => count(DNAME) == 1 && !zone.is_cut(owner),
                NS => is_apex || !owner.is_wildcard(),
                DS => zone.is_cut(owner),
                RRSIG => here.iter().any(|other| record.covers(other.rtype)),
                _ => true,
            };
            rtype_fits && !here[..i].contains(record) && !record.rdata.iter().any(is_too_long)
        })
}

/// A name `least` to `most` labels below another.
fn below(random: &mut Random, name: &Name, least: usize, most: usize) -> Name {
    let labels = least + random.below(most - least + 1);
    (0..labels).fold(name.clone(), |name, _| name.child(random.pick(&LABELS)))
}

/// An owner in the zone: a new one, one that is there, or one near it.
fn owner(random: &mut Random, zone: &Zone) -> Name {
    let near = random.pick(&zone.records).owner;
    match random.below(10) {
        0..=4 => below(random, &zone.apex, 0, 3),
        5 | 6 => near,
        7 => near.ancestor(near.depth().saturating_sub(1).max(zone.apex.depth())),
        _ => below(random, &near, 1, 2),
    }
}

/// A name to point to: in the zone, in another one, or in none.
fn any_name(random: &mut Random, zone: &Zone, apexes: &[Name]) -> Name {
    match random.below(10) {
        0..=6 => owner(random, zone),
        7 | 8 if !apexes.is_empty() => {
            let apex = random.pick(apexes);
            below(random, &apex, 0, 2)
        }
        _ => below(random, &Name::from_text("out."), 1, 1),
    }
}

fn add_addresses(random: &mut Random, zone: &mut Zone, owner: &Name) {
    let kinds = 1 + random.below(3);
    for _ in 0..1 + random.below(2) {
        let host = random.draw() as u8;
        if kinds & 1 != 0 {
            let address = Ipv4Addr::new(192, 0, 2, host).octets().to_vec();
            add(random, zone, owner, A, vec![Field::Octets(address)]);
        }
        if kinds & 2 != 0 {
            let address = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host.into()).octets().to_vec();
            add(random, zone, owner, AAAA, vec![Field::Octets(address)]);
        }
    }
}

fn add_something(random: &mut Random, zone: &mut Zone, apexes: &[Name]) {
    let owner = owner(random, zone);
    let target = any_name(random, zone, apexes);
    match random.below(22) {
        0..=3 => add_addresses(random, zone, &owner),
        4..=7 => add(random, zone, &owner, CNAME, vec![Field::Name(target)]),
        8 => add(random, zone, &owner, DNAME, vec![Field::Name(target)]),
        9..=12 => add_cut(random, zone, owner, apexes),
        13 => add(random, zone, &owner, MX, vec![Field::Octets(vec![0, 10]), Field::Name(target)]),
        14 => add(random, zone, &owner, SRV, vec![Field::Octets(vec![0, 1, 0, 2, 0, 53]), Field::Name(target)]),
        15 => add_service(random, zone, &owner, target),
        16 => add_text(random, zone, &owner),
        17 => {
            let rdata = vec![Field::Octets(random.octets(5))];
            add(random, zone, &owner, UNKNOWN, rdata);
        }
        18 => add(random, zone, &owner, PTR, vec![Field::Name(target)]),
        19 => {
            // A wildcard beside the name, so that nested ones are common.
            let wildcard = owner.ancestor(owner.depth().saturating_sub(1).max(zone.apex.depth())).child("*");
            add_addresses(random, zone, &wildcard);
        }
        20 if random.percent(20) => add_long_chain(random, zone),
        21 if random.percent(30) => {
            let long = "l".repeat(60);
            let target = zone.apex.child(&long).child(&long).child(&long);
            add(random, zone, &owner, DNAME, vec![Field::Name(target)]);
        }
        _ => add_addresses(random, zone, &target_in(zone, target)),
    }
}

/// The name if the zone can hold it, else its apex.
fn target_in(zone: &Zone, name: Name) -> Name {
    if name.is_at_or_below(&zone.apex) { name } else { zone.apex.clone() }
}

/// SVCB or HTTPS, in alias or service mode, to a target or to the owner itself.
fn add_service(random: &mut Random, zone: &mut Zone, owner: &Name, target: Name) {
    let rtype = random.pick(&[SVCB, HTTPS]);
    let target = if random.percent(25) { Name::default() } else { target };
    let mut rdata = vec![Field::Octets(vec![0, random.below(2) as u8]), Field::Name(target)];
    if rdata[0] != Field::Octets(vec![0, 0]) {
        rdata.push(Field::Octets(vec![0, 3, 0, 2, 0x20, 0xfb])); // port=8443
    }
    add(random, zone, owner, rtype, rdata);
}

/// One to three TXT records, some of them long enough to fill a datagram.
fn add_text(random: &mut Random, zone: &mut Zone, owner: &Name) {
    for _ in 0..1 + random.below(3) {
        let length = random.pick(&[1, 10, 200, 255]);
        let mut text = vec![length];
        text.extend(random.octets(length.into()));
        add(random, zone, owner, TXT, vec![Field::Octets(text)]);
    }
}

/// A zone cut with name servers of every kind: in-domain, sibling, ours, foreign; with and without their glue.
fn add_cut(random: &mut Random, zone: &mut Zone, cut: Name, apexes: &[Name]) {
    let servers = if random.percent(10) { 13 } else { 1 + random.below(3) };
    for server in 0..servers {
        let siblings: Vec<Name> = zone.records.iter().filter(|r| r.rtype == NS).map(|r| r.owner.clone()).collect();
        let target = match random.below(10) {
            0..=2 => cut.child(&format!("ns{server}")),
            3 => below(random, &cut, 0, 2),
            4 | 5 => {
                let sibling = random.pick(&siblings);
                below(random, &sibling, 0, 1)
            }
            _ => any_name(random, zone, apexes),
        };
        add(random, zone, &cut, NS, vec![Field::Name(target.clone())]);
        if random.percent(70) && target.is_at_or_below(&zone.apex) {
            add_addresses(random, zone, &target);
        }
    }
    if random.percent(40) {
        let digest = [vec![0x30, 0x39, 13, 2], random.octets(32)].concat();
        add(random, zone, &cut, DS, vec![Field::Octets(digest)]);
    }
}

/// A chain of CNAMEs about as long as a reply may follow.
fn add_long_chain(random: &mut Random, zone: &mut Zone) {
    let length = 12 + random.below(10);
    for i in 0..length {
        let (owner, target) = (zone.apex.child(&format!("n{i}")), zone.apex.child(&format!("n{}", i + 1)));
        add(random, zone, &owner, CNAME, vec![Field::Name(target)]);
    }
    let last = zone.apex.child(&format!("n{length}"));
    add_addresses(random, zone, &last);
}

/// Signs what is authoritative, with signatures that only look like some (RFC 4035 section 2.2).
fn sign(random: &mut Random, zone: &mut Zone) {
    let mut sets: Vec<(Name, u16, u32)> = zone.records.iter().map(|r| (r.owner.clone(), r.rtype, r.ttl)).collect();
    sets.sort();
    sets.dedup_by(|a, b| (&a.0, a.1) == (&b.0, b.1));
    for (owner, rtype, ttl) in sets {
        let hidden = (zone.apex.depth() + 1..owner.depth()).any(|depth| zone.is_cut(&owner.ancestor(depth)));
        if hidden || (zone.is_cut(&owner) && rtype != DS) {
            continue;
        }
        for _ in 0..if random.percent(15) { 2 } else { 1 } {
            let labels = owner.depth() - usize::from(owner.is_wildcard());
            let mut fixed = rtype.to_be_bytes().to_vec();
            fixed.extend([13, labels as u8]);
            fixed.extend(ttl.to_be_bytes());
            fixed.extend(random.octets(10));
            let rdata = vec![Field::Octets(fixed), Field::Name(zone.apex.clone()), Field::Octets(random.octets(64))];
            zone.records.push(Record { owner: random.spell(&owner), rtype: RRSIG, ttl, rdata });
        }
    }
}

/// A query that is likely to hit something: an owner, its neighbours, what wildcards and DNAMEs cover, targets.
pub fn query(random: &mut Random, zones: &[Zone]) -> Query {
    let zone = &zones[random.below(zones.len())];
    let record = random.pick(&zone.records);
    let near = record.owner.clone();
    let name = match random.below(100) {
        0..=29 => near,
        30..=49 => below(random, &near, 1, 1),
        50..=57 => below(random, &near, 2, 3),
        58..=65 => near.ancestor(near.depth().saturating_sub(1)),
        66..=75 => {
            let parent = near.ancestor(near.depth().saturating_sub(1));
            below(random, &parent, 1, 1)
        }
        76..=85 => record.target().cloned().unwrap_or(near),
        86..=90 => {
            let wildcards: Vec<Name> = zone.records.iter().map(|r| r.owner.clone()).filter(Name::is_wildcard).collect();
            let source = if wildcards.is_empty() { near } else { random.pick(&wildcards) };
            let encloser = source.ancestor(source.depth().saturating_sub(1));
            below(random, &encloser, 1, 3)
        }
        91..=93 => zone.apex.clone(),
        94 | 95 => near.child(&"l".repeat(63)),
        _ => below(random, &Name::default(), 0, 3),
    };
    let name = if name.octets() > NAME_OCTETS_MAX { zone.apex.clone() } else { name };
    let class = if random.percent(97) { CLASS_IN } else { random.pick(&[CLASS_ANY, CLASS_ANY, 3, 4, 42]) };
    let dnssec_ok = random.percent(40);
    Query {
        question: Question { rtype: query_type(random, zone, &name), name: random.spell(&name), class, dnssec_ok },
        id: random.draw() as u16,
        flags: flags(random),
        edns: payload_size(random, dnssec_ok),
    }
}

/// A type that the name has, or any.
fn query_type(random: &mut Random, zone: &Zone, name: &Name) -> u16 {
    const ASKED: [u16; 16] = [A, A, A, AAAA, NS, CNAME, DNAME, SOA, MX, TXT, SRV, DS, HTTPS, PTR, UNKNOWN, ANY];
    let there: Vec<u16> = zone.at(name).map(|record| record.rtype).filter(|rtype| *rtype != RRSIG).collect();
    match random.below(10) {
        0..=4 if !there.is_empty() => random.pick(&there),
        5 => random.pick(&[DS, NS, ANY, SVCB, MX]),
        _ => random.pick(&ASKED),
    }
}

/// The same question with another spelling, id, flags and payload size.
pub fn again(random: &mut Random, before: &Query) -> Query {
    let mut query = before.clone();
    query.question.name = random.spell(&query.question.name);
    query.question.dnssec_ok ^= random.percent(20);
    query.id = random.draw() as u16;
    query.flags = flags(random);
    query.edns = payload_size(random, query.question.dnssec_ok);
    query
}

fn flags(random: &mut Random) -> u16 {
    [RD, AD, CD].into_iter().filter(|_| random.percent(30)).sum()
}

/// The size in the OPT record, which DO needs (RFC 3225 section 3).
fn payload_size(random: &mut Random, dnssec_ok: bool) -> Option<u16> {
    (dnssec_ok || random.percent(50)).then(|| random.pick(&[0, 512, 600, 1_232, 4_096, 65_535]))
}
