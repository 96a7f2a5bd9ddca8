//! How the indexes of what denies follow the changes of a zone.
//!
//! Does not know what changes, only which blocks are new, and which nodes in them.

use std::collections::BTreeSet;

use super::Zone;
use super::ancestry::Ancestry;
use super::block::Block;
use super::chain::{Link, Made, Nsec3Chain, Numbered};
use super::denial::canonically;
use super::node::Layout;
use super::order::{Place, key};
use crate::base::limits::DOUBTS_SHARE_MAX;
use crate::wire::Rtype;

/// What is new in a version of a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renewed<'a> {
    pub(super) ancestry: Ancestry<'a>,
    /// The numbers of the blocks that are not those of the version before, ascending.
    pub(super) numbers: &'a [u64],
    /// The nodes in them that are new, in as many blocks of their own.
    pub(super) nodes: &'a [Block],
    /// The same as in `numbers`, for each block: each place of an index asks whether its block is new.
    pub(super) is_new: &'a [bool],
}

impl<'a> Renewed<'a> {
    /// Whether a place is in one of these blocks.
    pub(super) fn has(&self, place: Place) -> bool {
        self.is_new.get(place.block as usize).is_some_and(|is_new| *is_new)
    }

    /// The labels in front of the apex of all names whose nodes are new.
    fn names(&self) -> impl Iterator<Item = &'a [u8]> {
        self.nodes.iter().flat_map(Block::nodes).map(|node| Layout(node).labels())
    }

    /// The nodes of `zone` that have an NSEC, in canonical order; `places` are those of `old`, the version before it.
    pub(super) fn nsec_places(&self, places: &[Place], old: &Zone, zone: &Zone) -> Vec<Place> {
        let with_nsec = |zone: &Zone, labels: &[u8]| {
            let place = Place { key: key(labels, 0), ..zone.place_of(self.ancestry, labels)? };
            zone.node_in(place)?.rrset(Rtype::NSEC).map(|_| place)
        };
        let moved =
            |&place: &Place| if self.has(place) { with_nsec(zone, old.at(place).labels()) } else { Some(place) };
        let mut all = Vec::with_capacity(places.len() + self.names().count());
        all.extend(places.iter().filter_map(moved));
        let added = self.names().filter(|labels| with_nsec(old, labels).is_none());
        let mut fresh: Vec<Place> = added.filter_map(|labels| with_nsec(zone, labels)).collect();
        let order = |one: &Place, other: &Place| canonically(zone, *one, other.key, zone.at(*other).labels());
        fresh.sort_unstable_by(order);
        merge(&mut all, &fresh, |one, other| order(one, other).is_lt());
        all
    }

    /// The chain of `zone`, which has the parameters of this one, that of `old`: the version before it. Nodes that are new get
    /// their tails. None where so many of the others would be in doubt that the zone is to be built anew.
    pub(super) fn chain(&self, chain: &Nsec3Chain, old: &Zone, zone: &mut Zone) -> Option<Nsec3Chain> {
        let link = |zone: &Zone, labels: &[u8]| chain.link_at(zone, zone.place_of(self.ancestry, labels)?);
        let mut numbers = numbers_of(chain);
        for number in &mut numbers {
            if let Some(place) = number.place().filter(|place| self.has(*place)) {
                number.go(link(zone, old.at(place).labels()).map(Link::place));
            }
        }
        let moved = |&link: &Link| match self.has(link.place()) {
            true => {
                numbers[link.number as usize].place().map(|place| Link { block: place.block, at: place.at, ..link })
            }
            false => Some(link),
        };
        let mut links = Vec::with_capacity(chain.links.len() + self.names().count());
        links.extend(chain.links.iter().filter_map(moved));
        let added = self.names().filter(|labels| link(old, labels).is_none());
        let mut fresh: Vec<Link> = added.filter_map(|labels| link(zone, labels)).collect();
        let is_as_sealed = chain.numbers.is_empty() && fresh.is_empty() && links.len() == chain.links.len();
        let order = |one: &Link, other: &Link| one.order(*other, zone);
        fresh.sort_unstable_by(order);
        let in_front = |link| links.partition_point(|other| order(other, link).is_lt()).checked_sub(1);
        // In front of the first is the last.
        let divided: BTreeSet<usize> =
            fresh.iter().filter_map(|link| in_front(link).or(links.len().checked_sub(1))).collect();
        for link in divided {
            numbers[links[link].number as usize].divide();
            give_number(&mut links[link], &mut numbers);
        }
        fresh.iter_mut().for_each(|link| give_number(link, &mut numbers));
        merge(&mut links, &fresh, |one, other| order(one, other).is_lt());
        if numbers.iter().filter(|number| number.is_doubtful()).count() > links.len() / DOUBTS_SHARE_MAX {
            return None;
        }
        let numbers = if is_as_sealed { Vec::new() } else { numbers };
        let mut next = chain.with(links.into(), numbers.into());
        let place = |labels| zone.place_of(self.ancestry, labels);
        let tails: Vec<Made> = self.names().filter_map(|labels| next.tail_at(zone, place(labels)?)).collect();
        next.enter(zone, tails.into_iter());
        Some(next)
    }
}

/// What all numbers of a chain stand for.
fn numbers_of(chain: &Nsec3Chain) -> Vec<Numbered> {
    if chain.numbers.is_empty() {
        return chain.links.iter().map(|link| Numbered::of(link.place())).collect();
    }
    chain.numbers.to_vec()
}

/// Gives a link the next number.
fn give_number(link: &mut Link, numbers: &mut Vec<Numbered>) {
    link.number = numbers.len() as u32;
    numbers.push(Numbered::of(link.place()));
}

/// Puts those that came among those that were there, both in order: few come, and the others are moved piece by piece.
fn merge<T: Copy>(all: &mut Vec<T>, fresh: &[T], is_before: impl Fn(&T, &T) -> bool) {
    let mut end = all.len();
    all.extend_from_slice(fresh);
    for (count, one) in fresh.iter().enumerate().rev() {
        let at = all[..end].partition_point(|other| is_before(other, one));
        all.copy_within(at..end, at + count + 1);
        all[at + count] = *one;
        end = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_put_where_it_belongs() {
        for (all, fresh) in
            [(vec![], vec![]), (vec![3, 5, 9], vec![]), (vec![], vec![1, 2]), (vec![3, 5, 9], vec![1, 4, 4, 6, 10])]
        {
            let mut merged = all.clone();
            merge(&mut merged, &fresh, |one, other| one < other);
            let mut expected = [all, fresh].concat();
            expected.sort_unstable();
            assert_eq!(merged, expected);
        }
    }
}
