//! Finds the zone that a name is to be answered from, and what that says of it.
//!
//! Does not write anything.

use crate::wire::{HashedName, Rtype};
use crate::zone::{Outcome, Zone, ZoneSet, ZoneState};

/// The zone whose apex is the longest match for a name, and its index.
pub(super) type Longest<'z> = Option<(usize, &'z ZoneState)>;

/// What the zones say of a name and a type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'z> {
    /// The name is in this zone, the one with this index.
    Zone(usize, &'z Zone, Outcome<'z>),
    /// The name is in a zone that could not be loaded.
    Failed,
    /// The name is in none of our zones.
    Nowhere,
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
            Some((index, ZoneState::Loaded(zone))) => Self::Zone(index, zone, zone.lookup(name, qtype)),
            Some((_, ZoneState::Failed(_))) => Self::Failed,
            None => Self::Nowhere,
        }
    }

    /// Whether an alias leads on from it, so that it takes more lookups.
    #[inline]
    pub(super) fn is_alias(&self) -> bool {
        matches!(self, Self::Zone(_, _, Outcome::Cname(_) | Outcome::Dname(_)))
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
        Some((_, ZoneState::Loaded(above))) if delegates_parent(above) => Some(found),
        None => Some(found),
        above => above,
    }
}
