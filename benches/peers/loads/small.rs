//! The small zone: about a thousand names of every common kind, and a stream of hot queries that meets every outcome.

use std::io::{self, Write};

use super::{ADDRESS_TYPES, Disk, Load, SEED, weighted};
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

const ORIGIN: &str = "small.example.";

/// Queries in the stream, which repeats: few enough to stay hot everywhere, on the server's side too.
const QUERIES: usize = 16_384;

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
    write_zone(&labels, &mut random, &mut *disk.zone(ORIGIN)?)?;
    let mut queries = Queries::default();
    for _ in 0..QUERIES {
        push_query(&labels, &mut random, &mut queries);
    }
    let mut probes = Queries::default();
    probes.push(ORIGIN, Type::Soa, Kind::Answer);
    Ok(Load {
        name: "small",
        description: "one zone of about 1,000 names; hot queries for answers, MX and SRV with addresses, CNAME, wildcard, \
                      referral, NODATA and NXDOMAIN",
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes,
        queries,
    })
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

fn write_zone(labels: &Labels, random: &mut Random, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "$ORIGIN {ORIGIN}\n$TTL 3600")?;
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
    }
    out.flush()
}

/// Every other delegation has a name server of its own below the cut.
fn has_glue(delegation: usize) -> bool {
    delegation.is_multiple_of(2)
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

fn push_query(labels: &Labels, random: &mut Random, queries: &mut Queries) {
    match weighted(random, &MIX) {
        Ask::Host => {
            // The hosts of even number have both address types.
            let number = random.below(HOSTS);
            let rtype = if number.is_multiple_of(4) { Type::Aaaa } else { Type::A };
            queries.push(&format!("{}.{ORIGIN}", labels.hosts[number]), rtype, Kind::Answer);
        }
        Ask::Mail => {
            let domain = random.pick(&labels.mail_domains);
            queries.push(&format!("{domain}.{ORIGIN}"), Type::Mx, Kind::AnswerWithAddresses);
        }
        Ask::Service => {
            let service = random.pick(&labels.services);
            queries.push(&format!("_sip._tcp.{service}.{ORIGIN}"), Type::Srv, Kind::AnswerWithAddresses);
        }
        Ask::Alias => {
            let alias = random.pick(&labels.aliases);
            queries.push(&format!("{alias}.{ORIGIN}"), Type::A, Kind::Answer);
        }
        Ask::Text => queries.push(&format!("{}.{ORIGIN}", random.pick(&labels.texts)), Type::Txt, Kind::Answer),
        Ask::Wildcard => {
            let name = format!("{}.{}.{ORIGIN}", random.label(3, 10), random.pick(&labels.wildcards));
            queries.push(&name, Type::A, Kind::Answer);
        }
        Ask::Delegation => {
            let number = random.below(DELEGATIONS);
            let kind = if has_glue(number) { Kind::ReferralWithGlue } else { Kind::Referral };
            let name = format!("www.{}.{ORIGIN}", labels.delegations[number]);
            queries.push(&name, weighted(random, &ADDRESS_TYPES), kind);
        }
        Ask::NoData => queries.push(&format!("{}.{ORIGIN}", random.pick(&labels.hosts)), Type::Mx, Kind::NoData),
        // No label of the zone is as long.
        Ask::NxDomain => queries.push(&format!("{}.{ORIGIN}", random.label(13, 20)), Type::A, Kind::NxDomain),
        Ask::NameServers => queries.push(ORIGIN, Type::Ns, Kind::AnswerWithAddresses),
    }
}
