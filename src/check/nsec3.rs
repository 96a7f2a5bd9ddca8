//! The salt of NSEC3 (RFC 9276). Iterations are told by `dnssec`, which counts them in signed zones.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, whole};
use crate::zone::Rrset;

/// Checks the NSEC3PARAM of the apex: algorithm, flags, iterations, salt (RFC 5155 section 4.2).
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    if !rrset.node().labels().is_empty() {
        return;
    }
    for rdata in rrset.records() {
        let Some(&salt_octets) = rdata.get(4) else { continue };
        if salt_octets > 0 {
            survey.report.add(Lint::Nsec3Salt, || {
                Remark::new(whole(rrset), format!("NSEC3 with a salt of {salt_octets} octets"))
                    .help("sign without a salt: a zone's name is salt enough (RFC 9276 section 3.1)")
            });
        }
    }
}
