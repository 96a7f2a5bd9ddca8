//! DS records, and DLV, which say the same. CDS is `dnssec`'s matter: it speaks of the zone's own keys.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, record, whole};
use crate::dnssec::{Algorithm, DigestType, Standing};
use crate::zone::Rrset;

/// Key tag, algorithm, digest type and digest (RFC 4034 section 5.1).
#[derive(Debug, Clone, Copy)]
struct Ds<'z> {
    key_tag: [u8; 2],
    algorithm: u8,
    digest_type: u8,
    digest: &'z [u8],
}

/// Checks DS records: their place, then what they say.
pub(super) fn check_ds(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let node = rrset.node();
    // At the apex sealing tells it.
    if !node.is_cut() && !node.labels().is_empty() {
        survey.report.add(Lint::DsWithoutNs, || {
            Remark::new(whole(rrset), "DS records where nothing is delegated")
                .help("add the NS records of the delegation, or remove the DS")
        });
    }
    check(rrset, survey);
}

/// Checks what DS or DLV records say.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    for rdata in rrset.records() {
        let Some(ds) = split(rdata) else { continue };
        check_length(rrset, rdata, ds, survey);
        if let Some(why) = algorithm(ds.algorithm) {
            survey.report.add(Lint::DsAlgorithm, || {
                Remark::new(record(rrset, rdata), format!("algorithm {} {why}", ds.algorithm))
                    .help("sign with algorithm 13 (ECDSA P-256) or 15 (Ed25519), and publish the DS of that key")
            });
        }
        let same_key = |other: &Ds<'_>| (other.key_tag, other.algorithm) == (ds.key_tag, ds.algorithm);
        let is_better = |other: &Ds<'_>| same_key(other) && digest_type(other.digest_type).is_none();
        if let Some(why) = digest_type(ds.digest_type)
            && !rrset.records().filter_map(split).any(|other| is_better(&other))
        {
            survey.report.add(Lint::DsDigestType, || {
                Remark::new(record(rrset, rdata), format!("digest type {} {why}", ds.digest_type))
                    .help("publish a digest of type 2 (SHA-256) of the same key")
            });
        }
    }
}

fn split(rdata: &[u8]) -> Option<Ds<'_>> {
    let (&[high, low, algorithm, digest_type], digest) = rdata.split_first_chunk()?;
    Some(Ds { key_tag: [high, low], algorithm, digest_type, digest })
}

fn check_length(rrset: Rrset<'_>, rdata: &[u8], ds: Ds<'_>, survey: &mut Survey<'_>) {
    let expected = match ds.digest_type {
        1 => 20,
        // GOST R 34.11-94, GOST R 34.11-2012 and SM3 are as long as SHA-256.
        2 | 3 | 5 | 6 => 32,
        4 => 48,
        _ => return,
    };
    let found = ds.digest.len();
    if found != expected {
        survey.report.add(Lint::DsDigestLength, || {
            let message = format!("a digest of {found} octets, where type {} has {expected}", ds.digest_type);
            Remark::new(record(rrset, rdata), message).help("copy the whole record from the child once more")
        });
    }
}

/// Why an algorithm is not to be used for delegations; none where it is good.
fn algorithm(number: u8) -> Option<&'static str> {
    match Algorithm(number).standing() {
        Standing::Current => None,
        Standing::Deprecated => Some("must not be used (RFC 9904, RFC 9905, RFC 9906)"),
        // For private use (RFC 4034 appendix A.1.1).
        Standing::Unknown if matches!(number, 253 | 254) => None,
        Standing::Unknown => Some("is no DNSSEC algorithm: the zone counts as unsigned"),
    }
}

/// Why a digest type is not to be used; none where it is good.
fn digest_type(number: u8) -> Option<&'static str> {
    match number {
        _ if DigestType(number).is_deprecated() => Some("must not be used (RFC 9904, RFC 9905, RFC 9906)"),
        // GOST R 34.11-2012 and SM3 (RFC 9558, RFC 9563) have few validators, but have some.
        2 | 4 | 5 | 6 => None,
        _ => Some("is not assigned: validators pass the record over"),
    }
}
