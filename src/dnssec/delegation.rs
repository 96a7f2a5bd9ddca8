//! What a zone asks of its parent: CDS and CDNSKEY, against the keys (RFC 7344, RFC 8078).
//!
//! Does not know what the parent has.

use super::algorithm::{Algorithm, DigestType};
use super::digest;
use super::fault::{Faults, Problem};
use super::key::Dnskey;
use super::keys::{ZoneKeys, signers_of_keys};
use crate::wire::{Name, Rtype};
use crate::zone::{HeldRrset, Holding};

/// The request to delete the DS (RFC 8078 section 4, with its erratum 5049).
const DELETE_CDS: &[u8] = &[0, 0, 0, 0, 0];
const DELETE_CDNSKEY: &[u8] = &[0, 0, 3, 0, 0];

/// A key that a CDS or CDNSKEY means.
type Meant = (u16, Algorithm);

/// Checks the CDS and CDNSKEY of the apex.
pub(super) fn check(apex: &Holding<'_>, keys: &ZoneKeys, faults: &mut Faults) {
    let (cds, cdnskey) = (apex.rrset(Rtype::CDS), apex.rrset(Rtype::CDNSKEY));
    if deletes(apex, cds, cdnskey, faults) {
        return;
    }
    let signers = signers_of_keys(apex);
    let mut meant_by =
        |rrset: Option<HeldRrset<'_>>| rrset.map(|rrset| check_rrset(apex.owner, &rrset, keys, &signers, faults));
    let (cds, cdnskey) = (meant_by(cds), meant_by(cdnskey));
    if cds.is_some() && cdnskey.is_some() && cds != cdnskey {
        faults.add(apex.owner, Rtype::CDS, Problem::CdsInconsistent);
    }
}

/// Whether the parent is asked to delete the DS; then it is asked in the one right way, or that is said.
fn deletes(
    apex: &Holding<'_>,
    cds: Option<HeldRrset<'_>>,
    cdnskey: Option<HeldRrset<'_>>,
    faults: &mut Faults,
) -> bool {
    let rrsets = [(cds, DELETE_CDS), (cdnskey, DELETE_CDNSKEY)];
    // Algorithm 0 is that of the request, in both types.
    let mut all = rrsets.iter().filter_map(|(rrset, _)| rrset.as_ref()).flat_map(|rrset| rrset.records());
    if !all.any(|record| record.record.rdata.get(if record.record.rtype == Rtype::CDS { 2 } else { 3 }) == Some(&0)) {
        return false;
    }
    for (rrset, request) in rrsets {
        let Some(rrset) = rrset else { continue };
        if rrset.count() != 1 || rrset.records().any(|record| record.record.rdata != request) {
            faults.add(apex.owner, rrset.rtype, Problem::CdsDelete);
        }
    }
    true
}

/// Checks the records of one of both types, and tells the keys that they mean, sorted.
fn check_rrset(
    owner: Name<'_>,
    rrset: &HeldRrset<'_>,
    keys: &ZoneKeys,
    signers: &[Meant],
    faults: &mut Faults,
) -> Vec<Meant> {
    let rtype = rrset.rtype;
    let (mut meant, mut unknown, mut is_mismatched) = (Vec::new(), Vec::new(), false);
    for record in rrset.records() {
        let rdata = record.record.rdata;
        let (key, matches) = if rtype == Rtype::CDS {
            let Some((&[high, low, algorithm, digest_type], digest)) = rdata.split_first_chunk() else { continue };
            let (tag, algorithm) = (u16::from_be_bytes([high, low]), Algorithm(algorithm));
            let digest_type = DigestType(digest_type);
            let is_of = |key: &[u8]| {
                // A digest that is unknown here may be right.
                digest::of_key(digest_type, owner, key).is_none_or(|made| made.as_ref() == digest)
            };
            ((tag, algorithm), keys.with(tag, algorithm).iter().any(|key| is_of(&key.rdata)))
        } else {
            let Some(dnskey) = Dnskey::read(rdata) else { continue };
            let (tag, algorithm) = (dnskey.tag(), dnskey.algorithm);
            ((tag, algorithm), keys.with(tag, algorithm).iter().any(|key| *key.rdata == *rdata))
        };
        meant.push(key);
        match (matches, keys.with(key.0, key.1)) {
            (true, _) => {}
            (false, []) => unknown.push(key),
            (false, _) => is_mismatched = true,
        }
    }
    meant.sort_unstable();
    meant.dedup();
    unknown.dedup();
    if is_mismatched || unknown.len() == meant.len() {
        faults.add(owner, rtype, Problem::CdsMismatch);
    } else {
        for (tag, algorithm) in unknown {
            faults.add(owner, rtype, Problem::CdsUnknownKey { tag, algorithm });
        }
        if !meant.iter().any(|key| signers.binary_search(key).is_ok()) {
            faults.add(owner, rtype, Problem::CdsUnsigned);
        }
    }
    meant
}
