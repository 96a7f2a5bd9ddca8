//! The tally: the counters of all threads, summed up for the log.
//!
//! Does not know who counts what, but for which counters tell of limits, nor when it is asked.

use std::sync::Arc;

use tracing::{info, warn};

use crate::base::counters::Counters;

/// The counters that move when something is over a limit, a receive buffer's size being one; what is only counted in a dry
/// run is in them too.
const OF_LIMITS: [&str; 13] = [
    "udp_overflows",
    "tcp_refused",
    "tcp_evicted",
    "client_limited",
    "server_limited",
    "slipped",
    "rrl_answers",
    "rrl_referrals",
    "rrl_nodata",
    "rrl_nxdomain",
    "rrl_errors",
    "rrl_slipped",
    DRY_RUN,
];

/// Those among the others to which nothing happened.
const DRY_RUN: &str = "rrl_dry_run";

/// The counters of all threads that serve.
#[derive(Debug, Default)]
pub(super) struct Tally {
    threads: Vec<Arc<Counters>>,
    /// Those of limits, as they were last looked at.
    limits: [u64; OF_LIMITS.len()],
}

impl Tally {
    /// Sums up the counters of one thread more.
    pub(super) fn add(&mut self, counters: Arc<Counters>) {
        self.threads.push(counters);
    }

    /// Logs all counters that are not 0, a line each.
    pub(super) fn log_all(&self) {
        let moved: Vec<_> = self.sums().into_iter().filter(|counter| counter.1 > 0).collect();
        for (name, value) in &moved {
            info!("counter {name} {value}");
        }
        info!("counters: {} are not 0, over {} threads", moved.len(), self.threads.len());
    }

    /// Logs what was over a limit since the last time, in one line, if anything was.
    pub(super) fn log_limits(&mut self) {
        if let Some(line) = self.limits_line() {
            warn!("over a limit in the last minute: {line}");
        }
    }

    /// The counters of limits that moved since the last time, and how far: `client_limited 12, slipped 6`.
    fn limits_line(&mut self) -> Option<String> {
        let sums = self.sums();
        let mut parts = Vec::new();
        for (name, before) in OF_LIMITS.iter().zip(&mut self.limits) {
            let now = sums.iter().find(|counter| counter.0 == *name).map_or(0, |counter| counter.1);
            let moved = now.wrapping_sub(std::mem::replace(before, now));
            if moved > 0 {
                let remark = if *name == DRY_RUN { " (a dry run: so many were sent all the same)" } else { "" };
                parts.push(format!("{name} {moved}{remark}"));
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Every counter's name and its sum over all threads, in the order of their table.
    fn sums(&self) -> Vec<(&'static str, u64)> {
        let mut sums: Vec<_> = Counters::default().rows().map(|(name, ..)| (name, 0_u64)).collect();
        for thread in &self.threads {
            for (sum, (_, _, value)) in sums.iter_mut().zip(thread.rows()) {
                sum.1 = sum.1.wrapping_add(value);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(count: usize) -> (Tally, Vec<Arc<Counters>>) {
        let mut tally = Tally::default();
        let threads: Vec<Arc<Counters>> = (0..count).map(|_| Arc::default()).collect();
        threads.iter().for_each(|counters| tally.add(Arc::clone(counters)));
        (tally, threads)
    }

    #[test]
    fn counters_are_summed_over_all_threads() {
        let (tally, threads) = tally_of(3);
        threads[0].udp_queries.add(3);
        threads[2].udp_queries.add(4);
        threads[1].rrl_errors.add(1);
        let moved: Vec<_> = tally.sums().into_iter().filter(|counter| counter.1 > 0).collect();
        assert_eq!(moved, [("udp_queries", 7), ("rrl_errors", 1)]);
    }

    #[test]
    fn what_was_over_a_limit_is_told_once() {
        let (mut tally, threads) = tally_of(2);
        threads[0].udp_queries.add(1_000);
        assert_eq!(tally.limits_line(), None);
        threads[0].client_limited.add(5);
        threads[1].client_limited.add(6);
        threads[1].slipped.add(5);
        threads[0].tcp_refused.add(1);
        assert_eq!(tally.limits_line().as_deref(), Some("tcp_refused 1, client_limited 11, slipped 5"));
        assert_eq!(tally.limits_line(), None);
        threads[0].client_limited.add(1);
        assert_eq!(tally.limits_line().as_deref(), Some("client_limited 1"));
    }

    #[test]
    fn a_dry_run_is_told_as_one() {
        let (mut tally, threads) = tally_of(1);
        threads[0].rrl_nxdomain.add(40);
        threads[0].rrl_dry_run.add(40);
        let line = tally.limits_line().expect("something moved");
        assert_eq!(line, "rrl_nxdomain 40, rrl_dry_run 40 (a dry run: so many were sent all the same)");
    }

    #[test]
    fn every_limit_has_its_counter() {
        let counters = Counters::default();
        for name in OF_LIMITS {
            assert!(counters.rows().any(|row| row.0 == name), "{name}");
        }
        // What is told of one limit of replies is told of each.
        let of_replies = counters.rows().filter(|row| row.0.starts_with("rrl_"));
        assert!(of_replies.into_iter().all(|row| OF_LIMITS.contains(&row.0)));
    }
}
