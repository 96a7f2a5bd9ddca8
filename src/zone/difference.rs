//! Tells by which changes records that come one by one differ from those that a zone holds: so a file that has changed
//! little is loaded without a second zone beside the one that is served.
//!
//! Does not know files. Takes one bit for each two octets of the zone, of which each record has two that no other has, and
//! what differs.
//!
//! What comes of the changes is the zone that the records would make, but for what means nothing: where a record is new to
//! its RRset, or has come in another spelling or with another TTL, it stands behind the others, wherever it came; and the
//! TTL of signatures is never looked at, for it is that of what they cover. Tested beside what applies the changes.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::changes::Changes;
use super::compile::block_of;
use super::node::{Glue, Node, Rrset};
use super::reading::{StoredRecord, read_node};
use super::runs::RunView;
use super::{Zone, stored};
use crate::base::limits::CHANGED_SHARE_MAX;
use crate::wire::{Class, HashedName, Record, Rtype};

/// How records differ from those of a zone, as far as they have come.
#[derive(Debug)]
pub struct Difference<'z> {
    zone: &'z Zone,
    changes: Changes,
    /// Bits that are set where a record has come: one for each two octets of all blocks, and then one for each occluded record.
    met: Box<[u64]>,
    /// Where the bits of each block begin.
    starts: Box<[usize]>,
    occluded: Occluded<'z>,
    /// How many records of the zone have come.
    count: u64,
    /// The owner of the last record; the node that it has or is below, if it is in one, and the number of its block.
    owner: HashedName,
    found: Option<(Node<'z>, usize)>,
    /// The rdata at hand, as a zone stores it; reused.
    stored: Vec<u8>,
}

/// Occluded records by owner and type, and where the bits of each run begin.
type Occluded<'z> = BTreeMap<(&'z [u8], Rtype), Vec<(usize, RunView<'z>)>>;

impl Zone {
    /// Begins a comparison with the records that it holds. None where changes would have the zone built anew in any case, and
    /// where so many records are occluded that a list of them would not be small.
    pub fn difference(&self) -> Option<Difference<'_>> {
        let changes = Changes::new(self.apex());
        if self.is_to_be_rebuilt(&changes) || self.occluded.count() as u64 > self.records() / CHANGED_SHARE_MAX {
            return None;
        }
        let mut bits = 0;
        let mut bits_of = |count: usize| {
            bits += count;
            bits - count
        };
        let starts = self.blocks.iter().map(|block| bits_of(block.as_octets().len() / 2 + 1)).collect();
        let mut occluded = Occluded::new();
        for run in self.occluded.runs() {
            let Some(first) = run.records().next() else { continue };
            occluded.entry((run.labels, first.rtype)).or_default().push((bits_of(run.records().count()), run));
        }
        let mut owner = HashedName::new(&self.hasher());
        owner.fill(self.apex());
        let apex = (self.apex_node(), block_of(self.apex_hash(), self.block_bits) as usize);
        let met = vec![0; bits.div_ceil(64)].into();
        Some(Difference {
            zone: self,
            changes,
            met,
            starts,
            occluded,
            count: 0,
            owner,
            found: Some(apex),
            stored: Vec::new(),
        })
    }
}

impl<'z> Difference<'z> {
    /// Takes the next record. False where it cannot be in the zone, and where so much differs that the zone should be built
    /// anew.
    #[must_use]
    pub fn take(&mut self, record: &Record<'_>) -> bool {
        if record.class != Class::IN || !record.owner.is_at_or_below(self.zone.apex()) {
            return false;
        }
        if record.owner.wire() != self.owner.wire() {
            self.owner.fill(record.owner);
            self.found = self.find();
        }
        self.stored.clear();
        let (owner, apex) = (self.owner.as_name(), self.zone.apex());
        if stored::store(record.rtype, record.rdata, owner, apex, &mut self.stored).is_err() {
            return false;
        }
        if let Some((bit, is_exact)) = self.held(record) {
            let (word, mask) = (&mut self.met[bit / 64], 1 << (bit % 64));
            let is_first = *word & mask == 0;
            *word |= mask;
            self.count += u64::from(is_first);
            if is_first && is_exact {
                return true;
            }
            // In another spelling or with another TTL. One that has come before is added again: it is a duplicate, which may
            // lower the TTL, and is to be warned of.
            if is_first && self.changes.remove(record).is_err() {
                return false;
            }
        }
        self.changes.add(record).is_ok() && self.is_little(0)
    }

    /// The changes, once all records have come; none where they are too many.
    pub fn finish(mut self) -> Option<Changes> {
        let missing = self.zone.records().saturating_sub(self.count);
        if !self.is_little(missing) {
            return None;
        }
        if missing > 0 {
            self.remove_others();
        }
        Some(self.changes)
    }

    /// Whether the zone should not rather be built anew, with so many changes beside those that are known.
    fn is_little(&self, more: u64) -> bool {
        self.changes.count() as u64 + more <= self.zone.records() / CHANGED_SHARE_MAX
    }

    /// The node of the owner, or of the zone cut that it is below, and the number of its block.
    fn find(&self) -> Option<(Node<'z>, usize)> {
        let node = self.zone.exact(&self.owner)?;
        let depth = self.owner.label_count() - self.zone.apex_labels();
        let hash = self.owner.hash(depth.checked_sub(node.label_count())?);
        Some((node, block_of(hash, self.zone.block_bits) as usize))
    }

    /// The bit of the record that the zone holds, in whatever spelling and with whatever TTL, of the one whose stored rdata is
    /// at hand; and whether it is so to the letter and the second.
    fn held(&self, record: &Record<'_>) -> Option<(usize, bool)> {
        let (stored, rtype) = (&*self.stored, record.rtype);
        let labels = self.owner.labels_between(0, self.owner.label_count() - self.zone.apex_labels());
        let is_meant = |held: &[u8]| stored::same(rtype, held, stored);
        if let Some((node, block)) = self.found
            && let Some((rrset, is_signature)) = rrset_of(node, labels, rtype, stored)
        {
            let mut all = if is_signature { rrset.signatures() } else { rrset.records() };
            if let Some(held) = all.find(|held| is_meant(held)) {
                // Signatures have the TTL of what they cover, whatever theirs was.
                let is_exact = held == stored && (is_signature || rrset.ttl == record.ttl);
                return Some((self.bit(block, held), is_exact));
            }
        }
        self.occluded.get(&(labels, rtype))?.iter().find_map(|(start, run)| {
            let (number, held) = run.records().enumerate().find(|(_, held)| is_meant(held.rdata))?;
            Some((start + number, held.rdata == stored && held.ttl == record.ttl))
        })
    }

    /// The bit of a record in a block, by where its rdata is: behind two octets of length, so that no other is as near.
    fn bit(&self, block: usize, rdata: &[u8]) -> usize {
        let start = self.zone.blocks[block].as_octets().as_ptr().addr();
        self.starts[block] + (rdata.as_ptr().addr() - start) / 2
    }

    fn has_come(&self, bit: usize) -> bool {
        self.met[bit / 64] >> (bit % 64) & 1 != 0
    }

    /// Has all records go that have not come.
    fn remove_others(&mut self) {
        let (zone, mut missing) = (self.zone, Vec::new());
        for (number, block) in zone.blocks.iter().enumerate() {
            for node in block.nodes() {
                let read = read_node(Node::new(zone, node), &mut 0, &mut |record: StoredRecord<'z>| {
                    missing.extend((!self.has_come(self.bit(number, record.rdata))).then_some(record));
                    Ok::<(), Infallible>(())
                });
                let Ok(()) = read;
            }
        }
        for (start, run) in self.occluded.values().flatten() {
            let others = run.records().enumerate().filter(|(number, _)| !self.has_come(start + number));
            missing.extend(others.map(|(_, record)| {
                let (rtype, ttl, rdata) = (record.rtype, record.ttl, record.rdata);
                StoredRecord { owner: (&[], run.labels), rtype, ttl, rdata }
            }));
        }
        let mut rdata = Vec::new();
        for StoredRecord { owner: (front, back), rtype, ttl, rdata: stored } in missing {
            let owner = zone.join(&[front, back].concat());
            rdata.clear();
            stored::restore(rtype, stored, owner.as_name(), zone.apex(), &mut rdata);
            let record = Record { owner: owner.as_name(), class: Class::IN, ttl, rtype, rdata: &rdata };
            // It was taken once, so it is taken again; if not, applying will tell.
            let _ = self.changes.remove(&record);
        }
    }
}

/// The RRset of a type that a node holds for the name with such labels, which it has or which is below it; and whether the
/// signature with this stored rdata is among those over it.
fn rrset_of<'z>(node: Node<'z>, labels: &[u8], rtype: Rtype, stored: &[u8]) -> Option<(Rrset<'z>, bool)> {
    match labels.len() - node.labels().len() {
        0 if rtype == Rtype::RRSIG => {
            let covered = stored.first_chunk().map(|octets| Rtype(u16::from_be_bytes(*octets)))?;
            let over = node.rrset(covered).map(|rrset| (rrset, true));
            over.or_else(|| Some((node.rrset(rtype)?, false)))
        }
        0 => Some((node.rrset(rtype)?, false)),
        front => {
            let is_meant = |glue: &Glue<'_>| glue.rrset.rtype == rtype && glue.labels == &labels[..front];
            Some((node.glue().find(is_meant)?.rrset, false))
        }
    }
}
