//! The parameters of NSEC3 (RFC 9276): iterations and salt.
//!
//! Does not know chains. Those with so many iterations that resolvers refuse them are told by `dnssec` too.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, record, whole};
use crate::zone::Rrset;

/// Checks the NSEC3PARAM of the apex: algorithm, flags, iterations, salt (RFC 5155 section 4.2).
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    if !rrset.node().labels().is_empty() {
        return;
    }
    for rdata in rrset.records() {
        let Some(&[_, _, high, low, salt_octets]) = rdata.first_chunk() else { continue };
        let iterations = u16::from_be_bytes([high, low]);
        if iterations > 0 {
            survey.report.add(Lint::Nsec3Iterations, || {
                let plural = if iterations == 1 { "" } else { "s" };
                Remark::new(record(rrset, rdata), format!("NSEC3 with {iterations} iteration{plural} of its hash"))
                    .note("they hide no name, cost servers and resolvers work, and some resolvers refuse them")
                    .help("sign with 0 iterations (RFC 9276 section 3.1)")
            });
        }
        if salt_octets > 0 {
            survey.report.add(Lint::Nsec3Salt, || {
                Remark::new(whole(rrset), format!("NSEC3 with a salt of {salt_octets} octets"))
                    .help("sign without a salt: a zone's name is salt enough (RFC 9276 section 3.1)")
            });
        }
    }
}
