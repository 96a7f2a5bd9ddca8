//! The compiled zone, and its making: part by part, so that it takes little more memory than before or after.
//!
//! Does not know lookups, nor what nodes are made of.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use super::ancestry::Ancestry;
use super::block::{BLOCK_OCTETS, Block, Blocks};
use super::builder::Builder;
use super::compile::{Compiled, Plan, Soa, block_of, compile};
use super::denial::Denial;
use super::depths::{Depths, Population};
use super::finding::{Findings, Level, Owner, Problem};
use super::node::{Node, NodeFlags};
use super::renewed::Renewed;
use super::runs::{Finished, Parts};
use crate::base::memory::addresses;
use crate::base::spread::spread;
use crate::wire::{Name, SuffixHasher};

/// How many of the blocks that are new tell at which depth most names are: some thousand names.
const BLOCKS_SAMPLED: usize = 4;

/// A zone, compiled.
///
/// Having a `Zone` tells you: one SOA and at least one NS at the apex, no CNAME beside other data, every RRset fits a
/// message, and every ancestor of a name (below the apex, not below a cut) is a node.
#[derive(Debug)]
pub struct Zone {
    pub(super) apex: SmallVec<[u8; 24]>,
    pub(super) apex_labels: usize,
    pub(super) apex_hash: u64,
    /// Where the apex' node starts in its block.
    pub(super) apex_at: usize,
    /// What its names were hashed with; a whole hasher would be six times as large.
    pub(super) seed: u64,
    /// How many bits of a hash choose the block.
    pub(super) block_bits: u32,
    /// How many labels in front of the apex a lookup tries first: one at least, and beyond that a guess that shortens it.
    pub(super) usual_depth: u8,
    pub(super) blocks: Blocks,
    /// How many labels nodes have in front of the apex.
    pub(super) depths: Depths,
    /// Occluded records that are no addresses, as runs: only whoever reads the whole zone sees them.
    pub(super) occluded: Arc<Finished>,
    pub(super) denial: Denial,
    /// The first link of the chain that denies which does not name the one behind it.
    pub(super) first_break: Option<u32>,
    pub(super) serial: u32,
    pub(super) negative_ttl: u32,
    pub(super) records: u64,
}

impl Zone {
    /// The apex, in lower case.
    pub fn apex(&self) -> Name<'_> {
        // Made from a name by `seal`.
        Name::from_wire(&self.apex).unwrap_or(Name::ROOT)
    }

    /// The apex in wire form, in lower case.
    #[inline]
    pub fn apex_wire(&self) -> &[u8] {
        &self.apex
    }

    /// How many labels the apex has.
    #[inline]
    pub fn apex_labels(&self) -> usize {
        self.apex_labels
    }

    /// The hash of the apex.
    #[inline]
    pub fn apex_hash(&self) -> u64 {
        self.apex_hash
    }

    /// What hashes names as this zone does.
    pub(super) fn hasher(&self) -> SuffixHasher {
        SuffixHasher::new(self.seed)
    }

    /// The serial of its SOA.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The TTL of negative answers in seconds: the lower of the SOA's TTL and its MINIMUM (RFC 2308 section 5).
    #[inline]
    pub fn negative_ttl(&self) -> u32 {
        self.negative_ttl
    }

    /// How many records it holds: of several that are the same, one.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Octets of memory it takes.
    pub fn octets(&self) -> usize {
        size_of::<Self>()
            + if self.apex.spilled() { self.apex.len() } else { 0 }
            + if self.blocks.spilled() { size_of_val(&*self.blocks) } else { 0 }
            + self.blocks.iter().map(Block::octets).sum::<usize>()
            + self.occluded.octets()
            + self.denial.octets()
    }

    /// The addresses of what a lookup reads, piece by piece.
    pub(super) fn memory(&self) -> impl Iterator<Item = Range<usize>> {
        let own = [addresses(std::slice::from_ref(self)), addresses(&self.blocks)];
        own.into_iter().chain(self.denial.memory()).chain(self.blocks.iter().map(|block| addresses(block.as_octets())))
    }

    /// The block that holds the names of this hash.
    #[inline]
    pub(super) fn block(&self, hash: u64) -> &Block {
        &self.blocks[block_of(hash, self.block_bits) as usize]
    }

    /// The node of the apex.
    #[inline]
    pub fn apex_node(&self) -> Node<'_> {
        Node::new(self, self.block(self.apex_hash).behind(self.apex_at))
    }
}

impl Zone {
    /// A zone with the same apex and as many blocks, which holds these; which of them are new is told, and what in them. None
    /// where it is to be built anew for what denies.
    pub(super) fn successor(
        &self,
        (blocks, renewed): (Blocks, Renewed<'_>),
        depths: Depths,
        occluded: Arc<Finished>,
        soa: &Soa,
        records: u64,
    ) -> Option<Self> {
        let mut zone = Self {
            apex: self.apex.clone(),
            blocks,
            depths,
            occluded,
            denial: Denial::None,
            first_break: None,
            serial: soa.serial,
            negative_ttl: soa.negative_ttl(),
            records,
            ..*self
        };
        zone.usual_depth = zone.usual_depth_in(renewed.numbers);
        zone.find_apex();
        zone.denial = self.denial.next(self, &mut zone, renewed)?;
        zone.first_break = zone.next_break(self, renewed);
        Some(zone)
    }

    /// The usual depth as the first of these blocks have it: where a zone has a single block, as all of it has.
    fn usual_depth_in(&self, numbers: &[u64]) -> u8 {
        let mut population = Population::default();
        for node in numbers.iter().take(BLOCKS_SAMPLED).flat_map(|&number| self.blocks[number as usize].nodes()) {
            let node = Node::new(self, node);
            population.add(node.label_count(), node.rrsets().next().is_some() && !node.has(NodeFlags::NSEC3_ONLY));
        }
        population.usual()
    }

    /// Finds the apex, once its block is there.
    fn find_apex(&mut self) {
        let block = self.block(self.apex_hash);
        // A zone with an SOA has an apex.
        self.apex_at = block.find(self.apex_hash, &[]).map_or(0, |apex| block.start_of(apex));
    }
}

pub(super) fn seal(builder: Builder, threads: usize) -> Result<(Zone, Findings), Findings> {
    let Builder { apex, hasher, apex_labels, apex_hash, apex_occludes, has_nsec3param, runs, .. } = builder;
    let ancestry = Ancestry { hasher: &hasher, apex_hash };
    let block_bits = (runs.octets() / BLOCK_OCTETS).next_power_of_two().trailing_zeros();
    let Parts { parts, .. } = ancestry.settle(runs, apex_occludes, threads);
    let blocks_per_part = (1u64 << block_bits) / parts.len() as u64;
    let mut all = Compiled { blocks: Vec::with_capacity(1 << block_bits), ..Compiled::default() };
    let plan = Plan { ancestry, apex: apex.as_name(), block_bits, has_tails: has_nsec3param };
    let parts = (0..).zip(parts).collect();
    let compiled = spread(threads, parts, |(number, part)| {
        let blocks = number * blocks_per_part..(number + 1) * blocks_per_part;
        compile(&part, plan, blocks)
    });
    compiled.into_iter().for_each(|part| all.append(part));
    let Compiled { mut blocks, population, children, records, occluded, mut findings, soa } = all;
    if soa.is_none() {
        findings.add(Owner { labels: &[], apex: apex.as_name() }, Problem::NoSoa);
    }
    let (Some(soa), 0) = (soa, findings.count(Level::Error)) else { return Err(findings) };
    children.count((0..).zip(&mut blocks), block_bits, ancestry, &BTreeMap::new());
    let mut zone = Zone {
        apex: apex.as_name().wire().into(),
        apex_labels,
        apex_hash,
        apex_at: 0,
        seed: hasher.root(),
        block_bits,
        usual_depth: population.usual(),
        blocks: Blocks::from_vec(blocks),
        depths: population.depths(),
        occluded: occluded.finish().shared(),
        denial: Denial::None,
        first_break: None,
        serial: soa.serial,
        negative_ttl: soa.negative_ttl(),
        records,
    };
    zone.find_apex();
    zone.denial = Denial::of(&mut zone, threads);
    zone.first_break = zone.denial.first_break(&zone, threads);
    Ok((zone, findings))
}
