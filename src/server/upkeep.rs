//! Keeps the set of zones: loads them, and publishes what came of it.
//!
//! Does not know when to load; the daemon says so.

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tracing::{debug, warn};

use super::load::{LoadFailure, Loaded, load_zone};
use crate::base::limits::{RECLAIM_PATIENCE, STRETCH_OCTETS_MIN};
use crate::base::snapshot::{Publisher, Reader};
use crate::base::spread::spread;
use crate::config::ZoneSource;
use crate::wire::SuffixHasher;
use crate::xfr::Policy;
use crate::zone::{FailedZone, Level, ZoneSet, ZoneState};

/// The one writer of the zone set.
#[derive(Debug)]
pub struct Upkeep {
    hasher: SuffixHasher,
    publisher: Publisher<ZoneSet>,
    policy: Publisher<Policy>,
}

/// What a round of loading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpkeepReport {
    /// Zones that were loaded.
    pub loaded: usize,
    /// Zones that failed; an older version of them may still be served.
    pub failed: usize,
    /// Records in all zones that are served.
    pub records: u64,
    /// Octets of memory that the compiled zones take.
    pub octets: usize,
}

impl Upkeep {
    /// No zones yet. `hasher` should be [random](SuffixHasher::random).
    pub fn new(hasher: SuffixHasher) -> Self {
        let publisher = Publisher::new(ZoneSet::empty(&hasher));
        Self { hasher, publisher, policy: Publisher::new(Policy::default()) }
    }

    /// A reader of the zone set for one thread.
    pub fn reader(&self) -> Reader<ZoneSet> {
        self.publisher.reader()
    }

    /// A reader of who may have which zone, for one thread.
    pub fn policy_reader(&self) -> Reader<Policy> {
        self.policy.reader()
    }

    /// Loads every source anew and publishes the result as one step. A zone that fails keeps its old version; without
    /// one its names get SERVFAIL. Zones that are no longer among the sources go.
    ///
    /// `policy`, which says who may have them, is published with them, a moment before: whoever may no longer have a zone gets
    /// nothing of its new version.
    ///
    /// What was served before is returned for the caller to [reclaim](Retired::reclaim).
    pub fn load(&self, sources: Vec<ZoneSource>, policy: Policy) -> (UpkeepReport, Retired) {
        let old = self.publisher.current();
        let served: HashMap<&[u8], &ZoneState> = old.zones().iter().map(|zone| (zone.apex_wire(), zone)).collect();
        let mut report = UpkeepReport::default();
        let mut zones = Vec::with_capacity(sources.len());
        for (source, result) in sources.iter().zip(load_all(&sources, &self.hasher)) {
            let before = served.get(source.name.as_name().wire()).copied();
            let state = match result {
                Ok(loaded) => {
                    report.loaded += 1;
                    tell_loaded(source, &loaded, before);
                    ZoneState::Loaded(Arc::new(loaded.zone), source.choices)
                }
                Err(failure) => {
                    report.failed += 1;
                    tell_failed(source, &failure, before);
                    match before {
                        Some(ZoneState::Loaded(zone, _)) => ZoneState::Loaded(Arc::clone(zone), source.choices),
                        Some(failed) => failed.clone(),
                        None => ZoneState::Failed(Arc::new(FailedZone::new(source.name.as_name(), &self.hasher))),
                    }
                }
            };
            if let ZoneState::Loaded(zone, _) = &state {
                report.records += zone.records();
                report.octets += zone.octets();
            }
            zones.push(state);
        }
        self.policy.publish(policy);
        self.publisher.publish(old.succeed(zones));
        (report, Retired(old))
    }
}

/// The zones that were served before. Threads that serve may hold them until their next batch.
#[derive(Debug)]
#[must_use = "a thread that serves would have to free it"]
pub struct Retired(Arc<ZoneSet>);

impl Retired {
    /// Waits for the last reader and frees the zones here: it takes time that no thread that serves should lose.
    pub fn reclaim(self) {
        let deadline = Instant::now() + RECLAIM_PATIENCE;
        while Arc::strong_count(&self.0) > 1 && Instant::now() < deadline {
            thread::sleep(RECLAIM_ROUND);
        }
        drop(self);
        give_back_memory();
    }
}

/// How often it is looked whether the last reader has gone.
const RECLAIM_ROUND: Duration = Duration::from_millis(20);

/// Loads all sources, on as many threads as there are cores; the results come in the order of the sources.
///
/// Small zones first, one to a thread, then the large ones, each on all threads unless they are many.
fn load_all(sources: &[ZoneSource], hasher: &SuffixHasher) -> Vec<Result<Loaded, LoadFailure>> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let load = |source: &ZoneSource, threads| load_zone(source.name.as_name(), &source.file, hasher, threads);
    let small = spread(cores, sources.iter().collect(), |source| (!is_large(source)).then(|| load(source, 1)));
    let large: Vec<&ZoneSource> =
        sources.iter().zip(&small).filter(|pair| pair.1.is_none()).map(|pair| pair.0).collect();
    let at_once = if large.len() < 4 * cores { 1 } else { cores };
    let mut large = spread(at_once, large, |source| load(source, cores / at_once)).into_iter();
    small.into_iter().filter_map(|result| result.or_else(|| large.next())).collect()
}

/// Whether a zone is worth several threads.
fn is_large(source: &ZoneSource) -> bool {
    fs::metadata(&source.file).is_ok_and(|metadata| metadata.len() >= 2 * STRETCH_OCTETS_MIN)
}

fn tell_loaded(source: &ZoneSource, loaded: &Loaded, before: Option<&ZoneState>) {
    let (name, zone) = (&source.name, &loaded.zone);
    if let Some(ZoneState::Loaded(old, _)) = before
        && (zone.serial().wrapping_sub(old.serial()) as i32) < 0
    {
        // RFC 1982 section 3.2: secondaries will not take this version. Perhaps an old copy was put in place.
        warn!("zone {name}: the serial went back from {} to {}", old.serial(), zone.serial());
    }
    debug!(records = zone.records(), serial = zone.serial(), octets = zone.octets(), "zone {name}: loaded");
    if let Some(iterations) = zone.costly_nsec3_iterations() {
        // RFC 9276 section 3.1: there should be none at all.
        warn!(
            "zone {name}: NSEC3 with {iterations} iterations: denials are not proved, and validators take the zone for insecure"
        );
    }
    for finding in loaded.warnings.iter() {
        warn!("zone {name}: {finding}");
    }
    let shown = loaded.warnings.iter().count() as u64;
    let count = loaded.warnings.count(Level::Warning);
    if count > shown {
        warn!("zone {name}: {} more warnings", count - shown);
    }
}

fn tell_failed(source: &ZoneSource, failure: &LoadFailure, before: Option<&ZoneState>) {
    let (name, file) = (&source.name, source.file.display());
    let consequence = match before {
        Some(ZoneState::Loaded(zone, _)) => format!("the version with serial {} still serves", zone.serial()),
        _ => "its names get SERVFAIL".to_owned(),
    };
    warn!("zone {name}: not loaded from {file}: {consequence}");
    let LoadFailure::File(errors) = failure else {
        failure.to_string().lines().for_each(|line| warn!("zone {name}: {line}"));
        return;
    };
    for error in errors.shown() {
        warn!("zone {name}: {error}: `{}`", error.excerpt.trim());
    }
    if errors.count() > errors.shown().len() as u64 {
        warn!("zone {name}: {}", errors.summary());
    }
}

/// Reading a zone takes memory that the compiled zone does not: returns it to the kernel.
fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: malloc_trim has no preconditions; it releases free memory of the allocator.
        let released = unsafe { libc::malloc_trim(0) };
        debug!(released, "free memory given back");
    }
}
