//! Proofs that a zone gives with what it denies: which NSEC or NSEC3 a reply must show (RFC 4035 section 3.1.3, RFC 5155
//! section 7.2).
//!
//! Writes no bytes: the records are handed to whoever writes. In a zone with NSEC3 it hashes one name at most; all others
//! were hashed when the zone was sealed.

use super::Zone;
use super::denial::{Denial, Nsec3Chain, Spot, nsec_for};
use super::node::{Node, Rrset, Tail};
use crate::base::limits::NAME_OCTETS_MAX;
use crate::wire::{HashedName, Rtype};

/// Takes the records of a proof. Some may come twice.
pub type Show<'z, 's> = &'s mut dyn FnMut(Rrset<'z>);

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
                if let Some(tail) = self.prove_encloser(chain, name, encloser, show) {
                    show_spot(self, chain, tail.wildcard, show);
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
            Denial::Nsec3(chain) => match chain.tail(node) {
                Some(tail) if tail.own.is_match => show_spot(self, chain, tail.own, show),
                // It is in the span of an opt-out (RFC 5155 section 7.2.4).
                _ => {
                    self.prove_encloser(chain, name, node, show);
                }
            },
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
                let spot = self.hashed_spot(chain, name, wildcard.label_count());
                spot.into_iter().for_each(|spot| show_spot(self, chain, spot, show));
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
                if let Some(tail) = chain.tail(wildcard) {
                    show_spot(self, chain, tail.own, show);
                }
            }
        }
    }

    /// Shows the closest provable encloser of a name, and that the next closer name is not there (RFC 5155 section 7.2.1).
    /// `deepest` is the name's own node or that of its closest encloser: the first one to try. Returns the encloser's tail.
    fn prove_encloser<'z>(
        &'z self,
        chain: &'z Nsec3Chain,
        name: &HashedName,
        deepest: Node<'z>,
        show: Show<'z, '_>,
    ) -> Option<Tail> {
        let (mut node, mut depth, mut next_closer) = (deepest, deepest.label_count(), None);
        loop {
            let tail = chain.tail(node)?;
            if tail.own.is_match {
                // The encloser's is often in the cache; the other one seldom.
                let hashed = || self.hashed_spot(chain, name, depth + 1);
                let spot = next_closer.or_else(hashed);
                spot.into_iter().for_each(|spot| chain.prefetch(self, spot.link));
                show_spot(self, chain, tail.own, show);
                spot.into_iter().for_each(|spot| show_spot(self, chain, spot, show));
                return Some(tail);
            }
            // It is in the span of an opt-out, and so it is the next closer name of the one above.
            next_closer = Some(tail.own);
            depth = depth.checked_sub(1)?;
            node = self.ancestor(name, depth)?;
        }
    }

    /// Where the hash is of a name that is no node: of what is left of `name` with so many labels in front of the apex.
    fn hashed_spot(&self, chain: &Nsec3Chain, name: &HashedName, depth: usize) -> Option<Spot> {
        let skip = (name.label_count() - self.apex_labels).checked_sub(depth)?;
        chain.spot(self, &chain.hash(&[name.suffix(skip)]))
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

fn show_spot<'z>(zone: &'z Zone, chain: &Nsec3Chain, spot: Spot, show: Show<'z, '_>) {
    show_type(chain.node(zone, spot.link), Rtype::NSEC3, show);
}

/// All that is shown where hashing takes too long: a validator that sees how many iterations there are takes the zone for
/// insecure, whatever else it sees (RFC 9276 section 3.2).
fn show_apex<'z>(zone: &'z Zone, chain: &Nsec3Chain, show: Show<'z, '_>) {
    show_type(chain.node(zone, chain.apex), Rtype::NSEC3, show);
}

#[cfg(test)]
#[path = "deny_tests.rs"]
mod tests;
