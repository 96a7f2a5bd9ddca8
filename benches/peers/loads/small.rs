//! The small zone: about a thousand names of every common kind, and a stream of hot queries that meets every outcome.

use std::io::{self, Write};

use super::signing::Chain;
use super::{ADDRESS_TYPES, Disk, Load, SEED, weighted, write_ds};
use crate::carriage::Carriage;
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

const ORIGIN: &str = "small.example.";

/// The two signed zones.
const NSEC3_ORIGIN: &str = "nsec3.example.";
const NSEC_ORIGIN: &str = "nsec.example.";

/// Queries in the stream, which repeats: few enough to stay hot everywhere, on the server's side too.
const QUERIES: usize = 16_384;

/// Where no name is asked twice, more than any server here answers in ten seconds.
const FRESH_QUERIES: usize = 4_000_000;

const HOSTS: usize = 500;
const ALIASES: usize = 100;
const TEXTS: usize = 80;
const MAIL_DOMAINS: usize = 60;
const SERVICES: usize = 40;
const WILDCARDS: usize = 20;
const DELEGATIONS: usize = 100;

/// The labels of the zone, by what they own.
struct Labels {
    hosts: Vec<String>,
    aliases: Vec<String>,
    texts: Vec<String>,
    mail_domains: Vec<String>,
    services: Vec<String>,
    wildcards: Vec<String>,
    delegations: Vec<String>,
}

pub(super) fn draw(disk: &mut Disk) -> io::Result<Load> {
    let mut random = Random::new(SEED);
    let labels = Labels::draw(&mut random);
    write_zone(ORIGIN, &labels, &mut random, &mut *disk.zone(ORIGIN)?)?;
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        push_query(ORIGIN, &labels, &mut random, &mut queries);
    }
    let mut probes = Queries::default();
    probes.push(ORIGIN, Type::Soa, Kind::Answer);
    Ok(Load {
        name: "small",
        description:
            "one zone of about 1,000 names; hot queries for answers, MX and SRV with addresses, CNAME, wildcard, \
                      referral, NODATA and NXDOMAIN"
                .to_owned(),
        carriage: Carriage::Datagrams,
        records: None,
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes,
        queries,
    })
}

pub(super) fn draw_short(disk: &mut Disk) -> io::Result<Load> {
    let description =
        "the zone and queries of small over TCP, a connection for each query: connect, ask, read the reply, \
                       close"
            .to_owned();
    Ok(Load { name: "tcp-short", description, carriage: Carriage::Short, ..draw(disk)? })
}

pub(super) fn draw_pipelined(disk: &mut Disk) -> io::Result<Load> {
    let description =
        "the zone and queries of small over 8 TCP connections that stay, many queries unanswered on each".to_owned();
    Ok(Load { name: "tcp-pipelined", description, carriage: Carriage::Pipelined, ..draw(disk)? })
}

pub(super) fn draw_signed(disk: &mut Disk) -> io::Result<Load> {
    let (labels, mut random, load) = signed_zones(disk)?;
    let mut queries = Queries::signed();
    for number in 0..QUERIES {
        let origin = if number.is_multiple_of(2) { NSEC3_ORIGIN } else { NSEC_ORIGIN };
        push_query(origin, &labels, &mut random, &mut queries);
    }
    Ok(Load {
        name: "signed-small",
        description: "the zone of small twice, signed with NSEC3 (no opt-out) and with NSEC; DO set; the mix of small"
            .to_owned(),
        queries,
        ..load
    })
}

/// Three of ten names do not exist, and are drawn anew each time; the others are those of the mix that do.
pub(super) fn draw_nxdomain_30(disk: &mut Disk) -> io::Result<Load> {
    let (labels, mut random, load) = signed_zones(disk)?;
    let mut queries = Queries::signed();
    for number in 0..FRESH_QUERIES {
        match number % 10 {
            0 | 3 | 6 => push_nxdomain(NSEC3_ORIGIN, &mut random, &mut queries),
            _ => push_ask(existing(&mut random), NSEC3_ORIGIN, &labels, &mut random, &mut queries),
        }
    }
    let description =
        "the zone of signed-small that has NSEC3; DO set; 30 % NXDOMAIN, names drawn anew each time, and the rest \
                       of the mix of small"
            .to_owned();
    Ok(Load { name: "signed-nxdomain-30", description, queries, ..load })
}

pub(super) fn draw_nxdomain(disk: &mut Disk) -> io::Result<Load> {
    let (_, mut random, load) = signed_zones(disk)?;
    let mut queries = Queries::signed();
    for _ in 0..FRESH_QUERIES {
        push_nxdomain(NSEC3_ORIGIN, &mut random, &mut queries);
    }
    let description = "the zone of signed-small that has NSEC3, NXDOMAIN alone: names drawn anew each time".to_owned();
    Ok(Load { name: "nxdomain-small", description, queries, ..load })
}

/// The signed zones with their labels, and a load that asks nothing yet.
fn signed_zones(disk: &mut Disk) -> io::Result<(Labels, Random, Load)> {
    let mut random = Random::new(SEED);
    let labels = Labels::draw(&mut random);
    let mut probes = Queries::signed();
    for (origin, chain) in [(NSEC3_ORIGIN, Chain::Nsec3), (NSEC_ORIGIN, Chain::Nsec)] {
        write_zone(origin, &labels, &mut random, &mut *disk.unsigned_zone(origin)?)?;
        disk.sign(origin, chain)?;
        probes.push(origin, Type::Soa, Kind::Answer);
    }
    let origins = [NSEC3_ORIGIN, NSEC_ORIGIN].map(str::to_owned).to_vec();
    let (directory, queries) = (disk.directory.clone(), Queries::default());
    let (name, description, carriage) = ("", String::new(), Carriage::Datagrams);
    let load = Load { name, description, carriage, records: None, directory, origins, probes, queries };
    Ok((labels, random, load))
}

impl Labels {
    fn draw(random: &mut Random) -> Self {
        let total = HOSTS + ALIASES + TEXTS + MAIL_DOMAINS + SERVICES + WILDCARDS + DELEGATIONS;
        let mut all = random.labels(total, 4, 12);
        for at in (1..all.len()).rev() {
            all.swap(at, random.below(at + 1));
        }
        let mut take = |count: usize| all.split_off(all.len() - count);
        Self {
            hosts: take(HOSTS),
            aliases: take(ALIASES),
            texts: take(TEXTS),
            mail_domains: take(MAIL_DOMAINS),
            services: take(SERVICES),
            wildcards: take(WILDCARDS),
            delegations: take(DELEGATIONS),
        }
    }
}

fn write_zone(origin: &str, labels: &Labels, random: &mut Random, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "$ORIGIN {origin}\n$TTL 3600")?;
    writeln!(out, "@ IN SOA ns1 hostmaster 2024010101 7200 3600 1209600 300")?;
    for number in 1..=3 {
        writeln!(out, "@ IN NS ns{number}\nns{number} IN A 192.0.2.{number}\nns{number} IN AAAA 2001:db8::{number}")?;
    }
    for number in 1..=2 {
        writeln!(out, "@ IN MX {number}0 mail{number}\nmail{number} IN A 192.0.2.1{number}")?;
        writeln!(out, "mail{number} IN AAAA 2001:db8::1{number}")?;
    }
    writeln!(out, "@ IN TXT \"v=spf1 mx -all\"")?;
    for (number, host) in labels.hosts.iter().enumerate() {
        writeln!(out, "{host} IN A 198.51.{}.{}", number / 250, number % 250 + 1)?;
        if number.is_multiple_of(2) {
            writeln!(out, "{host} IN AAAA 2001:db8:1::{number:x}")?;
        }
    }
    for alias in &labels.aliases {
        writeln!(out, "{alias} IN CNAME {}", random.pick(&labels.hosts))?;
    }
    for text in &labels.texts {
        writeln!(out, "{text} IN TXT \"verification={:016x}\" \"a second string\"", random.next())?;
    }
    for domain in &labels.mail_domains {
        writeln!(out, "{domain} IN MX 10 mail1\n{domain} IN MX 20 mail2")?;
    }
    for service in &labels.services {
        writeln!(out, "_sip._tcp.{service} IN SRV 10 60 5060 {}", random.pick(&labels.hosts))?;
    }
    for wildcard in &labels.wildcards {
        writeln!(out, "*.{wildcard} IN A 203.0.113.{}", 1 + random.below(250))?;
    }
    for (number, delegation) in labels.delegations.iter().enumerate() {
        writeln!(out, "{delegation} IN NS ns{}.hoster.example.", 1 + random.below(4))?;
        if has_glue(number) {
            writeln!(out, "{delegation} IN NS ns1.{delegation}\nns1.{delegation} IN A 203.0.113.{}", number + 1)?;
        } else {
            writeln!(out, "{delegation} IN NS ns{}.hoster.example.", 5 + random.below(4))?;
        }
        if origin != ORIGIN && has_ds(number) {
            write!(out, "{delegation} IN DS ")?;
            write_ds(random, out)?;
        }
    }
    out.flush()
}

/// Every other delegation has a name server of its own below the cut.
fn has_glue(delegation: usize) -> bool {
    delegation.is_multiple_of(2)
}

/// In the signed zones half of the other delegations are signed.
fn has_ds(delegation: usize) -> bool {
    delegation % 4 == 1
}

/// The outcomes of RFC 1034 section 4.3.2 that the stream meets.
#[derive(Clone, Copy)]
enum Ask {
    Host,
    Mail,
    Service,
    Alias,
    Text,
    Wildcard,
    Delegation,
    NoData,
    NxDomain,
    NameServers,
}

const MIX: [(usize, Ask); 10] = [
    (40, Ask::Host),
    (10, Ask::Mail),
    (3, Ask::Service),
    (8, Ask::Alias),
    (5, Ask::Text),
    (5, Ask::Wildcard),
    (8, Ask::Delegation),
    (7, Ask::NoData),
    (12, Ask::NxDomain),
    (2, Ask::NameServers),
];

/// One of the mix that is no NXDOMAIN.
fn existing(random: &mut Random) -> Ask {
    loop {
        match weighted(random, &MIX) {
            Ask::NxDomain => {}
            ask => return ask,
        }
    }
}

fn push_query(origin: &str, labels: &Labels, random: &mut Random, queries: &mut Queries) {
    push_ask(weighted(random, &MIX), origin, labels, random, queries);
}

fn push_ask(ask: Ask, origin: &str, labels: &Labels, random: &mut Random, queries: &mut Queries) {
    match ask {
        Ask::Host => {
            // The hosts of even number have both address types.
            let number = random.below(HOSTS);
            let rtype = if number.is_multiple_of(4) { Type::Aaaa } else { Type::A };
            queries.push(&format!("{}.{origin}", labels.hosts[number]), rtype, Kind::Answer);
        }
        Ask::Mail => {
            let domain = random.pick(&labels.mail_domains);
            queries.push(&format!("{domain}.{origin}"), Type::Mx, Kind::AnswerWithAddresses);
        }
        Ask::Service => {
            let service = random.pick(&labels.services);
            queries.push(&format!("_sip._tcp.{service}.{origin}"), Type::Srv, Kind::AnswerWithAddresses);
        }
        Ask::Alias => {
            let alias = random.pick(&labels.aliases);
            queries.push(&format!("{alias}.{origin}"), Type::A, Kind::Answer);
        }
        Ask::Text => queries.push(&format!("{}.{origin}", random.pick(&labels.texts)), Type::Txt, Kind::Answer),
        Ask::Wildcard => {
            let name = format!("{}.{}.{origin}", random.label(3, 10), random.pick(&labels.wildcards));
            queries.push(&name, Type::A, Kind::Expansion);
        }
        Ask::Delegation => {
            let number = random.below(DELEGATIONS);
            let kind = match number {
                _ if has_glue(number) => Kind::ReferralWithGlue,
                _ if has_ds(number) => Kind::ReferralWithDs,
                _ => Kind::Referral,
            };
            let name = format!("www.{}.{origin}", labels.delegations[number]);
            queries.push(&name, weighted(random, &ADDRESS_TYPES), kind);
        }
        Ask::NoData => queries.push(&format!("{}.{origin}", random.pick(&labels.hosts)), Type::Mx, Kind::NoData),
        Ask::NxDomain => push_nxdomain(origin, random, queries),
        Ask::NameServers => queries.push(origin, Type::Ns, Kind::AnswerWithAddresses),
    }
}

/// No label of the zone is as long.
fn push_nxdomain(origin: &str, random: &mut Random, queries: &mut Queries) {
    queries.push(&format!("{}.{origin}", random.label(13, 20)), Type::A, Kind::NxDomain);
}
