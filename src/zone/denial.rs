//! What denies in a signed zone, in order: NSEC by name, NSEC3 by hash. Made once, when the zone is sealed.
//!
//! Does not know queries, and verifies nothing: a zone whose chain has holes is served with them.

use std::cmp::Ordering;
use std::ops::Range;

use super::Zone;
use super::ancestry::Ancestry;
use super::block::Block;
use super::compile::block_of;
use super::node::{Layout, Node, Tail};
use super::order::{Found, Place, compare, key, sort};
use crate::base::limits::NSEC3_ITERATIONS_MAX;
use crate::base::memory::addresses;
use crate::base::spread::spread;
use crate::wire::{Nsec3Hash, Nsec3Parameters, Rtype, nsec3_hash_of_label};

/// SHA-1, the only hash of NSEC3 (RFC 5155 section 11).
const SHA1: u8 = 1;

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

/// The NSEC3 of one chain.
#[derive(Debug)]
pub(super) struct Nsec3Chain {
    pub(super) iterations: u16,
    pub(super) salt: Box<[u8]>,
    /// The nodes that have them, by hash; a key is its first octets.
    pub(super) links: Box<[Place]>,
    /// Hashing takes so long that no query gets it; only the apex' hash is known.
    pub(super) is_costly: bool,
    /// The NSEC3 of the apex.
    pub(super) apex: u32,
    /// The tail of the apex, which most denials begin with: in its node it is behind all that stands there.
    pub(super) apex_tail: Option<Tail>,
}

/// Where a hash is in a chain: the NSEC3 that has it, or the one whose span it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) link: u32,
    pub(super) is_match: bool,
}

impl Denial {
    /// Puts in order what `zone` denies with. A zone that has both kinds of chain is on its way from one to the other: the
    /// one with NSEC3 is whole once an NSEC3PARAM tells of it (RFC 5155 section 4.1.2, 10.4).
    pub(super) fn of(zone: &mut Zone, threads: usize) -> Self {
        if let Some(mut chain) = Nsec3Chain::of(zone) {
            if !chain.is_costly {
                chain.find_all_names(zone, threads);
                chain.apex_tail = zone.apex_node().tail();
            }
            return Self::Nsec3(Box::new(chain));
        }
        if zone.apex_node().rrset(Rtype::NSEC).is_none() {
            return Self::None;
        }
        let mut places = places_with(zone, |node| node.rrset(Rtype::NSEC).is_some());
        sort(zone, &mut places, 0);
        // Sorting has left the key of the last octets that names were told apart by.
        places.iter_mut().for_each(|place| place.key = key(zone.at(*place).labels(), 0));
        Self::Nsec(places.into())
    }

    /// The same for the next version of `old`, whose denial this is, at the cost of what is new and of a copy of the index.
    pub(super) fn next(&self, old: &Zone, zone: &mut Zone, renewed: Renewed<'_>) -> Self {
        match self {
            Self::Nsec(places) if zone.apex_node().rrset(Rtype::NSEC).is_some() => {
                Self::Nsec(renewed.nsec_places(places, old, zone).into())
            }
            _ => Self::of(zone, 1),
        }
    }

    /// Where its index stands.
    pub(super) fn memory(&self) -> Range<usize> {
        match self {
            Self::None => 0..0,
            Self::Nsec(places) => addresses(places),
            Self::Nsec3(chain) => addresses(&chain.links),
        }
    }

    /// Octets of memory it takes.
    pub(super) fn octets(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Nsec(links) => size_of_val(&**links),
            Self::Nsec3(chain) => size_of::<Nsec3Chain>() + size_of_val(&*chain.links),
        }
    }
}

/// The node whose NSEC has the name in its span, or is its own: the last one in front of it, in canonical order.
pub(super) fn nsec_for<'z>(zone: &'z Zone, places: &[Place], labels: &[u8]) -> Option<Node<'z>> {
    let wanted = key(labels, 0);
    let end = places.partition_point(|place| canonically(zone, *place, wanted, labels).is_le());
    node_at(zone, *places.get(end.checked_sub(1)?)?)
}

/// How the name at a place, and the one with these labels and this key, stand to each other in canonical order.
#[inline]
fn canonically(zone: &Zone, place: Place, key: u64, labels: &[u8]) -> Ordering {
    place.key.cmp(&key).then_with(|| compare(zone.at(place).labels(), labels))
}

/// The node at a place; none where there is an occluded name.
pub(super) fn node_at(zone: &Zone, place: Place) -> Option<Node<'_>> {
    match zone.at(place) {
        Found::Node(bytes) => Some(Node::new(zone, bytes)),
        Found::Occluded(_) => None,
    }
}

/// What is new in a version of a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renewed<'a> {
    /// The numbers of the blocks that are not those of the version before, ascending.
    pub(super) numbers: &'a [u64],
    /// The nodes in them that are new, in as many blocks of their own.
    pub(super) nodes: &'a [Block],
}

impl Renewed<'_> {
    /// Whether a place is in one of these blocks.
    pub(super) fn has(&self, place: Place) -> bool {
        self.numbers.binary_search(&place.block.into()).is_ok()
    }

    /// The nodes of `zone` that have an NSEC, in canonical order, as [`Denial::of`] puts them; `places` are those of `old`.
    fn nsec_places(&self, places: &[Place], old: &Zone, zone: &Zone) -> Vec<Place> {
        let hasher = zone.hasher();
        let ancestry = Ancestry { hasher: &hasher, apex_hash: zone.apex_hash() };
        let with_nsec = |zone: &Zone, labels: &[u8]| {
            let hash = ancestry.hash(labels);
            let (number, block) = (block_of(hash, zone.block_bits) as u32, zone.block(hash));
            let node = block.find(hash, labels)?;
            let place = Place { key: key(labels, 0), block: number, at: block.offset_of(node) };
            Node::new(zone, node).rrset(Rtype::NSEC).map(|_| place)
        };
        let moved =
            |&place: &Place| if self.has(place) { with_nsec(zone, old.at(place).labels()) } else { Some(place) };
        let kept: Vec<Place> = places.iter().filter_map(moved).collect();
        let labels = self.nodes.iter().flat_map(Block::nodes).map(|node| Layout(node).labels());
        let added = labels.filter(|labels| with_nsec(old, labels).is_none());
        let mut fresh: Vec<Place> = added.filter_map(|labels| with_nsec(zone, labels)).collect();
        let order = |one: &Place, other: &Place| canonically(zone, *one, other.key, zone.at(*other).labels());
        fresh.sort_unstable_by(order);
        let (mut all, mut rest) = (Vec::with_capacity(kept.len() + fresh.len()), &kept[..]);
        for place in fresh {
            let (before, behind) = rest.split_at(rest.partition_point(|one| order(one, &place).is_lt()));
            all.extend_from_slice(before);
            all.push(place);
            rest = behind;
        }
        all.extend_from_slice(rest);
        all
    }
}

/// The places of the nodes that are meant, in no order and without keys.
fn places_with(zone: &Zone, is_meant: impl Fn(Node<'_>) -> bool) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, block) in zone.blocks.iter().enumerate() {
        let meant = block.offsets().filter(|&at| is_meant(Node::new(zone, block.node(at))));
        places.extend(meant.map(|at| Place { key: 0, block: number as u32, at }));
    }
    places
}

/// The hash that a node's only label in front of the apex is (RFC 5155 section 3).
pub(super) fn hash_of(node: Node<'_>) -> Option<Nsec3Hash> {
    let (&length, label) = node.labels().split_first()?;
    (label.len() == usize::from(length)).then(|| nsec3_hash_of_label(label)).flatten()
}

#[cfg(test)]
thread_local! {
    /// Names that this thread has hashed.
    pub(super) static HASHED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The first octets of a hash, as a number.
fn prefix(hash: &Nsec3Hash) -> u64 {
    hash.first_chunk().map_or(0, |octets| u64::from_be_bytes(*octets))
}

impl Nsec3Chain {
    /// The chain that the zone's NSEC3PARAM tells of: the first one that has an NSEC3 for the apex.
    fn of(zone: &Zone) -> Option<Self> {
        // The rdata has no names: it is stored as it is.
        let all = zone.apex_node().rrset(Rtype::NSEC3PARAM).into_iter().flat_map(|rrset| rrset.records());
        // RFC 5155 section 4.1.2: records with flags are ignored.
        let mut usable = all.filter_map(|rdata| match Nsec3Parameters::split_from(rdata)? {
            (parameters, 0, _) if parameters.algorithm == SHA1 => Some(parameters),
            _ => None,
        });
        usable.find_map(|parameters| Self::with(zone, parameters))
    }

    fn with(zone: &Zone, parameters: Nsec3Parameters<'_>) -> Option<Self> {
        let is_of_chain = |rdata: &[u8]| Nsec3Parameters::split_from(rdata).is_some_and(|found| found.0 == parameters);
        let has_link = |node: Node<'_>| node.rrset(Rtype::NSEC3).is_some_and(|rrset| rrset.records().any(&is_of_chain));
        let mut links = places_with(zone, |node| has_link(node) && hash_of(node).is_some());
        let hash_at = |place: &Place| node_at(zone, *place).and_then(hash_of).unwrap_or_default();
        links.iter_mut().for_each(|link| link.key = prefix(&hash_at(link)));
        links.sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| hash_at(a).cmp(&hash_at(b))));
        let Nsec3Parameters { iterations, salt, .. } = parameters;
        let is_costly = iterations > NSEC3_ITERATIONS_MAX;
        let mut chain =
            Self { iterations, salt: salt.into(), links: links.into(), is_costly, apex: 0, apex_tail: None };
        let apex = chain.spot(zone, &chain.hash(&[zone.apex_wire()])).filter(|spot| spot.is_match)?;
        chain.apex = apex.link;
        Some(chain)
    }

    /// Whether an NSEC3 with these parameters is one of the chain (RFC 5155 section 3.1).
    pub(super) fn is_made_with(&self, parameters: Nsec3Parameters<'_>) -> bool {
        parameters == Nsec3Parameters { algorithm: SHA1, iterations: self.iterations, salt: &self.salt }
    }

    /// The hash of a name in lower case, given as pieces of its wire form.
    pub(super) fn hash(&self, pieces: &[&[u8]]) -> Nsec3Hash {
        #[cfg(test)]
        HASHED.with(|hashed| hashed.set(hashed.get() + 1));
        Nsec3Parameters { algorithm: SHA1, iterations: self.iterations, salt: &self.salt }.hash_lower(pieces)
    }

    /// Where a hash is; none in an empty chain.
    pub(super) fn spot(&self, zone: &Zone, hash: &Nsec3Hash) -> Option<Spot> {
        let links = &*self.links;
        let wanted = prefix(hash);
        // Hashes are uniform: what is looked for stands near where it would if they were evenly spread, and nearer still
        // to where that would be as seen from there. Of a large chain each place costs a cache miss.
        let mut near = self.steps(wanted);
        for _ in 0..2 {
            let Some(link) = links.get(near) else { break };
            let steps = self.steps(wanted.abs_diff(link.key));
            near = if link.key < wanted { (near + steps).min(links.len() - 1) } else { near.saturating_sub(steps) };
        }
        let mut width = 4;
        let (start, end) = loop {
            let (start, end) = (near.saturating_sub(width), (near + width).min(links.len()));
            let begins = start == 0 || links[start].key < wanted;
            let ends = end == links.len() || links[end - 1].key > wanted;
            if begins && ends {
                break (start, end);
            }
            width *= 4;
        };
        let is_before = |link: &Place| {
            link.key < wanted
                || (link.key == wanted && node_at(zone, *link).and_then(hash_of).is_some_and(|found| found < *hash))
        };
        let at = start + links[start..end].partition_point(is_before);
        let is_match = links
            .get(at)
            .is_some_and(|link| link.key == wanted && node_at(zone, *link).and_then(hash_of).as_ref() == Some(hash));
        // In front of the first is the span of the last.
        let link = if is_match { at } else { at.checked_sub(1).or(links.len().checked_sub(1))? };
        Some(Spot { link: link as u32, is_match })
    }

    /// What denies a node.
    #[inline]
    pub(super) fn tail(&self, node: Node<'_>) -> Option<Tail> {
        if node.labels().is_empty() { self.apex_tail } else { node.tail() }
    }

    /// How many links lie between two hashes that are so far apart, if all are evenly spread.
    fn steps(&self, distance: u64) -> usize {
        ((u128::from(distance) * self.links.len() as u128) >> 64) as usize
    }

    /// Asks the processor to fetch the node of one of the links.
    #[inline]
    pub(super) fn prefetch(&self, zone: &Zone, link: u32) {
        let Some(place) = self.links.get(link as usize) else { return };
        zone.blocks.get(place.block as usize).into_iter().for_each(|block| block.prefetch_denial_at(place.at));
    }

    /// The node of one of the links.
    pub(super) fn node<'z>(&self, zone: &'z Zone, link: u32) -> Option<Node<'z>> {
        node_at(zone, *self.links.get(link as usize)?)
    }

    /// Hashes all names of the zone, and the wildcards that could stand below them, so that no query has to; on up to so
    /// many threads.
    fn find_all_names(&self, zone: &mut Zone, threads: usize) {
        let blocks = zone.blocks.len();
        let each = blocks.div_ceil(threads.max(1) * 4).max(1);
        let ranges = (0..blocks).step_by(each).map(|start| start..(start + each).min(blocks)).collect();
        let this = &*zone;
        let found = spread(threads, ranges, |range| {
            let blocks = range.map(|number| (number, &this.blocks[number]));
            blocks.flat_map(|(number, block)| self.tails_of(this, number, block)).collect::<Vec<_>>()
        });
        for (number, offset, at, tail) in found.into_iter().flatten() {
            zone.blocks[number].set_tail(offset, at, tail);
        }
    }

    /// The tails of a block's nodes: the block's number, the node's offset, where its tail starts, and the tail.
    fn tails_of(&self, zone: &Zone, number: usize, block: &Block) -> impl Iterator<Item = (usize, u32, usize, Tail)> {
        block.offsets().filter_map(move |offset| {
            let node = Node::new(zone, block.node(offset));
            node.tail()?;
            let own = self.spot(zone, &self.hash(&[node.labels(), zone.apex_wire()]))?;
            // Nothing of ours is below a cut.
            let wildcard = if node.is_cut() {
                own
            } else {
                self.spot(zone, &self.hash(&[b"\x01*", node.labels(), zone.apex_wire()]))?
            };
            Some((number, offset, node.tail_start(), Tail { own, wildcard }))
        })
    }
}
