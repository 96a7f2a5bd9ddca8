//! One chain of NSEC3: which of its records tells of a hash, and of each node without hashing anything.
//!
//! Does not know queries, and verifies nothing: a chain that has holes denies with them.
//!
//! Tails tell links by *numbers*, which stay what they are while the zone changes, so that a change touches no node but those
//! it is about. When a zone is sealed a link's number is its place in the order of hashes. A link that comes later gets the next
//! number. The link in front of it, whose span it divides, gets a new one too: by the old number it is still found as that of
//! a name whose hash it has, but no longer of one that was in its span. Nor is a link that has gone found by any number. A
//! tail that is in doubt so is passed over, and the name hashed when a query needs it. What makes all this is in `renewed`.

use std::cmp::Ordering;
use std::ops::Range;

use super::Zone;
use super::ancestry::Ancestry;
use super::node::{Node, Tail};
use super::order::Place;
use crate::base::limits::NSEC3_ITERATIONS_MAX;
use crate::base::memory::addresses;
use crate::base::spread::spread;
use crate::wire::{Nsec3Hash, Nsec3Parameters, Rtype, nsec3_hash_of_label, nsec3_label};

/// SHA-1, the only hash of NSEC3 (RFC 5155 section 11).
const SHA1: u8 = 1;

/// The NSEC3 of one chain.
#[derive(Debug)]
pub(super) struct Nsec3Chain {
    pub(super) iterations: u16,
    pub(super) salt: Box<[u8]>,
    /// The nodes that have them, by hash.
    pub(super) links: Box<[Link]>,
    /// What each number stands for; empty as long as it is the link at that place in the order.
    pub(super) numbers: Box<[Numbered]>,
    /// Hashing takes so long that no query gets it; only the apex' hash is known.
    pub(super) is_costly: bool,
    /// The number of the NSEC3 of the apex.
    pub(super) apex: u32,
    /// The tail of the apex, which most denials begin with: in its node it is behind all that stands there.
    pub(super) apex_tail: Option<Tail>,
}

/// A node that has an NSEC3 of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// The first octets of the hash.
    pub(super) key: u32,
    pub(super) number: u32,
    pub(super) block: u32,
    pub(super) at: u32,
}

/// What a number stands for: so little that to follow it costs no more cache misses than to go to a place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbered {
    /// The block of the link; [`GONE`](Self::GONE) where there is none any more.
    pub(super) block: u32,
    /// The link's offset in it, which has 24 bits, and [`DIVIDED`](Self::DIVIDED).
    pub(super) at: u32,
}

/// How a tail tells where a hash is in a chain: the NSEC3 that has it, or the one whose span it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// Its number.
    pub(super) link: u32,
    pub(super) is_match: bool,
}

/// The NSEC3 that has a hash, or in whose span it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Witness {
    pub(super) place: Place,
    pub(super) is_match: bool,
}

/// A tail that was made for the node at a place, in which it starts there.
pub(super) struct Made {
    place: Place,
    start: usize,
    tail: Tail,
}

impl Link {
    pub(super) fn place(self) -> Place {
        Place { key: self.key.into(), block: self.block, at: self.at }
    }

    /// How its hash and that of another link stand to each other.
    pub(super) fn order(self, other: Self, zone: &Zone) -> Ordering {
        let hash = |link: Self| zone.node_in(link.place()).and_then(hash_of).unwrap_or_default();
        self.key.cmp(&other.key).then_with(|| hash(self).cmp(&hash(other)))
    }
}

impl Numbered {
    /// The block of links that have gone.
    const GONE: u32 = u32::MAX;
    /// Other links are now in the span that the link had when it got the number.
    const DIVIDED: u32 = 1 << 31;

    /// A number of the link at a place.
    pub(super) fn of(place: Place) -> Self {
        Self { block: place.block, at: place.at }
    }

    /// Where the link is.
    pub(super) fn place(self) -> Option<Place> {
        (self.block != Self::GONE).then_some(Place { key: 0, block: self.block, at: self.at & !Self::DIVIDED })
    }

    /// Whether some tails with this number are no longer true.
    pub(super) fn is_doubtful(self) -> bool {
        self.block == Self::GONE || self.at & Self::DIVIDED != 0
    }

    pub(super) fn divide(&mut self) {
        self.at |= Self::DIVIDED;
    }

    /// Follows the link to where it is now, if it still is one.
    pub(super) fn go(&mut self, place: Option<Place>) {
        match place {
            Some(place) => (self.block, self.at) = (place.block, place.at | self.at & Self::DIVIDED),
            None => self.block = Self::GONE,
        }
    }
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
fn prefix(hash: &Nsec3Hash) -> u32 {
    hash.first_chunk().map_or(0, |octets| u32::from_be_bytes(*octets))
}

/// Whether a node has an NSEC3 of the chain with these parameters.
fn is_link(node: Node<'_>, parameters: Nsec3Parameters<'_>) -> bool {
    let mut records = node.rrset(Rtype::NSEC3).into_iter().flat_map(|rrset| rrset.records());
    records.any(|rdata| Nsec3Parameters::split_from(rdata).is_some_and(|found| found.0 == parameters))
}

/// The parameters of the chain that the zone's NSEC3PARAM tells of: the first ones with which there is an NSEC3 for the apex.
pub(super) fn parameters_of(zone: &Zone) -> Option<Nsec3Parameters<'_>> {
    let hasher = zone.hasher();
    let ancestry = Ancestry { hasher: &hasher, apex_hash: zone.apex_hash() };
    // The rdata has no names: it is stored as it is.
    let all = zone.apex_node().rrset(Rtype::NSEC3PARAM).into_iter().flat_map(|rrset| rrset.records());
    // RFC 5155 section 4.1.2: records with flags are ignored.
    let mut usable = all.filter_map(|rdata| match Nsec3Parameters::split_from(rdata)? {
        (parameters, 0, _) if parameters.algorithm == SHA1 => Some(parameters),
        _ => None,
    });
    usable.find(|&parameters| {
        let apex = nsec3_label(&parameters.hash_lower(&[zone.apex_wire()]));
        let node = zone.place_of(ancestry, &apex).and_then(|place| zone.node_in(place));
        node.is_some_and(|node| is_link(node, parameters))
    })
}

impl Nsec3Chain {
    /// The chain that the zone's NSEC3PARAM tells of.
    pub(super) fn of(zone: &Zone) -> Option<Self> {
        let Nsec3Parameters { iterations, salt, .. } = parameters_of(zone)?;
        let is_costly = iterations > NSEC3_ITERATIONS_MAX;
        let (links, numbers, salt) = (Box::default(), Box::default(), salt.into());
        let mut chain = Self { iterations, salt, links, numbers, is_costly, apex: 0, apex_tail: None };
        let places = zone.places_in(0..zone.blocks.len());
        let mut links: Vec<Link> = places.filter_map(|place| chain.link_at(zone, place)).collect();
        links.sort_unstable_by(|one, other| one.order(*other, zone));
        links.iter_mut().zip(0..).for_each(|(link, number)| link.number = number);
        chain.links = links.into();
        chain.apex = chain.find(zone, &chain.hash(&[zone.apex_wire()]))?.0.number;
        Some(chain)
    }

    /// The chain with the same parameters and these links and numbers; without the apex' tail.
    pub(super) fn with(&self, links: Box<[Link]>, numbers: Box<[Numbered]>) -> Self {
        let Self { iterations, salt, is_costly, apex, .. } = self;
        let (iterations, salt, is_costly, apex) = (*iterations, salt.clone(), *is_costly, *apex);
        Self { iterations, salt, links, numbers, is_costly, apex, apex_tail: None }
    }

    /// The link that is the node at a place, if it is one; without a number.
    pub(super) fn link_at(&self, zone: &Zone, place: Place) -> Option<Link> {
        let node = zone.node_in(place).filter(|node| is_link(*node, self.parameters()))?;
        Some(Link { key: prefix(&hash_of(node)?), number: 0, block: place.block, at: place.at })
    }

    fn parameters(&self) -> Nsec3Parameters<'_> {
        Nsec3Parameters { algorithm: SHA1, iterations: self.iterations, salt: &self.salt }
    }

    /// Whether an NSEC3 with these parameters is one of the chain (RFC 5155 section 3.1).
    pub(super) fn is_made_with(&self, parameters: Nsec3Parameters<'_>) -> bool {
        parameters == self.parameters()
    }

    /// The hash of a name in lower case, given as pieces of its wire form.
    pub(super) fn hash(&self, pieces: &[&[u8]]) -> Nsec3Hash {
        #[cfg(test)]
        HASHED.with(|hashed| hashed.set(hashed.get() + 1));
        self.parameters().hash_lower(pieces)
    }

    /// Which link tells of a hash; none in an empty chain.
    pub(super) fn witness(&self, zone: &Zone, hash: &Nsec3Hash) -> Option<Witness> {
        self.find(zone, hash).map(|(link, is_match)| Witness { place: link.place(), is_match })
    }

    /// The link that has a hash, or in whose span it is; and whether it has it.
    fn find(&self, zone: &Zone, hash: &Nsec3Hash) -> Option<(Link, bool)> {
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
        let is_before =
            |link: &Link| link.key < wanted || (link.key == wanted && has_hash(zone, *link, |found| found < hash));
        let at = start + links[start..end].partition_point(is_before);
        let is_match = |link: &&Link| link.key == wanted && has_hash(zone, **link, |found| found == hash);
        match links.get(at).filter(is_match) {
            Some(link) => Some((*link, true)),
            // In front of the first is the span of the last.
            None => Some((links[at.checked_sub(1).or(links.len().checked_sub(1))?], false)),
        }
    }

    /// How many links lie between two hashes that are so far apart, if all are evenly spread.
    fn steps(&self, distance: u32) -> usize {
        ((u64::from(distance) * self.links.len() as u64) >> 32) as usize
    }

    /// What a node tells of its denial, of which some may be in doubt.
    #[inline]
    pub(super) fn tail(&self, node: Node<'_>) -> Option<Tail> {
        if node.labels().is_empty() { self.apex_tail } else { node.tail() }
    }

    /// Which link tells of a node, which has this tail.
    #[inline]
    pub(super) fn own(&self, zone: &Zone, node: Node<'_>, tail: Tail) -> Option<Witness> {
        self.follow(tail.own).or_else(|| self.look_up(zone, &[node.labels(), zone.apex_wire()]))
    }

    /// Which link tells of the wildcard that is or could be below a node, which has this tail.
    #[inline]
    pub(super) fn wildcard(&self, zone: &Zone, node: Node<'_>, tail: Tail) -> Option<Witness> {
        self.follow(tail.wildcard).or_else(|| self.look_up(zone, &[b"\x01*", node.labels(), zone.apex_wire()]))
    }

    /// The link that a tail tells of; none where it may no longer be the one.
    #[inline]
    fn follow(&self, Spot { link, is_match }: Spot) -> Option<Witness> {
        let place = if self.numbers.is_empty() {
            self.links.get(link as usize)?.place()
        } else {
            let numbered = self.numbers.get(link as usize)?;
            // Whatever comes or goes beside it, it has its hash.
            numbered.place().filter(|_| is_match || !numbered.is_doubtful())?
        };
        Some(Witness { place, is_match })
    }

    #[cold]
    fn look_up(&self, zone: &Zone, name: &[&[u8]]) -> Option<Witness> {
        self.witness(zone, &self.hash(name))
    }

    /// The NSEC3 of the apex.
    pub(super) fn apex(&self) -> Option<Witness> {
        self.follow(Spot { link: self.apex, is_match: true })
    }

    /// Hashes all names of the zone, and the wildcards that could stand below them, so that no query has to; on up to so
    /// many threads.
    pub(super) fn find_all_names(&mut self, zone: &mut Zone, threads: usize) {
        let blocks = zone.blocks.len();
        let each = blocks.div_ceil(threads.max(1) * 4).max(1);
        let ranges = (0..blocks).step_by(each).map(|start| start..(start + each).min(blocks)).collect();
        let (this, chain) = (&*zone, &*self);
        let found = spread(threads, ranges, |range| {
            this.places_in(range).filter_map(|place| chain.tail_at(this, place)).collect::<Vec<_>>()
        });
        self.enter(zone, found.into_iter().flatten());
    }

    /// The tail of the node at a place, made by hashing; none where nodes of its kind have none.
    pub(super) fn tail_at(&self, zone: &Zone, place: Place) -> Option<Made> {
        let node = zone.node_in(place).filter(|node| node.tail().is_some())?;
        let spot = |name: &[&[u8]]| {
            let (link, is_match) = self.find(zone, &self.hash(name))?;
            Some(Spot { link: link.number, is_match })
        };
        let own = spot(&[node.labels(), zone.apex_wire()])?;
        // Nothing of ours is below a cut.
        let wildcard = if node.is_cut() { own } else { spot(&[b"\x01*", node.labels(), zone.apex_wire()])? };
        Some(Made { place, start: node.tail_start(), tail: Tail { own, wildcard } })
    }

    /// Writes tails into their nodes, in blocks that are shared with nobody.
    pub(super) fn enter(&mut self, zone: &mut Zone, tails: impl Iterator<Item = Made>) {
        for Made { place, start, tail } in tails {
            zone.blocks[place.block as usize].set_tail(place.at, start, tail);
        }
        self.apex_tail = zone.apex_node().tail();
    }

    /// The places of its links, by hash.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + Clone {
        self.links.iter().copied().map(Link::place)
    }

    /// Whether the number of each link stands for this link, and is in no doubt.
    pub(super) fn agrees_with_itself(&self) -> bool {
        let stands_for = |(rank, link): (usize, &Link)| match self.numbers.is_empty() {
            true => link.number as usize == rank,
            false => self.numbers.get(link.number as usize) == Some(&Numbered::of(link.place())),
        };
        self.links.iter().enumerate().all(stands_for)
    }

    /// Where its indexes stand.
    pub(super) fn memory(&self) -> [Range<usize>; 2] {
        [addresses(&self.links), addresses(&self.numbers)]
    }

    /// Octets of memory it takes.
    pub(super) fn octets(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.links) + size_of_val(&*self.numbers)
    }
}

/// Whether a link has a hash of this kind: its node is read.
fn has_hash(zone: &Zone, link: Link, is_meant: impl Fn(&Nsec3Hash) -> bool) -> bool {
    zone.node_in(link.place()).and_then(hash_of).is_some_and(|found| is_meant(&found))
}
