//! The check of a signed zone on all cores.
//!
//! Does not know what is checked: `dnssec` cuts the work into parts.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::progress::{Progress, Terminal};
use crate::dnssec::{Check, Faults, Options, Outcome, Part};
use crate::zone::Zone;

/// What is wrong with the signatures of a zone, found by so many threads; `terminal` shows how far they are.
pub(super) fn check_signatures(zone: &Zone, options: &Options, jobs: usize, terminal: Option<Terminal>) -> Faults {
    let order = zone.order();
    let (check, parts) = Check::new(&order, options);
    let progress = Progress::start("names verified", check.progress().1, terminal);
    let jobs = jobs.clamp(1, parts.len().max(1));
    let parts = Mutex::new(parts.into_iter());
    let work = || {
        let mut outcomes = Vec::new();
        while let Some(part) = next(&parts) {
            outcomes.push(check.run(part));
            progress.reach(check.progress().0);
        }
        outcomes
    };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        // One of the threads is this one.
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
        let mut outcomes = work();
        for other in others {
            match other.join() {
                Ok(more) => outcomes.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        outcomes
    });
    drop(progress);
    check.finish(outcomes).faults
}

fn next<'z>(parts: &Mutex<std::vec::IntoIter<Part<'z>>>) -> Option<Part<'z>> {
    parts.lock().unwrap_or_else(PoisonError::into_inner).next()
}
