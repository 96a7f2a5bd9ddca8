//! The check of a signed zone on all cores.
//!
//! Does not know what is checked: `dnssec` cuts the work into parts.

use super::progress::{Progress, Terminal};
use crate::base::spread::spread;
use crate::dnssec::{Check, Faults, Options};
use crate::zone::Zone;

/// What is wrong with the signatures of a zone, found by so many threads; `terminal` shows how far they are.
pub(super) fn check_signatures(zone: &Zone, options: &Options, jobs: usize, terminal: Option<Terminal>) -> Faults {
    let order = zone.order();
    let (check, parts) = Check::new(&order, options);
    let progress = Progress::start("names verified", check.progress().1, terminal);
    let outcomes = spread(jobs, parts, |part| {
        let outcome = check.run(part);
        progress.reach(check.progress().0);
        outcome
    });
    drop(progress);
    check.finish(outcomes).faults
}
