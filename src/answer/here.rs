//! A name at which a question has arrived, and where it and what it ends in stand in the message.
//!
//! Does not write anything.

use super::encode::{Frame, suffix_place};
use crate::wire::{HashedName, Place, Writer};
use crate::zone::{Choices, Node, StoredName, Tail, Zone};

/// A name in a zone: the question's, or one that a chain led to.
#[derive(Clone, Copy)]
pub(super) struct Here<'z, 'n> {
    pub(super) zone: &'z Zone,
    pub(super) choices: &'z Choices,
    pub(super) name: &'n HashedName,
    /// Where the name stands in the message.
    pub(super) place: Place,
}

impl<'z> Here<'z, '_> {
    /// Has `into` become the name that stands in rdata of an RRset with this owner.
    #[inline]
    pub(super) fn spell_into(&self, target: StoredName<'_>, owner: Node<'z>, into: &mut HashedName) {
        let apex = self.name.label_count() - self.zone.apex_labels();
        match target.tail {
            Tail::Absolute => {
                let _ = into.read(target.labels); // was a name when it was stored
            }
            Tail::Apex => into.fill_in_front(target.labels, self.name, apex),
            // Rdata is cut at an owner only where that is no wildcard: it is the name at hand or above it.
            Tail::Owner => into.fill_in_front(target.labels, self.name, apex - owner.label_count()),
        }
    }

    /// Where an RRset's owner and apex stand, the owner having `labels` in front of the apex.
    #[inline(always)]
    pub(super) fn frame(&self, writer: &Writer<'_>, labels: usize) -> Frame {
        let apex = self.name.label_count() - self.zone.apex_labels();
        Frame {
            owner: suffix_place(writer, self.place, self.name, apex - labels),
            apex: suffix_place(writer, self.place, self.name, apex),
        }
    }

    /// Whether this is the node's own name, and no name that a wildcard stands for.
    pub(super) fn is_owned_by(&self, node: Node<'_>) -> bool {
        let apex = self.name.label_count() - self.zone.apex_labels();
        self.name.labels_between(0, apex) == node.labels()
    }

    /// How many octets of the node's labels are not the name's own, from the right, and where those stand that are.
    pub(super) fn shared_with(&self, writer: &Writer<'_>, node: Node<'_>) -> (usize, Place) {
        let (apex, labels) = (self.name.label_count() - self.zone.apex_labels(), node.labels());
        // Nearly always a hash right below the apex, and not the name that was asked for.
        let is_single = labels.first().is_some_and(|&length| 1 + usize::from(length) == labels.len());
        if is_single && (apex == 0 || self.name.labels_between(apex - 1, apex) != labels) {
            return (labels.len(), suffix_place(writer, self.place, self.name, apex));
        }
        let is_own = |shared: usize| labels.ends_with(self.name.labels_between(apex - shared, apex));
        let count = node.label_count();
        // A suffix of octets is one of labels where the labels are as many.
        let (mut shared, mut front) = (count.min(apex), labels);
        for _ in shared..count {
            front = skip_label(front);
        }
        while !is_own(shared) || front.len() != self.name.labels_between(apex - shared, apex).len() {
            (shared, front) = (shared - 1, skip_label(front));
        }
        (labels.len() - front.len(), suffix_place(writer, self.place, self.name, apex - shared))
    }

    /// The frame of an RRset that is shown under the name itself.
    #[inline(always)]
    pub(super) fn frame_of_name(&self, writer: &Writer<'_>) -> Frame {
        let apex = self.name.label_count() - self.zone.apex_labels();
        Frame { owner: self.place, apex: suffix_place(writer, self.place, self.name, apex) }
    }
}

/// `labels` without the first one.
fn skip_label(labels: &[u8]) -> &[u8] {
    let length = labels.first().map_or(0, |&length| 1 + usize::from(length));
    &labels[length..]
}
