//! The NSEC chain: every name that holds something has its NSEC, each names the next, each lists its owner's types
//! (RFC 4034 section 4, RFC 4035 section 2.3).
//!
//! Does not know the whole zone: names come in canonical order, part by part, and the ends of the parts are joined at last.

use super::bitmap;
use super::fault::{Faults, Problem};
use crate::wire::{Name, NameBuf, Rtype};
use crate::zone::{Holding, Standing};

/// One part of the chain.
#[derive(Debug, Default)]
pub(super) struct NsecPart {
    /// The first name of the part that must have an NSEC.
    first: Option<NameBuf>,
    /// The last such name and the one that its NSEC names; none where it has no NSEC.
    last: Option<(NameBuf, NameBuf)>,
    /// Types; reused.
    types: Vec<Rtype>,
}

impl NsecPart {
    /// Checks the next name.
    pub(super) fn check(&mut self, holding: &Holding<'_>, most_ttl: u32, faults: &mut Faults) {
        let nsec = holding.rrset(Rtype::NSEC);
        if matches!(holding.standing, Standing::Glue | Standing::Occluded) {
            if nsec.is_some() {
                faults.add(holding.owner, Rtype::NSEC, Problem::StrayNsec);
            }
            return;
        }
        // NSEC3 and signatures make no name that NSEC would have to prove.
        if !holding.rrsets().any(|rrset| !matches!(rrset.rtype, Rtype::RRSIG | Rtype::NSEC3)) {
            return;
        }
        self.join(holding.owner, faults);
        let Some(nsec) = nsec else {
            return faults.add(holding.owner, Rtype::NSEC, Problem::NsecMissing);
        };
        if nsec.count() > 1 {
            faults.add(holding.owner, Rtype::NSEC, Problem::StrayNsec);
        }
        let Some(record) = nsec.records().next().map(|record| record.record) else { return };
        if record.ttl > most_ttl {
            faults.add(holding.owner, Rtype::NSEC, Problem::DenialTtl { ttl: record.ttl, most: most_ttl });
        }
        let Ok((next, listed)) = Name::split_from(record.rdata) else { return };
        self.last = Some((holding.owner.to_buf(), next.to_buf()));
        self.types.clear();
        self.types.extend([Rtype::NSEC, Rtype::RRSIG]);
        self.types
            .extend(holding.rrsets().map(|rrset| rrset.rtype).filter(|&rtype| is_provable(holding.standing, rtype)));
        if let Some((wrong, is_listed)) = bitmap::difference(&mut self.types, listed) {
            faults.add(holding.owner, Rtype::NSEC, Problem::NsecBitmap { wrong, is_listed });
        } else if !self.types.iter().any(|&rtype| !matches!(rtype, Rtype::NSEC | Rtype::RRSIG)) {
            // RFC 4035 section 2.3: NSEC makes no name.
            faults.add(holding.owner, Rtype::NSEC, Problem::StrayNsec);
        }
    }

    /// Goes on to the name that the last NSEC should have named.
    fn join(&mut self, owner: Name<'_>, faults: &mut Faults) {
        match self.last.take() {
            Some((last, next)) if !next.as_name().eq_ignore_case(owner) => {
                faults.add(
                    last.as_name(),
                    Rtype::NSEC,
                    Problem::NsecChainBroken { expected: Box::new(owner.to_buf()) },
                );
            }
            _ => {}
        }
        if self.first.is_none() {
            self.first = Some(owner.to_buf());
        }
    }

    /// Joins the part that follows.
    pub(super) fn absorb(&mut self, other: Self, faults: &mut Faults) {
        if let Some(first) = other.first {
            self.join(first.as_name(), faults);
            self.last = other.last;
        }
    }

    /// Ends the chain: its last NSEC must name the apex.
    pub(super) fn close(&mut self, apex: Name<'_>, faults: &mut Faults) {
        self.join(apex, faults);
    }
}

/// Whether NSEC lists a type that a name of this standing has: at a zone cut what the parent has there.
fn is_provable(standing: Standing, rtype: Rtype) -> bool {
    match standing {
        Standing::Cut => matches!(rtype, Rtype::NS | Rtype::DS | Rtype::NSEC | Rtype::RRSIG),
        _ => rtype != Rtype::NSEC3,
    }
}
