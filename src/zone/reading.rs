//! Reads a whole zone record by record, in the order of memory, and can be interrupted after each of them.
//!
//! Sorts nothing and takes no memory, so that a transfer of millions of names costs as much at its start as one of ten.
//! Does not know what becomes of the records: they are shown as they are stored.

use super::Zone;
use super::node::{Node, Rrset};
use crate::wire::Rtype;

/// Where somebody who reads a zone goes on: in front of all records at first.
///
/// It belongs to the one zone that it was used with; in another one it stands somewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bookmark {
    /// The block; behind the last block come the occluded runs.
    block: usize,
    /// The slot of the block, or the number of the run.
    slot: usize,
    /// Records of what is there that were shown.
    shown: usize,
}

/// A record as the zone stores it.
#[derive(Debug, Clone, Copy)]
pub struct StoredRecord<'z> {
    /// The owner's labels in front of the apex, in lower case: those of glue in front of its zone cut, and the rest.
    pub owner: (&'z [u8], &'z [u8]),
    /// The type.
    pub rtype: Rtype,
    /// Seconds.
    pub ttl: u32,
    /// The rdata in stored form: [`StoredName`](super::StoredName) reads the names in it.
    pub rdata: &'z [u8],
}

impl Zone {
    /// Shows `take` each record from `bookmark` on: those of one name together, names in no order, occluded ones at the
    /// end. Where `take` fails that is returned, and the bookmark stands in front of the record.
    pub fn read_on<'z, E>(
        &'z self,
        bookmark: &mut Bookmark,
        mut take: impl FnMut(StoredRecord<'z>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(block) = self.blocks.get(bookmark.block) {
            for slot in bookmark.slot..block.slots() {
                let Some(bytes) = block.at_slot(slot) else { continue };
                bookmark.slot = slot;
                read_node(Node::new(self, bytes), &mut bookmark.shown, &mut take)?;
                bookmark.shown = 0;
            }
            *bookmark = Bookmark { block: bookmark.block + 1, ..Bookmark::default() };
        }
        while bookmark.slot < self.occluded.count() {
            let run = self.occluded.run(bookmark.slot);
            for record in run.records().skip(bookmark.shown) {
                let (rtype, ttl, rdata) = (record.rtype, record.ttl, record.rdata);
                take(StoredRecord { owner: (&[], run.labels), rtype, ttl, rdata })?;
                bookmark.shown += 1;
            }
            (bookmark.slot, bookmark.shown) = (bookmark.slot + 1, 0);
        }
        Ok(())
    }

    /// The SOA record.
    pub fn soa(&self) -> Option<StoredRecord<'_>> {
        let rrset = self.apex_node().rrset(Rtype::SOA)?;
        let rdata = rrset.records().next()?;
        Some(StoredRecord { owner: (&[], &[]), rtype: Rtype::SOA, ttl: rrset.ttl, rdata })
    }
}

/// Shows the records of one name, and the glue below it, but for the first so many that were shown.
pub(super) fn read_node<'z, E>(
    node: Node<'z>,
    shown: &mut usize,
    take: &mut impl FnMut(StoredRecord<'z>) -> Result<(), E>,
) -> Result<(), E> {
    let mut number = 0;
    let mut read = |front: &'z [u8], rrset: Rrset<'z>| {
        let records = rrset.records().map(|rdata| (rrset.rtype, rdata));
        let signatures = rrset.signatures().map(|rdata| (Rtype::RRSIG, rdata));
        for (rtype, rdata) in records.chain(signatures) {
            if number == *shown {
                take(StoredRecord { owner: (front, node.labels()), rtype, ttl: rrset.ttl, rdata })?;
                *shown += 1;
            }
            number += 1;
        }
        Ok(())
    };
    node.rrsets().try_for_each(|rrset| read(&[], rrset))?;
    node.glue().try_for_each(|glue| read(glue.labels, glue.rrset))
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
