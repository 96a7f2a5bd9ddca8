//! All zones of the server, found by longest match.
//!
//! Does not know how zones are read or published.

use std::ops::Range;
use std::sync::Arc;

use super::depths::Depths;
use super::{Choices, Zone};
use crate::base::limits::{SMALL_SET_OCTETS, SMALL_SET_ZONES};
use crate::base::memory::addresses;
use crate::base::prefetch::Places;
use crate::base::words::same;
use crate::wire::{HashedName, Name, SuffixHasher};

/// A zone that the server is there for.
#[derive(Debug, Clone)]
pub enum ZoneState {
    /// It is served, and this is how.
    Loaded(Arc<Zone>, Choices),
    /// It could not be loaded yet: its names get SERVFAIL, and not what a zone above would say of them.
    Failed(Arc<FailedZone>),
}

/// What is known of a zone that could not be loaded: its apex.
#[derive(Debug)]
pub struct FailedZone {
    apex: Box<[u8]>,
    apex_labels: usize,
    apex_hash: u64,
}

impl FailedZone {
    /// The zone at `apex`.
    pub fn new(apex: Name<'_>, hasher: &SuffixHasher) -> Self {
        let lower = apex.to_lower();
        let wire = lower.as_name().wire().into();
        Self { apex: wire, apex_labels: apex.label_count(), apex_hash: hasher.name(apex) }
    }
}

impl From<Arc<Zone>> for ZoneState {
    /// The zone, served as it is where nobody chose otherwise.
    fn from(zone: Arc<Zone>) -> Self {
        Self::Loaded(zone, Choices::default())
    }
}

impl ZoneState {
    /// The apex in wire form, in lower case.
    #[inline]
    pub fn apex_wire(&self) -> &[u8] {
        match self {
            Self::Loaded(zone, _) => zone.apex_wire(),
            Self::Failed(failed) => &failed.apex,
        }
    }

    /// How many labels the apex has.
    #[inline]
    pub fn apex_labels(&self) -> usize {
        match self {
            Self::Loaded(zone, _) => zone.apex_labels(),
            Self::Failed(failed) => failed.apex_labels,
        }
    }

    fn apex_hash(&self) -> u64 {
        match self {
            Self::Loaded(zone, _) => zone.apex_hash(),
            Self::Failed(failed) => failed.apex_hash,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loaded(a, how_a), Self::Loaded(b, how_b)) => Arc::ptr_eq(a, b) && how_a == how_b,
            (Self::Failed(a), Self::Failed(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// The zones that are served at one moment.
#[derive(Debug)]
pub struct ZoneSet {
    hasher: SuffixHasher,
    zones: Vec<ZoneState>,
    /// Changes with each zone: what was answered from one version of a zone ends with it.
    versions: Vec<u64>,
    /// Changes when zones come or go: then another zone may be the longest match.
    shape: u64,
    generation: u64,
    /// Changes when any of the zones does, or how it is served, or when zones come or go.
    content: u64,
    /// Upper half: part of the apex's hash; lower half: 1 + the zone's index; 0: empty. Probed linearly.
    slots: Box<[u64]>,
    /// How many labels apexes have.
    apex_depths: Depths,
    is_small: bool,
    hashes_names: bool,
}

impl ZoneSet {
    /// No zones. `hasher` must be the one that the zones to come were built with.
    pub fn empty(hasher: &SuffixHasher) -> Self {
        Self {
            hasher: hasher.clone(),
            zones: Vec::new(),
            versions: Vec::new(),
            shape: 0,
            generation: 0,
            content: 0,
            slots: Box::default(),
            apex_depths: Depths::default(),
            is_small: true,
            hashes_names: false,
        }
    }

    /// The set that follows this one: the same zones (told by their `Arc`s and choices) keep their versions. Of several zones with one apex the
    /// last one is served.
    #[must_use]
    pub fn succeed(&self, zones: Vec<ZoneState>) -> Self {
        let generation = self.generation + 1;
        let known = |index: usize, zone: &ZoneState| self.zones.get(index).is_some_and(|old| old.is_same(zone));
        let numbered = zones.iter().enumerate();
        let versions: Vec<u64> =
            numbered.map(|(index, zone)| if known(index, zone) { self.versions[index] } else { generation }).collect();
        let same_shape = zones.len() == self.zones.len()
            && zones.iter().zip(&self.zones).all(|(new, old)| new.apex_wire() == old.apex_wire());
        let mut slots = vec![0u64; (zones.len() * 2).next_power_of_two()].into_boxed_slice();
        let mut apex_depths = Depths::default();
        for (index, zone) in zones.iter().enumerate() {
            let mut at = zone.apex_hash() as usize & (slots.len() - 1);
            while slots[at] != 0 && zones[slots[at] as u32 as usize - 1].apex_wire() != zone.apex_wire() {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = (zone.apex_hash() >> 32 << 32) | (index as u64 + 1);
            apex_depths.add(zone.apex_labels());
        }
        let shape = if same_shape { self.shape } else { generation };
        let content = if same_shape && versions == self.versions { self.content } else { generation };
        let is_small = is_small(&zones);
        let hashes = |zone: &ZoneState| matches!(zone, ZoneState::Loaded(zone, _) if zone.hashes_names());
        let hashes_names = zones.iter().any(hashes);
        let hasher = self.hasher.clone();
        Self { hasher, zones, versions, shape, generation, content, slots, apex_depths, is_small, hashes_names }
    }

    /// Whether all zones are those of another set that this one came from, served alike: every answer is the same then.
    #[inline]
    pub fn answers_as(&self, other: &Self) -> bool {
        self.content == other.content
    }

    /// Whether there is a zone whose denials take a hash.
    pub fn hashes_names(&self) -> bool {
        self.hashes_names
    }

    /// Whether a processor's own caches hold all of it, so that nothing need be fetched ahead.
    #[inline]
    pub fn is_small(&self) -> bool {
        self.is_small
    }

    /// The addresses of what a lookup reads, piece by piece.
    pub fn memory(&self) -> impl Iterator<Item = Range<usize>> {
        let zones = self.zones.iter().filter_map(|zone| match zone {
            ZoneState::Loaded(zone, _) => Some(zone.memory()),
            ZoneState::Failed(_) => None,
        });
        [addresses(&self.slots), addresses(&self.zones)].into_iter().chain(zones.flatten())
    }

    /// The hasher of all names that are looked up here.
    pub fn hasher(&self) -> &SuffixHasher {
        &self.hasher
    }

    /// The zones, in the order they were given.
    pub fn zones(&self) -> &[ZoneState] {
        &self.zones
    }

    /// Changes whenever zones come or go.
    #[inline]
    pub fn shape(&self) -> u64 {
        self.shape
    }

    /// The version of the zone at `index`; none where there is no such zone.
    #[inline]
    pub fn version(&self, index: usize) -> Option<u64> {
        self.versions.get(index).copied()
    }

    /// Gathers the slots where the search for `name` will start. A single zone is found without them.
    #[inline]
    pub fn gather_slots<const N: usize>(&self, name: &HashedName, places: &mut Places<N>) {
        for depth in self.apex_depths.up_from(name.label_count()).take(2) {
            let at = name.hash(name.label_count() - depth) as usize & (self.slots.len() - 1);
            places.gather(&self.slots[at]);
        }
    }

    /// The zone with the longest apex that is `name` or above it, and its index. `skip` labels are taken off `name`
    /// first.
    #[inline]
    pub fn find(&self, name: &HashedName, skip: usize) -> Option<(usize, &ZoneState)> {
        if let [only] = &self.zones[..] {
            // Nothing to search among.
            let above = name.label_count().checked_sub(only.apex_labels()).filter(|&above| above >= skip)?;
            return same(only.apex_wire(), name.suffix(above)).then_some((0, only));
        }
        self.find_among_many(name, skip)
    }

    /// The index of the zone that [`find`](Self::find) would most likely find, told by its slot alone; none where it would find
    /// none.
    #[inline]
    pub fn guess(&self, name: &HashedName) -> Option<usize> {
        let labels = name.label_count();
        self.apex_depths.up_from(labels).find_map(|depth| {
            let hash = name.hash(labels - depth);
            self.indices(hash).next()
        })
    }

    fn find_among_many(&self, name: &HashedName, skip: usize) -> Option<(usize, &ZoneState)> {
        let labels = name.label_count().checked_sub(skip)?;
        self.apex_depths.up_from(labels).find_map(|depth| self.at(name, name.label_count() - depth))
    }

    /// The zone whose apex is left when `skip` labels are taken off `name`.
    #[inline]
    fn at(&self, name: &HashedName, skip: usize) -> Option<(usize, &ZoneState)> {
        let (hash, apex) = (name.hash(skip), name.suffix(skip));
        let numbered = self.indices(hash).map(|index| (index, &self.zones[index]));
        numbered.into_iter().find(|(_, zone)| same(zone.apex_wire(), apex))
    }

    /// The indices of zones whose apex may have this hash: the zone that has it, and seldom others.
    #[inline]
    fn indices(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        std::iter::from_fn(move || {
            loop {
                let slot = self.slots[at];
                if slot == 0 {
                    return None;
                }
                at = (at + 1) & mask;
                if slot >> 32 == hash >> 32 {
                    return Some(slot as u32 as usize - 1);
                }
            }
        })
    }
}

/// Whether the zones take few enough octets together.
fn is_small(zones: &[ZoneState]) -> bool {
    let octets = |zone: &ZoneState| match zone {
        ZoneState::Loaded(zone, _) => zone.octets(),
        ZoneState::Failed(_) => 0,
    };
    zones.len() <= SMALL_SET_ZONES && zones.iter().map(octets).sum::<usize>() <= SMALL_SET_OCTETS
}
