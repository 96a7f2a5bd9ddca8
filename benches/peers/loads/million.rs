//! One zone of a million delegations as a registry has them: three million records, and names drawn uniformly.

use std::io::{self, Write};

use super::signing::Chain;
use super::{ADDRESS_TYPES, Disk, Load, SEED, weighted, write_ds};
use crate::carriage::Carriage;
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

pub(super) const ORIGIN: &str = "bench.";

const DELEGATIONS: usize = 1_000_000;

/// More than any server here answers in ten seconds, so that no cache is helped by the stream starting again.
const QUERIES: usize = 4_000_000;

/// Names outside the zone that delegations point to: hosting is concentrated, and so name servers repeat.
const HOSTERS: usize = 5_000;

/// The zone as it is, or signed: then few delegations have DS records, as in most registries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    Unsigned,
    Signed,
}

pub(super) fn draw(disk: &mut Disk) -> io::Result<Load> {
    let mut random = Random::new(SEED);
    let labels = random.labels(DELEGATIONS, 5, 16);
    write_zone(&labels, Zone::Unsigned, &mut *disk.zone(ORIGIN)?)?;
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        push_referral(&labels, &mut random, &mut queries);
    }
    Ok(Load {
        name: "million",
        description:
            "one zone of 1,000,000 delegations, 3,000,005 records (2 NS and a glue A or a DS for each); names \
                      drawn uniformly, www. before half of them"
                .to_owned(),
        carriage: Carriage::Datagrams,
        records: None,
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes: probes(&labels, Zone::Unsigned, &mut random),
        queries,
    })
}

pub(super) fn draw_zipf(disk: &mut Disk) -> io::Result<Load> {
    let load = draw(disk)?;
    let labels = Random::new(SEED).labels(DELEGATIONS, 5, 16);
    let (mut random, ranks) = (Random::new(SEED ^ 2), Zipf::new(DELEGATIONS));
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        // The well-known ones lie anywhere in the zone: 3^18 has no divisor in common with their number.
        let number = ranks.draw(&mut random) * 387_420_489 % DELEGATIONS;
        push(&labels[number], kind(number, Zone::Unsigned), &mut random, &mut queries);
    }
    let description = "the zone of million; names drawn with a frequency of 1 / rank (Zipf), as resolvers with caches of \
                       different ages ask, www. before half of them";
    Ok(Load { name: "million-zipf", description: description.to_owned(), queries, ..load })
}

/// Ranks from 0 whose frequencies are 1, 1/2, 1/3 and on.
struct Zipf {
    /// For each rank, the sum of its frequency and of all before it.
    sums: Vec<f64>,
}

impl Zipf {
    fn new(count: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=count).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self { sums: sums.collect() }
    }

    fn draw(&self, random: &mut Random) -> usize {
        let total = self.sums.last().copied().unwrap_or(0.0);
        // 53 bits: as many as a float has.
        let at = (random.next() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        self.sums.partition_point(|&sum| sum <= at).min(self.sums.len() - 1)
    }
}

pub(super) fn draw_signed(disk: &mut Disk) -> io::Result<Load> {
    draw_of_signed(disk, |labels, random, queries| match random.below(10) {
        0..2 => {
            let number = random.below(DELEGATIONS / DS_EVERY) * DS_EVERY + DS_AT;
            push(&labels[number], Kind::ReferralWithDs, random, queries);
        }
        2..4 => {
            let number = random.below(DELEGATIONS);
            push(&labels[number], kind(number, Zone::Signed), random, queries);
        }
        _ => push_nxdomain(random, queries),
    })
    .map(|load| Load {
        name: "signed-million",
        description: "the same delegations, a tenth with DS, signed with NSEC3 and opt-out; DO set; 60 % NXDOMAIN, 22 % referrals \
                      with DS, 18 % with the proof that there is none"
            .to_owned(),
        ..load
    })
}

pub(super) fn draw_nxdomain(disk: &mut Disk) -> io::Result<Load> {
    let load = draw_of_signed(disk, |_, random, queries| push_nxdomain(random, queries))?;
    let description =
        "the zone of signed-million, NXDOMAIN alone: names drawn anew each time, www. before half of them";
    Ok(Load { name: "nxdomain-million", description: description.to_owned(), ..load })
}

/// The signed zone, and queries that are pushed one by one.
fn draw_of_signed(disk: &mut Disk, push: fn(&[String], &mut Random, &mut Queries)) -> io::Result<Load> {
    let mut random = Random::new(SEED);
    let labels = random.labels(DELEGATIONS, 5, 16);
    write_zone(&labels, Zone::Signed, &mut *disk.unsigned_zone(ORIGIN)?)?;
    disk.sign(ORIGIN, Chain::Nsec3OptOut)?;
    let mut queries = Queries::signed();
    for _ in 0..QUERIES {
        push(&labels, &mut random, &mut queries);
    }
    Ok(Load {
        name: "",
        description: String::new(),
        carriage: Carriage::Datagrams,
        records: None,
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes: probes(&labels, Zone::Signed, &mut random),
        queries,
    })
}

/// The apex, and delegations at both ends and in the middle.
fn probes(labels: &[String], zone: Zone, random: &mut Random) -> Queries {
    let mut probes = if zone == Zone::Signed { Queries::signed() } else { Queries::default() };
    probes.push(ORIGIN, Type::Soa, Kind::Answer);
    for number in [0, DELEGATIONS / 2, DELEGATIONS - 1] {
        push(&labels[number], kind(number, zone), random, &mut probes);
    }
    probes
}

/// Registries write every owner in full, with TTL and class.
fn write_zone(labels: &[String], zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random::new(SEED ^ 1);
    write_apex(out)?;
    for (number, label) in labels.iter().enumerate() {
        let hoster = random.below(HOSTERS);
        writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns2.hoster-{hoster}.net.")?;
        if has_glue(number) {
            let [_, a, b, c] = (random.next() as u32).to_be_bytes();
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.{label}.{ORIGIN}")?;
            writeln!(out, "ns1.{label}.{ORIGIN}\t86400\tIN\tA\t100.{a}.{b}.{c}")?;
        } else {
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.hoster-{hoster}.net.")?;
        }
        if has_ds(number, zone) {
            write!(out, "{label}.{ORIGIN}\t86400\tIN\tDS\t")?;
            write_ds(&mut random, out)?;
        }
    }
    out.flush()
}

/// The five records of the registry's own.
pub(super) fn write_apex(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{ORIGIN}\t3600\tIN\tSOA\ta.nic.{ORIGIN} hostmaster.nic.{ORIGIN} 2024010101 7200 3600 1209600 900")?;
    writeln!(out, "{ORIGIN}\t86400\tIN\tNS\ta.nic.{ORIGIN}\n{ORIGIN}\t86400\tIN\tNS\tb.nic.{ORIGIN}")?;
    writeln!(out, "a.nic.{ORIGIN}\t86400\tIN\tA\t192.0.2.1\nb.nic.{ORIGIN}\t86400\tIN\tA\t192.0.2.2")
}

/// Every other delegation has a name server below the cut with its glue.
fn has_glue(number: usize) -> bool {
    number.is_multiple_of(2)
}

/// In the signed zone one of so many delegations has a DS, from this one on.
const DS_EVERY: usize = 10;
const DS_AT: usize = 1;

/// Delegations without glue have a DS, in the signed zone only some of them.
fn has_ds(number: usize, zone: Zone) -> bool {
    match zone {
        Zone::Unsigned => !has_glue(number),
        Zone::Signed => number % DS_EVERY == DS_AT,
    }
}

fn kind(number: usize, zone: Zone) -> Kind {
    match zone {
        _ if has_glue(number) => Kind::ReferralWithGlue,
        Zone::Signed if has_ds(number, zone) => Kind::ReferralWithDs,
        _ => Kind::Referral,
    }
}

fn push_referral(labels: &[String], random: &mut Random, queries: &mut Queries) {
    let number = random.below(DELEGATIONS);
    push(&labels[number], kind(number, Zone::Unsigned), random, queries);
}

/// No label of the zone is as long.
fn push_nxdomain(random: &mut Random, queries: &mut Queries) {
    let label = random.label(17, 20);
    push(&label, Kind::NxDomain, random, queries);
}

pub(super) fn push(label: &str, kind: Kind, random: &mut Random, queries: &mut Queries) {
    let front = if random.below(2) == 0 { "www." } else { "" };
    queries.push(&format!("{front}{label}.{ORIGIN}"), weighted(random, &ADDRESS_TYPES), kind);
}
