//! The signatures of one name: each RRset that the zone answers for has those it needs, and all of them are good.
//!
//! Does not know other names.

use super::algorithm::Algorithm;
use super::check::Options;
use super::fault::{Faults, Problem};
use super::keys::{ZoneKey, ZoneKeys};
use super::signature::Rrsig;
use super::stats::Stats;
use super::verify::{label_count, signed_message};
use super::window::Validity;
use crate::base::limits::SIGNATURES_PER_RRSET_MAX;
use crate::wire::rdata::{Moment, Period};
use crate::wire::{Name, Rtype};
use crate::zone::{HeldRecord, HeldRrset, Holding, Standing};

/// Checks the signatures of names, one after the other.
pub(super) struct Signatures<'c> {
    keys: &'c ZoneKeys,
    apex: Name<'c>,
    options: &'c Options,
    /// What a signature is made over; reused.
    message: Vec<u8>,
    /// The algorithms of an RRset's signatures; reused.
    algorithms: Vec<Algorithm>,
    pub(super) stats: Stats,
}

impl<'c> Signatures<'c> {
    pub(super) fn new(keys: &'c ZoneKeys, apex: Name<'c>, options: &'c Options) -> Self {
        Self { keys, apex, options, message: Vec::new(), algorithms: Vec::new(), stats: Stats::default() }
    }

    /// Checks one name.
    pub(super) fn check(&mut self, holding: &Holding<'_>, faults: &mut Faults) {
        let all = || holding.rrset(Rtype::RRSIG).into_iter().flat_map(|rrset| rrset.records());
        if matches!(holding.standing, Standing::Glue | Standing::Occluded) {
            return all().for_each(|_| faults.add(holding.owner, Rtype::RRSIG, Problem::StraySignature));
        }
        // Both come by ascending type, but for an SOA, which comes first: so each is walked once.
        let mut ascending = all().peekable();
        for rrset in holding.rrsets().filter(|rrset| rrset.rtype != Rtype::RRSIG) {
            if rrset.rtype == Rtype::SOA {
                self.rrset(holding, &rrset, &mut all().filter(|record| covered(record) == Rtype::SOA), faults);
                continue;
            }
            while ascending.next_if(|record| covered(record) < rrset.rtype).is_some() {}
            let mut these = std::iter::from_fn(|| ascending.next_if(|record| covered(record) == rrset.rtype));
            self.rrset(holding, &rrset, &mut these, faults);
        }
    }

    fn rrset<'w>(
        &mut self,
        holding: &Holding<'_>,
        rrset: &HeldRrset<'w>,
        signatures: &mut dyn Iterator<Item = HeldRecord<'w>>,
        faults: &mut Faults,
    ) {
        if !is_authoritative(holding.standing, rrset.rtype) {
            return signatures.for_each(|_| faults.add(holding.owner, rrset.rtype, Problem::StraySignature));
        }
        self.algorithms.clear();
        let mut count = 0;
        for record in signatures {
            // What is shorter than an RRSIG never comes out of a zone file.
            let Some(rrsig) = Rrsig::read(record.canonical) else { continue };
            count += 1;
            self.algorithms.push(rrsig.algorithm);
            self.stats.count(&rrsig);
            if count <= SIGNATURES_PER_RRSET_MAX {
                self.signature(holding.owner, rrset, (&rrsig, record.canonical), faults);
            }
        }
        let mut add = |problem| faults.add(holding.owner, rrset.rtype, problem);
        if count > SIGNATURES_PER_RRSET_MAX {
            add(Problem::TooManySignatures { count: count as u32 });
        }
        // RFC 6840 section 5.11: with each algorithm of the keys, not with each key.
        for &algorithm in self.keys.algorithms() {
            if !self.algorithms.contains(&algorithm) {
                add(Problem::MissingSignature { algorithm });
            }
        }
    }

    /// Checks one signature, which comes with its rdata.
    fn signature(
        &mut self,
        owner: Name<'_>,
        rrset: &HeldRrset<'_>,
        (rrsig, rdata): (&Rrsig<'_>, &[u8]),
        faults: &mut Faults,
    ) {
        let (tag, algorithm) = (rrsig.key_tag, rrsig.algorithm);
        let ttl = rrset.records().next().map_or(0, |record| record.record.ttl);
        let mut add = |problem| {
            // Which side is wrong nobody knows where both do not match: then it is the records that are shown.
            let is_of_both = matches!(problem, Problem::BadSignature { .. } | Problem::OriginalTtl { .. });
            faults.add_of(owner, rrset.rtype, (!is_of_both).then_some((Rtype::RRSIG, rdata)), problem);
        };
        let (covered, window) = (rrset.rtype, rrsig.window);
        match window.at(self.options.time, self.options.warn_before) {
            Validity::Good => {}
            Validity::EndsSoon(left) => {
                add(Problem::SignatureExpiresSoon { covered, tag, left: Period(left), at: Moment(window.expiration) });
            }
            Validity::Expired(ago) => {
                add(Problem::ExpiredSignature { covered, tag, ago: Period(ago), at: Moment(window.expiration) });
            }
            Validity::NotYet(until) => {
                add(Problem::SignatureNotYetValid { covered, tag, until: Period(until), at: Moment(window.inception) });
            }
            Validity::Backwards => add(Problem::BackwardsValidity { covered, tag }),
        }
        if rrsig.original_ttl != ttl {
            add(Problem::OriginalTtl { original: rrsig.original_ttl, ttl });
        }
        // What follows would only say again that the signature is not over these records.
        let expected = label_count(owner);
        if !rrsig.signer.eq_ignore_case(self.apex) {
            return add(Problem::WrongSigner { tag });
        }
        if usize::from(rrsig.labels) != expected {
            return add(Problem::WrongLabels { tag, labels: rrsig.labels, expected: expected as u8 });
        }
        let keys = self.keys.with(tag, algorithm);
        if keys.is_empty() {
            return add(Problem::UnknownKey { tag, algorithm });
        }
        if !keys.iter().any(|key| may_sign(key, rrset.rtype)) {
            add(Problem::UnfitKey { tag, algorithm });
        }
        // Nothing verifies signatures of the key here: that was said once, of the key.
        let mut verifying = keys.iter().filter_map(|key| key.verifying.as_ref()).peekable();
        if verifying.peek().is_none() {
            return;
        }
        let rdatas = rrset.records().map(|record| record.canonical);
        let fits = signed_message(owner, rrset.rtype, rdatas, rrsig, &mut self.message).is_ok();
        if fits && verifying.any(|key| key.verifies(&self.message, rrsig.signature)) {
            self.stats.verified += 1;
        } else {
            add(Problem::BadSignature { tag, algorithm });
        }
    }
}

/// Whether a key may sign records of a type: one that is revoked signs keys only, itself above all (RFC 5011 section 2.1).
fn may_sign(key: &ZoneKey, rtype: Rtype) -> bool {
    key.is_fit || (key.is_revoked && rtype == Rtype::DNSKEY)
}

/// Whether the zone answers for records of a type at a name of this standing: at a zone cut for what says that there is one
/// and what is below it (RFC 4035 section 2.2).
pub(super) fn is_authoritative(standing: Standing, rtype: Rtype) -> bool {
    match standing {
        Standing::Apex | Standing::Inside => true,
        Standing::Cut => matches!(rtype, Rtype::DS | Rtype::NSEC | Rtype::NSEC3),
        Standing::Glue | Standing::Occluded => false,
    }
}

/// The type that an RRSIG covers.
fn covered(record: &HeldRecord<'_>) -> Rtype {
    record.canonical.first_chunk().map_or(Rtype(0), |&octets| Rtype(u16::from_be_bytes(octets)))
}
