//! Proofs that a zone gives with what it denies: which NSEC or NSEC3 a reply must show (RFC 4035 section 3.1.3, RFC 5155
//! section 7.2).
//!
//! Writes no bytes: the records are handed to whoever writes. In a zone with NSEC3 it hashes one name at most; all others
//! were hashed when the zone was sealed. Where the zone has changed since, a name whose tail is in doubt is hashed too.

use super::Zone;
use super::chain::{Nsec3Chain, Witness};
use super::denial::{Denial, nsec_for};
use super::node::{Node, Rrset, Tail};
use crate::base::limits::NAME_OCTETS_MAX;
use crate::wire::{HashedName, Rtype};

/// Takes the records of a proof. Some may come twice.
pub type Show<'z, 's> = &'s mut dyn FnMut(Rrset<'z>);

/// The closest encloser of a name that has an NSEC3.
struct Encloser<'z> {
    node: Node<'z>,
    tail: Tail,
    /// How many labels it has in front of the apex.
    depth: usize,
    own: Witness,
    /// What covers the name below it, where that is a node.
    next_closer: Option<Witness>,
}

impl Zone {
    /// Whether it has something to prove denials with.
    #[inline]
    pub fn can_deny(&self) -> bool {
        !matches!(self.denial, Denial::None)
    }

    /// Whether denials take the hash of a name, and names that a wildcard stands for.
    #[inline]
    pub fn hashes_names(&self) -> bool {
        matches!(&self.denial, Denial::Nsec3(chain) if !chain.is_costly)
    }

    /// Proves that a name does not exist, nor a wildcard that stands for it. `encloser` is its closest encloser.
    pub fn deny_name<'z>(&'z self, name: &HashedName, encloser: Node<'z>, show: Show<'z, '_>) {
        match &self.denial {
            Denial::None => {}
            Denial::Nsec(places) => {
                let mut wildcard = [0; NAME_OCTETS_MAX];
                let parent = encloser.labels();
                wildcard[..2].copy_from_slice(b"\x01*");
                let wildcard = wildcard.get_mut(..2 + parent.len()).map(|whole| {
                    whole[2..].copy_from_slice(parent);
                    &*whole
                });
                // Where the wildcard would be too long to be a name, no name can be below the encloser.
                for labels in [Some(self.in_front(name)), wildcard].into_iter().flatten() {
                    show_type(nsec_for(self, places, labels), Rtype::NSEC, show);
                }
            }
            Denial::Nsec3(chain) if chain.is_costly => show_apex(self, chain, show),
            Denial::Nsec3(chain) => {
                if let Some((node, tail)) = self.prove_encloser(chain, name, encloser, show) {
                    show_witness(self, chain.wildcard(self, node, tail), show);
                }
            }
        }
    }

    /// Proves that the name of `node`, which is `name`, exists without a type: for names with other data, for empty
    /// non-terminals, and for zone cuts without DS.
    pub fn deny_type<'z>(&'z self, name: &HashedName, node: Node<'z>, show: Show<'z, '_>) {
        match &self.denial {
            Denial::None => {}
            Denial::Nsec(places) => show_type(nsec_for(self, places, node.labels()), Rtype::NSEC, show),
            Denial::Nsec3(chain) if chain.is_costly => show_apex(self, chain, show),
            Denial::Nsec3(chain) => {
                if let Some(encloser) = self.provable_encloser(chain, name, node) {
                    show_witness(self, Some(encloser.own), show);
                    // There is one where it is in the span of an opt-out (RFC 5155 section 7.2.4).
                    show_witness(self, encloser.next_closer, show);
                }
            }
        }
    }

    /// Proves that no name is closer to `name` than `wildcard`, which an answer was made from.
    pub fn deny_closer<'z>(&'z self, name: &HashedName, wildcard: Node<'z>, show: Show<'z, '_>) {
        match &self.denial {
            Denial::None => {}
            Denial::Nsec(places) => show_type(nsec_for(self, places, self.in_front(name)), Rtype::NSEC, show),
            Denial::Nsec3(chain) if chain.is_costly => show_apex(self, chain, show),
            // RFC 5155 section 7.2.6: the next closer name, which has as many labels as the wildcard.
            Denial::Nsec3(chain) => {
                show_witness(self, self.hashed_witness(chain, name, wildcard.label_count()), show);
            }
        }
    }

    /// Proves that no name is closer to `name` than `wildcard`, and that this is without a type.
    pub fn deny_wildcard_type<'z>(&'z self, name: &HashedName, wildcard: Node<'z>, show: Show<'z, '_>) {
        match &self.denial {
            Denial::None => {}
            Denial::Nsec(places) => {
                show_type(nsec_for(self, places, wildcard.labels()), Rtype::NSEC, show);
                self.deny_closer(name, wildcard, show);
            }
            Denial::Nsec3(chain) if chain.is_costly => show_apex(self, chain, show),
            // RFC 5155 section 7.2.5.
            Denial::Nsec3(chain) => {
                let depth = wildcard.label_count().saturating_sub(1);
                if let Some(encloser) = self.ancestor(name, depth) {
                    self.prove_encloser(chain, name, encloser, show);
                }
                let own = chain.tail(wildcard).and_then(|tail| chain.own(self, wildcard, tail));
                show_witness(self, own, show);
            }
        }
    }

    /// Shows the closest provable encloser of a name, and that the next closer name is not there (RFC 5155 section 7.2.1).
    /// `deepest` is the name's own node or that of its closest encloser: the first one to try. Returns the encloser with its
    /// tail.
    fn prove_encloser<'z>(
        &'z self,
        chain: &'z Nsec3Chain,
        name: &HashedName,
        deepest: Node<'z>,
        show: Show<'z, '_>,
    ) -> Option<(Node<'z>, Tail)> {
        let Encloser { node, tail, depth, own, next_closer } = self.provable_encloser(chain, name, deepest)?;
        // The encloser's is often in the cache; the other one seldom.
        let next_closer = next_closer.or_else(|| self.hashed_witness(chain, name, depth + 1));
        next_closer.into_iter().for_each(|next_closer| self.prefetch_denial(next_closer.place));
        show_witness(self, Some(own), show);
        show_witness(self, next_closer, show);
        Some((node, tail))
    }

    /// Finds the closest encloser of a name that has an NSEC3, beginning with `deepest`.
    fn provable_encloser<'z>(
        &'z self,
        chain: &'z Nsec3Chain,
        name: &HashedName,
        deepest: Node<'z>,
    ) -> Option<Encloser<'z>> {
        let (mut node, mut depth, mut next_closer) = (deepest, deepest.label_count(), None);
        loop {
            let tail = chain.tail(node)?;
            let own = chain.own(self, node, tail)?;
            if own.is_match {
                return Some(Encloser { node, tail, depth, own, next_closer });
            }
            // It is in the span of an opt-out, and so it is the next closer name of the one above.
            next_closer = Some(own);
            depth = depth.checked_sub(1)?;
            node = self.ancestor(name, depth)?;
        }
    }

    /// Which link tells of a name that is no node: of what is left of `name` with so many labels in front of the apex.
    fn hashed_witness(&self, chain: &Nsec3Chain, name: &HashedName, depth: usize) -> Option<Witness> {
        let skip = (name.label_count() - self.apex_labels).checked_sub(depth)?;
        chain.witness(self, &chain.hash(&[name.suffix(skip)]))
    }

    /// The node of a name or of one above it, with so many labels in front of the apex.
    fn ancestor(&self, name: &HashedName, depth: usize) -> Option<Node<'_>> {
        let below = name.label_count() - self.apex_labels;
        if depth == 0 {
            return Some(self.apex_node());
        }
        let skip = below.checked_sub(depth)?;
        let hash = name.hash(skip);
        self.block(hash).find(hash, name.labels_between(skip, below)).map(|found| Node::new(self, found))
    }

    /// The labels of a name in front of the apex.
    fn in_front<'n>(&self, name: &'n HashedName) -> &'n [u8] {
        name.labels_between(0, name.label_count() - self.apex_labels)
    }
}

fn show_type<'z>(node: Option<Node<'z>>, rtype: Rtype, show: Show<'z, '_>) {
    node.and_then(|node| node.rrset(rtype)).into_iter().for_each(show);
}

fn show_witness<'z>(zone: &'z Zone, witness: Option<Witness>, show: Show<'z, '_>) {
    show_type(witness.and_then(|witness| zone.node_in(witness.place)), Rtype::NSEC3, show);
}

/// All that is shown where hashing takes too long: a validator that sees how many iterations there are takes the zone for
/// insecure, whatever else it sees (RFC 9276 section 3.2).
fn show_apex<'z>(zone: &'z Zone, chain: &Nsec3Chain, show: Show<'z, '_>) {
    show_witness(zone, chain.apex(), show);
}

#[cfg(test)]
#[path = "deny_tests.rs"]
mod tests;
