//! What one name of a zone may not hold.
//!
//! Does not know other names: what takes two of them to see is seen while sealing.

use super::finding::{Findings, Problem};
use super::runs::RunRecord;
use crate::wire::{Name, Rtype};

/// The check of one name.
pub(super) struct NodeCheck<'f> {
    pub(super) owner: Name<'f>,
    pub(super) is_apex: bool,
    pub(super) findings: &'f mut Findings,
}

impl NodeCheck<'_> {
    /// Judges the records of the name, sorted by type.
    pub(super) fn check(mut self, records: &[RunRecord<'_>]) {
        let count = |rtype| records.iter().filter(|record| record.rtype == rtype).count();
        if self.is_apex {
            self.apex(count(Rtype::SOA), count(Rtype::NS), count(Rtype::DS));
        }
        let several = |rtype| {
            let mut these = records.iter().filter(|record| record.rtype == rtype);
            let first = these.next();
            these.any(|record| first.is_some_and(|first| !super::stored::same(rtype, first.rdata, record.rdata)))
        };
        for rtype in [Rtype::CNAME, Rtype::DNAME].into_iter().filter(|&rtype| several(rtype)) {
            self.add(Problem::Several(rtype));
        }
        if count(Rtype::CNAME) > 0 {
            // RFC 4035 section 2.5 and RFC 3007: RRSIG, NSEC and KEY may stand beside a CNAME; NSEC3 has names of its own.
            let beside = |rtype| matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype(25));
            if let Some(other) = records.iter().find(|record| !beside(record.rtype)) {
                self.add(Problem::CnameBesides(other.rtype));
            }
        }
    }

    fn apex(&mut self, soas: usize, servers: usize, ds: usize) {
        match soas {
            0 | 1 => {} // a zone without SOA is told by `seal`, which sees zones without an apex too
            _ => self.add(Problem::SeveralSoas),
        }
        if servers == 0 {
            self.add(Problem::NoApexNs);
        }
        if ds > 0 {
            self.add(Problem::DsAtApex);
        }
    }

    fn add(&mut self, problem: Problem) {
        self.findings.add(self.owner, problem);
    }
}
