//! The records of a zone before it is sealed: runs of records with one owner, in one growing piece of memory.
//!
//! Does not judge what it holds.
//!
//! ```text
//! run     | flags u8 | owner length u8 | depth u8 | home depth u8 | records u32 | owner labels | record … |
//! record  | type u16 | TTL u32 | length u16 | stored rdata |
//! ```

use super::node::{u16_of, u32_of};
use crate::base::prefetch::prefetch;
use crate::wire::Rtype;

const HEADER: usize = 8;
const RECORD_HEADER: usize = 8;

/// A run is below a zone cut or DNAME: its home is there.
pub(super) const OCCLUDED: u8 = 1;
/// The name `*` directly below this one exists.
pub(super) const WILDCARD_BELOW: u8 = 2;

/// Where a run is, and the hash of its home: the name itself or, where that is occluded, what occludes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub(super) hash: u64,
    pub(super) at: usize,
}

/// All runs of a zone.
#[derive(Debug, Default)]
pub(super) struct Runs {
    arena: Vec<u8>,
    pub(super) index: Vec<Run>,
}

/// One record of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunRecord<'a> {
    pub(super) rtype: Rtype,
    pub(super) ttl: u32,
    pub(super) rdata: &'a [u8],
}

/// A run, read.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunView<'a> {
    pub(super) flags: u8,
    /// Labels in front of the apex.
    pub(super) depth: usize,
    /// Labels that its home has in front of the apex.
    pub(super) home_depth: usize,
    /// The owner's labels, relative to the apex.
    pub(super) labels: &'a [u8],
    count: u32,
    records: &'a [u8],
}

impl Runs {
    /// Starts a run; records pushed from now on belong to it.
    pub(super) fn start(&mut self, hash: u64, labels: &[u8], depth: usize, flags: u8) {
        self.index.push(Run { hash, at: self.arena.len() });
        self.arena.extend_from_slice(&[flags, labels.len() as u8, depth as u8, depth as u8, 0, 0, 0, 0]);
        self.arena.extend_from_slice(labels);
    }

    /// Starts an empty run for the ancestor of the run at `at` that has `depth` labels, the last `octets` of its owner.
    pub(super) fn start_ancestor(&mut self, at: usize, hash: u64, octets: usize, depth: usize, flags: u8) {
        self.index.push(Run { hash, at: self.arena.len() });
        let end = at + HEADER + usize::from(self.arena[at + 1]);
        self.arena.extend_from_slice(&[flags, octets as u8, depth as u8, depth as u8, 0, 0, 0, 0]);
        self.arena.extend_from_within(end - octets..end);
    }

    /// Appends a record to the run that was started last; `write` appends its stored rdata. Where that fails the record
    /// is not there.
    pub(super) fn push<E>(
        &mut self,
        rtype: Rtype,
        ttl: u32,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.arena.len();
        self.arena.extend_from_slice(&rtype.0.to_le_bytes());
        self.arena.extend_from_slice(&ttl.to_le_bytes());
        self.arena.extend_from_slice(&[0, 0]);
        write(&mut self.arena).inspect_err(|_| self.arena.truncate(start))?;
        // Stored rdata is never longer than rdata on the wire, which has at most 65,535 octets.
        let length = (self.arena.len() - start - RECORD_HEADER) as u16;
        self.arena[start + 6..start + 8].copy_from_slice(&length.to_le_bytes());
        if let Some(run) = self.index.last() {
            let count = u32_of(&self.arena, run.at + 4) + 1;
            self.arena[run.at + 4..run.at + 8].copy_from_slice(&count.to_le_bytes());
        }
        Ok(())
    }

    /// Says that the run at `at` is occluded by the name that has `home_depth` labels.
    pub(super) fn occlude(&mut self, at: usize, home_depth: usize) {
        self.arena[at] |= OCCLUDED;
        self.arena[at + 3] = home_depth as u8;
    }

    /// Octets of memory in use.
    pub(super) fn octets(&self) -> usize {
        self.arena.len()
    }

    /// Asks the processor to fetch the run at `at`, which will soon be viewed.
    #[inline]
    pub(super) fn prefetch(&self, at: usize) {
        self.arena.get(at).into_iter().chain(self.arena.get(at + 64)).for_each(prefetch);
    }

    /// The run at `at`.
    pub(super) fn view(&self, at: usize) -> RunView<'_> {
        let bytes = &self.arena[at..];
        let (labels, records) = bytes[HEADER..].split_at(usize::from(bytes[1]));
        RunView {
            flags: bytes[0],
            depth: usize::from(bytes[2]),
            home_depth: usize::from(bytes[3]),
            labels,
            count: u32_of(bytes, 4),
            records,
        }
    }
}

impl<'a> RunView<'a> {
    /// Its records, in the order they came.
    pub(super) fn records(self) -> impl Iterator<Item = RunRecord<'a>> {
        let mut rest = self.records;
        (0..self.count).map(move |_| {
            let (header, after) = rest.split_at(RECORD_HEADER);
            let (rdata, after) = after.split_at(usize::from(u16_of(header, 6)));
            rest = after;
            RunRecord { rtype: Rtype(u16_of(header, 0)), ttl: u32_of(header, 2), rdata }
        })
    }

    /// The labels of its home: the name itself or what occludes it.
    pub(super) fn home(self) -> &'a [u8] {
        skip_labels(self.labels, self.depth - self.home_depth)
    }

    pub(super) fn is_occluded(self) -> bool {
        self.flags & OCCLUDED != 0
    }
}

/// `labels` without the first `skip` of them.
pub(super) fn skip_labels(mut labels: &[u8], skip: usize) -> &[u8] {
    for _ in 0..skip {
        labels = &labels[1 + usize::from(labels[0])..];
    }
    labels
}
