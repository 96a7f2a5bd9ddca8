//! Where a chain of aliases has been, and which DNAMEs are in the reply already.
//!
//! Does not know what comes next.

use crate::base::limits::CHAIN_STEPS_MAX;
use crate::wire::{HashedName, Place};
use crate::zone::Node;

/// Where a chain has been.
#[derive(Debug)]
pub(super) struct Trail {
    /// Hashes of the names that were answered.
    names: [u64; CHAIN_STEPS_MAX + 1],
    name_count: usize,
    /// The DNAMEs in the reply, and where the target of each stands: a chain may come by one again, and a record stands
    /// in a message once (RFC 2181 section 5).
    dnames: [(usize, Place); CHAIN_STEPS_MAX + 1],
    dname_count: usize,
}

impl Trail {
    pub(super) fn new() -> Self {
        let dnames = [(0, Place::QUESTION); CHAIN_STEPS_MAX + 1];
        Self { names: [0; CHAIN_STEPS_MAX + 1], name_count: 0, dnames, dname_count: 0 }
    }

    pub(super) fn clear(&mut self) {
        (self.name_count, self.dname_count) = (0, 0);
    }

    pub(super) fn has_been_at(&self, name: &HashedName) -> bool {
        self.names[..self.name_count].contains(&name.hash(0))
    }

    pub(super) fn add_name(&mut self, name: &HashedName) {
        if let Some(free) = self.names.get_mut(self.name_count) {
            *free = name.hash(0);
            self.name_count += 1;
        }
    }

    /// Where the target of this node's DNAME stands, if it was shown.
    pub(super) fn dname_target(&self, node: Node<'_>) -> Option<Place> {
        let shown = &self.dnames[..self.dname_count];
        shown.iter().find(|shown| shown.0 == node.identity()).map(|shown| shown.1)
    }

    pub(super) fn add_dname(&mut self, node: Node<'_>, target: Place) {
        if let Some(free) = self.dnames.get_mut(self.dname_count) {
            *free = (node.identity(), target);
            self.dname_count += 1;
        }
    }
}
