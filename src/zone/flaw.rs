//! What keeps a signed zone from proving what it denies, as far as it shows without verifying: nothing to deny with, nothing
//! that can be used, a chain with a break.
//!
//! Does not judge what the records say otherwise: that is the checker's. The zone is served all the same.

use std::fmt;

use super::Zone;
use super::chain::{Nsec3Chain, hash_of};
use super::denial::Denial;
use super::node::Node;
use super::order::Place;
use super::renewed::Renewed;
use super::stored::{StoredName, Tail};
use crate::base::spread::spread;
use crate::wire::{NSEC3_HASH_OCTETS, NameBuf, Nsec3Parameters, Rtype};

/// Why denials of a signed zone are not proved, or not all of them.
#[derive(Debug, Clone)]
pub enum Flaw {
    /// Its apex has no NSEC, and no name an NSEC3.
    NoDenial,
    /// It has NSEC3, and no NSEC3PARAM that tells of them (RFC 5155 section 4.1.2), or none for the apex.
    NoChain,
    /// So many iterations of NSEC3 that nothing is hashed for a query (RFC 9276 section 3.2).
    Costly(u16),
    /// The NSEC or NSEC3 of this name does not name the one behind it.
    Broken(Rtype, Box<NameBuf>),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDenial => f.write_str("signed, with neither NSEC at its apex nor NSEC3: denials are not proved"),
            Self::NoChain => f.write_str(
                "NSEC3 that cannot be used: an NSEC3PARAM of theirs with flags 0, or the NSEC3 of the apex is not there; denials are not proved",
            ),
            // RFC 9276 section 3.1: there should be none at all.
            Self::Costly(iterations) => write!(
                f,
                "NSEC3 with {iterations} iterations: denials are not proved, and validators take the zone for insecure"
            ),
            Self::Broken(rtype, owner) => write!(
                f,
                "the chain of {rtype} is broken behind {owner}: not all denials are proved (gannet-checkzone finds every break)"
            ),
        }
    }
}

impl Zone {
    /// What keeps it from proving what it denies; none where it is not signed.
    pub fn flaw(&self) -> Option<Flaw> {
        let (place, rtype) = match &self.denial {
            Denial::None => return self.is_signed().then(|| self.without_denial()),
            Denial::Nsec3(chain) if chain.is_costly => return Some(Flaw::Costly(chain.iterations)),
            Denial::Nsec3(chain) => (chain.links.get(self.first_break? as usize)?.place(), Rtype::NSEC3),
            Denial::Nsec(places) => (*places.get(self.first_break? as usize)?, Rtype::NSEC),
        };
        Some(Flaw::Broken(rtype, Box::new(self.node_in(place)?.owner())))
    }

    fn is_signed(&self) -> bool {
        self.apex_node().rrsets().any(|rrset| rrset.signature_count() > 0)
    }

    /// Which of the two it is. Where there are NSEC3, every other name has one or so: they are soon found.
    fn without_denial(&self) -> Flaw {
        let mut nodes = self.blocks.iter().flat_map(|block| block.offsets().map(|at| Node::new(self, block.node(at))));
        if nodes.any(|node| node.rrset(Rtype::NSEC3).is_some()) { Flaw::NoChain } else { Flaw::NoDenial }
    }
}

impl Denial {
    /// The first link of the chain that does not name the one behind it; the last one names the first.
    pub(super) fn first_break(&self, zone: &Zone, threads: usize) -> Option<u32> {
        match self {
            Self::Nsec3(chain) if !chain.is_costly => {
                first_break(&chain.links, threads, |link, next| leads_by_hash(zone, chain, link.place(), next.place()))
            }
            Self::Nsec(places) => first_break(places, threads, |link, next| leads_by_name(zone, link, next)),
            _ => None,
        }
    }
}

impl Zone {
    /// The first break of its chain; `old` is the version before it, in whose chain was none if it says so.
    pub(super) fn next_break(&self, old: &Self, renewed: Renewed<'_>) -> Option<u32> {
        match (old.first_break, &old.denial, &self.denial) {
            (None, Denial::Nsec(before), Denial::Nsec(places)) => {
                let (before, places) = (before.iter().copied(), places.iter().copied());
                renewed_break(before, places, renewed, |link, next| leads_by_name(self, link, next))
            }
            (None, Denial::Nsec3(before), Denial::Nsec3(chain)) if !chain.is_costly => {
                renewed_break(before.places(), chain.places(), renewed, |link, next| {
                    leads_by_hash(self, chain, link, next)
                })
            }
            _ => self.denial.first_break(self, 1),
        }
    }
}

/// The first place that does not lead to the next one, where all did `before`.
fn renewed_break(
    before: impl Iterator<Item = Place> + Clone,
    places: impl Iterator<Item = Place> + Clone,
    renewed: Renewed<'_>,
    leads: impl Fn(Place, Place) -> bool,
) -> Option<u32> {
    let is_at = |one: Place, other: Place| (one.block, one.at) == (other.block, other.at);
    // Whatever is in no new block was in the chain before, in the same order.
    let mut passed = before.clone().zip(before.cycle().skip(1));
    let mut follow = places.clone().zip(places.cycle().skip(1));
    let broken = follow.position(|(link, next)| {
        let is_as_before = !renewed.has(link)
            && passed.find(|pair| is_at(pair.0, link)).is_some_and(|pair| is_at(pair.1, next))
            && !renewed.has(next);
        !is_as_before && !leads(link, next)
    });
    broken.map(|at| at as u32)
}

/// The first link that does not lead to the next one.
fn first_break<T: Copy + Sync>(links: &[T], threads: usize, leads: impl Fn(T, T) -> bool + Sync) -> Option<u32> {
    let each = links.len().div_ceil(threads.max(1) * 4).max(1);
    let ranges = (0..links.len()).step_by(each).map(|start| start..(start + each).min(links.len())).collect();
    let found = spread(threads, ranges, |mut range| range.find(|&at| !leads(links[at], links[(at + 1) % links.len()])));
    found.into_iter().flatten().next().map(|at| at as u32)
}

/// Whether the NSEC3 at a place has the hash of the one at `next` for its next one.
fn leads_by_hash(zone: &Zone, chain: &Nsec3Chain, link: Place, next: Place) -> bool {
    let hash = zone.node_in(next).and_then(hash_of);
    zone.node_in(link).zip(hash).is_some_and(|(link, hash)| names_hash(chain, link, &hash))
}

/// Whether the NSEC at a place has the name at `next` for its next one.
fn leads_by_name(zone: &Zone, link: Place, next: Place) -> bool {
    zone.node_in(link).zip(zone.node_in(next)).is_some_and(|(link, next)| names_node(zone, link, next))
}

/// Whether the node's NSEC3 of this chain has the hash for its next one (RFC 5155 section 3.1.7).
fn names_hash(chain: &Nsec3Chain, node: Node<'_>, hash: &[u8; NSEC3_HASH_OCTETS]) -> bool {
    let mut records = node.rrset(Rtype::NSEC3).into_iter().flat_map(|rrset| rrset.records());
    records.any(|rdata| {
        let Some((parameters, _, rest)) = Nsec3Parameters::split_from(rdata) else { return false };
        let next = rest.split_first().and_then(|(&length, rest)| rest.get(..usize::from(length)));
        next == Some(&hash[..]) && chain.is_made_with(parameters)
    })
}

/// Whether the node's NSEC has the other's name for its next one (RFC 4034 section 4.1.1).
fn names_node(zone: &Zone, node: Node<'_>, other: Node<'_>) -> bool {
    let mut records = node.rrset(Rtype::NSEC).into_iter().flat_map(|rrset| rrset.records());
    records.any(|rdata| {
        let name = StoredName::split_from(rdata).0;
        match name.tail {
            Tail::Apex => name.labels.eq_ignore_ascii_case(other.labels()),
            Tail::Owner | Tail::Absolute => {
                zone.spell(name, node).as_name().to_lower().as_name().wire() == other.owner().as_name().wire()
            }
        }
    })
}

#[cfg(test)]
#[path = "flaw_tests.rs"]
mod tests;
