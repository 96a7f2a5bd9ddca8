//! Runs all lints over one zone.

use super::finding::{Report, Subject};
use super::levels::Levels;
use super::lint::Lint;
use super::timers;
use crate::zone::{self, Zone};

/// What to check for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The level of every lint.
    pub levels: Levels,
    /// The serial of the version that is served now, if it is known.
    pub previous_serial: Option<u32>,
}

/// Everything wrong or doubtful that shows in the zone itself. `sealed` is what sealing found in it.
pub fn examine(zone: &Zone, sealed: &zone::Findings, options: &Options) -> Report {
    let mut report = Report::new(options.levels.clone());
    report.take_sealed(sealed);
    timers::check(zone, options.previous_serial, &mut report);
    report
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
                (subject, finding.problem.to_string())
            });
        }
        // Behind the loop: what counts as found decides what is still kept.
        for finding in sealed.iter() {
            self.recount(Lint::of(finding.problem), sealed.count_alike(finding.problem));
        }
    }
}
