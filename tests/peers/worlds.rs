//! Random zones for four servers at once, and the queries that try them.
//!
//! Many small worlds are served together, so that starting servers is rare: each has one to three zones of the model's
//! generator below a top label of its own, and more of what servers differ about. In every other round the root zone is
//! served too and delegates some of the worlds. Knows what a zone may hold; knows no answers.

use std::ops::Range;

use crate::data::*;
use crate::generate::{self, Random};
use crate::message::Query;
use crate::rows;

/// Zones that are served together, and the worlds that they make up.
pub struct Round {
    pub zones: Vec<Zone>,
    /// Which of the zones belong together; the root zone is in a world of its own, the last.
    pub worlds: Vec<Range<usize>>,
}

impl Round {
    /// The round of this seed; now and then with the root zone.
    pub fn of(seed: u64, worlds: usize) -> Self {
        let mut random = Random(seed);
        let mut round = Self::without_root(&mut random, worlds);
        if random.percent(50) {
            let root = root_zone(&mut random, &round.zones);
            round.worlds.push(round.zones.len()..round.zones.len() + 1);
            round.zones.push(root);
        }
        round
    }

    pub fn without_root(random: &mut Random, worlds: usize) -> Self {
        let mut round = Self { zones: Vec::new(), worlds: Vec::new() };
        let tops: Vec<Name> = (0..worlds).map(|number| Name::from_text(&format!("w{number}."))).collect();
        for top in &tops {
            let first = round.zones.len();
            let elsewhere = random.pick(&tops);
            let mut zones = Vec::new();
            while zones.is_empty() {
                zones = world(random, top, &elsewhere);
            }
            round.zones.extend(zones);
            round.worlds.push(first..round.zones.len());
        }
        round
    }

    /// A query for one of the worlds, and the number of the world.
    pub fn query(&self, random: &mut Random) -> (usize, Query) {
        let world = random.below(self.worlds.len());
        let zones = &self.zones[self.worlds[world].clone()];
        let mut query = generate::query(random, zones);
        if random.percent(12) {
            query.question.rtype = random.pick(&rows::RARELY_ASKED);
        }
        // Each query is asked of all at once, and told apart by the place where it stands.
        query.id = 0;
        (world, query)
    }

    /// The same where zones are signed, and their NSEC3 have these owners: DNSSEC is asked for more often, and records of it
    /// by name.
    pub fn signed_query(&self, random: &mut Random, hashes: &[Name]) -> (usize, Query) {
        let (world, mut query) = self.query(random);
        if random.percent(50) {
            query.question.dnssec_ok = true;
            query.edns = query.edns.or(Some(1_232));
        }
        match random.below(50) {
            0 => query.question.name = random.pick(hashes),
            1 => query.question.name = random.pick(hashes).child(random.pick(&["a", "*"])),
            2 => query.question.rtype = random.pick(&[DS, NSEC, RRSIG, 48, 50, 51]),
            _ => {}
        }
        (world, query)
    }
}

/// One to three zones below `top`.
fn world(random: &mut Random, top: &Name, elsewhere: &Name) -> Vec<Zone> {
    let mut zones = generate::zones(random);
    // RFC 4592 section 4.2 leaves open what NS at a wildcard means, and BIND takes none.
    zones.retain(|zone| !zone.apex.is_wildcard());
    let plain = random.percent(80);
    for zone in &mut zones {
        graft(zone, top);
        for _ in 0..random.below(9) {
            add_something(random, zone, elsewhere);
        }
        if plain {
            clear_below_dnames(zone);
            reach_servers(zone);
        }
    }
    zones
}

/// Moves a zone below `top`. Signatures of the model's generator are none: they go.
fn graft(zone: &mut Zone, top: &Name) {
    let moved = |name: &Name| Name(top.0.iter().chain(&name.0).cloned().collect());
    zone.apex = moved(&zone.apex);
    zone.records.retain(|record| record.rtype != RRSIG);
    for record in &mut zone.records {
        record.owner = moved(&record.owner);
        for field in &mut record.rdata {
            if let Field::Name(name) = field {
                // `.` stays what it is: as a target it has a meaning of its own.
                *name = if name.is_root() { name.clone() } else { moved(name) };
            }
        }
    }
    let fits = |record: &Record| {
        record.owner.octets() <= 255
            && !record.rdata.iter().any(|f| matches!(f, Field::Name(name) if name.octets() > 255))
    };
    zone.records.retain(fits);
}

/// The root zone, with delegations to some of the worlds.
fn root_zone(random: &mut Random, zones: &[Zone]) -> Zone {
    let mut root = loop {
        let found = generate::zones(random).into_iter().find(|zone| zone.apex.is_root());
        if let Some(zone) = found {
            break zone;
        }
    };
    graft(&mut root, &Name::default());
    for zone in zones {
        if random.percent(60) {
            let cut = if random.percent(70) { zone.apex.clone() } else { zone.apex.ancestor(1) };
            let server = cut.child("ns");
            add(&mut root, vec![record(&cut, NS, 300, vec![Field::Name(server.clone())])]);
            add(&mut root, vec![record(&server, A, 300, vec![Field::Octets(vec![192, 0, 2, 1])])]);
            if random.percent(50) {
                let digest = [vec![0x30, 0x39, 13, 2], random.octets(32)].concat();
                add(&mut root, vec![record(&cut, DS, 300, vec![Field::Octets(digest)])]);
            }
        }
    }
    clear_below_dnames(&mut root);
    root
}

fn record(owner: &Name, rtype: u16, ttl: u32, rdata: Vec<Field>) -> Record {
    Record { owner: owner.clone(), rtype, ttl, rdata }
}

/// Adds the records of one owner if the zone is valid with them.
fn add(zone: &mut Zone, mut records: Vec<Record>) {
    let before = zone.records.len();
    for record in &mut records {
        // All of an RRset have one TTL (RFC 2181 section 5.2).
        if let Some(there) = zone.at(&record.owner).find(|there| there.rtype == record.rtype) {
            record.ttl = there.ttl;
        }
    }
    let owner = records.first().map(|record| record.owner.clone());
    zone.records.append(&mut records);
    if owner.is_some_and(|owner| !generate::is_valid_at(zone, &owner)) {
        zone.records.truncate(before);
    }
}

/// What is below a DNAME is hidden (RFC 6672 section 2.4), and neither NSD nor Knot loads a zone with such data: in
/// most worlds there is none.
fn clear_below_dnames(zone: &mut Zone) {
    let owners: Vec<Name> = zone.records.iter().filter(|r| r.rtype == DNAME).map(|r| r.owner.clone()).collect();
    zone.records.retain(|record| !owners.iter().any(|owner| record.owner.is_below(owner)));
}

/// Gives the apex's name servers addresses outside, where they have none: BIND loads no zone with such.
fn reach_servers(zone: &mut Zone) {
    let (apex, there) = (zone.apex.clone(), zone.clone());
    for ns in zone.records.iter_mut().filter(|record| record.rtype == NS && record.owner == apex) {
        let is_fine = |target: &Name| {
            let addressed = there.has(target, A) || there.has(target, AAAA);
            let is_hidden = (apex.depth()..target.depth()).any(|depth| there.has(&target.ancestor(depth), DNAME));
            !target.is_at_or_below(&apex) || (addressed && !is_hidden)
        };
        for field in &mut ns.rdata {
            if let Field::Name(target) = field
                && !is_fine(target)
            {
                *target = Name::from_text(&format!("ns{}.elsewhere.", target.depth()));
            }
        }
    }
    let mut seen: Vec<Record> = Vec::new();
    zone.records.retain(|record| {
        let is_new = record.rtype != NS || !seen.contains(record);
        seen.extend((record.rtype == NS && is_new).then(|| record.clone()));
        is_new
    });
}

/// Labels with octets that are not of host names.
const ODD: [&[u8]; 20] = [
    b"a.b",
    b" ",
    b"\0",
    b"\xff\x80",
    b"\\",
    b"\"q\"",
    b"@",
    b"$x",
    b";",
    b"(",
    b"UPPER",
    b"_tcp",
    b"**",
    b"*x",
    b"\t",
    b"1",
    b"xn--a",
    b"a\0",
    b"\x7f",
    b"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
];

fn odd_child(random: &mut Random, name: &Name) -> Name {
    let mut labels = name.0.clone();
    labels.push(Label(random.pick(&ODD).to_vec()));
    Name(labels)
}

fn address(random: &mut Random) -> Vec<Field> {
    vec![Field::Octets(vec![192, 0, 2, random.draw() as u8])]
}

/// A name that the zone may hold, near what it has.
fn near(random: &mut Random, zone: &Zone) -> Name {
    let there = random.pick(&zone.records).owner;
    match random.below(4) {
        0 => there,
        1 => zone.apex.child(random.pick(&["a", "b", "c", "x"])),
        2 => odd_child(random, &there),
        _ => there.child(random.pick(&["a", "b", "*", "deep"])),
    }
}

fn add_something(random: &mut Random, zone: &mut Zone, elsewhere: &Name) {
    let owner = near(random, zone);
    let ttl = random.pick(&[0, 60, 3_600, 0x7fff_ffff]);
    match random.below(12) {
        0..=4 => add_rare_types(random, zone, &owner),
        // Chains that go on in another world, and come back from there.
        5 => {
            let target = elsewhere.child(random.pick(&["a", "b", "ns", "test"])).child(random.pick(&["a", "b", "x"]));
            let rtype = random.pick(&[CNAME, CNAME, DNAME]);
            add(zone, vec![record(&owner, rtype, ttl, vec![Field::Name(target)])]);
        }
        6 => {
            let count = random.pick(&[5, 20, 60, 200]);
            let records = (0..count).map(|n| record(&owner, A, ttl, vec![Field::Octets(vec![10, 0, 1, n])]));
            add(zone, records.collect());
        }
        7 => add_large_texts(random, zone, &owner),
        8 => add_exchangers(random, zone, &owner),
        9 => add_large_cut(random, zone, &owner),
        10 => add_glue_elsewhere(random, zone),
        // A name as long as names can be.
        _ => {
            let mut long = zone.apex.child("long");
            while long.octets() + 64 <= 255 {
                long = long.child(&"y".repeat(63));
            }
            let left = 254 - long.octets();
            let long = if left > 0 { long.child(&"y".repeat(left)) } else { long };
            let rdata = address(random);
            add(zone, vec![record(&long, A, ttl, rdata)]);
            add(zone, vec![record(&owner, MX, ttl, vec![Field::Octets(vec![0, 1]), Field::Name(long)])]);
        }
    }
}

/// Records of types that are seldom seen.
fn add_rare_types(random: &mut Random, zone: &mut Zone, owner: &Name) {
    for _ in 0..1 + random.below(4) {
        let rtype = random.pick(&rows::RARE);
        let target = near(random, zone);
        let rdata = rows::rdata(random, rtype, &target);
        add(zone, vec![record(owner, rtype, 120, rdata)]);
    }
}

fn add_large_texts(random: &mut Random, zone: &mut Zone, owner: &Name) {
    let (count, length) = (random.pick(&[3, 6, 40]), random.pick(&[80, 160, 255]));
    let text = |random: &mut Random| [vec![length as u8], random.octets(length)].concat();
    let records: Vec<Record> = (0..count).map(|_| record(owner, TXT, 60, vec![Field::Octets(text(random))])).collect();
    add(zone, records);
}

/// Mail exchangers with addresses, more than a small reply has room for.
fn add_exchangers(random: &mut Random, zone: &mut Zone, owner: &Name) {
    for number in 0..random.pick(&[2, 8, 33, 40]) {
        let exchanger = zone.apex.child(&format!("mx{number}"));
        let mx = record(owner, MX, 60, vec![Field::Octets(vec![0, number]), Field::Name(exchanger.clone())]);
        add(zone, vec![mx]);
        let rdata = address(random);
        add(zone, vec![record(&exchanger, A, 60, rdata)]);
    }
}

/// A delegation whose glue is too much for small replies.
fn add_large_cut(random: &mut Random, zone: &mut Zone, owner: &Name) {
    let cut = owner.child("big");
    let far = random.percent(50);
    for number in 0..random.pick(&[4, 13, 34]) {
        let server = cut.child(&format!("ns{number}"));
        let server = if far { server.child("a-rather-long-label-so-that-replies-are-large") } else { server };
        add(zone, vec![record(&cut, NS, 60, vec![Field::Name(server.clone())])]);
        if random.percent(90) {
            let rdata = address(random);
            add(zone, vec![record(&server, A, 60, rdata)]);
            let rdata = vec![Field::Octets([vec![0x20, 1, 0x0d, 0xb8], random.octets(12)].concat())];
            add(zone, vec![record(&server, AAAA, 60, rdata)]);
        }
    }
}

/// Two delegations whose servers are each below the other.
fn add_glue_elsewhere(random: &mut Random, zone: &mut Zone) {
    let cuts = [zone.apex.child("left"), zone.apex.child("right")];
    for (cut, other) in [(&cuts[0], &cuts[1]), (&cuts[1], &cuts[0])] {
        let server = other.child("ns");
        add(zone, vec![record(cut, NS, 60, vec![Field::Name(server.clone())])]);
        if random.percent(80) {
            let rdata = address(random);
            add(zone, vec![record(&server, A, 60, rdata)]);
        }
    }
}
