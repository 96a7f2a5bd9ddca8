//! Takes the records of a zone, one by one and in any order, until it is sealed.
//!
//! Refuses what no zone may hold as soon as one record shows it; what takes the whole zone to see is found by sealing.

use std::fmt;

use super::finding::Findings;
use super::runs::Runs;
use super::{Zone, stored};
use crate::wire::{Class, HashedName, Name, NameBuf, NameError, Record, Rtype, SuffixHasher};

/// A zone being read.
#[derive(Debug)]
pub struct Builder {
    pub(super) apex: NameBuf,
    pub(super) hasher: SuffixHasher,
    pub(super) apex_labels: usize,
    pub(super) runs: Runs,
    /// Runs that hold NS or DNAME: what may occlude other names.
    pub(super) barriers: Vec<super::runs::Run>,
    pub(super) records: u64,
    /// The owner of the run that is open, in lower case; reused.
    owner: HashedName,
    /// The same as it was written; empty while no run is open.
    owner_as_written: Vec<u8>,
}

/// Why a record cannot be in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// Its owner is not at or below the apex.
    OutOfZone,
    /// Its class is not IN.
    Class(Class),
    /// Its type exists in messages alone (RFC 6895 section 3.1).
    MetaType(Rtype),
    /// An SOA that is not at the apex.
    SoaBelowApex,
    /// Its rdata does not fit its type.
    Rdata(Rtype, NameError),
    /// Its rdata has more than 65,535 octets.
    TooLong(Rtype),
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfZone => f.write_str("the owner is not in this zone"),
            Self::Class(class) => write!(f, "zones are of class IN here, not {class}"),
            Self::MetaType(rtype) => write!(f, "{rtype} cannot be in a zone"),
            Self::SoaBelowApex => f.write_str("an SOA record below the apex"),
            Self::Rdata(rtype, error) => write!(f, "bad {rtype} rdata: {error}"),
            Self::TooLong(rtype) => write!(f, "{rtype} rdata of more than 65,535 octets"),
        }
    }
}

impl std::error::Error for Rejected {}

impl Builder {
    /// A zone without records. `hasher` must be that of the zone set it goes into.
    pub fn new(apex: Name<'_>, hasher: &SuffixHasher) -> Self {
        Self {
            apex: apex.to_lower(),
            hasher: hasher.clone(),
            apex_labels: apex.label_count(),
            runs: Runs::default(),
            barriers: Vec::new(),
            records: 0,
            owner: HashedName::new(hasher),
            owner_as_written: Vec::new(),
        }
    }

    /// Takes one record. Costs least where records of one owner follow each other.
    pub fn add(&mut self, record: &Record<'_>) -> Result<(), Rejected> {
        if record.class != Class::IN {
            return Err(Rejected::Class(record.class));
        }
        if record.rtype.is_meta() {
            return Err(Rejected::MetaType(record.rtype));
        }
        if record.rdata.len() > usize::from(u16::MAX) {
            return Err(Rejected::TooLong(record.rtype));
        }
        if record.owner.wire() != self.owner_as_written {
            self.start_run(record.owner)?;
        }
        let depth = self.owner.label_count() - self.apex_labels;
        match record.rtype {
            Rtype::SOA if depth != 0 => return Err(Rejected::SoaBelowApex),
            Rtype::NS if depth != 0 => self.raise_barrier(),
            Rtype::DNAME => self.raise_barrier(),
            _ => {}
        }
        let (owner, apex) = (self.owner.as_name(), self.apex.as_name());
        let write = |out: &mut Vec<u8>| stored::store(record.rtype, record.rdata, owner, apex, out);
        self.runs.push(record.rtype, record.ttl, write).map_err(|error| Rejected::Rdata(record.rtype, error))?;
        self.records += 1;
        Ok(())
    }

    fn start_run(&mut self, owner: Name<'_>) -> Result<(), Rejected> {
        self.owner_as_written.clear();
        if !owner.is_at_or_below(self.apex.as_name()) {
            return Err(Rejected::OutOfZone);
        }
        self.owner.fill(owner);
        let depth = self.owner.label_count() - self.apex_labels;
        self.runs.start(self.owner.hash(0), self.owner.labels_between(0, depth), depth, 0);
        self.owner_as_written.extend_from_slice(owner.wire());
        Ok(())
    }

    /// Notes that the open run may occlude names below it.
    fn raise_barrier(&mut self) {
        let run = self.runs.index.last().copied();
        if self.barriers.last().copied() != run {
            self.barriers.extend(run);
        }
    }

    /// Compiles the zone. What keeps it from being served comes back as findings, and so do warnings beside the zone.
    pub fn seal(self) -> Result<(Zone, Findings), Findings> {
        super::seal::seal(self)
    }
}
