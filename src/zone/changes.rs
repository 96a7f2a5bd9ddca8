//! What changes from one version of a zone to the next: records that go and records that come, as a transfer or a comparison
//! of two files tells them.
//!
//! Does not know the zone: whether what should go is there is found out by applying.

use std::cmp::Ordering;
use std::fmt;

use super::builder::Rejected;
use super::finding::Findings;
use super::stored;
use crate::wire::{Class, Name, NameBuf, Record, Rtype};

/// Records that go and records that come. First all that go, then all that come.
#[derive(Debug)]
pub struct Changes {
    apex: NameBuf,
    changes: Vec<Change>,
    /// Owners and rdata.
    octets: Vec<u8>,
}

/// One record.
#[derive(Debug, Clone, Copy)]
struct Change {
    is_removal: bool,
    class: Class,
    rtype: Rtype,
    ttl: u32,
    start: usize,
    owner_end: usize,
    end: usize,
}

/// Why changes were not applied.
#[derive(Debug)]
pub enum Refused {
    /// A record that should go is not there: the changes are for another version of the zone.
    Absent(Box<NameBuf>, Rtype),
    /// A record that should come cannot be in this zone.
    Rejected(Box<NameBuf>, Rejected),
    /// What would come of it cannot be served.
    Zone(Findings),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(owner, rtype) => write!(f, "{owner}: the {rtype} record that should go is not there"),
            Self::Rejected(owner, why) => write!(f, "{owner}: {why}"),
            Self::Zone(findings) => findings.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

impl Changes {
    /// No changes yet, of the zone at `apex`.
    pub fn new(apex: Name<'_>) -> Self {
        Self { apex: apex.to_lower(), changes: Vec::new(), octets: Vec::new() }
    }

    /// Has a record go, whatever its TTL: all records of an RRset have one (RFC 2181 section 5.2).
    pub fn remove(&mut self, record: &Record<'_>) -> Result<(), Rejected> {
        self.push(true, record)
    }

    /// Has a record come, behind those of its RRset that are there. The lowest TTL becomes that of them all: a higher one
    /// takes that they go first.
    pub fn add(&mut self, record: &Record<'_>) -> Result<(), Rejected> {
        self.push(false, record)
    }

    fn push(&mut self, is_removal: bool, record: &Record<'_>) -> Result<(), Rejected> {
        let &Record { owner, class, ttl, rtype, rdata } = record;
        if !owner.is_at_or_below(self.apex.as_name()) {
            return Err(Rejected::OutOfZone);
        }
        let start = self.octets.len();
        self.octets.extend(owner.wire().iter().map(u8::to_ascii_lowercase));
        let owner_end = self.octets.len();
        if is_removal {
            let (owner, apex) = (owner.to_lower(), self.apex.as_name());
            let stored = stored::store(rtype, rdata, owner.as_name(), apex, &mut self.octets);
            stored.map_err(|error| Rejected::Rdata(rtype, error)).inspect_err(|_| self.octets.truncate(start))?;
        } else {
            self.octets.extend_from_slice(rdata);
        }
        let end = self.octets.len();
        self.changes.push(Change { is_removal, class, rtype, ttl, start, owner_end, end });
        Ok(())
    }

    /// How many records go or come.
    pub fn count(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The labels in front of the apex of each owner; some may come twice.
    pub(super) fn owners(&self) -> impl Iterator<Item = &[u8]> {
        self.changes.iter().map(|change| self.labels(change))
    }

    /// The records that come: the labels of their owner, and the record.
    pub(super) fn added(&self) -> impl Iterator<Item = (&[u8], Record<'_>)> {
        self.changes.iter().filter(|change| !change.is_removal).map(|change| {
            let &Change { class, ttl, rtype, .. } = change;
            let owner = Name::from_wire(&self.octets[change.start..change.owner_end]).unwrap_or(Name::ROOT);
            (self.labels(change), Record { owner, class, ttl, rtype, rdata: self.rdata(change) })
        })
    }

    /// The records that go.
    pub(super) fn removals(&self) -> Removals<'_> {
        let removals = self.changes.iter().filter(|change| change.is_removal);
        let removal = |change| {
            let (labels, rtype, stored) = (self.labels(change), change.rtype, self.rdata(change));
            Removal { labels, rtype, stored, is_done: false }
        };
        let mut all: Vec<_> = removals.map(removal).collect();
        all.sort_unstable_by(|a, b| a.cmp(b.labels, b.rtype, b.stored));
        Removals { all }
    }

    fn labels(&self, change: &Change) -> &[u8] {
        &self.octets[change.start..change.owner_end - self.apex.as_name().wire().len()]
    }

    fn rdata(&self, change: &Change) -> &[u8] {
        &self.octets[change.owner_end..change.end]
    }
}

/// The records that go, to be found by what they are.
pub(super) struct Removals<'c> {
    /// In order.
    all: Vec<Removal<'c>>,
}

struct Removal<'c> {
    labels: &'c [u8],
    rtype: Rtype,
    stored: &'c [u8],
    is_done: bool,
}

impl Removal<'_> {
    /// Compares it with a record, whose letters may be of either case.
    fn cmp(&self, labels: &[u8], rtype: Rtype, stored: &[u8]) -> Ordering {
        let fold = u8::to_ascii_lowercase;
        let by_name = self.labels.cmp(labels).then(self.rtype.cmp(&rtype));
        by_name.then_with(|| self.stored.iter().map(fold).cmp(stored.iter().map(fold)))
    }
}

impl Removals<'_> {
    /// Whether the record with such labels in front of the apex and such stored rdata goes.
    pub(super) fn strike(&mut self, labels: &[u8], rtype: Rtype, stored: &[u8]) -> bool {
        let start = self.all.partition_point(|removal| removal.cmp(labels, rtype, stored).is_lt());
        let alike = self.all[start..].iter_mut().take_while(|removal| removal.cmp(labels, rtype, stored).is_eq());
        let mut goes = false;
        for removal in alike.filter(|removal| stored::same(rtype, removal.stored, stored)) {
            removal.is_done = true;
            goes = true;
        }
        goes
    }

    /// The owner's labels and the type of a record that should have gone and was never met.
    pub(super) fn missed(&self) -> Option<(&[u8], Rtype)> {
        self.all.iter().find(|removal| !removal.is_done).map(|removal| (removal.labels, removal.rtype))
    }
}
