//! Finds the zone that a name is to be answered from, and what that says of it.
//!
//! Does not write anything.

use crate::wire::{HashedName, Rtype};
use crate::zone::{Choices, Outcome, Zone, ZoneSet, ZoneState};

/// The zone whose apex is the longest match for a name, and its index.
pub(super) type Longest<'z> = Option<(usize, &'z ZoneState)>;

/// What the zones say of a name and a type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'z> {
    /// The name is in a zone of ours.
    Zone(Hit<'z>),
    /// The name is in a zone that could not be loaded.
    Failed,
    /// The name is in none of our zones.
    Nowhere,
}

/// What a zone says of a name and a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit<'z> {
    /// The zone's index.
    pub(super) index: usize,
    pub(super) zone: &'z Zone,
    pub(super) choices: &'z Choices,
    pub(super) outcome: Outcome<'z>,
}

impl<'z> Found<'z> {
    /// Looks a name up.
    #[inline]
    pub(super) fn of(zones: &'z ZoneSet, name: &HashedName, qtype: Rtype) -> Self {
        Self::within(zones, zones.find(name, 0), name, qtype)
    }

    /// The same for a name whose longest match among the zones is known.
    #[inline]
    pub(super) fn within(zones: &'z ZoneSet, longest: Longest<'z>, name: &HashedName, qtype: Rtype) -> Self {
        match zone_of(zones, longest, name, qtype) {
            Some((index, ZoneState::Loaded(zone, choices))) => {
                Self::Zone(Hit { index, zone, choices, outcome: zone.lookup(name, qtype) })
            }
            Some((_, ZoneState::Failed(_))) => Self::Failed,
            None => Self::Nowhere,
        }
    }

    /// Whether it is in the zone with this index.
    pub(super) fn is_in(&self, index: usize) -> bool {
        matches!(self, Self::Zone(hit) if hit.index == index)
    }

    /// Whether it takes the hash of a name to prove it: that none is there, or none but a wildcard (RFC 5155 section 7.2).
    pub(super) fn takes_hash(&self) -> bool {
        let Self::Zone(Hit { zone, outcome, .. }) = self else { return false };
        zone.hashes_names()
            && match outcome {
                Outcome::NxDomain(_) => true,
                Outcome::Answer(rrset) | Outcome::Cname(rrset) => rrset.node().is_wildcard(),
                Outcome::NoData(node) | Outcome::Signatures(node) => node.is_wildcard(),
                Outcome::Dname(_) | Outcome::Referral(_) => false,
            }
    }
}

/// The zone to answer from: the longest match, but for DS at an apex the parent zone, if it is served here
/// (RFC 4035 section 3.1.4.1). A zone further up, which delegates the parent away, is not the one to ask.
#[inline]
fn zone_of<'z>(zones: &'z ZoneSet, longest: Longest<'z>, name: &HashedName, qtype: Rtype) -> Longest<'z> {
    let found = longest?;
    if qtype != Rtype::DS || found.1.apex_labels() != name.label_count() || name.label_count() == 0 {
        return Some(found);
    }
    let delegates_parent = |zone: &Zone| matches!(zone.lookup(name, Rtype::DS), Outcome::Referral(_));
    match zones.find(name, 1) {
        Some((_, ZoneState::Loaded(above, _))) if delegates_parent(above) => Some(found),
        None => Some(found),
        above => above,
    }
}
