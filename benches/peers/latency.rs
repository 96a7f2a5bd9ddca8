//! How long replies took: counts in steps that grow with the time, so that a percentile is right to three percent.

use std::time::Duration;

/// Steps for each doubling of the time.
const STEPS: usize = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Doublings: the last step is longer than anything that is not lost.
const DOUBLINGS: usize = 40;

/// Times by how often they were.
#[derive(Clone, Default)]
pub(crate) struct Latencies {
    counts: Vec<u32>,
    total: u64,
}

impl std::fmt::Debug for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} latencies", self.total)
    }
}

impl Latencies {
    pub(crate) fn add(&mut self, time: Duration) {
        if self.counts.is_empty() {
            self.counts = vec![0; STEPS * DOUBLINGS];
        }
        let step = step_of(time.as_nanos() as u64).min(self.counts.len() - 1);
        self.counts[step] += 1;
        self.total += 1;
    }

    /// The time that `share` of them did not exceed, in microseconds.
    pub(crate) fn percentile_us(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (step, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted && seen > 0 {
                return start_of(step + 1) as f64 / 1_000.0;
            }
        }
        f64::NAN
    }
}

/// The step in which a number of nanoseconds lies: the numbers below 2 × `STEPS` have one each, then each doubling has
/// `STEPS`.
fn step_of(ns: u64) -> usize {
    let doublings = (ns | STEPS as u64).ilog2() - STEP_BITS;
    doublings as usize * STEPS + (ns >> doublings) as usize
}

/// The first number of nanoseconds in a step.
fn start_of(step: usize) -> u64 {
    let doublings = (step / STEPS).saturating_sub(1);
    ((step - doublings * STEPS) as u64) << doublings
}

/// Every time lies in its step, and steps are narrow.
pub(crate) fn check_itself() -> Result<(), String> {
    for ns in (0..200).chain([1_000, 12_345, 1_000_000, 999_999_999]) {
        let (start, end) = (start_of(step_of(ns)), start_of(step_of(ns) + 1));
        if !(start..end).contains(&ns) || (end - start) * STEPS as u64 > ns.max(STEPS as u64) {
            return Err(format!("{ns} ns are counted as {start} to {end}"));
        }
    }
    let mut latencies = Latencies::default();
    (1..=1_000).for_each(|us| latencies.add(Duration::from_micros(us)));
    match (latencies.percentile_us(0.5), latencies.percentile_us(0.99)) {
        (500.0..520.0, 990.0..1_025.0) => Ok(()),
        wrong => Err(format!("percentiles of 1 to 1,000 are {wrong:?}")),
    }
}
