//! ZONEMD: the digest of a whole zone (RFC 8976), of the SIMPLE scheme.
//!
//! Does not verify the signature over it: that is done as for all other records.
//!
//! A sealed zone keeps one TTL for an RRset and its signatures. A digest that was made of records whose TTLs differ, which
//! RFC 2181 section 5.2 and RFC 4034 section 3 forbid, does not match here.

use aws_lc_rs::digest::{self, Context};

use super::fault::{Faults, Problem};
use super::signature::Rrsig;
use crate::wire::{Class, Name, Rtype};
use crate::zone::{HeldRecord, HeldRrset, Holding, Standing, Walk};

/// Octets gathered before they are hashed: many records, and still in the first-level cache.
const HASH_AT_OCTETS: usize = 8 * 1_024;

/// The scheme that all records of the zone go into (RFC 8976 section 2.2.2).
const SIMPLE: u8 = 1;

/// A ZONEMD that can be checked.
#[derive(Debug)]
struct Claim {
    scheme: u8,
    hash: u8,
    function: &'static digest::Algorithm,
    /// The whole of its rdata.
    rdata: Box<[u8]>,
}

/// Octets of rdata in front of the digest: serial, scheme and hash.
const HEAD_OCTETS: usize = 6;

impl Claim {
    fn digest(&self) -> &[u8] {
        &self.rdata[HEAD_OCTETS..]
    }
}

/// The ZONEMD records of a zone that can be checked.
#[derive(Debug, Default)]
pub(super) struct Claims {
    claims: Vec<Claim>,
}

impl Claims {
    /// Reads the ZONEMD records of the apex. What can be judged without the zone is judged here.
    pub(super) fn read(apex: &Holding<'_>, soa_serial: u32, faults: &mut Faults) -> Self {
        let mut claims = Self::default();
        let records = || apex.rrset(Rtype::ZONEMD).into_iter().flat_map(|rrset| rrset.records());
        let mut kinds: Vec<[u8; 2]> =
            records().filter_map(|record| Some([*record.canonical.get(4)?, *record.canonical.get(5)?])).collect();
        kinds.sort_unstable();
        let mut told = None;
        for record in records() {
            let rdata = record.canonical;
            let Some(&[s1, s2, s3, s4, scheme, hash]) = rdata.first_chunk::<HEAD_OCTETS>() else { continue };
            let mut add = |problem| faults.add_of(apex.owner, Rtype::ZONEMD, Some((Rtype::ZONEMD, rdata)), problem);
            let serial = u32::from_be_bytes([s1, s2, s3, s4]);
            let kind = [scheme, hash];
            let first = kinds.partition_point(|other| *other < kind);
            if kinds.get(first + 1) == Some(&kind) {
                if told != Some(kind) {
                    add(Problem::ZonemdDuplicate { scheme, hash });
                }
                told = Some(kind);
                continue;
            }
            let function = match hash {
                1 => &digest::SHA384,
                2 => &digest::SHA512,
                _ => {
                    add(Problem::ZonemdUnsupported { scheme, hash });
                    continue;
                }
            };
            if scheme != SIMPLE {
                add(Problem::ZonemdUnsupported { scheme, hash });
            } else if serial != soa_serial {
                add(Problem::ZonemdSerial { serial, soa: soa_serial });
            } else {
                claims.claims.push(Claim { scheme, hash, function, rdata: rdata.into() });
            }
        }
        claims
    }

    /// Whether there is nothing to check.
    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Makes the digests of the zone that `walk` goes through from its apex on, and compares.
    pub(super) fn check(&self, mut walk: Walk<'_>, apex: Name<'_>, faults: &mut Faults) {
        let mut contexts: Vec<Context> = self.claims.iter().map(|claim| Context::new(claim.function)).collect();
        let mut octets = Vec::with_capacity(2 * HASH_AT_OCTETS);
        while let Some(holding) = walk.next() {
            write(&holding, &mut octets);
            if octets.len() >= HASH_AT_OCTETS {
                contexts.iter_mut().for_each(|context| context.update(&octets));
                octets.clear();
            }
        }
        for (claim, mut context) in self.claims.iter().zip(contexts) {
            context.update(&octets);
            if context.finish().as_ref() != claim.digest() {
                let (scheme, hash) = (claim.scheme, claim.hash);
                let record = Some((Rtype::ZONEMD, &*claim.rdata));
                faults.add_of(apex, Rtype::ZONEMD, record, Problem::ZonemdMismatch { scheme, hash });
            }
        }
    }
}

/// Appends the records of one name as they go into the digest (RFC 8976 sections 3.3.1 to 3.4): all, occluded ones and glue
/// too, but for the ZONEMD of the apex and the signatures over it.
fn write(holding: &Holding<'_>, octets: &mut Vec<u8>) {
    let is_apex = holding.standing == Standing::Apex;
    // They come by ascending type, but for an SOA, which comes first.
    let (soa, others): (Option<HeldRrset<'_>>, _) = (holding.rrset(Rtype::SOA), holding.rrsets());
    let others = others.filter(|rrset| rrset.rtype != Rtype::SOA);
    let in_front = others.clone().take_while(|rrset| rrset.rtype < Rtype::SOA);
    let behind = others.skip_while(|rrset| rrset.rtype < Rtype::SOA);
    for rrset in in_front.chain(soa).chain(behind) {
        if is_apex && rrset.rtype == Rtype::ZONEMD {
            continue;
        }
        let covers =
            |record: &HeldRecord<'_>| Rrsig::read(record.canonical).is_some_and(|rrsig| rrsig.covered == Rtype::ZONEMD);
        for record in rrset.records() {
            if is_apex && rrset.rtype == Rtype::RRSIG && covers(&record) {
                continue;
            }
            octets.extend_from_slice(holding.owner.wire());
            octets.extend_from_slice(&rrset.rtype.0.to_be_bytes());
            octets.extend_from_slice(&Class::IN.0.to_be_bytes());
            octets.extend_from_slice(&record.record.ttl.to_be_bytes());
            octets.extend_from_slice(&(record.canonical.len() as u16).to_be_bytes());
            octets.extend_from_slice(record.canonical);
        }
    }
}
