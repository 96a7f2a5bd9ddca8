//! Blocks: some hundred nodes and the slots that find them.
//!
//! Does not know what is in a node but its owner.

use bytes::Bytes;
use smallvec::SmallVec;

use super::node::{Layout, NODE_HEADER, Tail};
use crate::base::prefetch::prefetch_lines;
use crate::base::words::same;

/// Octets that one block should have: small enough to copy when one name in it changes, large enough that a zone of
/// millions of names has few of them.
pub(super) const BLOCK_OCTETS: usize = 48 * 1024;

/// What nodes are aligned to: slots count in this unit.
const UNIT: usize = 4;

/// Offsets that a slot can tell, in units; 0 means that the slot is empty.
const OFFSETS: usize = (1 << 24) - 1;

/// One part of a zone's names, by hash. Shared between versions of a zone.
#[derive(Debug, Clone)]
pub(super) struct Block {
    slots: u32,
    /// Memory of its own, or a part of what others have parts of too. To read it is a pointer and a length, whoever owns it.
    data: Bytes,
}

/// All blocks of a zone. Most zones have one: it stands in the zone itself.
pub(super) type Blocks = SmallVec<[Block; 1]>;

/// The nodes of one block are more than a slot can tell apart (64 MiB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

/// A block being filled.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    entries: Vec<(u64, u32)>,
    pub(super) nodes: Vec<u8>,
    /// The slots and the nodes; reused.
    whole: Vec<u8>,
}

impl BlockBuilder {
    /// Enters the node that was appended to `nodes` from `start` on.
    pub(super) fn enter(&mut self, hash: u64, start: usize) -> Result<(), TooLarge> {
        debug_assert_eq!(start % UNIT, 0);
        if start / UNIT >= OFFSETS {
            return Err(TooLarge);
        }
        self.entries.push((hash, (start / UNIT) as u32));
        self.nodes.resize(self.nodes.len().next_multiple_of(UNIT), 0);
        Ok(())
    }

    /// Enters a node that was made before.
    pub(super) fn copy(&mut self, hash: u64, node: &[u8]) -> Result<(), TooLarge> {
        let start = self.nodes.len();
        self.nodes.extend_from_slice(node);
        self.enter(hash, start)
    }

    /// The block; the builder is empty again.
    pub(super) fn finish(&mut self) -> Block {
        // Half of the slots full, so eight octets a name: a search in vain walks 2.5 slots. With three of four full it
        // walked 8.5, for 5.3 octets a name.
        let slots = if self.entries.is_empty() { 0 } else { 2 * self.entries.len() + 1 };
        self.whole.clear();
        self.whole.resize(slots * 4, 0);
        let (table, _) = self.whole.as_chunks_mut::<4>();
        for &(hash, offset) in &self.entries {
            let mut at = slot_of(hash, slots as u32);
            while table[at] != [0; 4] {
                at = if at + 1 == slots { 0 } else { at + 1 };
            }
            table[at] = (tag_of(hash) | (offset + 1)).to_le_bytes();
        }
        self.whole.extend_from_slice(&self.nodes);
        self.entries.clear();
        self.nodes.clear();
        Block { slots: slots as u32, data: Bytes::copy_from_slice(&self.whole) }
    }
}

impl Block {
    /// The bytes from the node of `labels` (relative to the apex, lower case) with this hash on.
    #[inline]
    pub(super) fn find(&self, hash: u64, labels: &[u8]) -> Option<&[u8]> {
        let (table, nodes) = self.parts();
        let (tag, mut at) = (tag_of(hash), slot_of(hash, self.slots));
        loop {
            let slot = u32::from_le_bytes(*table.get(at)?); // none in an empty table
            if slot == 0 {
                return None;
            }
            if (slot ^ tag) >> 24 == 0 {
                let node = &nodes[((slot & OFFSETS as u32) as usize - 1) * UNIT..];
                if is_owned_by(node, labels) {
                    return Some(node);
                }
            }
            at = if at + 1 == table.len() { 0 } else { at + 1 };
        }
    }

    /// The slots, and the nodes behind them.
    #[inline(always)]
    fn parts(&self) -> (&[[u8; 4]], &[u8]) {
        let (table, nodes) = self.data.split_at(self.slots as usize * 4);
        (table.as_chunks().0, nodes)
    }

    /// Where a node stands that [`find`](Self::find) found, for [`behind`](Self::behind).
    pub(super) fn start_of(&self, node: &[u8]) -> usize {
        self.data.len() - node.len()
    }

    /// Which of the [`offsets`](Self::offsets) a node has that [`find`](Self::find) found.
    pub(super) fn offset_of(&self, node: &[u8]) -> u32 {
        ((self.start_of(node) - self.slots as usize * 4) / UNIT) as u32
    }

    /// The bytes from the node that starts there on.
    #[inline]
    pub(super) fn behind(&self, start: usize) -> &[u8] {
        &self.data[start..]
    }

    /// How many slots it has.
    pub(super) fn slots(&self) -> usize {
        self.slots as usize
    }

    /// The bytes from the node that a slot finds on; none where it is empty.
    pub(super) fn at_slot(&self, slot: usize) -> Option<&[u8]> {
        let slot = super::node::u32_of(&self.data, slot * 4);
        (slot != 0).then(|| self.node((slot & OFFSETS as u32) - 1))
    }

    /// Where the nodes are, in no particular order.
    pub(super) fn offsets(&self) -> impl Iterator<Item = u32> {
        let slots = self.data[..self.slots as usize * 4].chunks_exact(4).map(|slot| super::node::u32_of(slot, 0));
        slots.filter(|&slot| slot != 0).map(|slot| (slot & OFFSETS as u32) - 1)
    }

    /// The bytes from the node at one of the [`offsets`](Self::offsets) on.
    #[inline]
    pub(super) fn node(&self, offset: u32) -> &[u8] {
        &self.data[self.slots as usize * 4 + offset as usize * UNIT..]
    }

    /// Writes the tail of the node at one of the [`offsets`](Self::offsets), which has one; for blocks that are new and shared
    /// with nobody.
    pub(super) fn set_tail(&mut self, offset: u32, at: usize, tail: Tail) {
        self.write(offset, at, &tail.octets());
    }

    /// Writes the count of children of the node at one of the [`offsets`](Self::offsets), which counts them; for blocks as
    /// above.
    pub(super) fn set_children(&mut self, offset: u32, at: usize, children: u32) {
        self.write(offset, at, &children.to_le_bytes());
    }

    /// Writes octets of the node at one of the [`offsets`](Self::offsets), unless the block is shared.
    fn write(&mut self, offset: u32, at: usize, octets: &[u8]) {
        let start = self.slots as usize * 4 + offset as usize * UNIT + at;
        // Moves no octets, neither here nor back.
        match std::mem::take(&mut self.data).try_into_mut() {
            Ok(mut data) => {
                data[start..start + octets.len()].copy_from_slice(octets);
                self.data = data.freeze();
            }
            Err(shared) => self.data = shared,
        }
    }

    /// The nodes in the order they were entered.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.behind(self.slots as usize * 4);
        std::iter::from_fn(move || {
            let octets = if rest.is_empty() { return None } else { Layout(rest).octets() };
            let (node, after) = rest.split_at(octets.next_multiple_of(UNIT));
            rest = after;
            Some(&node[..octets])
        })
    }

    /// Asks the processor to fetch the node at one of the [`offsets`](Self::offsets).
    #[inline]
    pub(super) fn prefetch_at(&self, offset: u32) {
        self.prefetch_lines_at(offset, 3);
    }

    /// The same for all of an NSEC3 with its signature: four cache lines.
    #[inline]
    pub(super) fn prefetch_denial_at(&self, offset: u32) {
        self.prefetch_lines_at(offset, 4);
    }

    #[inline]
    fn prefetch_lines_at(&self, offset: u32, lines: usize) {
        let node = self.slots as usize * 4 + offset as usize * UNIT;
        self.data.get(node..).into_iter().for_each(|node| prefetch_lines(node, lines));
    }

    /// From the slot on that is read first for `hash`.
    #[inline]
    pub(super) fn slot(&self, hash: u64) -> &[u8] {
        self.data.get(slot_of(hash, self.slots) * 4..).unwrap_or_default()
    }

    /// The first node whose slot has the tag of `hash`, if there is one.
    #[inline]
    pub(super) fn likely_node(&self, hash: u64) -> Option<&[u8]> {
        let (table, _) = self.parts();
        let (tag, mut at) = (tag_of(hash), slot_of(hash, self.slots));
        while let Some(slot) = table.get(at).map(|slot| u32::from_le_bytes(*slot)).filter(|&slot| slot != 0) {
            if (slot ^ tag) >> 24 == 0 {
                return Some(self.node((slot & OFFSETS as u32) - 1));
            }
            at = if at + 1 == table.len() { 0 } else { at + 1 };
        }
        None
    }

    /// All of it.
    pub(super) fn as_octets(&self) -> &[u8] {
        &self.data
    }

    /// The block with so many slots that these octets are all of; none where the slots take more.
    pub(super) fn of_octets(slots: u32, data: Bytes) -> Option<Self> {
        (slots as usize * 4 <= data.len()).then_some(Self { slots, data })
    }

    /// Octets of memory it has besides its own.
    pub(super) fn octets(&self) -> usize {
        self.data.len()
    }
}

/// Whether a node's owner has these labels in front of the apex.
#[inline(always)]
fn is_owned_by(node: &[u8], labels: &[u8]) -> bool {
    usize::from(node[1]) == labels.len()
        && node.get(NODE_HEADER..NODE_HEADER + labels.len()).is_some_and(|owner| same(owner, labels))
}

/// The slot where the search for `hash` starts: its lower 32 bits, scaled.
#[inline]
fn slot_of(hash: u64, slots: u32) -> usize {
    ((u64::from(hash as u32) * u64::from(slots)) >> 32) as usize
}

/// The tag of `hash`, in the upper eight bits: bits that chose neither the slot nor (but in huge zones) the block.
#[inline]
fn tag_of(hash: u64) -> u32 {
    ((hash >> 8) as u32) & 0xff00_0000
}

#[cfg(test)]
mod tests {
    use super::super::node::TAIL_OCTETS;
    use super::*;

    fn node(labels: &[u8]) -> Vec<u8> {
        [&[0, labels.len() as u8, 0, 0, 0, 0], labels].concat()
    }

    #[test]
    fn finds_what_was_entered_even_with_equal_hashes() {
        let mut builder = BlockBuilder::default();
        let names: Vec<Vec<u8>> = (0..300u32).map(|n| format!("\x04{n:04}").into_bytes()).collect();
        for (n, labels) in names.iter().enumerate() {
            let start = builder.nodes.len();
            builder.nodes.extend(node(labels));
            builder.enter((n as u64 / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15), start).expect("room");
        }
        let block = builder.finish();
        for (n, labels) in names.iter().enumerate() {
            let hash = (n as u64 / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let found = block.find(hash, labels).expect("an entered node");
            assert_eq!(&found[NODE_HEADER..NODE_HEADER + 5], labels);
            assert_eq!(block.find(hash, b"\x01x"), None);
        }
        let mut owners: Vec<&[u8]> = block.offsets().map(|at| &block.node(at)[NODE_HEADER..NODE_HEADER + 5]).collect();
        owners.sort_unstable();
        assert_eq!(owners, names);
        assert_eq!(BlockBuilder::default().finish().find(1, b""), None);
    }

    #[test]
    fn tails_are_written_where_they_belong_and_never_into_what_others_hold() {
        let (mut builder, hash) = (BlockBuilder::default(), 5);
        builder.nodes.extend([node(b"\x01a"), vec![0; TAIL_OCTETS]].concat());
        builder.enter(hash, 0).expect("room");
        let mut block = builder.finish();
        let octets = block.find(hash, b"\x01a").expect("an entered node").to_vec();
        let at = octets.len() - TAIL_OCTETS;
        let spot = |link| super::super::chain::Spot { link, is_match: false };
        let tail = Tail { own: spot(7), wildcard: spot(9) };
        let shared = block.clone();
        block.set_tail(0, at, tail);
        assert_eq!((block.node(0), shared.node(0)), (&*octets, &*octets), "it is shared");
        drop(shared);
        block.set_tail(0, at, tail);
        let found = block.find(hash, b"\x01a").expect("it is still found");
        assert_eq!((&found[..at], &found[at..]), (&octets[..at], &tail.octets()[..]));
    }
}
