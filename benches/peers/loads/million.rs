//! One zone of a million delegations as a registry has them: three million records, and names drawn uniformly.

use std::io::{self, Write};

use super::{ADDRESS_TYPES, Disk, Load, SEED, weighted};
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

const ORIGIN: &str = "bench.";

const DELEGATIONS: usize = 1_000_000;

/// More than any server here answers in ten seconds, so that no cache is helped by the stream starting again.
const QUERIES: usize = 4_000_000;

/// Names outside the zone that delegations point to: hosting is concentrated, and so name servers repeat.
const HOSTERS: usize = 5_000;

pub(super) fn draw(disk: &mut Disk) -> io::Result<Load> {
    let mut random = Random::new(SEED);
    let labels = random.labels(DELEGATIONS, 5, 16);
    write_zone(&labels, &mut *disk.zone(ORIGIN)?)?;
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        let number = random.below(DELEGATIONS);
        push_referral(&labels[number], number, &mut random, &mut queries);
    }
    let mut probes = Queries::default();
    probes.push(ORIGIN, Type::Soa, Kind::Answer);
    for number in [0, DELEGATIONS / 2, DELEGATIONS - 1] {
        push_referral(&labels[number], number, &mut random, &mut probes);
    }
    Ok(Load {
        name: "million",
        description: "one zone of 1,000,000 delegations, 3,000,005 records (2 NS and a glue A or a DS for each); names \
                      drawn uniformly, www. before half of them",
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes,
        queries,
    })
}

/// Registries write every owner in full, with TTL and class.
fn write_zone(labels: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random::new(SEED ^ 1);
    writeln!(out, "{ORIGIN}\t3600\tIN\tSOA\ta.nic.{ORIGIN} hostmaster.nic.{ORIGIN} 2024010101 7200 3600 1209600 900")?;
    writeln!(out, "{ORIGIN}\t86400\tIN\tNS\ta.nic.{ORIGIN}\n{ORIGIN}\t86400\tIN\tNS\tb.nic.{ORIGIN}")?;
    writeln!(out, "a.nic.{ORIGIN}\t86400\tIN\tA\t192.0.2.1\nb.nic.{ORIGIN}\t86400\tIN\tA\t192.0.2.2")?;
    for (number, label) in labels.iter().enumerate() {
        let hoster = random.below(HOSTERS);
        writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns2.hoster-{hoster}.net.")?;
        if has_glue(number) {
            let [_, a, b, c] = (random.next() as u32).to_be_bytes();
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.{label}.{ORIGIN}")?;
            writeln!(out, "ns1.{label}.{ORIGIN}\t86400\tIN\tA\t100.{a}.{b}.{c}")?;
        } else {
            let tag = random.below(65_536);
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.hoster-{hoster}.net.")?;
            write!(out, "{label}.{ORIGIN}\t86400\tIN\tDS\t{tag} 13 2 ")?;
            writeln!(out, "{:016X}{:016X}{:016X}{:016X}", random.next(), random.next(), random.next(), random.next())?;
        }
    }
    out.flush()
}

/// Every other delegation has a name server below the cut with its glue, the rest a DS record.
fn has_glue(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn push_referral(label: &str, number: usize, random: &mut Random, queries: &mut Queries) {
    let front = if random.below(2) == 0 { "www." } else { "" };
    let kind = if has_glue(number) { Kind::ReferralWithGlue } else { Kind::Referral };
    queries.push(&format!("{front}{label}.{ORIGIN}"), weighted(random, &ADDRESS_TYPES), kind);
}
