//! The names of a zone in the canonical order of RFC 4034 section 6.1.
//!
//! Does not know records: it sorts places, and `walk` reads what is there.
//!
//! A name is compared as one string: its labels from the apex down, each followed by a zero octet, so that a name comes
//! in front of those below it. Sorting looks at eight octets of all names, then at the next eight of those that were
//! alike; so each name is fetched from memory once for each eight octets that it shares with others, not once for each
//! comparison, and 16 octets for a name are all the memory it takes.

use std::cmp::Ordering;
use std::ops::Range;

use super::Zone;
use super::ancestry::Ancestry;
use super::compile::block_of;
use super::node::{NODE_HEADER, Node};
use super::runs::RunView;
use super::walk::Walk;
use crate::base::limits::NAME_LABELS_MAX;

/// Octets compared at a time.
const KEY_OCTETS: usize = 8;

/// The block of places that are none: occluded runs.
const OCCLUDED: u32 = u32::MAX;

/// Where a zone holds something for a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The part of the name that is being compared.
    pub(super) key: u64,
    pub(super) block: u32,
    /// Of a node, its offset in the block; of an occluded run, its number.
    pub(super) at: u32,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'z> {
    /// A node, as the bytes from it on.
    Node(&'z [u8]),
    /// Occluded records of one type.
    Occluded(RunView<'z>),
}

/// All names of a zone in canonical order, sorted once and then walked as often as need be.
///
/// Takes 16 octets for each name, empty non-terminals among them, and for each type at an occluded name.
#[derive(Debug)]
pub struct Order<'z> {
    zone: &'z Zone,
    places: Vec<Place>,
}

impl Zone {
    /// Sorts the names.
    pub fn order(&self) -> Order<'_> {
        let nodes: usize = self.blocks.iter().map(|block| block.offsets().count()).sum();
        let mut places = Vec::with_capacity(nodes + self.occluded.count());
        places.extend(self.places_in(0..self.blocks.len()));
        places.extend((0..self.occluded.count()).map(|at| Place { key: 0, block: OCCLUDED, at: at as u32 }));
        sort(self, &mut places, 0);
        Order { zone: self, places }
    }

    /// What stands at a place.
    pub(super) fn at(&self, place: Place) -> Found<'_> {
        match place.block {
            OCCLUDED => Found::Occluded(self.occluded.run(place.at as usize)),
            block => Found::Node(self.blocks[block as usize].node(place.at)),
        }
    }

    /// The places of all nodes in the blocks with these numbers, in no order of names and without keys.
    pub(super) fn places_in(&self, numbers: Range<usize>) -> impl Iterator<Item = Place> {
        let blocks = numbers.clone().zip(&self.blocks[numbers]);
        blocks.flat_map(|(number, block)| block.offsets().map(move |at| Place { key: 0, block: number as u32, at }))
    }

    /// The node at a place; none where there is an occluded name.
    pub(super) fn node_in(&self, place: Place) -> Option<Node<'_>> {
        match self.at(place) {
            Found::Node(bytes) => Some(Node::new(self, bytes)),
            Found::Occluded(_) => None,
        }
    }

    /// The place of the node whose name has these labels in front of the apex.
    pub(super) fn place_of(&self, ancestry: Ancestry<'_>, labels: &[u8]) -> Option<Place> {
        let hash = ancestry.hash(labels);
        let (number, block) = (block_of(hash, self.block_bits), self.block(hash));
        Some(Place { key: 0, block: number as u32, at: block.offset_of(block.find(hash, labels)?) })
    }

    /// Asks the processor to fetch the node at a place, which will soon be read.
    pub(super) fn prefetch(&self, place: Place) {
        if let Some(block) = self.blocks.get(place.block as usize) {
            block.prefetch_at(place.at);
        }
    }

    /// The same for a node that denies: all of an NSEC3 with its signature.
    #[inline]
    pub(super) fn prefetch_denial(&self, place: Place) {
        if let Some(block) = self.blocks.get(place.block as usize) {
            block.prefetch_denial_at(place.at);
        }
    }
}

impl<'z> Order<'z> {
    /// The zone whose names these are.
    pub fn zone(&self) -> &'z Zone {
        self.zone
    }

    /// The names that are neither glue nor occluded, empty non-terminals among them.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'z>> {
        let zone = self.zone;
        self.places.iter().enumerate().filter_map(move |(number, &place)| {
            self.places.get(number + PLACES_AHEAD).into_iter().for_each(|&ahead| zone.prefetch(ahead));
            match zone.at(place) {
                Found::Node(bytes) => Some(Node::new(zone, bytes)),
                Found::Occluded(_) => None,
            }
        })
    }

    /// Begins at the apex and goes through all names.
    pub fn walk(&self) -> Walk<'_> {
        Walk::new(self.zone, &self.places)
    }

    /// Walks that follow each other, at most `count` of them and of about the same length, for as many threads.
    ///
    /// What stands below a zone cut or a DNAME is in one walk with it.
    pub fn parts(&self, count: usize) -> Vec<Walk<'_>> {
        let (names, mut start) = (self.places.len(), 0);
        let mut parts = Vec::new();
        for part in 1..=count {
            let mut end = start.max(names * part / count);
            while self.places.get(end).is_some_and(|place| place.block == OCCLUDED) {
                end += 1;
            }
            if end > start {
                parts.push(Walk::new(self.zone, &self.places[start..end]));
                start = end;
            }
        }
        parts
    }
}

impl<'z> Found<'z> {
    /// The owner's labels in front of the apex, in lower case.
    pub(super) fn labels(self) -> &'z [u8] {
        match self {
            Self::Node(bytes) => &bytes[NODE_HEADER..NODE_HEADER + usize::from(bytes[1])],
            Self::Occluded(view) => view.labels,
        }
    }
}

/// Places fetched from memory before they are needed.
pub(super) const PLACES_AHEAD: usize = 8;

/// Sorts places whose names are alike in all that is in front of `from`. It goes no deeper than the longest name has
/// keys: 2 × 255 octets at most, for some octets take two.
pub(super) fn sort(zone: &Zone, places: &mut [Place], from: usize) {
    for number in 0..places.len() {
        if from > 0
            && let Some(ahead) = places.get(number + PLACES_AHEAD)
        {
            zone.prefetch(*ahead);
        }
        places[number].key = key(zone.at(places[number]).labels(), from);
    }
    places.sort_unstable_by_key(|place| place.key);
    for alike in places.chunk_by_mut(|a, b| a.key == b.key) {
        // All zeros: the names have ended, and are the same.
        if alike.len() > 1 && alike[0].key != 0 {
            sort(zone, alike, from + KEY_OCTETS);
        }
    }
}

/// Compares names that are given as labels in front of the apex, in lower case.
pub(super) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let mut from = 0;
    loop {
        let keys = (key(a, from), key(b, from));
        match keys.0.cmp(&keys.1) {
            Ordering::Equal if keys.0 != 0 => from += KEY_OCTETS,
            decided => return decided,
        }
    }
}

/// Eight octets from `from` on of the string that these labels are compared as; zeros where it has ended.
pub(super) fn key(labels: &[u8], from: usize) -> u64 {
    let (mut starts, mut count, mut at) = ([0; NAME_LABELS_MAX], 0, 0);
    while at < labels.len() {
        starts[count] = at as u8;
        count += 1;
        at += 1 + usize::from(labels[at]);
    }
    let (mut key, mut left, mut skip) = (0, KEY_OCTETS, from);
    let mut take = |octet: u8| {
        if skip > 0 {
            skip -= 1;
        } else {
            left -= 1;
            key |= u64::from(octet) << (8 * left);
        }
        left > 0
    };
    for &start in starts[..count].iter().rev() {
        let (length, rest) = (usize::from(labels[usize::from(start)]), &labels[usize::from(start) + 1..]);
        // Zero ends a label, so what is not above 1 is written as 1 and what it is, plus one.
        let goes_on =
            rest[..length].iter().all(|&octet| if octet > 1 { take(octet) } else { take(1) && take(octet + 1) });
        if !goes_on || !take(0) {
            break;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Name, NameBuf};

    proptest! {
        #[test]
        fn names_compare_as_their_labels_do(
            names in proptest::array::uniform2(proptest::collection::vec(
                proptest::collection::vec(prop_oneof![0..4u8, Just(b'a'), Just(0xff)], 1..12), 0..6))
        ) {
            let [a, b] = names.map(|labels| {
                labels.iter().flat_map(|label| [&[label.len() as u8], &label[..]].concat()).collect::<Vec<u8>>()
            });
            let whole = |labels: &[u8]| NameBuf::join(labels, Name::ROOT).expect("a name");
            let expected = whole(&a).as_name().canonical_cmp(whole(&b).as_name());
            prop_assert_eq!(compare(&a, &b), expected);
        }
    }

    #[test]
    fn a_name_is_in_front_of_those_below_it_and_behind_those_below_its_elder() {
        let sorted: [&[u8]; 7] =
            [b"", b"\x01\x00", b"\x01z\x01\x00", b"\x02\x00\x00", b"\x01\x01", b"\x01a", b"\x01\x00\x01a"];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
