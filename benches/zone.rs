//! Seals zones, checks and changes them and looks names up in them: in a zone of a million delegations, and among a hundred thousand zones.
//!
//! `GANNET_BENCH_NAMES` sets how many delegations the large zone has.
#![allow(missing_docs)] // criterion's macros make public functions without any

mod questions;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use gannet::check::{self, Options};
use gannet::wire::{Class, HashedName, Name, NameBuf, Nsec3Parameters, Record, Rtype, SuffixHasher, nsec3_label};
use gannet::zone::{Builder, Changes, Outcome, Zone, ZoneSet, ZoneState};

use questions::{is_measured, name};

/// Names that a second-level cache holds with all that belongs to them.
const HOT_NAMES: u32 = 64;

/// An odd multiplier: number after number it visits all of a power of two, in an order that no prefetcher guesses.
const STRIDE: u32 = 0x9e37_79b1;

/// The owner that a number stands for: eight hexadecimal digits in front of a suffix. Lives in a buffer, so that asking for
/// another one costs next to nothing.
#[derive(Clone)]
struct Owner(Vec<u8>);

impl Owner {
    fn below(suffix: &NameBuf) -> Self {
        Self([b"\x0800000000", suffix.as_name().wire()].concat())
    }

    fn numbered(&mut self, number: u32) -> Name<'_> {
        for (at, octet) in self.0[1..9].iter_mut().enumerate() {
            *octet = b"0123456789abcdef"[(number >> (28 - 4 * at) & 15) as usize];
        }
        Name::from_wire(&self.0).expect("a label of eight octets in front of a name")
    }
}

fn add(builder: &mut Builder, owner: Name<'_>, rtype: Rtype, rdata: &[u8]) {
    builder.add(&record(owner, rtype, rdata)).expect("a record that belongs into the zone");
}

fn record<'a>(owner: Name<'a>, rtype: Rtype, rdata: &'a [u8]) -> Record<'a> {
    Record { owner, class: Class::IN, ttl: 86_400, rtype, rdata }
}

/// A zone with an SOA and an NS at its apex.
fn begun(apex: &NameBuf, hasher: &SuffixHasher) -> Builder {
    let mut builder = Builder::new(apex.as_name(), hasher);
    add(&mut builder, apex.as_name(), Rtype::SOA, &soa(1));
    add(&mut builder, apex.as_name(), Rtype::NS, name("ns.example.net").as_name().wire());
    builder
}

fn soa(serial: u32) -> Vec<u8> {
    let server = name("ns.example.net");
    let numbers = [serial, 1_800, 900, 604_800, 900].map(u32::to_be_bytes).concat();
    [server.as_name().wire(), server.as_name().wire(), &numbers].concat()
}

/// So many delegations: two name servers each; every fourth has one below itself, with its address.
fn delegations(names: u32, apex: &NameBuf, hasher: &SuffixHasher) -> Builder {
    let mut builder = begun(apex, hasher);
    let mut owner = Owner::below(apex);
    let elsewhere = [name("ns1.hoster.example.net"), name("ns2.hoster.example.net")];
    for number in 0..names {
        let owner = owner.numbered(number.wrapping_mul(STRIDE));
        add(&mut builder, owner, Rtype::NS, elsewhere[0].as_name().wire());
        if number % 4 == 0 {
            let inside = NameBuf::join(b"\x02ns", owner).expect("a short name");
            add(&mut builder, owner, Rtype::NS, inside.as_name().wire());
            add(&mut builder, inside.as_name(), Rtype::A, &[192, 0, 2, 1]);
        } else {
            add(&mut builder, owner, Rtype::NS, elsewhere[1].as_name().wire());
        }
    }
    builder
}

fn sealed(builder: Builder) -> Zone {
    builder.seal().expect("a zone that can be served").0
}

/// How many of something: `measured`, or few where nothing is measured.
fn size(measured: u32) -> u32 {
    if is_measured() { measured } else { 512 }
}

/// Looks names up one by one, with the reading and hashing that comes before it, and touches what a referral would be made of.
fn bench_lookup(group: &mut BenchmarkGroup<'_, WallTime>, what: &str, zone: &Zone, hasher: &SuffixHasher, names: u32) {
    let mut owner = Owner::below(&zone.apex().to_buf());
    let mut hashed = HashedName::new(hasher);
    let mut turn = 0_u32;
    let mut next = || {
        turn = turn.wrapping_add(STRIDE);
        hashed.fill(owner.numbered((turn % names).wrapping_mul(STRIDE)));
        match zone.lookup(&hashed, Rtype::A) {
            Outcome::Referral(node) => node.rrset(Rtype::NS).map_or(0, |servers| servers.record_count()),
            _ => 0,
        }
    };
    assert_eq!(next(), 2, "{what}: a delegation has two name servers");
    group.bench_function(what, |bencher| bencher.iter(&mut next));
}

fn lookup(criterion: &mut Criterion) {
    let names = names();
    let (apex, hasher) = (name("example"), SuffixHasher::new(1));
    let zone = sealed(delegations(names, &apex, &hasher));

    let mut group = criterion.benchmark_group(format!("zone/lookup among {names} delegations"));
    bench_lookup(&mut group, "hot: 64 names", &zone, &hasher, HOT_NAMES);
    bench_lookup(&mut group, "cold: any name", &zone, &hasher, names);
    let (mut owner, mut hashed, mut turn) = (Owner::below(&apex), HashedName::new(&hasher), 0_u32);
    group.bench_function("of these: making, reading and hashing the name", |bencher| {
        bencher.iter(|| {
            turn = turn.wrapping_add(STRIDE);
            hashed.fill(owner.numbered((turn % names).wrapping_mul(STRIDE)));
            hashed.hash(0)
        });
    });
    group.finish();
}

fn seal(criterion: &mut Criterion) {
    let names = size(100_000);
    let (apex, hasher) = (name("example"), SuffixHasher::new(1));
    let records = sealed(delegations(names, &apex, &hasher)).records();
    let mut group = criterion.benchmark_group(format!("zone/{names} delegations"));
    group.sample_size(10);
    group.throughput(Throughput::Elements(records));
    group.bench_function("add all records", |bencher| {
        bencher.iter_with_large_drop(|| delegations(names, &apex, &hasher));
    });
    group.bench_function("seal", |bencher| {
        bencher.iter_batched(|| delegations(names, &apex, &hasher), sealed, BatchSize::PerIteration);
    });
    let (zone, findings) = delegations(names, &apex, &hasher).seal().expect("a zone that can be served");
    group.bench_function("run all lints", |bencher| {
        bencher.iter(|| check::examine(&zone, &findings, &Options::default()));
    });
    group.finish();
}

/// How many delegations the large zone has.
fn names() -> u32 {
    let wanted = std::env::var("GANNET_BENCH_NAMES").ok();
    size(wanted.map_or(1_000_000, |text| text.parse().expect("GANNET_BENCH_NAMES: a number"))).max(HOT_NAMES)
}

/// The serial goes up, and of every so many delegations one gets another name server.
fn changes(names: u32, changed: u32, apex: &NameBuf) -> Changes {
    let mut changes = Changes::new(apex.as_name());
    changes.remove(&record(apex.as_name(), Rtype::SOA, &soa(1))).expect("a record that fits");
    changes.add(&record(apex.as_name(), Rtype::SOA, &soa(2))).expect("a record that fits");
    let mut owner = Owner::below(apex);
    let [old, new] = ["ns1.hoster.example.net", "ns3.hoster.example.net"].map(name);
    for number in 0..changed {
        let owner = owner.numbered((number * (names / changed)).wrapping_mul(STRIDE));
        changes.remove(&record(owner, Rtype::NS, old.as_name().wire())).expect("a record that fits");
        changes.add(&record(owner, Rtype::NS, new.as_name().wire())).expect("a record that fits");
    }
    changes
}

fn apply(criterion: &mut Criterion) {
    let names = names();
    let (apex, hasher) = (name("example"), SuffixHasher::new(1));
    let zone = sealed(delegations(names, &apex, &hasher));
    let mut group = criterion.benchmark_group(format!("zone/change {names} delegations"));
    for changed in [1, 10, size(1_000).min(names / 32)] {
        let changes = changes(names, changed, &apex);
        group.bench_function(format!("{changed} of them"), |bencher| {
            bencher.iter_with_large_drop(|| zone.apply(&changes).expect("a zone that can be served"));
        });
    }
    group.sample_size(10);
    group.bench_function("add and seal all records instead", |bencher| {
        bencher.iter_with_large_drop(|| sealed(delegations(names, &apex, &hasher)));
    });
    group.finish();
}

/// The owner and the rdata of the NSEC3 with one of these hashes, which are in order.
fn link(hashes: &[[u8; 20]], number: usize, apex: &NameBuf) -> (NameBuf, Vec<u8>) {
    let next = hashes[(number + 1) % hashes.len()];
    let owner = NameBuf::join(&nsec3_label(&hashes[number]), apex.as_name()).expect("a short name");
    (owner, [&[1, 0, 0, 0, 0, 20][..], &next, b"\0\x01\x40"].concat())
}

/// The same delegations with a chain of NSEC3, and the hashes of this in order.
fn chained(names: u32, apex: &NameBuf, hasher: &SuffixHasher) -> (Builder, Vec<[u8; 20]>) {
    let mut builder = delegations(names, apex, hasher);
    add(&mut builder, apex.as_name(), Rtype::NSEC3PARAM, &[1, 0, 0, 0, 0]);
    let mut owner = Owner::below(apex);
    let mut hashes = vec![PARAMETERS.hash(apex.as_name())];
    hashes.extend((0..names).map(|number| PARAMETERS.hash(owner.numbered(number.wrapping_mul(STRIDE)))));
    hashes.sort_unstable();
    for number in 0..hashes.len() {
        let (owner, rdata) = link(&hashes, number, apex);
        add(&mut builder, owner.as_name(), Rtype::NSEC3, &rdata);
    }
    (builder, hashes)
}

/// No salt, and no more iterations than must be (RFC 9276 section 3.1).
const PARAMETERS: Nsec3Parameters<'_> = Nsec3Parameters { algorithm: 1, iterations: 0, salt: &[] };

/// A delegation comes to a zone with NSEC3: its link, and that of the link in front of it, which names it.
fn apply_to_chain(criterion: &mut Criterion) {
    let names = names();
    let (apex, hasher) = (name("example"), SuffixHasher::new(1));
    let (builder, hashes) = chained(names, &apex, &hasher);
    let zone = sealed(builder);
    let mut changes = changes(names, 1, &apex);
    let new = name("new.example");
    changes.add(&record(new.as_name(), Rtype::NS, name("ns1.hoster.example.net").as_name().wire())).expect("it fits");
    let hash = PARAMETERS.hash(new.as_name());
    let at = hashes.partition_point(|other| *other < hash);
    let mut grown = hashes.clone();
    grown.insert(at, hash);
    let (before, [now, come]) = (
        link(&hashes, (at + hashes.len() - 1) % hashes.len(), &apex),
        [(at + grown.len() - 1) % grown.len(), at].map(|number| link(&grown, number, &apex)),
    );
    changes.remove(&record(before.0.as_name(), Rtype::NSEC3, &before.1)).expect("it fits");
    for (owner, rdata) in [now, come] {
        changes.add(&record(owner.as_name(), Rtype::NSEC3, &rdata)).expect("it fits");
    }
    let mut group = criterion.benchmark_group(format!("zone/change {names} delegations with NSEC3"));
    group.bench_function("1 changes, 1 comes", |bencher| {
        bencher.iter_with_large_drop(|| zone.apply(&changes).expect("a zone that can be served"));
    });
    group.sample_size(10);
    group.bench_function("add, hash and seal all records instead", |bencher| {
        bencher.iter_with_large_drop(|| sealed(chained(names, &apex, &hasher).0));
    });
    group.finish();
}

fn find(criterion: &mut Criterion) {
    let count = size(100_000);
    let (suffix, hasher) = (name("example.com"), SuffixHasher::new(1));
    let mut owner = Owner::below(&suffix);
    let zones = (0..count).map(|number| {
        let apex = owner.numbered(number.wrapping_mul(STRIDE)).to_buf();
        ZoneState::from(Arc::new(sealed(begun(&apex, &hasher))))
    });
    let set = ZoneSet::empty(&hasher).succeed(zones.collect());

    let mut group = criterion.benchmark_group(format!("zone/find the zone among {count}"));
    for (what, names) in [("hot: 64 zones", HOT_NAMES), ("cold: any zone", count)] {
        let (mut hashed, mut turn) = (HashedName::new(&hasher), 0_u32);
        let mut next = || {
            turn = turn.wrapping_add(STRIDE);
            hashed.fill(owner.numbered((turn % names).wrapping_mul(STRIDE)));
            set.find(black_box(&hashed), 0).map(|found| found.0)
        };
        assert!(next().is_some(), "{what}");
        group.bench_function(what, |bencher| bencher.iter(&mut next));
    }
    group.finish();
}

criterion_group!(benches, lookup, seal, apply, apply_to_chain, find);
criterion_main!(benches);
