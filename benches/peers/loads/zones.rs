//! Many zones of ten records, as a hosting company has them; zone and name are drawn by chance.

use std::io::{self, Write};

use super::{Disk, Load, SEED, weighted};
use crate::carriage::Carriage;
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

/// More than any server here answers in ten seconds, so that no cache is helped by the stream starting again.
const QUERIES: usize = 4_000_000;

/// Zones asked for before a server counts as ready: some servers answer for the first while they load the rest.
const PROBES: usize = 256;

const RECORDS_OF_EACH: usize = 10;

const SUFFIXES: [&str; 4] = ["com", "net", "org", "de"];

/// So many zones.
pub(super) fn draw(disk: &mut Disk, name: &'static str, count: usize) -> io::Result<Load> {
    let mut random = Random::new(SEED);
    let labels = random.labels(count, 6, 14);
    let origins: Vec<String> = labels.iter().map(|label| format!("{label}.{}.", random.pick(&SUFFIXES))).collect();
    for (number, origin) in origins.iter().enumerate() {
        write_zone(origin, number, &mut *disk.zone(origin)?)?;
    }
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        let origin = &origins[random.below(count)];
        push_query(origin, &mut random, &mut queries);
    }
    let mut probes = Queries::default();
    for number in 0..PROBES {
        probes.push(&origins[((number + 1) * count / PROBES).saturating_sub(1)], Type::Soa, Kind::Answer);
    }
    Ok(Load {
        name,
        description: format!(
            "{count} zone{} of 10 records; zone and name drawn uniformly: answers, MX with addresses, NODATA, NXDOMAIN",
            if count == 1 { "" } else { "s" },
        ),
        carriage: Carriage::Datagrams,
        records: Some(count * RECORDS_OF_EACH),
        directory: disk.directory.clone(),
        origins,
        probes,
        queries,
    })
}

fn write_zone(origin: &str, number: usize, out: &mut dyn Write) -> io::Result<()> {
    let host = format!("{}.{}", number / 250 % 250, number % 250 + 1);
    writeln!(out, "$ORIGIN {origin}\n$TTL 3600")?;
    writeln!(out, "@ IN SOA ns1 hostmaster 2024010101 7200 3600 1209600 300")?;
    writeln!(out, "@ IN NS ns1\n@ IN NS ns2\n@ IN A 10.1.{host}\n@ IN MX 10 mail")?;
    writeln!(out, "@ IN TXT \"v=spf1 mx -all\"")?;
    writeln!(out, "ns1 IN A 10.2.{host}\nns2 IN A 10.3.{host}\nmail IN A 10.4.{host}\nwww IN A 10.5.{host}")?;
    out.flush()
}

/// What is asked of a zone.
#[derive(Clone, Copy)]
enum Ask {
    At(&'static str, Type, Kind),
    NxDomain,
}

const MIX: [(usize, Ask); 7] = [
    (25, Ask::At("", Type::A, Kind::Answer)),
    (30, Ask::At("www.", Type::A, Kind::Answer)),
    (5, Ask::At("mail.", Type::A, Kind::Answer)),
    (15, Ask::At("", Type::Mx, Kind::AnswerWithAddresses)),
    (5, Ask::At("", Type::Txt, Kind::Answer)),
    (10, Ask::At("www.", Type::Aaaa, Kind::NoData)),
    (10, Ask::NxDomain),
];

fn push_query(origin: &str, random: &mut Random, queries: &mut Queries) {
    match weighted(random, &MIX) {
        Ask::At(front, rtype, kind) => queries.push(&format!("{front}{origin}"), rtype, kind),
        // No label of these zones is as long.
        Ask::NxDomain => queries.push(&format!("{}.{origin}", random.label(11, 16)), Type::A, Kind::NxDomain),
    }
}
