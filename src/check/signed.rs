//! What the check of signatures, denials and digests finds, as lints.
//!
//! Does not check: that takes threads and a clock, so who has them asks `dnssec` and hands over what it found.

use super::finding::{Remark, Report, Subject};
use super::lint::Lint;
use crate::dnssec;
use crate::wire::Rtype;
use crate::zone::Zone;

/// Whether a zone looks as if it was signed, or should be: there is something for `dnssec` to check.
pub fn may_be_signed(zone: &Zone) -> bool {
    let apex = zone.apex_node();
    let shows = |rtype| apex.rrset(rtype).is_some();
    [Rtype::DNSKEY, Rtype::NSEC, Rtype::NSEC3PARAM, Rtype::ZONEMD].into_iter().any(shows)
        || apex.rrset(Rtype::SOA).is_some_and(|soa| soa.signature_count() > 0)
}

impl Report {
    /// Takes over what the check of a signed zone found.
    pub fn take_faults(&mut self, faults: &dnssec::Faults) {
        for fault in faults.iter() {
            self.add(Lint::Dnssec(fault.problem.kind()), || {
                let owner = fault.owner.as_name();
                let subject = match &fault.record {
                    Some((rtype, rdata)) => Subject::record(owner, *rtype, rdata),
                    None => Subject::rrset(owner, fault.rtype),
                };
                Remark::new(subject, fault.problem.to_string())
            });
        }
        for &kind in dnssec::Kind::ALL {
            self.recount(Lint::Dnssec(kind), faults.count_of(kind));
        }
    }

    /// Finds that a zone is not signed, where that is asked for.
    pub fn take_unsigned(&mut self, zone: &Zone) {
        if zone.apex_node().rrset(Rtype::DNSKEY).is_none() {
            self.add(Lint::Unsigned, || {
                Remark::new(Subject::rrset(zone.apex(), Rtype::DNSKEY), "the zone is not signed: it has no DNSKEY")
            });
        }
    }
}
