//! Keeps the set of zones: loads them, and publishes what came of it.
//!
//! Does not know when to load; the daemon says so.

use std::collections::HashSet;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tracing::{debug, info, warn};

use super::images::{self, Imaged, Images, Restored, Unfit};
use super::load::{Compared, LoadFailure, Loaded, load_changes, load_zone, octets_of};
use crate::base::limits::{IMAGE_OCTETS_MIN, RECLAIM_PATIENCE, STRETCH_OCTETS_MIN};
use crate::base::memory::Gathering;
use crate::base::snapshot::{Publisher, Reader};
use crate::base::spread::spread;
use crate::config::ZoneSource;
use crate::wire::{HashedName, SuffixHasher};
use crate::xfr::Policy;
use crate::zone::{FailedZone, Findings, Level, Zone, ZoneSet, ZoneState};
use crate::zonefile::{Comparison, Provenance};

/// The one writer of the zone set.
#[derive(Debug)]
pub struct Upkeep {
    hasher: SuffixHasher,
    publisher: Publisher<ZoneSet>,
    policy: Publisher<Policy>,
    /// Of which files each zone of the set was made, in its order.
    provenances: Mutex<Vec<Option<Provenance>>>,
    images: Option<Images>,
    unwritten: Mutex<Unwritten>,
}

/// What is to be done to the images.
#[derive(Debug, Default)]
struct Unwritten {
    /// Zones whose images are to be written.
    zones: Vec<Imaged>,
    /// The numbers of all zones that have an image, or have none for now because they fail.
    kept: HashSet<u64>,
}

impl Unwritten {
    /// Takes newer versions of zones, in the place of older ones that were not written yet, and lets go of zones that have none.
    fn take(&mut self, newer: Vec<Imaged>) {
        let numbers: HashSet<u64> = newer.iter().map(|(zone, _)| images::number(zone.apex())).collect();
        self.zones.retain(|(zone, _)| {
            let number = images::number(zone.apex());
            self.kept.contains(&number) && !numbers.contains(&number)
        });
        self.zones.extend(newer);
    }
}

/// What a round of loading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpkeepReport {
    /// Zones that were loaded.
    pub loaded: usize,
    /// Those among them that were read from their images.
    pub restored: usize,
    /// Zones that are served as they were, for their files hold what they held.
    pub unchanged: usize,
    /// Those among them whose files had to be read to see it: somebody touched them, or had just written them when they
    /// were read for the first time.
    pub compared: usize,
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
        let (policy, provenances) = (Publisher::new(Policy::default()), Mutex::default());
        Self { hasher, publisher, policy, provenances, images: None, unwritten: Mutex::default() }
    }

    /// The same with images, whose hasher this is.
    pub fn with_images((images, hasher): (Images, SuffixHasher)) -> Self {
        Self { images: Some(images), ..Self::new(hasher) }
    }

    /// A reader of the zone set for one thread.
    pub fn reader(&self) -> Reader<ZoneSet> {
        self.publisher.reader()
    }

    /// A reader of who may have which zone, for one thread.
    pub fn policy_reader(&self) -> Reader<Policy> {
        self.policy.reader()
    }

    /// Loads every source whose files have changed and publishes the result as one step. A zone that fails keeps its old
    /// version; without one its names get SERVFAIL; either way it fails again, and says so, each time until it is mended.
    /// Zones that are no longer among the sources go.
    ///
    /// `policy`, which says who may have them, is published with them, a moment before: whoever may no longer have a zone gets
    /// nothing of its new version.
    ///
    /// What was served before is returned for the caller to [reclaim](Retired::reclaim).
    pub fn load(&self, sources: Vec<ZoneSource>, policy: Policy) -> (UpkeepReport, Retired) {
        self.load_at(sources, policy, SystemTime::now())
    }

    fn load_at(&self, sources: Vec<ZoneSource>, policy: Policy, now: SystemTime) -> (UpkeepReport, Retired) {
        let mut provenances = self.provenances.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.publisher.current();
        let images = self.images.as_ref();
        let round = Round { hasher: &self.hasher, old: &old, provenances: &provenances, images, now };
        let results = round.load_all(&sources);
        let mut report = UpkeepReport::default();
        let (mut zones, mut next) = (Vec::with_capacity(sources.len()), Vec::with_capacity(sources.len()));
        let mut unwritten = Unwritten::default();
        for (source, Looked { before, found }) in sources.iter().zip(results) {
            let served = before.map(|index| &old.zones()[index]);
            let held = before.and_then(|index| provenances[index].clone());
            let is_image_outdated = found.is_image_outdated();
            let (state, provenance) = self.settle(source, found, served, held, &mut report);
            let mut is_worth_an_image = true;
            if let ZoneState::Loaded(zone, _) = &state {
                report.records += zone.records();
                report.octets += zone.octets();
                is_worth_an_image = zone.octets() >= IMAGE_OCTETS_MIN;
                if let Some(provenance) = provenance.as_ref().filter(|_| is_worth_an_image && is_image_outdated) {
                    unwritten.zones.push((Arc::clone(zone), provenance.clone()));
                }
            }
            if is_worth_an_image {
                unwritten.kept.insert(images::number(source.name.as_name()));
            }
            zones.push(state);
            next.push(provenance);
        }
        *provenances = next;
        if images.is_some() {
            let mut all = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
            all.kept = unwritten.kept;
            all.take(unwritten.zones);
        }
        self.policy.publish(policy);
        self.publisher.publish(old.succeed(zones));
        (report, Retired { old, next: self.publisher.current() })
    }

    /// How a zone is served from now on and what it was made of, from what a look at its source came to, and what it was before.
    fn settle(
        &self,
        source: &ZoneSource,
        found: Found,
        served: Option<&ZoneState>,
        held: Option<Provenance>,
        report: &mut UpkeepReport,
    ) -> (ZoneState, Option<Provenance>) {
        match found {
            Found::Loaded(zone, warnings, provenance) => {
                report.loaded += 1;
                tell_loaded(source, &zone, &warnings, served);
                (ZoneState::Loaded(zone, source.choices), provenance)
            }
            Found::Restored(restored) => {
                report.loaded += 1;
                report.restored += 1;
                tell_restored(source, &restored.zone);
                (ZoneState::Loaded(Arc::new(restored.zone), source.choices), Some(restored.provenance))
            }
            Found::Unchanged(renewed) => {
                report.unchanged += 1;
                report.compared += usize::from(renewed.is_some());
                (self.as_before(source, served), renewed.or(held))
            }
            Found::Failed(failure) => {
                report.failed += 1;
                tell_failed(source, &failure, served);
                (self.as_before(source, served), held)
            }
        }
    }

    /// Writes the images of zones that were loaded since it was called last. Takes time: it should be called when all is
    /// [reclaimed](Retired::reclaim), and by no thread that serves.
    pub fn write_images(&self) {
        let Some(images) = &self.images else { return };
        let Unwritten { zones, kept } = {
            let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
            Unwritten { zones: std::mem::take(&mut unwritten.zones), kept: unwritten.kept.clone() }
        };
        let count = zones.len();
        let (left, cause) = images.write(zones, &kept);
        if count > left.len() {
            info!("images written: {}", count - left.len());
        }
        if let Some(cause) = cause {
            warn!(
                not_written = left.len(),
                "images cannot be written: {cause}: the next start may load zones from their files; a reload tries again"
            );
        }
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = std::mem::replace(&mut unwritten.zones, left);
        unwritten.take(newer);
    }

    /// The version of a zone that was served before, as it is to be served now.
    fn as_before(&self, source: &ZoneSource, served: Option<&ZoneState>) -> ZoneState {
        match served {
            Some(ZoneState::Loaded(zone, _)) => ZoneState::Loaded(Arc::clone(zone), source.choices),
            Some(failed) => failed.clone(),
            None => ZoneState::Failed(Arc::new(FailedZone::new(source.name.as_name(), &self.hasher))),
        }
    }
}

/// The zones that were served before, which threads that serve may hold until their next batch; and those that follow them.
#[derive(Debug)]
#[must_use = "a thread that serves would have to free it"]
pub struct Retired {
    old: Arc<ZoneSet>,
    next: Arc<ZoneSet>,
}

impl Retired {
    /// Waits for the last reader, frees the zones and has what follows them gathered in huge pages, here: it takes time that no
    /// thread that serves should lose.
    pub fn reclaim(self) {
        let Self { old, next } = self;
        let deadline = Instant::now() + RECLAIM_PATIENCE;
        while Arc::strong_count(&old) > 1 && Instant::now() < deadline {
            thread::sleep(RECLAIM_ROUND);
        }
        drop(old);
        give_back_memory();
        let mut gathering = Gathering::default();
        next.memory().for_each(|piece| gathering.add(piece));
        let pages = gathering.finish();
        debug!(pages, "zones gathered in huge pages");
    }
}

/// How often it is looked whether the last reader has gone.
const RECLAIM_ROUND: Duration = Duration::from_millis(20);

/// One round of loading: what there was before it.
struct Round<'a> {
    hasher: &'a SuffixHasher,
    old: &'a ZoneSet,
    provenances: &'a [Option<Provenance>],
    images: Option<&'a Images>,
    now: SystemTime,
}

/// What a look at a source came to.
struct Looked {
    /// The index of the zone in the set before; none of a new one.
    before: Option<usize>,
    found: Found,
}

enum Found {
    /// Its files hold what they held. Where they had to be read to see it, this is how they are now.
    Unchanged(Option<Provenance>),
    /// The zone is where it will stay: to move it would leave holes in the memory of the thread that loaded it.
    Loaded(Arc<Zone>, Findings, Option<Provenance>),
    /// Its image was read.
    Restored(Box<Restored>),
    Failed(LoadFailure),
}

impl From<Loaded> for Found {
    fn from(Loaded { zone, warnings, provenance }: Loaded) -> Self {
        Self::Loaded(Arc::new(zone), warnings, provenance)
    }
}

impl Found {
    /// Whether there is no image, or one that tells what is no longer so.
    fn is_image_outdated(&self) -> bool {
        match self {
            Self::Unchanged(renewed) => renewed.is_some(),
            Self::Loaded(..) => true,
            Self::Restored(restored) => restored.is_outdated,
            Self::Failed(_) => false,
        }
    }
}

impl Round<'_> {
    /// Loads those of all sources that have changed, on as many threads as there are cores; the results come in the order of
    /// the sources.
    ///
    /// Small zones first, one to a thread, then the large ones, each on all threads unless they are many.
    fn load_all(&self, sources: &[ZoneSource]) -> Vec<Looked> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let small = spread(cores, sources.iter().collect(), |source| {
            let before = self.index_of(source);
            (before, self.look_at(source, before))
        });
        let large: Vec<_> =
            sources.iter().zip(&small).filter(|pair| pair.1.1.is_none()).map(|pair| (pair.0, pair.1.0)).collect();
        let at_once = if large.len() < 4 * cores { 1 } else { cores };
        let mut large =
            spread(at_once, large, |(source, before)| self.load_large(source, before, cores / at_once)).into_iter();
        let looked = small.into_iter().map(|(before, found)| Some((before, found.or_else(|| large.next())?)));
        looked.flatten().map(|(before, found)| Looked { before, found }).collect()
    }

    /// The zone's index in the set before.
    fn index_of(&self, source: &ZoneSource) -> Option<usize> {
        let mut name = HashedName::new(self.hasher);
        name.fill(source.name.as_name());
        let (index, zone) = self.old.find(&name, 0)?;
        (zone.apex_wire() == source.name.as_name().wire()).then_some(index)
    }

    /// Loads a zone on this thread, if it has changed; none where it has, and is worth several threads.
    fn look_at(&self, source: &ZoneSource, before: Option<usize>) -> Option<Found> {
        // One that failed at first has no provenance, and one that fails now has that of what is served.
        if let Some(provenance) = before.and_then(|index| self.provenances.get(index)?.as_ref()) {
            match provenance.compare(&source.file, self.now) {
                Comparison::Untouched => return Some(Found::Unchanged(None)),
                Comparison::Alike(renewed) => return Some(Found::Unchanged(Some(renewed))),
                Comparison::Changed => {}
            }
        }
        match octets_of(&source.file) {
            Ok(octets) if octets >= 2 * STRETCH_OCTETS_MIN => None,
            Ok(_) => Some(self.load(source, before, 1)),
            Err(failure) => Some(Found::Failed(failure)),
        }
    }

    /// Loads a large zone; where one is served that differs little, this is changed instead.
    fn load_large(&self, source: &ZoneSource, before: Option<usize>, threads: usize) -> Found {
        let compared = match before.map(|index| &self.old.zones()[index]) {
            Some(ZoneState::Loaded(served, _)) => load_changes(served, &source.file, threads),
            _ => None,
        };
        match compared {
            Some(Compared::Alike(provenance)) => Found::Unchanged(provenance),
            Some(Compared::Differs(loaded)) => (*loaded).into(),
            None => self.load(source, before, threads),
        }
    }

    /// Loads a zone: one that was not there before from its image, if that does.
    fn load(&self, source: &ZoneSource, before: Option<usize>, threads: usize) -> Found {
        if before.is_none()
            && let Some(restored) = self.restore(source, threads)
        {
            return Found::Restored(Box::new(restored));
        }
        match load_zone(source.name.as_name(), &source.file, self.hasher, threads) {
            Ok(loaded) => loaded.into(),
            Err(failure) => Found::Failed(failure),
        }
    }

    /// The zone from its image, if there is one that does.
    fn restore(&self, source: &ZoneSource, threads: usize) -> Option<Restored> {
        let (name, file) = (&source.name, source.file.display());
        let path = self.images?.path(name.as_name())?;
        match images::read(&path, name.as_name(), &source.file, self.hasher, threads, self.now) {
            Ok(restored) => return Some(restored),
            // The zone was taken out before, and is back.
            Err(Unfit::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(Unfit::Stale) => info!("zone {name}: its image is stale: it is loaded from {file}"),
            Err(why) => warn!("zone {name}: the image {} is not used, {why}: it is loaded from {file}", path.display()),
        }
        None
    }
}

fn tell_restored(source: &ZoneSource, zone: &Zone) {
    let name = &source.name;
    debug!(
        records = zone.records(),
        serial = zone.serial(),
        octets = zone.octets(),
        "zone {name}: read from its image"
    );
    tell_flaw(source, zone);
}

fn tell_flaw(source: &ZoneSource, zone: &Zone) {
    if let Some(flaw) = zone.flaw() {
        warn!("zone {}: {flaw}", source.name);
    }
}

fn tell_loaded(source: &ZoneSource, zone: &Zone, warnings: &Findings, before: Option<&ZoneState>) {
    let name = &source.name;
    if let Some(ZoneState::Loaded(old, _)) = before
        && (zone.serial().wrapping_sub(old.serial()) as i32) < 0
    {
        // RFC 1982 section 3.2: secondaries will not take this version. Perhaps an old copy was put in place.
        warn!("zone {name}: the serial went back from {} to {}", old.serial(), zone.serial());
    }
    debug!(records = zone.records(), serial = zone.serial(), octets = zone.octets(), "zone {name}: loaded");
    tell_flaw(source, zone);
    for finding in warnings.iter() {
        warn!("zone {name}: {finding}");
    }
    let shown = warnings.iter().count() as u64;
    let count = warnings.count(Level::Warning);
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

#[cfg(test)]
#[path = "upkeep_tests.rs"]
mod tests;
