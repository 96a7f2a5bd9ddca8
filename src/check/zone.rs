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
use crate::zone::{self, Problem, Rrset, Zone};

/// What to check for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The level of every lint.
    pub levels: Levels,
    /// The serial of the version that is served now, if it is known.
    pub previous_serial: Option<u32>,
    /// The time to judge by, in seconds since 1970; what needs it is left out where it is not known.
    pub now: Option<u64>,
    /// The longest TTL that is not found to be long, in seconds; a week where nobody says.
    pub ttl_max: Option<u32>,
}

/// Everything wrong or doubtful that shows in the zone itself. `sealed` is what sealing found in it.
///
/// One pass over the zone; a second one where there are wildcards, and two where addresses below a cut serve nobody there.
pub fn examine(zone: &Zone, sealed: &zone::Findings, options: &Options) -> Report {
    let mut report = Report::new(options.levels.clone());
    report.take_sealed(sealed);
    let servers = zone.apex_node().rrset(Rtype::NS);
    let is_for_nobody = servers.is_some_and(|servers| servers::is_for_nobody(servers, zone));
    timers::check(zone, is_for_nobody, options.previous_serial, &mut report);
    let mut survey = Survey::new(zone, report);
    soa::check(options.now, &mut survey);
    let (mut wildcards, mut unused) = (Wildcards::default(), UnusedGlue::default());
    for node in zone.nodes() {
        let mut held = Held::default();
        for rrset in node.rrsets() {
            held.add(rrset.rtype);
            family(rrset, &mut survey);
            sizes::check(rrset, options.ttl_max, &mut survey.report);
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
        Rtype::DLV => ds::check(rrset, survey),
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
                Remark::new(subject, finding.problem.to_string()).help(advice(finding.problem))
            });
        }
        // Behind the loop: what counts as found decides what is still kept.
        for finding in sealed.iter() {
            self.recount(Lint::of(finding.problem), sealed.count_alike(finding.problem));
        }
    }
}

/// What may be done about a problem that sealing found.
fn advice(problem: Problem) -> &'static str {
    match problem {
        Problem::NoSoa => "write the zone's SOA record first: `@ SOA ...`",
        Problem::SeveralSoas => "keep the SOA that is meant",
        Problem::NoApexNs => "name at least two name servers of the zone: `@ NS ...`",
        Problem::CnameBesides(_) => {
            "an alias has no data of its own: remove it, or move the other records to what it leads to"
        }
        Problem::Several(_) => "keep the one that is meant",
        Problem::RrsetTooLarge(_) => "spread the records over several names",
        Problem::NameTooLarge => "delegate to a zone of its own what has so much",
        Problem::Duplicate(_) => "remove all but one",
        Problem::UnequalTtls(_) => "write the same TTL at all of them",
        Problem::SignatureTtl(_) => "sign the zone anew: a signature has the TTL of what it covers",
        Problem::OrphanSignature(_) => "sign the zone anew, or remove the signatures",
        Problem::DsAtApex => "hand it to whoever runs the parent zone, and remove it here",
        Problem::Occluded(_) => "move it into the zone that is delegated, or remove it",
    }
}
