//! Makes the next version of a zone from one that stays as it is, at the cost of what changes.
//!
//! Does not know where changes come from.
//!
//! The names that change are sealed as a small zone of their own: with all that the old version holds for them, for what
//! occludes them and for their ancestors, which is all that bears on how they are compiled. So there is one writer of
//! nodes, and what comes out is what sealing all records would have made (but for the guess at which depth most names are, for
//! which some of the new blocks stand). The new nodes take the place of the old ones in
//! the blocks they belong to, where the others are copied as they are; all other blocks are shared by both versions.
//!
//! Some changes take a look through the whole zone: a zone cut or DNAME above names that are there, for there is no index
//! of descendants; and the last name of its depth that goes, for the set of depths must shrink with it.
//!
//! Some have the zone built anew, which takes as long as sealing it and as much memory: more than an eighth of all
//! records; blocks that have grown too large; another chain of NSEC3 than before, or one of which so many links have come or
//! gone that too much of what nodes tell of it is in doubt (`chain` says how); and a DNAME at the apex. In a zone with NSEC
//! the index of these is copied, 16 octets a name; in one with NSEC3 its indexes, 16 octets a link or 24.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ancestry::Ancestry;
use super::block::{BLOCK_OCTETS, Block, BlockBuilder, Blocks, TooLarge};
use super::builder::Builder;
use super::changes::{Changes, Refused, Removals};
use super::compile::{Plan, block_of, compile};
use super::depths::Depths;
use super::finding::{Findings, Level, Owner, Problem};
use super::node::{Layout, Node, NodeFlags};
use super::reading::{Bookmark, StoredRecord, read_node};
use super::renewed::Renewed;
use super::runs::{Finished, Part, label_count, skip_labels};
use super::{Zone, stored};
use crate::base::limits::{BLOCK_GROWTH_MAX, CHANGED_SHARE_MAX, NAME_OCTETS_MAX};
use crate::wire::{Class, Record, Rtype};

impl Zone {
    /// The zone that these changes make of this one, with warnings about the names that change and those above them. They are
    /// refused where no zone that can be served would come of them, and where something should go that is not there.
    ///
    /// What comes is what sealing the old records but for those that go, and then those that come, would have made.
    pub fn apply(&self, changes: &Changes) -> Result<(Self, Findings), Refused> {
        self.apply_on(changes, 1)
    }

    /// The same; where the zone has to be built anew, on up to so many threads.
    pub fn apply_on(&self, changes: &Changes, threads: usize) -> Result<(Self, Findings), Refused> {
        if self.is_to_be_rebuilt(changes) {
            return self.rebuild(changes, threads);
        }
        let hasher = self.hasher();
        let applying = Applying { zone: self, ancestry: Ancestry { hasher: &hasher, apex_hash: self.apex_hash() } };
        match applying.apply(changes)? {
            Some(made) => Ok(made),
            None => self.rebuild(changes, threads),
        }
    }

    /// Whether sealing all records is what these changes take.
    pub(super) fn is_to_be_rebuilt(&self, changes: &Changes) -> bool {
        let settles_all = |rtype| matches!(rtype, Rtype::DNAME | Rtype::NSEC3PARAM);
        let is_followed = |rtype| rtype == Rtype::NSEC3PARAM && self.hashes_names();
        let octets: usize = self.blocks.iter().map(Block::octets).sum();
        changes.count() as u64 > self.records() / CHANGED_SHARE_MAX
            || octets / self.blocks.len() > BLOCK_GROWTH_MAX * BLOCK_OCTETS
            || self.apex_node().rrsets().any(|rrset| settles_all(rrset.rtype) && !is_followed(rrset.rtype))
            || changes.added().any(|(labels, record)| labels.is_empty() && settles_all(record.rtype))
    }

    /// Builds the zone anew.
    fn rebuild(&self, changes: &Changes, threads: usize) -> Result<(Self, Findings), Refused> {
        let mut carrier = Carrier::new(self, changes);
        let read = self.read_on(&mut Bookmark::default(), |record| carrier.carry(record));
        read.and_then(|()| carrier.finish(changes))?.seal_on(threads).map_err(Refused::Zone)
    }

    /// The node of the name with these labels in front of the apex.
    fn node_at(&self, ancestry: Ancestry<'_>, labels: &[u8]) -> Option<Node<'_>> {
        let hash = ancestry.hash(labels);
        self.block(hash).find(hash, labels).map(|found| Node::new(self, found))
    }
}

/// Takes records of the old version to the new one, but for those that go.
struct Carrier<'a> {
    zone: &'a Zone,
    builder: Builder,
    removals: Removals<'a>,
    /// How many records of the old version were met.
    met: u64,
    rdata: Vec<u8>,
}

impl<'a> Carrier<'a> {
    fn new(zone: &'a Zone, changes: &'a Changes) -> Self {
        let builder = Builder::new(zone.apex(), &zone.hasher());
        Self { zone, builder, removals: changes.removals(), met: 0, rdata: Vec::new() }
    }

    fn carry(&mut self, record: StoredRecord<'_>) -> Result<(), Refused> {
        let StoredRecord { owner: (front, back), rtype, ttl, rdata: stored } = record;
        self.met += 1;
        let mut labels = [0; NAME_OCTETS_MAX];
        let labels = &mut labels[..front.len() + back.len()];
        labels[..front.len()].copy_from_slice(front);
        labels[front.len()..].copy_from_slice(back);
        if self.removals.strike(labels, rtype, stored) {
            return Ok(());
        }
        let owner = self.zone.join(labels);
        self.rdata.clear();
        stored::restore(rtype, stored, owner.as_name(), self.zone.apex(), &mut self.rdata);
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl, rtype, rdata: &self.rdata };
        self.builder.add(&record).map_err(|why| Refused::Rejected(owner.into(), why))
    }

    /// Takes the records that come, too.
    fn finish(mut self, changes: &Changes) -> Result<Builder, Refused> {
        if let Some((labels, rtype)) = self.removals.missed() {
            return Err(Refused::Absent(self.zone.join(labels).into(), rtype));
        }
        for (_, record) in changes.added() {
            let refused = |why| Refused::Rejected(record.owner.to_buf().into(), why);
            self.builder.add(&record).map_err(refused)?;
        }
        Ok(self.builder)
    }
}

/// What is the same for all steps.
#[derive(Clone, Copy)]
struct Applying<'z> {
    zone: &'z Zone,
    ancestry: Ancestry<'z>,
}

/// The nodes of the old version that are compiled anew, by their labels: with each of them all above it.
type Members<'z> = BTreeMap<&'z [u8], Node<'z>>;

impl<'z> Applying<'z> {
    /// The next version; none where it is to be built anew after all: one of its blocks would be too large, or too much of what
    /// its nodes tell of NSEC3 would be in doubt.
    fn apply(self, changes: &Changes) -> Result<Option<(Zone, Findings)>, Refused> {
        let zone = self.zone;
        let members = self.members(changes);
        let beside = beside(&members);
        let (builder, met) = self.gather(changes, &members, &beside)?;
        let part = self.ancestry.settle(builder.runs, builder.apex_occludes, 1).into_one();
        let homes = members.keys().copied().chain(part.runs().map(|(_, run)| run.home()));
        let numbers: BTreeSet<u64> = homes.map(|home| self.number_of(home)).collect();
        let block_bits = zone.block_bits;
        let plan = Plan { ancestry: self.ancestry, apex: zone.apex(), block_bits, has_tails: zone.hashes_names() };
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let mut made = compile(&part, plan, numbers.iter().copied());
        if made.soa.is_none() {
            made.findings.add(Owner { labels: &[], apex: zone.apex() }, Problem::NoSoa);
        }
        let (Some(soa), 0) = (&made.soa, made.findings.count(Level::Error)) else {
            return Err(Refused::Zone(made.findings));
        };
        let fresh = numbers.iter().copied().zip(&mut made.blocks);
        made.children.count(fresh, block_bits, self.ancestry, &beside);
        let Ok(blocks) = self.exchange(&members, &numbers, &made.blocks) else { return Ok(None) };
        let mut is_new = vec![false; blocks.len()];
        numbers.iter().for_each(|&number| is_new[number as usize] = true);
        let renewed = Renewed { ancestry: self.ancestry, numbers: &numbers, nodes: &made.blocks, is_new: &is_new };
        let depths = self.depths(made.population.depths(), &members, &beside);
        let occluded = self.occluded(&members, made.occluded);
        let records = (zone.records() + made.records).saturating_sub(met);
        let next = zone.successor((blocks, renewed), depths, occluded, soa, records);
        Ok(next.map(|next| (next, made.findings)))
    }

    fn number_of(self, labels: &[u8]) -> u64 {
        block_of(self.ancestry.hash(labels), self.zone.block_bits)
    }

    /// Finds the nodes that have to be compiled anew.
    fn members(self, changes: &Changes) -> Members<'z> {
        let mut members = Members::new();
        members.insert(&[], self.zone.apex_node());
        changes.owners().for_each(|labels| {
            self.lead_to(labels, &mut members);
        });
        let occludes = |rtype| matches!(rtype, Rtype::NS | Rtype::DNAME);
        let occluding = changes.added().filter(|(labels, record)| !labels.is_empty() && occludes(record.rtype));
        let raised: BTreeSet<&[u8]> = occluding
            .filter(|(labels, _)| members.get(labels).is_some_and(|node| node.children() > 0))
            .map(|added| added.0)
            .collect();
        if !raised.is_empty() {
            let is_below = |node: &Node<'_>| {
                let count = node.label_count();
                (1..count).any(|skip| raised.contains(skip_labels(node.labels(), skip)))
            };
            members.extend(self.zone.nodes().filter(is_below).map(|node| (node.labels(), node)));
        }
        members
    }

    /// Adds the nodes from the apex down to the name with these labels, or to what occludes it.
    fn lead_to(self, labels: &[u8], members: &mut Members<'z>) {
        for skip in (0..label_count(labels)).rev() {
            // Where a name is no node, none below it is one.
            let Some(node) = self.zone.node_at(self.ancestry, skip_labels(labels, skip)) else { return };
            members.insert(node.labels(), node);
            if is_barrier(node) {
                return;
            }
        }
    }

    /// All that the old version holds for the members, but for what goes, and what comes; and how many records of the old
    /// version that were.
    fn gather(self, changes: &Changes, members: &Members<'_>, beside: &Beside<'_>) -> Result<(Builder, u64), Refused> {
        let mut carrier = Carrier::new(self.zone, changes);
        for (labels, node) in members {
            if beside.contains_key(labels) {
                let wildcard = [b"\x01*", *labels].concat();
                let is_above_wildcard =
                    node.has(NodeFlags::WILDCARD_BELOW) && !members.contains_key(wildcard.as_slice());
                let owner = node.owner();
                let refused = |why| Refused::Rejected(owner.into(), why);
                carrier.builder.keep(owner.as_name(), is_above_wildcard).map_err(refused)?;
            }
            read_node(*node, &mut 0, &mut |record| carrier.carry(record))?;
        }
        if members.values().any(|node| is_barrier(*node)) {
            for run in self.zone.occluded.runs().filter(|run| members.contains_key(run.home())) {
                for record in run.records() {
                    let owner = (&[][..], run.labels);
                    carrier.carry(StoredRecord { owner, rtype: record.rtype, ttl: record.ttl, rdata: record.rdata })?;
                }
            }
        }
        let met = carrier.met;
        Ok((carrier.finish(changes)?, met))
    }

    /// The blocks of the zone, where in those with such numbers the members have made room for the nodes in the `fresh` ones.
    fn exchange(self, members: &Members<'_>, numbers: &[u64], fresh: &[Block]) -> Result<Blocks, TooLarge> {
        let hashed = |labels| (self.ancestry.hash(labels), labels);
        let mut going: Vec<(u64, &[u8])> = members.keys().map(|&labels| hashed(labels)).collect();
        going.sort_unstable();
        let mut going = going.as_slice();
        let (mut blocks, mut block) = (self.zone.blocks.clone(), BlockBuilder::default());
        for (&number, fresh) in numbers.iter().zip(fresh) {
            let entry = |node| (self.ancestry.hash(Layout(node).labels()), node);
            let mut fresh = fresh.nodes().map(entry).peekable();
            let old = &self.zone.blocks[number as usize];
            for (hash, node) in old.nodes().map(entry) {
                going = &going[going.iter().take_while(|other| other.0 < hash).count()..];
                let alike = going.iter().take_while(|other| other.0 == hash);
                if alike.map(|other| other.1).any(|labels| labels == Layout(node).labels()) {
                    continue;
                }
                while let Some((hash, node)) = fresh.next_if(|first| first.0 < hash) {
                    block.copy(hash, node)?;
                }
                block.copy(hash, node)?;
            }
            fresh.try_for_each(|(hash, node)| block.copy(hash, node))?;
            blocks[number as usize] = block.finish();
        }
        Ok(blocks)
    }

    /// The depths of the new version, some of whose nodes have the depths `made`.
    fn depths(self, made: Depths, members: &Members<'_>, beside: &Beside<'_>) -> Depths {
        let (mut all, mut left) = (made, Depths::default());
        members.keys().for_each(|labels| left.add(label_count(labels)));
        let is_held = |depth: usize| {
            let is_other = |node: &Node<'_>| node.label_count() == depth && !members.contains_key(node.labels());
            !left.has(depth)
                || beside.keys().any(|labels| label_count(labels) + 1 == depth)
                || self.zone.nodes().any(|node| is_other(&node))
        };
        let lost = self.zone.depths.up_from(127).filter(|&depth| !made.has(depth));
        lost.filter(|&depth| is_held(depth)).for_each(|depth| all.add(depth));
        all
    }

    /// The occluded records of the new version, some of which were `made`.
    fn occluded(self, members: &Members<'_>, made: Part) -> Arc<Finished> {
        let stays = |home: &[u8]| !members.contains_key(home);
        let old = &self.zone.occluded;
        if made.is_empty() && (old.count() == 0 || old.runs().all(|run| stays(run.home()))) {
            return Arc::clone(old);
        }
        let mut all = Part::default();
        old.runs().filter(|run| stays(run.home())).for_each(|run| all.append(run, run.home_depth));
        made.runs().for_each(|(_, run)| all.append(run, run.home_depth));
        all.finish().shared()
    }
}

/// Whether a node occludes what is below it.
fn is_barrier(node: Node<'_>) -> bool {
    node.has(NodeFlags::CUT | NodeFlags::DNAME)
}

/// How many children nodes have that are not compiled anew, for those that have any.
type Beside<'z> = BTreeMap<&'z [u8], u32>;

fn beside<'z>(members: &Members<'z>) -> Beside<'z> {
    let counts = members.iter().filter(|(_, node)| node.children() > 0);
    let mut beside: Beside<'z> = counts.map(|(&labels, node)| (labels, node.children())).collect();
    for labels in members.keys().filter(|labels| !labels.is_empty()) {
        if let Some(count) = beside.get_mut(skip_labels(labels, 1)) {
            *count = count.saturating_sub(1);
        }
    }
    beside.retain(|_, count| *count > 0);
    beside
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
