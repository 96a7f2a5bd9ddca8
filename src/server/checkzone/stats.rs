//! What a zone is made of, in figures.
//!
//! Does not judge them.

use std::collections::BTreeMap;
use std::fmt;

use crate::wire::{NameBuf, Record, Rtype, rdata};
use crate::zone::{HeldRrset, Holding, Standing, Zone};

/// The figures of a zone. Duplicates in its source count once.
#[derive(Debug, Clone)]
pub struct ZoneStats {
    /// The apex.
    pub apex: NameBuf,
    /// The serial of its SOA.
    pub serial: u32,
    /// All records, occluded ones too.
    pub records: u64,
    /// How many records there are of each type, by ascending type.
    pub records_by_type: BTreeMap<Rtype, u64>,
    /// Names that own records.
    pub names: u64,
    /// Names that own none, but stand above others (RFC 4592 section 2.2.2).
    pub empty_non_terminals: u64,
    /// Names whose first label is `*`, those that are served.
    pub wildcards: u64,
    /// Zone cuts.
    pub delegations: u64,
    /// Those of them that have a DS.
    pub signed_delegations: u64,
    /// Addresses below zone cuts, in records.
    pub glue: u64,
    /// Records below zone cuts and DNAMEs that are never served.
    pub occluded: u64,
    /// The RRset with the most octets of rdata.
    pub largest_rrset: Option<LargestRrset>,
    /// The longest name that owns records, in octets on the wire.
    pub longest_name: NameBuf,
    /// The lowest TTL and the highest, in seconds.
    pub ttl_range: (u32, u32),
    /// The TTL of the most records, the lowest of several, in seconds.
    pub most_common_ttl: u32,
    /// Octets of the zone in canonical text, one record to a line.
    pub text_octets: u64,
    /// Octets of memory that the compiled zone takes.
    pub compiled_octets: u64,
    /// The signature that expires first; none in an unsigned zone.
    pub first_expiry: Option<Expiry>,
    /// The signature that expires last.
    pub last_expiry: Option<Expiry>,
    /// How many signatures there are of each DNSSEC algorithm, by its number.
    pub signatures_by_algorithm: BTreeMap<u8, u64>,
    /// How many keys the apex has of each DNSSEC algorithm, by its number.
    pub keys_by_algorithm: BTreeMap<u8, u64>,
    /// The parameters at the apex by which names are hashed (RFC 5155 section 4); none with NSEC or without DNSSEC.
    pub nsec3: Option<Nsec3Parameters>,
    /// NSEC3 records with the opt-out flag (RFC 5155 section 3.1.2.1).
    pub nsec3_opt_out: u64,
}

/// The RRset with the most octets of rdata.
#[derive(Debug, Clone)]
pub struct LargestRrset {
    /// Its owner.
    pub owner: NameBuf,
    /// Its type.
    pub rtype: Rtype,
    /// Its records.
    pub records: u64,
    /// The octets of their rdata.
    pub octets: u64,
}

/// When a signature expires.
#[derive(Debug, Clone)]
pub struct Expiry {
    /// Seconds since 1970.
    pub at: u32,
    /// The owner of the signature.
    pub owner: NameBuf,
    /// The type it covers.
    pub covered: Rtype,
}

/// How names are hashed (RFC 5155 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nsec3Parameters {
    /// The hash algorithm: 1 is SHA-1.
    pub algorithm: u8,
    /// How often the hash is taken again; it should be 0 (RFC 9276 section 3.1).
    pub iterations: u16,
    /// The salt.
    pub salt: Vec<u8>,
}

/// How many records have which TTL.
#[derive(Debug, Clone, Default)]
pub(super) struct TtlCounts(BTreeMap<u32, u64>);

impl TtlCounts {
    pub(super) fn add(&mut self, ttl: u32) {
        *self.0.entry(ttl).or_default() += 1;
    }

    /// The TTLs, ascending, with their counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.0.iter().map(|(&ttl, &count)| (ttl, count))
    }

    /// The one of the most records, the lowest of several.
    pub(super) fn most_common(&self) -> Option<u32> {
        self.iter().max_by_key(|&(ttl, count)| (count, std::cmp::Reverse(ttl))).map(|(ttl, _)| ttl)
    }
}

/// Counts what a zone holds.
pub fn zone_stats(zone: &Zone) -> ZoneStats {
    let mut count = Count { stats: ZoneStats::of(zone), ttls: TtlCounts::default(), measure: Measure(0) };
    let order = zone.order();
    let mut walk = order.walk();
    while let Some(holding) = walk.next() {
        count.name(&holding);
    }
    let Count { mut stats, ttls, measure } = count;
    stats.text_octets = measure.0;
    stats.most_common_ttl = ttls.most_common().unwrap_or(0);
    stats.ttl_range = (ttls.0.keys().next().copied().unwrap_or(0), ttls.0.keys().next_back().copied().unwrap_or(0));
    stats
}

/// Text that is counted and not kept.
struct Measure(u64);

impl fmt::Write for Measure {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

struct Count {
    stats: ZoneStats,
    ttls: TtlCounts,
    measure: Measure,
}

impl Count {
    fn name(&mut self, holding: &Holding<'_>) {
        let stats = &mut self.stats;
        let owner = holding.owner;
        let served = !matches!(holding.standing, Standing::Glue | Standing::Occluded);
        if holding.records().next().is_none() {
            stats.empty_non_terminals += 1;
            return;
        }
        stats.names += 1;
        stats.wildcards += u64::from(served && owner.wire().starts_with(b"\x01*"));
        if holding.standing == Standing::Cut {
            stats.delegations += 1;
            stats.signed_delegations += u64::from(holding.rrset(Rtype::DS).is_some());
        }
        if owner.wire().len() > stats.longest_name.as_name().wire().len() {
            stats.longest_name = owner.to_buf();
        }
        for rrset in holding.rrsets() {
            self.rrset(holding, &rrset);
        }
    }

    fn rrset(&mut self, holding: &Holding<'_>, rrset: &HeldRrset<'_>) {
        let (stats, records) = (&mut self.stats, rrset.count() as u64);
        stats.records += records;
        *stats.records_by_type.entry(rrset.rtype).or_default() += records;
        match holding.standing {
            Standing::Glue if matches!(rrset.rtype, Rtype::A | Rtype::AAAA) => stats.glue += records,
            Standing::Glue | Standing::Occluded => stats.occluded += records,
            _ => {}
        }
        let mut octets = 0;
        for held in rrset.records() {
            octets += held.record.rdata.len() as u64;
            self.record(holding, &held.record);
        }
        // Signatures over several types are no RRset that is ever sent as one.
        let largest = self.stats.largest_rrset.as_ref().map_or(0, |largest| largest.octets);
        if octets > largest && rrset.rtype != Rtype::RRSIG {
            let owner = holding.owner.to_buf();
            self.stats.largest_rrset = Some(LargestRrset { owner, rtype: rrset.rtype, records, octets });
        }
    }

    fn record(&mut self, holding: &Holding<'_>, record: &Record<'_>) {
        self.ttls.add(record.ttl);
        // Counting does not fail; the line ends with one octet more.
        let _ = crate::zonefile::write_record(record, &mut self.measure);
        self.measure.0 += 1;
        let stats = &mut self.stats;
        match (record.rtype, record.rdata) {
            (Rtype::RRSIG, &[c1, c2, algorithm, _, _, _, _, _, e1, e2, e3, e4, ..]) => {
                *stats.signatures_by_algorithm.entry(algorithm).or_default() += 1;
                let at = u32::from_be_bytes([e1, e2, e3, e4]);
                let covered = Rtype(u16::from_be_bytes([c1, c2]));
                let expiry = || Some(Expiry { at, owner: record.owner.to_buf(), covered });
                if stats.first_expiry.as_ref().is_none_or(|first| at < first.at) {
                    stats.first_expiry = expiry();
                }
                if stats.last_expiry.as_ref().is_none_or(|last| at > last.at) {
                    stats.last_expiry = expiry();
                }
            }
            (Rtype::DNSKEY, &[_, _, _, algorithm, ..]) if holding.standing == Standing::Apex => {
                *stats.keys_by_algorithm.entry(algorithm).or_default() += 1;
            }
            (Rtype::NSEC3PARAM, &[algorithm, _, i1, i2, _, ref salt @ ..]) if holding.standing == Standing::Apex => {
                let iterations = u16::from_be_bytes([i1, i2]);
                stats.nsec3 = Some(Nsec3Parameters { algorithm, iterations, salt: salt.to_vec() });
            }
            (Rtype::NSEC3, &[_, flags, ..]) => stats.nsec3_opt_out += u64::from(flags & 1),
            _ => {}
        }
    }
}

impl ZoneStats {
    /// The figures that take no counting.
    fn of(zone: &Zone) -> Self {
        Self {
            apex: zone.apex().to_buf(),
            serial: zone.serial(),
            records: 0,
            records_by_type: BTreeMap::new(),
            names: 0,
            empty_non_terminals: 0,
            wildcards: 0,
            delegations: 0,
            signed_delegations: 0,
            glue: 0,
            occluded: 0,
            largest_rrset: None,
            longest_name: zone.apex().to_buf(),
            ttl_range: (0, 0),
            most_common_ttl: 0,
            text_octets: 0,
            compiled_octets: zone.octets() as u64,
            first_expiry: None,
            last_expiry: None,
            signatures_by_algorithm: BTreeMap::new(),
            keys_by_algorithm: BTreeMap::new(),
            nsec3: None,
            nsec3_opt_out: 0,
        }
    }
}

impl fmt::Display for ZoneStats {
    /// One figure to a line, for people; ends without a line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<22}{}, serial {}", "zone", self.apex.as_name(), self.serial)?;
        line(f, "records", self.records)?;
        for (rtype, count) in &self.records_by_type {
            line(f, &format!("  {rtype}"), count)?;
        }
        line(f, "names", self.names)?;
        line(f, "empty non-terminals", self.empty_non_terminals)?;
        line(f, "wildcards", self.wildcards)?;
        line(f, "delegations", format_args!("{}, {} of them signed", self.delegations, self.signed_delegations))?;
        line(f, "glue records", self.glue)?;
        line(f, "occluded records", self.occluded)?;
        if let Some(LargestRrset { owner, rtype, records, octets }) = &self.largest_rrset {
            let what = if *records == 1 { "record" } else { "records" };
            line(f, "largest RRset", format_args!("{} {rtype}, {records} {what} of {octets} octets", owner.as_name()))?;
        }
        let longest = self.longest_name.as_name();
        line(f, "longest name", format_args!("{longest}, {} octets", longest.wire().len()))?;
        let (lowest, highest) = self.ttl_range;
        line(f, "TTLs", format_args!("{lowest} to {highest}, mostly {}", self.most_common_ttl))?;
        line(f, "octets as text", self.text_octets)?;
        line(f, "octets compiled", self.compiled_octets)?;
        self.fmt_dnssec(f)
    }
}

impl ZoneStats {
    fn fmt_dnssec(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, by_algorithm) in [("keys", &self.keys_by_algorithm), ("signatures", &self.signatures_by_algorithm)] {
            for (algorithm, count) in by_algorithm {
                let name = rdata::algorithm_name(*algorithm).unwrap_or("unknown");
                line(f, what, format_args!("{count} of algorithm {algorithm} ({name})"))?;
            }
        }
        for (what, expiry) in [("first expiry", &self.first_expiry), ("last expiry", &self.last_expiry)] {
            if let Some(Expiry { at, owner, covered }) = expiry {
                line(f, what, format_args!("{}, {} {covered}", rdata::Moment(*at), owner.as_name()))?;
            }
        }
        if let Some(Nsec3Parameters { algorithm, iterations, salt }) = &self.nsec3 {
            let salt = if salt.is_empty() { "-".to_owned() } else { data_encoding::HEXUPPER.encode(salt) };
            let opt_out = self.nsec3_opt_out;
            line(
                f,
                "NSEC3",
                format_args!("algorithm {algorithm}, {iterations} iterations, salt {salt}, {opt_out} records opt out"),
            )?;
        } else if self.records_by_type.contains_key(&Rtype::NSEC) {
            line(f, "denial", "NSEC")?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, what: &str, value: impl fmt::Display) -> fmt::Result {
    write!(f, "\n{what:<22}{value}")
}

#[cfg(test)]
#[path = "stats_tests.rs"]
mod tests;
