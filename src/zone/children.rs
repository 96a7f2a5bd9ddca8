//! Counts the nodes that stand directly below others: a name that exists only because others stand below it goes with the
//! last of them, and nobody should have to look through the whole zone for one that is left.
//!
//! Knows names by their hashes alone, and is told of each of them once.

use std::collections::BTreeMap;

use super::ancestry::Ancestry;
use super::block::Block;
use super::compile::block_of;
use super::node::{Layout, NodeFlags};

/// The children of some nodes.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// How many the apex has.
    pub(super) of_apex: u32,
    /// For each child of another node that one's hash.
    pub(super) of_others: Vec<u64>,
}

impl Children {
    /// Adds those of others.
    pub(super) fn append(&mut self, others: Self) {
        self.of_apex += others.of_apex;
        self.of_others.extend(others.of_others);
    }

    /// Writes the counts into the nodes of `blocks`, which are new and given by ascending number; `beside` are the children
    /// that the nodes with such labels have beside these.
    pub(super) fn count<'b>(
        mut self,
        blocks: impl Iterator<Item = (u64, &'b mut Block)>,
        block_bits: u32,
        ancestry: Ancestry<'_>,
        beside: &BTreeMap<&[u8], u32>,
    ) {
        self.of_others.sort_unstable();
        let mut rest = self.of_others.as_slice();
        for (number, block) in blocks {
            let start = rest.partition_point(|&hash| block_of(hash, block_bits) < number);
            let end = start + rest[start..].partition_point(|&hash| block_of(hash, block_bits) == number);
            let (these, others) = (&rest[start..end], &rest[end..]);
            rest = others;
            if these.is_empty() && beside.is_empty() && number != block_of(ancestry.apex_hash, block_bits) {
                continue;
            }
            let children = |labels: &[u8]| {
                if labels.is_empty() {
                    return self.of_apex;
                }
                let hash = ancestry.hash(labels);
                let start = these.partition_point(|&other| other < hash);
                these[start..].partition_point(|&other| other == hash) as u32
            };
            let counted = |offset| {
                let layout = Layout(block.node(offset));
                let count = || children(layout.labels()) + beside.get(layout.labels()).copied().unwrap_or(0);
                layout.has(NodeFlags::CHILDREN).then(|| (offset, layout.count_start(), count()))
            };
            let counts: Vec<_> = block.offsets().filter_map(counted).collect();
            counts.into_iter().for_each(|(offset, at, count)| block.set_children(offset, at, count));
        }
    }
}
