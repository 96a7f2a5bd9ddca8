//! What one name of a zone may not hold.
//!
//! Does not know other names: what takes two of them to see is seen while sealing.

use super::finding::{Findings, Owner, Problem};
use super::runs::RunRecord;
use super::stored;
use crate::wire::Rtype;

/// What a name holds, counted in one pass.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Census {
    soas: u32,
    pub(super) servers: u32,
    ds: u32,
    cnames: u32,
    pub(super) dnames: u32,
    pub(super) signatures: u32,
    nsec3s: u32,
    others: u32,
}

impl Census {
    pub(super) fn of(records: &[RunRecord<'_>]) -> Self {
        let mut census = Self::default();
        for record in records {
            let count = match record.rtype {
                Rtype::SOA => &mut census.soas,
                Rtype::NS => &mut census.servers,
                Rtype::DS => &mut census.ds,
                Rtype::CNAME => &mut census.cnames,
                Rtype::DNAME => &mut census.dnames,
                Rtype::RRSIG => &mut census.signatures,
                Rtype::NSEC3 => &mut census.nsec3s,
                _ => &mut census.others,
            };
            *count += 1;
        }
        census
    }

    /// Whether NSEC3 stands here and nothing else but signatures.
    pub(super) fn is_nsec3_only(self) -> bool {
        self.nsec3s > 0 && self.soas + self.servers + self.ds + self.cnames + self.dnames + self.others == 0
    }

    /// Judges the records of one name.
    pub(super) fn check(self, owner: Owner<'_>, records: &[RunRecord<'_>], findings: &mut Findings) {
        if owner.labels.is_empty() {
            self.check_apex(owner, records, findings);
        }
        for (rtype, count) in [(Rtype::CNAME, self.cnames), (Rtype::DNAME, self.dnames)] {
            if count > 1 && differ(rtype, records) {
                findings.add(owner, Problem::Several(rtype));
            }
        }
        if self.cnames > 0 {
            // RFC 4035 section 2.5 and RFC 3007: RRSIG, NSEC and KEY may stand beside a CNAME; NSEC3 has names of its own.
            let beside = |rtype| matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype::KEY);
            if let Some(other) = records.iter().find(|record| !beside(record.rtype)) {
                findings.add(owner, Problem::CnameBesides(other.rtype));
            }
        }
    }

    /// The same SOA twice is no second one: transfers written to a file begin and end with it. A zone without any SOA is told by `seal`, which sees zones without an apex too.
    fn check_apex(self, owner: Owner<'_>, records: &[RunRecord<'_>], findings: &mut Findings) {
        let problems = [
            (self.soas > 1 && differ(Rtype::SOA, records), Problem::SeveralSoas),
            (self.servers == 0, Problem::NoApexNs),
            (self.ds > 0, Problem::DsAtApex),
        ];
        problems.into_iter().filter(|problem| problem.0).for_each(|problem| findings.add(owner, problem.1));
    }
}

/// Whether the records of a type are more than one record and its duplicates.
fn differ(rtype: Rtype, records: &[RunRecord<'_>]) -> bool {
    let mut these = records.iter().filter(|record| record.rtype == rtype);
    let first = these.next();
    these.any(|record| first.is_some_and(|first| !stored::same(rtype, first.rdata, record.rdata)))
}
