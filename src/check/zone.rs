//! Runs all lints over one zone.

use super::finding::{Remark, Report, Subject};
use super::glue::UnusedGlue;
use super::held::Held;
use super::levels::Levels;
use super::lint::Lint;
use super::survey::Survey;
use super::wildcards::Wildcards;
use super::{
    addresses, aliases, caa, ds, fingerprints, nsec3, owners, reverse, servers, sizes, soa, svcb, targets, texts,
    timers,
};
use crate::wire::Rtype;
use crate::zone::{self, Rrset, Zone};

/// What to check for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The level of every lint.
    pub levels: Levels,
    /// The serial of the version that is served now, if it is known.
    pub previous_serial: Option<u32>,
    /// The time to judge by, in seconds since 1970; what needs it is left out where it is not known.
    pub now: Option<u64>,
}

/// Everything wrong or doubtful that shows in the zone itself. `sealed` is what sealing found in it.
///
/// One pass over the zone; a second one where there are wildcards, and two where addresses below a cut serve nobody there.
pub fn examine(zone: &Zone, sealed: &zone::Findings, options: &Options) -> Report {
    let mut report = Report::new(options.levels.clone());
    report.take_sealed(sealed);
    timers::check(zone, options.previous_serial, &mut report);
    let mut survey = Survey::new(zone, report);
    soa::check(options.now, &mut survey);
    let (mut wildcards, mut unused) = (Wildcards::default(), UnusedGlue::default());
    for node in zone.nodes() {
        let mut held = Held::default();
        for rrset in node.rrsets() {
            held.add(rrset.rtype);
            family(rrset, &mut survey);
            sizes::check(rrset, &mut survey.report);
        }
        owners::check(node, held, &mut survey);
        wildcards.note(node, held);
        for glue in node.glue() {
            addresses::check_glue(node, glue, &mut survey);
            unused.suspect(node, glue, &mut survey.finder);
        }
    }
    wildcards.check(&mut survey);
    unused.check(&mut survey);
    sizes::check_zone(&mut survey);
    survey.report
}

/// Hands an RRset to the lints of its type.
#[inline]
fn family(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    match rrset.rtype {
        Rtype::NS => servers::check(rrset, survey),
        Rtype::A | Rtype::AAAA => addresses::check(rrset, survey),
        Rtype::DS => ds::check_ds(rrset, survey),
        Rtype::CDS | Rtype::DLV => ds::check(rrset, survey),
        Rtype::CNAME => aliases::check_cname(rrset, survey),
        Rtype::DNAME => aliases::check_dname(rrset, survey),
        Rtype::MX | Rtype::SRV | Rtype::AFSDB | Rtype::KX | Rtype::RT => targets::check(rrset, survey),
        Rtype::SVCB | Rtype::HTTPS => svcb::check(rrset, survey),
        Rtype::PTR => reverse::check(rrset, survey),
        Rtype::TXT => texts::check(rrset, survey),
        Rtype::SPF => texts::check_spf_type(rrset, survey),
        Rtype::CAA => caa::check(rrset, survey),
        Rtype::TLSA | Rtype::SMIMEA => fingerprints::check_tlsa(rrset, survey),
        Rtype::SSHFP => fingerprints::check_sshfp(rrset, survey),
        Rtype::NSEC3PARAM => nsec3::check(rrset, survey),
        _ => {}
    }
}

impl Report {
    /// Takes over what sealing found.
    pub fn take_sealed(&mut self, sealed: &zone::Findings) {
        for finding in sealed.iter() {
            self.add(Lint::of(finding.problem), || {
                let owner = finding.owner.as_name();
                let subject = match finding.problem.rtype() {
                    Some(rtype) => Subject::rrset(owner, rtype),
                    None => Subject::name(owner),
                };
                Remark::new(subject, finding.problem.to_string())
            });
        }
        // Behind the loop: what counts as found decides what is still kept.
        for finding in sealed.iter() {
            self.recount(Lint::of(finding.problem), sealed.count_alike(finding.problem));
        }
    }
}
