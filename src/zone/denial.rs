//! What denies in a signed zone, in order: NSEC by name, NSEC3 by hash.
//!
//! Does not know queries, and verifies nothing: a zone whose chain has holes is served with them.

use std::cmp::Ordering;
use std::ops::Range;

use super::Zone;
use super::chain::{Nsec3Chain, parameters_of};
use super::node::Node;
use super::order::{Place, compare, key, sort};
use super::renewed::Renewed;
use crate::base::memory::addresses;
use crate::wire::Rtype;

/// The records that deny, to be found by what they deny.
#[derive(Debug, Default)]
pub(super) enum Denial {
    /// The zone is not signed.
    #[default]
    None,
    /// The nodes that have an NSEC, in canonical order; a key is the first octets of a name.
    Nsec(Box<[Place]>),
    /// One chain of NSEC3; aside, for most zones of a server that has a million have none.
    Nsec3(Box<Nsec3Chain>),
}

impl Denial {
    /// Puts in order what `zone` denies with. A zone that has both kinds of chain is on its way from one to the other: the
    /// one with NSEC3 is whole once an NSEC3PARAM tells of it (RFC 5155 section 4.1.2, 10.4).
    pub(super) fn of(zone: &mut Zone, threads: usize) -> Self {
        if let Some(mut chain) = Nsec3Chain::of(zone) {
            if !chain.is_costly {
                chain.find_all_names(zone, threads);
            }
            return Self::Nsec3(Box::new(chain));
        }
        if zone.apex_node().rrset(Rtype::NSEC).is_none() {
            return Self::None;
        }
        let has_nsec = |node: Node<'_>| node.rrset(Rtype::NSEC).is_some();
        let all = zone.places_in(0..zone.blocks.len());
        let mut places: Vec<Place> = all.filter(|place| zone.node_in(*place).is_some_and(has_nsec)).collect();
        sort(zone, &mut places, 0);
        // Sorting has left the key of the last octets that names were told apart by.
        places.iter_mut().for_each(|place| place.key = key(zone.at(*place).labels(), 0));
        Self::Nsec(places.into())
    }

    /// The same for the next version of `old`, whose denial this is, at the cost of what is new and of a copy of the index.
    /// None where the zone is to be built anew instead.
    pub(super) fn next(&self, old: &Zone, zone: &mut Zone, renewed: Renewed<'_>) -> Option<Self> {
        match self {
            Self::Nsec(places) if zone.apex_node().rrset(Rtype::NSEC).is_some() => {
                Some(Self::Nsec(renewed.nsec_places(places, old, zone).into()))
            }
            Self::Nsec3(chain) => {
                let is_told = parameters_of(zone).is_some_and(|parameters| chain.is_made_with(parameters));
                let chain = if is_told { renewed.chain(chain, old, zone)? } else { return None };
                Some(Self::Nsec3(Box::new(chain)))
            }
            _ => Some(Self::of(zone, 1)),
        }
    }

    /// Where its indexes stand.
    pub(super) fn memory(&self) -> [Range<usize>; 2] {
        match self {
            Self::None => [0..0, 0..0],
            Self::Nsec(places) => [addresses(places), 0..0],
            Self::Nsec3(chain) => chain.memory(),
        }
    }

    /// Octets of memory it takes.
    pub(super) fn octets(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Nsec(places) => size_of_val(&**places),
            Self::Nsec3(chain) => chain.octets(),
        }
    }
}

/// The node whose NSEC has the name in its span, or is its own: the last one in front of it, in canonical order.
pub(super) fn nsec_for<'z>(zone: &'z Zone, places: &[Place], labels: &[u8]) -> Option<Node<'z>> {
    let wanted = key(labels, 0);
    let end = places.partition_point(|place| canonically(zone, *place, wanted, labels).is_le());
    zone.node_in(*places.get(end.checked_sub(1)?)?)
}

/// How the name at a place, and the one with these labels and this key, stand to each other in canonical order.
#[inline]
pub(super) fn canonically(zone: &Zone, place: Place, key: u64, labels: &[u8]) -> Ordering {
    place.key.cmp(&key).then_with(|| compare(zone.at(place).labels(), labels))
}
