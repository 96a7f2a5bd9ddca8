//! What was compared and counted, as JSON. An interface as `json` is: fields may come, none goes or changes.
//!
//! Does not know where it goes.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::deliver::Extras;
use super::diff::{Change, DiffOptions, Differences, each_difference};
use super::json::line;
use super::stats::{Expiry, LargestRrset, Nsec3Parameters, ZoneStats};
use super::verdict::Verdict;
use crate::wire::Rtype;
use crate::zone::Zone;
use crate::zonefile::write_record;

/// A record that one of two zones alone has, as it is: `"kind": "difference"`.
#[derive(Serialize)]
struct DifferenceObject<'a> {
    kind: &'static str,
    zone: &'a str,
    /// `removed`: the other zone has it alone; `added`: this zone has it alone.
    change: &'static str,
    /// The record in canonical form, in one line.
    record: &'a str,
}

/// Writes an object for each record that differs.
pub(super) fn write_differences(
    old: &Zone,
    new: &Zone,
    options: DiffOptions,
    out: &mut dyn Write,
) -> io::Result<Differences> {
    let (mut out, zone, mut text) = (BufWriter::new(out), new.apex().to_string(), String::new());
    let found = each_difference(old, new, options, &mut |change, record| {
        text.clear();
        // Writing into memory does not fail.
        let _ = write_record(record, &mut text);
        let change = if change == Change::Removed { "removed" } else { "added" };
        out.write_all(line(&DifferenceObject { kind: "difference", zone: &zone, change, record: &text }).as_bytes())
    })?;
    out.flush()?;
    Ok(found)
}

/// How many records differ: `"kind": "differences"`.
#[derive(Serialize)]
struct DifferencesObject {
    kind: &'static str,
    zone: String,
    /// Records of the other zone alone.
    removed: u64,
    /// Records of this zone alone.
    added: u64,
    /// Records of both whose TTL differs.
    ttls_changed: u64,
}

/// What is in the zone: `"kind": "stats"`. Sizes are in octets, times in seconds.
#[derive(Serialize)]
struct StatsObject {
    kind: &'static str,
    zone: String,
    serial: u32,
    records: u64,
    records_by_type: BTreeMap<String, u64>,
    names: u64,
    empty_non_terminals: u64,
    wildcards: u64,
    delegations: u64,
    signed_delegations: u64,
    glue: u64,
    occluded: u64,
    largest_rrset: Option<LargestObject>,
    longest_name: String,
    ttl_min: u32,
    ttl_max: u32,
    ttl_most_common: u32,
    text_octets: u64,
    compiled_octets: u64,
    /// The signature that expires first; null in an unsigned zone.
    first_expiry: Option<ExpiryObject>,
    last_expiry: Option<ExpiryObject>,
    /// By the number of the DNSSEC algorithm.
    signatures_by_algorithm: BTreeMap<u8, u64>,
    keys_by_algorithm: BTreeMap<u8, u64>,
    nsec3: Option<Nsec3Object>,
}

#[derive(Serialize)]
struct LargestObject {
    owner: String,
    #[serde(rename = "type")]
    rtype: String,
    records: u64,
    octets: u64,
}

#[derive(Serialize)]
struct ExpiryObject {
    /// Since 1970.
    seconds: u32,
    owner: String,
    /// The type that the signature covers.
    covered: String,
}

#[derive(Serialize)]
struct Nsec3Object {
    algorithm: u8,
    iterations: u16,
    /// In hexadecimal digits.
    salt: String,
    /// Records with the opt-out flag.
    opt_out: u64,
}

/// The objects for what was ordered.
pub(super) fn extras(verdict: &Verdict, extras: &Extras) -> String {
    let zone = || verdict.zone.as_name().to_string();
    let differences = extras.differences.map(|Differences { removed, added, ttls_changed }| {
        line(&DifferencesObject { kind: "differences", zone: zone(), removed, added, ttls_changed })
    });
    let stats = extras.stats.as_ref().map(|stats| line(&StatsObject::of(zone(), stats)));
    differences.unwrap_or_default() + &stats.unwrap_or_default()
}

impl StatsObject {
    fn of(zone: String, stats: &ZoneStats) -> Self {
        let by_type = |(rtype, &count): (&Rtype, &u64)| (rtype.to_string(), count);
        let opt_out = stats.nsec3_opt_out;
        Self {
            kind: "stats",
            zone,
            serial: stats.serial,
            records: stats.records,
            records_by_type: stats.records_by_type.iter().map(by_type).collect(),
            names: stats.names,
            empty_non_terminals: stats.empty_non_terminals,
            wildcards: stats.wildcards,
            delegations: stats.delegations,
            signed_delegations: stats.signed_delegations,
            glue: stats.glue,
            occluded: stats.occluded,
            largest_rrset: stats.largest_rrset.as_ref().map(LargestObject::of),
            longest_name: stats.longest_name.to_string(),
            ttl_min: stats.ttl_range.0,
            ttl_max: stats.ttl_range.1,
            ttl_most_common: stats.most_common_ttl,
            text_octets: stats.text_octets,
            compiled_octets: stats.compiled_octets,
            first_expiry: stats.first_expiry.as_ref().map(ExpiryObject::of),
            last_expiry: stats.last_expiry.as_ref().map(ExpiryObject::of),
            signatures_by_algorithm: stats.signatures_by_algorithm.clone(),
            keys_by_algorithm: stats.keys_by_algorithm.clone(),
            nsec3: stats.nsec3.as_ref().map(|parameters| Nsec3Object::of(parameters, opt_out)),
        }
    }
}

impl LargestObject {
    fn of(largest: &LargestRrset) -> Self {
        let LargestRrset { owner, rtype, records, octets } = largest;
        Self { owner: owner.to_string(), rtype: rtype.to_string(), records: *records, octets: *octets }
    }
}

impl ExpiryObject {
    fn of(expiry: &Expiry) -> Self {
        let Expiry { at, owner, covered } = expiry;
        Self { seconds: *at, owner: owner.to_string(), covered: covered.to_string() }
    }
}

impl Nsec3Object {
    fn of(parameters: &Nsec3Parameters, opt_out: u64) -> Self {
        let Nsec3Parameters { algorithm, iterations, salt } = parameters;
        let salt = data_encoding::HEXLOWER.encode(salt);
        Self { algorithm: *algorithm, iterations: *iterations, salt, opt_out }
    }
}
