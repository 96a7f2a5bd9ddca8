//! Takes the records of a zone, one by one and in any order, until it is sealed.
//!
//! Refuses what no zone may hold as soon as one record shows it; what takes the whole zone to see is found by sealing.

use std::fmt;

use super::ancestry::Ancestry;
use super::finding::Findings;
use super::runs::{BARRIER, OCCLUDED, PARENT, Runs, Start, WILDCARD_BELOW, is_wildcard};
use super::{Zone, stored};
use crate::wire::{Class, HashedName, Name, NameBuf, NameError, Record, Rtype, SuffixHasher};

/// A zone being read.
#[derive(Debug)]
pub struct Builder {
    pub(super) apex: NameBuf,
    pub(super) hasher: SuffixHasher,
    pub(super) apex_labels: usize,
    pub(super) runs: Runs,
    /// Whether the apex has a DNAME, which occludes all other names.
    pub(super) apex_occludes: bool,
    /// Whether the apex has an NSEC3PARAM.
    pub(super) has_nsec3param: bool,
    pub(super) apex_hash: u64,
    /// The last zone cut or DNAME directly below the apex that was seen.
    cut: Cut,
    /// The owner of the run that is open, in lower case; reused.
    owner: HashedName,
    /// The same as it was written; empty while no run is open.
    owner_as_written: Vec<u8>,
}

/// A name directly below the apex that occludes those below it: they most likely come next.
#[derive(Debug, Default)]
struct Cut {
    /// Its label, with its length; empty where there is none.
    labels: Vec<u8>,
    hash: u64,
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
            apex_occludes: false,
            has_nsec3param: false,
            apex_hash: hasher.name(apex),
            cut: Cut::default(),
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
            Rtype::NS if depth != 0 => self.raise_barrier(depth),
            Rtype::DNAME => self.raise_barrier(depth),
            Rtype::NSEC3PARAM if depth == 0 => self.has_nsec3param = true,
            _ => {}
        }
        let (owner, apex) = (self.owner.as_name(), self.apex.as_name());
        let (rtype, most) = (record.rtype, record.rdata.len());
        let write = |out: &mut Vec<u8>| stored::store(rtype, record.rdata, owner, apex, out);
        self.runs.push(rtype, record.ttl, most, write).map_err(|error| Rejected::Rdata(rtype, error))?;
        Ok(())
    }

    /// Takes a name that exists whether or not it has records, for there are names below it that are not added here;
    /// `is_above_wildcard` says that the wildcard is among them.
    pub(super) fn keep(&mut self, owner: Name<'_>, is_above_wildcard: bool) -> Result<(), Rejected> {
        self.start_run(owner)?;
        self.runs.flag_open(PARENT | if is_above_wildcard { WILDCARD_BELOW } else { 0 });
        Ok(())
    }

    fn start_run(&mut self, owner: Name<'_>) -> Result<(), Rejected> {
        self.owner_as_written.clear();
        if !owner.is_at_or_below(self.apex.as_name()) {
            return Err(Rejected::OutOfZone);
        }
        if self.runs.outgrow_one_part() {
            let ancestry = Ancestry { hasher: &self.hasher, apex_hash: self.apex_hash };
            self.runs.split(|labels| ancestry.hash(labels));
        }
        self.owner.fill(owner);
        let depth = self.owner.label_count() - self.apex_labels;
        let labels = self.owner.labels_between(0, depth);
        if depth > 1 {
            let family = self.owner.hash(depth - 1);
            // Not where others of its owner may be waiting: those would stand behind this one in the end.
            if self.is_below_last_cut(depth) && !self.runs.may_wait(family) {
                self.runs.start(family, &Start { flags: OCCLUDED, depth, home_depth: 1, labels });
            } else {
                self.runs.start_waiting(family, &Start { flags: 0, depth, home_depth: depth, labels });
            }
        } else {
            if is_wildcard(labels) {
                let apex = Start { flags: WILDCARD_BELOW, depth: 0, home_depth: 0, labels: &[] };
                self.runs.start(self.apex_hash, &apex);
            }
            self.runs.start(self.owner.hash(0), &Start { flags: 0, depth, home_depth: depth, labels });
        }
        self.owner_as_written.extend_from_slice(owner.wire());
        Ok(())
    }

    /// Whether the owner, of so many labels in front of the apex, is known to be occluded by the last cut, which is then
    /// its home.
    fn is_below_last_cut(&self, depth: usize) -> bool {
        self.owner.hash(depth - 1) == self.cut.hash && self.owner.labels_between(depth - 1, depth) == self.cut.labels
    }

    /// Notes that the open run may occlude names below it.
    fn raise_barrier(&mut self, depth: usize) {
        let is_new = self.runs.flag_open(BARRIER);
        if depth == 0 {
            self.apex_occludes = true;
        } else if is_new && depth == 1 {
            self.cut.labels.clear();
            self.cut.labels.extend_from_slice(self.owner.labels_between(0, depth));
            self.cut.hash = self.owner.hash(0);
        }
    }

    /// Takes all records of another builder of the same zone, as if they had been added one by one behind those that are
    /// here: what is read by several threads becomes one zone.
    pub fn append(&mut self, later: Self) {
        debug_assert_eq!(self.apex.as_name().wire(), later.apex.as_name().wire());
        self.owner_as_written.clear(); // the run that was open is no longer the last one
        self.cut = later.cut;
        self.apex_occludes |= later.apex_occludes;
        self.has_nsec3param |= later.has_nsec3param;
        let ancestry = Ancestry { hasher: &self.hasher, apex_hash: self.apex_hash };
        self.runs.append(later.runs, |labels| ancestry.hash(labels));
    }

    /// Compiles the zone. What keeps it from being served comes back as findings, and so do warnings beside the zone.
    pub fn seal(self) -> Result<(Zone, Findings), Findings> {
        self.seal_on(1)
    }

    /// The same on up to so many threads.
    pub fn seal_on(self, threads: usize) -> Result<(Zone, Findings), Findings> {
        super::seal::seal(self, threads)
    }
}
